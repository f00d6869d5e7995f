"""The naive mechanisms of the market paper, step by step, and against the sheet read once more."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_support import ANN, BOB, CY, ENDOWMENT, SETTING, STAY, TRADE, reached
from unrigged.errors import IllegalMove, InputError
from unrigged.mechanisms import Mechanism, Naive1, Naive2, Naive3, Naive4
from unrigged.outcome import Outcome
from unrigged.protocol import Event, replay
from unrigged.setting import market

EPS = Fraction(1, 20)
DISCOUNTED = Outcome(TRADE.result, (Fraction(-69, 10), Fraction(39, 20), Fraction(99, 20)))
FINED = Outcome(ENDOWMENT, (1, 0, 0))
ASKING = [Naive2, Naive3, Naive4]


def test_naive_1_needs_unanimity() -> None:
    mechanism = Naive1(SETTING)
    everybody = Event("announce", ((ANN, TRADE), (BOB, TRADE), (CY, TRADE)))
    assert replay(mechanism, (everybody,)) == TRADE
    all_but_one = Event("announce", ((ANN, TRADE), (BOB, TRADE), (CY, STAY)))
    assert replay(mechanism, (all_but_one,)) == STAY


@pytest.mark.parametrize("mechanism", ASKING)
def test_leaving_everything_as_it_is_ends(mechanism: type[Naive2]) -> None:
    assert reached(mechanism(SETTING, eps=EPS), STAY, answer={BOB, CY}) == {STAY: 1}


@pytest.mark.parametrize("mechanism", ASKING)
def test_all_agree(mechanism: type[Naive2]) -> None:
    assert reached(mechanism(SETTING, eps=EPS), TRADE, answer={BOB, CY}) == {DISCOUNTED: 1}


def test_naive_2_one_no_suffices() -> None:
    assert reached(Naive2(SETTING, eps=EPS), TRADE, answer={BOB}) == {STAY: 1}


def test_naive_3_every_yes_counts() -> None:
    mechanism = Naive3(SETTING, eps=EPS)
    assert reached(mechanism, TRADE, answer={BOB}) == {STAY: Fraction(59, 60), DISCOUNTED: Fraction(1, 60)}
    assert reached(mechanism, TRADE) == {STAY: 1}


def test_naive_4_fines_the_proposer() -> None:
    mechanism = Naive4(SETTING, eps=EPS)
    assert reached(mechanism, TRADE, answer={CY}) == {
        FINED: Fraction(19, 20),
        STAY: Fraction(23, 480),
        DISCOUNTED: Fraction(1, 480),
    }
    assert reached(mechanism, TRADE) == {FINED: Fraction(19, 20), STAY: Fraction(1, 20)}


@given(
    st.sampled_from([1, 2, 3, 8]),
    st.lists(st.integers(-7, 7), min_size=2, max_size=2),
    st.lists(st.integers(-1, 2), min_size=3, max_size=3),
    st.sets(st.sampled_from([1, 2])),
)
def test_against_the_sheet(bound: int, others: list[int], owners: list[int], yes: set[int]) -> None:
    setting = market(["ann", "bob", "cy"], {"ann": ["hut"], "bob": ["van", "cow"], "cy": []}, bound)
    first, second = (max(1 - bound, min(bound - 1, price)) for price in others)
    if not -bound < first + second < bound:
        second = 0
    proposal = Outcome(tuple(owners), (-first - second, first, second))
    eps = Fraction(1, 10)
    discounted = Outcome(tuple(owners), (-first - second + 2 * eps, first - eps, second - eps))
    count = len(yes)
    rest = {
        Naive2: {STAY: Fraction(1)},
        Naive3: {STAY: 1 - eps * count / 3, discounted: eps * count / 3},
        Naive4: {
            FINED: 1 - eps,
            discounted: eps * count / (3 * bound),
            STAY: eps - eps * count / (3 * bound),
        },
    }
    for mechanism, otherwise in rest.items():
        expected = otherwise if count < 2 else {discounted: Fraction(1)}
        if proposal == STAY:
            expected = {STAY: Fraction(1)}
        found = reached(mechanism(setting, eps=eps), proposal, answer=yes)
        assert found == {outcome: chance for outcome, chance in expected.items() if chance}


@pytest.mark.parametrize(
    ("mechanism", "eps", "message"),
    [
        (Naive2, "1/2", r"eps: found 1/2, expected 0 < eps < 1/\(n-1\) = 1/2"),
        (Naive2, 0, r"expected 0 < eps < 1/\(n-1\) = 1/2"),
        (Naive3, "1/2", r"expected 0 < eps < 1/\(n-1\) = 1/2"),
        (Naive3, -1, r"expected 0 < eps < 1/\(n-1\) = 1/2"),
        (Naive4, "1/9", r"eps: found 1/9, expected 0 < eps < 1/\(3n\) = 1/9"),
        (Naive4, 0, r"expected 0 < eps < 1/\(3n\) = 1/9"),
    ],
)
def test_conditions_on_eps(mechanism: type[Mechanism], eps: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        mechanism.build(SETTING, {"eps": eps})


@pytest.mark.parametrize("mechanism", ASKING)
def test_default_eps(mechanism: type[Naive2]) -> None:
    assert mechanism(SETTING).eps == Fraction(1, 30)


@pytest.mark.parametrize("mechanism", [Naive1, *ASKING])
def test_conditions_on_the_setting(mechanism: type[Mechanism]) -> None:
    with pytest.raises(InputError, match="at least 2 players"):
        mechanism(market(["ann"], {"ann": ["hut"]}, 8))
    with pytest.raises(InputError, match="at least one good"):
        mechanism(market(["ann", "bob"], {}, 8))


@pytest.mark.parametrize("mechanism", [Naive1, *ASKING])
@pytest.mark.parametrize(
    "prices", [(8, -8, 0), (1, 0, 0), (Fraction(1, 2), Fraction(-1, 2), 0), (0, 0), (0, 0, True), (0, 0, 0.0)]
)
def test_prices_outside_the_rules_are_illegal(mechanism: type[Mechanism], prices: tuple[object, ...]) -> None:
    start = mechanism(SETTING).start()
    with pytest.raises(IllegalMove):
        start.after([Outcome(ENDOWMENT, prices)] * len(start.actors))  # type: ignore[union-attr, arg-type]


def test_the_rules_are_complete() -> None:
    steps = {each.name: "".join(rule.step for rule in each.rules()) for each in (Naive1, Naive2, Naive3, Naive4)}
    assert steps == {"naive-1": "1a", "naive-2": "1a2b", "naive-3": "1a2bcde", "naive-4": "1a2bcdef"}


def test_comments() -> None:
    for mechanism in (Naive3(SETTING, eps=EPS), Naive4(SETTING, eps=EPS)):
        assert mechanism.comment(mechanism.flip(TRADE, 1)) == "1 of 2 said YES, so the proposal of ann fails"
        assert mechanism.comment(mechanism.start()) == ""
