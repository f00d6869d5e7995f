"""Strategic forms, dominance and equilibria as Gambit finds them in the extensive games that we write for it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pygambit
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gambit_support import by_gambit, fraction, profiles_of, read
from games_support import random_game
from unrigged.analysis import Game, NormalForm, Notion, strategic_form, subgame_perfect, unfold
from unrigged.analysis.conditional import conditional_elimination
from unrigged.analysis.elimination import eliminate
from unrigged.analysis.nash import pure_equilibria
from unrigged.context import Context
from unrigged.errors import BudgetExceeded
from unrigged.formats.gambit import efg, nfg
from unrigged.mechanisms import BestBelief, FirstPrice, HopeForTheBest, Mechanism, SecondPrice, Surviving
from unrigged.moves.answer import YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.setting import auction, choice
from unrigged.valuations import Additive, StateValues


def small(seed: int, limit: int = 400) -> tuple[Game, NormalForm]:
    """A random game with something to choose, and its strategic form."""
    game = random_game(seed, players=2 + seed % 2)
    try:
        table = strategic_form(game, marks="histories", limit=limit)
    except BudgetExceeded:
        assume(False)
    assume(max(table.shape) > 1)
    return game, table


def as_gambit_has_it(game: Game) -> tuple[object, list[object]]:
    """The extensive game in Gambit, and the payoff tables of what it takes to be the reduced strategic form."""
    theirs = read(efg(game))
    exactly = np.vectorize(fraction, otypes=[object])
    return theirs, [exactly(table) for table in theirs.to_arrays(dtype=pygambit.Rational)]


def agree(game: Game, table: NormalForm) -> None:
    _, tables = as_gambit_has_it(game)
    assert all(mine.shape == yours.shape for mine, yours in zip(table.payoffs, tables, strict=True))
    assert all((mine == yours).all() for mine, yours in zip(table.payoffs, tables, strict=True))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9))
def test_strategic_forms_are_the_same(seed: int) -> None:
    """Strategy by strategy, in the same order."""
    agree(*small(seed))


def one_good(*values: int) -> Context:
    setting = auction(["ann", "bob"], ["vase"])
    assert setting.goods is not None
    return Context(setting, tuple(Additive(setting.goods, {"vase": value}) for value in values))


def one_state(*values: int) -> Context:
    setting = choice(["ann", "bob"], ["park"], value_bound=2)
    assert setting.states is not None
    return Context(setting, tuple(StateValues(setting.states, [value]) for value in values))


def no_raises(space: MoveSpace) -> list[Move]:
    """Answers; what is announced about the other alone, 0 or 1; and no raises."""
    listed = list(space.grid(1))
    if isinstance(space, YesNo):
        return listed
    if not isinstance(listed[0][0], tuple):
        return listed[:1]
    return [move for move in listed if not any(move[space.player])]  # type: ignore[attr-defined]


MECHANISMS = [
    (FirstPrice, one_good(3, 2), 4),
    (SecondPrice, one_good(3, 2), 4),
    (BestBelief, one_good(1, 1), 1),
    (HopeForTheBest, one_state(1, 1), 1),
    (Surviving, one_state(1, 0), no_raises),
]


@pytest.mark.parametrize(("make", "context", "grid"), MECHANISMS)
def test_mechanisms(make: type[Mechanism], context: Context, grid: object) -> None:
    """Tables, rounds of elimination and equilibria in pure strategies."""
    game = Game.of(unfold(make.build(context.setting), grid), context)  # type: ignore[arg-type]
    table = strategic_form(game, marks="histories")
    agree(game, table)
    for notion in (Notion.STRICT, Notion.WEAK):
        rounds_agree(read(efg(game)), table, notion)
    equilibria_agree(game, table)


def rounds_agree(theirs: pygambit.Game, table: NormalForm, notion: Notion) -> None:
    """In every round, strategy by strategy, dominated for Gambit is dominated for us.

    Asked is `is_dominated`: where strategies have equal payoffs, `undominated_strategies_solve` of pygambit 17.0.0b2
    drops more than `is_dominated` and the definition say (see `test_gambit_drops_too_much`).
    """
    found = eliminate(table, notion)
    labels = {player: list(theirs.get_strategies(player)) for player in theirs.players}
    for number in range(len(found.rounds) + 1):
        now, following = found.after(number), found.after(number + 1)
        left = {player: {labels[player][k] for k in own} for player, own in zip(labels, now, strict=True)}
        support = theirs.strategy_support_profile(lambda player, label, left=left: label in left[player])
        for (player, listed), own, kept in zip(labels.items(), now, following, strict=True):
            for k in own:
                assert support.is_dominated(player, listed[k], notion is Notion.STRICT) == (k not in kept)


def test_gambit_drops_too_much() -> None:
    """Bids 2 and 3 of a second-price auction with values 3 and 2 pay the same, and neither dominates the other. When
    Gambit keeps both, `rounds_agree` can ask it for all at once."""
    table = strategic_form(Game.of(unfold(SecondPrice.build(one_good(3, 2).setting), 4), one_good(3, 2)))
    assert eliminate(table, Notion.WEAK).surviving_names == (("bid: 2", "bid: 3"),) * 2
    assert (table.payoffs[1][:, 2] == table.payoffs[1][:, 3]).all()
    theirs = read(nfg(table))
    whole = theirs.strategy_support_profile()
    assert not any(whole.is_dominated(player, f"bid: {bid}", False) for player in theirs.players for bid in (2, 3))
    at_once = pygambit.supports.undominated_strategies_solve(whole, strict=False)
    assert [list(at_once[player]) for player in theirs.players] == [["bid: 2"]] * 2


def equilibria_agree(game: Game, table: NormalForm) -> None:
    """As many, with the same payoffs."""
    solved = pygambit.nash.enumpure_solve(read(efg(game))).equilibria
    theirs = sorted(tuple(fraction(one.payoffs[name]) for name in game.names) for one in solved)
    ours = pure_equilibria(table)
    assert sorted(tuple(Fraction(payoffs[one]) for payoffs in table.payoffs) for one in ours) == theirs


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([Notion.STRICT, Notion.WEAK]))
def test_elimination_in_random_games(seed: int, notion: Notion) -> None:
    game, table = small(seed)
    rounds_agree(read(efg(game)), table, notion)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_equilibria_of_random_games(seed: int) -> None:
    equilibria_agree(*small(seed))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_mixed_equilibria_use_only_what_survives(seed: int) -> None:
    """Strict dominance by mixtures takes nothing that some equilibrium in mixed strategies uses."""
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(2, 5)), int(rng.integers(2, 5)))
    tables = tuple(rng.integers(0, 6, shape) + 2 * np.indices(shape)[agent] for agent in range(2))
    game = NormalForm(("a", "b"), tuple(tuple(f"s{k}" for k in range(size)) for size in shape), tables)
    survivors = eliminate(game, Notion.STRICT, mixed=True).survivors
    theirs = read(nfg(game))
    equilibria = pygambit.nash.enummixed_solve(theirs).equilibria
    assert equilibria
    for profile in equilibria:
        for player, names, own in zip(theirs.players, game.strategies, survivors, strict=True):
            weights = dict(profile[player])
            assert {k for k, name in enumerate(names) if weights[name] > 0} <= set(own)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_subgame_perfect_play_survives_conditional_dominance(seed: int) -> None:
    """Gambit finds in what remains the very equilibria of the whole game, where that has any in pure strategies (what
    has gone can be a subgame that has none)."""
    game = random_game(seed)
    ours, remaining = set(subgame_perfect(game).payoffs), conditional_elimination(game).remaining
    assume(ours and 1 < profiles_of(efg(remaining)) <= 400)
    assert by_gambit(remaining, remaining) == ours
