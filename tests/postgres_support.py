"""A PostgreSQL server for tests: the one that UNRIGGED_POSTGRES names, or a private one in a temporary directory."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

_NUMBERS = count(1)


def _program(name: str) -> str | None:
    found = shutil.which(name)
    if found is None:
        kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        found = str(kept[-1]) if kept else None
    return found


@contextmanager
def server() -> Iterator[str]:
    """The address of a server; the test is skipped (fails, where every test is to run) where there is none."""
    given = os.environ.get("UNRIGGED_POSTGRES")
    if given:
        yield given
        return
    initdb, control = _program("initdb"), _program("pg_ctl")
    if initdb is None or control is None:
        if os.environ.get("UNRIGGED_ALL_TESTS"):
            pytest.fail("PostgreSQL is needed for this test")
        pytest.skip("PostgreSQL is not installed")
    place = Path(tempfile.mkdtemp(prefix="unrigged-postgres-"))
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_owner:
        shutil.chown(place, "postgres")
    data, options = place / "data", f"-c listen_addresses='' -c unix_socket_directories={place} -c max_connections=60"

    def run(*words: str) -> None:
        subprocess.run([*as_owner, *words], check=True, cwd=place, stdout=subprocess.DEVNULL, timeout=60)

    try:
        run(initdb, "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        run(control, "-D", str(data), "-l", str(place / "log"), "-o", options, "-w", "start")
        yield f"postgresql://postgres@/postgres?host={place}"
    finally:
        subprocess.run([*as_owner, control, "-D", str(data), "-m", "immediate", "stop"], cwd=place,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)  # fmt: skip
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def database(address: str) -> Iterator[str]:
    """The address of a fresh database on that server."""
    name = f"unrigged_test_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    try:
        yield _named(address, name)
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _named(address: str, name: str) -> str:
    before, mark, query = address.partition("?")
    return before.rsplit("/", 1)[0] + "/" + name + mark + query
