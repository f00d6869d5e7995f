"""Dominance by pure and mixed strategies, against the definitions, textbook games and Gambit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategic_support import bimatrix, games, is_dominator, slowly_dominated
from unrigged.analysis import linear
from unrigged.analysis.dominance import Undecided, dominance, dominated
from unrigged.analysis.linear import Combination, Obstacle, decide, simplex, solved, weighted_rows
from unrigged.analysis.nash import pure_equilibria
from unrigged.certificates import Dominated, NoPureDominator, Undominated, reason_against
from unrigged.errors import InputError
from unrigged.strategic import NormalForm, Notion, Region, coded

HALF = Fraction(1, 2)
MIXERS = bimatrix([[(3, 0), (0, 0)], [(0, 0), (3, 0)], [(1, 0), (1, 0)]])


def test_only_a_mixture_dominates() -> None:
    assert isinstance(dominance(Notion.STRICT, 0, 2, MIXERS), NoPureDominator)
    assert dominance(Notion.STRICT, 0, 2, MIXERS, mixed=True) == Dominated(Notion.STRICT, 0, 2, ((0, HALF), (1, HALF)))
    answer = dominance(Notion.STRICT, 0, 0, MIXERS, mixed=True)
    assert isinstance(answer, Undominated)
    assert answer.beliefs[0].weights[0][0] == (0, (0,))


def test_equal_strategies_do_not_dominate_each_other() -> None:
    twins = bimatrix([[(1, 0), (2, 0)], [(1, 0), (2, 0)]])
    for notion in Notion:
        for mixed in (False, True):
            answer = dominance(notion, 0, 0, twins, mixed=mixed)
            assert not isinstance(answer, Dominated | Undecided)
            assert reason_against(answer, [Region.all_of(twins)]) is None


def test_distinguishable_lies_between_strict_and_weak() -> None:
    """Against `s` the two rows lead to the same history; against `t` the first is better."""
    payoffs, marks = (np.array([[1, 3], [1, 2]]), np.zeros((2, 2), int)), np.array([[0, 1], [0, 2]])
    game = NormalForm(("row", "column"), (("a", "b"), ("s", "t")), payoffs, marks)
    assert dominance(Notion.DISTINGUISHABLE, 0, 1, game) == Dominated(Notion.DISTINGUISHABLE, 0, 1, ((0, Fraction(1)),))
    assert isinstance(dominance(Notion.STRICT, 0, 1, game), NoPureDominator)
    apart = NormalForm(game.agents, game.strategies, payoffs, np.arange(4).reshape(2, 2))
    assert isinstance(dominance(Notion.DISTINGUISHABLE, 0, 1, apart), NoPureDominator)
    assert isinstance(dominance(Notion.WEAK, 0, 1, apart), Dominated)


def test_a_distinguishable_mixture_must_avoid_ties_that_can_be_seen() -> None:
    """Rows a and b together beat c against s and t, but against u they tie with it visibly: nothing dominates."""
    table = [[4, 0, 1], [0, 4, 1], [1, 1, 1]]
    payoffs = (np.array(table), np.zeros((3, 3), int))
    seen = NormalForm(("row", "column"), (tuple("abc"), tuple("stu")), payoffs, np.arange(9).reshape(3, 3))
    answer = dominance(Notion.DISTINGUISHABLE, 0, 2, seen, mixed=True)
    assert isinstance(answer, Undominated)
    assert [belief.weights for belief in answer.beliefs] == [(((0, (2,)), Fraction(1)),)]
    hidden = NormalForm(seen.agents, seen.strategies, payoffs, np.array([[0, 1, 9], [2, 3, 9], [4, 5, 9]]))
    assert isinstance(dominance(Notion.DISTINGUISHABLE, 0, 2, hidden, mixed=True), Dominated)
    assert isinstance(dominance(Notion.WEAK, 0, 2, seen, mixed=True), Dominated)


def test_one_mixture_must_do_in_every_region() -> None:
    """Against s alone a dominates c, against t alone b does, and their mixture in neither."""
    game = bimatrix([[(2, 0), (0, 0)], [(0, 0), (2, 0)], [(1, 0), (1, 0)]])
    left, right = (Region(game, ((0, 1, 2), (choice,))) for choice in (0, 1))
    assert isinstance(dominance(Notion.STRICT, 0, 2, left), Dominated)
    assert isinstance(dominance(Notion.STRICT, 0, 2, right), Dominated)
    for notion in Notion:
        answer = dominance(notion, 0, 2, [left, right], mixed=True)
        assert isinstance(answer, Undominated)
        assert reason_against(answer, [left, right]) is None


def test_gains_are_asked_for_in_every_region() -> None:
    """b never loses to a and gains against t only: over {s} and {t} apart it must gain in both."""
    game = bimatrix([[(1, 0), (1, 0)], [(1, 0), (2, 0)]])
    regions = [Region(game, ((0, 1), (choice,))) for choice in (0, 1)]
    assert isinstance(dominance(Notion.WEAK, 0, 0, game, mixed=True), Dominated)
    answer = dominance(Notion.WEAK, 0, 0, regions, mixed=True)
    assert isinstance(answer, Undominated)
    assert answer.region == 0


def test_regions_may_differ_in_payoffs_and_scale() -> None:
    halves = bimatrix([[(Fraction(1, 2), 0)], [(Fraction(1, 3), 0)]])
    whole = bimatrix([[(5, 0)], [(4, 0)]])
    regions = [Region.all_of(halves), Region.all_of(whole)]
    answer = dominance(Notion.STRICT, 0, 1, regions, mixed=True)
    assert isinstance(answer, Dominated)
    assert isinstance(dominance(Notion.WEAK, 0, 0, regions, mixed=True), Undominated)


def test_the_verdict_in_words() -> None:
    found = dominated(Notion.STRICT, 0, 2, MIXERS, mixed=True)
    assert found.status == "holds"
    assert found.why == "c of row is dominated (strict) by 1/2 a + 1/2 b"
    assert dominated(Notion.STRICT, 0, 2, MIXERS).status == "fails"
    table = np.random.default_rng(5).integers(0, 50, (30, 30))
    table[0] = table[1:].mean(0)
    large = NormalForm(("a", "b"), (tuple(range(30)),) * 2, (table, table))
    assert dominated(Notion.STRICT, 0, 0, large, mixed=True, pivots=0).status in {"holds", "fails"}


def test_what_ran_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "_numerical", lambda gains, worth: None)
    found = dominated(Notion.STRICT, 0, 2, MIXERS, mixed=True, pivots=0)
    assert (found.status, found.why) == ("undecided", "no exact answer within 0 steps of the simplex")
    for notion in (Notion.WEAK, Notion.DISTINGUISHABLE):
        assert isinstance(dominance(notion, 0, 2, MIXERS, mixed=True, pivots=0), Undecided)


@pytest.mark.parametrize("by_hand", [0, 400])
@pytest.mark.parametrize("first", [1, 48])
def test_against_the_definition(by_hand: int, first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both solvers, with all columns at once and with one after the other."""
    monkeypatch.setattr(linear, "BY_HAND", by_hand)
    monkeypatch.setattr(linear, "FIRST_COLUMNS", first)
    compare_with_definition()


