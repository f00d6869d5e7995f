"""`unrigged advise` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli_support import EXAMPLES, said
from unrigged.cli.waiting import seconds


def path(name: str) -> str:
    return str(EXAMPLES / f"{name}.yaml")


def test_a_player_alone(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "advise", path("best-belief"), "--as", "cy")
    assert "offers {east} to ann for 80, {west} to bob for 70 (revenue 150)" in text
    assert "expected utility 25.0166… = 7555/302 (the greatest of those compared)" in text
    assert "instead, silence" in text
    assert "BB, the best sale to all but cy: 150, proved exactly" in text
    for word in ("optimal: ", "indifferent: ", "reveals: "):
        assert word in text


def test_a_coalition_and_what_comes_before_its_turn(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "advise", path("market"), "--as", "emil,finn")
    assert "advice for emil and finn together" in text
    assert "supposing that dora proposes: dora gets {house}" in text
    assert "if the coin 'c0' shows Heads (probability 3839/3840)" in text
    assert "in every reading of rational play: truthful, gratis, shared" in text
    assert "expected joint utility 2/15 (emil 1/15, finn 1/15)" in text
    assert "in all from now on: joint utility 0.1246…" in text
    assert said(capsys, "advise", path("market"), "--as", "finn", "--as", "emil") == text


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "advise", path("vcg"), "--as", "ann,bob", "--json"))
    assert (found["unrigged"], found["kind"], found["agent"]) == (1, "advice", ["ann", "bob"])
    (turn,) = found["turns"]
    assert [choice["readings"][0]["name"] for choice in turn["choices"]] == ["truthful", "ausubel-milgrom", "shielding"]
    assert [choice["greatest"] for choice in turn["choices"]] == [False, True, True]
    assert turn["choices"][1]["expected"] == {"utilities": {"ann": "1", "bob": "1"}, "joint": "2"}
    assert set(turn["known"]) == {"optimal", "indifferent", "reveals"}
    assert found["searches"][0]["proof"] == "exact"
    assert found["proved"] is True


def test_after_a_transcript(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    played = json.loads(said(capsys, "run", path("best-belief"), "--seed", "1", "--json"))
    over = tmp_path / "over.json"
    over.write_text(json.dumps(played))
    assert "a play that is over" in said(
        capsys, "advise", path("best-belief"), "--as", "ann", "--after", str(over), code=1
    )
    so_far = tmp_path / "so_far.json"
    events = [played["events"][0], {"label": "coin", "side": "Tails"}]
    so_far.write_text(json.dumps({"mechanism": "best-belief", "events": events}))
    text = said(capsys, "advise", path("best-belief"), "--as", "ann", "--after", str(so_far))
    assert "ann says YES to {east} for 80" in text
    assert "instead, ann says NO" in text
    assert "cy will have nothing to decide" in said(
        capsys, "advise", path("best-belief"), "--as", "cy", "--after", str(so_far)
    )
    so_far.write_text(json.dumps({"events": [{"label": "report", "moves": {}}]}))
    wrong = said(capsys, "advise", path("best-belief"), "--as", "ann", "--after", str(so_far), code=1)
    assert "so_far.json" in wrong
    assert "events[0]" in wrong


@pytest.mark.parametrize(
    ("names", "words"),
    [("emill", "did you mean 'emil'"), ("emil,emil", "'emil' twice"), ("", "the player ''")],
)
def test_wrong_names_are_a_wrong_call(names: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert words in said(capsys, "advise", path("market"), "--as", names, code=2)


def test_who_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--as" in said(capsys, "advise", path("market"), code=2)


def test_a_coalition_that_is_excluded_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    everybody = "adams,baker,clark,davis"
    assert "everybody in one" in said(capsys, "advise", path("perfect-revenue"), "--as", everybody, code=2)


def test_another_coalition_than_the_files_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "advise", path("best-belief"), "--as", "ann,bob")
    assert "note: {ann, bob} is no coalition of the file" in text


def test_without_types_the_file_is_at_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bare.yaml"
    file.write_text("mechanism: vcg\nplayers: [ann]\ngoods: [x]\nstrategies: silent\n")
    assert "types" in said(capsys, "advise", str(file), "--as", "ann", code=1)


@pytest.mark.parametrize("text", ["soon", "-1", "10 days", "1e9", ""])
def test_times_that_are_none(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "expected a time such as 10s" in said(
        capsys, "advise", path("market"), "--as", "emil", "--limit", text, code=2
    ).replace("\n", " ").replace("│", "").replace("  ", " ")


def test_times() -> None:
    assert [seconds(text) for text in ("0", "10", "10s", "1.5m", "1h", 10.0)] == [0, 10, 10, 90, 3600, 10]


def test_no_time_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert "advice for emil" in said(capsys, "advise", path("market"), "--as", "emil", "--limit", "0")


def test_a_stop_before_anything_was_found(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unrigged.cli.advise.advise", stopped)
    assert "stopped" in said(capsys, "advise", path("market"), "--as", "emil", code=130)
