"""The claims on naive-1 to naive-4: their verdicts on small ranges, and the mathematics they rest on."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from unrigged.benchmarks import Benchmarks
from unrigged.claims import Scope, Watch, build, replaced
from unrigged.claims.market.naive import CLAIMS
from unrigged.claims.market.naive_1 import Announcements
from unrigged.claims.market.proposals import (
    Answers,
    Proposals,
    Valued,
    allocations,
    bound_above,
    contexts,
    inner,
    settings,
)
from unrigged.claims.market.truthfulness import Case, truthful_outcomes
from unrigged.claims.market.variants import FinedNaive2, SequentialNaive2, WideNaive1, WideNaive2, WideNaive4
from unrigged.context import Coalition, Context
from unrigged.mechanisms import Naive1, Naive2, Naive3, Naive4
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Position
from unrigged.strategies.base import Mixed, Strategy

NAIVE_1, NAIVE_2, NAIVE_3, NAIVE_4 = CLAIMS

SMALL = Scope(players=3, goods=1, values=(-1, 1))


def some_contexts() -> list[Context]:
    return [context for setting in settings(SMALL) for context in contexts(SMALL, setting)]


def test_prospects_are_the_plays_by_another_path() -> None:
    context = some_contexts()[17]
    valued = Valued(context)
    for name in ("naive-2", "naive-3", "naive-4", "market"):
        proposals = Proposals(build(name, context.setting))
        x = Outcome((1,), (-1, 1, 0))
        for yes, alone in product(map(frozenset, ((), (1,), (2,), (1, 2))), repeat=2):
            prospect = proposals.after(x, yes, alone)
            profile: dict[Coalition, Strategy | Mixed] = {(i,): Answers(x, yes, alone) for i in range(3)}
            played = outcomes(proposals.mechanism, profile)
            for agent in ((0,), (1,), (0, 2), (0, 1, 2)):
                assert valued.utility(agent, prospect) == played.utility(context, agent)


def test_the_greatest_gain_is_that_of_the_solver() -> None:
    for context in some_contexts():
        valued = Valued(context)
        before = context.welfare(context.setting.endowment or ())
        assert valued.most == Benchmarks(context).msw().value - before
        assert {owners for owners in allocations(context.setting) if valued.gain(owners) == valued.most} == set(
            valued.optimal
        )


def test_truthful_outcomes_ask_everybody_else_for_all_he_gains() -> None:
    for context in some_contexts():
        for x in truthful_outcomes(Valued(context)):
            assert x.revenue == 0
            assert all(context.utility(i, x) == 0 for i in (1, 2))
            assert context.utility(0, x) == Valued(context).most


@pytest.mark.parametrize(("values", "bound"), [((0, 0), 1), ((-1, 1), 2), ((0, 2), 4), ((-4, 3), 8)])
def test_the_bound_is_a_power_of_two_above_all_values(values: tuple[int, int], bound: int) -> None:
    assert bound_above(Scope(players=2, values=values)) == bound


def test_inner_numbers_are_inside() -> None:
    assert all(0 < each < Fraction(1, 2) for each in inner(Fraction(1, 2)))


def test_equilibria_of_naive_1_by_the_definition() -> None:
    scope = Scope(players=2, goods=1, values=(-1, 1))
    for setting in settings(scope):
        mechanism = build("naive-1", setting)
        announced = Announcements(mechanism)
        for context in contexts(scope, setting):

            def utility(player: int, *moves: int, context: Context = context, announced: Any = announced) -> Any:
                return context.utility(player, announced.mechanism.compare(tuple(announced.moves[m] for m in moves)))

            every = range(len(announced.moves))
            stable = [
                (a, b)
                for a, b in product(every, repeat=2)
                if all(utility(0, other, b) <= utility(0, a, b) for other in every)
                and all(utility(1, a, other) <= utility(1, a, b) for other in every)
            ]
            assert list(announced.equilibria(context)) == stable


def test_wide_prices_allow_every_truthful_outcome() -> None:
    scope = Scope(players=3, goods=1, values=(-3, 3))
    for setting in settings(scope):
        wide = [Proposals(kind(setting)) for kind in (WideNaive2, WideNaive4)]
        narrow = Proposals(build("naive-2", setting))
        truthful = [x for context in contexts(scope, setting) for x in truthful_outcomes(Valued(context))]
        assert all(proposals.legal(x) for proposals in wide for x in truthful)
        assert setting.endowment == (0,) or not all(map(narrow.legal, truthful))


def test_wide_naive_1_plays_as_naive_1_where_both_can() -> None:
    setting = next(settings(Scope(players=2, goods=1, values=(-1, 1))))
    x = Outcome((1,), (-1, 1))
    for mechanism in (Naive1(setting), WideNaive1(setting)):
        first: Any = mechanism.start()
        assert first.after((x, x)) == x
        assert first.after((x, mechanism.stay)) == mechanism.stay


def test_the_fine_is_paid_for_a_no_and_only_then() -> None:
    setting = next(settings(SMALL))
    proposals = Proposals(FinedNaive2(setting, eps=Fraction(1, 4), fine=7))
    plain = Proposals(Naive2(setting, eps=Fraction(1, 4)))
    x = Outcome((1,), (-1, 1, 0))
    everybody = frozenset((1, 2))
    assert proposals.after(x, everybody) == plain.after(x, everybody)
    assert proposals.after(x, frozenset((1,))).prices == (7, 0, 0)


def test_asked_in_sequence_the_same_answers_end_the_same() -> None:
    setting = next(settings(SMALL))
    sequence, together = Proposals(SequentialNaive2(setting)), Proposals(Naive2(setting))
    x = Outcome((1,), (-1, 1, 0))
    for yes in map(frozenset, ((), (1,), (2,), (1, 2))):
        assert sequence.after(x, yes) == together.after(x, yes)
    first: Any = sequence.mechanism.start()
    assert [player for player, _ in first.after((x,)).actors] == [1]


def test_the_greedy_proposal_gains_what_the_formula_says() -> None:
    setting = next(settings(Scope(players=4, goods=1, values=(0, 0))))
    eps = Fraction(1, 10)
    for bound in (2, 16, 1024):
        mechanism = Naive3(type(setting)(setting.players, setting.goods, endowment=(0,), value_bound=bound), eps=eps)
        x = Outcome((0,), (1 - bound, bound - 1, 0, 0))
        valued = Valued(next(contexts(Scope(players=4, goods=1), mechanism.setting)))
        found = valued.utility((0,), Proposals(mechanism).after(x, frozenset((2, 3))))
        assert found == eps * 2 / 4 * (bound - 1 - 3 * eps)


def test_with_two_players_naive_3_has_no_bound_to_offer() -> None:
    verdict = NAIVE_3.read().verdict(Scope(players=2, goods=1, values=(-1, 1)))
    assert verdict.status == "fails"
    assert "with 2 players" in verdict.why


def test_naive_4_loses_welfare_only_where_values_are_large() -> None:
    reading = NAIVE_4.read("maximum welfare")
    assert reading.verdict(SMALL).status == "holds"
    assert reading.verdict(reading.quick).status == "fails"


def test_the_counterexample_to_naive_2_has_no_legal_truthful_outcome() -> None:
    found = NAIVE_2.read().verdict(SMALL).counterexample
    context, mechanism = found.cases["best proposal"].context, found.cases["best proposal"].mechanism
    proposals = Proposals(mechanism)
    case = Case(proposals, Valued(context), list(proposals.space.grid(10)))
    assert not any(map(proposals.legal, truthful_outcomes(case.valued)))
    assert max(map(case.sincere, case.legal)) > 0


class AllAgree(Naive2):
    """Step b: the proposal takes effect whatever the others say."""

    def conclude(self, proposal: Outcome, answers: Any) -> Position:
        return self.carried_out(proposal, self.eps)


class NoFine(Naive4):
    """Step d: a refused proposal costs nothing."""

    def fine(self, yes: int) -> Position:
        return self.stay


class Lottery(Naive3):
    """Step c: what some refuse takes effect no less often when more refuse."""

    def flip(self, proposal: Outcome, yes: int) -> Position:
        return super().flip(proposal, 1)


class FirstCounts(Naive1):
    """Step a: the first announcement takes effect."""

    def compare(self, announced: Any) -> Position:
        end: Outcome = announced[0]
        return end


@pytest.mark.parametrize(
    ("mutant", "reading"),
    [
        (FirstCounts, NAIVE_1.read()),
        (AllAgree, NAIVE_2.read("truthful prices legal")),
        (Lottery, NAIVE_3.read()),
        (NoFine, NAIVE_4.read("truthful prices legal")),
    ],
)
def test_a_broken_rule_changes_the_verdict(mutant: Any, reading: Any) -> None:
    with replaced({mutant.name: mutant}):
        assert reading.verdict(reading.quick, Watch()).status == "fails"
