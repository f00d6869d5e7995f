"""A bundle cannot be forged: every byte, and ten thousand edits, also by the house itself; each with the rule named."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from forging_support import STRANGER, Court, Played, forged, played, signed_again
from live_support import secret
from unrigged.audit import Broken, audit, read_bundle, write_bundle
from unrigged.audit.bundle import Bundle
from unrigged.sealed.encoding import canonical
from unrigged.server.trustee import Trustee

EDITS = 10_000


@pytest.fixture(scope="module")
def honest() -> Played:
    return played()


@pytest.fixture(scope="module")
def court(honest: Played) -> Court:
    return Court(honest)


def written(bundle: Bundle) -> bytes:
    return write_bundle(bundle.entries, bundle.checkpoint, bundle.report, bundle.receipts)


def test_the_honest_bundle_is_in_order(honest: Played, court: Court) -> None:
    assert read_bundle(written(honest.bundle)) == honest.bundle
    assert not isinstance(court.verdict(honest.bundle, honest.kept), Broken)


def test_every_byte_of_the_file_flipped(honest: Played) -> None:
    data = written(honest.bundle)
    rules = Counter[str]()
    for place in range(len(data)):
        for bit in range(8) if place % 41 == 0 else (place % 8,):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            with pytest.raises(Broken) as caught:
                read_bundle(bytes(changed))
            rules[caught.value.rule] += 1
    print(f"{len(data)} bytes of a bundle flipped: {dict(rules)}")
    assert set(rules) == {"version", "digest"}


def test_every_byte_of_the_entries_flipped_under_a_new_digest(honest: Played, court: Court) -> None:
    rules = Counter[str]()
    for number, entry in enumerate(honest.entries):
        for place in range(len(entry)):
            changed = bytearray(entry)
            changed[place] ^= 1 << (place % 8)
            entries = (*honest.entries[:number], bytes(changed), *honest.entries[number + 1 :])
            found = court.verdict(replace(honest.bundle, entries=entries))
            assert isinstance(found, Broken), f"byte {place} of entry {number}: {bytes(changed)!r}"
            assert found.rule
            assert found.entry is None or found.entry >= number
            rules[found.rule] += 1
    print(f"{sum(rules.values())} bytes of entries flipped: {dict(rules.most_common())}")


@pytest.mark.parametrize("forger", ["anybody", "the house", "another house"])
def test_ten_thousand_edits(honest: Played, court: Court, forger: str) -> None:
    """`anybody` leaves the house's signature as it is; `the house` signs again what it has changed, but participants
    have kept their receipts and the last checkpoint; `another house` puts its own key in the house's place."""
    random = Random(f"edits by {forger}")
    rules, kinds = Counter[str](), Counter[str]()
    while sum(rules.values()) < EDITS // 3 + 1:
        edit = forged(honest, random)
        if edit is None:
            continue
        what, bundle = edit
        around = what.startswith("around")
        if forger == "the house" and not around:
            bundle = signed_again(honest, bundle, honest.house.key)
        if forger == "another house":
            bundle = signed_again(honest, bundle, STRANGER)
        found = court.verdict(bundle, honest.kept if forger == "the house" else ())
        assert isinstance(found, Broken), (what, bundle)
        assert found.rule
        rules[found.rule] += 1
        kinds[what] += 1
    print(f"{sum(rules.values())} edits by {forger}: {dict(kinds.most_common())}; {dict(rules.most_common())}")
    if forger == "another house":
        assert rules["pin"] > sum(rules.values()) * 4 // 5


def test_what_the_house_can_change_alone_never_changes_the_outcome(honest: Played, court: Court) -> None:
    """Without anything kept by others, the house can write its own entries after the last closing anew (their times, a
    message) or declare the session void; it cannot bring about another outcome, nor other moves or coins."""
    random, accepted = Random("alone"), Counter[str]()
    true = court.states[-1].findings
    for _ in range(1500):
        edit = forged(honest, random)
        if edit is None or edit[0].startswith("around"):
            continue
        what, bundle = edit
        found = court.verdict(signed_again(honest, bundle, honest.house.key))
        if isinstance(found, Broken):
            continue
        accepted[what] += 1
        assert (found.findings.outcome, found.findings.payments) == (true.outcome, true.payments)
        assert found.findings.history == true.history
    print(f"accepted, with the same outcome: {dict(accepted)}")
    assert set(accepted) <= {"edit", "drop", "swap", "duplicate"}


def test_a_bundle_signed_by_others_from_the_start_is_caught_by_pins(honest: Played) -> None:
    """The same session, played by the same people, under another house: in order by itself, but not that house's."""
    other = played(4, 3)
    court = Court(other)
    assert not isinstance(court.verdict(other.bundle, other.kept), Broken)
    with pytest.raises(Broken) as caught:
        audit(other.bundle, honest.keys)
    assert caught.value.rule == "pin"


def test_moves_of_one_opening_cannot_be_moved_to_another(honest: Played, court: Court) -> None:
    """The operator shows people one opening, and puts what they have signed under another one with other rules, for
    which his own trustee contributes again."""
    for field, value in (("title", "another"), ("seconds", 1), ("digits", 31)):
        opening = canonical({**json.loads(honest.entries[0]), field: value})
        answer = Trustee("trustee 0", secret("trustee", 0), {}).contribution(opening)
        second = canonical({**json.loads(honest.entries[1]), **answer})
        entries = (opening, second, *honest.entries[2:])
        found = court.verdict(signed_again(honest, replace(honest.bundle, entries=entries), honest.house.key))
        assert isinstance(found, Broken)
        assert (found.rule, found.entry) == ("signature", 2)
