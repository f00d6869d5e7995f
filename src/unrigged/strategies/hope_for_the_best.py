"""Three of the many equilibria of HOPE-FOR-THE-BEST.

Source: Chen, Hassidim and Micali 2010, footnote 3; Chen, Hassidim and Micali 2009, section 1.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.profiles import ProfileSpace
from unrigged.protocol import Decision, History
from unrigged.strategies.base import Individual, Notes, Strategy

Values = tuple[tuple[Exact, ...], ...]


def true_values(context: Context) -> Values:
    """Every player's true value of every listed state."""
    states = range(len(context.setting.need_states("a report of all values")))
    return tuple(tuple(context.worth(player, state) for state in states) for player in context.setting.everyone)


@dataclass(frozen=True)
class ReportDivided(Individual):
    """Reports all true values divided by `divisor` (1: the truth), rounded down to integers."""

    context: Context
    divisor: int = 1

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        return tuple(tuple(value // self.divisor for value in values) for values in true_values(self.context))


@dataclass(frozen=True)
class ReportOneState(Individual):
    """Reports, for one state, the least value anybody has for it as everybody's, and 0 elsewhere.

    The state is the one of least total value among those everybody values (the first of them); where there is none,
    the truth is reported.
    """

    context: Context

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        assert isinstance(space, ProfileSpace)
        truth = true_values(self.context)
        columns = list(zip(*truth, strict=True))
        valued = [state for state, column in enumerate(columns) if min(column) > 0]
        if not valued:
            return truth
        chosen = min(valued, key=lambda state: sum(columns[state]))
        reported = tuple(min(column) if state == chosen else 0 for state, column in enumerate(columns))
        return (reported,) * len(truth)


READINGS = {
    "truthful": "report everybody's true values",
    "divided-by-2": "report everybody's true values divided by 2 (rounded down): revenue halves, utilities grow",
    "one-state": "report for one state everybody values the least of these values, and 0 elsewhere",
}

NOTES = Notes(
    optimal="Only an equilibrium, one of very many: your report is best if everybody else reports exactly the same, "
    "and worth nothing otherwise. Reports of smaller values are equilibria too, and better for all players.",
    indifferent="If the others do not agree among themselves, every report is worth the same to you: nothing.",
    reveals="To everybody: whatever you report of everybody's values in every state, your own among them.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """One of the equilibria; the members of a coalition report alike."""
    if reading == "one-state":
        return ReportOneState(benchmarks.context)
    return ReportDivided(benchmarks.context, 2 if reading == "divided-by-2" else 1)
