"""Core payments against all coalitions by enumeration and all faces of the core, and the papers' own examples."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from payments_support import KINDS, all_constraints, auctions, coalitions, nearest_in_core, package_auctions, welfare
from unrigged.errors import InputError
from unrigged.payments import core, core_constraints, core_payments, in_core, reduced, vcg_payments
from unrigged.payments.floating import Guess
from unrigged.payments.nearest import NearestPoint, NoPoint
from unrigged.setting import NOBODY, Goods
from unrigged.valuations import OR, XOR, Additive, SingleMinded
from unrigged.winners import Auction, small, winners

COMMON = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
GOODS = Goods("a b c")


def singles(goods, *bids):
    goods = Goods(goods)
    return Auction(goods, tuple(SingleMinded(goods, names.split(), value) for names, value in bids))


def check(sale, rule="nearest-vcg"):
    found = core_payments(sale, rule=rule)
    reference = found.vcg if rule == "nearest-vcg" else (0,) * sale.n
    assert found.proof == "exact"
    assert found.prices == nearest_in_core(sale, found.allocation, reference)
    assert all(type(price) is int or price.denominator > 1 for price in found.prices)
    assert all(constraint.met(found.prices) for constraint in found.constraints)
    assert in_core(sale, found.allocation, found.prices).status == "holds"
    return found


# Against enumeration


@COMMON
@given(auctions())
def test_any_language(sale):
    check(sale)


@settings(COMMON, max_examples=200)
@given(package_auctions())
def test_packages(sale):
    check(sale)


@COMMON
@given(package_auctions())
def test_nearest_to_nothing(sale):
    check(sale, "nearest-zero")


@COMMON
@given(auctions(kinds=KINDS))
def test_native_modelling_of_what_one_has(sale):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reduced, "FEW_GOODS", 0)
        check(sale)


@COMMON
@given(auctions())
def test_native_modelling_of_what_one_has_in_the_integer_program(sale):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reduced, "FEW_GOODS", 0)
        patch.setattr(small, "solve", lambda auction: None)
        found = core_payments(sale)
        assert found.proof != "none"
        assert found.prices == nearest_in_core(sale, found.allocation, found.vcg)


@COMMON
@given(auctions())
def test_all_constraints_are_listed(sale):
    allocation = winners(sale).allocation
    listed = {}
    for one in core_constraints(sale, allocation):
        payers = frozenset(one.payers)
        listed[payers] = max(one.least, listed.get(payers, one.least))
    assert listed == all_constraints(sale, allocation)


@settings(COMMON, max_examples=200)
@given(auctions(), st.data())
def test_in_core_by_definition(sale, data):
    """Any allocation and any prices, negative ones and losers' prices too."""
    best = winners(sale)
    owners = [NOBODY, *sale.bidders]
    free = data.draw(st.booleans())
    allocation = tuple(
        data.draw(st.sampled_from([owner for owner in owners if owner == NOBODY or sale.may_own(owner) >> good & 1]))
        for good in range(len(sale.goods))
    )
    allocation = allocation if free else best.allocation
    now = sale.worths(allocation)
    prices = tuple(worth - data.draw(st.integers(-1 if free else 0, 6)) for worth in now)
    gains = [worth - price for worth, price in zip(now, prices, strict=True)]
    excess = {
        some: welfare(sale, some) - sum(gains[player] for player in some) - sum(prices)
        for some in coalitions(sale.bidders)
    }
    verdict = in_core(sale, allocation, prices)
    if min(gains) < 0:
        assert verdict.status == "fails"
        assert verdict.blocking is None
    elif max(excess.values()) > 0:
        assert verdict.status == "fails"
        blocking = verdict.blocking
        assert blocking.gain == excess[blocking.coalition] == max(excess.values())
        assert sum(sale.worths(blocking.allocation)) >= blocking.worth
        assert {owner for owner in blocking.allocation if owner != NOBODY} <= set(blocking.coalition)
    else:
        assert verdict.status == "holds"
        assert verdict.proof == "exact"


# The point itself


@st.composite
def coverings(draw):
    size = draw(st.integers(1, 6))
    upper = [draw(st.integers(0, 9)) for _ in range(size)]
    rows = draw(st.lists(st.sets(st.integers(0, size - 1), min_size=1), max_size=8))
    return upper, [(row, draw(st.integers(0, sum(upper[j] for j in row)))) for row in rows]


