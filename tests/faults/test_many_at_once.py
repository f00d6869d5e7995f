"""Closing against sending, the same envelope from everywhere, replays: one entry or a refusal, never both."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import monotonic, sleep

import pytest

from faults_at_once_support import Clock, begun, opened, over
from faults_support import LONG, Worker, bidders, durable, joining, moving
from unrigged.audit import audited
from unrigged.sealed.encoding import bytes_of
from unrigged.server.entries import Refused
from unrigged.server.session import Session


def test_closing_against_sending(where: str) -> None:
    """The deadline comes while moves come: every move is either receipted and in the log, or refused and not in it."""
    clock, found, races = Clock(), Counter[str](), 1000 if LONG else 60
    with opened(where, clock) as house:
        for race in range(races):
            session = begun(house, 2)
            with house.reading(session) as state:
                move, deadline = moving(state, "bidder 1"), state.current.deadline
            both = Barrier(2)

            def send(session: str = session, move: dict[str, object] = move, both: Barrier = both) -> int | str:
                both.wait()
                try:
                    return house.submit(session, **move).number  # type: ignore[arg-type]
                except Refused as refused:
                    return refused.rule

            def close(race: int = race, session: str = session, deadline: int = deadline, both: Barrier = both) -> None:
                both.wait()
                sleep(race % 10 / 2000)
                clock.time = deadline + 1
                house._tend(session)

            with ThreadPoolExecutor(2) as pool:
                sent, closed = pool.submit(send), pool.submit(close)
                closed.result(30)
                answer = sent.result(30)
            end = over(house, session)
            numbers = [number for number, one in enumerate(end.entries) if one.kind == "move"]
            assert numbers == ([answer] if isinstance(answer, int) else [])
            assert ("bidder 1" in end.results[0].refused) == (not numbers)
            found["receipted" if numbers else str(answer)] += 1
    print(f"{races} races: {dict(found)}")
    assert set(found) <= {"receipted", "deadline", "order", "over"}


def test_the_same_envelope_over_four_processes(postgres: str) -> None:
    workers = [Worker(postgres) for _ in range(4)]
    for worker in workers:
        worker.ready.result(60)
    made = workers[0].ask("create", players=2, seconds=600).result(60)["answer"]
    session, name = made["session"], "bidder 1"
    opening = bytes_of(workers[1].ask("log", session=session).result(60)["answer"][0], "entry")
    joins = [worker.ask("join", session=session, **joining(session, opening, name, made["tokens"][name]))
             for worker in workers for _ in range(5)]  # fmt: skip
    assert len({str(each.result(60)["answer"]) for each in joins}) == 1
    workers[2].ask("begin", session=session).result(60)
    move = moving(Session(durable(postgres, session)), name)
    asked = [workers[number % 4].ask("submit", session=session, **move) for number in range(1000)]
    receipts = {str(each.result(120)["answer"]) for each in asked}
    entries = durable(postgres, session)
    assert len(receipts) == 1
    assert sum(one.kind == "move" for one in Session(entries).entries) == 1
    states = {str(worker.ask("status", session=session).result(60)["answer"]) for worker in workers}
    assert len(states) == 1
    for worker in workers:
        worker.close()


def test_four_processes_share_one_session(postgres: str) -> None:
    """Every process takes some of the moves, one is killed: the others go on, and everybody's receipts hold."""
    workers = [Worker(postgres) for _ in range(4)]
    for worker in workers:
        worker.ready.result(60)
    made = workers[0].ask("create", players=24, seconds=600).result(60)["answer"]
    session = made["session"]
    opening = bytes_of(workers[0].ask("log", session=session).result(60)["answer"][0], "entry")
    given = {name: joining(session, opening, name, made["tokens"][name]) for name in bidders(24)}
    joined = [workers[number % 4].ask("join", session=session, **each) for number, each in enumerate(given.values())]
    assert all("answer" in each.result(60) for each in joined)
    workers[3].ask("begin", session=session).result(60)
    state = Session(durable(postgres, session))
    moves = {name: moving(state, name) for name in bidders(24)}
    first = {name: workers[number % 4].ask("submit", session=session, **each)
             for number, (name, each) in enumerate(moves.items())}  # fmt: skip
    workers[3].kill()
    told = {name: each.result(60)["answer"] for number, (name, each) in enumerate(first.items()) if number % 4 != 3}
    again = {name: workers[number % 3].ask("submit", session=session, **each).result(60)["answer"]
             for number, (name, each) in enumerate(moves.items())}  # fmt: skip
    assert all(again[name] == each for name, each in told.items())
    end = monotonic() + 30
    while workers[1].ask("status", session=session).result(60)["answer"]["status"] != "settled":
        assert monotonic() < end
        sleep(0.05)
    assert audited(durable(postgres, session)).refused == []
    for worker in workers[:3]:
        worker.close()


