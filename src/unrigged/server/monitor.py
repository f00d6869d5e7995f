"""The organiser's pages about one session: its links, its monitor, and what he may do. He never sees or changes a
move."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from unrigged.errors import InputError
from unrigged.exact import exact, integer
from unrigged.sealed.encoding import text_of
from unrigged.server.notes import fragment
from unrigged.server.organiser import done
from unrigged.server.pages import told
from unrigged.server.session import Session
from unrigged.server.timeline import timeline
from unrigged.server.web import Web, quoted

ACTIONS = ("begin", "extend", "message", "void", "beacon")
"""What he may do, each by a form of its own."""

LONGEST_EXTENSION = 60 * 24 * 60


def routes(web: Web) -> list[BaseRoute]:
    """The organiser's pages about one session."""
    house = web.house

    async def monitor(request: Request) -> Response:
        return await shown(request, "monitor.html")

    async def live(request: Request) -> Response:
        return await shown(request, "monitor_live.html")

    async def controls(request: Request) -> Response:
        return await shown(request, "monitor_controls.html")

    async def shown(request: Request, template: str, code: int = 200, **values: Any) -> Response:
        web.organisers.need(request)

        def read(state: Session) -> dict[str, Any]:
            return {**told(web, state), "lines": timeline(state)}

        found = await web.read(request.path_params["session"], read)
        return web.page(request, template, code, **found, **{"errors": {}, "values": {}, **values})

    async def links(request: Request) -> Response:
        web.organisers.need(request)
        name = request.path_params["session"]
        found = await web.read(name, lambda state: told(web, state))
        base = str(request.base_url).rstrip("/")
        rows = await run_in_threadpool(lambda: _links(web, name, base, found["seen"]))
        return web.page(request, "links.html", links=rows, **found)

    async def act(request: Request, given: Mapping[str, str]) -> Response:
        name, what = request.path_params["session"], request.path_params["what"]
        await web.read(name, lambda state: None)
        try:
            await run_in_threadpool(lambda: _act(web, name, what, given))
        except InputError as error:
            return await shown(request, "monitor.html", 422, errors={what: f"Not done: {error}."}, values=dict(given))
        return RedirectResponse(f"/organiser/s/{name}", 303)

    async def back(request: Request) -> Response:
        """To the page on which the form stands that was meant."""
        web.organisers.need(request)
        return RedirectResponse(f"/organiser/s/{quoted(request.path_params['session'])}", 303)

    def _act(web: Web, name: str, what: str, given: Mapping[str, str]) -> None:
        match what:
            case "begin":
                house.begin(name)
            case "extend":
                minutes = integer(exact(given.get("minutes", ""), "minutes"), "minutes", least=1)
                if minutes > LONGEST_EXTENSION:
                    raise InputError("minutes", minutes, f"at most {LONGEST_EXTENSION}")
                with house.reading(name) as state:
                    deadline = state.current.deadline if state.rounds else 0
                house.extend(name, deadline + 60_000 * minutes)
            case "message":
                house.message(name, _said(given, "text"))
            case "void":
                if given.get("sure") != "yes":
                    raise InputError("confirmation", "none", "a tick that you are sure: a void session stays void")
                house.void(name, _said(given, "reason"))
            case "beacon":
                house.beacon(name, _said(given, "value"))
            case _:
                raise InputError("action", what, "one of the forms of this page")

    return [
        Route("/organiser/s/{session}", monitor),
        Route("/organiser/s/{session}/live", live),
        Route("/organiser/s/{session}/controls", controls),
        Route("/organiser/s/{session}/links", links),
        Route("/organiser/s/{session}/{what}", done(web, act), methods=["POST"]),
        *(Route(f"/organiser/s/{{session}}/{what}", back) for what in ACTIONS),
    ]


def _said(given: Mapping[str, str], name: str) -> str:
    text = given.get(name, "").strip()
    if not text or len(text) > 2000:
        raise InputError(name, f"{len(text)} characters", "1 to 2000 characters")
    return text


def _links(web: Web, session: str, base: str, seen: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For every participant his link, as long as he has not used it."""
    tokens = web.house.tokens(session)
    with web.house.storage.transaction() as begun:
        notes = {name: json.loads(note) for name, note in begun.all_kept(f"{session} notes").items()}
    answer = []
    for each in seen["participants"]:
        name = each["player"]
        unused = name in tokens and not each["joined"] and each["kind"] != "bot"
        note = notes.get(name)
        link = f"{base}/s/{session}/p/{quoted(name)}#{fragment(text_of(tokens[name]), note)}" if unused else ""
        answer.append({**each, "link": link, "note": (note or {}).get("lines", [])})
    return answer
