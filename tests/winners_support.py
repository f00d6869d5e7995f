"""Random auctions of every bidding language and rule, small enough to enumerate, and the enumeration."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

from unrigged.setting import NOBODY, Goods, bundles_of
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    ExactBundles,
    FromCallable,
    ORStar,
    PointwiseMax,
    PointwiseMin,
    SingleMinded,
    Table,
    UnitDemand,
)
from unrigged.valuations.less import LessFee
from unrigged.valuations.rounded import RoundedDown
from unrigged.winners import Auction

LANGUAGES = (
    "additive", "signed", "capacity", "unit", "budget", "single", "xor", "or", "or*", "exact",
    "min", "max", "rounded", "less", "table", "call",
)  # fmt: skip


def random_valuation(rng: Random, goods: Goods, kind: str, scale=1):
    """A valuation of that kind; its numbers are small multiples of `scale`, so that ties are frequent."""
    full = goods.everything

    def number(least=0):
        return rng.randint(least, 9) * scale

    def bids(least=0):
        return [(rng.randint(1, full), number(least)) for _ in range(rng.randint(0, 5))]

    def any_of(*kinds):
        return random_valuation(rng, goods, rng.choice(kinds), scale)

    match kind:
        case "additive" | "signed":
            return Additive(goods, {good: number(-4 if kind == "signed" else 0) for good in goods})
        case "capacity":
            return Additive(goods, {good: number() for good in goods}, rng.randint(0, 2))
        case "unit":
            return UnitDemand(goods, {good: number() for good in goods})
        case "budget":
            return BudgetAdditive(goods, {good: number() for good in goods}, rng.randint(3, 15) * scale)
        case "single":
            return SingleMinded(goods, rng.randint(1, full), number())
        case "xor":
            return XOR(goods, bids())
        case "or":
            return OR(goods, bids())
        case "or*":
            return ORStar(goods, [(b, v, [d for d in "xy" if rng.random() < 0.5]) for b, v in bids()])
        case "exact":
            return ExactBundles(goods, dict(bids(-4)).items())
        case "table":
            return Table(goods, [0, *(number(-4) for _ in range(full))])
        case "call":
            listed = [0, *(number(-4) for _ in range(full))]
            return FromCallable(goods, lambda names: listed[goods.bundle(names)])
        case "rounded":
            return RoundedDown(any_of("additive", "xor", "or", "budget", "signed"), rng.choice([2, 3]) * scale)
        case "less":
            return LessFee(any_of("additive", "xor", "or"), 2 * scale)
    plain = ("additive", "unit", "budget", "single", "xor", "or", "or*", "exact", "signed")
    parts = tuple(any_of(*plain) for _ in range(2))
    return PointwiseMin(parts) if kind == "min" else PointwiseMax(parts)


def random_auction(seed: int, kinds=LANGUAGES, most_players=4, most_goods=4, scale=1) -> Auction:
    """A random auction; every other one has no rules beyond the usual."""
    rng = Random(seed)
    goods = Goods(f"g{k}" for k in range(rng.randint(1, most_goods)))
    n = rng.randint(1, most_players)
    valuations = tuple(random_valuation(rng, goods, rng.choice(kinds), scale) for _ in range(n))
    rules = {}
    if seed % 2:
        if rng.random() < 0.4:
            rules["excluded"] = frozenset(rng.sample(range(n), rng.randint(0, n)))
        if rng.random() < 0.4:
            rules["least"] = rng.choice([-1, 0, 1, 3, Fraction(7, 2)]) * scale
        if rng.random() < 0.4:
            rules["allowed"] = tuple(
                rng.choice([None, frozenset(rng.sample(range(-1, n), rng.randint(0, n + 1)))]) for _ in goods
            )
        if rng.random() < 0.4:
            rules["unsold"] = False
    return Auction(goods, valuations, **rules)


def enumerated(auction: Auction):
    """The greatest value of any allocation within the rules; None where there is none."""
    best = None
    for owners in product(range(-1, auction.n), repeat=len(auction.goods)):
        if any(not _allowed(auction, good, owner) for good, owner in enumerate(owners)):
            continue
        values = [(b, v.value(b)) for v, b in zip(auction.valuations, bundles_of(owners, auction.n), strict=True)]
        if auction.least is not None and any(b and v < auction.least for b, v in values):
            continue
        value = sum(v for _, v in values)
        best = value if best is None else max(best, value)
    return best


def _allowed(auction: Auction, good: int, owner: int) -> bool:
    if (owner == NOBODY and not auction.unsold) or owner in auction.excluded:
        return False
    restricted = auction.allowed[good] if auction.allowed else None
    return restricted is None or owner in restricted
