"""Winner determination for few goods: partition dynamic programming in exact integers, any valuation.

Needs nothing but Python, so that small examples never wait for a compiler or a solver to load.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from time import perf_counter

from unrigged.exact import Exact
from unrigged.setting import NOBODY, Bundle, members, subsets
from unrigged.winners.model import Auction, Infeasible, Winners, answer, hard_to_value

ENGINE = "partition dynamic programming"
"""The name this engine signs its answers with."""

TABLE_LIMIT = 40_000
"""Most values of bundles (over all players) that are evaluated here."""

STEP_LIMIT = 400_000
"""Most combinations that are looked at here."""

Options = list[tuple[Bundle, int]]
"""Bundles a player may receive, with their combined worth."""


def solve(auction: Auction, *, step_limit: int = STEP_LIMIT, table_limit: int = TABLE_LIMIT) -> Winners | None:
    """The lexicographically first optimum, proved exactly; None where the auction is too large for this engine.

    Raises Infeasible where no allocation obeys the rules. Cost: at most n·3^m steps, far fewer for sparse bids.
    Allocations come in the order of their owners, good 0 the most significant and NOBODY first; value and order are
    compared as one integer, value · K - order, which adds up over disjoint bundles.
    """
    begun = perf_counter()
    goods, n = len(auction.goods), auction.n
    if len(auction.bidders) << goods > table_limit:
        return None
    if any(hard_to_value(auction.valuations[player]) for player in auction.bidders):
        return None
    rank = [(n + 1) ** (goods - 1 - good) for good in range(goods)]
    orders = _sums(rank)
    unit = (n + 1) ** goods
    tables = _tables(auction)
    scale = lcm(*(Fraction(value).denominator for _, table in tables for _, value in table))
    stay = auction.goods.everything & ~auction.must_sell
    options = [
        (player, _useful([(b, int(value * scale) * unit - (player + 1) * orders[b]) for b, value in table], stay))
        for player, table in tables
    ]
    steps = sum(1 << (goods - bundle.bit_count()) for _, listed in options for bundle, _ in listed)
    if steps > step_limit:
        return None
    owners = _best(goods, stay, options)
    return answer(auction, owners, None, "exact", seconds=perf_counter() - begun, nodes=steps, engine=ENGINE)


def _tables(auction: Auction) -> list[tuple[int, list[tuple[Bundle, Exact]]]]:
    answers = []
    for player in auction.bidders:
        value = auction.valuations[player].value
        listed = [(bundle, value(bundle)) for bundle in subsets(auction.may_own(player)) if bundle]
        if auction.least is not None:
            listed = [(bundle, worth) for bundle, worth in listed if worth >= auction.least]
        answers.append((player, listed))
    return answers


def _sums(rank: list[int]) -> list[int]:
    sums = [0]
    for weight in rank:
        sums += [weight + before for before in sums]
    return sums


def _useful(listed: Options, stay: Bundle) -> Options:
    """Without the bundles that are beaten after leaving one or more of their goods unsold."""
    best: dict[Bundle, int] = {0: 0}
    kept = []
    for bundle, worth in listed:
        smaller = [best[bundle ^ 1 << good] for good in members(bundle & stay) if bundle ^ 1 << good in best]
        before = max(smaller, default=worth - 1)
        best[bundle] = max(before, worth)
        if worth > before:
            kept.append((bundle, worth))
    return kept


def _best(goods: int, stay: Bundle, options: list[tuple[int, Options]]) -> tuple[int, ...]:
    everything = (1 << goods) - 1
    limit = 1 + sum(max((abs(worth) for _, worth in listed), default=0) for _, listed in options)
    values = [0 if not held & ~stay else -4 * limit for held in range(1 << goods)]
    picks: list[tuple[int, dict[Bundle, Bundle]]] = []
    for player, listed in options:
        before, values = values, values.copy()
        pick: dict[Bundle, Bundle] = {}
        for bundle, worth in listed:
            for rest in subsets(everything & ~bundle):
                candidate = before[rest] + worth
                if candidate > values[rest | bundle]:
                    values[rest | bundle] = candidate
                    pick[rest | bundle] = bundle
        picks.append((player, pick))
    if values[everything] < -2 * limit:
        raise Infeasible
    owners = [NOBODY] * goods
    left = everything
    for player, pick in reversed(picks):
        bundle = pick.get(left, 0)
        for good in members(bundle):
            owners[good] = player
        left ^= bundle
    return tuple(owners)
