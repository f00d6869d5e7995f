"""Advice as JSON; the form is documented in docs/json.md and stable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from unrigged.advice import Advice, Choice, Expected, Turn
from unrigged.exact import written
from unrigged.results import FORMAT, parameters_to_json
from unrigged.searches import Search
from unrigged.transcripts import events_to_json


def advice_to_json(advice: Advice) -> dict[str, Any]:
    """The advice as `unrigged advise --json` prints it."""
    names = advice.scenario.setting.players
    return {
        "unrigged": FORMAT,
        "kind": "advice",
        "title": advice.scenario.title,
        "mechanism": advice.scenario.mechanism.name,
        "parameters": parameters_to_json(advice.scenario),
        "agent": [names[player] for player in advice.agent],
        "events": list(events_to_json(advice.scenario.mechanism, advice.history)),
        "turns": [_turn(advice, turn) for turn in advice.turns],
        "expected": _expected(advice, advice.expected),
        "searches": [search_to_json(search) for search in advice.searches],
        "proved": advice.proved,
        "notes": list(advice.notes),
    }


def _turn(advice: Advice, turn: Turn) -> dict[str, Any]:
    events = list(events_to_json(advice.scenario.mechanism, turn.history))
    return {
        "decision": turn.label,
        "mechanism": turn.mechanism.name,
        "assumed": events[len(advice.history) :],
        "probability": written(turn.probability),
        "choices": _choices(advice, turn, turn.choices),
        "others": _choices(advice, turn, turn.others),
        "known": {
            "optimal": turn.notes.optimal,
            "indifferent": turn.notes.indifferent,
            "reveals": turn.notes.reveals,
        },
    }


def _choices(advice: Advice, turn: Turn, choices: Iterable[Choice]) -> list[dict[str, Any]]:
    names = advice.scenario.setting.players
    return [
        {
            "readings": [{"name": name, "words": words} for name, words in choice.readings],
            "moves": {names[each.player]: each.data for each in choice.moves},
            "words": {names[each.player]: each.words for each in choice.moves},
            "expected": _expected(advice, choice.expected),
            "greatest": choice.expected is not None and choice.expected.joint == turn.best,
        }
        for choice in choices
    ]


def _expected(advice: Advice, expected: Expected | None) -> dict[str, Any] | None:
    if expected is None:
        return None
    names = advice.scenario.setting.players
    utilities = zip(advice.agent, expected.utilities, strict=True)
    return {
        "utilities": {names[player]: written(utility) for player, utility in utilities},
        "joint": written(expected.joint),
    }


def search_to_json(search: Search) -> dict[str, Any]:
    """A search: what for, what was found, and how good it is known to be."""
    found = search.found
    return {
        "what": search.what,
        "value": written(found.value),
        "bound": written(found.bound),
        "gap": written(found.gap),
        "proof": found.proof,
        "seconds": f"{found.seconds:.3f}",
        "notes": list(found.notes),
    }
