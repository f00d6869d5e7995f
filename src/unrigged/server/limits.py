"""What keeps one visitor from taking the house from the others: sizes of bodies, and how often one may ask.

Two hundred participants may sit behind one address and move in the same second, so what is counted strictly is counted
by address, session and participant; what is counted by address alone is generous.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unrigged.errors import UnriggedError
from unrigged.server.api import MAX_BODY, TooLarge

MAX_FORM = 9_000_000
"""The bytes of the largest form: a scenario of 8 MB, and what is around it."""

MOST_BUCKETS = 100_000
"""Those that were used longest ago are forgotten beyond that many."""

MOST_STREAMS = 1000
"""Streams of events that one address may have open at a time."""


@dataclass(frozen=True)
class Rate:
    """So many at once, and so many a second after that."""

    burst: float
    a_second: float


EVERYTHING = Rate(5000, 500)
"""Requests of one address."""

WRITES = Rate(1000, 100)
"""Joins and moves of one address in one session."""

OWN = Rate(30, 1)
"""Joins and moves for one participant of one session, from one address."""

LOGIN = Rate(10, 0.1)
"""Attempts to log in from one address."""

LOGINS = Rate(100, 1)
"""Attempts to log in from anywhere."""


class TooOften(UnriggedError):
    """Asked too often: after so many seconds there is room again."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"too many requests; try again in {seconds} seconds")


class Limiter:
    """Buckets of tokens, by whatever is counted. `now`: a clock in seconds that never goes back."""

    def __init__(self, now: Callable[[], float] = monotonic, most: int = MOST_BUCKETS) -> None:
        self._now, self._most = now, most
        self._buckets: OrderedDict[tuple[str, ...], tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, rate: Rate, *key: str) -> None:
        """One token out of the bucket of `key`; TooOften where it is empty."""
        now = self._now()
        with self._lock:
            left, before = self._buckets.pop(key, (rate.burst, now))
            left = min(rate.burst, left + (now - before) * rate.a_second)
            allowed = left >= 1
            self._buckets[key] = (left - 1 if allowed else left, now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        if not allowed:
            raise TooOften(max(1, round((1 - left) / rate.a_second)))


def address_of(connection: HTTPConnection) -> str:
    """The address that a request comes from."""
    return connection.client.host if connection.client else ""


def allow_move(limiter: Limiter, request: Request, session: str, player: str) -> None:
    """TooOften where too much is sent for a participant, or to a session, from one address."""
    limiter.take(WRITES, "writes", address_of(request), session)
    limiter.take(OWN, "own", address_of(request), session, player)


def too_often(error: TooOften, *, as_json: bool) -> Response:
    """The answer to somebody who asks too often."""
    headers = {"retry-after": str(error.seconds)}
    if not as_json:
        return PlainTextResponse(f"{error}\n", 429, headers)
    body = {"error": {"rule": "rate", "found": "too many requests", "expected": f"a pause of {error.seconds} seconds"}}
    return JSONResponse(body, 429, headers)


class Limits:
    """Around everything else: how often an address asks, how many streams it holds, and how much it sends."""

    def __init__(self, app: ASGIApp, limiter: Limiter) -> None:
        self.app, self.limiter = app, limiter
        self._streams: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        address, path = address_of(connection), scope["path"]
        as_json = path.startswith("/api/")
        streaming = path.endswith("/events")
        try:
            self.limiter.take(EVERYTHING, "address", address)
            if streaming and self._streams.get(address, 0) >= MOST_STREAMS:
                raise TooOften(60)
        except TooOften as error:
            await too_often(error, as_json=as_json)(scope, receive, send)
            return
        most = MAX_FORM if path.startswith("/organiser") else MAX_BODY
        if not streaming:
            await self.app(scope, counted(receive, most), send)
            return
        self._streams[address] = self._streams.get(address, 0) + 1
        try:
            await self.app(scope, counted(receive, most), send)
        finally:
            self._streams[address] -= 1
            if not self._streams[address]:
                del self._streams[address]


def counted(receive: Receive, most: int) -> Receive:
    """`receive`, TooLarge once more than `most` bytes of a body have come."""
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise TooLarge(f"at most {most} bytes")
        return message

    return counting
