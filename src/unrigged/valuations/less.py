"""Valuations less a fee for taking part: what a bundle is worth beyond what its owner has already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, exact
from unrigged.setting import Bundle, Goods
from unrigged.valuations.additive import UnitDemand
from unrigged.valuations.base import Bid, Valuation
from unrigged.valuations.bids import XOR, ExactBundles, SingleMinded
from unrigged.valuations.table import Table, as_table


@dataclass(frozen=True)
class LessFee(Valuation):
    """What a bundle is worth under `inner` beyond a `fee` >= 0, and never less than 0: max(0, v(S) - fee).

    The fee is taken once, from the value of the whole bundle, whatever the language of `inner`: an additive valuation
    less a fee is in general no longer additive. The atomic bids are those of `inner`, each less the fee. Bounds given
    by `range` are as tight as inner's.

    >>> from unrigged.valuations import Additive
    >>> LessFee(Additive("a b", {"a": 3, "b": 4}), 5)("a", "b")
    2
    """

    inner: Valuation
    fee: Exact
    kind: ClassVar[str] = "less a fee"

    def __post_init__(self) -> None:
        object.__setattr__(self, "fee", exact(self.fee, "fee"))
        if self.fee < 0:
            raise InputError("fee", self.fee, "a fee >= 0")

    @property
    def goods(self) -> Goods:  # type: ignore[override]  # derived, where other valuations store it
        return self.inner.goods

    def value(self, bundle: Bundle) -> Exact:
        return exact(max(0, self.inner.value(bundle) - self.fee))

    @property
    def free_disposal(self) -> bool:
        return self.inner.free_disposal

    def range(self) -> tuple[Exact, Exact]:
        return 0, max(0, self.inner.range()[1] - self.fee)

    def numbers(self) -> Iterable[Exact]:
        return (*self.inner.numbers(), -self.fee)

    def favourite(self) -> Bundle:
        best = self.inner.favourite()
        return best if self.value(best) > 0 else 0

    def atomic_bids(self) -> tuple[Bid, ...] | None:
        bids = self.inner.atomic_bids()
        return None if bids is None else _reduced(bids, self.fee)

    def to_json(self) -> dict[str, Any]:
        return as_table(self).to_json()


def less_fee(one: Valuation, fee: Exact) -> Valuation:
    """`one` less a `fee` >= 0, in its own language where that is exact, else wrapped in `LessFee`.

    Single-minded, XOR, unit-demand, exact and table valuations stay what they are; of exact bundles and tables only
    the values above the fee remain. InputError for a negative fee.
    """
    wrapped = LessFee(one, fee)
    if fee == 0:
        return one
    if isinstance(one, SingleMinded):
        ((wanted, value),) = one.bids
        return SingleMinded(one.goods, wanted, max(0, value - fee))
    if type(one) is XOR or isinstance(one, ExactBundles):
        return type(one)(one.goods, _reduced(one.bids, fee))
    if isinstance(one, UnitDemand):
        return UnitDemand(one.goods, {g: max(0, v - fee) for g, v in zip(one.goods, one.per_good, strict=True)})
    if isinstance(one, Table):
        return Table(one.goods, [max(0, value - fee) for value in one.values])
    return wrapped


def _reduced(bids: Iterable[Bid], fee: Exact) -> tuple[Bid, ...]:
    return tuple((bundle, exact(value - fee)) for bundle, value in bids if value > fee)
