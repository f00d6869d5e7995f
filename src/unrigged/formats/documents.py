"""Documents (YAML 1.2, JSON, TOML) as plain values with exact numbers; hostile or broken text is refused quickly.

A document is made of mappings with text keys, lists, texts, truth values, None, and exact numbers (int or Fraction):
`0.1` arrives as 1/10, `010` as ten, `NO` as the word. Keys are texts in all three languages: `1: x` has the key "1".
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from unrigged.errors import FileError, InputError
from unrigged.exact import MAX_DIGITS, exact
from unrigged.formats.syntax import json_in_words, toml_in_words
from unrigged.formats.yaml_events import parse_yaml

MEGABYTE = 1_000_000

MAX_BYTES = 8 * MEGABYTE
"""Scenario files larger than this are refused."""

MAX_AUCTION_BYTES = 64 * MEGABYTE
"""Auction texts (CATS) larger than this are refused."""

MAX_DEPTH = 50
"""Mappings and lists nested deeper than this are refused."""

SUFFIXES = {".yaml": "YAML", ".yml": "YAML", ".json": "JSON", ".toml": "TOML"}
"""The language that a file's suffix names."""


class Written(str):
    """A number as it is written, until the walk that knows its place makes it exact."""

    __slots__ = ()


@contextmanager
def inside(place: str) -> Iterator[None]:
    """Errors raised within name `place` first."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{place}: {error.where}", error.found, error.expected, error.fix) from None


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """The text of the file at `path`, which is UTF-8 (a byte order mark is dropped) and at most `limit` bytes long.

    Raises InputError where there is no such file, it is larger, empty, or not UTF-8.
    """
    where = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise FileError(where, error) from None
    if len(data) > limit:
        size = max(path.stat().st_size, len(data))
        raise InputError(where, f"{size / MEGABYTE:.1f} MB", f"at most {limit / MEGABYTE:g} MB")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(where, "UTF-16 text", "UTF-8 text", "save the file as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{data[error.start]:02x}, which is no UTF-8"
        raise InputError(f"{where}, line {line}", found, "UTF-8 text", "save the file as UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{where}, line {line}", "a NUL character", "a text file")
    if not text.strip():
        raise InputError(where, "nothing (an empty file)", "a scenario or an auction")
    return text


def language_of(text: str, suffix: str = "") -> str:
    """`YAML`, `JSON` or `TOML`: what the suffix names, else what the text looks like (JSON is YAML as well)."""
    named = SUFFIXES.get(suffix.lower())
    if named:
        return named
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            toml = re.match(r"\s*([\w.\"'-]+\s*=|\[+[\w.\"' -]+\]+\s*(#|$))", line)
            return "TOML" if toml else "YAML"
    return "YAML"


def read_document(path: Path) -> dict[str, Any]:
    """The document in the file at `path`; InputError naming file and line where it cannot be read."""
    return parse_document(read_text(path), str(path), path.suffix)


def parse_document(text: str, where: str = "document", suffix: str = "") -> dict[str, Any]:
    """The document that `text` writes; `suffix` names its language, otherwise its content decides."""
    language = language_of(text, suffix)
    found = _PARSERS[language](text, where)
    document = exactly(found, where)
    if not isinstance(document, dict):
        raise InputError(where, f"{_kind(document)} as the whole document", "a mapping with named fields")
    return document


def _yaml(text: str, where: str) -> object:
    if text.lstrip().startswith("{"):
        try:  # JSON is YAML, and much faster to read
            return _json_or_error(text, where)
        except (ValueError, RecursionError):
            pass
    return parse_yaml(text, where, MAX_DEPTH)


class _Twice(Exception):
    """A key given twice in one JSON object."""


def _json_or_error(text: str, where: str) -> object:
    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            names = [name for name, _ in pairs]
            raise _Twice(next(name for name in names if names.count(name) > 1))
        return mapping

    try:
        return json.loads(
            text, parse_int=Written, parse_float=Written, parse_constant=Written, object_pairs_hook=members
        )
    except _Twice as twice:
        line = _second_line(text, str(twice))
        raise InputError(f"{where}{line}", f"the key '{twice}' a second time", "every key once") from None


def _second_line(text: str, key: str) -> str:
    """Where `key` stands a second time in one mapping, as the YAML reader finds it (JSON is YAML)."""
    try:
        parse_yaml(text, "", MAX_DEPTH)
    except InputError as error:
        if f"'{key}'" in error.found and "line" in error.where:
            return error.where
    return ""


def _json(text: str, where: str) -> object:
    try:
        return _json_or_error(text, where)
    except json.JSONDecodeError as error:
        found, expected = json_in_words(error.msg, text, error.pos)
        raise InputError(f"{where}, line {error.lineno}, column {error.colno}", found, expected) from None
    except RecursionError:
        raise _too_deep(where) from None


def _toml(text: str, where: str) -> object:
    try:
        return tomllib.loads(text, parse_float=Written)
    except tomllib.TOMLDecodeError as error:
        words, _, place = str(error).rpartition(" (at ")
        at = re.fullmatch(r"line (\d+), column (\d+)\)", place)
        line, column = (int(at[1]), int(at[2])) if at else (len(text.splitlines()), MAX_BYTES)
        found, expected = toml_in_words(words, text, line, column)
        raise InputError(f"{where}, line {line}", found, expected) from None
    except RecursionError:
        raise _too_deep(where) from None
    except ValueError:
        raise InputError(where, "a number of thousands of digits", f"numbers of at most {MAX_DIGITS} digits") from None


_PARSERS: dict[str, Callable[[str, str], object]] = {"YAML": _yaml, "JSON": _json, "TOML": _toml}


def exactly(value: object, where: str = "document", path: str = "", depth: int = 0) -> Any:
    """`value`, made of plain mappings, lists and scalars, with every number exact and every key a text.

    Raises InputError naming the path for binary floats, dates and other things no document has, and for nesting
    deeper than 50.
    """
    if depth > MAX_DEPTH:
        raise _too_deep(where)
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise InputError(_place(where, path), f"the key {key!r}", "keys that are texts")
        return {
            str(key): exactly(item, where, f"{path}.{key}" if path else str(key), depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [exactly(item, where, f"{path}[{position}]", depth + 1) for position, item in enumerate(value)]
    if value is None or type(value) in (bool, str):
        return value
    if isinstance(value, int | float | Fraction | Decimal | Written) and not isinstance(value, bool):
        text = str(value) if isinstance(value, Written) else value
        return exact(text, _place(where, path))
    raise InputError(_place(where, path), f"{value} ({_kind(value)})", "a text, a number, a list or a mapping")


def _place(where: str, path: str) -> str:
    return f"{where}: {path}" if path else where


def _too_deep(where: str) -> InputError:
    return InputError(where, f"nesting deeper than {MAX_DEPTH}", "a scenario, which is nested a few levels deep")


def _kind(value: object) -> str:
    names = {list: "a list", str: "a text", type(None): "nothing", bool: "a truth value", int: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")
