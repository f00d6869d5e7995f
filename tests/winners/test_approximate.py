"""Approximate winner determination: within the rules, valued exactly, never beyond its bound, every language."""

from __future__ import annotations

from random import Random

import pytest

from unrigged.errors import BudgetExceeded, InputError
from unrigged.setting import NOBODY, Goods
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    FromCallable,
    ORStar,
    PointwiseMin,
    SingleMinded,
    Table,
    UnitDemand,
)
from unrigged.winners import METHODS, Auction, Infeasible, approximate, winners
from unrigged.winners.bounds import quick_bound
from unrigged.winners.formulation import Formulation
from winners_support import LANGUAGES, enumerated, random_auction, random_valuation

APPROXIMATE = [method for method in METHODS if method != "best"]
GOODS = Goods(f"g{k}" for k in range(12))


def check(auction, found, best):
    """The answer obeys the rules (worths raises where not), and value <= optimum <= bound."""
    assert best is not None
    assert sum(auction.worths(found.allocation)) == sum(found.worths) == found.value
    assert found.value <= best <= found.bound
    assert found.optimal == (found.value == found.bound)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_and_rule(language):
    rng = Random(language)
    for seed in range(40):
        auction = random_auction(1000 * LANGUAGES.index(language) + seed, (language, language, rng.choice(LANGUAGES)))
        best = enumerated(auction)
        for method in APPROXIMATE:
            hard = best is None or (auction.least is not None and auction.must_sell)
            try:
                check(auction, winners(auction, method=method), best)
            except Infeasible:
                assert best is None
            except BudgetExceeded:
                assert hard


def test_truncated_searches_of_larger_auctions(monkeypatch):
    monkeypatch.setattr(approximate.small, "solve", lambda auction, step_limit: None)
    for seed in range(60):
        auction = random_auction(seed, [kind for kind in LANGUAGES if kind not in ("table", "call")])
        best = enumerated(auction)
        for limits in ({"nodes": 1}, {"limit": 1.0}, {"limit": 0.0}, {"nodes": 5, "limit": 1.0}):
            try:
                check(auction, winners(auction, method="truncated", **limits), best)
            except Infeasible:
                assert best is None
            except BudgetExceeded:
                assert best is None or auction.must_sell


def crowd(kind, seed, players=12, goods=GOODS):
    rng = Random(seed)
    return tuple(random_valuation(rng, goods, kind, 10 + seed) for _ in range(players))


@pytest.mark.parametrize("kind", ["xor", "or", "or*", "unit", "budget", "capacity", "min", "max", "rounded", "exact"])
def test_each_method_is_as_good_as_the_one_before(kind):
    for seed in range(2):
        auction = Auction(GOODS, crowd(kind, seed))
        best = winners(auction).value
        values = []
        for method in APPROXIMATE:
            found = winners(auction, method=method)
            check(auction, found, best)
            values.append(found.value)
        assert values == sorted(values)
        assert 2 * values[0] >= best


def test_greedy_gives_to_whoever_gains_most():
    goods = Goods("a b c")
    auction = Auction(goods, (XOR(goods, [("a", 5), (("a", "b", "c"), 8)]), SingleMinded(goods, ["b", "c"], 6)))
    found = winners(auction, method="greedy")
    assert (found.allocation, found.value, found.bound, found.proof) == ((0, 1, 1), 11, 11, "exact")
    assert found.engine == "greedy"


def test_local_search_leaves_a_dead_end():
    goods = Goods("a b c d")
    wanted = [(("a", "b"), 10), (("a",), 6), (("b",), 6), (("b", "c"), 10), (("c",), 7), (("c", "d"), 12), (("d",), 6)]
    auction = Auction(goods, tuple(SingleMinded(goods, names, value) for names, value in wanted))
    assert winners(auction, method="local").value == winners(auction).value == 25


def test_a_bound_by_goods_by_players_and_by_conflicts():
    goods = Goods("a b c")
    additive = Auction(goods, (Additive(goods, {"a": 5, "b": 1}), Additive(goods, {"a": 4, "b": 2})))
    assert quick_bound(additive) == 7
    single = Auction(goods, (UnitDemand(goods, {"a": 5, "b": 5, "c": 5}),))
    assert quick_bound(single) == 5
    pairs = [("a", "b"), ("b", "c"), ("a", "c")]
    triangle = Auction(goods, tuple(SingleMinded(goods, pair, 4) for pair in pairs))
    assert quick_bound(triangle) == 6
    assert quick_bound(triangle, Formulation(triangle)) == 4


def test_a_known_allocation_is_a_start():
    auction = Auction(GOODS, crowd("xor", 3))
    best = winners(auction)
    for method in APPROXIMATE:
        assert winners(auction, method=method, start=best.allocation).value == best.value


