"""How a house writes: one thread, batches that share a commit, answers only after it; states that are durable only.

What a batch adds is checked against the state of the session as it will be then. If the database fails, nobody is
answered as if something had been written, and the state is read again from what is durable. Several houses may share a
database: each brings its state up to date under the session's lock before it adds anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from logging import getLogger
from queue import Empty, SimpleQueue
from threading import RLock, Thread

from unrigged.errors import InputError, UnriggedError
from unrigged.server.entries import Entry, read_entry
from unrigged.server.session import Session
from unrigged.server.storage import Conflict, Storage, StorageFailed, Transaction

MAX_BATCH = 256
TRIES = 5
"""How often a batch is written when others write at the same time."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

Work = Callable[[Transaction, Session, int], list[Entry] | int]
"""Given the transaction, the state and the time: the entries to add (none adds nothing), or the number of the entry
that is there already."""


@dataclass
class Request:
    """Work on a session; `found`: the number of the first entry that it has added or found, and the entry."""

    session: str
    work: Work
    creates: bool = False
    found: tuple[int, Entry] | None = None
    answer: Future[None] = field(default_factory=Future)


class _Half(Exception):
    """A request has failed half-way, or in a way that nobody foresaw: it fails alone, and the others are done anew."""

    def __init__(self, request: Request, error: Exception) -> None:
        self.request, self.error = request, error


