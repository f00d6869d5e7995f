"""Plays of the mechanism of 2009 that survive five rounds of elimination.

Source: Chen, Hassidim and Micali 2009, Lemmas 1 to 5. The paper knows no coalitions: their members play as they would
alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.exact import first_largest
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.surviving import Surviving
from unrigged.moves.answer import YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.profiles import ProfileSpace
from unrigged.moves.raises import RaiseSpace
from unrigged.protocol import Decision, History
from unrigged.strategies.base import Individual, Notes, Strategy, by_value
from unrigged.strategies.hope_for_the_best import true_values

READINGS = {
    "truthful": "announce the truth about the others in every state, raise exactly to it, say YES exactly when the "
    "value is at least the provisional price (Lemmas 1 to 5)",
    "optimal-state": "the same, but announce values 0 except in the optimal state, as Lemmas 4 and 5 allow",
}


@dataclass(frozen=True)
class SurvivingPlay(Individual):
    """Tells the truth about the others (of `only` that state where one is given), raises to it, answers by value."""

    context: Context
    only: int | None = None

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        if isinstance(space, YesNo):
            return by_value(self.context, player, space)
        everyone = self.context.setting.everyone
        if isinstance(space, RaiseSpace):
            state, prices = space.proposal.result, space.proposal.prices
            lacking = [self.context.worth(other, state) - prices[other] for other in everyone]
            return tuple(
                lack if lack > 0 and other != player else 0 for other, lack in zip(everyone, lacking, strict=True)
            )
        assert isinstance(space, ProfileSpace)
        return tuple(
            tuple(value if other != player and self.only in (None, state) else 0 for state, value in enumerate(values))
            for other, values in enumerate(true_values(self.context))
        )


def optimal_state(mechanism: Surviving, context: Context) -> int:
    """The first state of largest true welfare, in the mechanism's order (the null state included)."""
    return mechanism.order[first_largest([context.welfare(state) for state in mechanism.order])]


NOTES = Notes(
    optimal="By the paper, whatever survives the elimination of distinguishably dominated strategies is such a play "
    "(Lemmas 1 to 5): answer by value, raise to the true value and no further, announce the truth about the others in "
    "the optimal state, and nowhere more than the truth. With three players or more that is so by default, but not "
    "with `informed: any`, as printed (surviving.L5 in the ledger of claims). Coalitions are not considered.",
    indifferent="What you announce of states that are not chosen, as long as it does not change which one is; what you "
    "announce of yourself is never used.",
    reveals="To everybody: the values of all others that you announce, in all states or only in the optimal one as you "
    "choose; nothing of your own. YES or NO: whether the state is worth its price to you.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """A play that survives five rounds of elimination."""
    context = benchmarks.context
    if reading == "optimal-state":
        assert isinstance(mechanism, Surviving)
        return SurvivingPlay(context, optimal_state(mechanism, context))
    return SurvivingPlay(context)
