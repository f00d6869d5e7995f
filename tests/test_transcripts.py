"""Transcripts: what is written is read back and verified; a forged one is refused, field by field."""

from __future__ import annotations

import json
from copy import deepcopy
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.errors import InputError
from unrigged.mechanisms import mechanism_named
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.play import play
from unrigged.setting import NULL_STATE, Setting, auction, choice, market
from unrigged.strategies.base import RandomPlay
from unrigged.transcripts import (
    Transcript,
    outcome_from_json,
    outcome_to_json,
    parameter_to_json,
    replay,
    setting_from_json,
    setting_to_json,
    transcript_from_json,
    transcript_to_json,
)

AUCTION = auction(["ann", "bob", "cy"], ["left", "right"])
CHOICE = choice(["ann", "bob"], ["park", "pool"], value_bound=8)
MARKET = market(["ann", "bob"], {"ann": ["hut"], "bob": ["van"]}, 8)

MECHANISMS = [
    mechanism_named(name).build(setting, parameters)
    for name, setting, parameters in (
        ("best-belief", AUCTION, {"eps": "1/7"}),
        ("leveraging", AUCTION, {}),
        ("vcg", AUCTION, {}),
        ("independent", AUCTION, {}),
        ("surviving", CHOICE, {}),
        ("perfect-revenue", CHOICE, {"cap": 5}),
        ("market", MARKET, {}),
    )
]


def played(mechanism: Mechanism, seed: int) -> Transcript:
    profile = {(player,): RandomPlay(seed + player, 3) for player in mechanism.setting.everyone}
    found = play(mechanism, profile, seed=seed)
    return Transcript(mechanism, found.history, found.outcome, seed)


@settings(max_examples=60)
@given(st.sampled_from(MECHANISMS), st.integers(0, 500))
def test_read_back_and_verified(mechanism: Mechanism, seed: int) -> None:
    transcript = played(mechanism, seed)
    document = json.loads(json.dumps(transcript.to_json()))
    again = transcript_from_json(document)
    assert again == transcript
    assert replay(again) == transcript.outcome
    assert again.to_json() == document


def best_belief() -> dict[str, Any]:
    """A play of best-belief that went to the answers."""
    seed = next(seed for seed in range(100) if len(played(MECHANISMS[0], seed).history) == 3)
    return played(MECHANISMS[0], seed).to_json()


def test_form() -> None:
    document = best_belief()
    assert list(document) == ["mechanism", "parameters", "setting", "seed", "events", "outcome"]
    assert document["parameters"] == {"eps": "1/7"}
    assert document["setting"] == {"players": ["ann", "bob", "cy"], "goods": ["left", "right"]}
    announce, coin, answer = document["events"]
    assert announce["label"] == "announce"
    assert list(announce["moves"]) == ["ann", "bob", "cy"]
    assert coin == {"label": "coin", "side": "Tails", "probability": "1/2"}
    assert answer["label"] == "answer"
    assert set(document["outcome"]["prices"]) == {"ann", "bob", "cy"}


def forged(*path: Any, value: Any = None, remove: bool = False) -> str:
    document = deepcopy(best_belief())
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    if remove:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    with pytest.raises(InputError) as caught:
        transcript_from_json(document)
    return str(caught.value)


def test_forged_evidence_is_refused_field_by_field() -> None:
    assert forged("mechanism", value="best-believe").startswith(
        "transcript.mechanism: found 'best-believe', expected the"
    )
    assert forged("mechanism", value=["best-belief"]).startswith("transcript.mechanism: found")
    assert forged("mechanism", remove=True) == "transcript: found no 'mechanism', expected the field 'mechanism'"
    assert forged("setting", remove=True) == "transcript: found no 'setting', expected the field 'setting'"
    assert forged("setting", "goods", value=["left"]).startswith("transcript.events[0].moves")
    assert forged("setting", "price", value=1).startswith("transcript.setting: found the field 'price'")
    assert forged("parameters", "eps", value="3").startswith("eps: found 3, expected 0 < eps <= 1")
    assert forged("parameters", "eps", value="1/8").startswith("transcript.outcome: found")
    assert forged("parameters", value=3).startswith("transcript.parameters: found 3, expected a mapping")
    assert forged("seed", value="x").startswith("transcript.seed: found x")
    assert forged("events", value={}).startswith("transcript.events: found {}, expected a list of events")
    assert forged("events", 0, value=7) == "transcript.events[0]: found 7, expected a mapping"
    assert forged("events", 0, "label", value="answer") == (
        "transcript.events[0].label: found 'answer', expected 'announce', which comes next"
    )
    assert forged("events", 0, "label", remove=True).startswith("transcript.events[0]: found no 'label'")
    assert forged("events", 0, "side", value="Heads").startswith("transcript.events[0]: found the field 'side'")
    assert forged("events", 0, "moves", "ann", remove=True) == (
        "transcript.events[0].moves: found no move of ann, expected a move of everyone who decides here"
    )
    assert forged("events", 0, "moves", "dan", value={}).startswith("transcript.events[0].moves: found a move of 'dan'")
    assert forged("events", 0, "moves", "ann", value={"allocation": {"ann": ["left"]}}).startswith(
        "transcript.events[0].moves.ann.allocation.ann: found"
    )
    assert forged("events", 1, "side", value="Edge") == (
        "transcript.events[1].side: found 'Edge', expected one of Heads, Tails"
    )
    assert forged("events", 1, "side", value="Heads").startswith("transcript.events[2]: found 'answer' after the end")
    assert forged("events", 1, "probability", value="2/3") == (
        "transcript.events[1].probability: found 2/3, expected 1/2"
    )
    assert forged("events", 1, "moves", value={}).startswith("transcript.events[1]: found the field 'moves'")
    assert forged("events", 2, remove=True) == "transcript.events: found its end, expected 'answer' next"
    assert forged("outcome", remove=True) == "transcript: found no 'outcome', expected the field 'outcome'"
    assert forged("outcome", "prices", "ann", value="5").startswith("transcript.outcome: found {")
    assert forged("outcome", "prices", "dan", value="5").startswith("transcript.outcome.prices: found the player 'dan'")
    assert forged("outcome", "prices", "ann", value=0.5).startswith(
        "transcript.outcome.prices.ann: found the binary float"
    )
    assert forged("outcome", "allocation", value={"ann": ["up"]}).startswith(
        "transcript.outcome.allocation.ann: found the"
    )


