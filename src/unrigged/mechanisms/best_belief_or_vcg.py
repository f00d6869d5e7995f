"""A public coin between the best-belief mechanism and VCG: half of the better of the two, in expectation.

Source: Chen and Micali 2016, section 6.3 («a good approximation to the best of the two»).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from unrigged.mechanisms.base import Mechanism, Requirements, check_range, parameter
from unrigged.mechanisms.best_belief import BestBelief
from unrigged.mechanisms.vcg import VCG
from unrigged.protocol import Position, Then, coin


@dataclass(frozen=True)
class BestBeliefOrVCG(Mechanism):
    """Either best-belief or VCG is played; a public coin decides which before anything is announced.

    Parameters: `chance`, in (0, 1), the probability of best-belief; `eps`, in (0, 1], its parameter.
    """

    chance: Fraction = parameter("the probability of best-belief; 0 < chance < 1", Fraction(1, 2))
    eps: Fraction = parameter("set aside by best-belief for discounts and rewards; 0 < eps <= 1", Fraction(1, 10))

    name: ClassVar[str] = "best-belief-or-vcg"
    guarantee: ClassVar[str] = (
        "expected revenue >= min(chance, 1 - chance), so half, of the better one of best-belief and VCG"
    )
    assumption: ClassVar[str] = "those of best-belief and of VCG"
    source: ClassVar[str] = "Chen and Micali 2016, section 6.3"
    requires: ClassVar[Requirements] = Requirements(domain="goods")

    def check(self) -> None:
        check_range("chance", self.chance, 0, 1, "0 < chance < 1")
        check_range("eps", self.eps, 0, 1, "0 < eps <= 1", closed=True)

    @cached_property
    def selling(self) -> BestBelief:
        """Best-belief, in the same setting."""
        return BestBelief(self.setting, eps=self.eps)

    @cached_property
    def pivoting(self) -> VCG:
        """VCG, in the same setting."""
        return VCG(self.setting)

    def start(self) -> Position:
        """Step a: before anything is announced, a public coin decides which mechanism is played: best-belief with
        probability `chance`, VCG otherwise. `unrigged show` tells the rules of each."""
        return coin(
            "mechanism",
            (self.selling.name, self.chance, Then(self.selling.start)),
            (self.pivoting.name, 1 - self.chance, Then(self.pivoting.start)),
        )
