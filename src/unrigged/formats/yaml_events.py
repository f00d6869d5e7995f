"""YAML 1.2 as plain values, built from the parser's events: core schema, exact numbers, no expansion bombs.

The values of YAML's own constructors are not used: they make binary floats, and build before they can be stopped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from unrigged.errors import InputError
from unrigged.exact import exact
from unrigged.formats.syntax import yaml_in_words

MAX_YAML_CHARACTERS = 4_000_000
"""Longer YAML is refused: reading it takes too long. JSON of the same content is read at once."""

MAX_VALUES = 500_000
"""More values than this, those repeated through aliases counted each time, are refused."""

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

_TAG = "tag:yaml.org,2002:"


@dataclass
class _Open:
    """A mapping or list that is being read."""

    value: dict[str, Any] | list[Any]
    line: int
    anchor: str | None
    key: str | None = None
    size: int = 1


def parse_yaml(text: str, where: str, max_depth: int) -> object:
    """The value that the one document in `text` writes. Raises InputError naming the line."""
    if len(text) > MAX_YAML_CHARACTERS:
        raise InputError(
            where,
            f"YAML of {len(text) / 1e6:.1f} million characters",
            f"at most {MAX_YAML_CHARACTERS / 1e6:g} million",
            "write large files as JSON, or keep the bids in a CATS file that the scenario names",
        )
    builder = _Builder(where, max_depth)
    try:
        builder.read(YAML(typ="safe", pure=True).parse(text))
    except InputError:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = where if mark is None else f"{where}, line {mark.line + 1}"
        raise InputError(place, *yaml_in_words(error.problem or error.context or "no YAML")) from None
    except (
        YAMLError,
        ValueError,
        IndexError,
        KeyError,
        AttributeError,
        TypeError,
        AssertionError,
        RecursionError,
    ) as error:
        # besides its own errors, the parser lets through whatever broken text makes it stumble over
        words = str(error).strip().splitlines()
        raise InputError(where, *yaml_in_words(words[0] if words else "no YAML")) from None
    return builder.answer


class _Builder:
    def __init__(self, where: str, max_depth: int) -> None:
        self.where, self.max_depth = where, max_depth
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.answer: Any = None
        self.values = 0
        self.documents = 0

    def read(self, events: Iterable[Any]) -> None:
        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, ScalarEvent):
                self._scalar(event, line)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                self._begin(event, line)
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                done = self.open.pop()
                self._add(done.value, done.size, done.anchor, done.line)
            elif isinstance(event, AliasEvent):
                self._alias(event, line)
            elif isinstance(event, DocumentStartEvent):
                self._document(event, line)

    def _document(self, event: Any, line: int) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self._error(line, "a second document", "one document in a file")
        if event.version is not None and tuple(event.version) != (1, 2):
            version = ".".join(map(str, event.version))
            raise self._error(line, f"YAML {version}", "YAML 1.2", "remove the %YAML line")

    def _begin(self, event: Any, line: int) -> None:
        if len(self.open) >= self.max_depth:
            raise self._error(line, f"nesting deeper than {self.max_depth}", "a scenario, nested a few levels deep")
        if self._at_key():
            raise self._error(line, "a mapping or list as a key", "keys that are texts")
        mapping = isinstance(event, MappingStartEvent)
        self._check_tag(event, line, ("map",) if mapping else ("seq",))
        self.open.append(_Open({} if mapping else [], line, event.anchor))

    def _alias(self, event: Any, line: int) -> None:
        if event.anchor not in self.anchors:
            raise self._error(line, f"*{event.anchor}", "an anchor that stands, complete, before it")
        value, size = self.anchors[event.anchor]
        if self._at_key():
            raise self._error(line, f"*{event.anchor} as a key", "keys that are written out")
        self._add(value, size, None, line)

    def _scalar(self, event: Any, line: int) -> None:
        if self._at_key():
            self._check_tag(event, line, ("str",))
            top = self.open[-1]
            if event.anchor:
                raise self._error(line, f"the anchor &{event.anchor} on a key", "anchors on values")
            if event.value == "<<" and event.implicit[0]:
                raise self._error(
                    line, "the merge key <<", "keys that are written out",
                    "merging is not supported; an alias may stand for a whole value",
                )  # fmt: skip
            if event.value in top.value:
                raise self._error(line, f"the key '{event.value}' a second time", "every key once")
            top.key = event.value
            return
        kind = self._check_tag(event, line, ("str", "int", "float", "bool", "null"))
        plain = event.implicit[0] or kind not in ("", "str")
        self._add(self._plain(event.value, line) if plain else event.value, 1, event.anchor, line)

    def _plain(self, text: str, line: int) -> object:
        """What a plain scalar stands for in the core schema."""
        for pattern, read in _CORE:
            if pattern.fullmatch(text):
                return read(text, self._place(line))
        return text

    def _at_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None

    def _add(self, value: object, size: int, anchor: str | None, line: int) -> None:
        self.values += 1
        if anchor:
            self.anchors[anchor] = (value, size)
        if not self.open:
            self.answer = value
            total = size
        else:
            top = self.open[-1]
            if isinstance(top.value, dict):
                assert top.key is not None
                top.value[top.key] = value
                top.key = None
            else:
                top.value.append(value)
            top.size += size
            total = top.size
        if max(self.values, total) > MAX_VALUES:
            raise self._error(
                line, f"more than {MAX_VALUES} values, aliases expanded", "a scenario of a reasonable size",
                "write large files as JSON, or keep the bids in a CATS file that the scenario names",
            )  # fmt: skip

    def _check_tag(self, event: Any, line: int, allowed: tuple[str, ...]) -> str:
        tag = str(event.tag or "")
        kind = tag.removeprefix(_TAG)
        if tag in ("", "!"):
            return "str" if tag else ""
        if kind == tag or kind not in allowed:
            raise self._error(
                line, f"the tag {tag.replace(_TAG, '!!')}", "no tags, or one of !!" + ", !!".join(allowed)
            )
        return kind

    def _place(self, line: int) -> str:
        names = [f"[{len(o.value)}]" if isinstance(o.value, list) else f".{o.key}" for o in self.open]
        path = "".join(names).removeprefix(".")
        return f"{self.where}, line {line}" + (f" ({path})" if path else "")

    def _error(self, line: int, found: str, expected: str, fix: str = "") -> InputError:
        return InputError(f"{self.where}, line {line}", found, expected, fix)


def _based(text: str, place: str) -> object:
    return exact(int(text[2:], 8 if text[1] == "o" else 16), place)


def _refused(text: str, place: str) -> object:
    raise InputError(place, text, "an exact number")


_CORE: tuple[tuple[re.Pattern[str], Callable[[str, str], object]], ...] = (
    (_NUMBER, exact),
    (_NULL, lambda text, place: None),
    (_TRUE, lambda text, place: True),
    (_FALSE, lambda text, place: False),
    (_BASED, _based),
    (_NO_NUMBER, _refused),
)
