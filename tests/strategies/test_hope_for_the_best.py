"""Equilibria of HOPE-FOR-THE-BEST that the papers name."""

from __future__ import annotations

from fractions import Fraction

from unrigged.context import Context
from unrigged.mechanisms.hope_for_the_best import HopeForTheBest
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.setting import choice
from unrigged.strategies.hope_for_the_best import ReportDivided
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import StateValues

SETTING = choice(["ann", "bob"], ["park", "pool", "rink"])
EPS = Fraction(1, 10)
MECHANISM = HopeForTheBest(SETTING, eps=EPS)


def context(ann: list[int], bob: list[int]) -> Context:
    states = SETTING.states or ()
    return Context(SETTING, (StateValues(states, ann), StateValues(states, bob)))


CONTEXT = context([6, 2, 12], [0, 4, 6])


def played(reading: str, among: Context = CONTEXT) -> Outcome:
    ((outcome, chance),) = outcomes(MECHANISM, rational_profile(MECHANISM, among, reading=reading)).outcomes
    assert chance == 1
    return outcome


def test_the_truth() -> None:
    assert played("truthful") == Outcome(2, (12 - EPS, 6 - EPS))


def test_everything_halved_halves_the_revenue() -> None:
    assert played("divided-by-2") == Outcome(2, (6 - EPS, 3 - EPS))
    assert played("divided-by-2", context([0, 5, 1], [0, 2, 1])) == Outcome(1, (2 - EPS, 1 - EPS))


def test_everything_divided_by_three() -> None:
    strategy = ReportDivided(CONTEXT, 3)
    ((outcome, _),) = outcomes(MECHANISM, {(0,): strategy, (1,): strategy}).outcomes
    assert outcome == Outcome(2, (4 - EPS, 2 - EPS))


def test_one_state_that_is_not_the_best() -> None:
    assert played("one-state") == Outcome(1, (2 - EPS, 2 - EPS))
    nobody_agrees = context([6, 0, 0], [0, 4, 0])
    assert played("one-state", nobody_agrees) == played("truthful", nobody_agrees)


def test_one_who_deviates_gets_nothing() -> None:
    profile = rational_profile(MECHANISM, CONTEXT)
    profile[(0,)] = ReportDivided(CONTEXT, 2)
    ((outcome, _),) = outcomes(MECHANISM, profile).outcomes
    assert CONTEXT.utility(0, outcome) == 0
