"""The perfect-revenue mechanism, step by step against hand-computed outcomes and against the sheet read literally."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.errors import IllegalMove, InputError
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.moves.answer import NO, YES, Answer
from unrigged.moves.openings import OpeningSpace
from unrigged.moves.raises import RaiseSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Event, Position, replay, settle
from unrigged.setting import NOBODY, NULL_STATE, Setting, auction, choice

ANN, BOB, CY = 0, 1, 2
PARK, POOL = 0, 1
SETTING = choice(["ann", "bob", "cy"], ["park", "pool"])
EPS = Fraction(1, 20)
E = [["1/30", "1/40", "1/50"], ["1/60", "1/70", "1/80"]]
MECHANISM = PerfectRevenue(SETTING, eps=EPS, e=E)  # type: ignore[arg-type]
NONE = (0, 0, 0)


def opened(state: int, *prices: int) -> Event:
    return Event("open", ((ANN, Outcome(state, prices)),))


def raised(bob: tuple[int, ...] = NONE, cy: tuple[int, ...] = NONE) -> tuple[Event, Event]:
    return Event("raise 2", ((BOB, bob),)), Event("raise 3", ((CY, cy),))


def answered(answers: Mapping[int, Answer]) -> tuple[Event, ...]:
    return tuple(Event(f"answer {player + 1}", ((player, answer),)) for player, answer in answers.items())


def after(mechanism: PerfectRevenue, *events: Event) -> Position:
    """The position after `events`, payments walked through."""
    position = settle(mechanism.start())[0]
    for event in events:
        if isinstance(position, Chance):
            position = settle(position.branch(event.side).then())[0]
        else:
            assert isinstance(position, Decision)
            assert position.label == event.label
            position = settle(position.after([move for _, move in event.moves]))[0]
    return position


# Ranks


@pytest.mark.parametrize("players", [2, 3, 4])
@pytest.mark.parametrize("null_state", ["absent", "first", "last"])
@pytest.mark.parametrize("revenue", [0, 1, 2, 4])
def test_rank_and_count_against_listing_all_outcomes(players: int, null_state: str, revenue: int) -> None:
    setting = choice([f"player {i}" for i in range(players)], ["park", "pool", "rink"])
    mechanism = PerfectRevenue(setting, null_state=null_state)
    states = {"absent": [0, 1, 2], "first": [NULL_STATE, 0, 1, 2], "last": [0, 1, 2, NULL_STATE]}[null_state]
    compare_ranks(mechanism, states, revenue)


@pytest.mark.parametrize(("players", "goods"), [(2, 1), (2, 2), (3, 2)])
@pytest.mark.parametrize("revenue", [0, 1, 3])
def test_allocations_as_states_against_listing_them(players: int, goods: int, revenue: int) -> None:
    setting = auction([f"player {i}" for i in range(players)], [f"good {g}" for g in range(goods)])
    mechanism = PerfectRevenue(setting)
    assert mechanism.states == "allocations"
    # numbers with the owners as digits, good 1 the most significant, 0 = nobody
    digits = product(range(players + 1), repeat=goods)
    compare_ranks(mechanism, [tuple(digit - 1 for digit in number) for number in digits], revenue)


def compare_ranks(mechanism: PerfectRevenue, states: Sequence[Any], revenue: int) -> None:
    vectors = [v for v in product(range(revenue + 1), repeat=mechanism.setting.n) if sum(v) == revenue]
    vectors.sort(reverse=True)
    listed = [Outcome(state, prices) for state in states for prices in vectors]
    assert mechanism.count(revenue) == len(listed)
    assert [mechanism.rank(outcome) for outcome in listed] == list(range(len(listed)))
    assert listed[0].prices == (revenue, *[0] * (mechanism.setting.n - 1))


def test_hundreds_of_goods_and_players() -> None:
    n, m = 150, 300
    mechanism = PerfectRevenue(auction([f"player {i}" for i in range(n)], [f"good {g}" for g in range(m)]))
    last = Outcome((n - 1,) * m, (*[0] * (n - 1), 10**9))
    assert mechanism.rank(last) == mechanism.count(10**9) - 1
    first = Outcome((NOBODY,) * m, (10**9, *[0] * (n - 1)))
    position = settle(mechanism.start())[0]
    assert isinstance(position, Decision)
    _, paid = settle(position.after([first]))
    assert paid == (-2 * mechanism.eps * 10**9, *[0] * (n - 1))


# Steps


def test_step_b_ends_where_all_prices_are_0() -> None:
    assert replay(MECHANISM, (opened(POOL, 0, 0, 0),)) == Outcome(NULL_STATE, NONE)


# (3,0,2) of pool: 21 outcomes of revenue 5 for park; then (5,0,0), (4,1,0), (4,0,1), (3,2,0), (3,1,1) come before it
REWARD_ANN = 2 * EPS * 5 - EPS * Fraction(26, 42)


def test_step_d_all_say_yes() -> None:
    history = (opened(POOL, 3, 0, 2), *raised(bob=(1, 0, 0)), *answered({ANN: YES, CY: YES}))
    prices = (4 - EPS - REWARD_ANN, 0 - EPS - Fraction(1, 30), 2 - EPS)
    assert replay(MECHANISM, history) == Outcome(POOL, prices)


def test_player_1_is_not_asked_about_his_own_price_and_nobody_about_0() -> None:
    history = (opened(POOL, 3, 0, 2), *raised(), *answered({CY: YES}))
    assert replay(MECHANISM, history) == Outcome(POOL, (3 - EPS - REWARD_ANN, -EPS, 2 - EPS))
    sure = replay(MECHANISM, (opened(PARK, 5, 0, 0), *raised()))
    assert sure == Outcome(PARK, (5 - EPS - 2 * EPS * 5, -EPS, -EPS))


def test_step_e_heads_fines_the_best_informed_for_each_no() -> None:
    history = (opened(POOL, 3, 0, 2), *raised(bob=(1, 0, 0)), *answered({ANN: NO, CY: NO}))
    fined = replay(MECHANISM, (*history, Event("coin 1", side="Heads")))
    assert fined == Outcome(NULL_STATE, (4 - REWARD_ANN, 8 - Fraction(1, 30), 0))


def test_step_c_the_last_who_raises_is_best_informed() -> None:
    events = (opened(PARK, 1, 1, 1), *raised(bob=(2, 0, 3), cy=(4, 1, 0)))
    position = after(MECHANISM, *events)
    assert isinstance(position, Decision)
    assert position.label == "answer 1"
    proposal = position.then.arguments[1]
    assert proposal == Outcome(PARK, (7, 2, 4))
    assert position.then.arguments[2] == (CY, CY, BOB)
    # e[2][1]*2 + e[2][3]*3 and e[3][1]*4 + e[3][2]*1
    rewards = Fraction(2, 30) + Fraction(3, 50), Fraction(4, 60) + Fraction(1, 70)
    end = replay(MECHANISM, (*events, *answered({ANN: NO, BOB: YES, CY: NO}), Event("coin 1", side="Heads")))
    # (1,1,1) comes after the 3 + 2 vectors that begin with 3, 2 or with 1, 2: (3,0,0) (2,1,0) (2,0,1) (1,2,0)
    reward_ann = 2 * EPS * 3 - EPS * Fraction(4, 20)
    assert end == Outcome(NULL_STATE, (-reward_ann, 8 - rewards[0], 14 - rewards[1]))


def test_step_f_the_second_coin() -> None:
    history = (opened(POOL, 3, 0, 2), *raised(bob=(1, 0, 0)), *answered({ANN: NO, CY: NO}))
    first = after(MECHANISM, *history)
    assert isinstance(first, Chance)
    assert {branch.name: branch.probability for branch in first.branches} == {"Heads": 1 - EPS, "Tails": EPS}
    second = after(MECHANISM, *history, Event("coin 1", side="Tails"))
    assert isinstance(second, Chance)
    # bob, who is not asked, counts as YES: Y = 1, n = 3, b = 4 + 2
    assert second.branch("Heads").probability == Fraction(1, 18)
    coins = (Event("coin 1", side="Tails"), Event("coin 2", side="Heads"))
    rewards = (REWARD_ANN, Fraction(1, 30), 0)
    carried_out = tuple(price - EPS - reward for price, reward in zip((4, 0, 2), rewards, strict=True))
    assert replay(MECHANISM, (*history, *coins)) == Outcome(POOL, carried_out)
    left = replay(MECHANISM, (*history, coins[0], Event("coin 2", side="Tails")))
    assert left == Outcome(NULL_STATE, (-REWARD_ANN, -Fraction(1, 30), 0))


def test_where_all_say_no_there_is_no_second_coin() -> None:
    mechanism = PerfectRevenue(choice(["ann", "bob"], ["park"]), eps=Fraction(1, 20))
    history = (opened(PARK, 1, 1), Event("raise 2", ((BOB, (1, 0)),)), *answered({ANN: NO, BOB: NO}))
    end = replay(mechanism, (*history, Event("coin 1", side="Tails")))
    # rank 1 of 3; e[2][1] = 2/3 of eps by default
    assert end == Outcome(NULL_STATE, (-(4 * EPS - EPS / 3), -Fraction(2, 3) * EPS))


def test_the_remarks_extra_discount_goes_to_everybody_in_every_branch_but_step_b() -> None:
    remark = PerfectRevenue(SETTING, eps=EPS, e=E, extra_discount="yes")  # type: ignore[arg-type]
    assert replay(remark, (opened(POOL, 0, 0, 0),)) == Outcome(NULL_STATE, NONE)
    begun = (opened(POOL, 3, 0, 2), *raised(bob=(1, 0, 0)))
    for rest in (
        answered({ANN: YES, CY: YES}),
        (*answered({ANN: NO, CY: YES}), Event("coin 1", side="Heads")),
        (*answered({ANN: NO, CY: YES}), Event("coin 1", side="Tails"), Event("coin 2", side="Tails")),
    ):
        printed, more = replay(MECHANISM, (*begun, *rest)), replay(remark, (*begun, *rest))
        assert more == Outcome(printed.result, tuple(price - EPS for price in printed.prices))


def test_positions_that_differ_in_sunk_rewards_only_are_the_same() -> None:
    one = after(MECHANISM, opened(PARK, 2, 0, 0), *raised((1, 0, 0), (1, 0, 0)))
    other = after(MECHANISM, opened(PARK, 1, 0, 0), *raised((2, 0, 0), (1, 0, 0)))
    assert one == other
    assert hash(one) == hash(other)


def test_selling_nothing_is_the_null_state_where_allocations_are_the_states() -> None:
    mechanism = PerfectRevenue(auction(["ann", "bob"], ["left", "right"]), eps=EPS)
    nothing = (NOBODY, NOBODY)
    assert replay(mechanism, (Event("open", ((ANN, Outcome((ANN, BOB), (0, 0))),)),)) == Outcome(nothing, (0, 0))
    history = (
        Event("open", ((ANN, Outcome((ANN, BOB), (0, 2))),)),
        Event("raise 2", ((BOB, (0, 0)),)),
        Event("answer 2", ((BOB, NO),)),
        Event("coin 1", side="Heads"),
    )
    # allocation (ann, bob) is number 1*3 + 2 = 5 of 9; of (2,0), (1,1), (0,2) the prices are the last
    assert replay(mechanism, history) == Outcome(nothing, (4 - 4 * EPS + EPS * Fraction(17, 27), 0))


# The sheet, read literally


def literal(
    mechanism: PerfectRevenue,
    state: int,
    prices: Sequence[int],
    raises: Mapping[int, Sequence[int]],
    answers: Sequence[Answer],
    heads: tuple[bool, bool],
) -> tuple[tuple[Event, ...], Outcome]:
    """The history and the outcome, players from 1 to n, as the sheet words them."""
    n, eps = mechanism.setting.n, mechanism.eps
    players = range(1, n + 1)
    k = {i: prices[i - 1] for i in players}
    events = [opened(state, *prices)]
    r = sum(k.values())
    if r == 0:
        return tuple(events), Outcome(NULL_STATE, (0,) * n)
    d = {i: {j: raises[i][j - 1] if i != j else 0 for j in players} for i in range(2, n + 1)}
    events += [Event(f"raise {i}", ((i - 1, tuple(d[i][j] for j in players)),)) for i in range(2, n + 1)]
    raisers = {i: [j for j in range(2, n + 1) if d[j][i] > 0] for i in players}
    bip = {i: max(raisers[i], default=1) for i in players}
    star = {i: k[i] + sum(d[j][i] for j in range(2, n + 1)) for i in players}
    said = dict.fromkeys(players, YES)
    for i in players:
        if star[i] > 0 and not (i == 1 and bip[1] == 1):
            said[i] = answers[i - 1]
            events.append(Event(f"answer {i}", ((i - 1, said[i]),)))
    final: int = NULL_STATE
    price: dict[int, Any] = dict.fromkeys(players, 0)
    refusers = [i for i in players if said[i] is NO]
    if not refusers:
        final, price = state, {i: star[i] - eps for i in players}
    else:
        events.append(Event("coin 1", side="Heads" if heads[0] else "Tails"))
        yes, b = n - len(refusers), sum(star[i] for i in refusers)
        if heads[0]:
            for i in refusers:
                price[bip[i]] += 2 * star[i]
        elif yes > 0:
            events.append(Event("coin 2", side="Heads" if heads[1] else "Tails"))
            coin = after(mechanism, *events[:-1])
            assert isinstance(coin, Chance)
            assert coin.branch("Heads").probability == Fraction(yes, n * b)
            if heads[1]:
                final, price = state, {i: star[i] - eps for i in players}
    states = range(len(mechanism.setting.states or ()))
    vectors = sorted((v for v in product(range(r + 1), repeat=n) if sum(v) == r), reverse=True)
    listed = [(s, v) for s in states for v in vectors]
    price[1] -= 2 * eps * r - eps * Fraction(listed.index((state, tuple(prices))), len(listed))
    for i in range(2, n + 1):
        price[i] -= sum(mechanism.e[i - 2][j - 1] * d[i][j] for j in players)
    return tuple(events), Outcome(final, tuple(price[i] for i in players))


vector = st.lists(st.integers(0, 3), min_size=3, max_size=3)


@settings(max_examples=120, deadline=None)
@given(
    state=st.integers(0, 1),
    prices=vector,
    raises=st.fixed_dictionaries({2: vector, 3: vector}),
    answers=st.lists(st.sampled_from([YES, NO]), min_size=3, max_size=3),
    heads=st.tuples(st.booleans(), st.booleans()),
)
def test_outcomes_are_those_of_the_sheet(
    state: int,
    prices: list[int],
    raises: dict[int, list[int]],
    answers: list[Answer],
    heads: tuple[bool, bool],
) -> None:
    history, expected = literal(MECHANISM, state, prices, raises, answers, heads)
    assert replay(MECHANISM, history) == expected


# Parameters


@pytest.mark.parametrize("setting", [SETTING, choice(["a", "b"], ["s"]), auction([*"abcdefg"], ["g"])])
def test_defaults_satisfy_the_printed_conditions(setting: Setting) -> None:
    mechanism = PerfectRevenue(setting)
    chain = [Fraction(1, 5 * setting.n), mechanism.eps, *(rate for row in mechanism.e for rate in row), Fraction(0)]
    assert all(before > later for before, later in pairwise(chain))
    assert [len(row) for row in mechanism.e] == [setting.n] * (setting.n - 1)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"eps": "1/15"}, "eps: found 1/15, expected 0 < eps < 1/(5n) = 1/15"),
        ({"eps": 0}, "eps: found 0, expected 0 < eps < 1/(5n) = 1/15"),
        ({"e": 3}, "e: found 3, expected a row of n numbers for each of the players 2 to n"),
        ({"e": [["1/60", "1/70"]]}, "e: found rows of [2] numbers, expected 2 rows (players 2 to 3) of 3 numbers"),
        (
            {"eps": "1/20", "e": [E[0], ["1/60", "1/60", "1/80"]]},
            "e[3][2]: found 1/60, expected a number above 0 and below 1/60, as eps > e[2][1] > ... > e[n][n] > 0",
        ),
        ({"eps": "1/20", "e": [["1/20", "1/40", "1/50"], E[1]]}, "e[2][1]: found 1/20"),
        ({"eps": "1/20", "e": [E[0], ["1/60", "1/70", 0]]}, "e[3][3]: found 0, expected a number above 0"),
        ({"e": [E[0], ["1/60", "x", 0]]}, "e[3][2]: found x, expected an exact number"),
        ({"cap": 0}, "cap: found 0, expected an integer >= 1"),
        ({"states": "goods"}, "states: found goods, expected one of listed, allocations"),
        ({"states": "allocations"}, "expected goods, which perfect-revenue with states = allocations needs"),
        ({"extra_discount": "maybe"}, "extra_discount: found maybe, expected one of no, yes"),
    ],
)
def test_conditions_on_parameters(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        PerfectRevenue.build(SETTING, parameters)
    assert message in str(error.value)


def test_conditions_on_settings() -> None:
    goods = auction(["ann", "bob"], ["left"])
    with pytest.raises(InputError, match="at least 2 players"):
        PerfectRevenue(choice(["ann"], ["park"]))
    with pytest.raises(InputError, match="nothing sold is one of the allocations"):
        PerfectRevenue(goods, null_state="first")
    with pytest.raises(InputError, match="expected states"):
        PerfectRevenue(goods, states="listed")


def test_the_cap_follows_the_bound_on_values() -> None:
    bounded = choice(["ann", "bob", "cy"], ["park", "pool"], value_bound=5)
    assert PerfectRevenue(bounded).limit == 12
    assert PerfectRevenue(bounded).eps == Fraction(1, 10 * 3 * 12)
    assert PerfectRevenue(SETTING, cap=4).eps == Fraction(1, 10 * 3 * 4)
    assert PerfectRevenue(SETTING).eps == Fraction(1, 10 * 3)
    assert PerfectRevenue(bounded, cap=7).limit == 7
    assert PerfectRevenue(bounded, cap="none").limit is None
    assert PerfectRevenue(SETTING).limit is None
    capped = PerfectRevenue(SETTING, cap=4)
    with pytest.raises(IllegalMove, match="the price of bob must be at most 4"):
        after(capped, opened(PARK, 0, 5, 0))
    with pytest.raises(IllegalMove, match="the price of cy can be raised by at most 4"):
        after(capped, opened(PARK, 4, 0, 4), Event("raise 2", ((BOB, (0, 0, 5)),)))
    after(capped, opened(PARK, 4, 0, 4), *raised(bob=(4, 0, 4)))


# Moves


@pytest.mark.parametrize(
    ("move", "reason"),
    [
        (Outcome(NULL_STATE, NONE), "the null state cannot be announced"),
        (Outcome(2, NONE), "the state must be one of this setting"),
        (Outcome(True, NONE), "the state must be one of this setting"),
        (Outcome((0,), NONE), "the state must be one of this setting"),
        (Outcome(PARK, (0, 0)), "every player needs a price"),
        (Outcome(PARK, (0, -1, 0)), "the price of bob must be an integer >= 0"),
        (Outcome(PARK, (Fraction(1, 2), 0, 0)), "the price of ann must be an integer >= 0"),
        (PARK, "an outcome is expected"),
    ],
)
def test_illegal_openings(move: Any, reason: str) -> None:
    with pytest.raises(IllegalMove, match=reason):
        after(MECHANISM, Event("open", ((ANN, move),)))


def test_the_null_state_can_be_announced_where_the_option_says_so() -> None:
    mechanism = PerfectRevenue(SETTING, eps=EPS, null_state="first")
    end = replay(mechanism, (opened(NULL_STATE, 1, 0, 0), *raised()))
    assert end == Outcome(NULL_STATE, (1 - EPS - 2 * EPS, -EPS, -EPS))
    space = mechanism.openings
    assert space.decode({"state": None, "prices": {"ann": 1}}) == Outcome(NULL_STATE, (1, 0, 0))
    assert space.encode(Outcome(NULL_STATE, NONE)) == {"state": None, "prices": {}}


@pytest.mark.parametrize(
    ("move", "reason"),
    [
        ((0, 1, 0), "bob cannot raise his own price"),
        ((-1, 0, 0), "the price of ann must be raised by an integer >= 0"),
        ((0, 0, True), "the price of cy must be raised by an integer >= 0"),
        ((1, 0), "a raise is expected for every player"),
    ],
)
def test_illegal_raises(move: Any, reason: str) -> None:
    with pytest.raises(IllegalMove, match=reason):
        after(MECHANISM, opened(PARK, 1, 1, 1), Event("raise 2", ((BOB, move),)))


def test_moves_as_json_in_words_and_in_bits() -> None:
    openings = MECHANISM.openings
    move = Outcome(POOL, (3, 0, 2))
    assert openings.encode(move) == {"state": "pool", "prices": {"ann": 3, "cy": 2}}
    assert openings.describe(move) == "proposes: state pool; ann pays 3, cy pays 2"
    assert openings.bits(move) == 1 + 5 + 1 + 4
    with pytest.raises(InputError, match=r"move.state: found the state 'poll'.*did you mean 'pool'"):
        openings.decode({"state": "poll"})
    with pytest.raises(InputError, match=r"move.state: found nothing, expected the name of a state"):
        openings.decode({"prices": {}})
    raising = RaiseSpace(SETTING, BOB, move, (None,) * 3)
    assert raising.encode((0, 0, 7)) == {"cy": 7}
    assert raising.decode({"cy": 7}) == (0, 0, 7)
    assert raising.describe((1, 0, 7)) == "raises the price of ann by 1, of cy by 7"
    assert (raising.describe(NONE), raising.bits(NONE)) == ("raises nobody's price", 1)
    assert raising.bits((0, 0, 7)) == 1 + 1 + 8
    assert list(raising.grid(1)) == [(0, 0, 0), (0, 0, 1), (1, 0, 0), (1, 0, 1)]
    goods = OpeningSpace(auction(["ann", "bob"], ["left", "right"]))
    sale = Outcome((BOB, NOBODY), (0, 4))
    assert goods.encode(sale) == {"allocation": {"bob": ["left"]}, "prices": {"bob": 4}}
    assert goods.decode(goods.encode(sale)) == sale
    assert goods.bits(sale) == 2 * 2 + 1 + 5


def test_what_readers_are_told() -> None:
    asked = after(MECHANISM, opened(POOL, 3, 0, 2), *raised(bob=(1, 0, 0)))
    assert MECHANISM.comment(asked) == "bob last raised the price of ann; provisionally ann pays 4, cy pays 2"
    later = after(MECHANISM, opened(POOL, 3, 0, 2), *raised(bob=(1, 0, 0)), *answered({ANN: NO}))
    assert MECHANISM.comment(later) == ""
    flipped = after(MECHANISM, opened(POOL, 3, 0, 2), *raised(bob=(1, 0, 0)), *answered({ANN: NO, CY: NO}))
    assert MECHANISM.comment(flipped) == "not all said YES: on Heads bob is to pay 8, ann is to pay 4"
    assert MECHANISM.settings_in_words().startswith("eps = 1/20, e from 1/30 down to 1/80, cap = none, states = listed")
