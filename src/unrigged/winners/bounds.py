"""Upper bounds on what an auction can bring, found without any search."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor
from time import monotonic

from unrigged.exact import Exact, exact, total
from unrigged.setting import Bundle, members, subsets
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
from unrigged.winners.formulation import Formulation
from unrigged.winners.model import Auction, greatest_worth, hard_to_value
from unrigged.winners.packing.exact import solve_exact

MOST_TABLED = 10
"""Valuations without a language are looked at bundle by bundle up to this many goods."""

MOST_BIDS = 4_000
"""Of more bids no conflict graph is built."""


def quick_bound(auction: Auction, formulation: Formulation | None = None) -> Exact:
    """A number that no allocation is worth more than: the least of three bounds.

    Everybody who can receive anything has his favourite bundle; every good brings the most that anybody's bids say of
    one good; and, with a `formulation` that is plain set packing, the conflicting bids are covered by cliques, each
    charged once. With a `formulation` the bound is also rounded to a number that values can add up to.
    """
    served = [player for player in auction.bidders if most(auction, player) >= (auction.least or 0)]
    shares = [_shares(auction.valuations[player], auction.may_own(player)) for player in served]
    tops = [most(auction, player) for player in served]
    beyond = total(top for top, share in zip(tops, shares, strict=True) if share is None)
    known = [share for share in shares if share is not None]
    by_goods = total(max((share[good] for share in known), default=0) for good in range(len(auction.goods)))
    bound = min(total(tops), beyond + by_goods)
    if formulation is None:
        return exact(bound)
    packing = formulation.packing()
    if packing is not None and len(packing.weights) <= MOST_BIDS:
        bound = min(bound, Fraction(solve_exact(packing, deadline=monotonic()).bound, formulation.scale))
    return exact(Fraction(floor(bound * formulation.scale), formulation.scale))


def most(auction: Auction, player: int) -> Exact:
    """A bound on what any bundle `player` may own is worth to him (and on 0)."""
    valuation = auction.valuations[player]
    if valuation.free_disposal and not hard_to_value(valuation):
        return valuation.value(auction.may_own(player))
    return greatest_worth(valuation)


def _shares(valuation: Valuation, mask: Bundle) -> list[Exact] | None:
    """For each good a number >= 0, so that no bundle is worth more than the sum over its goods; None for unknown."""
    if isinstance(valuation, Additive | UnitDemand | BudgetAdditive):
        return [max(0, value) if mask >> good & 1 else 0 for good, value in enumerate(valuation.per_good)]
    if isinstance(valuation, OR):
        goods = valuation.goods.everything
        return _of_bids(valuation, mask, [(wanted & goods, value) for wanted, value in valuation.packed])
    if isinstance(valuation, XOR | ExactBundles):
        return _of_bids(valuation, mask, valuation.bids)
    if isinstance(valuation, LessFee):
        return _shares(valuation.inner, mask)
    if isinstance(valuation, RoundedDown):
        return _shares(valuation.inner, mask)
    if isinstance(valuation, PointwiseMin):
        return _of_parts(valuation, mask, lambda shares: min(shares, key=total))
    if isinstance(valuation, PointwiseMax):
        return _of_parts(valuation, mask, lambda shares: [max(column) for column in zip(*shares, strict=True)])
    if mask.bit_count() <= MOST_TABLED:
        return _of_bids(valuation, mask, [(bundle, valuation.value(bundle)) for bundle in subsets(mask) if bundle])
    return None


def _of_bids(valuation: Valuation, mask: Bundle, bids: list[Bid] | tuple[Bid, ...]) -> list[Exact]:
    """Every bid's value, divided evenly among its goods."""
    shares: list[Exact] = [0] * len(valuation.goods)
    for bundle, value in bids:
        if value > 0 and bundle and not bundle & ~mask:
            share = Fraction(value) / bundle.bit_count()
            for good in members(bundle):
                shares[good] = max(shares[good], share)
    return shares


def _of_parts(
    valuation: PointwiseMin | PointwiseMax, mask: Bundle, join: Callable[[list[list[Exact]]], list[Exact]]
) -> list[Exact] | None:
    found = [_shares(part, mask) for part in valuation.parts]
    known = [share for share in found if share is not None]
    if not known or (isinstance(valuation, PointwiseMax) and len(known) < len(found)):
        return None
    return join(known)
