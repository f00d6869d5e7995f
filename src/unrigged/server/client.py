"""A participant's program: takes a place in a session, follows its log, seals moves, and keeps receipts.

It believes the house nothing that it can check: every entry of the log is verified by the rules of `unrigged.audit` as
it comes, the house's signature on the whole log each time, every receipt against the entry it is for, and the bundle at
the end against all of this. A house that shows another log than before, or than it gave receipts for, raises Broken.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

import httpx

from unrigged.audit import Auditor, Broken, at, audit, read_bundle, write_bundle
from unrigged.errors import InputError, UnriggedError
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import MoveSpace
from unrigged.protocol import Decision, History
from unrigged.sealed.encoding import bytes_of, digest, framed, text_of
from unrigged.sealed.envelope import KEY_SIZE, Place, seal
from unrigged.server.entries import Refused, entry, move_statement, presence_statement
from unrigged.server.keys import Key, Link
from unrigged.server.rounds import written_move

PATIENCE = 60.0
"""Seconds for which a house that does not answer is asked again."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0

BUSY = (429, 502, 503, 504)
"""Answers that say: later."""

RECEIPT = {"session": str, "number": int, "digest": str, "time": int, "signature": str}


class Unreachable(UnriggedError):
    """The house does not answer."""


@dataclass(frozen=True)
class Turn:
    """A round that waits for one's move. `decision` and `space` are None where all that is asked is a contribution to a
    coin; `history`: what has happened so far; `deadline`: milliseconds since 1970; `size`: of the padded content."""

    mechanism: Mechanism
    history: History
    round: int
    decision: Decision | None
    space: MoveSpace | None
    deadline: int
    size: int

    @property
    def label(self) -> str:
        """The label of the decision, empty where there is none."""
        return self.decision.label if self.decision else ""


class Log:
    """A session's log as the house shows it, verified entry by entry while it grows.

    `http`: how the house is reached; `pinned`: public keys known from elsewhere, among which must then be those of the
    house and of all its trustees; `seen`: size and root of the log when it was last looked at, if it ever was.
    """

    def __init__(
        self, http: httpx.Client, link: Link, *, pinned: Iterable[bytes] = (), seen: tuple[int, bytes] | None = None,
        patience: float = PATIENCE,
    ) -> None:  # fmt: skip
        self.http, self.house_at, self.session, self.patience = http, link.house, link.session, patience
        self.auditor = Auditor(set(pinned))
        self.entries: list[bytes] = []
        self.seen = seen

    @property
    def address(self) -> str:
        """Where the API tells of this session."""
        return f"{self.house_at}/api/v1/sessions/{quote(self.session, safe='')}"

    def update(self) -> bool:
        """Fetch and verify what is new; whether anything was. Raises Broken for what is against a rule."""
        answer = self.ask("GET", f"{self.address}/log", params={"from": len(self.entries)})
        with at(None, "answer"):
            fresh = [bytes_of(one, "entries") for one in answer["entries"]]
            checkpoint = answer["checkpoint"]
        for data in fresh:
            number = len(self.entries)
            with at(number):
                self.auditor.entry(number, data)
            self.entries.append(data)
            if self.seen is not None and self.seen[0] == len(self.entries) and self.seen[1] != self.root:
                raise Broken("fork", f"the first {self.seen[0]} entries are not those that the house showed before")
        self._check(checkpoint)
        return bool(fresh)

    @property
    def root(self) -> bytes:
        """The hash of the log so far."""
        return self.auditor.frontier.root

    def _check(self, checkpoint: Mapping[str, Any]) -> None:
        """The house has signed just this log, which is none that it has shown before made shorter or other."""
        size = len(self.entries)
        with at(None, "checkpoint"):
            if not self.entries or self.auditor.session != self.session:
                raise Broken("checkpoint", "the house shows the log of another session")
            stated = (checkpoint["session"], checkpoint["size"], checkpoint["root"])
            if stated != (self.session, size, text_of(self.root)) or (self.seen is not None and self.seen[0] > size):
                raise Broken("fork", f"the house has signed another log than the {size} entries that it shows")
            statement = framed("checkpoint", self.session, size, self.root)
            self.auditor.signed(self.auditor.house, checkpoint["signature"], statement, "the house")
        self.seen = (size, self.root)

    def changes(self, who: Callable[[], Mapping[str, str]] = dict) -> Iterator[None]:
        """Comes back at once, and then whenever the session may have changed, until the caller has enough.

        The house says when, by server-sent events; where the connection breaks it is made again, with pauses. `who`:
        what shows the house who is there (Client.present); everybody sees it as long as the connection stands.
        """
        pause = FIRST_PAUSE
        while True:
            yield
            try:
                timeout = httpx.Timeout(10.0, read=60.0)
                with self.http.stream("GET", f"{self.address}/events", params=dict(who()), timeout=timeout) as answer:
                    if answer.status_code == 200:
                        for line in answer.iter_lines():
                            pause = FIRST_PAUSE
                            if line.startswith(("data:", ":")):
                                yield
            except httpx.TransportError:
                pass  # the house is asked again below, and says so itself if it is gone
            sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def ask(self, method: str, url: str, **request: Any) -> Any:
        """The JSON that the house answers; asked again while it is busy or cannot be reached.

        Raises Unreachable when patience ends, Refused where the house refuses.
        """
        answer = self.answer(method, url, **request)
        try:
            document = answer.json()
        except ValueError:
            raise Unreachable(f"{self.house_at} answers {answer.status_code} with something that is not JSON") from None
        if answer.status_code == 200:
            return document
        error = document.get("error") if isinstance(document, dict) else None
        found = error if isinstance(error, dict) else {"rule": "house", "found": f"the answer {answer.status_code}"}
        raise Refused(str(found.get("rule")), str(found.get("found")), str(found.get("expected", "another request")))

    def answer(self, method: str, url: str, **request: Any) -> httpx.Response:
        """The house's answer, whatever it is; asked again as `ask` does."""
        until, pause = monotonic() + self.patience, FIRST_PAUSE
        while True:
            try:
                answer = self.http.request(method, url, **request)
                if answer.status_code not in BUSY:
                    return answer
                words, later = f"answers {answer.status_code}", answer.headers.get("retry-after", "")
            except httpx.TransportError as error:
                words, later = f"does not answer ({type(error).__name__})", ""
            wait = float(later) if later.isascii() and later.isdigit() and len(later) < 4 else pause
            if monotonic() + wait > until:
                raise Unreachable(f"{self.house_at} {words}")
            sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)