def test_replays_are_refused(tmp_path: Path) -> None:
    """What somebody has sent, sent again as somebody else's, in another session or another round."""
    replays, rules = 10_000 if LONG else 1_500, Counter[str]()
    with opened(tmp_path / "house.db") as house:
        sessions = [begun(house, 5) for _ in range(4)]
        moves = {}
        for session in sessions:
            with house.reading(session) as state:
                moves[session] = {name: moving(state, name) for name in bidders(4)}
            for move in moves[session].values():
                house.submit(session, **move)
        sizes = {}
        for session in sessions:
            with house.reading(session) as state:
                sizes[session] = state.size

        def replayed(number: int) -> str:
            source = sessions[number % 4]
            move = dict(moves[source][bidders(4)[number // 4 % 4]])
            kind, target = number // 16 % 3, source
            if kind == 0:
                target = sessions[(number + 1 + number // 48 % 3) % 4]
                move["player"] = "bidder 5" if number // 144 % 2 else move["player"]
            elif kind == 1:
                move["player"] = "bidder 5" if number // 48 % 2 else bidders(4)[(number // 4 + 1) % 4]
            else:
                move["round_"] = 1 + number // 48 % 5
            with pytest.raises(Refused) as caught:
                house.submit(target, **move)
            return caught.value.rule

        with ThreadPoolExecutor(16) as pool:
            rules.update(pool.map(replayed, range(replays)))
        for session in sessions:
            with house.reading(session) as state:
                assert state.size == sizes[session]
    print(f"{replays} replays refused: {dict(rules)}")
    assert set(rules) <= {"signature", "once", "round", "envelope"}
    assert rules["signature"] > 0


def test_a_clock_that_jumps(tmp_path: Path) -> None:
    """Backward and forward, under a session that goes on: times never go back, nobody is receipted and then lost."""
    clock = Clock()
    with opened(tmp_path / "house.db", clock) as house:
        for jump in (-(10**9), -5, 0, 5, 599_000):
            session = begun(house, 3)
            with house.reading(session) as state:
                moves = [moving(state, name) for name in bidders(3)]
            receipts = [house.submit(session, **moves[0])]
            clock.time += jump
            house._tend(session)
            receipts += [house.submit(session, **move) for move in moves[1:]]
            end = over(house, session)
            assert [end.entries[each.number].time for each in receipts] == [each.time for each in receipts]
            assert end.results[0].refused == {}
            assert audited(one.data for one in end.entries).status == "settled"


def test_jumps_of_the_machines_clock_are_not_followed() -> None:
    from unrigged.server.clock import Steady

    day, even = [10**12], [5_000]
    steady = Steady(lambda: day[0], lambda: even[0])
    for jump in (0, 3_600_000, -7_200_000, 0):
        before = steady()
        day[0] += 1000 + jump
        even[0] += 1000
        assert steady() - before == 1000
    slow = Steady(lambda: day[0], lambda: even[0])
    for _ in range(200):
        day[0] += 1001  # a clock that is corrected little by little is followed
        even[0] += 1000
        slow()
    assert abs(slow() - day[0]) < 1000
