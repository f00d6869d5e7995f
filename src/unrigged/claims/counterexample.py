"""Counterexamples: scenarios that contradict a claim, the figures in which they do, and their confirmation.

A counterexample is confirmed by another path than the one that found it: its scenarios are written as files, read back,
and every figure is computed from the exact distribution of their plays (`unrigged.play.outcomes`), which knows nothing
of games, solvers and claims.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from unrigged.benchmarks import Benchmarks
from unrigged.context import Context
from unrigged.errors import InputError
from unrigged.exact import Exact, written
from unrigged.formats import parse_document, scenario_from, write_scenario
from unrigged.mechanisms import BY_NAME
from unrigged.mechanisms.base import Mechanism
from unrigged.play import Distribution, outcomes
from unrigged.protocol import Event, after
from unrigged.scenario import Plan, Scenario
from unrigged.strategies.base import Profile
from unrigged.transcripts import events_to_json, outcome_to_json

Sign = Literal["<", "<=", "=", "!=", ">=", ">"]

SIGNS: dict[Sign, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, "=": operator.eq, "!=": operator.ne, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip


@dataclass(frozen=True)
class Replayed:
    """A scenario with the exact distribution of its plays."""

    scenario: Scenario
    distribution: Distribution

    @property
    def context(self) -> Context:
        """The players' types, knowledge and coalitions; InputError where the scenario has none."""
        if self.scenario.context is None:
            raise InputError("counterexample", "a scenario without types", "types, by which utilities are measured")
        return self.scenario.context


Players = tuple[int, ...]


def _extreme(pick: Callable[..., Any]) -> Callable[[Replayed, Players], Exact]:
    def measure(played: Replayed, players: Players) -> Exact:
        answer: Exact = pick(played.context.joint_utility(players, play.outcome) for play in played.distribution.plays)
        return answer

    return measure


def _history(played: Replayed, players: Players) -> Any:
    likeliest = max(played.distribution.plays, key=lambda play: play.probability)
    return list(events_to_json(played.scenario.mechanism, likeliest.history))


def _outcome(played: Replayed, players: Players) -> Any:
    likeliest = max(played.distribution.plays, key=lambda play: play.probability)
    return outcome_to_json(played.scenario.setting, likeliest.outcome)


def _benchmark(name: str) -> Callable[[Replayed, Players], Exact]:
    def measure(played: Replayed, players: Players) -> Exact:
        of = [players if name == "mkw" else players[0]] if players else []
        value: Exact = getattr(Benchmarks(played.context), name)(*of).value
        return value

    return measure


MEASURES: dict[str, Callable[[Replayed, Players], Any]] = {
    "utility": lambda played, players: played.distribution.utility(played.context, players),
    "least utility": _extreme(min),
    "greatest utility": _extreme(max),
    "revenue": lambda played, players: played.distribution.revenue,
    "least revenue": lambda played, players: min(play.outcome.revenue for play in played.distribution.plays),
    "greatest revenue": lambda played, players: max(play.outcome.revenue for play in played.distribution.plays),
    "welfare": lambda played, players: played.distribution.welfare(played.context),
    "performance": lambda played, players: played.distribution.revenue + played.distribution.welfare(played.context),
    "price": lambda played, players: played.distribution.expected(
        lambda outcome: sum((outcome.prices[player] for player in players), Fraction(0))
    ),
    "bits": lambda played, players: played.distribution.bits,
    "terminal histories": lambda played, players: len(played.distribution.plays),
    "likeliest probability": lambda played, players: max(play.probability for play in played.distribution.plays),
    "likeliest outcome": _outcome,
    "likeliest history": _history,
    "MSW": _benchmark("msw"),
    "MKW": _benchmark("mkw"),
    "MIEW": _benchmark("miew"),
    "BB": _benchmark("best_belief"),
}
"""What can be measured on the plays of a scenario; for some players, jointly, where `players` are named."""


@dataclass(frozen=True)
class Figure:
    """`measure` (of `MEASURES`) of the case of that name; `players`: whose, where it is somebody's."""

    case: str
    measure: str
    players: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise InputError("figure", f"'{self.measure}'", f"one of {', '.join(MEASURES)}")


