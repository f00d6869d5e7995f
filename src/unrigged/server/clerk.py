"""The clerk of a house: looks at the clock, asks trustees elsewhere for their keys, has closed rounds opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from logging import getLogger
from threading import Event, Lock, Thread
from typing import Any, Protocol

from unrigged.errors import UnriggedError
from unrigged.server.entries import Entry, entry
from unrigged.server.session import Session, next_entries
from unrigged.server.storage import Transaction
from unrigged.server.trustees import RemoteTrustee
from unrigged.server.writer import Writer

WAIT = 0.25
"""Seconds between two looks at the clock."""

AGAIN = 4
"""Looks at the clock after which a trustee who has not answered is asked again."""


class Signs(Protocol):
    """The house's signature on its log as it is."""

    def __call__(self, state: Session, /) -> bytes: ...


class Clerk:
    """Everything of a house that nobody asks for. What takes time (trustees elsewhere, the opening of a round) is done
    in threads of its own, so that no session waits for another."""

    def __init__(
        self, writer: Writer, now: Callable[[], int], trustees: tuple[RemoteTrustee, ...], signs: Signs
    ) -> None:
        self._writer, self._now, self._trustees, self._signs = writer, now, trustees, signs
        self._stopped, self._lock = Event(), Lock()
        self._busy: set[tuple[Any, ...]] = set()
        self._asked: dict[tuple[Any, ...], int] = {}
        self._looks = 0
        self._thread = Thread(target=self._run, name="clerk", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop; what is under way in other threads comes to nothing."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(WAIT):
            self._looks += 1
            try:
                with self._writer.lock, self._writer.storage.transaction() as begun:
                    names = begun.unfinished()
                for name in names:
                    self.tend(name)
            except UnriggedError:
                continue
            except Exception:
                getLogger("unrigged").exception("the clerk")

    def tend(self, name: str) -> None:
        """Have done what is due in a session by now."""
        with self._writer.lock:
            try:
                state = self._writer.state(name)
            except UnriggedError:
                return
            waiting = state.status == "closing" and not state.ready
            opening = state.ready and state.current.result is None
            if opening:
                self.open(state)
            known = set(state.current.keys or ()) if waiting else set()
            asks = waiting and len(known) < state.threshold
            log = [one.data for one in state.entries] if asks and self._trustees else []
            signature = self._signs(state) if log else b""
            number = state.current.number if state.rounds else -1
            over = state.status in ("settled", "void", "draft", "open")
            stalled = waiting and (len(known) < state.threshold or state.current.secret is None)
            due = not over and not opening and (stalled or bool(next_entries(state, max(self._now(), state.now))))
        if log:
            for place, each in enumerate(self._trustees):
                self._ask(place, each, name, number, log, signature)
        if due and not log:
            self._writer.soon(name, _nothing)

    def _ask(
        self, place: int, trustee: RemoteTrustee, name: str, round_: int, log: list[bytes], signature: bytes
    ) -> None:
        """Ask a trustee elsewhere to release his key, unless he is being asked; who does not answer is asked again."""
        what = ("release", name, round_, place)
        if self._looks < self._asked.get(what, 0):
            return

        def ask() -> None:
            fields = trustee.release(log, signature)
            self._writer.ask(name, lambda begun, state, time: _offered(state, time, fields))

        self._in_thread(what, ask, lambda: self._asked.__setitem__(what, self._looks + AGAIN))

    def open(self, state: Session) -> None:
        """Have the closed round of a session opened: what it leads to is computed on the side. The writer's lock must
        be held. What has led here may not be durable yet: the result counts only for this very closing."""
        now, job = state.current, state.opening_of_round()
        name, closing = state.id, (now.number, now.closing, now.beacon)

        def work_out() -> None:
            result = job()

            def work(begun: Transaction, state: Session, time: int) -> list[Entry]:
                now = state.current
                if state.ready and (now.number, now.closing, now.beacon) == closing:
                    now.result = now.result or result
                return []

            self._writer.ask(name, work)

        self._in_thread(("open", name, *closing), work_out)

    def _in_thread(
        self, what: tuple[Any, ...], job: Callable[[], None], failed: Callable[[], None] = lambda: None
    ) -> None:
        """Do `job` in a thread, unless it is being done."""
        with self._lock:
            if what in self._busy or self._stopped.is_set():
                return
            self._busy.add(what)

        def run() -> None:
            try:
                job()
            except UnriggedError:
                failed()
            except Exception:
                failed()
                getLogger("unrigged").exception("%s", what)
            finally:
                with self._lock:
                    self._busy.discard(what)

        Thread(target=run, name=str(what[0]), daemon=True).start()


def _nothing(begun: Transaction, state: Session, time: int) -> list[Entry]:
    """Nothing is added but what follows by itself."""
    return []


def _offered(state: Session, time: int, fields: Mapping[str, Any]) -> list[Entry]:
    """The entry of a trustee's answer, unless it comes too late."""
    if state.status != "closing" or state.current.keys is None or fields["round"] != state.current.number:
        return []
    if fields["trustee"] in list(state.current.keys) or len(state.current.keys) >= state.threshold:
        return []
    return [entry("release", time, **{name: fields[name] for name in ("round", "trustee", "key", "signature")})]
