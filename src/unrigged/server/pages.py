"""The pages that everybody may see: the house, and its sessions."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from unrigged.sealed.encoding import text_of
from unrigged.server import exports
from unrigged.server.session import Session
from unrigged.server.stakes import stakes
from unrigged.server.timeline import timeline
from unrigged.server.views import view
from unrigged.server.web import Web


def told(web: Web, state: Session) -> dict[str, Any]:
    """What the pages of a session say: the view that everybody has (`seen`), its mechanism, and what is at stake."""
    return {
        "id": state.id, "seen": view(state, web.presence.of(state.id)), "mechanism": state.mechanism,
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
        found = await web.read(request.path_params["session"], lambda state: told(web, state))
        return web.page(request, "session_live.html", **found)

    async def log(request: Request) -> Response:
        def read(state: Session) -> dict[str, Any]:
            return {**told(web, state), "lines": timeline(state)}

        return web.page(request, "log.html", **await web.read(request.path_params["session"], read))

    async def bundle(request: Request) -> Response:
        name = request.path_params["session"]
        data = await web.read(name, lambda state: exports.bundle(web.house, state))
        return _download(data, "application/octet-stream", f"{name}.bundle")

    async def report(request: Request) -> Response:
        html = await web.read(request.path_params["session"], exports.readable)
        policy = f"default-src 'none'; style-src '{exports.style_hash()}'; frame-ancestors 'none'; base-uri 'none'"
        return HTMLResponse(html, headers={"content-security-policy": policy})

    async def moves(request: Request) -> Response:
        name = request.path_params["session"]
        text = await web.read(name, exports.moves_csv)
        return _download(text.encode(), "text/csv; charset=utf-8", f"{name}-moves.csv")

    async def document(request: Request) -> Response:
        name = request.path_params["session"]
        found = await web.read(name, exports.session_json)
        answer = JSONResponse(found)
        answer.headers["content-disposition"] = f'attachment; filename="{name}.json"'
        return answer

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
