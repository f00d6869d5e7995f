"""What a file of bids holds once it is read: a setting, everybody's type, and notes on what was repaired."""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.setting import Setting
from unrigged.valuations import Type


@dataclass(frozen=True)
class AuctionFile:
    """Bids read from a file: goods and players, a type for each player, and what was repaired or assumed."""

    setting: Setting
    types: tuple[Type, ...]
    notes: tuple[str, ...] = ()
