"""The organiser's pages: sessions, new ones, their links, and the monitor."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from unrigged.server.auth import need_same_site
from unrigged.server.limits import LOGIN, LOGINS, address_of
from unrigged.server.web import Web


def routes(web: Web) -> list[BaseRoute]:
    """The organiser's pages."""

    async def login(request: Request) -> Response:
        if request.method == "GET":
            return web.page(request, "login.html", wrong=False)
        need_same_site(request)
        web.limiter.take(LOGIN, "login", address_of(request))
        web.limiter.take(LOGINS, "logins")
        return RedirectResponse("/organiser", 303)

    return [Route("/organiser/login", login, methods=["GET", "POST"])]
