"""Rational play of the best-belief mechanism, for players and coalitions.

Source: Chen and Micali 2016, Lemmas 3 and 4 (the strategy the proof of Lemma 4 constructs) and section 6.2.3 with
footnote 11 for coalitions.
"""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.answer import YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.offers import Wish, WishSpace
from unrigged.protocol import Decision, History
from unrigged.strategies.base import Individual, Strategy, by_value


@dataclass(frozen=True)
class RationalBestBelief(Individual):
    """Announces one's favourite set and the best sale one is sure of; says YES exactly when the offer is worth it.

    The sale of member i of a coalition is the best one by all that the coalition knows together, its members' true
    values included; every member answers by his own value (footnote 11).
    """

    benchmarks: Benchmarks
    agent: Coalition

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        context = self.benchmarks.context
        if isinstance(space, YesNo):
            return by_value(context, player, space)
        assert isinstance(space, WishSpace)
        sale = self.benchmarks.best_belief_of(self.agent, player)
        favourite = context.types[player].favourite()  # type: ignore[union-attr]
        return Wish(favourite, sale.outcome)


READINGS = {"truthful": "announce exactly what one is sure to sell for, answer by one's own value (Lemmas 3 and 4)"}


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """The strategy that the proof of Lemma 4 constructs."""
    return RationalBestBelief(benchmarks, agent)
