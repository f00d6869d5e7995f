"""What is said of a log as a whole: that it has come to its end, the house's signature on it, receipts, the report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from unrigged.audit.bundle import EARLIER, Bundle, this_version
from unrigged.audit.opening import OWN
from unrigged.audit.report import report
from unrigged.sealed import merkle
from unrigged.sealed.encoding import bytes_of, digest, framed, text_of

if TYPE_CHECKING:
    from unrigged.audit.log import Auditor

RECEIPT = {"session", "number", "digest", "time", "signature"}
CHECKPOINT = {"session", "size", "root", "signature"}


def whole(log: Auditor, bundle: Bundle, kept: Iterable[Any]) -> None:
    """Check what `bundle` holds besides its entries, which `log` has read, and what somebody has `kept`."""
    log.check(log.phase in ("settled", "void"), "end", "the session is not over")
    log.check(bundle.version in (this_version(), *EARLIER), "version", f"'{bundle.version}' is not known to this one")
    checkpoint(log, bundle.checkpoint)
    log.check(bundle.checkpoint["size"] == len(log.leaves), "checkpoint", "it is of another log")
    last = -1
    for each in bundle.receipts:
        receipt(log, each, bundle.entries)
        log.check(each["number"] > last, "receipt", "they do not stand in order, each once")
        last = each["number"]
    for each in kept:
        if isinstance(each, dict) and set(each) == CHECKPOINT:
            checkpoint(log, each)
        else:
            receipt(log, each, bundle.entries)
    page = report(log.findings)
    if bundle.version == this_version():
        log.check(bundle.report == page, "report", "it is not the one that this log gives")
    else:
        log.findings.warnings.append(f"the page in the bundle was worded by {bundle.version} and is not compared")
    _warnings(log)


def checkpoint(log: Auditor, given: Any) -> None:
    """The house's signature on the first entries of this log, or on all."""
    log.check(isinstance(given, dict) and set(given) == CHECKPOINT, "checkpoint", "it has other fields")
    log.check(given["session"] == log.session, "checkpoint", "it is of another session")
    size = given["size"]
    log.check(type(size) is int and 1 <= size <= len(log.leaves), "checkpoint", "it is of a log with more entries")
    stated = bytes_of(given["root"], "root", 32)
    log.signed(log.house, given["signature"], framed("checkpoint", log.session, size, stated), "the house")
    log.check(stated == merkle.root(log.leaves[:size]), "checkpoint", "the house has signed another log")


def receipt(log: Auditor, given: Any, entries: tuple[bytes, ...]) -> None:
    """A receipt that a participant kept: its entry is in the log, where the house said it was."""
    log.check(isinstance(given, dict) and set(given) == RECEIPT, "receipt", "it has other fields")
    log.check(given["session"] == log.session, "receipt", "it is of another session")
    stated, number = bytes_of(given["digest"], "digest", 32), given["number"]
    log.check(type(number) is int and number >= 0, "receipt", "it has no number")
    log.signed(log.house, given["signature"], framed("receipt", log.session, number, stated), "the house")
    there = number < len(entries) and digest("entry", entries[number]) == stated
    log.check(there, "receipt", f"the house has signed that entry {number} is another one")
    log.check(type(given["time"]) is int and given["time"] == log.findings.times[number][0], "receipt",
              f"entry {number} was written at another time")  # fmt: skip


def _warnings(log: Auditor) -> None:
    found = log.findings.warnings
    if not log.pinned:
        found.append("no keys were pinned: that the house and the trustees are those you know is not shown")
    else:
        absent = log.pinned - {log.house} - {key for name, key, _ in log.trustees if name != OWN}
        if absent:
            found.append(
                f"{len(absent)} of the pinned keys have no part in this session: {', '.join(map(text_of, absent))}"
            )
    if log.findings.beacons:
        found.append(f"compare the beacon's values with those published: {log.opening.beacon}")
    if log.opening.other_rules:
        found.append(f"the rules are worded otherwise in this version than in '{log.opening.version}'")
