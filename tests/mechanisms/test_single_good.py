"""The second-price and the first-price auction of one good."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrigged.errors import IllegalMove, InputError
from unrigged.mechanisms import FirstPrice, SecondPrice
from unrigged.moves.sealed import SealedBidSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Decision
from unrigged.setting import auction

SETTING = auction(["ann", "bob", "cy"], ["vase"])


def test_the_highest_bid_wins_and_pays_the_second() -> None:
    assert SecondPrice(SETTING).sell((3, 9, 7)) == Outcome((1,), (0, 7, 0))


def test_the_highest_bid_wins_and_pays_itself() -> None:
    assert FirstPrice(SETTING).sell((3, 9, 7)) == Outcome((1,), (0, 9, 0))


@pytest.mark.parametrize("mechanism", [SecondPrice, FirstPrice])
def test_ties_go_to_the_smallest_number(mechanism: type[SecondPrice] | type[FirstPrice]) -> None:
    assert mechanism(SETTING).sell((3, 7, 7)) == Outcome((1,), (0, 7, 0))
    assert mechanism(SETTING).sell((0, 0, 0)) == Outcome((0,), (0, 0, 0))


def test_alone_the_second_price_is_0() -> None:
    lone = auction(["ann"], ["vase"])
    assert SecondPrice(lone).sell((5,)) == Outcome((0,), (0,))
    assert FirstPrice(lone).sell((5,)) == Outcome((0,), (5,))


@pytest.mark.parametrize("mechanism", [SecondPrice, FirstPrice])
def test_one_good_is_needed(mechanism: type[SecondPrice] | type[FirstPrice]) -> None:
    with pytest.raises(InputError, match=f"found 2 goods, expected exactly one good, which {mechanism.name} sells"):
        mechanism(auction(["ann"], ["left", "right"]))


@pytest.mark.parametrize("bid", [-1, True, "5", None, 1.5, (1,)])
def test_illegal_bids(bid: object) -> None:
    decision = SecondPrice(SETTING).start()
    assert isinstance(decision, Decision)
    with pytest.raises(IllegalMove, match="an integer >= 0"):
        decision.after((bid, 0, 0))


def test_bids_as_json() -> None:
    space = SealedBidSpace(SETTING)
    assert space.decode(7) == 7
    assert space.decode(space.encode(2**60)) == 2**60
    assert [space.bits(bid) for bid in (0, 1, 7)] == [1, 4, 8]
    assert list(space.grid(2)) == [0, 1, 2]
    assert space.describe(7) == "bids 7"
    for wrong in (-1, "1/2", True, None):
        with pytest.raises(InputError, match=r"bids\.ann: found"):
            space.decode(wrong, "bids.ann")


@given(st.lists(st.integers(0, 6), min_size=3, max_size=3))
def test_both_agree_with_sorting(bids: list[int]) -> None:
    order = sorted(range(3), key=lambda i: (-bids[i], i))
    second, first = SecondPrice(SETTING).sell(tuple(bids)), FirstPrice(SETTING).sell(tuple(bids))
    assert second.result == first.result == (order[0],)
    assert second.revenue == bids[order[1]]
    assert first.revenue == bids[order[0]]
