"""What can be taken home from a session: the bundle that anyone can audit, and tables for research."""

from __future__ import annotations

import csv
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from io import StringIO
from json import dumps
from typing import Any

from unrigged import audit
from unrigged.audit.report import STYLE
from unrigged.errors import InputError
from unrigged.exact import written
from unrigged.server.house import House
from unrigged.server.session import Session
from unrigged.transcripts import events_to_json

COLUMNS = {
    "move_id": "stable identifier: session, number of the round, number of the player, joined by /",
    "session": "identifier of the session",
    "title": "its title",
    "mechanism": "name of the mechanism",
    "round": "number of the round, from 1",
    "label": "label of the decision; empty in a round that only prepares a coin",
    "player": "name of the participant",
    "player_number": "his number in the setting, from 1",
    "kind": "human, program or bot, as announced at the opening",
    "sent": "1 where he sent a sealed move in time, else 0",
    "sent_ms": "when the house logged it, milliseconds since 1970 UTC; empty where nothing was sent",
    "seconds": "seconds from the beginning of the round to that; empty where nothing was sent",
    "entry": "number of the log's entry that holds the sealed move, from 0; empty where nothing was sent",
    "counted": "`announced` where the sealed move counted, `default` where what silence means counted",
    "reason": "why the default counted, in words; empty otherwise",
    "move": "the move that counted, as JSON (docs/json.md)",
    "in_words": "the same in words",
    "result": "of the whole session, as JSON; empty where it is void",
    "price": "what he pays in the end, an exact rational (negative: receives); empty where it is void",
    "payment": "the same, rounded as the opening states",
    "unit": "of the payment",
}
"""The columns of the table of moves, each with what it holds."""

FIELDS = {
    "session": "identifier of the session",
    "title": "its title",
    "status": "settled or void",
    "void": "the organiser's reason where it is void, else empty",
    "play": "mechanism, parameters and setting, as in a transcript (docs/json.md)",
    "version": "of the package, and a digest of the rules that were played",
    "house": "public key of the house (Ed25519, base64url)",
    "committee": "names of the trustees, and how many of them open a round",
    "participants": "in order: player, kind, and whether he took his place",
    "money": "unit, step and rounding of payments",
    "seconds": "how long a round was to last",
    "events": "what happened, event by event, as in a transcript: moves, and sides of coins with their probabilities",
    "moves": "the rows of the table of moves, one object each; numbers are numbers, `move` and `result` are JSON",
    "outcome": "who gets what (or the state), and exact prices; null where the session is void",
    "payments": "what everybody pays, rounded; null where it is void",
    "log": "size and root of the log, to tell it from any other",
}
"""The fields of the JSON export."""


def need_end(state: Session) -> None:
    """InputError unless the session is over: before that, nothing is handed out but the log itself."""
    if state.status not in ("settled", "void"):
        raise InputError("export", f"a session that is '{state.status}'", "one that is settled or void")


def bundle(house: House, state: Session, receipts: tuple[dict[str, Any], ...] = ()) -> bytes:
    """The session as a file that `unrigged audit` verifies."""
    need_end(state)
    return audit.write_bundle([one.data for one in state.entries], house.checkpoint(state), readable(state), receipts)


def readable(state: Session) -> str:
    """The report in the bundle: the session in plain words, as a page."""
    need_end(state)
    return audit.report(audit.audited(one.data for one in state.entries))


def style_hash() -> str:
    """What a content policy says of the report's only style sheet."""
    return "sha256-" + b64encode(sha256(STYLE.encode()).digest()).decode()


