"""Play of the first-price package auction, in which nothing is dominant: bids at one's values, for comparison.

Source: ours.
"""

from __future__ import annotations

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition
from unrigged.mechanisms.base import Mechanism
from unrigged.strategies.base import Notes, Strategy
from unrigged.strategies.vcg import Truthful

READINGS = {"value": "bid one's values (not claimed rational: it never brings any gain)"}

NOTES = Notes(
    optimal="Nothing is known to be optimal: to bid your values brings no gain at all, to bid less may lose what you "
    "want. Values are bid here for comparison only.",
    indifferent="Bids that win nothing are all worth the same to you, and so are bids of your full values.",
    reveals="To everybody: all your bids.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """Every player reports his valuation, colluding or not."""
    return Truthful(benchmarks.context)
