"""The command line as a user meets it: what it prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli_support import EXAMPLES, said
from unrigged.cli import main
from unrigged.mechanisms import ALL
from unrigged.transcripts import transcript_from_json


def test_mechanisms_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "mechanisms")
    for mechanism in ALL:
        assert mechanism.name in text
    listed = json.loads(said(capsys, "mechanisms", "--json"))["mechanisms"]
    assert [each["name"] for each in listed] == [mechanism.name for mechanism in ALL]


@pytest.mark.parametrize("mechanism", ALL, ids=lambda mechanism: mechanism.name)
def test_show_prints_every_rule(mechanism: type, capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(said(capsys, "show", mechanism.name).split())
    for rule in mechanism.rules():
        assert " ".join(rule.text.split())[:30] in text
    for parameter in mechanism.parameters():
        assert parameter.name in text


def test_an_unknown_mechanism_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean 'best-belief'" in said(capsys, "show", "best-beleif", code=2)


def test_a_missing_file_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert "does not exist" in said(capsys, "run", "no-such-file.yaml", code=2)


def test_an_unknown_option_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--fast", str(EXAMPLES / "vcg.yaml")]) == 2


@pytest.mark.parametrize("command", ["check", "run", "outcomes"])
def test_bad_input_is_the_inputs_fault(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("unrigged: 1\nmechanism: best-belief\nplayers: [ann]\ngoods: [a]\ntypes: {ann: {b: 3}}\n")
    error = said(capsys, command, str(bad), code=1)
    assert "bad.yaml" in error
    assert "the good 'b'" in error


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_is_checked_run_and_computed(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "check", str(example)).rstrip().endswith("ok")
    assert "outcome" in said(capsys, "run", str(example), "--seed", "3")
    assert "expected" in said(capsys, "outcomes", str(example))


def test_run_json_is_a_transcript_and_repeats(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("run", str(EXAMPLES / "surviving.yaml"), "--seed", "5", "--json")
    first = json.loads(said(capsys, *arguments))
    assert first == json.loads(said(capsys, *arguments))
    assert first["kind"] == "play"
    assert first["seed"] == 5
    assert transcript_from_json(first).outcome is not None


def test_outcomes_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "outcomes", str(EXAMPLES / "best-belief.yaml"), "--json"))
    assert found["terminal_histories"] == 2
    assert [row["probability"] for row in found["outcomes"]] == ["1/2", "1/2"]
    assert found["expected"]["welfare"] == "125"
    assert set(found["expected"]["utilities"]) == {"ann", "bob", "cy"}


def test_convert_there_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, yaml, cats = EXAMPLES / "data" / "small-regions.txt", tmp_path / "a.yaml", tmp_path / "a.txt"
    said(capsys, "convert", str(source), str(yaml))
    said(capsys, "convert", str(yaml), str(cats))
    assert "13 players, 18 goods" in said(capsys, "check", str(cats))
    assert "--force" in said(capsys, "convert", str(source), str(yaml), code=2)
    said(capsys, "convert", str(source), str(yaml), "--force")


def test_tour_shows_both_mechanisms(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "tour")
    assert "bidder-9 and bidder-11 collude" in text
    assert "best-belief  collude" in text
    assert "VCG collected 344 from honest bidders and only 103" in text


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--version").startswith("unrigged ")
