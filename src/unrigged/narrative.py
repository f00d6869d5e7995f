"""A play in words: what everybody announced, what the mechanism found, what the coins showed, how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unrigged.errors import InputError
from unrigged.exact import written
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome, prices_in_words, result_in_words
from unrigged.protocol import Chance, Decision, History, Position, settle


@dataclass(frozen=True)
class Line:
    """One line of a narrated play: what kind it is (`move`, `coin`, `finding`, `outcome`), its label, and its words."""

    kind: str
    label: str
    words: str


def narrate(mechanism: Mechanism, history: History) -> Iterator[Line]:
    """`history` of `mechanism` line by line, the outcome last. InputError where the history does not fit."""
    names = mechanism.setting.players
    current = mechanism
    position, paid = settle(mechanism.start())
    for event in history:
        if isinstance(position, Chance):
            current = position.branches[0].then.mechanism
            yield from _finding(current, position)
            branch = position.branch(event.side)
            current = branch.then.mechanism
            yield Line("coin", event.label, f"shows {event.side} (probability {written(branch.probability)})")
            position, paid = settle(branch.then(), paid)
        elif isinstance(position, Decision):
            current = position.then.mechanism
            yield from _finding(current, position)
            moves = dict(event.moves)
            for player, space in position.actors:
                yield Line("move", event.label, f"{names[player]} {space.describe(moves[player])}")
            position, paid = settle(position.after([moves[player] for player, _ in position.actors]), paid)
        else:
            raise InputError("transcript", f"'{event.label}' after the end", "nothing after the outcome")
    yield from _finding(current, position)
    if isinstance(position, Outcome):
        yield Line("outcome", "result", result_in_words(mechanism.setting, position.result))
        yield Line("outcome", "prices", prices_in_words(mechanism.setting, position.prices))


def _finding(mechanism: Mechanism, position: Position) -> Iterator[Line]:
    words = mechanism.comment(position)
    if words:
        yield Line("finding", "", words)
