"""Which rational play belongs to which mechanism."""

from __future__ import annotations

from typing import Protocol

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.errors import InputError, nearest
from unrigged.mechanisms.base import Mechanism
from unrigged.strategies import (
    best_belief,
    best_belief_normal,
    best_belief_or_vcg,
    best_belief_real,
    first_price,
    first_price_package,
    hope_for_the_best,
    independent,
    leveraging,
    market,
    naive,
    naive_1,
    naive_3,
    perfect_revenue,
    second_price,
    second_price_package,
    surviving,
    vcg,
)
from unrigged.strategies.base import Mixed, Notes, Strategy


class Rational(Protocol):
    """A module of rational play: the readings it knows, and the strategy of an agent under one of them."""

    READINGS: dict[str, str]
    """Each reading of what is rational, by name, with one line that explains it; the first is the default."""

    NOTES: Notes
    """What is known of it."""

    def rational(
        self, mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str
    ) -> Strategy | Mixed:
        """What `agent` rationally plays in `mechanism`, by what it knows in `benchmarks.context`."""


RATIONAL: dict[str, Rational] = {
    "best-belief": best_belief,
    "best-belief-normal": best_belief_normal,
    "best-belief-proportional": best_belief,
    "best-belief-reserve": best_belief,
    "best-belief-real": best_belief_real,
    "best-belief-decimal": best_belief,
    "best-belief-or-vcg": best_belief_or_vcg,
    "market": market,
    "market-fair": market,
    "naive-1": naive_1,
    "naive-2": naive,
    "naive-3": naive_3,
    "naive-4": naive,
    "perfect-revenue": perfect_revenue,
    "hope-for-the-best": hope_for_the_best,
    "surviving": surviving,
    "leveraging": leveraging,
    "second-price-package": second_price_package,
    "independent": independent,
    "vcg": vcg,
    "second-price": second_price,
    "first-price": first_price,
    "first-price-package": first_price_package,
}
"""The module of rational play for each mechanism, by the mechanism's name."""


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str = "") -> Strategy | Mixed:
    """The rational play the papers name for `agent`; `reading` picks one where the sheet gives several.

    Raises InputError for an unknown reading, with the known ones.
    """
    module = RATIONAL[mechanism.name]
    known = list(module.READINGS)
    if reading and reading not in known:
        near = nearest(reading, known)
        listed = "; ".join(f"'{name}': {meaning}" for name, meaning in module.READINGS.items())
        ways = f"{near} " if near.startswith("did") else ""
        raise InputError(
            "reading", f"'{reading}'", f"a reading of rational play in {mechanism.name}", f"{ways}known: {listed}"
        )
    return module.rational(mechanism, benchmarks, agent, reading or known[0])


def rational_profile(
    mechanism: Mechanism, context: Context, *, limit: float | None = None, reading: str = ""
) -> dict[Coalition, Strategy | Mixed]:
    """Everybody's rational play, coalition by coalition; each search for an optimum stops after `limit` seconds."""
    benchmarks = Benchmarks(context, limit=limit)
    return {agent: rational(mechanism, benchmarks, agent, reading) for agent in context.coalitions}
