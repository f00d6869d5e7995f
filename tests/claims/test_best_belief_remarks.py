"""What the best-belief paper remarks: helpers beside slow recomputation, broken rules noticed."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest

from unrigged.analysis.communication import at_play
from unrigged.benchmarks import Benchmarks
from unrigged.claims.base import Scope, Watch, replaced
from unrigged.claims.best_belief import players, remarks, variants
from unrigged.claims.best_belief import welfare as welfares
from unrigged.claims.best_belief.auctions import accepts, drawn, offers, sure_of, tables
from unrigged.claims.best_belief.conduct import Checks, Market, ends, revenue, scene, utility
from unrigged.claims.best_belief.remarks import example, rationally
from unrigged.claims.counterexample import Counterexample
from unrigged.context import Context
from unrigged.exact import Exact
from unrigged.mechanisms import (
    BestBelief,
    BestBeliefDecimal,
    BestBeliefOrVCG,
    BestBeliefProportional,
    BestBeliefReal,
    BestBeliefReserve,
)
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.offers import OfferSpace, Wish
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Position
from unrigged.setting import NOBODY, auction

MODULES = (remarks, players, welfares, variants)
CLAIMS = [claim for module in MODULES for claim in module.CLAIMS]
READINGS = {each.key: each for claim in CLAIMS for each in claim.readings.values()}

FAIL = {
    "best-belief.private (what others announce counts)",
    "best-belief.bits (bits within a constant times (n + m)²)",
    "best-belief.participate (as printed)",
    "best-belief.welfare (as printed)",
    "best-belief.bb-welfare (as printed)",
    "best-belief.variants (as printed)",
    "best-belief.variants (proportional, budget: total)",
    "best-belief.variants (proportional, budget: each)",
    "best-belief.variants (proportional, best replies)",
    "best-belief.variants (reserve, offered at once)",
    "best-belief.variants (real values, discounts kept)",
    "best-belief.variants (decimals, eps in money)",
}

PAIR = auction(["p1", "p2"], ["g1", "g2"])


def test_what_fails_as_printed_is_repaired() -> None:
    for claim in CLAIMS:
        if claim.read().key in FAIL:
            repairs = [each for each in claim.readings.values() if each.repair]
            assert repairs
            assert not {each.key for each in repairs} & FAIL


def test_ids_of_the_sheet() -> None:
    names = ["example", "private", "bits", "approximate", "participate", "welfare", "overbid", "bb-welfare", "variants"]
    assert [claim.id for claim in CLAIMS] == [f"best-belief.{name}" for name in names]


class RefusalsAreFree(BestBelief):
    """The winner does not pay what is refused."""

    def settled(self, winner: int, offer: Any, revenue: Any, buyers: Any, answers: Any) -> Outcome:
        return super().settled(NOBODY, offer, revenue, buyers, answers)


class NoHeads(BestBelief):
    """The coin always shows Tails."""

    def flip(self, winner: int, wanted: int, offer: Outcome, revenue: Any) -> Position:
        return self.sell(winner, offer, revenue)


class NoRewards(BestBelief):
    """Nobody is rewarded for what he announces."""

    def reward(self, announced: Any, offer: Outcome) -> int:
        return 0


class LargeUnit(BestBeliefProportional):
    """Discounts and rewards are counted in ten times the unit."""

    def unit(self, offer: Outcome) -> Exact:
        return 10 * super().unit(offer)


class Forgetful(BestBeliefReserve):
    """The seller's outcome is never offered."""

    def pick_winner(self, announced: Any) -> Position:
        return BestBelief.pick_winner(self, announced)


class Lenient(BestBeliefReal):
    """The winner does not pay what is refused."""

    def settled(self, winner: int, offer: Any, revenue: Any, buyers: Any, answers: Any) -> Outcome:
        return super().settled(NOBODY, offer, revenue, buyers, answers)


class Fee(BestBeliefDecimal):
    """Buyers pay more instead of less."""

    def discount(self, offer: Outcome) -> Fraction:
        return -self.share


class OnlyVCG(BestBeliefOrVCG):
    """The coin always shows VCG."""

    def start(self) -> Position:
        return self.pivoting.start()


