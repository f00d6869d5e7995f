"""The databases on which faults are tried: a SQLite file, and a fresh database of a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from postgres_support import database, server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with server() as address:
        yield address


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    with database(postgres_server) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "house.db")
    found: str = request.getfixturevalue("postgres")
    return found
