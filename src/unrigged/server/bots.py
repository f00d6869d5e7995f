"""The house's own bots: they join, seal and sign like everybody else, and nothing shows them what others have sealed.

Their keys follow from a secret of the house, so that they go on after a restart, and so that several server processes
of a house send the very same envelopes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unrigged.context import Coalition
from unrigged.errors import UnriggedError
from unrigged.formats import scenario_from
from unrigged.mechanisms.base import Mechanism
from unrigged.protocol import Decision, History
from unrigged.sealed.encoding import digest, text_of
from unrigged.sealed.envelope import KEY_SIZE, Committee, Place, seal
from unrigged.server.entries import join_statement, move_statement
from unrigged.server.house import HOUSE, House
from unrigged.server.playing import at_random, choices, pure
from unrigged.server.rounds import written_move
from unrigged.server.session import Session
from unrigged.strategies.base import Strategy

SCOPE = "bots"
LIMIT = 5.0
"""Seconds that a bot searches for a best announcement."""

AGAIN = 2.0
"""Seconds after which what has failed is tried again."""


@dataclass(frozen=True)
class _Turn:
    """What a bot has to know to move; all of it is public."""

    session: str
    mechanism: Mechanism
    history: History
    position: object
    round: int
    size: int
    committee: Committee
    missing: tuple[str, ...]


class Bots:
    """The bots of a house, in a thread of their own."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._changed, self._stopped = Event(), Event()
        self._profiles: dict[str, dict[Coalition, Strategy]] = {}
        self._sent: set[tuple[str, int, str]] = set()
        with house.storage.transaction() as begun:
            self._secret = begun.keep_first(HOUSE, SCOPE, house.random(KEY_SIZE))
            self._plans: dict[str, Any] = {name: json.loads(each) for name, each in begun.all_kept(SCOPE).items()}
        self._stop_listening = house.listen(lambda session: self._changed.set())
        self._changed.set()
        self._thread = Thread(target=self._run, name="bots", daemon=True)
        self._thread.start()

    def adopt(self, session: str, scenario: Mapping[str, Any] | None, *, begin: bool) -> None:
        """Play the seats of `session` whose kind is `bot`: as the scenario says where there is one, else at random.
        `begin`: begin the session once everybody has taken his place."""
        plan = {"scenario": scenario, "begin": begin}
        with self._house.storage.transaction() as begun:
            begun.keep(SCOPE, session, json.dumps(plan).encode())
        self._plans[session] = plan
        self._changed.set()

    def close(self) -> None:
        """Stop; what they have sent stays."""
        self._stopped.set()
        self._changed.set()
        self._thread.join()
        self._stop_listening()

    def _run(self) -> None:
        while True:
            self._changed.wait(AGAIN)
            self._changed.clear()
            if self._stopped.is_set():
                return
            for session in list(self._plans):
                try:
                    self._play(session)
                except UnriggedError:  # a deadline that has passed, a database that cannot be used just now
                    continue
                except Exception:
                    logging.getLogger("unrigged").exception("the bots of session %s", session)

    def _play(self, session: str) -> None:
        with self._house.reading(session) as state:
            over = state.status in ("settled", "void")
            bots = [name for name, each in state.participants.items() if each.kind == "bot"]
            joining = [] if over or state.status == "draft" else [name for name in bots if name not in state.keys]
            everybody = state.status == "open" and not joining and len(state.keys) == len(state.participants)
            turn = None if over else _turn(state, bots)
            opening = state.entries[0].data
        if over:
            self._forget(session)
            return
        if joining:
            tokens = self._house.tokens(session)
            for name in joining:
                self._join(session, name, tokens[name], digest("opening", opening))
        if everybody and self._plans[session]["begin"]:
            self._house.begin(session)
        if turn is not None:
            self._move(turn)

    def _forget(self, session: str) -> None:
        with self._house.storage.transaction() as begun:
            begun.drop(SCOPE, session)
        self._plans.pop(session, None)
        self._profiles.pop(session, None)

    def _key(self, session: str, name: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(digest("bot", self._secret, session, name))

    def _join(self, session: str, name: str, token: bytes, opening: bytes) -> None:
        key = self._key(session, name)
        public = key.public_key().public_bytes_raw()
        signature = key.sign(join_statement(session, name, public, opening))
        self._house.join(session, name, text_of(public), text_of(token), text_of(signature))

    def _move(self, turn: _Turn) -> None:
        contents = self._contents(turn)
        for name in turn.missing:
            place = (turn.session, turn.round, name)
            if name not in contents or place in self._sent:
                continue
            fresh = digest("bot's envelope", self._secret, turn.session, turn.round, name, contents[name])
            envelope = seal(contents[name], fresh, Place(turn.session, turn.round, name, turn.size), turn.committee)
            signature = self._key(turn.session, name).sign(move_statement(turn.session, turn.round, name, envelope))
            self._house.submit(turn.session, turn.round, name, text_of(envelope), text_of(signature))
            self._sent.add(place)

    def _contents(self, turn: _Turn) -> dict[str, bytes]:
        if not isinstance(turn.position, Decision):
            return dict.fromkeys(turn.missing, b"")
        names = turn.mechanism.setting.players
        answer = {}
        for agent, strategy in self._profile(turn).items():
            if not any(names[player] in turn.missing for player in agent):
                continue
            for player, move in choices(strategy, turn.position, agent, turn.history).items():
                answer[names[player]] = written_move(move)
        return {name: content for name, content in answer.items() if name in turn.missing}

    def _profile(self, turn: _Turn) -> dict[Coalition, Strategy]:
        if turn.session not in self._profiles:
            self._profiles[turn.session] = self._strategies(turn)
        return self._profiles[turn.session]

    def _strategies(self, turn: _Turn) -> dict[Coalition, Strategy]:
        """Everybody's strategy, mixed ones drawn; random moves where the scenario says nothing that can be played."""
        seed = digest("bots' chance", self._secret, turn.session)
        document = self._plans[turn.session]["scenario"]
        if document is not None:
            with suppress(UnriggedError):
                return pure(scenario_from(document, check=False).profile(LIMIT), seed)
        strategy = at_random(turn.mechanism, int.from_bytes(seed[:6], "big"))
        return {(player,): strategy for player in turn.mechanism.setting.everyone}


def _turn(state: Session, bots: list[str]) -> _Turn | None:
    """What the bots have to do now, None where they have nothing to do."""
    if state.status != "playing" or not state.rounds or len(state.results) == len(state.rounds):
        return None
    now = state.current
    missing = tuple(name for name in state.missing if name in bots and name in state.keys)
    if not missing:
        return None
    committee = state.committee(now.number)
    return _Turn(state.id, state.mechanism, state.history, state.position, now.number, now.size, committee, missing)
