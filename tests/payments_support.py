"""Small random auctions, and payments computed the slow, obvious way: every allocation, every coalition, every face."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations, product

from hypothesis import strategies as st

from unrigged.setting import NOBODY, Goods, bundles_of
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    ExactBundles,
    FromCallable,
    ORStar,
    PointwiseMin,
    SingleMinded,
    Table,
    UnitDemand,
)
from unrigged.valuations.rounded import RoundedDown
from unrigged.winners import Auction

KINDS = ("xor", "single", "or", "or*", "additive", "signed", "capacity", "unit", "budget")
MORE_KINDS = (*KINDS, "exact", "table", "call", "min", "rounded")


def valuation(draw, goods, kinds=MORE_KINDS, most=8):
    """Any valuation over `goods`: small values, so that ties and tight constraints are frequent."""
    full = goods.everything
    positive, signed, bundles = st.integers(0, most), st.integers(-3, most), st.integers(1, full)
    bids = st.lists(st.tuples(bundles, positive), max_size=4)
    kind = draw(st.sampled_from(kinds))
    match kind:
        case "xor":
            return XOR(goods, draw(bids))
        case "single":
            return SingleMinded(goods, draw(bundles), draw(positive))
        case "or":
            return OR(goods, draw(bids))
        case "or*":
            return ORStar(
                goods, [(goods.names(b), v, draw(st.lists(st.sampled_from("xy"), max_size=2))) for b, v in draw(bids)]
            )
        case "additive":
            return Additive(goods, {name: draw(positive) for name in goods})
        case "signed":
            return Additive(goods, {name: draw(signed) for name in goods})
        case "capacity":
            return Additive(goods, {name: draw(positive) for name in goods}, draw(st.integers(0, 2)))
        case "unit":
            return UnitDemand(goods, {name: draw(positive) for name in goods})
        case "budget":
            return BudgetAdditive(goods, {name: draw(positive) for name in goods}, draw(st.integers(0, 9)))
        case "exact":
            return ExactBundles(goods, dict(draw(st.lists(st.tuples(bundles, signed), max_size=4))).items())
        case "table":
            return Table(goods, [0, *(draw(signed) for _ in range(full))])
        case "call":
            table = [0, *(draw(signed) for _ in range(full))]
            return FromCallable(goods, lambda names: table[goods.bundle(names)])
        case "min":
            return PointwiseMin((valuation(draw, goods, KINDS, most), valuation(draw, goods, KINDS, most)))
    return RoundedDown(valuation(draw, goods, KINDS, most), draw(st.integers(1, 3)))


@st.composite
def auctions(draw, most_players=4, most_goods=3, kinds=MORE_KINDS, most=8):
    """Small auctions in which goods may stay unsold, with excluded players and restricted owners now and then."""
    goods = Goods(list("abcd")[: draw(st.integers(1, most_goods))])
    n = draw(st.integers(1, most_players))
    rules = {}
    if draw(st.integers(0, 3)) == 0:
        rules["excluded"] = frozenset(draw(st.sets(st.integers(0, n - 1), max_size=n)))
    if draw(st.integers(0, 4)) == 0:
        owners = st.none() | st.frozensets(st.integers(0, n - 1), max_size=n)
        drawn = [draw(owners) for _ in goods]
        rules["allowed"] = tuple(None if some is None else some | {NOBODY} for some in drawn)
    return Auction(goods, tuple(valuation(draw, goods, kinds, most) for _ in range(n)), **rules)


@st.composite
def package_auctions(draw, most_players=6, most_goods=4):
    """Single-minded and XOR bidders on few goods: auctions whose VCG prices are rarely in the core."""
    return draw(auctions(most_players, most_goods, kinds=("xor", "single", "single"), most=12))


def welfare(auction, coalition):
    """The greatest total value of an allocation to members of `coalition`, by enumeration."""
    owners = [NOBODY, *(player for player in coalition if player not in auction.excluded)]
    best = 0
    for allocation in product(owners, repeat=len(auction.goods)):
        rules = auction.allowed or (None,) * len(allocation)
        if all(rule is None or owner in rule for owner, rule in zip(allocation, rules, strict=True)):
            best = max(best, sum(worths(auction, allocation)))
    return best


def worths(auction, allocation):
    return [one.value(b) for one, b in zip(auction.valuations, bundles_of(allocation, auction.n), strict=True)]


def coalitions(players):
    return chain.from_iterable(combinations(players, size) for size in range(len(players) + 1))


def all_constraints(auction, allocation):
    """{set of winners who pay: the least they must pay together}, over all coalitions."""
    now = worths(auction, allocation)
    served = {owner for owner in allocation if owner != NOBODY}
    least = {}
    for coalition in coalitions([player for player in range(auction.n) if player not in auction.excluded]):
        payers = frozenset(served - set(coalition))
        bound = welfare(auction, coalition) - sum(now[player] for player in coalition)
        least[payers] = max(bound, least.get(payers, bound))
    return least


def nearest_in_core(auction, allocation, reference):
    """The core prices of least total nearest to `reference`, by looking at all faces of the core."""
    now = worths(auction, allocation)
    served = sorted({owner for owner in allocation if owner != NOBODY})
    faces = [
        ([Fraction(player in payers) for player in served], Fraction(least))
        for payers, least in all_constraints(auction, allocation).items()
        if payers
    ]
    faces += [([Fraction(-(player == other)) for player in served], Fraction(-now[other])) for other in served]
    aim = [Fraction(reference[player]) for player in served]
    size = len(served)
    corners = [project(aim, chosen) for chosen in combinations(faces, size)]
    least_total = min(sum(corner) for corner in corners if corner is not None and inside(corner, faces))
    whole = [([Fraction(1)] * size, least_total)] if served else []
    points = [project(aim, [*whole, *chosen]) for some in range(size) for chosen in combinations(faces, some)]
    allowed = [point for point in points if point is not None and inside(point, faces)]
    best = min(allowed, key=lambda point: sum((x - y) ** 2 for x, y in zip(point, aim, strict=True)), default=[])
    prices = [Fraction(0)] * auction.n
    for player, price in zip(served, best, strict=True):
        prices[player] = price
    return tuple(prices)


def inside(point, faces):
    return all(dot(normal, point) >= least for normal, least in faces)


def dot(one, other):
    return sum((x * y for x, y in zip(one, other, strict=True)), Fraction(0))


def project(aim, planes):
    """The nearest point to `aim` on all `planes`, None where their normals depend on one another."""
    table = [[*(dot(normal, other) for other, _ in planes), least - dot(normal, aim)] for normal, least in planes]
    size = len(planes)
    for k in range(size):
        pivot = next((i for i in range(k, size) if table[i][k]), None)
        if pivot is None:
            return None
        table[k], table[pivot] = table[pivot], table[k]
        table[k] = [value / table[k][k] for value in table[k]]
        for i in range(size):
            if i != k:
                table[i] = [value - table[i][k] * top for value, top in zip(table[i], table[k], strict=True)]
    steps = [row[size] for row in table]
    return [
        start + sum((step * normal[j] for step, (normal, _) in zip(steps, planes, strict=True)), Fraction(0))
        for j, start in enumerate(aim)
    ]
