"""Auctions and markets that collusion cannot rig: define them, play them exactly, prove what they promise.

    import unrigged as ur

Valuations, settings and contexts say who wants what and who knows what; a mechanism is built from a setting; strategies
and `outcomes` bring the two together. Importing this package imports no solver.
"""

from typing import TYPE_CHECKING, Any

from unrigged.benchmarks import Benchmark, Benchmarks
from unrigged.context import Bounds, Box, Context, Nothing, Perfect, Precision, Profiles
from unrigged.errors import BudgetExceeded, IllegalMove, InputError, UnriggedError
from unrigged.exact import Exact, exact
from unrigged.mechanisms import (
    VCG,
    BestBelief,
    BestBeliefDecimal,
    BestBeliefNormal,
    BestBeliefOrVCG,
    BestBeliefProportional,
    BestBeliefReal,
    BestBeliefReserve,
    FirstPrice,
    FirstPricePackage,
    HopeForTheBest,
    Independent,
    Leveraging,
    Market,
    MarketFair,
    Mechanism,
    Naive1,
    Naive2,
    Naive3,
    Naive4,
    PerfectRevenue,
    SecondPrice,
    SecondPricePackage,
    Surviving,
    mechanism_named,
)
from unrigged.moves.answer import NO, YES
from unrigged.outcome import Outcome
from unrigged.play import Distribution, Play, outcomes, play
from unrigged.protocol import replay
from unrigged.setting import NOBODY, NULL_STATE, Goods, Setting, States, auction, choice, market
from unrigged.strategies.base import ByValue, Mixed, RandomPlay, Scripted, Silent
from unrigged.strategies.registry import rational, rational_profile
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    ExactBundles,
    FromCallable,
    ORStar,
    SingleMinded,
    StateValues,
    Table,
    UnitDemand,
    Valuation,
)

if TYPE_CHECKING:
    from unrigged.advice import advise
    from unrigged.payments import core_payments, in_core, vcg_payments

LATE = {"advise": "advice", "core_payments": "payments", "in_core": "payments", "vcg_payments": "payments"}
"""What is imported when it is first asked for, and from which module."""

__all__ = [
    "NO",
    "NOBODY",
    "NULL_STATE",
    "OR",
    "VCG",
    "XOR",
    "YES",
    "Additive",
    "Benchmark",
    "Benchmarks",
    "BestBelief",
    "BestBeliefDecimal",
    "BestBeliefNormal",
    "BestBeliefOrVCG",
    "BestBeliefProportional",
    "BestBeliefReal",
    "BestBeliefReserve",
    "Bounds",
    "Box",
    "BudgetAdditive",
    "BudgetExceeded",
    "ByValue",
    "Context",
    "Distribution",
    "Exact",
    "ExactBundles",
    "FirstPrice",
    "FirstPricePackage",
    "FromCallable",
    "Goods",
    "HopeForTheBest",
    "IllegalMove",
    "Independent",
    "InputError",
    "Leveraging",
    "Market",
    "MarketFair",
    "Mechanism",
    "Mixed",
    "Naive1",
    "Naive2",
    "Naive3",
    "Naive4",
    "Nothing",
    "ORStar",
    "Outcome",
    "Perfect",
    "PerfectRevenue",
    "Play",
    "Precision",
    "Profiles",
    "RandomPlay",
    "Scripted",
    "SecondPrice",
    "SecondPricePackage",
    "Setting",
    "Silent",
    "SingleMinded",
    "StateValues",
    "States",
    "Surviving",
    "Table",
    "UnitDemand",
    "UnriggedError",
    "Valuation",
    "advise",
    "auction",
    "choice",
    "core_payments",
    "exact",
    "in_core",
    "market",
    "mechanism_named",
    "outcomes",
    "play",
    "rational",
    "rational_profile",
    "replay",
    "vcg_payments",
]


def __getattr__(name: str) -> Any:
    if name not in LATE:
        raise AttributeError(f"module 'unrigged' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"unrigged.{LATE[name]}"), name)
