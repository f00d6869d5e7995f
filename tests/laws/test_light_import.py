"""Importing the package loads no solver, no compiler and nothing of the terminal."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "numba", "highspy", "ortools", "rich", "typer", "ruamel")


def test_import_is_light() -> None:
    code = f"import sys, unrigged; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_everything_public_is_there() -> None:
    import unrigged

    for name in unrigged.__all__:
        assert getattr(unrigged, name) is not None
