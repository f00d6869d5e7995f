"""The greatest sum of bids no two of which share a good: what a set of goods is worth to an OR bidder.

Branching on the bids for one good (at most one of them is taken, the good being one), in parts that share no good,
cut where what is left cannot add enough; what was found for a set of bids is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from unrigged.exact import Exact
from unrigged.setting import members
from unrigged.valuations.base import Bid

MOST_KEPT = 200_000
"""Sums that are remembered at most; then all are forgotten."""


class DisjointSums:
    """The greatest sums of disjoint bids, for any choice among `bids` (bit mask, value >= 0).

    >>> DisjointSums([(0b001, 3), (0b110, 4), (0b011, 6)]).best(0b111)
    7
    """

    def __init__(self, bids: Sequence[Bid]) -> None:
        self._order = sorted(range(len(bids)), key=lambda bid: bids[bid][1], reverse=True)
        self._values = [bids[bid][1] for bid in self._order]
        masks = [bids[bid][0] for bid in self._order]
        users: dict[int, int] = {}
        for number, mask in enumerate(masks):
            for bit in members(mask):
                users[bit] = users.get(bit, 0) | 1 << number
        self._masks = masks
        self._rivals = []
        self._clique = []
        for number, mask in enumerate(masks):
            sharing = [users[bit] for bit in members(mask)] or [1 << number]
            rivals = 0
            for row in sharing:
                rivals |= row
            self._rivals.append(rivals)
            self._clique.append(max(sharing, key=int.bit_count))
        self._known: dict[int, Exact] = {0: 0}

    def best(self, available: int) -> Exact:
        """The greatest sum of disjoint bids within the bits of `available`."""
        alive = 0
        for number, mask in enumerate(self._masks):
            if not mask & ~available:
                alive |= 1 << number
        return self._best(alive)

    def _best(self, alive: int) -> Exact:
        """The greatest sum among the bids in `alive` (bit k for the k-th most valuable)."""
        found = self._known.get(alive)
        if found is None:
            part = self._part(alive)
            found = self._connected(part) if part == alive else self._best(part) + self._best(alive & ~part)
            if len(self._known) > MOST_KEPT:
                self._known = {0: 0}
            self._known[alive] = found
        return found

    def _part(self, alive: int) -> int:
        """The bids joined to the most valuable one by others that share goods."""
        part = fresh = alive & -alive
        while fresh:
            reached = 0
            for bid in members(fresh):
                reached |= self._rivals[bid]
            fresh = reached & alive & ~part
            part |= fresh
        return part

    def _connected(self, alive: int) -> Exact:
        first = (alive & -alive).bit_length() - 1
        clique = self._clique[first] & alive
        best: Exact = 0
        choices: list[tuple[Exact, int]] = [(self._values[bid], alive & ~self._rivals[bid]) for bid in members(clique)]
        choices.append((0, alive & ~clique))
        for value, rest in choices:
            if value + self._cover(rest) > best:
                best = max(best, value + self._best(rest))
        return best

    def _cover(self, alive: int) -> Exact:
        """A bound: bids are covered by cliques around the most valuable ones left, of which one each counts."""
        bound: Exact = 0
        while alive:
            first = (alive & -alive).bit_length() - 1
            bound += self._values[first]
            alive &= ~self._clique[first]
        return bound
