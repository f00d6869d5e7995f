"""How fast live sessions are: receipts when everybody moves at once, the outcome, the audit, and moves a second.

    python benchmarks/serve.py [--players N] [--sessions N] [--postgres URL] [--no-streams] [--no-otree] [--json FILE]

Everything is on one machine: servers, their database, and the programs that send. Envelopes are sealed and signed
beforehand, connections stand, and in the first part everybody's stream of events is open. A receipt is counted when its
whole answer has come; it is signed after the move is durable. "Moves a second": sessions of a sealed-bid auction of one
good, all moves sent over 64 connections as fast as answers come, everything that follows from them included. oTree's
sealed bids get the same load in the same run (`serve_otree`): its answer to a bid is a redirection, and nothing is
signed, sealed, or logged.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from time import perf_counter, sleep
from typing import Any
from urllib.request import urlopen

import serve_otree
from serve_house import key_of, mechanism_of
from serve_load import Call, Load, call, load
from unrigged.audit import audit, read_bundle
from unrigged.mechanisms import Mechanism
from unrigged.protocol import Decision, after
from unrigged.sealed.encoding import bytes_of, text_of
from unrigged.sealed.envelope import Committee, Place, seal
from unrigged.server.entries import move_statement
from unrigged.server.rounds import written_move
from unrigged.transcripts import history_from_json

CONNECTIONS = 64
PROCESSES = 4
SCALE = 50


@contextmanager
def houses(database: str, processes: int, prepared: list[str], players: int) -> Iterator[tuple[list[int], list[str]]]:
    """Server processes of one house: their ports, and the ids of the sessions that the first of them prepared."""
    program = str(Path(__file__).with_name("serve_house.py"))
    running: list[subprocess.Popen[str]] = []
    ports: list[int] = []
    sessions: list[str] = []
    try:
        for number in range(processes):
            words = [sys.executable, program, "--database", database, "--players", str(players)]
            more = ["--prepare", *prepared] if number == 0 else []
            running.append(subprocess.Popen([*words, *more], stdout=subprocess.PIPE, text=True))
            assert running[-1].stdout is not None
            said = json.loads(running[-1].stdout.readline())
            ports.append(said["port"])
            sessions += said["sessions"]
        for port in ports:
            _answering(port)
        yield ports, sessions
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


def _answering(port: int) -> None:
    for _ in range(200):
        try:
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return
        except OSError:
            sleep(0.05)
    raise TimeoutError(f"no server answers at port {port}")


def got(port: int, path: str) -> Any:
    """The JSON at an address."""
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return json.load(answer)


def moves(port: int, session: str, mechanism: Mechanism, ports: list[int]) -> list[Call]:
    """Everybody's sealed move of the round that is open, ready to be sent."""
    seen, log = got(port, f"/api/v1/sessions/{session}"), got(port, f"/api/v1/sessions/{session}/log")
    now = seen["round"]
    committee = Committee(tuple(bytes_of(key, "key", 32) for key in now["keys"]), now["threshold"])
    entries = [json.loads(bytes_of(one, "entry")) for one in log["entries"]]
    events = [event for one in entries if one["kind"] == "opened" for event in one["events"]]
    position, _ = after(mechanism, history_from_json(mechanism, {"events": events}))
    assert isinstance(position, Decision)
    calls = []
    for number, name in enumerate(now["actors"]):
        space = position.space(mechanism.setting.players.index(name))
        assert space is not None
        content = written_move(space.encode(space.sample(Random(f"{session} {name}"), SCALE)))
        place = Place(session, now["number"], name, now["size"])
        envelope = seal(content, os.urandom(32), place, committee)
        signature = key_of(session, name).sign(move_statement(session, now["number"], name, envelope))
        body = {"round": now["number"], "player": name, "envelope": text_of(envelope), "signature": text_of(signature)}
        to = ports[number % len(ports)]
        calls.append(call(to, "POST", f"/api/v1/sessions/{session}/moves", json.dumps(body).encode()))
    return calls


def all_at_once(database: str, processes: int, name: str, players: int, watched: bool) -> dict[str, Any]:
    """Everybody of a session moves in the same moment; then the session is played to its end and audited.
    `watched`: whether everybody's stream of events is open."""
    mechanism = mechanism_of(name, players)
    with houses(database, processes, [name], players) as (ports, (session,)):
        calls = moves(ports[0], session, mechanism, ports)
        names = mechanism.setting.players
        streams = [call(ports[number % len(ports)], "GET", f"/api/v1/sessions/{session}/events?player={each}")
                   for number, each in enumerate(names)]  # fmt: skip
        found = load(calls, len(calls), streams if watched else ())
        outcome = _seconds_until(lambda: got(ports[0], f"/api/v1/sessions/{session}")["rounds_done"] > 0)
        _need(found, 200)
        while got(ports[0], f"/api/v1/sessions/{session}")["status"] != "settled":
            _need(load(moves(ports[0], session, mechanism, ports), 16), 200)
            _seconds_until(lambda: got(ports[0], f"/api/v1/sessions/{session}")["status"] != "closing")
        with urlopen(f"http://127.0.0.1:{ports[0]}/s/{session}/bundle", timeout=120) as answer:
            bundle = answer.read()
        begun = perf_counter()
        audit(read_bundle(bundle))
        audited = perf_counter() - begun
    return {
        "mechanism": name, "players": players, "processes": processes, "bytes of a move": len(calls[0].data),
        "p50": found.slowest(0.5), "p99": found.slowest(0.99), "outcome": outcome, "audit": audited,
        "bundle": len(bundle),
    }  # fmt: skip


