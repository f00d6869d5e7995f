"""`unrigged house`: copies of a house's database, and the organiser's password."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from unrigged.cli.serve import DATABASE, Database, need_live
from unrigged.cli.usage import PlainCommand, PlainGroup
from unrigged.errors import InputError

app = typer.Typer(cls=PlainGroup, no_args_is_help=True, help="Copy a house, put it back, set the organiser's password.")

Copy = Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="the copy")]


@app.command("backup", cls=PlainCommand)
def backup(file: Copy, database: Database = DATABASE) -> None:
    """Copy the house's database to a new file, as it is at one moment, while the house goes on."""
    need_live()
    from unrigged.server import backup as copies

    found = copies.backup(copies.need_file(database), file)
    _console().print(
        f"{file} holds {_sessions(len(found))}; it holds secrets, too: keep it as safe as the house itself",
        markup=False,
    )


@app.command("restore", cls=PlainCommand)
def restore(file: Copy, database: Database = DATABASE) -> None:
    """Put a copy in place as a new database, every log checked; says which sessions cannot simply go on."""
    need_live()
    from unrigged.server import backup as copies

    found = copies.restore(file, copies.need_file(database))
    console = _console()
    console.print(f"{database} holds {_sessions(len(found))}", markup=False)
    going_on = [each for each in found if not each.over]
    for each in going_on:
        console.print(f"not over: «{each.title}» ({each.session}), {each.size} entries", markup=False)
    if going_on:
        console.print(
            "Whatever was logged in these after the copy was made is lost, receipts included. If anything "
            "may "
            "have been, declare them void on their monitor and begin anew (docs/operating.md)."
        )


@app.command("password", cls=PlainCommand)
def password(database: Database = DATABASE) -> None:
    """Set the organiser's password, beside the one-time codes that `unrigged serve` prints."""
    need_live()
    from unrigged.server.auth import LEAST_PASSWORD, MOST_PASSWORD, set_password
    from unrigged.server.storage import open_storage

    given = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    if not LEAST_PASSWORD <= len(given) <= MOST_PASSWORD:
        raise InputError("password", f"{len(given)} characters", f"{LEAST_PASSWORD} to {MOST_PASSWORD} characters")
    if "://" not in database and not Path(database).exists():
        raise InputError("--database", database, "the database of a house")
    storage = open_storage(database)
    try:
        with storage.transaction() as begun:
            set_password(begun, given, os.urandom)
    finally:
        storage.close()
    _console().print("The password is set.")


def _sessions(number: int) -> str:
    return "1 session" if number == 1 else f"{number} sessions"


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)
