"""Every example scenario, and every one in the documentation, is read, written and read back."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from unrigged.formats import parse_document, read_scenario, scenario_from, schema_problems, write_scenario
from unrigged.scenario import Scenario

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
DOCUMENTED = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "scenario.md").read_text(encoding="utf-8"), re.DOTALL)


def reads_back(scenario: Scenario) -> None:
    for language in ("yaml", "json", "toml"):
        text = write_scenario(scenario, language)
        assert scenario_from(parse_document(text, suffix=f".{language}")) == scenario


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    scenario = read_scenario(path)
    assert scenario.title
    reads_back(scenario)


@pytest.mark.parametrize("text", DOCUMENTED, ids=range(len(DOCUMENTED)))
def test_examples_in_the_documentation(text: str) -> None:
    document = parse_document(text, suffix=".yaml")
    assert schema_problems(document) == []
    reads_back(scenario_from(document, folder=ROOT / "docs"))


def test_there_are_examples_in_the_documentation() -> None:
    assert len(DOCUMENTED) >= 8


def test_the_small_auction_is_what_its_maker_makes(capsys: pytest.CaptureFixture[str]) -> None:
    folder = ROOT / "examples" / "data"
    runpy.run_path(str(folder / "make_small_regions.py"), run_name="__main__")
    assert capsys.readouterr().out == (folder / "small-regions.txt").read_text(encoding="utf-8")


def test_the_small_auction() -> None:
    scenario = read_scenario(ROOT / "examples" / "cats-auction.yaml")
    assert (scenario.setting.n, scenario.setting.m) == (13, 18)
    assert scenario.context is not None
    assert sum(len(block) == 2 for block in scenario.context.coalitions) == 1
