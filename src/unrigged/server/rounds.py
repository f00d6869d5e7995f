"""What follows from a round that is over: envelopes opened, defaults filled in, coins drawn, up to the next move."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from unrigged.errors import InputError
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Event, History, after
from unrigged.sealed.coins import draw, seed
from unrigged.sealed.encoding import canonical, from_json
from unrigged.sealed.envelope import Committee, Opened, Place, open_envelope
from unrigged.server.entries import trustee_sender
from unrigged.transcripts import events_to_json

SIZE_STEP = 256
"""Padded contents are multiples of this many bytes."""

MAX_SIZE = 32 * 1024
"""No content is padded to more bytes than this; where a mechanism allows longer moves, such a move cannot be sent."""

SILENT = "nothing was sent in time"
VOID = "its envelope is void"
NOT_JSON = "its content is not JSON"
NO_MOVE = "it is no legal move"
"""Why a default counts, as the log says it: these words, and no others, so that every program finds the same."""

NOTHING_SAID = b"-"
"""Stands in a seed for a contribution that is missing or void."""


def padded_size(decision: Decision | None, digits: int) -> int:
    """The size to which every move of a round is padded; `digits`: the most that a number in a move may have."""
    longest = max((space.encoded_limit(digits) for _, space in decision.actors), default=0) if decision else 0
    return min(-(-(longest + 4) // SIZE_STEP) * SIZE_STEP, MAX_SIZE)


def written_move(move: Any) -> bytes:
    """A move's JSON as the content of an envelope."""
    return json.dumps(move, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True)
class Round:
    """A round that is closed: who moves, what each has sent (none for who is silent), and where the play stands."""

    session: str
    number: int
    mechanism: Mechanism
    history: History
    actors: tuple[str, ...]
    size: int
    committee: Committee
    envelopes: Mapping[str, bytes]
    contributions: tuple[bytes, ...]
    """Every trustee's sealed contribution to the coins of this round."""


@dataclass(frozen=True)
class Result:
    """What a round led to: the history after it with the coins drawn, and the seed that the next round's coins go on
    from. `moves`: of every actor; `refused`: of whom the default was taken, and why."""

    history: History
    seed: bytes
    moves: dict[str, Any]
    refused: dict[str, str]
    events: list[dict[str, Any]] = field(default_factory=list)
    outcome: Outcome | None = None
    details: dict[str, str] = field(default_factory=dict)


def opened(now: Round, keys: Mapping[int, bytes], secret: bytes, beacon: str, closing: bytes, earlier: bytes) -> Result:
    """Open the round, fill in what silence means, and toss all coins up to the next decision or the end.

    `keys`: at least as many trustees' private keys for the round as the committee needs; which ones does not matter.
    `secret`: of the house; `beacon`: the value of the named beacon, empty without one; `closing`: the digest of the log
    up to the closing; `earlier`: the seed of the round before.
    """
    position, _ = after(now.mechanism, now.history)
    coins, moves, refused, details = [], {}, {}, {}
    chosen: dict[int, Move] = {}
    names = now.mechanism.setting.players
    for name in now.actors:
        found = _opened(now, keys, name, now.envelopes.get(name), now.size)
        coins.append(found.coin if isinstance(found, Opened) else NOTHING_SAID)
        if isinstance(position, Decision):
            space = position.space(names.index(name))
            assert space is not None
            move = _move(space, found)
            if isinstance(move, _Why):
                refused[name], details[name] = move.rule, move.details
                chosen[names.index(name)] = space.default
            else:
                chosen[names.index(name)] = move[0]
            moves[name] = space.encode(chosen[names.index(name)])
        elif isinstance(found, _Why):
            refused[name], details[name] = found.rule, found.details
    for number, envelope in enumerate(now.contributions):
        found = _opened(now, keys, trustee_sender(number), envelope, SIZE_STEP)
        coins.append(found.coin if isinstance(found, Opened) else NOTHING_SAID)
    fresh = seed("round", now.session, now.number, earlier, closing, *coins, secret, beacon)
    history = now.history
    if isinstance(position, Decision):
        made = tuple((player, chosen[player]) for player, _ in position.actors)
        history = (*history, Event(position.label, moves=made))
    history, end = toss(now.mechanism, history, fresh)
    events = list(events_to_json(now.mechanism, history))[len(now.history) :]
    return Result(history, fresh, moves, refused, events, end, details)


@dataclass(frozen=True)
class _Why:
    rule: str
    details: str


def _opened(now: Round, keys: Mapping[int, bytes], sender: str, envelope: bytes | None, size: int) -> Opened | _Why:
    if envelope is None:
        return _Why(SILENT, SILENT)
    found = open_envelope(envelope, Place(now.session, now.number, sender, size), now.committee, keys)
    return found if isinstance(found, Opened) else _Why(VOID, f"{VOID}: {found}")


def _move(space: MoveSpace, found: Opened | _Why) -> tuple[Move] | _Why:
    """The legal move in an opened envelope; or why there is none."""
    if isinstance(found, _Why):
        return found
    try:
        content = from_json(found.content)
    except InputError:
        return _Why(NOT_JSON, NOT_JSON)
    try:
        move = space.decode(content)
        canonical(space.encode(move))
    except InputError as error:
        return _Why(NO_MOVE, f"{NO_MOVE}: {error}")
    return (move,)


def toss(mechanism: Mechanism, history: History, seed_: bytes) -> tuple[History, Outcome | None]:
    """Draw all coins that come next; the outcome where that is the end."""
    position, _ = after(mechanism, history)
    while isinstance(position, Chance):
        side = draw([branch.probability for branch in position.branches], seed_, position.label)
        history = (*history, Event(position.label, side=position.branches[side].name))
        position, _ = after(mechanism, history)
    return history, position if isinstance(position, Outcome) else None
