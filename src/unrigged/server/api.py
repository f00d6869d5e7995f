"""The JSON API: what programs, and the pages' own scripts, say to the house (docs/api.md, /api/v1/openapi.json)."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from unrigged.errors import InputError, UnriggedError
from unrigged.sealed.encoding import bytes_of, text_of
from unrigged.sealed.signatures import SIZE, verified
from unrigged.server.entries import Refused, presence_statement
from unrigged.server.house import House
from unrigged.server.session import Session
from unrigged.server.storage import StorageFailed
from unrigged.server.views import Teller, view

MAX_BODY = 256 * 1024
"""The bytes of the largest body that a participant sends."""

HEARTBEAT = 15.0
"""Seconds after which a silent stream of events says that it is still there."""

Endpoint = Callable[[Request], Awaitable[Response]]


class TooLarge(UnriggedError):
    """A body beyond what is read."""


class Presence:
    """Who has a page open: by the open streams of events whose owners have shown who they are."""

    def __init__(self) -> None:
        self._open: Counter[tuple[str, str]] = Counter()
        self._waking: list[Callable[[], object]] = []
        self.closed = False

    def close(self) -> None:
        """End all streams: the server is about to stop."""
        self.closed = True
        for wake in list(self._waking):
            wake()

    def wake(self, wake: Callable[[], object]) -> Callable[[], None]:
        """Call `wake` when the server is about to stop; returns how to forget it."""
        self._waking.append(wake)
        return lambda: self._waking.remove(wake)

    def of(self, session: str) -> set[str]:
        """The participants of a session who are there."""
        return {player for (name, player), count in self._open.items() if name == session and count > 0}

    def change(self, session: str, player: str, by: int) -> None:
        """One stream more or less."""
        self._open[session, player] += by
        if self._open[session, player] <= 0:
            del self._open[session, player]


async def body(request: Request, most: int = MAX_BODY) -> bytes:
    """The body of a request, read only as far as `most` bytes; TooLarge beyond."""
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and len(declared) < 20 and int(declared) > most:
        raise TooLarge(f"at most {most} bytes")
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > most:
            raise TooLarge(f"at most {most} bytes")
    return bytes(data)


async def fields(request: Request, **kinds: type) -> dict[str, Any]:
    """The JSON object in the body, with exactly these fields of these types; Refused otherwise."""
    try:
        document = json.loads((await body(request)).decode())
    except (ValueError, RecursionError):
        raise Refused("form", "a body that is not JSON", "a JSON object") from None
    if not isinstance(document, dict) or set(document) != set(kinds):
        raise Refused("form", "other fields", f"an object with {', '.join(kinds)}")
    for name, kind in kinds.items():
        if type(document[name]) is not kind:
            raise Refused("form", f"{name} of another type", f"{name} as {kind.__name__}")
    return document


def answered(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose refusals become answers."""

    async def wrapped(request: Request) -> Response:
        try:
            return await endpoint(request)
        except TooLarge as error:
            return refusal(413, "size", "a larger body", str(error))
        except StorageFailed:
            return refusal(503, "storage", "a database that cannot be written to", "try again")
        except Refused as error:
            return refusal(409 if error.rule in ("once", "order", "over", "deadline") else 400, error.rule,
                           error.found, error.expected)  # fmt: skip
        except InputError as error:
            return refusal(404 if error.where == "session" else 400, error.where, error.found, error.expected)

    return wrapped


def refusal(code: int, rule: str, found: object, expected: str) -> JSONResponse:
    """An answer that says what was refused, and what was expected."""
    return JSONResponse({"error": {"rule": rule, "found": str(found)[:500], "expected": expected[:500]}}, code)


Allow = Callable[[Request, str, str], None]
"""Called before a join or a move is taken, with the session and the participant; raises where that is too often."""


def always(request: Request, session: str, player: str) -> None:
    """No limit."""


def routes(
    house: House, presence: Presence, allow: Allow = always, teller: Teller | None = None
) -> list[Route]:  # fmt: skip
    """The API's routes below /api/v1."""
    teller = teller or Teller()

    async def session(request: Request) -> Response:
        name, mover = request.path_params["session"], request.query_params.get("player", "")

        def read() -> dict[str, Any]:
            with house.reading(name) as state:
                return view(state, presence.of(name), mover, teller)

        return JSONResponse(await run_in_threadpool(read))

    async def log(request: Request) -> Response:
        name, start = request.path_params["session"], request.query_params.get("from", "0")
        if not (start.isascii() and start.isdigit()) or len(start) > 9:
            raise Refused("from", start, "the number of an entry")

        def read() -> dict[str, Any]:
            with house.reading(name) as state:
                entries = [text_of(one.data) for one in state.entries[int(start) :]]
                return {"entries": entries, "checkpoint": house.checkpoint(state)}

        return JSONResponse(await run_in_threadpool(read))

    async def join(request: Request) -> Response:
        given = await fields(request, player=str, key=str, token=str, signature=str)
        allow(request, request.path_params["session"], given["player"])
        receipt = await run_in_threadpool(lambda: house.join(request.path_params["session"], **given))
        return JSONResponse(receipt.to_json())

    async def move(request: Request) -> Response:
        given = await fields(request, round=int, player=str, envelope=str, signature=str)
        allow(request, request.path_params["session"], given["player"])
        number = given.pop("round")
        receipt = await run_in_threadpool(lambda: house.submit(request.path_params["session"], number, **given))
        return JSONResponse(receipt.to_json())

    async def events(request: Request) -> Response:
        name, player = request.path_params["session"], request.query_params.get("player", "")
        proof = request.query_params.get("proof", "")

        def proven() -> bool:
            with house.reading(name) as state:
                return _is_himself(state, player, proof)

        counted = await run_in_threadpool(proven)
        return StreamingResponse(_changes(house, presence, name, player if counted else ""),
                                 media_type="text/event-stream", headers={"cache-control": "no-store"})  # fmt: skip

    table = [
        ("/sessions/{session}", session, "GET"),
        ("/sessions/{session}/log", log, "GET"),
        ("/sessions/{session}/join", join, "POST"),
        ("/sessions/{session}/moves", move, "POST"),
        ("/sessions/{session}/events", events, "GET"),
    ]
    return [Route(path, answered(endpoint), methods=[method]) for path, endpoint, method in table]


def _is_himself(state: Session, player: str, proof: str) -> bool:
    """Whether `proof` is the signature of who has the place of `player`; nobody is shown as present without."""
    try:
        signature = bytes_of(proof, "proof", SIZE)
    except InputError:
        return False
    key = state.keys.get(player)
    return key is not None and verified(key, signature, presence_statement(state.id, player, state.opening.digest))


async def _changes(house: House, presence: Presence, name: str, player: str) -> AsyncIterator[str]:
    """A line for every change of the session, as server-sent events; a comment now and then where nothing changes."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def heard(session: str) -> None:
        if session == name:
            loop.call_soon_threadsafe(changed.set)

    stop = house.listen(heard)
    forget = presence.wake(lambda: loop.call_soon_threadsafe(changed.set))
    if player:
        presence.change(name, player, 1)
    try:
        yield "event: change\ndata: 0\n\n"
        count = 0
        while not presence.closed:
            try:
                await asyncio.wait_for(changed.wait(), HEARTBEAT)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            changed.clear()
            count += 1
            yield f"event: change\ndata: {count}\n\n"
    finally:
        stop()
        forget()
        if player:
            presence.change(name, player, -1)