@settings(max_examples=60, deadline=None)
@given(games(), st.sampled_from(Notion), st.booleans())
def compare_with_definition(game: NormalForm, notion: Notion, mixed: bool) -> None:
    for agent, own in enumerate(game.everything):
        for strategy in own:
            answer = dominance(notion, agent, strategy, game, mixed=mixed)
            assert reason_against(answer, [Region.all_of(game)]) is None
            assert isinstance(answer, Dominated) == slowly_dominated(game, notion, agent, strategy, mixed)
            if isinstance(answer, Dominated):
                assert is_dominator(game, notion, agent, strategy, dict(answer.by))


@settings(max_examples=60, deadline=None)
@given(games(), st.integers(1, 10**30), st.integers(-(10**30), 10**30), st.integers(1, 9))
def test_units_do_not_matter(game: NormalForm, scale: int, shift: int, divisor: int) -> None:
    """Large integers and Fractions give the same answers as small integers."""
    changed = [(table.astype(object) * scale + shift) * Fraction(1, divisor) for table in game.payoffs]
    other = NormalForm(game.agents, game.strategies, tuple(changed), game.marks)
    for notion in Notion:
        one, two = (dominance(notion, 0, 0, each, mixed=True) for each in (game, other))
        assert type(one) is type(two)
        assert reason_against(two, [Region.all_of(other)]) is None


@pytest.mark.parametrize("seed", range(4))
def test_large_mixtures_are_confirmed_exactly(seed: int) -> None:
    """60 strategies against 80: a strategy a little below the mean of all others is found dominated, one above not."""
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 1000, (60, 80))
    total = table[1:].sum(0)
    for change, kinds in ((-1, Dominated), (1000, Undominated | Dominated)):
        table[0] = total // 59 + change
        game = NormalForm(("a", "b"), (tuple(range(60)), tuple(range(80))), (table, table))
        for notion in (Notion.STRICT, Notion.WEAK):
            answer = dominance(notion, 0, 0, game, mixed=True)
            assert isinstance(answer, kinds)
            assert reason_against(answer, [Region.all_of(game)]) is None


def test_a_hair_decides() -> None:
    """A margin far below what floating point sees, on either side."""
    big = 10**18
    for hair, kind in ((-1, Dominated), (0, Undominated), (1, Undominated)):
        rows = [[big if i == j else 0 for j in range(22)] for i in range(22)]
        game = bimatrix([[(22 * value, 0) for value in line] for line in [*rows, [0] * 22]], ("x" * 23, "y" * 22))
        table = np.array(game.payoffs[0], object)
        table[22] = big + hair
        exact = NormalForm(game.agents, game.strategies, (table, game.payoffs[1]))
        assert isinstance(dominance(Notion.STRICT, 0, 22, exact, mixed=True), kind)


