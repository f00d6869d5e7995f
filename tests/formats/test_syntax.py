"""Broken JSON, TOML and YAML are refused in sentences: what was found, and what was expected."""

from __future__ import annotations

import pytest

from unrigged.errors import InputError, shown
from unrigged.exact import exact
from unrigged.formats import parse_document
from unrigged.setting import auction

BROKEN = [
    (".json", '{"a": }', "line 1, column 7: found '}', expected a value"),
    (".json", '{"a": 1 "b": 2}', "column 9: found '\"b\"', expected a comma before the next entry, or the closing br"),
    (".json", '{"a" 1}', "column 6: found '1', expected a colon after the key"),
    (".json", "{a: 1}", "column 2: found 'a', expected a key in double quotes"),
    (".json", '{"a": 1} x', "column 10: found 'x' after the end of the document, expected one JSON document"),
    (".json", '{"a": "x', "column 7: found a text without an end, expected a closing double quote"),
    (".json", '{"a": "x\ty"}', "column 9: found a tab, a line break or a control character within a text"),
    (".json", '{"a": "\\q"}', "column 8: found a backslash that starts no known escape, expected \\\\ for a backslash"),
    (".json", '{"a": [1', "column 9: found the end of the file, expected a comma before the next entry"),
    (".json", '{"a": 1e999999999}', "f: a: found 1e999999999, expected a number of at most 4000 digits"),
    (".toml", "a = 1\na = 2", "line 2: found the key 'a' a second time, expected every key once"),
    (".toml", "[a]\nx=1\n[a]\ny=2", "line 3: found the table a a second time, expected every table once"),
    (".toml", "a={x=1}\na.y=2", "line 2: found more of the table a, expected every table in one place"),
    (".toml", "a = {x=1, x=2}", "line 1: found the key 'x' a second time, expected every key once"),
    (".toml", "a 1", "line 1: found '1', expected '=' after a key in a key/value pair"),
    (".toml", "a = [1", "line 1: found an array that is not closed, expected a closing bracket"),
    (".toml", 'a = "x', "line 1: found a text without an end, expected a closing quote"),
    (".toml", "a = tru", "line 1: found 'tru', expected a value: a text in quotes"),
    (".toml", "a =", "line 1: found the end of the file, expected a value"),
    (".yaml", "a:\n\t- x", "line 2: found a tab, expected spaces, as YAML allows no tab there"),
    (".yaml", "a: b: c", "line 1: found a colon where no key can end, expected one 'key: value' on a line"),
    (".yaml", "a: [1, 2", "line 1: found the end of the file, expected ',' or ']'"),
    (".yaml", "a: [1}", "line 1: found '}', expected ',' or ']'"),
    (".yaml", 'a: "x', "line 1: found the end of the file, expected a closing quote or bracket"),
    (".yaml", 'a: "\\q"', "line 1: found the escape 'q', expected \\\\ for a backslash, or single quotes"),
    (".yaml", "- 1\na: 2", "line 2: found a key, expected the end of the indented part"),
    (".yaml", "a: @x", "line 1: found '@', expected a text in quotes, if '@' begins one"),
    (".yaml", "a: ]", "line 1: found ']', expected a value"),
    (
        ".yaml",
        "a: !!python/object x",
        "line 1: found the tag !!python/object, expected no tags, or one of !!str, !!int",
    ),
    (".yaml", "a: !e!x 1", "line 1: found the tag '!e!', expected no tags"),
    (
        ".yaml",
        "a: &x {b: 1}\nc: {<<: *x}",
        "line 2: found the merge key <<, expected keys that are written out; merging",
    ),
    (".yaml", "a: 1e999999999", "line 1 (a): found 1e999999999, expected a number of at most 4000 digits"),
]


@pytest.mark.parametrize(("suffix", "text", "message"), BROKEN, ids=[text for _, text, _ in BROKEN])
def test_broken_text(suffix: str, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_document(text, "f", suffix)
    assert message in str(caught.value)


def test_a_quoted_key_of_two_signs_is_a_key() -> None:
    assert parse_document('"<<": 3', "f", ".yaml") == {"<<": 3}


def test_values_are_shown_as_files_write_them() -> None:
    assert [shown(value) for value in (None, True, False, {"a": ["b", None]}, (1, 2))] == [
        "null", "true", "false", '{"a": ["b", null]}', "(1, 2)",
    ]  # fmt: skip


def test_an_empty_name() -> None:
    with pytest.raises(InputError, match="players: found an empty name, expected names that are non-empty texts"):
        auction(["ann", " "], ["vase"])


def test_exponents_of_any_length() -> None:
    assert exact("0e-3") == 0
    for text in ("1e99999999999999999999", "1e-5000", "1e" + "9" * 3000):
        with pytest.raises(InputError, match="expected a number of at most 4000 digits"):
            exact(text)
