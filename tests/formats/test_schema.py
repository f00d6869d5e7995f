"""The published schema: a valid one, which accepts every example and agrees with the reader on form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from unrigged.errors import InputError
from unrigged.formats import parse_document, scenario_from, scenario_schema, schema_problems
from unrigged.formats.documents import read_document
from unrigged.formats.scenario_file import FIELDS
from unrigged.scenario import KINDS
from unrigged.valuations import reading

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))

START = "mechanism: best-belief\nplayers: [ann, bob]\ngoods: [left, right]\n"
TYPES = START + "types: {ann: {left: 3}, bob: {}}\n"

GOOD = [
    START,
    TYPES,
    "unrigged: 1\n" + TYPES,
    "mechanism: {name: best-belief, parameters: {eps: 0.1}}\nplayers: ann\ngoods: left\n",
    START + "types: {ann: {kind: additive, values: {left: 1e3}, capacity: 1}, bob: {left: '1/2'}}\n",
    START + "types: {ann: {kind: or*, bids: [{goods: left, value: 1, dummies: [x]}]}, bob: {kind: xor, bids: []}}\n",
    START + "types: {ann: {kind: table, values: [0, 1, 2, 3]}, bob: {kind: exact, bids: []}}\n",
    START + "types: {ann: {kind: budget-additive, values: {}, budget: 3}, bob: {}}\n",
    START + "types: {ann: {kind: single-minded, goods: [left], value: 3}, bob: {kind: unit-demand, values: {}}}\n",
    TYPES + "knowledge: none\n",
    TYPES + "knowledge: {precision: 2}\n",
    TYPES + "knowledge: {ann: {bounds: {bob: {}}}, bob: {belief: {lower: {ann: {}}}}}\n",
    TYPES + "knowledge: {ann: {profiles: [{bob: {left: 3}}]}}\n",
    TYPES + "coalitions: [[ann, bob], []]\n",
    TYPES + "strategies: {random: 3}\n",
    TYPES + "strategies: {ann: {rational: truthful}, bob: {random: {scale: 3, seed: 1}}}\n",
    TYPES + "strategies: {ann: {rational: {reading: truthful, search: greedy}}, bob: {rational: {search: local}}}\n",
    TYPES + "strategies: {rational: {search: {truncated: 50}}}\n",
    TYPES + "strategies: {ann: {mixed: [{probability: 1, strategy: silent}]}}\n",
    TYPES + "moves: {announce: {ann: {wanted: [left]}}}\n",
]

BAD = [
    "players: [ann]\ngoods: [left]\n",
    "mechanism: best-belief\ngoods: [left]\n",
    "mechanism: best-belief\nplayers: [ann]\n",
    "mechanism: best-belief\nplayers: []\ngoods: [left]\n",
    "mechanism: 3\nplayers: [ann]\ngoods: [left]\n",
    "mechanism: {nam: best-belief}\nplayers: [ann]\ngoods: [left]\n",
    START + "states: [park]\n",
    START + "goodies: [left]\n",
    START + "title: [x]\n",
    START + "unrigged: 2\n",
    START + "parameters: [1]\n",
    START + "value_bound: 0\n",
    START + "value_bound: 1/2\n",
    START + "endowment: [left]\n",
    "mechanism: best-belief\nplayers: [1, 2]\ngoods: [left]\n",
    "mechanism: best-belief\nplayers: [ann, ann]\ngoods: [left]\n",
    "mechanism: best-belief\nplayers: [ann, '']\ngoods: [left]\n",
    START + "types: [1]\n",
    START + "types: {ann: 3, bob: {}}\n",
    START + "types: {ann: {left: three}, bob: {}}\n",
    START + "types: {ann: {left: true}, bob: {}}\n",
    START + "types: {ann: {kind: xand, bids: []}, bob: {}}\n",
    START + "types: {ann: {kind: xor, bids: [{goods: left}]}, bob: {}}\n",
    START + "types: {ann: {kind: xor, bids: [{goods: left, value: 1, dummies: [x]}]}, bob: {}}\n",
    START + "types: {ann: {kind: xor, bids: {}, values: {}}, bob: {}}\n",
    START + "types: {ann: {kind: unit-demand}, bob: {}}\n",
    START + "types: {ann: {kind: additive, values: {left: 1}, capacity: -1}, bob: {}}\n",
    START + "knowledge: perfect\n",
    START + "coalitions: [[ann]]\n",
    TYPES + "knowledge: some\n",
    TYPES + "knowledge: {precision: 0}\n",
    TYPES + "knowledge: {ann: {precision: 2, bounds: {}}}\n",
    TYPES + "knowledge: {ann: {belief: {least: {}}}}\n",
    TYPES + "knowledge: {ann: {profiles: []}}\n",
    TYPES + "coalitions: [ann, bob]\n",
    TYPES + "coalitions: {ann: bob}\n",
    TYPES + "strategies: clever\n",
    TYPES + "strategies: [rational]\n",
    TYPES + "strategies: {rational: {search: greed}}\n",
    TYPES + "strategies: {rational: {search: {truncated: 0}}}\n",
    TYPES + "strategies: {rational: {search: {greedy: 5}}}\n",
    TYPES + "strategies: {rational: {seek: greedy}}\n",
    TYPES + "strategies: {ann: {random: 0}}\n",
    TYPES + "strategies: {ann: {silent: 3}}\n",
    TYPES + "strategies: {ann: {mixed: []}}\n",
    TYPES + "strategies: {ann: {mixed: [{strategy: silent}]}}\n",
    TYPES + "strategies: {ann: {mixed: [{probability: 1, strategy: {mixed: [{probability: 1, strategy: silent}]}}]}}\n",
    TYPES + "moves: {announce: NO}\n",
    TYPES + "moves: [announce]\n",
    "mechanism: best-belief\nauction: {file: x.txt}\nplayers: [ann]\n",
    "mechanism: best-belief\nauction: {path: x.txt}\n",
    "mechanism: best-belief\nauction: {file: x.txt, format: sats}\n",
]


def document(text: str) -> dict[str, Any]:
    return parse_document(text, suffix=".yaml")


def test_it_is_a_schema_of_the_fields_and_kinds_that_are_read() -> None:
    schema = scenario_schema()
    Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == set(FIELDS)
    written = str(schema["$defs"])
    for kind in (*reading._READERS, *KINDS):
        assert f"'{kind}'" in written


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_accepted(path: Path) -> None:
    assert schema_problems(read_document(path)) == []


@pytest.mark.parametrize("text", GOOD)
def test_accepted_by_both(text: str) -> None:
    assert schema_problems(document(text)) == []
    scenario_from(document(text), check=False)


@pytest.mark.parametrize("text", BAD)
def test_refused_by_both(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("goods 1\nbids 1\ndummy 0\n0 1 0 #\n")
    assert schema_problems(document(text))
    with pytest.raises(InputError):
        scenario_from(document(text), folder=tmp_path, check=False)


def test_problems_name_the_place() -> None:
    assert schema_problems(document(START + "value_bound: 0\ntitle: 3\n"))[0].startswith(
        "title: 3 is not of type 'string'"
    )
