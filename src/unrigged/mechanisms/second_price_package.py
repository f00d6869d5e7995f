"""The second-price auction of one package: who bids most gets the set of goods of his choice.

Source: J. Chen, S. Micali and P. Valiant, Robustly leveraging collusion in combinatorial auctions, Innovations in
Computer Science 2010, section 1.2 (auction A').
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from unrigged.exact import Exact, first_largest
from unrigged.mechanisms.base import Mechanism, Requirements
from unrigged.moves.sealed import PackageBid, PackageBidSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Position, Then, ask
from unrigged.setting import NOBODY


@dataclass(frozen=True)
class SecondPricePackage(Mechanism):
    """A': everybody bids a number and a set of goods; the highest bid wins its set and pays the second highest."""

    name: ClassVar[str] = "second-price-package"
    guarantee: ClassVar[str] = "welfare >= the most that any one player values any set of goods"
    assumption: ClassVar[str] = "no collusion; bidding one's greatest value, for a set of that value, is dominant"
    source: ClassVar[str] = "Chen, Micali and Valiant 2010, section 1.2 (auction A')"
    requires: ClassVar[Requirements] = Requirements(domain="goods")

    def start(self) -> Position:
        """Step 1: all simultaneously bid: each a number >= 0 and a set of goods."""
        space = PackageBidSpace(self.setting)
        return ask("bid", ((i, space) for i in self.setting.everyone), Then(self.sell))

    def sell(self, bids: tuple[PackageBid, ...]) -> Position:
        """Step a: the winner is who bids the highest number, ties to the smallest player number. He gets the set he bid
        on and pays the second highest number (0 if he is the only player); all other goods stay unsold, and nobody else
        pays."""
        winner = first_largest([bid.amount for bid in bids])
        prices: list[Exact] = [0] * self.setting.n
        prices[winner] = max((bid.amount for i, bid in enumerate(bids) if i != winner), default=0)
        owners = tuple(winner if bids[winner].wanted >> good & 1 else NOBODY for good in range(self.setting.m))
        return Outcome(owners, tuple(prices))
