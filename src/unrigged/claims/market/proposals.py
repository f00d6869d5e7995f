"""Markets in which one proposes and the others answer: all contexts of a range, and what follows every proposal.

Shared by the claims of the market paper on the naive mechanisms and on what surrounds the main theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import lcm
from random import Random

from unrigged.claims.base import Scope
from unrigged.context import Coalition, Context
from unrigged.exact import Exact, written
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.market import ALONE
from unrigged.moves.answer import NO, YES, YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, History, Pay, Position
from unrigged.setting import NOBODY, Allocation, Goods, Setting
from unrigged.strategies.base import Individual
from unrigged.strategies.proposing import balanced, gains
from unrigged.valuations import Table, Valuation

Yes = frozenset[int]
"""Who says YES."""

NO_ONE: Yes = frozenset()


def bound_above(scope: Scope) -> int:
    """B: the smallest power of two above the size of every value of the range."""
    return 1 << max(abs(scope.values[0]), abs(scope.values[1])).bit_length()


def settings(scope: Scope) -> Iterator[Setting]:
    """The markets of the range: one for every way to own the goods beforehand."""
    for owners in product(range(scope.players), repeat=scope.goods):
        yield Setting(scope.names, Goods(scope.good_names), endowment=owners, value_bound=bound_above(scope))


def type_profiles(scope: Scope, setting: Setting) -> Iterator[tuple[Table, ...]]:
    """Every profile of types with values in the range; with `samples`, that many random ones, for each setting."""
    goods = setting.need_goods("a market")
    size = (1 << scope.goods) - 1
    if scope.samples:
        rng = Random(f"{scope.seed}/{setting.endowment}")
        for _ in range(scope.samples):
            drawn = ([rng.randint(*scope.values) for _ in range(size)] for _ in setting.players)
            yield tuple(Table(goods, (0, *values)) for values in drawn)
        return
    types = [Table(goods, (0, *values)) for values in product(scope.every_value, repeat=size)]
    yield from product(types, repeat=scope.players)


def contexts(scope: Scope, setting: Setting) -> Iterator[Context]:
    """Every context of the range in `setting` without collusion."""
    for types in type_profiles(scope, setting):
        yield Context(setting, types)


def allocations(setting: Setting) -> list[Allocation]:
    """Every allocation: each good goes to a player or is destroyed."""
    return list(product(range(NOBODY, setting.n), repeat=setting.m))


def truthful(context: Context, owners: Allocation, proposer: int) -> Outcome:
    """`owners` at the prices of Definition 7: everybody but the proposer is asked exactly what he gains."""
    return Outcome(owners, balanced(gains(context, owners), proposer))


def inner(limit: Fraction) -> tuple[Fraction, ...]:
    """Numbers in the open interval from 0 to `limit`, two of them near its ends."""
    return limit / 1000, limit / 2, limit * Fraction(999, 1000)


@dataclass(frozen=True)
class Prospect:
    """An exact lottery: how likely each result is and what everybody expects to pay, `scale` times as large."""

    scale: int
    results: tuple[tuple[Allocation, int], ...]
    prices: tuple[int, ...]

    @classmethod
    def of(cls, ends: Sequence[tuple[Fraction, Outcome]]) -> Prospect:
        """The prospect of these outcomes with their probabilities."""
        chances: dict[Allocation, Fraction] = {}
        for chance, end in ends:
            chances[end.owners] = chances.get(end.owners, Fraction(0)) + chance
        columns = zip(*([chance * price for price in end.prices] for chance, end in ends), strict=True)
        prices = [sum(column, Fraction(0)) for column in columns]
        scale = lcm(*(number.denominator for number in (*chances.values(), *prices)))
        results = tuple((owners, int(chance * scale)) for owners, chance in chances.items())
        return cls(scale, results, tuple(int(price * scale) for price in prices))


@dataclass(frozen=True)
class Answers(Individual):
    """Proposes `proposal`; those in `yes` say YES to it, those in `alone` where they are asked alone."""

    proposal: Outcome
    yes: Yes
    alone: Yes = NO_ONE

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        if not isinstance(space, YesNo):
            return self.proposal
        return YES if player in (self.alone if decision.label == ALONE else self.yes) else NO


class Proposals:
    """What follows each proposal, by who says YES; kept, as many contexts share it."""

    def __init__(self, mechanism: Mechanism, first: Position | None = None) -> None:
        decision = mechanism.start() if first is None else first
        assert isinstance(decision, Decision)
        self.mechanism, self.decision = mechanism, decision
        self.proposer = decision.actors[0][0]
        self.space = decision.actors[0][1]
        self._known: dict[tuple[Outcome, Yes, Yes], Prospect] = {}

    @property
    def others(self) -> tuple[int, ...]:
        """Everybody but the proposer."""
        return tuple(i for i in self.mechanism.setting.everyone if i != self.proposer)

    def legal(self, proposal: Outcome) -> bool:
        """Whether the proposal may be announced."""
        return self.space.legal(proposal)

    def after(self, proposal: Outcome, yes: Yes, alone: Yes = NO_ONE) -> Prospect:
        """The prospect when `yes` say YES to `proposal`, and `alone` when they are asked alone."""
        key = proposal, yes, alone
        found = self._known.get(key)
        if found is None:
            reply = Answers(proposal, yes, alone)
            found = self._known[key] = Prospect.of(list(_ends(self.decision, Fraction(1), reply)))
        return found


def _ends(position: Position, chance: Fraction, reply: Answers) -> Iterator[tuple[Fraction, Outcome]]:
    if isinstance(position, Outcome):
        yield chance, position
    elif isinstance(position, Chance):
        for branch in position.branches:
            yield from _ends(branch.then(), chance * branch.probability, reply)
    elif isinstance(position, Pay):
        for likely, end in _ends(position.then(), chance, reply):
            yield likely, end.after(position.prices)
    else:
        moves = [reply.move(player, space, position, ()) for player, space in position.actors]
        yield from _ends(position.after(moves), chance, reply)


class Valued:
    """A context with what everybody gains from every allocation, computed once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._gains: dict[Allocation, tuple[Exact, ...]] = {}

    def gains(self, owners: Allocation) -> tuple[Exact, ...]:
        """What everybody gains from `owners`."""
        found = self._gains.get(owners)
        if found is None:
            found = self._gains[owners] = tuple(gains(self.context, owners))
        return found

    def gain(self, owners: Allocation) -> Exact:
        """What all together gain from `owners`: the welfare less that of the endowment."""
        return sum(self.gains(owners))

    @cached_property
    def types(self) -> list[Valuation]:
        """Everybody's valuation."""
        return [one for one in self.context.types if isinstance(one, Valuation)]

    @cached_property
    def most(self) -> Exact:
        """The greatest gain in welfare from any allocation; 0 where the endowment is optimal."""
        return max(map(self.gain, allocations(self.context.setting)))

    @cached_property
    def optimal(self) -> list[Allocation]:
        """The allocations of greatest welfare."""
        return [owners for owners in allocations(self.context.setting) if self.gain(owners) == self.most]

    def utility(self, players: Sequence[int], prospect: Prospect) -> Fraction:
        """The joint expected utility of `players`."""
        worth: Exact = 0
        for owners, weight in prospect.results:
            mine = self.gains(owners)
            worth += weight * sum(mine[player] for player in players)
        return Fraction(worth - sum(prospect.prices[player] for player in players), prospect.scale)

    def margin(self, players: Sequence[int], proposal: Outcome) -> Exact:
        """What `players` together gain from `proposal` beyond its prices."""
        mine = self.gains(proposal.owners)
        return sum(mine[player] - proposal.prices[player] for player in players)

    def willing(self, players: Sequence[int], proposal: Outcome) -> Yes:
        """Those of `players` who gain at least what they are asked, each on his own."""
        return frozenset(player for player in players if self.margin((player,), proposal) >= 0)

    def willing_jointly(self, coalitions: Sequence[Coalition], proposal: Outcome, proposer: int) -> Yes:
        """Who says YES where coalitions answer by their joint margin, the proposer's own coalition always YES."""
        return frozenset(
            player
            for block in coalitions
            for player in block
            if player != proposer and (proposer in block or self.margin(block, proposal) >= 0)
        )


