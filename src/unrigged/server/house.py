"""The auction house: takes what participants, trustees and the organiser send, logs it, answers with receipts.

All entries are written by one thread, in batches that share a commit. What a batch adds is checked against the state of
the session as it will be then; nobody is answered before the commit. If the database fails, nobody is answered with a
receipt, and the state is read again from what is durable. Several houses may share a database: each brings its state up
to date under the session's lock before it adds anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, RLock, Thread
from time import time_ns
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unrigged.errors import InputError, UnriggedError
from unrigged.sealed.encoding import digest, text_of
from unrigged.sealed.envelope import KEY_SIZE
from unrigged.server.entries import Entry, Refused, checkpoint_statement, entry, read_entry, receipt_statement
from unrigged.server.opening import Plan, opening, rounds_of, rules_version, secret_of_round
from unrigged.server.session import Session, next_entries, round_entry
from unrigged.server.storage import Conflict, Storage, StorageFailed, Transaction
from unrigged.server.trustee import Trustee
from unrigged.server.trustees import HOUSE_TRUSTEE, Committee, LocalTrustee

HOUSE = "house"
MAX_BATCH = 256
WAIT = 0.25
"""Seconds between two looks at the clock."""


def clock() -> int:
    """Milliseconds since 1970."""
    return time_ns() // 1_000_000


@dataclass(frozen=True)
class Receipt:
    """What the house signs for an entry that is durable: its number in the log, and the digest of its bytes."""

    session: str
    number: int
    digest: str
    time: int
    signature: str

    def to_json(self) -> dict[str, Any]:
        """The receipt as it is handed out."""
        return {"session": self.session, "number": self.number, "digest": self.digest, "time": self.time,
                "signature": self.signature}  # fmt: skip


@dataclass
class _Request:
    session: str
    work: Callable[[Transaction, Session, int], list[Entry]]
    """Given the transaction, the state and the time, the entries to add; an empty list adds nothing."""
    numbers: list[int]
    """The numbers of the entries that it has added, or found."""
    answer: Future[None] = field(default_factory=Future)


Listener = Callable[[str], None]


class House:
    """A house on a database. `now`: the clock; `secret`: 32 random bytes for whatever is to be secret and new."""

    def __init__(
        self,
        storage: Storage,
        *,
        random: Callable[[int], bytes],
        version: str,
        now: Callable[[], int] = clock,
        committee: Committee | None = None,
    ) -> None:
        self.storage, self.random, self.version, self.now = storage, random, version, now
        self._sessions: dict[str, Session] = {}
        self._requests: SimpleQueue[_Request | None] = SimpleQueue()
        self._listeners: list[Listener] = []
        self._lock = RLock()
        self._stopped = Event()
        with storage.transaction() as begun:
            self._key = Ed25519PrivateKey.from_private_bytes(_kept_secret(begun, "key", random))
            local = LocalTrustee(Trustee(HOUSE_TRUSTEE, _kept_secret(begun, "trustee", random), {}))
        self.committee = committee or Committee((local,), 1)
        self._writer = Thread(target=self._write, name="writer", daemon=True)
        self._writer.start()
        self._clerk = Thread(target=self._keep_time, name="clerk", daemon=True)
        self._clerk.start()

    @property
    def key(self) -> bytes:
        """The house's public key."""
        return self._key.public_key().public_bytes_raw()

    def close(self) -> None:
        """Stop; what is durable stays."""
        self._stopped.set()
        self._requests.put(None)
        self._writer.join()
        self._clerk.join()

    # What may be asked of it.

    def create(self, plan: Plan) -> tuple[str, dict[str, bytes]]:
        """A new session: its id, and every participant's one-time token. All trustees must answer."""
        session = text_of(self.random(12))
        secret, tokens = self.random(KEY_SIZE), {name: self.random(16) for name in plan.mechanism.setting.players}
        given = [each.keys(session, rounds_of(plan.mechanism)) for each in self.committee.trustees]
        first = opening(
            plan, session=session, house=self.key, secret=secret, tokens=tokens, trustees=given,
            threshold=self.committee.threshold, version=rules_version(plan.mechanism, self.version), time=self.now(),
        )  # fmt: skip
        sealed = [each.contribution(first.data) for each in self.committee.trustees]

        def work(begun: Transaction, state: Session, time: int) -> list[Entry]:
            begun.keep(session, "secret", secret)
            for name, token in tokens.items():
                begun.keep(f"{session} tokens", name, token)
            time = max(time, first.time)
            return [first, *(entry("contribution", time, **each) for each in sealed)]

        with self.storage.transaction() as begun:
            begun.create(session)
        self._ask(session, work)
        return session, tokens

    def join(self, session: str, player: str, key: str, token: str, signature: str) -> Receipt:
        """A participant takes his place with his key; the same again gets the same receipt."""
        fields = {"player": player, "key": key, "token": token, "signature": signature}

        def work(begun: Transaction, state: Session, time: int) -> list[Entry]:
            begun.drop(f"{session} tokens", player)
            return [entry("join", time, **fields)]

        return self._once(session, "join", fields, work)

    def begin(self, session: str) -> None:
        """The organiser begins the first round."""

        def work(begun: Transaction, state: Session, time: int) -> list[Entry]:
            if state.rounds:
                raise Refused("order", "a session that has begun", "one that has not")
            return [round_entry(state, time)]

        self._ask(session, work)

    def submit(self, session: str, round_: int, player: str, envelope: str, signature: str) -> Receipt:
        """A sealed move; the same again gets the same receipt, another one is refused."""
        fields = {"round": round_, "player": player, "envelope": envelope, "signature": signature}
        return self._once(session, "move", fields, lambda begun, state, time: [entry("move", time, **fields)])

    def extend(self, session: str, deadline: int) -> None:
        """A later deadline for the round that is going on, in milliseconds since 1970."""
        self._simply(session, "extend", lambda state: {"round": state.current.number, "deadline": deadline})

    def message(self, session: str, text: str) -> None:
        """A message of the organiser to everybody."""
        self._simply(session, "message", lambda state: {"text": text})

    def void(self, session: str, reason: str) -> None:
        """The end of a session without an outcome; it is never played again."""
        self._simply(session, "void", lambda state: {"reason": reason})

    def beacon(self, session: str, value: str) -> None:
        """The value of the named beacon for the closed round."""
        self._simply(session, "beacon", lambda state: {"round": state.current.number, "value": value})

    @contextmanager
    def reading(self, session: str) -> Iterator[Session]:
        """The session as it is now, all of it durable; nothing is added to it before the block ends, so be quick.

        Raises InputError where there is no such session.
        """
        with self._lock:
            found = self._sessions.get(session)
            if found is None or self.storage.shared:
                with self.storage.transaction() as begun:
                    found = self._up_to_date(begun, session, locked=False)
            yield found

    def sessions(self) -> list[str]:
        """Every session."""
        with self._lock, self.storage.transaction() as begun:
            return begun.sessions()

    def tokens(self, session: str) -> dict[str, bytes]:
        """The one-time tokens that have not been used yet."""
        with self._lock, self.storage.transaction() as begun:
            return begun.all_kept(f"{session} tokens")

    def receipt(self, state: Session, number: int) -> Receipt:
        """The receipt of a durable entry."""
        one = state.entries[number]
        signature = self._key.sign(receipt_statement(state.id, number, one.data))
        return Receipt(state.id, number, text_of(digest("entry", one.data)), one.time, text_of(signature))

    def checkpoint(self, state: Session) -> dict[str, Any]:
        """The house's signature on the whole log as it is."""
        signature = self._key.sign(checkpoint_statement(state.id, state.size, state.tree.root))
        return {"session": state.id, "size": state.size, "root": text_of(state.tree.root),
                "signature": text_of(signature)}  # fmt: skip

    def listen(self, heard: Listener) -> Callable[[], None]:
        """Call `heard` with a session's id whenever it has changed; returns how to stop. It is called by the writer and
        must be quick."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    # How it is done.

    def _simply(self, session: str, kind: str, fields: Callable[[Session], Mapping[str, Any]]) -> None:
        def work(begun: Transaction, state: Session, time: int) -> list[Entry]:
            if kind in ("extend", "beacon") and not state.rounds:
                raise Refused("order", "a session that has not begun", "one in which a round is going on")
            return [entry(kind, time, **fields(state))]

        self._ask(session, work)

    def _once(
        self, session: str, kind: str, fields: Mapping[str, Any],
        work: Callable[[Transaction, Session, int], list[Entry]],
    ) -> Receipt:  # fmt: skip
        """Add an entry unless the very same one is there; its receipt in both cases."""
        found: list[int] = []

        def unless_there(begun: Transaction, state: Session, time: int) -> list[Entry]:
            there = _number_of(state, kind, fields)
            if there is not None:
                found.append(there)
                return []
            return work(begun, state, time)

        self._ask(session, unless_there, found)
        with self.reading(session) as state:
            return self.receipt(state, found[0])

    def _ask(
        self, session: str, work: Callable[[Transaction, Session, int], list[Entry]], numbers: list[int] | None = None
    ) -> None:
        """Have `work` done in the next batch, and wait until that is durable; `numbers`: where those of the entries
        that it adds are put."""
        request = _Request(session, work, [] if numbers is None else numbers)
        if self._stopped.is_set():
            raise StorageFailed("the house is closed")
        self._requests.put(request)
        request.answer.result()

    def _write(self) -> None:
        while True:
            first = self._requests.get()
            if first is None:
                return
            batch = [first]
            while len(batch) < MAX_BATCH:
                try:
                    more = self._requests.get_nowait()
                except Empty:
                    break
                if more is None:
                    self._requests.put(None)
                    break
                batch.append(more)
            self._commit(batch)

    def _commit(self, batch: list[_Request], again: int = 3) -> None:
        """Write a batch: all its entries share one commit; who is refused gets his refusal, the others receipts."""
        touched: dict[str, Session] = {}
        done: list[tuple[_Request, Exception | None]] = []
        try:
            with self._lock, self.storage.transaction() as begun:
                for request in batch:
                    try:
                        state = touched.get(request.session) or self._up_to_date(begun, request.session, locked=True)
                        touched[request.session] = state
                        with begun.part():
                            self._add(begun, state, request)
                        done.append((request, None))
                    except UnriggedError as error:
                        if isinstance(error, Conflict | StorageFailed):
                            raise
                        done.append((request, error))
                for name, state in touched.items():
                    self._advance(begun, state)
                    begun.notify(name)
        except Conflict as conflict:
            self._forget(touched)
            if again:
                self._commit(batch, again - 1)
            else:
                _fail(batch, StorageFailed(f"the log could not be written: {conflict}"))
            return
        except BaseException as error:
            self._forget(touched)
            _fail(batch, error if isinstance(error, StorageFailed) else StorageFailed(f"not written: {error}"))
            return
        for request, answer in done:
            if answer is not None:
                request.answer.set_exception(answer)
            else:
                request.answer.set_result(None)
        for name in touched:
            self._tell(name)

    def _add(self, begun: Transaction, state: Session, request: _Request) -> None:
        """Add what a request asks for; if an entry of several is refused, the state is read anew."""
        before = state.size
        try:
            for each in request.work(begun, state, max(self.now(), state.now)):
                request.numbers.append(self._append(begun, state, each))  # one may be refused
        except UnriggedError:
            if state.size != before:
                raise Conflict("half of a request") from None
            raise

    def _append(self, begun: Transaction, state: Session, one: Entry) -> int:
        name = one.fields["session"] if one.kind == "open" else state.id
        state.apply(one)
        number = state.size - 1
        move = (one.fields["round"], one.fields["player"]) if one.kind == "move" else None
        begun.append(name, number, one.data, move)
        return number

    def _up_to_date(self, begun: Transaction, name: str, *, locked: bool) -> Session:
        size = begun.lock(name) if locked else None
        state = self._sessions.get(name)
        if state is None or self.storage.shared:
            if state is None:
                state = Session()
            fresh = begun.entries(name, state.size) if size is None or state.size < size else []
            if not fresh and not state.entries and size is None and name not in begun.sessions():
                raise InputError("session", name, "a session of this house")
            if locked and size is None:
                raise InputError("session", name, "a session of this house")
            for data in fresh:
                state.apply(read_entry(data))
            self._sessions[name] = state
        return state

    def _advance(self, begun: Transaction, state: Session) -> None:
        """All that follows without waiting for anybody: closings, keys of trustees at hand, openings, new rounds."""
        if not state.entries:
            return
        while True:
            time = max(self.now(), state.now)
            found: Iterable[Entry] = next_entries(state, time)
            if not found and state.status == "closing":
                found = self._keys(begun, state, time)
            if not found:
                return
            for each in found:
                self._append(begun, state, each)

    def _keys(self, begun: Transaction, state: Session, time: int) -> list[Entry]:
        """What opens a closed round and is at hand: local trustees' keys, then the house's secret."""
        now = state.current
        assert now.keys is not None
        answer: list[Entry] = []
        for number, each in enumerate(self.committee.trustees):
            if isinstance(each, LocalTrustee) and number not in now.keys:
                if len(now.keys) + len(answer) >= state.threshold:
                    break
                answer.append(entry("release", time, **each.release(state, begun)))
        if len(now.keys) + len(answer) >= state.threshold and now.secret is None:
            secret = begun.kept(state.id, "secret")
            if secret is None:
                raise Conflict("the session's secret is not in the database")
            fields = {"round": now.number, "secret": text_of(secret_of_round(secret, state.id, now.number))}
            answer.append(entry("secret", time, **fields))
        return answer

    def _forget(self, touched: Mapping[str, Session]) -> None:
        with self._lock:
            for name in touched:
                self._sessions.pop(name, None)

    def _tell(self, session: str) -> None:
        for heard in list(self._listeners):
            heard(session)

    def _keep_time(self) -> None:
        """Look at the clock, let sessions go on whose deadline has passed, and ask trustees elsewhere for keys."""
        while not self._stopped.wait(WAIT):
            try:
                for name in self.sessions():
                    self._tend(name)
            except UnriggedError:
                continue

    def _tend(self, name: str) -> None:
        with self.reading(name) as state:
            if not state.entries or state.status in ("settled", "void", "draft", "open"):
                return
            waiting = state.status == "closing" and not state.ready
            log = [one.data for one in state.entries] if waiting else []
            known = set(state.current.keys or ()) if state.rounds else set()
            due = not waiting and bool(next_entries(state, max(self.now(), state.now)))
            threshold = state.threshold
        if waiting:
            self._ask_elsewhere(name, log, known, threshold)
        elif due:
            self._ask(name, lambda begun, state, time: [])

    def _ask_elsewhere(self, name: str, log: list[bytes], known: set[int], threshold: int) -> None:
        """Ask trustees who are not at hand to release their keys; who does not answer is asked again later."""
        for number, each in enumerate(self.committee.trustees):
            if number not in known and len(known) < threshold and not isinstance(each, LocalTrustee):
                try:
                    fields = each.release(log)
                except UnriggedError:
                    continue
                self._offer(name, fields)
                known.add(number)

    def _offer(self, session: str, fields: Mapping[str, Any]) -> None:
        def work(begun: Transaction, state: Session, time: int) -> list[Entry]:
            now = state.current
            known = state.status != "closing" or now.keys is None or fields.get("trustee") in now.keys
            return [] if known else [entry("release", time, **fields)]

        try:
            self._ask(session, work)
        except UnriggedError:
            return


def _kept_secret(begun: Transaction, name: str, random: Callable[[int], bytes]) -> bytes:
    """The house's secret of that name, made when it is first needed."""
    found = begun.kept(HOUSE, name)
    if found is None:
        found = random(KEY_SIZE)
        begun.keep(HOUSE, name, found)
    return found


def _number_of(state: Session, kind: str, fields: Mapping[str, Any]) -> int | None:
    """The number of the entry of that kind (`join` or `move`) with these very fields."""
    if kind == "join":
        there = state.joined_by.get(fields["player"])
    else:
        rounds = [each for each in state.rounds if each.number == fields["round"]]
        there = rounds[0].moves.get(fields["player"]) if rounds else None
    return state.numbers[there.data] if there is not None and dict(there.fields) == dict(fields) else None


def _fail(batch: Iterable[_Request], error: BaseException) -> None:
    for request in batch:
        if not request.answer.done():
            request.answer.set_exception(error)
