"""The objects of the ledger: ranges, readings, watches, counterexamples that confirm themselves."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from unrigged.claims import (
    Claim,
    Counterexample,
    Evidence,
    Figure,
    Reading,
    Relation,
    Scope,
    Watch,
    build,
    replaced,
    scripted,
)
from unrigged.claims.ledger import decide
from unrigged.context import Context
from unrigged.errors import InputError
from unrigged.mechanisms import SecondPrice
from unrigged.scenario import Plan, Scenario
from unrigged.setting import Setting, auction
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import Additive
from unrigged.verdict import Verdict, fails, holds


def sold(values: tuple[int, ...], moves: dict[str, dict[str, int]] | None = None) -> Scenario:
    """A single good sold at the second price to bidders of these values."""
    setting = auction([f"p{number}" for number in range(1, len(values) + 1)], ["g"])
    assert setting.goods is not None
    context = Context(setting, tuple(Additive(setting.goods, {"g": value}) for value in values))
    return Scenario(SecondPrice(setting), context, moves=moves or {})


def example(relation: Relation) -> Claim:
    claim = Claim("example.T1", "nowhere", "the revenue is at least 3")

    @claim.reading(quick=Scope(players=2), standard=Scope(players=3, values=(0, 2)))
    def decided(scope: Scope, watch: Watch) -> Verdict:
        """Whether it is so."""
        watch.step("contexts", 1, 2)
        return fails("it is not", counterexample=Counterexample({"truthful": sold((5, 2))}, (relation,)))

    return claim


def test_a_counterexample_is_confirmed_from_its_file() -> None:
    entry = decide(example(Relation(Figure("truthful", "revenue"), "<", 3)).read())
    assert entry.verdict.status == "fails"
    assert list(entry.files) == ["example.T1-truthful.yaml"]
    assert "mechanism: second-price" in entry.files["example.T1-truthful.yaml"]
    assert entry.figures == (
        {"figure": "revenue in truthful", "value": "2", "sign": "<", "than": "a constant", "other": "3"},
    )


def test_a_counterexample_that_does_not_contradict_decides_nothing() -> None:
    entry = decide(example(Relation(Figure("truthful", "revenue"), "<", 2)).read())
    assert entry.verdict.status == "undecided"
    assert "revenue in truthful is 2, which is not < 2" in entry.verdict.why
    assert not entry.files


def test_figures_of_two_cases_are_compared() -> None:
    cases = {"truth": sold((5, 2)), "lie": sold((5, 2), {"bid": {"p1": 1}})}
    assert Counterexample(cases, (Relation(Figure("truth", "utility", (0,)), ">", Figure("lie", "utility", (0,))),))
    relation = Relation(Figure("lie", "utility", (0,)), ">", Figure("truth", "utility", (0,)))
    assert Counterexample(cases, (relation,)).reason_against() == ("utility of p1 in lie is 0, which is not > 3")


def test_figures_must_be_of_a_case_and_known() -> None:
    with pytest.raises(InputError, match="figures of"):
        Counterexample({"truth": sold((1, 2))}, (Relation(Figure("lie", "revenue"), "<", 3),))
    with pytest.raises(InputError, match="figure"):
        Figure("truth", "happiness")


def test_a_profile_becomes_a_script() -> None:
    scenario = sold((5, 2))
    assert scenario.context is not None
    written = scripted(scenario.mechanism, scenario.context, rational_profile(scenario.mechanism, scenario.context))
    assert written.moves == {"bid": {"p1": 5, "p2": 2}}
    assert {plan.kind for plan in written.strategies.values()} == {"silent"} == {Plan("silent").kind}


def test_a_range_takes_changes_of_what_it_uses() -> None:
    scope = Scope(players=2, values=(0, 3), parameters={"eps": Fraction(1, 20)})
    assert scope.changed({"players": 3}).players == 3
    assert scope.changed({"parameters": {"cap": 3}}).parameters == {"eps": Fraction(1, 20), "cap": 3}
    assert str(scope) == "players 2, values 0..3, eps = 1/20"
    with pytest.raises(InputError, match="goods"):
        scope.changed({"goods": 1})
    with pytest.raises(InputError, match="least value"):
        Scope(values=(3, 0))


def test_the_limit_leaves_a_claim_undecided() -> None:
    entry = decide(example(Relation(Figure("truthful", "revenue"), "<", 3)).read(), watch=Watch(limit=0))
    assert entry.verdict.status == "undecided"
    assert "limit of 0 seconds has passed, after contexts 1 of 2" in entry.verdict.why
    assert entry.verdict.range == "players 3, values 0..2"


def test_mutants_take_the_place_of_mechanisms() -> None:
    class Broken(SecondPrice):
        pass

    setting: Setting = auction(["p1", "p2"], ["g"])
    with replaced({"second-price": Broken}):
        assert type(build("second-price", setting)) is Broken
    assert type(build("second-price", setting)) is SecondPrice


def test_readings_are_named_once() -> None:
    claim = example(Relation(Figure("truthful", "revenue"), "<", 3))
    with pytest.raises(InputError, match="twice"):
        claim.reading(quick=Scope(), standard=Scope())(lambda scope, watch: holds(""))
    with pytest.raises(InputError, match="did you mean 'as printed'"):
        claim.read("as printd")


def reading_of(decided: Verdict, quick: Scope) -> Reading:
    claim = Claim("example.T2", "nowhere", "something")
    claim.reading(quick=quick, standard=quick)(lambda scope, watch: decided)
    return claim.read()


def test_nothing_holds_or_fails_without_support() -> None:
    nothing = Evidence({"contexts": 0})
    assert decide(reading_of(holds("so", evidence=nothing), Scope(players=2))).verdict.status == "undecided"
    assert decide(reading_of(holds("so"), Scope(players=2))).verdict.status == "undecided"
    assert decide(reading_of(fails("not so"), Scope(players=2))).verdict.status == "undecided"
    assert decide(reading_of(holds("so", evidence=Evidence({"contexts": 3})), Scope())).verdict.status == "holds"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"players": 1}, "--players: found 1, expected at least 2"),
        ({"values": (-1, 2)}, "--values: found -1..2, expected values of at least 0"),
        ({"values": (0, 5)}, "--announcements: found 3, expected at least 5"),
        ({"parameters": {"epss": 1}}, "did you mean 'eps'"),
        ({"goods": 2}, "--goods"),
    ],
)
def test_ranges_of_which_a_claim_says_nothing_are_refused(changes: dict[str, Any], words: str) -> None:
    scope = Scope(players=2, values=(0, 2), announcements=3, parameters={"eps": Fraction(1, 20)})
    with pytest.raises(InputError, match=re.escape(words)):
        reading_of(holds("so"), scope).ranged(scope, changes)


def test_a_range_that_the_code_cannot_deal_with_is_undecided() -> None:
    claim = Claim("example.T3", "nowhere", "something")

    @claim.reading(quick=Scope(players=2), standard=Scope(players=2))
    def decided(scope: Scope, watch: Watch) -> Verdict:
        """Divides by what is left."""
        return holds(str(1 // (3 - scope.players)), evidence=Evidence({"contexts": 1}))

    assert decide(claim.read()).verdict.status == "holds"
    assert "cannot be decided on a range like this" in decide(claim.read(), Scope(players=3)).verdict.why
