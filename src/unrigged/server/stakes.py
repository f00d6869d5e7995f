"""What is at stake in a session, before anybody moves: whom each silence hurts and by how much, the most that a
participant can come to pay, and the most that the house can come to pay.

What is said here holds whatever anybody announces and however coins show, and is said of exact prices, before they are
rounded to money.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.best_belief_or_vcg import BestBeliefOrVCG
from unrigged.mechanisms.independent import Independent
from unrigged.server.risks.base import Announced, Most, Own, Risk, Silence, Stakes
from unrigged.server.risks.bidding import Bids, Hope, Reports
from unrigged.server.risks.leveraging import Leverage
from unrigged.server.risks.proposing import Coincidence, FairTrade, Naive, Trade
from unrigged.server.risks.revenue import Perfect, Survive
from unrigged.server.risks.selling import Selling

__all__ = ["RISKS", "Most", "Silence", "Stakes", "owed", "paid", "stakes"]

RISKS: Mapping[str, Risk[Any]] = {
    "best-belief": Selling(),
    "best-belief-normal": Selling(),
    "best-belief-proportional": Selling(),
    "best-belief-reserve": Selling(),
    "best-belief-real": Selling(),
    "best-belief-decimal": Selling(),
    "market": Trade(),
    "market-fair": FairTrade(),
    "naive-1": Coincidence(),
    "naive-2": Naive(),
    "naive-3": Naive(),
    "naive-4": Naive(),
    "perfect-revenue": Perfect(),
    "hope-for-the-best": Hope(),
    "leveraging": Leverage(),
    "second-price-package": Bids(),
    "surviving": Survive(),
    "vcg": Reports(),
    "second-price": Bids(),
    "first-price": Bids(),
    "first-price-package": Reports(),
}
"""What is at stake in each mechanism by its name; mixtures of mechanisms are taken apart."""


def parts(mechanism: Mechanism) -> tuple[Mechanism, ...]:
    """The mechanisms of which a public coin picks one at the beginning; the mechanism itself where there is no such."""
    if isinstance(mechanism, BestBeliefOrVCG):
        return (mechanism.selling, mechanism.pivoting)
    if isinstance(mechanism, Independent):
        return (mechanism.seller, mechanism.auction)
    return (mechanism,)


def stakes(mechanism: Mechanism) -> Stakes:
    """What is at stake in `mechanism`."""
    each = [(part, RISKS[part.name].stakes(part)) for part in parts(mechanism)]
    if len(each) == 1:
        return each[0][1]
    numbers = [one.house.most for _, one in each]
    most = None if None in numbers else max(number for number in numbers if number is not None)
    words = " ".join(f"If {part.name} is played: {one.house.words}" for part, one in each)
    return Stakes(
        tuple(replace(one, label=f"{part.name}: {one.label}") for part, all_ in each for one in all_.silence),
        tuple(replace(one, who=f"In {part.name}, {_small(one.who)}") for part, all_ in each for one in all_.pays),
        Most("the house", words, most, most is not None and any(one.house.attained for _, one in each)),
    )


def _small(who: str) -> str:
    return who[0].lower() + who[1:] if who.startswith("Whoever") else who


def paid(mechanism: Mechanism, player: int, own: Own) -> Exact | None:
    """The most that `player` can come to pay when all his moves are these, whatever the others do and coins show; None
    where there is no limit."""
    found = [RISKS[part.name].paid(part, player, own) for part in _played(mechanism, [space for space, _ in own])]
    numbers = [number for number in found if number is not None]
    return None if len(numbers) < len(found) else max(numbers)


def owed(mechanism: Mechanism, announced: Announced) -> Exact:
    """The most that the house can come to pay when the moves are these, whatever coins show."""
    played = _played(mechanism, [space for _, space, _ in announced])
    return max(RISKS[part.name].owed(part, announced) for part in played)


def _played(mechanism: Mechanism, spaces: list[Any]) -> tuple[Mechanism, ...]:
    """Which parts of a mixture these moves can belong to."""
    listed = parts(mechanism)
    if len(listed) == 1 or not spaces:
        return listed[:1]
    kinds = {type(space) for _, space in _first(listed[0])}
    return listed[:1] if type(spaces[0]) in kinds else listed[1:]


def _first(mechanism: Mechanism) -> Any:
    from unrigged.protocol import Decision

    position = mechanism.start()
    return position.actors if isinstance(position, Decision) else ()
