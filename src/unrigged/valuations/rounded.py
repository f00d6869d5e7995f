"""Valuations known only up to a precision: every bundle's value rounded down to a multiple of a step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, exact, written
from unrigged.setting import Bundle, Goods
from unrigged.valuations.additive import UnitDemand
from unrigged.valuations.base import Bid, Valuation
from unrigged.valuations.bids import XOR, ExactBundles, SingleMinded
from unrigged.valuations.states import StateValues
from unrigged.valuations.table import Table, as_table


def rounded_number(value: Exact, step: Exact) -> Exact:
    """The greatest multiple of `step` > 0 that is at most `value`.

    >>> rounded_number(19, 5), rounded_number(-1, 5), rounded_number(exact("2.349"), exact("0.01"))
    (15, -5, Fraction(117, 50))
    """
    return exact(value // step * step)


def positive_step(step: object) -> Exact:
    """`step` as an exact number; InputError unless it is > 0."""
    number = exact(step, "step")
    if number <= 0:
        raise InputError("step", written(number), "a step > 0")
    return number


@dataclass(frozen=True)
class RoundedDown(Valuation):
    """The value of each bundle under `inner`, rounded down to a multiple of `step` (a number > 0).

    What is rounded is the value of the whole bundle, whatever the language of `inner`: an additive valuation rounded
    down is in general no longer additive. Exact for every bundle. The atomic bids are those of `inner`, each rounded:
    the rounded maximum of bids is the maximum of the rounded bids. Bounds given by `range` are as tight as inner's.
    """

    inner: Valuation
    step: Exact
    kind: ClassVar[str] = "rounded down"

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", positive_step(self.step))

    @property
    def goods(self) -> Goods:  # type: ignore[override]  # derived, where other valuations store it
        return self.inner.goods

    def value(self, bundle: Bundle) -> Exact:
        return rounded_number(self.inner.value(bundle), self.step)

    @property
    def free_disposal(self) -> bool:
        return self.inner.free_disposal

    def range(self) -> tuple[Exact, Exact]:
        least, greatest = self.inner.range()
        return rounded_number(least, self.step), rounded_number(greatest, self.step)

    @property
    def integral(self) -> bool:
        return isinstance(self.step, int) or (refines(self.step) and self.inner.integral)

    def numbers(self) -> Iterable[Exact]:
        """The step alone: every value is a multiple of it."""
        return (self.step,)

    def atomic_bids(self) -> tuple[Bid, ...] | None:
        bids = self.inner.atomic_bids()
        if bids is None:
            return None
        rounded = ((bundle, rounded_number(value, self.step)) for bundle, value in bids)
        return tuple((bundle, value) for bundle, value in rounded if value > 0)

    def to_json(self) -> dict[str, Any]:
        return as_table(self).to_json()


def refines(step: Exact) -> bool:
    """Whether every integer is a multiple of `step`."""
    return Fraction(step).numerator == 1


def rounded_down(one: Valuation | StateValues, step: Exact) -> Valuation | StateValues:
    """`one` with every value rounded down to a multiple of `step`, in its own language where that is exact.

    Single-minded, XOR, unit-demand, exact and table valuations, and values of states, stay what they are (rounded
    number by number); others are wrapped in `RoundedDown`. An integral type is returned as it is where integers are
    multiples of the step. Raises InputError for a step that is not > 0.
    """
    step = positive_step(step)
    if refines(step) and one.integral:
        return one
    if isinstance(one, StateValues):
        return StateValues(one.states, [rounded_number(value, step) for value in one.values])
    if isinstance(one, SingleMinded):
        ((wanted, value),) = one.bids
        return SingleMinded(one.goods, wanted, rounded_number(value, step))
    if type(one) is XOR or isinstance(one, ExactBundles):
        return type(one)(one.goods, [(bundle, rounded_number(value, step)) for bundle, value in one.bids])
    if isinstance(one, UnitDemand):
        values = {good: rounded_number(v, step) for good, v in zip(one.goods, one.per_good, strict=True)}
        return UnitDemand(one.goods, values)
    if isinstance(one, Table):
        return Table(one.goods, [rounded_number(value, step) for value in one.values])
    if isinstance(one, RoundedDown) and step % one.step == 0:
        return RoundedDown(one.inner, step)
    return RoundedDown(one, step)


def priced(valuation: Valuation, step: Exact) -> Valuation:
    """`valuation` with every value rounded down to a multiple of `step`; itself where `step` is 0."""
    rounded = rounded_down(valuation, step) if step else valuation
    return rounded if isinstance(rounded, Valuation) else valuation
