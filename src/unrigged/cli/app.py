"""Arguments in, results out; the work is done elsewhere."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console

from unrigged.cli.audit import audit
from unrigged.cli.bot import bot
from unrigged.cli.claims import app as claims_app
from unrigged.cli.house import app as house_app
from unrigged.cli.serve import serve, trustee
from unrigged.cli.usage import SWITCH, PlainCommand, PlainGroup
from unrigged.cli.waiting import seconds
from unrigged.errors import FileError, InputError, UnriggedError

STOPPED = 130
"""The exit code after Ctrl-C."""

app = typer.Typer(
    cls=PlainGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Auctions and markets that collusion cannot rig: define them, play them exactly, compare them.",
)

app.add_typer(claims_app, name="claims")
app.add_typer(house_app, name="house")

_command = partial(app.command, cls=PlainCommand)

_command()(audit)
_command()(bot)
_command()(serve)
_command()(trustee)

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        readable=True,
        show_default=False,
        help="a scenario (.yaml, .json, .toml), an auction in CATS format (.txt), or course bids (.json)",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", metavar=SWITCH, help="print JSON (docs/json.md) instead of text")]
Limit = Annotated[
    float,
    typer.Option(
        "--limit",
        parser=seconds,
        metavar="TIME",
        help="for all searches of best announcements together: 10s, 2m; 0 for no search",
    ),
]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line on `arguments` (those of the process by default); returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if not _takes_everything(stream) and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    stderr = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        app(args=arguments, prog_name="unrigged")
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):
            return _nobody_listens()
        if ended.code == STOPPED:
            stderr.print("stopped")
        code = ended.code if isinstance(ended.code, int) else 0
    except BrokenPipeError:
        return _nobody_listens()
    except (UnriggedError, OSError) as error:
        stderr.print(f"error: {_in_words(error)}", markup=False, style="red")
        return 1
    except KeyboardInterrupt:
        stderr.print("stopped")
        return STOPPED
    else:
        code = 0
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _nobody_listens()
    return code


def _nobody_listens() -> int:
    """Whoever was reading has read enough (`| head`): nothing went wrong, and nothing more is to be written."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _takes_everything(stream: TextIO) -> bool:
    """Whether any text can be written to `stream`."""
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")


def _in_words(error: Exception) -> str:
    """An error of the operating system without its number: the file, and what is the matter."""
    if isinstance(error, OSError) and error.filename is not None:
        return str(FileError(str(error.filename), error, "use"))
    return str(error)


def _print_json(document: dict[str, Any]) -> None:
    text = json.dumps(document, indent=2, ensure_ascii=not _takes_everything(sys.stdout))
    sys.stdout.write(text + "\n")


def _console() -> Console:
    return Console(highlight=False, soft_wrap=False)


@_command()
def mechanisms(as_json: AsJson = False) -> None:
    """List the mechanisms, each with what it guarantees."""
    from unrigged.cli import pages
    from unrigged.mechanisms import ALL

    if as_json:
        _print_json({"mechanisms": [pages.mechanism_json(each) for each in ALL]})
    else:
        pages.list_mechanisms(_console(), ALL)


