"""Pointwise minimum and maximum of valuations: what beliefs guarantee, and what a coalition knows together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact
from unrigged.setting import Bundle, Goods
from unrigged.valuations.base import Bid, Valuation
from unrigged.valuations.table import as_table

PRODUCT_LIMIT = 20_000
"""More combined bids than this are not listed."""


@dataclass(frozen=True)
class _Pointwise(Valuation):
    parts: tuple[Valuation, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise InputError(self.kind, "no valuations", "at least one valuation")
        if any(part.goods != self.parts[0].goods for part in self.parts):
            raise InputError(self.kind, "valuations over different goods", "valuations over the same goods")

    @property
    def goods(self) -> Goods:  # type: ignore[override]  # derived, where other valuations store it
        return self.parts[0].goods

    @property
    def free_disposal(self) -> bool:
        return all(part.free_disposal for part in self.parts)

    def numbers(self) -> Iterable[Exact]:
        return (number for part in self.parts for number in part.numbers())

    def to_json(self) -> dict[str, Any]:
        return as_table(self).to_json()


@dataclass(frozen=True)
class PointwiseMin(_Pointwise):
    """The least of the parts' values, bundle by bundle (bounds given by `range` need not be tight)."""

    kind: ClassVar[str] = "pointwise minimum"

    def value(self, bundle: Bundle) -> Exact:
        return min(part.value(bundle) for part in self.parts)

    def range(self) -> tuple[Exact, Exact]:
        return min(part.range()[0] for part in self.parts), min(part.range()[1] for part in self.parts)

    def atomic_bids(self) -> tuple[Bid, ...] | None:
        lists = [part.atomic_bids() for part in self.parts] if self.free_disposal else []
        if not lists or any(bids is None for bids in lists) or prod(len(bids or ()) for bids in lists) > PRODUCT_LIMIT:
            return super().atomic_bids()
        unions = {0}
        for bids in lists:
            unions = {union | bundle for union, (bundle, _) in product(unions, bids or ())}
        return tuple((bundle, self.value(bundle)) for bundle in sorted(unions) if self.value(bundle) > 0)


@dataclass(frozen=True)
class PointwiseMax(_Pointwise):
    """The greatest of the parts' values, bundle by bundle (bounds given by `range` need not be tight)."""

    kind: ClassVar[str] = "pointwise maximum"

    def value(self, bundle: Bundle) -> Exact:
        return max(part.value(bundle) for part in self.parts)

    def range(self) -> tuple[Exact, Exact]:
        return max(part.range()[0] for part in self.parts), max(part.range()[1] for part in self.parts)

    def atomic_bids(self) -> tuple[Bid, ...] | None:
        lists = [part.atomic_bids() for part in self.parts]
        if any(bids is None for bids in lists):
            return super().atomic_bids()
        return tuple(bid for bids in lists for bid in bids or ())
