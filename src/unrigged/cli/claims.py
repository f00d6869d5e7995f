"""`unrigged claims`: the ledger listed, one claim decided, all of them reported."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from unrigged.cli.usage import SWITCH, PlainCommand, PlainGroup
from unrigged.cli.waiting import seconds
from unrigged.errors import FileError, InputError

app = typer.Typer(
    cls=PlainGroup,
    invoke_without_command=True,
    help="The papers' printed claims: list them, decide them, report on all.",
)

COLOURS = {"holds": "green", "fails": "red", "undecided": "yellow"}

AsJson = Annotated[bool, typer.Option("--json", metavar=SWITCH, help="print JSON (docs/json.md)")]
Limit = Annotated[
    float | None,
    typer.Option("--limit", parser=seconds, metavar="TIME", show_default="none", help="for every reading: 10s, 5m"),
]


@app.callback()
def claims(context: typer.Context, as_json: AsJson = False) -> None:
    """The papers' printed claims: list them (also without a command), decide one, report on all."""
    if context.invoked_subcommand is None:
        list_claims(as_json)


@app.command("list", cls=PlainCommand)
def list_claims(as_json: AsJson = False) -> None:
    """List every claim with what is printed and its readings."""
    from unrigged.claims.ledger import LEDGER

    if as_json:
        _print_json([
            {"id": each.id, "source": each.source, "wording": each.wording, "readings": list(each.readings)}
            for each in LEDGER.values()
        ])  # fmt: skip
        return
    table = Table("id", "what is printed", "readings", box=None, pad_edge=False)
    for each in LEDGER.values():
        table.add_row(each.id, each.wording, "\n".join(each.readings))
    Console(highlight=False).print(table)


def _range(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"\s*(-?[0-9]{1,9})\s*\.\.\s*(-?[0-9]{1,9})\s*", text)
    if match is None or int(match[1]) > int(match[2]):
        raise typer.BadParameter(f"found '{text}', expected the least and the largest value, such as 0..3")
    return int(match[1]), int(match[2])


def _count(help_text: str) -> Any:
    return typer.Option(metavar="NUMBER", min=1, max=10**6, show_default="the claim's own", help=help_text)


