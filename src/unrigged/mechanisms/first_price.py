"""The first-price auction of one good: the highest bidder pays his own bid.

Source: W. Vickrey, Counterspeculation, auctions, and competitive sealed tenders, Journal of Finance 16 (1961).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from unrigged.exact import first_largest
from unrigged.mechanisms.base import Requirements
from unrigged.mechanisms.single_good import SingleGood
from unrigged.protocol import Position


@dataclass(frozen=True)
class FirstPrice(SingleGood):
    """One good: the highest bidder gets it and pays his own bid."""

    name: ClassVar[str] = "first-price"
    guarantee: ClassVar[str] = "none in dominant strategies: what to bid depends on what the others bid"
    assumption: ClassVar[str] = "where all values are known to all, an equilibrium sells to who values the good most"
    source: ClassVar[str] = "Vickrey 1961"
    requires: ClassVar[Requirements] = Requirements(domain="goods", covers_knowledge="perfect")

    def sell(self, bids: tuple[int, ...]) -> Position:
        """Step a: the highest bidder, ties to the smallest player number, gets the good and pays his bid; nobody else
        pays."""
        winner = first_largest(bids)
        return self.sold(winner, bids[winner])
