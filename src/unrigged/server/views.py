"""What everybody may see of a session, as JSON: nothing here is secret, and nothing else leaves the house."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from unrigged.exact import written
from unrigged.narrative import narrate
from unrigged.protocol import Decision
from unrigged.sealed.encoding import text_of
from unrigged.server.forms import form
from unrigged.server.money import ROUNDINGS
from unrigged.server.session import Running, Session
from unrigged.server.trustees import HOUSE_TRUSTEE

REMEMBERED = 200


class Teller:
    """Tells what has happened in sessions, and remembers it until more has: that is when a round is opened."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, tuple[int, list[dict[str, str]]]] = OrderedDict()

    def told(self, state: Session) -> list[dict[str, str]]:
        """The play so far, line by line, in words."""
        rounds, lines = self._told.pop(state.id, (-1, []))
        if rounds != len(state.results):
            lines = told(state)
        self._told[state.id] = (len(state.results), lines)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return lines


def told(state: Session) -> list[dict[str, str]]:
    """The play so far, line by line, in words."""
    lines = narrate(state.mechanism, state.history)
    return [{"kind": line.kind, "label": line.label, "words": line.words} for line in lines]


def view(
    state: Session, present: Iterable[str] = (), player: str = "", teller: Teller | None = None
) -> dict[str, Any]:  # fmt: skip
    """A session as everybody sees it; `present`: the participants who have shown that they have a page open;
    `player`: whose move in this round is described by a form (those of 200 participants would be a megabyte);
    `teller`: who remembers what has been told before."""
    here = set(present)
    opening = state.entries[0].fields
    return {
        "session": state.id,
        "title": state.title,
        "status": state.status,
        "size": state.size,
        "root": text_of(state.tree.root),
        "time": state.now,
        "play": opening["play"],
        "rules": [{"step": rule.step, "text": rule.text} for rule in state.mechanism.rules()],
        "guarantee": state.mechanism.guarantee,
        "assumption": state.mechanism.assumption,
        "version": opening["version"],
        "house": opening["house"],
        "opening": text_of(state.opening.digest),
        "seconds": state.seconds,
        "digits": state.digits,
        "money": {**state.money.to_json(), "words": ROUNDINGS[state.money.rounding]},
        "beacon": state.beacon,
        "committee": {
            "trustees": [trustee.name for trustee in state.trustees],
            "threshold": state.threshold,
            "operator_reads": operator_reads(state),
        },
        "participants": [
            {
                "player": each.player,
                "kind": each.kind,
                "joined": each.player in state.keys,
                "key": text_of(state.keys.get(each.player, b"")),
                "present": each.player in here,
            }
            for each in state.participants.values()
        ],
        "round": _round(state, player) if state.rounds else None,
        "rounds_done": len(state.results),
        "told": told(state) if teller is None else teller.told(state),
        "refused": [result.details for result in state.results],
        "messages": [{"time": time, "text": text} for time, text in state.messages],
        "void": state.void_reason,
        "result": _result(state),
    }


def operator_reads(state: Session) -> bool:
    """Whether the operator alone could open envelopes: his own trustee suffices."""
    return sum(trustee.name == HOUSE_TRUSTEE for trustee in state.trustees) >= state.threshold


def _round(state: Session, mover: str) -> dict[str, Any]:
    now: Running = state.current
    committee = state.committee(now.number)
    position = state.position
    spaces: dict[str, Any] = {}
    forms: dict[str, Any] = {}
    if now.result is None and isinstance(position, Decision):
        names = state.mechanism.setting.players
        spaces = {names[player]: {"default": space.encode(space.default), "in_words": space.describe(space.default)}
                  for player, space in position.actors}  # fmt: skip
        forms = {names[player]: form(space) for player, space in position.actors if names[player] == mover}
    return {
        "number": now.number, "label": now.label, "actors": list(now.actors), "size": now.size,
        "deadline": now.deadline, "moved": sorted(now.moves), "open": now.closing == b"",
        "defaults": spaces, "forms": forms, "keys": [text_of(key) for key in committee.keys],
        "threshold": committee.threshold,
    }  # fmt: skip


def _result(state: Session) -> dict[str, Any] | None:
    if state.status != "settled" or state.outcome is None:
        return None
    settled = state.entries[-1].fields
    exact = [written(price) for price in state.outcome.prices]
    rows = [
        {"player": name, "payment": settled["payments"][name], "exact": price}
        for name, price in zip(state.mechanism.setting.players, exact, strict=True)
    ]
    return {**settled, "exact": exact, "rows": rows}
