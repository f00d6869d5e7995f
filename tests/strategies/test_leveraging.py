"""Rational play of the leveraging mechanism agrees with Lemmas 1 to 5 and reaches the benchmark of Theorem 1."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.benchmarks import Benchmarks
from unrigged.context import Bounds, Context, Nothing, Perfect
from unrigged.mechanisms import Leveraging
from unrigged.moves.answer import NO, YES
from unrigged.moves.declarations import Declaration, ReplySpace
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.setting import NOBODY, Goods, auction, bundle_of
from unrigged.strategies.base import Individual, Scripted
from unrigged.strategies.registry import rational, rational_profile
from unrigged.valuations import XOR, Additive, SingleMinded, Valuation

ANN, BOB, CY = 0, 1, 2
SETTING = auction(["ann", "bob", "cy"], ["left", "right"])
GOODS = Goods(["left", "right"])
MECHANISM = Leveraging(SETTING)
READINGS = ["relevant-knowledge", "worth-of-winning"]
BOTH = ["left", "right"]

# Ann and Bob collude; together they know that Cy values both goods at 45 at least (he does at 60).
TYPES = (Additive(GOODS, {"left": 10}), Additive(GOODS, {"left": 4, "right": 20}), SingleMinded(GOODS, BOTH, 60))
KNOWING = (Bounds({CY: SingleMinded(GOODS, BOTH, 45)}), Bounds({CY: SingleMinded(GOODS, BOTH, 40)}), Nothing())
CONTEXT = Context(SETTING, TYPES, KNOWING, ((ANN, BOB),))


def declared(context: Context, agent: tuple[int, ...], reading: str = "") -> Declaration:
    strategy = rational(MECHANISM, Benchmarks(context), agent, reading)
    (moves,) = {strategy.moves(MECHANISM.start(), agent, ())[member] for member in agent}  # type: ignore[union-attr, arg-type]
    assert isinstance(moves, Declaration)
    return moves


def test_a_coalition_declares_itself_its_wish_and_what_it_knows() -> None:
    move = declared(CONTEXT, (ANN, BOB))
    assert move == Declaration((ANN, BOB), (ANN, BOB), Outcome((CY, CY), (0, 0, 45)))
    assert declared(CONTEXT, (CY,)) == Declaration((CY,), (CY, CY), Outcome((CY, CY), (0, 0, 60)))


def test_the_other_reading_raises_the_first_members_price_by_the_worth_of_the_wish() -> None:
    move = declared(CONTEXT, (ANN, BOB), "worth-of-winning")
    assert move == Declaration((ANN, BOB), (ANN, BOB), Outcome((CY, CY), (30, 0, 45)))


def test_lower_bounds_that_are_no_integers_are_rounded_down() -> None:
    known = (Bounds({CY: SingleMinded(GOODS, BOTH, "91/2")}), Nothing(), Nothing())
    assert declared(Context(SETTING, TYPES, known), (ANN,)).outcome.prices == (0, 0, 45)


@pytest.mark.parametrize(("star", "price", "answer"), [(BOB, 60, YES), (BOB, 61, NO), (CY, 60, YES), (CY, 61, YES)])
def test_answers_follow_lemmas_2_and_3(star: int, price: int, answer: object) -> None:
    """Cy answers Bob by his own value; an offer by a star of his own coalition he always accepts."""
    context = Context(SETTING, TYPES, coalitions=((CY,),))
    strategy = rational(MECHANISM, Benchmarks(context), (CY,))
    assert isinstance(strategy, Individual)
    space = ReplySpace(SETTING, CY, Outcome((CY, CY), (0, 0, price)), star)
    position = MECHANISM.start()
    assert strategy.move(CY, space, position, ()) is answer  # type: ignore[arg-type]


def test_two_who_know_each_other_sell_to_the_third() -> None:
    """Cy's own revenue 60 makes him the star, unless he is drawn anew; he owes R' = 45."""
    distribution = outcomes(MECHANISM, rational_profile(MECHANISM, CONTEXT))
    assert len(distribution.plays) == 2 + 3 * 2
    eps, eps2 = MECHANISM.eps, MECHANISM.eps2
    rewards = eps2 * (2 * Fraction(45, 46) + Fraction(60, 61))
    on_tails = (1 - eps) * 45 - 3 * eps2 - rewards
    assert distribution.revenue == on_tails / 2
    welfare = (1 - eps) * 60 + eps * (2 * Fraction(30 + 60, 2) + 60) / 3
    assert distribution.welfare(CONTEXT) == welfare


def test_a_star_who_does_not_name_his_mate_is_still_obeyed() -> None:
    """Lemma 3 inside a play: Bob's script names nobody and offers Ann the left good for more than it is worth."""
    script = {"announce": {"bob": {"coalition": ["bob"], "allocation": {"ann": ["left"]}, "prices": {"ann": 99}}}}
    profile = rational_profile(MECHANISM, Context(SETTING, TYPES, coalitions=((ANN, BOB),)))
    mates = profile.pop((ANN, BOB))
    assert isinstance(mates, Individual)

    class Mates(Individual):
        def move(self, player, space, decision, history):  # type: ignore[no-untyped-def]  # as its base
            move = mates.move(player, space, decision, history)
            return Declaration((ANN,), (NOBODY, NOBODY), move.outcome) if isinstance(move, Declaration) else move

    profile[(ANN, BOB)] = Scripted(script, otherwise=Mates())
    answers = [
        event.moves
        for play in outcomes(MECHANISM, profile).plays
        for event in play.history
        if event.label == "answer" and play.history[1].side == "Tails"
    ]
    assert answers == [((ANN, YES),)]


