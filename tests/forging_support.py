"""Forged bundles: what a small session's bundle can be turned into, and who signs it again."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from live_support import House, at_random, secret
from unrigged.audit import Auditor, Broken, Bundle, at, audited, report
from unrigged.audit.bundle import this_version
from unrigged.audit.whole import whole
from unrigged.errors import InputError
from unrigged.mechanisms import FirstPrice
from unrigged.sealed import merkle
from unrigged.sealed.encoding import canonical, digest, text_of
from unrigged.server.entries import checkpoint_statement, receipt_statement
from unrigged.setting import auction

STRANGER = Ed25519PrivateKey.from_private_bytes(secret("somebody else"))


@dataclass(frozen=True)
class Played:
    """A small session that was played honestly, and what its participants kept of it."""

    house: House
    entries: tuple[bytes, ...]
    bundle: Bundle
    keys: frozenset[bytes]
    kept: tuple[dict[str, Any], ...]


def checkpoint(key: Ed25519PrivateKey, entries: tuple[bytes, ...]) -> dict[str, Any]:
    """A checkpoint of any entries, by any key."""
    root = merkle.root([merkle.leaf(one) for one in entries])
    signature = key.sign(checkpoint_statement("s", len(entries), root))
    return {"session": "s", "size": len(entries), "root": text_of(root), "signature": text_of(signature)}


def receipt(house: House, number: int, data: bytes) -> dict[str, Any]:
    """The house's receipt for an entry."""
    signature = house.key.sign(receipt_statement("s", number, data))
    return {"session": "s", "number": number, "digest": text_of(digest("entry", data)),
            "time": json.loads(data)["time"], "signature": text_of(signature)}  # fmt: skip


def played(trustees: int = 1, threshold: int = 1) -> Played:
    """Two bidders, one good."""
    house = House(FirstPrice(auction(("ann", "bob"), ["vase"])), trustees, threshold)
    session = house.play(at_random(3))
    entries = tuple(one.data for one in session.entries)
    mine = [receipt(house, number, one.data) for number, one in enumerate(session.entries) if one.kind == "move"]
    end = checkpoint(house.key, entries)
    bundle = Bundle(entries, end, tuple(mine[:1]), report(audited(entries)), this_version())
    keys = frozenset({house.key.public_key().public_bytes_raw(), *(one.key for one in house.trustees)})
    return Played(house, entries, bundle, keys, (*mine, end))


class Court:
    """Audits bundles that share their first entries with an honest one, without reading these again."""

    def __init__(self, honest: Played) -> None:
        self.honest = honest
        self.states = [Auditor(set(honest.keys))]
        for data in honest.entries:
            following = deepcopy(self.states[-1])
            following.entry(len(self.states) - 1, data)
            self.states.append(following)

    def verdict(self, bundle: Bundle, kept: tuple[Any, ...] = (), *, pinned: bool = True) -> Broken | Auditor:
        """What `audit` says of a bundle: the rule that it breaks, or what it shows."""
        same = 0
        for one, other in zip(bundle.entries, self.honest.entries, strict=False):
            if one != other:
                break
            same += 1
        state = deepcopy(self.states[same]) if pinned else Auditor(set())
        try:
            for number, data in enumerate(bundle.entries[same if pinned else 0 :], same if pinned else 0):
                with at(number):
                    state.entry(number, data)
            with at(None):
                whole(state, bundle, kept)
        except Broken as broken:
            return broken
        return state


def forged(honest: Played, random: Random) -> tuple[str, Bundle] | None:
    """A structural edit of the honest bundle, and its name; None where it changes nothing."""
    what = random.choice(("drop", "swap", "duplicate", "truncate", "edit", "edit", "edit", "around"))
    entries = list(honest.entries)
    place = random.randrange(len(entries))
    if what == "drop":
        del entries[place]
    elif what == "swap":
        other = random.randrange(len(entries))
        entries[place], entries[other] = entries[other], entries[place]
    elif what == "duplicate":
        entries.insert(random.randrange(len(entries) + 1), entries[place])
    elif what == "truncate":
        entries = entries[:place]
    elif what == "edit":
        entries[place] = edited_bytes(entries[place], random)
    if what != "around":
        return None if tuple(entries) == honest.entries else (what, replace(honest.bundle, entries=tuple(entries)))
    around = {
        "checkpoint": dict(honest.bundle.checkpoint),
        "receipts": [dict(each) for each in honest.bundle.receipts],
        "version": honest.bundle.version,
        "report": honest.bundle.report,
    }
    name = random.choice(sorted(around))
    found = edited(around[name], random)
    if not isinstance(found, type(around[name])) or found == [] or found == around[name]:
        return None
    if name == "receipts":
        if not all(isinstance(each, dict) for each in found):
            return None
        found = tuple(found)
    return f"{what}: {name}", replace(honest.bundle, **{name: found})


def edited_bytes(data: bytes, random: Random) -> bytes:
    """An entry with one of its fields changed, in canonical form still."""
    try:
        return canonical(edited(json.loads(data), random))
    except InputError:
        return data


def edited(value: Any, random: Random) -> Any:
    """A value that differs from `value` somewhere."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        name = random.choice(sorted(value))
        if random.random() < 0.1:
            return {key: each for key, each in value.items() if key != name}
        if random.random() < 0.05:
            return {**value, name + "x": value[name]}
        return {**value, name: edited(value[name], random)}
    if isinstance(value, list) and value and random.random() < 0.9:
        place, how = random.randrange(len(value)), random.random()
        if how < 0.15:
            return value[:place] + value[place + 1 :]
        if how < 0.3:
            return [*value[: place + 1], *value[place:]]
        if how < 0.4 and len(value) > 1:
            return value[1:] + value[:1]
        return [*value[:place], edited(value[place], random), *value[place + 1 :]]
    if isinstance(value, bool):
        return random.choice((not value, int(value), None))
    if isinstance(value, int):
        return random.choice((value + 1, value - 1, -value, 0, value + 10**6, value == 1, str(value), None))
    if isinstance(value, str) and value:
        place = random.randrange(len(value))
        letter = random.choice("ABCabc019-_ é\u0000")
        return random.choice((
            value[:place] + letter + value[place + 1 :], value[:place] + value[place + 1 :], value + letter, "",
            value[::-1], value.upper(), 1, True, None, [value],
        ))  # fmt: skip
    return random.choice((None, 0, 1, True, "", "x", [], {}, [1], {"x": 1}))


def signed_again(honest: Played, bundle: Bundle, key: Ed25519PrivateKey) -> Bundle:
    """The bundle with a fitting checkpoint and page; by another key than the house's, the house is given out to be that
    other one."""
    entries = bundle.entries
    if key is STRANGER and entries:
        with suppress(ValueError, TypeError, InputError):
            first = json.loads(entries[0])
            first["house"] = text_of(key.public_key().public_bytes_raw())
            entries = (canonical(first), *entries[1:])
    page = bundle.report
    with suppress(Broken, AssertionError):
        page = report(audited(entries)) if bundle.report == honest.bundle.report else page
    return replace(bundle, entries=entries, checkpoint=checkpoint(key, entries), report=page)
