"""The one interface of all valuations: `value(bundle) -> exact number`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, exact
from unrigged.setting import Bundle, Goods, members, subsets

LIST_LIMIT = 20
"""Valuations over more goods than this are never expanded to all their bundles."""

Bid = tuple[Bundle, Exact]
"""A bundle and what it is worth."""


class Valuation(ABC):
    """What a set of goods is worth to one player; the empty set is worth 0.

    Subclasses are frozen values over named `goods`. Nothing about the values of larger sets is assumed unless
    `free_disposal` says so: then no set is worth less than one of its subsets.
    """

    kind: ClassVar[str]
    goods: Goods

    @abstractmethod
    def value(self, bundle: Bundle) -> Exact:
        """The exact value of `bundle` (a bit mask over `goods`); InputError for what is no bundle of `goods`."""

    @property
    @abstractmethod
    def free_disposal(self) -> bool:
        """Whether no bundle is worth less than one of its subsets."""

    @abstractmethod
    def range(self) -> tuple[Exact, Exact]:
        """(least, greatest): bounds on the value of every bundle, tight unless the class says otherwise."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The valuation as the scenario file writes it."""

    def __call__(self, *names: str) -> Exact:
        """The value of the bundle of the goods called `names`."""
        return self.value(self.goods.bundle(names))

    @property
    def integral(self) -> bool:
        """Whether every bundle is worth an integer."""
        return all(isinstance(number, int) for number in self.numbers())

    def numbers(self) -> Iterable[Exact]:
        """The numbers the valuation is written with; every value is a sum of some of them, or one of them."""
        return (value for _, value in table_of(self))

    def favourite(self) -> Bundle:
        """The first bundle of greatest value; bundles come by size, then by goods in order (best-belief sheet)."""
        return first_favourite(self.goods, self.value, "favourite set")

    def atomic_bids(self) -> tuple[Bid, ...] | None:
        """Bids of which one at most may be taken, with the same best value for every set of goods at hand.

        That is: for every set S, the greatest value of a subset of S equals the greatest value of a bid within S (or
        0). None where no such list is shorter than all 2^m bundles and m is large.
        """
        if len(self.goods) > LIST_LIMIT:
            return None
        return tuple((bundle, value) for bundle, value in table_of(self) if value > 0)


def not_a_bundle(goods: Goods, found: object) -> InputError:
    """The error for a value asked of `found`, which is not the number of a bundle of `goods`."""
    names = ", ".join(f'"{name}"' for name in goods[:2])
    return InputError(
        "bundle", found, f"the number of a bundle of {len(goods)} goods, from 0 to 2^{len(goods)} - 1",
        f"for v, use v({names}) or v.value(goods.bundle([{names}]))",
    )  # fmt: skip


def table_of(valuation: Valuation) -> Iterable[Bid]:
    """Every non-empty bundle with its value; InputError beyond 20 goods."""
    check_listable(valuation.goods, valuation.kind)
    return ((bundle, valuation.value(bundle)) for bundle in range(1, 1 << len(valuation.goods)))


def check_listable(goods: Goods, what: str) -> None:
    """InputError where `goods` are too many to list all their bundles."""
    if len(goods) > LIST_LIMIT:
        raise InputError(what, f"{len(goods)} goods", f"at most {LIST_LIMIT} goods, since all their bundles are listed")


def bundle_order(bundle: Bundle) -> tuple[int, tuple[int, ...]]:
    """The key of the order of sets: by size, then by goods in order."""
    return bundle.bit_count(), tuple(members(bundle))


def first_favourite(goods: Goods, value: Callable[[Bundle], Exact], what: str) -> Bundle:
    """The first bundle of greatest `value` among all bundles of `goods`, by size and then by goods."""
    check_listable(goods, what)
    best, worth = 0, value(0)
    for bundle in sorted(subsets(goods.everything), key=bundle_order):
        if value(bundle) > worth:
            best, worth = bundle, value(bundle)
    return best


def read_numbers(goods: Goods, values: Mapping[str, object], where: str) -> dict[int, Exact]:
    """The number given for each good, by the good's position; InputError for an unknown good or an inexact number."""
    if not isinstance(values, Mapping):
        raise InputError(where, values, "a mapping from goods to values")
    return {goods.number(name, where): exact(value, f"{where}.{name}") for name, value in values.items()}


def read_bids(goods: Goods, bids: Iterable[tuple[Iterable[str] | Bundle, object]], where: str) -> tuple[Bid, ...]:
    """Bids given as (names of goods or bit mask, value) pairs, as (bit mask, exact number) pairs."""
    answer: list[Bid] = []
    for position, (names, value) in enumerate(bids):
        place = f"{where}[{position}]"
        bundle = names if isinstance(names, int) else goods.bundle(names, place)
        if not 0 <= bundle <= goods.everything:
            raise InputError(place, bundle, "a bundle of these goods")
        worth = exact(value, place)
        if bundle == 0 and worth != 0:
            raise InputError(place, f"the value {worth} for no goods", "0 for the empty set")
        answer.append((bundle, worth))
    return tuple(answer)


def bids_to_json(goods: Goods, bids: Iterable[Bid]) -> list[dict[str, Any]]:
    """Bids as the scenario file writes them."""
    from unrigged.exact import to_json

    return [{"goods": list(goods.names(bundle)), "value": to_json(value)} for bundle, value in bids]