@app.command("check", cls=PlainCommand)
def check(
    identifier: Annotated[
        str, typer.Argument(metavar="ID", show_default=False, help="a claim, as `unrigged claims list` gives them")
    ],
    reading: Annotated[
        str, typer.Option(metavar="NAME", help="the reading to decide; 'all' for each of them")
    ] = "as printed",
    players: Annotated[int | None, _count("how many players")] = None,
    values: Annotated[
        str | None, typer.Option(metavar="LEAST..LARGEST", show_default="the claim's own", help="their values: 0..3")
    ] = None,
    goods: Annotated[int | None, _count("how many goods")] = None,
    states: Annotated[int | None, _count("how many states")] = None,
    announcements: Annotated[int | None, _count("the largest number announced")] = None,
    samples: Annotated[int | None, _count("how many instances are drawn")] = None,
    seed: Annotated[int | None, _count("what they are drawn from")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", show_default=False, help="a mechanism's parameter: eps=1/20"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", metavar=SWITCH, help="start from the small range")] = False,
    limit: Limit = None,
    save: Annotated[Path, typer.Option(metavar="FOLDER", help="where a counterexample goes")] = Path("counterexamples"),
    as_json: AsJson = False,
) -> None:
    """Decide one claim exactly on a finite range; what is not given is as in the report."""
    from unrigged.claims.base import Watch
    from unrigged.claims.ledger import claim_named, decide

    try:
        claim = claim_named(identifier, "ID")
        chosen = list(claim.readings.values()) if reading == "all" else [claim.read(reading)]
        given = {
            "players": players, "values": None if values is None else _range(values), "goods": goods, "states": states,
            "announcements": announcements, "samples": samples, "seed": seed, "parameters": _parameters(settings or []),
        }  # fmt: skip
        changes = {name: value for name, value in given.items() if value is not None and value != {}}
        scopes = [each.ranged(each.quick if quick else each.standard, changes) for each in chosen]
        _check_writable(save)
    except InputError as error:
        raise typer.BadParameter(str(error)) from None
    documents = []
    for each, scope in zip(chosen, scopes, strict=True):
        with _telling(as_json) as tell:
            entry = decide(each, scope, Watch(limit, tell))
        document, failed = entry.to_json(), None
        try:
            paths = _saved(entry.files, save)
        except FileError as error:
            paths, failed = [], error
        document["counterexample_files"] = [str(path) for path in paths]
        document["counterexample_file"] = next(iter(document["counterexample_files"]), None)
        documents.append(document)
        if not as_json:
            show_entry(Console(highlight=False, soft_wrap=True), document)
        if failed is not None:
            raise failed
    if as_json:
        _print_json(documents)


def _check_writable(folder: Path) -> None:
    """InputError where nothing can be written into `folder`, before any work is done."""
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise InputError("--save", str(folder), "a folder that can be written to, or made")


def _parameters(settings: list[str]) -> dict[str, Any]:
    from unrigged.exact import exact

    found = {}
    for each in settings:
        name, sign, value = each.partition("=")
        if not sign:
            raise typer.BadParameter(f"--set: found '{each}', expected NAME=VALUE, such as eps=1/20")
        found[name.strip()] = exact(value.strip(), f"--set {name.strip()}")
    return found


@contextmanager
def _telling(silent: bool) -> Iterator[Any]:
    """A line on the terminal that tells how far the work is."""
    stderr = Console(stderr=True, highlight=False)
    if silent or not stderr.is_terminal:
        yield None
        return
    with stderr.status("deciding ...") as status:
        yield lambda words: status.update(f"deciding ... {words}")


def _saved(files: dict[str, str], folder: Path) -> list[Path]:
    """Write the scenario files into `folder`; a file of another content under the same name is left alone."""
    paths = []
    try:
        for name, text in files.items():
            folder.mkdir(parents=True, exist_ok=True)
            stem, number = name.removesuffix(".yaml"), 1
            path = folder / name
            while path.exists() and (path.is_dir() or path.read_bytes() != text.encode()):
                number += 1
                path = folder / f"{stem}-{number}.yaml"
            path.write_text(text, encoding="utf-8", newline="\n")
            paths.append(path)
    except OSError as error:
        raise FileError(str(error.filename or folder), error, "write") from None
    return paths


def show_entry(console: Console, row: dict[str, Any]) -> None:
    """A decided reading in words."""
    console.print(f"[bold]{row['id']}[/bold] ({row['reading']}): [{COLOURS[row['verdict']]}]{row['verdict']}[/]")
    for title, text in _lines(row):
        console.print(f"  {title + ':':<15}", end="")
        console.print(text, markup=False)


def _lines(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    from unrigged.claims.documents import contradictions_in_words, evidence_in_words

    yield "printed", row["wording"]
    yield "decided", row["meaning"]
    yield "why", row["why"]
    yield "range", row["range"]
    if evidence_in_words(row):
        yield "evidence", evidence_in_words(row)
    for title, words in contradictions_in_words(row):
        yield title.lower(), words
    for path in row["counterexample_files"]:
        yield "replay", f"unrigged outcomes {shlex.quote(path)}"
    if row["repaired_condition"]:
        yield "repair", row["repaired_condition"]
    yield "seconds", f"{row['seconds']:g}"


@app.command("report", cls=PlainCommand)
def report_command(
    folder: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", help="where claims.md, claims.json and counterexamples/ go")
    ] = Path("docs"),
    jobs: Annotated[int, typer.Option(metavar="NUMBER", min=1, max=256, help="how many processes")] = 2,
    quick: Annotated[bool, typer.Option("--quick", metavar=SWITCH, help="on the small ranges")] = False,
    limit: Limit = None,
) -> None:
    """Decide every reading of every claim and write the report; an interrupted one is taken up where it was."""
    from unrigged.claims.report import report

    console = Console(highlight=False, soft_wrap=True)

    def done(number: int, total: int, row: dict[str, Any]) -> None:
        verdict = f"[{COLOURS[row['verdict']]}]{row['verdict']:<9}[/]"
        console.print(f"{number:>4}/{total} {verdict} {row['seconds']:>7.1f} s  {row['id']} ({row['reading']})")

    rows = report(folder, kind="quick" if quick else "standard", jobs=jobs, limit=limit, done=done)
    counts = [f"{sum(row['verdict'] == word for row in rows)} {word}" for word in COLOURS]
    console.print(f"wrote {folder / 'claims.md'} and {folder / 'claims.json'}: {', '.join(counts)}", markup=False)


def _print_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=True) + "\n")
