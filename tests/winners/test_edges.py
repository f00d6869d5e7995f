"""All engines on the same auctions; the edges: no time, no goods, huge and negative values, lost help."""

from __future__ import annotations

import os
import signal
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from random import Random

import pytest

from unrigged.errors import BudgetExceeded, InputError
from unrigged.formats import read_scenario
from unrigged.setting import NOBODY, Goods
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    ExactBundles,
    PointwiseMax,
    PointwiseMin,
    SingleMinded,
    Table,
    UnitDemand,
    as_table,
)
from unrigged.winners import METHODS, Auction, Infeasible, packed, program, small, tabled, winners, without_each
from unrigged.winners import solve as door
from unrigged.winners.crosscheck import cross_check_each
from unrigged.winners.formulation import Formulation
from unrigged.winners.packing import integer
from winners_support import LANGUAGES, enumerated, random_auction, random_valuation

CATS = Path(__file__).parents[3] / "shared" / "data" / "cats"
SMALLEST = ["arbitrary_64_250_s1.txt", "regions_64_250_s1.txt"]
WITH_CPSAT = find_spec("ortools") is not None
GOODS = Goods(f"g{k}" for k in range(12))


def engines(auction):
    """The answer of every engine that takes the auction, by name."""
    answers = {"integer program": program.solve(auction)}
    found = small.solve(auction)
    if found is not None:
        answers["small tables"] = found
    if len(auction.goods) <= 6:
        answers["dense tables"] = tabled.solve(auction)
    formulation = Formulation(auction)
    packing = formulation.packing()
    if packing is not None:
        answers["plain search"] = packed.solve(formulation, packing)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(packed, "FEW_BIDS", 0)
            answers["race"] = packed.solve(formulation, packing)
    return answers


def cross_checked(auctions):
    """The values that CP-SAT finds from nothing but greedy answers; what `winners` says where it is not installed."""
    if not WITH_CPSAT:
        return [winners(auction).value for auction in auctions]
    checked = cross_check_each([(auction, winners(auction, method="greedy")) for auction in auctions])
    assert all(found.proof == "exact" for found in checked)
    return [found.value for found in checked]


