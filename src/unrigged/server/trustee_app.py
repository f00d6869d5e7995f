"""A trustee on its own: a small web server that keeps one secret and answers the houses that know its address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from unrigged.sealed.encoding import bytes_of, text_of
from unrigged.server.api import answered, body, fields
from unrigged.server.entries import MAX_ENTRY, Refused
from unrigged.server.storage import SQLite
from unrigged.server.trustee import Trustee
from unrigged.server.trustees import HOUSE_TRUSTEE, KeptClosings

MAX_LOG = 256 * 2**20


class TrusteeOnDisk:
    """A trustee whose secret and closings are kept in a file; made there when it is first opened."""

    def __init__(self, path: Path, name: str, random: Any) -> None:
        if name == HOUSE_TRUSTEE:
            raise Refused("name", name, "another name than that of the house's own trustee")
        self.storage = SQLite(path)
        with self.storage.transaction() as begun:
            secret = begun.kept("trustee", "secret")
            if secret is None:
                secret = random(32)
                begun.keep("trustee", "secret", secret)
        self.trustee = Trustee(name, secret, {})

    def release(self, log: list[bytes]) -> dict[str, Any]:
        """His key for the closed round; the closing he signs is durable before this returns."""
        from unrigged.server.session import Session

        state = Session(log)
        with self.storage.transaction() as begun:
            return self.trustee.release_of(state, KeptClosings(begun))


def app(kept: TrusteeOnDisk) -> Starlette:
    """The trustee's web server."""

    async def keys(request: Request) -> Response:
        given = await fields(request, session=str, rounds=int)
        return JSONResponse(await run_in_threadpool(lambda: kept.trustee.keys(given["session"], given["rounds"])))

    async def contribution(request: Request) -> Response:
        opening = await _bytes(request, "opening", 2 * MAX_ENTRY)
        return JSONResponse(await run_in_threadpool(lambda: kept.trustee.contribution(opening[0])))

    async def release(request: Request) -> Response:
        log = await _bytes(request, "log", MAX_LOG)
        return JSONResponse(await run_in_threadpool(lambda: kept.release(log)))

    async def who(request: Request) -> Response:
        return JSONResponse({"name": kept.trustee.name, "key": text_of(kept.trustee.key)})

    table = [("/keys", keys), ("/contribution", contribution), ("/release", release)]
    posts = [Route(path, answered(endpoint), methods=["POST"]) for path, endpoint in table]
    return Starlette(routes=[Route("/", who), *posts])


async def _bytes(request: Request, name: str, most: int) -> list[bytes]:
    """The bytes, or the list of bytes, in the one field of the body."""
    import json

    try:
        document = json.loads((await body(request, most)).decode())
    except (ValueError, RecursionError):
        raise Refused("form", "a body that is not JSON", "a JSON object") from None
    if not isinstance(document, dict) or set(document) != {name}:
        raise Refused("form", "other fields", f"an object with {name}")
    given = document[name] if isinstance(document[name], list) else [document[name]]
    return [bytes_of(one, name) for one in given]
