"""What a printed claim is as an object: its wording, its readings, and the function that decides each of them.

T1 = Claim("perfect-revenue.T1", source="paper 001, ...", wording="...")

@T1.reading("as printed", quick=Scope(players=2, values=(0, 1)), standard=Scope(players=3, values=(0, 3)))
def t1(scope: Scope, watch: Watch) -> Verdict:
    \"\"\"What exactly is decided.\"\"\"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from inspect import getdoc
from time import monotonic
from typing import Any

from unrigged.errors import BudgetExceeded, InputError, nearest
from unrigged.exact import Exact, written
from unrigged.mechanisms import BY_NAME
from unrigged.mechanisms.base import Mechanism
from unrigged.setting import Setting
from unrigged.verdict import Verdict, undecided

AS_PRINTED = "as printed"
"""The reading that every claim has."""


@dataclass(frozen=True)
class Scope:
    """The finite range over which a claim is decided; a claim uses the fields that its standard range sets.

    `players`, `goods`, `states`: how many. `values`: the least and the largest value. `announcements`: the largest
    number announced. `parameters`: of the mechanism, by name. `samples`: how many instances are drawn, from `seed`,
    where not all are visited.
    """

    players: int = 0
    values: tuple[int, int] = (0, 0)
    goods: int = 0
    states: int = 0
    announcements: int = 0
    samples: int = 0
    seed: int = 1
    parameters: Mapping[str, Exact] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for name in ("players", "goods", "states", "announcements", "samples"):
            if getattr(self, name) < 0:
                raise InputError(name, getattr(self, name), "a number that is not negative")
        if self.values[0] > self.values[1]:
            raise InputError("values", f"{self.values[0]}..{self.values[1]}", "the least value before the largest")

    @property
    def every_value(self) -> range:
        """The values, ascending."""
        return range(self.values[0], self.values[1] + 1)

    @property
    def names(self) -> tuple[str, ...]:
        """The players' names: p1, p2, ..."""
        return tuple(f"p{number}" for number in range(1, self.players + 1))

    @property
    def good_names(self) -> tuple[str, ...]:
        """The goods' names: g1, g2, ..."""
        return tuple(f"g{number}" for number in range(1, self.goods + 1))

    @property
    def state_names(self) -> tuple[str, ...]:
        """The states' names: s1, s2, ..."""
        return tuple(f"s{number}" for number in range(1, self.states + 1))

    @property
    def used(self) -> tuple[str, ...]:
        """The fields that are set."""
        usual = Scope()
        set_ = [each.name for each in fields(self) if getattr(self, each.name) != getattr(usual, each.name)]
        return (*set_, "seed") if self.samples and "seed" not in set_ else tuple(set_)

    def changed(self, changes: Mapping[str, Any]) -> Scope:
        """This range with some of its fields changed; InputError for a field that it does not use."""
        for name in changes:
            if name not in self.used:
                raise InputError(f"--{name}", f"a range of {name}", f"one of {', '.join(self.used) or 'nothing'}",
                                 nearest(name, list(self.used)) if self.used else "")  # fmt: skip
        both = dict(changes)
        if "parameters" in both:
            both["parameters"] = {**self.parameters, **both["parameters"]}
        return replace(self, **both)

    def to_json(self) -> dict[str, Any]:
        """The fields in use, exact numbers as texts."""
        answer: dict[str, Any] = {name: getattr(self, name) for name in self.used}
        if "values" in answer:
            answer["values"] = f"{self.values[0]}..{self.values[1]}"
        if "parameters" in answer:
            answer["parameters"] = {name: written(value) for name, value in self.parameters.items()}
        return answer

    def __str__(self) -> str:
        parts = []
        for name, value in self.to_json().items():
            if isinstance(value, dict):
                parts += [f"{each} = {number}" for each, number in value.items()]
            else:
                parts.append(f"{name} {value}")
        return ", ".join(parts)


Tell = Callable[[str], None]
"""Told from time to time, in a few words, how far the work is."""


class Watch:
    """Follows the work on one claim: tells how far it is, and ends it when its time is over."""

    def __init__(self, limit: float | None = None, tell: Tell | None = None) -> None:
        self.limit, self.tell = limit, tell
        self.began = self.told = monotonic()

    def step(self, what: str = "", done: int = 0, total: int | None = None) -> None:
        """To be called often; raises BudgetExceeded when the limit has passed."""
        now = monotonic()
        if self.limit is not None and now - self.began > self.limit:
            reached = f", after {_progress(what, done, total)}" if what else ""
            raise BudgetExceeded(f"the limit of {self.limit:g} seconds has passed{reached}")
        if self.tell is not None and now - self.told > 0.2:
            self.told = now
            self.tell(_progress(what, done, total))


def _progress(what: str, done: int, total: int | None) -> str:
    return f"{what} {done} of {total}" if total else f"{what} {done}" if done else what


