"""Rational play of the market mechanism: the votes of Lemmas 7 to 9, the proposals of Lemmas 3, 4, 10 and 11."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_support import reached
from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.errors import InputError
from unrigged.exact import total
from unrigged.mechanisms import Market, MarketFair
from unrigged.moves.answer import NO, YES, Answer
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Decision
from unrigged.setting import NOBODY, market
from unrigged.strategies.registry import rational, rational_profile
from unrigged.valuations import Additive, Table, Valuation

ANN, BOB, CY = 0, 1, 2
SETTING = market(["ann", "bob", "cy"], {"ann": ["hut"], "bob": ["van"], "cy": []}, 16)
GOODS = SETTING.goods
assert GOODS is not None
# The hut is worth most to cy (12 against 5), the van to ann (9 against 6): the welfare gain is 10.
TYPES = (
    Additive(GOODS, {"hut": 5, "van": 9}),
    Additive(GOODS, {"hut": 3, "van": 6}),
    Additive(GOODS, {"hut": 12, "van": 1}),
)
TRUTHFUL = Outcome((CY, ANN), (-6, -6, 12))
MARKET = Market(SETTING)
HALF = Fraction(1, 2)


def context(*coalitions: Coalition, types: tuple[Valuation, ...] = TYPES) -> Context:
    return Context(SETTING, types, coalitions=coalitions)


def proposal(where: Context, reading: str = "", by: int = ANN) -> Outcome:
    mechanism = Market(where.setting, proposer=by)
    start = mechanism.start()
    assert isinstance(start, Decision)
    agent = where.coalition_of(by)
    move = rational(mechanism, Benchmarks(where), agent, reading).moves(start, (by,), ())[by]  # type: ignore[union-attr]
    assert isinstance(move, Outcome)
    return move


def votes(where: Context, offered: Outcome, agent: Coalition, alone: int | None = None) -> dict[int, Answer]:
    decision = MARKET.vote(offered) if alone is None else MARKET.ask_alone(alone, offered)
    assert isinstance(decision, Decision)
    movers = tuple(i for i in agent if decision.space(i) is not None)
    return dict(rational(MARKET, Benchmarks(where), agent).moves(decision, movers, ()))  # type: ignore[union-attr]


def test_the_truthful_outcome() -> None:
    assert proposal(context()) == TRUTHFUL


def test_another_proposer_takes_the_gain_himself() -> None:
    assert proposal(context(), by=BOB) == Outcome((CY, ANN), (4, -16, 12))


@pytest.mark.parametrize(
    ("reading", "prices"),
    [("truthful", (-6, -6, 12)), ("gratis", (6, -6, 0)), ("shared", (-1, -6, 7))],
)
def test_the_proposers_colluders_may_be_asked_anything(reading: str, prices: tuple[int, ...]) -> None:
    assert proposal(context((ANN, CY)), reading) == Outcome((CY, ANN), prices)


def test_all_readings_agree_for_an_independent_proposer() -> None:
    assert {proposal(context(), reading) for reading in ("truthful", "gratis", "shared")} == {TRUTHFUL}


def test_all_readings_are_equally_good_for_the_proposers_coalition() -> None:
    where = context((ANN, CY))
    found = {
        outcomes(MARKET, rational_profile(MARKET, where, reading=reading)).utility(where, (ANN, CY))
        for reading in ("truthful", "gratis", "shared")
    }
    assert len(found) == 1


def test_an_optimal_endowment_is_left_alone() -> None:
    content = (Additive(GOODS, {"hut": 12}), Additive(GOODS, {"van": 9}), Additive(GOODS, {"hut": 12, "van": 9}))
    where = context(types=content)
    assert proposal(where) == MARKET.stay
    distribution = outcomes(MARKET, rational_profile(MARKET, where))
    assert distribution.outcomes == ((MARKET.stay, 1),)


def test_harmful_goods_are_destroyed_and_worthless_ones_stay() -> None:
    litter = (Additive(GOODS, {"hut": -3}), Additive(GOODS, {"van": 0}), Additive(GOODS, {"hut": -1, "van": -1}))
    assert proposal(context(types=litter)) == Outcome((NOBODY, BOB), (0, 0, 0))


def test_goods_that_only_hurt_beside_others_are_destroyed() -> None:
    """Cy wants the hut alone; given the van as well he would value both less, and so would its owner, bob."""
    tables = (Table(GOODS, [0, 0, 0, 0]), Table(GOODS, [0, 0, -2, 0]), Table(GOODS, [0, 7, 0, 3]))
    assert proposal(context(types=tables)) == Outcome((CY, NOBODY), (-9, 2, 7))


def test_independent_players_vote_by_their_own_gain() -> None:
    offered = Outcome((CY, ANN), (-6, -7, 13))
    where = context()
    assert votes(where, TRUTHFUL, (BOB,)) == {BOB: YES}
    assert votes(where, TRUTHFUL, (CY,)) == {CY: YES}
    assert votes(where, offered, (BOB,)) == {BOB: YES}
    assert votes(where, offered, (CY,)) == {CY: NO}


def test_a_coalition_votes_jointly_in_step_2_and_one_by_one_in_step_3() -> None:
    offered = Outcome((CY, ANN), (-6, -7, 13))
    where = context((BOB, CY))
    assert votes(where, offered, (BOB, CY)) == {BOB: YES, CY: YES}
    assert votes(where, offered, (BOB, CY), alone=CY) == {CY: NO}
    assert votes(where, offered, (BOB, CY), alone=BOB) == {BOB: YES}
    worse = Outcome((CY, ANN), (-7, -6, 13))
    assert votes(where, worse, (BOB, CY)) == {BOB: NO, CY: NO}


def test_the_proposers_coalition_always_says_yes() -> None:
    terrible = Outcome((NOBODY, NOBODY), (-30, 0, 30))
    where = context((ANN, CY))
    assert votes(where, terrible, (ANN, CY)) == {CY: YES}
    assert votes(where, terrible, (ANN, CY), alone=CY) == {CY: YES}


def test_the_rational_distribution_by_hand() -> None:
    """n = 3, B = 16: eps = 1/30 and delta = 1/960; heads and all agree, or one of three keeps his part alone."""
    distribution = outcomes(MARKET, rational_profile(MARKET, context()))
    eps, delta = Fraction(1, 30), Fraction(1, 960)
    expected = {
        Outcome((CY, ANN), (-6 + 4 * eps, -6 - 2 * eps, 12 - 2 * eps)): 1 - delta,
        Outcome((NOBODY, ANN), (2 * eps, -eps, -eps)): delta / 3,
        Outcome((NOBODY, NOBODY), (6 + 3 * eps, -6 - 2 * eps, -eps)): delta / 3,
        Outcome((CY, NOBODY), (-12 + 3 * eps, -eps, 12 - 2 * eps)): delta / 3,
    }
    assert dict(distribution.outcomes) == expected


def test_fair_lets_everybody_propose() -> None:
    fair = MarketFair(SETTING)
    where = context()
    distribution = outcomes(fair, rational_profile(fair, where))
    average = [
        sum(outcomes(inner, rational_profile(inner, where)).utility(where, player) for inner in fair.markets) / 3
        for player in range(3)
    ]
    assert [distribution.utility(where, player) for player in range(3)] == average
    assert max(average) - min(average) < Fraction(1, 30)


def test_unknown_reading() -> None:
    with pytest.raises(InputError, match="did you mean 'truthful'"):
        rational(MARKET, Benchmarks(context()), (ANN,), "truthfull")


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    owners = draw(st.lists(st.integers(0, 2), min_size=2, max_size=2))
    setting = market(
        ["ann", "bob", "cy"],
        {name: [good for good, owner in zip(["hut", "van"], owners, strict=True) if owner == i] for i, name in
         enumerate(["ann", "bob", "cy"])},
        8,
    )  # fmt: skip
    assert setting.goods is not None
    value = st.integers(-7, 7)
    types = tuple(Table(setting.goods, [0, draw(value), draw(value), draw(value)]) for _ in range(3))
    coalitions = draw(st.sampled_from([(), ((0, 1),), ((0, 2),), ((1, 2),)]))
    return Context(setting, types, coalitions=coalitions)


@given(contexts(), st.sampled_from(["truthful", "gratis", "shared"]))
def test_proposals_are_in_the_root_set(where: Context, reading: str) -> None:
    """Definition 8, condition by condition, and Lemma 10 where the endowment is optimal."""
    x = proposal(where, reading)
    best = max(where.welfare(owners) for owners in product((NOBODY, 0, 1, 2), repeat=2))
    endowment = where.setting.endowment
    assert endowment is not None
    if where.welfare(endowment) == best:
        assert x == Outcome(endowment, (0, 0, 0))
        return
    assert where.welfare(x.result) == best
    assert total(x.prices) == 0
    mine = where.coalition_of(ANN)
    for i in where.setting.everyone:
        if i not in mine:
            assert x.prices[i] == where.gain(i, x.result)
        elif i != ANN:
            assert type(x.prices[i]) is int
            assert -16 < x.prices[i] < 16


@given(contexts(), st.data())
def test_no_proposal_is_better_for_the_proposers_coalition(where: Context, data: st.DataObject) -> None:
    """Lemma 11 against arbitrary proposals, everybody else answering as Lemmas 7 to 9 say."""
    mechanism = Market(where.setting)
    mine = where.coalition_of(ANN)
    owners = tuple(data.draw(st.lists(st.integers(-1, 2), min_size=2, max_size=2)))
    near = data.draw(st.lists(st.integers(-2, 2), min_size=3, max_size=3))
    prices = [where.gain(i, owners) + off for i, off in enumerate(near)]
    prices[ANN] -= total(prices)
    other = Outcome(owners, tuple(prices))
    here, agents = Benchmarks(where), where.coalitions
    step_2, step_3 = set(mine), set(mine)
    for agent in agents:
        if agent != mine:
            joint = total(where.gain(i, owners) - prices[i] for i in agent)
            step_2 |= set(agent) if joint >= 0 else set()
            step_3 |= {i for i in agent if where.gain(i, owners) >= prices[i]}
    against = reached(mechanism, other, answer=step_2, answer_alone=step_3)
    theirs = sum(chance * where.joint_utility(mine, outcome) for outcome, chance in against.items())
    profile = {agent: rational(mechanism, here, agent) for agent in agents}
    assert outcomes(mechanism, profile).utility(where, mine) >= theirs
