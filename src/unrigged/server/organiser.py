"""The organiser's pages: logging in, all sessions, a new one, practice. (One session: monitor.py.)"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from unrigged.errors import InputError
from unrigged.formats import scenario_to_json
from unrigged.mechanisms import ALL
from unrigged.scenario import Scenario
from unrigged.sealed.encoding import text_of
from unrigged.server.auth import need_same_site
from unrigged.server.entries import read_entry
from unrigged.server.house import House
from unrigged.server.limits import LOGIN, LOGINS, address_of
from unrigged.server.money import ROUNDINGS
from unrigged.server.notes import fragment, notes
from unrigged.server.opening import Plan
from unrigged.server.planning import USES, Draft, drafted, empty, hints
from unrigged.server.practice import FIRST, example, examples
from unrigged.server.web import Web, quoted

PAGE = 50
"""Sessions on a page."""

Do = Callable[[Request, Mapping[str, str]], Awaitable[Response]]


def routes(web: Web) -> list[BaseRoute]:
    """The organiser's pages that are not about one session."""

    async def login(request: Request) -> Response:
        if request.method == "GET":
            if web.organisers.is_organiser(request):
                return RedirectResponse("/organiser", 303)
            return web.page(request, "login.html", wrong=False)
        need_same_site(request)
        web.limiter.take(LOGIN, "login", address_of(request))
        web.limiter.take(LOGINS, "logins")
        given = str((await request.form(max_files=0, max_fields=5)).get("code", "")).strip()
        value = await run_in_threadpool(lambda: web.organisers.log_in(given))
        if value is None:
            return web.page(request, "login.html", 403, wrong=True)
        return web.organisers.entered(value, "/organiser")

    async def logout(request: Request, given: Mapping[str, str]) -> Response:
        return web.organisers.log_out(request, "/organiser/login")

    async def sessions(request: Request) -> Response:
        web.organisers.need(request)
        given = request.query_params.get("page", "0")
        page = int(given) if given.isdecimal() and len(given) < 6 else 0
        found, more = await run_in_threadpool(lambda: _sessions(web.house, page))
        return web.page(request, "organiser.html", sessions=found, examples=examples(), first=FIRST, number=page,
                        more=more)  # fmt: skip

    async def new(request: Request) -> Response:
        web.organisers.need(request)
        source = "scenario" if request.query_params.get("from") == "scenario" else "form"
        named = request.query_params.get("mechanism")
        return shown(request, empty(**({"mechanism": named} if named else {})), source)

    def shown(request: Request, draft: Draft, source: str, code: int = 200) -> Response:
        return web.page(
            request,
            "new.html",
            code,
            draft=draft,
            values=draft.values,
            errors=draft.errors,
            source=source,
            mechanisms=ALL,
            kind=draft.mechanism,
            hints=hints(draft.mechanism),
            uses=USES,
            ROUNDINGS=ROUNDINGS,
        )

    async def create(request: Request, given: Mapping[str, str]) -> Response:
        source = "scenario" if given.get("from") == "scenario" else "form"
        if given.get("action") == "choose":
            return shown(request, empty(**given), source)
        draft = await run_in_threadpool(lambda: drafted(given, source))
        if draft.plan is None:
            return shown(request, draft, source, 422)
        plan, scenario = draft.plan, draft.scenario if draft.values["notes"] == "yes" else None
        try:
            session = await run_in_threadpool(lambda: opened(web, plan, scenario)[0])
        except InputError as error:
            draft.errors["form"] = str(error)
            return shown(request, draft, source, 422)
        return RedirectResponse(f"/organiser/s/{session}/links", 303)

    async def practice(request: Request, given: Mapping[str, str]) -> Response:
        scenario = example(given.get("example", ""))
        names = scenario.setting.players
        seat = given.get("seat") or names[0]
        if seat not in names:
            raise InputError("seat", seat, "a participant of the example")
        kinds = {name: "human" if name == seat else "bot" for name in names}
        plan = Plan(f"Practice: {scenario.title or scenario.mechanism.name}", scenario.mechanism, kinds, 3600)
        session, tokens = await run_in_threadpool(lambda: opened(web, plan, scenario, begin=True))
        link = fragment(text_of(tokens[seat]), notes(scenario).get(seat))
        return RedirectResponse(f"/s/{session}/p/{quoted(seat)}#{link}", 303)

    return [
        Route("/organiser", sessions),
        Route("/organiser/login", login, methods=["GET", "POST"]),
        Route("/organiser/logout", done(web, logout), methods=["POST"]),
        Route("/organiser/new", new),
        Route("/organiser/new", done(web, create), methods=["POST"]),
        Route("/organiser/practice", done(web, practice), methods=["POST"]),
    ]


def done(web: Web, do: Do) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for a form of the organiser: only he may send it, and only from these pages."""

    async def endpoint(request: Request) -> Response:
        web.organisers.need(request)
        given = await filled_in(request)
        web.organisers.need_own_form(request, given.get("form"))
        return await do(request, given)

    return endpoint


async def filled_in(request: Request) -> dict[str, str]:
    """The fields of a form; an uploaded text stands in for the field of that name less `_file`."""
    answer: dict[str, str] = {}
    async with request.form(max_files=1, max_fields=200, max_part_size=9_000_000) as form:
        for name, value in form.items():
            if not isinstance(value, UploadFile):
                answer.setdefault(name, value.replace("\r\n", "\n"))
            elif value.size and name.endswith("_file"):
                try:
                    answer[name.removesuffix("_file")] = (await value.read()).decode("utf-8-sig")
                except UnicodeDecodeError:
                    raise InputError("file", "bytes that are no UTF-8", "a text file in UTF-8") from None
    return answer


def opened(web: Web, plan: Plan, scenario: Scenario | None, *, begin: bool = False) -> tuple[str, dict[str, bytes]]:
    """A new session with its bots and everybody's private note; its id, and everybody's token."""
    session, tokens = web.house.create(plan)
    if scenario is not None:
        with web.house.storage.transaction() as begun:
            for name, note in notes(scenario).items():
                begun.keep(f"{session} notes", name, json.dumps(note).encode())
    if "bot" in plan.kinds.values():
        document = None if scenario is None or scenario.context is None else scenario_to_json(scenario)
        web.bots.adopt(session, document, begin=begin)
    return session, tokens


def _sessions(house: House, page: int) -> tuple[list[dict[str, Any]], bool]:
    """A page of all sessions in short, the newest first; and whether there are older ones."""
    with house.storage.transaction() as begun:
        firsts = begun.read("SELECT session, data FROM entries WHERE number = 0")
    opened_at = sorted(((read_entry(bytes(data)).time, name) for name, data in firsts), reverse=True)
    answer = []
    for time, name in opened_at[page * PAGE : (page + 1) * PAGE]:
        with house.reading(name) as state:
            answer.append({
                "id": name, "title": state.title, "status": state.status, "mechanism": state.mechanism.name,
                "participants": len(state.participants), "joined": len(state.keys), "time": time,
            })  # fmt: skip
    return answer, len(opened_at) > (page + 1) * PAGE
