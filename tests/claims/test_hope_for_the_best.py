"""The claim on HOPE-FOR-THE-BEST: equilibria beside the search of pure equilibria."""

from __future__ import annotations

from itertools import product

import pytest

from unrigged.analysis import Game, subgame_perfect, unfold
from unrigged.claims.base import Scope, replaced
from unrigged.claims.perfect_revenue.hope_for_the_best import (
    CLAIMS,
    Unanimous,
    context_of,
    divided,
    mechanisms,
    one_state,
)
from unrigged.mechanisms.hope_for_the_best import HopeForTheBest
from unrigged.moves.profiles import Profile
from unrigged.outcome import Outcome
from unrigged.protocol import Position

(MANY,) = CLAIMS

FAIL = {"as printed", "one state, whichever"}


def test_unanimous_reports_are_equilibria_exactly_where_nobody_loses() -> None:
    """One state, two players: the outcomes of the pure equilibria of the whole game, beside those found by hand."""
    scope = Scope(players=2, states=1, values=(0, 2))
    mechanism = next(mechanisms(scope))
    form = unfold(mechanism, 2)
    for truth in product(product(range(3)), repeat=2):
        context = context_of(mechanism, truth)
        found = {
            end for lottery in subgame_perfect(Game.of(form, context), outcomes=True).outcomes for end, _ in lottery
        }
        deviations: list[Profile] = list(product(product(range(3)), repeat=2))
        alike = [Unanimous(mechanism, context, report) for report in deviations]
        stable = {one.outcome for one in alike if one.gain(deviations) is None}
        assert stable <= found
        assert all(end.result == -1 for end in found - stable)


def test_reports_of_other_values() -> None:
    assert divided(((4, 2), (0, 6)), 2) == ((2, 1), (0, 3))
    assert one_state(((4, 2), (0, 6)), 1, 2) == ((0, 2), (0, 2))


class FirstReportCounts(HopeForTheBest):
    """The first report decides, whether or not the others agree."""

    def compare(self, reported: tuple[Profile, ...]) -> Position:
        return super().compare((reported[0],) * len(reported))


class NoDiscount(HopeForTheBest):
    """Prices are the reported values."""

    def compare(self, reported: tuple[Profile, ...]) -> Position:
        end = super().compare(reported)
        assert isinstance(end, Outcome)
        return Outcome(end.result, tuple(price + self.eps for price in end.prices)) if end.result >= 0 else end  # type: ignore[operator]


@pytest.mark.parametrize("mutant", [FirstReportCounts, NoDiscount])
def test_a_broken_rule_changes_a_verdict(mutant: type[HopeForTheBest]) -> None:
    before = {name: each.verdict(each.quick).why for name, each in MANY.readings.items()}
    with replaced({"hope-for-the-best": mutant}):
        after = {name: each.verdict(each.quick).why for name, each in MANY.readings.items()}
    assert before != after
