"""Verdicts, not booleans: what is decided, on which range, why, and with what in hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NoReturn

Status = Literal["holds", "fails", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """The answer of an analysis, built by `holds`, `fails` or `undecided`.

    `why`: the reason in words; where it is undecided, what ran out. `range`: what exactly was covered, in words (which
    players, values, announcements). `evidence`: what lets a reader check that it holds. `counterexample`: what shows
    that it fails. A verdict has no truth value: ask for its status.
    """

    status: Status
    why: str
    range: str = ""
    evidence: Any = None
    counterexample: Any = None

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is not true or false: compare its status with 'holds', 'fails' or 'undecided'")

    def __str__(self) -> str:
        covered = f" [{self.range}]" if self.range else ""
        return f"{self.status}{covered}: {self.why}"


def holds(why: str, *, range: str = "", evidence: Any = None) -> Verdict:
    """The claim holds on all of `range`.

    >>> str(holds("every play ends with the first state", range="2 players, values 0..3"))
    'holds [2 players, values 0..3]: every play ends with the first state'
    """
    return Verdict("holds", why, range, evidence=evidence)


def fails(why: str, *, range: str = "", counterexample: Any = None, evidence: Any = None) -> Verdict:
    """The claim fails, as `counterexample` shows."""
    return Verdict("fails", why, range, evidence, counterexample)


def undecided(why: str, *, range: str = "", evidence: Any = None) -> Verdict:
    """Nothing is known: `why` says what ran out."""
    return Verdict("undecided", why, range, evidence)
