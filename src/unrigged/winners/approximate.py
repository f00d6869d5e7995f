"""Good allocations without a proof: greedy, local search, and a search that is stopped early.

What a player cannot compute he cannot announce. In the best-belief mechanism and in markets, whatever he can compute,
to announce the best of it is best for him (Chen and Micali 2016; Azar, Chen and Micali 2011), so that any of these may
stand for the optimum. Every answer obeys the rules, is valued exactly, and comes with a bound on all allocations.
Without a time limit the same auction always gets the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import inf
from time import monotonic, perf_counter
from typing import Literal

from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact, total
from unrigged.setting import Bundle, members
from unrigged.winners import small, tabled
from unrigged.winners.bounds import quick_bound
from unrigged.winners.formulation import Formulation
from unrigged.winners.model import Auction, Proof, Winners, answer
from unrigged.winners.pieces import Pieces

Method = Literal["greedy", "local", "truncated"]

NODES = 100
"""A search without limits is stopped after so many nodes."""

FEW_PIECES = 300
"""Set packings of more pieces are improved by the compiled local search."""

ROUNDS = 4
"""Rounds of the compiled local search, for each bid, between two looks at the clock."""

PATIENCE = 3
"""The compiled local search ends when it has found nothing better so many times."""


def approximate(auction: Auction, method: Method, *, limit: float | None = None, nodes: int | None = None) -> Winners:
    """An allocation by `method`, with a bound; `limit` in seconds, `nodes` for the truncated search.

    Raises Infeasible where no allocation obeys the rules, BudgetExceeded where the method finds none that does.
    """
    if method == "greedy":
        return greedy(auction)
    if method == "local":
        return local(auction, limit=limit)
    return truncated(auction, limit=limit, nodes=nodes)


def greedy(auction: Auction) -> Winners:
    """Piece after piece to whom it adds most; the best of three ways to compare pieces.

    A piece is a bundle that somebody's bids name. It goes to the bidder who gains most by it: altogether, for each good
    in it, or divided by the square root of its size (which comes within a factor of the square root of the number of
    goods where everybody wants one bundle: D. Lehmann, L. O'Callaghan and Y. Shoham, "Truth revelation in approximately
    efficient combinatorial auctions", Journal of the ACM 49, 2002). Goods that must be sold and add nothing come last.
    """
    begun = perf_counter()
    found = _greedy(Pieces(auction))
    return _answer(found, "greedy", begun, quick_bound(auction, _formulation(auction)), 3)


def local(auction: Auction, *, limit: float | None = None) -> Winners:
    """The greedy allocation, improved until no single piece can be forced in with gain, or until `limit` seconds.

    A piece that is forced in takes its goods from whoever has them; goods left over are given out greedily again. Set
    packings of many bids are improved on their conflict graph, where chance (from fixed seeds) leads out of dead ends.
    """
    begun = perf_counter()
    deadline = inf if limit is None else monotonic() + limit
    formulation = _formulation(auction)
    pieces = Pieces(auction)
    bound = quick_bound(auction, formulation)
    if len(pieces.listed) > FEW_PIECES and formulation is not None:
        found = _improved_packing(formulation, bound, begun, deadline)
        if found is not None:
            return found
    best = _greedy(pieces)
    tried = _improve(best, bound, deadline)
    return _answer(best, "local search", begun, bound, tried)


def truncated(auction: Auction, *, limit: float | None = None, nodes: int | None = None) -> Winners:
    """The exact search, stopped after `nodes` subproblems or `limit` seconds, whichever comes first.

    Without either, after 100 subproblems. The allocation found by then and the local search's (the greedy one's, where
    seconds are limited) compete; the bound is that of the search. By nodes it is the integer program that is searched,
    whose answer does not depend on the machine's speed. Valuations without a language have no search to be stopped:
    they are all settled, or the local search answers.
    """
    begun = perf_counter()
    most = NODES if nodes is None and limit is None else nodes
    found = small.solve(auction, step_limit=small.STEP_LIMIT if most is None else min(most, small.STEP_LIMIT))
    if found is not None:
        return found
    try:
        start = local(auction, limit=limit) if most is not None else greedy(auction)
    except BudgetExceeded:
        start = None
    if start is not None and not start.gap:
        return replace(start, engine=f"truncated search, {start.engine}")
    searched = _searched(auction, None if limit is None else max(0.0, limit - (perf_counter() - begun)), most)
    if searched is None and start is None:
        raise _none_found("local search")
    best = _joined(auction, start, searched)
    return replace(best, seconds=perf_counter() - begun)


def _searched(auction: Auction, limit: float | None, nodes: int | None) -> Winners | None:
    """The answer of the stopped search; None where there is none to be stopped."""
    from unrigged.winners import packed, program

    if any(tabled.without_language(auction.valuations[player]) for player in auction.bidders):
        if not tabled.is_tabled(auction) or tabled.seconds_needed(auction) > (inf if limit is None else limit):
            return None
        steps = len(auction.bidders) * 3 ** len(auction.goods)
        return tabled.solve(auction) if nodes is None or steps <= nodes else None
    formulation = _formulation(auction)
    if formulation is None:
        return None
    packing = formulation.packing() if nodes is None else None
    try:
        if packing is not None:
            return packed.solve(formulation, packing, limit=limit)
        return program.solve(auction, formulation=formulation, limit=limit, nodes=nodes)
    except BudgetExceeded:
        return None


def _joined(auction: Auction, start: Winners | None, searched: Winners | None) -> Winners:
    """The better allocation and the smaller bound of the two."""
    found = [one for one in (searched, start) if one is not None]
    best = max(found, key=lambda one: one.value)
    least = min(found, key=lambda one: one.bound)
    proof: Proof = "none"
    if least.bound <= best.value:
        proof = "exact" if "exact" in {one.proof for one in found} or least is start else "numerical"
    return replace(
        best,
        bound=max(least.bound, best.value),
        proof=proof,
        nodes=sum(one.nodes for one in found),
        engine="truncated search, " + " and ".join(dict.fromkeys(one.engine for one in found)),
        notes=tuple(dict.fromkeys(note for one in found for note in one.notes)),
    )


def _formulation(auction: Auction) -> Formulation | None:
    """The integer program of `auction`, None where some valuation has no language to write it in."""
    if any(tabled.without_language(auction.valuations[player]) for player in auction.bidders):
        return None
    try:
        return Formulation(auction)
    except BudgetExceeded:
        return None


def _none_found(method: str) -> BudgetExceeded:
    return BudgetExceeded(f"the {method} found no allocation of all goods that must be sold: use the method 'best'")


# Allocations in the making


@dataclass
class _Division:
    """What every bidder of `pieces` holds at the moment, what it is worth to him, and which goods are left."""

    pieces: Pieces
    bundles: list[Bundle]
    worths: list[Exact]
    left: Bundle

    @property
    def value(self) -> Exact:
        return total(self.worths)

    @property
    def complete(self) -> bool:
        """Whether everything is sold that must be."""
        return not self.left & self.pieces.must

    def copy(self) -> _Division:
        return _Division(self.pieces, self.bundles.copy(), self.worths.copy(), self.left)

    def become(self, other: _Division) -> None:
        self.bundles, self.worths, self.left = other.bundles, other.worths, other.left

    def give(self, number: int, bundle: Bundle) -> None:
        """Let a bidder hold `bundle` (of his goods and those left) instead of what he holds, useless goods left out."""
        bidder = self.pieces.bidders[number]
        worth = bidder.worth(bundle)
        self.left |= self.bundles[number]
        if not bidder.separate:
            for good in members(bundle & ~self.pieces.must):
                smaller = bundle ^ 1 << good
                less = bidder.worth(smaller)
                if less >= worth and self.pieces.enough(smaller, less):
                    bundle, worth = smaller, less
        self.bundles[number], self.worths[number] = bundle, worth
        self.left &= ~bundle

    def take(self, number: int, goods: Bundle) -> None:
        """Take `goods` from a bidder; all he has, where what remains is not enough."""
        remaining = self.bundles[number] & ~goods
        bidder = self.pieces.bidders[number]
        self.give(number, remaining if self.pieces.enough(remaining, bidder.worth(remaining)) else 0)

    def fill(self, candidates: Iterable[int], key: Callable[[Exact, int], Exact]) -> None:
        """Give out pieces (by position in `listed`) that fit and add value, greatest `key` of gain and size first."""
        listed = list(candidates)
        again = True
        while again:
            again = False
            heap = [entry for position in listed if (entry := self._entry(position, key)) is not None]
            heapify(heap)
            while heap:
                entry = heappop(heap)
                number, piece = self.pieces.listed[entry[1]]
                if entry[2] != self.bundles[number] or piece & ~self.bundles[number] & ~self.left:
                    renewed = self._entry(entry[1], key)
                    if renewed is not None:
                        heappush(heap, renewed)
                    continue
                self.give(number, self.bundles[number] | piece)
                again = True

    def _entry(self, position: int, key: Callable[[Exact, int], Exact]) -> tuple[Exact, int, Bundle] | None:
        number, piece = self.pieces.listed[position]
        held = self.bundles[number]
        added = piece & ~held
        if not added or added & ~self.left:
            return None
        bundle = held | added
        worth = self.pieces.bidders[number].worth(bundle)
        gain = worth - self.worths[number]
        if gain <= 0 or not self.pieces.enough(bundle, worth):
            return None
        return -key(gain, added.bit_count()), position, held

    def sell_all(self) -> None:
        """Give every good that must be sold to whom it adds most, or takes least from, as far as rules allow."""
        for good in members(self.left & self.pieces.must):
            if not self.left >> good & 1:
                continue
            offers = [self._offer(number, 1 << good) for number in range(len(self.bundles))]
            if not any(offers):
                around = self.pieces.by_good.get(good, ())
                offers = [self._offer(*self.pieces.listed[position]) for position in around]
            best = max((offer for offer in offers if offer is not None), key=lambda offer: offer[0], default=None)
            if best is not None:
                self.give(best[1], best[2])

    def _offer(self, number: int, piece: Bundle) -> tuple[Exact, int, Bundle] | None:
        bidder, held = self.pieces.bidders[number], self.bundles[number]
        bundle = held | piece
        if piece & ~held & ~self.left or bundle & ~bidder.mask:
            return None
        worth = bidder.worth(bundle)
        return (worth - self.worths[number], number, bundle) if self.pieces.enough(bundle, worth) else None


def _by_gain(gain: Exact, size: int) -> Exact:
    return gain


def _by_root(gain: Exact, size: int) -> Exact:
    return Fraction(gain * gain) / size


def _by_good(gain: Exact, size: int) -> Exact:
    return Fraction(gain) / size


def _greedy(pieces: Pieces) -> _Division:
    """The best of three greedy divisions (the most complete one where something must be sold)."""
    found = []
    for key in (_by_root, _by_gain, _by_good):
        division = _Division(pieces, [0] * len(pieces.bidders), [0] * len(pieces.bidders), pieces.everything)
        division.fill(range(len(pieces.listed)), key)
        division.sell_all()
        found.append(division)
    return max(found, key=lambda division: (division.complete, division.value))


def _improve(best: _Division, bound: Exact, deadline: float) -> int:
    """Force in pieces as long as that helps; how many were tried."""
    pieces = best.pieces
    tried, since = 0, 0
    position = 0
    while since < len(pieces.listed) and best.value < bound and monotonic() < deadline:
        tried += 1
        since += 1
        better = _forced(best, *pieces.listed[position])
        if better is not None:
            best.become(better)
            since = 0
        position = (position + 1) % len(pieces.listed)
    return tried


def _forced(best: _Division, number: int, piece: Bundle) -> _Division | None:
    """`best` with `piece` in the hands of a bidder, if that is better or more complete."""
    held = best.bundles[number]
    if not piece & ~held:
        return None
    for bundle in dict.fromkeys((held | piece, piece)):
        worth = best.pieces.bidders[number].worth(bundle)
        if not best.pieces.enough(bundle, worth):
            continue
        trial = best.copy()
        for other, theirs in enumerate(best.bundles):
            if other != number and theirs & piece:
                trial.take(other, piece)
        trial.give(number, bundle)
        around = {position for good in members(trial.left) for position in trial.pieces.by_good.get(good, ())}
        trial.fill(sorted(around), _by_root)
        trial.sell_all()
        if (trial.complete, trial.value) > (best.complete, best.value):
            return trial
    return None


def _answer(found: _Division, engine: str, begun: float, bound: Exact, nodes: int) -> Winners:
    if not found.complete:
        raise _none_found(engine)
    allocation, taken = found.pieces.allocation(found.bundles)
    auction = found.pieces.auction
    value = total(auction.worths(allocation, taken))
    return answer(
        auction, allocation, bound, "exact" if value >= bound else "none",
        seconds=perf_counter() - begun, nodes=nodes, engine=engine, taken=taken,
    )  # fmt: skip


def _improved_packing(formulation: Formulation, bound: Exact, begun: float, deadline: float) -> Winners | None:
    """Local search on the conflict graph; None where the auction is no set packing, or its numbers are too large."""
    packing = formulation.packing()
    if packing is None:
        return None
    import numpy as np

    from unrigged.winners.packing import local as search
    from unrigged.winners.packing import presolve

    try:
        reduced = presolve.reduce(packing)
    except OverflowError:
        return None
    chosen, rounds = list(reduced.taken), 0
    for part in reduced.parts:
        taken = search.start(part.weights, part.rows, part.degree)
        idle = 0
        while idle < PATIENCE and monotonic() < deadline:
            steps, rounds = ROUNDS * len(part.bids), rounds + 1
            better = search.improve(part.weights, part.rows, taken, steps, rounds, np.zeros(2, np.int64))
            idle = idle + 1 if part.weights @ better <= part.weights @ taken else 0
            taken = better
        chosen += [part.bids[vertex] for vertex in np.flatnonzero(taken)]
    allocation, bids = formulation.chosen(chosen)
    value = total(formulation.auction.worths(allocation, bids))
    return answer(
        formulation.auction, allocation, bound, "exact" if value >= bound else "none",
        seconds=perf_counter() - begun, nodes=rounds, engine="local search", taken=bids,
    )  # fmt: skip
