"""The entries of a log in words, for people who watch or look back."""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.server.entries import Entry
from unrigged.server.session import Session


@dataclass(frozen=True)
class Line:
    """An entry in words: its number, its time and its kind."""

    number: int
    time: int
    kind: str
    words: str


def timeline(state: Session) -> list[Line]:
    """Every entry of the session's log, the oldest first."""
    return [Line(number, one.time, one.kind, _words(state, one)) for number, one in enumerate(state.entries)]


def _words(state: Session, one: Entry) -> str:
    fields = one.fields
    trustee = state.trustees[fields["trustee"]].name if "trustee" in fields else ""
    round_ = f"round {fields['round'] + 1}" if "round" in fields else ""
    match one.kind:
        case "open":
            return f"The session was opened: {state.mechanism.name}, {len(state.participants)} participants."
        case "contribution":
            return f"Trustee «{trustee}» sealed his contributions to the coins of all rounds."
        case "join":
            return f"{fields['player']} took his place."
        case "round":
            asked = "all participants" if len(fields["actors"]) == len(state.participants) else _few(fields["actors"])
            what = f"«{fields['label']}»" if fields["label"] else "everybody contributes to a coin"
            return f"{round_.capitalize()} began: {what}, asked of {asked}."
        case "extend":
            return f"The organiser extended the deadline of {round_}."
        case "message":
            return f"Message of the organiser: {fields['text']}"
        case "move":
            return f"{fields['player']} sent a sealed move for {round_}."
        case "close":
            why = "all had moved" if fields["reason"] == "all moved" else "the deadline had passed"
            return f"{round_.capitalize()} was closed: {why}."
        case "release":
            return f"Trustee «{trustee}» released his key of {round_}."
        case "secret":
            return f"The house disclosed its secret for the coins of {round_}, as committed to at the opening."
        case "beacon":
            return f"The beacon's value for {round_}: {fields['value']}"
        case "opened":
            return f"{round_.capitalize()} was opened.{_coins(fields['events'])}{_defaults(fields['refused'])}"
        case "settled":
            return "The session is settled: the outcome and the payments stand."
        case _:
            return f"The organiser declared the session void: {fields['reason']}"


def _coins(events: list[dict[str, object]]) -> str:
    shown = [f"«{event['label']}» showed {event['side']}" for event in events if "side" in event]
    return f" Coins: {'; '.join(shown)}." if shown else ""


def _defaults(refused: dict[str, str]) -> str:
    return f" What silence means counted for {_few(list(refused))}." if refused else ""


def _few(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
