"""How much of the maximum revenue a dominant-strategy mechanism can guarantee, with proofs and with mechanisms."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest

from unrigged.analysis.impossibility import greatest_deterministic_fraction, greatest_fraction
from unrigged.analysis.truthful import FRACTION, Chosen, Domain, Guarantee, Price, Truth, at_most
from unrigged.errors import BudgetExceeded, InputError
from unrigged.farkas import Branch, Combination, Fixed, Row, System, reason_against, violated

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("values", "bound"),
    [((0, 1), Fraction(1)), ((0, 1, 2), HALF), ((0, 1, 2, 3), Fraction(9, 23)), ((0, 1, 3, 9), Fraction(6, 17))],
)
def test_randomised_mechanisms_reach_exactly_so_much(values: tuple[int, ...], bound: Fraction) -> None:
    answer = greatest_fraction(values)
    assert answer.bound == bound
    assert answer.reason_against() is None
    assert answer.mechanism is not None


def test_less_and_less_as_the_grid_grows() -> None:
    bounds = [greatest_fraction(tuple(range(most + 1))).bound for most in (1, 2, 3)]
    assert bounds == sorted(bounds, reverse=True)
    assert len(set(bounds)) == 3


def test_deterministic_mechanisms_guarantee_nothing() -> None:
    answer = greatest_deterministic_fraction((0, 1, 2))
    assert answer.bound == 0
    assert answer.reason_against() is None
    assert isinstance(answer.proof, Branch)
    # the same proof says nothing of randomised ones
    assert reason_against(answer.proof, at_most(0), answer.domain.system) is not None


def test_a_deterministic_mechanism_guarantees_everything_where_values_are_0_or_1() -> None:
    with pytest.raises(BudgetExceeded):
        greatest_deterministic_fraction((0, 1))


def test_the_mechanism_is_truthful_by_the_definition() -> None:
    """The definition, in its own words, on the mechanism that reaches the bound."""
    answer = greatest_fraction((0, 1, 2))
    made = answer.mechanism
    assert made is not None

    def gain(player: int, value: int, both: tuple[tuple[int, int], tuple[int, int]]) -> Fraction:
        return Fraction(value * made.get(Chosen(*both), 0) - made.get(Price(player, *both), 0))

    profiles = answer.domain.declarations
    for truth, lie, other in product(profiles, repeat=3):
        assert gain(0, truth[0], (truth, other)) >= gain(0, truth[0], (lie, other))
        assert gain(1, truth[1], (other, truth)) >= gain(1, truth[1], (other, lie))
    for truth in profiles:
        revenue = made.get(Price(0, truth, truth), 0) + made.get(Price(1, truth, truth), 0)
        assert revenue >= answer.bound * sum(truth)
        assert made.get(Price(0, (0, 0), truth), 0) == made.get(Price(1, truth, (0, 0)), 0) == 0
        # the corollary of the paper: nobody pays more than his own declared value, times the chance of the state
        for other in profiles:
            assert made.get(Price(0, truth, other), 0) <= truth[0] * made.get(Chosen(truth, other), 0)


def test_forged_answers_are_refused() -> None:
    answer = greatest_fraction((0, 1, 2))
    assert isinstance(answer.proof, Combination)
    assert replace(answer, bound=Fraction(2, 5), mechanism=None).reason_against() is not None
    weights = answer.proof.weights
    for place in range(0, len(weights), 7):
        name, weight = weights[place]
        changed = Combination((*weights[:place], (name, weight + HALF), *weights[place + 1 :]))
        assert replace(answer, proof=changed).reason_against() is not None
    assert answer.mechanism is not None
    better = {**answer.mechanism, FRACTION: Fraction(3, 5)}
    assert replace(answer, mechanism=better).reason_against() is not None
    assert violated(answer.domain.rows, better) is not None


def test_rows_are_those_of_the_definition() -> None:
    domain = Domain((0, 2))
    row = domain.row(Truth(1, (0, 2), (0, 0), (2, 2)))
    assert row is not None
    terms = dict(row.terms)
    assert terms[Chosen((2, 2), (0, 0))] == 2
    assert terms[Price(1, (2, 2), (0, 2))] == 1
    assert domain.row(Guarantee((1, 0))) is None
    assert domain.row("anything") is None
    assert sum(1 for _ in domain.rows) == 2 * 4**3 + 2 * 4 + 4 + 2 * 16
    with pytest.raises(InputError, match="the first of them 0"):
        Domain((1, 2))


def test_the_checker_refuses_what_is_no_proof() -> None:
    rows: dict[Hashable, Row] = {"a": Row((("x", 1),), 4), "b": Row((("y", -1),), 0)}
    system = System(rows.get, lambda variable: variable == "y")
    x_at_most_4 = Row((("x", 1),), 4)
    one = Fraction(1)
    assert reason_against(Combination((("a", one),)), x_at_most_4, system) is None
    refused = [
        Combination((("a", -one),)),
        Combination((("c", one),)),
        Combination((("a", one), ("b", one))),
        Combination(((Fixed("y", 0), one), ("a", one))),
        Combination((("a", 1.0),)),  # type: ignore[arg-type]
        Combination((([], one),)),  # type: ignore[arg-type]
        Branch("x", Combination((("a", one),)), Combination((("a", one),))),
        Branch("y", Combination((("a", one),)), Combination(())),
        "a proof",
    ]
    assert all(reason_against(each, x_at_most_4, system) for each in refused)
    assert reason_against(Combination((("a", one),)), Row((("x", 1),), 3), system) is not None
    # a case may use what it supposes, with weights of any sign
    y_is_0 = Combination((("a", one), (Fixed("y", 0), -one), ("b", -one)))
    assert reason_against(y_is_0, x_at_most_4, system) is not None
    split = Branch("y", Combination((("a", one),)), Combination((("a", one), ("b", one), (Fixed("y", 1), one))))
    assert reason_against(split, Row((("x", 1),), 5), system) is None
