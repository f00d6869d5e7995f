"""One walk for many contexts finds what the solver of finite games finds in each of them, and the states can be taken
apart; the checker of unique equilibria accepts what is one and says why another is not."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from unrigged.analysis import Game, subgame_perfect, unfold
from unrigged.analysis.decomposition import across_states, parts
from unrigged.analysis.equilibrium_certificate import reason_against_unique
from unrigged.analysis.many_contexts import Chosen, Columns, Induction, joint
from unrigged.benchmarks import Benchmarks
from unrigged.context import Context
from unrigged.errors import BudgetExceeded, InputError
from unrigged.mechanisms import HopeForTheBest, PerfectRevenue
from unrigged.moves.base import Move, MoveSpace
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Decision, Then
from unrigged.scenario import Scenario
from unrigged.setting import choice
from unrigged.strategies.perfect_revenue import TruthfulPerfectRevenue
from unrigged.valuations import StateValues

PARTITIONS = (((0,), (1,), (2,)), ((0, 1), (2,)), ((0, 2), (1,)), ((0,), (1, 2)))


def up_to_one(space: MoveSpace) -> tuple[Move, ...]:
    return tuple(space.grid(1))


def contexts(mechanism: PerfectRevenue, most: int) -> tuple[Context, ...]:
    setting = mechanism.setting
    assert setting.states is not None
    states = len(setting.states)
    rows = list(product(range(most + 1), repeat=states))
    return tuple(
        Context(setting, tuple(StateValues(setting.states, list(row)) for row in types), coalitions=partition)
        for types in product(rows, repeat=setting.n)
        for partition in (PARTITIONS if setting.n == 3 else (((0,), (1,)),))
    )


def asked(then: Then) -> bool:
    return then.step.startswith("ask")


@pytest.mark.parametrize(("players", "states", "eps"), [(2, 2, Fraction(1, 11)), (3, 1, Fraction(1, 90))])
def test_every_context_beside_the_solver_of_games(players: int, states: int, eps: Fraction) -> None:
    """Payoffs, uniqueness of the profile, and the two kinds of arrays: 64 bits wide, and unlimited."""
    names = ["ann", "bob", "cy"][:players]
    mechanism = PerfectRevenue(choice(names, [f"s{i}" for i in range(states)]), cap=1, eps=eps)
    columns = Columns(contexts(mechanism, 1))
    found = Induction(mechanism, columns, up_to_one, remembered=asked).run()
    form = unfold(mechanism, 1)
    kinds = set()
    for column, context in enumerate(columns.contexts):
        solved = subgame_perfect(Game.of(form, context))
        assert found.sure[column]
        assert solved.payoffs == (joint(found, column, context.coalitions),)
        assert solved.one_profile == bool(found.one[column])
        kinds.add(solved.one_profile)
    assert kinds == {True, False}


def test_large_announcements_are_exact() -> None:
    """Beyond 64 bits the same numbers are found as by playing."""
    mechanism = PerfectRevenue(choice(["ann", "bob"], ["s"]), cap=10**12, eps=Fraction(1, 11))
    context = Context(mechanism.setting, tuple(StateValues(["s"], [value]) for value in (1, 2)))
    opening = Outcome(0, (10**12 - 1, 7))

    def only(space: MoveSpace) -> tuple[Move, ...]:
        return (opening,) if not hasattr(space, "player") else tuple(space.grid(1))

    found = Induction(mechanism, Columns((context,)), only)
    expected = found.run()
    script = {"open": {"ann": {"state": "s", "prices": {"ann": 10**12 - 1, "bob": 7}}}}
    played = outcomes(mechanism, Scenario(mechanism, context, moves=script).profile())
    assert [expected.of(player, 0) for player in range(2)] == [played.utility(context, i) for i in range(2)]
    assert expected.of(2, 0) == played.welfare(context)
    labels = [event.label for event in found.path(0)]
    assert labels == ["open", "raise 2", "answer 2"]


def test_a_claimed_profile_is_checked_at_every_decision() -> None:
    """Whoever always says NO plays strictly worse wherever the price is right."""
    mechanism = PerfectRevenue(choice(["ann", "bob"], ["s"]), cap=1, eps=Fraction(1, 20))
    columns = Columns(contexts(mechanism, 1))
    worse: list[tuple[str, bool]] = []

    def last(decision: Decision, player: int, space: MoveSpace, moves: tuple[Move, ...]) -> np.ndarray:
        return np.full(len(columns.contexts), len(moves) - 1)

    def seen(chosen: Chosen) -> None:
        worse.append((chosen.decision.label, bool(chosen.improving.any())))
        assert not (chosen.improving & chosen.strict).any()

    Induction(mechanism, columns, up_to_one, profile=last, seen=seen).run()  # type: ignore[arg-type]
    assert ("answer 2", True) in worse
    assert ("raise 2", True) in worse


def test_only_one_mover_at_a_time() -> None:
    mechanism = HopeForTheBest(choice(["ann", "bob"], ["s"]))
    context = Context(mechanism.setting, tuple(StateValues(["s"], [1]) for _ in range(2)))
    with pytest.raises(InputError, match="one at a time"):
        Induction(mechanism, Columns((context,)), up_to_one).run()
    assert reason_against_unique(mechanism, context, up_to_one, lambda decision: None) is not None
    other = Context(choice(["ann", "bob"], ["t"]), tuple(StateValues(["t"], [1]) for _ in range(2)))
    with pytest.raises(InputError, match="same setting"):
        Columns((context, other))


def test_states_apart_are_the_whole_game() -> None:
    """Two states, three players, every partition: what the parts say together is what the whole game has."""
    mechanism = PerfectRevenue(choice(["ann", "bob", "cy"], ["s", "t"]), cap=1, eps=Fraction(1, 30))
    profiles = list(product(range(2), repeat=3))
    found = parts(mechanism, profiles, PARTITIONS, up_to_one, remembered=asked)
    form = unfold(mechanism, 1)
    setting = mechanism.setting
    assert setting.states is not None
    for values in list(product(profiles, repeat=2))[::5]:
        for partition in PARTITIONS:
            types = tuple(StateValues(setting.states, [values[0][i], values[1][i]]) for i in range(3))
            context = Context(setting, types, coalitions=partition)
            solved = subgame_perfect(Game.of(form, context), outcomes=True)
            joined = across_states(found, values, partition)
            assert joined.sure
            assert solved.payoffs == (tuple(joined.utilities[agent[0]] for agent in partition),)
            assert joined.one == solved.one_profile
            mean = sum((chance * context.welfare(end.result) for end, chance in solved.outcomes[0]), Fraction(0))
            assert joined.welfare == mean
            assert joined.revenue == joined.welfare - sum(solved.payoffs[0])


def truthful(context: Context) -> dict[int, TruthfulPerfectRevenue]:
    benchmarks = Benchmarks(context)
    return {
        player: TruthfulPerfectRevenue(benchmarks, coalition)
        for coalition in context.coalitions
        for player in coalition
    }


def test_the_checker_accepts_the_only_equilibrium_and_no_other_profile() -> None:
    mechanism = PerfectRevenue(choice(["ann", "bob"], ["s", "t"]), cap=2, eps=Fraction(1, 40))
    setting = mechanism.setting
    assert setting.states is not None
    context = Context(setting, (StateValues(setting.states, [1, 0]), StateValues(setting.states, [0, 2])))
    play = truthful(context)

    def claimed(decision: Decision) -> Move:
        ((player, space),) = decision.actors
        return play[player].move(player, space, decision, ())

    def grid(space: MoveSpace) -> tuple[Move, ...]:
        return tuple(space.grid(2))

    assert reason_against_unique(mechanism, context, grid, claimed) is None
    for label in ("open", "raise 2", "answer 2"):

        def changed(decision: Decision, label: str = label) -> Move:
            ((_, space),) = decision.actors
            if decision.label != label:
                return claimed(decision)
            return next(move for move in space.grid(2) if move != claimed(decision))

        reason = reason_against_unique(mechanism, context, grid, changed)
        assert reason is not None
        assert f"'{label}'" in reason or label == "raise 2"

    def illegal(decision: Decision) -> Move:
        return None

    reason = reason_against_unique(mechanism, context, grid, illegal)
    assert reason is not None
    assert "illegal" in reason
    with pytest.raises(BudgetExceeded):
        reason_against_unique(mechanism, context, grid, claimed, limit=10)


def test_the_checker_refuses_a_tie() -> None:
    """Without any welfare every state may be named at prices 0."""
    mechanism = PerfectRevenue(choice(["ann", "bob"], ["s", "t"]), cap=1, eps=Fraction(1, 40))
    setting = mechanism.setting
    assert setting.states is not None
    context = Context(setting, (StateValues(setting.states, [0, 0]),) * 2)
    play = truthful(context)

    def claimed(decision: Decision) -> Move:
        ((player, space),) = decision.actors
        return play[player].move(player, space, decision, ())

    reason = reason_against_unique(mechanism, context, up_to_one, claimed)
    assert reason is not None
    assert "would gain 0" in reason
