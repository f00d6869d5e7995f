"""A disk that is full or fails, a connection that breaks: no receipt for what is not kept."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import apsw
import psycopg
import pytest

from faults_at_once_support import begun, opened, over
from faults_support import LONG, bidders, check_receipts, durable, moving
from unrigged.server.house import House
from unrigged.server.session import Session
from unrigged.server.storage import StorageFailed

ROUNDS = 300 if LONG else 40


class Failing:
    """Which calls of the file system fail: some share of them, while it is on."""

    def __init__(self, what: str) -> None:
        self.random, self.on, self.failed = Random(what), False, 0
        self.share = {"xSync": 0.3, "xWrite": 0.03}[what]

    def __call__(self) -> None:
        if self.on and self.random.random() < self.share:
            self.failed += 1
            raise apsw.IOError("injected")


@contextmanager
def failing_files(what: str, failing: Failing) -> Iterator[None]:
    """SQLite writes through files whose `what` (xSync or xWrite) fails now and then."""
    name = f"failing-{uuid4()}"

    class File(apsw.VFSFile):
        def __init__(self, filename: Any, flags: list[int]) -> None:
            super().__init__("unix", filename, flags)

        def xSync(self, flags: int) -> None:  # noqa: N802
            if what == "xSync":
                failing()
            super().xSync(flags)

        def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
            if what == "xWrite":
                failing()
            super().xWrite(data, offset)

    class Files(apsw.VFS):
        def __init__(self) -> None:
            super().__init__(name, "unix", makedefault=True)

        def xOpen(self, filename: Any, flags: list[int]) -> Any:  # noqa: N802
            return File(filename, flags)

    before = apsw.vfs_names()[0]
    files = Files()
    try:
        yield
    finally:
        files.unregister()
        assert apsw.vfs_names()[0] == before


def tried(house: House, sent: dict[str, Any], session: str, receipts: dict[str, Any]) -> int:
    """Everybody sends until there is a receipt for each; how often there was none."""
    failures = 0
    for name, move in sent.items():
        while name not in receipts:
            try:
                receipts[name] = house.submit(session, **move).to_json()
            except StorageFailed:
                failures += 1
                assert failures < 10_000
    return failures


@pytest.mark.parametrize("what", ["xSync", "xWrite"])
def test_files_that_fail(what: str, tmp_path: Path) -> None:
    failing, failures = Failing(what), 0
    path = tmp_path / "house.db"
    with failing_files(what, failing), opened(path) as house:
        for _ in range(max(1, ROUNDS // 10)):
            session = begun(house, 9)
            with house.reading(session) as state:
                sent = {name: moving(state, name) for name in bidders(8)}
            receipts: dict[str, Any] = {}
            failing.on = True
            failures += tried(house, sent, session, receipts)
            failing.on = False
            state = check_receipts(durable(str(path), session), receipts)
            assert set(state.current.moves) == set(sent)
            house.submit(session, **moving(state, "bidder 9"))
            over(house, session)
    print(f"{what}: {failing.failed} calls failed, {failures} times no receipt, no false one")
    assert failures > 0


def test_a_full_disk(tmp_path: Path) -> None:
    """The file may not grow: no receipt; then it may, and the same envelope gets one."""
    path = tmp_path / "house.db"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with opened(path) as house:
            session = begun(house, 3)
            with house.reading(session) as state:
                moves = [moving(state, name) for name in bidders(3)]
                size = state.size
            resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(f"{path}-wal"), before[1]))
            with pytest.raises(StorageFailed):
                house.submit(session, **moves[0])
            with house.reading(session) as state:
                assert state.size == size
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            receipts = {str(number): house.submit(session, **move).to_json() for number, move in enumerate(moves)}
            over(house, session)
        check_receipts(durable(str(path), session), receipts)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_connections_that_are_cut(postgres: str) -> None:
    random, cut, failures = Random("cut"), 0, 0

    def cut_all() -> int:
        with psycopg.connect(postgres, autocommit=True) as other:
            return len(other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall())  # fmt: skip

    with opened(postgres) as house:
        for _ in range(max(2, ROUNDS // 10)):
            session = begun(house, 7)
            with house.reading(session) as state:
                sent = {name: moving(state, name) for name in bidders(6)}
            receipts: dict[str, Any] = {}
            for name, move in sent.items():
                if random.random() < 0.5:
                    cut += cut_all()
                failures += tried(house, {name: move}, session, receipts)
            state = check_receipts(durable(postgres, session), receipts)
            house.submit(session, **moving(state, "bidder 7"))
            over(house, session)
    print(f"{cut} connections cut, {failures} times no receipt, no false one")
    assert cut > 0


def test_a_commit_whose_answer_is_lost(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database has committed, the connection breaks before it says so: no receipt, and the same envelope sent again
    gets one for the entry that is there."""
    with opened(postgres) as house:
        session = begun(house, 2)
        with house.reading(session) as state:
            move = moving(state, "bidder 1")
        real = psycopg.Connection.execute
        lost = []

        def execute(self: Any, query: Any, *more: Any, **named: Any) -> Any:
            answer = real(self, query, *more, **named)
            if query == "COMMIT" and not lost:
                entries = real(self, "SELECT count(*) FROM moves").fetchall()[0][0]
                if entries:
                    lost.append(entries)
                    raise psycopg.OperationalError("the connection was lost")
            return answer

        monkeypatch.setattr(psycopg.Connection, "execute", execute)
        with pytest.raises(StorageFailed):
            house.submit(session, **move)
        receipt = house.submit(session, **move)
        assert lost == [1]
        state = Session(durable(postgres, session))
        assert [one.kind for one in state.entries].count("move") == 1
        assert state.entries[receipt.number].fields["player"] == "bidder 1"
