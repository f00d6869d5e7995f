"""Every mechanism has its file, its rational play, an example scenario and a golden play; a missing one is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unrigged.formats import read_scenario
from unrigged.mechanisms import ALL, Mechanism
from unrigged.protocol import replay
from unrigged.results import distribution, play_once
from unrigged.strategies.registry import RATIONAL
from unrigged.transcripts import transcript_from_json

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
GOLDEN = Path(__file__).parents[1] / "golden"
SEED = 1

EVERY = pytest.mark.parametrize("mechanism", ALL, ids=lambda mechanism: mechanism.name)


@EVERY
def test_rational_play(mechanism: type[Mechanism]) -> None:
    assert mechanism.name in RATIONAL, f"strategies/registry.py names no rational play for {mechanism.name}"
    readings = RATIONAL[mechanism.name].READINGS
    assert readings
    assert all(words.strip() for words in readings.values())


@EVERY
def test_own_file(mechanism: type[Mechanism]) -> None:
    assert mechanism.__module__.startswith("unrigged.mechanisms.")


@EVERY
def test_example_and_golden_transcript(mechanism: type[Mechanism]) -> None:
    example = EXAMPLES / f"{mechanism.name}.yaml"
    assert example.exists(), f"no example scenario {example.name}"
    scenario = read_scenario(example)
    assert type(scenario.mechanism) is mechanism
    found = {
        "play": play_once(scenario, SEED, None, lambda words: None).to_json(),
        "distribution": distribution(scenario, None, lambda words: None).to_json(),
    }
    golden = GOLDEN / f"{mechanism.name}.json"
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and has been written: read it, and commit it if it is right")
    expected = json.loads(golden.read_text(encoding="utf-8"))
    assert found == expected, (
        f"the play of {example.name} has changed; if that is right, delete {golden.name} and rerun"
    )
    transcript = transcript_from_json(expected["play"])
    assert replay(transcript.mechanism, transcript.history) == transcript.outcome


def test_no_stray_golden_files() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == {mechanism.name for mechanism in ALL}
