"""Rational play of the second-price auction of one good.

Source: Vickrey 1961; for coalitions, Chen, Hassidim and Micali 2010, footnote 2.
"""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.exact import Exact, first_largest
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.protocol import Decision, History
from unrigged.strategies.base import Individual, Notes, Strategy
from unrigged.valuations import Type

THE_GOOD = 1
"""The bundle of the only good."""


def value_of_good(one: Type) -> Exact:
    """What the only good is worth to a player of this type, 0 where he would rather be without it."""
    return max(0, one.value(THE_GOOD))


def keenest(context: Context, agent: Coalition) -> int:
    """The member to whom the good is worth most, ties to the smallest number."""
    return agent[first_largest([value_of_good(context.types[member]) for member in agent])]


@dataclass(frozen=True)
class RationalSecondPrice(Individual):
    """Bids one's value; in a `ring` only the member to whom the good is worth most does."""

    context: Context
    agent: Coalition
    ring: bool = False

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        if self.ring and player != keenest(self.context, self.agent):
            return space.default
        return value_of_good(self.context.types[player])


READINGS = {
    "truthful": "every player bids his value, colluding or not",
    "ring": "in a coalition only the member of the highest value bids it, the others bid 0",
}

NOTES = Notes(
    optimal="Your value is the weakly dominant bid if you collude with nobody; for a coalition that acts as one, the "
    "bids of the ring are (footnote 2 of the perfect-revenue paper tells what that does to the revenue).",
    indifferent="Every bid above the highest other one wins at the same price, and every bid below it loses.",
    reveals="To everybody: your value for the good; in a ring only that of the member to whom it is worth most.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """Truthful bids are dominant for a player, a ring's bids for a coalition."""
    return RationalSecondPrice(benchmarks.context, agent, ring=reading == "ring")
