"""Loops compiled with numba, and the two bit operations they share.

Sets of vertices are rows of 64-bit words: vertex v is bit v % 64 of word v // 64. Compiled code is cached next
to its source and releases the interpreter lock while it runs.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Ints = NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., Any])

WORD = 64
LARGEST = 1 << 62
"""Compiled code adds weights only where their total stays below this, so that no 64-bit sum can overflow."""


def compiled(function: F) -> F:
    """The function compiled on first call, cached on disk, running without the interpreter lock."""
    return cast(F, njit(nogil=True, cache=True)(function))


def _lowest_bit(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


lowest_bit: Any = intrinsic(_lowest_bit)
"""Index of the lowest set bit of a word that is not zero."""


@compiled
def put(row: Words, vertex: int) -> None:
    """Add the vertex to the set."""
    row[vertex >> 6] |= np.uint64(1) << np.uint64(vertex & 63)


@compiled
def drop(row: Words, vertex: int) -> None:
    """Remove the vertex from the set."""
    row[vertex >> 6] &= ~(np.uint64(1) << np.uint64(vertex & 63))


@compiled
def has(row: Words, vertex: int) -> bool:
    """Whether the vertex is in the set."""
    return bool((row[vertex >> 6] >> np.uint64(vertex & 63)) & np.uint64(1))


def words_for(count: int) -> int:
    """How many words hold that many vertices (at least one)."""
    return max(1, -(-count // WORD))


def all_of(count: int) -> Words:
    """The set of the vertices 0 … count - 1."""
    row = np.zeros(words_for(count), np.uint64)
    row[: count // WORD] = np.uint64(0xFFFFFFFFFFFFFFFF)
    if count % WORD:
        row[count // WORD] = np.uint64((1 << (count % WORD)) - 1)
    return row


def row_of(vertices: Sequence[int], count: int) -> Words:
    """The set of these vertices among `count`."""
    member = np.zeros(words_for(count) * WORD, np.uint8)
    member[list(vertices)] = 1
    return np.packbits(member, bitorder="little").view(np.uint64)
