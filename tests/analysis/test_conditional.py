"""Conditional dominance against the definitions, and against literal elimination of whole strategies."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from games_support import random_game
from plays_support import followed
from unrigged.analysis import Game, Tree, subgame_perfect, unfold
from unrigged.analysis.conditional import ConditionalElimination, actions, conditional_elimination
from unrigged.analysis.dominance import dominance
from unrigged.analysis.elimination import eliminate
from unrigged.analysis.form import DECISION, END
from unrigged.analysis.linear import game_value
from unrigged.analysis.reduced_form import ReducedForm, reduced_form
from unrigged.analysis.subgames import surviving_form
from unrigged.certificates import Dominated
from unrigged.context import Context
from unrigged.errors import BudgetExceeded
from unrigged.mechanisms import BestBelief, Leveraging, Mechanism, PerfectRevenue, Surviving
from unrigged.moves.answer import YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.declarations import Declaration
from unrigged.outcome import Outcome
from unrigged.setting import NOBODY, auction, choice
from unrigged.strategic import Allowed, Notion
from unrigged.valuations import Additive, StateValues

Marks = Literal["histories", "outcomes"]
Distributions = set[frozenset[tuple[object, Fraction]]]


def distributions(form: ReducedForm, left: Allowed | None = None) -> Distributions:
    """The distributions of histories (in words) or of outcomes that the strategies `left` lead to."""
    found = set()
    for profile in product(*(left or map(range, form.shape))):
        _, histories, outcomes = followed(form.game, tuple(dict(form.strategy(*each)) for each in enumerate(profile)))
        found.add(frozenset((outcomes if form.same == "outcomes" else histories).items()))
    return found


def literally(game: Game, mixed: bool, marks: Marks = "histories", limit: int = 300) -> Distributions:
    """Those that survive when whole strategies are eliminated, in tables, in simultaneous rounds."""
    form = reduced_form(game, marks, limit=limit)
    found = eliminate(form.normal_form(), Notion.DISTINGUISHABLE, mixed=mixed)
    assert found.finished
    assert not found.undecided
    return distributions(form, found.survivors)


def small(seed: int, mixed: bool) -> Game:
    """A random game with a small table, in which there is a mixture to be found where that is asked."""
    game = random_game(seed, players=2 + seed % 2, payoffs=4)
    try:
        reduced_form(game, "histories", limit=300)
    except BudgetExceeded:
        assume(False)
    assume(game.form.histories > 2)
    return game


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9), st.booleans())
def test_against_literal_elimination(seed: int, mixed: bool) -> None:
    game = small(seed, mixed)
    literal = literally(game, mixed)
    remaining = conditional_elimination(game, mixed=mixed).remaining
    assert literal <= distributions(reduced_form(remaining, "histories"))
    assert literally(remaining, mixed) == literal
    assert distributions(surviving_form(game, mixed=mixed)) == literal
    assert distributions(surviving_form(remaining, mixed=mixed)) == literal


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9))
def test_by_outcomes_against_literal_elimination(seed: int) -> None:
    game = small(seed, False)
    literal = literally(game, False, "outcomes")
    assert distributions(surviving_form(game, marks="outcomes")) == literal
    assert literally(conditional_elimination(game).remaining, False, "outcomes") == literal


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9), st.booleans())
def test_the_order_makes_no_difference(seed: int, mixed: bool) -> None:
    game = random_game(seed, players=3, depth=4)
    assume(game.form.nodes > 3)
    by_rounds = conditional_elimination(game, mixed=mixed)
    upwards = conditional_elimination(game, mixed=mixed, order="upwards")
    for node in range(game.form.nodes):
        if game.form.kinds[node] == DECISION:
            for agent in range(3):
                assert by_rounds.surviving(node, agent) == upwards.surviving(node, agent)
    assert by_rounds.finished
    assert upwards.finished
    for most in range(len(by_rounds.rounds)):
        stopped = conditional_elimination(game, mixed=mixed, rounds=most)
        assert stopped.rounds == by_rounds.rounds[:most]
        assert not stopped.finished


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9), st.booleans())
def test_every_round_against_the_definition(seed: int, mixed: bool) -> None:
    """An action goes exactly if every plan that begins with it is strictly dominated in the table of its subgame."""
    game = small(seed, mixed)
    found = conditional_elimination(game, mixed=mixed)
    for number in range(len(found.rounds) + 1):
        before = ConditionalElimination(game, mixed, found.rounds[:number], False)
        going = {(one.node, one.agent, one.action) for one in (found.rounds[number] if found.rounds[number:] else ())}
        for node in range(game.form.nodes):
            if game.form.kinds[node] == DECISION:
                assert slowly(before, node, mixed) == {one for one in going if one[0] == node}


def slowly(before: ConditionalElimination, node: int, mixed: bool) -> set[tuple[int, int, int]]:
    """The actions at `node` of which every plan is dominated, by the definition, where `before` is what has gone."""
    from dataclasses import replace

    game = before.game
    turn = game.form.turns[game.form.info[node]]
    part = Game(replace(game.form, root=node, begun=0), game.agents, game.scale, game.ends, game.gains)
    rounds = tuple(tuple(one for one in each if one.node <= node) for each in before.rounds)
    rest = ConditionalElimination(part, mixed, rounds, False).remaining
    form = reduced_form(rest, "histories")
    table = form.normal_form()
    found = set()
    for agent in game.movers(turn):
        mine = [dict(form.strategy(agent, number)) for number in range(form.shape[agent])]
        listed = actions(game, turn, agent)
        for number, moves in enumerate(listed):
            words = " & ".join(map(str, moves))
            plans = [number for number, plan in enumerate(mine) if plan[turn.label] == words]
            if plans and all(
                isinstance(dominance(Notion.STRICT, agent, plan, table, mixed=mixed), Dominated) for plan in plans
            ):
                found.add((node, agent, number))
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_perfect_information_without_ties(seed: int) -> None:
    """One play is left, the subgame-perfect one, and literal elimination agrees at once."""
    game = random_game(seed, players=3, payoffs=10**6, simultaneous=False)
    found = subgame_perfect(game)
    assume(game.form.histories > 2 and found.one_profile)
    remaining = conditional_elimination(game).remaining
    assert remaining.perfect_information
    assert all(len(turn.moves[0]) == 1 for turn in remaining.form.turns)
    assert subgame_perfect(remaining).payoffs == found.payoffs


def evening(inside: tuple[int, int] = (3, 1)) -> Game:
    """Ann may stay out, or go in and then meet bob, each choosing where to go."""
    tree = Tree(["ann", "bob"])
    pairs = [inside, (0, 0), (0, 0), (1, 3)]
    moves = {"ann": ["opera", "match"], "bob": ["opera", "match"]}
    together = tree.simultaneous(moves, [tree.end(*pair) for pair in pairs], "evening")
    return tree.game(tree.decision("ann", {"out": tree.end(2, 0), "in": together}, "first"))


def test_forward_induction_is_what_actions_alone_do_not_give() -> None:
    game = evening()
    found = conditional_elimination(game, mixed=True)
    assert found.rounds == ()
    assert found.remaining.form.histories == 5
    (survivor,) = distributions(surviving_form(game))
    assert survivor == frozenset({("in, opera, opera, ", Fraction(1))})
    assert {survivor} == literally(game, False)


def test_only_a_mixture_dominates() -> None:
    tree = Tree(["ann", "bob"])
    pairs = [(3, 0), (0, 0), (0, 0), (3, 0), (1, 0), (1, 0)]
    moves = {"ann": ["a", "b", "c"], "bob": ["l", "r"]}
    game = tree.game(tree.simultaneous(moves, [tree.end(*pair) for pair in pairs]))
    assert conditional_elimination(game).rounds == ()
    ((gone,),) = conditional_elimination(game, mixed=True).rounds
    assert (gone.agent, gone.action, gone.by) == (0, 2, ((0, Fraction(1, 2)), (1, Fraction(1, 2))))


def test_a_mixture_secures_more_than_any_plan() -> None:
    """Staying out for 1 is worse than guessing bob's side for 3 or 0 in secret, by a mixture alone."""
    tree = Tree(["ann", "bob"])
    moves = {"ann": ["l", "r"], "bob": ["l", "r"]}
    guess = tree.simultaneous(moves, [tree.end(*pair) for pair in [(3, 0), (0, 3), (0, 3), (3, 0)]], "guess")
    game = tree.game(tree.decision("ann", {"out": tree.end(1, 1), "in": guess}, "first"))
    assert conditional_elimination(game).rounds == ()
    found = conditional_elimination(game, mixed=True)
    assert [found.in_words(one) for one in found.rounds[0]] == ["ann, first: out is worse than in"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.fractions(-3, 3, max_denominator=3), min_size=3, max_size=3), min_size=1, max_size=4))
