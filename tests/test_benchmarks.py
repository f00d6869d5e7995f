"""The benchmarks against enumeration, and the worked example of paper 003."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged import searches as module
from unrigged.benchmarks import Benchmarks, common_lower_bounds
from unrigged.context import Bounds, Box, Context, Nothing, Perfect, Precision, Profiles
from unrigged.errors import InputError
from unrigged.setting import NOBODY, NULL_STATE, Goods, auction, bundles_of, choice
from unrigged.valuations import OR, XOR, Additive, SingleMinded, StateValues, Table, UnitDemand

SETTING = auction(["ann", "bob", "cat"], ["1", "2"])
GOODS = SETTING.goods
COMMON = settings(max_examples=60, deadline=None)


def worked_example(coalitions=()):
    types = (SingleMinded(GOODS, ["1"], 100), SingleMinded(GOODS, ["2"], 100), SingleMinded(GOODS, ["1", "2"], 50))
    beliefs = (
        Box({1: SingleMinded(GOODS, ["2"], 25), 2: SingleMinded(GOODS, ["1", "2"], 10)}),
        Box({0: SingleMinded(GOODS, ["1"], 80), 2: SingleMinded(GOODS, ["2"], 20)}),
        Box({0: SingleMinded(GOODS, ["1"], 80), 1: SingleMinded(GOODS, ["2"], 70)}),
    )
    return Context(SETTING, types, beliefs, coalitions)


def test_the_worked_example_of_the_best_belief_paper():
    known = Benchmarks(worked_example())
    assert [known.best_belief(player).value for player in range(3)] == [25, 100, 150]
    assert known.best_belief().value == 150
    assert known.best_belief().agent == (2,)
    outcome = known.best_belief(2).outcome
    assert (outcome.result, outcome.prices, outcome.revenue) == ((0, 1), (80, 70, 0), 150)
    assert known.best_belief_independent().value == 150


def test_a_coalition_pools_what_it_knows():
    known = Benchmarks(worked_example(coalitions=[(1, 2)]))
    assert known.best_belief_independent().value == 25
    assert known.best_belief_of((1, 2), 2).value == 80 + 100
    assert known.best_belief_of([2, 1], 1).value == 80
    assert known.mkw((1, 2)).value == 180
    with pytest.raises(InputError, match="who is not in it"):
        known.best_belief_of((1, 2), 0)


def test_nobody_independent_and_nobody_to_sell_to():
    known = Benchmarks(worked_example(coalitions=[(0, 1, 2)]))
    assert known.miew().value == known.mkw_independent().value == known.best_belief_independent().value == 0
    assert known.miew().outcome.result == (NOBODY, NOBODY)
    assert known.mkw().value == known.msw().value == 200
    alone = Context(auction(["ann"], ["x"]), (Additive("x", {"x": 3}),))
    assert Benchmarks(alone).best_belief().value == 0
    assert Benchmarks(alone).msw().value == 3


def test_prices_are_integers_of_at_least_one():
    types = (Additive(GOODS, {}), Additive(GOODS, {"1": "2.9"}), SingleMinded(GOODS, ["2"], Fraction(1, 2)))
    known = Benchmarks(Context(SETTING, types))
    assert known.best_belief(0).value == 2
    assert known.best_belief(0).outcome.prices == (0, 2, 0)
    assert known.miew(0).value == Fraction(17, 5)


def test_prices_in_other_steps():
    types = (Additive(GOODS, {}), Additive(GOODS, {"1": "2.999"}), SingleMinded(GOODS, ["2"], Fraction(1, 300)))
    known = Benchmarks(Context(SETTING, types))
    cents = known.best_belief(0, step=Fraction(1, 100))
    assert (cents.value, cents.outcome.result) == (Fraction(299, 100), (1, NOBODY))
    assert known.best_belief(0, step=0).outcome.prices == (0, Fraction(2999, 1000), Fraction(1, 300))
    assert known.best_belief_of([0], 0, step=0) is known.best_belief(0, step=0)
    assert known.best_belief(step=0).value == known.best_belief_independent(step=0).value
    assert known.best_belief(0).value == 2


def test_nobody_gets_what_he_is_not_known_to_want():
    types = (Additive(GOODS, {}), Table(GOODS, [0, 0, 0, 5]), Table(GOODS, [0, -1, 0, -3]))
    sale = Benchmarks(Context(SETTING, types)).best_belief(0, step=0)
    assert (sale.outcome.result, sale.outcome.prices) == ((1, 1), (0, 5, 0))
    nobody = Benchmarks(Context(SETTING, types)).best_belief(1, step=0)
    assert (nobody.outcome.result, nobody.value) == ((NOBODY, NOBODY), 0)


def test_one_player_sells_by_the_search_for_all():
    types = tuple(SingleMinded(GOODS, ["1"], value) for value in (9, 8, 7))
    known = Benchmarks(Context(SETTING, types))
    assert [known.best_belief_of((i,), i).value for i in range(3)] == [8, 9, 9]
    assert [search.what for search in known.searches] == [
        "BB, the best sale to anybody",
        "BB, the best sale to all but ann",
    ]


def test_searches_share_their_time_and_stop_together():
    known = Benchmarks(worked_example(), limit=5)
    assert known.limit == 5
    known.within(2)
    assert 1 < known.limit <= 2
    known.within(None)
    assert known.limit == 5
    known.stopped = True
    assert known.limit == 0


def test_states():
    setting = choice(["ann", "bob"], ["left", "right"])
    types = (StateValues(setting.states, [3, 2]), StateValues(setting.states, [-9, 2]))
    known = Benchmarks(Context(setting, types, (Perfect(), Precision(3))))
    assert (known.msw().value, known.msw().outcome.state) == (4, 1)
    assert known.miew(0).value == 2
    assert (known.miew(1).value, known.miew(1).outcome.prices) == (3, (3, 0))
    assert known.mkw([1]).outcome.state == 1
    with pytest.raises(InputError, match="best-belief"):
        known.best_belief()
    gloomy = tuple(StateValues(setting.states, [-1, -2]) for _ in range(2))
    assert Benchmarks(Context(setting, gloomy)).msw().outcome.state == NULL_STATE


@pytest.mark.parametrize("agent", [[], [3], [-1]])
def test_an_agent_is_made_of_players(agent):
    with pytest.raises(InputError, match="players from 0 to 2"):
        Benchmarks(worked_example()).relevant_knowledge(agent)


def a_type(draw, goods):
    value = st.integers(0, 9)
    bids = st.lists(st.tuples(st.integers(1, goods.everything), value), max_size=3)
    match draw(st.integers(0, 4)):
        case 0:
            return XOR(goods, draw(bids))
        case 1:
            return OR(goods, draw(bids))
        case 2:
            return Additive(goods, {name: draw(value) for name in goods})
        case 3:
            return UnitDemand(goods, {name: draw(value) for name in goods})
    return Table(goods, [0, *(draw(st.integers(-3, 9)) for _ in range(goods.everything))])


@st.composite
def contexts(draw):
    n = draw(st.integers(1, 4))
    setting = auction("abcd"[:n], list("xy"[: draw(st.integers(1, 2))]))
    types = tuple(a_type(draw, setting.goods) for _ in range(n))

    def belief(player):
        match draw(st.integers(0, 4)):
            case 0:
                return Nothing()
            case 1:
                return Perfect()
            case 2:
                return Precision(draw(st.integers(1, 4)))
            case 3:
                bounded = draw(st.sets(st.integers(0, n - 1)))
                return Bounds({other: a_type(draw, setting.goods) for other in bounded if other != player})
        profiles = [[a_type(draw, setting.goods) for _ in range(n)] for _ in range(draw(st.integers(1, 2)))]
        return Profiles(tuple(tuple(types[j] if j == player else t for j, t in enumerate(p)) for p in profiles))

    alike = draw(st.sampled_from([None, Perfect(), Nothing(), Precision(2)]))
    knowledge = tuple(alike or belief(player) for player in range(n))
    together = draw(st.sets(st.integers(0, n - 1)))
    return Context(setting, types, knowledge, (tuple(together),) if len(together) > 1 else ())


def enumerated(context, value, *, without=None, whole=False):
    """The greatest sum over players but `without` of value(j, A_j); with `whole`, of integers of at least 1."""
    n, best = context.setting.n, 0
    for owners in product(range(-1, n), repeat=context.setting.m):
        if whole and without in owners:
            continue
        counted = [(j, bundle) for j, bundle in enumerate(bundles_of(owners, n)) if bundle and j != without]
        values = [value(j, bundle) for j, bundle in counted]
        if not whole or all(v >= 1 for v in values):
            best = max(best, sum(values))
    return best


@COMMON
@given(contexts())
def test_every_benchmark_is_what_its_definition_says(context):
    known, everyone = Benchmarks(context), context.setting.everyone
    lower = context.lower
    miew = [enumerated(context, lambda j, s, i=i: lower(i, j).value(s), without=i) for i in everyone]
    bb = [enumerated(context, lambda j, s, i=i: lower(i, j).value(s), without=i, whole=True) for i in everyone]
    mkw = {c: enumerated(context, lambda j, s, c=c: context.coalition_lower(c, j).value(s)) for c in context.coalitions}
    assert known.msw().value == enumerated(context, lambda j, s: context.types[j].value(s))
    assert known.miew().value == max((miew[i] for i in context.independent), default=0)
    assert known.best_belief().value == max(bb)
    assert [known.miew(i).value for i in everyone] == miew
    assert [known.best_belief(i).value for i in everyone] == bb
    assert known.best_belief_independent().value == max((bb[i] for i in context.independent), default=0)
    assert known.mkw().value == max(mkw.values())
    assert known.mkw_independent().value == max((mkw[(i,)] for i in context.independent), default=0)
    assert all(known.mkw(coalition).value == value for coalition, value in mkw.items())
    for one in [known.msw(), *(known.best_belief(i) for i in everyone), *(known.mkw(c) for c in mkw)]:
        assert one.outcome.revenue == one.value == one.bound
        assert one.proof == "exact"


def test_a_thousand_bidders_are_not_a_thousand_searches(monkeypatch):
    searches = []

    def counted(question, **options):
        searches.append(question)
        return real(question, **options)

    real = module.winners
    monkeypatch.setattr(module, "winners", counted)
    goods = Goods(f"g{k}" for k in range(10))
    setting = auction([f"p{k}" for k in range(1000)], goods)
    types = tuple(SingleMinded(goods, [goods[k % 10], goods[(3 * k + 1) % 10]], 1000 - k) for k in range(1000))
    for step in (1, 7):
        known = Benchmarks(Context(setting, types, (Precision(step),) * 1000))
        values = [known.best_belief(player).value for player in range(1000)]
        assert known.best_belief().value == max(values) == values[-1]
        assert len(searches) <= 11
        searches.clear()


def test_the_bounds_all_hold_alike_are_found():
    types = worked_example().types
    bound = SingleMinded(GOODS, ["1"], 5)
    same = Context(SETTING, types, (Bounds({1: bound}), Nothing(), Bounds({1: SingleMinded(GOODS, ["1"], 5)})))
    other = Context(SETTING, types, (Bounds({1: bound}), Nothing(), Bounds({1: SingleMinded(GOODS, ["1"], 6)})))
    assert common_lower_bounds(same)[1] == bound
    assert common_lower_bounds(other) is None


def test_benchmarks_as_far_as_a_method_finds_them():
    goods = Goods("a b c d")
    setting = auction(["ann", "bob", "cat", "dan"], goods)
    wanted = [(("a", "b"), 10), (("b", "c"), 11), (("c", "d"), 10), (("a",), 1)]
    types = tuple(SingleMinded(goods, names, value) for names, value in wanted)
    exactly = Benchmarks(Context(setting, types))
    roughly = Benchmarks(Context(setting, types), method="greedy")
    assert (exactly.msw().value, roughly.msw().value, roughly.msw().bound, roughly.msw().proof) == (20, 12, 20, "none")
    assert roughly.best_belief(3).value == 11 < exactly.best_belief(3).value == 20
    assert roughly.best_belief().value <= exactly.best_belief().value <= roughly.best_belief().bound
    for found in (roughly.best_belief(3), roughly.mkw([0]), roughly.miew(0)):
        assert found.outcome.revenue == found.value <= found.bound
    with pytest.raises(InputError, match="did you mean 'greedy'"):
        Benchmarks(Context(setting, types), method="greed")


def test_methods_share_time_and_searches():
    known = Benchmarks(worked_example(), limit=5)
    assert known.by("best") is known
    greedy = known.by("greedy")
    assert greedy is known.by("greedy") is greedy.by("greedy")
    assert greedy.by("best") is known
    known.within(2)
    assert greedy.limit <= 2
    greedy.msw()
    known.msw()
    assert [search.what for search in known.searches] == [
        "MSW, the greatest total value (greedy)",
        "MSW, the greatest total value",
    ]
    known.stopped = True
    assert greedy.stopped
    assert known.by("truncated", 5).nodes == 5