def rows(state: Session) -> Iterator[dict[str, Any]]:
    """One row for every move that counted, in order of rounds and players."""
    names = state.mechanism.setting.players
    decisions = iter([event for event in events_to_json(state.mechanism, state.history) if "moves" in event])
    end = state.entries[-1].fields if state.status == "settled" else None
    begun = [one for one in state.entries if one.kind == "round"]
    position_words = _in_words(state)
    for number, result in enumerate(state.results):
        running, label = state.rounds[number], state.rounds[number].label
        if label:
            next(decisions)
        for name in running.actors:
            sent = running.moves.get(name)
            price = "" if state.outcome is None or end is None else written(state.outcome.prices[names.index(name)])
            yield {
                "move_id": f"{state.id}/{number + 1}/{names.index(name) + 1}",
                "session": state.id,
                "title": state.title,
                "mechanism": state.mechanism.name,
                "round": number + 1,
                "label": label,
                "player": name,
                "player_number": names.index(name) + 1,
                "kind": state.participants[name].kind,
                "sent": int(sent is not None),
                "sent_ms": None if sent is None else sent.time,
                "seconds": None if sent is None else written_seconds(sent.time - begun[number].time),
                "entry": None if sent is None else state.numbers[sent.data],
                "counted": "default" if name in result.refused else "announced",
                "reason": result.refused.get(name, ""),
                "move": result.moves.get(name),
                "in_words": position_words.get((number, name), ""),
                "result": None if end is None else end["outcome"],
                "price": price,
                "payment": "" if end is None else end["payments"][name],
                "unit": state.money.unit,
            }


def written_seconds(milliseconds: int) -> str:
    """Seconds with three decimals, exactly."""
    return f"{milliseconds // 1000}.{milliseconds % 1000:03d}"


def _in_words(state: Session) -> dict[tuple[int, str], str]:
    """Every move in words, by round and player."""
    from unrigged.protocol import Decision, after

    names, answer, number = state.mechanism.setting.players, {}, 0
    rounds = [running for running in state.rounds if running.label]
    for place, event in enumerate(state.history):
        if not event.moves:
            continue
        position, _ = after(state.mechanism, state.history[:place])
        assert isinstance(position, Decision)
        for player, move in event.moves:
            space = position.space(player)
            assert space is not None
            answer[rounds[number].number, names[player]] = f"{names[player]} {space.describe(move)}"
        number += 1
    return answer


def moves_csv(state: Session) -> str:
    """The table of moves: commas, one line of names, texts that a spreadsheet would compute with made harmless."""
    need_end(state)
    text = StringIO()
    table = csv.DictWriter(text, list(COLUMNS), lineterminator="\r\n")
    table.writeheader()
    for row in rows(state):
        flat = {**row, "move": _json(row["move"]), "result": _json(row["result"])}
        table.writerow({name: _harmless(name, value) for name, value in flat.items()})
    return text.getvalue()


FREE_TEXT = ("title", "player", "in_words", "reason", "unit")
"""Columns whose content people have chosen."""


def _harmless(name: str, value: object) -> object:
    """A text that begins as a formula does gets an apostrophe before it."""
    if name in FREE_TEXT and isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return "" if value is None else value


def _json(value: object) -> str:
    return "" if value is None else dumps(value, sort_keys=True, ensure_ascii=False)


def session_json(state: Session) -> dict[str, Any]:
    """The session as one JSON document."""
    need_end(state)
    opening, end = state.entries[0].fields, state.entries[-1].fields
    settled = state.status == "settled"
    from unrigged.sealed.encoding import text_of

    return {
        "session": state.id,
        "title": state.title,
        "status": state.status,
        "void": state.void_reason,
        "play": opening["play"],
        "version": opening["version"],
        "house": opening["house"],
        "committee": {"trustees": [each.name for each in state.trustees], "threshold": state.threshold},
        "participants": [
            {"player": each.player, "kind": each.kind, "joined": each.player in state.keys}
            for each in state.participants.values()
        ],
        "money": state.money.to_json(),
        "seconds": state.seconds,
        "events": list(events_to_json(state.mechanism, state.history)),
        "moves": list(rows(state)),
        "outcome": end["outcome"] if settled else None,
        "payments": end["payments"] if settled else None,
        "log": {"size": state.size, "root": text_of(state.tree.root)},
    }


def dictionary() -> str:
    """The data dictionary: every column and field, with what it holds."""
    parts = ["The table of moves (CSV, UTF-8), one row for each move that counted:\n"]
    parts += [f"{name:14} {words}" for name, words in COLUMNS.items()]
    parts += ["\nThe JSON document of a session:\n", *(f"{name:14} {words}" for name, words in FIELDS.items())]
    return "\n".join(parts) + "\n"
