"""A house in a process of its own that can be killed, and a session whose participants' envelopes are ready to send."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from threading import Lock, Thread
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from live_support import secret
from unrigged.mechanisms import FirstPrice
from unrigged.sealed.encoding import bytes_of, digest, text_of
from unrigged.sealed.envelope import Place, seal
from unrigged.server.entries import join_statement, move_statement
from unrigged.server.session import Session
from unrigged.server.storage import open_storage
from unrigged.setting import auction

HERE = Path(__file__).parent
LONG = bool(os.environ.get("UNRIGGED_LONG_FAULTS"))
"""Whether the long run was asked for (`make faults`)."""


class Dead(Exception):
    """The process has ended before it answered."""


class Worker:
    """A house in a process: what is asked of it goes to its input, one line of JSON each, and so do its answers."""

    def __init__(self, where: str, **environment: str) -> None:
        # The whole process dies at once, as the server does when it is killed: no handler runs.
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "faults" / "worker.py"), where], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env={**os.environ, **environment},
        )  # fmt: skip
        self._numbers, self._lock = count(), Lock()
        self._waiting: dict[int, Future[Any]] = {}
        self._ended = False
        self.ready: Future[None] = Future()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def ask(self, what: str, **fields: Any) -> Future[Any]:
        """The answer to come; Dead where the process ends before."""
        answer: Future[Any] = Future()
        with self._lock:
            number = next(self._numbers)
            if self._ended:
                answer.set_exception(Dead())
                return answer
            self._waiting[number] = answer
        assert self._process.stdin is not None
        try:
            with self._lock:
                self._process.stdin.write(json.dumps({"id": number, "do": what, **fields}) + "\n")
                self._process.stdin.flush()
        except (BrokenPipeError, ValueError, OSError):
            self._end(number)
        return answer

    def _end(self, number: int) -> None:
        with self._lock:
            found = self._waiting.pop(number, None)
        if found is not None:
            found.set_exception(Dead())

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if not line.endswith("\n"):
                break
            found = json.loads(line)
            if found.get("ready"):
                self.ready.set_result(None)
                continue
            with self._lock:
                answer = self._waiting.pop(found["id"])
            answer.set_result(found)
        with self._lock:
            self._ended = True
            left, self._waiting = self._waiting, {}
        for each in left.values():
            each.set_exception(Dead())
        if not self.ready.done():
            self.ready.set_exception(Dead())

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._finish()

    def _finish(self) -> None:
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def close(self) -> None:
        """The end, in peace."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
            self._process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
        self._finish()


def bidders(number: int) -> tuple[str, ...]:
    """Names of that many participants."""
    return tuple(f"bidder {place + 1}" for place in range(number))


def mechanism(number: int) -> FirstPrice:
    """What they play: one round, one good."""
    return FirstPrice(auction(bidders(number), ["vase"]))


def key_of(name: str) -> Ed25519PrivateKey:
    """A participant's key."""
    return Ed25519PrivateKey.from_private_bytes(secret("player", name))


def joining(session: str, opening: bytes, name: str, token: str) -> dict[str, str]:
    """What takes a place; `opening`: the first entry."""
    key = key_of(name)
    public = key.public_key().public_bytes_raw()
    signature = key.sign(join_statement(session, name, public, digest("opening", opening)))
    return {"player": name, "key": text_of(public), "token": token, "signature": text_of(signature)}


def moving(state: Session, name: str, price: int = 3, key: bytes | None = None) -> dict[str, Any]:
    """A sealed move for the round that is going on."""
    running = state.current
    space = state.position.space(state.mechanism.setting.players.index(name))  # type: ignore[union-attr]
    assert space is not None
    content = json.dumps(space.encode(space.sample(Random(f"{name} {price}"), 9))).encode()
    place = Place(state.id, running.number, name, running.size)
    envelope = seal(content, key or secret("key", state.id, name, price), place, state.committee(running.number))
    signature = key_of(name).sign(move_statement(state.id, running.number, name, envelope))
    return {"round_": running.number, "player": name, "envelope": text_of(envelope), "signature": text_of(signature)}


def durable(where: str, session: str) -> list[bytes]:
    """The entries in the database, as whoever opens it finds them."""
    storage = open_storage(where)
    try:
        with storage.transaction() as begun:
            return begun.entries(session)
    finally:
        storage.close()


def check_receipts(entries: list[bytes], receipts: Mapping[str, Mapping[str, Any]]) -> Session:
    """Every receipt's entry is where it says; the log is in order, and nobody has moved twice in it."""
    state = Session(entries)
    for name, each in receipts.items():
        assert each["number"] < len(entries), f"the receipted entry {each['number']} of {name} is lost"
        found = digest("entry", entries[each["number"]])
        assert found == bytes_of(each["digest"], "digest"), f"entry {each['number']} is not that of {name}"
    moved = [(one.fields["round"], one.fields["player"]) for one in state.entries if one.kind == "move"]
    assert len(moved) == len(set(moved))
    joined = [one.fields["player"] for one in state.entries if one.kind == "join"]
    assert len(joined) == len(set(joined))
    return state
