"""What a private note says, and the file for advice that a participant's page makes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from unrigged import server
from unrigged.advice import Advice, advise
from unrigged.errors import InputError
from unrigged.formats import read_scenario, scenario_from
from unrigged.scenario import Scenario
from unrigged.server.notes import notes
from unrigged.server.opening import play_to_json

EXAMPLES = Path(__file__).parents[2] / "examples"
MODULE = Path(server.__file__).parent / "static" / "notes.js"
SCRIPT = Path(__file__).parent / "starter_in_node.mjs"
NODE = shutil.which("node")


def example(name: str) -> Scenario:
    return read_scenario(EXAMPLES / f"{name}.yaml", check=False)


def written_file(scenario: Scenario, player: str, note: dict[str, Any] | None) -> dict[str, Any]:
    """The file that the page of `player` makes."""
    if NODE is None:
        if os.environ.get("UNRIGGED_ALL_TESTS"):
            pytest.fail("Node.js is needed for this test")
        pytest.skip("Node.js is not installed")
    given = {
        "module": str(MODULE), "player": player, "note": None if note is None else json.dumps(note),
        "seen": {"title": scenario.title, "play": play_to_json(scenario.mechanism)},
    }  # fmt: skip
    done = subprocess.run(
        [NODE, "--no-warnings", str(SCRIPT)], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def downloaded(scenario: Scenario, player: str, note: dict[str, Any] | None) -> Scenario:
    """That file, read again."""
    return scenario_from(written_file(scenario, player, note))


def announced(advice: Advice) -> list[Any]:
    """What to announce, at every turn."""
    return [[choice.moves for choice in turn.choices[:1]] for turn in advice.turns]


@pytest.mark.parametrize("name", ["market", "best-belief", "hope-for-the-best", "leveraging", "independent", "vcg"])
def test_the_files_advice_is_the_scenarios(name: str) -> None:
    scenario = example(name)
    assert scenario.context is not None
    for player, one in enumerate(scenario.setting.players):
        agent = scenario.context.coalition_of(player)
        mine = downloaded(scenario, one, notes(scenario)[one])
        assert announced(advise(mine, agent)) == announced(advise(scenario, agent)), one


def test_perfect_knowledge_brings_the_same_utility() -> None:
    scenario = example("market")
    mine = downloaded(scenario, "dora", notes(scenario)["dora"])
    assert mine.context is not None
    assert scenario.context is not None
    assert mine.context.types == scenario.context.types
    assert advise(mine, [0]).turns == advise(scenario, [0]).turns


def test_what_is_not_in_the_note_is_not_claimed_to_be_known() -> None:
    scenario = example("hope-for-the-best")
    one, other = scenario.setting.players
    note = notes(scenario)[one]
    assert note["knowledge"] == "perfect"
    assert set(note["types"]) == {other}
    del note["types"][other]
    for given in (note, None):
        assert written_file(scenario, one, given)["knowledge"] == {one: "none", other: "none"}


def test_a_rule_that_supposes_perfect_knowledge_gives_no_advice_without() -> None:
    with pytest.raises(InputError, match="perfect knowledge, which market supposes"):
        downloaded(example("market"), "dora", None)


def test_a_note_tells_nobody_more_than_he_knows() -> None:
    scenario = example("first-price-package")
    assert all(note["types"] == {} for note in notes(scenario).values())
    beliefs = example("best-belief").context
    assert beliefs is not None
    assert notes(example("best-belief"))["ann"]["types"] == {
        "bob": beliefs.lower(0, 1).to_json(), "cy": beliefs.lower(0, 2).to_json(),
    }  # fmt: skip
    assert beliefs.lower(0, 1) != beliefs.types[1]
    plots = example("cats-auction").context
    assert plots is not None
    told = notes(example("cats-auction"))["bidder-9"]["types"]
    assert told["bidder-11"] == plots.types[10].to_json()
    assert told["bidder-1"] == plots.lower(8, 0).to_json() != plots.types[0].to_json()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"kind": "xor", "bids": [{"goods": ["east"], "value": 100}]}, "east 100, with or without other goods"),
        ({"kind": "exact", "bids": [{"goods": ["east", "west"], "value": 5}]},
         "east with west 5, and only exactly that"),
        ({"kind": "unit-demand", "values": {"east": 3, "west": 4}},
         "any one of these, the best of them where there are several: east 3, west 4"),
        ({"kind": "additive", "values": {"east": 3, "west": 4}},
         "each of these, several together their sum: east 3, west 4"),
        ({"kind": "or", "bids": [{"goods": ["east"], "value": 1}, {"goods": ["west"], "value": 2}]},
         "any of these together, as far as they share no good: east 1, west 2"),
        ({"kind": "additive", "values": {}}, "nothing is worth anything"),
    ],
)  # fmt: skip
def test_notes_are_in_plain_words(written: dict[str, Any], words: str) -> None:
    document = {
        "unrigged": 1, "mechanism": "first-price-package", "players": ["ann", "bob"], "goods": ["east", "west"],
        "types": {"ann": written, "bob": {}},
    }  # fmt: skip
    assert notes(scenario_from(document))["ann"]["lines"][0] == f"What things are worth to you: {words}."
