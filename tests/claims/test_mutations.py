"""Breaking a rule of a mechanism changes a verdict: for every mechanism."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from unrigged.claims import replaced
from unrigged.claims.ledger import reading_of
from unrigged.mechanisms import ALL, Mechanism

GOLDEN = json.loads((Path(__file__).with_name("verdicts.json")).read_text(encoding="utf-8"))


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


MUTANTS: dict[str, list[tuple[type[Mechanism], str]]] = _beside("mutants").mutants()


def test_every_mechanism_is_broken_somehow() -> None:
    assert sorted(MUTANTS) == sorted(each.name for each in ALL)
    assert all(MUTANTS.values())


@pytest.mark.parametrize(
    ("name", "mutant", "key"),
    [pytest.param(name, mutant, key, id=f"{mutant.__name__}: {key}") for name, all_ in MUTANTS.items()
     for mutant, key in all_],
)  # fmt: skip
def test_a_broken_rule_changes_a_verdict(name: str, mutant: Any, key: str) -> None:
    reading = reading_of(key)
    with replaced({name: mutant}):
        found = reading.verdict(reading.quick)
    assert found.status != GOLDEN[key], f"{mutant.__doc__} changes nothing: {found}"
