"""The mechanisms, by the names the sheets give them."""

from __future__ import annotations

from unrigged.errors import InputError, nearest
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.best_belief import BestBelief
from unrigged.mechanisms.best_belief_variants import (
    BestBeliefDecimal,
    BestBeliefProportional,
    BestBeliefReal,
    BestBeliefReserve,
)
from unrigged.mechanisms.market import Market
from unrigged.mechanisms.market_fair import MarketFair
from unrigged.mechanisms.naive_1 import Naive1
from unrigged.mechanisms.naive_2 import Naive2
from unrigged.mechanisms.naive_3 import Naive3
from unrigged.mechanisms.naive_4 import Naive4

ALL: tuple[type[Mechanism], ...] = (
    BestBelief,
    BestBeliefProportional,
    BestBeliefReserve,
    BestBeliefReal,
    BestBeliefDecimal,
    Market,
    MarketFair,
    Naive1,
    Naive2,
    Naive3,
    Naive4,
)
"""Every mechanism, in the order in which they are listed to users."""

BY_NAME = {mechanism.name: mechanism for mechanism in ALL}


def mechanism_named(name: str, where: str = "mechanism") -> type[Mechanism]:
    """The mechanism called `name`; InputError with the nearest name where there is none."""
    if name not in BY_NAME:
        raise InputError(where, f"'{name}'", "the name of a mechanism", nearest(str(name), list(BY_NAME)))
    return BY_NAME[name]
