"""Σ¹ and Σ²: the conditional route agrees with the literal definitions wherever those can be applied."""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest

from unrigged.analysis import Game, Tree, unfold
from unrigged.analysis.announced import announced
from unrigged.analysis.reduced_form import strategic_form
from unrigged.analysis.robust import Literal, Robust, survivors
from unrigged.context import Context
from unrigged.errors import BudgetExceeded, InputError
from unrigged.mechanisms import Leveraging, SecondPrice
from unrigged.moves.declarations import DeclarationSpace
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.setting import Goods, auction
from unrigged.strategic import NormalForm
from unrigged.strategies.base import ByValue, Scripted
from unrigged.valuations import Table

GOODS = Goods(["g"])
TYPES = [Table(GOODS, [0, value]) for value in range(4)]
ALONE = ((0,), (1,))


def two(**parameters: Any) -> Leveraging:
    return Leveraging(auction(["p1", "p2"], ["g"]), **parameters)


def some_of(mechanism: Leveraging, count: int, seed: int, bound: int = 2) -> list[list[Any]]:
    """A few declarations of every player, drawn by `seed`."""
    rng = Random(seed)
    return [rng.sample(list(space.grid(bound)), count) for _, space in mechanism.announcements]


def robust(mechanism: Leveraging, moves: Sequence[Sequence[Any]]) -> Robust:
    table = announced(mechanism, ALONE, [[(move,) for move in own] for own in moves])
    return Robust({ALONE: table, ((0, 1),): table.all_together()})


def literal(mechanism: Leveraging, moves: Sequence[Sequence[Any]], coalitions: tuple[tuple[int, ...], ...]) -> Literal:
    """The same on strategic forms; contexts are pairs of values, an agent of one player knowing only his own."""

    def listed(space: Any) -> list[Any]:
        return moves[space.player] if isinstance(space, DeclarationSpace) else list(space.grid(0))

    form = unfold(mechanism, listed)

    def game(context: Hashable) -> NormalForm:
        assert isinstance(context, tuple)
        types = tuple(TYPES[value] for value in context)
        return strategic_form(Game.of(form, Context(mechanism.setting, types), agents=coalitions), marks="histories")

    def compatible(context: Hashable, agent: str) -> list[Hashable]:
        assert isinstance(context, tuple)
        if agent == "p1+p2":
            return [context]
        mine = ("p1", "p2").index(agent)
        return [other for other in product(range(3), repeat=2) if other[mine] == context[mine]]

    return Literal(game, compatible)


def announcements(mechanism: Leveraging, game: NormalForm, agent: int, kept: Sequence[int]) -> set[str]:
    """What the kept strategies announce, in words; of a coalition both members' declarations."""
    return {str(game.strategies[agent][number]).removeprefix("announce: ").split("; ")[0] for number in kept}


def written(mechanism: Leveraging, agent: Sequence[int], joint: Sequence[Any]) -> str:
    spaces = dict(mechanism.announcements)
    texts = [spaces[player].encode(move) for player, move in zip(agent, joint, strict=True)]
    return " & ".join(text if isinstance(text, str) else json.dumps(text) for text in texts)


@pytest.mark.parametrize("seed", range(6))
def test_two_players_as_by_the_definitions(seed: int) -> None:
    mechanism = two(eps=Fraction(1 + seed % 3, 4))
    moves = some_of(mechanism, 4, seed)
    fast, slow = robust(mechanism, moves), literal(mechanism, moves, ALONE)
    eliminated = 0
    for context in product(range(3), repeat=2):
        types = tuple(TYPES[value] for value in context)
        for player in (0, 1):
            agent, name = (player,), f"p{player + 1}"
            assert fast.inside(ALONE, agent, (types[player],)).exact
            first = slow.first(context, name)
            game = first.regions[0].game
            rows = fast.first(ALONE, agent, (types[player],)).rows
            assert announcements(mechanism, game, 0, first.strategies) == {
                written(mechanism, agent, (moves[player][row],)) for row in rows
            }
            second = slow.second(context, name)
            worlds = [
                (tuple(TYPES[value] for value in other), ALONE)
                for other in product(range(3), repeat=2)
                if other[player] == context[player]
            ]
            rows = fast.second(agent, (types[player],), worlds).rows
            assert announcements(mechanism, game, 0, second.strategies) == {
                written(mechanism, agent, (moves[player][row],)) for row in rows
            }
            eliminated += 4 - len(rows)
    assert eliminated > 0


