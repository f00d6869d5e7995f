"""A trustee on its own: a small web server that keeps one secret and answers the houses that know its address."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from unrigged.errors import UnriggedError
from unrigged.sealed.encoding import bytes_of, text_of
from unrigged.server.api import answered, body, fields
from unrigged.server.clock import clock
from unrigged.server.entries import MAX_ENTRY, Refused, read_entry
from unrigged.server.storage import SQLite
from unrigged.server.trustee import Trustee
from unrigged.server.trustees import HOUSE_TRUSTEE, KeptClosings

MAX_LOG = 256 * 2**20


class TrusteeOnDisk:
    """A trustee whose secret and signed closings are kept in a file; made there when it is first opened.

    `houses`: public keys of the houses that he serves, all where it is empty; `now`: his own clock.
    """

    def __init__(
        self, path: Path, name: str, random: Any, *, houses: Iterable[bytes] = (), now: Callable[[], int] = clock
    ) -> None:
        if name == HOUSE_TRUSTEE:
            raise Refused("name", name, "another name than that of the house's own trustee")
        self.storage, self.houses, self.now = SQLite(path), frozenset(houses), now
        with self.storage.transaction() as begun:
            self.trustee = Trustee(name, begun.keep_first("trustee", "secret", random(32)), {})

    def contribution(self, opening: bytes) -> dict[str, Any]:
        """His contributions; that he has answered this opening is durable before this returns."""
        with _in_order():
            house = read_entry(opening).fields.get("house")
            if self.houses and (not isinstance(house, str) or bytes_of(house, "house", 32) not in self.houses):
                raise Refused("house", "a house that is not served here", "one of those that he was told of")
            with self.storage.transaction() as begun:
                return self.trustee.contribution(opening, KeptClosings(begun))

    def release(self, log: list[bytes], signature: bytes) -> dict[str, Any]:
        """His key for the closed round; the closing he signs is durable before this returns."""
        with _in_order(), self.storage.transaction() as begun:
            return self.trustee.release(log, signature, self.now(), KeptClosings(begun))


@contextmanager
def _in_order() -> Iterator[None]:
    """What a sender can make fail, whatever it is, is refused."""
    try:
        yield
    except UnriggedError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise Refused("form", type(error).__name__, "a log in order") from None


def app(kept: TrusteeOnDisk) -> Starlette:
    """The trustee's web server."""

    async def keys(request: Request) -> Response:
        given = await fields(request, session=str, rounds=int)
        return JSONResponse(await run_in_threadpool(lambda: kept.trustee.keys(given["session"], given["rounds"])))

    async def contribution(request: Request) -> Response:
        given = await _document(request, 2 * MAX_ENTRY, opening=str)
        opening = bytes_of(given["opening"], "opening")
        return JSONResponse(await run_in_threadpool(lambda: kept.contribution(opening)))

    async def release(request: Request) -> Response:
        given = await _document(request, MAX_LOG, log=list, signature=str)
        log, signature = [bytes_of(one, "log") for one in given["log"]], bytes_of(given["signature"], "signature", 64)
        return JSONResponse(await run_in_threadpool(lambda: kept.release(log, signature)))

    async def who(request: Request) -> Response:
        return JSONResponse({"name": kept.trustee.name, "key": text_of(kept.trustee.key)})

    table = [("/keys", keys), ("/contribution", contribution), ("/release", release)]
    posts = [Route(path, answered(endpoint), methods=["POST"]) for path, endpoint in table]
    return Starlette(routes=[Route("/", who), *posts])


async def _document(request: Request, most: int, **kinds: type) -> dict[str, Any]:
    """The JSON object in the body, with these fields; Refused otherwise."""
    try:
        document = json.loads((await body(request, most)).decode())
    except (ValueError, RecursionError):
        raise Refused("form", "a body that is not JSON", "a JSON object") from None
    if not isinstance(document, dict) or set(document) != set(kinds):
        raise Refused("form", "other fields", f"an object with {', '.join(kinds)}")
    if any(type(document[name]) is not kind for name, kind in kinds.items()):
        raise Refused("form", "fields of other types", f"an object with {', '.join(kinds)}")
    return document
