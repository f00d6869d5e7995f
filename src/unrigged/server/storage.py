"""Where logs are kept: append-only entries by session and number, and what the house has to remember besides.

Everything that changes goes through a transaction, and nobody is told of an entry before its transaction is durable.
Two rules are the database's own, so that they hold whatever a server process does wrong: an entry's number is taken
once, and so is a participant's move of a round.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import IO, Any

from unrigged.errors import UnriggedError

Row = tuple[Any, ...]

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, size INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS entries (
        session TEXT NOT NULL REFERENCES sessions(id), number INTEGER NOT NULL, data {bytes} NOT NULL,
        PRIMARY KEY (session, number))""",
    """CREATE TABLE IF NOT EXISTS moves (
        session TEXT NOT NULL REFERENCES sessions(id), round INTEGER NOT NULL, player TEXT NOT NULL,
        number INTEGER NOT NULL, PRIMARY KEY (session, round, player))""",
    """CREATE TABLE IF NOT EXISTS kept (
        scope TEXT NOT NULL, name TEXT NOT NULL, value {bytes} NOT NULL, PRIMARY KEY (scope, name))""",
)
"""Sessions with the number of their entries, the entries, who has moved, and what is kept (keys, secrets, closings
signed), by scope and name."""


class Conflict(UnriggedError):
    """Somebody else has written in between, or a rule of the database is broken: nothing is written."""


class StorageFailed(UnriggedError):
    """The database cannot write or read: nothing is written."""


class Transaction(ABC):
    """What can be done in a transaction; all of it happens, or nothing."""

    @abstractmethod
    def read(self, statement: str, *values: Any) -> list[Row]:
        """The rows that a query gives; `?` stands for a value."""

    @abstractmethod
    def write(self, statement: str, *values: Any) -> None:
        """A change; Conflict where it breaks a rule."""

    @abstractmethod
    def lock(self, session: str) -> int | None:
        """How many entries the session has, nobody else adding any until the end; None where there is no such one."""

    @abstractmethod
    def part(self) -> AbstractContextManager[None]:
        """A part of the transaction that is undone alone when its block raises."""

    def create(self, session: str) -> None:
        """A session without entries."""
        self.write("INSERT INTO sessions (id, size) VALUES (?, 0)", session)

    def entries(self, session: str, start: int = 0) -> list[bytes]:
        """The session's entries from number `start` on."""
        rows = self.read("SELECT data FROM entries WHERE session = ? AND number >= ? ORDER BY number", session, start)
        return [bytes(data) for (data,) in rows]

    def append(self, session: str, number: int, data: bytes, move: tuple[int, str] | None = None) -> None:
        """The entry `number` of the session; `move`: the round and the player, where it is a move."""
        self.write("INSERT INTO entries (session, number, data) VALUES (?, ?, ?)", session, number, data)
        if move is not None:
            self.write("INSERT INTO moves (session, round, player, number) VALUES (?, ?, ?, ?)", session, *move, number)
        self.write("UPDATE sessions SET size = ? WHERE id = ?", number + 1, session)

    def sessions(self) -> list[str]:
        """Every session, in no order that means anything."""
        return [name for (name,) in self.read("SELECT id FROM sessions")]

    def over(self, session: str) -> None:
        """The session has come to its end."""
        self.keep("over", session, b"1")

    def unfinished(self) -> list[str]:
        """The sessions that have not come to their end."""
        rows = self.read("SELECT id FROM sessions WHERE id NOT IN (SELECT name FROM kept WHERE scope = ?)", "over")
        return [name for (name,) in rows]

    def kept(self, scope: str, name: str) -> bytes | None:
        """What is kept under that name."""
        rows = self.read("SELECT value FROM kept WHERE scope = ? AND name = ?", scope, name)
        return bytes(rows[0][0]) if rows else None

    def all_kept(self, scope: str) -> dict[str, bytes]:
        """Everything kept in a scope."""
        return {name: bytes(value) for name, value in self.read("SELECT name, value FROM kept WHERE scope = ?", scope)}

    def keep(self, scope: str, name: str, value: bytes) -> None:
        """Keep a value, in place of the one before."""
        self.write("INSERT INTO kept (scope, name, value) VALUES (?, ?, ?) "
                   "ON CONFLICT (scope, name) DO UPDATE SET value = excluded.value", scope, name, value)  # fmt: skip

    def keep_first(self, scope: str, name: str, value: bytes) -> bytes:
        """What is kept under that name: `value` from now on, if there was nothing. Of several processes that do this
        at once one is first, and all are given its value."""
        self.write("INSERT INTO kept (scope, name, value) VALUES (?, ?, ?) ON CONFLICT (scope, name) DO NOTHING",
                   scope, name, value)  # fmt: skip
        found = self.kept(scope, name)
        return value if found is None else found

    def drop(self, scope: str, name: str) -> None:
        """Keep it no longer."""
        self.write("DELETE FROM kept WHERE scope = ? AND name = ?", scope, name)

    def notify(self, session: str) -> None:  # noqa: B027  # where nobody else writes there is nobody to wake
        """Wake whoever waits for news of the session in another process, when the transaction is done."""


