"""Scenarios: agents and their strategies, scripted moves around them, and what is checked before a play."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from unrigged.benchmarks import Benchmarks
from unrigged.context import Context
from unrigged.errors import InputError
from unrigged.mechanisms import mechanism_named
from unrigged.moves.answer import NO, YES
from unrigged.play import outcomes, play
from unrigged.scenario import Plan, Scenario
from unrigged.setting import auction, market
from unrigged.strategies.base import ByValue, Mixed, RandomPlay, Scripted, Silent
from unrigged.valuations import Additive, SingleMinded

SETTING = auction(["ann", "bob", "cy"], ["left", "right"])
TYPES = tuple(
    Additive(["left", "right"], values)
    for values in ({"left": 30, "right": 5}, {"left": 20, "right": 25}, {"left": 1, "right": 1})
)
BEST_BELIEF = mechanism_named("best-belief").build(SETTING)
ANNOUNCE = {"allocation": {"ann": ["left"], "bob": ["right"]}, "prices": {"ann": 29, "bob": 26}}


def scenario(*coalitions: tuple[int, ...], **more: Any) -> Scenario:
    return Scenario(BEST_BELIEF, Context(SETTING, TYPES, coalitions=coalitions), **more)


def test_everybody_is_rational_unless_said_otherwise() -> None:
    found = scenario((0, 2), plans=(((1,), Plan("silent")),))
    assert found.agents == ((0, 2), (1,))
    assert found.plans == (((0, 2), Plan()), ((1,), Plan("silent")))


def test_plans_of_agents_that_do_not_exist() -> None:
    with pytest.raises(InputError, match="the agent ann, bob, expected players or coalitions of this scenario"):
        scenario(plans=(((0, 1), Plan()),))


def test_a_context_of_another_setting() -> None:
    other = auction(["ann", "bob", "cy"], ["right", "left"])
    with pytest.raises(InputError, match="another setting than the mechanism's"):
        Scenario(mechanism_named("best-belief").build(other), Context(SETTING, TYPES))


def test_notes_and_source_do_not_count() -> None:
    assert scenario(notes=("a note",), source="my.yaml") == scenario()
    assert hash(scenario(moves={"announce": {}})) == hash(scenario())
    assert scenario(moves={"announce": {}}) != scenario()


def test_strategies_of_each_kind() -> None:
    mixed = Plan("mixed", actions=((Fraction(1, 3), Plan("silent")), (Fraction(2, 3), Plan("random", scale=4, seed=5))))
    profile = scenario(plans=(((0,), Plan("by-value")), ((1,), mixed))).profile()
    assert isinstance(profile[(0,)], ByValue)
    assert profile[(1,)] == Mixed(((Fraction(1, 3), Silent()), (Fraction(2, 3), RandomPlay(5, 4))))
    assert not isinstance(profile[(2,)], Scripted)


def test_a_reading_of_rational_play_that_there_is_not() -> None:
    found = scenario((0, 2), plans=(((0, 2), Plan(reading="truthfull")),))
    for fails in (found.check, found.profile):
        with pytest.raises(InputError) as caught:
            fails()
        assert str(caught.value).startswith(
            "strategies.ann+cy: reading: found 'truthfull', expected a reading of rational play in best-belief; "
            "did you mean 'truthful'? known: 'truthful': announce exactly what one is sure to sell for"
        )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Plan("rationale"), "did you mean 'rational'"),
        (lambda: Plan("mixed"), "probabilities of nothing, expected positive probabilities that sum to 1"),
        (lambda: Plan(search="greed"), "did you mean 'greedy'"),
        (lambda: Plan(search="greedy", nodes=3), "only a truncated search counts subproblems"),
        (lambda: Plan("silent", search="greedy"), "a search only in rational play"),
        (lambda: Plan("mixed", actions=((Fraction(1, 2), Plan()),)), "probabilities 1/2, expected positive"),
        (
            lambda: Plan("mixed", actions=((Fraction(1), Plan("mixed", actions=((Fraction(1), Plan()),))),)),
            "a mixed strategy within a mixed one, expected plain strategies",
        ),
    ],
)
def test_plans_that_make_no_sense(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_scripted_moves_go_before_strategies() -> None:
    found = scenario(moves={"announce": {"cy": ANNOUNCE}, "answer": {"bob": "NO"}})
    found.check()
    profile = found.profile()
    assert isinstance(profile[(1,)], Scripted)
    assert isinstance(profile[(2,)], Scripted)
    assert not isinstance(profile[(0,)], Scripted)
    plays = outcomes(found.mechanism, profile).plays
    (tails,) = [play for play in plays if len(play.history) == 3]  # cy offers to sell for 55, the most, and wins
    announced, coin, answered = tails.history
    assert dict(announced.moves)[2].offer.revenue == 55
    assert coin.side == "Tails"
    assert dict(answered.moves) == {0: YES, 1: NO}


def test_scripted_moves_around_a_mixture_and_within_a_coalition() -> None:
    mixed = Plan("mixed", actions=((Fraction(1, 3), Plan("silent")), (Fraction(2, 3), Plan())))
    found = scenario((1, 2), plans=(((1, 2), mixed),), moves={"announce": {"cy": ANNOUNCE}})
    strategy = found.profile()[(1, 2)]
    assert isinstance(strategy, Mixed)
    for _, pure in strategy.actions:
        assert isinstance(pure, Scripted)
    for each in outcomes(found.mechanism, found.profile()).plays:
        assert dict(each.history[0].moves)[2].offer.revenue == 55


def test_a_scripted_move_that_is_illegal_at_the_first_decision() -> None:
    wrong = {"allocation": {"cy": ["left"]}, "prices": {"cy": 3}}
    with pytest.raises(InputError, match=r"^moves.announce.cy.allocation.cy: found .*; the announcer offers"):
        scenario(moves={"announce": {"cy": wrong}}).check()


def test_a_scripted_move_that_is_illegal_later_names_the_file() -> None:
    found = scenario(moves={"announce": {"cy": ANNOUNCE}, "answer": {"bob": 1}}, source="my.yaml")
    found.check()
    with pytest.raises(InputError, match=r"^my.yaml: moves.answer.bob: found 1, expected YES or NO$"):
        outcomes(found.mechanism, found.profile())


def test_labels_that_are_never_met() -> None:
    assert scenario(moves={"announce": {}, "answer": {}}).unmet_labels() == ((), ("announce", "answer"))
    unmet, met = scenario(moves={"ask": {"bob": "YES"}}).unmet_labels()
    assert unmet == ("ask",)
    assert set(met) == {"announce", "answer"}


def test_a_script_leads_to_its_later_decisions() -> None:
    setting = market(["ann", "bob"], {"ann": ["hut"], "bob": ["van"]}, 64)
    context = Context(setting, (Additive(["hut", "van"], {"van": 9}), Additive(["hut", "van"], {"hut": 5})))
    propose = {"ann": {"allocation": {"ann": ["van"], "bob": ["hut"]}, "prices": {"ann": -2, "bob": 2}}}
    script = {"propose": propose, "answer": {"bob": "YES"}}
    assert Scenario(mechanism_named("market").build(setting), context, moves=script).unmet_labels()[0] == ()


def test_without_types() -> None:
    bare = Scenario(BEST_BELIEF)
    assert bare.agents == ((0,), (1,), (2,))
    assert bare.profile() == {(0,): Silent(), (1,): Silent(), (2,): Silent()}
    bare.check()
    mixed = Plan("mixed", actions=((Fraction(1), Plan("by-value")),))
    for plan in (Plan(), Plan("by-value"), mixed):
        with pytest.raises(InputError, match=r"strategies.bob: found '.*' play without types"):
            Scenario(BEST_BELIEF, plans=(((1,), plan),))


CHAIN = ["a", "b", "c", "d"]
WANTED = [(["a", "b"], 10), (["b", "c"], 11), (["c", "d"], 10)]


def test_best_belief_by_the_best_sale_one_can_compute() -> None:
    setting = auction(["ann", "bob", "cy", "dan"], CHAIN)
    types = (*(SingleMinded(CHAIN, goods, value) for goods, value in WANTED), Additive(CHAIN, {}))
    context = Context(setting, types)
    mechanism = mechanism_named("best-belief").build(setting)
    expected = {}
    for search in ("greedy", "best"):
        plans = tuple(((player,), Plan("by-value") if player < 3 else Plan(search=search)) for player in range(4))
        played = outcomes(mechanism, Scenario(mechanism, context, plans=plans).profile())
        announced = dict(played.plays[0].history[0].moves)[3].offer.revenue
        assert announced == {"greedy": 11, "best": 20}[search]
        expected[search] = played.utility(context, 3)
    silent = Scenario(mechanism, context, plans=tuple(((player,), Plan("by-value")) for player in range(4)))
    assert expected["best"] > expected["greedy"] > outcomes(mechanism, silent.profile()).utility(context, 3)


def test_a_market_by_the_best_outcome_one_can_compute() -> None:
    setting = market(["ann", "bob", "cy"], {"ann": CHAIN, "bob": [], "cy": []}, 64)
    context = Context(setting, tuple(SingleMinded(CHAIN, goods, value) for goods, value in WANTED))
    mechanism = mechanism_named("market").build(setting)
    welfare = {}
    for search in ("greedy", "best"):
        benchmarks = Benchmarks(context)
        plans = tuple(((player,), Plan(search=search)) for player in range(3))
        played = outcomes(mechanism, Scenario(mechanism, context, plans=plans).profile(benchmarks=benchmarks))
        welfare[search] = played.welfare(context)
        assert [found.found.optimal for found in benchmarks.searches] == [search == "best"]
        assert benchmarks.searches[0].what == "MSW, the greatest total value" + " (greedy)" * (search == "greedy")
    assert context.welfare((0, 0, 0, 0)) == 10
    assert 10 < welfare["greedy"] < 11 < welfare["best"] < 20  # 11 and 20, less what a little chance of failing costs


@pytest.mark.parametrize(
    "profile", [[Silent()], {0: Silent(), 1: Silent(), 2: Silent()}, {"ann": Silent()}, {("ann",): Silent()}], ids=str
)
def test_profiles_that_are_none(profile: Any) -> None:
    for played in (lambda: outcomes(BEST_BELIEF, profile), lambda: play(BEST_BELIEF, profile, seed=1)):
        with pytest.raises(InputError, match="tuples of player numbers"):
            played()


def test_plays_and_distributions_in_short() -> None:
    fixed = {"announce": {"cy": ANNOUNCE}, "answer": {"ann": "YES", "bob": "NO"}}
    found = scenario(moves=fixed, plans=tuple(((player,), Plan("silent")) for player in range(3)))
    text = str(outcomes(found.mechanism, found.profile()))
    assert [line.split(": ")[0] for line in text.splitlines()] == ["1/2", "1/2"]
    assert any("owners 0, nobody, prices " in line for line in text.splitlines())
    short = str(play(found.mechanism, found.profile(), seed=1))
    assert short.startswith("announce; coin ")
    assert short.endswith("(probability 1/2)")
