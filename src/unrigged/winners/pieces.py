"""An auction cut into pieces: bundles that are worth trying for each bidder, whatever language he bids in.

The approximate methods give out piece after piece. A player of many OR bids, whose bundles are hard to value, comes as
many bidders of one bid each; the dummies of OR* bids are goods of their own, of which everybody has only his.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from unrigged.exact import Exact
from unrigged.setting import NOBODY, Allocation, Bundle, members, subsets
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    ExactBundles,
    PointwiseMax,
    PointwiseMin,
    UnitDemand,
    Valuation,
)
from unrigged.valuations.base import Bid
from unrigged.valuations.less import LessFee
from unrigged.valuations.rounded import RoundedDown
from unrigged.winners.model import Auction, Infeasible, hard_to_value

ALL_OF = 8
"""Of a valuation without a language all bundles of up to this many goods are pieces; of more, goods and pairs."""

MOST_UNIONS = 2_000
"""A minimum of lists of bids gives the unions of one bid from each list, up to this many."""

MOST_VALUES = 100_000
"""Worths of bundles that are remembered for one bidder; then all are forgotten."""


@dataclass(frozen=True)
class Bidder:
    """Somebody who may be given pieces: `player`, or a single `bid` of his, with what he may own (`mask`)."""

    player: int
    mask: Bundle
    valued: Callable[[Bundle], Exact]
    pieces: tuple[Bundle, ...]
    separate: bool
    """Whether a piece that adds value never makes a good useless that he has already."""

    bid: Bid | None = None

    @cached_property
    def _known(self) -> dict[Bundle, Exact]:
        return {0: 0}

    def worth(self, bundle: Bundle) -> Exact:
        """What `bundle` is worth."""
        found = self._known.get(bundle)
        if found is None:
            found = self.valued(bundle)
            if len(self._known) > MOST_VALUES:
                self._known.clear()
                self._known[0] = 0
            self._known[bundle] = found
        return found


class Pieces:
    """The bidders of `auction` with their pieces: `listed` holds (bidder, bundle) pairs.

    Bits from the number of goods on are dummies. Raises Infeasible where a good that must be sold may go to nobody.
    """

    def __init__(self, auction: Auction) -> None:
        self.auction = auction
        self.must = auction.must_sell
        self.everything = auction.goods.everything
        self.bidders: list[Bidder] = []
        for player in auction.bidders:
            self._player(player)
        owned = 0
        for bidder in self.bidders:
            owned |= bidder.mask
        if self.must & ~owned:
            raise Infeasible
        self.listed = [(number, piece) for number, bidder in enumerate(self.bidders) for piece in bidder.pieces]

    @cached_property
    def by_good(self) -> dict[int, list[int]]:
        """For every good (and dummy) the positions in `listed` of the pieces that contain it."""
        found: dict[int, list[int]] = {}
        for position, (_, piece) in enumerate(self.listed):
            for good in members(piece):
                found.setdefault(good, []).append(position)
        return found

    def enough(self, bundle: Bundle, worth: Exact) -> bool:
        """Whether a bidder may have a bundle of that worth."""
        return not bundle or self.auction.least is None or worth >= self.auction.least

    def allocation(self, bundles: Sequence[Bundle]) -> tuple[Allocation, dict[int, list[Bid]]]:
        """The allocation in which every bidder has his bundle, and the OR bids it stands on, by player."""
        owners = [NOBODY] * len(self.auction.goods)
        taken: dict[int, list[Bid]] = {}
        for bidder, bundle in zip(self.bidders, bundles, strict=True):
            for good in members(bundle & self.auction.goods.everything):
                owners[good] = bidder.player
            if bidder.bid is not None and bidder.worth(bundle):
                taken.setdefault(bidder.player, []).append(bidder.bid)
        return tuple(owners), taken

    def _player(self, player: int) -> None:
        auction = self.auction
        valuation, mask = auction.valuations[player], auction.may_own(player)
        if not mask:
            return
        if isinstance(valuation, OR) and hard_to_value(valuation):
            self._bids(player, valuation, mask)
            return
        pieces = {piece & mask for piece in pieces_of(valuation, mask)}
        pieces.add(mask)
        pieces |= {1 << good for good in members(mask & self.must)}
        pieces.discard(0)
        separate = isinstance(valuation, Additive) and valuation.capacity is None
        self.bidders.append(Bidder(player, mask, valuation.value, tuple(sorted(pieces)), separate))

    def _bids(self, player: int, valuation: OR, mask: Bundle) -> None:
        """A bidder for each bid; where goods must be sold, each may be given more than he bids for."""
        goods = self.auction.goods.everything
        dummies: dict[int, int] = {}
        for bid in valuation.packed:
            wanted, value = bid
            if wanted & goods & ~mask:
                continue
            own = wanted & goods
            for dummy in members(wanted & ~goods):
                if dummy not in dummies:
                    dummies[dummy] = self.everything + 1
                    self.everything |= dummies[dummy]
                own |= dummies[dummy]
            more = mask & self.must
            pieces = (own, *(1 << good for good in members(more & ~own)))
            self.bidders.append(Bidder(player, own | more, _single(own, value), pieces, not more, bid))


def _single(wanted: Bundle, value: Exact) -> Callable[[Bundle], Exact]:
    return lambda bundle: value if not wanted & ~bundle else 0


def pieces_of(valuation: Valuation, mask: Bundle) -> list[Bundle]:
    """Bundles that the language of `valuation` speaks of; those not within `mask` are left out."""
    if isinstance(valuation, XOR | ExactBundles):
        found = [bundle for bundle, value in valuation.bids if value > 0]
    elif isinstance(valuation, OR):
        found = [bundle & valuation.goods.everything for bundle, _ in valuation.packed]
    elif isinstance(valuation, Additive | UnitDemand | BudgetAdditive):
        found = [1 << good for good, value in enumerate(valuation.per_good) if value > 0]
    elif isinstance(valuation, RoundedDown | LessFee):
        found = pieces_of(valuation.inner, mask)
    elif isinstance(valuation, PointwiseMax):
        found = [piece for part in valuation.parts for piece in pieces_of(part, mask)]
    elif isinstance(valuation, PointwiseMin):
        found = _unions([pieces_of(part, mask) for part in valuation.parts])
    else:
        found = _bundles(mask)
    return [piece for piece in found if not piece & ~mask]


def _unions(lists: list[list[Bundle]]) -> list[Bundle]:
    """The pieces of all parts, and the unions of one piece from each where these are not too many."""
    found = {piece for pieces in lists for piece in pieces}
    if prod(len(pieces) for pieces in lists) <= MOST_UNIONS:
        unions = {0}
        for pieces in lists:
            unions = {union | piece for union in unions for piece in pieces}
        found |= unions
    return sorted(found)


def _bundles(mask: Bundle) -> list[Bundle]:
    if mask.bit_count() <= ALL_OF:
        return list(subsets(mask))
    singles = [1 << good for good in members(mask)]
    return [*singles, *(one | other for one in singles for other in singles if one < other)]
