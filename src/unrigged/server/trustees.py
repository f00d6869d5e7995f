"""The committee as the house reaches it: trustees in its own process, or elsewhere over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from unrigged.errors import InputError
from unrigged.sealed.encoding import text_of
from unrigged.server.session import Session
from unrigged.server.storage import Transaction
from unrigged.server.trustee import Trustee

HOUSE_TRUSTEE = "the house"
"""The name of the trustee inside the house; no other trustee may have it."""


class Reachable(Protocol):
    """A trustee who can be asked."""

    def keys(self, session: str, rounds: int) -> Mapping[str, Any]:
        """His public keys for a session."""

    def contribution(self, opening: bytes) -> Mapping[str, Any]:
        """His sealed contributions."""


class LocalTrustee:
    """The trustee inside the house: the operator has his keys. What he signs is kept in the house's database."""

    def __init__(self, trustee: Trustee) -> None:
        self._trustee = trustee

    def keys(self, session: str, rounds: int) -> Mapping[str, Any]:
        return self._trustee.keys(session, rounds)

    def contribution(self, opening: bytes) -> Mapping[str, Any]:
        return self._trustee.contribution(opening)

    def release(self, state: Session, begun: Transaction) -> Mapping[str, Any]:
        """His key for the closed round; what he signs is kept in the same transaction. The state is the house's own, so
        it is not replayed."""
        return self._trustee.release_of(state, KeptClosings(begun))


class KeptClosings:
    """The closings that a trustee has signed, as a transaction keeps them."""

    def __init__(self, begun: Transaction) -> None:
        self._begun = begun

    def setdefault(self, place: tuple[str, int], root: bytes, /) -> bytes:
        name = f"{place[0]}/{place[1]}"
        before = self._begun.kept("closings", name)
        if before is None:
            self._begun.keep("closings", name, root)
        return root if before is None else before


class RemoteTrustee:
    """A trustee elsewhere, who answers POST /keys, /contribution and /release with JSON."""

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        import httpx

        self.url = url.rstrip("/")
        self._client = httpx.Client(timeout=timeout)

    def keys(self, session: str, rounds: int) -> Mapping[str, Any]:
        return self._post("keys", {"session": session, "rounds": rounds})

    def contribution(self, opening: bytes) -> Mapping[str, Any]:
        return self._post("contribution", {"opening": text_of(opening)})

    def release(self, log: Sequence[bytes]) -> Mapping[str, Any]:
        """His key for the closed round, if he finds the log in order."""
        return self._post("release", {"log": [text_of(one) for one in log]})

    def _post(self, what: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        import httpx

        try:
            answer = self._client.post(f"{self.url}/{what}", json=document)
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise InputError(f"trustee at {self.url}", str(error), "an answer") from None
        if answer.status_code != 200 or not isinstance(found, dict):
            raise InputError(f"trustee at {self.url}", found, "an answer, not a refusal")
        return found


@dataclass(frozen=True)
class Committee:
    """The trustees, in order, and how many of them open a round."""

    trustees: tuple[LocalTrustee | RemoteTrustee, ...]
    threshold: int
