"""Valuations by single goods: additive (with a capacity, if any), unit-demand, budget-additive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, exact, integer, to_json, total
from unrigged.setting import Bundle, Goods, members
from unrigged.valuations.base import Bid, Valuation, not_a_bundle, read_numbers


@dataclass(frozen=True, init=False)
class _PerGood(Valuation):
    """A value for each good; goods not named are worth 0."""

    goods: Goods
    per_good: tuple[Exact, ...]

    def __init__(self, goods: Iterable[str], values: Mapping[str, object]) -> None:
        object.__setattr__(self, "goods", goods if isinstance(goods, Goods) else Goods(goods))
        given = read_numbers(self.goods, values, f"{self.kind} values")
        object.__setattr__(self, "per_good", tuple(given.get(good, 0) for good in range(len(self.goods))))

    def numbers(self) -> Iterable[Exact]:
        return self.per_good

    def _values(self, bundle: Bundle) -> list[Exact]:
        """What the goods of `bundle` are worth one by one."""
        if not bundle and bundle != 0:
            raise not_a_bundle(self.goods, bundle)
        try:
            return [self.per_good[good] for good in members(bundle)]
        except (TypeError, IndexError):
            raise not_a_bundle(self.goods, bundle) from None

    def _refuse_negative(self) -> None:
        for good, value in zip(self.goods, self.per_good, strict=True):
            if value < 0:
                raise InputError(f"{self.kind} values.{good}", value, "a value >= 0")

    def _values_json(self) -> dict[str, Any]:
        return {good: to_json(value) for good, value in zip(self.goods, self.per_good, strict=True) if value != 0}


@dataclass(frozen=True, init=False)
class Additive(_PerGood):
    """The sum of the values of the goods; with a `capacity`, of the `capacity` most valuable ones.

    >>> Additive("a b", {"a": 3, "b": 4})("a", "b")
    7

    Negative values are allowed without a capacity; free disposal holds exactly when there are none.
    """

    capacity: int | None
    kind: ClassVar[str] = "additive"

    def __init__(self, goods: Iterable[str], values: Mapping[str, object], capacity: int | None = None) -> None:
        super().__init__(goods, values)
        if capacity is not None:
            integer(capacity, "capacity", least=0)
            self._refuse_negative()
        object.__setattr__(self, "capacity", capacity)

    def value(self, bundle: Bundle) -> Exact:
        values = self._values(bundle)
        if self.capacity is not None and len(values) > self.capacity:
            values = sorted(values, reverse=True)[: self.capacity]
        return total(values)

    @property
    def free_disposal(self) -> bool:
        return min(self.per_good, default=0) >= 0

    def range(self) -> tuple[Exact, Exact]:
        if self.capacity is not None:
            return 0, self.value(self.goods.everything)
        return total(v for v in self.per_good if v < 0), total(v for v in self.per_good if v > 0)

    def favourite(self) -> Bundle:
        chosen = sorted(
            (good for good, value in enumerate(self.per_good) if value > 0), key=lambda g: -self.per_good[g]
        )
        return sum(1 << good for good in chosen[: self.capacity])

    def to_json(self) -> dict[str, Any]:
        limit = {} if self.capacity is None else {"capacity": self.capacity}
        return {"kind": self.kind, "values": self._values_json(), **limit}


@dataclass(frozen=True, init=False)
class UnitDemand(_PerGood):
    """The value of the most valuable good received.

    >>> UnitDemand("a b", {"a": 3, "b": 4})("a", "b")
    4
    """

    kind: ClassVar[str] = "unit-demand"

    def __init__(self, goods: Iterable[str], values: Mapping[str, object]) -> None:
        super().__init__(goods, values)
        self._refuse_negative()

    def value(self, bundle: Bundle) -> Exact:
        return max(self._values(bundle), default=0)

    @property
    def free_disposal(self) -> bool:
        return True

    def range(self) -> tuple[Exact, Exact]:
        return 0, max(self.per_good, default=0)

    def favourite(self) -> Bundle:
        best = max(self.per_good, default=0)
        return 1 << self.per_good.index(best) if best > 0 else 0

    def atomic_bids(self) -> tuple[Bid, ...]:
        return tuple((1 << good, value) for good, value in enumerate(self.per_good) if value > 0)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "values": self._values_json()}


@dataclass(frozen=True, init=False)
class BudgetAdditive(_PerGood):
    """The sum of the values of the goods, at most `budget`.

    >>> BudgetAdditive("a b", {"a": 3, "b": 4}, budget=5)("a", "b")
    5
    """

    budget: Exact
    kind: ClassVar[str] = "budget-additive"

    def __init__(self, goods: Iterable[str], values: Mapping[str, object], budget: object) -> None:
        super().__init__(goods, values)
        self._refuse_negative()
        limit = exact(budget, "budget")
        if limit < 0:
            raise InputError("budget", limit, "a budget >= 0")
        object.__setattr__(self, "budget", limit)

    def value(self, bundle: Bundle) -> Exact:
        return min(self.budget, total(self._values(bundle)))

    @property
    def free_disposal(self) -> bool:
        return True

    def range(self) -> tuple[Exact, Exact]:
        return 0, self.value(self.goods.everything)

    def numbers(self) -> Iterable[Exact]:
        return (*self.per_good, self.budget)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "values": self._values_json(), "budget": to_json(self.budget)}