@settings(COMMON, max_examples=120)
@given(coverings(), st.booleans(), st.data())
def test_guesses_change_nothing(covering, zero, data):
    """The engine's guess, random guesses and none lead to the same verified point."""
    upper, rows = covering
    target = [0] * len(upper) if zero else [-data.draw(st.integers(0, 5)) for _ in upper]
    plain, guessed, random = (NearestPoint(upper, target) for _ in range(3))
    some = st.sets(st.integers(0, len(upper) - 1))
    for count, (row, least) in enumerate(rows, 1):
        for search in (plain, guessed, random):
            search.add(row, least)
        guess = core.tight_constraints(guessed.upper, guessed.target, guessed.rows, guessed.least)
        guessed.adopt(*guess)
        random.adopt(data.draw(some), data.draw(some), data.draw(st.permutations(range(count)))[: len(upper)])
        assert plain.minimise() == guessed.minimise() == random.minimise()


def test_no_point():
    search = NearestPoint([1, 1], [0, 0])
    search.add([0, 1], 3)
    with pytest.raises(NoPoint):
        search.minimise()
    search = NearestPoint([1, 1], [0, 0])
    search.add([], 1)
    with pytest.raises(NoPoint):
        search.minimise()


# The papers' examples


def test_two_small_bidders_against_a_large_one():
    """Ausubel and Milgrom 2006: VCG earns 0, any core outcome at least the large bidder's 2."""
    sale = singles("east west", ("east west", 2), ("east", 2), ("west", 2))
    verdict = in_core(sale, (1, 2), (0, 0, 0))
    assert verdict.status == "fails"
    assert verdict.blocking.coalition == (0,)
    assert verdict.blocking.gain == 2
    assert check(sale).prices == (0, 1, 1)


def test_day_and_milgrom_adding_a_bidder():
    """Day and Milgrom 2008: a further bidder lowers VCG revenue to 0; that of the core stays."""
    few = singles("east west", ("east west", 10), ("east", 10))
    more = singles("east west", ("east west", 10), ("east", 10), ("west", 10))
    assert max(vcg_payments(few).revenue, core_payments(few).revenue) == 10
    assert vcg_payments(more).revenue == 0
    assert check(more).prices == (0, 5, 5)


def test_day_and_cramton():
    """28 and 14 for one good, 20 and 12 for the other, 32 for both: VCG earns 14 + 12, the core 32."""
    sale = singles("east west", ("east", 28), ("west", 20), ("east west", 32), ("east", 14), ("west", 12))
    found = check(sale)
    assert found.vcg == (14, 12, 0, 0, 0)
    assert found.prices == (17, 15, 0, 0, 0)


def test_one_pays_all_he_has_and_the_other_the_rest():
    sale = singles("east west", ("east", 1), ("west", 10), ("east west", 8))
    found = check(sale)
    assert found.vcg == (0, 7, 0)
    assert found.prices == (Fraction(1, 2), Fraction(15, 2), 0)
    assert check(singles("east west", ("east", 1), ("west", 100), ("east west", 100))).prices == (
        Fraction(1, 2), Fraction(199, 2), 0,
    )  # fmt: skip


def test_thirds_from_integers():
    found = check(singles("a b c", ("a", 10), ("b", 10), ("c", 10), ("a b c", 20)))
    assert found.vcg == (0, 0, 0, 0)
    assert found.prices == (Fraction(20, 3),) * 3 + (0,)


def test_least_total_comes_before_distance():
    """One good is in both large bundles: its owner alone pays for both, though that is far from VCG."""
    found = check(singles("a b c", ("a", 10), ("b", 10), ("c", 10), ("a b", 12), ("b c", 12)))
    assert found.prices == (2, 10, 2, 0, 0)


def test_vcg_in_the_core_is_kept():
    sale = Auction(GOODS, tuple(Additive(GOODS, {"a": 3 + k, "b": 7 - k, "c": 5}) for k in range(3)))
    found = check(sale)
    assert found.prices == found.vcg
    assert found.constraints == ()
    assert found.rounds == 1


# Edges


@pytest.mark.parametrize("goods", [GOODS, Goods([])])
def test_nobody_bids(goods):
    found = core_payments(Auction(goods, ()))
    assert (found.prices, found.revenue, found.proof) == ((), 0, "exact")
    assert in_core(Auction(goods, ()), found.allocation, ()).status == "holds"


