"""The one door to winner determination: chooses the engine, breaks ties, and answers "without each player"."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Literal

from unrigged.errors import BudgetExceeded, InputError, nearest
from unrigged.exact import Exact, integer, total
from unrigged.setting import NOBODY, Allocation, members
from unrigged.winners import small
from unrigged.winners.model import INTERRUPTED, Auction, Infeasible, Progress, Proof, Winners, answer, hard_to_value

Ties = Literal["any", "first"]

Method = Literal["best", "greedy", "local", "truncated"]

METHODS: dict[Method, str] = {
    "best": "the optimum, with a proof",
    "greedy": "bundle after bundle to whoever gains most by it",
    "local": "the greedy allocation, improved by forcing in bundles as long as that helps",
    "truncated": "the search for the optimum, stopped after some subproblems or seconds",
}
"""Ways to look for an allocation, in words."""

NOT_FIRST = "the time limit ran out before the lexicographically first optimum was reached"


def winners(
    auction: Auction,
    *,
    limit: float | None = None,
    ties: Ties = "any",
    progress: Progress | None = None,
    threads: int = 2,
    start: Allocation | None = None,
    method: Method = "best",
    nodes: int | None = None,
) -> Winners:
    """The allocation of greatest total value, checked exactly, with what is known about its optimality.

    `limit`: seconds for the whole call; an answer that is not proved by then says so (`proof` "none", `bound`, `gap`).
    `ties`: "any" optimum, or the lexicographically "first" one (owners of goods in order, `NOBODY` before player 0).
    `progress`: called with (value, bound, seconds) now and then during a long search; Ctrl-C then ends the search with
    the best answer so far. `threads`: how many cores a long search may use. `start`: an allocation within the rules
    that is known already; the answer is at least as good. `method`: "best", or one of the approximate `METHODS`, which
    come with a bound but in general without a proof, and know no `ties`; `nodes`: subproblems of a "truncated" search.
    Raises Infeasible (an InputError) where no allocation obeys the rules, BudgetExceeded where all goods must be sold
    and no allocation of all was found (within the limit, or by the approximate method), or a valuation without a
    language has too many goods, InputError for an unknown `ties` or `method`, and for `nodes` that do not fit.

    >>> from unrigged.setting import Goods
    >>> from unrigged.valuations import Additive, SingleMinded
    >>> goods = Goods("a b")
    >>> found = winners(Auction(goods, (SingleMinded(goods, ["a", "b"], 9), Additive(goods, {"a": 3, "b": 4}))))
    >>> found.allocation, found.value, found.proof
    ((0, 0), 9, 'exact')
    """
    if ties not in ("any", "first"):
        raise InputError("ties", ties, '"any" or "first"')
    check_method(method, nodes)
    begun = perf_counter()
    if method != "best":
        from unrigged.winners.approximate import approximate

        found = approximate(auction, method, limit=limit, nodes=nodes)
    else:
        found = _solve(auction, limit, threads, progress)
    if start is not None and found.value < found.bound:
        found = _better(auction, found, start)
    if ties == "first" and method == "best" and found.engine != small.ENGINE:
        found = _first(auction, found, begun, limit, threads)
    return replace(found, seconds=perf_counter() - begun)


def check_method(method: str, nodes: int | None, where: str = "") -> None:
    """InputError where there is no such method, or `nodes` do not fit it."""
    if method not in METHODS:
        raise InputError(f"{where}method", f"'{method}'", "a way to search", nearest(method, list(METHODS)))
    if nodes is not None and method != "truncated":
        raise InputError(f"{where}nodes", nodes, "none: only a truncated search counts subproblems")
    if nodes is not None:
        integer(nodes, f"{where}nodes", least=1)


def without_each(auction: Auction, *, limit: float | None = None, threads: int = 2) -> tuple[Winners, ...]:
    """For every player, the optimum when he receives nothing (he keeps his number).

    Players who receive nothing in the first optimum need no search of their own: that optimum is theirs too.
    `limit`: seconds for the whole call. Raises as `winners`; Infeasible where somebody's goods must be sold and
    nobody else may have them.
    """
    begun = perf_counter()
    base = _stripped(auction, winners(auction, limit=None if limit is None else limit / 2, threads=threads))
    must_sell = auction.must_sell
    served = [player for player in range(auction.n) if base.bundles[player]]
    answers = dict.fromkeys(range(auction.n), base)
    for position, player in enumerate(served):
        left = _left(begun, limit)
        share = None if left is None else left / (len(served) - position)
        start = None if must_sell else without_player(base.allocation, player)
        found = winners(auction.without([player]), limit=share, threads=threads, start=start)
        if found.bound > base.bound:
            found = replace(found, bound=max(base.bound, found.value))
        answers[player] = found
    return tuple(answers[player] for player in range(auction.n))


def without_player(allocation: Allocation, player: int) -> Allocation:
    """`allocation` with the goods of `player` unsold."""
    return tuple(NOBODY if owner == player else owner for owner in allocation)


def _better(auction: Auction, found: Winners, start: Allocation) -> Winners:
    """`found`, or `start` where that is worth more."""
    worth = total(auction.worths(start))
    if worth <= found.value:
        return found
    proof: Proof = "none" if worth < found.bound else "numerical"
    return answer(
        auction, start, found.bound, proof,
        seconds=found.seconds, nodes=found.nodes, engine=found.engine, notes=found.notes,
    )  # fmt: skip


def _left(begun: float, limit: float | None) -> float | None:
    return None if limit is None else max(0.0, limit - (perf_counter() - begun))


def _solve(
    auction: Auction, limit: float | None, threads: int, progress: Progress | None = None, floor: Exact | None = None
) -> Winners:
    """The answer of the engine that suits the auction; `floor`: any allocation worth that much will do."""
    found = small.solve(auction)
    if found is not None:
        return found
    from unrigged.winners import tabled

    begun = perf_counter()
    if tabled.is_tabled(auction):
        if limit is None or tabled.seconds_needed(auction) <= limit:
            return tabled.solve(auction)
        from unrigged.winners import program

        return program.nothing_found(auction)
    from unrigged.winners.formulation import Formulation

    formulation = Formulation(auction)
    packing = formulation.packing()
    left = _left(begun, limit)
    if packing is not None:
        from unrigged.winners import packed

        return packed.solve(formulation, packing, limit=left, threads=threads, progress=progress, floor=floor)
    from unrigged.winners import program

    try:
        found = program.solve(auction, formulation=formulation, limit=left, progress=progress)
    except BudgetExceeded:
        if not _can_be_listed(auction, _left(begun, limit)):
            raise
        return tabled.solve(auction)
    listed = not found.optimal and INTERRUPTED not in found.notes and _can_be_listed(auction, _left(begun, limit))
    return tabled.solve(auction) if listed else found


def _can_be_listed(auction: Auction, left: float | None) -> bool:
    """Whether all bundles can be listed in the time left: the exact way out where numbers are too large for floats."""
    from unrigged.winners import tabled

    if len(auction.goods) > tabled.MOST_GOODS or any(hard_to_value(auction.valuations[i]) for i in auction.bidders):
        return False
    return left is None or tabled.seconds_needed(auction) <= left


def _stripped(auction: Auction, found: Winners) -> Winners:
    """The same answer without goods that add nothing where they are, as far as they may stay unsold."""
    bundles = list(found.bundles)
    owners = list(found.allocation)
    for player in {owner for owner in owners if owner != NOBODY}:
        one = auction.valuations[player]
        if hard_to_value(one):
            continue
        worth = found.worths[player]
        for good in members(bundles[player] & ~auction.must_sell):
            smaller = bundles[player] ^ 1 << good
            less = one.value(smaller)
            if less >= worth and (not smaller or auction.least is None or less >= auction.least):
                bundles[player], worth, owners[good] = smaller, less, NOBODY
    if tuple(owners) == found.allocation:
        return found
    return answer(
        auction, tuple(owners), found.bound, found.proof,
        seconds=found.seconds, nodes=found.nodes, engine=found.engine, notes=found.notes,
    )  # fmt: skip


def _first(auction: Auction, found: Winners, begun: float, limit: float | None, threads: int) -> Winners:
    """The lexicographically first optimum, from any optimum: good by good, can its owner be a smaller one?"""
    if not found.optimal:
        return replace(found, notes=(*found.notes, NOT_FIRST))
    best = _stripped(auction, found)
    if _alone(auction, best, _left(begun, limit), threads):
        return best
    allowed = list(auction.allowed) or [None] * len(auction.goods)
    for good in range(len(auction.goods)):
        while smaller := _smaller_owners(auction, good, best.allocation[good]):
            question = auction.restricted([*allowed[:good], smaller, *allowed[good + 1 :]])
            left = _left(begun, limit)
            try:
                asked = _solve(question, left, threads, floor=best.value)
            except Infeasible:
                break
            except BudgetExceeded:
                return replace(best, notes=(*best.notes, NOT_FIRST))
            if asked.value < best.value <= asked.bound:
                return replace(best, notes=(*best.notes, NOT_FIRST))
            if asked.value < best.value:
                break
            better = _stripped(question, replace(asked, bound=asked.value, proof=found.proof))
            best = replace(better, engine=best.engine, notes=best.notes, nodes=best.nodes + better.nodes)
        stay = {NOBODY} if auction.may_stay(good) else set()
        allowed[good] = frozenset({best.allocation[good]} | stay)
    return best


def _alone(auction: Auction, best: Winners, limit: float | None, threads: int) -> bool:
    """Whether one search proves that `best` is the only optimum without useless goods."""
    from unrigged.winners import packed, tabled

    if tabled.is_tabled(auction):
        return False
    from unrigged.winners.formulation import Formulation

    formulation = Formulation(auction)
    packing = formulation.packing()
    return packing is not None and packed.only_one(formulation, packing, best, limit=limit, threads=threads)


def _smaller_owners(auction: Auction, good: int, owner: int) -> frozenset[int]:
    """Who may have `good` and comes before `owner`."""
    before = {player for player in range(owner) if auction.may_own(player) >> good & 1}
    return frozenset(before | ({NOBODY} if owner != NOBODY and auction.may_stay(good) else set()))
