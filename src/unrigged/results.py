"""What a scenario gives: one play, or the exact distribution, with everybody's utility; as objects and as JSON.

The JSON forms are documented in docs/json.md and stable: exact numbers are texts ("3", "1/2"), names the scenario's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from unrigged.benchmarks import Benchmarks
from unrigged.context import Context
from unrigged.exact import written
from unrigged.play import Distribution, Play, outcomes, play
from unrigged.scenario import Scenario
from unrigged.strategies.base import Profile
from unrigged.transcripts import outcome_to_json, transcript_to_json

Say = Callable[[str], None]
"""Told what long work is being done."""

UNPROVED_SHOWN = 5

FORMAT = 1
"""The version of the JSON forms."""


@dataclass(frozen=True)
class Played:
    """One play of a scenario, drawn from `seed`."""

    scenario: Scenario
    play: Play
    seed: int
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The play as `unrigged run --json` prints it."""
        context = self.scenario.context
        document: dict[str, Any] = {
            "unrigged": FORMAT,
            "kind": "play",
            "title": self.scenario.title,
            **transcript_to_json(self.scenario.mechanism, self.play.history, self.play.outcome, self.seed),
            "probability": written(self.play.probability),
            "bits": self.play.bits,
            "revenue": written(self.play.outcome.revenue),
        }
        if context is not None:
            document["welfare"] = written(context.welfare(self.play.outcome.result))
            document["utilities"] = _by_name(context, lambda player: context.utility(player, self.play.outcome))
        return {**document, "notes": list(self.notes)}


@dataclass(frozen=True)
class Computed:
    """The exact distribution of a scenario's plays."""

    scenario: Scenario
    distribution: Distribution
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The distribution as `unrigged outcomes --json` prints it."""
        context, setting = self.scenario.context, self.scenario.setting
        document: dict[str, Any] = {
            "unrigged": FORMAT,
            "kind": "distribution",
            "title": self.scenario.title,
            "mechanism": self.scenario.mechanism.name,
            "parameters": parameters_to_json(self.scenario),
            "terminal_histories": len(self.distribution.plays),
            "outcomes": [
                {
                    "probability": written(chance),
                    **outcome_to_json(setting, outcome),
                    "revenue": written(outcome.revenue),
                }
                for outcome, chance in self.distribution.outcomes
            ],
            "expected": {"revenue": written(self.distribution.revenue), "bits": written(self.distribution.bits)},
        }
        if context is not None:
            for row, (outcome, _) in zip(document["outcomes"], self.distribution.outcomes, strict=True):
                row["welfare"] = written(context.welfare(outcome.result))
            document["expected"]["welfare"] = written(self.distribution.welfare(context))
            document["expected"]["utilities"] = _by_name(context, lambda i: self.distribution.utility(context, i))
            document["expected"]["coalitions"] = [
                {
                    "members": [setting.players[player] for player in members],
                    "utility": written(self.distribution.utility(context, members)),
                }
                for members in context.coalitions
            ]
        return {**document, "notes": list(self.notes)}


def _by_name(context: Context, utility: Callable[[int], Fraction | int]) -> dict[str, str]:
    return {name: written(utility(player)) for player, name in enumerate(context.setting.players)}


def parameters_to_json(scenario: Scenario) -> dict[str, Any]:
    """The mechanism's parameters, exact numbers as texts."""
    from unrigged.transcripts import parameter_to_json

    mechanism = scenario.mechanism
    return {each.name: parameter_to_json(mechanism, getattr(mechanism, each.name)) for each in mechanism.parameters()}


def play_once(scenario: Scenario, seed: int, limit: float | None, say: Say) -> Played:
    """One play of `scenario`; all searches for best announcements share `limit` seconds, then the best found counts."""
    profile, benchmarks = _profile(scenario, limit)
    say("computing announcements and playing ...")
    played = play(scenario.mechanism, profile, seed=seed)
    return Played(scenario, played, seed, (*scenario.notes, *unproved(benchmarks)))


def distribution(scenario: Scenario, limit: float | None, say: Say) -> Computed:
    """The exact distribution of `scenario`; `limit` as for `play_once`."""
    profile, benchmarks = _profile(scenario, limit)
    say("computing announcements and every terminal history ...")
    found = outcomes(scenario.mechanism, profile)
    return Computed(scenario, found, (*scenario.notes, *unproved(benchmarks)))


def _profile(scenario: Scenario, limit: float | None) -> tuple[Profile, Benchmarks | None]:
    if scenario.context is None:
        return scenario.profile(), None
    benchmarks = Benchmarks(scenario.context)
    benchmarks.within(limit)
    return scenario.profile(benchmarks=benchmarks), benchmarks


def unproved(benchmarks: Benchmarks | None) -> tuple[str, ...]:
    """Which searches ended without a proof that the answer is best: a note for each of the worst few."""
    searches = [] if benchmarks is None else [each for each in benchmarks.searches if not each.found.optimal]
    ranked = sorted(searches, key=lambda each: each.found.gap, reverse=True)
    notes = [
        f"best found, not proved best: {each.what}: {written(each.found.value)}, at most {written(each.found.bound)}"
        for each in ranked[:UNPROVED_SHOWN]
    ]
    if len(ranked) > UNPROVED_SHOWN:
        notes.append(f"and {len(ranked) - UNPROVED_SHOWN} more announcements that are not proved best")
    return tuple(notes)
