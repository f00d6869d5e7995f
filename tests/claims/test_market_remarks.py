"""The claims on fairness, communication, approximation, computation and VCG: verdicts, and what they rest on."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from unrigged import mechanisms
from unrigged.claims import Scope, build, replaced
from unrigged.claims.market.proposals import Valued, bound_above, contexts, root_set, settings, sizes
from unrigged.claims.market.remarks import CLAIMS, FAIR, OVERHEAD
from unrigged.claims.market.steps import LINEAR, Counted, CountedMarket, Meter, steps_of
from unrigged.claims.market.vcg import VCG, Reports, outcome_of
from unrigged.context import Context
from unrigged.mechanisms import Market, MarketFair
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Position
from unrigged.setting import market
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import Table


def test_sizes_are_in_the_paper_s_ranges() -> None:
    scope = Scope(players=3, goods=1, values=(-3, 3))
    for eps, delta in sizes(scope):
        assert 0 < eps < Fraction(1, 15)
        assert 0 < delta < eps / bound_above(scope)
        Market(next(settings(scope)), eps=eps, delta=delta)


def test_the_root_set_is_what_the_rational_strategy_proposes_from() -> None:
    scope = Scope(players=2, goods=2, values=(-1, 1), samples=15)
    for setting in settings(scope):
        mechanism = build("market", setting)
        for context in contexts(scope, setting):
            plays = outcomes(mechanism, rational_profile(mechanism, context)).plays
            ((_, proposal),) = plays[0].history[0].moves
            assert proposal in root_set(Valued(context), 0)


def test_expected_utilities_under_the_fair_variant_by_another_path() -> None:
    """The rational strategies play, and utilities differ by delta(n-1)/n for each unit of what endowments are worth."""
    scope = Scope(players=3, goods=2, values=(-3, 3), samples=4)
    for setting in settings(scope):
        mechanism = build("market-fair", setting)
        assert isinstance(mechanism, MarketFair)
        for context in contexts(scope, setting):
            played = outcomes(mechanism, rational_profile(mechanism, context))
            utilities = [played.utility(context, i) for i in range(3)]
            owned = [context.worth(i, setting.endowment or ()) for i in range(3)]
            for i, j in product(range(3), repeat=2):
                unequal = owned[j] - owned[i] if Valued(context).most else 0
                assert utilities[i] - utilities[j] == mechanism.delta * Fraction(2, 3) * unequal


def test_the_overhead_fails_exactly_where_nothing_is_to_be_gained() -> None:
    exactly = OVERHEAD.read("exactly, in every rational play")
    found = exactly.verdict(exactly.quick).counterexample
    context = found.cases["rational play"].context
    assert Valued(context).most == 0


@pytest.mark.parametrize(("one", "other"), list(product([-3, 0, 5], [-2, 0, 5])))
def test_counted_integers_are_integers(one: int, other: int) -> None:
    meter = Meter()
    counted = Counted(one, meter)
    half = Fraction(other, 2)
    assert counted + other == one + other
    assert other - counted == other - one
    assert counted - half == one - half
    assert half + counted == half + one
    assert (counted < other, counted >= other) == (one < other, one >= other)
    assert (counted < half, counted == half) == (one < half, one == half)
    assert -counted == -one
    assert hash(counted) == hash(one)
    assert meter.steps > 0


def test_a_step_is_noted_with_the_size_of_its_numbers() -> None:
    meter = Meter()
    total = sum([Counted(5, meter), Counted(-9, meter), Counted(2, meter)])
    assert (int(total), meter.steps, meter.largest) == (-2, 3, 4)
    assert Counted(1, meter) < Fraction(1, 1000) or meter.largest == 10


def test_in_the_counted_market_the_proposal_is_rational() -> None:
    for moving in (1, 3):
        counted = CountedMarket.of(2, 3, 3, moving)
        tables = tuple(Table(one.goods, [int(one.value(s)) for s in range(8)]) for one in counted.context.types)  # type: ignore[union-attr]
        valued = Valued(Context(counted.context.setting, tables))
        assert tuple(map(int, counted.best)) in valued.optimal
        assert valued.most > 0


def test_steps_grow_with_players_and_goods_but_not_with_bits() -> None:
    few, most, largest = steps_of(CountedMarket.of(3, 3, 4, 3))
    same, _, larger = steps_of(CountedMarket.of(3, 3, 40, 3))
    more, _, _ = steps_of(CountedMarket.of(4, 3, 4, 3))
    assert few == same < more
    assert largest < larger <= 40 + 8
    assert most >= few


class Quadratic(Market):
    """Step a: every price is compared with every other."""

    def check_prices(self, announced: tuple[Outcome]) -> Position:
        for one, other in product(announced[0].prices, repeat=2):
            _ = one < other
        return super().check_prices(announced)


class Talkative(Market):
    """Step b: whoever leaves everything as it is is asked all the same."""

    def leave(self, proposal: Outcome) -> Position:
        return self.flip(proposal)


class FirstProposes(MarketFair):
    """Step 0 draws nobody."""

    def start(self) -> Position:
        return self.markets[0].start()


class NeverFined(Market):
    """Steps e and k: a refused proposal pays."""

    def fine(self, yes: int) -> Position:
        return self.keep(-self.bound, 0)

    def refuse_alone(self, w: int) -> Position:
        return self.only(w, self.endowment, {})


class Balanced(mechanisms.VCG):
    """Nobody pays."""

    def conclude(self, reports: Any) -> Position:
        end = super().conclude(reports)
        assert isinstance(end, Outcome)
        return Outcome(end.result, (0,) * self.setting.n)


@pytest.mark.parametrize(
    ("mutant", "key"),
    [
        (Quadratic, "market.linear (as printed)"),
        (Talkative, "market.overhead (as printed)"),
        (FirstProposes, "market.fair (as printed)"),
        (NeverFined, "market.approximate (as printed)"),
        (Balanced, "market.vcg (as printed)"),
    ],
)
def test_a_broken_rule_changes_the_verdict(mutant: Any, key: str) -> None:
    reading = next(r for claim in CLAIMS for r in claim.readings.values() if r.key == key)
    with replaced({mutant.name: mutant}):
        assert reading.verdict(reading.quick).status == "fails"


def test_vcg_pays_an_owner_what_the_buyer_reports() -> None:
    setting = market(["p1", "p2"], {"p1": ["g"]}, 2)
    assert setting.goods is not None
    types = (Table(setting.goods, [0, 0]), Table(setting.goods, [0, 1]))
    context = Context(setting, types)
    end = outcome_of(build("vcg", setting), context, types)
    assert end == Outcome((1,), (-1, 0))
    played = outcomes(build("vcg", setting), {(i,): Reports(types) for i in range(2)})
    assert played.revenue == -1


def test_ranges_are_named_in_the_verdicts() -> None:
    verdict = FAIR.read().verdict(FAIR.read().quick)
    assert verdict.range.startswith("players 2, values -1..1, goods 1; every endowment")
    assert LINEAR.read().verdict(Scope(players=3, goods=2, parameters={"bits": 4})).status == "holds"
    assert VCG.id == "market.vcg"
