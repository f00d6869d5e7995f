"""All the ways in which players can collude."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from unrigged.context import Coalition

Partition = tuple[Coalition, ...]
"""Coalitions to which every player belongs exactly once; an independent player is one alone."""


def coalitions(players: int) -> list[Coalition]:
    """All non-empty sets of players, small ones first."""
    return [group for size in range(1, players + 1) for group in combinations(range(players), size)]


def partitions(players: int) -> Iterator[Partition]:
    """All partitions of the players into coalitions, that into single players first.

    >>> list(partitions(2))
    [((0,), (1,)), ((0, 1),)]
    """

    def extend(player: int, blocks: tuple[Coalition, ...]) -> Iterator[Partition]:
        if player == players:
            yield blocks
            return
        yield from extend(player + 1, (*blocks, (player,)))
        for k, block in enumerate(blocks):
            yield from extend(player + 1, (*blocks[:k], (*block, player), *blocks[k + 1 :]))

    yield from extend(0, ())
