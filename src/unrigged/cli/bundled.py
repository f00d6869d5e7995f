"""Where the bundled examples are: inside the installed package, or beside its source in a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def example(name: str) -> Path:
    """The path of the bundled example called `name`; FileNotFoundError where the installation lacks it."""
    package = Path(str(files("unrigged")))
    for folder in (package / "examples", package.parents[1] / "examples"):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"the bundled example {name} is not installed")
