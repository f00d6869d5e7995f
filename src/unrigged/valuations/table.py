"""Valuations given point by point: an explicit table of all 2^m values, or a Python callable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, exact, to_json
from unrigged.setting import Bundle, Goods
from unrigged.valuations.base import Valuation, check_listable, not_a_bundle


@dataclass(frozen=True, init=False)
class Table(Valuation):
    """All 2^m values, by bit mask (`values[0]` is the empty set's 0). No free disposal unless the values have it.

    >>> Table("a b", [0, 3, 4, 1])("a", "b")
    1
    """

    goods: Goods
    values: tuple[Exact, ...]
    kind: ClassVar[str] = "table"

    def __init__(self, goods: Iterable[str], values: Sequence[object]) -> None:
        object.__setattr__(self, "goods", goods if isinstance(goods, Goods) else Goods(goods))
        check_listable(self.goods, "table")
        if len(values) != 1 << len(self.goods):
            raise InputError(
                "table values", f"{len(values)} values", f"all {1 << len(self.goods)} of them, the empty set first"
            )
        object.__setattr__(self, "values", tuple(exact(value, f"table values[{k}]") for k, value in enumerate(values)))
        if self.values[0] != 0:
            raise InputError("table values[0]", self.values[0], "0 for the empty set")

    @classmethod
    def from_names(cls, goods: Iterable[str], values: Mapping[tuple[str, ...], object]) -> Table:
        """A table from a mapping that names every non-empty bundle; InputError where one is missing."""
        listed = goods if isinstance(goods, Goods) else Goods(goods)
        check_listable(listed, "table")
        by_mask = {listed.bundle(names, "table"): value for names, value in values.items()}
        for bundle in range(1, 1 << len(listed)):
            if bundle not in by_mask:
                raise InputError("table", f"no value for {listed.written(bundle)}", "a value for every set of goods")
        return cls(listed, [by_mask.get(bundle, 0) for bundle in range(1 << len(listed))])

    def value(self, bundle: Bundle) -> Exact:
        try:
            if bundle >= 0:
                return self.values[bundle]
        except (TypeError, IndexError):
            pass
        raise not_a_bundle(self.goods, bundle)

    @cached_property
    def free_disposal(self) -> bool:
        return all(
            self.values[bundle] <= self.values[bundle | 1 << good]
            for bundle in range(len(self.values))
            for good in range(len(self.goods))
        )

    def range(self) -> tuple[Exact, Exact]:
        return min(self.values), max(self.values)

    def numbers(self) -> Iterable[Exact]:
        return self.values

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "values": [to_json(value) for value in self.values]}


@dataclass(frozen=True)
class FromCallable(Valuation):
    """Whatever `function` says of a frozenset of good names; it must be pure and return exact numbers.

    `disposal` declares whether no set is worth less than one of its subsets; it is checked on every set asked for
    only as far as `range` and `favourite` list them. The empty set is worth 0 without asking.
    """

    goods: Goods
    function: Callable[[frozenset[str]], object]
    disposal: bool = False
    kind: ClassVar[str] = "callable"
    _known: dict[Bundle, Exact] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.goods, Goods):
            object.__setattr__(self, "goods", Goods(self.goods))

    def value(self, bundle: Bundle) -> Exact:
        if bundle == 0:
            return 0
        if bundle not in self._known:
            if not isinstance(bundle, int) or bundle >> len(self.goods):
                raise not_a_bundle(self.goods, bundle)
            names = frozenset(self.goods.names(bundle))
            self._known[bundle] = exact(self.function(names), f"value of {self.goods.written(bundle)}")
        return self._known[bundle]

    @property
    def free_disposal(self) -> bool:
        return self.disposal

    def range(self) -> tuple[Exact, Exact]:
        check_listable(self.goods, "a valuation from a callable")
        values = [self.value(bundle) for bundle in range(1 << len(self.goods))]
        return min(values), max(values)

    def to_json(self) -> dict[str, Any]:
        return as_table(self).to_json()


def as_table(valuation: Valuation) -> Table:
    """The same valuation as an explicit table (at most 20 goods)."""
    check_listable(valuation.goods, "table")
    return Table(valuation.goods, [valuation.value(bundle) for bundle in range(1 << len(valuation.goods))])
