"""How the command line ends when it is stopped, when nobody listens, and when a stream takes only some characters."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli_support import EXAMPLES, said
from unrigged.cli import app as command_line
from unrigged.cli import main

UNRIGGED = [sys.executable, "-c", "import sys; from unrigged.cli import main; sys.exit(main())"]


def test_a_stop_ends_with_one_word(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unrigged.cli.pages.list_mechanisms", stopped)
    assert said(capsys, "mechanisms", code=130) == "stopped\n"
    monkeypatch.setattr(command_line, "app", stopped_at_once)
    assert said(capsys, "mechanisms", code=130) == "stopped\n"


def stopped_at_once(**arguments: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("arguments", [["mechanisms"], ["mechanisms", "--json"], ["--help"]], ids=" ".join)
def test_nobody_listens(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*UNRIGGED, *arguments], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_stream_of_few_characters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("title: Zoë’s\nmechanism: vcg\nplayers: [zoë]\ngoods: [vase]\ntypes: {zoë: {vase: 3}}\n", "utf-8")
    for option in ([], ["--json"]):
        narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", narrow)
        assert main(["run", str(file), *option]) == 0
        narrow.seek(0)
        text = narrow.read()
        if option:
            assert json.loads(text)["title"] == "Zoë’s"
        else:
            assert "zo? gets {vase}" in text


def test_files_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "missing" / "x.yaml"
    assert said(capsys, "convert", str(EXAMPLES / "vcg.yaml"), str(target), code=1).strip() == (
        f"error: cannot write {target}: no such file or directory"
    )
    scenario = tmp_path / "a.yaml"
    scenario.write_text("mechanism: vcg\nauction: {file: data}\n")
    (tmp_path / "data").mkdir()
    assert "found the directory data, expected a file of bids" in said(capsys, "check", str(scenario), code=1)


def test_errors_of_the_system_come_without_their_numbers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied", "x.yaml")

    monkeypatch.setattr("unrigged.cli.pages.list_mechanisms", refused)
    assert said(capsys, "mechanisms", code=1) == "error: cannot use x.yaml: permission denied\n"
