"""The claim of the market paper that its mechanism adds little computation: steps counted, not timed.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), footnote 4 and section 5.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.market.proposals import truthful
from unrigged.context import Context
from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Position
from unrigged.setting import Bundle, Goods, Setting
from unrigged.strategies.base import by_value
from unrigged.valuations.base import Valuation
from unrigged.verdict import Verdict, fails, holds


@dataclass
class Meter:
    """How many steps were taken, and the size in bits of the largest number that one of them handled."""

    steps: int = 0
    largest: int = 0

    def note(self, *numbers: Any) -> None:
        """One step, on these numbers."""
        self.steps += 1
        for number in numbers:
            size = max(int(number.numerator).bit_length(), int(number.denominator).bit_length())
            self.largest = max(self.largest, size)


class Counted(int):
    """An integer whose additions, subtractions and comparisons are noted, as those of every number made from it are."""

    meter: Meter

    def __new__(cls, value: int, meter: Meter) -> Counted:
        made = super().__new__(cls, value)
        made.meter = meter
        return made

    def __neg__(self) -> Counted:
        return Counted(-int(self), self.meter)


def _noted(name: str) -> Callable[[Counted, Any], Any]:
    def operation(mine: Counted, other: Any) -> Any:
        if not isinstance(other, int | Fraction):
            return NotImplemented
        mine.meter.note(mine, other)
        plain = int(other) if isinstance(other, int) else other
        result = getattr(int(mine), name)(plain)
        if result is NotImplemented:
            result = getattr(Fraction(int(mine)), name)(plain)
        return Counted(result, mine.meter) if type(result) is int else result

    return operation


for _name in ("add", "radd", "sub", "rsub", "eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Counted, f"__{_name}__", _noted(f"__{_name}__"))
Counted.__hash__ = int.__hash__  # type: ignore[method-assign]


@dataclass(frozen=True)
class Wish(Valuation):
    """Wants one set of goods, at `high`, and would rather own none of the others, at -`high`. To look a set up takes a
    step for each good."""

    goods: Goods
    wanted: Bundle
    high: int
    meter: Meter = field(compare=False, repr=False)
    kind: ClassVar[str] = "wish"

    def value(self, bundle: Bundle) -> Exact:
        self.meter.steps += len(self.goods)
        worth = 0 if not bundle else self.high if bundle == self.wanted else -self.high
        return Counted(worth, self.meter)

    @property
    def free_disposal(self) -> bool:
        return False

    def range(self) -> tuple[Exact, Exact]:
        return -self.high, self.high

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "wanted": self.wanted, "high": self.high}


LINEAR = Claim(
    "market.linear",
    source="paper 000, footnote 4 and section 5.3",
    wording="Beyond finding the outcome, what the mechanism and the players compute in a rational play is linear in "
    "the number of players, in the number of goods and in the number of bits of a value.",
)


@dataclass(frozen=True)
class CountedMarket:
    """A market of any size in which the first player knows what to propose."""

    mechanism: Mechanism
    context: Context
    best: tuple[int, ...]
    meter: Meter

    @classmethod
    def of(cls, n: int, m: int, k: int, moving: int) -> CountedMarket:
        """n players, m goods, values of k bits: every player owns each n-th good, and the last `moving` goods are to go
        each to the next player, who wants nothing but the goods he then has."""
        meter = Meter()
        goods = Goods([f"g{number}" for number in range(m)])
        endowment = [good % n for good in range(m)]
        best = [(owner + (good >= m - moving)) % n for good, owner in enumerate(endowment)]
        setting = Setting(
            tuple(f"p{number}" for number in range(n)),
            goods,
            endowment=tuple(Counted(owner, meter) for owner in endowment),
            value_bound=1 << (k - 1),
        )
        wanted = [sum(1 << good for good in range(m) if best[good] == i) for i in range(n)]
        types = [Wish(goods, each, (1 << (k - 1)) - 1, meter) for each in wanted]
        context = Context(setting, tuple(types))
        return cls(build("market", setting), context, tuple(Counted(owner, meter) for owner in best), meter)

    def histories(self) -> Iterator[tuple[str, Meter]]:
        """Each history of the rational play after the outcome has been found, by its coins, and what it takes."""
        self._reset()
        proposal = truthful(self.context, self.best, 0)
        first = self.mechanism.start()
        assert isinstance(first, Decision)
        yield from self._on(first.then((proposal,)), "", self.meter.steps, self.meter.largest)

    def _reset(self) -> None:
        self.meter.steps = self.meter.largest = 0

    def _on(self, position: Position, coins: str, steps: int, largest: int) -> Iterator[tuple[str, Meter]]:
        """Go on from `position`, which took so many steps to reach."""
        if isinstance(position, Chance):
            for branch in position.branches:
                self._reset()
                after = branch.then()
                name = f"{coins} {branch.name}".strip()
                yield from self._on(after, name, steps + self.meter.steps, max(largest, self.meter.largest))
        elif isinstance(position, Decision):
            self._reset()
            answers = []
            for player, space in position.actors:
                answers.append(by_value(self.context, player, space))  # type: ignore[arg-type]  # only votes come here
                self.meter.steps += 1
            after = position.then(tuple(answers))
            yield from self._on(after, coins, steps + self.meter.steps, max(largest, self.meter.largest))
        else:
            assert isinstance(position, Outcome)
            yield coins, Meter(steps, largest)


@LINEAR.reading(
    quick=Scope(players=5, goods=5, parameters={"bits": 8}),
    standard=Scope(players=16, goods=16, parameters={"bits": 64}),
)
def linear(scope: Scope, watch: Watch) -> Verdict:
    """Steps are additions, subtractions and comparisons of prices, values and owners, a step for each good of a set
    whose value is looked up, and one for each answer; those of the proposer to set the prices, of the voters and of the
    mechanism, after the allocation has been found. For all numbers of players and of goods up to those of the range and
    values of 2, 3, 4, 8, 16, ... bits, if all goods change hands and if only the last does: the history without Tails
    takes exactly a + b·n + c·m + d·n·m steps, whatever k is, and no other history more than m + n more; and no step
    handles a number of more than k + 2·log2(n) + 4 bits."""
    bits = _bits(scope)
    seen, slack = 0, 0
    figures: dict[str, Exact] = {}
    for name, moving in (("all goods move", lambda m: m), ("one good moves", lambda m: 1)):
        smallest = {(n, m): steps_of(CountedMarket.of(n, m, bits[0], moving(m))) for n in (2, 3) for m in (2, 3)}
        corners = {where: each[0] for where, each in smallest.items()}
        d = corners[3, 3] - corners[3, 2] - corners[2, 3] + corners[2, 2]
        b = corners[3, 2] - corners[2, 2] - 2 * d
        c = corners[2, 3] - corners[2, 2] - 2 * d
        a = corners[2, 2] - 2 * b - 2 * c - 4 * d
        figures.update({f"{name}: constant": a, f"{name}: per player": b, f"{name}: per good": c,
                        f"{name}: per player and good": d})  # fmt: skip
        for n in range(2, scope.players + 1):
            for m in range(1, scope.goods + 1):
                watch.step("markets", seen)
                for k in bits:
                    seen += 1
                    main, most, largest = steps_of(CountedMarket.of(n, m, k, moving(m)))
                    stated = a + b * n + c * m + d * n * m
                    if main != stated or most > stated + n + m:
                        return fails(
                            f"{main} steps, {most} in some history, instead of {stated}: {n} players, {m} goods"
                        )
                    slack = max(slack, largest - k - 2 * n.bit_length())
                    if largest > k + 2 * n.bit_length() + 4:
                        return fails(f"a step on a number of {largest} bits: {n} players, {m} goods, {k} bits")
    figures["bits of the largest number beyond k + 2·log2(n)"] = slack
    return holds(
        "the steps are an exact linear function of the number of players for any number of goods, and of goods for any "
        "number of players; values of more bits take no more steps, only longer ones",
        range=f"values of {', '.join(map(str, bits))} bits; eps and delta half way",
        evidence=Evidence({"markets": seen}, figures=figures),
    )


def _bits(scope: Scope) -> list[int]:
    """The numbers of bits of a value: 2, 3, then doubling from 4 up to that of the range."""
    most = int(scope.parameters["bits"])
    return [k for k in (2, 3, *(1 << power for power in range(2, most.bit_length()))) if k <= most]


def steps_of(market: CountedMarket) -> tuple[int, int, int]:
    """The steps of the history without Tails, the most of any, and the size of the largest number."""
    found = dict(market.histories())
    return found["Heads"].steps, max(each.steps for each in found.values()), max(e.largest for e in found.values())
