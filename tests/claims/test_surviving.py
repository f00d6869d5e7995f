"""The claims on the mechanism of 2009: verdicts, counterexamples, and what broken rules do to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from random import Random
from typing import Any

import numpy as np
import pytest

from unrigged.claims.base import Scope, Watch, replaced
from unrigged.claims.ledger import decide
from unrigged.claims.surviving import CLAIMS
from unrigged.claims.surviving.general import alike, distinct, random_game
from unrigged.claims.surviving.lemmas import l1, l2, l3, l4_small
from unrigged.claims.surviving.overbidding import family, reason_against
from unrigged.claims.surviving.plays import l5_small
from unrigged.claims.surviving.ranges import pairs
from unrigged.errors import BudgetExceeded
from unrigged.mechanisms.surviving import Known, Surviving
from unrigged.moves.raises import Raises
from unrigged.outcome import Outcome
from unrigged.protocol import Position
from unrigged.setting import NULL_STATE, State

READINGS = [reading for claim in CLAIMS for reading in claim.readings.values()]


def test_every_printed_claim_is_there() -> None:
    printed = ["T1", "L1", "L2", "L3", "L4", "L5", "T2", "optout", "rewards", "order", "generalises"]
    assert [claim.id for claim in CLAIMS] == [f"surviving.{name}" for name in printed]
    assert all("as printed" in claim.readings for claim in CLAIMS)


def test_the_surviving_play_is_silence() -> None:
    reading = next(each for each in READINGS if each.key == "surviving.T2 (as printed)")
    verdict = decide(reading, reading.quick).verdict
    (scenario,) = verdict.counterexample.cases.values()
    assert not any(scenario.moves["announce"].values())
    assert verdict.evidence.accepted["sets of surviving announcements"] == 1


def test_announcements_above_the_truth_need_large_values_and_what_is_kept() -> None:
    reading = next(each for each in READINGS if each.key == "surviving.L4 (as printed)")
    assert decide(reading, reading.quick).verdict.status == "fails"
    assert decide(reading, replace(reading.quick, values=(1, 700))).verdict.status == "holds"
    stages, made, kept = family(783, *pairs(3)[1])
    assert {each.announced[each.player] for each in kept} >= set(made)
    assert reason_against(stages, kept) is None
    assert reason_against(stages, kept[:-1]) is not None
    wrong_state = replace(kept[0], state=0)
    assert reason_against(stages, (wrong_state, *kept[1:])) is not None


def test_parameters_lie_in_the_range_of_the_paper() -> None:
    for players in (2, 3, 4):
        for eps, eps1 in pairs(players):
            assert 0 < 5 * players * eps1 < eps < Fraction(1, 5)


# Broken rules


class NoFine(Surviving):
    """Step e: nobody pays for another's NO."""

    def carry_out_or_punish(self, proposal: Outcome, informed: tuple[int, ...], refusers: tuple[int, ...]) -> Position:
        if not refusers:
            return self.carry_out(proposal)
        return Outcome(NULL_STATE, (0,) * self.setting.n)


class NoCoin(Surviving):
    """Step d: coin 1 always shows Heads, so that an answer may not count."""

    def flip(
        self, proposal: Outcome, informed: tuple[int, ...], asked: tuple[int, ...], answers: tuple[Any, ...]
    ) -> Position:
        refusers = tuple(i for i, answer in zip(asked, answers, strict=True) if answer.value != "YES")
        return self.carry_out_or_punish(proposal, informed, refusers)


class NoReward(Surviving):
    """Step g is left out."""

    def give_rewards(self, state: State, contributed: tuple[Any, ...], found: tuple[tuple[int, Any], ...]) -> Position:
        prices = tuple(price for _, price in found)
        return self.ask_answers(Outcome(state, prices), tuple(bip for bip, _ in found))


class RaisesOnlyRewarded(Surviving):
    """Step g: announcements do not count for the reward."""

    def find_informed(self, state: State, known: Known, raises: tuple[Raises, ...]) -> Position:
        kept = self.give_rewards
        object.__setattr__(self, "give_rewards", lambda s, c, f: kept(s, tuple(x * 0 for x in c), f))
        try:
            return super().find_informed(state, known, raises)
        finally:
            object.__delattr__(self, "give_rewards")


TINY = Scope(players=2, states=1, values=(0, 1))


@pytest.mark.parametrize(
    ("mutant", "decided", "scope"),
    [
        (NoFine, l2, TINY),
        (NoFine, l4_small, TINY),
        (NoCoin, l1, TINY),
        (NoReward, l3, TINY),
        (NoReward, l5_small, TINY),
        (RaisesOnlyRewarded, l5_small, TINY),
    ],
)
def test_a_broken_rule_changes_a_verdict(mutant: type, decided: Callable[..., Any], scope: Scope) -> None:
    assert decided(scope, Watch()).status == "holds"
    with replaced({"surviving": mutant}):
        assert decided(scope, Watch()).status == "fails"


# Games up to names


def test_tables_are_alike_up_to_the_order_of_strategies() -> None:
    one = np.array([[1, 2], [3, 4]])
    assert alike(one, np.array([[4, 3], [2, 1]]))
    assert not alike(one, np.array([[1, 4], [3, 2]]))
    assert not alike(one, np.array([[1, 2, 5], [3, 4, 5]]))
    with pytest.raises(BudgetExceeded):
        alike(np.zeros((9, 9), np.int64), np.zeros((9, 9), np.int64), limit=1000)


def test_indistinguishable_strategies_count_once() -> None:
    rng = Random(5)
    for _ in range(15):
        game = random_game(rng)
        assert game.marks is not None
        first = game.marks.take([0, *range(game.shape[0])], axis=0)
        doubled = replace(
            game,
            strategies=(("again", *game.strategies[0]), *game.strategies[1:]),
            payoffs=tuple(table.take([0, *range(game.shape[0])], axis=0) for table in game.payoffs),
            marks=first,
        )
        assert (distinct(doubled, doubled.everything) == distinct(game, game.everything)).all()
        table = distinct(game, game.everything)
        for order in permutations(range(table.shape[0])):
            assert alike(table, table[list(order)])
