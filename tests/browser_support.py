"""A house behind a real web server, and participants who are programs, for tests of pages in a real browser."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random
from threading import Thread
from time import monotonic, sleep
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from live_support import secret
from unrigged.formats import read_scenario
from unrigged.mechanisms import Mechanism
from unrigged.protocol import Decision
from unrigged.scenario import Scenario
from unrigged.sealed.encoding import text_of
from unrigged.sealed.envelope import Place, seal
from unrigged.server.app import create_app
from unrigged.server.entries import join_statement, move_statement
from unrigged.server.house import House
from unrigged.server.notes import fragment, notes
from unrigged.server.opening import Plan
from unrigged.server.rounds import written_move

EXAMPLES = Path(__file__).parents[1] / "examples"
FILL = (Path(__file__).parent / "browser" / "fill.js").read_text(encoding="utf-8")
"""A function of a selector and a seed: fills in the form that stands there."""


def example(name: str) -> Scenario:
    return read_scenario(EXAMPLES / f"{name}.yaml", check=False)


class Served:
    """A house behind a web server of its own at `url`."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Begin to answer, at the same place as before."""
        self.app = create_app(self.house)
        config = uvicorn.Config(self.app, port=self.port, log_level="critical")
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


class Play:
    """A session of `mechanism`; who is not in `people` is played by a program, at random."""

    def __init__(
        self, served: Served, mechanism: Mechanism, people: Iterable[str], *, seconds: int = 300,
        known: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.served, self.house, self.people = served, served.house, list(people)
        self.id, self.tokens = self.house.create(Plan("A session", mechanism, seconds=seconds))
        self.known = known or {}
        self.robots = [name for name in mechanism.setting.players if name not in self.people]
        opening = self.state(lambda state: state.opening.digest)
        for name in self.robots:
            key = self._key(name)
            public = key.public_key().public_bytes_raw()
            signed = text_of(key.sign(join_statement(self.id, name, public, opening)))
            self.house.join(self.id, name, text_of(public), text_of(self.tokens[name]), signed)

    @classmethod
    def of(cls, served: Served, scenario: Scenario, people: Iterable[str], **options: Any) -> Play:
        """A session of a scenario's mechanism, with everybody's note in his link."""
        return cls(served, scenario.mechanism, people, known=notes(scenario), **options)

    def _key(self, name: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(secret("robot", self.id, name))

    def link(self, name: str) -> str:
        return f"{self.served.url}/s/{self.id}/p/{name}#{fragment(text_of(self.tokens[name]), self.known.get(name))}"

    def state(self, what: Callable[[Any], Any]) -> Any:
        """What `what` makes of the session as it is."""
        with self.house.reading(self.id) as state:
            return what(state)

    @property
    def status(self) -> str:
        return str(self.state(lambda state: state.status))

    def missing(self) -> list[str]:
        """Whose move the session waits for."""
        return self.state(
            lambda state: (
                list(state.missing) if state.status == "playing" and len(state.results) < len(state.rounds) else []
            )
        )

    def moves(self, name: str) -> list[Any]:
        """The log's entries of somebody's moves."""
        return self.state(
            lambda state: [one for one in state.entries if one.kind == "move" and one.fields["player"] == name]
        )

    def begin(self) -> None:
        wait_for(lambda: self.state(lambda state: set(state.keys) == set(state.participants)))
        self.house.begin(self.id)

    def robots_move(self) -> None:
        """All programs whose turn it is move, at random."""
        for name in [each for each in self.missing() if each in self.robots]:
            running, content, committee = self.state(lambda state, name=name: _turn(state, name))
            envelope = seal(content, secret("envelope", self.id, name, running.number),
                            Place(self.id, running.number, name, running.size), committee)  # fmt: skip
            signed = self._key(name).sign(move_statement(self.id, running.number, name, envelope))
            self.house.submit(self.id, running.number, name, text_of(envelope), text_of(signed))


def _turn(state: Any, name: str) -> Any:
    position, running = state.position, state.current
    content = b""
    if isinstance(position, Decision):
        space = position.space(state.mechanism.setting.players.index(name))
        assert space is not None
        content = written_move(space.encode(space.sample(Random(f"{name} {running.number}"), 4)))
    return running, content, state.committee(running.number)


def opened(context: Any, play: Play, name: str) -> Any:
    """The page of a participant who has taken his place."""
    page = context.new_page()
    page.goto(play.link(name))
    wait_for(lambda: play.state(lambda state: name in state.keys))
    turn(page, "You have your place")
    return page


def turn(page: Any, title: str) -> None:
    """Wait until the page shows a turn whose title begins like this."""
    page.wait_for_function("title => document.getElementById('turn').textContent.startsWith(title)", arg=title)


def filled(page: Any, seed: int = 1) -> None:
    """Wait for the form, and fill it in at random."""
    turn(page, "Your move")
    page.evaluate(FILL, ["#turn-body form > div", seed])


def seal_it(page: Any) -> None:
    """Read it once more, and seal it."""
    page.get_by_role("button", name="Read it once more, then seal it").click()
    page.get_by_role("button", name="Seal and send it").click()
