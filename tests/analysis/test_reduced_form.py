"""Strategic forms of games, their marks compared with histories and outcomes followed one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from fractions import Fraction
from itertools import product
from typing import Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from games_support import random_game
from unrigged.analysis import Game, NormalForm, Tree, reduced_form, strategic_form, unfold
from unrigged.analysis.form import CHANCE, END
from unrigged.context import Context
from unrigged.errors import BudgetExceeded
from unrigged.mechanisms import FirstPrice, PerfectRevenue, SecondPrice
from unrigged.setting import auction, choice
from unrigged.valuations import Additive, StateValues

Told = dict[Hashable, Fraction]
"""A distribution of histories or of outcomes."""


def plays(game: Game, profile: tuple[dict[str, str], ...]) -> Iterator[tuple[str, int, tuple[int, ...], Fraction]]:
    """Every terminal history in words, its end, the payments on the way and its probability, when everybody does what
    his strategy says in words."""
    form = game.form
    waiting = [(form.root, "", (form.begun,), Fraction(1))]
    while waiting:
        node, before, paid, chance = waiting.pop()
        if form.kinds[node] == END:
            yield before, form.info[node], paid, chance
            continue
        edges = form.edges(node)
        if form.kinds[node] == CHANCE:
            odds = form.odds[form.info[node]]
            waiting += [
                (form.child[edge], f"{before}{name}, ", (*paid, form.paid[edge]), chance * side)
                for edge, name, side in zip(edges, odds.names, odds.chances, strict=True)
            ]
            continue
        turn = form.turns[form.info[node]]
        for offset, edge in enumerate(edges):
            joint = [turn.written(place, move) for place, move in enumerate(turn.joint(offset))]
            if all(
                profile[agent].get(before + turn.label)
                == " & ".join(
                    word for word, player in zip(joint, turn.players, strict=True) if game.agent_of[player] == agent
                )
                for agent in {game.agent_of[player] for player in turn.players}
            ):
                following = before + "".join(f"{word}, " for word in joint)
                waiting.append((form.child[edge], following, (*paid, form.paid[edge]), chance))


def followed(game: Game, profile: tuple[dict[str, str], ...]) -> tuple[tuple[Fraction, ...], Told, Told]:
    """Payoffs, distribution of histories and distribution of outcomes of a profile."""
    payoffs, histories, outcomes = [Fraction(0)] * len(game.agents), defaultdict(Fraction), defaultdict(Fraction)
    for words, end, paid, chance in plays(game, profile):
        histories[words] += chance
        outcome = game.form.ends[end]
        for some in paid:
            prices = game.form.payments[some]
            outcome = outcome.after(prices) if prices else outcome
        outcomes[outcome] += chance
        for agent, (column, gain) in enumerate(zip(game.ends, game.gains, strict=True)):
            payoffs[agent] += chance * Fraction(column[end] + sum(gain[some] for some in paid), game.scale)
    return tuple(payoffs), dict(histories), dict(outcomes)


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
