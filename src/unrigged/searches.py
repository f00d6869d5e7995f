"""Searches for best allocations that share their time, stop together, and are remembered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import perf_counter

from unrigged.exact import Exact
from unrigged.setting import Allocation
from unrigged.winners import Auction, Method, Progress, Winners, winners
from unrigged.winners.model import INTERRUPTED, answer
from unrigged.winners.solve import Ties, check_method

NO_TIME = "no time was left to search: what is known already"
"""The note on a search that was not begun."""


@dataclass(frozen=True)
class Search:
    """A search for the best allocation: what was looked for, in words, and what came of it."""

    what: str
    found: Winners


@dataclass
class Shared:
    """What searches by several methods share: their time, whether Ctrl-C ended one, and those done."""

    limit: float | None
    deadline: float | None = None
    stopped: bool = False
    done: list[Search] = field(default_factory=list)


class Searches:
    """Searches by one `method` (`winners`), "truncated" after `nodes`, each for at most `shared.limit` seconds.

    `progress`: told about long searches; where it is given, Ctrl-C ends the search that is going on with the best found
    so far, and every later one at once. InputError for a method that does not exist.
    """

    def __init__(self, shared: Shared, progress: Progress | None, method: Method, nodes: int | None) -> None:
        check_method(method, nodes)
        self.progress = progress
        self.method: Method = method
        self.nodes = nodes
        self._searching = shared
        self._solved: dict[tuple[object, ...], tuple[Auction, Winners]] = {}

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C ended a search."""
        return self._searching.stopped

    @stopped.setter
    def stopped(self, value: bool) -> None:
        self._searching.stopped = value

    @property
    def searches(self) -> list[Search]:
        """Every search done so far, in order."""
        return self._searching.done

    @property
    def limit(self) -> float | None:
        """Seconds for a search that begins now; None for no limit."""
        if self.stopped:
            return 0.0
        limit, deadline = self._searching.limit, self._searching.deadline
        return limit if deadline is None else shorter(limit, max(0.0, deadline - perf_counter()))

    def within(self, seconds: float | None) -> None:
        """All searches from now on share `seconds` (None: only the limit of each counts)."""
        self._searching.deadline = None if seconds is None else perf_counter() + seconds

    def search(
        self,
        auction: Auction,
        what: str,
        limit: float | None = None,
        *,
        ties: Ties = "any",
        start: Allocation | None = None,
        ceiling: Exact | None = None,
    ) -> Winners:
        """`winners` of `auction`, at most once, under the limits of these searches; `what` says what it is for.

        `start`: an allocation known already; `ceiling`: a number that no allocation can be worth more than; where both
        are given, they are the answer when no time is left.
        Auctions count as the same when their valuations are the same objects.
        """
        key = (tuple(map(id, auction.valuations)), auction.excluded, auction.least, auction.allowed, ties)
        if key not in self._solved:
            limit = shorter(limit, self.limit)
            if limit == 0 and start is not None and ceiling is not None:
                found = answer(auction, start, ceiling, "none", seconds=0.0, nodes=0, engine="none", notes=(NO_TIME,))
            else:
                found = self._search(auction, limit, ties, start)
            if ceiling is not None and found.bound > ceiling:
                found = replace(found, bound=max(ceiling, found.value))
            self._solved[key] = (auction, found)
            self.searches.append(Search(what if self.method == "best" else f"{what} ({self.method})", found))
        return self._solved[key][1]

    def _search(self, auction: Auction, limit: float | None, ties: Ties, start: Allocation | None) -> Winners:
        try:
            found = self._winners(auction, limit, ties, start)
        except KeyboardInterrupt:
            if self.progress is None or self.stopped:
                raise
            self.stopped = True
            found = self._winners(auction, 0.0, ties, start)
            return replace(found, notes=(*found.notes, INTERRUPTED))
        self.stopped = self.stopped or INTERRUPTED in found.notes
        return found

    def _winners(self, auction: Auction, limit: float | None, ties: Ties, start: Allocation | None) -> Winners:
        return winners(
            auction, limit=limit, ties=ties, progress=self.progress, start=start, method=self.method, nodes=self.nodes
        )


def shorter(first: float | None, second: float | None) -> float | None:
    """The smaller limit of two; None is no limit."""
    return second if first is None else first if second is None else min(first, second)