@pytest.fixture(scope="module")
def question():
    """Random auctions for every language, with the values CP-SAT finds."""
    rng = Random(12)
    auctions = {
        language: [random_auction(2 * seed, (language,) * 3 + (rng.choice(LANGUAGES),)) for seed in range(18)]
        for language in LANGUAGES
    }
    values = iter(cross_checked([auction for listed in auctions.values() for auction in listed]))
    return {language: [(auction, next(values)) for auction in listed] for language, listed in auctions.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_engines_agree_on_every_language(language, question):
    for auction, value in question[language]:
        assert value == enumerated(auction)
        answers = engines(auction)
        assert len(answers) >= 3
        for name, found in answers.items():
            assert (found.value, found.bound) == (value, value), name


@pytest.mark.parametrize("language", ["xor", "or", "or*", "unit", "budget", "capacity", "exact", "rounded"])
def test_all_engines_agree_on_larger_auctions(language):
    goods, rng = Goods(f"g{k}" for k in range(8)), Random(language)
    auction = Auction(goods, tuple(random_valuation(rng, goods, language, 3) for _ in range(8)))
    tables = Auction(goods, tuple(as_table(one) for one in auction.valuations))
    values = {name: found.value for name, found in engines(auction).items()}
    values["dense tables of the same values"] = tabled.solve(tables).value
    assert len(set(values.values())) == 1, values


@pytest.mark.skipif(not CATS.exists(), reason="the real inputs are not beside the checkout")
@pytest.mark.parametrize("name", SMALLEST)
def test_all_engines_agree_on_real_auctions(name):
    scenario = read_scenario(CATS / name)
    assert scenario.context is not None
    auction = Auction(scenario.setting.need_goods("winners"), tuple(scenario.context.types))
    found = winners(auction, limit=20)
    assert found.optimal
    for method in METHODS:
        if method != "truncated":
            other = winners(auction, method=method)
            assert other.value <= found.value <= other.bound
    stopped = program.solve(auction, limit=1)
    assert stopped.value <= found.value <= stopped.bound
    assert not stopped.optimal or stopped.value == found.value
    if WITH_CPSAT:
        (checked,) = cross_check_each([(auction, found)], limit=1)
        assert checked.value == checked.bound == found.value


# At the edges


def test_a_solver_that_dies_is_replaced_and_said(monkeypatch, tmp_path):
    rng = Random(6)
    goods = Goods(f"g{k}" for k in range(60))
    wanted = [(sum(1 << g for g in rng.sample(range(60), 4)), rng.randint(50, 60)) for _ in range(400)]
    auction = Auction(goods, tuple(SingleMinded(goods, *bid) for bid in wanted))
    worker = integer.borrow()
    os.kill(worker.process_id, signal.SIGKILL)
    integer.give_back(worker)
    assert winners(auction, limit=0.5).value > 0
    worker.end()
    broken = tmp_path / "worker.py"
    broken.write_text("import sys\nsys.stdin.buffer.readline()\nsys.exit(1)\n")
    monkeypatch.setattr(integer, "WORKER", broken)
    monkeypatch.setattr(integer, "borrow", integer.Worker)
    found = winners(auction, limit=1.0)
    assert any("died" in note and "went on without it" in note for note in found.notes)
    assert 0 < found.value <= found.bound


@pytest.mark.parametrize("kind", ["xor", "or*", "budget", "min", "max", "rounded", "exact"])
def test_no_time_at_all(kind, monkeypatch):
    monkeypatch.setattr(door.small, "solve", lambda auction, **limits: None)
    rng = Random(kind)
    auction = Auction(GOODS, tuple(random_valuation(rng, GOODS, kind, 3) for _ in range(9)))
    best = winners(auction).value
    for method in METHODS:
        found = winners(auction, limit=0, method=method)
        assert found.value <= best <= found.bound
        assert sum(auction.worths(found.allocation)) == found.value
        assert found.optimal == (found.value == found.bound)
    if kind in ("budget", "min"):
        with pytest.raises(BudgetExceeded, match="ran out before"):
            winners(Auction(GOODS, auction.valuations, unsold=False), limit=0)


@pytest.mark.parametrize(
    "rules",
    [
        {"excluded": {0, 1}, "unsold": False},
        {"allowed": (frozenset(), None, None)},
        {"allowed": (frozenset({0}), None, None), "excluded": {0}},
        {"least": 100, "unsold": False},
    ],
)
def test_rules_that_no_allocation_obeys(rules):
    goods = Goods("a b c")
    auction = Auction(goods, (UnitDemand(goods, {"a": 5}), BudgetAdditive(goods, {"b": 4, "c": 4}, 6)), **rules)
    for solve in (winners, program.solve, tabled.solve, small.solve):
        with pytest.raises(Infeasible, match="let goods stay unsold, or allow more owners"):
            solve(auction)
    with pytest.raises((Infeasible, BudgetExceeded)):
        winners(auction, method="local")


@pytest.mark.parametrize("scale", [10**15, 10**15 - 1, 10**40 + 1, Fraction(10**15, 7), Fraction(1, 10**15)])
def test_values_of_any_size_overflow_nowhere(scale):
    for seed in range(30):
        auction, large = (random_auction(2 * seed, most_goods=3, most_players=3, scale=factor) for factor in (1, scale))
        best = enumerated(auction) * scale
        for solve in (winners, tabled.solve):
            found = solve(large)
            assert (found.value, found.bound, found.proof) == (best, best, "exact")
        found = program.solve(large)
        assert found.value <= best <= found.bound
        assert not found.optimal or found.value == best
        for method in METHODS:
            found = winners(large, method=method)
            assert found.value <= best <= found.bound


@pytest.mark.parametrize("scale", [10**15, 10**17 + 3])
def test_large_values_of_many_bids(scale):
    rng = Random(8)
    bids = [(rng.randint(1, 4095), rng.randint(1, 30)) for _ in range(120)]
    plain = winners(Auction(GOODS, tuple(SingleMinded(GOODS, *bid) for bid in bids)))
    large = Auction(GOODS, tuple(SingleMinded(GOODS, wanted, value * scale + 1) for wanted, value in bids))
    found = winners(large)
    assert (found.bound, found.proof) == (found.value, "exact")
    assert found.value // scale == plain.value
    assert winners(Auction(GOODS, (OR(GOODS, [(w, v * scale) for w, v in bids]),))).value == plain.value * scale


def test_one_huge_value_does_not_hide_the_small_ones():
    goods = Goods("a b c")
    auction = Auction(
        goods,
        (
            Additive(goods, {"a": 10**15}),
            XOR(goods, [(("b", "c"), Fraction(1, 3)), ("b", Fraction(1, 4))]),
            UnitDemand(goods, {"b": Fraction(1, 5), "c": Fraction(1, 7)}),
        ),
    )
    exact = 10**15 + Fraction(1, 4) + Fraction(1, 7)
    assert winners(auction).value == tabled.solve(auction).value == enumerated(auction) == exact


def test_negative_values():
    goods = Goods("a b c")
    owners = (
        Additive(goods, {"a": -3, "b": -1, "c": 2}),
        Table(goods, [0, -1, -2, -9, -5, -4, -6, -7]),
        ExactBundles(goods, [("a", -2), (("a", "b"), 3), (("a", "b", "c"), -8)]),
    )
    free = winners(Auction(goods, owners))
    assert (free.value, free.allocation) == (5, (2, 2, 0))
    for excluded in ((), (2,), (0, 2), (0,)):
        for unsold in (True, False):
            auction = Auction(goods, owners, excluded=frozenset(excluded), unsold=unsold)
            values = {found.value for found in (winners(auction), tabled.solve(auction), program.solve(auction))}
            assert values == {enumerated(auction)}
    all_worse = Auction(goods, (owners[1],) * 2)
    assert (winners(all_worse).value, set(winners(all_worse).allocation)) == (0, {NOBODY})
    mixed = Auction(goods, (PointwiseMax(owners[:2]), PointwiseMin(owners)), unsold=False)
    assert winners(mixed).value == program.solve(mixed).value == enumerated(mixed)


@pytest.mark.parametrize(
    "auction",
    [
        Auction(Goods([]), ()),
        Auction(Goods([]), (Additive([], {}), XOR([], []), Table([], [0]))),
        Auction(GOODS, ()),
        Auction(GOODS, (XOR(GOODS, []), OR(GOODS, []), Additive(GOODS, {}), BudgetAdditive(GOODS, {}, 0))),
        Auction(GOODS, (Additive(GOODS, {"g1": 5}),) * 2, excluded={0, 1}),
        Auction(GOODS, (Additive(GOODS, {"g1": 5}),), least=6),
        Auction(GOODS, (SingleMinded(GOODS, ["g1"], 0),), allowed=(None,) * 12),
    ],
    ids=["nothing", "no goods", "no players", "no bids", "nobody served", "nobody pays enough", "worthless"],
)
def test_empty_auctions(auction):
    solvers = [lambda method=method: winners(auction, method=method) for method in METHODS]
    solvers += [
        lambda: winners(auction, ties="first"),
        lambda: winners(auction, limit=0),
        lambda: program.solve(auction),
    ]
    for solve in solvers:
        found = solve()
        assert (found.value, found.bound, found.gap) == (0, 0, 0)
        assert all(owner == NOBODY for owner in found.allocation)
    assert [found.value for found in without_each(auction)] == [0] * auction.n


def test_values_that_are_no_exact_numbers_do_not_come_this_far():
    for wrong in (0.5, float("inf"), "many"):
        with pytest.raises(InputError):
            Additive(GOODS, {"g1": wrong})