@_command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="a mechanism, as `unrigged mechanisms` lists it", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Show a mechanism: its rules step by step, parameters, guarantee and source."""
    from unrigged.cli import pages
    from unrigged.mechanisms import mechanism_named

    try:
        mechanism = mechanism_named(name, "NAME")
    except InputError as error:
        raise typer.BadParameter(str(error)) from None
    if as_json:
        _print_json(pages.mechanism_json(mechanism))
    else:
        pages.show_mechanism(_console(), mechanism)


@_command()
def check(file: File) -> None:
    """Check a file: read it, say what was repaired or assumed, and whether the mechanism can be played on it."""
    from unrigged.cli import pages
    from unrigged.formats import read_scenario

    scenario = read_scenario(file)
    scenario.check()
    pages.show_scenario(_console(), scenario)


@_command()
def run(
    file: File,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="the seed of the public coins")] = 1,
    limit: Limit = 10.0,
    as_json: AsJson = False,
) -> None:
    """Play once, and tell what happened at each step."""
    from unrigged import results
    from unrigged.cli import pages
    from unrigged.formats import read_scenario

    scenario = read_scenario(file)
    scenario.check()
    played = results.play_once(scenario, seed, limit, _working(as_json))
    if as_json:
        _print_json(played.to_json())
    else:
        pages.show_play(_console(), played)


@_command()
def outcomes(file: File, limit: Limit = 10.0, as_json: AsJson = False) -> None:
    """Compute the exact distribution of outcomes, and what everybody can expect."""
    from unrigged import results
    from unrigged.cli import pages
    from unrigged.formats import read_scenario

    scenario = read_scenario(file)
    scenario.check()
    distribution = results.distribution(scenario, limit, _working(as_json))
    if as_json:
        _print_json(distribution.to_json())
    else:
        pages.show_distribution(_console(), distribution)


@_command()
def advise(
    file: File,
    names: Annotated[
        list[str],
        typer.Option(
            "--as", metavar="NAMES", show_default=False, help="the player, or the players who act as one: alice,bob"
        ),
    ],
    limit: Annotated[
        float,
        typer.Option(
            "--limit",
            parser=seconds,
            metavar="TIME",
            help="for the searches behind one's own announcement, and as much again for those of the others",
        ),
    ] = 10.0,
    after: Annotated[
        Path | None,
        typer.Option(
            "--after",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            help="the transcript so far (docs/json.md)",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a player or a coalition rationally announces next, what that brings, and what it reveals."""
    from unrigged.advice_json import advice_to_json
    from unrigged.cli.advise import advice_on, show_advice
    from unrigged.formats import read_scenario

    scenario = read_scenario(file)
    scenario.check()
    found = advice_on(scenario, names, limit, after, as_json)
    if as_json:
        _print_json(advice_to_json(found))
    else:
        show_advice(_console(), found)


@_command()
def benchmark(file: File, limit: Limit = 10.0, as_json: AsJson = False) -> None:
    """Compute the benchmarks that promises are measured by (MSW, MKW, MIEW, BB), each with an outcome."""
    from unrigged.cli.benchmark import show_survey
    from unrigged.cli.waiting import live
    from unrigged.formats import read_scenario
    from unrigged.survey import survey

    scenario = read_scenario(file)
    with live(as_json) as progress:
        found = survey(scenario, limit, progress)
    if as_json:
        _print_json(found.to_json())
    else:
        show_survey(_console(), found)


@_command()
def payments(file: File, limit: Limit = 10.0, as_json: AsJson = False) -> None:
    """Compute what winners pay by VCG and by the core-selecting rule nearest to it, on the file's types."""
    from unrigged.cli.payments import paid_in, payments_to_json, show_payments
    from unrigged.formats import read_scenario

    scenario = read_scenario(file, check=False)
    paid, verdict = paid_in(scenario, limit)
    if as_json:
        _print_json(payments_to_json(scenario, paid, verdict))
    else:
        show_payments(_console(), scenario, paid, verdict)


@_command()
def convert(
    source: File,
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="the file to write; its suffix says the format", show_default=False)
    ],
    mechanism: Annotated[
        str, typer.Option(metavar="NAME", help="the mechanism to put into a scenario")
    ] = "best-belief",
    force: Annotated[bool, typer.Option("--force", metavar=SWITCH, help="overwrite the target if it exists")] = False,
) -> None:
    """Convert between scenario formats, CATS and course bids."""
    from unrigged.formats import convert as convert_file

    if target.exists() and not force:
        raise typer.BadParameter(f"{target} exists; use --force to overwrite it")
    for note in convert_file(source, target, mechanism):
        _console().print(f"note: {note}", markup=False)
    _console().print(f"wrote {target}", markup=False)


@_command()
def tour(seed: Annotated[int, typer.Option(metavar="NUMBER", help="the seed of the public coins")] = 2) -> None:
    """A combinatorial auction with two colluding bidders, under best-belief and under VCG."""
    from unrigged.cli.tour import tour as take_tour

    take_tour(_console(), seed, _working(False))


def _working(silent: bool) -> Callable[[str], None]:
    """What to call to say that long work goes on: a line on the terminal's error stream, nothing when `silent`."""
    stderr = Console(stderr=True, highlight=False)
    if silent or not stderr.is_terminal:
        return lambda words: None
    return lambda words: stderr.print(f"[dim]{words}[/dim]")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        _console().print(f"unrigged {version('unrigged')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", metavar=SWITCH, help="print the version and exit", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None: ...