class Storage(ABC):
    """A database."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Transaction]:
        """A transaction: durable when the block ends, undone when it raises."""

    @abstractmethod
    def close(self) -> None:
        """Give everything back."""

    @property
    @abstractmethod
    def shared(self) -> bool:
        """Whether other processes may write, too."""

    def claim(self) -> None:  # noqa: B027  # where many may write there is nothing to claim
        """Make sure that no other house writes to this database where only one may; StorageFailed where one does."""

    def listen(self, heard: Callable[[str], None]) -> Callable[[], None]:
        """Call `heard` with the name of every session that another process has written to; returns how to stop."""
        return lambda: None


def open_storage(where: str) -> Storage:
    """The database at `where`: a file for SQLite, or postgresql://… ."""
    if where.startswith(("postgresql://", "postgres://")):
        from unrigged.server.postgres import Postgres

        return Postgres(where)
    return SQLite(Path(where))


SAFE_SQLITE = (3, 51, 3)
"""From this version on SQLite cannot corrupt a write-ahead log when it is reset."""


class SQLite(Storage):
    """One file, written by one process: a write-ahead log, every commit forced to the disk."""

    def __init__(self, path: Path) -> None:
        import apsw

        version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
        if version < SAFE_SQLITE:
            raise StorageFailed(
                f"SQLite {apsw.sqlite_lib_version()} can corrupt its write-ahead log; "
                f"{'.'.join(map(str, SAFE_SQLITE))} or newer is needed: install a newer apsw"
            )
        self._apsw, self._path = apsw, path
        self._lock = Lock()
        self._claimed: IO[bytes] | None = None
        try:
            self.connection = apsw.Connection(str(path))
            self.connection.set_busy_timeout(10_000)
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA foreign_keys = ON")
            for statement in SCHEMA:
                self.connection.execute(statement.format(bytes="BLOB"))
        except apsw.Error as error:
            raise StorageFailed(f"{path}: {error}") from error

    @property
    def shared(self) -> bool:
        return False

    def claim(self) -> None:
        try:
            import fcntl
        except ImportError:  # not on this system
            return
        try:
            claimed = self._path.with_name(self._path.name + ".lock").open("ab")
        except OSError as error:
            raise StorageFailed(f"{self._path}: {error}") from error
        try:
            fcntl.flock(claimed, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            claimed.close()
            raise StorageFailed(f"{self._path} is in use by another house; PostgreSQL can be shared") from error
        if self._claimed is not None:
            self._claimed.close()
        self._claimed = claimed

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                try:
                    yield _InSQLite(self)
                    self.connection.execute("COMMIT")
                except BaseException:
                    self._undo()
                    raise
            except self._apsw.Error as error:
                raise StorageFailed(str(error)) from error

    def _undo(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def close(self) -> None:
        self.connection.close()
        if self._claimed is not None:
            self._claimed.close()


class _InSQLite(Transaction):
    def __init__(self, storage: SQLite) -> None:
        self._storage = storage

    def read(self, statement: str, *values: Any) -> list[Row]:
        with self._translated():
            return list(self._storage.connection.execute(statement, values))

    def write(self, statement: str, *values: Any) -> None:
        with self._translated():
            self._storage.connection.execute(statement, values)

    def lock(self, session: str) -> int | None:
        rows = self.read("SELECT size FROM sessions WHERE id = ?", session)
        return rows[0][0] if rows else None

    @contextmanager
    def part(self) -> Iterator[None]:
        with self._storage.connection:
            yield

    @contextmanager
    def _translated(self) -> Iterator[None]:
        apsw = self._storage._apsw
        try:
            yield
        except apsw.ConstraintError as error:
            raise Conflict(str(error)) from error
        except apsw.Error as error:
            raise StorageFailed(str(error)) from error
