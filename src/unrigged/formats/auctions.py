"""Files of bids that a scenario may name instead of writing players, goods and types itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from unrigged.errors import InputError, nearest
from unrigged.formats.auction_file import AuctionFile
from unrigged.formats.cats import looks_like_cats, read_cats
from unrigged.formats.courses import looks_like_courses, read_courses
from unrigged.formats.documents import MAX_AUCTION_BYTES, parse_document, read_text

FORMATS = ("cats", "courses")
FIELDS = ("file", "format", "scale", "beyond")


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
    path = Path(given["file"])
    if not path.is_absolute():
        path = (folder or Path()) / path
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
