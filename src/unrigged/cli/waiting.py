"""What the command line shows while it searches, and how long it may: `--limit 10s`, and a live line of progress."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import typer
from rich.console import Console

from unrigged.exact import Exact
from unrigged.winners import Progress

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str | float) -> float:
    """`10`, `10s`, `2m`, `1.5h`, `0` as seconds; a wrong one is a wrong call.

    >>> [seconds(text) for text in ("10", "10s", "2m", "0", "0.5s")]
    [10.0, 10.0, 120.0, 0.0, 0.5]
    """
    match = re.fullmatch(r"\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([smh]?)\s*", str(text))
    if match is None:
        raise typer.BadParameter(f"found '{text}', expected a time such as 10s, 2m, 0.5 (seconds), or 0")
    return float(match[1]) * UNITS[match[2]]


@contextmanager
def live(silent: bool) -> Iterator[Progress]:
    """A line on the terminal's error stream that tells how far a search is (none where there is no terminal, or when
    `silent`); Ctrl-C ends the search, not the program.
    """
    stderr = Console(stderr=True, highlight=False)
    if silent or not stderr.is_terminal:
        yield quiet
        return
    with stderr.status("searching ... (Ctrl-C: make do with what is found)") as status:
        yield lambda value, bound, spent: status.update(
            f"best found {_short(value)}, at most {_short(bound)}{_gap(value, bound)}, {spent:.0f} s "
            "(Ctrl-C: make do with this)"
        )


def quiet(value: Exact, bound: Exact, spent: float) -> None:
    """Progress of which nothing is shown."""


def _short(number: Exact) -> str:
    return str(number) if isinstance(number, int) else f"{float(number):.2f}"


def _gap(value: Exact, bound: Exact) -> str:
    return f" ({float(Fraction(bound - value) / value):.1%} more)" if bound > value > 0 else ""
