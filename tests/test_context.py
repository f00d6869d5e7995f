"""Contexts: what players know of each other, as lower bounds, and what a context refuses."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrigged.context import Bounds, Box, Context, Nothing, Perfect, Precision, Profiles
from unrigged.errors import InputError
from unrigged.outcome import Outcome
from unrigged.setting import NOBODY, Setting, auction, choice, subsets
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    ExactBundles,
    SingleMinded,
    StateValues,
    Table,
    UnitDemand,
)
from unrigged.valuations.rounded import RoundedDown, rounded_down

SETTING = auction(["ann", "bob", "cat"], ["x", "y"])
GOODS = SETTING.goods
TYPES = (SingleMinded(GOODS, ["x"], 10), UnitDemand(GOODS, {"x": 7, "y": 3}), Additive(GOODS, {"x": 4, "y": 5}))

SIGNED = [
    Additive(GOODS, {"x": "7/2", "y": -3}),
    ExactBundles(GOODS, [("x", -5), ("y", 7)]),
    Table(GOODS, [0, -1, 6, 5]),
]
LANGUAGES = [
    *TYPES,
    *SIGNED,
    XOR(GOODS, [("x", 5), (("x", "y"), 8)]),
    OR(GOODS, [("x", 5), ("y", 4)]),
    BudgetAdditive(GOODS, {"x": 5, "y": 4}, 7),
    Additive(GOODS, {"x": 5, "y": 4}, capacity=1),
]


@pytest.mark.parametrize("valuation", LANGUAGES)
@pytest.mark.parametrize("step", [1, 2, 3, 5, 100])
def test_rounding_down_is_exact_bundle_by_bundle(valuation, step):
    for rounded in (rounded_down(valuation, step), RoundedDown(valuation, step)):
        for bundle in subsets(GOODS.everything):
            value = rounded.value(bundle)
            assert value % step == 0
            assert 0 <= valuation.value(bundle) - value < step
        assert rounded.integral
        assert rounded.range()[0] <= min(map(rounded.value, range(4))) <= max(map(rounded.value, range(4)))
        if valuation.free_disposal:
            assert rounded.free_disposal


@pytest.mark.parametrize("valuation", LANGUAGES)
def test_atomic_bids_of_rounded_values_tell_the_best_subset(valuation):
    rounded = RoundedDown(valuation, 3)
    bids = rounded.atomic_bids()
    for bundle in subsets(GOODS.everything):
        best = max(rounded.value(subset) for subset in subsets(bundle))
        assert max((value for wanted, value in bids if wanted & ~bundle == 0), default=0) == max(best, 0)


def test_whole_numbers_known_to_the_unit_are_known():
    assert rounded_down(TYPES[0], 1) is TYPES[0]
    assert rounded_down(UnitDemand(GOODS, {"x": "2.5"}), 1) == UnitDemand(GOODS, {"x": 2})
    assert rounded_down(RoundedDown(TYPES[2], 2), 4) == RoundedDown(TYPES[2], 4)
    assert RoundedDown(TYPES[2], 4).to_json() == {"kind": "table", "values": [0, 4, 4, 8]}


@pytest.mark.parametrize("step", [0, -1, Fraction(1, 2), "x"])
def test_a_precision_is_a_positive_integer(step):
    with pytest.raises(InputError, match=r"an integer >= 1|an exact number"):
        Precision(step)


@pytest.mark.parametrize("step", [0, -1, Fraction(-1, 2), "x"])
def test_a_step_is_positive(step):
    with pytest.raises(InputError, match=r"a step > 0|an exact number"):
        rounded_down(TYPES[0], step)


@pytest.mark.parametrize("step", [Fraction(1, 100), Fraction(3, 4), Fraction(1, 3)])
def test_steps_may_be_fractions(step):
    valuation = BudgetAdditive(GOODS, {"x": Fraction(5, 7), "y": "4.129"}, 4)
    for rounded in (rounded_down(valuation, step), RoundedDown(valuation, step)):
        for bundle in subsets(GOODS.everything):
            value = rounded.value(bundle)
            assert value % step == 0
            assert 0 <= valuation.value(bundle) - value < step
    assert not RoundedDown(valuation, step).integral
    assert (rounded_down(TYPES[0], step) is TYPES[0]) == (step.numerator == 1)


def test_knowledge_of_a_precision_is_one_object_for_all():
    context = Context(SETTING, TYPES, (Precision(4), Precision(4), Precision(1)))
    assert context.lower(0, 1) == UnitDemand(GOODS, {"x": 4, "y": 0})
    assert context.lower(0, 2) is context.lower(1, 2)
    assert context.lower(2, 0) is TYPES[0]
    assert context.lower(0, 0) is TYPES[0]
    states = choice(["ann", "bob"], ["left", "right"])
    known = Context(states, [StateValues(states.states, [5, -5])] * 2, (Precision(4), Perfect()))
    assert known.lower(0, 1).values == (4, -8)


def test_lower_bounds_by_kind_of_knowledge():
    bound = XOR(GOODS, [("x", 2)])
    profiles = Profiles(((XOR(GOODS, [("x", 5)]), TYPES[1], TYPES[2]), (XOR(GOODS, [("y", 5)]), TYPES[1], TYPES[2])))
    context = Context(SETTING, TYPES, (Bounds({1: bound}), profiles, Box({0: bound}, {1: bound})))
    assert context.lower(0, 1) == bound
    assert context.lower(0, 2).value(3) == 0
    assert context.lower(1, 0).value(1) == 0
    assert context.lower(1, 0).value(3) == 5
    assert context.lower(2, 0) == bound
    assert context.coalition_lower([1, 2], 0).value(1) == 2
    assert context.coalition_lower([1, 2], 1) is TYPES[1]
    assert Context(SETTING, TYPES, (Nothing(),) * 3).lower(0, 1).value(3) == 0
    assert Context(SETTING, TYPES).lower(0, 1) is TYPES[1]


def test_bounds_must_be_true_where_a_mechanism_needs_it():
    Context(SETTING, TYPES, (Bounds({1: XOR(GOODS, [("x", 7)])}), Perfect(), Perfect())).check_bounds_true()
    with pytest.raises(
        InputError, match=r"knowledge\.ann\.bob: found a lower bound 8, expected at most the true value 7"
    ):
        Context(SETTING, TYPES, (Bounds({1: XOR(GOODS, [("x", 8)])}), Perfect(), Perfect())).check_bounds_true()


def test_coalitions_partition_the_players():
    context = Context(SETTING, TYPES, coalitions=[(2, 0)])
    assert context.coalitions == ((0, 2), (1,))
    assert context.independent == (1,)
    assert context.coalition_of(2) == (0, 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"coalitions": [(0, 1), (1, 2)]}, r"'bob', who is in coalitions\[0\] too"),
        ({"coalitions": [(0, 7)]}, "a player of this setting"),
        ({"types": TYPES[:2]}, "one for each of the 3 players"),
        ({"types": (*TYPES[:2], Additive("z", {}))}, "valuation of other goods"),
        ({"types": (*TYPES[:2], StateValues("ab", [1, 2]))}, "values of states"),
        ({"knowledge": (Perfect(),)}, "one for each of the 3 players"),
        ({"knowledge": (Bounds({0: TYPES[1]}), Perfect(), Perfect())}, "bounds on the other players"),
        ({"knowledge": (Profiles(()), Perfect(), Perfect())}, "non-empty set of profiles"),
        ({"knowledge": (Profiles(((TYPES[1], TYPES[1], TYPES[2]),)), Perfect(), Perfect())}, "his true type"),
        ({"knowledge": (Profiles((TYPES[:2],)), Perfect(), Perfect())}, "a profile of 2 types"),
    ],
)
def test_a_context_refuses(change, message):
    with pytest.raises(InputError, match=message):
        Context(**{"setting": SETTING, "types": TYPES, **change})


def test_utility_counts_values_endowment_and_prices():
    outcome = Outcome((0, 2), (3, 0, Fraction(1, 2)))
    context = Context(SETTING, TYPES)
    assert [context.utility(player, outcome) for player in range(3)] == [7, 0, Fraction(9, 2)]
    assert context.joint_utility((0, 2), outcome) == Fraction(23, 2)
    assert context.welfare(outcome.result) == 15
    owned = Context(Setting(SETTING.players, goods=GOODS, endowment=(0, 1)), TYPES)
    assert [owned.gain(player, (NOBODY, 0)) for player in range(3)] == [-10, -3, 0]


@given(st.integers(-50, 50), st.integers(1, 9))
def test_states_round_down_too(value, step):
    rounded = rounded_down(StateValues(["s"], [value]), step).value(0)
    assert rounded <= value < rounded + step
    assert rounded % step == 0


@pytest.mark.parametrize(
    ("lower", "upper", "found"),
    [
        (Additive(GOODS, {"y": 9}), Additive(GOODS, {"y": 3}), "lower 9 above upper 3 for {y}"),
        (XOR(GOODS, [(("x", "y"), 5)]), Additive(GOODS, {"x": 2, "y": 2}), "lower 5 above upper 4 for {x, y}"),
        (None, Additive(GOODS, {"x": -1}), "lower 0 above upper -1 for {x}"),
    ],
)
def test_a_belief_that_no_type_fits(lower, upper, found):
    box = Box({} if lower is None else {1: lower}, {1: upper})
    with pytest.raises(InputError, match=f"knowledge.ann.bob: found {found}, expected a lower bound that is at most"):
        Context(SETTING, TYPES, (box, Perfect(), Perfect()))


def test_a_belief_about_many_goods_that_no_type_fits():
    setting = auction(["ann", "bob"], [f"g{i}" for i in range(30)])
    goods = setting.goods
    wide = Context(setting, [Additive(goods, {})] * 2, (Perfect(), Box({}, {0: Additive(goods, {"g3": 1})})))
    assert wide.knowledge[1].upper
    box = Box({0: XOR(goods, [(("g3", "g4"), 5)])}, {0: Additive(goods, {"g3": 1})})
    with pytest.raises(InputError, match=r"lower 5 above upper 1 for \{g3, g4\}"):
        Context(setting, [Additive(goods, {})] * 2, (Perfect(), box))


def test_a_belief_about_states_that_no_type_fits():
    setting = choice(["ann", "bob"], ["park", "pool"])
    high, low = (StateValues(setting.states, [value, 3]) for value in (7, 4))
    with pytest.raises(InputError, match="lower 7 above upper 4 for park"):
        Context(setting, [low, low], (Box({1: high}, {1: low}), Perfect()))


def test_players_by_name():
    named = Context(
        SETTING,
        dict(zip(["cat", "ann", "bob"], (TYPES[2], TYPES[0], TYPES[1]), strict=True)),
        {"bob": Nothing()},
        [["bob", "ann"]],
    )
    assert named == Context(SETTING, TYPES, (Perfect(), Nothing(), Perfect()), ((0, 1),))


@pytest.mark.parametrize(
    ("types", "coalitions", "message"),
    [
        ({"ann": TYPES[0], "bob": TYPES[1]}, (), "types.cat: found nothing"),
        ({"ann": TYPES[0], "bobb": TYPES[1]}, (), "did you mean 'bob'"),
        ({0: TYPES[0]}, (), "types: found the player '0'"),
        (TYPES, [["ann", "bbo"]], r"coalitions\[0\]: found the player 'bbo'"),
        (TYPES, ["ann"], r"coalitions\[0\]: found ann, expected a coalition"),
        (TYPES, [0, 1], r"coalitions\[0\]: found 0, expected a coalition"),
    ],
)
def test_names_that_are_none(types, coalitions, message):
    with pytest.raises(InputError, match=message):
        Context(SETTING, types, coalitions=coalitions)


@pytest.mark.parametrize("valuation", LANGUAGES)
@pytest.mark.parametrize("wrong", ["x", ("x", "y"), ["x"], 4, -1, -7, None, 1.5], ids=str)
def test_the_value_of_what_is_no_bundle(valuation, wrong):
    with pytest.raises(InputError, match=r'use v\("x", "y"\) or v\.value\(goods\.bundle\(\["x", "y"\]\)\)'):
        valuation.value(wrong)


@pytest.mark.parametrize("wrong", ["park", 2, -2, None])
def test_the_value_of_what_is_no_state(wrong):
    with pytest.raises(InputError, match="expected the number of a state, from 0 to 1, or -1 for the null state"):
        StateValues(["park", "pool"], [3, 4]).value(wrong)
