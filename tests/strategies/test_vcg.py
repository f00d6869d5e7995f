"""Truth in VCG is dominant and efficient; two colluders can nevertheless empty it (vcg sheet)."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.context import Box, Context, Nothing
from unrigged.mechanisms import VCG, FirstPricePackage
from unrigged.moves.reports import ValuationReport
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.setting import Goods, Setting, auction, market
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import Additive, FromCallable, SingleMinded, Table

SETTING = auction(["ann", "bob", "cy"], ["left", "right"])
GOODS = Goods(["left", "right"])
BOTH = ["left", "right"]
LITTLE = (Additive(GOODS, {"left": 1}), Additive(GOODS, {"right": 1}), SingleMinded(GOODS, BOTH, 100))


def outcome(context: Context, reading: str = "", pivot: str = "leaves") -> Outcome:
    mechanism = VCG(context.setting, pivot=pivot)
    ((only, chance),) = outcomes(mechanism, rational_profile(mechanism, context, reading=reading)).outcomes
    assert chance == 1
    return only


def test_two_colluders_take_everything_for_nothing() -> None:
    context = Context(SETTING, LITTLE, coalitions=((0, 1),))
    assert outcome(context) == Outcome((2, 2), (0, 0, 2))
    assert outcome(context, "ausubel-milgrom") == Outcome((0, 1), (0, 0, 0))
    assert context.welfare((0, 1)) == 2


def test_colluders_who_know_too_little_bid_too_little() -> None:
    context = Context(SETTING, LITTLE, (Nothing(), Nothing(), Nothing()), ((0, 1),))
    assert outcome(context, "ausubel-milgrom") == Outcome((2, 2), (0, 0, 2))
    sure = Box({2: SingleMinded(GOODS, BOTH, 100)})
    context = Context(SETTING, LITTLE, (sure, Nothing(), Nothing()), ((0, 1),))
    assert outcome(context, "ausubel-milgrom") == Outcome((0, 1), (0, 0, 0))


def test_a_public_bound_on_values_is_enough_to_know() -> None:
    bounded = Setting(SETTING.players, goods=GOODS, value_bound=128)
    context = Context(bounded, LITTLE, (Nothing(), Nothing(), Nothing()), ((0, 1),))
    assert outcome(context, "ausubel-milgrom") == Outcome((0, 1), (0, 0, 0))


def test_the_attack_needs_two_colluders_and_two_goods() -> None:
    assert outcome(Context(SETTING, LITTLE), "ausubel-milgrom") == Outcome((2, 2), (0, 0, 2))
    vase = auction(["ann", "bob", "cy"], ["vase"])
    types = tuple(Additive(["vase"], {"vase": value}) for value in (3, 7, 5))
    assert outcome(Context(vase, types, coalitions=((0, 1),)), "ausubel-milgrom") == Outcome((1,), (0, 5, 0))


def test_a_type_without_a_language_is_reported_as_a_table() -> None:
    types = (FromCallable(GOODS, lambda names: 7 * len(names), True), *LITTLE[1:])
    context = Context(SETTING, types)
    report = outcomes(VCG(SETTING), rational_profile(VCG(SETTING), context)).plays[0].history[0].moves[0][1]
    assert report == Table(GOODS, [0, 7, 7, 14])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), owned=st.booleans(), pivot=st.sampled_from(["leaves", "all"]))
def test_no_single_player_gains_by_a_lie(seed: int, owned: bool, pivot: str) -> None:
    rng = Random(seed)
    setting = market(["ann", "bob", "cy"], {"ann": ["left"], "bob": ["right"], "cy": []}, 64) if owned else SETTING
    space = ValuationReport(setting)
    types = tuple(space.sample(rng, 9) for _ in range(3))
    context = Context(setting, types)
    honest = outcome(context, pivot=pivot)
    liar = rng.randrange(3)
    lie = VCG(setting, pivot=pivot).conclude((*types[:liar], space.sample(rng, 9), *types[liar + 1 :]))
    assert isinstance(lie, Outcome)
    assert context.utility(liar, honest) >= context.utility(liar, lie)
    if pivot == "leaves" or not owned:
        assert all(context.utility(player, honest) >= 0 for player in range(3))


def test_the_first_price_package_auction_by_values() -> None:
    mechanism = FirstPricePackage(SETTING)
    context = Context(SETTING, LITTLE)
    assert outcomes(mechanism, rational_profile(mechanism, context)).outcomes[0][0] == Outcome((2, 2), (0, 0, 100))
