"""What rational prices come to in money: a unit, its smallest step, and one stated rounding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

from unrigged.errors import InputError
from unrigged.exact import Exact, exact, written
from unrigged.outcome import Outcome

ROUNDINGS = {
    "favour": "down to the next step, in the participant's favour",
    "nearest": "to the nearest step, halves in the participant's favour",
}


@dataclass(frozen=True)
class Money:
    """The currency's name, its smallest step (a positive rational), and how prices are rounded to steps."""

    unit: str = "points"
    step: Exact = Fraction(1, 100)
    rounding: str = "favour"

    def __post_init__(self) -> None:
        if self.step <= 0:
            raise InputError("money.step", written(self.step), "a positive number")
        if self.rounding not in ROUNDINGS:
            raise InputError("money.rounding", self.rounding, f"one of {', '.join(ROUNDINGS)}")
        if not self.unit or len(self.unit) > 20:
            raise InputError("money.unit", self.unit, "a name of 1 to 20 characters")

    @classmethod
    def read(cls, data: Any) -> Money:
        """The money that an opening states."""
        if not isinstance(data, Mapping) or set(data) != {"unit", "step", "rounding"}:
            raise InputError("money", data, "unit, step and rounding")
        if not all(isinstance(each, str) for each in data.values()):
            raise InputError("money", data, "texts")
        found = cls(data["unit"], exact(data["step"], "money.step"), data["rounding"])
        if written(found.step) != data["step"]:
            raise InputError("money.step", data["step"], written(found.step))
        return found

    def to_json(self) -> dict[str, str]:
        """The money as an opening states it."""
        return {"unit": self.unit, "step": written(self.step), "rounding": self.rounding}

    def rounded(self, price: Exact) -> Fraction:
        """The price in money; a negative one is received.

        >>> [str(Money(step=1, rounding=how).rounded(Fraction(-3, 2))) for how in ROUNDINGS]
        ['-2', '-2']
        """
        steps = Fraction(price) / self.step
        if self.rounding == "favour":
            return Fraction(floor(steps) * self.step)
        return Fraction(-floor(Fraction(1, 2) - steps) * self.step)


def payments(money: Money, outcome: Outcome) -> list[str]:
    """What everybody pays, rounded, as texts."""
    return [written(money.rounded(price)) for price in outcome.prices]
