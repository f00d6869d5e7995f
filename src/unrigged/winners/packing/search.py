"""Branch and bound on the conflict graph: a maximum-weight set of vertices no two of which are joined.

At each subproblem (vertices still allowed, weight chosen so far) cliques of the conflict graph are taken
greedily, each charged once with the least remaining weight of its members, as long as the charges stay within
what a better packing still has to gain. Vertices whose weight is used up need no branch of their own: any
better packing contains one of the others. Those are branched on in the order of the vertices; each branch may
use the vertices that need no branch and the branching vertices before it. The order that measured best puts
vertices of little weight and few conflicts first.

The bound is the weight-splitting clique cover of weighted maximum-clique solvers: L. Babel, "A fast algorithm
for the maximum weight clique problem", Computing 52 (1994); W. Tavares, M. Campêlo, C. Rodrigues, P. Michelon,
"BITCOLOR" (2015).
"""

import threading
from dataclasses import dataclass

import numpy as np

from unrigged.winners.packing.compiled import Ints, Words, all_of, compiled, drop, lowest_bit, put, words_for
from unrigged.winners.packing.graph import compatible, covered_weight

LEVEL, FRESH, NODES = 0, 1, 2
"""Places in `Branches.cursor`: the current level, whether it is still to be bounded, subproblems so far."""

TARGET, STOP = 0, 1
"""Places in the shared array: only heavier packings are of interest; anything but 0 stops the search."""


@dataclass(frozen=True, slots=True)
class Branches:
    """A search that can be paused: the path from its root, with what each level has still to do."""

    allowed: Words
    branching: Ints
    count: Ints
    done: Ints
    weight: Ints
    chosen: Ints
    cursor: Ints
    found: Ints
    """found[0]: weight of the best packing this search met (-1: none); found[1]: its size; then its vertices."""

    @classmethod
    def within(cls, vertices: int, deepest: int) -> "Branches":
        """Room for a search on that many vertices, of which a packing holds at most `deepest`."""
        levels = deepest + 2
        found = np.zeros(levels + 2, np.int64)
        found[0] = -1
        cursor = np.zeros(3, np.int64)
        cursor[LEVEL] = -1
        return cls(
            allowed=np.zeros((levels, words_for(vertices)), np.uint64),
            branching=np.zeros((levels, vertices), np.int64),
            count=np.zeros(levels, np.int64),
            done=np.zeros(levels, np.int64),
            weight=np.zeros(levels, np.int64),
            chosen=np.zeros(levels, np.int64),
            cursor=cursor,
            found=found,
        )

    def begin(self, vertex: int, weight: int, allowed: Words) -> None:
        """Set out from one chosen vertex and the vertices that may join it."""
        self.chosen[0] = vertex
        self.weight[0] = weight
        self.allowed[0] = allowed
        self.cursor[LEVEL] = 0
        self.cursor[FRESH] = 1

    def advance(self, weights: Ints, rows: Words, others: Words, shared: Ints, nodes: int) -> bool:
        """Search on for about that many subproblems; whether the search is finished."""
        return bool(
            _advance(
                weights,
                rows,
                others,
                shared,
                nodes,
                self.allowed,
                self.branching,
                self.count,
                self.done,
                self.weight,
                self.chosen,
                self.cursor,
                self.found,
            )
        )


@compiled
def branching_vertices(
    weights: Ints,
    rows: Words,
    vertices: Words,
    spare: int,
    rest: Words,
    room: Words,
    remaining: Ints,
    members: Ints,
    branching: Ints,
) -> int:
    """List in `branching` the vertices a packing of more than `spare` must meet; how many they are.

    `rest`, `room`, `remaining` and `members` are working space.
    """
    width = vertices.shape[0]
    for i in range(width):
        word = vertices[i]
        rest[i] = word
        while word:
            v = (i << 6) + lowest_bit(word)
            word &= word - np.uint64(1)
            remaining[v] = weights[v]
    total = np.int64(0)
    first = 0
    while True:
        while first < width and rest[first] == 0:
            first += 1
        if first == width:
            return 0
        v = (first << 6) + lowest_bit(rest[first])
        members[0] = v
        size = 1
        charge = remaining[v]
        for i in range(first, width):
            room[i] = rest[i] & rows[v, i]
        for i in range(first, width):
            while room[i]:
                u = (i << 6) + lowest_bit(room[i])
                members[size] = u
                size += 1
                charge = min(charge, remaining[u])
                for j in range(i, width):
                    room[j] &= rows[u, j]
        if total + charge > spare:
            break
        total += charge
        for k in range(size):
            u = members[k]
            remaining[u] -= charge
            if remaining[u] == 0:
                drop(rest, u)
    count = 0
    for i in range(first, width):
        word = rest[i]
        while word:
            branching[count] = (i << 6) + lowest_bit(word)
            word &= word - np.uint64(1)
            count += 1
    return count


