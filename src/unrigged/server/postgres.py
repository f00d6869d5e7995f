"""PostgreSQL, shared by several server processes: row locks and unique constraints carry safety; notices only wake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any

import psycopg

from unrigged.server.storage import SCHEMA, Conflict, Row, Storage, StorageFailed, Transaction

CHANNEL = "unrigged"

DURABLE = "-c synchronous_commit=on -c default_transaction_isolation=read\\ committed"
"""Whatever the server's defaults are: a commit is answered when it is durable, and what others have committed is seen
as soon as their lock is released."""


class Postgres(Storage):
    """A database that several processes write to; one connection, its transactions one after the other."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = Lock()
        self._connection: psycopg.Connection[Any] | None = None
        with self.transaction() as now:
            if now.read("SHOW fsync") != [("on",)]:
                raise StorageFailed("the server does not force commits to the disk: set fsync = on")
            now.read("SELECT pg_advisory_xact_lock(4711)")
            for statement in SCHEMA:
                now.write(statement.format(bytes="BYTEA"))

    @property
    def shared(self) -> bool:
        return True

    def _begun(self) -> psycopg.Connection[Any]:
        """The connection, a transaction begun; one that was lost since the last time is made anew."""
        fresh = self._connection is None or self._connection.closed
        if self._connection is None or fresh:
            self._connection = psycopg.connect(self.url, autocommit=True, options=DURABLE)
        try:
            self._connection.execute("BEGIN")
        except psycopg.OperationalError:
            self._connection.close()
            if fresh:
                raise
            return self._begun()
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            with _translated():
                connection = self._begun()
            try:
                yield _InPostgres(connection)
                with _translated():
                    connection.execute("COMMIT")
            except BaseException:
                self._undo(connection)
                raise

    def _undo(self, connection: psycopg.Connection[Any]) -> None:
        """Roll back; a connection that does not answer is given up, which rolls back as well."""
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()

    def listen(self, heard: Callable[[str], None]) -> Callable[[], None]:
        stop = Event()

        def run() -> None:
            known: set[str] = set()
            while not stop.is_set():
                try:
                    with psycopg.connect(self.url, autocommit=True) as connection:
                        connection.execute(f"LISTEN {CHANNEL}")
                        for session in known:  # something may have happened while nobody listened
                            heard(session)
                        while not stop.is_set():
                            for notice in connection.notifies(timeout=0.5):
                                known.add(notice.payload)
                                heard(notice.payload)
                except psycopg.Error:
                    stop.wait(1)

        thread = Thread(target=run, name="notifications", daemon=True)
        thread.start()

        def stopped() -> None:
            stop.set()
            thread.join(2)

        return stopped

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


@contextmanager
def _translated() -> Iterator[None]:
    """What the database says, as what it means: somebody else was first (try again), or it cannot."""
    try:
        yield
    except (
        psycopg.errors.IntegrityError,
        psycopg.errors.DeadlockDetected,
        psycopg.errors.SerializationFailure,
    ) as error:
        raise Conflict(str(error)) from error
    except psycopg.Error as error:
        raise StorageFailed(str(error)) from error


class _InPostgres(Transaction):
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def read(self, statement: str, *values: Any) -> list[Row]:
        with _translated():
            return list(self._connection.execute(statement.replace("?", "%s").encode(), values).fetchall())

    def write(self, statement: str, *values: Any) -> None:
        with _translated():
            self._connection.execute(statement.replace("?", "%s").encode(), values)

    def lock(self, session: str) -> int | None:
        rows = self.read("SELECT size FROM sessions WHERE id = ? FOR UPDATE", session)
        return rows[0][0] if rows else None

    @contextmanager
    def part(self) -> Iterator[None]:
        self.write("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self.write("ROLLBACK TO SAVEPOINT part")
            raise
        self.write("RELEASE SAVEPOINT part")

    def notify(self, session: str) -> None:
        self.read("SELECT pg_notify(?, ?)", CHANNEL, session)
