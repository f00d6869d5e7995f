"""Rational play of the normal-form best-belief mechanism: as in best-belief, answers following from the report.

Source: Chen and Micali 2016, Lemmas 1 and 2.
"""

from __future__ import annotations

from unrigged.strategies.base import Notes
from unrigged.strategies.best_belief import READINGS, rational

NOTES = Notes(
    optimal="Lemma 1: to report anything but your true valuation is weakly dominated. Lemma 2: to announce less "
    "revenue than the best sale you are sure of is weakly dominated by announcing that sale; to announce more is a "
    "gamble: you pay in full every price that is refused. For a coalition nothing is proved best for all its members "
    "together.",
    indifferent="How the sale is made up (who is offered what) does not matter to you as long as you are sure of it "
    "and its revenue is the same.",
    reveals="To everybody: your whole valuation, and that you believe each buyer's value to be at least his price.",
)

__all__ = ["NOTES", "READINGS", "rational"]
