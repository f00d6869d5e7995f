"""Games written for Gambit, and its answers beside ours."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import chain
from typing import Any

import pygambit
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gambit_support import by_gambit, fraction, profiles_of, pure_profiles, read
from games_support import equilibrium_profiles, random_game
from unrigged.analysis import Game, Tree, reduced_form, strategic_form, subgame_perfect, unfold
from unrigged.analysis.form import CHANCE, END
from unrigged.context import Context
from unrigged.errors import BudgetExceeded
from unrigged.formats.gambit import efg, nfg, quoted
from unrigged.mechanisms import FirstPrice, Mechanism, PerfectRevenue, SecondPrice
from unrigged.setting import auction, choice
from unrigged.valuations import Additive, StateValues

HALF = Fraction(1, 2)


def trust() -> Game:
    tree = Tree(["ann", "bob"])
    moves = {"ann": ["x", "y"], "bob": ["l", "r"]}
    both = tree.simultaneous(moves, [tree.end(*each) for each in [(1, 1), (0, 0), (0, 0), (2, 2)]], "both")
    reply = tree.decision("bob", {"share": tree.end(1, 1), "take": tree.end(0, "2/3")}, "reply")
    coin = tree.chance({"heads": ("1/3", both), "tails": ("2/3", reply)}, "coin")
    return tree.game(tree.decision("ann", {"trust": coin, "keep": tree.end(1, 0)}, "begin"), "trust")


def test_an_extensive_game_line_by_line() -> None:
    assert efg(trust()).splitlines() == [
        'EFG 2 R "trust" { "ann" "bob" }',
        '""',
        'p "" 1 1 "begin 1" { "trust" "keep" } 0',
        'c "" 1 "coin 1" { "heads" 1/3 "tails" 2/3 } 0',
        'p "" 1 2 "both 2" { "x" "y" } 0',
        'p "" 2 1 "both 1" { "l" "r" } 0',
        't "" 1 "outcome 1" { 1, 1 }',
        't "" 2 "outcome 2" { 0, 0 }',
        'p "" 2 1 "both 1" { "l" "r" } 0',
        't "" 2 "outcome 2" { 0, 0 }',
        't "" 3 "outcome 3" { 2, 2 }',
        'p "" 2 2 "reply 2" { "share" "take" } 0',
        't "" 1 "outcome 1" { 1, 1 }',
        't "" 4 "outcome 4" { 0, 2/3 }',
        't "" 5 "outcome 5" { 1, 0 }',
    ]


def test_a_strategic_game_line_by_line() -> None:
    tree = Tree(["ann", "bob"])
    reply = tree.decision("bob", {"share": tree.end(1, 1), "take": tree.end(0, HALF)}, "reply")
    game = tree.game(tree.decision("ann", {"trust": reply, "keep": tree.end(1, 0)}, "begin"), "trust")
    assert nfg(strategic_form(game), "trust").splitlines() == [
        'NFG 1 R "trust" { "ann" "bob" }',
        '{ { "begin: trust" "begin: keep" } { "trust, reply: share" "trust, reply: take" } }',
        '""',
        "",
        "1 1",
        "1 0",
        "0 1/2",
        "1 0",
    ]


def test_names() -> None:
    assert quoted('a "b"\n c') == '"a \\"b\\" c"'
    assert quoted("a\\b") == '"a/b"'


def test_too_large_to_be_written() -> None:
    with pytest.raises(BudgetExceeded, match="7 terminal histories, more than 6"):
        efg(trust(), limit=6)


def choices(game: Game, agent: int) -> list[dict[str, str]]:
    """Every reduced strategy of an agent of `game`."""
    normal = reduced_form(game)
    return [dict(normal.strategy(agent, number)) for number in range(normal.shape[agent])]


def test_reduced_strategies() -> None:
    tree = Tree(["ann", "bob"])
    again = tree.decision("ann", {"up": tree.end(3, 3), "down": tree.end(4, 0)}, "again")
    reply = tree.decision("bob", {"go": again, "stop": tree.end(1, 2)}, "reply")
    game = tree.game(tree.decision("ann", {"in": reply, "out": tree.end(2, 2)}, "begin"))
    assert choices(game, 0) == [
        {"begin": "in", "in, go, again": "up"},
        {"begin": "in", "in, go, again": "down"},
        {"begin": "out"},
    ]
    normal = reduced_form(game)
    assert normal.payoffs[0].tolist() == [[3, 1], [4, 1], [2, 2]]
    assert normal.payoffs[1].tolist() == [[3, 2], [0, 2], [2, 2]]


def test_strategies_that_lead_to_the_same_are_one() -> None:
    tree = Tree(["ann", "bob"])
    ends = [tree.end(1, 0, name="left"), tree.end(1, 0, name="middle"), tree.end(2, 0, name="right")]
    game = tree.game(tree.decision("ann", dict(zip("lmr", ends, strict=True))))
    assert reduced_form(game).shape == (2, 1)
    assert reduced_form(game, "outcomes").shape == (3, 1)
    assert reduced_form(game).names(1) == ("nothing to choose",)


def test_a_limit_on_profiles() -> None:
    with pytest.raises(BudgetExceeded, match="more than 7 strategy profiles"):
        reduced_form(trust(), limit=7)
    assert reduced_form(trust(), limit=20).shape == (3, 4)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_profiles_of_the_normal_form_give_what_following_them_gives(seed: int) -> None:
    game = random_game(seed)
    try:
        normal = reduced_form(game, limit=400)
    except BudgetExceeded:
        assume(False)
    tables = [dict(normal.strategy(0, a)) for a in range(normal.shape[0])]
    others = [dict(normal.strategy(1, b)) for b in range(normal.shape[1])]
    for a, mine in enumerate(tables):
        for b, yours in enumerate(others):
            followed = follow(game, (mine, yours), game.form.root, "")
            assert followed == tuple(Fraction(int(table[a, b]), game.scale) for table in normal.payoffs)


def follow(game: Game, profile: tuple[dict[str, str], ...], node: int, before: str) -> tuple[Fraction, ...]:
    """Payoffs when both do at every decision what their strategies say, in words."""
    form = game.form
    if form.kinds[node] == END:
        return tuple(Fraction(column[form.info[node]], game.scale) for column in game.ends)
    children = [form.child[edge] for edge in form.edges(node)]
    if form.kinds[node] == CHANCE:
        odds = form.odds[form.info[node]]
        sides = [
            [chance * value for value in follow(game, profile, child, f"{before}{name}, ")]
            for name, chance, child in zip(odds.names, odds.chances, children, strict=True)
        ]
        return tuple(map(sum, zip(*sides, strict=True)))
    turn = form.turns[form.info[node]]
    joint = tuple(profile[player][before + turn.label] for player in turn.players)
    return follow(game, profile, children[turn.edge(joint)], before + "".join(f"{move}, " for move in joint))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9))
def test_gambit_finds_the_same_subgame_perfect_payoffs(seed: int) -> None:
    game = random_game(seed)
    assume(1 < profiles_of(efg(game)) <= 600)
    assert by_gambit(game, game) == set(subgame_perfect(game).payoffs)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9))
def test_gambit_finds_the_same_equilibria_of_the_normal_form(seed: int) -> None:
    game = random_game(seed)
    try:
        normal = reduced_form(game, limit=500)
    except BudgetExceeded:
        assume(False)
    assume(max(normal.shape) > 1)
    solved = pygambit.nash.enumpure_solve(read(nfg(normal.normal_form())))
    theirs = {tuple(fraction(profile.payoffs[name]) for name in game.names) for profile in solved.equilibria}
    mine, yours = normal.payoffs
    stable = (mine == mine.max(axis=0, keepdims=True)) & (yours == yours.max(axis=1, keepdims=True))
    ours = {
        (Fraction(int(mine[a, b]), game.scale), Fraction(int(yours[a, b]), game.scale))
        for a, b in zip(*stable.nonzero(), strict=True)
    }
    assert ours == theirs
    assert set(subgame_perfect(game).payoffs) <= theirs


def auction_game(mechanism: type[Mechanism], values: tuple[int, ...], bound: int) -> Game:
    setting = auction(["ann", 'bo"b'], ["vase"])
    assert setting.goods is not None
    context = Context(setting, tuple(Additive(setting.goods, {"vase": value}) for value in values))
    return Game.of(unfold(mechanism.build(setting), bound), context)


@pytest.mark.parametrize("make", [FirstPrice, SecondPrice])
def test_gambit_on_sealed_bids(make: type[Mechanism]) -> None:
    game = auction_game(make, (3, 2), 4)
    ours = set(subgame_perfect(game).payoffs)
    assert set(pure_profiles(efg(game)).values()) == ours == set(equilibrium_profiles(game))
    solved = pygambit.nash.enumpure_solve(read(nfg(strategic_form(game))))
    assert {tuple(fraction(one.payoffs[name]) for name in game.names) for one in solved.equilibria} == ours


@pytest.mark.parametrize("coalitions", [(), ((0, 1),)])
def test_gambit_on_perfect_revenue(coalitions: tuple[tuple[int, ...], ...]) -> None:
    setting = choice(["ann", "bob"], ["park"], value_bound=2)
    assert setting.states is not None
    types = tuple(StateValues(setting.states, row) for row in ([1], [1]))
    context = Context(setting, types, coalitions=coalitions)
    mechanism = PerfectRevenue(setting)
    game = Game.of(unfold(mechanism, few_prices), context)
    (payoffs,) = subgame_perfect(game).payoffs
    text = efg(game)
    assert set(re.findall(r"\\\"state\\\": \\\"(\w+)", text)) == {"park"}
    everything = read(text)
    assert list(everything.players) == list(game.names)
    solved = pygambit.nash.enumpure_solve(read(nfg(strategic_form(game))))
    theirs = [tuple(fraction(one.payoffs[name]) for name in game.names) for one in solved.equilibria]
    assert payoffs in theirs
    tree = Game.of(unfold(mechanism, few_prices, transposed=False), context)
    assert by_gambit(game, tree) == {payoffs}


def few_prices(space: Any) -> list[Any]:
    """Openings that ask nothing of ann, and all else."""
    return [move for move in space.grid(1) if not hasattr(move, "prices") or move.prices[0] == 0]


def test_gambit_reads_every_name() -> None:
    game = auction_game(FirstPrice, (1, 2), 1)
    assert list(read(efg(game, 'a "title"')).players) == ["ann", 'bo"b']
    assert read(efg(game, 'a "title"')).title == 'a "title"'
    assert len(list(chain(*reduced_form(game).kept))) == 4
