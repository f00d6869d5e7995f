"""Whose fault it is: the input's, a participant's, or a budget's.

Every error names the place in the user's own material, what was found there, what was expected, and where it
helps one way out. Nothing else in the package is raised on purpose.
"""

from __future__ import annotations

import json

SHOWN = 80


class UnriggedError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(UnriggedError):
    """The input (a file, a parameter, a value handed to a constructor) is at fault.

    `where` names the place in the user's terms (`players.alice.values`, `line 12`), `found` and `expected` are
    words, `fix` is one way out.
    """

    def __init__(self, where: str, found: object, expected: str, fix: str = "") -> None:
        self.where, self.found, self.expected, self.fix = where, shown(found), expected, fix
        super().__init__(where, self.found, expected, fix)

    def __str__(self) -> str:
        way_out = f"; {self.fix}" if self.fix else ""
        return f"{self.where}: found {self.found}, expected {self.expected}{way_out}"


class FileError(InputError):
    """A file cannot be read or written (`doing`); `error` is what the operating system says."""

    def __init__(self, where: str, error: OSError, doing: str = "read") -> None:
        self.doing = doing
        words = error.strerror or type(error).__name__
        super().__init__(where, words[:1].lower() + words[1:], f"a file one can {doing}")

    def __str__(self) -> str:
        return f"cannot {self.doing} {self.where}: {self.found}"


class IllegalMove(UnriggedError):
    """A participant's move is not legal at its decision; the play is unchanged."""

    def __init__(self, player: str, label: str, reason: str) -> None:
        self.player, self.label, self.reason = player, label, reason
        super().__init__(player, label, reason)

    def __str__(self) -> str:
        return f"illegal move of {self.player} at '{self.label}': {self.reason}"


class BudgetExceeded(UnriggedError):
    """A stated limit (time, nodes, histories) ran out before an answer was reached."""


def shown(value: object) -> str:
    """`value` as an error message shows it: short, and never a number of thousands of digits."""
    if isinstance(value, int) and value.bit_length() > 4 * SHOWN:
        return f"an integer of {value.bit_length()} bits"
    text = value if isinstance(value, str) else _written(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 20]}... ({len(text)} characters)"


def _written(value: object) -> str:
    """`value` as files write it where they can: null, true, {"left": 3}."""
    if value is None or isinstance(value, bool | dict | list):
        try:
            return json.dumps(value, ensure_ascii=False, default=str)
        except (TypeError, ValueError, RecursionError):
            return repr(value)
    return repr(value)


def nearest(word: str, known: list[str]) -> str:
    """«did you mean …», or the list of what is known when nothing is near."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else "known: " + ", ".join(sorted(known))