def test_an_event_after_the_end() -> None:
    document = best_belief()
    document["events"].append({"label": "coin", "side": "Heads"})
    with pytest.raises(InputError, match="'coin' after the end, expected nothing after the outcome"):
        transcript_from_json(document)


def test_no_mapping() -> None:
    with pytest.raises(InputError, match=r"transcript: found \[\], expected a mapping"):
        transcript_from_json([])


def test_further_fields_are_not_read() -> None:
    document = {**best_belief(), "kind": "play", "utilities": {"ann": "3"}}
    assert transcript_from_json(document).to_json() == best_belief()


def test_without_a_seed() -> None:
    transcript = played(MECHANISMS[0], 3)
    document = transcript_to_json(transcript.mechanism, transcript.history, transcript.outcome)
    assert "seed" not in document
    assert transcript_from_json(document).seed is None


def test_replay_of_a_false_outcome() -> None:
    transcript = played(MECHANISMS[0], 3)
    false = Transcript(transcript.mechanism, transcript.history, Outcome(transcript.outcome.result, (99, 0, 0)), 3)
    with pytest.raises(InputError, match=r"transcript.outcome: found .* which the play leads to"):
        replay(false)


def test_a_history_that_is_too_long_is_not_written() -> None:
    transcript = played(MECHANISMS[0], 3)
    with pytest.raises(InputError, match="after the end, expected nothing after the outcome"):
        transcript_to_json(transcript.mechanism, transcript.history * 2, transcript.outcome)


@pytest.mark.parametrize("setting", [AUCTION, CHOICE, MARKET], ids=["goods", "states", "market"])
def test_settings(setting: Setting) -> None:
    assert setting_from_json(json.loads(json.dumps(setting_to_json(setting)))) == setting


def test_outcomes() -> None:
    for setting, outcome, document in (
        (AUCTION, Outcome((1, -1), (0, Fraction(1, 2), -3)), {"allocation": {"bob": ["left"]}}),
        (CHOICE, Outcome(1, (0, 0)), {"state": "pool"}),
        (CHOICE, Outcome(NULL_STATE, (2, 0)), {"state": None}),
    ):
        written = outcome_to_json(setting, outcome)
        assert {**written, "prices": None} == {**document, "prices": None}
        assert outcome_from_json(setting, written) == outcome
    assert outcome_from_json(CHOICE, {"state": "park"}) == Outcome(0, (0, 0))
    with pytest.raises(InputError, match=r"outcome.state: found the state 'pond'"):
        outcome_from_json(CHOICE, {"state": "pond"})


def test_parameters() -> None:
    mechanism = MECHANISMS[0]
    assert parameter_to_json(mechanism, Fraction(1, 2)) == "1/2"
    assert parameter_to_json(mechanism, 5) == "5"
    assert parameter_to_json(mechanism, "word") == "word"
    assert parameter_to_json(mechanism, ((Fraction(1, 2), 1), ())) == [["1/2", "1"], []]
    assert parameter_to_json(mechanism, Outcome((0, 0), (1, 0, 0)))["allocation"] == {"ann": ["left", "right"]}


def test_seeds_give_the_same_play() -> None:
    for mechanism in MECHANISMS:
        seed = Random(1).randrange(1000)
        assert played(mechanism, seed) == played(mechanism, seed)
