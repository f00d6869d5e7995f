"""A real Chromium, and a real house behind a real web server, for the tests of pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser_support import Served
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
    """The browser. Pages of `house.test` come from this machine, too, but are not in a secure context."""
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


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    storage = open_storage(str(tmp_path / "house.db"))
    house = House(storage, random=os.urandom, version="test")
    made = Served(house)
    yield made
    made.stop()
    house.close()
    storage.close()


class People:
    """Browsers that share nothing; what their scripts complain of is kept in `faults`, their requests in `asked`."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser
        self.faults: list[str] = []
        self.asked: list[Any] = []
        self.contexts: list[Any] = []

    def __call__(self, **options: Any) -> Any:
        """One more person's browser."""
        made = self.browser.new_context(locale="en-GB", **options)
        made.set_default_timeout(10000)
        made.on("weberror", lambda error: self.faults.append(str(error.error)))
        made.on("console", self._heard)
        made.on("request", lambda request: self.asked.append(request))
        self.contexts.append(made)
        return made

    def _heard(self, line: Any) -> None:
        """Some tests are about requests that fail and origins that are not trusted; other errors are faults."""
        expected = ("Failed to load resource", "the URL's origin was untrustworthy")
        if line.type == "error" and not any(words in line.text for words in expected):
            self.faults.append(line.text)


@pytest.fixture
def person(chromium: Any) -> Iterator[People]:
    made = People(chromium)
    yield made
    for each in made.contexts:
        each.close()
    assert not made.faults
