"""`unrigged audit`: plain words, exit codes, pins, receipts, the page, JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from forging_support import Played, played
from unrigged.audit import write_bundle
from unrigged.cli import main
from unrigged.cli.audit import RULES
from unrigged.sealed.encoding import text_of


@pytest.fixture(scope="module")
def honest() -> Played:
    return played(4, 3)


@pytest.fixture
def bundle(honest: Played, tmp_path: Path) -> Path:
    path = tmp_path / "session.unrigged"
    path.write_bytes(write_bundle(honest.entries, honest.bundle.checkpoint, honest.bundle.report))
    return path


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = main([str(word) for word in ("audit", *words)])
    found = capsys.readouterr()
    return code, " ".join((found.out + found.err).split())


def test_all_in_order(honest: Played, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = tmp_path / "keys"
    keys.write_text("# those I know\n" + "".join(f"{text_of(key)}  somebody\n" for key in honest.keys))
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps({"unrigged": "key", "receipts": list(honest.kept)}))
    page = tmp_path / "page.html"
    code, words = said(capsys, bundle, "--pin", keys, "--receipt", kept, "--report", page)
    assert code == 0
    assert "ALL IS IN ORDER" in words
    assert "bob gets {vase}" in words
    assert "bob pays 5 points" in words
    assert "Any 3 of 4 trustees could open moves together" in words
    assert f"{len(honest.kept)} of your own receipts and checkpoints fit this log" in words
    assert "not shown" not in words
    assert page.read_text() == honest.bundle.report


def test_a_key_that_is_mistyped_is_no_missing_file(
    honest: Played, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, words = said(capsys, bundle, "--pin", text_of(next(iter(honest.keys)))[:-1])
    assert code == 1
    assert "neither a file that is there, nor a key" in words
    assert "43 letters" in words


def test_without_pins_it_says_what_is_not_shown(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, words = said(capsys, bundle)
    assert code == 0
    assert "not shown: no keys were pinned" in words


def test_the_first_entry_and_rule_that_is_not_in_order(
    honest: Played, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = next(number for number, one in enumerate(honest.entries) if b'"kind":"move"' in one)
    entries = [*honest.entries[:place], *honest.entries[place + 1 :]]
    bundle.write_bytes(write_bundle(entries, honest.bundle.checkpoint, honest.bundle.report))
    code, words = said(capsys, bundle)
    assert code == 1
    assert f"NOT IN ORDER entry {place + 1} of the log is the first that breaks a rule" in words
    assert RULES["close"] in words
    code, words = said(capsys, bundle, "--json")
    found = json.loads(words)
    assert (code, found["in_order"], found["entry"], found["rule"]) == (1, False, place + 1, "close")


def test_a_receipt_for_what_is_not_there(
    honest: Played, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps({**honest.kept[0], "digest": honest.kept[1]["digest"]}))
    code, words = said(capsys, bundle, "--receipt", kept)
    assert (code, "'signature'" in words) == (1, True)


def test_json(honest: Played, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, words = said(capsys, bundle, "--json", "--pin", text_of(next(iter(honest.keys))))
    assert code == 1
    assert json.loads(words)["rule"] == "pin"
    code, words = said(capsys, bundle, "--json")
    found = json.loads(words)
    assert code == 0
    assert (found["in_order"], found["kind"], found["payments"]) == (True, "audit", {"ann": "0", "bob": "5"})
    assert found["outcome"]["allocation"] == {"bob": ["vase"]}


@pytest.mark.parametrize("text", ["no json", "{}", "\ud7ff"])
def test_files_that_are_no_receipts(
    text: str, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(text)
    code, words = said(capsys, bundle, "--receipt", kept)
    assert code == 1
    assert "as the house gave it" in words


def test_every_rule_that_can_be_broken_has_words() -> None:
    import re

    import unrigged.audit

    sources = Path(unrigged.audit.__file__).parent.glob("*.py")
    text = "".join(path.read_text() for path in sources)
    named = set(re.findall(r'(?:check|need)\((?:[^"]|"(?!, "))*?, "([a-z]+)",', text)) | set(
        re.findall(r'Broken\("([a-z]+)"', text)
    )
    assert named
    assert named <= set(RULES)


def test_without_the_extra_it_says_what_is_missing(bundle: Path) -> None:
    """The command is listed, and only its use needs the package for signatures."""
    code = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from unrigged.cli import main\n"
        f"sys.exit(main(['audit', {str(bundle)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "unrigged[live]" in done.stderr
