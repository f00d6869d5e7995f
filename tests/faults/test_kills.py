"""The server is killed under load: no receipted move is lost, none is there twice, and the session comes to its end."""

from __future__ import annotations

from concurrent.futures import Future
from random import Random
from time import monotonic, sleep
from typing import Any

from faults_support import LONG, Dead, Worker, bidders, check_receipts, durable, joining, moving
from unrigged.audit import audited
from unrigged.sealed.encoding import bytes_of
from unrigged.server.session import Session

KILLS = 200 if LONG else 8
PLAYERS = 24


def settled(worker: Worker, session: str) -> None:
    end = monotonic() + 60
    while worker.ask("status", session=session).result(60)["answer"]["status"] != "settled":
        assert monotonic() < end
        sleep(0.02)


def gathered(asked: dict[str, Future[Any]], receipts: dict[str, dict[str, Any]]) -> set[str]:
    """Put the receipts that came; who got no answer. A second receipt is the same as the first."""
    without = set()
    for name, future in asked.items():
        try:
            found = future.result(60)
        except Dead:
            without.add(name)
            continue
        assert "answer" in found, found
        assert receipts.setdefault(name, found["answer"]) == found["answer"]
    return without


def test_no_receipted_move_is_lost(where: str) -> None:
    random, killed = Random("kills"), 0
    worker = Worker(where)
    worker.ready.result(60)
    counted = {"sessions": 0, "receipts": 0, "killed while moves came": 0}
    while killed < KILLS:
        made = worker.ask("create", players=PLAYERS, seconds=600).result(60)["answer"]
        session, tokens = made["session"], made["tokens"]
        opening = bytes_of(worker.ask("log", session=session).result(60)["answer"][0], "entry")
        joins = {name: joining(session, opening, name, tokens[name]) for name in bidders(PLAYERS)}
        receipts: dict[str, dict[str, dict[str, Any]]] = {"join": {}, "submit": {}}
        begun = False
        for what in ("join", "submit"):
            if what == "submit":
                if not begun:
                    worker.ask("begin", session=session).result(60)
                    begun = True
                state = Session(durable(where, session))
                given: dict[str, dict[str, Any]] = {name: moving(state, name) for name in bidders(PLAYERS)}
            else:
                given = dict(joins)
            waiting = set(given)
            first = True
            while waiting:
                order = sorted(waiting)
                random.shuffle(order)
                asked = {name: worker.ask(what, session=session, **given[name]) for name in order}
                if first and killed < KILLS:
                    sleep(random.random() * 0.06)
                    worker.kill()
                    killed += 1
                    waiting = gathered(asked, receipts[what])
                    counted["killed while moves came"] += bool(waiting) and what == "submit"
                    check_receipts(durable(where, session), receipts[what])
                    worker = Worker(where)
                    worker.ready.result(60)
                    waiting, first = set(given), False  # everybody sends again: the same receipt for the same envelope
                else:
                    waiting = gathered(asked, receipts[what])
                    assert not waiting
        settled(worker, session)
        entries = durable(where, session)
        check_receipts(entries, receipts["join"])
        end = check_receipts(entries, receipts["submit"])
        assert sum(one.kind == "move" for one in end.entries) == PLAYERS
        assert audited(entries).status == "settled"
        counted["sessions"] += 1
        counted["receipts"] += len(receipts["join"]) + len(receipts["submit"])
    worker.close()
    print(f"{killed} kills, {counted}: 0 receipted moves lost, 0 duplicated")
