"""Trustees who are down or lie: the same result or none, never another; two forks: one at most is opened."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import combinations
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest
import uvicorn

from faults_at_once_support import Clock, begun
from faults_support import bidders, joining, mechanism, moving
from live_support import House as Session_
from live_support import at_random, secret
from unrigged.audit import audited
from unrigged.errors import InputError
from unrigged.mechanisms import BestBelief
from unrigged.sealed.encoding import canonical, from_canonical, text_of
from unrigged.server.entries import Refused, checkpoint_statement, entry
from unrigged.server.house import House
from unrigged.server.opening import Plan
from unrigged.server.session import Session
from unrigged.server.storage import open_storage
from unrigged.server.trustee import Trustee
from unrigged.server.trustee_app import TrusteeOnDisk, app
from unrigged.server.trustees import Committee, RemoteTrustee
from unrigged.setting import auction

COMMITTEES = [(4, 3), (7, 5)]


class Elsewhere(RemoteTrustee):
    """A trustee reached over HTTP, who can be down, or answer something else."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.mode, self.asked = "well", 0

    def close(self) -> None:
        self._client.close()

    def release(self, log: Any, signature: bytes) -> Mapping[str, Any]:
        self.asked += 1
        if self.mode == "down":
            raise InputError("trustee", "no answer", "an answer")
        answer = dict(super().release(log, signature))
        if self.mode == "another key":
            return {**answer, "key": text_of(os.urandom(32))}
        if self.mode == "another signature":
            return {**answer, "signature": text_of(os.urandom(64))}
        if self.mode == "another's name":
            return {**answer, "trustee": (answer["trustee"] + 1) % 4}
        if self.mode == "nonsense":
            return {"round": "0", "trustee": None, "key": [], "signature": {}}
        return answer


LIES = ("down", "another key", "another signature", "another's name", "nonsense")


@contextmanager
def committee(place: Path, count: int, threshold: int, clock: Clock) -> Iterator[tuple[list[Elsewhere], Committee]]:
    """Trustees who are served on ports of this machine."""
    with ExitStack() as stack:
        trustees = []
        for number in range(count):
            kept = TrusteeOnDisk(place / f"{number}.db", f"trustee {number}", os.urandom, now=clock)
            stack.callback(kept.storage.close)
            taken = stack.enter_context(socket.socket())
            taken.bind(("127.0.0.1", 0))
            server = uvicorn.Server(
                uvicorn.Config(app(kept), log_level="error", lifespan="off", timeout_graceful_shutdown=1)
            )
            thread = Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
            thread.start()
            stack.callback(thread.join, 20)
            stack.callback(setattr, server, "should_exit", True)
            trustees.append(Elsewhere(f"http://127.0.0.1:{taken.getsockname()[1]}"))
            stack.callback(trustees[-1].close)
        yield trustees, Committee(tuple(trustees), threshold)


@contextmanager
def kept_by(committee: Committee, clock: Clock, path: Path) -> Iterator[House]:
    storage = open_storage(str(path))
    house = House(storage, random=os.urandom, version="test", now=clock, committee=committee)
    try:
        yield house
    finally:
        house.close()
        storage.close()


@pytest.mark.parametrize(("count", "threshold"), COMMITTEES)
def test_trustees_down_or_lying(count: int, threshold: int, tmp_path: Path) -> None:
    """With as many well as are needed the session is settled as it would be with all; with fewer it waits, and the
    organiser can only declare it void."""
    clock, settled = Clock(), 0
    with (
        committee(tmp_path, count, threshold, clock) as (trustees, kept),
        kept_by(kept, clock, tmp_path / "house.db") as house,
    ):
        for ill in (count - threshold, count - threshold + 1):
            for number, each in enumerate(trustees):
                each.mode = LIES[number % len(LIES)] if number < ill else "well"
            session = started(house)
            end = monotonic() + (30 if ill == count - threshold else 2)
            while (state := seen(house, session)).status != "settled" and monotonic() < end:
                sleep(0.05)
            if ill == count - threshold:
                assert state.status == "settled"
                found = audited(one.data for one in state.entries)
                assert (found.refused, found.outcome) == ([], state.outcome)
                settled += 1
            else:
                assert state.status == "closing"
                assert not state.results
                house.void(session, "trustees are missing")
                assert audited(one.data for one in seen(house, session).entries).outcome is None
    assert settled == 1


def seen(house: House, session: str) -> Session:
    with house.reading(session) as state:
        return state


