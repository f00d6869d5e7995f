"""Winner determination against plain enumeration of all (n+1)^m allocations, every language, every rule."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import HealthCheck, assume, given, settings
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
    PointwiseMax,
    PointwiseMin,
    SingleMinded,
    Table,
    UnitDemand,
)
from unrigged.valuations.rounded import RoundedDown
from unrigged.winners import Auction, Infeasible, winners, without_each
from unrigged.winners import program as milp
from unrigged.winners import solve as door

COMMON = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def reference(auction):
    """(greatest value, lexicographically first allocation attaining it), or None where nothing is feasible."""
    best = None
    for owners in product(range(-1, auction.n), repeat=len(auction.goods)):
        if any(not allowed(auction, good, owner) for good, owner in enumerate(owners)):
            continue
        values = [(b, v.value(b)) for v, b in zip(auction.valuations, bundles_of(owners, auction.n), strict=True)]
        if auction.least is not None and any(b and v < auction.least for b, v in values):
            continue
        value = sum(v for _, v in values)
        if best is None or value > best[0]:
            best = (value, owners)
    return best


def allowed(auction, good, owner):
    if owner == NOBODY and not auction.unsold:
        return False
    if owner in auction.excluded:
        return False
    return not auction.allowed or auction.allowed[good] is None or owner in auction.allowed[good]


def valuation(draw, goods, depth=1):
    """Any valuation: small values, so that ties are frequent."""
    full = goods.everything
    positive, signed = st.integers(0, 6), st.integers(-3, 6)
    bundles = st.integers(1, max(1, full))
    bids = st.lists(st.tuples(bundles, positive), max_size=4)
    kinds = ["additive", "signed", "capacity", "unit", "budget", "single", "xor", "or", "or*", "exact", "table", "call"]
    kind = draw(st.sampled_from(kinds + (["min", "max", "rounded"] if depth else [])))
    per_good = {name: draw(signed if kind == "signed" else positive) for name in goods}
    match kind:
        case "additive" | "signed":
            return Additive(goods, per_good)
        case "capacity":
            return Additive(goods, per_good, draw(st.integers(0, 2)))
        case "unit":
            return UnitDemand(goods, per_good)
        case "budget":
            return BudgetAdditive(goods, per_good, draw(st.sampled_from([4, 7, Fraction(9, 2)])))
        case "single":
            return SingleMinded(goods, draw(bundles), draw(positive))
        case "xor":
            return XOR(goods, draw(bids))
        case "or":
            return OR(goods, draw(bids))
        case "or*":
            listed = [(goods.names(b), v, draw(st.lists(st.sampled_from("xy"), max_size=2))) for b, v in draw(bids)]
            return ORStar(goods, listed)
        case "exact":
            return ExactBundles(goods, dict(draw(st.lists(st.tuples(bundles, signed), max_size=4))).items())
        case "table":
            return Table(goods, [0, *(draw(signed) for _ in range(full))])
        case "call":
            table = [0, *(draw(signed) for _ in range(full))]
            return FromCallable(goods, lambda names: table[goods.bundle(names)])
        case "rounded":
            return RoundedDown(valuation(draw, goods, depth - 1), draw(st.integers(1, 4)))
    parts = tuple(valuation(draw, goods, depth - 1) for _ in range(draw(st.integers(1, 2))))
    return PointwiseMin(parts) if kind == "min" else PointwiseMax(parts)


@st.composite
def auctions(draw, most_players=3, most_goods=3):
    goods = Goods("abcd"[: draw(st.integers(1, most_goods))])
    n = draw(st.integers(1, most_players))
    rules = {}
    if draw(st.booleans()):
        rules["excluded"] = frozenset(draw(st.sets(st.integers(0, n - 1), max_size=n)))
    if draw(st.booleans()):
        rules["least"] = draw(st.sampled_from([-1, 0, 1, 3]))
    if draw(st.integers(0, 2)) == 0:
        owners = st.none() | st.frozensets(st.integers(-1, n - 1), max_size=n + 1)
        rules["allowed"] = tuple(draw(owners) for _ in goods)
    if draw(st.integers(0, 2)) == 0:
        rules["unsold"] = False
    return Auction(goods, tuple(valuation(draw, goods) for _ in range(n)), **rules)


def check(auction, expected, solve):
    if expected is None:
        with pytest.raises(Infeasible):
            solve()
        return None
    found = solve()
    assert found.value == found.bound == expected[0]
    assert found.optimal
    assert found.gap == 0
    assert sum(found.worths) == found.value
    return found


@COMMON
@given(auctions())
def test_enumeration_is_right_and_first(auction):
    expected = reference(auction)
    found = check(auction, expected, lambda: winners(auction, ties="first"))
    if found is not None:
        assert found.allocation == expected[1]
        assert found.proof == "exact"


@settings(COMMON, max_examples=250)
@given(auctions())
def test_the_integer_program_is_right(auction):
    check(auction, reference(auction), lambda: milp.solve(auction))


@settings(COMMON, max_examples=100)
@given(auctions())
def test_large_engines_are_right_and_break_ties(auction):
    expected = reference(auction)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door.small, "solve", lambda auction: None)
        found = check(auction, expected, lambda: winners(auction, ties="first"))
        if found is not None:
            assert found.allocation == expected[1]


@COMMON
@given(auctions(), st.booleans())
def test_without_each_player(auction, forced):
    expected = [reference(auction.without([player])) for player in range(auction.n)]
    assume(reference(auction) is not None)
    with pytest.MonkeyPatch.context() as patch:
        if forced:
            patch.setattr(door.small, "solve", lambda auction: None)
        if any(one is None for one in expected):
            with pytest.raises(Infeasible):
                without_each(auction)
        else:
            answers = without_each(auction)
            assert [found.value for found in answers] == [value for value, _ in expected]
            assert all(not found.bundles[player] for player, found in enumerate(answers))
