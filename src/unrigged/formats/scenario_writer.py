"""Scenarios written as YAML, JSON or TOML; what is written reads back as an equal scenario."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from unrigged.context import Coalition
from unrigged.errors import InputError, nearest
from unrigged.exact import to_json
from unrigged.formats.knowledge import knowledge_to_json
from unrigged.formats.scenario_file import VERSION
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.scenario import KINDS, Scenario
from unrigged.transcripts import outcome_to_json, setting_to_json
from unrigged.valuations import Additive, StateValues, Type

WIDTH = 120


def write_scenario(scenario: Scenario, language: str = "yaml") -> str:
    """The text of a scenario file, in `yaml`, `json` or `toml`; InputError for another language."""
    if language not in _WRITERS:
        raise InputError("language", language, "yaml, json or toml", nearest(language, list(_WRITERS)))
    return _WRITERS[language](scenario_to_json(scenario))


def scenario_to_json(scenario: Scenario) -> dict[str, Any]:
    """A scenario as the document that its file holds; notes and the name of the file are not part of it."""
    setting, context = scenario.setting, scenario.context
    document: dict[str, Any] = {"unrigged": VERSION}
    if scenario.title:
        document["title"] = scenario.title
    document["mechanism"] = scenario.mechanism.name
    parameters = _parameters(scenario.mechanism)
    if parameters:
        document["parameters"] = parameters
    document |= setting_to_json(setting)
    if context is not None:
        document["types"] = {
            name: _type(one) for name, one in zip(setting.players, context.types, strict=True)
        }  # fmt: skip
        document["knowledge"] = knowledge_to_json(context)
        together = [[setting.players[player] for player in block] for block in context.coalitions if len(block) > 1]
        if together:
            document["coalitions"] = together
    document["strategies"] = _strategies(scenario)
    if scenario.moves:
        document["moves"] = {label: dict(made) for label, made in scenario.moves.items()}
    return document


def _parameters(mechanism: Mechanism) -> dict[str, Any]:
    """The parameters that the mechanism's defaults do not already give."""
    needed = {each.name: getattr(mechanism, each.name) for each in mechanism.parameters()}
    for name in reversed(list(needed)):  # later parameters have defaults that depend on earlier ones
        fewer = {other: value for other, value in needed.items() if other != name}
        if _gives(mechanism, fewer):
            needed = fewer
    return {name: _parameter(mechanism, value) for name, value in needed.items()}


def _gives(mechanism: Mechanism, parameters: Mapping[str, Any]) -> bool:
    """Whether these parameters, defaults filled in, make up `mechanism`."""
    try:
        return type(mechanism).build(mechanism.setting, parameters) == mechanism
    except InputError:
        return False


def _parameter(mechanism: Mechanism, value: object) -> Any:
    if isinstance(value, Outcome):
        return outcome_to_json(mechanism.setting, value)
    if isinstance(value, list | tuple):
        return [_parameter(mechanism, item) for item in value]
    return to_json(value) if isinstance(value, int | Fraction) and not isinstance(value, bool) else value


def _type(one: Type) -> dict[str, Any]:
    """A type as the file writes it, in the short form where there is one."""
    written = one.to_json()
    short = isinstance(one, StateValues) or (isinstance(one, Additive) and one.capacity is None)
    if short and written["values"] and "kind" not in written["values"]:
        values: dict[str, Any] = written["values"]
        return values
    return written


def _strategies(scenario: Scenario) -> Any:
    plans = scenario.strategies
    names = scenario.setting.players
    first = next(iter(plans.values()))
    if all(plan == first for plan in plans.values()) and not set(names) & set(KINDS):
        return first.to_json()
    return {_key(agent, names): plan.to_json() for agent, plan in plans.items()}


def _key(agent: Coalition, names: tuple[str, ...]) -> str:
    """The name of an agent: his own, or those of a coalition joined by + where that cannot be misread."""
    members = [names[player] for player in agent]
    joined = "+".join(members)
    readable = (
        len(members) > 1 and joined not in names and not any("+" in name or name != name.strip() for name in members)
    )
    return joined if readable else members[0]


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_*/-]*( [A-Za-z0-9_][A-Za-z0-9_-]*)*", re.ASCII)
_FRACTION = re.compile(r"-?[0-9]+/[0-9]+", re.ASCII)
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def quoted(text: str) -> str:
    """`text` in double quotes, as YAML, JSON and TOML read it; what cannot be printed is escaped."""
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(
        c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 65536 else f"\\U{ord(c):08x}" for c in plain
    )


def _scalar(value: object) -> str:
    if isinstance(value, str):
        bare = (_BARE.fullmatch(value) and value.lower() not in _WORDS) or _FRACTION.fullmatch(value)
        return value if bare else quoted(value)
    return json.dumps(value)


def _flow(value: object) -> str:
    """`value` on one line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _yaml(document: Mapping[str, Any]) -> str:
    return "\n".join(_block(document, 0)) + "\n"


def _block(value: Mapping[str, Any] | list[Any], indent: int) -> list[str]:
    """`value` in lines of YAML, broken wherever an entry is too long for one line."""
    lines = []
    margin = " " * indent
    entries = (
        [(f"{_scalar(k)}:", v) for k, v in value.items()] if isinstance(value, Mapping) else [("-", v) for v in value]
    )
    for head, item in entries:
        flow = f"{margin}{head} {_flow(item)}"
        if len(flow) <= WIDTH or not item or not isinstance(item, Mapping | list):
            lines.append(flow)
        elif isinstance(item, list) and not any(isinstance(each, Mapping | list) for each in item):
            lines += _wrapped(f"{margin}{head} [", item, indent + 2)
        else:
            lines.append(f"{margin}{head}")
            lines += _block(item, indent + 2)
    return lines


def _wrapped(head: str, items: list[Any], indent: int) -> list[str]:
    """A list of scalars in as many lines as it needs."""
    lines = [head]
    for position, item in enumerate(items):
        word = _scalar(item) + ("]" if position == len(items) - 1 else ",")
        if position and len(lines[-1]) + 1 + len(word) > WIDTH:
            lines.append(" " * indent + word)
        else:
            lines[-1] += word if lines[-1].endswith("[") else f" {word}"
    return lines


def _toml(document: Mapping[str, Any]) -> str:
    return "".join(f"{_toml_key(key)} = {_toml_value(item)}\n" for key, item in document.items())


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key, re.ASCII) else quoted(key)


def _toml_value(value: object) -> str:
    if value is None:
        raise InputError(
            "language", "nothing (null)", "another language than TOML, which cannot write it", "use YAML or JSON"
        )
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml_key(key)} = {_toml_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


_WRITERS: dict[str, Callable[[Mapping[str, Any]], str]] = {"yaml": _yaml, "json": _json, "toml": _toml}
