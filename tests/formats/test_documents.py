"""YAML, JSON and TOML documents: exact numbers, plain words, and hostile text refused quickly."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.errors import InputError
from unrigged.exact import MAX_DIGITS
from unrigged.formats.documents import MAX_BYTES, exactly, parse_document, read_document, read_text


def refused(text: str, suffix: str = ".yaml") -> str:
    with pytest.raises(InputError) as caught:
        parse_document(text, "f", suffix)
    return str(caught.value)


def test_yaml_numbers_are_exact() -> None:
    text = "a: 0.1\nb: 010\nc: 1e3\nd: 0x1F\ne: 0o17\nf: -2.50\ng: .5\nh: +3\ni: 1e-2"
    assert parse_document(text, suffix=".yaml") == {
        "a": Fraction(1, 10), "b": 10, "c": 1000, "d": 31, "e": 15, "f": Fraction(-5, 2), "g": Fraction(1, 2), "h": 3,
        "i": Fraction(1, 100),
    }  # fmt: skip


def test_yaml_words_stay_words() -> None:
    text = "a: NO\nb: yes\nc: on\nd: 1/10\ne: '7'\nf: 1_000\ng: 12:30:45\nh: 2020-01-01"
    assert parse_document(text, suffix=".yaml") == {
        "a": "NO", "b": "yes", "c": "on", "d": "1/10", "e": "7", "f": "1_000", "g": "12:30:45", "h": "2020-01-01",
    }  # fmt: skip


def test_yaml_truth_values_and_nothing() -> None:
    text = "a: true\nb: False\nc: null\nd: ~\ne:\nf: 'true'"
    found = parse_document(text, suffix=".yaml")
    assert found == {"a": True, "b": False, "c": None, "d": None, "e": None, "f": "true"}


def test_keys_are_texts_as_written() -> None:
    assert list(parse_document("1: a\nNO: b\ntrue: c\n010: d\n~: e", suffix=".yaml")) == ["1", "NO", "true", "010", "~"]


def test_the_three_languages_agree() -> None:
    expected = {"a": Fraction(1, 10), "b": [1, "x", {"c": True}], "d": {"e": 5}}
    assert parse_document("a: 0.1\nb: [1, x, {c: true}]\nd:\n  e: 5.0\n", suffix=".yaml") == expected
    assert parse_document('{"a": 0.1, "b": [1, "x", {"c": true}], "d": {"e": 5.0}}', suffix=".json") == expected
    assert parse_document('a = 0.1\nb = [1, "x", {c = true}]\n[d]\ne = 5.0\n', suffix=".toml") == expected


@pytest.mark.parametrize(
    "text", ['{"a": 1}', "{a: 1}", "a: 1", "# words\na: 1", "a = 1", "# words\na = 1\n", '"a" = 1'],
)  # fmt: skip
def test_language_by_content(text: str) -> None:
    assert parse_document(text) == {"a": 1}


def test_toml_table_by_content() -> None:
    assert parse_document("[a]\nb = 1\n") == {"a": {"b": 1}}


def test_digits_of_decimals_do_not_pass_through_floats() -> None:
    long = "0.1234567890123456789012345678901234567890"
    for text, suffix in ((f"a: {long}", ".yaml"), (f'{{"a": {long}}}', ".json"), (f"a = {long}", ".toml")):
        assert parse_document(text, suffix=suffix)["a"] == Fraction(long)


def test_aliases_are_followed() -> None:
    assert parse_document("a: &x {b: 1}\nc: *x", suffix=".yaml") == {"a": {"b": 1}, "c": {"b": 1}}


def test_tags_of_the_core_schema() -> None:
    assert parse_document("a: !!str 5\nb: !!int '5'", suffix=".yaml") == {"a": "5", "b": 5}


def test_errors_name_the_line() -> None:
    assert refused("a: 1\nb: 2\na: 3") == "f, line 3: found the key 'a' a second time, expected every key once"
    assert refused('{"a": 1,\n "b": {"x": 1,\n "x": 2}}', ".json").startswith("f, line 3: found the key 'x' a second")
    assert refused("a = 1\na = 2", ".toml").startswith("f, line 2: found the key 'a' a second time")
    assert refused("a: 1\n b: 2").startswith("f, line 2: found a colon where no key can end")
    assert refused('{"a": 1,\n}', ".json").startswith("f, line 2, column 1: found '}', expected a key")
    assert refused("a: [1, 2").startswith("f, line ")
    assert refused("a: [1, 2}").startswith("f, line 1: found")
    assert refused("a = ", ".toml").startswith("f, line 1: found")
    assert refused("a:\n  b: [1, .inf]") == "f, line 2 (a.b[1]): found .inf, expected an exact number"
    assert refused("a: *b").startswith("f, line 1: found *b, expected an anchor")
    assert refused("a: &b [*b]").startswith("f, line 1: found *b, expected an anchor that stands, complete, before it")
    assert refused("a: 1\n---\nb: 2").startswith("f, line 2: found a second document")
    assert refused("%YAML 1.1\n---\na: 1").startswith("f, line 2: found YAML 1.1, expected YAML 1.2")
    assert "the tag !!python/object" in refused("a: !!python/object:os.system x")
    assert "a mapping or list as a key" in refused("? [1]\n: 2")


def test_errors_name_the_path() -> None:
    assert refused('{"a": {"b": [NaN]}}', ".json").startswith("f: a.b[0]: found NaN")
    assert refused("a = nan", ".toml").startswith("f: a: found nan")
    assert refused("a = 2020-01-01", ".toml").startswith("f: a: found 2020-01-01 (a date)")


@pytest.mark.parametrize("text", ["just words", "- 1\n- 2", "[1, 2]", "5", "~"])
def test_other_documents_are_refused(text: str) -> None:
    assert "as the whole document, expected a mapping with named fields" in refused(text)


def test_yaml_bomb() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))
    begun = perf_counter()
    assert refused(bomb) == (
        "f, line 6: found more than 500000 values, aliases expanded, expected a scenario of a reasonable size; write "
        "large files as JSON, or keep the bids in a CATS file that the scenario names"
    )
    assert perf_counter() - begun < 2


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("[" * 100_000, ".yaml"),
        ("{a: " * 100_000, ".yaml"),
        ("- " * 100_000, ".yaml"),
        ("[" * 100_000, ".json"),
        ('{"a":' * 100_000, ".json"),
        ("a = " + "[" * 100_000, ".toml"),
        ('{"a":' + "[" * 60 + "]" * 60 + "}", ".json"),
        ("a = " + "[" * 60 + "]" * 60, ".toml"),
    ],
)
def test_deep_nesting(text: str, suffix: str) -> None:
    begun = perf_counter()
    assert "nesting deeper than 50" in refused(text, suffix)
    assert perf_counter() - begun < 5


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("a: " + "9" * 100_000, ".yaml"),
        ("a: 0." + "9" * 100_000, ".yaml"),
        ("a: 1e999999", ".yaml"),
        ("a: 0x" + "f" * 100_000, ".yaml"),
        ('{"a": ' + "9" * 100_000 + "}", ".json"),
        ('{"a": 1e99999}', ".json"),
        ("a = " + "9" * 100_000, ".toml"),
        ("a = 0x" + "f" * 100_000, ".toml"),
    ],
)
def test_numbers_of_too_many_digits(text: str, suffix: str) -> None:
    begun = perf_counter()
    message = refused(text, suffix)
    assert f"at most {MAX_DIGITS} digits" in message
    assert len(message) < 300
    assert perf_counter() - begun < 2


def test_large_files(tmp_path: Path) -> None:
    for name in ("garbage.yaml", "garbage.json", "garbage.toml"):
        path = tmp_path / name
        path.write_bytes(bytes(range(256)) * 40_000)
        begun = perf_counter()
        with pytest.raises(InputError) as caught:
            read_document(path)
        assert str(caught.value) == f"{path}: found 10.2 MB, expected at most 8 MB"
        assert perf_counter() - begun < 1


def test_yaml_of_many_characters_is_refused() -> None:
    assert "YAML of 5.0 million characters, expected at most 4 million" in refused("# " + "x" * 4_999_998 + "\na: 1")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "nothing (an empty file)"),
        (b" \n\n", "nothing (an empty file)"),
        (b"a: 1\nb: \xe9t\xe9", "line 2: found the byte 0xe9, which is no UTF-8"),
        ("a: 1".encode("utf-16"), "UTF-16 text"),
        (b"a: 1\nb: \x00", "line 2: found a NUL character"),
    ],
)
def test_text_of_other_kinds(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(data)
    with pytest.raises(InputError, match=str(path)) as caught:
        read_document(path)
    assert words in str(caught.value)


def test_byte_order_mark_and_carriage_returns(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert read_document(path) == {"a": 1, "b": 2}


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_document(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="directory"):
        read_document(tmp_path)


def test_reading_stops_at_the_limit() -> None:
    with pytest.raises(InputError, match="at most 8 MB"):
        read_text(Path("/dev/zero"), MAX_BYTES)


def test_plain_python_values() -> None:
    assert exactly({"a": (1, Fraction(4, 2), "x", None, True)}) == {"a": [1, 2, "x", None, True]}
    with pytest.raises(InputError, match=r"document: a\[0\].b: found the binary float 0.1, expected an exact number"):
        exactly({"a": [{"b": 0.1}]})
    with pytest.raises(InputError, match="the key 1"):
        exactly({1: 2})
    with pytest.raises(InputError, match="a set"):
        exactly({"a": {1}})


SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4))
def test_json_reads_back(document: dict[str, Any]) -> None:
    import json

    assert parse_document(json.dumps(document), suffix=".json") == document


@settings(max_examples=150)
@given(
    st.text(alphabet="ab01:,-[]{}&*!%#|>'\"\n \t?@`~./=\x07é", max_size=40),
    st.sampled_from([".yaml", ".json", ".toml", ""]),
)
def test_whatever_it_is_nothing_else_is_raised(text: str, suffix: str) -> None:
    with suppress(InputError):
        assert isinstance(parse_document(text, "f", suffix), dict)
