"""Iterated and conservative elimination, against the definitions, textbook games and Gambit."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import product

import numpy as np
import pygambit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategic_support import bimatrix, games, is_dominator, slow_elimination, slowly_dominated
from unrigged.analysis.conservative import TwoSteps
from unrigged.analysis.dominance import Undecided
from unrigged.analysis.elimination import Elimination, eliminate, one_at_a_time
from unrigged.certificates import Dominated, reason_against
from unrigged.errors import InputError
from unrigged.strategic import Allowed, NormalForm, Notion


def test_rounds_are_simultaneous_and_recorded() -> None:
    """A textbook chain: t goes first, then b (whom a dominates once t is gone), then s."""
    game = bimatrix([[(1, 0), (1, 2), (0, 1)], [(0, 3), (0, 1), (2, 0)]])
    found = eliminate(game, Notion.STRICT)
    assert [[(one.agent, one.strategy) for one in each] for each in found.rounds] == [[(1, 2)], [(0, 1)], [(1, 0)]]
    assert found.surviving_names == (("a",), ("t",))
    assert found.after(1) == ((0, 1), (0, 1))
    assert found.finished
    assert not eliminate(game, Notion.STRICT, rounds=2).finished
    assert eliminate(game, Notion.STRICT, rounds=2).survivors == ((0,), (0, 1))
    assert eliminate(game, Notion.STRICT, rounds=3).finished
    assert eliminate(game, Notion.STRICT, rounds=0).survivors == game.everything
    assert eliminate(game, Notion.STRICT, rounds=2, mixed=True).survivors == ((0,), (0, 1))


def test_guessing_a_share_of_the_mean() -> None:
    """Two thirds of the mean, guesses 0 to 6: rounds remove what nobody could gain by."""

    def payoffs(p: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(-abs(3 * 3 * guess - 2 * sum(p)) for guess in p)

    game = NormalForm.of(["a", "b", "c"], [range(7)] * 3, payoffs)
    found = eliminate(game, Notion.WEAK)
    assert found.surviving_names == tuple(slow_elimination(game, Notion.WEAK, False)[-1])
    assert all(own[0] == 0 for own in found.survivors)
    assert found.reason_against() is None


def test_weak_dominance_depends_on_the_order() -> None:
    """The usual example: what survives depends on whom one begins with; strict dominance knows no order."""
    game = bimatrix([[(1, 1), (0, 0)], [(1, 1), (2, 1)], [(0, 0), (2, 1)]])
    everything = {eliminate(game, Notion.WEAK, choose=one_at_a_time(seed)).surviving_names for seed in range(20)}
    assert len(everything) > 1
    assert {eliminate(game, Notion.STRICT, choose=one_at_a_time(seed)).survivors for seed in range(20)} == {
        eliminate(game, Notion.STRICT).survivors
    }


def test_mixed_dominators_reach_further() -> None:
    """The middle column goes only by a mixture, and the bottom row only after it."""
    game = bimatrix([[(2, 3), (0, 1), (2, 0)], [(2, 0), (0, 1), (2, 3)], [(1, 3), (5, 1), (1, 0)]])
    assert eliminate(game, Notion.STRICT).survivors == game.everything
    found = eliminate(game, Notion.STRICT, mixed=True)
    assert found.survivors == ((0, 1), (0, 2))
    assert found.rounds[0] == (Dominated(Notion.STRICT, 1, 1, ((0, Fraction(1, 2)), (2, Fraction(1, 2)))),)
    assert found.reason_against() is None


@settings(max_examples=120, deadline=None)
@given(games(), st.sampled_from(Notion), st.booleans())
def test_against_the_definition(game: NormalForm, notion: Notion, mixed: bool) -> None:
    found = eliminate(game, notion, mixed=mixed)
    assert not found.undecided
    assert found.finished
    assert found.reason_against() is None
    assert [found.after(k) for k in range(len(found.rounds) + 1)] == slow_elimination(game, notion, mixed)


@settings(max_examples=100, deadline=None)
@given(games(), st.sampled_from(Notion))
def test_compiled_rounds_equal_the_plain_ones(game: NormalForm, notion: Notion) -> None:
    """The same rounds, and dominators that dominate, as by asking about every strategy in every round."""
    fast, plain = eliminate(game, notion), eliminate(game, notion, choose=lambda found: found)
    assert [fast.after(k) for k in range(len(fast.rounds) + 1)] == [
        plain.after(k) for k in range(len(plain.rounds) + 1)
    ]
    assert fast.rounds == plain.rounds


@settings(max_examples=60, deadline=None)
@given(games(), st.integers(0, 9), st.booleans())
def test_strict_dominance_knows_no_order(game: NormalForm, seed: int, mixed: bool) -> None:
    one = eliminate(game, Notion.STRICT, mixed=mixed, choose=one_at_a_time(seed))
    assert one.survivors == eliminate(game, Notion.STRICT, mixed=mixed).survivors
    assert one.reason_against() is None


@settings(max_examples=60, deadline=None)
@given(games(), st.sampled_from(Notion), st.sampled_from([None, 0, 1, 2, 3]))
def test_pure_dominators_first(game: NormalForm, notion: Notion, rounds: int | None) -> None:
    """Every step is an elimination; strict dominance ends where it always ends."""
    found = eliminate(game, notion, mixed=True, pure_first=True, rounds=rounds)
    assert found.reason_against() is None
    assert rounds is None or len(found.rounds) <= rounds
    assert found.rounds[: len(eliminate(game, notion).rounds)] == eliminate(game, notion, rounds=rounds).rounds
    if found.finished and notion is Notion.STRICT:
        assert found.survivors == eliminate(game, notion, mixed=True).survivors


def histories(game: NormalForm, survivors: Allowed) -> set[int]:
    """The marks that surviving profiles lead to."""
    assert game.marks is not None
    return {int(game.marks[profile]) for profile in product(*survivors)}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-2, 2), min_size=10, max_size=10), st.integers(0, 9))
def test_distinguishable_dominance_keeps_histories_whatever_the_order(payoffs: list[int], seed: int) -> None:
    """A tree: a goes left, or right; then b answers, and after one answer a again. Surviving histories are the same."""
    values = [(payoffs[2 * leaf], payoffs[2 * leaf + 1]) for leaf in range(5)]

    def leaf(p: tuple[int, ...]) -> int:
        left, again = divmod(p[0], 2)
        first, second = divmod(p[1], 2)
        if left == 0:
            return first
        return 2 if second == 0 else 3 + again

    game = NormalForm.of(["a", "b"], [range(4), range(4)], lambda p: values[leaf(p)], mark=leaf)
    one = eliminate(game, Notion.DISTINGUISHABLE, mixed=True, choose=one_at_a_time(seed))
    at_once = eliminate(game, Notion.DISTINGUISHABLE, mixed=True)
    assert histories(game, one.survivors) == histories(game, at_once.survivors)


def test_large_chain_and_ranks() -> None:
    """One strategy each goes per round, 40 rounds; the same with payoffs beyond 64 bits and with Fractions."""
    i, j = np.indices((40, 40))
    table = -((np.maximum(j - 1, 0) - i) ** 2)
    names = (tuple(range(40)),) * 2
    small = eliminate(NormalForm(("a", "b"), names, (table, table.T)), Notion.STRICT)
    assert len(small.rounds) == 39
    assert small.survivors == ((0,), (0,))
    large = tuple(one.astype(object) * 10**30 + Fraction(1, 7) for one in (table, table.T))
    assert eliminate(NormalForm(("a", "b"), names, large), Notion.STRICT).rounds == small.rounds


def test_an_order_that_chooses_nothing_is_refused() -> None:
    game = bimatrix([[(1, 0)], [(0, 0)]])
    with pytest.raises(InputError, match="choose"):
        eliminate(game, Notion.STRICT, choose=lambda found: ())
    foreign = Dominated(Notion.STRICT, 0, 0, ((1, Fraction(1)),))
    with pytest.raises(InputError, match="choose"):
        eliminate(game, Notion.STRICT, choose=lambda found: (foreign,))
    with pytest.raises(InputError, match="marks"):
        eliminate(NormalForm(game.agents, game.strategies, game.payoffs), Notion.DISTINGUISHABLE)


def test_a_forged_record_is_refused() -> None:
    game = bimatrix([[(1, 0), (1, 2), (0, 1)], [(0, 3), (0, 1), (2, 0)]])
    found = eliminate(game, Notion.STRICT)
    turned = Elimination(game, Notion.STRICT, False, found.rounds[::-1], True)
    assert turned.reason_against() is not None
    merged = Elimination(game, Notion.STRICT, False, (sum(found.rounds, ()),), True)
    assert "round 1, strategy 1 of row" in str(merged.reason_against())
    other = Elimination(game, Notion.WEAK, False, found.rounds, True)
    assert "another sense (strict)" in str(other.reason_against())
    mixers = bimatrix([[(3, 0), (0, 0)], [(0, 0), (3, 0)], [(1, 0), (1, 0)]])
    pure = Elimination(mixers, Notion.STRICT, False, eliminate(mixers, Notion.STRICT, mixed=True).rounds, True)
    assert "only by a mixture" in str(pure.reason_against())


def test_what_ran_out_is_kept_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unrigged.analysis.linear._numerical", lambda gains, worth: None)
    game = bimatrix([[(3, 0), (0, 0)], [(0, 0), (3, 0)], [(1, 0), (1, 0)]])
    found = eliminate(game, Notion.STRICT, mixed=True, pivots=0)
    assert [(one.agent, one.strategy) for one in found.undecided] == [(0, 2)]
    assert isinstance(found.undecided[0], Undecided)
    assert found.survivors == game.everything


# Conservative elimination over possibilistic beliefs.


def slow_first(game: NormalForm, notion: Notion, agent: int, mixed: bool) -> tuple[int, ...]:
    """U of the agent, by the definition."""
    return tuple(s for s in game.everything[agent] if not slowly_dominated(game, notion, agent, s, mixed))


def family(seed: int, agents: int = 2) -> dict[tuple[int, ...], NormalForm]:
    """Random mechanism with private values: a mark per profile of strategies, a value per agent, type and mark."""
    rng = np.random.default_rng(seed)
    shape = (4, 3) if agents == 2 else (3, 2, 2)
    marks = rng.integers(0, 5, shape)
    values = rng.integers(0, 3, (agents, 2, 5))
    names = tuple(tuple(range(size)) for size in shape)
    return {
        types: NormalForm(
            tuple("abc"[:agents]), names, tuple(values[agent, own][marks] for agent, own in enumerate(types)), marks
        )
        for types in product(range(2), repeat=agents)
    }


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("notion", [Notion.WEAK, Notion.DISTINGUISHABLE])
def test_two_steps_by_pure_dominators(seed: int, notion: Notion) -> None:
    """Every pair of a strategy and one dominator, tried over every possible profile."""
    known = family(seed, 2 + seed % 2)
    agents = 2 + seed % 2
    possible = [types for types in known if types[0] == 0]
    steps = TwoSteps(known.__getitem__, notion, mixed=False)
    first = slow_first(known[possible[0]], notion, 0, False)
    assert steps.first(0, possible[0]).strategies == first
    expected = []
    for s in first:
        for k in first:
            if s != k and all(
                is_dominator(
                    known[types],
                    notion,
                    0,
                    s,
                    {k: Fraction(1)},
                    tuple(slow_first(known[types], notion, j, False) for j in range(agents)),
                )
                for types in possible
            ):
                break
        else:
            expected.append(s)
    assert steps.second(0, possible).strategies == tuple(expected)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("notion", list(Notion))
def test_two_steps_by_mixtures_are_certified(seed: int, notion: Notion) -> None:
    """Every strategy kept or eliminated, in either step, has a certificate the checker accepts."""
    known = family(seed, 2 + seed % 2)
    steps = TwoSteps(known.__getitem__, notion)
    possible = [types for types in known if types[0] == 1]
    for kept in (steps.first(0, possible[0]), steps.second(0, possible)):
        assert not kept.undecided
        for certificate in (*kept.eliminated, *kept.confirmed):
            assert reason_against(certificate, kept.regions) is None
        assert kept.strategies == tuple(one.strategy for one in kept.confirmed)
        assert sorted(one.strategy for one in (*kept.eliminated, *kept.confirmed)) == list(kept.regions[0].allowed[0])


@pytest.mark.parametrize("seed", range(20))
def test_one_possible_profile_is_two_rounds(seed: int) -> None:
    """Who deems only one profile possible eliminates as in two simultaneous rounds of the game he believes in."""
    known = family(seed)
    for notion in Notion:
        steps = TwoSteps(known.__getitem__, notion)
        two = eliminate(known[0, 1], notion, mixed=True, rounds=2)
        assert steps.second(0, [(0, 1)]).strategies == two.after(2)[0]
        assert steps.second(0, [(0, 1), (0, 1)]).strategies == two.after(2)[0]


def test_a_second_price_auction() -> None:
    """Nothing dominates the truth, nor (the first bidder wins ties) one less; and the truth survives every belief."""

    def auction(types: tuple[int, ...]) -> NormalForm:
        def utilities(bids: tuple[int, ...]) -> tuple[int, int]:
            winner = 0 if bids[0] >= bids[1] else 1
            gained = types[winner] - bids[1 - winner]
            return (gained, 0) if winner == 0 else (0, gained)

        return NormalForm.of(["a", "b"], [range(4), range(4)], utilities, mark=lambda bids: bids)

    steps = TwoSteps(auction, Notion.WEAK)
    for own in range(4):
        assert steps.first(0, (own, 0)).strategies == tuple(range(max(own - 1, 0), own + 1))
        assert own in steps.second(0, [(own, other) for other in range(4)]).strategies


def test_beliefs_that_are_none() -> None:
    steps = TwoSteps(family(0).__getitem__, Notion.WEAK)
    with pytest.raises(InputError, match="no profile"):
        steps.second(0, [])
    with pytest.raises(InputError, match="several own types"):
        steps.second(0, [(0, 0), (1, 0)])


# Gambit.


def gambit_text(game: NormalForm) -> str:
    """The game as Gambit's `.nfg` (payoff version: the first agent's strategy changes fastest)."""
    agents = " ".join(f'"{agent}"' for agent in game.agents)
    sizes = " ".join(str(size) for size in game.shape)
    profiles = (profile[::-1] for profile in np.ndindex(game.shape[::-1]))
    payoffs = " ".join(str(table[profile]) for profile in profiles for table in game.payoffs)
    return f'NFG 1 R "game" {{ {agents} }} {{ {sizes} }}\n\n{payoffs}\n'


@pytest.mark.parametrize("notion", [Notion.STRICT, Notion.WEAK])
def test_rounds_agree_with_gambit(notion: Notion) -> None:
    """Gambit removes per call what pure strategies of the support dominate, for all players at once."""
    rng = np.random.default_rng(3)
    for _ in range(60):
        shape = tuple(int(size) for size in rng.integers(2, 6, 2 + int(rng.integers(2))))
        names = tuple(tuple(range(size)) for size in shape)
        tables = tuple(rng.integers(0, 3, shape) + 2 * np.indices(shape)[agent] for agent in range(len(shape)))
        game = NormalForm(tuple("abc"[: len(shape)]), names, tables)
        theirs = pygambit.read_nfg(io.StringIO(gambit_text(game)))
        support = theirs.strategy_support_profile()
        found = eliminate(game, notion)
        for number in range(len(found.rounds) + 2):
            sizes = tuple(len(list(support[player])) for player in theirs.players)
            assert sizes == tuple(len(own) for own in found.after(number))
            support = pygambit.supports.undominated_strategies_solve(support, strict=notion is Notion.STRICT)
