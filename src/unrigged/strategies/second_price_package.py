"""Rational play of the second-price auction of one package.

Source: Chen, Micali and Valiant 2010, section 1.2 (auction A').
"""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.exact import first_largest, integer
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.sealed import PackageBid
from unrigged.protocol import Decision, History
from unrigged.strategies.base import Individual, Notes, Strategy
from unrigged.strategies.best_belief import favourite, valuation_of


def favourite_bid(context: Context, player: int) -> PackageBid:
    """His favourite set, for what it is worth to him."""
    own = valuation_of(context, player)
    wanted = favourite(own)
    worth = integer(own.value(wanted), f"types.{context.setting.players[player]}", least=0)
    return PackageBid(worth, wanted)


@dataclass(frozen=True)
class RationalSecondPricePackage(Individual):
    """Bids the favourite set's value on the favourite set; in a `ring` only the member with the highest bid does."""

    context: Context
    agent: Coalition
    ring: bool = False

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        bids = [favourite_bid(self.context, member) for member in self.agent]
        top = self.agent[first_largest([bid.amount for bid in bids])]
        return space.default if self.ring and player != top else bids[self.agent.index(player)]


READINGS = {
    "truthful": "every player bids the value of his favourite set on it, colluding or not",
    "ring": "in a coalition only the member of the highest value bids, the others bid 0",
}

NOTES = Notes(
    optimal="To bid what your favourite set is worth, on that set, is weakly dominant if you collude with nobody; for "
    "a coalition that acts as one, the bids of the ring are.",
    indifferent="Every bid above the highest other one wins at the same price, and every bid below it loses; nor does "
    "it matter which of several favourite sets you name.",
    reveals="To everybody: your favourite set and what it is worth to you, nothing about other sets.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """Truthful bids are dominant for a player, a ring's bids for a coalition."""
    return RationalSecondPricePackage(benchmarks.context, agent, ring=reading == "ring")
