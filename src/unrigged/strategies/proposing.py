"""What rational players do where one proposes an outcome of a market and the others say YES or NO to it.

Source: Azar, Chen and Micali 2011, Definitions 7 and 8 (truthful and semi-truthful outcomes).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.exact import Exact, total
from unrigged.mechanisms.proposing import PROPOSE, Proposing
from unrigged.moves.answer import Answer, YesNo
from unrigged.moves.base import Move
from unrigged.outcome import Outcome, Prices
from unrigged.protocol import Decision, History
from unrigged.setting import NOBODY, Allocation, bundles_of
from unrigged.strategies.base import Strategy


@dataclass(frozen=True)
class ProposeAndAnswer(Strategy):
    """Proposes where it is one's turn to, and answers what others propose."""

    benchmarks: Benchmarks
    agent: Coalition

    @cached_property
    def best(self) -> Allocation | None:
        """The allocation to propose; None for the endowment."""
        return best_allocation(self.benchmarks)

    def moves(self, decision: Decision, movers: Coalition, history: History) -> Mapping[int, Move]:
        mechanism = decision.then.mechanism
        assert isinstance(mechanism, Proposing)
        if decision.label == PROPOSE:
            return {mechanism.proposer: self.proposal(mechanism)}
        answers = {}
        for player in movers:
            space = decision.space(player)
            assert isinstance(space, YesNo)
            answers[player] = self.answer(mechanism, decision.label, player, space)
        return answers

    @abstractmethod
    def proposal(self, mechanism: Proposing) -> Outcome:
        """What the proposer, a member of the agent, proposes."""

    @abstractmethod
    def answer(self, mechanism: Proposing, label: str, player: int, space: YesNo) -> Answer:
        """What `player`, a member of the agent, says to the proposal in `space`."""


def best_allocation(benchmarks: Benchmarks) -> Allocation | None:
    """The first allocation of greatest welfare, or None where nothing better than the endowment is found.

    A good is destroyed only where its owner would rather be without it: one that nobody wants stays where it is. The
    search stops after `benchmarks.limit` seconds with the best allocation found.
    """
    context = benchmarks.context
    best = benchmarks.msw(ties="first")
    if best.value <= context.welfare(endowment_of(context)):
        return None
    return with_unwanted_goods_left(context, best.outcome.owners)


def with_unwanted_goods_left(context: Context, owners: Allocation) -> Allocation:
    """`owners`, but a good that would be destroyed stays with its first owner where that is worth no less to him."""
    kept = list(owners)
    bundles = bundles_of(owners, context.setting.n)
    for good, first in enumerate(endowment_of(context)):
        if owners[good] == NOBODY:
            one, bundle = context.types[first], bundles[first]
            if one.value(bundle | 1 << good) >= one.value(bundle):
                bundles[first] |= 1 << good
                kept[good] = first
    return tuple(kept)


def endowment_of(context: Context) -> Allocation:
    """E: what everybody owns beforehand."""
    endowment = context.setting.endowment
    assert endowment is not None, "every mechanism in which somebody proposes a market outcome needs an endowment"
    return endowment


def gains(context: Context, owners: Allocation) -> list[Exact]:
    """What everybody gains from `owners`: its value to him less the value of his endowment."""
    return [context.gain(i, owners) for i in context.setting.everyone]


def balanced(prices: list[Exact], proposer: int) -> Prices:
    """`prices`, the proposer's replaced by the one that makes them sum to 0."""
    prices[proposer] -= total(prices)
    return tuple(prices)
