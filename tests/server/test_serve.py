"""The commands: a house that opens, says where, and closes cleanly; trustees; copies; the password."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from pages_support import FORM
from unrigged.cli import main, serve


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A command in the foreground of another process, and the lines it has printed until the server listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "unrigged", *arguments], cwd=folder, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env={**os.environ, "COLUMNS": "400"},
    )  # fmt: skip
    assert process.stdout is not None
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line)
            if "startup complete" in line:
                break
        yield process, lines
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def stopped(process: subprocess.Popen[str]) -> str:
    """What it says after Ctrl-C, once it has ended without complaint."""
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    return rest


def test_a_house_opens_lets_its_organiser_in_and_closes_cleanly_while_pages_are_open(tmp_path: Path) -> None:
    with running(tmp_path, "serve", "--port", "0") as (process, lines):
        link = re.search(r"(http://127\.0\.0\.1:\d+)/organiser/login#code=(\S+)", "".join(lines))
        assert link is not None
        assert "could read them before a round is closed" in "".join(lines)
        with httpx.Client(base_url=link[1], timeout=20) as browser:
            assert browser.post("/organiser/login", data={"code": link[2]}).status_code == 303
            token = re.search(r'name="form" value="([^"]+)"', browser.get("/organiser").text)
            assert token is not None
            made = browser.post("/organiser/new", data={**FORM, "form": token[1]})
            session = made.headers["location"].split("/")[3]
            with browser.stream("GET", f"/api/v1/sessions/{session}/events?player=ann") as stream:
                assert next(stream.iter_lines()) == "event: change"
                rest = stopped(process)
        assert link[2] not in rest
        assert "player=ann" not in rest
        assert f"GET /api/v1/sessions/{session}/events HTTP" in rest
    assert (tmp_path / "house.db").stat().st_mode & 0o077 == 0


def test_a_house_with_trustees_elsewhere_does_not_say_that_its_operator_could_read(tmp_path: Path) -> None:
    with running(tmp_path, "trustee", "--data", "t.db", "--name", "Notary", "--port", "0") as (notary, said):
        where = re.search(r"«Notary» at (\S+), with the public key ([\w-]{43})", "".join(said))
        assert where is not None
        with running(tmp_path, "serve", "--port", "0", "--trustee", where[1], "--threshold", "1") as (process, lines):
            link = re.search(r"(http://\S+)/organiser/login#code=(\S+)", "".join(lines))
            assert link is not None
            assert "could read" not in "".join(lines)
            with httpx.Client(base_url=link[1], timeout=20) as browser:
                browser.post("/organiser/login", data={"code": link[2]})
                token = re.search(r'name="form" value="([^"]+)"', browser.get("/organiser").text)
                assert token is not None
                made = browser.post("/organiser/new", data={**FORM, "form": token[1]})
                page = browser.get("/s/" + made.headers["location"].split("/")[3]).text
            assert "Sealed moves are opened by 1 of 1 trustees together: Notary" in page
            assert "The operator could read moves" not in page
            stopped(process)
        stopped(notary)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--threshold", "2"], "needs as many --trustee"),
        (["--trustee", "http://x"], "--threshold must be given"),
        (["--trustee", "x", "--threshold", "1"], "begins with http"),
        (["--trustee", "http://x", "--trustee", "http://x", "--threshold", "1"], "every --trustee once"),
        (["--tls-cert", "x"], "go together"),
    ],
)
def test_what_does_not_go_together_is_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["serve", "--port", "0", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_what_is_not_installed_is_named_with_the_way_to_install_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "LIVE", ("httpx", "no_such_package"))
    for command in (["serve"], ["trustee", "--data", "t", "--name", "n"], ["house", "backup", "x"]):
        assert main(command) == 1
        assert "no_such_package, which is not installed: pip install 'unrigged[live]'" in capsys.readouterr().err


def test_copies_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with running(tmp_path, "serve", "--port", "0"):
        assert main(["house", "backup", "copy.db"]) == 0
    assert "copy.db holds 0 sessions" in capsys.readouterr().out
    assert main(["house", "restore", "copy.db", "--database", "new.db"]) == 0
    assert main(["house", "restore", "copy.db", "--database", "new.db"]) == 1
    assert "there already" in capsys.readouterr().err
    assert main(["house", "backup", "x", "--database", "postgresql://host/x"]) == 1
    assert "pg_dump" in capsys.readouterr().err
