"""Auctions with tables or callables for valuations: all bundles are listed for the partition dynamic programming."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from time import perf_counter

from unrigged.exact import Exact
from unrigged.setting import Bundle, allocation_of, subsets
from unrigged.valuations import FromCallable, PointwiseMax, PointwiseMin, Table, Valuation
from unrigged.valuations.rounded import RoundedDown
from unrigged.winners.model import Auction, Infeasible, Winners, answer

MOST_GOODS = 20
"""Auctions of more goods are not listed bundle by bundle."""

STEP_SECONDS = 1e-9
"""About how long one of the n·3^m steps takes."""


def is_tabled(auction: Auction) -> bool:
    """Whether some valuation has no language to be modelled in, and the goods are few enough to list all bundles."""
    return len(auction.goods) <= MOST_GOODS and any(without_language(auction.valuations[i]) for i in auction.bidders)


def seconds_needed(auction: Auction) -> float:
    """A rough guess, for a caller with a time limit."""
    return len(auction.bidders) * 3.0 ** len(auction.goods) * STEP_SECONDS


def solve(auction: Auction) -> Winners:
    """The best allocation, proved exactly. Raises Infeasible where no allocation obeys the rules.

    Cost: n·2^m valuations of bundles and n·3^m compiled steps.
    """
    from unrigged.winners import dense

    begun = perf_counter()
    rows = [_row(auction, player) for player in auction.bidders]
    scale = lcm(*{Fraction(value).denominator for row in rows for value in row if value is not None})
    whole = [[None if value is None else int(value * scale) for value in row] for row in rows]
    if auction.must_sell and auction.must_sell != auction.goods.everything:
        whole.append([None if bundle & auction.must_sell else 0 for bundle in range(1 << len(auction.goods))])
    if not whole:
        if auction.must_sell:
            raise Infeasible
        whole = [[0] * (1 << len(auction.goods))]
    reach = sum(max(abs(value) for value in row if value is not None) for row in whole)
    forbidden = -2 * reach - 1
    tables = [[forbidden if value is None else value for value in row] for row in whole]
    division = dense.divide(tables, unsold=not auction.must_sell)
    if division.value < -reach:
        raise Infeasible
    bundles = [0] * auction.n
    for player, bundle in zip(auction.bidders, division.bundles, strict=False):
        bundles[player] = bundle
    allocation = allocation_of(bundles, len(auction.goods))
    return answer(auction, allocation, None, "exact", seconds=perf_counter() - begun, nodes=0, engine="dense tables")


def without_language(valuation: Valuation) -> bool:
    """Whether bundles can be valued only one by one."""
    if isinstance(valuation, PointwiseMin | PointwiseMax):
        return any(without_language(part) for part in valuation.parts)
    if isinstance(valuation, RoundedDown):
        return without_language(valuation.inner)
    return isinstance(valuation, Table | FromCallable)


def _row(auction: Auction, player: int) -> list[Exact | None]:
    """What every bundle is worth to `player`, None where he may not receive it."""
    valuation, mask = auction.valuations[player], auction.may_own(player)
    row: list[Exact | None]
    if isinstance(valuation, Table):
        row = list(valuation.values)
    else:
        row = [None] * (1 << len(auction.goods))
        for bundle in subsets(mask):
            row[bundle] = valuation.value(bundle)
    for bundle, value in enumerate(row):
        if bundle and (value is None or not _may_receive(auction, bundle, value, mask)):
            row[bundle] = None
    return row


def _may_receive(auction: Auction, bundle: Bundle, value: Exact, mask: Bundle) -> bool:
    return not bundle & ~mask and (auction.least is None or value >= auction.least)
