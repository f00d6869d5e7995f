"""A session is the replay of its log; every mechanism is played from its opening to the end."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from live_support import House, at_random, secret
from unrigged.formats import read_scenario
from unrigged.mechanisms import ALL, Mechanism
from unrigged.protocol import after, replay
from unrigged.sealed.encoding import text_of
from unrigged.server.entries import Refused, entry
from unrigged.server.session import Session

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name: str) -> Mechanism:
    return read_scenario(EXAMPLES / f"{name}.yaml").mechanism


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_every_mechanism_is_played_to_its_end(kind: type[Mechanism]) -> None:
    house = House(example(kind.name))
    session = house.play(at_random(1))
    assert session.status == "settled"
    assert session.outcome == replay(session.mechanism, session.history)
    again = Session([each.data for each in session.entries])
    assert again.tree.root == session.tree.root
    assert (again.status, again.history, again.outcome) == ("settled", session.history, session.outcome)


def test_any_trustees_who_suffice_lead_to_the_same_end() -> None:
    ends = set()
    for chosen in combinations(range(4), 3):
        session = House(example("leveraging"), trustees=4, threshold=3).play(at_random(2), chosen)
        ends.add((session.history, session.seed))
    assert len(ends) == 1


def test_silence_is_the_default() -> None:
    house = House(example("best-belief"))
    session = house.play(lambda name, space: None)
    position, _ = after(session.mechanism, ())
    moves = session.results[0].moves
    for player, space in position.actors:
        assert moves[session.mechanism.setting.players[player]] == space.encode(space.default)
    assert set(session.results[0].refused.values()) == {"nothing was sent in time"}


@pytest.mark.parametrize(
    ("content", "why"), [(b"nonsense", "not JSON"), (b'{"wanted": 3}', "no legal move"), (b"[" * 150, "not JSON")]
)
def test_a_move_that_is_none_counts_as_silence(content: bytes, why: str) -> None:
    house = House(example("best-belief"))
    house.contribute()
    first, *others = house.players
    for name in house.players:
        house.join(name)
    house.begin()
    house.send(first, house.envelope(first, content))
    for name in others:
        house.move(name, at_random(1))
    while not house.session.results:
        house.step()
    assert why in house.session.results[0].refused[first]
    assert set(house.session.results[0].refused) == {first}


def started() -> House:
    house = House(example("best-belief"))
    house.contribute()
    for name in house.players:
        house.join(name)
    house.begin()
    return house


def refused(house: House, rule: str, kind: str, **fields: object) -> None:
    before = (house.session.tree.root, house.session.status, dict(house.session.keys))
    with pytest.raises(Refused) as caught:
        house.add(kind, **fields)
    assert caught.value.rule == rule
    assert (house.session.tree.root, house.session.status, dict(house.session.keys)) == before


def test_what_is_against_a_rule_is_refused() -> None:
    house = started()
    first, second, *_ = house.players
    refused(house, "order", "contribution", trustee=0, envelopes=[], signature="")
    refused(house, "eligibility", "join", player=first, key=text_of(secret("x")), token="", signature="")
    refused(house, "order", "release", round=0, trustee=0, key="", signature="")
    refused(house, "close", "close", round=0, reason="all moved")
    refused(house, "close", "close", round=0, reason="deadline")
    refused(house, "deadline", "extend", round=0, deadline=house.session.current.deadline)
    refused(house, "round", "extend", round=1, deadline=10**15)
    envelope = text_of(house.envelope(first, b"{}"))
    refused(house, "signature", "move", round=0, player=first, envelope=envelope, signature=text_of(bytes(64)))
    house.send(first, house.envelope(first, b"{}"))
    refused(house, "once", "move", round=0, player=first, envelope=envelope, signature=text_of(bytes(64)))
    refused(house, "eligibility", "move", round=0, player="nobody", envelope=envelope, signature=text_of(bytes(64)))
    with pytest.raises(Refused, match="sealed move of this session"):
        house.send(second, house.envelope(first, b"{}"))
    with pytest.raises(Refused) as late:
        house.session.apply(entry("message", house.session.now - 1, text="earlier"))
    assert late.value.rule == "time"


def test_a_void_session_takes_nothing_more() -> None:
    house = started()
    house.add("void", reason="the organiser is ill")
    assert house.session.status == "void"
    refused(house, "over", "message", text="hello")


def test_a_trustee_signs_one_closing_of_a_round() -> None:
    house = started()
    log = [each.data for each in house.session.entries]
    for name in house.players:
        house.move(name, at_random(1))
    house.step()
    house.trustees[0].release([each.data for each in house.session.entries], house.checkpoint(house.session), 10**6)
    fork = Session(log)
    deadline = fork.current.deadline
    fork.apply(entry("close", deadline, round=0, reason="deadline"))
    with pytest.raises(Refused) as caught:
        house.trustees[0].release([each.data for each in fork.entries], house.checkpoint(fork), 10**6)
    assert caught.value.rule == "fork"
