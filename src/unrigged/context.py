"""What mechanisms never see: types, what players know or believe of one another, and who colludes with whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from unrigged.errors import InputError
from unrigged.exact import Exact, integer, total
from unrigged.outcome import Outcome, Result
from unrigged.setting import Goods, Setting, bundle_of
from unrigged.valuations import Additive, PointwiseMax, PointwiseMin, StateValues, Type, Valuation
from unrigged.valuations.bids import BidList
from unrigged.valuations.rounded import rounded_down

FEW_GOODS = 8
"""Beliefs about bundles of at most that many goods are compared bundle by bundle."""

Coalition = tuple[int, ...]
"""Players who act as one, ascending."""


@dataclass(frozen=True)
class Perfect:
    """The player knows everybody's type."""


@dataclass(frozen=True)
class Nothing:
    """The player knows nothing of the others: any of their values may be 0."""


@dataclass(frozen=True)
class Bounds:
    """Lower bounds known (and true) on the values of some of the others; 0 on the rest."""

    lower: Mapping[int, Type]

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.lower)))


@dataclass(frozen=True)
class Profiles:
    """Possibilistic belief: an explicit non-empty list of type profiles, in each of which the player's own is his true
    one. The truth need not be among them."""

    profiles: tuple[tuple[Type, ...], ...]


@dataclass(frozen=True)
class Box:
    """Possibilistic belief: every profile that lies, value by value, between `lower` and `upper`.

    A player not in `lower` is believed to be worth at least 0 everywhere; one not in `upper`, at most anything.
    """

    lower: Mapping[int, Type]
    upper: Mapping[int, Type] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((tuple(sorted(self.lower)), tuple(sorted(self.upper))))


@dataclass(frozen=True)
class Precision:
    """The player knows every value of everybody else, rounded down to a multiple of `step` (an integer >= 1)."""

    step: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", integer(self.step, "precision", least=1))


Knowledge = Perfect | Nothing | Bounds | Profiles | Box | Precision
"""What one player knows or believes of the others."""


