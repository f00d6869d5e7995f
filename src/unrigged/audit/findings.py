"""What an audit finds: everything in order, or the first entry and rule that is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from unrigged.errors import UnriggedError
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.protocol import History


class Broken(UnriggedError):
    """A rule is broken: `entry` is the number of the first entry that does (None for the bundle as a whole)."""

    def __init__(self, rule: str, words: str, entry: int | None = None) -> None:
        self.rule, self.words, self.entry = rule, words, entry
        super().__init__(str(self))

    def __str__(self) -> str:
        where = "the bundle" if self.entry is None else f"entry {self.entry}"
        return f"{where} breaks the rule '{self.rule}': {self.words}"


@contextmanager
def at(entry: int | None, rule: str = "form") -> Iterator[None]:
    """Whatever goes wrong inside breaks a rule at `entry`: the one it names, or else `rule`."""
    try:
        yield
    except Broken as broken:
        raise (
            broken if broken.entry is not None or entry is None else Broken(broken.rule, broken.words, entry)
        ) from None
    except Exception as error:  # whatever a forger makes fail is a broken rule, not a failure of the audit
        raise Broken(rule, str(error)[:500] or type(error).__name__, entry) from None


def need(condition: bool, rule: str, words: str) -> None:
    """Broken unless the condition holds."""
    if not condition:
        raise Broken(rule, words)


@dataclass
class Findings:
    """What was verified: the play, and how many checks of each rule held."""

    session: str = ""
    title: str = ""
    mechanism: Mechanism | None = None
    history: History = ()
    outcome: Outcome | None = None
    payments: dict[str, str] = field(default_factory=dict)
    status: str = "unfinished"
    void: str = ""
    checks: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    """Rounds, players and reasons for which a default was taken."""
    opening: dict[str, Any] = field(default_factory=dict)
    times: list[tuple[int, str]] = field(default_factory=list)
    beacons: list[tuple[int, str]] = field(default_factory=list)
    """Rounds, and what the house says the beacon's value for them is."""
    operator_reads: bool = True
    """Whether the house's own trustee could open moves alone."""
    warnings: list[str] = field(default_factory=list)
    """What this audit cannot show."""

    def held(self, rule: str) -> None:
        """One more check of `rule` has held."""
        self.checks[rule] = self.checks.get(rule, 0) + 1


Check = Callable[[bool, str, str], None]