def most(values: Sequence[Outcome], by: Callable[[Outcome], Fraction]) -> tuple[Fraction, list[Outcome]]:
    """The greatest of `by` over the proposals, and all those that reach it."""
    best: Fraction | None = None
    chosen: list[Outcome] = []
    for each in values:
        worth = by(each)
        if best is None or worth > best:
            best, chosen = worth, [each]
        elif worth == best:
            chosen.append(each)
    assert best is not None, "there is always something to propose"
    return best, chosen


Sizes = tuple[Fraction, Fraction]
"""eps and delta."""


def sizes(scope: Scope) -> list[Sizes]:
    """Three choices of eps in (0, 1/(5n)) and delta in (0, eps/B), two of them near the ends."""
    chosen = []
    for number, eps in enumerate(inner(Fraction(1, 5 * scope.players))):
        chosen.append((eps, inner(eps / bound_above(scope))[number]))
    return chosen


def market_range(scope: Scope, who: str = "every context without collusion") -> str:
    """What is covered, in words."""
    pairs = "; ".join(f"eps {written(eps)}, delta {written(delta)}" for eps, delta in sizes(scope))
    return f"every endowment, {who}; {pairs}"


def root_set(valued: Valued, proposer: int) -> list[Outcome]:
    """What a rational proposer who colludes with nobody announces: (E, 0) where the endowment is optimal, otherwise
    any truthful outcome."""
    context = valued.context
    if not valued.most:
        return [truthful(context, context.setting.endowment or (), proposer)]
    return [truthful(context, owners, proposer) for owners in valued.optimal]
