"""Laws that every mechanism inherits, tested on small settings with random legal play."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests_support import playable
from unrigged.errors import IllegalMove, InputError
from unrigged.mechanisms import ALL, Mechanism
from unrigged.narrative import narrate
from unrigged.outcome import Outcome
from unrigged.play import Play, outcomes, play
from unrigged.protocol import Chance, Decision, replay, settle
from unrigged.setting import NOBODY, NULL_STATE, Setting
from unrigged.strategies.base import RandomPlay, Silent

CASES = [
    pytest.param(mechanism, id=f"{mechanism.name}-{k}") for each in ALL for k, mechanism in enumerate(playable(each))
]


@pytest.mark.parametrize("mechanism", ALL, ids=lambda mechanism: mechanism.name)
def test_every_mechanism_is_playable_somewhere_and_documented(mechanism: type[Mechanism]) -> None:
    assert playable(mechanism)
    assert mechanism.guarantee
    assert mechanism.assumption
    assert mechanism.source
    rules = mechanism.rules()
    assert rules, "no rules in the docstrings"
    assert len({rule.step for rule in rules}) == len(rules), "two rules with one label"
    for parameter in mechanism.parameters():
        assert parameter.metadata["doc"]


def random_profile(setting: Setting, seed: int, scale: int) -> dict[tuple[int, ...], RandomPlay]:
    return {(player,): RandomPlay(seed, scale) for player in setting.everyone}


@pytest.mark.parametrize("mechanism", CASES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), scale=st.integers(1, 50))
def test_one_random_play(mechanism: Mechanism, seed: int, scale: int) -> None:
    profile = random_profile(mechanism.setting, seed, scale)
    once = play(mechanism, profile, seed=seed)
    assert once == play(mechanism, profile, seed=seed), "the same seed gives another play"
    assert replay(mechanism, once.history) == once.outcome
    labels = [event.label for event in once.history]
    assert len(set(labels)) == len(labels), "a label occurs twice"
    check_outcome(mechanism.setting, once.outcome)
    check_moves(mechanism, once)
    assert [line for line in narrate(mechanism, once.history) if line.kind == "outcome"]


def check_outcome(setting: Setting, outcome: Outcome) -> None:
    assert len(outcome.prices) == setting.n
    assert all(type(price) in (int, Fraction) for price in outcome.prices)
    if isinstance(outcome.result, tuple):
        assert len(outcome.result) == setting.m
        assert all(owner == NOBODY or owner in setting.everyone for owner in outcome.result)
    else:
        assert outcome.result == NULL_STATE or outcome.result in range(len(setting.states or ()))


def check_moves(mechanism: Mechanism, once: Play) -> None:
    for decision, moves in decisions(mechanism, once):
        for (player, space), move in zip(decision.actors, moves, strict=True):
            assert space.legal(move)
            assert space.bits(move) >= 1
            assert isinstance(space.describe(move), str)
            text = json.dumps(space.encode(move))
            assert space.decode(json.loads(text), "move") == move
            digits = max(
                (len(part) for part in text.replace('"', " ").split() if part.strip("-,}]:").isdigit()), default=1
            )
            assert len(text.encode()) <= space.encoded_limit(max(digits, 20))
            assert space.legal(space.default)
            assert space.decode(json.loads(json.dumps(space.encode(space.default)))) == space.default
            assert hash(move) == hash(space.decode(json.loads(text)))
            assert player in mechanism.setting.everyone


def decisions(mechanism: Mechanism, once: Play) -> Iterator[tuple[Decision, list[object]]]:
    position, _ = settle(mechanism.start())
    for event in once.history:
        if isinstance(position, Decision):
            moves = [move for _, move in event.moves]
            yield position, moves
            position, _ = settle(position.after(moves))
        elif isinstance(position, Chance):
            position, _ = settle(position.branch(event.side).then())


@pytest.mark.parametrize("mechanism", CASES)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_exact_distribution(mechanism: Mechanism, seed: int) -> None:
    profile = random_profile(mechanism.setting, seed, 5)
    distribution = outcomes(mechanism, profile)
    assert sum(each.probability for each in distribution.plays) == 1
    assert all(each.probability > 0 for each in distribution.plays)
    assert len({each.history for each in distribution.plays}) == len(distribution.plays)
    for each in distribution.plays[:20]:
        assert replay(mechanism, each.history) == each.outcome
    sampled = play(mechanism, profile, seed=seed)
    assert sampled in distribution.plays


@pytest.mark.parametrize("mechanism", CASES)
def test_coins_are_exact_and_positions_are_values(mechanism: Mechanism) -> None:
    twin = type(mechanism).build(
        mechanism.setting, {p.name: getattr(mechanism, p.name) for p in mechanism.parameters()}
    )
    assert twin == mechanism
    rng = Random(7)
    for _ in range(10):
        ours, theirs = settle(mechanism.start())[0], settle(twin.start())[0]
        while not isinstance(ours, Outcome):
            assert ours == theirs
            assert hash(ours) == hash(theirs)
            if isinstance(ours, Chance):
                assert sum(branch.probability for branch in ours.branches) == 1
                assert all(branch.probability > 0 for branch in ours.branches)
                assert len({branch.name for branch in ours.branches}) == len(ours.branches) > 1
                side = rng.choice(ours.branches).name
                ours, theirs = settle(ours.branch(side).then())[0], settle(theirs.branch(side).then())[0]  # type: ignore[union-attr]
            else:
                assert [player for player, _ in ours.actors] == sorted({player for player, _ in ours.actors})
                moves = [space.sample(rng, 6) for _, space in ours.actors]
                ours, theirs = settle(ours.after(moves))[0], settle(theirs.after(moves))[0]  # type: ignore[union-attr]


GARBAGE = [
    None,
    0,
    True,
    -1,
    1.5,
    "YES",
    "",
    [],
    {},
    (),
    (1,),
    ((1,),),
    object(),
    Outcome((), ()),
    Outcome(None, None),
    10**50,
]  # type: ignore[arg-type]


@pytest.mark.parametrize("mechanism", CASES)
def test_refused_moves_change_nothing(mechanism: Mechanism) -> None:
    for seed in range(3):
        for decision, moves in decisions(
            mechanism, play(mechanism, random_profile(mechanism.setting, seed, 5), seed=seed)
        ):
            after = decision.after(moves)
            for index, (_, space) in enumerate(decision.actors):
                for junk in GARBAGE:
                    if space.reason(junk) is None:
                        continue
                    with pytest.raises(IllegalMove):
                        decision.after([*moves[:index], junk, *moves[index + 1 :]])
                    with pytest.raises(InputError):
                        space.decode({"nonsense": [junk is None]}, "move")
                assert not space.legal(object())
            assert decision.after(moves) == after


@pytest.mark.parametrize("mechanism", CASES)
def test_grids_list_legal_moves_once(mechanism: Mechanism) -> None:
    for decision, _ in decisions(mechanism, play(mechanism, random_profile(mechanism.setting, 1, 2), seed=1)):
        for _, space in decision.actors:
            listed = list(islice(space.grid(1), 400))
            assert listed
            assert all(space.legal(move) for move in listed)
            assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("mechanism", CASES)
def test_silence_is_playable(mechanism: Mechanism) -> None:
    silent = {(player,): Silent() for player in mechanism.setting.everyone}
    distribution = outcomes(mechanism, silent)
    assert sum(each.probability for each in distribution.plays) == 1
