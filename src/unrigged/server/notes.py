"""What a scenario says of one participant alone: his private note, which rides in the fragment of his link.

The house keeps it until he has joined, since the organiser has to be able to send the link again; it is never sent to
anybody by the server, and not part of the log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from unrigged.context import Bounds, Box, Context, Knowledge, Nothing, Perfect, Precision, Profiles
from unrigged.exact import written
from unrigged.formats.knowledge import knowledge_to_json
from unrigged.moves.reports import valuation_in_words
from unrigged.scenario import Scenario
from unrigged.sealed.encoding import text_of
from unrigged.setting import Setting
from unrigged.valuations import Type, Valuation

Note = dict[str, Any]


def notes(scenario: Scenario) -> dict[str, Note]:
    """Everybody's note: `lines` in words, and `type`, `knowledge`, `together` as in a scenario file (docs/scenario.md).
    Nobody has one where the scenario has no types."""
    context = scenario.context
    if context is None:
        return {}
    names = context.setting.players
    known = knowledge_to_json(context)
    answer = {}
    for player, name in enumerate(names):
        mates = next(block for block in context.coalitions if player in block)
        together = [names[mate] for mate in mates if mate != player]
        answer[name] = {
            "lines": _lines(context, player, together),
            "type": context.types[player].to_json(),
            "knowledge": known[name] if isinstance(known, Mapping) and name in known else known,
            "together": together,
        }
    return answer


def fragment(token: str, note: Mapping[str, Any] | None) -> str:
    """What comes after the # of a participant's link: `t`, his token, and `k`, his note, in base64url."""
    if note is None:
        return f"t={token}"
    return f"t={token}&k={text_of(json.dumps(note, ensure_ascii=False, separators=(',', ':')).encode())}"


def _lines(context: Context, player: int, together: list[str]) -> list[str]:
    setting = context.setting
    lines = [f"What things are worth to you: {_worth(setting, context.types[player])}."]
    if together:
        lines.append(f"You act as one with {', '.join(together)}; nobody else has been told.")
    lines += _known(context, context.knowledge[player], player)
    return lines


def _known(context: Context, known: Knowledge, player: int) -> list[str]:
    setting = context.setting
    names = setting.players
    if isinstance(known, Perfect):
        return [
            f"You know what things are worth to {names[other]}: {_worth(setting, one)}."
            for other, one in enumerate(context.types)
            if other != player
        ]
    if isinstance(known, Nothing):
        return ["You know nothing of what things are worth to the others."]
    if isinstance(known, Precision):
        return [f"You know what things are worth to the others, each value rounded down to a multiple of {known.step}."]
    if isinstance(known, Bounds):
        return _each(setting, known.lower, "You know that to {} things are worth at least: {}.")
    if isinstance(known, Box):
        lower = _each(setting, known.lower, "You believe that to {} things are worth at least: {}.")
        return lower + _each(setting, known.upper, "You believe that to {} things are worth at most: {}.")
    assert isinstance(known, Profiles)
    return [f"You believe one of {len(known.profiles)} cases to be true."] + [
        f"Case {number}: " + "; ".join(f"to {names[i]} {_worth(setting, one)}" for i, one in enumerate(profile)
                                       if i != player) + "."
        for number, profile in enumerate(known.profiles, start=1)
    ]  # fmt: skip


def _each(setting: Setting, types: Mapping[int, Type], words: str) -> list[str]:
    return [words.format(setting.players[other], _worth(setting, one)) for other, one in sorted(types.items())]


def _worth(setting: Setting, one: Type) -> str:
    if isinstance(one, Valuation):
        return valuation_in_words(one)
    states = setting.need_states("a type")
    told = [f"{state} {written(value)}" for state, value in zip(states, one.values, strict=True)]
    return ", ".join(told)