@dataclass(frozen=True)
class Context:
    """A setting with everybody's type, knowledge or belief, and the partition into coalitions.

    `types`: one per player, in order, or a mapping by the players' names. `knowledge`: one per player, likewise
    (perfect where left out). `coalitions`: a partition of the players, by number or by name; those not named are
    independent. InputError for a type over other goods or states, a coalition that overlaps another, a belief that
    contradicts the player's own type or allows none at all, known lower bounds above the truth.
    """

    setting: Setting
    types: tuple[Type, ...]
    knowledge: tuple[Knowledge, ...] = ()
    coalitions: tuple[Coalition, ...] = ()

    def __post_init__(self) -> None:
        n = self.setting.n
        object.__setattr__(self, "types", self._in_order(self.types, "types"))
        if len(self.types) != n:
            raise InputError("types", f"{len(self.types)} types", f"one for each of the {n} players")
        for player, one in enumerate(self.types):
            self._check_domain(one, f"types.{self.setting.players[player]}")
        object.__setattr__(
            self, "knowledge", self._in_order(self.knowledge, "knowledge", Perfect()) or (Perfect(),) * n
        )
        if len(self.knowledge) != n:
            raise InputError("knowledge", f"{len(self.knowledge)} entries", f"one for each of the {n} players")
        for player, known in enumerate(self.knowledge):
            self._check_knowledge(player, known, f"knowledge.{self.setting.players[player]}")
        object.__setattr__(self, "coalitions", self._partition(self.coalitions))

    def _in_order(self, given: Any, what: str, usual: Any = None) -> tuple[Any, ...]:
        """`given`, a sequence or a mapping by names, as a tuple in the order of the players."""
        if not isinstance(given, Mapping):
            return tuple(given)
        for name in given:
            self.setting.player(name, what)
        for name in self.setting.players:
            if usual is None and name not in given:
                raise InputError(f"{what}.{name}", "nothing", f"an entry for each of the {self.setting.n} players")
        return tuple(given.get(name, usual) for name in self.setting.players)

    def _check_domain(self, one: Type, where: str) -> None:
        if self.setting.goods is not None:
            if not isinstance(one, Valuation):
                raise InputError(where, "values of states", "a valuation of goods")
            if one.goods != self.setting.goods:
                raise InputError(where, "a valuation of other goods", "a valuation of this setting's goods")
        elif not isinstance(one, StateValues) or one.states != self.setting.states:
            raise InputError(where, "a type of another domain", "a value for each of this setting's states")

    def _check_knowledge(self, player: int, known: Knowledge, where: str) -> None:
        if isinstance(known, Bounds | Box):
            for mapping in (known.lower, known.upper) if isinstance(known, Box) else (known.lower,):
                for other, bound in mapping.items():
                    if other == player or other not in self.setting.everyone:
                        raise InputError(where, f"a bound on player {other}", "bounds on the other players")
                    self._check_domain(bound, f"{where}.{self.setting.players[other]}")
        if isinstance(known, Box):
            for other, upper in known.upper.items():
                lower = known.lower.get(other) or worthless(self.setting)
                _check_not_empty(lower, upper, f"{where}.{self.setting.players[other]}")
        if isinstance(known, Profiles):
            if not known.profiles:
                raise InputError(where, "no profiles", "a non-empty set of profiles")
            for profile in known.profiles:
                if len(profile) != self.setting.n:
                    raise InputError(where, f"a profile of {len(profile)} types", f"{self.setting.n} types")
                for other, one in enumerate(profile):
                    self._check_domain(one, f"{where}.{self.setting.players[other]}")
                if profile[player] != self.types[player]:
                    raise InputError(
                        where, "a profile in which his own type is another", "his true type in every profile"
                    )

    def _partition(self, given: Iterable[Sequence[int]]) -> tuple[Coalition, ...]:
        seen: dict[int, int] = {}
        blocks: list[Coalition] = []
        for position, listed in enumerate(given):
            where = f"coalitions[{position}]"
            if isinstance(listed, str | int):
                raise InputError(where, listed, "a coalition: a sequence of players", "write [(0, 1)] for one of two")
            block = [self.setting.player(each, where) if isinstance(each, str) else each for each in listed]
            for player in block:
                if player not in self.setting.everyone:
                    raise InputError(where, f"player {player}", "a player of this setting")
                if player in seen:
                    name = self.setting.players[player]
                    raise InputError(
                        where, f"'{name}', who is in coalitions[{seen[player]}] too", "coalitions that do not overlap"
                    )
                seen[player] = position
            if block:
                blocks.append(tuple(sorted(block)))
        blocks.extend((player,) for player in self.setting.everyone if player not in seen)
        return tuple(sorted(blocks))

    @cached_property
    def independent(self) -> tuple[int, ...]:
        """The players who collude with nobody."""
        return tuple(block[0] for block in self.coalitions if len(block) == 1)

    def coalition_of(self, player: int) -> Coalition:
        """The coalition `player` belongs to (himself alone where he is independent)."""
        return next(block for block in self.coalitions if player in block)

    def worth(self, player: int, result: Result) -> Exact:
        """What `result` is worth to `player`, the value of his endowment not deducted."""
        return worth(self.types[player], player, result)

    def gain(self, player: int, result: Result) -> Exact:
        """The value of `result` to `player` less the value of what he owns beforehand."""
        before = 0 if self.setting.endowment is None else self.worth(player, self.setting.endowment)
        return self.worth(player, result) - before

    def utility(self, player: int, outcome: Outcome) -> Exact:
        """`gain` less the price the player pays."""
        return self.gain(player, outcome.result) - outcome.prices[player]

    def joint_utility(self, players: Iterable[int], outcome: Outcome) -> Exact:
        """The sum of the players' utilities."""
        return total(self.utility(player, outcome) for player in players)

    def welfare(self, result: Result) -> Exact:
        """The sum of everybody's values of `result`."""
        return total(self.worth(player, result) for player in self.setting.everyone)

    def lower(self, player: int, other: int) -> Type:
        """What `player` is sure the type of `other` is at least: `low_i(j, .)` of the best-belief sheet, `K^i_j` of the
        leveraging sheet. His own type for himself."""
        known = self.knowledge[player]
        if player == other or isinstance(known, Perfect):
            return self.types[other]
        if isinstance(known, Precision):
            return self._rounded(other, known.step)
        if isinstance(known, Profiles):
            return least([profile[other] for profile in known.profiles])
        if isinstance(known, Bounds | Box) and other in known.lower:
            return known.lower[other]
        return worthless(self.setting)

    def _rounded(self, player: int, step: int) -> Type:
        """The type of `player` rounded down to a multiple of `step`: one object, whoever asks."""
        key = (player, step)
        if key not in self._known_roughly:
            self._known_roughly[key] = rounded_down(self.types[player], step)
        return self._known_roughly[key]

    @cached_property
    def _known_roughly(self) -> dict[tuple[int, int], Type]:
        return {}

    def coalition_lower(self, members: Sequence[int], other: int) -> Type:
        """The pointwise maximum of what the `members` are sure of about `other`; his true type for a member."""
        if other in members:
            return self.types[other]
        return greatest(list(dict.fromkeys(self.lower(member, other) for member in members)))

    def check_bounds_true(self) -> None:
        """InputError where known lower bounds (leveraging's knowledge) exceed the truth on a listed bundle."""
        for player, known in enumerate(self.knowledge):
            if isinstance(known, Bounds):
                for other, bound in known.lower.items():
                    self._check_below(player, other, bound)

    def _check_below(self, player: int, other: int, bound: Type) -> None:
        names = self.setting.players
        where = f"knowledge.{names[player]}.{names[other]}"
        true = self.types[other]
        if isinstance(bound, StateValues) or isinstance(true, StateValues):
            pairs = [(state, bound.value(state)) for state in range(len(self.setting.states or ()))]
        else:
            bids = bound.atomic_bids()
            pairs = (
                list(bids)
                if bids is not None
                else [(1 << good, bound.value(1 << good)) for good in range(self.setting.m)]
            )
        for thing, value in pairs:
            if value > true.value(thing):
                raise InputError(where, f"a lower bound {value}", f"at most the true value {true.value(thing)}")