def test_values_of_zero_sum_games(rows: list[list[Fraction]]) -> None:
    """Some mixture of rows secures the value (two rows and a vertex each), and some mixture of columns no less."""
    value = game_value(rows)
    assert value is not None
    columns = [[-entry for entry in column] for column in zip(*rows, strict=True)]
    assert game_value(columns) == -value
    assert max(map(min, rows)) <= value <= min(map(max, zip(*rows, strict=True)))


def test_a_value_beyond_the_budget() -> None:
    assert game_value([[3, 0], [0, 1]], pivots=0) is None
    tree = Tree(["ann", "bob"])
    moves = {"ann": ["l", "r"], "bob": ["l", "r"]}
    guess = tree.simultaneous(moves, [tree.end(*pair) for pair in [(3, 0), (0, 3), (0, 3), (3, 0)]])
    with pytest.raises(BudgetExceeded, match="steps of the simplex"):
        conditional_elimination(tree.game(guess), mixed=True, pivots=0)


# Mechanisms.


def one_good(*values: int) -> Context:
    setting = auction(["ann", "bob"], ["vase"])
    assert setting.goods is not None
    return Context(setting, tuple(Additive(setting.goods, {"vase": value}) for value in values))


def one_state(*values: int) -> Context:
    setting = choice(["ann", "bob"], ["park"], value_bound=2)
    assert setting.states is not None
    return Context(setting, tuple(StateValues(setting.states, [value]) for value in values))


