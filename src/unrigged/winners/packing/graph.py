"""The conflict graph of a packing as bit rows, and the exact reductions and bounds read off it.

A vertex is a bid; two vertices are joined when they share an item. A packing is a set of vertices no two of
which are joined. A clique is a set of vertices all joined to each other: at most one of them is chosen.
"""

from typing import Any

import numpy as np

from unrigged.winners.packing.compiled import Ints, Words, compiled, drop, has, lowest_bit, put


@compiled
def item_users(starts: Ints, used: Ints, item_count: int) -> Words:
    """Per item the set of the vertices that use it; vertex v uses used[starts[v] : starts[v + 1]]."""
    n = starts.shape[0] - 1
    users = np.zeros((item_count, max(1, (n + 63) >> 6)), np.uint64)
    for v in range(n):
        for position in range(starts[v], starts[v + 1]):
            put(users[used[position]], v)
    return users


@compiled
def conflicts(starts: Ints, used: Ints, users: Words) -> Words:
    """Rows of neighbours, each vertex without itself, from the items of each vertex and the users of each."""
    n, width = starts.shape[0] - 1, users.shape[1]
    rows = np.zeros((n, width), np.uint64)
    for v in range(n):
        for position in range(starts[v], starts[v + 1]):
            item = used[position]
            for j in range(width):
                rows[v, j] |= users[item, j]
        drop(rows[v], v)
    return rows


@compiled
def undominated(weights: Ints, rows: Words, alive: Words) -> bool:
    """Remove from `alive` vertices that another one can always replace; whether any was removed.

    u can replace its neighbour v when it weighs no less and every other living neighbour of u is one of v.
    Removing them one after the other keeps some optimum alive.
    """
    n, width = rows.shape
    changed = False
    for v in range(n):
        if not has(alive, v):
            continue
        word_of_v, bit_of_v = v >> 6, np.uint64(1) << np.uint64(v & 63)
        dominated = False
        for i in range(width):
            candidates = rows[v, i] & alive[i]
            while candidates and not dominated:
                u = (i << 6) + lowest_bit(candidates)
                candidates &= candidates - np.uint64(1)
                if weights[u] < weights[v]:
                    continue
                dominated = True
                for j in range(width):
                    beyond = rows[u, j] & alive[j] & ~rows[v, j]
                    if j == word_of_v:
                        beyond &= ~bit_of_v
                    if beyond:
                        dominated = False
                        break
            if dominated:
                break
        if dominated:
            drop(alive, v)
            changed = True
    return changed


@compiled
def components(rows: Words) -> Ints:
    """For each vertex the number of its connected component, counted from 0."""
    n, width = rows.shape
    label = np.full(n, -1, np.int64)
    queue = np.empty(n, np.int64)
    unseen = np.zeros(width, np.uint64)
    for v in range(n):
        put(unseen, v)
    count = 0
    for root in range(n):
        if label[root] >= 0:
            continue
        label[root] = count
        drop(unseen, root)
        queue[0] = root
        head, tail = 0, 1
        while head < tail:
            v = queue[head]
            head += 1
            for i in range(width):
                fresh = rows[v, i] & unseen[i]
                unseen[i] &= ~fresh
                while fresh:
                    u = (i << 6) + lowest_bit(fresh)
                    fresh &= fresh - np.uint64(1)
                    label[u] = count
                    queue[tail] = u
                    tail += 1
        count += 1
    return label


@compiled
def degrees(rows: Words) -> Ints:
    """Number of neighbours of each vertex."""
    n, width = rows.shape
    degree = np.zeros(n, np.int64)
    for v in range(n):
        for i in range(width):
            word = rows[v, i]
            while word:
                word &= word - np.uint64(1)
                degree[v] += 1
    return degree


@compiled
def reordered(rows: Words, order: Ints) -> Words:
    """The induced graph on `order`, its vertices renumbered in that order."""
    n = order.shape[0]
    width = max(1, (n + 63) >> 6)
    place = np.full(rows.shape[0], -1, np.int64)
    for new in range(n):
        place[order[new]] = new
    result = np.zeros((n, width), np.uint64)
    for new in range(n):
        for i in range(rows.shape[1]):
            word = rows[order[new], i]
            while word:
                u = place[(i << 6) + lowest_bit(word)]
                word &= word - np.uint64(1)
                if u >= 0:
                    put(result[new], u)
    return result


@compiled
def compatible(rows: Words) -> Words:
    """The complement graph: rows of the vertices that may be chosen together with each vertex."""
    n, width = rows.shape
    result = np.zeros((n, width), np.uint64)
    for v in range(n):
        for i in range(width):
            result[v, i] = ~rows[v, i]
        if n & 63:
            result[v, width - 1] &= (np.uint64(1) << np.uint64(n & 63)) - np.uint64(1)
        drop(result[v], v)
    return result


@compiled
def maximal_cliques(rows: Words, degree: Ints, users: Words) -> tuple[Words, int]:
    """Each clique in `users` widened to a maximal one, but for those within an earlier result.

    Vertices with most neighbours join first. Returns the cliques and how many they are.
    """
    width = rows.shape[1]
    result = np.zeros_like(users)
    count = 0
    common = np.zeros(width, np.uint64)
    for item in range(users.shape[0]):
        size = 0
        for j in range(width):
            common[j] = np.uint64(0xFFFFFFFFFFFFFFFF)
        for i in range(width):
            word = users[item, i]
            while word:
                v = (i << 6) + lowest_bit(word)
                word &= word - np.uint64(1)
                size += 1
                for j in range(width):
                    common[j] &= rows[v, j]
        if size < 2:
            continue
        repeated = False
        for earlier in range(count):
            repeated = True
            for i in range(width):
                if users[item, i] & ~result[earlier, i]:
                    repeated = False
                    break
            if repeated:
                break
        if repeated:
            continue
        result[count] = users[item]
        while True:
            best = -1
            for i in range(width):
                word = common[i]
                while word:
                    v = (i << 6) + lowest_bit(word)
                    word &= word - np.uint64(1)
                    if best < 0 or degree[v] > degree[best]:
                        best = v
            if best < 0:
                break
            put(result[count], best)
            for j in range(width):
                common[j] &= rows[best, j]
        count += 1
    return result, count


@compiled
def covered_weight(weights: Ints, rows: Words, vertices: Words) -> Any:
    """An upper bound on the weight of any packing within `vertices`: a weighted cover by cliques.

    Each round takes a greedy clique, charges the least remaining weight in it once, and takes that much off
    all its members: at most one of them can be chosen, so the charges add up to a bound.
    """
    n, width = rows.shape
    rest = vertices.copy()
    clique_room = np.zeros(width, np.uint64)
    remaining = weights.copy()
    members = np.zeros(n, np.int64)
    total = np.int64(0)
    first = 0
    while True:
        while first < width and rest[first] == 0:
            first += 1
        if first == width:
            return total
        v = (first << 6) + lowest_bit(rest[first])
        members[0] = v
        size = 1
        charge = remaining[v]
        for i in range(first, width):
            clique_room[i] = rest[i] & rows[v, i]
        for i in range(first, width):
            while clique_room[i]:
                u = (i << 6) + lowest_bit(clique_room[i])
                members[size] = u
                size += 1
                charge = min(charge, remaining[u])
                for j in range(i, width):
                    clique_room[j] &= rows[u, j]
        total += charge
        for k in range(size):
            u = members[k]
            remaining[u] -= charge
            if remaining[u] == 0:
                drop(rest, u)
