"""`unrigged payments` as a user meets it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from cli_support import EXAMPLES, said

LONELY = """
unrigged: 1
title: Two small bidders against a big one
mechanism: vcg
players: [ann, bob, big]
goods: [east, west]
types:
  ann: {kind: single-minded, goods: [east], value: 10}
  bob: {kind: single-minded, goods: [west], value: 10}
  big: {kind: single-minded, goods: [east, west], value: 10}
"""


@pytest.fixture
def lonely(tmp_path: Path) -> str:
    path = tmp_path / "lonely.yaml"
    path.write_text(LONELY, encoding="utf-8")
    return str(path)


def test_vcg_below_the_core(lonely: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "payments", lonely)
    assert "At VCG prices big and the seller would rather trade among themselves: together they would gain 10" in text
    found = json.loads(said(capsys, "payments", lonely, "--json"))
    assert found["vcg"] == {"ann": "0", "bob": "0", "big": "0"}
    assert found["prices"] == {"ann": "5", "bob": "5", "big": "0"}
    assert (found["proof"], found["vcg_in_core"], found["blocking"]) == ("exact", "fails", ["big"])


def test_a_cats_auction(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "payments", str(EXAMPLES / "data" / "small-regions.txt"), "--json"))
    assert found["welfare"] == "376"
    assert found["proof"] == "exact"
    vcg, core = (sum(Fraction(price) for price in found[rule].values()) for rule in ("vcg", "prices"))
    assert vcg <= core <= 376


def test_states_have_no_payments(capsys: pytest.CaptureFixture[str]) -> None:
    assert "goods" in said(capsys, "payments", str(EXAMPLES / "surviving.yaml"), code=1)
    assert "endowment" in said(capsys, "payments", str(EXAMPLES / "market.yaml"), code=1)


def test_unproved_prices_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no time is given, nothing is claimed of the core."""
    path = str(EXAMPLES / "data" / "small-regions.txt")
    found = json.loads(said(capsys, "payments", path, "--limit", "0", "--json"))
    assert (found["proof"], found["vcg_in_core"], found["blocking"]) == ("none", "undecided", [])
    assert "not proved" in said(capsys, "payments", path, "--limit", "0")
