"""Who is the organiser: a one-time code or a password is exchanged for a cookie; forms carry a token against forgery.

What is kept in the house's database are digests: of codes and cookies under SHA-256 (both are random), of the password
under scrypt. So every server process of a house knows the same organisers, and a copy of the database lets nobody in.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import scrypt, sha256
from hmac import compare_digest

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from unrigged.errors import UnriggedError
from unrigged.sealed.encoding import digest, text_of
from unrigged.server.house import House
from unrigged.server.storage import Transaction

COOKIE = "organiser"
CODES, COOKIES, PASSWORD = "organiser codes", "organiser cookies", "organiser password"

CODE_LIFE = 24 * 3600 * 1000
"""Milliseconds for which a one-time code is good."""

COOKIE_LIFE = 12 * 3600 * 1000

COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 2**20, "dklen": 32}
"""Of scrypt: 32 MB, about a tenth of a second."""

LEAST_PASSWORD = 10
MOST_PASSWORD = 200


class NotOrganiser(UnriggedError):
    """Only the organiser may do that."""


class Forged(UnriggedError):
    """A form that this house has not handed out to this browser."""


class Organisers:
    """The organisers of a house. `secure`: whether the house is reached over TLS, so that cookies must be."""

    def __init__(self, house: House, *, secure: bool) -> None:
        self._house, self._secure = house, secure

    @property
    def _name(self) -> str:
        return f"__Host-{COOKIE}" if self._secure else COOKIE

    def new_code(self) -> str:
        """A code that lets one browser in, once."""
        code = text_of(self._house.random(16))
        with self._house.storage.transaction() as begun:
            _forget_old(begun, CODES, self._house.now())
            begun.keep(CODES, _named(code), _written(self._house.now() + CODE_LIFE))
        return code

    def log_in(self, given: str) -> str | None:
        """A fresh cookie's value for a one-time code, which is then used up, or for the password; None otherwise."""
        now = self._house.now()
        with self._house.storage.transaction() as begun:
            until = begun.kept(CODES, _named(given))
            good = until is not None and int(until) > now
            if until is not None:
                begun.drop(CODES, _named(given))
            kept = begun.kept(PASSWORD, "scrypt")
        if not good and not (kept is not None and is_password(kept, given)):
            return None
        value = text_of(self._house.random(32))
        with self._house.storage.transaction() as begun:
            _forget_old(begun, COOKIES, now)
            begun.keep(COOKIES, _named(value), _written(now + COOKIE_LIFE))
        return value

    def entered(self, value: str, to: str) -> Response:
        """The answer that hands the cookie out."""
        answer = RedirectResponse(to, 303)
        answer.set_cookie(self._name, value, max_age=COOKIE_LIFE // 1000, path="/", secure=self._secure, httponly=True,
                          samesite="strict")  # fmt: skip
        return answer

    def log_out(self, request: Request, to: str) -> Response:
        """The answer that takes the cookie back; it is good for nothing from then on."""
        value = request.cookies.get(self._name, "")
        with self._house.storage.transaction() as begun:
            begun.drop(COOKIES, _named(value))
        answer = RedirectResponse(to, 303)
        answer.delete_cookie(self._name, path="/", secure=self._secure, httponly=True, samesite="strict")
        return answer

    def is_organiser(self, request: Request) -> bool:
        """Whether the request comes from an organiser's browser."""
        value = request.cookies.get(self._name, "")
        if not value:
            return False
        with self._house.storage.transaction() as begun:
            until = begun.kept(COOKIES, _named(value))
        return until is not None and int(until) > self._house.now()

    def need(self, request: Request) -> None:
        """NotOrganiser unless the request comes from an organiser's browser."""
        if not self.is_organiser(request):
            raise NotOrganiser("log in as the organiser first")

    def token(self, request: Request) -> str:
        """The token that the organiser's forms carry; it follows from his cookie, and says nothing of it."""
        return text_of(digest("form", request.cookies.get(self._name, "")))

    def need_own_form(self, request: Request, token: object) -> None:
        """Forged unless the form was handed out to this browser by this house."""
        if not isinstance(token, str) or not compare_digest(token.encode(), self.token(request).encode()):
            raise Forged("this form is not from this page, or too old: go back, reload the page, and try again")
        need_same_site(request)


def need_same_site(request: Request) -> None:
    """Forged where the browser says that another site has sent the form."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forged("this form was sent by another site")


def set_password(begun: Transaction, password: str, random: Callable[[int], bytes]) -> None:
    """Keep what is needed to know the password again."""
    salt = random(16)
    begun.keep(PASSWORD, "scrypt", salt + scrypt(password.encode(), salt=salt, **COST))


def is_password(kept: bytes, given: str) -> bool:
    """Whether `given` is the password of which `kept` was made."""
    if len(given) > MOST_PASSWORD:
        return False
    found = scrypt(given.encode(errors="replace"), salt=kept[:16], **COST)
    return compare_digest(found, kept[16:])


def _named(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()


def _written(time: int) -> bytes:
    return str(time).encode()


def _forget_old(begun: Transaction, scope: str, now: int) -> None:
    for name, until in begun.all_kept(scope).items():
        if int(until) <= now:
            begun.drop(scope, name)