@dataclass(frozen=True)
class Relation:
    """A comparison of a figure with another or with a constant, which contradicts the claim where it is true."""

    left: Figure
    sign: Sign
    right: Figure | Exact


@dataclass(frozen=True)
class Counterexample:
    """Scenarios by name, and the relations between their figures that contradict the claim when all are true.

    The first case is the one to look at first. `players` and names in `why` are those of the scenarios.
    """

    cases: Mapping[str, Scenario]
    relations: tuple[Relation, ...]

    def __post_init__(self) -> None:
        figures = [side for each in self.relations for side in (each.left, each.right) if isinstance(side, Figure)]
        unknown = [figure.case for figure in figures if figure.case not in self.cases]
        if unknown or not self.relations or not self.cases:
            raise InputError("counterexample", f"figures of {unknown or 'nothing'}", f"of {', '.join(self.cases)}")

    def files(self) -> dict[str, str]:
        """The text of the scenario file of every case whose mechanism is one that files can name."""
        return {
            name: write_scenario(scenario if scenario.title else replace(scenario, title=name))
            for name, scenario in self.cases.items()
            if _in_files(scenario.mechanism)
        }

    def replayed(self) -> dict[str, Replayed]:
        """Every case played exactly, from its file read back."""
        read = dict(self.cases)
        for name, text in self.files().items():
            read[name] = scenario_from(parse_document(text, name, ".yaml"), name)
            read[name].check()
        return {name: Replayed(each, outcomes(each.mechanism, each.profile())) for name, each in read.items()}

    def reason_against(self) -> str:
        """Why the scenarios, replayed, do not contradict the claim; empty where they do."""
        played = self.replayed()
        for relation in self.relations:
            left, right = _value(relation.left, played), _value(relation.right, played)
            if not SIGNS[relation.sign](left, right):
                return f"{self._named(relation.left)} is {_text(left)}, which is not {relation.sign} {_text(right)}"
        return ""

    def to_json(self) -> list[dict[str, Any]]:
        """The relations with the figures' values, exact numbers as texts."""
        played = self.replayed()
        return [
            {
                "figure": self._named(each.left),
                "value": _text(_value(each.left, played)),
                "sign": each.sign,
                "than": self._named(each.right) if isinstance(each.right, Figure) else "a constant",
                "other": _text(_value(each.right, played)),
            }
            for each in self.relations
        ]

    def _named(self, figure: Figure) -> str:
        names = self.cases[figure.case].setting.players
        of = f" of {' and '.join(names[player] for player in figure.players)}" if figure.players else ""
        return f"{figure.measure}{of} in {figure.case}"


def _in_files(mechanism: Mechanism) -> bool:
    return BY_NAME.get(mechanism.name) is type(mechanism)


def _value(side: Figure | Exact, played: Mapping[str, Replayed]) -> Any:
    return MEASURES[side.measure](played[side.case], side.players) if isinstance(side, Figure) else side


def _text(value: Any) -> Any:
    return written(value) if isinstance(value, int | Fraction) else value


def scripted(mechanism: Mechanism, context: Context, profile: Profile, title: str = "") -> Scenario:
    """The scenario in which everybody makes the moves that `profile` makes, all of them scripted.

    `profile` is pure. A script goes by the labels of decisions; InputError where somebody moves at one label in
    different ways after different coins, which a script cannot say.
    """
    script: dict[str, dict[str, Any]] = {}
    names = context.setting.players
    for play in outcomes(mechanism, profile).plays:
        for step, event in enumerate(play.history):
            _note_moves(mechanism, play.history[:step], event, names, script)
    silent = tuple((agent, Plan("silent")) for agent in context.coalitions)
    return Scenario(mechanism, context, title, plans=silent, moves=script)


def _note_moves(
    mechanism: Mechanism, before: tuple[Event, ...], event: Event, names: tuple[str, ...], script: dict[str, Any]
) -> None:
    if not event.moves:
        return
    decision, _ = after(mechanism, before)
    for player, move in event.moves:
        space = decision.space(player)  # type: ignore[union-attr]
        assert space is not None
        form = space.encode(move)
        made = script.setdefault(event.label, {})
        if made.setdefault(names[player], form) != form:
            raise InputError(f"moves.{event.label}.{names[player]}", "different moves after different coins",
                             "one move at a label", "use plans for what depends on coins")  # fmt: skip
