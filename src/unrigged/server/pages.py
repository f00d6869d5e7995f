"""The pages that everybody may see: the house, and its sessions."""

from __future__ import annotations

from collections.abc import Callable
from json import dumps
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from unrigged.sealed.encoding import text_of
from unrigged.server import exports
from unrigged.server.session import Session
from unrigged.server.stakes import stakes
from unrigged.server.timeline import timeline
from unrigged.server.views import view
from unrigged.server.web import Web

T = TypeVar("T")


def told(web: Web, state: Session) -> dict[str, Any]:
    """What the pages of a session say: the view that everybody has (`seen`), its mechanism, and what is at stake."""
    return {
        "id": state.id, "seen": view(state, web.presence.of(state.id), teller=web.teller), "mechanism": state.mechanism,
        "stakes": stakes(state.mechanism),
    }  # fmt: skip


def routes(web: Web) -> list[BaseRoute]:
    """The public pages."""

    async def home(request: Request) -> Response:
        return web.page(request, "home.html", key=text_of(web.house.key))

    async def session(request: Request) -> Response:
        found = await web.read(request.path_params["session"], lambda state: told(web, state))
        return web.page(request, "session.html", **found)

    async def live(request: Request) -> Response:
        """What changes on the pages of a session; the same for all who look at the same moment."""
        name = request.path_params["session"]

        def read(state: Session) -> str:
            def make() -> str:
                return web.templates.get_template("session_live.html").render(told(web, state))

            return web.once(("live", name), (state.size, frozenset(web.presence.of(name))), make)

        return HTMLResponse(await web.read(name, read), headers={"cache-control": "no-store"})

    async def log(request: Request) -> Response:
        def read(state: Session) -> dict[str, Any]:
            return {**told(web, state), "lines": timeline(state)}

        return web.page(request, "log.html", **await web.read(request.path_params["session"], read))

    async def exported(request: Request, what: str, make: Callable[[Session], T]) -> T:
        """What `make` makes of a session that is over; big ones take seconds, so it is kept for the next who asks."""
        state = await web.finished(request.path_params["session"])
        return await run_in_threadpool(lambda: web.once((what, state.id), state.size, lambda: make(state)))

    async def bundle(request: Request) -> Response:
        data = await exported(request, "bundle", lambda state: exports.bundle(web.house, state))
        return _download(data, "application/octet-stream", f"{request.path_params['session']}.bundle")

    async def report(request: Request) -> Response:
        html = await exported(request, "report", exports.readable)
        policy = f"default-src 'none'; style-src '{exports.style_hash()}'; frame-ancestors 'none'; base-uri 'none'"
        return HTMLResponse(html, headers={"content-security-policy": policy})

    async def moves(request: Request) -> Response:
        text = await exported(request, "moves", exports.moves_csv)
        return _download(text.encode(), "text/csv; charset=utf-8", f"{request.path_params['session']}-moves.csv")

    async def document(request: Request) -> Response:
        found = await exported(request, "document", exports.session_json)
        text = dumps(found, ensure_ascii=False, indent=1) + "\n"
        return _download(text.encode(), "application/json", f"{request.path_params['session']}.json")

    async def dictionary(request: Request) -> Response:
        return PlainTextResponse(exports.dictionary())

    return [
        Route("/", home),
        Route("/s/{session}", session),
        Route("/s/{session}/live", live),
        Route("/s/{session}/log", log),
        Route("/s/{session}/bundle", bundle),
        Route("/s/{session}/report", report),
        Route("/s/{session}/moves.csv", moves),
        Route("/s/{session}/session.json", document),
        Route("/data-dictionary.txt", dictionary),
    ]


def _download(data: bytes, kind: str, name: str) -> Response:
    return Response(data, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
