"""The first-price package auction: reported package bids, everyone pays his own bid.

Source: the standard definition; as a menu auction in B. D. Bernheim and M. D. Whinston, Quarterly Journal of Economics
101 (1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from unrigged.mechanisms.base import Mechanism, Requirements
from unrigged.moves.reports import ValuationReport
from unrigged.outcome import Outcome
from unrigged.protocol import Position, Then, ask
from unrigged.valuations import Valuation
from unrigged.winners import Auction, winners


@dataclass(frozen=True)
class FirstPricePackage(Mechanism):
    """The goods go where the bids are highest, and everyone pays what he bid for what he gets."""

    name: ClassVar[str] = "first-price-package"
    guarantee: ClassVar[str] = "none in dominant strategies: revenue is the welfare that the bids claim"
    assumption: ClassVar[str] = "none; bidding one's values is not rational here, it leaves a utility of 0"
    source: ClassVar[str] = "Bernheim and Whinston 1986"
    requires: ClassVar[Requirements] = Requirements(domain="goods", least_value=None)

    def start(self) -> Position:
        """Step 1: all simultaneously and publicly bid on packages: each reports a valuation as his bids."""
        space = ValuationReport(self.setting)
        return ask("report", ((i, space) for i in self.setting.everyone), Then(self.conclude))

    def conclude(self, reports: tuple[Valuation, ...]) -> Position:
        """Step a: the goods are allocated so that the sum of the bids is greatest (ties: the first such allocation in
        the order of the owners of good 1, good 2, ..., a good that nobody gets coming before player 1), and everybody
        pays his own bid for what he gets."""
        best = winners(Auction(self.setting.need_goods(self.name), reports), ties="first")
        return Outcome(best.allocation, best.worths)
