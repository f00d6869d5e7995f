"""Strategic forms of games, their marks compared with histories and outcomes followed one by one."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from games_support import random_game
from plays_support import Told, followed
from unrigged.analysis import Game, NormalForm, Tree, reduced_form, strategic_form, unfold
from unrigged.context import Context
from unrigged.errors import BudgetExceeded
from unrigged.mechanisms import FirstPrice, PerfectRevenue, SecondPrice
from unrigged.setting import auction, choice
from unrigged.valuations import Additive, StateValues


def check(game: Game, marks: Literal["histories", "outcomes"], limit: int = 400) -> NormalForm:
    """The strategic form, after every profile has been followed and every mark compared with every other."""
    reduced = reduced_form(game, marks, limit=limit)
    normal = reduced.normal_form()
    assert normal.marks is not None
    told: dict[int, Told] = {}
    for profile in product(*map(range, normal.shape)):
        strategies = tuple(dict(reduced.strategy(agent, one)) for agent, one in enumerate(profile))
        payoffs, histories, outcomes = followed(game, strategies)
        assert payoffs == tuple(table[profile] for table in normal.payoffs)
        seen = histories if marks == "histories" else outcomes
        assert told.setdefault(int(normal.marks[profile]), seen) == seen
    assert len({frozenset(one.items()) for one in told.values()}) == len(told)
    assert all(len(set(own)) == len(own) for own in normal.strategies)
    return normal


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(["histories", "outcomes"]))
def test_marks_of_random_games(seed: int, marks: Literal["histories", "outcomes"]) -> None:
    try:
        check(random_game(seed), marks)
    except BudgetExceeded:
        assume(False)


@pytest.mark.parametrize("make", [FirstPrice, SecondPrice])
@pytest.mark.parametrize("marks", ["histories", "outcomes"])
def test_marks_of_sealed_bids(make: type[FirstPrice | SecondPrice], marks: Literal["histories", "outcomes"]) -> None:
    setting = auction(["ann", "bob"], ["vase"])
    assert setting.goods is not None
    context = Context(setting, tuple(Additive(setting.goods, {"vase": value}) for value in (3, 2)))
    normal = check(Game.of(unfold(make.build(setting), 3), context), marks)
    assert normal.marks is not None
    assert normal.shape == (4, 4)
    outcomes = 4 * 4 if marks == "histories" else 4 + 3 if make is FirstPrice else 7
    assert len(set(normal.marks.ravel().tolist())) == outcomes


def test_marks_where_equal_positions_follow_other_payments() -> None:
    """Transposed and not, a mechanism has the same marks: histories are not positions."""
    setting = choice(["ann", "bob"], ["park"], value_bound=2)
    assert setting.states is not None
    context = Context(setting, tuple(StateValues(setting.states, row) for row in ([1], [1])))
    shared = Game.of(unfold(PerfectRevenue(setting), few_prices), context)
    tree = Game.of(unfold(PerfectRevenue(setting), few_prices, transposed=False), context)
    assert shared.form.nodes < tree.form.nodes
    one, other = strategic_form(shared, marks="histories"), strategic_form(tree, marks="histories")
    assert one.marks is not None
    assert other.marks is not None
    assert one.strategies == other.strategies
    assert one.marks.tolist() == other.marks.tolist()
    assert all((a == b).all() for a, b in zip(one.payoffs, other.payoffs, strict=True))


def few_prices(space: object) -> list[object]:
    """Openings that ask nothing of ann, and all else."""
    return [move for move in space.grid(1) if not hasattr(move, "prices") or move.prices[0] == 0]  # type: ignore[attr-defined]


def test_what_is_one_strategy() -> None:
    tree = Tree(["ann", "bob"])
    ends = [tree.end(1, 0, name="left"), tree.end(1, 0, name="left"), tree.end(2, 0, name="right")]
    game = tree.game(tree.decision("ann", dict(zip("lmr", ends, strict=True))))
    assert strategic_form(game).shape == (2, 1)
    assert strategic_form(game, marks="histories").shape == (3, 1)
    assert strategic_form(game).marks is None
    assert strategic_form(game).strategies[1] == ("nothing to choose",)


def test_payoffs_are_in_the_players_own_unit() -> None:
    tree = Tree(["ann"])
    coin = tree.chance({"heads": ("1/3", tree.end(1)), "tails": ("2/3", tree.end("1/2"))})
    game = tree.game(tree.decision("ann", {"toss": coin, "keep": tree.end(1)}))
    assert strategic_form(game).payoffs[0].tolist() == [Fraction(2, 3), 1]
    setting = auction(["ann", "bob"], ["vase"])
    assert setting.goods is not None
    context = Context(setting, tuple(Additive(setting.goods, {"vase": value}) for value in (1, 1)))
    whole = Game.of(unfold(FirstPrice.build(setting), 1), context)
    assert strategic_form(whole).payoffs[0].dtype == "int64"
