"""The truthful profile of the perfect-revenue mechanism, on and off the path."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.benchmarks import Benchmarks
from unrigged.context import Context
from unrigged.errors import InputError
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.moves.answer import NO, YES, YesNo
from unrigged.moves.raises import RaiseSpace
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Decision, Event, settle
from unrigged.setting import NOBODY, NULL_STATE, Setting, auction, choice
from unrigged.strategies.base import Scripted
from unrigged.strategies.registry import rational, rational_profile
from unrigged.valuations import XOR, Additive, StateValues, Valuation

ANN, BOB, CY, DAN = range(4)
PARK, POOL = 0, 1
SETTING = choice(["ann", "bob", "cy", "dan"], ["park", "pool", "rink"])
VALUES = [[1, 5, 0], [4, 2, 9], [0, 3, 0], [7, 2, 3]]  # totals 12, 12, 12
READINGS = ["next-member", "nothing", "others-only"]


def context(
    values: Iterable[Iterable[int]] = VALUES, coalitions: Iterable[tuple[int, ...]] = (), setting: Setting = SETTING
) -> Context:
    types = tuple(StateValues(setting.states or (), list(row)) for row in values)
    return Context(setting, types, coalitions=tuple(coalitions))


def decision_of(mechanism: PerfectRevenue, player: int, space: RaiseSpace | YesNo) -> Decision:
    """A decision in which `player` alone moves in `space`; what follows does not matter to him."""
    position = settle(mechanism.start())[0]
    assert isinstance(position, Decision)
    return Decision("here", ((player, space),), position.then)


def move(reading: str, among: Context, player: int, proposal: Outcome, kind: str) -> object:
    mechanism = PerfectRevenue(among.setting)
    space: RaiseSpace | YesNo
    if kind == "raise":
        space = RaiseSpace(among.setting, player, proposal, (None,) * among.setting.n)
    else:
        space = YesNo(among.setting, player, proposal)
    strategy = rational(mechanism, Benchmarks(among), among.coalition_of(player), reading)
    chosen = strategy.moves(decision_of(mechanism, player, space), (player,), ())[player]  # type: ignore[union-attr]
    assert space.legal(chosen)
    return chosen


def test_without_coalitions_all_welfare_less_discounts_and_rewards_is_paid() -> None:
    mechanism = PerfectRevenue(SETTING)
    eps = mechanism.eps
    distribution = outcomes(mechanism, rational_profile(mechanism, context()))
    ((outcome, chance),) = distribution.outcomes
    assert chance == 1
    assert outcome.result == PARK  # the first of three best
    share = mechanism.rank(Outcome(PARK, (1, 4, 0, 7))) / mechanism.count(12)
    assert outcome.prices == (1 - eps - 2 * eps * 12 + eps * share, 4 - eps, -eps, 7 - eps)
    assert distribution.revenue >= (1 - 3 * eps * 4) * 12
    # player 1 is not asked, cy's price is 0: three times "no raise", two times YES
    opening = mechanism.openings.bits(Outcome(PARK, (1, 4, 0, 7)))
    assert distribution.bits == opening + 3 + 2


def test_nothing_is_worth_anything() -> None:
    mechanism = PerfectRevenue(SETTING)
    distribution = outcomes(mechanism, rational_profile(mechanism, context([[0] * 3] * 4)))
    assert distribution.outcomes == ((Outcome(NULL_STATE, (0,) * 4), 1),)


@pytest.mark.parametrize("reading", READINGS)
def test_a_coalition_pays_through_its_first_member(reading: str) -> None:
    mechanism = PerfectRevenue(SETTING)
    eps = mechanism.eps
    among = context(coalitions=[(BOB, DAN)])
    ((outcome, _),) = outcomes(mechanism, rational_profile(mechanism, among, reading=reading)).outcomes
    assert outcome.result == PARK
    assert outcome.prices[1:] == (11 - eps, -eps, -eps)


def test_raises_bring_each_coalition_to_its_value() -> None:
    among = context(coalitions=[(BOB, DAN)])
    low = Outcome(POOL, (7, 1, 2, 0))  # values 5, 2 + 2, 3
    for reading in READINGS:
        assert move(reading, among, CY, low, "raise") == (0, 3, 0, 0)
    assert move("next-member", among, BOB, low, "raise") == (0, 0, 1, 3)
    assert move("nothing", among, BOB, low, "raise") == (0, 0, 1, 0)
    assert move("others-only", among, BOB, low, "raise") == (0, 0, 1, 0)
    assert move("next-member", among, DAN, low, "raise") == (0, 3, 1, 0)
    assert move("nothing", among, DAN, low, "raise") == (0, 3, 1, 0)
    assert move("others-only", among, DAN, low, "raise") == (0, 0, 1, 0)
    # what one member has too much makes up for what the other lacks
    assert move("nothing", among, CY, Outcome(POOL, (5, 0, 3, 4)), "raise") == (0, 0, 0, 0)


def test_an_independent_raiser_does_not_raise_his_own_price() -> None:
    for reading in READINGS:
        assert move(reading, context(), BOB, Outcome(POOL, (0, 0, 0, 0)), "raise") == (5, 0, 3, 2)


def test_votes_are_by_the_coalitions_total() -> None:
    among = context(coalitions=[(BOB, DAN)])
    assert move("nothing", among, BOB, Outcome(POOL, (0, 4, 0, 0)), "answer") is YES
    assert move("nothing", among, DAN, Outcome(POOL, (0, 4, 0, 0)), "answer") is YES
    assert move("nothing", among, BOB, Outcome(POOL, (0, 1, 0, 4)), "answer") is NO
    assert move("nothing", among, CY, Outcome(POOL, (0, 1, 3, 4)), "answer") is YES
    assert move("nothing", among, CY, Outcome(POOL, (0, 1, 4, 4)), "answer") is NO


def test_after_an_overbid_its_author_is_fined() -> None:
    mechanism = PerfectRevenue(SETTING, eps=Fraction(1, 100))
    profile = rational_profile(mechanism, context())
    script = {"raise 3": {"cy": {"dan": 2}}}
    profile[(CY,)] = Scripted(script, profile[(CY,)])  # type: ignore[arg-type]
    distribution = outcomes(mechanism, profile)
    fined = max(distribution.outcomes, key=lambda item: item[1])[0]
    assert fined.result == NULL_STATE
    assert fined.prices[CY] == 2 * 9 - mechanism.e[1][DAN] * 2
    said = [event for event in distribution.plays[0].history if event.label == "answer 4"]
    assert said == [Event("answer 4", ((DAN, NO),))]


def test_a_cap_below_the_truth_is_refused() -> None:
    among = context()
    for cap in (6, 8):
        with pytest.raises(
            InputError, match=rf"parameters\.cap: found {cap}, expected at least 9, what .* for bob is wo"
        ):
            rational_profile(PerfectRevenue(SETTING, cap=cap), among)
    mechanism = PerfectRevenue(SETTING, cap=9)
    assert outcomes(mechanism, rational_profile(mechanism, among)).plays


# Allocations as states

GOODS = auction(["ann", "bob", "cy"], ["left", "right"])


def bids(*pairs: tuple[list[str], int]) -> Valuation:
    return XOR(GOODS.goods or (), list(pairs))


def test_the_first_best_allocation_is_sold_at_its_values() -> None:
    types = (
        bids((["left"], 4)),
        bids((["left", "right"], 9)),
        Additive(GOODS.goods or (), {"left": 1, "right": 5}),
    )
    mechanism = PerfectRevenue(GOODS)
    eps = mechanism.eps
    ((outcome, _),) = outcomes(mechanism, rational_profile(mechanism, Context(GOODS, types))).outcomes
    # (ann, cy) and (bob, bob) are both worth 9; ann comes first
    assert outcome.result == (ANN, CY)
    share = mechanism.rank(Outcome((ANN, CY), (4, 0, 5))) / mechanism.count(9)
    assert outcome.prices == (4 - eps - 18 * eps + eps * share, -eps, 5 - eps)


def test_a_cap_below_what_goods_are_worth_to_a_coalition_together() -> None:
    among = Context(
        GOODS, (bids((["left"], 4)), bids((["right"], 9)), bids((["left", "right"], 10))), coalitions=((ANN, BOB),)
    )
    with pytest.raises(
        InputError, match=r"parameters\.cap: found 12, expected at least 13, what .* for ann and bob is"
    ):
        rational_profile(PerfectRevenue(GOODS, cap=12), among)
    mechanism = PerfectRevenue(GOODS, cap=13)
    assert outcomes(mechanism, rational_profile(mechanism, among)).plays


values = st.lists(st.integers(0, 3), min_size=3, max_size=3)


@settings(max_examples=40, deadline=None)
@given(tables=st.tuples(values, values, values))
def test_the_opening_is_the_first_allocation_of_largest_welfare(
    tables: tuple[list[int], list[int], list[int]],
) -> None:
    types = tuple(bids((["left"], a), (["right"], b), (["left", "right"], c)) for a, b, c in tables)
    among = Context(GOODS, types)
    listed = list(product(range(NOBODY, 3), repeat=2))
    best = max(among.welfare(allocation) for allocation in listed)
    first = next(allocation for allocation in listed if among.welfare(allocation) == best)
    mechanism = PerfectRevenue(GOODS)
    ((outcome, _),) = outcomes(mechanism, rational_profile(mechanism, among)).outcomes
    assert outcome.result == (first if best else (NOBODY, NOBODY))
    assert outcome.revenue >= (1 - 9 * mechanism.eps) * best


def test_dozens_of_goods_and_players() -> None:
    n, m = 40, 80
    setting = auction([f"player {i}" for i in range(n)], [f"good {g}" for g in range(m)])
    goods = setting.goods or ()
    types = tuple(Additive(goods, {f"good {g}": 1 + (7 * i + 3 * g) % 50 for g in range(m)}) for i in range(n))
    mechanism = PerfectRevenue(setting)
    among = Context(setting, types, coalitions=((1, 2, 3), (10, 20)))
    ((outcome, _),) = outcomes(mechanism, rational_profile(mechanism, among)).outcomes
    best = sum(max(1 + (7 * i + 3 * g) % 50 for i in range(n)) for g in range(m))
    assert among.welfare(outcome.result) == best
    assert (1 - 3 * mechanism.eps * n) * best <= outcome.revenue < best
