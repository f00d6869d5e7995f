"""The best-belief mechanism and its variants, step by step against hand-computed outcomes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrigged.errors import IllegalMove, InputError
from unrigged.mechanisms import (
    BestBelief,
    BestBeliefDecimal,
    BestBeliefProportional,
    BestBeliefReal,
    BestBeliefReserve,
)
from unrigged.moves.answer import NO, YES
from unrigged.moves.offers import Wish
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Event, replay
from unrigged.setting import NOBODY, auction

ANN, BOB, CY = 0, 1, 2
LEFT, RIGHT = 1, 2
SETTING = auction(["ann", "bob", "cy"], ["left", "right"])
EMPTY = Outcome((NOBODY, NOBODY), (0, 0, 0))
ANN_SELLS = Outcome((BOB, CY), (0, 5, 2))
BOB_SELLS = Outcome((CY, NOBODY), (0, 0, 7))


def announced(ann: Outcome = EMPTY, bob: Outcome = EMPTY, cy: Outcome = EMPTY, wanted: int = 0) -> Event:
    return Event("announce", tuple((i, Wish(wanted, offer)) for i, offer in enumerate((ann, bob, cy))))


def tails(*answers: tuple[int, object]) -> tuple[Event, ...]:
    return (Event("coin", side="Tails"), *([Event("answer", answers)] if answers else []))


def test_heads_gives_the_winner_his_set_for_nothing() -> None:
    history = (announced(ann=ANN_SELLS, wanted=RIGHT), Event("coin", side="Heads"))
    assert replay(BestBelief(SETTING), history) == Outcome((NOBODY, ANN), (0, 0, 0))


def test_ties_go_to_the_smallest_number() -> None:
    history = (announced(ann=ANN_SELLS, bob=BOB_SELLS, wanted=LEFT), Event("coin", side="Heads"))
    assert replay(BestBelief(SETTING), history) == Outcome((ANN, NOBODY), (0, 0, 0))


def test_tails_discounts_fines_and_rewards() -> None:
    mechanism = BestBelief(SETTING, eps=Fraction(3, 10))
    history = (announced(ann=ANN_SELLS, cy=Outcome((ANN, NOBODY), (1, 0, 0))), *tails((BOB, YES), (CY, NO)))
    share = Fraction(1, 10)
    reward_ann, reward_bob, reward_cy = share * Fraction(7, 8), 0, share * Fraction(1, 2)
    assert replay(mechanism, history) == Outcome((BOB, NOBODY), (2 - reward_ann, 5 - share - reward_bob, -reward_cy))


def test_the_winners_outcome_is_offered_not_the_offers_made_to_the_winner() -> None:
    """The paper's print of step 3 swaps the indices; a player offered goods by a loser is not asked."""
    mechanism = BestBelief(SETTING)
    loser = Outcome((CY, NOBODY), (0, 0, 1))
    position = mechanism.pick_winner((Wish(0, Outcome((BOB, NOBODY), (0, 5, 0))), Wish(0, loser), Wish(0, EMPTY)))
    assert isinstance(position, Chance)
    decision = position.branch("Tails").then()
    assert isinstance(decision, Decision)
    assert [player for player, _ in decision.actors] == [BOB]


def test_nobody_is_asked_when_nothing_is_announced() -> None:
    assert replay(BestBelief(SETTING), (announced(), *tails())) == Outcome((NOBODY, NOBODY), (0, 0, 0))


@pytest.mark.parametrize(
    ("move", "reason"),
    [
        (Wish(0, Outcome((ANN, NOBODY), (1, 0, 0))), "offers himself goods"),
        (Wish(0, Outcome((BOB, NOBODY), (0, 0, 0))), "not for a positive integer"),
        (Wish(0, Outcome((BOB, NOBODY), (0, Fraction(1, 2), 0))), "not for a positive integer"),
        (Wish(0, Outcome((BOB, NOBODY), (0, 1, 1))), "offered nothing, so his price must be 0"),
        (Wish(0, Outcome((3, NOBODY), (0, 0, 0))), "a player, or nobody"),
        (Wish(0, Outcome((BOB,), (0, 1, 0))), "every good needs an owner"),
        (Wish(4, EMPTY), "the wanted set must be"),
        (Wish(0, Outcome((True, NOBODY), (0, 1, 0))), "a player, or nobody"),
        ("everything", "a set of goods and an outcome"),
    ],
)
def test_illegal_announcements(move: object, reason: str) -> None:
    decision = BestBelief(SETTING).start()
    assert isinstance(decision, Decision)
    idle = Wish(0, EMPTY)
    with pytest.raises(IllegalMove, match=reason):
        decision.after([move, idle, idle])


@pytest.mark.parametrize("eps", [0, -1, "11/10"])
def test_eps_out_of_range(eps: object) -> None:
    with pytest.raises(InputError, match="0 < eps <= 1"):
        BestBelief.build(SETTING, {"eps": eps})


def test_a_binary_float_is_refused() -> None:
    with pytest.raises(InputError, match=r"binary float 0\.1"):
        BestBelief.build(SETTING, {"eps": 0.1})


