"""Mechanisms as finite games: nothing is lost when positions are shared, chance is folded or payoffs are scaled."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games_support import random_game
from unrigged.analysis import Game, Tree, games, subgame_perfect, unfold
from unrigged.analysis.form import CHANCE, END, Form, Odds, Turn
from unrigged.context import Context
from unrigged.errors import BudgetExceeded, InputError
from unrigged.mechanisms import (
    BestBelief,
    FirstPrice,
    Market,
    MarketFair,
    Mechanism,
    Naive3,
    PerfectRevenue,
    Surviving,
)
from unrigged.moves.answer import YES, YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Event, History, replay
from unrigged.setting import auction, choice, market
from unrigged.valuations import Additive, StateValues

HALF = Fraction(1, 2)


def auction_of(*values: int) -> Context:
    setting = auction(["ann", "bob", "cy"][: len(values)], ["vase"])
    assert setting.goods is not None
    return Context(setting, tuple(Additive(setting.goods, {"vase": value}) for value in values))


def choice_of(*rows: list[int]) -> Context:
    setting = choice(["ann", "bob", "cy"][: len(rows)], ["park", "pool"], value_bound=2)
    assert setting.states is not None
    return Context(setting, tuple(StateValues(setting.states, row) for row in rows))


def market_of(hut: int, van: int) -> Context:
    setting = market(["ann", "bob"], {"ann": ["hut"], "bob": ["van"]}, 8)
    assert setting.goods is not None
    return Context(setting, tuple(Additive(setting.goods, {"hut": hut, "van": van}) for _ in range(2)))


def few(space: MoveSpace) -> list[Move]:
    """Some legal moves: of wide spaces a handful."""
    rng = Random(5)
    if isinstance(space, YesNo):
        return list(space.grid(1))
    return list(dict.fromkeys([space.default, *(space.sample(rng, 2) for _ in range(3))]))


CASES = [
    (PerfectRevenue, choice_of([1, 0], [0, 1]), 1),
    (PerfectRevenue, choice_of([1, 0], [0, 1], [1, 1]), 1),
    (FirstPrice, auction_of(2, 1), 2),
    (BestBelief, auction_of(2, 1), 2),
    (Surviving, choice_of([1, 0], [0, 1]), few),
    (Market, market_of(2, 1), few),
    (MarketFair, market_of(2, 1), few),
    (Naive3, market_of(2, 1), few),
]


@pytest.mark.parametrize(("make", "context", "grid"), CASES)
def test_shared_positions_and_scaled_payoffs_change_nothing(
    make: type[Mechanism], context: Context, grid: games.Grid
) -> None:
    mechanism = make.build(context.setting)
    shared, full = unfold(mechanism, grid), unfold(mechanism, grid, transposed=False)
    assert shared.histories == full.histories >= shared.nodes - full.nodes
    assert sum(kind == END for kind in full.kinds) == full.histories
    assert shared.nodes <= full.nodes
    expected = subgame_perfect(Game.of(full, context, integers=False))
    for form in (shared, full):
        scaled = Game.of(form, context)
        assert scaled.integers
        found = subgame_perfect(scaled, outcomes=True)
        assert found.payoffs == expected.payoffs
        assert found.one_profile == expected.one_profile
        assert set(found.outcomes) == set(subgame_perfect(Game.of(full, context), outcomes=True).outcomes)


def walk(form: Form, rng: Random) -> tuple[History, int, list[int]]:
    """A random path through a form: its history, the end it leads to, and the payments on the way."""
    node, paid, history = form.root, [form.begun], []
    while form.kinds[node] != END:
        edges = form.edges(node)
        edge = rng.choice(edges)
        offset = edge - edges.start
        if form.kinds[node] == CHANCE:
            odds = form.odds[form.info[node]]
            history.append(Event(odds.label, side=odds.names[offset]))
        else:
            turn = form.turns[form.info[node]]
            history.append(Event(turn.label, tuple(zip(turn.players, turn.joint(offset), strict=True))))
            assert turn.edge(turn.joint(offset)) == offset
        paid.append(form.paid[edge])
        node = form.child[edge]
    return tuple(history), form.info[node], paid


@pytest.mark.parametrize(("make", "context", "grid"), CASES)
def test_every_path_is_a_play_and_pays_what_the_play_pays(
    make: type[Mechanism], context: Context, grid: games.Grid
) -> None:
    mechanism = make.build(context.setting)
    form = unfold(mechanism, grid)
    together = [tuple(context.setting.everyone[:2]), *((player,) for player in context.setting.everyone[2:])]
    for game in (Game.of(form, context), Game.of(form, context, agents=together)):
        rng = Random(1)
        for _ in range(40):
            history, end, paid = walk(form, rng)
            outcome = replay(mechanism, history)
            for agent, members in enumerate(game.agents):
                payoff = game.ends[agent][end] + sum(game.gains[agent][some] for some in paid)
                assert game.true(payoff) == context.joint_utility(members, outcome)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**9))
def test_fractions_and_integers_agree_on_trees(seed: int) -> None:
    game = random_game(seed, players=3, depth=4)
    plain = Game(game.form, game.agents, 1, *([[Fraction(x, game.scale) for x in column] for column in columns]
                                             for columns in (game.ends, game.gains)))  # fmt: skip
    assert game.integers
    assert subgame_perfect(game).payoffs == subgame_perfect(plain).payoffs


def test_where_no_common_denominator_is_worth_having(monkeypatch: pytest.MonkeyPatch) -> None:
    context = choice_of([1, 0], [0, 1])
    form = unfold(PerfectRevenue(context.setting), 1)
    scaled = Game.of(form, context)
    monkeypatch.setattr(games, "MAX_SCALE_BITS", 3)
    plain = Game.of(form, context)
    assert scaled.integers
    assert not plain.integers
    assert plain.scale == 1
    assert subgame_perfect(plain).payoffs == subgame_perfect(scaled).payoffs


def test_one_form_serves_every_context() -> None:
    form = unfold(PerfectRevenue(choice_of([0, 0], [0, 0]).setting), 1)
    for rows in ([[1, 0], [1, 1]], [[0, 1], [0, 1]], [[0, 0], [0, 0]]):
        context = choice_of(*rows)
        alone = Game.of(unfold(PerfectRevenue(context.setting), 1), context)
        assert subgame_perfect(Game.of(form, context)).payoffs == subgame_perfect(alone).payoffs
    with pytest.raises(InputError, match="the players"):
        Game.of(form, choice_of([0, 0], [0, 0], [0, 0]))
    with pytest.raises(InputError, match="a partition of the 2 players"):
        Game.of(form, choice_of([0, 0], [0, 0]), agents=[(0,)])


def test_moves_that_a_caller_lists() -> None:
    mechanism = FirstPrice(auction_of(2, 1).setting)
    assert unfold(mechanism, lambda space: [0, 1]).histories == 4
    for listed, message in (([], "no moves"), ([1, 1], "listed twice"), ([-1], "legal move"), ([YES], "legal move")):
        with pytest.raises(InputError, match=message):
            unfold(mechanism, lambda space, listed=listed: listed)


def test_a_limit_on_positions() -> None:
    mechanism = FirstPrice(auction_of(2, 1).setting)
    with pytest.raises(BudgetExceeded, match="more than 10 positions"):
        unfold(mechanism, 5, limit=10)


def test_trees_by_hand_are_checked() -> None:
    tree = Tree(["ann", "bob"])
    end = tree.end(1, "1/2")
    with pytest.raises(InputError, match="one for each of 2 players"):
        tree.end(1)
    with pytest.raises(InputError, match="exact number"):
        tree.end(1, 0.5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="did you mean 'ann'"):
        tree.decision("anne", {"a": end})
    with pytest.raises(InputError, match="nodes that this tree has"):
        tree.decision("ann", {"a": 7})
    with pytest.raises(InputError, match="one move or more"):
        tree.decision("ann", {})
    with pytest.raises(InputError, match="players in the order"):
        tree.simultaneous({"bob": ["x"], "ann": ["x"]}, [end])
    with pytest.raises(InputError, match="a node for each of 4"):
        tree.simultaneous({"ann": ["x", "y"], "bob": ["x", "y"]}, [end] * 3)
    with pytest.raises(InputError, match="sum to 1"):
        tree.chance({"h": (HALF, end), "t": ("1/3", end)})
    huge = tree.end(10**30, -(10**30))
    game = tree.game(tree.decision("ann", {"a": end, "b": huge}))
    assert subgame_perfect(game).payoffs == ((10**30, -(10**30)),)


def test_turns_and_odds() -> None:
    turn = Turn("both", (0, 2), (("x", "y", "z"), (1, 2)))
    assert [turn.joint(edge) for edge in range(turn.edges)][3:] == [("y", 2), ("z", 1), ("z", 2)]
    with pytest.raises(InputError, match="one of the 2 moves"):
        turn.edge(("x", 3))
    with pytest.raises(InputError, match="sum to 1"):
        Odds("coin", ("h",), (HALF,))


def test_ends_of_a_mechanism_are_outcomes() -> None:
    form = unfold(FirstPrice(auction_of(2, 1).setting), 1)
    assert set(form.ends) == {Outcome((0,), (0, 0)), Outcome((0,), (1, 0)), Outcome((1,), (0, 1))}
    assert "4 terminal histories" in repr(form)
