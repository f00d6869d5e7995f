"""Rational bids in the auctions of one good and of one package, and in the mechanism for independent players."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.benchmarks import Benchmarks
from unrigged.context import Bounds, Context, Nothing
from unrigged.mechanisms import FirstPrice, Independent, SecondPrice, SecondPricePackage
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.sealed import PackageBid
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.setting import Goods, auction
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import XOR, Additive, SingleMinded

VASE = auction(["ann", "bob", "cy"], ["vase"])
SETTING = auction(["ann", "bob", "cy"], ["left", "right"])
GOODS = Goods(["left", "right"])
BOTH = ["left", "right"]


def valuing(*values: int, knowledge: tuple[object, ...] = (), coalitions: tuple[tuple[int, ...], ...] = ()) -> Context:
    types = tuple(Additive(["vase"], {"vase": value}) for value in values)
    return Context(VASE, types, knowledge, coalitions)  # type: ignore[arg-type]


def bids(mechanism: Mechanism, context: Context, reading: str = "") -> tuple[object, ...]:
    profile = rational_profile(mechanism, context, reading=reading)
    return tuple(move for _, move in outcomes(mechanism, profile).plays[0].history[0].moves)


def test_second_price_bids() -> None:
    context = valuing(5, 9, 7, coalitions=((1, 2),))
    assert bids(SecondPrice(VASE), context) == (5, 9, 7)
    assert bids(SecondPrice(VASE), context, "ring") == (5, 9, 0)


def test_a_pair_lowers_the_revenue_to_the_third_value() -> None:
    """Paper 001, footnote 2."""
    mechanism = SecondPrice(VASE)
    alone, pair = valuing(5, 9, 7), valuing(5, 9, 7, coalitions=((1, 2),))
    assert outcomes(mechanism, rational_profile(mechanism, alone, reading="ring")).revenue == 7
    assert outcomes(mechanism, rational_profile(mechanism, pair, reading="ring")).revenue == 5


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((5, 9, 7), (5, 7, 7)),
        ((5, 7, 7), (5, 7, 7)),
        ((8, 9, 7), (8, 9, 7)),
        ((9, 3, 3), (3, 3, 3)),
        ((0, 0, 0), (0, 0, 0)),
    ],
)
def test_just_enough(values: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert bids(FirstPrice(VASE), valuing(*values)) == expected


def test_just_enough_by_what_one_is_sure_of() -> None:
    four = Bounds({1: Additive(["vase"], {"vase": 4})})
    assert bids(FirstPrice(VASE), valuing(9, 8, 7, knowledge=(four, Nothing(), Nothing()))) == (4, 1, 1)


def test_a_coalition_bids_once_and_only_against_outsiders() -> None:
    context = valuing(5, 9, 7, coalitions=((1, 2),))
    assert bids(FirstPrice(VASE), context) == (5, 6, 0)
    assert bids(FirstPrice(VASE), context, "value") == (5, 9, 7)
    everybody = valuing(0, 0, 2, coalitions=((0, 1, 2),))
    assert bids(FirstPrice(VASE), everybody) == (0, 0, 1), "a mate of smaller number would win a tie at 0"


@settings(max_examples=120, deadline=None)
@given(
    values=st.tuples(*[st.integers(0, 6)] * 3),
    coalitions=st.sampled_from([(), ((0, 1),), ((0, 2),), ((1, 2),), ((0, 1, 2),)]),
)
def test_just_enough_is_an_equilibrium_where_all_know_all_values(
    values: tuple[int, int, int], coalitions: tuple[tuple[int, ...], ...]
) -> None:
    context, mechanism = valuing(*values, coalitions=coalitions), FirstPrice(VASE)
    played = bids(mechanism, context)
    for agent in context.coalitions:
        reached = context.joint_utility(agent, mechanism.sell(played))  # type: ignore[arg-type]
        for others in product(range(8), repeat=len(agent)):
            deviation = tuple(dict(zip(agent, others, strict=True)).get(i, played[i]) for i in range(3))
            assert context.joint_utility(agent, mechanism.sell(deviation)) <= reached  # type: ignore[arg-type]


TYPES = (
    Additive(GOODS, {"left": 10, "right": 2}),
    SingleMinded(GOODS, ["right"], 20),
    XOR(GOODS, [("left", 15), (BOTH, 18)]),
)


def test_package_bids() -> None:
    context = Context(SETTING, TYPES, coalitions=((1, 2),))
    ann, bob, cy = PackageBid(12, 3), PackageBid(20, 2), PackageBid(18, 3)
    assert bids(SecondPricePackage(SETTING), context) == (ann, bob, cy)
    assert bids(SecondPricePackage(SETTING), context, "ring") == (ann, bob, PackageBid(0, 0))


def test_the_mixture_plays_both_mechanisms_rationally() -> None:
    context, mechanism = Context(SETTING, TYPES), Independent(SETTING)
    plays = outcomes(mechanism, rational_profile(mechanism, context)).plays
    (package,) = [play for play in plays if play.history[0].side == "second-price-package"]
    assert package.outcome == Outcome((-1, 1), (0, 18, 0))
    assert package.probability == Fraction(2, 7)
    favourites = {play.outcome.owners for play in plays if play.history[-1].side == "Heads"}
    assert favourites == {(0, 0)}, "Ann announces the largest revenue: 20 from Bob and 15 from Cy"


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.integers(0, 20), min_size=9, max_size=9),
    base=st.sampled_from(["best-belief", "best-belief-normal"]),
    coalitions=st.sampled_from([(), ((0, 1),), ((1, 2),)]),
)
def test_a_third_of_what_independent_players_know(
    values: list[int], base: str, coalitions: tuple[tuple[int, ...], ...]
) -> None:
    """leveraging.independent: c/(c+1)·MKW_I with c = 1/2, less what best-belief sets aside."""
    types = tuple(
        XOR(GOODS, [("left", values[3 * i]), ("right", values[3 * i + 1]), (BOTH, values[3 * i + 2])]) for i in range(3)
    )
    context, mechanism = Context(SETTING, types, coalitions=coalitions), Independent(SETTING, base=base)
    distribution = outcomes(mechanism, rational_profile(mechanism, context))
    performance = distribution.revenue + distribution.welfare(context)
    assert performance >= Benchmarks(context).mkw_independent().value / Fraction(3) - mechanism.eps