def slow_knowledge(context: Context, agent: tuple[int, ...]) -> int:
    """REV(RK_A), by listing all allocations."""
    best = 0
    for owners in product(range(-1, 3), repeat=2):
        known = [context.coalition_lower(agent, j).value(bundle_of(owners, j)) for j in range(3)]
        best = max(best, sum(known))
    return best


def random_context(seed: int) -> Context:
    rng = Random(seed)

    def valuation() -> Valuation:
        if rng.randrange(2):
            return Additive(GOODS, {"left": rng.randint(0, 20), "right": rng.randint(0, 20)})
        return XOR(GOODS, [("left", rng.randint(0, 20)), ("right", rng.randint(0, 20)), (BOTH, rng.randint(0, 50))])

    def below(true: Valuation) -> Valuation:
        cut = Fraction(rng.randint(0, 4), 4)
        parts = [(names, true(*names) * cut // 1) for names in (["left"], ["right"], BOTH)]
        return XOR(GOODS, parts)

    types = tuple(valuation() for _ in range(3))
    knowledge = tuple(
        rng.choice((Perfect(), Nothing(), Bounds({j: below(types[j]) for j in range(3) if j != i}))) for i in range(3)
    )
    coalitions = rng.choice(((), ((ANN, BOB),), ((BOB, CY),), ((ANN, BOB, CY),)))
    return Context(SETTING, types, knowledge, coalitions)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10**9), reading=st.sampled_from(READINGS))
def test_theorem_1_and_its_lemmas(seed: int, reading: str) -> None:
    context = random_context(seed)
    distribution = outcomes(MECHANISM, rational_profile(MECHANISM, context, reading=reading))
    known = {agent: slow_knowledge(context, agent) for agent in context.coalitions}
    performance = distribution.revenue + distribution.welfare(context)
    assert performance >= (1 - MECHANISM.eps) * max(known.values()) / 6 - MECHANISM.eps1
    for agent in context.coalitions:
        move = declared(context, agent, reading)
        assert move.coalition == agent
        owners, prices = move.outcome.owners, move.outcome.prices
        hidden = sum(context.worth(j, owners) if j in agent else prices[j] for j in range(3))
        assert hidden >= known[agent]
        assert move.outcome.revenue >= known[agent]
        best = max(sum(context.worth(j, wish) for j in agent) for wish in product((NOBODY, *agent), repeat=2))
        assert sum(context.worth(j, move.wish) for j in agent) == best
    ends = [event.label for play in distribution.plays for event in play.history[-1:]]
    assert set(ends) <= {"coin c2", "answer"}, "somebody was fined"
