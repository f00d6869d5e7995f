"""PostgreSQL, shared by several server processes: row locks and unique constraints carry safety; notices only wake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any

import psycopg

from unrigged.server.storage import SCHEMA, Conflict, Row, Storage, StorageFailed, Transaction

CHANNEL = "unrigged"


class Postgres(Storage):
    """A database that several processes write to; one connection, its transactions one after the other."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = Lock()
        self._connection: psycopg.Connection[Any] | None = None
        with self.transaction() as now:
            now.read("SELECT pg_advisory_xact_lock(4711)")
            for statement in SCHEMA:
                now.write(statement.format(bytes="BYTEA"))

    @property
    def shared(self) -> bool:
        return True

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.url, autocommit=True)
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            try:
                with self._connected().transaction():
                    yield _InPostgres(self._connected())
            except psycopg.errors.IntegrityError as error:
                raise Conflict(str(error)) from error
            except psycopg.OperationalError as error:
                if self._connection is not None:
                    self._connection.close()
                raise StorageFailed(str(error)) from error
            except psycopg.Error as error:
                raise StorageFailed(str(error)) from error

    def listen(self, heard: Callable[[str], None]) -> Callable[[], None]:
        """Call `heard` with the name of every session that some process has written to; returns how to stop."""
        stop = Event()

        def run() -> None:
            while not stop.is_set():
                try:
                    with psycopg.connect(self.url, autocommit=True) as connection:
                        connection.execute(f"LISTEN {CHANNEL}")
                        while not stop.is_set():
                            for notice in connection.notifies(timeout=0.5):
                                heard(notice.payload)
                except psycopg.Error:
                    stop.wait(1)

        Thread(target=run, name="notifications", daemon=True).start()
        return stop.set

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class _InPostgres(Transaction):
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def read(self, statement: str, *values: Any) -> list[Row]:
        return list(self._connection.execute(statement.replace("?", "%s").encode(), values).fetchall())

    def write(self, statement: str, *values: Any) -> None:
        self._connection.execute(statement.replace("?", "%s").encode(), values)

    def lock(self, session: str) -> int | None:
        rows = self.read("SELECT size FROM sessions WHERE id = ? FOR UPDATE", session)
        return rows[0][0] if rows else None

    @contextmanager
    def part(self) -> Iterator[None]:
        with self._connection.transaction():
            yield

    def notify(self, session: str) -> None:
        self._connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, session))
