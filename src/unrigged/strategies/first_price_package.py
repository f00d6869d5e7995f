"""Play of the first-price package auction, in which nothing is dominant: bids at one's values, for comparison.

Source: ours.
"""

from __future__ import annotations

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition
from unrigged.mechanisms.base import Mechanism
from unrigged.strategies.base import Strategy
from unrigged.strategies.vcg import Truthful

READINGS = {"value": "bid one's values (not claimed rational: it never brings any gain)"}


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """Every player reports his valuation, colluding or not."""
    return Truthful(benchmarks.context)
