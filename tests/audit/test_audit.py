"""An audit accepts what was played, and names what is not in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from live_support import House, at_random
from unrigged.audit import Broken, audit, audited, read_bundle, report, write_bundle
from unrigged.formats import read_scenario
from unrigged.mechanisms import ALL, Mechanism
from unrigged.sealed.encoding import canonical, digest, text_of
from unrigged.server.entries import checkpoint_statement, receipt_statement
from unrigged.server.session import Session

EXAMPLES = Path(__file__).parents[2] / "examples"


def played(name: str = "best-belief", trustees: int = 1, threshold: int = 1) -> tuple[House, Session]:
    house = House(read_scenario(EXAMPLES / f"{name}.yaml").mechanism, trustees, threshold)
    return house, house.play(at_random(3))


def signed(house: House, entries: list[bytes]) -> dict[str, Any]:
    """A checkpoint of any entries: the house itself may be the forger."""
    from unrigged.sealed import merkle

    root = merkle.root([merkle.leaf(one) for one in entries])
    signature = house.key.sign(checkpoint_statement("s", len(entries), root))
    return {"session": "s", "size": len(entries), "root": text_of(root), "signature": text_of(signature)}


def bundled(house: House, entries: list[bytes], **more: Any) -> bytes:
    return write_bundle(entries, signed(house, entries), report(audited(entries)), **more)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_every_mechanism_is_audited(kind: type[Mechanism]) -> None:
    house, session = played(kind.name)
    found = audit(read_bundle(bundled(house, [one.data for one in session.entries])))
    assert found.outcome == session.outcome
    assert found.history == session.history
    assert found.checks["signature"] > len(session.participants)
    assert found.warnings


def test_pinned_keys() -> None:
    house, session = played("best-belief", 4, 3)
    bundle = read_bundle(bundled(house, [one.data for one in session.entries]))
    keys = {house.key.public_key().public_bytes_raw(), *(trustee.key for trustee in house.trustees)}
    assert not audit(bundle, keys).warnings
    for missing in keys:
        with pytest.raises(Broken) as caught:
            audit(bundle, keys - {missing})
        assert caught.value.rule == "pin"


def test_a_flipped_bit_is_found_by_the_digest() -> None:
    house, session = played("naive-2")
    data = bundled(house, [one.data for one in session.entries])
    for place in range(0, len(data), 97):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(Broken) as caught:
            read_bundle(bytes(changed))
        assert caught.value.rule in ("version", "digest")


@pytest.mark.parametrize("kind", ["join", "move", "close", "release", "secret", "contribution", "round", "opened"])
def test_an_entry_left_out_is_found(kind: str) -> None:
    _, session = played()
    entries = [one.data for one in session.entries]
    place = next(number for number, one in enumerate(session.entries) if one.kind == kind)
    with pytest.raises(Broken) as caught:
        audited(entries[:place] + entries[place + 1 :])
    assert caught.value.entry is not None
    assert caught.value.entry >= place


def changed(entry: bytes, **fields: Any) -> bytes:
    return canonical({**json.loads(entry), **fields})


def test_what_the_house_could_forge_is_named() -> None:
    _, session = played()
    entries = [one.data for one in session.entries]

    def rule(kind: str, **fields: Any) -> str:
        place = next(number for number, one in enumerate(session.entries) if one.kind == kind)
        forged = [*entries]
        forged[place] = changed(entries[place], **fields)
        with pytest.raises(Broken) as caught:
            audited(forged)
        assert caught.value.entry == place
        return caught.value.rule

    assert rule("opened", events=[]) == "coins"
    assert rule("opened", moves={}) == "moves"
    assert rule("opened", refused={"x": "y"}) == "default"
    assert rule("settled", payments={}) == "payments"
    assert rule("settled", outcome={}) == "outcome"
    assert rule("close", reason="deadline") == "close"
    assert rule("secret", secret=text_of(bytes(32))) == "secret"
    assert rule("move", signature=text_of(bytes(64))) == "signature"
    assert rule("release", key=text_of(bytes(31) + b"\x01")) == "trustees"


def test_receipts_are_checked() -> None:
    house, session = played()
    entries = [one.data for one in session.entries]
    number = next(number for number, one in enumerate(session.entries) if one.kind == "move")

    def receipt(number: int, data: bytes) -> dict[str, Any]:
        signature = house.key.sign(receipt_statement("s", number, data))
        return {"session": "s", "number": number, "digest": text_of(digest("entry", data)),
                "time": session.entries[number].time, "signature": text_of(signature)}  # fmt: skip

    audit(read_bundle(bundled(house, entries, receipts=[receipt(number, entries[number])])))
    with pytest.raises(Broken) as caught:
        audit(read_bundle(bundled(house, entries, receipts=[receipt(number, b"another entry")])))
    assert caught.value.rule == "receipt"


def test_the_report_is_self_contained_and_in_plain_words() -> None:
    _, session = played("perfect-revenue")
    page = report(audited([one.data for one in session.entries]))
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page
    assert "The result" in page
    for name in session.mechanism.setting.players:
        assert name in page