matrices = st.integers(1, 5).flatmap(
    lambda rows: st.integers(1, 5).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(-3, 3), min_size=columns, max_size=columns), min_size=rows, max_size=rows
        )
    )
)


@settings(max_examples=200, deadline=None)
@given(matrices, st.data())
def test_one_of_two_things(matrix: list[list[int]], data: st.DataObject) -> None:
    gains = np.array(matrix)
    worth = data.draw(st.lists(st.integers(-2, 2), min_size=len(matrix), max_size=len(matrix)))
    for found in (decide(gains, worth), simplex(gains, worth)):
        if isinstance(found, Combination):
            assert all(weight > 0 for _, weight in found.weights)
            assert (weighted_rows(gains, found.weights) >= 0).all()
            assert sum(weight * worth[row] for row, weight in found.weights) > 0
        else:
            assert isinstance(found, Obstacle)
            assert all(weight > 0 for _, weight in found.weights)
            for line, value in zip(matrix, worth, strict=True):
                assert sum(weight * line[column] for column, weight in found.weights) + value <= 0


@given(
    st.integers(0, 4).flatmap(
        lambda n: st.lists(st.lists(st.integers(-3, 3), min_size=n, max_size=n), min_size=n, max_size=n)
    )
)
def test_systems_are_solved_exactly(system: list[list[int]]) -> None:
    right = list(range(1, len(system) + 1))
    found = solved(system, right)
    if found is None:
        assert abs(np.linalg.det(np.array(system, float))) < 1e-6
    else:
        for line, value in zip(system, right, strict=True):
            assert sum((a * x for a, x in zip(line, found, strict=True)), Fraction(0)) == value


@given(games())
def test_pure_equilibria_are_those_without_deviations(game: NormalForm) -> None:
    found = set(pure_equilibria(game))
    for profile in np.ndindex(game.shape):
        best = all(
            game.payoffs[agent][profile] >= game.payoffs[agent][(*profile[:agent], s, *profile[agent + 1 :])]
            for agent, own in enumerate(game.everything)
            for s in own
        )
        assert (profile in found) == best


BAD: list[tuple[dict[str, Any], str]] = [
    ({"payoffs": (np.array([[0.5]]), np.array([[1]]))}, "payoffs of a: found the binary float 0.5"),
    ({"payoffs": (np.array([[True]]), np.array([[1]]))}, "payoffs of a: found [Tt]rue"),
    ({"payoffs": (np.array([[1, 2]]), np.array([[1]]))}, r"payoffs of a: found an array of shape \(1, 2\)"),
    ({"agents": ("a",)}, "normal form: found 1 agents"),
    ({"strategies": ((), ("x",))}, "strategies of a: found none"),
    ({"marks": np.array([0])}, "marks: found int64 of shape"),
    ({"marks": np.array([[0.0]])}, "marks: found float64"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_what_is_no_game_is_refused(change: dict[str, Any], message: str) -> None:
    whole: dict[str, Any] = {
        "agents": ("a", "b"),
        "strategies": (("s",), ("x",)),
        "payoffs": (np.array([[1]]), np.array([[1]])),
    }
    with pytest.raises(InputError, match=message):
        NormalForm(**{**whole, **change})


def test_marks_must_determine_payoffs() -> None:
    with pytest.raises(InputError, match=r"another payoff of row at profile \(0, 1\)"):
        NormalForm(("row", "column"), (("a",), ("s", "t")), (np.array([[1, 2]]),) * 2, coded("mm", (1, 2)))


def test_wrong_questions_are_refused() -> None:
    unmarked = NormalForm(("a", "b"), (("s",), ("x",)), (np.array([[1]]),) * 2)
    with pytest.raises(InputError, match="give the game its marks"):
        dominance(Notion.DISTINGUISHABLE, 0, 0, unmarked)
    with pytest.raises(InputError, match="agent"):
        dominance(Notion.STRICT, 2, 0, unmarked)
    with pytest.raises(InputError, match="strategy"):
        dominance(Notion.STRICT, 0, 1, unmarked)
    with pytest.raises(InputError, match="regions"):
        dominance(Notion.STRICT, 0, 0, [])
    with pytest.raises(InputError, match="several sets of own strategies"):
        dominance(Notion.STRICT, 0, 0, [Region(MIXERS, ((0, 1), (0,))), Region(MIXERS, ((0,), (0,)))])
    for allowed in (((0, 1),), ((), (0,)), ((1, 0), (0,)), ((0, 3), (0,))):
        with pytest.raises(InputError, match="allowed strategies"):
            Region(MIXERS, allowed)


def test_one_agent_alone() -> None:
    alone = NormalForm(("a",), (("s", "t"),), (np.array([1, 2]),), np.array([0, 1]))
    for notion in Notion:
        for mixed in (False, True):
            assert isinstance(dominance(notion, 0, 0, alone, mixed=mixed), Dominated)
            assert not isinstance(dominance(notion, 0, 1, alone, mixed=mixed), Dominated)
    assert pure_equilibria(alone) == ((1,),)
