"""Files of bids that a scenario may name instead of writing players, goods and types itself."""

from __future__ import annotations

from collections.abc import Mapping
from math import lcm
from pathlib import Path
from typing import Any

from unrigged.context_check import numbers_of
from unrigged.errors import InputError, nearest
from unrigged.exact import written
from unrigged.formats.auction_file import AuctionFile
from unrigged.formats.cats import looks_like_cats, read_cats
from unrigged.formats.courses import looks_like_courses, read_courses
from unrigged.formats.documents import MAX_AUCTION_BYTES, parse_document, read_text
from unrigged.mechanisms.base import Mechanism

FORMATS = ("cats", "courses")
FIELDS = ("file", "format", "scale", "beyond")


def auction_path(given: Any, folder: Path | None) -> Path:
    """The path of the file of bids that `given` names, relative to `folder`."""
    path = Path(given if isinstance(given, str) else given["file"])
    return path if path.is_absolute() else (folder or Path()) / path


def read_auction(given: object, folder: Path | None = None) -> AuctionFile:
    """The auction that the field `auction` of a scenario names: `{file: ..., format: cats | courses, ...}`.

    Paths are relative to `folder` (that of the scenario's file). Raises InputError.
    """
    if isinstance(given, str):
        given = {"file": given}
    if not isinstance(given, Mapping) or not isinstance(given.get("file"), str):
        raise InputError("file", given, "the path of a file of bids", "write auction: {file: path, format: cats}")
    for name in given:
        if name not in FIELDS:
            raise InputError(name, f"the field '{name}'", "a known field", nearest(name, list(FIELDS)))
    path = auction_path(given, folder)
    if path.is_dir():
        raise InputError("file", f"the directory {given['file']}", "a file of bids", "name one of the files in it")
    if not path.is_file():
        raise InputError("file", str(path), "a file that exists", "paths are relative to the scenario file")
    form = given.get("format")
    if form is not None and form not in FORMATS:
        raise InputError("format", form, "cats or courses", nearest(str(form), list(FORMATS)))
    text = read_text(path, MAX_AUCTION_BYTES)
    if form == "cats" or (form is None and looks_like_cats(text)):
        return read_cats(text, str(path), scale=given.get("scale", 1), beyond=given.get("beyond") or "")
    for name in ("scale", "beyond"):
        if name in given:
            raise InputError(name, given[name], "no such field, which only CATS files may have")
    document = parse_document(text, str(path), path.suffix)
    if form is None and not looks_like_courses(document):
        raise InputError("format", "a file that looks like neither", "cats or courses", "say format: cats, or courses")
    return read_courses(document, str(path))


def check_whole(auction: AuctionFile, mechanism: Mechanism, file: str, way_out: str) -> None:
    """InputError where the prices in a file of bids are not whole, and `mechanism` needs whole values."""
    if not mechanism.requires.integer_values:
        return
    fractions = [number for one in auction.types for number in numbers_of(one) if not isinstance(number, int)]
    if fractions:
        scale = lcm(*(number.denominator for number in fractions))
        ten = next((10**k for k in range(1, 10) if 10**k % scale == 0), scale)
        raise InputError(
            file, f"the price {written(fractions[0])}", f"whole prices, which {mechanism.name} needs",
            f"write {way_out.format(ten)}, or run best-belief-decimal",
        )  # fmt: skip
