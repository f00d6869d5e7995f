"""What the parsers of JSON, TOML and YAML say about broken text, as what was found and what was expected."""

from __future__ import annotations

import re
from collections.abc import Iterable

from unrigged.errors import shown

Words = tuple[str, str]
"""What was found, and what was expected."""

_JSON: tuple[tuple[str, str, str], ...] = (
    ("Expecting value", "{here}", "a value"),
    ("Expecting ',' delimiter", "{here}", "a comma before the next entry, or the closing bracket"),
    ("Expecting ':' delimiter", "{here}", "a colon after the key"),
    ("Expecting property name", "{here}", "a key in double quotes"),
    ("Illegal trailing comma", "a comma after the last entry", "no comma there"),
    ("Extra data", "{here} after the end of the document", "one JSON document"),
    ("Unterminated string", "a text without an end", "a closing double quote"),
    ("Invalid control character", "a tab, a line break or a control character within a text", "\\t, \\n or such"),
    ("Invalid \\", "a backslash that starts no known escape", "\\\\ for a backslash"),
)

_TOML: tuple[tuple[str, str, str], ...] = (
    (r"Cannot overwrite a value", "the key {key} a second time", "every key once"),
    (r"Cannot declare (?P<table>.*) twice", "the table {table} a second time", "every table once"),
    (r"Cannot mutate immutable namespace (?P<table>.*)", "more of the table {table}", "every table in one place"),
    (r"Duplicate inline table key (?P<what>.*)", "the key {what} a second time", "every key once"),
    (r"Expected (?P<what>.*)", "{here}", "{what}"),
    (r"Unclosed (?P<what>.*)", "an {what} that is not closed", "a closing bracket"),
    (r"Unterminated string", "a text without an end", "a closing quote"),
    (r"Invalid value", "{here}", "a value: a text in quotes, a number, true, false, a list or a table"),
    (r"Invalid initial character for a key part", "{here}", "a key"),
    (r"Invalid statement", "{here}", "key = value, or a [table]"),
    (r"Illegal character (?P<what>.*)", "the character {what}", "a text of one line without control characters"),
    (r"Found invalid character (?P<what>.*)", "the character {what}", "TOML"),
    (r"Unescaped .*", "a backslash that starts no known escape", "\\\\ for a backslash, or single quotes"),
)

_YAML: tuple[tuple[str, str, str], ...] = (
    (r"found character '\\t' that cannot start any token", "a tab", "spaces, as YAML allows no tab there"),
    (
        r"mapping values are not allowed .*",
        "a colon where no key can end",
        "one 'key: value' on a line, or quotes around a text that contains a colon",
    ),
    (r"expected (?P<what>.*), but (found|got) (?P<found>.*)", "{found}", "{what}"),
    (r"could not find expected ':'", "a key without a colon", "key: value"),
    (r"found unexpected end of stream", "the end of the file", "a closing quote or bracket"),
    (r"found unknown escape character (?P<found>.*)", "the escape {found}", "\\\\ for a backslash, or single quotes"),
    (r"found undefined tag handle (?P<found>.*)", "the tag {found}", "no tags"),
    (r"found undefined alias (?P<found>.*)", "the alias {found}", "an anchor that stands before it"),
    (
        r"found character (?P<found>.*) that cannot start any token",
        "{found}",
        "a text in quotes, if {found} begins one",
    ),
    (r"found (?P<found>.*?)(, only .*)?", "{found}", "YAML 1.2"),
)

_TOKENS = {
    "<block end>": "the end of the indented part",
    "<stream end>": "the end of the file",
    "<document start>": "the start of a document",
    "<block mapping start>": "a mapping that is indented differently",
    "<block sequence start>": "a list that is indented differently",
    "<scalar>": "a text",
    "the node content": "a value",
    "'?'": "a key",
}


def json_in_words(message: str, text: str, position: int) -> Words:
    """What the JSON reader found at `position` of `text`, and what it expected."""
    for start, found, expected in _JSON:
        if message.startswith(start):
            return found.replace("{here}", _here(text, position)), expected
    return f"broken JSON ({message})", "JSON"


def toml_in_words(message: str, text: str, line: int, column: int) -> Words:
    """What the TOML reader found at that place of `text`, and what it expected."""
    lines = text.splitlines(keepends=True)
    here = _here("".join(lines[line - 1 :])[column - 1 :], 0)
    key = re.match(r"\s*([^=]+?)\s*=", "".join(lines[line - 1 : line]))
    return _worded(_TOML, message, here, f"'{key[1]}'" if key else "of this line") or (
        f"broken TOML ({message})",
        "TOML",
    )


def yaml_in_words(message: str) -> Words:
    """What the YAML reader found, and what it expected."""
    found, expected = _worded(_YAML, message) or (f"broken YAML ({message})", "YAML 1.2")
    for token, words in _TOKENS.items():
        for given in (f"'{token}'", token):
            found, expected = found.replace(given, words), expected.replace(given, words)
    return found, expected


def _worded(table: Iterable[tuple[str, str, str]], message: str, here: str = "", key: str = "") -> Words | None:
    for pattern, found, expected in table:
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match:
            parts = {"here": here, "key": key, **match.groupdict()}
            if "table" in parts:
                parts["table"] = ".".join(re.findall(r"'([^']*)'", parts["table"]))
            return found.format_map(parts), expected.format_map(parts)
    return None


def _here(text: str, position: int) -> str:
    """The word, or the sign, that stands at `position`."""
    rest = text[position:].lstrip(" \t")
    if not rest:
        return "the end of the file"
    if rest[0] in "\r\n":
        return "the end of the line"
    word = re.match(r"[^\s,:{}\[\]=#]+", rest)
    return f"'{shown(word[0] if word else rest[0])}'"
