"""The whole ledger: every printed claim once, as printed; quick verdicts do not change; counterexamples confirm."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from unrigged.claims import AS_PRINTED, Evidence, Reading
from unrigged.claims.ledger import LEDGER, MODULES, decide, readings
from unrigged.claims.report import decided
from unrigged.formats import read_scenario

ROOT = Path(__file__).parents[2]
SHEETS = ROOT.parent / "shared" / "spec"
GOLDEN = Path(__file__).with_name("verdicts.json")
PREFIXES = ("market", "perfect-revenue", "leveraging", "best-belief", "surviving", "vcg", "second-price",
            "hope-for-the-best")  # fmt: skip


def printed_ids() -> list[str]:
    """The ids in the sheets' tables: `market.L1, L2, C1` are three."""
    found: dict[str, None] = {}
    for sheet in sorted(SHEETS.glob("*.md")):
        for line in sheet.read_text(encoding="utf-8").splitlines():
            match = re.match(r"\| ([a-z-]+)\.([^|]+?) \|", line)
            if match and match[1] in PREFIXES:
                for name in match[2].split(","):
                    found[f"{match[1]}.{name.strip()}"] = None
    return list(found)


def test_every_printed_id_is_in_the_ledger() -> None:
    if not SHEETS.exists():
        pytest.skip("the sheets that list the claims are not beside this checkout")
    printed = printed_ids()
    assert len(printed) > 80
    assert sorted(printed) == sorted(LEDGER)


def test_every_claim_says_what_is_printed_and_where() -> None:
    assert LEDGER
    for claim in LEDGER.values():
        assert claim.wording, claim.id
        assert claim.source, claim.id
        assert AS_PRINTED in claim.readings
        for reading in claim.readings.values():
            assert reading.meaning, f"{reading.key} does not say what it decides"


@pytest.mark.parametrize("reading", [pytest.param(each, id=each.key) for each in readings()])
def test_quick_verdict(reading: Reading) -> None:
    """On the small range the verdict is the one recorded; a new one is recorded on purpose, by deleting the old."""
    entry = decide(reading, reading.quick)
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert reading.key in golden, f"{GOLDEN.name} has no verdict on {reading.key}: found {entry.verdict}"
    assert entry.verdict.status == golden[reading.key], str(entry.verdict)
    if entry.verdict.status == "fails":
        assert entry.figures or entry.verdict.counterexample is not None
    if entry.verdict.status == "holds":
        assert isinstance(entry.verdict.evidence, Evidence)
        assert entry.verdict.evidence.counts or entry.verdict.evidence.accepted or entry.verdict.evidence.figures


def test_no_verdict_is_recorded_without_its_reading() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert sorted(golden) == sorted(each.key for each in readings())


def test_the_report_is_of_this_ledger() -> None:
    rows = json.loads((ROOT / "docs" / "claims.json").read_text(encoding="utf-8"))
    assert [(row["id"], row["reading"]) for row in rows] == [(each.claim.id, each.name) for each in readings()]
    for row in rows:
        if row["counterexample_file"] is not None:
            scenario = read_scenario(ROOT / "docs" / row["counterexample_file"])
            scenario.check()
    listed = {name for row in rows for name in row["counterexample_files"]}
    assert listed == {f"counterexamples/{path.name}" for path in (ROOT / "docs" / "counterexamples").glob("*.yaml")}


def test_a_row_says_everything() -> None:
    row = decided(next(readings()).key, "quick")
    assert {
        "id",
        "wording",
        "reading",
        "verdict",
        "range",
        "counterexample_file",
        "repaired_condition",
        "seconds",
    } <= set(row)
    assert MODULES
