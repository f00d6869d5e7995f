"""The committee as the house reaches it: trustees in its own process, or elsewhere over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from unrigged.errors import InputError
from unrigged.sealed.encoding import text_of
from unrigged.server.entries import FIELDS, MAX_ENTRY
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

    @property
    def key(self) -> bytes:
        """His public key for signatures."""
        return self._trustee.key

    def keys(self, session: str, rounds: int) -> Mapping[str, Any]:
        return self._trustee.keys(session, rounds)

    def contribution(self, opening: bytes) -> Mapping[str, Any]:
        return self._trustee.contribution(opening)

    def release(self, state: Session, begun: Transaction) -> Mapping[str, Any]:
        """His key for the closed round; what he signs is kept in the same transaction. The state is the house's own, so
        it is not replayed."""
        return self._trustee.release_of(state, KeptClosings(begun))


class KeptClosings:
    """What a trustee has signed, as a transaction keeps it."""

    def __init__(self, begun: Transaction) -> None:
        self._begun = begun

    def setdefault(self, place: tuple[str, int], root: bytes, /) -> bytes:
        return self._begun.keep_first("closings", f"{place[0]}/{place[1]}", root)


class RemoteTrustee:
    """A trustee elsewhere, who answers POST /keys, /contribution and /release with JSON.

    What he answers is not believed: it is checked where it is used. Every method raises InputError naming him where
    there is no answer, or one of another form.
    """

    def __init__(self, url: str, timeout: float = 10.0, client: Any = None) -> None:
        import httpx

        self.url = url.rstrip("/")
        self._client = client if client is not None else httpx.Client(timeout=timeout)

    def keys(self, session: str, rounds: int) -> Mapping[str, Any]:
        return self._post("keys", {"session": session, "rounds": rounds}, ("name", "key", "rounds"))

    def contribution(self, opening: bytes) -> Mapping[str, Any]:
        return self._post("contribution", {"opening": text_of(opening)}, FIELDS["contribution"])

    def release(self, log: Sequence[bytes], signature: bytes) -> Mapping[str, Any]:
        """His key for the closed round, if he finds the log in order; `signature`: the house's on its checkpoint."""
        document = {"log": [text_of(one) for one in log], "signature": text_of(signature)}
        return self._post("release", document, FIELDS["release"])

    def _post(self, what: str, document: Mapping[str, Any], names: tuple[str, ...]) -> Mapping[str, Any]:
        import httpx

        data, code = bytearray(), 0
        try:
            with self._client.stream("POST", f"{self.url}/{what}", json=document) as answer:
                code = answer.status_code
                for piece in answer.iter_bytes():
                    data += piece
                    if len(data) > MAX_ENTRY:
                        raise InputError(f"trustee at {self.url}", "an endless answer", f"at most {MAX_ENTRY} bytes")
            found = json.loads(data.decode())
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
            raise InputError(f"trustee at {self.url}", str(error), "an answer") from None
        if code != 200 or not isinstance(found, dict):
            raise InputError(f"trustee at {self.url}", found, "an answer, not a refusal")
        if set(found) != set(names):
            raise InputError(f"trustee at {self.url}", "other fields", ", ".join(names))
        return found


@dataclass(frozen=True)
class Committee:
    """The trustees, in order, and how many of them open a round."""

    trustees: tuple[LocalTrustee | RemoteTrustee, ...]
    threshold: int