class Client:
    """One participant in one session.

    `key`: his key, kept or new; `log`: where several participants of one session share one, else his own; `http`: how
    the house is reached (for certificates of one's own, or proxies).

        with Client(read_link("http://localhost:8000/s/…/p/ann#t=…")) as client:
            client.join()
            for _ in client.changes():
                turn = client.turn()
                if turn is not None:
                    client.submit(choose(turn))
                if client.over:
                    break
    """

    def __init__(
        self, link: Link, key: Key | None = None, *, log: Log | None = None, http: httpx.Client | None = None,
        pinned: Iterable[bytes] = (),
    ) -> None:  # fmt: skip
        self.link, self.key = link, key or Key.new(link)
        self.key.check(link)
        self._own: httpx.Client | None = None
        if log is None:
            if http is None:
                http = self._own = httpx.Client(timeout=30.0)
            log = Log(http, link, pinned=pinned, seen=self.key.seen)
        self.log = log

    def close(self) -> None:
        """Give the connection back, if it is his own."""
        if self._own is not None:
            self._own.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def player(self) -> str:
        """His name."""
        return self.link.player

    @property
    def status(self) -> str:
        """`trustees`, `open`, `moves`, `closed`, `done` (with a round), `settled`, `void`; as of the last update."""
        return self.log.auditor.phase

    @property
    def over(self) -> bool:
        """Whether nothing follows."""
        return self.status in ("settled", "void")

    def update(self) -> bool:
        """Fetch and verify what is new in the log; receipts are held against it. Raises Broken."""
        fresh = self.log.update()
        for receipt in self.key.receipts:
            self._is_there(receipt)
        self.key.see(self.log.seen)
        return fresh

    def changes(self) -> Iterator[None]:
        """As `Log.changes`, with the log updated each time."""
        for _ in self.log.changes(self.present):
            self.update()
            yield

    def present(self) -> dict[str, str]:
        """What shows the house that he is there: his name, and his signature; nothing before he has his place."""
        if self.log.auditor.keys.get(self.player) != self.key.public:
            return {}
        statement = presence_statement(self.link.session, self.player, digest("opening", self.log.entries[0]))
        return {"player": self.player, "proof": self.key.signed(statement)}

    def join(self) -> Mapping[str, Any]:
        """Take his place with his key, if he has not; the receipt.

        Raises Refused where somebody else has taken it, or the session takes nobody (yet, or any more).
        """
        self.update()
        there = self.log.auditor.keys.get(self.player) if self.log.entries else None
        if there is not None and there != self.key.public:
            raise Refused("eligibility", f"another key in the place of {self.player}", "his own",
                          "the link was used before: with the key file of that time, or by somebody else")  # fmt: skip
        if there is not None:
            return next(iter(self.key.receipts), {})
        if not self.link.token:
            raise InputError("link", "no token in it", "the whole link that the organiser has sent, with '#t=...'")
        fields = self.key.joining(self.link.token, self.log.entries[0])
        receipt = self._take("join", fields, self.log.ask("POST", f"{self.log.address}/join", json=fields))
        self.update()
        return receipt

    def turn(self) -> Turn | None:
        """The round that waits for his move, None where none does; as of the last update."""
        known = self.log.auditor
        if not self.log.entries:
            return None
        if known.phase != "moves" or self.player not in known.now["actors"] or self.player in known.now["moves"]:
            return None
        decision = known.position if isinstance(known.position, Decision) else None
        space = decision.space(known.names.index(self.player)) if decision else None
        return Turn(known.mechanism, known.history, known.round, decision, space, known.now["deadline"],
                    known.now["size"])  # fmt: skip

    def submit(self, move: Any = None) -> Mapping[str, Any]:
        """Seal a move (its JSON; None where only a contribution to a coin is asked), sign and send it; the receipt.

        A move that was sealed before for this round stays: the same envelope is sent again, as often as it takes.
        Raises Refused where no move is asked, InputError where it is not legal, Unreachable when patience ends.
        """
        turn = self.turn()
        if turn is None:
            raise Refused("order", f"a move of {self.player} now", "a round that waits for it")
        if turn.round not in self.key.sent:
            if turn.space is not None:
                turn.space.decode(move)
            self.key.keep_sent(turn.round, self.sealed(turn, written_move(move) if turn.space is not None else b""))
        envelope = self.key.sent[turn.round]
        statement = move_statement(self.link.session, turn.round, self.player, bytes_of(envelope, "envelope"))
        fields = {"round": turn.round, "player": self.player, "envelope": envelope,
                  "signature": self.key.signed(statement)}  # fmt: skip
        receipt = self._take("move", fields, self.log.ask("POST", f"{self.log.address}/moves", json=fields))
        self.update()
        return receipt

    def sealed(self, turn: Turn, content: bytes) -> str:
        """The envelope with that content for that round, from a fresh key."""
        place = Place(self.link.session, turn.round, self.player, turn.size)
        return text_of(seal(content, os.urandom(KEY_SIZE), place, self.log.auditor.committee(turn.round)))

    def _take(self, kind: str, fields: Mapping[str, Any], receipt: Any) -> Mapping[str, Any]:
        """Keep a receipt, once it is one: signed by the house, for the entry with these fields."""
        with at(None, "receipt"):
            if not isinstance(receipt, dict) or {name: type(value) for name, value in receipt.items()} != RECEIPT:
                raise Broken("receipt", "the house answers with something else than a receipt")
            data = entry(kind, receipt["time"], **fields).data
            if receipt["session"] != self.link.session or receipt["digest"] != text_of(digest("entry", data)):
                raise Broken("receipt", "the house gives a receipt for something else than what was sent")
            statement = framed("receipt", self.link.session, receipt["number"], digest("entry", data))
            self.log.auditor.signed(self.log.auditor.house, receipt["signature"], statement, "the house")
        self.key.keep_receipt(receipt)
        return receipt

    def _is_there(self, receipt: Mapping[str, Any]) -> None:
        """The entry of a receipt is in the log: what the house has confirmed it cannot leave out."""
        number = receipt["number"]
        there = number < len(self.log.entries)
        if not there or text_of(digest("entry", self.log.entries[number])) != receipt["digest"]:
            raise Broken("receipt", f"the house has confirmed another entry {number} than its log holds")

    def bundle(self) -> bytes:
        """The bundle of the finished session with his receipts added, verified; Broken where anything is not in order.

        Its log must be the one that was followed here.
        """
        self.update()
        answer = self.log.answer("GET", f"{self.log.house_at}/s/{quote(self.link.session, safe='')}/bundle")
        if answer.status_code != 200:
            raise Refused("end", f"no bundle (answer {answer.status_code})", "a session that is over")
        found = read_bundle(answer.content)
        if list(found.entries) != self.log.entries:
            raise Broken("fork", "the bundle holds another log than the house has shown")
        known = {one["number"]: dict(one) for one in (*found.receipts, *self.key.receipts)}
        data = write_bundle(found.entries, found.checkpoint, found.report, [known[number] for number in sorted(known)])
        audit(read_bundle(data), self.log.auditor.pinned)
        return data
