"""The first entry of a log, checked field by field (docs/bundle.md): what everything else is checked against."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any

from unrigged.audit.findings import Check
from unrigged.exact import exact, written
from unrigged.mechanisms import mechanism_named
from unrigged.mechanisms.base import Mechanism
from unrigged.sealed.encoding import bytes_of, digest
from unrigged.sealed.envelope import Committee
from unrigged.sealed.signatures import agrees, signs
from unrigged.transcripts import setting_from_json

OWN = "the house"
"""The name of the trustee inside the house, whose keys the operator has."""

_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_VERSION = re.compile(r"unrigged (?P<package>.+), rules (?P<rules>[0-9a-f]{16})")


@dataclass(frozen=True)
class Opening:
    """What the opening fixes. `trustees`: name, signing key, and a key for every round."""

    digest: bytes
    session: str
    title: str
    house: bytes
    mechanism: Mechanism
    tokens: dict[str, bytes]
    trustees: tuple[tuple[str, bytes, tuple[bytes, ...]], ...]
    threshold: int
    secrets: tuple[bytes, ...]
    seconds: int
    digits: int
    unit: str
    step: Fraction
    rounding: str
    beacon: str
    version: str

    def committee(self, round_: int) -> Committee:
        """The trustees' keys for a round."""
        return Committee(tuple(keys[round_] for _, _, keys in self.trustees), self.threshold)

    @property
    def operator_reads(self) -> bool:
        """Whether the house's own trustee opens envelopes alone."""
        return self.threshold == 1 and any(name == OWN for name, _, _ in self.trustees)

    @property
    def other_rules(self) -> bool:
        """Whether the version that was played by has other words for the rules of this mechanism."""
        words = "\n".join(f"{rule.step}: {rule.text}" for rule in self.mechanism.rules())
        match = _VERSION.fullmatch(self.version)
        return match is not None and match["rules"] != sha256(words.encode()).hexdigest()[:16]


def read_opening(data: bytes, fields: dict[str, Any], check: Check) -> Opening:
    """The opening in the entry `data`; `check` is told of every rule."""
    check(type(fields["format"]) is int and fields["format"] == 1, "version",
          f"the format {fields['format']!r} is not known to this version")  # fmt: skip
    for name, most in (("session", 64), ("title", 200), ("version", 200), ("beacon", 200)):
        check(isinstance(fields[name], str) and len(fields[name]) <= most, "form", f"{name} is no text, or too long")
    check(_SESSION.fullmatch(fields["session"]) is not None, "form", "the session has another name than is allowed")
    for name, most in (("threshold", 255), ("seconds", 10**8), ("digits", 4000)):
        check(type(fields[name]) is int and 1 <= fields[name] <= most, "form", f"{name} is not from 1 to {most}")
    house = bytes_of(fields["house"], "house", 32)
    check(signs(house), "form", "the house's key commits to nothing")
    secrets = tuple(bytes_of(one, "secrets", 32) for one in listed(fields["secrets"], check, 1000))
    play, money = fields["play"], fields["money"]
    objects([play], ("mechanism", "parameters", "setting"), check)
    mechanism = mechanism_named(play["mechanism"]).build(setting_from_json(play["setting"]), dict(play["parameters"]))
    objects([money], ("unit", "step", "rounding"), check)
    check(isinstance(money["unit"], str) and 1 <= len(money["unit"]) <= 20, "money", "the unit has no name")
    check(isinstance(money["step"], str) and written(exact(money["step"])) == money["step"], "money", "another step")
    step = Fraction(exact(money["step"]))
    check(step > 0 and money["rounding"] in ("favour", "nearest"), "money", "prices cannot be rounded so")
    trustees = _trustees(fields["trustees"], len(secrets), check)
    check(fields["threshold"] <= len(trustees), "trustees", "there are fewer of them than open a round")
    return Opening(
        digest("opening", data), fields["session"], fields["title"], house, mechanism,
        _tokens(fields["participants"], mechanism, check), trustees, fields["threshold"], secrets, fields["seconds"],
        fields["digits"], money["unit"], step, money["rounding"], fields["beacon"], fields["version"],
    )  # fmt: skip


def _tokens(given: Any, mechanism: Mechanism, check: Check) -> dict[str, bytes]:
    """The digest of every participant's token."""
    participants = listed(given, check, 200)
    objects(participants, ("player", "kind", "token"), check)
    check([each["player"] for each in participants] == list(mechanism.setting.players), "participants",
          "they are not the players of the mechanism, each once")  # fmt: skip
    kinds = all(each["kind"] in ("human", "program", "bot") for each in participants)
    check(kinds, "participants", "somebody is neither human, program nor bot")
    return {each["player"]: bytes_of(each["token"], "token", 32) for each in participants}


def _trustees(given: Any, rounds: int, check: Check) -> tuple[tuple[str, bytes, tuple[bytes, ...]], ...]:
    trustees = listed(given, check, 255)
    objects(trustees, ("name", "key", "rounds"), check)
    answer = tuple(
        (each["name"], bytes_of(each["key"], "key", 32),
         tuple(bytes_of(one, "rounds", 32) for one in listed(each["rounds"], check, 1000)))
        for each in trustees
    )  # fmt: skip
    for name, key, keys in answer:
        named = isinstance(name, str) and 1 <= len(name) <= 100 and bool(name.strip())
        check(named, "trustees", "one of them has no name, or one that is too long")
        check(len(keys) == rounds, "trustees", f"{name} has not a key for every round")
        check(signs(key) and all(agrees(one) for one in keys), "trustees", f"{name} has a key that is of no use")
    names, signing = [name for name, _, _ in answer], [key for _, key, _ in answer]
    for what in (names, signing, [one for _, _, keys in answer for one in keys]):
        check(len(set(what)) == len(what), "trustees", "two of them have one name, or one key serves twice")
    return answer


def listed(value: Any, check: Check, most: int) -> list[Any]:
    """`value`, a list that is neither empty nor too long."""
    check(isinstance(value, list) and 1 <= len(value) <= most, "form", f"it is no list of 1 to {most}")
    return list(value)


def objects(values: list[Any], names: tuple[str, ...], check: Check) -> None:
    """Every one of `values` is an object with these fields."""
    for value in values:
        known = isinstance(value, dict) and set(value) == set(names)
        check(known, "form", f"it is no object with {', '.join(names)}")