@compiled
def _advance(
    weights: Ints,
    rows: Words,
    others: Words,
    shared: Ints,
    nodes: int,
    allowed: Words,
    branching: Ints,
    count: Ints,
    done: Ints,
    weight: Ints,
    chosen: Ints,
    cursor: Ints,
    found: Ints,
) -> bool:
    n, width = rows.shape
    rest = np.zeros(width, np.uint64)
    room = np.zeros(width, np.uint64)
    remaining = np.zeros(n, np.int64)
    members = np.zeros(n, np.int64)
    level = cursor[LEVEL]
    fresh = cursor[FRESH] != 0
    looked_at = 0
    while level >= 0 and looked_at < nodes and shared[STOP] == 0:
        if fresh:
            looked_at += 1
            fresh = False
            if weight[level] > shared[TARGET] and weight[level] > found[0]:
                found[1] = level + 1
                for i in range(level + 1):
                    found[2 + i] = chosen[i]
                found[0] = weight[level]
                shared[TARGET] = weight[level]
            done[level] = 0
            count[level] = branching_vertices(
                weights,
                rows,
                allowed[level],
                shared[TARGET] - weight[level],
                rest,
                room,
                remaining,
                members,
                branching[level],
            )
            for i in range(count[level]):
                drop(allowed[level], branching[level, i])
        if done[level] == count[level]:
            level -= 1
            continue
        v = branching[level, done[level]]
        done[level] += 1
        for i in range(width):
            allowed[level + 1, i] = allowed[level, i] & others[v, i]
        put(allowed[level], v)
        weight[level + 1] = weight[level] + weights[v]
        chosen[level + 1] = v
        level += 1
        fresh = True
    cursor[LEVEL] = level
    cursor[FRESH] = 1 if fresh else 0
    cursor[NODES] += looked_at
    return bool(level < 0)


@compiled
def next_root(
    weights: Ints,
    rows: Words,
    others: Words,
    shared: Ints,
    order: Ints,
    position: int,
    before: Words,
    allowed: Words,
) -> int:
    """The next root branch, from `position` down, that its first bound does not settle; -1 if none is left.

    `before` holds the vertices before order[position + 1]; those from the answer on are dropped from it.
    `allowed` receives the vertices that may join the branch's own.
    """
    n, width = rows.shape
    rest = np.zeros(width, np.uint64)
    room = np.zeros(width, np.uint64)
    remaining = np.zeros(n, np.int64)
    members = np.zeros(n, np.int64)
    branching = np.zeros(n, np.int64)
    while position >= 0:
        v = order[position]
        drop(before, v)
        for i in range(width):
            allowed[i] = before[i] & others[v, i]
        spare = shared[TARGET] - weights[v]
        if (
            spare < 0
            or branching_vertices(weights, rows, allowed, spare, rest, room, remaining, members, branching) > 0
        ):
            return position
        position -= 1
    return position


class Roots:
    """The branches at the root of a search, handed out to any number of threads, heaviest vertices first.

    `shared` holds the target (only heavier packings are of interest) and the stop flag. Every branch counts as
    open until it was searched to its end, so `bound` holds at any time.
    """

    def __init__(self, weights: Ints, rows: Words, deepest: int, shared: Ints) -> None:
        n = len(weights)
        self.weights, self.rows, self.deepest, self.shared = weights, rows, deepest, shared
        self.others = compatible(rows)
        self._lock = threading.Lock()
        self._before = all_of(n)
        self._order = np.zeros(n, np.int64)
        width = rows.shape[1]
        count = branching_vertices(
            weights,
            rows,
            self._before,
            int(shared[TARGET]),
            np.zeros(width, np.uint64),
            np.zeros(width, np.uint64),
            np.zeros(n, np.int64),
            np.zeros(n, np.int64),
            self._order,
        )
        self._position = self._count = int(count)
        self._open: dict[int, int] = {}
        self._paused: list[Branches] = []

    def take(self, spare: Branches | None) -> Branches | None:
        """A branch to search, in `spare` if that is given and free; None if none is left to hand out."""
        with self._lock:
            if self._paused:
                return self._paused.pop()
            if self._position <= 0:
                self._position = 0
                return None
            branches = spare or Branches.within(len(self.weights), self.deepest)
            allowed = np.zeros_like(self._before)
            position = next_root(
                self.weights,
                self.rows,
                self.others,
                self.shared,
                self._order,
                self._position - 1,
                self._before,
                allowed,
            )
            self._position = max(position, 0)
            if position < 0:
                return None
            vertex = int(self._order[position])
            branches.begin(vertex, int(self.weights[vertex]), allowed)
            self._open[id(branches)] = position
            return branches

    def advance(self, branches: Branches, nodes: int) -> bool:
        """Search a branch on for about that many subproblems; whether it is finished."""
        return branches.advance(self.weights, self.rows, self.others, self.shared, nodes)

    def leave(self, branches: Branches, finished: bool) -> None:
        """Close a finished branch, or leave an unfinished one to whoever takes it next.

        To be called when the packings found in it are known to whoever reads `bound`.
        """
        with self._lock:
            if finished:
                del self._open[id(branches)]
            else:
                self._paused.append(branches)

    @property
    def settled(self) -> bool:
        """Whether every branch was searched to its end: nothing beats the target."""
        with self._lock:
            return self._position <= 0 and not self._open

    @property
    def available(self) -> bool:
        """Whether a branch can be taken."""
        with self._lock:
            return self._position > 0 or bool(self._paused)

    def bound(self) -> int:
        """No packing weighs more, given the branches already settled."""
        with self._lock:
            last = max([self._position - 1, *self._open.values()])
        target = int(self.shared[TARGET])
        if last < 0:
            return target
        vertices = all_of(len(self.weights))
        for position in range(last + 1, self._count):
            drop(vertices, self._order[position])
        return max(target, int(covered_weight(self.weights, self.rows, vertices)))
