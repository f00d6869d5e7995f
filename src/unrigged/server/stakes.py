"""What is at stake in a session, before anybody moves."""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism


@dataclass(frozen=True)
class Silence:
    """What silence means at a decision: whose, what counts then, and whom that hurts by how much."""

    label: str
    who: str
    counts: str
    hurts: str


@dataclass(frozen=True)
class Most:
    """The most that somebody can come to pay: in words, in terms of what he announces; and as a number that holds
    whatever is announced, None where there is none. `attained`: whether some play leads to exactly that number."""

    who: str
    words: str
    most: Exact | None
    attained: bool = False


@dataclass(frozen=True)
class Stakes:
    """Of a mechanism: what silence means, what participants can come to pay, and what the house can come to pay."""

    silence: tuple[Silence, ...]
    pays: tuple[Most, ...]
    house: Most


def stakes(mechanism: Mechanism) -> Stakes:
    """What is at stake in `mechanism`."""
    return Stakes((), (), Most("the house", "", None))
