"""A copy of a house's database, taken while it runs, and a house put back from one."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unrigged.errors import FileError, InputError, UnriggedError
from unrigged.server.session import Session
from unrigged.server.storage import SQLite

TABLES = ("sessions", "entries", "moves", "kept")


@dataclass(frozen=True)
class Kept:
    """A session in a copy: its name and title, how many entries its log has, and whether it is over."""

    session: str
    title: str
    size: int
    status: str

    @property
    def over(self) -> bool:
        """Whether nothing can follow."""
        return self.status in ("settled", "void")


def need_file(database: str) -> Path:
    """The file of a SQLite database; InputError for PostgreSQL, which has its own tools."""
    if database.startswith(("postgresql://", "postgres://")):
        raise InputError("--database", "a PostgreSQL database", "the file of a SQLite database",
                         "use pg_dump and pg_restore (docs/operating.md)")  # fmt: skip
    return Path(database)


def backup(database: Path, target: Path) -> list[Kept]:
    """Copy the database to the new file `target`, as it is at one moment; the house may go on. What is in the copy.

    Raises InputError where `target` is there already, or `database` is no house.
    """
    if not database.exists():
        raise InputError("--database", str(database), "the database of a house")
    if target.exists():
        raise InputError(str(target), "a file that is there already", "the name of a new file")
    return _copy(database, target)


def restore(source: Path, database: Path) -> list[Kept]:
    """Put the copy `source` in place as the new file `database`, every log replayed. What is in it.

    Raises InputError where `database` is there already, or `source` is no copy of a house.
    """
    if not source.exists():
        raise InputError(str(source), "no such file", "a copy that `unrigged house backup` made")
    if database.exists():
        raise InputError(str(database), "a file that is there already", "the name of a new file",
                         "move the old one away")  # fmt: skip
    return _copy(source, database)


def _copy(source: Path, target: Path) -> list[Kept]:
    """A checked copy; it takes its name only when it is complete and on the disk."""
    import apsw

    part = target.with_name(target.name + ".part")
    try:
        made = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise FileError(str(part), error, "write") from None
    os.close(made)
    try:
        try:
            taken, given = apsw.Connection(str(part)), apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READONLY)
            given.set_busy_timeout(10_000)
            with taken.backup("main", given, "main") as copying:
                while not copying.done:
                    copying.step(1000)
            given.close()
            taken.execute("PRAGMA journal_mode = DELETE")
            _check(taken, source)
            taken.close()
        except apsw.NotADBError:
            raise InputError(str(source), "no database", "the database of a house") from None
        except apsw.Error as error:
            raise InputError(str(source), str(error), "the database of a house") from None
        found = contents(part)
        _to_disk(part)
        part.replace(target)
        return found
    except BaseException:
        for suffix in ("", "-wal", "-shm", "-journal", ".lock"):
            with suppress(OSError):
                part.with_name(part.name + suffix).unlink()
        raise
    finally:
        for suffix in ("-wal", "-shm"):
            with suppress(OSError):
                part.with_name(part.name + suffix).unlink()


def _check(connection: Any, source: Path) -> None:
    (found,) = next(iter(connection.execute("PRAGMA integrity_check")))
    if found != "ok":
        raise InputError(str(source), f"a damaged file ({found})", "the database of a house")
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names.issuperset(TABLES):
        raise InputError(str(source), "another database", "the database of a house")


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def contents(database: Path) -> list[Kept]:
    """The sessions in a database, every log replayed; InputError for one that is not in order."""
    storage, answer = SQLite(database), []
    try:
        with storage.transaction() as begun:
            for name in begun.sessions():
                try:
                    state = Session(begun.entries(name))
                except (UnriggedError, TypeError) as error:
                    raise InputError(f"session {name}", str(error), "a log that is in order") from None
                if state.entries:
                    answer.append(Kept(name, state.title, state.size, state.status))
        storage.connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        storage.close()
    return answer
