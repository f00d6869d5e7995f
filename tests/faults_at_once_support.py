"""Houses in this process, on a database, with sessions that have begun."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from faults_support import bidders, joining, mechanism
from unrigged.sealed.encoding import text_of
from unrigged.server.house import House
from unrigged.server.opening import Plan
from unrigged.server.session import Session
from unrigged.server.storage import open_storage


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 1_000_000_000_000

    def __call__(self) -> int:
        return self.time


@contextmanager
def opened(where: str | Path, clock: Callable[[], int] | None = None) -> Iterator[House]:
    storage = open_storage(str(where))
    house = House(storage, random=os.urandom, version="test", now=clock)
    try:
        yield house
    finally:
        house.close()
        storage.close()


def begun(house: House, players: int, seconds: int = 600) -> str:
    session, tokens = house.create(Plan("at once", mechanism(players), seconds=seconds))
    with house.reading(session) as state:
        opening = state.entries[0].data
    for name in bidders(players):
        house.join(session, **joining(session, opening, name, text_of(tokens[name])))
    house.begin(session)
    return session


def over(house: House, session: str) -> Session:
    end = monotonic() + 30
    while True:
        with house.reading(session) as state:
            if state.status == "settled":
                return state
        assert monotonic() < end
        sleep(0.005)
