"""Exact reductions of a packing before any search: what is left are connected, undominated conflict graphs.

- A bid of weight zero or less is left out; a bid that uses nothing and weighs more is taken.
- Of bids with the same items the heaviest is kept (the first of equals).
- A bid is left out when one it conflicts with weighs no less and conflicts with nothing else than it does
  (in particular a bid using a superset of the items for no more).
- Connected components of the conflict graph are separate packings; a bid without conflicts is taken.
- Each item is a clique of the conflict graph; `cliques` widens it to a maximal one and merges equal ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unrigged.winners.packing import graph
from unrigged.winners.packing.compiled import LARGEST, Ints, Words, all_of
from unrigged.winners.packing.problem import Packing

MOST_VERTICES = 20_000
"""Beyond this many distinct bids no conflict graph is built (it would take 50 MB and more)."""


@dataclass(frozen=True)
class Part:
    """A connected part: `bids` of the original packing, their weights, and their conflict graph.

    Vertices are in the order the search likes: little weight and few conflicts first.
    """

    bids: tuple[int, ...]
    weights: Ints
    rows: Words
    degree: Ints
    items: tuple[tuple[int, ...], ...]
    item_count: int

    @property
    def density(self) -> float:
        """Share of the pairs of bids that conflict."""
        n = len(self.bids)
        return float(self.degree.sum()) / (n * (n - 1)) if n > 1 else 1.0

    def deepest(self) -> int:
        """At most this many bids fit together."""
        return min(len(self.bids), self.item_count)


@dataclass(frozen=True)
class Reduced:
    """The bids every reduction agrees to take, the parts left to solve, and the common divisor of weights."""

    taken: tuple[int, ...]
    parts: tuple[Part, ...]
    divisor: int


def distinct(packing: Packing) -> tuple[list[int], list[tuple[int, ...]], list[int]]:
    """Bids worth choosing, one for each set of items, with that set; and those that use nothing."""
    heaviest: dict[tuple[int, ...], int] = {}
    free = []
    for bid, (weight, used) in enumerate(zip(packing.weights, packing.items, strict=True)):
        if weight <= 0:
            continue
        if not used:
            free.append(bid)
            continue
        key = tuple(sorted(set(used)))
        other = heaviest.get(key)
        if other is None or packing.weights[other] < weight:
            heaviest[key] = bid
    bids = sorted(heaviest.values())
    sets = {bid: key for key, bid in heaviest.items()}
    return bids, [sets[bid] for bid in bids], free


def scaled(weights: list[int]) -> tuple[Ints, int]:
    """The weights divided by their greatest common divisor, and that divisor.

    Raises OverflowError where their total could leave 64-bit arithmetic.
    """
    divisor = int(np.gcd.reduce(np.array(weights, dtype=object))) if weights else 1
    small = [weight // divisor for weight in weights]
    if sum(small) >= LARGEST:
        raise OverflowError("the weights add up beyond 64-bit arithmetic")
    return np.array(small, dtype=np.int64), divisor


def reduce(packing: Packing) -> Reduced:
    """Apply all reductions.

    Raises OverflowError for weights beyond compiled loops, ValueError for too many bids."""
    bids, sets, free = distinct(packing)
    if not bids:
        return Reduced(tuple(free), (), 1)
    if len(bids) > MOST_VERTICES:
        raise ValueError(
            f"{len(bids)} distinct bids, expected at most {MOST_VERTICES}: the conflict graph grows too large"
        )
    weights, divisor = scaled([packing.weights[bid] for bid in bids])
    starts, used = _flat(sets)
    rows = graph.conflicts(starts, used, graph.item_users(starts, used, packing.item_count))
    alive = all_of(len(bids))
    while graph.undominated(weights, rows, alive):
        pass
    kept = members(alive)
    rows = graph.reordered(rows, kept)
    label = graph.components(rows)
    taken = list(free)
    parts = []
    by_label = np.argsort(label, kind="stable")
    for group in np.split(by_label, np.flatnonzero(np.diff(label[by_label])) + 1):
        if len(group) == 1:
            taken.append(bids[kept[group[0]]])
            continue
        parts.append(_part(group, kept, rows, weights, bids, sets))
    parts.sort(key=lambda part: len(part.bids))
    return Reduced(tuple(sorted(taken)), tuple(parts), divisor)


def _part(group: Ints, kept: Ints, rows: Words, weights: Ints, bids: list[int], sets: list[tuple[int, ...]]) -> Part:
    degree = graph.degrees(graph.reordered(rows, group))
    heaviness = weights[kept[group]].astype(np.float64) * degree.astype(np.float64) ** 3
    order = group[np.argsort(heaviness, kind="stable")]
    inner = graph.reordered(rows, order)
    places: dict[int, int] = {}
    items = tuple(tuple(places.setdefault(item, len(places)) for item in sets[kept[v]]) for v in order)
    return Part(
        bids=tuple(bids[kept[v]] for v in order),
        weights=weights[kept[order]],
        rows=inner,
        degree=graph.degrees(inner),
        items=items,
        item_count=len(places),
    )


def cliques(part: Part) -> list[Ints]:
    """Rows "at most one of these" that together say the same as the items, each a maximal clique."""
    users = graph.item_users(*_flat(part.items), part.item_count)
    sizes = [-len(members(row)) for row in users]
    rows, count = graph.maximal_cliques(part.rows, part.degree, users[np.argsort(sizes, kind="stable")])
    return [members(row) for row in rows[:count]]


def members(row: Words) -> Ints:
    """The vertices of a set, ascending."""
    bits = np.unpackbits(row.view(np.uint8), bitorder="little")
    return np.flatnonzero(bits).astype(np.int64)


def _flat(sets: Sequence[tuple[int, ...]]) -> tuple[Ints, Ints]:
    starts = np.zeros(len(sets) + 1, np.int64)
    np.cumsum([len(used) for used in sets], out=starts[1:])
    used = np.fromiter((item for items in sets for item in items), np.int64, int(starts[-1]))
    return starts, used
