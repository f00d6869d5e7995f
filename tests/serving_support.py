"""A house that is really served: on a port of this machine, by the server that `unrigged serve` uses."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest
import uvicorn

from unrigged.formats import read_scenario
from unrigged.mechanisms import Mechanism
from unrigged.sealed.encoding import text_of
from unrigged.server.app import create_app
from unrigged.server.house import House
from unrigged.server.keys import Link
from unrigged.server.limits import Limiter, Rate
from unrigged.server.opening import Plan
from unrigged.server.storage import open_storage

EXAMPLES = Path(__file__).parents[1] / "examples"


class NoLimit(Limiter):
    """As often as one likes."""

    def take(self, rate: Rate, *key: str) -> None:
        return


def example(name: str) -> Mechanism:
    """The mechanism of a bundled example."""
    return read_scenario(EXAMPLES / f"{name}.yaml", check=False).mechanism


def needs(there: object, what: str) -> None:
    """Skip the test where something it needs is absent; fail it where every test is to run."""
    if there:
        return
    if os.environ.get("UNRIGGED_ALL_TESTS"):
        pytest.fail(f"{what} is needed for this test")
    pytest.skip(f"{what} is not here")


@contextmanager
def kept_house(where: Path | str, **more: Any) -> Iterator[House]:
    """A house on a database."""
    storage = open_storage(str(where))
    house = House(storage, random=os.urandom, version="test", **more)
    try:
        yield house
    finally:
        house.close()
        storage.close()


@contextmanager
def served(house: House, wrap: Callable[[Any], Any] = lambda app: app) -> Iterator[str]:
    """The address at which the house is served; `wrap`: what stands around the application."""
    app = create_app(house, limiter=NoLimit())
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(wrap(app), log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    thread = Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    until = monotonic() + 20
    while not server.started:
        if monotonic() > until:
            raise TimeoutError("the server does not start")
        sleep(0.01)
    try:
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        app.state.bots.close()
        taken.close()


def opened(house: House, address: str, mechanism: Mechanism, **plan: Any) -> Mapping[str, Link]:
    """A new session, and everybody's link."""
    session, tokens = house.create(Plan("a test", mechanism, **plan))
    return {name: Link(address, session, name, text_of(token)) for name, token in tokens.items()}