def _check_not_empty(lower: Type, upper: Type, where: str) -> None:
    """InputError where no type lies between `lower` and `upper`, as far as the bundles they name tell."""
    for thing in _where_to_compare(lower, upper):
        if lower.value(thing) > upper.value(thing):
            name = upper.states.written(thing) if isinstance(upper, StateValues) else upper.goods.written(thing)
            found = f"lower {lower.value(thing)} above upper {upper.value(thing)} for {name}"
            raise InputError(where, found, "a lower bound that is at most the upper one")


def _where_to_compare(lower: Type, upper: Type) -> Iterable[int]:
    """The states, or all bundles of a few goods; of many goods single ones, all together, and the bundles bid on."""
    if isinstance(upper, StateValues):
        return range(len(upper.states))
    assert isinstance(lower, Valuation)
    m = len(upper.goods)
    if m <= FEW_GOODS:
        return range(1, 1 << m)
    bids = [bid for one in (lower, upper) if isinstance(one, BidList) for bid, _ in one.bids]
    return [*(1 << good for good in range(m)), *bids, upper.goods.everything]


def worth(one: Type, player: int, result: Result) -> Exact:
    """What `result` is worth to a player with the type `one`."""
    if isinstance(result, tuple):
        return one.value(bundle_of(result, player))
    return one.value(result)


def worthless(setting: Setting) -> Type:
    """The type that values nothing."""
    if setting.goods is not None:
        return Additive(Goods(setting.goods), {})
    states = setting.need_states("a type")
    return StateValues(states, [0] * len(states))


def least(types: Sequence[Type]) -> Type:
    """The pointwise minimum of `types`, all of one domain."""
    return types[0] if len(types) == 1 else _columns(types, min) or PointwiseMin(_valuations(types))


def greatest(types: Sequence[Type]) -> Type:
    """The pointwise maximum of `types`, all of one domain."""
    return types[0] if len(types) == 1 else _columns(types, max) or PointwiseMax(_valuations(types))


def _columns(types: Sequence[Type], pick: Callable[[Iterable[Exact]], Exact]) -> StateValues | None:
    values = [one for one in types if isinstance(one, StateValues)]
    if not values:
        return None
    return StateValues(values[0].states, [pick(column) for column in zip(*(v.values for v in values), strict=True)])


def _valuations(types: Sequence[Type]) -> tuple[Valuation, ...]:
    return tuple(one for one in types if isinstance(one, Valuation))
