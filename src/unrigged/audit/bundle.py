"""The container of a bundle (docs/bundle.md): two lines and canonical JSON, its digest checked before anything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from unrigged.audit.findings import Broken
from unrigged.errors import InputError
from unrigged.sealed.encoding import bytes_of, canonical, from_canonical, text_of

FIRST_LINE = b"unrigged bundle 1\n"
MAX_BUNDLE = 2**30

FIELDS = ("checkpoint", "entries", "receipts", "report", "version")

EARLIER = ("unrigged 0.1.0.dev0",)
"""Versions before this one. Their logs are audited as any other; the pages in their bundles are worded otherwise, and
are not compared."""


def this_version() -> str:
    """The version that words the page in a bundle."""
    return f"unrigged {version('unrigged')}"


@dataclass(frozen=True)
class Bundle:
    """The entries of a log, the house's signature on all of it, receipts that were added, and the readable report with
    the version that made it."""

    entries: tuple[bytes, ...]
    checkpoint: Mapping[str, Any]
    receipts: tuple[Mapping[str, Any], ...]
    report: str
    version: str


def write_bundle(
    entries: Iterable[bytes], checkpoint: Mapping[str, Any], report: str, receipts: Iterable[Mapping[str, Any]] = ()
) -> bytes:
    """The file that holds all this; `receipts` may come in any order."""
    listed = {one["number"]: dict(one) for one in receipts}
    document = {
        "entries": [text_of(one) for one in entries], "checkpoint": dict(checkpoint), "report": report,
        "receipts": [listed[number] for number in sorted(listed)], "version": this_version(),
    }  # fmt: skip
    data = canonical(document)
    return FIRST_LINE + sha256(data).hexdigest().encode() + b"\n" + data


def read_bundle(data: bytes) -> Bundle:
    """What the file holds; Broken where it is no bundle, or not as it was written."""
    if len(data) > MAX_BUNDLE:
        raise Broken("size", f"{len(data)} bytes, at most {MAX_BUNDLE}")
    if not data.startswith(FIRST_LINE):
        found = data[:40].split(b"\n")[0]
        raise Broken("version", f"it begins with {found!r}, not with 'unrigged bundle 1'")
    stated, separator, rest = data[len(FIRST_LINE) :].partition(b"\n")
    if not separator or stated != sha256(rest).hexdigest().encode():
        raise Broken("digest", "the bundle is not as it was written: its digest is another one")
    try:
        document = from_canonical(rest, "bundle")
        if not isinstance(document, dict) or tuple(sorted(document)) != FIELDS:
            raise InputError("bundle", "other fields", ", ".join(FIELDS))
        entries = tuple(bytes_of(one, f"entries[{number}]") for number, one in enumerate(_list(document["entries"])))
        receipts = tuple(_mapping(one, "a receipt") for one in _list(document["receipts"]))
        for name in ("report", "version"):
            if not isinstance(document[name], str):
                raise InputError(name, document[name], "a text")
        checkpoint = _mapping(document["checkpoint"], "checkpoint")
        return Bundle(entries, checkpoint, receipts, document["report"], document["version"])
    except InputError as error:
        raise Broken("form", str(error)) from None


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise InputError("bundle", value, "a list")
    return value


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(where, value, "an object")
    return value
