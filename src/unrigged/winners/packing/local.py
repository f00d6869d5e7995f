"""Good packings quickly: a greedy start and iterated local search on the conflict graph."""

from typing import Any

import numpy as np

from unrigged.winners.packing.compiled import Ints, Words, compiled, lowest_bit


@compiled
def greedy(priority: Ints, rows: Words) -> Ints:
    """The vertices in the given order of priority, each taken if it still fits; returned as 0/1 per vertex."""
    n, width = rows.shape
    taken = np.zeros(n, np.int64)
    for v in priority:
        free = True
        for i in range(width):
            word = rows[v, i]
            while word and free:
                if taken[(i << 6) + lowest_bit(word)]:
                    free = False
                word &= word - np.uint64(1)
            if not free:
                break
        if free:
            taken[v] = 1
    return taken


@compiled
def _take_in(vertex: Any, weights: Ints, rows: Words, inside: Ints, lost: Ints) -> Any:
    """Take the vertex in and turn out those it conflicts with; the change in weight.

    `lost` keeps, per vertex, the weight of the chosen ones it conflicts with.
    """
    width = rows.shape[1]
    change = weights[vertex]
    for i in range(width):
        word = rows[vertex, i]
        while word:
            u = (i << 6) + lowest_bit(word)
            word &= word - np.uint64(1)
            lost[u] += weights[vertex]
            if inside[u]:
                inside[u] = 0
                change -= weights[u]
                for j in range(width):
                    other = rows[u, j]
                    while other:
                        lost[(j << 6) + lowest_bit(other)] -= weights[u]
                        other &= other - np.uint64(1)
    inside[vertex] = 1
    return change


@compiled
def _shuffled(state: Any) -> Any:
    """The next state of a small generator of pseudo-random words (xorshift)."""
    word = np.uint64(state)
    word ^= word << np.uint64(13)
    word ^= word >> np.uint64(7)
    word ^= word << np.uint64(17)
    return word


@compiled
def improve(weights: Ints, rows: Words, taken: Ints, steps: int, seed: int, shared: Ints) -> Ints:
    """The best packing met in `steps` rounds of iterated local search from `taken`, as 0/1 per vertex.

    A round forces one or a few vertices in, then takes in whatever gains most until nothing gains, and is
    undone if the outcome is worse (now and then a little worse is kept). After 300 rounds without progress
    several vertices are forced in at once. shared[1] other than 0 stops the search.
    """
    n = rows.shape[0]
    inside = taken.copy()
    lost = np.zeros(n, np.int64)
    value = np.int64(0)
    for v in range(n):
        if taken[v]:
            inside[v] = 0
    for v in range(n):
        if taken[v]:
            value += _take_in(v, weights, rows, inside, lost)
    kept, kept_lost, kept_value = inside.copy(), lost.copy(), value
    best, best_value = inside.copy(), value
    word: Any = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x632BE59BD9B4E019)
    idle = 0
    for _ in range(steps):
        if shared[1] != 0:
            break
        word = _shuffled(word)
        kicks: Any = 1
        if word >> np.uint64(60) == 0:
            kicks = 2 + np.int64(word >> np.uint64(50)) % 3
        jump = idle > 300
        if jump:
            idle = 0
            kicks = 2 + np.int64(word >> np.uint64(50)) % 10
        for _kick in range(kicks):
            word = _shuffled(word)
            v = np.int64(word >> np.uint64(33)) % n
            if inside[v] == 0:
                value += _take_in(v, weights, rows, inside, lost)
        while True:
            most, chosen = np.int64(0), -1
            for v in range(n):
                if inside[v] == 0 and weights[v] - lost[v] > most:
                    most, chosen = weights[v] - lost[v], v
            if chosen < 0:
                break
            value += _take_in(chosen, weights, rows, inside, lost)
        idle += 1
        word = _shuffled(word)
        lenient = word % np.uint64(10) == 0 and best_value - value < best_value // 200 * np.int64(word >> np.uint64(61))
        if value >= kept_value or jump or lenient:
            if value > kept_value:
                idle = 0
            kept[:] = inside
            kept_lost[:] = lost
            kept_value = value
            if value > best_value:
                best[:] = inside
                best_value = value
        else:
            inside[:] = kept
            lost[:] = kept_lost
            value = kept_value
    return best


def start(weights: Ints, rows: Words, degree: Ints) -> Ints:
    """The best of a few greedy packings: by weight, and by weight against the number of conflicts."""
    packings = [
        greedy(np.argsort(-key, kind="stable"), rows)
        for key in (
            weights.astype(np.float64),
            weights / (degree + 1.0),
            weights / np.sqrt(degree + 1.0),
        )
    ]
    return max(packings, key=lambda taken: int(weights @ taken))
