"""A house with its pages, somebody who looks at them, and its organiser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from pages_support import Browser
from serving_support import kept_house
from unrigged.server.app import create_app
from unrigged.server.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with kept_house(tmp_path / "house.db") as made:
        yield made


@pytest.fixture
def app(house: House) -> Iterator[Starlette]:
    made = create_app(house)
    yield made
    made.state.bots.close()


@pytest.fixture
def visitor(app: Starlette) -> Browser:
    return Browser(app)


@pytest.fixture
def organiser(app: Starlette) -> Browser:
    browser = Browser(app)
    code = app.state.web.organisers.new_code()
    assert browser.post("/organiser/login", {"code": code}).headers["location"] == "/organiser"
    return browser
