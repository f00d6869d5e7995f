"""`unrigged audit`: a finished session verified offline from its bundle, in plain words."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from unrigged.cli.usage import SWITCH
from unrigged.errors import FileError, InputError
from unrigged.exact import written

if TYPE_CHECKING:
    from unrigged.audit import Broken, Findings

RULES = {
    "digest": "the file is as it was written",
    "version": "format and versions are known",
    "form": "entries are written in their one form, with the fields of their kind",
    "size": "nothing is larger than allowed",
    "time": "entries follow one another in time",
    "order": "entries stand where their kind may stand",
    "pin": "the keys are those you gave",
    "participants": "the participants are the mechanism's players",
    "trustees": "trustees contributed, and released the keys they had announced",
    "money": "prices are rounded as stated",
    "eligibility": "who joined had his own token, and who moved was asked",
    "signature": "moves are signed by participants, keys by trustees, the log by the house",
    "envelope": "sealed moves belong to their session, round and sender",
    "round": "rounds follow the mechanism's decisions",
    "deadline": "rounds lasted as long as stated, and nothing came late",
    "once": "nobody moved twice in a round",
    "close": "rounds were closed when all had moved or time was up",
    "secret": "the house's secrets are those it committed to at the opening",
    "beacon": "the beacon's values are there, where one is named",
    "moves": "the moves that counted are what the envelopes hold",
    "default": "defaults counted for those who were silent or sent no move, and for nobody else",
    "coins": "every coin shows what the seed gives",
    "outcome": "the outcome is what the mechanism gives for these moves and coins",
    "payments": "payments are the prices, rounded",
    "end": "the session has come to its end",
    "checkpoint": "the house has signed this log, and no other that you keep",
    "receipt": "what the house gave receipts for is in the log",
    "report": "the readable page is what this log gives",
}
"""The rules in words."""

KEY = re.compile(r"[A-Za-z0-9_-]{43}")


def audit(
    bundle: Annotated[
        Path,
        typer.Argument(
            metavar="BUNDLE", exists=True, dir_okay=False, readable=True, show_default=False,
            help="the file that a finished session can be downloaded as",
        ),
    ],
    pin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEYS", show_default=False,
            help="public keys that you know otherwise, of the house and of trustees: one, or a file with one a line",
        ),
    ] = None,
    receipt: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", exists=True, dir_okay=False, readable=True, show_default=False,
            help="receipts or checkpoints that you kept: what the page or the client saved, as it is",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, show_default=False, help="write the readable page, made anew"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", metavar=SWITCH, help="print JSON (docs/json.md) instead of text")
    ] = False,
) -> None:  # fmt: skip
    """Verify a finished session from its bundle alone, offline: every signature, move, coin, and the outcome."""
    try:
        from unrigged import audit as auditing
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "cryptography":
            raise
        raise InputError(
            "unrigged audit", "no package 'cryptography'", "the extra 'live'", "pip install 'unrigged[live]'"
        ) from None
    keys = {key for each in pin or () for key in _keys(each)}
    kept = [found for file in receipt or () for found in _kept(file)]
    console = Console(highlight=False)
    try:
        data = bundle.read_bytes()
    except OSError as error:
        raise FileError(str(bundle), error) from None
    try:
        found = auditing.audit(auditing.read_bundle(data), keys, kept)
    except auditing.Broken as broken:
        _print_json(_broken_to_json(broken)) if as_json else _show_broken(console, broken)
        raise typer.Exit(1) from None
    if report is not None:
        try:
            report.write_text(auditing.report(found), encoding="utf-8")
        except OSError as error:
            raise FileError(str(report), error, "write") from None
    _print_json(_to_json(found)) if as_json else _show(console, found, len(kept))


def _said(text: str) -> str:
    """A text of somebody else's, as it may be shown on a terminal."""
    return escape("".join(each if each.isprintable() else "\ufffd" for each in text))


def _keys(text: str) -> Iterator[bytes]:
    """The keys that an option names: itself, or those in the file, one a line, anything after it a comment."""
    from unrigged.sealed.encoding import bytes_of

    if KEY.fullmatch(text) and not Path(text).exists():
        yield bytes_of(text, "--pin", 32)
        return
    if not Path(text).exists():
        raise InputError("--pin", text, "a key of 43 letters, digits, - and _, or a file with one a line",
                         "it is neither a file that is there, nor a key: copy the key again, whole")  # fmt: skip
    for number, line in enumerate(_text(Path(text)).splitlines(), 1):
        word = line.split("#")[0].split()
        if word:
            yield bytes_of(word[0], f"{text}, line {number}", 32)


