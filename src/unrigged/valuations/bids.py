"""Valuations by bids on bundles: single-minded, OR, XOR, OR*, and exact bundles without free disposal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, to_json
from unrigged.setting import Bundle, Goods
from unrigged.valuations.base import LIST_LIMIT, Bid, Valuation, bids_to_json, not_a_bundle, read_bids
from unrigged.valuations.disjoint import DisjointSums

BidsIn = Iterable[tuple[Iterable[str] | Bundle, object]]
"""Bids as users write them: pairs of (names of goods, value)."""


@dataclass(frozen=True, init=False)
class BidList(Valuation):
    goods: Goods
    bids: tuple[Bid, ...]

    def __init__(self, goods: Iterable[str], bids: BidsIn) -> None:
        object.__setattr__(self, "goods", goods if isinstance(goods, Goods) else Goods(goods))
        object.__setattr__(self, "bids", read_bids(self.goods, bids, f"{self.kind} bids"))

    def numbers(self) -> Iterable[Exact]:
        return (value for _, value in self.bids)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "bids": bids_to_json(self.goods, self.bids)}

    def _check_bundle(self, bundle: Bundle) -> None:
        try:
            if not bundle >> len(self.goods):
                return
        except TypeError:
            pass
        raise not_a_bundle(self.goods, bundle)

    def _refuse_negative(self) -> None:
        for position, (_, value) in enumerate(self.bids):
            if value < 0:
                raise InputError(f"{self.kind} bids[{position}]", value, "a value >= 0")


@dataclass(frozen=True, init=False)
class XOR(BidList):
    """The best single bid within the goods received, with free disposal.

    >>> XOR("a b", [("a", 3), (("a", "b"), 5)])("a", "b")
    5
    """

    kind: ClassVar[str] = "xor"

    def __init__(self, goods: Iterable[str], bids: BidsIn) -> None:
        super().__init__(goods, bids)
        self._refuse_negative()

    def value(self, bundle: Bundle) -> Exact:
        self._check_bundle(bundle)
        return max((value for wanted, value in self.bids if wanted & ~bundle == 0), default=0)

    @property
    def free_disposal(self) -> bool:
        return True

    def range(self) -> tuple[Exact, Exact]:
        return 0, max((value for _, value in self.bids), default=0)

    def favourite(self) -> Bundle:
        from unrigged.valuations.base import bundle_order

        best = max((value for _, value in self.bids), default=0)
        if best <= 0:
            return 0
        return min((wanted for wanted, value in self.bids if value == best), key=bundle_order)

    def atomic_bids(self) -> tuple[Bid, ...]:
        return tuple(bid for bid in self.bids if bid[1] > 0)


@dataclass(frozen=True, init=False)
class SingleMinded(XOR):
    """One bundle is wanted; every set containing it is worth the same, every other nothing.

    >>> SingleMinded("a b", ["a", "b"], 9)("a")
    0
    """

    kind: ClassVar[str] = "single-minded"

    def __init__(self, goods: Iterable[str], wanted: Iterable[str] | Bundle, value: object) -> None:
        super().__init__(goods, [(wanted, value)])

    def to_json(self) -> dict[str, Any]:
        ((wanted, value),) = self.bids
        return {"kind": self.kind, "goods": list(self.goods.names(wanted)), "value": to_json(value)}


@dataclass(frozen=True, init=False)
class ExactBundles(BidList):
    """Exactly the bundles listed are worth their value; every other set, larger ones too, is worth 0.

    No free disposal. Negative values are allowed; a bundle is listed at most once.

    >>> ExactBundles("a b", [("a", 3)])("a", "b")
    0
    """

    kind: ClassVar[str] = "exact"

    def __init__(self, goods: Iterable[str], bids: BidsIn) -> None:
        super().__init__(goods, bids)
        listed = [bundle for bundle, _ in self.bids]
        if len(set(listed)) != len(listed):
            twice = next(bundle for bundle in listed if listed.count(bundle) > 1)
            raise InputError("exact bids", f"the bundle {self.goods.written(twice)} twice", "every bundle at most once")

    @cached_property
    def _worth(self) -> dict[Bundle, Exact]:
        return dict(self.bids)

    def value(self, bundle: Bundle) -> Exact:
        worth = self._worth.get(bundle) if isinstance(bundle, int) else None
        if worth is None:
            self._check_bundle(bundle)
            return 0
        return worth

    @cached_property
    def free_disposal(self) -> bool:
        if any(value < 0 for _, value in self.bids):
            return False
        if len(self.goods) > LIST_LIMIT:
            return all(value == 0 for _, value in self.bids)
        return all(
            self.value(bundle) <= self.value(bundle | 1 << good)
            for bundle in range(1 << len(self.goods))
            for good in range(len(self.goods))
        )

    def range(self) -> tuple[Exact, Exact]:
        values = [value for _, value in self.bids]
        return min(values, default=0) if min(values, default=0) < 0 else 0, max(0, max(values, default=0))

    def favourite(self) -> Bundle:
        from unrigged.valuations.base import bundle_order

        best = max((value for _, value in self.bids), default=0)
        if best <= 0:
            return 0
        return min((bundle for bundle, value in self.bids if value == best), key=bundle_order)

    def atomic_bids(self) -> tuple[Bid, ...]:
        return tuple(bid for bid in self.bids if bid[1] > 0)


@dataclass(frozen=True, init=False)
class OR(BidList):
    """The best sum of bids on disjoint bundles within the goods received, with free disposal.

    >>> OR("a b c", [("a", 3), (("b", "c"), 4), (("a", "b"), 6)])("a", "b", "c")
    7
    """

    kind: ClassVar[str] = "or"

    def __init__(self, goods: Iterable[str], bids: BidsIn) -> None:
        super().__init__(goods, bids)
        self._refuse_negative()

    @property
    def packed(self) -> tuple[tuple[Bundle, Exact], ...]:
        """The bids of which any set without a common bit may be taken together."""
        return tuple(bid for bid in self.bids if bid[1] > 0)

    @cached_property
    def _sums(self) -> DisjointSums:
        return DisjointSums(self.packed)

    def value(self, bundle: Bundle) -> Exact:
        self._check_bundle(bundle)
        return self._sums.best(bundle | ~self.goods.everything)

    @property
    def free_disposal(self) -> bool:
        return True

    def range(self) -> tuple[Exact, Exact]:
        return 0, self.value(self.goods.everything)


@dataclass(frozen=True, init=False)
class ORStar(OR):
    """OR bids some of which exclude one another: each may name *dummies*, and two that share one are not both taken.

    >>> ORStar("a b", [("a", 3, ["x"]), ("b", 4, ["x"])])("a", "b")
    4
    """

    dummies: tuple[str, ...]
    kind: ClassVar[str] = "or*"

    def __init__(
        self, goods: Iterable[str], bids: Iterable[tuple[Iterable[str] | Bundle, object, Iterable[str]]]
    ) -> None:
        given = [(names, value, tuple(shared)) for names, value, shared in bids]
        super().__init__(goods, [(names, value) for names, value, _ in given])
        labels = tuple(dict.fromkeys(label for _, _, shared in given for label in shared))
        masks = []
        for (bundle, value), (_, _, shared) in zip(self.bids, given, strict=True):
            extra = sum(1 << (len(self.goods) + labels.index(label)) for label in dict.fromkeys(shared))
            masks.append((bundle | extra, value))
        object.__setattr__(self, "dummies", labels)
        object.__setattr__(self, "bids", tuple(masks))

    def to_json(self) -> dict[str, Any]:
        plain = bids_to_json(self.goods, [(bundle & self.goods.everything, value) for bundle, value in self.bids])
        for row, (bundle, _) in zip(plain, self.bids, strict=True):
            row["dummies"] = [label for k, label in enumerate(self.dummies) if bundle >> (len(self.goods) + k) & 1]
        return {"kind": self.kind, "bids": plain}
