"""Rational play of best-belief for values that are real numbers: as in best-belief, at prices that need not be whole.

Source: Chen and Micali 2016, section 6.1, last paragraphs.
"""

from __future__ import annotations

from unrigged.strategies.base import Notes
from unrigged.strategies.best_belief import READINGS, rational

NOTES = Notes(
    optimal="There are no rewards, so the paper claims less than for whole numbers: to announce the best sale you are "
    "sure of, and to answer by your value, is at least as good as anything else, by your beliefs; other announcements "
    "may be as good. To announce more is a gamble: you pay in full every price that is refused.",
    indifferent="How the sale is made up (who is offered what) does not matter to you as long as you are sure of it "
    "and its revenue is the same; nor does which of several favourite sets you name. Where you cannot win, every "
    "announcement is worth the same; where there is no discount, so are both answers to a price that equals your "
    "value.",
    reveals="To everybody: your favourite set, and that you believe each buyer's value to be at least his price. Of "
    "your own values nothing more, unless you are offered goods: then YES or NO tells whether they are worth the price "
    "to you.",
)

__all__ = ["NOTES", "READINGS", "rational"]