def _kept(file: Path) -> list[Any]:
    """The receipts and checkpoints in a file, wherever in its JSON they stand; InputError where there are none."""
    from unrigged.audit.whole import CHECKPOINT, RECEIPT

    try:
        document = json.loads(_text(file))
    except (ValueError, RecursionError):
        raise InputError(str(file), "something else", "JSON, as the house gave it") from None
    found, waiting = [], [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict) and set(one) in (RECEIPT, CHECKPOINT):
            found.append(one)
        elif isinstance(one, dict | list):
            waiting += one.values() if isinstance(one, dict) else one
    if not found:
        raise InputError(str(file), "no receipt", "a receipt or a checkpoint, as the house gave it")
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise FileError(str(file), error) from None
    except UnicodeDecodeError:
        raise InputError(str(file), "bytes that are no text", "text in UTF-8") from None


def _show_broken(console: Console, broken: Broken) -> None:
    where = "the bundle as a whole" if broken.entry is None else f"entry {broken.entry} of the log"
    console.print("[bold red]NOT IN ORDER[/bold red]")
    console.print(f"{where} is the first that breaks a rule: {_said(broken.words)}")
    console.print(f"the rule '{_said(broken.rule)}': {_said(RULES.get(broken.rule, ''))}")
    console.print("Do not rely on this bundle: neither on what it says nor on the page in it.", style="dim")


def _show(console: Console, found: Findings, kept: int) -> None:
    from unrigged.audit.report import who_could_read
    from unrigged.outcome import result_in_words

    assert found.mechanism is not None
    opening = found.opening
    console.print("[bold green]ALL IS IN ORDER[/bold green]")
    console.print(f"[bold]{_said(found.title or found.session)}[/bold]: session {_said(found.session)}, "
                  f"{_said(found.mechanism.name)}, {len(found.times)} entries")  # fmt: skip
    console.print("\n[bold]the outcome[/bold]")
    if found.outcome is None:
        console.print(Padding(_said(f"none: the session was declared void ({found.void})"), (0, 0, 0, 2)))
    else:
        setting = found.mechanism.setting
        console.print(Padding(_said(result_in_words(setting, found.outcome.result)), (0, 0, 0, 2)))
        for name, price in zip(setting.players, found.outcome.prices, strict=True):
            unit = opening["money"]["unit"]
            words = f"{name} pays {found.payments[name]} {unit} (exact price {written(price)})"
            console.print(Padding(_said(words), (0, 0, 0, 2)))
    for round_, name, why in found.refused:
        words = f"{name}, round {round_ + 1}: {why}; the mechanism's default counted"
        console.print(Padding(_said(words), (0, 0, 0, 2)), style="dim")
    console.print("\n[bold]who could have read moves[/bold]")
    words = who_could_read(found.operator_reads, opening["threshold"], len(opening["trustees"]))
    console.print(Padding(_said(words), (0, 0, 0, 2)))
    for each in opening["trustees"]:
        console.print(Padding(_said(f"{each['name']}: {each['key']}"), (0, 0, 0, 4)), style="dim")
    console.print(Padding(_said(f"the house signs with {opening['house']}"), (0, 0, 0, 4)), style="dim")
    console.print("\n[bold]what was checked[/bold]")
    for rule, words in RULES.items():
        if found.checks.get(rule):
            console.print(Padding(f"{found.checks[rule]:>6}  {words}", (0, 0, 0, 2)))
    if kept:
        console.print(Padding(f"{kept} of your own receipts and checkpoints fit this log", (0, 0, 0, 2)))
    for warning in found.warnings:
        console.print(f"[yellow]not shown:[/yellow] {_said(warning)}")


def _broken_to_json(broken: Broken) -> dict[str, Any]:
    return {"in_order": False, "entry": broken.entry, "rule": broken.rule, "words": broken.words}


def _to_json(found: Findings) -> dict[str, Any]:
    from unrigged.transcripts import outcome_to_json

    assert found.mechanism is not None
    end = found.outcome and outcome_to_json(found.mechanism.setting, found.outcome)
    return {
        "in_order": True, "session": found.session, "title": found.title, "mechanism": found.mechanism.name,
        "status": found.status, "outcome": end, "payments": found.payments, "void": found.void,
        "defaults": [{"round": number, "player": name, "reason": why} for number, name, why in found.refused],
        "operator_reads": found.operator_reads, "threshold": found.opening["threshold"],
        "trustees": [{"name": each["name"], "key": each["key"]} for each in found.opening["trustees"]],
        "house": found.opening["house"], "entries": len(found.times), "checks": found.checks,
        "warnings": found.warnings,
    }  # fmt: skip


def _print_json(document: dict[str, Any]) -> None:
    json.dump({"unrigged": 1, "kind": "audit", **document}, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
