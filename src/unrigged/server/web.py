"""What all pages share: the house, who is the organiser, the templates, and how to answer with a page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from unrigged.errors import InputError
from unrigged.server.api import Presence
from unrigged.server.auth import Organisers
from unrigged.server.bots import Bots
from unrigged.server.house import House
from unrigged.server.limits import Limiter
from unrigged.server.numbers import exact_words
from unrigged.server.session import Session
from unrigged.server.views import REMEMBERED, Teller

T = TypeVar("T")

TEMPLATES = Path(__file__).parent / "templates"

STATUS = {
    "draft": "being prepared",
    "open": "open: participants take their places",
    "playing": "a round is open for moves",
    "closing": "the round is closed and is being opened",
    "settled": "finished",
    "void": "void",
}


def environment() -> Environment:
    """The templates; everything they are given is escaped."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    made.filters |= {"moment": moment, "stamp": stamp, "quoted": quoted, "exact": exact_words}
    made.globals |= {"STATUS": STATUS, "calm": calm}
    return made


def calm(participants: int) -> int:
    """For how many milliseconds a page waits after news before it looks: longer, the more pages there may be."""
    return 400 + 10 * participants


def moment(time: int) -> str:
    """A time in words, UTC."""
    return f"{_at(time):%Y-%m-%d %H:%M:%S} UTC"


def stamp(time: int) -> str:
    """A time as HTML's `datetime` takes it."""
    return _at(time).isoformat(timespec="milliseconds")


def _at(time: int) -> datetime:
    try:
        return datetime.fromtimestamp(time / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def quoted(name: str) -> str:
    """A name as a part of an address."""
    return quote(name, safe="")


@dataclass
class Web:
    """The house as its pages see it."""

    house: House
    presence: Presence
    organisers: Organisers
    limiter: Limiter
    bots: Bots
    name: str
    templates: Environment = field(default_factory=environment)
    teller: Teller = field(default_factory=Teller)
    _kept: OrderedDict[tuple[str, ...], tuple[object, Any]] = field(default_factory=OrderedDict)

    def once(self, key: tuple[str, ...], state: object, make: Callable[[], T]) -> T:
        """What `make` gives, made again only when `state`, on which it depends, is another one."""
        before, found = self._kept.get(key, (None, None))
        if before is None or before != state:
            found = make()
            self._kept[key] = (state, found)
            if len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        made: T = found
        return made

    def page(self, request: Request, template: str, code: int = 200, **values: Any) -> Response:
        """The page that `template` makes of `values`."""
        organiser = self.organisers.is_organiser(request)
        html = self.templates.get_template(template).render(
            organiser=organiser, form_token=self.organisers.token(request) if organiser else "", house_name=self.name,
            path=request.url.path, **values,
        )  # fmt: skip
        return HTMLResponse(html, code, {"cache-control": "no-store"})

    async def finished(self, session: str) -> Session:
        """A session that is over: it does not change any more, so it may be read at leisure."""

        def over(state: Session) -> Session:
            if state.status not in ("settled", "void"):
                raise HTTPException(409, "This session is not over yet. What you asked for can be had once it is.")
            return state

        return await self.read(session, over)

    async def read(self, session: str, what: Callable[[Session], T]) -> T:
        """What `what` makes of the session as it is now; 404 where there is none."""

        def reading() -> T:
            with self.house.reading(session) as state:
                if not state.entries:
                    raise InputError("session", session, "a session that has been opened")
                return what(state)

        try:
            return await run_in_threadpool(reading)
        except InputError as error:
            if error.where != "session":
                raise
            raise HTTPException(404) from None