@given(st.lists(st.integers(0, 50), min_size=3, max_size=3), st.lists(st.booleans(), min_size=2, max_size=2))
def test_tails_revenue_is_what_was_announced_less_what_is_given_back(prices: list[int], yes: list[bool]) -> None:
    """Section 4, proof of Theorem 1: on Tails the revenue is more than R_w - 2·eps, whoever says what."""
    mechanism = BestBelief(SETTING, eps=Fraction(1))
    offer = Outcome((BOB, CY), (0, prices[1] + 51, prices[2] + 1))
    others = Outcome((ANN, NOBODY), (prices[0] + 1, 0, 0))
    answers = tuple(YES if each else NO for each in yes)
    history = (announced(ann=offer, bob=others), *tails(*zip((BOB, CY), answers, strict=True)))
    assert offer.revenue - 2 < replay(mechanism, history).revenue <= offer.revenue


def test_proportional_budget_is_a_share_of_the_revenue() -> None:
    history = (announced(ann=ANN_SELLS), *tails((BOB, YES), (CY, YES)))
    total = BestBeliefProportional(SETTING, eps=Fraction(3, 5), budget="total")
    unit = Fraction(3, 5) * 7 / 6
    assert replay(total, history) == Outcome((BOB, CY), (-unit * Fraction(7, 8), 5 - unit, 2 - unit))
    each = BestBeliefProportional(SETTING, eps=Fraction(3, 5), budget="each")
    assert replay(each, history).prices[BOB] == 5 - 2 * unit


@pytest.mark.parametrize(("eps", "unit"), [(Fraction(3, 5), Fraction(1, 6)), (Fraction(1, 70), Fraction(1, 60))])
def test_the_proportional_budget_is_at_most_1_unless_asked_otherwise(eps: Fraction, unit: Fraction) -> None:
    history = (announced(ann=ANN_SELLS), *tails((BOB, YES), (CY, YES)))
    assert replay(BestBeliefProportional(SETTING, eps=eps), history).prices[BOB] == 5 - unit


def test_real_values_take_any_positive_price_and_pay_no_rewards() -> None:
    offer = Outcome((BOB, NOBODY), (0, Fraction(7, 3), 0))
    history = (announced(ann=offer), *tails((BOB, YES)))
    eps = Fraction(3, 10)
    kept = BestBeliefReal(SETTING, eps=eps, discounts="keep")
    assert replay(kept, history).prices == (0, Fraction(7, 3) - Fraction(1, 10), 0)
    assert replay(BestBeliefReal(SETTING, eps=eps), history).prices == (0, Fraction(7, 3), 0)


def test_decimals() -> None:
    offer = Outcome((BOB, NOBODY), (0, Fraction(5, 2), 0))
    history = (announced(ann=offer), *tails((BOB, YES)))
    cents = BestBeliefDecimal(SETTING, eps=Fraction(3, 10), step=Fraction(1, 2))
    share = Fraction(1, 20)
    assert replay(cents, history).prices == (-share * Fraction(5, 6), Fraction(5, 2) - share, 0)
    money = BestBeliefDecimal(SETTING, eps=Fraction(3, 10), step=Fraction(1, 2), unit="money")
    assert replay(money, history).prices[BOB] == Fraction(5, 2) - Fraction(1, 10)
    with pytest.raises(IllegalMove, match="a positive multiple of 1/3"):
        replay(BestBeliefDecimal(SETTING, step=Fraction(1, 3)), history)


def reserve(**options: str) -> BestBeliefReserve:
    offer = {"allocation": {"bob": ["left"]}, "prices": {"bob": 9}}
    built = BestBeliefReserve.build(SETTING, {"eps": "3/10", "reserve": offer, **options})
    assert isinstance(built, BestBeliefReserve)
    return built


def test_the_seller_wins_below_his_reserve() -> None:
    sold = (announced(ann=ANN_SELLS), *tails((BOB, YES)))
    share = Fraction(1, 10)
    assert replay(reserve(), sold) == Outcome((BOB, NOBODY), (-share * Fraction(7, 8), 9 - share, 0))
    kept = (announced(ann=ANN_SELLS), Event("coin", side="Heads"))
    assert replay(reserve(), kept) == Outcome((NOBODY, NOBODY), (0, 0, 0))
    refused = (announced(ann=ANN_SELLS), *tails((BOB, NO)))
    assert replay(reserve(), refused).prices == (-share * Fraction(7, 8), 0, 0)


def test_the_sellers_coin_can_be_skipped() -> None:
    history = (announced(ann=ANN_SELLS), Event("answer", ((BOB, YES),)))
    assert replay(reserve(sellers_coin="skipped"), history).prices[BOB] == 9 - Fraction(1, 10)


def test_at_the_reserve_the_player_wins() -> None:
    offer = Outcome((CY, NOBODY), (0, 0, 9))
    history = (announced(ann=offer, wanted=LEFT), Event("coin", side="Heads"))
    assert replay(reserve(), history) == Outcome((ANN, NOBODY), (0, 0, 0))


def test_a_reserve_that_is_no_outcome() -> None:
    with pytest.raises(InputError, match=r"reserve.allocation: found the player 'dan'"):
        BestBeliefReserve.build(SETTING, {"reserve": {"allocation": {"dan": ["left"]}}})
