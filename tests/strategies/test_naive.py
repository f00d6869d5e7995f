"""Rational play of the naive mechanisms: truthful proposals, also where the legal range of prices is too narrow."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrigged.context import Coalition, Context
from unrigged.mechanisms import Mechanism, Naive1, Naive2, Naive3, Naive4
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.setting import market
from unrigged.strategies.naive import prices_in_range
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import Additive, Table, Valuation

ANN, BOB, CY = 0, 1, 2
SETTING = market(["ann", "bob", "cy"], {"ann": ["hut"], "bob": ["van"], "cy": []}, 16)
GOODS = SETTING.goods
assert GOODS is not None
TYPES = (
    Additive(GOODS, {"hut": 5, "van": 9}),
    Additive(GOODS, {"hut": 3, "van": 6}),
    Additive(GOODS, {"hut": 12, "van": 1}),
)
STAY = Outcome((ANN, BOB), (0, 0, 0))
EPS = Fraction(1, 30)


def ends(
    mechanism: Mechanism, *coalitions: Coalition, reading: str = "", types: tuple[Valuation, ...] = TYPES
) -> dict[Outcome, Fraction]:
    where = Context(mechanism.setting, types, coalitions=coalitions)
    return dict(outcomes(mechanism, rational_profile(mechanism, where, reading=reading)).outcomes)


def test_naive_1_has_many_equilibria() -> None:
    assert ends(Naive1(SETTING)) == {Outcome((CY, ANN), (-6, -6, 12)): 1}
    assert ends(Naive1(SETTING), reading="stay") == {STAY: 1}


@pytest.mark.parametrize("mechanism", [Naive2, Naive3, Naive4])
def test_the_truthful_proposal_is_accepted(mechanism: type[Naive2]) -> None:
    expected = Outcome((CY, ANN), (-6 + 2 * EPS, -6 - EPS, 12 - EPS))
    assert ends(mechanism(SETTING)) == {expected: 1}
    assert ends(mechanism(SETTING), (BOB, CY), reading="one by one") == {expected: 1}


@pytest.mark.parametrize("mechanism", [Naive1, Naive2, Naive3, Naive4])
def test_an_optimal_endowment_is_left_alone(mechanism: type[Naive2]) -> None:
    content = (Additive(GOODS, {"hut": 12}), Additive(GOODS, {"van": 9}), Additive(GOODS, {}))
    assert ends(mechanism(SETTING), types=content) == {STAY: 1}


def test_naive_3_rewards_greed() -> None:
    """Ann asks bob for 15 and takes it; cy has nothing against it, and with probability eps/3 it happens."""
    taken = Outcome((ANN, BOB), (-15 + 2 * EPS, 15 - EPS, -EPS))
    assert ends(Naive3(SETTING), reading="greedy") == {STAY: 1 - EPS / 3, taken: EPS / 3}


def test_greed_spares_colluders_and_needs_a_bystander() -> None:
    taken = Outcome((ANN, BOB), (-15 + 2 * EPS, -EPS, 15 - EPS))
    assert ends(Naive3(SETTING), (ANN, BOB), reading="greedy") == {STAY: 1 - EPS / 3, taken: EPS / 3}
    everybody = ends(Naive3(SETTING), (ANN, BOB, CY), reading="greedy")
    assert everybody == ends(Naive3(SETTING), (ANN, BOB, CY))
    two = market(["ann", "bob"], {"ann": ["hut"], "bob": ["van"]}, 16)
    assert ends(Naive3(two), reading="greedy", types=TYPES[:2]) == ends(Naive3(two), types=TYPES[:2])


def test_greed_beats_the_truth_where_values_are_large() -> None:
    large = market(["ann", "bob", "cy"], {"ann": ["hut"], "bob": ["van"], "cy": []}, 2**20)
    where = Context(large, TYPES)
    mechanism = Naive3(large)
    greedy = outcomes(mechanism, rational_profile(mechanism, where, reading="greedy"))
    truthful = outcomes(mechanism, rational_profile(mechanism, where))
    assert greedy.utility(where, ANN) > 1000 > truthful.utility(where, ANN) == 10 - 2 * EPS


def test_joint_votes_may_differ_from_single_ones() -> None:
    """The collusion problem of naive-4: bob and cy together accept what cy alone would refuse."""
    mechanism = Naive4(SETTING)
    offered = Outcome((CY, ANN), (-6, -7, 13))
    decision = mechanism.vote(offered)
    where = Context(SETTING, TYPES, coalitions=((BOB, CY),))
    found = {
        reading: rational_profile(mechanism, where, reading=reading)[BOB, CY].moves(decision, (BOB, CY), ())  # type: ignore[union-attr, arg-type]
        for reading in ("truthful", "one by one")
    }
    assert {reading: [answer.value for answer in answers.values()] for reading, answers in found.items()} == {
        "truthful": ["YES", "YES"],
        "one by one": ["YES", "NO"],
    }


def test_a_gain_beyond_the_range_is_asked_for_as_far_as_is_legal() -> None:
    """Cy loses 15 by what he owns and gains 15 by the hut: his gain of 30 is no legal price, 15 is."""
    setting = market(["ann", "bob", "cy"], {"ann": ["hut"], "bob": [], "cy": ["van"]}, 16)
    assert setting.goods is not None
    types = (
        Table(setting.goods, [0, 0, 3, 3]),
        Table(setting.goods, [0, 0, 0, 0]),
        Table(setting.goods, [0, 15, -15, 0]),
    )
    assert ends(Naive1(setting), types=types) == {Outcome((CY, ANN), (-15, 0, 15)): 1}


def test_prices_in_range() -> None:
    types = (Additive(GOODS, {"van": 15}), Additive(GOODS, {"hut": 15}), Additive(GOODS, {}))
    where = Context(SETTING, types)
    # Bob gains 15 by the hut, ann 15 by the van.
    assert prices_in_range(where, ANN, (BOB, ANN), 15) == (-15, 15, 0)
    assert prices_in_range(where, CY, (BOB, ANN), 15) == (0, 15, -15)  # ann is let off the 15 that cy may not receive
    assert prices_in_range(where, ANN, (BOB, ANN), 10) == (-10, 10, 0)
    losing = Context(SETTING, (Additive(GOODS, {}), Additive(GOODS, {"van": 15}), Additive(GOODS, {"van": 9})))
    assert prices_in_range(losing, ANN, (ANN, CY), 15) == (6, -15, 9)
    assert prices_in_range(losing, ANN, (ANN, CY), 14) is None  # bob would have to receive 15
    assert prices_in_range(losing, CY, (ANN, CY), 15) == (0, -15, 15)


@given(
    st.lists(st.integers(-7, 7), min_size=6, max_size=6),
    st.lists(st.integers(-1, 2), min_size=2, max_size=2),
    st.integers(0, 2),
    st.integers(1, 7),
)
def test_prices_in_range_are_legal_and_acceptable(
    values: list[int], owners: list[int], proposer: int, most: int
) -> None:
    types = tuple(Additive(GOODS, {"hut": values[2 * i], "van": values[2 * i + 1]}) for i in range(3))
    where = Context(SETTING, types)
    prices = prices_in_range(where, proposer, tuple(owners), most)
    gains = [where.gain(i, tuple(owners)) for i in range(3)]
    others = [i for i in range(3) if i != proposer]
    if prices is None:
        lowest = sum(min(gains[i], most) for i in others)
        assert any(gains[i] < -most for i in others) or lowest < -most
        return
    assert sum(prices) == 0
    assert all(-most <= price <= most for price in prices)
    assert all(prices[i] <= gains[i] for i in others)
    fits = all(-most <= gains[i] <= most for i in others) and abs(sum(gains[i] for i in others)) <= most
    assert not fits or all(prices[i] == gains[i] for i in others)
