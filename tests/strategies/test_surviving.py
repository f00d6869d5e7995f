"""Plays of the mechanism of 2009 that survive five rounds of elimination (Lemmas 1 to 5, Theorem 2)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.context import Context
from unrigged.mechanisms.surviving import Surviving
from unrigged.play import outcomes
from unrigged.setting import NULL_STATE, choice
from unrigged.strategies.base import Scripted
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import StateValues

SETTING = choice(["ann", "bob", "cy"], ["park", "pool"], value_bound=8)
MECHANISM = Surviving(SETTING)
READINGS = ["truthful", "optimal-state"]


def context(*values: list[int], coalitions: tuple[tuple[int, ...], ...] = ()) -> Context:
    return Context(SETTING, tuple(StateValues(SETTING.states or (), row) for row in values), coalitions=coalitions)


row = st.lists(st.integers(0, 7), min_size=2, max_size=2)


@settings(max_examples=40, deadline=None)
@given(values=st.tuples(row, row, row), reading=st.sampled_from(READINGS), place=st.sampled_from(["first", "last"]))
def test_revenue_and_welfare_are_as_theorem_2_says(
    values: tuple[list[int], list[int], list[int]], reading: str, place: str
) -> None:
    mechanism = Surviving(SETTING, null_position=place)
    among = context(*values)
    distribution = outcomes(mechanism, rational_profile(mechanism, among, reading=reading))
    best = max(sum(column) for column in zip(*values, strict=True))
    assert distribution.revenue >= (1 - mechanism.eps) * best - mechanism.eps
    assert distribution.welfare(among) >= (1 - mechanism.eps) * best
    # everybody says YES to his true value, whatever state is drawn
    for outcome, _ in distribution.outcomes:
        for player in SETTING.everyone:
            assert MECHANISM.eps1 <= among.utility(player, outcome) - MECHANISM.eps1 < 2 * MECHANISM.eps1


def test_announcements_and_raises() -> None:
    among = context([1, 5], [4, 0], [0, 3])
    play = outcomes(MECHANISM, rational_profile(MECHANISM, among)).plays[0]
    announced = dict(play.history[0].moves)
    assert announced[0] == ((0, 0), (4, 0), (0, 3))
    only = outcomes(MECHANISM, rational_profile(MECHANISM, among, reading="optimal-state"))
    assert dict(only.plays[0].history[0].moves)[0] == ((0, 0), (0, 0), (0, 3))
    # where park is drawn, the others raise what nobody announced
    drawn = next(each for each in only.plays if each.history[1].side == "state park")
    assert dict(drawn.history[2].moves) == {0: (0, 4, 0), 1: (1, 0, 0), 2: (1, 4, 0)}


def test_no_to_more_than_the_true_value() -> None:
    among = context([1, 5], [4, 0], [0, 3])
    profile = rational_profile(MECHANISM, among)
    script = {"announce": {"ann": {"bob": {"park": 4}, "cy": {"pool": 7}}}}
    profile[(0,)] = Scripted(script, profile[(0,)])  # type: ignore[arg-type]
    distribution = outcomes(MECHANISM, profile)
    ann = max(distribution.outcomes, key=lambda item: item[1])[0]
    assert ann.result == NULL_STATE
    assert 7 - 2 * MECHANISM.eps1 < ann.prices[0] <= 7 - MECHANISM.eps1


@pytest.mark.parametrize("reading", READINGS)
def test_members_of_coalitions_play_as_they_would_alone(reading: str) -> None:
    alone = context([1, 5], [4, 0], [0, 3])
    together = context([1, 5], [4, 0], [0, 3], coalitions=((0, 1),))
    assert (
        outcomes(MECHANISM, rational_profile(MECHANISM, alone, reading=reading)).outcomes
        == outcomes(MECHANISM, rational_profile(MECHANISM, together, reading=reading)).outcomes
    )
