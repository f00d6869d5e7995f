"""The auction house: takes what participants, trustees and the organiser send, logs it, answers with receipts.

Nobody is answered before the commit of what he has sent (`writer`); what nobody asks for is done by the `clerk`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from logging import getLogger
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unrigged.sealed.encoding import alike, digest, text_of
from unrigged.sealed.envelope import KEY_SIZE
from unrigged.server.clerk import Clerk
from unrigged.server.clock import Steady, clock
from unrigged.server.entries import Entry, Refused, checkpoint_statement, entry, receipt_statement
from unrigged.server.opening import Plan, opening, rounds_of, rules_version, secret_of_round
from unrigged.server.session import Session, next_entries, round_entry
from unrigged.server.storage import Conflict, Storage, Transaction
from unrigged.server.trustee import Trustee
from unrigged.server.trustees import HOUSE_TRUSTEE, Committee, LocalTrustee, RemoteTrustee
from unrigged.server.writer import Work, Writer

__all__ = ["HOUSE", "House", "Listener", "Receipt", "clock"]

HOUSE = "house"


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


Listener = Callable[[str], None]


class House:
    """A house on a database. `now`: the clock; `secret`: 32 random bytes for whatever is to be secret and new."""

    def __init__(
        self,
        storage: Storage,
        *,
        random: Callable[[int], bytes],
        version: str,
        now: Callable[[], int] | None = None,
        committee: Committee | None = None,
    ) -> None:
        self.storage, self.random, self.version, self.now = storage, random, version, now or Steady()
        self._listeners: list[Listener] = []
        storage.claim()
        with storage.transaction() as begun:
            self._key = Ed25519PrivateKey.from_private_bytes(begun.keep_first(HOUSE, "key", random(KEY_SIZE)))
            local = LocalTrustee(Trustee(HOUSE_TRUSTEE, begun.keep_first(HOUSE, "trustee", random(KEY_SIZE)), {}))
        self.committee = committee or Committee((local,), 1)
        self._writer = Writer(storage, self.now, self._advance, self._tell)
        elsewhere = tuple(each for each in self.committee.trustees if isinstance(each, RemoteTrustee))
        self._clerk = Clerk(self._writer, self.now, elsewhere, self._signed)
        self._clerk.start()
        self._stop_listening = storage.listen(self._tell)

    @property
    def key(self) -> bytes:
        """The house's public key."""
        return self._key.public_key().public_bytes_raw()

    def close(self) -> None:
        """Stop; what is durable stays."""
        self._stop_listening()
        self._clerk.close()
        self._writer.close()

    # What may be asked of it.

    def create(self, plan: Plan) -> tuple[str, dict[str, bytes]]:
        """A new session: its id, and every participant's one-time token. All trustees must answer.

        Raises Refused or InputError where the plan is against a rule, or a trustee does not serve.
        """
        session = text_of(self.random(12))
        secret, tokens = self.random(KEY_SIZE), {name: self.random(16) for name in plan.mechanism.setting.players}
        given = [each.keys(session, rounds_of(plan.mechanism)) for each in self.committee.trustees]
        first = opening(
            plan, session=session, house=self.key, secret=secret, tokens=tokens, trustees=given,
            threshold=self.committee.threshold, version=rules_version(plan.mechanism, self.version), time=self.now(),
        )  # fmt: skip
        Session([first])
        sealed = [each.contribution(first.data) for each in self.committee.trustees]

        def work(begun: Transaction, state: Session, time: int) -> list[Entry]:
            begun.keep(session, "secret", secret)
            for name, token in tokens.items():
                begun.keep(f"{session} tokens", name, token)
            time = max(time, first.time)
            return [first, *(entry("contribution", time, **each) for each in sealed)]

        self._writer.ask(session, work, creates=True)
        return session, tokens

    def join(self, session: str, player: str, key: str, token: str, signature: str) -> Receipt:
        """A participant takes his place with his key; the same again gets the same receipt."""
        fields = {"player": player, "key": key, "token": token, "signature": signature}

        def work(begun: Transaction, state: Session, time: int) -> list[Entry]:
            if player in state.participants:
                begun.drop(f"{session} tokens", player)
            return [entry("join", time, **fields)]

        return self._once(session, "join", fields, work)

    def begin(self, session: str) -> None:
        """The organiser begins the first round."""

        def work(begun: Transaction, state: Session, time: int) -> list[Entry]:
            if state.rounds:
                raise Refused("order", "a session that has begun", "one that has not")
            return [round_entry(state, time)]

        self._writer.ask(session, work)

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
        with self._writer.lock:
            yield self._writer.state(session)

    def sessions(self) -> list[str]:
        """Every session."""
        with self._writer.lock, self.storage.transaction() as begun:
            return begun.sessions()

    def tokens(self, session: str) -> dict[str, bytes]:
        """The one-time tokens that have not been used yet."""
        with self._writer.lock, self.storage.transaction() as begun:
            return begun.all_kept(f"{session} tokens")

    def receipt(self, state: Session, number: int) -> Receipt:
        """The receipt of a durable entry."""
        return self._receipt(state.id, number, state.entries[number])

    def checkpoint(self, state: Session) -> dict[str, Any]:
        """The house's signature on the whole log as it is."""
        return {"session": state.id, "size": state.size, "root": text_of(state.tree.root),
                "signature": text_of(self._signed(state))}  # fmt: skip

    def listen(self, heard: Listener) -> Callable[[], None]:
        """Call `heard` with a session's id whenever it has changed; returns how to stop. It is called by the writer and
        must be quick."""
        self._listeners.append(heard)

        def stop() -> None:
            with suppress(ValueError):
                self._listeners.remove(heard)

        return stop

    # How it is done.

    def _simply(self, session: str, kind: str, fields: Callable[[Session], Mapping[str, Any]]) -> None:
        def work(begun: Transaction, state: Session, time: int) -> list[Entry]:
            if kind in ("extend", "beacon") and not state.rounds:
                raise Refused("order", "a session that has not begun", "one in which a round is going on")
            return [entry(kind, time, **fields(state))]

        self._writer.ask(session, work)

    def _once(self, session: str, kind: str, fields: Mapping[str, Any], work: Work) -> Receipt:
        """Add an entry unless the very same one is there; its receipt in both cases."""

        def unless_there(begun: Transaction, state: Session, time: int) -> list[Entry] | int:
            there = _number_of(state, kind, fields)
            return work(begun, state, time) if there is None else there

        found = self._writer.ask(session, unless_there)
        assert found is not None
        return self._receipt(session, *found)

    def _receipt(self, session: str, number: int, one: Entry) -> Receipt:
        signature = self._key.sign(receipt_statement(session, number, one.data))
        return Receipt(session, number, text_of(digest("entry", one.data)), one.time, text_of(signature))

    def _signed(self, state: Session) -> bytes:
        return self._key.sign(checkpoint_statement(state.id, state.size, state.tree.root))

    def _tell(self, session: str) -> None:
        for heard in list(self._listeners):
            try:
                heard(session)
            except Exception:
                getLogger("unrigged").exception("a listener")

    def _tend(self, session: str) -> None:
        """What the clerk does for a session whenever he looks at the clock."""
        self._clerk.tend(session)

    def _advance(self, begun: Transaction, state: Session, append: Callable[[Entry], None]) -> None:
        """All that follows without waiting for anybody: closings, keys of trustees at hand, openings, new rounds. What
        a closed round leads to is computed elsewhere, as that may take long."""
        while True:
            if state.ready and state.current.result is None:
                self._clerk.open(state)
                return
            time = max(self.now(), state.now)
            found = next_entries(state, time)
            if not found and state.status == "closing":
                found = self._keys(begun, state, time)
            if not found:
                return
            for each in found:
                append(each)

    def _keys(self, begun: Transaction, state: Session, time: int) -> list[Entry]:
        """What opens a closed round and is at hand: local trustees' keys, then the house's secret."""
        now = state.current
        assert now.keys is not None
        answer: list[Entry] = []
        signing = [trustee.key for trustee in state.trustees]
        for each in self.committee.trustees:
            if not isinstance(each, LocalTrustee) or each.key not in signing or signing.index(each.key) in now.keys:
                continue
            if len(now.keys) + len(answer) < state.threshold:
                answer.append(entry("release", time, **each.release(state, begun)))
        if len(now.keys) + len(answer) >= state.threshold and now.secret is None:
            secret = begun.kept(state.id, "secret")
            if secret is None:
                raise Conflict("the session's secret is not in the database")
            fields = {"round": now.number, "secret": text_of(secret_of_round(secret, state.id, now.number))}
            answer.append(entry("secret", time, **fields))
        return answer


def _number_of(state: Session, kind: str, fields: Mapping[str, Any]) -> int | None:
    """The number of the entry of that kind (`join` or `move`) with these very fields."""
    if kind == "join":
        there = state.joined_by.get(fields["player"])
    else:
        rounds = [each for each in state.rounds if each.number == fields["round"]]
        there = rounds[0].moves.get(fields["player"]) if rounds else None
    return state.numbers[there.data] if there is not None and alike(dict(there.fields), dict(fields)) else None
