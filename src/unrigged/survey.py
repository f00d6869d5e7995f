"""All benchmarks of a scenario: what the mechanisms' promises are measured by, each with an outcome that attains it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

from unrigged.benchmarks import Benchmark, Benchmarks
from unrigged.context import Coalition, Context
from unrigged.errors import InputError
from unrigged.exact import Exact, exact, written
from unrigged.mechanisms.best_belief import BestBelief
from unrigged.results import FORMAT
from unrigged.scenario import Scenario
from unrigged.transcripts import outcome_to_json
from unrigged.winners import Progress

MEANINGS = {
    "MSW": "the greatest total value of any result",
    "MKW": "the greatest MKW of any coalition, of players alone too",
    "MKW_A": "what coalition A knows how to reach: members count with their values, others with what A is sure of",
    "MIEW": "the greatest MIEW of any player who colludes with nobody",
    "MIEW_i": "what player i is sure the others can get out of the goods or states",
    "BB": "the greatest BB of any player",
    "BB'": "the greatest BB of any player who colludes with nobody",
    "BB_i": "the revenue player i is sure to get by selling to the others, at prices that are positive multiples "
    "of the mechanism's price step (1 where it has none)",
}
"""Every kind of benchmark in words, by its name in the papers."""


@dataclass(frozen=True)
class Row:
    """One benchmark: its kind (of `MEANINGS`), whose it is (empty for the greatest of several, and for MSW), itself."""

    kind: str
    agent: Coalition
    benchmark: Benchmark


@dataclass(frozen=True)
class Survey:
    """The benchmarks of a scenario, `notes`: what the reader should know of them."""

    scenario: Scenario
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def proved(self) -> bool:
        """Whether all of them are the benchmarks themselves and not only bounds."""
        return all(row.benchmark.optimal for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """The benchmarks as `unrigged benchmark --json` prints them."""
        setting = self.scenario.setting
        return {
            "unrigged": FORMAT,
            "kind": "benchmarks",
            "title": self.scenario.title,
            "meanings": {row.kind: MEANINGS[row.kind] for row in self.rows},
            "benchmarks": [
                {
                    "name": row.kind,
                    "agent": [setting.players[player] for player in row.agent],
                    "value": written(row.benchmark.value),
                    "bound": written(row.benchmark.bound),
                    "gap": written(row.benchmark.bound - row.benchmark.value),
                    "proof": row.benchmark.proof,
                    "attained_by": [setting.players[player] for player in row.benchmark.agent],
                    "outcome": outcome_to_json(setting, row.benchmark.outcome),
                    "notes": list(row.benchmark.notes),
                }
                for row in self.rows
            ],
            "proved": self.proved,
            "notes": list(self.notes),
        }


def survey(scenario: Scenario, limit: float | None = None, progress: Progress | None = None) -> Survey:
    """All benchmarks defined for the scenario's domain; `limit`: seconds for all searches together.

    `progress`: told about long searches; where it is given, Ctrl-C ends them with the best found so far.
    Raises InputError where the scenario has no types.
    """
    context = scenario.context
    if context is None:
        raise InputError("types", "none", "types: benchmarks are measured by what results are worth")
    benchmarks = Benchmarks(context, limit=limit, progress=progress)
    rows: list[Row] = []
    step = exact(scenario.mechanism.price_step) if isinstance(scenario.mechanism, BestBelief) else 1
    families = list(_families(context, benchmarks, step))
    begun = perf_counter()
    for position, kinds in enumerate(families):
        left = None if limit is None else max(0.0, limit - (perf_counter() - begun))
        rows.extend(_family(benchmarks, None if left is None else left / (len(families) - position), kinds))
    notes = list(scenario.notes)
    if benchmarks.stopped:
        notes.append("interrupted: what had been found by then")
    return Survey(scenario, tuple(rows), tuple(notes))


Kinds = Sequence[tuple[str, Coalition, Callable[[], Benchmark]]]
"""Benchmarks of one family, the greatest of them first: kind, agent, and what computes it."""


def _families(context: Context, benchmarks: Benchmarks, step: Exact) -> Iterable[Kinds]:
    everyone = [(player,) for player in context.setting.everyone]
    yield [("MSW", (), benchmarks.msw)]
    yield [
        ("MKW", (), benchmarks.mkw),
        *(("MKW_A", agent, partial(benchmarks.mkw, agent)) for agent in context.coalitions),
    ]
    yield [
        ("MIEW", (), benchmarks.miew),
        *(("MIEW_i", alone, partial(benchmarks.miew, alone[0])) for alone in everyone),
    ]
    if context.setting.goods is not None:
        yield [
            ("BB", (), partial(benchmarks.best_belief, step=step)),
            ("BB'", (), partial(benchmarks.best_belief_independent, step=step)),
            *(("BB_i", alone, partial(benchmarks.best_belief, alone[0], step=step)) for alone in everyone),
        ]


def _family(benchmarks: Benchmarks, limit: float | None, kinds: Kinds) -> Iterable[Row]:
    """The rows of one family, which share `limit` seconds: the greatest first, the rest evenly what that leaves."""
    begun = perf_counter()
    rows = []
    for position, (kind, agent, compute) in enumerate(kinds):
        if limit is not None:
            left = max(0.0, limit - (perf_counter() - begun))
            benchmarks.within(left / (len(kinds) - position) if agent else left)
        rows.append(Row(kind, agent, compute()))
    return rows