def offers(space: MoveSpace) -> list[Move]:
    """Of an announcement: nothing, and to sell to the other at 1 or 2."""
    return list(space.grid(2))


def prices_for_bob(space: MoveSpace) -> list[Move]:
    """Openings that ask nothing of ann, and all else."""
    return [move for move in space.grid(1) if not hasattr(move, "prices") or move.prices[0] == 0]


def few_values(space: MoveSpace) -> list[Move]:
    """Of values of everybody and raises: those about the others alone."""
    listed = list(space.grid(1))
    if isinstance(space, YesNo):
        return listed
    own = space.player  # type: ignore[attr-defined]
    return [move for move in listed if not any(move[own] if isinstance(move[own], tuple) else [move[own]])][:2]


def few_declarations(space: MoveSpace) -> list[Move]:
    """To name oneself, or both; and to offer the good to nobody, or to the other at 1."""
    if isinstance(space, YesNo):
        return list(space.grid(1))
    own = space.player  # type: ignore[attr-defined]
    other = 1 - own
    sold = Outcome((other,), tuple(int(player == other) for player in range(2)))
    nothing = Outcome((NOBODY,), (0, 0))
    return [
        Declaration((own,), (own,), nothing),
        Declaration((own,), (own,), sold),
        Declaration((0, 1), (own,), sold),
    ]


CASES = [
    (BestBelief, one_good(2, 1), offers),
    (BestBelief, one_good(1, 2), offers),
    (PerfectRevenue, one_state(1, 1), prices_for_bob),
    (Surviving, one_state(1, 0), few_values),
    (Surviving, one_state(1, 1), few_values),
    (Leveraging, one_good(2, 1), few_declarations),
    (Leveraging, one_good(0, 1), few_declarations),
]


@pytest.mark.parametrize(("make", "context", "grid"), CASES)
@pytest.mark.parametrize("mixed", [False, True])
def test_mechanisms(make: type[Mechanism], context: Context, grid: object, mixed: bool) -> None:
    game = Game.of(unfold(make.build(context.setting), grid), context)  # type: ignore[arg-type]
    literal = literally(game, mixed, limit=110_000)
    found = conditional_elimination(game, mixed=mixed)
    assert found.rounds
    assert any(kind != END for kind in found.remaining.form.kinds)
    assert literal <= distributions(reduced_form(found.remaining, "histories"))
    assert literally(found.remaining, mixed, limit=110_000) == literal
    assert distributions(surviving_form(game, mixed=mixed)) == literal


def test_a_coalition_keeps_joint_moves() -> None:
    """Of its four joint moves two are left, which are not all combinations of single ones."""
    tree = Tree(["ann", "bob", "cy"])
    moves = {"ann": ["x", "y"], "bob": ["x", "y"]}
    ends = [tree.end(1, 1, 0), tree.end(0, 0, 0), tree.end(0, 0, 0), tree.end(1, 1, 0)]
    alone = tree.game(tree.simultaneous(moves, ends, "both"))
    game = Game(alone.form, ((0, 1), (2,)), 1, ([2, 0, 0, 2], [0, 0, 0, 0]), ([0], [0]))
    remaining = conditional_elimination(game).remaining
    (turn,) = remaining.form.turns
    assert (turn.players, turn.moves) == ((0,), (("x & x", "y & y"),))
    assert subgame_perfect(remaining).payoffs == subgame_perfect(game).payoffs == ((2, 0),)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.booleans(), st.sampled_from([((0, 1), (2,)), ((0, 2), (1,)), ((0,), (1, 2))]))
def test_coalitions_against_literal_elimination(seed: int, mixed: bool, agents: tuple[tuple[int, ...], ...]) -> None:
    """Agents of several members, who move jointly and at different positions; compared by the ends reached, of which
    every history has its own."""
    alone = random_game(seed, players=3, payoffs=4)
    columns = [tuple(sum(alone.ends[player][end] for player in one) for end in alone.form.ends) for one in agents]
    game = Game(alone.form, agents, alone.scale, tuple(columns), ((0,), (0,)))
    assume(game.form.histories > 2)
    try:
        table = reduced_form(game, "histories", limit=300)
    except BudgetExceeded:
        assume(False)
    literal = ends(table, eliminate(table.normal_form(), Notion.DISTINGUISHABLE, mixed=mixed).survivors)
    remaining = reduced_form(conditional_elimination(game, mixed=mixed).remaining, "histories")
    assert literal <= ends(remaining)
    left = eliminate(remaining.normal_form(), Notion.DISTINGUISHABLE, mixed=mixed).survivors
    assert ends(remaining, left) == literal == ends(surviving_form(game, mixed=mixed))


def ends(form: ReducedForm, left: Allowed | None = None) -> Distributions:
    """The distributions of ends that the strategies `left` lead to."""
    found = set()
    for profile in product(*(left or map(range, form.shape))):
        strategies = tuple(dict(form.strategy(*each)) for each in enumerate(profile))
        found.add(frozenset(followed(form.game, strategies)[2].items()))
    return found
