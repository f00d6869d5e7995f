"""The same search in plain Python integers, for weights whose total leaves 64-bit arithmetic. Slow, never wrong."""

import time
from dataclasses import dataclass

from unrigged.winners.packing.problem import Packing


@dataclass(frozen=True)
class Exact:
    """Bids chosen, a bound on every packing (equal to their weight if the search finished), subproblems."""

    chosen: tuple[int, ...]
    bound: int
    nodes: int


def solve_exact(packing: Packing, *, deadline: float | None = None, floor: int | None = None) -> Exact:
    """Branch and bound with the clique-cover bound of `search`, on sets of vertices held as Python integers."""
    free = [bid for bid, used in enumerate(packing.items) if not used and packing.weights[bid] > 0]
    bids = [bid for bid, used in enumerate(packing.items) if used and packing.weights[bid] > 0]
    bids.sort(key=lambda bid: packing.weights[bid])
    weights = [packing.weights[bid] for bid in bids]
    base = sum(packing.weights[bid] for bid in free)
    users: dict[int, int] = {}
    for v, bid in enumerate(bids):
        for item in set(packing.items[bid]):
            users[item] = users.get(item, 0) | 1 << v
    rows = []
    for v, bid in enumerate(bids):
        row = 0
        for item in packing.items[bid]:
            row |= users[item]
        rows.append(row & ~(1 << v))
    everything = (1 << len(bids)) - 1
    chosen, value = _greedy(weights, rows)
    target = value if floor is None else max(value, floor - base - 1)
    bound = base + max(target, _cover(weights, rows, everything, None)[0])
    nodes = 0
    path: list[int] = []
    stack = [_level(weights, rows, everything, 0, target)]
    while stack:
        if deadline is not None and nodes % 64 == 0 and time.monotonic() >= deadline:
            return Exact(tuple(free + [bids[v] for v in chosen]), bound, nodes)
        allowed, branching, weight = stack[-1]
        if not branching:
            stack.pop()
            if path:
                path.pop()
            continue
        v = branching.pop(0)
        stack[-1] = (allowed | 1 << v, branching, weight)
        nodes += 1
        path.append(v)
        weight += weights[v]
        if weight > target:
            chosen, value, target = list(path), weight, weight
            if floor is not None and base + value >= floor:
                return Exact(tuple(free + [bids[v] for v in chosen]), bound, nodes)
        stack.append(_level(weights, rows, allowed & ~rows[v], weight, target))
    return Exact(tuple(free + [bids[v] for v in chosen]), base + target, nodes)


def _level(weights: list[int], rows: list[int], allowed: int, weight: int, target: int) -> tuple[int, list[int], int]:
    _, rest = _cover(weights, rows, allowed, target - weight)
    return allowed & ~rest, list(_bits(rest)), weight


def _cover(weights: list[int], rows: list[int], vertices: int, spare: int | None) -> tuple[int, int]:
    """Charges of the clique cover, kept within `spare` if given, and the vertices whose weight is not used up."""
    remaining = {v: weights[v] for v in _bits(vertices)}
    rest, total = vertices, 0
    while rest:
        clique, room = [], rest
        while room:
            v = (room & -room).bit_length() - 1
            clique.append(v)
            room &= rows[v]
        charge = min(remaining[v] for v in clique)
        if spare is not None and total + charge > spare:
            break
        total += charge
        for v in clique:
            remaining[v] -= charge
            if not remaining[v]:
                rest &= ~(1 << v)
    return total, rest


def _greedy(weights: list[int], rows: list[int]) -> tuple[list[int], int]:
    taken, blocked = [], 0
    for v in sorted(range(len(weights)), key=lambda v: -weights[v]):
        if not blocked >> v & 1:
            taken.append(v)
            blocked |= rows[v]
    return taken, sum(weights[v] for v in taken)


def _bits(row: int) -> list[int]:
    found = []
    while row:
        low = row & -row
        found.append(low.bit_length() - 1)
        row ^= low
    return found
