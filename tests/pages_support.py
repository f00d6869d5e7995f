"""The house's pages without a network: a browser that keeps cookies, and what an organiser fills in."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
from starlette.applications import Starlette


class Browser:
    """Asks the application without a network, and keeps cookies as a browser does. `safe`: what goes wrong in the
    application is an answer, not an exception of the test."""

    def __init__(
        self, app: Starlette, address: str = "1.2.3.4", base: str = "http://house.test", safe: bool = False
    ) -> None:
        self.app, self.address, self.base, self.safe = app, address, base, safe
        self.cookies = httpx.Cookies()

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def asking() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(self.address, 1), raise_app_exceptions=not self.safe)
            async with httpx.AsyncClient(transport=transport, base_url=self.base, cookies=self.cookies) as client:
                answer = await client.request(method, path, **given)
                self.cookies = client.cookies
                return answer

        return asyncio.run(asking())

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, fields: dict[str, str] | None = None, **given: Any) -> httpx.Response:
        return self.ask("POST", path, data=fields or {}, **given)

    def form_token(self, page: str = "/organiser") -> str:
        """The token in the forms of a page."""
        found = re.search(r'name="form" value="([^"]+)"', self.get(page).text)
        assert found is not None
        return found[1]

    def send(self, path: str, **fields: str) -> httpx.Response:
        """A form of the organiser, with its token."""
        return self.post(path, {"form": self.form_token(), **fields})


FORM = {
    "from": "form",
    "mechanism": "best-belief",
    "title": "Two licences",
    "players": "ann\nbob\ncy",
    "goods": "left\nright",
}


def created(organiser: Browser, **changes: str) -> str:
    """A session made by the form; its id."""
    answer = organiser.send("/organiser/new", **{**FORM, **changes})
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/organiser/s/([\w-]+)/links", answer.headers["location"])
    assert found is not None
    return found[1]
