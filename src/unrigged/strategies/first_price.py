"""Play of the first-price auction of one good, in which nothing is dominant.

Source: ours; with perfect knowledge the first reading is the textbook equilibrium with integer bids.
"""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.protocol import Decision, History
from unrigged.strategies.base import Individual, Notes, Strategy
from unrigged.strategies.second_price import keenest, value_of_good


@dataclass(frozen=True)
class JustEnough(Individual):
    """Bids the least that beats every outsider at the value one is sure he has, and never more than one's own value.

    Ties go to the smallest number, so who has a smaller one is beaten by 1 more than his value. In a coalition only the
    member to whom the good is worth most bids; his mates count as worth 0. Where all know all values this is an
    equilibrium: the others bid their values, and outbidding the winner would cost them more than the good is worth.
    """

    context: Context
    agent: Coalition

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        if player != keenest(self.context, self.agent):
            return space.default
        others = (other for other in self.context.setting.everyone if other != player)
        enough = max((self.expected(other) + (1 if other < player else 0) for other in others), default=0)
        return min(enough, value_of_good(self.context.types[player]))

    def expected(self, other: int) -> Exact:
        """The bid that is expected of `other`: nothing of a mate, of an outsider what he is sure to be worth."""
        return 0 if other in self.agent else value_of_good(self.context.coalition_lower(self.agent, other))


@dataclass(frozen=True)
class BidValue(Individual):
    """Bids one's own value."""

    context: Context

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        return value_of_good(self.context.types[player])


READINGS = {
    "just-enough": "bid the least that beats what one is sure the others are worth, never above one's value (an "
    "equilibrium where all know all values; otherwise no claim)",
    "value": "bid one's value (not claimed rational: it never brings any gain)",
}

NOTES = Notes(
    optimal="No bid is dominant. Where all know all values, all these bids together are an equilibrium: your bid is "
    "best against the others' bids as they are expected here. Otherwise it is only the least bid that beats what you "
    "are sure of.",
    indifferent="Every bid that loses is worth the same to you: nothing. So is a bid of your full value, whether it "
    "wins or not.",
    reveals="To everybody: your bid, which bounds your value from below. It also hints at what you know of the others.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """An equilibrium bid by what one knows, or simply one's value."""
    return BidValue(benchmarks.context) if reading == "value" else JustEnough(benchmarks.context, agent)
