"""The participant's page: what he may announce, sealed in his own browser. His token never reaches this server in an
address: it is in the fragment of his link, which browsers do not send."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from unrigged.server.pages import told
from unrigged.server.session import Session
from unrigged.server.web import Web


def routes(web: Web) -> list[BaseRoute]:
    """The page of each participant."""

    async def participant(request: Request) -> Response:
        name, player = request.path_params["session"], request.path_params["player"]

        def read(state: Session) -> dict[str, Any] | None:
            return told(web, state) if player in state.participants else None

        found = await web.read(name, read)
        if found is None:
            raise HTTPException(404)
        return web.page(request, "participant.html", player=player, **found)

    return [Route("/s/{session}/p/{player:path}", participant)]
