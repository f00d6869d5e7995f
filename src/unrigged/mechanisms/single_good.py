"""What the classical auctions of one good by sealed bids have in common."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism, Requirements
from unrigged.moves.sealed import SealedBidSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Position, Then, ask


@dataclass(frozen=True)
class SingleGood(Mechanism):
    """An auction of one good in which everybody bids once, and then the good is sold."""

    requires: ClassVar[Requirements] = Requirements(domain="goods")

    def check(self) -> None:
        if self.setting.m != 1:
            raise InputError("goods", f"{self.setting.m} goods", f"exactly one good, which {self.name} sells")

    def start(self) -> Position:
        """Step 1: all simultaneously bid an integer >= 0."""
        space = SealedBidSpace(self.setting)
        return ask("bid", ((i, space) for i in self.setting.everyone), Then(self.sell))

    @abstractmethod
    def sell(self, bids: tuple[int, ...]) -> Position:
        """What follows the bids."""

    def sold(self, winner: int, price: Exact) -> Outcome:
        """The good goes to `winner` for `price`; nobody else pays."""
        return Outcome((winner,), tuple(price if i == winner else 0 for i in self.setting.everyone))
