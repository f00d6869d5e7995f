"""`unrigged bot`: a program that takes part in a live session, by the same path as people."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from unrigged.cli.serve import need_live
from unrigged.cli.usage import SWITCH
from unrigged.cli.waiting import seconds
from unrigged.errors import FileError, InputError
from unrigged.sealed.encoding import bytes_of

Links = Annotated[
    list[str],
    typer.Argument(
        metavar="LINK", show_default=False,
        help="participants' links of one session, or - to read them from standard input, one a line",
    ),
]  # fmt: skip
Strategy = Annotated[
    str,
    typer.Option(
        "--strategy", metavar="STRATEGY", show_default=False,
        help="rational, random, silent, by-value, or a script.py; what the scenario file says where left out",
    ),
]  # fmt: skip
Scenario = Annotated[
    Path | None,
    typer.Option("--scenario", metavar="FILE", exists=True, dir_okay=False, readable=True,
                 help="a scenario with your type and what you know; it stays on this machine"),
]  # fmt: skip
As = Annotated[
    list[str] | None,
    typer.Option("--as", metavar="NAMES", show_default=False, help="the players who act as one: alice,bob"),
]
Keys = Annotated[
    list[Path] | None,
    typer.Option("--key", metavar="FILE", dir_okay=False, show_default=False,
                 help="where the key is kept, with what was sent and the receipts; one for each link"),
]  # fmt: skip
Seed = Annotated[
    int | None,
    typer.Option("--seed", metavar="NUMBER", show_default=False,
                 help="of random and mixed play; the same for all members of a coalition"),
]  # fmt: skip
SearchLimit = Annotated[
    float, typer.Option("--limit", parser=seconds, metavar="TIME", help="for every search of a best announcement")
]
SavedBundle = Annotated[
    Path | None, typer.Option("--bundle", metavar="FILE", dir_okay=False, help="save the verified bundle at the end")
]
Authority = Annotated[
    Path | None,
    typer.Option("--ca", metavar="FILE", exists=True, dir_okay=False,
                 help="the certificate by which the house is known, where it made its own"),
]  # fmt: skip
Pins = Annotated[
    list[str] | None,
    typer.Option("--pin", metavar="KEY", show_default=False, help="a public key that the house must have"),
]
AsJson = Annotated[bool, typer.Option("--json", metavar=SWITCH, help="print JSON (docs/api.md) at the end")]


def bot(
    links: Links, strategy: Strategy = "", scenario: Scenario = None, together: As = None, keys: Keys = None,
    seed: Seed = None, limit: SearchLimit = 10.0, bundle: SavedBundle = None, ca: Authority = None, pin: Pins = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take part in a live session: join, seal and send moves, keep receipts, verify everything."""
    need_live()
    import httpx

    from unrigged.formats import read_scenario
    from unrigged.server.client import Client, Log
    from unrigged.server.keys import Key, read_link
    from unrigged.server.playing import KINDS, Wish, chooser, play

    if strategy and strategy not in KINDS and not strategy.endswith(".py"):
        raise typer.BadParameter(f"found '{strategy}', expected {', '.join(KINDS)}, or the path of a script.py",
                                 param_hint="--strategy")  # fmt: skip
    if bundle is not None and bundle.exists():
        raise typer.BadParameter(f"{bundle} exists", param_hint="--bundle")
    given = [read_link(text) for text in _links(links)]
    if len({(link.house, link.session) for link in given}) != 1 or len({each.player for each in given}) != len(given):
        raise InputError("link", "links of several sessions, or one twice", "links of one session, each once")
    files: Sequence[Path | None] = keys or [None] * len(given)
    if len(files) != len(given):
        raise typer.BadParameter(f"{len(files)} files for {len(given)} links", param_hint="--key")
    names = tuple(name.strip() for listed in together or [] for name in listed.split(","))
    read = None if scenario is None else read_scenario(scenario)
    told = _teller(as_json)
    with httpx.Client(timeout=30.0, verify=_trusted(ca)) as http:
        kept = [Key.at(link, file) for link, file in zip(given, files, strict=True)]
        seen = max((key.seen for key in kept if key.seen is not None), default=None)
        log = Log(http, given[0], pinned=[bytes_of(each, "--pin", 32) for each in pin or []], seen=seen)
        clients = [Client(link, key, log=log) for link, key in zip(given, kept, strict=True)]
        log.update()
        told(f"{log.auditor.findings.title}: {log.auditor.mechanism.name}")
        for client in clients:
            if client.player not in log.auditor.names:
                raise InputError("link", client.player, f"a participant: {', '.join(log.auditor.names)}")
        wish = Wish(strategy, read, names, limit, seed)
        chooses = chooser(wish, log.auditor.mechanism, [each.player for each in clients], given[0].notes)
        play(clients, chooses, told)
        if bundle is not None:
            _save(bundle, clients[0].bundle())
            told(f"wrote {bundle}, verified")
        if as_json:
            from unrigged.cli.app import _print_json

            _print_json(_document(clients))


def _links(given: Sequence[str]) -> list[str]:
    """The links, read from standard input where that is asked: other users of a machine see what stands in a call."""
    if list(given) != ["-"]:
        return list(given)
    return [line for line in sys.stdin.read().splitlines() if line.strip()]


def _teller(silent: bool) -> Callable[[str], None]:
    console = Console(highlight=False, soft_wrap=True)

    def told(words: str) -> None:
        if not silent:
            console.print("".join(sign if sign.isprintable() else "\ufffd" for sign in words), markup=False)

    return told


def _trusted(ca: Path | None) -> Any:
    import ssl

    if ca is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca))
    except ssl.SSLError:
        raise InputError(str(ca), "something else", "certificates in PEM form") from None


def _save(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise FileError(str(path), error, "write") from None


def _document(clients: Sequence[Any]) -> dict[str, Any]:
    """What `--json` prints."""
    from unrigged.transcripts import events_to_json, outcome_to_json

    found = clients[0].log.auditor
    outcome = found.findings.outcome
    return {
        "unrigged": 1, "kind": "session", "session": found.session, "title": found.findings.title,
        "status": found.phase, "void": found.findings.void, "players": [each.player for each in clients],
        "events": list(events_to_json(found.mechanism, found.history)),
        "outcome": None if outcome is None else outcome_to_json(found.mechanism.setting, outcome),
        "payments": found.findings.payments if outcome is not None else None,
        "receipts": [receipt for each in clients for receipt in each.key.receipts],
    }  # fmt: skip
