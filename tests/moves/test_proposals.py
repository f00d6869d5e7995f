"""Proposals in a market: what is legal, how they are written, what they cost in bits."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from market_support import ANN, BOB, CY, ENDOWMENT, SETTING, STAY, TRADE
from unrigged.errors import InputError
from unrigged.moves.proposals import BalancedProposal, MarketProposal
from unrigged.outcome import Outcome
from unrigged.setting import NOBODY, market

ANY = MarketProposal(SETTING, ANN, 16)
BALANCED = BalancedProposal(SETTING, 8)
SPACES = [ANY, BALANCED]


@pytest.mark.parametrize("space", SPACES)
def test_silence_leaves_everything_as_it_is(space: MarketProposal) -> None:
    assert space.default == STAY
    assert space.describe(STAY) == "proposes to leave everything as it is"


@pytest.mark.parametrize("prices", [(1, 1, 1), (Fraction(1, 3), 0, 0), (10**9, 0, -(10**9))])
def test_punished_prices_are_legal_in_the_market_only(prices: tuple[int, ...]) -> None:
    assert ANY.legal(Outcome(ENDOWMENT, prices))
    assert not BALANCED.legal(Outcome(ENDOWMENT, prices))


@pytest.mark.parametrize(
    ("move", "reason"),
    [
        (7, "a proposal is expected"),
        (Outcome(0, (0, 0, 0)), "every good needs an owner"),
        (Outcome((ANN, BOB), (0, 0, 0)), "every good needs an owner"),
        (Outcome((ANN, BOB, 3), (0, 0, 0)), "every owner must be a player"),
        (Outcome((ANN, BOB, -2), (0, 0, 0)), "every owner must be a player"),
        (Outcome((ANN, BOB, True), (0, 0, 0)), "every owner must be a player"),
        (Outcome((ANN, BOB, [1]), (0, 0, 0)), "every owner must be a player"),  # type: ignore[arg-type]
        (Outcome(ENDOWMENT, (0, 0)), "every player needs a price"),
        (Outcome(ENDOWMENT, [0, 0, 0]), "every player needs a price"),  # type: ignore[arg-type]
        (Outcome(ENDOWMENT, (0, 0.0, 0)), "the price of bob must be an exact number"),
        (Outcome(ENDOWMENT, (0, True, 0)), "the price of bob must be an exact number"),
    ],
)
@pytest.mark.parametrize("space", SPACES)
def test_what_is_no_outcome_is_illegal(space: MarketProposal, move: object, reason: str) -> None:
    assert (space.reason(move) or "").startswith(reason)


def test_why_prices_are_illegal() -> None:
    assert BALANCED.reason(Outcome(ENDOWMENT, (-8, 8, 0))) == "the price -8 of ann must be an integer from -7 to 7"
    assert BALANCED.reason(Outcome(ENDOWMENT, (1, 2, -4))) == "the prices sum to -1, not to 0"


def test_json_names_players_and_goods() -> None:
    written = {
        "allocation": {"ann": ["van"], "cy": ["hut"]},
        "destroyed": ["cow"],
        "prices": {"ann": -7, "bob": 2, "cy": 5},
    }
    assert ANY.encode(TRADE) == written
    assert ANY.decode(written) == BALANCED.decode(written) == TRADE
    assert ANY.decode({"allocation": {"ann": ["hut"], "bob": ["van", "cow"]}}) == STAY
    halves = {**written, "prices": {"ann": "-1/2", "bob": "0.5"}}
    assert ANY.decode(halves) == Outcome(TRADE.result, (Fraction(-1, 2), Fraction(1, 2), 0))
    assert "destroyed" not in ANY.encode(STAY)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"allocation": {"ann": ["hut", "van"]}}, "move.allocation: found no owner for the good 'cow'"),
        ({}, "no owner for the good 'hut'.*list it under 'destroyed'"),
        (
            {"allocation": {"ann": ["hut", "van", "cow"]}, "destroyed": ["cow"]},
            "move.destroyed: found the good 'cow', which ann gets",
        ),
        ({"allocation": {"ann": ["hut"], "cy": ["hut"]}}, "the good 'hut' given to ann and to cy"),
        ({"allocation": {"dan": ["hut"]}}, "the player 'dan'"),
        ({"destroyed": ["hut", "van", "cat"]}, "move.destroyed: found the good 'cat'"),
        ({"destroyed": ["hut", "van", "cow"], "prices": {"bob": 0.5}}, "move.prices.bob: found the binary float"),
        ({"destroyed": ["hut", "van", "cow"], "prices": {"bab": 1}}, "did you mean 'bob'"),
        ({"price": {}}, "the field 'price'"),
        ([], "a mapping"),
    ],
)
def test_what_json_is_refused(data: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ANY.decode(data)


def test_balanced_json_is_checked() -> None:
    with pytest.raises(InputError, match="the prices sum to 1, not to 0"):
        BALANCED.decode({"destroyed": ["hut", "van", "cow"], "prices": {"bob": 1}})


def test_words() -> None:
    assert ANY.describe(TRADE) == (
        "proposes: ann gets {van}; cy gets {hut}; {cow} destroyed; ann receives 7, bob pays 2, cy pays 5"
    )
    assert ANY.describe(Outcome((NOBODY,) * 3, (0, 0, 0))) == "proposes: {hut, van, cow} destroyed; nobody pays"


def test_bits() -> None:
    # Three owners among four (2 bits each); 0 has one bit, 5 and -5 the Elias delta code of 11 and 10: 8 bits each.
    assert ANY.bits(Outcome(ENDOWMENT, (-5, 0, 5))) == 6 + 8 + 1 + 8
    # 1/2: the numerator's code (of 3: 4 bits) and the denominator's (of 3: 4 bits).
    assert ANY.bits(Outcome(ENDOWMENT, (Fraction(1, 2), 0, 0))) == 6 + 8 + 1 + 1


def test_grids_list_everything_once() -> None:
    small = market(["ann", "bob"], {"ann": ["hut"]}, 2)
    listed = list(MarketProposal(small, ANN, 4).grid(2))
    assert len(listed) == len(set(listed)) == 3 * 5**2
    balanced = list(BalancedProposal(small, 2).grid(5))
    assert balanced == [Outcome((owner,), prices) for owner in (NOBODY, 0, 1) for prices in ((-1, 1), (0, 0), (1, -1))]
    reasons = {BALANCED.reason(move) for move in BALANCED.grid(1)}
    assert reasons == {None}


def test_samples_follow_the_rules_mostly() -> None:
    rng = Random(1)
    proposals = [ANY.sample(rng, 5) for _ in range(200)]
    assert all(ANY.legal(proposal) for proposal in proposals)
    assert 100 < sum(proposal.revenue == 0 for proposal in proposals) < 200
    for scale in (1, 5, 100):
        for _ in range(50):
            drawn = BALANCED.sample(rng, scale)
            assert BALANCED.legal(drawn)
            assert all(abs(price) <= scale for price in drawn.prices)
    assert {owner for proposal in proposals for owner in proposal.owners} == {NOBODY, ANN, BOB, CY}


def test_encoded_limit() -> None:
    import json

    longest = Outcome((ANN, BOB, NOBODY), (Fraction(10**39 + 1, 10**39 + 2),) * 3)
    assert len(json.dumps(ANY.encode(longest)).encode()) <= ANY.encoded_limit(40)
