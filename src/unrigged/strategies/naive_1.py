"""Rational play of naive-1: two of its many equilibria.

Source: Azar, Chen and Micali 2011, section 5.1, footnote 18.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.proposing import Proposing
from unrigged.moves.base import Move
from unrigged.protocol import Decision, History
from unrigged.setting import Allocation
from unrigged.strategies.base import Notes, Silent, Strategy
from unrigged.strategies.naive import truthful
from unrigged.strategies.proposing import best_allocation


@dataclass(frozen=True)
class Coordinate(Strategy):
    """Announces the outcome that everybody may expect everybody to announce: the truthful one, the gain of which goes
    to the first player."""

    benchmarks: Benchmarks

    @cached_property
    def best(self) -> Allocation | None:
        """The allocation to announce; None for the endowment."""
        return best_allocation(self.benchmarks)

    def moves(self, decision: Decision, movers: Coalition, history: History) -> Mapping[int, Move]:
        mechanism = decision.then.mechanism
        assert isinstance(mechanism, Proposing)
        outcome = truthful(mechanism, self.benchmarks.context, (mechanism.proposer,), self.best)
        return dict.fromkeys(movers, outcome)


READINGS = {
    "truthful": "all announce the truthful outcome in which the first player keeps the gain (footnote 18)",
    "stay": "all announce that everything stays as it is: an equilibrium as well",
}

NOTES = Notes(
    optimal="Only an equilibrium, one of many: best if everybody else announces the same outcome. If the announcements "
    "differ, everything stays as it is.",
    indifferent="If the others do not all announce the same, every announcement is worth the same to you: nothing "
    "changes hands.",
    reveals="To everybody: an outcome that you would agree to, and what you think the others gain by it.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """One of the equilibria, which `reading` picks; the same for every agent."""
    return Coordinate(benchmarks) if reading == "truthful" else Silent()
