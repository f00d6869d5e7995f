"""Files: scenarios (YAML, JSON, TOML), auctions in CATS format, course bids; read, written and converted."""

from __future__ import annotations

import json
from pathlib import Path

from unrigged.errors import FileError, InputError
from unrigged.formats.auction_file import AuctionFile
from unrigged.formats.auctions import read_auction
from unrigged.formats.cats import looks_like_cats, read_cats
from unrigged.formats.cats_writer import write_cats
from unrigged.formats.courses import looks_like_courses, read_courses, write_courses
from unrigged.formats.documents import MAX_AUCTION_BYTES, MAX_BYTES, MEGABYTE, SUFFIXES, parse_document, read_text
from unrigged.formats.scenario_file import scenario_from, scenario_of_auction
from unrigged.formats.scenario_writer import scenario_to_json, write_scenario
from unrigged.formats.schema import scenario_schema, schema_problems
from unrigged.scenario import Scenario
from unrigged.valuations import Type

CATS_SUFFIXES = (".txt", ".cats")
COURSES_SUFFIX = ".courses.json"

USUAL = "best-belief"
"""The mechanism by which a bare file of bids is run."""


def read_scenario(path: str | Path, mechanism: str = USUAL, *, check: bool = True) -> Scenario:
    """The scenario in the file at `path`.

    A scenario file is YAML, JSON or TOML (by its suffix, else by its content). A bare file of bids (CATS, `.txt` or by
    content; course bids, by content) becomes a scenario of `mechanism` with its defaults. With `check`, the context
    must be one for which the mechanism makes its promise. Raises InputError that names the file and the place in it.
    """
    path = Path(path)
    where, suffix = str(path), path.suffix.lower()
    text = read_text(path, MAX_BYTES if suffix in SUFFIXES else MAX_AUCTION_BYTES)
    if suffix in CATS_SUFFIXES or (suffix not in SUFFIXES and looks_like_cats(text)):
        return scenario_of_auction(read_cats(text, where), mechanism, where, check=check)
    if len(text) > MAX_BYTES:
        raise InputError(where, f"{len(text) / MEGABYTE:.1f} MB", f"at most {MAX_BYTES / MEGABYTE:g} MB")
    document = parse_document(text, where, suffix)
    if looks_like_courses(document):
        return scenario_of_auction(read_courses(document, where), mechanism, where, check=check)
    return scenario_from(document, where, folder=path.parent, check=check)


def convert(source: str | Path, target: str | Path, mechanism: str = USUAL) -> tuple[str, ...]:
    """Write what the file `source` holds to the file `target`, whose suffix says the format; returns notes.

    `.yaml`, `.json`, `.toml`: a scenario (of `mechanism` where the source is a bare file of bids); `.txt`, `.cats`: a
    CATS auction; `.courses.json`: course bids. Raises InputError where the target format cannot say what the source
    says.
    """
    target = Path(target)
    scenario = read_scenario(source, mechanism, check=False)
    notes = scenario.notes
    if target.name.lower().endswith(COURSES_SUFFIX):
        text = json.dumps(write_courses(scenario.setting, _types(scenario)), indent=1, ensure_ascii=False) + "\n"
        notes = (*notes, *_lost(scenario, "a file of course bids"))
    elif target.suffix.lower() in CATS_SUFFIXES:
        text = write_cats(scenario.setting, _types(scenario), scenario.title)
        notes = (*notes, *_lost(scenario, "a CATS file"))
    elif target.suffix.lower() in SUFFIXES:
        text = write_scenario(scenario, SUFFIXES[target.suffix.lower()].lower())
    else:
        known = ", ".join((*SUFFIXES, *CATS_SUFFIXES, COURSES_SUFFIX))
        raise InputError(str(target), f"the suffix '{target.suffix}'", f"one of {known}")
    try:
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise FileError(str(target), error, "write") from None
    return notes


def _types(scenario: Scenario) -> tuple[Type, ...]:
    if scenario.context is None:
        raise InputError(scenario.source or "scenario", "no types", "types, which are all that a file of bids holds")
    return scenario.context.types


def _lost(scenario: Scenario, form: str) -> tuple[str, ...]:
    kept = [] if scenario.context is None or len(scenario.context.coalitions) == scenario.setting.n else ["coalitions"]
    parts = ["the mechanism", "knowledge", *kept, "strategies", *(["scripted moves"] if scenario.moves else [])]
    return (f"{form} holds players, goods and values only: {', '.join(parts)} are not in it",)


__all__ = [
    "AuctionFile",
    "convert",
    "parse_document",
    "read_auction",
    "read_cats",
    "read_courses",
    "read_scenario",
    "scenario_from",
    "scenario_of_auction",
    "scenario_schema",
    "scenario_to_json",
    "schema_problems",
    "write_cats",
    "write_courses",
    "write_scenario",
]
