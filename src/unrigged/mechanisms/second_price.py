"""The second-price auction of one good: the highest bidder pays the second highest bid.

Source: W. Vickrey, Counterspeculation, auctions, and competitive sealed tenders, Journal of Finance 16 (1961).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from unrigged.exact import first_largest
from unrigged.mechanisms.single_good import SingleGood
from unrigged.protocol import Position


@dataclass(frozen=True)
class SecondPrice(SingleGood):
    """One good: the highest bidder gets it and pays the second highest bid."""

    name: ClassVar[str] = "second-price"
    guarantee: ClassVar[str] = "the good goes to who values it most, for the second highest value"
    assumption: ClassVar[str] = "no collusion; bidding one's value is dominant"
    source: ClassVar[str] = "Vickrey 1961"

    def sell(self, bids: tuple[int, ...]) -> Position:
        """Step a: the highest bidder, ties to the smallest player number, gets the good and pays the second highest bid
        (0 if he is the only player); nobody else pays."""
        winner = first_largest(bids)
        return self.sold(winner, max(bids[:winner] + bids[winner + 1 :], default=0))
