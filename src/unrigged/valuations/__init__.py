"""Valuations: bidding languages with one interface, and types of the states domain."""

from unrigged.valuations.additive import Additive, BudgetAdditive, UnitDemand
from unrigged.valuations.base import Bid, Valuation
from unrigged.valuations.bids import OR, XOR, ExactBundles, ORStar, SingleMinded
from unrigged.valuations.pointwise import PointwiseMax, PointwiseMin
from unrigged.valuations.reading import read_type
from unrigged.valuations.states import StateValues
from unrigged.valuations.table import FromCallable, Table, as_table

Type = Valuation | StateValues
"""A player's type: a valuation of bundles of goods, or a value for every state."""

__all__ = [
    "OR",
    "XOR",
    "Additive",
    "Bid",
    "BudgetAdditive",
    "ExactBundles",
    "FromCallable",
    "ORStar",
    "PointwiseMax",
    "PointwiseMin",
    "SingleMinded",
    "StateValues",
    "Table",
    "Type",
    "UnitDemand",
    "Valuation",
    "as_table",
    "read_type",
]
