"""A house for `benchmarks/serve.py`: opens sessions, seats everybody, begins, and serves, as often as one likes."""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from unrigged.mechanisms import BestBelief, Mechanism, SecondPrice
from unrigged.sealed.encoding import digest, text_of
from unrigged.server.app import create_app
from unrigged.server.entries import join_statement
from unrigged.server.house import House
from unrigged.server.limits import Limiter, Rate
from unrigged.server.opening import Plan
from unrigged.server.running import listening, run
from unrigged.server.storage import open_storage
from unrigged.setting import auction

GOODS = ["north", "east", "south", "west"]


class NoLimit(Limiter):
    """As often as one likes."""

    def take(self, rate: Rate, *key: str) -> None:
        return


def key_of(session: str, name: str) -> Ed25519PrivateKey:
    """A participant's key, which both sides of the benchmark know."""
    return Ed25519PrivateKey.from_private_bytes(digest("benchmark", session, name))


def mechanism_of(name: str, players: int) -> Mechanism:
    """A sealed-bid auction of one good, or best-belief of four."""
    names = [f"p{number:03}" for number in range(players)]
    return SecondPrice(auction(names, GOODS[:1])) if name == "second-price" else BestBelief(auction(names, GOODS))


def prepare(house: House, name: str, players: int) -> str:
    """A session in which everybody has joined and the first round is open."""
    session, tokens = house.create(Plan("a benchmark", mechanism_of(name, players), seconds=86_400))
    with house.reading(session) as state:
        opening = state.opening.digest

    def join(player: str) -> None:
        public = key_of(session, player).public_key().public_bytes_raw()
        signature = key_of(session, player).sign(join_statement(session, player, public, opening))
        house.join(session, player, text_of(public), text_of(tokens[player]), text_of(signature))

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(join, tokens))
    house.begin(session)
    return session


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--players", type=int, default=200)
    parser.add_argument("--prepare", nargs="*", default=[], metavar="MECHANISM", help="one session of each")
    given = parser.parse_args()
    storage = open_storage(given.database)
    house = House(storage, random=os.urandom, version="benchmark")
    try:
        sessions = [prepare(house, name, given.players) for name in given.prepare]
        bound = listening("127.0.0.1", 0)
        app = create_app(house, limiter=NoLimit())
        print(json.dumps({"port": bound.getsockname()[1], "sessions": sessions}), flush=True)
        run(app, bound, quiet=True, stopping=app.state.web.presence.close)
        app.state.bots.close()
    finally:
        house.close()
        storage.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