class Writer:
    """The one who writes for a house. `advance`: given the transaction, a state and how to append to it, adds whatever
    follows without waiting for anybody; `changed` is told of every session that was written to."""

    def __init__(
        self,
        storage: Storage,
        now: Callable[[], int],
        advance: Callable[[Transaction, Session, Callable[[Entry], None]], None],
        changed: Callable[[str], None],
    ) -> None:
        self.storage, self.now, self.lock = storage, now, RLock()
        self._advance, self._changed = advance, changed
        self._states: dict[str, Session] = {}
        self._requests: SimpleQueue[Request | None] = SimpleQueue()
        self._stopped = False
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, when what was asked for is done."""
        self._stopped = True
        self._requests.put(None)
        self._thread.join()

    def ask(self, session: str, work: Work, *, creates: bool = False) -> tuple[int, Entry] | None:
        """Have `work` done in the next batch, and wait until that is durable: the first entry added, or found."""
        request = self.soon(session, work, creates=creates)
        request.answer.result()
        return request.found

    def soon(self, session: str, work: Work, *, creates: bool = False) -> Request:
        """The same without waiting."""
        if self._stopped:
            raise StorageFailed("the house is closed")
        request = Request(session, work, creates)
        self._requests.put(request)
        return request

    def state(self, session: str) -> Session:
        """The session as it is now, all of it durable. The lock must be held as long as it is looked at.

        Raises InputError where there is no such session.
        """
        found = self._states.get(session)
        if found is None or self.storage.shared:
            _check_name(session)
            with self.storage.transaction() as begun:
                found = self._read(begun, session, None)
            if not found.entries:
                raise InputError("session", session, "a session of this house")
        return found

    def _run(self) -> None:
        while True:
            first = self._requests.get()
            batch, more = [] if first is None else [first], first
            while more is not None and len(batch) < MAX_BATCH:
                try:
                    more = self._requests.get_nowait()
                except Empty:
                    break
                if more is not None:
                    batch.append(more)
            try:
                self._do(batch)
            except Exception:  # a listener has failed, say; nobody may wait for ever because of it
                getLogger("unrigged").exception("the writer")
            for request in batch:
                if not request.answer.done():
                    request.answer.set_exception(StorageFailed("not known whether it was written; ask again"))
            if more is None:
                for late in iter(self._get, None):
                    late.answer.set_exception(StorageFailed("the house is closed"))
                return

    def _get(self) -> Request | None:
        try:
            return self._requests.get_nowait()
        except Empty:
            return None

    def _do(self, batch: list[Request]) -> None:
        """Write a batch, then whatever follows from it."""
        names = sorted({request.session for request in batch})
        conflicts, grown = 0, set[str]()
        while batch:
            try:
                answers, grown = self._commit(batch)
            except _Half as half:
                batch = [request for request in batch if request is not half.request]
                half.request.answer.set_exception(half.error)
                continue
            except Conflict as conflict:
                conflicts += 1
                if conflicts < TRIES:
                    continue
                answers = [(request, StorageFailed(f"others were first: {conflict}")) for request in batch]
            except BaseException as error:
                failed = error if isinstance(error, StorageFailed) else StorageFailed(f"not written: {error}")
                answers = [(request, failed) for request in batch]
            for request, answer in answers:
                if answer is None:
                    request.answer.set_result(None)
                else:
                    request.answer.set_exception(answer)
            break
        for name in names:
            if name in grown:
                self._changed(name)
            self.follow(name)

    def _commit(self, batch: list[Request]) -> tuple[list[tuple[Request, Exception | None]], set[str]]:
        """One transaction: all its entries share a commit; who is refused gets his refusal. Also, which sessions have
        grown by it."""
        answers: list[tuple[Request, Exception | None]] = []
        names = sorted({request.session for request in batch})
        with self.lock:
            try:
                with self.storage.transaction() as begun:
                    for request in batch:
                        request.found = None
                        if request.creates:
                            begun.create(request.session)
                    states = {name: self._locked(begun, name) for name in names}
                    sizes = {name: state.size for name, state in states.items() if isinstance(state, Session)}
                    for request in batch:
                        state = states[request.session]
                        if isinstance(state, Session):
                            answers.append((request, self._add(begun, state, request)))
                        else:
                            answers.append((request, state))
                    after = {name: state.size for name, state in states.items() if isinstance(state, Session)}
                    grown = {name for name in sizes if sizes[name] != after[name]}
                    for name in sorted(grown):
                        begun.notify(name)
            except BaseException:
                self._forget(names)
                raise
        return answers, grown

    def _locked(self, begun: Transaction, name: str) -> Session | InputError:
        """The session, locked and up to date; why there is none."""
        try:
            _check_name(name)
            size = begun.lock(name)
            if size is None:
                raise InputError("session", name, "a session of this house")
        except InputError as error:
            return error
        return self._read(begun, name, size)

    def _add(self, begun: Transaction, state: Session, request: Request) -> Exception | None:
        """Add what a request asks for; why it is refused."""
        before = state.size
        try:
            with begun.part():
                found = request.work(begun, state, max(self.now(), state.now))
                if isinstance(found, int):
                    request.found = (found, state.entries[found])
                else:
                    for each in found:
                        number = self._append(begun, state, each)
                        request.found = request.found or (number, each)
        except (Conflict, StorageFailed):
            raise
        except UnriggedError as error:
            if state.size != before:
                raise _Half(request, error) from None
            return error
        except Exception as error:
            getLogger("unrigged").exception("a request on session %s", request.session)
            raise _Half(request, StorageFailed(f"not written: {type(error).__name__}")) from error
        return None

    def _append(self, begun: Transaction, state: Session, one: Entry) -> int:
        state.apply(one)
        number = state.size - 1
        move = (one.fields["round"], one.fields["player"]) if one.kind == "move" else None
        begun.append(state.id, number, one.data, move)
        if state.status in ("settled", "void"):
            begun.over(state.id)
        return number

    def _read(self, begun: Transaction, name: str, size: int | None) -> Session:
        """The state, brought up to date with the database; `size`: how many entries there are, where it is locked."""
        state = self._states.get(name)
        if state is None or (size is not None and size < state.size):
            state = Session()
        if state.size != size:
            for data in begun.entries(name, state.size):
                state.apply(read_entry(data))
        if state.entries:
            self._states[name] = state
        return state

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._states.pop(name, None)

    def follow(self, name: str) -> None:
        """Write whatever follows on the session without waiting for anybody. A failure leaves it as it is: it is tried
        again when something is written, or the clock is looked at."""
        for _ in range(TRIES):
            try:
                if self._followed(name):
                    self._changed(name)
                return
            except Conflict:
                continue
            except UnriggedError:
                return
            except Exception:
                getLogger("unrigged").exception("what follows in session %s", name)
                return

    def _followed(self, name: str) -> bool:
        with self.lock:
            try:
                with self.storage.transaction() as begun:
                    state = self._locked(begun, name)
                    if not isinstance(state, Session) or not state.entries:
                        return False
                    before = state.size

                    def append(one: Entry) -> None:
                        self._append(begun, state, one)

                    self._advance(begun, state, append)
                    if state.size == before:
                        return False
                    begun.notify(name)
            except BaseException:
                self._forget([name])
                raise
        return True


def _check_name(session: str) -> None:
    if not _NAME.fullmatch(session):
        raise InputError("session", session, "a session of this house")
