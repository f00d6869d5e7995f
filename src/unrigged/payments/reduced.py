"""The search for a blocking coalition as an auction: every player bids only what he would gain beyond what he has.

A coalition blocks where its members, sharing the goods among themselves, gain more than the seller earns now. The most
any coalition gains is the greatest welfare of players whose valuations are reduced by what they have (Day and Raghavan
2007). A reduced XOR bid is an XOR bid; in other languages, where listing bundles would be too long, keeping what one
has is modelled as one more bid, on a good of its own that only its owner wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact, total
from unrigged.setting import NOBODY, Allocation, Goods
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    ExactBundles,
    ORStar,
    PointwiseMax,
    PointwiseMin,
    UnitDemand,
    Valuation,
)
from unrigged.valuations.less import LessFee, less_fee
from unrigged.valuations.rounded import RoundedDown
from unrigged.winners import Auction, Winners

FEW_GOODS = 8
"""Up to this many goods any valuation is reduced bundle by bundle."""


@dataclass(frozen=True)
class Reduced:
    """`auction`, with every player's valuation reduced by his fee; `kept` players keep theirs by a bid of its own."""

    original: Auction
    auction: Auction
    fees: tuple[Exact, ...]
    kept: frozenset[int]

    def gains(self, found: Winners) -> dict[int, Exact]:
        """Who gains in the answer to `auction`, and how much beyond his fee."""
        gains = {
            player: worth - (self.fees[player] if player in self.kept else 0)
            for player, worth in enumerate(found.worths)
            if found.bundles[player]
        }
        return {player: gain for player, gain in gains.items() if gain > 0}

    def greatest(self, found: Winners) -> Exact:
        """The most that any coalition can gain, by the bound of the answer to `auction`."""
        return found.bound - total(self.fees[player] for player in self.kept)

    def allocation(self, found: Winners) -> Allocation:
        """The goods of those who gain; the others' goods stay unsold."""
        gaining = self.gains(found)
        goods = found.allocation[: len(self.original.goods)]
        return tuple(owner if owner in gaining else NOBODY for owner in goods)


def reduced(auction: Auction, fees: Sequence[Exact]) -> Reduced:
    """The auction in which player i's bundle S is worth max(0, v_i(S) - fees[i]); fees are >= 0.

    Raises BudgetExceeded where a valuation has no bids to reduce, and too many goods to list its bundles.
    """
    fees = tuple(0 if player in auction.excluded else fee for player, fee in enumerate(fees))
    less = [less_fee(one, fee) for one, fee in zip(auction.valuations, fees, strict=True)]
    kept = [player for player, one in enumerate(less) if isinstance(one, LessFee)]
    if not kept or len(auction.goods) <= FEW_GOODS:
        return Reduced(auction, _with(auction, auction.goods, less, ()), fees, frozenset())
    names = _names(auction.goods, kept)
    goods = Goods([*auction.goods, *names.values()])
    valuations = [
        _keeping(auction.valuations[player], goods, names[player], fees[player])
        if player in names
        else _moved(one, goods)
        for player, one in enumerate(less)
    ]
    owners = tuple(frozenset({player, NOBODY}) for player in kept)
    before = auction.allowed or (None,) * len(auction.goods)
    return Reduced(auction, _with(auction, goods, valuations, (*before, *owners)), fees, frozenset(kept))


def _with(
    auction: Auction, goods: Goods, valuations: Sequence[Valuation], allowed: Sequence[frozenset[int] | None]
) -> Auction:
    return Auction(goods, tuple(valuations), auction.excluded, None, tuple(allowed) or auction.allowed)


def _names(goods: Goods, players: Sequence[int]) -> dict[int, str]:
    prefix = "what he has"
    while any(name.startswith(prefix) for name in goods):
        prefix += "'"
    return {player: f"{prefix} {player}" for player in players}


def _keeping(one: Valuation, goods: Goods, own: str, fee: Exact) -> Valuation:
    """`one`, or else `fee` for the good `own`: the greater of the two where both are received."""
    if isinstance(one, Additive) and one.capacity is None:
        one = OR(one.goods, [(1 << good, value) for good, value in enumerate(one.per_good) if value > 0])
    if isinstance(one, OR):
        rows = [(names, value, [*dummies, f"bid {k}"]) for k, (names, value, dummies) in enumerate(_rows(one))]
        stay = ((own,), fee, [f"bid {k}" for k in range(len(rows))])
        return ORStar(goods, [stay, *rows])
    return PointwiseMax((_moved(one, goods), Additive(goods, {own: fee})))


def _rows(one: OR) -> list[tuple[tuple[str, ...], Exact, list[str]]]:
    """The bids of `one` by names, with the dummies they share."""
    dummies = one.dummies if isinstance(one, ORStar) else ()
    return [
        (
            one.goods.names(bundle & one.goods.everything),
            value,
            [f"shared {label}" for k, label in enumerate(dummies) if bundle >> (len(one.goods) + k) & 1],
        )
        for bundle, value in one.bids
    ]


def _moved(one: Valuation, goods: Goods) -> Valuation:
    """`one` over `goods`, which begin with its own: goods added are worth nothing."""
    if one.goods is goods:
        return one
    if isinstance(one, XOR):
        return XOR(goods, one.bids)
    if isinstance(one, ExactBundles):
        return ExactBundles(goods, one.bids)
    if isinstance(one, ORStar):
        return ORStar(goods, _rows(one))
    if isinstance(one, OR):
        return OR(goods, one.bids)
    if isinstance(one, Additive | UnitDemand | BudgetAdditive):
        values = dict(zip(one.goods, one.per_good, strict=True))
        if isinstance(one, Additive):
            return Additive(goods, values, one.capacity)
        return UnitDemand(goods, values) if isinstance(one, UnitDemand) else BudgetAdditive(goods, values, one.budget)
    if isinstance(one, RoundedDown):
        return RoundedDown(_moved(one.inner, goods), one.step)
    if isinstance(one, PointwiseMin | PointwiseMax):
        return type(one)(tuple(_moved(part, goods) for part in one.parts))
    bids = one.atomic_bids()
    if bids is None:
        raise BudgetExceeded(
            f"core constraints for a valuation of the kind '{one.kind}' over {len(one.goods)} goods need its bundles "
            "listed, which is done for at most 20 goods"
        )
    return XOR(goods, bids)
