"""What people read: nothing runs together, numbers stand whole, long lists are cut and say so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli_support import EXAMPLES, said
from unrigged.mechanisms import ALL
from unrigged.strategies.registry import RATIONAL

COMMANDS = ("mechanisms", "show", "check", "run", "outcomes", "advise", "benchmark", "convert", "tour")


def written(tmp_path: Path, **document: Any) -> str:
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(document))
    return str(file)


@pytest.mark.parametrize("mechanism", ALL, ids=lambda mechanism: mechanism.name)
def test_names_of_parameters_stand_apart(
    mechanism: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = said(capsys, "show", mechanism.name).splitlines()
    for parameter in mechanism.parameters():
        assert any(line.startswith(f"  {parameter.name}  ") for line in lines)
    for reading in RATIONAL[mechanism.name].READINGS:
        assert any(line.startswith(f"  {reading}  ") for line in lines)


def test_a_long_label_of_a_step_does_not_push_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.rstrip() for line in said(capsys, "show", "leveraging").splitlines()]
    label = lines.index("     g (whatever the answers)")
    assert lines[label + 1].startswith("     the star pays R'")
    assert "  1  all simultaneously" in said(capsys, "show", "leveraging")


def test_readings_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "show", "market", "--json"))
    assert [each["name"] for each in found["readings"]] == ["truthful", "gratis", "shared"]
    assert all(each["doc"] for each in found["readings"])


@pytest.mark.parametrize("command", [[], *([each] for each in COMMANDS)], ids=" ".join)
def test_help_speaks_plainly(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, *command, "--help")
    assert "<bool>" not in text
    assert "{" not in text
    if command and command[0] in ("check", "run", "outcomes"):
        assert f"unrigged {command[0]} [OPTIONS] FILE" in text


def test_one_of_a_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, mechanism="vcg", players=["ann"], goods=["vase"], types={"ann": {"vase": 3}})
    assert "1 player, 1 good;" in said(capsys, "check", file)
    assert "(1 terminal history)" in said(capsys, "outcomes", file)


def test_numbers_stand_whole_on_a_narrow_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    large = 10**18 + 1
    file = written(
        tmp_path, mechanism="second-price", players=["ann", "bob"], goods=["vase"],
        types={"ann": {"vase": large}, "bob": {"vase": large - 1}},
    )  # fmt: skip
    lines = said(capsys, "outcomes", file).splitlines()
    assert sum(str(large) in line and str(large - 1) in line for line in lines) == 1


def test_long_lists_are_cut_and_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    players, goods = [f"p{i}" for i in range(15)], [f"g{i}" for i in range(15)]
    types = {name: {good: 9 + i} for i, (name, good) in enumerate(zip(players, goods, strict=True))}
    file = written(tmp_path, mechanism="first-price-package", players=players, goods=goods, types=types)
    text = said(capsys, "run", file)
    assert "and 3 more announcements (--json lists all)" in text
    assert "p11 reports" in text
    assert "p12 reports" not in text
    assert len(json.loads(said(capsys, "run", file, "--json"))["events"][0]["moves"]) == 15


def test_every_example_fits_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for name in ("market", "perfect-revenue", "surviving"):
        for line in said(capsys, "outcomes", str(EXAMPLES / f"{name}.yaml")).splitlines():
            assert len(line.rstrip()) <= 60