def sustained(database: str, processes: int, sessions: int, players: int) -> float:
    """Accepted moves a second, over several sessions."""
    mechanism = mechanism_of("second-price", players)
    with houses(database, processes, ["second-price"] * sessions, players) as (ports, ids):
        calls = [each for one in ids for each in moves(ports[0], one, mechanism, ports)]
        found = load(calls, CONNECTIONS)
        _need(found, 200)
        _seconds_until(lambda: all(got(ports[0], f"/api/v1/sessions/{one}")["status"] == "settled" for one in ids))
    return len(calls) / found.seconds


def otree(sessions: int, players: int) -> dict[str, Any]:
    """The same load on oTree: everybody at once, and bids a second over several sessions."""
    with tempfile.TemporaryDirectory() as place, serve_otree.serving(Path(place)) as port:
        found = load(serve_otree.bids(port, serve_otree.session(port, players)), players)
        _need(found, 302)
        calls = [each for _ in range(sessions) for each in serve_otree.bids(port, serve_otree.session(port, players))]
        many = load(calls, CONNECTIONS)
        _need(many, 302)
    return {"p50": found.slowest(0.5), "p99": found.slowest(0.99), "moves a second": len(calls) / many.seconds}


def _need(found: Load, status: int) -> None:
    """All answers have this status."""
    wrong = [each for each in found.answers if each.status != status]
    if wrong:
        raise RuntimeError(
            f"{len(wrong)} of {len(found.answers)} answers are {wrong[0].status}: {wrong[0].body[:300]!r}"
        )


def _seconds_until(true: Callable[[], bool]) -> float:
    begun = perf_counter()
    while not true():
        if perf_counter() - begun > 120:
            raise TimeoutError("it does not happen")
        sleep(0.01)
    return perf_counter() - begun


@contextmanager
def databases(url: str) -> Iterator[Callable[[], str]]:
    """Fresh databases on a PostgreSQL server, dropped at the end."""
    import psycopg

    made: list[str] = []

    def fresh() -> str:
        made.append(f"unrigged_benchmark_{os.getpid()}_{len(made)}")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {made[-1]}")
        before, mark, query = url.partition("?")
        return before.rsplit("/", 1)[0] + "/" + made[-1] + mark + query

    try:
        yield fresh
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            for name in made:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _in_words(found: dict[str, Any]) -> str:
    receipts = f"receipts p50 {found['p50'] * 1000:.0f} ms, p99 {found['p99'] * 1000:.0f} ms"
    return f"{receipts}; outcome {found['outcome']:.2f} s after the last receipt; audit {found['audit']:.2f} s"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--players", type=int, default=200)
    parser.add_argument("--sessions", type=int, default=10, help="for moves a second")
    parser.add_argument("--postgres", metavar="URL", help="a PostgreSQL server on which databases may be made")
    parser.add_argument("--no-streams", action="store_true", help="without everybody's stream of events")
    parser.add_argument("--no-otree", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    results: dict[str, Any] = {
        "load before": os.getloadavg()[0],
        "streams": not given.no_streams,
        "at once": [],
        "moves a second": {},
    }
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        kinds: list[tuple[str, int, Callable[[], str]]] = []
        numbers = iter(range(1000))
        kinds.append(("SQLite", 1, lambda: f"{place}/{next(numbers)}.db"))
        if given.postgres:
            kinds.append(("PostgreSQL", PROCESSES, stack.enter_context(databases(given.postgres))))
        for kind, processes, fresh in kinds:
            for name in ("second-price", "best-belief"):
                found = {"database": kind, **all_at_once(fresh(), processes, name, given.players, not given.no_streams)}
                results["at once"].append(found)
                print(
                    f"{kind}, {processes} process(es), {name}, {given.players} at once: {_in_words(found)}", flush=True
                )
            rate = sustained(fresh(), processes, given.sessions, given.players)
            results["moves a second"][f"{kind}, {processes}"] = rate
            print(f"{kind}, {processes} process(es): {rate:.0f} accepted moves a second", flush=True)
    if not given.no_otree:
        try:
            theirs = results["oTree"] = otree(given.sessions, given.players)
            ratio = results["ratio"] = results["moves a second"]["SQLite, 1"] / theirs["moves a second"]
            print(f"oTree, SQLite, sealed bids, {given.players} at once: "
                  f"p50 {theirs['p50'] * 1000:.0f} ms, p99 {theirs['p99'] * 1000:.0f} ms; "
                  f"{theirs['moves a second']:.0f} bids a second; unrigged: {ratio:.1f} times as many")  # fmt: skip
        except serve_otree.CannotRun as error:
            results["oTree"] = str(error)
            print(f"oTree cannot be run: {error}")
    results["load after"] = os.getloadavg()[0]
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
