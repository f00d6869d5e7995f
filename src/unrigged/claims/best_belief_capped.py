"""Proportional rewards repaired: the budget is a share of the revenue, and never more than one unit of money.

Source: the first variant of Chen and Micali 2016, section 6.3, with the bound that its main mechanism has (eps <= 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from unrigged.exact import Exact
from unrigged.mechanisms.best_belief_variants import BestBeliefProportional
from unrigged.outcome import Outcome


@dataclass(frozen=True)
class CappedProportional(BestBeliefProportional):
    """The budget for discounts and rewards together is the smaller of eps·R and 1."""

    name: ClassVar[str] = "best-belief-proportional with a budget of at most 1"
    guarantee: ClassVar[str] = "revenue >= max((1 - eps)·BB, BB - 1)/2"

    def unit(self, offer: Outcome) -> Fraction:
        """What a buyer's discount is, and what bounds every reward: below 1, the smallest difference of two prices."""
        return min(self.eps * offer.revenue, Fraction(1)) / (2 * self.setting.n)

    def discount(self, offer: Outcome) -> Exact:
        return self.unit(offer)

    def reward(self, announced: Exact, offer: Outcome) -> Exact:
        return self.unit(offer) * announced / (1 + announced)
