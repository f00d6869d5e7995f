"""The market mechanism and its fair variant, step by step against hand-computed outcomes, and against the rules read
once more, slowly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_support import ANN, BOB, CY, ENDOWMENT, SETTING, STAY, TRADE, reached
from unrigged.errors import IllegalMove, InputError
from unrigged.mechanisms import Market, MarketFair
from unrigged.moves.answer import NO, YES
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Event, History, replay
from unrigged.setting import NOBODY, Goods, Setting, market

MARKET = Market(SETTING, eps=Fraction(1, 20), delta=Fraction(1, 200))
TINY = Fraction(1, 20)


def history(proposal: Outcome, *events: Event, by: int = ANN) -> History:
    return (Event("propose", ((by, proposal),)), *events)


def side(label: str, name: str) -> Event:
    return Event(label, side=name)


def answers(**said: object) -> Event:
    return Event("answer", tuple((SETTING.player(name), answer) for name, answer in said.items()))


HEADS, TAILS = side("c0", "Heads"), side("c0", "Tails")


@pytest.mark.parametrize(
    "prices",
    [
        (1, 1, 1),
        (0, 0, Fraction(1, 2)),
        (Fraction(-1, 2), 0, Fraction(1, 2)),
        (-16, 16, 0),
        (16, -16, 0),
        (-16, 0, 16),
        (-1, 0, 0),
    ],
)
def test_a_prices_that_break_the_rules_cost_the_proposer_1(prices: tuple[int, ...]) -> None:
    assert replay(MARKET, history(Outcome(ENDOWMENT, prices))) == Outcome(ENDOWMENT, (1, 0, 0))


@pytest.mark.parametrize("prices", [(-15, 15, 0), (15, 0, -15), (-30, 15, 15), (30, -15, -15)])
def test_a_the_proposers_own_price_has_no_range(prices: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="its end"):
        replay(MARKET, history(Outcome(ENDOWMENT, prices)))


def test_b_leaving_everything_as_it_is() -> None:
    assert replay(MARKET, history(STAY)) == STAY


def test_b_only_with_the_endowment_and_without_payments() -> None:
    for other in (Outcome(ENDOWMENT, (-1, 1, 0)), Outcome((ANN, BOB, NOBODY), (0, 0, 0))):
        position = MARKET.start().after([other])  # type: ignore[union-attr]
        assert isinstance(position, Chance)
        assert [(branch.name, branch.probability) for branch in position.branches] == [
            ("Heads", Fraction(199, 200)),
            ("Tails", Fraction(1, 200)),
        ]


def test_d_all_agree() -> None:
    assert replay(MARKET, history(TRADE, HEADS, answers(bob=YES, cy=YES))) == Outcome(
        TRADE.result, (Fraction(-34, 5), Fraction(19, 10), Fraction(49, 10))
    )


def test_e_the_fine_grows_with_every_no() -> None:
    one = replay(MARKET, history(TRADE, HEADS, answers(bob=NO, cy=YES), side("c1", "fined")))
    assert one == Outcome(ENDOWMENT, (96 + Fraction(1, 10), -TINY, -TINY))
    none = replay(MARKET, history(TRADE, HEADS, answers(bob=NO, cy=NO), side("c1", "fined")))
    assert none == Outcome(ENDOWMENT, (144 + Fraction(1, 10), -TINY, -TINY))


def test_f_g_a_refused_proposal_hardly_ever_takes_effect() -> None:
    position = MARKET.count(TRADE, (YES, NO))
    assert isinstance(position, Chance)
    assert [(branch.name, branch.probability) for branch in position.branches] == [
        ("fined", Fraction(19, 20)),
        ("carried out", Fraction(1, 480)),
        ("kept", Fraction(23, 480)),
    ]
    assert position.branch("carried out").then() == Outcome(
        TRADE.result, (Fraction(-34, 5), Fraction(19, 10), Fraction(49, 10))
    )
    assert position.branch("kept").then() == Outcome(ENDOWMENT, (Fraction(1, 10), -TINY, -TINY))
    nobody = MARKET.count(TRADE, (NO, NO))
    assert isinstance(nobody, Chance)
    assert [branch.name for branch in nobody.branches] == ["fined", "kept"]


def test_h_i_the_proposer_alone() -> None:
    assert replay(MARKET, history(TRADE, TAILS, side("w", "ann"))) == Outcome(
        (NOBODY, ANN, NOBODY), (Fraction(1, 10), -TINY, -TINY)
    )


def test_j_another_alone_says_yes() -> None:
    agreed = Event("answer alone", ((CY, YES),))
    assert replay(MARKET, history(TRADE, TAILS, side("w", "cy"), agreed)) == Outcome(
        (CY, NOBODY, NOBODY), (-5 + Fraction(3, 20), -TINY, 5 - Fraction(1, 10))
    )


def test_k_another_alone_says_no() -> None:
    refused = Event("answer alone", ((BOB, NO),))
    assert replay(MARKET, history(TRADE, TAILS, side("w", "bob"), refused)) == Outcome(
        (NOBODY, BOB, BOB), (14400 + Fraction(1, 10), -TINY, -TINY)
    )


def test_only_the_player_drawn_is_asked() -> None:
    position = MARKET.single_out(TRADE)
    assert isinstance(position, Chance)
    assert [branch.probability for branch in position.branches] == [Fraction(1, 3)] * 3
    asked = position.branch("bob").then()
    assert isinstance(asked, Decision)
    assert [player for player, _ in asked.actors] == [BOB]


@st.composite
def plays(draw: st.DrawFn) -> tuple[Market, Outcome, set[int], set[int]]:
    n = draw(st.integers(2, 4))
    m = draw(st.integers(1, 3))
    players = [f"player {i}" for i in range(n)]
    owners = draw(st.lists(st.integers(0, n - 1), min_size=m, max_size=m))
    bound = draw(st.sampled_from([1, 2, 8]))
    setting = Setting(tuple(players), Goods(f"good {g}" for g in range(m)), None, tuple(owners), bound)
    eps = Fraction(1, 5 * n) * draw(st.sampled_from([Fraction(1, 2), Fraction(1, 3), Fraction(9, 10)]))
    delta = eps / bound * draw(st.sampled_from([Fraction(1, 2), Fraction(1, 3), Fraction(9, 10)]))
    proposer = draw(st.integers(0, n - 1))
    price = st.integers(-2 * bound, 2 * bound) | st.just(Fraction(1, 2))
    prices = draw(st.lists(price, min_size=n, max_size=n))
    if draw(st.integers(0, 3)):
        prices[proposer] -= sum(prices)
    result = draw(st.lists(st.integers(-1, n - 1), min_size=m, max_size=m) | st.just(owners))
    yes = st.sets(st.integers(0, n - 1)) | st.just(set(range(n)))
    mechanism = Market(setting, proposer=proposer, eps=eps, delta=delta)
    return mechanism, Outcome(tuple(result), tuple(prices)), draw(yes), draw(yes)


def by_the_sheet(market: Market, x: Outcome, yes: set[int], alone: set[int]) -> dict[Outcome, Fraction]:
    """The distribution over outcomes, from the sheet once more; player 1 of the sheet is `r`."""
    n, bound, eps, delta, r = market.setting.n, market.bound, market.eps, market.delta, market.proposer
    everyone = range(n)
    endowed = market.setting.endowment
    assert endowed is not None
    found: dict[Outcome, Fraction] = {}

    def add(chance: Fraction, owners: list[int], price: list[object]) -> None:
        if chance:
            outcome = Outcome(tuple(owners), tuple(price))  # type: ignore[arg-type]
            found[outcome] = found.get(outcome, Fraction(0)) + chance

    def alike(first: object, rest: object) -> list[object]:
        return [first if i == r else rest for i in everyone]

    star, proposed = x.owners, x.prices
    fits = all(Fraction(proposed[i]).denominator == 1 and abs(proposed[i]) < 2 * bound for i in everyone if i != r)
    if not fits or sum(proposed) != 0:
        return {Outcome(endowed, tuple(alike(1, 0))): Fraction(1)}  # type: ignore[arg-type]
    if star == endowed and not any(proposed):
        return {x: Fraction(1)}
    count = len(yes - {r})
    discounted = [proposed[i] + 2 * (n - 1) * eps if i == r else proposed[i] - 2 * eps for i in everyone]
    heads = 1 - delta
    if count == n - 1:
        add(heads, list(star), discounted)
    else:
        rescue = eps * Fraction(count, n * bound)
        add(heads * (1 - eps), list(endowed), alike(2 * n * (n - count) * bound + (n - 1) * eps, -eps))
        add(heads * rescue, list(star), discounted)
        add(heads * (eps - rescue), list(endowed), alike((n - 1) * eps, -eps))
    for w in everyone:
        if w == r:
            price = alike((n - 1) * eps, -eps)
            source = star
        elif w in alone:
            price = alike(-proposed[w] + n * eps, -eps)
            price[w] = proposed[w] - 2 * eps
            source = star
        else:
            price = alike(n**2 * bound / delta + (n - 1) * eps, -eps)
            source = endowed
        add(delta / n, [w if owner == w else NOBODY for owner in source], price)
    return found


@given(plays())
def test_against_the_sheet(play: tuple[Market, Outcome, set[int], set[int]]) -> None:
    mechanism, proposal, yes, alone = play
    found = reached(mechanism, proposal, answer=yes, answer_alone=alone)
    assert found == by_the_sheet(mechanism, proposal, yes, alone)


@given(plays())
def test_the_mechanism_never_pays_and_is_balanced_where_nobody_objects(
    play: tuple[Market, Outcome, set[int], set[int]],
) -> None:
    mechanism, proposal, yes, alone = play
    assert all(outcome.revenue >= 0 for outcome in reached(mechanism, proposal, answer=yes, answer_alone=alone))
    everyone = set(mechanism.setting.everyone)
    agreed = reached(mechanism, proposal, answer=everyone, answer_alone=everyone)
    assert all(outcome.revenue == 0 for outcome in agreed) or agreed == {mechanism.punished: 1}


def test_defaults_satisfy_the_conditions() -> None:
    mechanism = Market(SETTING)
    assert (mechanism.eps, mechanism.delta) == (Fraction(1, 30), Fraction(1, 480))
    assert Market.build(SETTING, {"eps": "1/20"}).delta == Fraction(1, 320)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"eps": "1/15"}, r"eps: found 1/15, expected 0 < eps < 1/\(5n\) = 1/15"),
        ({"eps": 0}, r"eps: found 0, expected 0 < eps < 1/\(5n\) = 1/15"),
        ({"eps": "1/20", "delta": "1/160"}, r"delta: found 1/160, expected 0 < delta < eps/B = 1/160"),
        ({"delta": 0}, r"delta: found 0, expected 0 < delta < eps/B = 1/240"),
        ({"proposer": 1}, "a parameter of market"),
    ],
)
def test_conditions_on_the_parameters(parameters: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Market.build(SETTING, parameters)
    if "proposer" not in parameters:
        with pytest.raises(InputError, match=message):
            MarketFair.build(SETTING, parameters)


def test_conditions_on_the_setting() -> None:
    with pytest.raises(InputError, match="value_bound: found 6, expected a power of two"):
        Market(market(["ann", "bob"], {"ann": ["hut"]}, 6))
    with pytest.raises(InputError, match="at least 2 players"):
        Market(market(["ann"], {"ann": ["hut"]}, 8))
    with pytest.raises(InputError, match="at least one good"):
        Market(market(["ann", "bob"], {}, 8))
    with pytest.raises(InputError, match="endowment: found none"):
        Market(Setting(("ann", "bob"), Goods("hut"), value_bound=8))
    with pytest.raises(InputError, match="value_bound: found none"):
        Market(Setting(("ann", "bob"), Goods("hut"), endowment=(0,)))
    with pytest.raises(InputError, match="proposer: found 3"):
        Market(SETTING, proposer=3)


def test_illegal_moves() -> None:
    start = MARKET.start()
    for illegal in (None, Outcome(ENDOWMENT, (0, 0)), Outcome((0, 1), (0, 0, 0)), Outcome((3, 0, 0), (0, 0, 0))):
        with pytest.raises(IllegalMove):
            start.after([illegal])  # type: ignore[union-attr]


def test_fair_draws_the_proposer_first() -> None:
    fair = MarketFair(SETTING, eps=Fraction(1, 20), delta=Fraction(1, 200))
    start = fair.start()
    assert isinstance(start, Chance)
    assert [(branch.name, branch.probability) for branch in start.branches] == [
        ("ann", Fraction(1, 3)),
        ("bob", Fraction(1, 3)),
        ("cy", Fraction(1, 3)),
    ]
    agreed = Event("answer", ((ANN, YES), (CY, YES)))
    proposal = Outcome((BOB, BOB, CY), (-3, 1, 2))
    told = (side("proposer", "bob"), *history(proposal, HEADS, agreed, by=BOB))
    assert replay(fair, told) == Outcome(
        (BOB, BOB, CY), (-3 - Fraction(1, 10), 1 + Fraction(1, 5), 2 - Fraction(1, 10))
    )


def test_fair_is_the_average_of_the_markets() -> None:
    fair = MarketFair(SETTING)
    average: dict[Outcome, Fraction] = {}
    for inner in fair.markets:
        for outcome, chance in reached(inner, TRADE, answer={BOB}, answer_alone={CY}).items():
            average[outcome] = average.get(outcome, Fraction(0)) + chance / 3
    assert reached(fair, TRADE, answer={BOB}, answer_alone={CY}) == average


def test_the_rules_are_complete_and_in_the_papers_order() -> None:
    assert [rule.step for rule in Market.rules()] == list("1abc2defghi3jk")
    assert [rule.step for rule in MarketFair.rules()] == list("01abc2defghi3jk")


def test_comments() -> None:
    assert MARKET.comment(MARKET.punished) == (
        "the proposed prices are out of range or do not sum to 0, so ann is fined 1"
    )
    assert MARKET.comment(MARKET.count(TRADE, (YES, NO))) == "1 of 2 said YES, so the proposal of ann fails"
    assert MARKET.comment(MARKET.ask_alone(CY, TRADE)) == "only cy may own goods from now on; all others are destroyed"
    assert MARKET.comment(MARKET.start()) == ""