@pytest.mark.parametrize("seed", range(3))
def test_two_who_collude_as_by_the_definitions(seed: int) -> None:
    mechanism = two()
    moves = some_of(mechanism, 3, 100 + seed)
    fast, slow = robust(mechanism, moves), literal(mechanism, moves, ((0, 1),))
    for context in [(0, 0), (2, 1)]:
        types = tuple(TYPES[value] for value in context)
        together = ((0, 1),)
        rows = fast.second((0, 1), types, [(types, together)]).rows
        second = slow.second(context, "p1+p2")
        assert announcements(mechanism, second.regions[0].game, 0, second.strategies) == {
            written(mechanism, (0, 1), fast.tables[together].moves[0][row]) for row in rows
        }


def test_utilities_are_those_of_the_play() -> None:
    mechanism = two()
    moves = some_of(mechanism, 5, 7)
    fast = robust(mechanism, moves)
    table = fast.tables[ALONE]
    names, spaces = mechanism.setting.players, dict(mechanism.announcements)
    for context in [(0, 1), (2, 1)]:
        types = tuple(TYPES[value] for value in context)
        measured = fast.measured((types, ALONE), lambda end: end.revenue)
        for first, second in product(range(5), repeat=2):
            number = table.profile((first, second))
            made = table.chosen(number)
            full = Context(mechanism.setting, types)
            script = {"announce": {names[i]: spaces[i].encode(made[i]) for i in (0, 1)}}
            profile = {(i,): Scripted(script, ByValue(full)) for i in (0, 1)}
            distribution = outcomes(mechanism, profile)
            for player in (0, 1):
                expected = Fraction(int(fast.utilities((types, ALONE), (player,))[number]), table.scale)
                assert expected == distribution.utility(full, player)
            assert Fraction(int(measured[number]), table.scale) == distribution.revenue


def test_believed_announcements_are_compared_over() -> None:
    """Σ² over more announcements of the others keeps more of one's own."""
    mechanism = two()
    moves = some_of(mechanism, 12, 3)
    exact, loose = robust(mechanism, moves), robust(mechanism, moves)
    loose.believed = lambda agent: range(12)
    worlds = [((TYPES[1], TYPES[value]), ALONE) for value in range(3)]
    assert set(exact.second((0,), (TYPES[1],), worlds).rows) <= set(loose.second((0,), (TYPES[1],), worlds).rows)


def test_a_row_is_beaten_only_by_one_that_is_surely_better_everywhere() -> None:
    import numpy as np

    low = np.array([[1, 1], [2, 2], [3, 0]])
    high = np.array([[1, 1], [2, 3], [9, 9]])
    found = survivors(range(3), [(low, high)])
    assert found.rows == (1, 2)
    assert found.dominator == {0: 1}
    assert survivors([0, 2], [(low, high)]).rows == (0, 2)
    assert survivors(range(3), [(low, high), (high, high)]).rows == (1, 2)


def test_worlds_must_be_compatible() -> None:
    mechanism = two()
    fast = robust(mechanism, some_of(mechanism, 2, 1))
    with pytest.raises(InputError, match="possible world"):
        fast.second((0,), (TYPES[1],), [])
    with pytest.raises(InputError, match="own types"):
        fast.second((0,), (TYPES[1],), [((TYPES[2], TYPES[0]), ALONE)])


def test_only_announcements_and_answers() -> None:
    setting = auction(["p1", "p2"], ["g"])
    with pytest.raises(InputError, match="the bid must be an integer"):
        announced(SecondPrice(setting), ALONE, [[(-1,)], [(0,)]])
    with pytest.raises(BudgetExceeded):
        announced(SecondPrice(setting), ALONE, [[(0,), (1,)], [(0,), (1,)]], limit=3)
    table = announced(SecondPrice(setting), ALONE, [[(0,), (2,)], [(1,)]])
    assert [node.ends for node in table.replies] == [(Outcome((1,), (0, 0)),), (Outcome((0,), (1, 0)),)]


def test_the_literal_steps_need_an_agent_of_that_name() -> None:
    tree = Tree(["ann", "bob"])
    game = strategic_form(
        tree.game(tree.decision("ann", {"a": tree.end(1, 0), "b": tree.end(0, 0)})), marks="histories"
    )
    steps = Literal(lambda _: game, lambda context, _: [context])
    assert steps.first(0, "ann").strategies == (0,)
    with pytest.raises(InputError, match="cy"):
        steps.first(0, "cy")
