"""Winner determination against plain enumeration of all (n+1)^m allocations, every language, every rule."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from unrigged.errors import BudgetExceeded, InputError
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
from unrigged.winners import Auction, Infeasible, tabled, winners, without_each
from unrigged.winners import program as milp
from unrigged.winners import solve as door
from unrigged.winners.model import INTERRUPTED, WrongAnswer, answer

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
    goods = Goods(list("abcd"[: draw(st.integers(1, most_goods))]))
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


GOODS = Goods(f"g{k}" for k in range(12))


def crowd(goods=GOODS, scale=1, players=10):
    """More bids than plain Python looks at, by a fixed rule."""
    return tuple(
        XOR(
            goods,
            [(1 << (7 * i + b) % 12 | 1 << (5 * i + 3 * b) % 12, scale * (30 + (11 * i * b) % 17)) for b in range(12)],
        )
        for i in range(players)
    )


def test_importing_and_small_auctions_load_no_solver():
    code = (
        "import sys, unrigged.winners as w; from unrigged.setting import Goods; from unrigged.valuations import XOR\n"
        "g = Goods(list('abcdefghijkl'))\n"
        "w.winners(w.Auction(Goods('a b'), (XOR(Goods('a b'), [('a', 3)]),)), ties='first')\n"
        "w.winners(w.Auction(g, tuple(XOR(g, [('a', k), (('b', 'c'), k + 2)]) for k in range(30))), ties='first')\n"
        "print([name for name in ('numpy', 'numba', 'highspy', 'ortools') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_race_and_the_program_agree():
    question = Auction(GOODS, crowd())
    raced, programmed = winners(question), milp.solve(question)
    assert raced.value == raced.bound == programmed.value == programmed.bound
    assert raced.optimal
    assert programmed.proof == "numerical"
    assert raced.engine == "set packing"


def test_values_of_any_size_are_exact():
    question = Auction(GOODS, crowd(scale=10**15 + 1, players=9))
    assert winners(question).value == winners(Auction(GOODS, crowd(players=9))).value * (10**15 + 1)
    assert winners(question).optimal


@pytest.mark.parametrize("values", [(10**15, 10**15 - 1), (1, 10**15 + 1), (3 * 10**14 + 7, 9 * 10**14)])
def test_the_program_never_claims_more_than_it_can_tell(values):
    goods = Goods("a b c d")
    low, high = values
    question = Auction(
        goods,
        (
            BudgetAdditive(goods, {"a": high, "b": low, "c": 1}, high + 1),
            Additive(goods, {"b": low + 1, "c": 2, "d": high}, capacity=2),
            PointwiseMin((UnitDemand(goods, {"a": high, "d": low}), Additive(goods, {"a": low, "d": low + 1}))),
        ),
    )
    true, found = reference(question)[0], milp.solve(question)
    assert found.value <= true <= found.bound
    assert found.gap <= true // 10**6
    assert not found.optimal or found.value == true


def test_an_answer_without_time_is_honest():
    question = Auction(GOODS, crowd(players=40))
    found = winners(question, limit=0, ties="first")
    assert found.value <= found.bound
    assert found.optimal == (found.value == found.bound)
    idle = milp.solve(question, limit=0)
    assert (idle.value, idle.proof, set(idle.allocation)) == (0, "none", {NOBODY})
    assert idle.bound >= winners(question).value
    with pytest.raises(BudgetExceeded):
        milp.solve(Auction(GOODS, crowd(), unsold=False), limit=0)


def test_a_bidder_of_many_or_bids_is_certified_by_the_bids_taken():
    bids = [bid for one in crowd(players=20) for bid in one.bids]
    single = winners(Auction(GOODS, (OR(GOODS, bids),)))
    apart = winners(Auction(GOODS, tuple(SingleMinded(GOODS, *bid) for bid in bids)))
    assert single.value == single.bound == apart.value


def test_the_first_optimum_of_many_where_all_tie():
    goods = Goods(f"g{k}" for k in range(9))
    question = Auction(goods, tuple(UnitDemand(goods, dict.fromkeys(goods, 5)) for _ in range(150)))
    found = winners(question, ties="first")
    assert (found.value, found.allocation) == (45, tuple(range(9)))
    assert found.notes == ()


def test_a_restricted_race_finds_the_first_optimum():
    question = Auction(GOODS, crowd(players=9))
    first = winners(question, ties="first")
    best = winners(question).value
    for good in range(len(GOODS)):
        fixed = [frozenset({first.allocation[earlier]}) | {NOBODY} for earlier in range(good)]
        smaller = frozenset(range(-1, first.allocation[good]))
        later = [None] * (len(GOODS) - good - 1)
        if smaller:
            assert winners(question.restricted([*fixed, smaller, *later])).value < best


@pytest.mark.parametrize("question", [Auction(Goods([]), ()), Auction(GOODS, ())])
def test_empty_auctions(question):
    for found in (winners(question, ties="first"), milp.solve(question)):
        assert (found.value, found.bound, found.proof) == (0, 0, "exact")
        assert set(found.allocation) <= {NOBODY}
    assert without_each(question) == ()


def test_rules_that_nothing_obeys():
    goods = Goods("a b")
    question = Auction(goods, (Additive(goods, {"a": 1}),), excluded=frozenset({0}), unsold=False)
    for solve in (winners, milp.solve):
        with pytest.raises(Infeasible, match="let goods stay unsold"):
            solve(question)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"excluded": {3}}, "players from 0 to 0"),
        ({"allowed": (None,)}, "one for each of the 2 goods"),
        ({"allowed": (None, {1})}, "players from 0 to 0, or NOBODY"),
        ({"valuations": (Additive("x y", {}),)}, "a valuation of other goods"),
    ],
)
def test_an_auction_refuses(rules, message):
    goods = Goods("a b")
    with pytest.raises(InputError, match=message):
        Auction(**{"goods": goods, "valuations": (Additive(goods, {"a": 1}),), **rules})


def test_unknown_ties_are_refused():
    with pytest.raises(InputError, match='"any" or "first"'):
        winners(Auction(GOODS, crowd()), ties="last")


def test_a_wrong_answer_does_not_pass():
    goods = Goods("a b")
    question = Auction(goods, (Additive(goods, {"a": 1}), Additive(goods, {"b": 2})), excluded={0}, least=1)
    for allocation, fault in [
        ((0, 1), "may not have it"),
        ((1, NOBODY), "worth 0 < 1"),
        ((1,), "1 owners for 2 goods"),
    ]:
        with pytest.raises(WrongAnswer, match=fault):
            question.worths(allocation)
    with pytest.raises(WrongAnswer, match="an optimum of 9 is claimed"):
        answer(question, (NOBODY, 1), 9, "exact", seconds=0, nodes=0, engine="forged")


def test_interrupting_returns_the_best_so_far(monkeypatch):
    from unrigged.winners.packing import Packed, race

    def interrupted(packing, **options):
        raise race.Interrupted(Packed((), 0, 99, "none", 0.0, 0))

    monkeypatch.setattr(race, "solve", interrupted)
    question = Auction(GOODS, crowd())
    found = winners(question, progress=lambda value, bound, seconds: None)
    assert (found.value, found.bound, found.proof, found.notes) == (0, 99, "none", (INTERRUPTED,))
    with pytest.raises(KeyboardInterrupt):
        winners(question)


def test_progress_is_told_and_changes_nothing():
    told = []
    question = Auction(
        GOODS, tuple(BudgetAdditive(GOODS, {g: 7 + (i * k) % 11 for k, g in enumerate(GOODS)}, 23) for i in range(8))
    )
    found = winners(question, progress=lambda *news: told.append(news))
    assert found.value == winners(question).value
    assert all(value <= found.value and bound >= found.value for value, bound, _ in told)


@COMMON
@given(auctions())
def test_tables_are_right(auction):
    check(auction, reference(auction), lambda: tabled.solve(auction))


def test_large_tables_go_to_the_dense_engine():
    goods = Goods(f"g{k}" for k in range(10))
    bids = crowd(players=5)
    small_bids = [[(bundle & 1023, value) for bundle, value in one.bids if bundle & 1023] for one in bids]
    sparse = tuple(XOR(goods, one) for one in small_bids)
    listed = tuple(FromCallable(goods, lambda names, one=one: one(*names)) for one in sparse)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door.small, "solve", lambda auction: None)
        tables, raced = Auction(goods, listed), Auction(goods, sparse)
        found = winners(tables)
        assert (found.engine, found.value, found.proof) == ("dense tables", winners(raced).value, "exact")
        assert winners(tables, limit=0).proof == "none"
