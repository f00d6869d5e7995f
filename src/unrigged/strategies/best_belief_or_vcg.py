"""Rational play of the coin between best-belief and VCG: that of whichever mechanism the coin shows.

Source: Chen and Micali 2016, section 6.3.
"""

from __future__ import annotations

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.best_belief import BestBelief
from unrigged.mechanisms.vcg import VCG
from unrigged.strategies import best_belief, vcg
from unrigged.strategies.base import ByMechanism, Notes, Strategy

READINGS = vcg.READINGS
"""The readings are those of play in VCG; in best-belief everybody plays as Lemmas 3 and 4 say."""

NOTES = Notes(
    optimal="The coin comes first: what is known of each mechanism holds for it as it stands.",
    indifferent="Nothing you can do changes the coin; within each mechanism see there.",
    reveals="Nothing before the coin; then what the mechanism it shows reveals: little in best-belief, your whole "
    "valuation in VCG.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """The coin comes first, so what is rational in each mechanism is rational in the mixture."""
    selling = best_belief.rational(mechanism, benchmarks, agent, next(iter(best_belief.READINGS)))
    return ByMechanism(((BestBelief.name, selling), (VCG.name, vcg.rational(mechanism, benchmarks, agent, reading))))
