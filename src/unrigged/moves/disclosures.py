"""Announcements of the normal-form best-belief mechanism: a whole valuation, and what one would sell to others.

Source: Chen and Micali 2016, section 4, step 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from unrigged.moves.base import Move, MoveSpace, fields_of
from unrigged.moves.offers import OfferSpace
from unrigged.moves.reports import ValuationReport
from unrigged.outcome import Outcome
from unrigged.valuations import Valuation


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A valuation reported in full, and an outcome that sells goods to others."""

    valuation: Valuation
    offer: Outcome


@dataclass(frozen=True)
class DisclosureSpace(MoveSpace):
    """A valuation and an outcome; silence values nothing and offers nothing."""

    reports: ValuationReport
    offers: OfferSpace

    def reason(self, move: Move) -> str | None:
        if type(move) is not Disclosure:
            return "a valuation and an outcome are expected"
        return self.reports.reason(move.valuation) or self.offers.reason(move.offer)

    @property
    def default(self) -> Disclosure:
        return Disclosure(self.reports.default, self.offers.default)

    def sample(self, rng: Random, scale: int) -> Disclosure:
        return Disclosure(self.reports.sample(rng, scale), self.offers.sample(rng, scale))

    def grid(self, bound: int) -> Iterator[Disclosure]:
        for valuation, offer in product(self.reports.grid(bound), self.offers.grid(bound)):
            yield Disclosure(valuation, offer)

    def bits(self, move: Disclosure) -> int:
        return self.reports.bits(move.valuation) + self.offers.bits(move.offer)

    def encode(self, move: Disclosure) -> dict[str, Any]:
        return {"valuation": self.reports.encode(move.valuation), **self.offers.encode(move.offer)}

    def decode(self, data: object, where: str = "move") -> Disclosure:
        fields = fields_of(data, ("valuation", "allocation", "prices"), where)
        valuation = self.reports.decode(fields.get("valuation", {}), f"{where}.valuation")
        rest = {key: fields[key] for key in ("allocation", "prices") if key in fields}
        return Disclosure(valuation, self.offers.decode(rest, where))

    def describe(self, move: Disclosure) -> str:
        return f"{self.reports.describe(move.valuation)}, and {self.offers.describe(move.offer)}"

    def encoded_limit(self, digits: int) -> int:
        return self.reports.encoded_limit(digits) + self.offers.encoded_limit(digits) + 32
