"""The house's web server: pages for people, the API for programs, and what protects both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unrigged.errors import InputError
from unrigged.server import api, monitor, openapi, organiser, pages, participant
from unrigged.server.auth import Forged, NotOrganiser, Organisers
from unrigged.server.bots import Bots
from unrigged.server.house import House
from unrigged.server.limits import Limiter, Limits, TooOften, allow_move, too_often
from unrigged.server.storage import StorageFailed
from unrigged.server.web import Web

STATIC = Path(__file__).parent / "static"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing from elsewhere, and nothing inline."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True)
class Options:
    """`secure`: whether the house is reached over TLS (its own, or a proxy's); `name`: what the house calls itself."""

    secure: bool = False
    name: str = "unrigged"


class Headers:
    """Around everything else: the headers that tell browsers what pages of this house may do."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        headers = dict(HEADERS)
        if secure:
            headers["strict-transport-security"] = "max-age=31536000"
        self.app = app
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                there = {name.lower() for name, _ in given}
                given += [header for header in self._headers if header[0] not in there]
                if b"cache-control" not in there:
                    given.append((b"cache-control", b"no-cache"))
                message["headers"] = given
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)


def create_app(house: House, options: Options | None = None, *, limiter: Limiter | None = None) -> Starlette:
    """The web server of `house`. Its bots play as long as `app.state.bots` is not closed."""
    options, limiter = options or Options(), limiter or Limiter()
    presence, bots = api.Presence(), Bots(house)
    web = Web(house, presence, Organisers(house, secure=options.secure), limiter, bots, options.name)
    routes = [
        Mount(
            "/api/v1",
            routes=[*api.routes(house, presence, partial(allow_move, limiter), web.teller), *openapi.routes()],
        ),
        Mount("/static", StaticFiles(directory=STATIC)),
        *organiser.routes(web),
        *monitor.routes(web),
        *participant.routes(web),
        *pages.routes(web),
        Route("/health", healthy),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Headers, secure=options.secure), Middleware(Limits, limiter=limiter)],
        exception_handlers=handlers(web),
    )
    app.state.web, app.state.bots = web, bots
    return app


async def healthy(request: Request) -> Response:
    """That the server answers."""
    return PlainTextResponse("ok\n")


def handlers(web: Web) -> dict[Any, Callable[[Request, Any], Awaitable[Response]]]:
    """What is answered where something was not to be."""

    def problem(request: Request, code: int, title: str, words: str) -> Response:
        if request.url.path.startswith("/api/"):
            return api.refusal(code, title.lower(), request.url.path, words)
        return web.page(request, "problem.html", code, title=title, words=words)

    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return problem(request, 404, "Not found", "There is no such page here.")
        return problem(request, error.status_code, "Not possible", str(error.detail))

    async def not_organiser(request: Request, error: NotOrganiser) -> Response:
        return RedirectResponse("/organiser/login", 303)

    async def forged(request: Request, error: Forged) -> Response:
        return problem(request, 403, "Refused", f"{error}.")

    async def too_large(request: Request, error: api.TooLarge) -> Response:
        return problem(request, 413, "Too large", f"What was sent is too large: {error}.")

    async def limited(request: Request, error: TooOften) -> Response:
        return too_often(error, as_json=request.url.path.startswith("/api/"))

    async def failed(request: Request, error: Exception) -> Response:
        return problem(request, 503, "Not available", "The house's database cannot be used right now. Try again.")

    async def broken(request: Request, error: Exception) -> Response:
        answer = problem(request, 500, "Our mistake", "Something went wrong in this house. Nothing was changed by it.")
        answer.headers.update(HEADERS)
        return answer

    async def faulty(request: Request, error: InputError) -> Response:
        return problem(request, 422, "Not possible", f"{error}.")

    return {
        Exception: broken,
        InputError: faulty,
        HTTPException: http,
        NotOrganiser: not_organiser,
        Forged: forged,
        api.TooLarge: too_large,
        TooOften: limited,
        StorageFailed: failed,
    }