@pytest.mark.parametrize(
    ("mutant", "key"),
    [
        (RefusalsAreFree, "best-belief.participate (wrong beliefs)"),
        (RefusalsAreFree, "best-belief.overbid (as printed)"),
        (NoHeads, "best-belief.approximate (as printed)"),
        (NoRewards, "best-belief.approximate (as printed)"),
        (NoRewards, "best-belief.participate (somebody sure of a sale)"),
        (LargeUnit, "best-belief.variants (proportional, small share)"),
        (Forgetful, "best-belief.variants (reserve, coin tossed for the seller)"),
        (Lenient, "best-belief.variants (real values, discounts dropped)"),
        (Fee, "best-belief.variants (decimals, eps in steps)"),
        (OnlyVCG, "best-belief.variants (coin with VCG)"),
    ],
)
def test_broken_rules_change_verdicts(mutant: type[Mechanism], key: str) -> None:
    with replaced({mutant.name: mutant}):
        verdict = READINGS[key].verdict(READINGS[key].quick)
    assert verdict.status != "holds"
    if verdict.status == "fails":
        assert isinstance(verdict.counterexample, Counterexample)
        assert verdict.counterexample.reason_against() == ""


def test_offers_are_those_of_the_move_space() -> None:
    for seller in (0, 1, NOBODY):
        space = OfferSpace(PAIR, seller)
        assert set(offers(PAIR, seller, (1, 2))) == set(space.grid(2))


def test_plays_are_those_of_the_strategies() -> None:
    rng = Random(3)
    own = tables(PAIR, (0, 1, 2))
    mechanism = BestBelief(PAIR)
    lists = [offers(PAIR, i, (1, 2)) for i in PAIR.everyone]
    for _ in range(60):
        types = (rng.choice(own), rng.choice(own))
        made = tuple(Wish(rng.randrange(4), rng.choice(lists[i])) for i in PAIR.everyone)
        scenario = scene(mechanism, types, made, "a play")
        slow = outcomes(mechanism, scenario.profile())
        found = ends(mechanism, made, types)
        context = Context(PAIR, types)
        assert sorted(found, key=repr) == sorted(((p.probability, p.outcome) for p in slow.plays), key=repr)
        assert revenue(found) == slow.revenue
        assert welfares.welfare(found, types) == slow.welfare(context)
        assert [utility(found, i, types[i]) for i in PAIR.everyone] == [slow.utility(context, i) for i in (0, 1)]


def test_an_offer_is_the_best_sale_of_who_is_sure_of_it_alone() -> None:
    own = tables(PAIR, (0, 1))
    for offer in offers(PAIR, 0, (1, 2)):
        context = Context(PAIR, (own[0], own[0]), (sure_of(PAIR, offer), sure_of(PAIR, offers(PAIR, 1, (1,))[0])))
        assert Benchmarks(context).best_belief(0).value == offer.revenue


def test_sure_sales_against_every_pair_of_announcements() -> None:
    setting = auction(["p1", "p2"], ["g1"])
    mechanism = BestBelief(setting)
    own = tables(setting, (0, 1, 2))
    lists = [offers(setting, i, (1, 2)) for i in setting.everyone]
    for types in product(own, repeat=2):
        for mine, less, rest in product(lists[0], lists[0], lists[1]):
            if accepts(mine, types) and less.revenue < mine.revenue:
                better, worse = (
                    utility(ends(mechanism, (Wish(types[0].favourite(), each), Wish(0, rest)), types), 0, types[0])
                    for each in (mine, less)
                )
                assert better > worse
    market = Market(mechanism, (0, 1, 2), (1, 2))
    assert market.sure_sales_are_better(Checks(), Watch(), product(own, repeat=2)) is None


def test_types_are_drawn_where_there_are_many() -> None:
    own = tables(PAIR, (0, 1))
    assert list(drawn(Scope(players=2), own, 2)) == list(product(own, repeat=2))
    few = list(drawn(Scope(players=2, samples=5), own, 2))
    assert len(few) == 5
    assert few == list(drawn(Scope(players=2, samples=5), own, 2))
    assert few != list(drawn(Scope(players=2, samples=5, seed=2), own, 2))


def test_the_example_as_a_play() -> None:
    mechanism, context, profile = rationally(example())
    found = outcomes(mechanism, profile)
    assert max(play.outcome.revenue for play in found.plays) > 149
    assert at_play(mechanism, [found]).largest == max(play.bits for play in found.plays)
    assert context.types[2].value(2) == 0