@dataclass(frozen=True)
class Evidence:
    """Why a claim is said to hold: what was covered, and certificates that a checker without the search code accepted.

    `counts`: how many contexts, games, histories, comparisons, ... `accepted`: for every kind of certificate, how many
    were checked and accepted. `figures`: exact numbers worth knowing (the largest loss, the smallest margin, ...).
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    accepted: Mapping[str, int] = field(default_factory=dict)
    figures: Mapping[str, Exact] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [f"{number} {what}" for what, number in self.counts.items()]
        parts += [f"{number} {what} accepted" for what, number in self.accepted.items()]
        parts += [f"{what} {written(number)}" for what, number in self.figures.items()]
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """The evidence with exact numbers as texts."""
        figures = {what: written(number) for what, number in self.figures.items()}
        return {"counts": dict(self.counts), "accepted": dict(self.accepted), "figures": figures}


Decide = Callable[[Scope, Watch], Verdict]


@dataclass(frozen=True)
class Reading:
    """One way of reading a claim (or of repairing it), and the function that decides it on a range.

    `quick` is a range for every day, `standard` the one of the report. `repair`: the condition under which what fails
    as printed holds; empty unless the reading is a repair.
    """

    claim: Claim = field(repr=False)
    name: str
    decide: Decide = field(repr=False)
    quick: Scope
    standard: Scope
    repair: str = ""

    def ranged(self, scope: Scope, changes: Mapping[str, Any]) -> Scope:
        """`scope`, one of the reading's own, with changes.

        Raises InputError, naming the field, where the claim says nothing of such a range: a field or a parameter that
        it does not use, one player, negative values where its own are not, announcements too small for the values.
        """
        own = (self.quick, self.standard)
        known = sorted({name for each in own for name in each.parameters})
        for name in changes.get("parameters", {}):
            if name not in known:
                fix = nearest(name, known) if known else "this claim takes none"
                raise InputError(
                    f"--set {name}", f"the parameter '{name}'", f"one of {', '.join(known) or 'none'}", fix
                )
        if "players" in changes and changes["players"] < 2:
            raise InputError("--players", changes["players"], "at least 2")
        low, high = changes.get("values", scope.values)
        if low < 0 <= min(each.values[0] for each in own):
            raise InputError("--values", f"{low}..{high}", "values of at least 0, as in the claim")
        found = scope.changed(changes)
        if all(each.announcements >= each.values[1] > 0 for each in own) and found.announcements < high:
            least = f"at least {high}, for every value can be announced"
            raise InputError("--announcements", found.announcements, least)
        return found

    @property
    def meaning(self) -> str:
        """What exactly is decided, in words."""
        return " ".join((getdoc(self.decide) or "").split())

    @property
    def key(self) -> str:
        """The claim's id and the reading's name."""
        return f"{self.claim.id} ({self.name})"

    def verdict(self, scope: Scope | None = None, watch: Watch | None = None) -> Verdict:
        """Decide on `scope` (the standard range by default); undecided, saying what ran out, where time or space does.

        The range that the verdict names begins with the fields of the scope.
        """
        scope = self.standard if scope is None else scope
        try:
            found = self.decide(scope, watch or Watch())
        except BudgetExceeded as exceeded:
            return undecided(str(exceeded), range=str(scope))
        covered = f"{scope}; {found.range}" if found.range and str(scope) else found.range or str(scope)
        return replace(found, range=covered)


@dataclass(frozen=True)
class Claim:
    """A printed claim: `id` as the sheets list it, `source` (paper, section, statement), `wording` what is printed."""

    id: str
    source: str
    wording: str
    readings: dict[str, Reading] = field(default_factory=dict, compare=False, repr=False)

    def reading(
        self, name: str = AS_PRINTED, *, quick: Scope, standard: Scope, repair: str = ""
    ) -> Callable[[Decide], Decide]:
        """Registers the decorated function as what decides the reading `name`."""

        def register(decide: Decide) -> Decide:
            if name in self.readings:
                raise InputError(f"{self.id}", f"the reading '{name}' twice", "readings with different names")
            self.readings[name] = Reading(self, name, decide, quick, standard, repair)
            return decide

        return register

    def read(self, name: str = AS_PRINTED) -> Reading:
        """The reading of that name; InputError with the known ones."""
        if name not in self.readings:
            known = list(self.readings)
            raise InputError(f"{self.id}: reading", f"'{name}'", f"one of {', '.join(known)}", nearest(name, known))
        return self.readings[name]


_MUTANTS: ContextVar[Mapping[str, type[Mechanism]] | None] = ContextVar("mutants", default=None)


def build(name: str, setting: Setting, **parameters: Any) -> Mechanism:
    """The mechanism of that name; claims build theirs here, so that `replaced` can put a changed one in its place."""
    kind = (_MUTANTS.get() or {}).get(name) or BY_NAME[name]
    return kind.build(setting, {each: value for each, value in parameters.items() if value is not None})


@contextmanager
def replaced(mutants: Mapping[str, type[Mechanism]]) -> Iterator[None]:
    """While it lasts, claims are decided for these mechanisms instead of those of the same names."""
    token = _MUTANTS.set(mutants)
    try:
        yield
    finally:
        _MUTANTS.reset(token)


def mutated() -> bool:
    """Whether some mechanism is replaced."""
    return bool(_MUTANTS.get())


def half_way(low: Exact, high: Exact) -> Fraction:
    """The number in the middle of a range of parameters.

    >>> half_way(0, Fraction(1, 5))
    Fraction(1, 10)
    """
    return Fraction(low + high) / 2
