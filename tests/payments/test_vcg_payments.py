"""VCG payments against the definition, welfare by enumeration."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings

from payments_support import auctions, welfare
from unrigged.exact import exact
from unrigged.mechanisms import VCG
from unrigged.payments import in_core, vcg_payments
from unrigged.payments import vcg as module
from unrigged.setting import NOBODY, Goods, auction
from unrigged.valuations import XOR, Additive, SingleMinded, Table
from unrigged.valuations.less import LessFee, less_fee
from unrigged.winners import Auction, Infeasible, small, winners

COMMON = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
GOODS = Goods("east west")


def singles(*bids):
    return Auction(GOODS, tuple(SingleMinded(GOODS, names.split(), value) for names, value in bids))


@COMMON
@given(auctions())
def test_everybody_pays_what_he_costs_the_others(sale):
    found = vcg_payments(sale)
    assert found.proof == "exact"
    assert found.welfare == welfare(sale, range(sale.n))
    for player in range(sale.n):
        others = [other for other in range(sale.n) if other != player]
        assert found.prices[player] == welfare(sale, others) - (found.welfare - found.worths[player])
        assert 0 <= found.prices[player] <= found.worths[player]


@COMMON
@given(auctions(most_players=3))
def test_the_first_optimum_gives_the_prices_of_the_mechanism(sale):
    if sale.excluded or sale.allowed:
        return
    mechanism = VCG.build(auction([f"player {k}" for k in range(sale.n)], sale.goods))
    found = vcg_payments(sale, solution=winners(sale, ties="first"))
    assert mechanism.conclude(sale.valuations) == found.outcome


def test_two_small_bidders_win_for_nothing():
    """Ausubel and Milgrom 2006: one wants both goods for 2, two want one each for 2; VCG earns nothing."""
    found = vcg_payments(singles(("east west", 2), ("east", 2), ("west", 2)))
    assert found.prices == (0, 0, 0)
    assert found.welfare == 4
    assert found.utilities == (0, 2, 2)


def test_a_second_price_auction():
    goods = Goods(["vase"])
    found = vcg_payments(Auction(goods, tuple(Additive(goods, {"vase": v}) for v in (7, 10, 3))))
    assert found.prices == (0, 7, 0)
    assert found.revenue == 7


def test_equal_bids_pay_their_value():
    found = vcg_payments(singles(("east", 5), ("east", 5)))
    assert sorted(found.prices) == [0, 5]


def test_exact_fractions():
    found = vcg_payments(singles(("east", Fraction(10, 3)), ("east", "1/3")))
    assert found.prices == (Fraction(1, 3), 0)


@pytest.mark.parametrize("goods", [GOODS, Goods([])])
def test_nobody_bids(goods):
    found = vcg_payments(Auction(goods, ()))
    assert (found.prices, found.welfare, found.proof) == ((), 0, "exact")
    assert found.allocation == (NOBODY,) * len(goods)


def test_nobody_wins():
    found = vcg_payments(Auction(GOODS, (XOR(GOODS, []), Additive(GOODS, {"east": -1}))))
    assert (found.prices, found.allocation) == ((0, 0), (NOBODY, NOBODY))


def test_one_bidder_pays_nothing():
    assert vcg_payments(singles(("east west", 9))).prices == (0,)


def test_excluded_players_neither_pay_nor_raise_prices():
    sale = singles(("east", 9), ("east", 8), ("east", 4)).without([1])
    assert vcg_payments(sale).prices == (4, 0, 0)


def test_goods_that_must_be_sold():
    """A burden somebody must take: without him another would have had to, so he is paid."""
    burden = Goods(["burden"])
    sale = Auction(burden, tuple(Additive(burden, {"burden": v}) for v in (-2, -5)), unsold=False)
    found = vcg_payments(sale)
    assert found.allocation == (0,)
    assert found.prices == (-5, 0)
    with pytest.raises(Infeasible):
        vcg_payments(Auction(burden, sale.valuations[:1], unsold=False))


def test_no_time_gives_honest_prices(monkeypatch):
    monkeypatch.setattr(small, "solve", lambda auction: None)
    goods = Goods(list("abcdefgh"))
    bids = tuple(XOR(goods, [(1 + (37 * k + 11 * j) % 255, 50 + (k * j) % 17) for j in range(9)]) for k in range(20))
    found = vcg_payments(Auction(goods, bids), limit=0)
    assert all(0 <= price <= worth for price, worth in zip(found.prices, found.worths, strict=True))
    assert (found.proof == "none") == (module.CUT_SHORT in found.notes)


@COMMON
@given(auctions(most_players=1))
def test_a_valuation_less_a_fee(sale):
    (one,) = sale.valuations
    for fee in (0, 3, Fraction(7, 2)):
        less = less_fee(one, fee)
        wrapped = LessFee(one, fee)
        best = max(wrapped.value(bundle) for bundle in range(sale.goods.everything + 1))
        assert best <= wrapped.range()[1]
        assert wrapped.value(wrapped.favourite()) == best
        for bundle in range(1, sale.goods.everything + 1):
            assert wrapped.value(bundle) == max(0, one.value(bundle) - fee)
            if fee:
                assert less.value(bundle) == wrapped.value(bundle)
            within = [v for b, v in wrapped.atomic_bids() if not b & ~bundle]
            inner = range(bundle + 1)
            assert max(within, default=0) == max(wrapped.value(b) for b in inner if not b & ~bundle)


def test_a_fee_keeps_the_language_where_it_can():
    assert less_fee(SingleMinded(GOODS, "east", 5), 3) == SingleMinded(GOODS, "east", 2)
    assert less_fee(Table(GOODS, [0, 5, 1, -2]), 3) == Table(GOODS, [0, 2, 0, 0])
    assert isinstance(less_fee(Additive(GOODS, {"east": 5}), 3), LessFee)


def test_vcg_in_the_core_where_bidders_want_single_goods():
    sale = Auction(GOODS, tuple(XOR(GOODS, [("east", a), ("west", b)]) for a, b in ((9, 4), (6, 5), (3, 3))))
    found = vcg_payments(sale)
    assert in_core(sale, found.allocation, found.prices).status == "holds"
    assert exact(found.revenue) == sum(found.prices)