def test_many_bids_are_improved_on_their_conflict_graph():
    rng = Random(1)
    goods = Goods(f"g{k}" for k in range(40))
    bids = [
        (sum(1 << good for good in rng.sample(range(40), rng.randint(2, 5))), rng.randint(10, 99)) for _ in range(400)
    ]
    singles = Auction(goods, tuple(SingleMinded(goods, *bid) for bid in bids))
    greedy, local = (winners(singles, method=method) for method in ("greedy", "local"))
    assert greedy.value <= local.value <= local.bound <= greedy.bound
    best = winners(singles, limit=5)
    assert 10 * local.value >= 9 * best.value
    one = Auction(goods, (OR(goods, bids),))
    assert winners(one, method="greedy").value == greedy.value
    huge = Auction(goods, tuple(SingleMinded(goods, wanted, value * 10**17) for wanted, value in bids[:310]))
    small = Auction(goods, tuple(SingleMinded(goods, *bid) for bid in bids[:310]))
    assert winners(huge, method="local", limit=0.5).value >= winners(small, method="greedy").value * 10**17


def test_many_bids_of_one_player_that_exclude_one_another():
    rng = Random(2)
    bids = [(rng.randint(1, 4095), rng.randint(1, 50), rng.sample("pqrstu", rng.randint(0, 2))) for _ in range(60)]
    other = OR(GOODS, [(1 << k, 12) for k in range(12)])
    for rules in ({}, {"unsold": False}, {"least": 10}):
        auction = Auction(GOODS, (ORStar(GOODS, bids), other), **rules)
        best = winners(auction)
        for method in APPROXIMATE:
            check(auction, winners(auction, method=method), best.value)


def test_the_same_question_gets_the_same_answer():
    auction = Auction(GOODS, crowd("budget", 4))
    for method in APPROXIMATE:
        first, second = (winners(auction, method=method) for _ in range(2))
        assert (first.allocation, first.bound, first.proof) == (second.allocation, second.bound, second.proof)


def test_goods_that_must_be_sold_go_where_they_do_least_harm():
    goods = Goods("a b c")
    burden = tuple(Additive(goods, {"a": -1 - k, "b": 3, "c": -5 + k}) for k in range(3))
    for method in APPROXIMATE:
        found = winners(Auction(goods, burden, unsold=False), method=method)
        assert (found.value, found.allocation) == (-1 + 3 - 3, (0, found.allocation[1], 2))


def test_valuations_without_a_language():
    goods = Goods(f"g{k}" for k in range(24))
    listed = FromCallable(goods, lambda names: len(names) ** 2, disposal=True)
    auction = Auction(goods, (listed, XOR(goods, [(("g0", "g1"), 700)])))
    found = winners(auction, method="greedy")
    assert (found.value, found.bound) == (22**2 + 700, 24**2 + 700)
    assert winners(auction, method="truncated", nodes=10).value == found.value
    rng = Random(3)
    small = Goods(f"g{k}" for k in range(9))
    tables = Auction(small, tuple(Table(small, [0, *(rng.randint(-5, 50) for _ in range(511))]) for _ in range(4)))
    best = winners(tables).value
    for limits in ({"nodes": 10}, {"limit": 10.0}, {"nodes": 10**6}):
        check(tables, winners(tables, method="truncated", **limits), best)
    assert winners(tables, method="truncated", limit=10.0).value == best


def test_what_the_rules_forbid():
    goods = Goods("a b")
    nobody = Auction(goods, (Additive(goods, {"a": 1}),), excluded={0}, unsold=False)
    poor = Auction(goods, (Additive(goods, {"a": 1}),), least=5, unsold=False)
    for method in APPROXIMATE:
        with pytest.raises(Infeasible):
            winners(nobody, method=method)
        with pytest.raises((Infeasible, BudgetExceeded), match=r"use the method 'best'|rules that no allocation obeys"):
            winners(poor, method=method)


@pytest.mark.parametrize("method", APPROXIMATE)
def test_nothing_to_do(method):
    for auction in (Auction(Goods([]), ()), Auction(GOODS, ()), Auction(GOODS, crowd("xor", 1), excluded=range(12))):
        found = winners(auction, method=method)
        assert (found.value, found.bound, found.proof) == (0, 0, "exact")
        assert set(found.allocation) <= {NOBODY}


def test_a_minimum_of_many_bids_is_cut_into_unions_where_they_are_few():
    left = XOR(GOODS, [(1 << k, 10) for k in range(3)])
    right = XOR(GOODS, [(1 << k, 10) for k in range(6, 9)])
    found = winners(Auction(GOODS, (PointwiseMin((left, right)),)), method="greedy")
    assert found.value == 10
    many = [XOR(GOODS, [(b, b) for b in range(1, 64)]), XOR(GOODS, [(b, b) for b in range(64, 128)])]
    check(auction := Auction(GOODS, (PointwiseMin(tuple(many)),)), winners(auction, method="greedy"), 63)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "gredy"}, "did you mean 'greedy'"),
        ({"method": "greedy", "nodes": 5}, "only a truncated search counts subproblems"),
        ({"method": "truncated", "nodes": 0}, "an integer >= 1"),
    ],
)
def test_wrong_questions_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        winners(Auction(GOODS, (BudgetAdditive(GOODS, {}, 3),)), **options)
