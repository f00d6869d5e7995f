"""The second-price auction of one package (A'), and the mechanism for independent players (M') that mixes it in."""

from __future__ import annotations

from fractions import Fraction

import pytest

from unrigged.errors import IllegalMove, InputError
from unrigged.mechanisms import BestBelief, BestBeliefNormal, Independent, SecondPricePackage
from unrigged.moves.offers import Wish
from unrigged.moves.sealed import PackageBid, PackageBidSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Event, replay
from unrigged.setting import NOBODY, auction

SETTING = auction(["ann", "bob", "cy"], ["left", "right"])
LEFT, RIGHT, BOTH = 1, 2, 3
AUCTION = SecondPricePackage(SETTING)


def test_the_highest_bid_wins_its_set_and_pays_the_second() -> None:
    bids = (PackageBid(4, BOTH), PackageBid(9, RIGHT), PackageBid(7, LEFT))
    assert AUCTION.sell(bids) == Outcome((NOBODY, 1), (0, 7, 0))


def test_ties_go_to_the_smallest_number() -> None:
    bids = (PackageBid(4, BOTH), PackageBid(9, RIGHT), PackageBid(9, BOTH))
    assert AUCTION.sell(bids) == Outcome((NOBODY, 1), (0, 9, 0))


def test_silence_sells_nothing() -> None:
    assert AUCTION.sell((PackageBid(0, 0),) * 3) == Outcome((NOBODY, NOBODY), (0, 0, 0))


def test_alone_the_price_is_0() -> None:
    assert SecondPricePackage(auction(["ann"], ["vase"])).sell((PackageBid(5, 1),)) == Outcome((0,), (0,))


@pytest.mark.parametrize(
    ("bid", "reason"),
    [
        (5, "a number and a set"),
        (PackageBid(5, 4), "a set of the goods"),
        (PackageBid(-1, 1), "an integer >= 0"),
        (PackageBid(True, 1), "an integer >= 0"),
    ],
)
def test_illegal_bids(bid: object, reason: str) -> None:
    decision = AUCTION.start()
    assert isinstance(decision, Decision)
    with pytest.raises(IllegalMove, match=reason):
        decision.after((bid, PackageBid(0, 0), PackageBid(0, 0)))


def test_package_bids_as_json() -> None:
    space = PackageBidSpace(SETTING)
    assert space.decode({"bid": 7, "wanted": ["right"]}) == PackageBid(7, RIGHT)
    assert space.encode(PackageBid(7, RIGHT)) == {"bid": 7, "wanted": ["right"]}
    assert space.decode({}) == space.default == PackageBid(0, 0)
    assert space.bits(PackageBid(7, RIGHT)) == 8 + 2
    assert space.describe(PackageBid(7, BOTH)) == "bids 7 for {left, right}"
    assert len(list(space.grid(2))) == 3 * 4
    for wrong, message in [
        ({"bid": -1}, "move.bid: found -1, expected an integer >= 0"),
        ({"wanted": ["up"]}, "move.wanted: found the good 'up'"),
        ({"amount": 1}, "only bid, wanted"),
    ]:
        with pytest.raises(InputError) as error:
            space.decode(wrong)
        assert message in str(error.value)


def test_the_base_is_played_with_probability_1_over_c_plus_1() -> None:
    """Section 1.2: M with probability 1/(c+1), A' with the complementary one; c = 1/2 for best-belief, as printed."""
    position = Independent(SETTING, c=Fraction(1, 2)).start()
    assert isinstance(position, Chance)
    assert [(branch.name, branch.probability) for branch in position.branches] == [
        ("best-belief", Fraction(2, 3)),
        ("second-price-package", Fraction(1, 3)),
    ]
    position = Independent(SETTING, c=Fraction(1, 4)).start()
    assert isinstance(position, Chance)
    assert position.branch("best-belief").probability == Fraction(4, 5)


@pytest.mark.parametrize(("eps", "c"), [(Fraction(1, 10), Fraction(2, 5)), (Fraction(1, 2), Fraction(1, 2))])
def test_by_default_c_is_what_the_base_reaches(eps: Fraction, c: Fraction) -> None:
    assert Independent(SETTING, eps=eps).c == c


def test_each_branch_is_the_mechanism_itself() -> None:
    position = Independent(SETTING, eps=Fraction(1, 7)).start()
    assert isinstance(position, Chance)
    assert position.branch("best-belief").then() == BestBelief(SETTING, eps=Fraction(1, 7)).start()
    assert position.branch("second-price-package").then() == AUCTION.start()


def test_another_base() -> None:
    position = Independent(SETTING, base="best-belief-normal").start()
    assert isinstance(position, Chance)
    assert position.branch("best-belief-normal").then() == BestBeliefNormal(SETTING).start()


def test_plays_run_through_to_the_end() -> None:
    bids = tuple(enumerate((PackageBid(4, BOTH), PackageBid(9, RIGHT), PackageBid(7, LEFT))))
    history = (Event("mechanism", side="second-price-package"), Event("bid", bids))
    assert replay(Independent(SETTING), history) == Outcome((NOBODY, 1), (0, 7, 0))
    empty = Outcome((NOBODY, NOBODY), (0, 0, 0))
    wishes = tuple((i, Wish(LEFT, empty)) for i in range(3))
    history = (Event("mechanism", side="best-belief"), Event("announce", wishes), Event("coin", side="Heads"))
    assert replay(Independent(SETTING), history) == Outcome((0, NOBODY), (0, 0, 0))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"c": 0}, "c: found 0, expected 0 < c <= 1/2, which best-belief guarantees"),
        ({"c": "2/3"}, "c: found 2/3, expected 0 < c <= 1/2"),
        ({"eps": 2}, "eps: found 2, expected 0 < eps <= 1"),
        ({"base": "vcg"}, "base: found vcg, expected one of best-belief"),
    ],
)
def test_parameters_out_of_range(parameters: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as error:
        Independent.build(SETTING, parameters)
    assert message in str(error.value)
