"""Subgame-perfect equilibria: by hand, against all profiles one by one, and of mechanisms."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from games_support import equilibrium_profiles, profiles_to_try, random_game
from unrigged.analysis import Game, Tree, equilibrium, joined, levels, subgame_perfect, unfold, unique_outcome
from unrigged.analysis.form import CHANCE
from unrigged.analysis.witness import Witness, deviation
from unrigged.context import Context
from unrigged.errors import BudgetExceeded
from unrigged.mechanisms import BestBelief, FirstPrice, Mechanism, PerfectRevenue, SecondPrice
from unrigged.moves.base import MoveSpace
from unrigged.moves.openings import OpeningSpace
from unrigged.play import outcomes
from unrigged.setting import auction, choice
from unrigged.valuations import Additive, StateValues

HALF = Fraction(1, 2)


def ultimatum(pie: int) -> Game:
    """Ann keeps 0..pie, Bob accepts or refuses."""
    tree = Tree(["ann", "bob"])
    replies = {
        f"keep {kept}": tree.decision("bob", {"yes": tree.end(kept, pie - kept), "no": tree.end(0, 0)}, f"reply {kept}")
        for kept in range(pie + 1)
    }
    return tree.game(tree.decision("ann", replies))


def test_an_ultimatum_has_two_outcomes() -> None:
    found = subgame_perfect(ultimatum(4))
    assert found.payoffs == ((4, 0), (3, 1))  # Bob, offered nothing, may say YES or NO
    assert not found.one_profile
    for which in range(2):
        assert deviation(found.witness(which)) is None


def test_ties_of_those_who_play_later_decide_what_others_can_be_sure_of() -> None:
    tree = Tree(["ann", "bob", "cy"])
    spiteful = tree.decision("bob", {"a": tree.end(0, 5, 1), "b": tree.end(9, 5, 2)}, "bob left")
    sure = tree.decision("cy", {"c": tree.end(4, 1, 7), "d": tree.end(6, 2, 7)}, "cy right")
    found = subgame_perfect(tree.game(tree.decision("ann", {"left": spiteful, "right": sure})))
    assert found.payoffs == ((9, 5, 2), (6, 2, 7), (4, 1, 7))  # at least 4, which the right is sure to give
    payoffs = {tuple(found.prospects.payoffs(root)): found.witness(which) for which, root in enumerate(found.roots)}
    assert payoffs[9, 5, 2].choice(payoffs[9, 5, 2].start) == 0
    assert payoffs[4, 1, 7].choice(payoffs[4, 1, 7].start) == 1


def test_a_coin_mixes_every_equilibrium_of_one_side_with_every_one_of_the_other() -> None:
    tree = Tree(["ann"])

    def indifferent(low: int) -> int:
        return tree.decision("ann", {"a": tree.end(low, name=f"{low} a"), "b": tree.end(low, name=f"{low} b")})

    game = tree.game(tree.chance({"h": ("1/3", indifferent(0)), "t": ("2/3", indifferent(3))}))
    assert subgame_perfect(game).payoffs == ((2,),)
    told_apart = subgame_perfect(game, outcomes=True)
    assert told_apart.payoffs == ((2,),)
    assert set(told_apart.outcomes) == {
        frozenset({(f"0 {first}", Fraction(1, 3)), (f"3 {second}", Fraction(2, 3))})
        for first, second in product("ab", repeat=2)
    }


def stage(payoffs: list[tuple[int, int]]) -> Game:
    tree = Tree(["ann", "bob"])
    moves = {"ann": ["x", "y"], "bob": ["x", "y"]}
    return tree.game(tree.simultaneous(moves, [tree.end(*each) for each in payoffs]))


def test_simultaneous_moves() -> None:
    coordination = subgame_perfect(stage([(2, 1), (0, 0), (0, 0), (1, 2)]))
    assert coordination.payoffs == ((2, 1), (1, 2))
    pennies = subgame_perfect(stage([(1, 0), (0, 1), (0, 1), (1, 0)]))
    assert pennies.payoffs == ()
    dilemma = subgame_perfect(stage([(2, 2), (0, 3), (3, 0), (1, 1)]))
    assert dilemma.payoffs == ((1, 1),)
    assert dilemma.one_profile


def test_no_equilibrium_somewhere_is_none_anywhere() -> None:
    tree = Tree(["ann", "bob"])
    moves = {"ann": ["x", "y"], "bob": ["x", "y"]}
    pennies = tree.simultaneous(moves, [tree.end(*each) for each in [(1, 0), (0, 1), (0, 1), (1, 0)]])
    game = tree.game(tree.decision("ann", {"play": pennies, "leave": tree.end(5, 5)}))
    assert subgame_perfect(game).payoffs == ()
    verdict = unique_outcome(game)
    assert verdict.status == "fails"
    assert "pure strategies" in verdict.why


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.integers(2, 3))
def test_all_profiles_one_by_one(seed: int, players: int) -> None:
    game = random_game(seed, players=players)
    assume(profiles_to_try(game) <= 20_000)
    every = equilibrium_profiles(game)
    found = subgame_perfect(game)
    assert set(found.payoffs) == set(every)
    assert found.one_profile == (len(every) == 1)
    for which, root in enumerate(found.roots):
        witness = found.witness(which)
        assert deviation(witness) is None
        assert expected(witness, witness.start) == tuple(map(found.game.true, found.prospects.payoffs(root)))


def expected(witness: Witness, state: tuple[int, int]) -> tuple[Fraction, ...]:
    """What the profile gives everybody from `state` on, by following it."""
    game, form = witness.game, witness.game.form
    edges = len(form.edges(state[0]))
    if not edges:
        return tuple(Fraction(column[form.info[state[0]]], game.scale) for column in game.ends)
    chosen = witness.choice(state)
    if chosen >= 0:
        return expected(witness, witness.after(state, chosen))
    chances = form.odds[form.info[state[0]]].chances
    sides = [expected(witness, witness.after(state, edge)) for edge in range(edges)]
    return tuple(
        sum((p * v for p, v in zip(chances, column, strict=True)), Fraction(0)) for column in zip(*sides, strict=True)
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_outcomes_told_apart_have_the_same_payoffs(seed: int) -> None:
    game = random_game(seed, depth=3)
    assume(profiles_to_try(game) <= 5_000)
    apart = subgame_perfect(game, outcomes=True)
    assert apart.payoffs == subgame_perfect(game).payoffs
    assert len(set(apart.outcomes)) == len(apart.outcomes) >= len(apart.payoffs)
    for which in range(len(apart.roots)):
        assert deviation(apart.witness(which)) is None


class Careless(Witness):
    """A profile that takes the first edge everywhere."""

    def choice(self, state: tuple[int, int]) -> int:
        return 0 if super().choice(state) >= 0 else -1


def test_a_profile_that_is_no_equilibrium_is_refused() -> None:
    found = subgame_perfect(ultimatum(4))
    careless = Careless(found.game, found.prospects, found, found.roots[0])
    assert deviation(careless) == "at 'ann' ann gains by ('keep 1',)"


def states(*rows: list[int]) -> Context:
    setting = choice(["ann", "bob", "cy"][: len(rows)], ["park", "pool"], value_bound=4)
    assert setting.states is not None
    return Context(setting, tuple(StateValues(setting.states, row) for row in rows))


@pytest.mark.parametrize("coalitions", [(), ((0, 1),), ((1, 2),)])
def test_perfect_revenue_has_one_outcome_and_it_can_be_played(coalitions: tuple[tuple[int, ...], ...]) -> None:
    among = states([1, 0], [0, 2], [1, 1])
    context = Context(among.setting, among.types, coalitions=coalitions)
    mechanism = PerfectRevenue(context.setting, cap=2)
    game = Game.of(unfold(mechanism, 2), context)
    assert game.perfect_information
    verdict = unique_outcome(game)
    assert verdict.status == "holds"
    found = verdict.evidence
    assert found.one_profile == (coalitions != ((1, 2),))  # bob and cy can be of two minds where nobody comes to
    witness = found.witness()
    assert deviation(witness) is None
    distribution = outcomes(mechanism, witness.profile())
    assert frozenset(distribution.outcomes) == found.outcomes[0]
    (payoffs,) = found.payoffs
    assert tuple(distribution.utility(context, agent) for agent in game.agents) == payoffs


def bidders(*values: int) -> Context:
    setting = auction(["ann", "bob", "cy"][: len(values)], ["vase"])
    assert setting.goods is not None
    return Context(setting, tuple(Additive(setting.goods, {"vase": value}) for value in values))


@pytest.mark.parametrize("make", [FirstPrice, SecondPrice])
@pytest.mark.parametrize("values", [(2, 1), (1, 1), (3, 2)])
def test_sealed_bids_against_every_profile_of_bids(make: type[Mechanism], values: tuple[int, ...]) -> None:
    context = bidders(*values)
    mechanism = make.build(context.setting)
    game = Game.of(unfold(mechanism, 3), context)
    found = subgame_perfect(game, outcomes=True)
    assert set(found.payoffs) == set(equilibrium_profiles(game))
    assert found.payoffs
    for which, lottery in enumerate(found.outcomes):
        assert frozenset(outcomes(mechanism, found.witness(which).profile()).outcomes) == lottery


def test_a_coalition_that_moves_twice_at_a_time() -> None:
    context = bidders(2, 1)
    together = Game.of(unfold(FirstPrice(context.setting), 2), context, agents=[(0, 1)])
    assert together.perfect_information
    assert subgame_perfect(together).payoffs == ((2,),)


def test_what_is_not_decided_is_said() -> None:
    tree = Tree(["ann", "bob"])

    def indifferent(level: int) -> int:
        if level == 0:
            return tree.decision("bob", {"a": tree.end(0, 0), "b": tree.end(1, 0)})
        sides = {side: (HALF, indifferent(level - 1)) for side in "ht"}
        return tree.chance(sides, f"coin {level}")

    game = tree.game(indifferent(4))
    assert len(subgame_perfect(game).payoffs) == 17
    with pytest.raises(BudgetExceeded, match="more than 20 equilibrium prospects"):
        subgame_perfect(game, limit=20)
    verdict = unique_outcome(game, of="payoffs", limit=20)
    assert verdict.status == "undecided"
    assert "16 terminal histories" not in verdict.why
    assert "32 terminal histories" in verdict.range


def test_verdicts_on_uniqueness() -> None:
    two = unique_outcome(ultimatum(2))
    assert two.status == "fails"
    first, second = two.counterexample
    assert deviation(first) is None
    assert deviation(second) is None
    assert expected(first, first.start) != expected(second, second.start)
    tree = Tree(["ann"])
    same = tree.game(tree.decision("ann", {"a": tree.end(1, name="a"), "b": tree.end(1, name="b")}))
    assert unique_outcome(same, of="payoffs").status == "holds"
    assert unique_outcome(same, of="outcomes").status == "fails"
    assert unique_outcome(same, of="profiles").status == "fails"


def test_best_belief_has_equilibria_in_which_the_better_informed_sells() -> None:
    context = bidders(3, 1)
    mechanism = BestBelief(context.setting)
    found = subgame_perfect(Game.of(unfold(mechanism, 3), context), outcomes=True)
    assert found.roots
    for which, lottery in enumerate(found.outcomes[:5]):
        assert frozenset(outcomes(mechanism, found.witness(which).profile()).outcomes) == lottery


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=4), st.integers(0, 1))
def test_a_first_move_can_be_made_in_two_steps(seeds: list[int], cut: int) -> None:
    games = [random_game(seed, depth=2) for seed in seeds]

    def beginning(chosen: list[Game]) -> Game:
        tree = Tree(["ann", "bob"])
        return tree.game(tree.decision("ann", {f"m{k}": copied(tree, game) for k, game in enumerate(chosen)}))

    parts = [games[: cut + 1], games[cut + 1 :]]
    whole = subgame_perfect(beginning(games)).payoffs
    assert joined(0, [subgame_perfect(beginning(part)).payoffs for part in parts if part]) == whole


def copied(tree: Tree, game: Game) -> int:
    """The whole of `game` once more, in another tree."""
    form = game.form
    nodes: list[int] = []
    for node in range(form.nodes):
        children = [nodes[form.child[edge]] for edge in form.edges(node)]
        if not children:
            nodes.append(tree.end(*(game.true(column[form.info[node]]) for column in game.ends)))
        elif form.kinds[node] == CHANCE:
            odds = form.odds[form.info[node]]
            nodes.append(tree.chance(dict(zip(odds.names, zip(odds.chances, children, strict=True), strict=True))))
        else:
            turn = form.turns[form.info[node]]
            moves = {form.players[player]: listed for player, listed in zip(turn.players, turn.moves, strict=True)}
            nodes.append(tree.simultaneous(moves, children))
    return nodes[form.root]


@pytest.mark.parametrize("coalitions", [(), ((0, 1),), ((1, 2),), ((0, 2),)])
def test_perfect_revenue_state_by_state(coalitions: tuple[tuple[int, ...], ...]) -> None:
    mechanism = PerfectRevenue(states([0, 0], [0, 0], [0, 0]).setting, cap=1)
    whole = unfold(mechanism, 1)
    parts = [unfold(mechanism, lambda space, state=state: announcing(state, space)) for state in range(2)]
    for rows in (
        [[1, 0], [0, 1], [1, 1]],
        [[0, 0], [0, 0], [0, 0]],
        [[3, 1], [0, 2], [0, 2]],
        [[1, 1], [1, 1], [0, 0]],
    ):
        among = states(*rows)
        found = []
        for state, part in enumerate(parts):
            alone = states(*([value if k == state else 0 for k, value in enumerate(row)] for row in rows))
            context = Context(alone.setting, alone.types, coalitions=coalitions)
            found.append(subgame_perfect(Game.of(part, context)).payoffs)
        context = Context(among.setting, among.types, coalitions=coalitions)
        game = Game.of(whole, context)
        assert joined(game.agent_of[0], found) == subgame_perfect(game).payoffs


def announcing(state: int, space: MoveSpace) -> list[object]:
    """All announcements up to 1, openings only of that state."""
    return [move for move in space.grid(1) if not isinstance(space, OpeningSpace) or move.result == state]


def test_many_positions_at_once_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without it: the same prospects, witnesses and numbers of profiles at every node."""
    settled_somewhere = 0
    for seed in range(150):
        game = random_game(seed, depth=5, payoffs=(2, 50)[seed % 2], players=2 + seed % 2, chance=seed % 3 > 0)
        monkeypatch.setattr(equilibrium, "LARGE", 10**9)
        one_by_one = subgame_perfect(game)
        monkeypatch.setattr(equilibrium, "LARGE", 0)
        at_once = subgame_perfect(game)
        for node in range(game.form.nodes):
            mine, theirs = one_by_one.at(node), at_once.at(node)
            payoffs = [[found.prospects.payoffs(x) for x in each]
                       for found, each in ((one_by_one, mine), (at_once, theirs))]  # fmt: skip
            assert payoffs[0] == payoffs[1]
            assert one_by_one.profiles_at(node) == at_once.profiles_at(node)
        if at_once.roots:
            assert deviation(at_once.witness()) is None
        settled_somewhere += int(levels.settled(game)[1][game.form.root])
    assert settled_somewhere > 20


def test_what_is_left_to_one_by_one() -> None:
    tree = Tree(["ann", "bob"])
    ends = [tree.end(1, 0), tree.end(1, 5), tree.end(2, 0)]
    tie = tree.decision("ann", {"x": ends[0], "y": ends[1]})
    clear = tree.decision("ann", {"x": ends[0], "z": ends[2]})
    coin = tree.chance({"heads": ("1/2", ends[0]), "tails": ("1/2", ends[2])})
    both = tree.simultaneous({"ann": ["a", "b"], "bob": ["c", "d"]}, [*ends, ends[0]])
    after = [tree.decision("bob", {"m": one, "n": ends[1]}) for one in (tie, clear, coin, both)]
    root = tree.decision("ann", {str(number): one for number, one in enumerate(after)})
    found, known = levels.settled(tree.game(root))
    assert known.tolist() == [True, True, True, False, True, False, False, False, True, False, False, False]
    assert (found[clear], found[after[1]]) == (2, 1)
