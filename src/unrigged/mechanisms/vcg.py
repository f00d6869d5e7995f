"""The Vickrey-Clarke-Groves mechanism: truth is dominant for every single player, and two can empty it.

Source: Clarke, Multipart pricing of public goods, Public Choice 11 (1971); Groves, Incentives in teams, Econometrica 41
(1973); against collusion: Ausubel and Milgrom, The lovely but lonely Vickrey auction, 2006.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism, Requirements, one_of, parameter
from unrigged.moves.reports import ValuationReport
from unrigged.outcome import Outcome
from unrigged.protocol import Position, Then, ask
from unrigged.setting import NOBODY
from unrigged.valuations import Valuation
from unrigged.winners import Auction, Winners, winners

Reports = tuple[Valuation, ...]
"""What everybody reported, by player."""


@dataclass(frozen=True)
class VCG(Mechanism):
    """VCG: the goods go where the reports say they are worth most, and everyone pays what he costs the others.

    Parameter: `pivot`, against what the cost is measured where players own goods beforehand: the others' best welfare
    when he keeps his own goods and `leaves`, or with `all` goods. Without an endowment the two are the same.
    """

    pivot: str = parameter("the others' best welfare when he keeps his goods and `leaves`, or with `all` goods",
                           "leaves", read=one_of("leaves", "all"))  # fmt: skip

    name: ClassVar[str] = "vcg"
    guarantee: ClassVar[str] = "the goods go where they are worth most: maximum welfare in dominant strategies"
    assumption: ClassVar[str] = "no collusion at all: two who value the goods little can take them for nothing"
    source: ClassVar[str] = "Clarke 1971 and Groves 1973; Ausubel and Milgrom 2006 on collusion"
    requires: ClassVar[Requirements] = Requirements(domain="goods", least_value=None)

    def start(self) -> Position:
        """Step 1: all simultaneously and publicly report a valuation: what every set of goods is worth to them."""
        space = ValuationReport(self.setting)
        return ask("report", ((i, space) for i in self.setting.everyone), Then(self.conclude))

    def conclude(self, reports: Reports) -> Position:
        """Step a: the goods are allocated so that the sum of the reported values is greatest (ties: the first such
        allocation in the order of the owners of good 1, good 2, ..., a good that nobody gets coming before player 1).
        Everybody pays the others' best welfare without him, less their welfare in this allocation, by the reports.
        Where players own goods beforehand, «without him» means that he keeps his goods and leaves (`pivot: leaves`) or
        that the others may have all goods (`pivot: all`); a player's price may then be negative."""
        best = winners(Auction(self.setting.need_goods(self.name), reports), ties="first")
        prices = (self.without(reports, i, best) - (best.value - best.worths[i]) for i in self.setting.everyone)
        return Outcome(best.allocation, tuple(prices))

    def without(self, reports: Reports, player: int, best: Winners) -> Exact:
        """The others' best welfare without `player`; `best` is the optimum with him."""
        kept = self.setting.endowed[player] if self.pivot == "leaves" else 0
        if player not in best.allocation and not kept:
            return best.value
        auction = Auction(self.setting.need_goods(self.name), reports).without([player])
        if kept:
            gone = frozenset({NOBODY})
            auction = auction.restricted([gone if kept >> good & 1 else None for good in range(self.setting.m)])
        return winners(auction).value
