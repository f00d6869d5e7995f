"""Practice sessions: a bundled example, one seat for oneself, bots on the others."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from unrigged.errors import InputError
from unrigged.formats import read_scenario
from unrigged.scenario import Scenario

FIRST = ("best-belief.yaml", "market.yaml", "perfect-revenue.yaml")
"""The examples that are offered first."""


@lru_cache(maxsize=1)
def examples() -> dict[str, Scenario]:
    """The bundled examples by the names of their files, those that are offered first in front."""
    package = Path(str(files("unrigged")))
    folder = next(each for each in (package / "examples", package.parents[1] / "examples") if each.is_dir())
    names = sorted(path.name for path in folder.glob("*.yaml"))
    ordered = [*(name for name in FIRST if name in names), *(name for name in names if name not in FIRST)]
    return {name: read_scenario(folder / name, check=False) for name in ordered}


def example(name: str) -> Scenario:
    """The example of that name; InputError where there is none."""
    if name not in examples():
        raise InputError("example", name, "the name of a bundled example")
    return examples()[name]
