"""Bundles of earlier versions are audited alike by every later one."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from unrigged.audit import Broken, Findings, audit, read_bundle
from unrigged.transcripts import outcome_to_json

GOLDEN = Path(__file__).parent / "golden"

BYTES = {"committee": "114009a580c812dc", "plain": "0ccf25032cd50a77", "void": "db6262d98b78d76a"}
"""The digests of the golden bundles: they are never made again."""


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}.unrigged").read_bytes()


def audited(name: str) -> Findings:
    return audit(read_bundle(golden(name)))


def test_the_golden_bundles_are_as_they_were() -> None:
    found = {path.stem: sha256(path.read_bytes()).hexdigest()[:16] for path in GOLDEN.glob("*.unrigged")}
    assert found == BYTES


def test_a_plain_session() -> None:
    found = audited("plain")
    assert found.outcome is not None
    assert found.mechanism is not None
    expected = {"allocation": {"bob": ["vase"]}, "prices": {"ann": "0", "bob": "5"}}
    assert outcome_to_json(found.mechanism.setting, found.outcome) == expected
    assert found.payments == {"ann": "0", "bob": "5"}
    assert found.refused == []


def test_a_session_with_a_committee_and_defaults() -> None:
    found = audited("committee")
    assert found.outcome is not None
    assert found.mechanism is not None
    expected = {"allocation": {"Ann B.": ["left", "right"]}, "prices": {"Ann B.": "0", "Bär": "0", "周": "0"}}
    assert outcome_to_json(found.mechanism.setting, found.outcome) == expected
    assert found.payments == {"Ann B.": "0", "Bär": "0", "周": "0"}
    assert found.refused == [(0, "Bär", "it is no legal move"), (0, "周", "nothing was sent in time")]


def test_a_void_session_with_a_beacon() -> None:
    found = audited("void")
    assert (found.status, found.void, found.outcome) == ("void", "the vase is broken", None)
    assert found.beacons == [(0, "8b2fd1c5")]
    assert any("beacon" in warning for warning in found.warnings)


@pytest.mark.parametrize("name", sorted(BYTES))
def test_pages_of_earlier_versions_are_not_compared_and_that_is_said(name: str) -> None:
    assert any("is not compared" in warning for warning in audited(name).warnings)


def test_a_bundle_of_an_unknown_version_is_refused() -> None:
    data = golden("plain").split(b"\n", 2)
    rest = data[2].replace(b"unrigged 0.1.0.dev0", b"unrigged 9.9.9")
    with pytest.raises(Broken) as caught:
        audit(read_bundle(data[0] + b"\n" + sha256(rest).hexdigest().encode() + b"\n" + rest))
    assert caught.value.rule == "version"
