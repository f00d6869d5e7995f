"""`unrigged benchmark` as a user meets it, and the survey behind it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from cli_support import EXAMPLES, said
from unrigged.formats import read_scenario
from unrigged.survey import MEANINGS, survey


def test_the_worked_example_of_the_best_belief_paper(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "benchmark", str(EXAMPLES / "best-belief.yaml"))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "ann 25 proved {west} to bob for 25" in lines
    assert "bob 100 proved {east} to ann for 80, {west} to cy for 20" in lines
    assert lines.count("cy 150 proved {east} to ann for 80, {west} to bob for 70") >= 3
    assert "everybody 200 proved {east} to ann for 100, {west} to bob for 100" in lines


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "benchmark", str(EXAMPLES / "leveraging.yaml"), "--json"))
    assert (found["unrigged"], found["kind"], found["proved"]) == (1, "benchmarks", True)
    assert set(found["meanings"]) == set(MEANINGS)
    values = {(row["name"], tuple(row["agent"])): row for row in found["benchmarks"]}
    assert values["MKW_A", ("ann", "bob")]["value"] == "70"
    assert values["MKW", ()]["attained_by"] == ["cy"]
    assert values["MIEW", ()]["value"] == "80"
    assert values["BB'", ()]["outcome"]["allocation"] == {"cy": ["north", "south"]}
    assert all(row["gap"] == "0" for row in found["benchmarks"])


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = read_scenario(path)
    found = survey(scenario)
    assert found.proved
    known = [row.kind for row in found.rows]
    assert ("BB" in known) == (scenario.setting.goods is not None)
    for row in found.rows:
        assert row.benchmark.outcome.revenue == row.benchmark.value <= row.benchmark.bound
    greatest = {kind: max(row.benchmark.value for row in found.rows if row.kind == kind) for kind in known}
    if "BB" in greatest:
        assert greatest["BB"] == greatest["BB_i"]
    assert greatest["MKW"] == greatest["MKW_A"]
    assert greatest["MSW"] >= greatest["MIEW"] or scenario.mechanism.name.startswith("best-belief")
    assert said(capsys, "benchmark", str(path))


def test_long_lists_are_cut_for_people_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    players = [f"p{i}" for i in range(20)]
    file = tmp_path / "many.json"
    types = {name: {"x": i} for i, name in enumerate(players)}
    file.write_text(json.dumps({"mechanism": "best-belief", "players": players, "goods": ["x"], "types": types}))
    text = said(capsys, "benchmark", str(file))
    assert text.count("... and 8 smaller ones") == 3
    rows = json.loads(said(capsys, "benchmark", str(file), "--json"))["benchmarks"]
    assert sum(row["name"] == "BB_i" for row in rows) == 20


def test_prices_in_the_steps_of_the_mechanism() -> None:
    decimal = survey(read_scenario(EXAMPLES / "best-belief-decimal.yaml"))
    assert [row.benchmark.value for row in decimal.rows if row.kind == "BB"] == [Fraction("150.42")]
    real = survey(read_scenario(EXAMPLES / "best-belief-real.yaml"))
    assert [row.benchmark.value for row in real.rows if row.kind == "BB"] == [Fraction("150.425")]


def test_nobody_independent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "all.json"
    scenario = {
        "mechanism": "vcg", "players": ["ann", "bob"], "goods": ["x"],
        "types": {"ann": {"x": 1}, "bob": {"x": 2}}, "coalitions": [["ann", "bob"]],
    }  # fmt: skip
    file.write_text(json.dumps(scenario))
    assert "nobody is independent" in said(capsys, "benchmark", str(file))


def test_without_types_the_file_is_at_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bare.yaml"
    file.write_text("mechanism: vcg\nplayers: [ann]\ngoods: [x]\nstrategies: silent\n")
    assert "types" in said(capsys, "benchmark", str(file), code=1)


def test_times(capsys: pytest.CaptureFixture[str]) -> None:
    assert "MSW" in said(capsys, "benchmark", str(EXAMPLES / "cats-auction.yaml"), "--limit", "0")
    assert "expected a time" in said(capsys, "benchmark", str(EXAMPLES / "vcg.yaml"), "--limit", "never", code=2)
