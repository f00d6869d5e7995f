"""Play of the VCG mechanism: the truth, and what two colluders can do instead.

Source: Clarke 1971 and Groves 1973; Ausubel and Milgrom, The lovely but lonely Vickrey auction, 2006.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.reports import LANGUAGES
from unrigged.protocol import Decision, History
from unrigged.strategies.base import Individual, Notes, Strategy
from unrigged.strategies.best_belief import valuation_of
from unrigged.strategies.shielding import Shielding
from unrigged.valuations import Additive, Valuation, as_table
from unrigged.winners import Auction


@dataclass(frozen=True)
class Truthful(Individual):
    """Reports one's own valuation, as a table of all values where no bidding language writes it."""

    context: Context

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        own = valuation_of(self.context, player)
        return own if type(own) in LANGUAGES else as_table(own)


@dataclass(frozen=True)
class TakeEverything(Individual):
    """The colluders deal the goods among themselves one by one, in turn, and each bids very high on each of his.

    If no single share of theirs is worth anything to anybody else, they win everything for nothing. «Very high» is more
    than all the others can be worth, by the public value bound, or else one more than all that the colluders know them
    to be worth.
    """

    benchmarks: Benchmarks
    agent: Coalition

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        goods = self.benchmarks.context.setting.need_goods("a report")
        turn = self.agent.index(player)
        mine = [good for k, good in enumerate(goods) if k % len(self.agent) == turn]
        return Additive(goods, dict.fromkeys(mine, self.high))

    @cached_property
    def high(self) -> Exact:
        """What is bid on every good."""
        context = self.benchmarks.context
        setting = context.setting
        if setting.value_bound is not None:
            return setting.n * setting.value_bound
        lower = (context.coalition_lower(self.agent, i) for i in setting.everyone)
        known = tuple(one for one in lower if isinstance(one, Valuation))
        others = Auction(setting.need_goods("a report"), known, excluded=frozenset(self.agent))
        return self.benchmarks.search(others, "the most that all the others can be worth").bound + 1


READINGS = {
    "truthful": "report the truth, which is dominant for a player who colludes with nobody",
    "ausubel-milgrom": "colluders deal the goods among themselves and bid very high on each; players alone report the "
    "truth (the story of how VCG breaks; dealing may cost more than it brings where single goods are wanted)",
    "shielding": "colluders bid very high, each on one of his own bundles, so that each keeps the other's rivals away; "
    "the bundles are chosen for the greatest joint utility, by what the colluders know",
}

NOTES = Notes(
    optimal="The truth is weakly dominant if you collude with nobody: no other report is ever better. For a coalition "
    "it is not: other joint reports can win more for less. None of them is dominant; the shielding bids are the best "
    "of their kind that were found, if the others report what you are sure of.",
    indifferent="Every report that leads to the same allocation is worth the same to you: your own report does not set "
    "your price.",
    reveals="To everybody: your whole valuation, whether you win anything or not.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """The truth; for two or more colluders and two or more goods, in the second reading, the attack."""
    if reading == "ausubel-milgrom" and len(agent) > 1 and mechanism.setting.m > 1:
        return TakeEverything(benchmarks, agent)
    if reading == "shielding" and len(agent) > 1:
        return Shielding(benchmarks, agent, Truthful(benchmarks.context))
    return Truthful(benchmarks.context)