def started(house: House) -> str:
    session, tokens = house.create(Plan("trustees", mechanism(3)))
    opening = seen(house, session).entries[0].data
    for name in bidders(3):
        house.join(session, **joining(session, opening, name, text_of(tokens[name])))
    house.begin(session)
    for move in [moving(seen(house, session), name) for name in bidders(3)]:
        house.submit(session, **move)
    return session


@pytest.mark.parametrize(("count", "threshold"), COMMITTEES)
def test_whoever_releases_the_result_is_the_same(count: int, threshold: int) -> None:
    """Also where a participant's envelope is not well made: then it is void, whoever opens it."""
    ends = set()
    for chosen in list(combinations(range(count), threshold))[:: max(1, count - 3)]:
        house = Session_(BestBelief(auction(("ann", "bob", "cy"), ["left", "right"])), count, threshold)
        house.contribute()
        for name in house.players:
            house.join(name)
        house.begin()
        other = house.envelope("ann", b"{}", secret("another"))
        broken = from_canonical(house.envelope("ann", b'{"x": 1}'))
        broken["boxes"][0] = from_canonical(other)["boxes"][0]
        house.send("ann", canonical(broken))
        for name in ("bob", "cy"):
            house.move(name, at_random(1))
        while not house.session.results:
            house.step(chosen)
        result = house.session.results[0]
        ends.add((house.session.history, result.seed, tuple(sorted(result.refused.items()))))
    assert len(ends) == 1
    (end,) = ends
    assert end[2] == (("ann", "its envelope is void"),)


@pytest.mark.parametrize(("count", "threshold"), COMMITTEES)
def test_of_two_forks_one_at_most_is_opened(count: int, threshold: int) -> None:
    """The operator closes a round with Ann's move, and without it, and shows each log to whom he likes: honest trustees
    sign the first that they see, and dishonest ones sign both."""
    house = Session_(BestBelief(auction(("ann", "bob"), ["vase"])), count, threshold)
    house.contribute()
    for name in house.players:
        house.join(name)
    house.begin()
    house.move("bob", at_random(1))
    before = [one.data for one in house.session.entries]
    late = house.session.current.deadline
    without = Session(before)
    without.apply(entry("close", late, round=0, reason="deadline"))
    house.move("ann", at_random(1))
    house.step()
    forks = [house.session, without]
    faulty = (count - 1) // 3
    for split in range(count - faulty + 1):
        signed, answers = [0, 0], set()
        for number, trustee in enumerate(house.trustees):
            kept: dict[tuple[str, int], bytes] = {}
            first = 0 if number - faulty < split else 1
            for fork in (first, 1 - first):
                memory = {} if number < faulty else kept
                answer = asked(trustee, forks[fork], house, late, memory)
                signed[fork] += answer == "signed"
                answers.add(answer)
        assert answers == {"signed", "fork"}
        assert sum(each >= threshold for each in signed) <= 1


def asked(trustee: Trustee, state: Session, house: Session_, now: int, memory: dict[tuple[str, int], bytes]) -> str:
    try:
        trustee.release([one.data for one in state.entries], house.checkpoint(state), now, memory)
    except Refused as refused:
        return refused.rule
    return "signed"


def test_a_trustee_opens_nothing_for_others_than_the_house(tmp_path: Path) -> None:
    """A participant takes the public log, closes the round himself, and asks for the keys before he moves."""
    clock = Clock()
    with (
        committee(tmp_path, 4, 3, clock) as (trustees, kept),
        kept_by(kept, clock, tmp_path / "house.db") as house,
    ):
        session = begun(house, 3)
        house.submit(session, **moving(seen(house, session), "bidder 1"))
        state = Session([one.data for one in seen(house, session).entries])
        state.apply(entry("close", state.current.deadline, round=0, reason="deadline"))
        log = [one.data for one in state.entries]
        stranger = Session_(BestBelief(auction(("ann", "bob"), ["vase"]))).key
        signature = stranger.sign(checkpoint_statement(state.id, state.size, state.tree.root))
        with pytest.raises(InputError, match="signature"):
            trustees[0].release(log, signature)
        # The house itself cannot close before the deadline by the trustees' clock.
        with pytest.raises(InputError, match="clock"):
            trustees[0].release(log, house._signed(state))
        # Nor does a trustee contribute to another opening of the session.
        first = state.entries[0]
        with pytest.raises(InputError, match="fork"):
            trustees[0].contribution(entry("open", first.time, **{**first.fields, "title": "another"}).data)
        # When the time has come, he serves the house.
        clock.time = state.current.deadline
        assert trustees[0].release(log, house._signed(state))["trustee"] == 0
