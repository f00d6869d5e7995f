"""What a scenario says of one participant alone: his private note, which rides in the fragment of his link.

The house keeps it until he has joined, since the organiser has to be able to send the link again; it is never sent to
anybody by the server, and not part of the log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from unrigged.context import Bounds, Box, Context, Knowledge, Nothing, Perfect, Precision, Profiles
from unrigged.exact import written
from unrigged.formats.knowledge import knowledge_to_json
from unrigged.scenario import Scenario
from unrigged.sealed.encoding import text_of
from unrigged.setting import Setting
from unrigged.valuations import StateValues, Type, Valuation
from unrigged.valuations.additive import Additive, BudgetAdditive, UnitDemand
from unrigged.valuations.bids import OR, XOR, ExactBundles
from unrigged.valuations.table import Table

Note = dict[str, Any]

MOST_GOODS = 8
"""Of more goods no table of values is put into a link."""

WRITABLE = ("additive", "unit-demand", "budget-additive", "single-minded", "or", "xor", "or*", "exact", "table")
"""The kinds of valuations that a scenario file has."""

SHOWN = 20
"""How many values are told in words; all are in the note's `type`."""


def notes(scenario: Scenario) -> dict[str, Note]:
    """Everybody's note: `lines` in words, and `type`, `knowledge`, `together` as in a scenario file (docs/scenario.md);
    `types`: what he, and those with whom he acts as one, are sure that the others' are at least (where one of them has
    perfect knowledge, the true types); `mates`: what those with whom he acts as one know.

    Nobody has a note where the scenario has no types.
    """
    context = scenario.context
    if context is None:
        return {}
    names = context.setting.players
    rows = knowledge_to_json(context)
    known = rows if isinstance(rows, Mapping) and set(rows) == set(names) else dict.fromkeys(names, rows)
    answer = {}
    for player, name in enumerate(names):
        mates = next(block for block in context.coalitions if player in block)
        together = [names[mate] for mate in mates if mate != player]
        answer[name] = {
            "lines": _lines(context, player, together),
            "type": context.types[player].to_json(),
            "types": _types(context, mates, player),
            "knowledge": known[name],
            "together": together,
            "mates": {mate: known[mate] for mate in together},
        }
    return answer


def _types(context: Context, mates: Sequence[int], player: int) -> dict[str, Any]:
    """What the `mates` are sure between them that the others' types are at least (the types themselves where one of
    them knows all), as a scenario file has them; of whom they know nothing, and whose table of values would be too
    large, nothing."""
    answer = {}
    goods = context.setting.goods
    for other, name in enumerate(context.setting.players):
        known = other in mates or not all(isinstance(context.knowledge[mate], Nothing) for mate in mates)
        if other == player or not known:
            continue
        lower = context.coalition_lower(mates, other)
        if isinstance(lower, StateValues) or goods is None or len(goods) <= MOST_GOODS or lower.kind in WRITABLE:
            answer[name] = lower.to_json()
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
        return _valuation(one)
    states = setting.need_states("a type")
    told = [f"{state} {written(value)}" for state, value in zip(states, one.values, strict=True)]
    return ", ".join(told)


def _valuation(one: Valuation) -> str:
    """A valuation in plain words: what is worth what, and how it adds up."""
    goods = one.goods
    if isinstance(one, Additive | UnitDemand | BudgetAdditive):
        told = [f"{good} {written(value)}" for good, value in zip(goods, one.per_good, strict=True) if value != 0]
        if not told:
            return "nothing is worth anything"
        if isinstance(one, UnitDemand):
            return f"any one of these, the best of them where there are several: {_listed(told)}"
        limit = ""
        if isinstance(one, BudgetAdditive):
            limit = f", but at most {written(one.budget)} in all"
        elif one.capacity is not None:
            limit = f", but only the best {one.capacity} of them count"
        return f"each of these, several together their sum{limit}: {_listed(told)}"
    if isinstance(one, Table):
        bids = [(bundle, value) for bundle, value in enumerate(one.values) if value != 0]
    elif isinstance(one, OR | XOR | ExactBundles):
        bids = [(bundle & goods.everything, value) for bundle, value in one.bids if value != 0]
    else:
        return "as the rules of the scenario say"
    told = [f"{' with '.join(goods.names(bundle))} {written(value)}" for bundle, value in bids]
    if not told:
        return "nothing is worth anything"
    if isinstance(one, OR):
        return f"any of these together, as far as they share no good: {_listed(told)}"
    exactly = isinstance(one, Table | ExactBundles)
    if len(told) > 1:
        how = "each of these sets as a whole" if exactly else "any one of these, with or without others"
        return f"{how}: {_listed(told)}"
    return f"{told[0]}, {'and only exactly that' if exactly else 'with or without other goods'}"


def _listed(told: Sequence[str]) -> str:
    more = f", and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return ", ".join(told[:SHOWN]) + more
