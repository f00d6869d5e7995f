"""The command line called as a user calls it."""

from __future__ import annotations

from pathlib import Path

import pytest

from unrigged.cli import main

EXAMPLES = Path(__file__).parents[1] / "examples"


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """What is printed (on the error stream where `code` is not 0); the exit code must be `code`."""
    assert main([*arguments]) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.err
