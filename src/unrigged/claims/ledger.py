"""All claims, in the order of the papers' sheets, and what became of deciding one of their readings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from time import perf_counter
from typing import Any

from unrigged.claims.base import AS_PRINTED, Claim, Evidence, Reading, Scope, Watch, mutated
from unrigged.claims.counterexample import Counterexample
from unrigged.errors import InputError, nearest
from unrigged.verdict import Verdict, undecided

MODULES = ("market", "perfect_revenue", "leveraging", "best_belief", "surviving", "vcg")
"""The papers, each a package of this one whose CLAIMS make up its part of the ledger, in the order of their sheets."""


def _collected() -> dict[str, Claim]:
    found: dict[str, Claim] = {}
    for name in MODULES:
        for claim in import_module(f"unrigged.claims.{name}").CLAIMS:
            if claim.id in found:
                raise InputError("claims", f"{claim.id} twice", "every id once")
            if AS_PRINTED not in claim.readings:
                raise InputError(claim.id, f"the readings {list(claim.readings)}", f"one that is '{AS_PRINTED}'")
            found[claim.id] = claim
    return found


LEDGER: dict[str, Claim] = _collected()
"""Every claim by its id."""


def claim_named(identifier: str, where: str = "claim") -> Claim:
    """The claim of that id; InputError with the nearest one."""
    if identifier not in LEDGER:
        raise InputError(where, f"'{identifier}'", "the id of a claim, as `unrigged claims list` gives them",
                         nearest(identifier, list(LEDGER)))  # fmt: skip
    return LEDGER[identifier]


def readings() -> Iterator[Reading]:
    """Every reading of every claim, in order."""
    for claim in LEDGER.values():
        yield from claim.readings.values()


def reading_of(key: str) -> Reading:
    """The reading with that key."""
    for each in readings():
        if each.key == key:
            return each
    raise InputError("reading", f"'{key}'", "the key of a reading")


@dataclass(frozen=True)
class Entry:
    """What was decided of one reading on one range.

    `files`: scenario files of the counterexample by name, `figures` what contradicts the claim in them, recomputed from
    the exact distributions of their plays.
    """

    reading: Reading
    scope: Scope
    verdict: Verdict
    seconds: float
    files: dict[str, str] = field(default_factory=dict)
    figures: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The entry as docs/claims.json lists it; `counterexample_file` is the name of the first scenario file."""
        claim, evidence = self.reading.claim, self.verdict.evidence
        return {
            "id": claim.id,
            "source": claim.source,
            "wording": claim.wording,
            "reading": self.reading.name,
            "meaning": self.reading.meaning,
            "verdict": self.verdict.status,
            "why": self.verdict.why,
            "range": self.verdict.range,
            "scope": self.scope.to_json(),
            "evidence": evidence.to_json() if isinstance(evidence, Evidence) else None,
            "counterexample_file": next(iter(self.files), None),
            "counterexample_files": list(self.files),
            "contradiction": list(self.figures),
            "repaired_condition": self.repaired_condition,
            "seconds": round(self.seconds, 2),
        }

    @property
    def repaired_condition(self) -> str | None:
        """Under which condition the claim holds: this reading's, or that of the repairs of a claim that fails."""
        if self.reading.repair:
            return self.reading.repair
        repairs = [each.repair for each in self.reading.claim.readings.values() if each.repair]
        return "; or ".join(repairs) if repairs and self.verdict.status == "fails" else None


def decide(reading: Reading, scope: Scope | None = None, watch: Watch | None = None) -> Entry:
    """Decide `reading` on `scope` (its standard range by default), and confirm the counterexample where it fails.

    A counterexample that its own replay does not confirm decides nothing.
    """
    scope = reading.standard if scope is None else scope
    began = perf_counter()
    verdict = _supported(_verdict(reading, scope, watch))
    files: dict[str, str] = {}
    figures: tuple[dict[str, Any], ...] = ()
    if verdict.status == "fails" and isinstance(verdict.counterexample, Counterexample) and not mutated():
        found = _titled(reading, verdict.counterexample)
        against = found.reason_against()
        if against:
            verdict = undecided(f"a counterexample was found that its replay does not confirm: {against}",
                                range=verdict.range)  # fmt: skip
        else:
            files = {f"{file_name(reading, case)}": text for case, text in found.files().items()}
            figures = tuple(found.to_json())
    return Entry(reading, scope, verdict, perf_counter() - began, files, figures)


STRANGE = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError)
"""What the code of a claim may run into on a range that it was not written for."""


def _verdict(reading: Reading, scope: Scope, watch: Watch | None) -> Verdict:
    """The reading's verdict; on a range that is not its own, undecided where its code cannot deal with the range."""
    try:
        return reading.verdict(scope, watch)
    except InputError as error:
        if error.where not in scope.parameters:
            raise
        fix = f"the claim's own range sets it: choose another by --set {error.where}=..."
        raise InputError(error.where, error.found, error.expected, fix) from None
    except STRANGE as error:
        if scope in (reading.quick, reading.standard):
            raise
        return undecided(f"the claim cannot be decided on a range like this one ({type(error).__name__}: {error})",
                         range=str(scope))  # fmt: skip


def _supported(verdict: Verdict) -> Verdict:
    """The verdict where something stands behind it: cases that were covered, or a counterexample; else undecided."""
    evidence = verdict.evidence
    covered = isinstance(evidence, Evidence) and (
        any(evidence.counts.values()) or any(evidence.accepted.values()) or bool(evidence.figures)
    )
    if verdict.status == "holds" and not covered:
        return undecided(
            f"there is no case in this range that it could be decided on ({verdict.why})", range=verdict.range
        )
    if verdict.status == "fails" and not isinstance(verdict.counterexample, Counterexample) and not mutated():
        return undecided(
            f"nothing in this range shows it, and nothing contradicts it ({verdict.why})", range=verdict.range
        )
    return verdict


def _titled(reading: Reading, found: Counterexample) -> Counterexample:
    cases = {name: replace(each, title=f"{reading.key}: {each.title or name}") for name, each in found.cases.items()}
    return replace(found, cases=cases)


def file_name(reading: Reading, case: str) -> str:
    """The name of the scenario file of a case of a counterexample."""
    parts = [reading.claim.id, *([] if reading.name == AS_PRINTED else [reading.name]), case]
    return "-".join(re.sub(r"[^A-Za-z0-9.]+", "-", part).strip("-") for part in parts) + ".yaml"
