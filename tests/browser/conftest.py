"""A real Chromium, and a real house behind a real web server, for the tests of pages."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest
import uvicorn

from unrigged.server.app import create_app
from unrigged.server.house import House
from unrigged.server.storage import open_storage

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP house.test 127.0.0.1",
]  # fmt: skip


def missing(what: str) -> None:
    if os.environ.get("UNRIGGED_ALL_TESTS"):
        pytest.fail(f"{what} is needed for this test")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser; pages that cannot be reached by name `house.test` are not in a secure context."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    if CHROMIUM is None:
        missing("Chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


class Served:
    """A house behind a web server of its own at `url`."""

    def __init__(self, path: Path, house: House) -> None:
        self.house = house
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Begin to answer, at the same place as before."""
        self.app = create_app(self.house)
        config = uvicorn.Config(self.app, port=self.port, log_level="error", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, daemon=True)
        self._thread.start()
        wait_for(lambda: self._server.started)

    def stop(self) -> None:
        """Answer no more."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
        self.app.state.bots.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], Any], seconds: float = 15.0) -> Any:
    """What `condition` gives once it is true; an AssertionError where that takes too long."""
    until = monotonic() + seconds
    while not (found := condition()):
        assert monotonic() < until, "waited in vain"
        sleep(0.02)
    return found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    storage = open_storage(str(tmp_path / "house.db"))
    house = House(storage, random=os.urandom, version="test")
    made = Served(tmp_path, house)
    yield made
    made.stop()
    house.close()
    storage.close()


@pytest.fixture
def context(chromium: Any) -> Iterator[Any]:
    """One person's browser: nothing is shared with the others'. A page that fails in a script fails its test."""
    made = chromium.new_context(locale="en-GB")
    made.set_default_timeout(15000)
    faults: list[str] = []
    made.on("weberror", lambda error: faults.append(str(error.error)))
    made.on("console", lambda line: faults.append(line.text) if line.type == "error" and "net::" not in line.text else None)
    yield made
    made.close()
    assert not [fault for fault in faults if "favicon" not in fault], faults