def test_nobody_wins():
    found = core_payments(Auction(GOODS, (XOR(GOODS, []), Additive(GOODS, {"a": -1}))))
    assert (found.prices, found.welfare) == ((0, 0), 0)


def test_one_bidder_pays_nothing():
    assert check(singles("a b c", ("a b", 9))).prices == (0,)


def test_ties():
    sale = singles("a b", ("a b", 6), ("a", 3), ("b", 3))
    found = check(sale)
    assert found.revenue == 6
    assert found.utilities == (0, 0, 0)


def test_excluded_players_block_nothing():
    sale = singles("a b", ("a b", 6), ("a", 5), ("b", 5), ("a b", 4)).without([0])
    assert check(sale).prices == (0, 2, 2, 0)


@settings(COMMON, max_examples=20)
@given(st.integers(10**12, 10**15), st.integers(1, 10**9))
@example(10**15, 1)
def test_large_values(value, less):
    found = core_payments(singles("a b c", ("a", value), ("b", value), ("c", value), ("a b c", 2 * value - less)))
    assert found.prices[:3] == (Fraction(2 * value - less, 3),) * 3
    assert found.proof == "exact"


def test_a_solution_that_is_not_the_best():
    sale = singles("a b", ("a", 5), ("a", 3))
    verdict = in_core(sale, (1, NOBODY), (0, 3))
    assert verdict.status == "fails"
    assert verdict.blocking.coalition == (0,)


def test_many_or_bids_over_many_goods():
    """Valuing an OR bidder's bundle is itself a search; what he has is modelled as one more bid."""
    goods = Goods([f"g{k}" for k in range(24)])
    pairs = [((1 << k) | (1 << (k * 7 + 5) % 24), 10 + k % 5) for k in range(24) if (k * 7 + 5) % 24 != k]
    others = tuple(OR(goods, [(bundle, value - 1 - player) for bundle, value in pairs]) for player in range(3))
    sale = Auction(goods, (OR(goods, pairs), *others, SingleMinded(goods, list(goods), 3 * isqrt(900))))
    found = core_payments(sale)
    assert found.proof != "none"
    assert in_core(sale, found.allocation, found.prices).status == "holds"
    less = tuple(max(0, price - 1) for price in found.prices)
    assert in_core(sale, found.allocation, less).status == "fails"


def test_no_time(monkeypatch):
    monkeypatch.setattr(small, "solve", lambda auction: None)
    goods = Goods(list("abcdefgh"))
    bids = tuple(XOR(goods, [(1 + (37 * k + 11 * j) % 255, 50 + (k * j) % 17) for j in range(9)]) for k in range(20))
    found = core_payments(Auction(goods, bids), limit=0)
    assert all(0 <= price <= worth for price, worth in zip(found.prices, found.worths, strict=True))
    assert (found.proof == "none") == (core.CUT_SHORT in found.notes)


def test_a_wrong_guess_is_not_believed(monkeypatch):
    sale = singles("a b c", ("a", 10), ("b", 10), ("c", 10), ("a b", 12), ("b c", 12), ("a b c", 20))
    right = core_payments(sale).prices
    for guess in (None, Guess([], [], []), Guess([0, 1, 2], [], [0]), Guess([], [0, 1, 2], [])):
        monkeypatch.setattr(core, "tight_constraints", lambda *given, guess=guess: guess)
        assert core_payments(sale).prices == right


def test_refusals():
    sale = singles("a b", ("a", 5))
    with pytest.raises(InputError, match="nearest-vcg"):
        core_payments(sale, rule="cheapest")
    with pytest.raises(InputError, match="must be sold"):
        core_payments(Auction(sale.goods, sale.valuations, unsold=False))
    with pytest.raises(InputError, match="least worth"):
        in_core(Auction(sale.goods, sale.valuations, least=1), (0, NOBODY), (0,))
    with pytest.raises(InputError, match="prices"):
        in_core(sale, (0, NOBODY), (0, 0))
    with pytest.raises(InputError, match="float"):
        in_core(sale, (0, NOBODY), (0.5,))
    with pytest.raises(InputError, match="allocation"):
        in_core(sale, (3, NOBODY), (0,))
    with pytest.raises(InputError, match="at most 12"):
        core_constraints(singles("a b", *[("a", 5)] * 13), (0, NOBODY))
