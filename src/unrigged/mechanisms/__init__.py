"""The mechanisms, by the names the sheets give them."""

from __future__ import annotations

from unrigged.errors import InputError, nearest
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.best_belief import BestBelief
from unrigged.mechanisms.best_belief_normal import BestBeliefNormal
from unrigged.mechanisms.best_belief_or_vcg import BestBeliefOrVCG
from unrigged.mechanisms.best_belief_variants import (
    BestBeliefDecimal,
    BestBeliefProportional,
    BestBeliefReal,
    BestBeliefReserve,
)
from unrigged.mechanisms.first_price import FirstPrice
from unrigged.mechanisms.first_price_package import FirstPricePackage
from unrigged.mechanisms.hope_for_the_best import HopeForTheBest
from unrigged.mechanisms.independent import Independent
from unrigged.mechanisms.leveraging import Leveraging
from unrigged.mechanisms.market import Market
from unrigged.mechanisms.market_fair import MarketFair
from unrigged.mechanisms.naive_1 import Naive1
from unrigged.mechanisms.naive_2 import Naive2
from unrigged.mechanisms.naive_3 import Naive3
from unrigged.mechanisms.naive_4 import Naive4
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.mechanisms.second_price import SecondPrice
from unrigged.mechanisms.second_price_package import SecondPricePackage
from unrigged.mechanisms.surviving import Surviving
from unrigged.mechanisms.vcg import VCG

ALL: tuple[type[Mechanism], ...] = (
    BestBelief,
    BestBeliefNormal,
    BestBeliefProportional,
    BestBeliefReserve,
    BestBeliefReal,
    BestBeliefDecimal,
    BestBeliefOrVCG,
    Market,
    MarketFair,
    Naive1,
    Naive2,
    Naive3,
    Naive4,
    PerfectRevenue,
    HopeForTheBest,
    Leveraging,
    SecondPricePackage,
    Independent,
    Surviving,
    VCG,
    SecondPrice,
    FirstPrice,
    FirstPricePackage,
)
"""Every mechanism, in the order in which they are listed to users."""

BY_NAME = {mechanism.name: mechanism for mechanism in ALL}


def mechanism_named(name: str, where: str = "mechanism") -> type[Mechanism]:
    """The mechanism called `name`; InputError with the nearest name where there is none."""
    if name not in BY_NAME:
        raise InputError(where, f"'{name}'", "the name of a mechanism", nearest(str(name), list(BY_NAME)))
    return BY_NAME[name]


__all__ = [
    "ALL",
    "BY_NAME",
    "VCG",
    "BestBelief",
    "BestBeliefDecimal",
    "BestBeliefNormal",
    "BestBeliefOrVCG",
    "BestBeliefProportional",
    "BestBeliefReal",
    "BestBeliefReserve",
    "FirstPrice",
    "FirstPricePackage",
    "HopeForTheBest",
    "Independent",
    "Leveraging",
    "Market",
    "MarketFair",
    "Mechanism",
    "Naive1",
    "Naive2",
    "Naive3",
    "Naive4",
    "PerfectRevenue",
    "SecondPrice",
    "SecondPricePackage",
    "Surviving",
    "mechanism_named",
]
