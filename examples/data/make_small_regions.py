"""Writes small-regions.txt: a small auction of neighbouring plots of land, in CATS format.

Eighteen plots lie in three rows of six, some of them connected diagonally as well. Every bidder wants some plots that
lie together around a favourite one and, as substitutes, as many plots around other ones: his bids share a dummy, so
that he wins one at most. A region is worth more than its plots are alone. Whoever has a single bid needs no dummy.

    python make_small_regions.py > small-regions.txt
"""

from __future__ import annotations

import sys
from random import Random

SEED = 2016
ROWS, COLUMNS = 3, 6
GOODS = ROWS * COLUMNS
BIDDERS = 13
MOST_SUBSTITUTES = 5


def neighbours(rng: Random) -> list[set[int]]:
    """The plots beside each plot: to its left, right, above and below, and here and there across a corner."""
    beside: list[set[int]] = [set() for _ in range(GOODS)]
    for plot in range(GOODS):
        row, column = divmod(plot, COLUMNS)
        for down, right in ((0, 1), (1, 0), (1, 1)):
            if row + down < ROWS and column + right < COLUMNS and (not (down and right) or rng.randrange(5) == 0):
                other = (row + down) * COLUMNS + column + right
                beside[plot].add(other)
                beside[other].add(plot)
    return beside


def region(rng: Random, beside: list[set[int]], start: int, size: int, worth: list[int]) -> frozenset[int]:
    """`size` plots that lie together around `start`, better ones more likely."""
    chosen = {start}
    while len(chosen) < size:
        border = sorted(set().union(*(beside[plot] for plot in chosen)) - chosen)
        chosen.add(rng.choices(border, [worth[plot] for plot in border])[0])
    return frozenset(chosen)


def bids_of_one(rng: Random, beside: list[set[int]], common: list[int]) -> dict[frozenset[int], int]:
    """The regions that one bidder bids for, with what each is worth to him."""
    worth = [value + rng.randint(-6, 6) for value in common]
    size = rng.choices([1, 2, 3, 4, 5], [1, 4, 4, 3, 2])[0]
    favourite = rng.randrange(GOODS)
    starts = [favourite, *rng.sample(range(GOODS), MOST_SUBSTITUTES)]
    bids = {}
    for start in starts[: rng.randint(2, MOST_SUBSTITUTES + 1) if size > 1 else 1]:
        plots = region(rng, beside, start, size, worth)
        bids[plots] = sum(worth[plot] for plot in plots) + size * (size - 1)
    return bids


def main() -> None:
    """Print the auction."""
    rng = Random(SEED)
    beside = neighbours(rng)
    common = [rng.randint(12, 30) for _ in range(GOODS)]
    bidders = [bids_of_one(rng, beside, common) for _ in range(BIDDERS)]
    dummies = iter(range(GOODS, GOODS + BIDDERS))
    lines = []
    for bids in bidders:
        shared = [next(dummies)] if len(bids) > 1 else []
        for plots, price in bids.items():
            lines.append("\t".join(map(str, [len(lines), price, *sorted(plots), *shared, "#"])))
    used = next(dummies, GOODS + BIDDERS) - GOODS
    header = [
        "%% Made by make_small_regions.py",
        "%",
        f"% {GOODS} plots of land in {ROWS} rows; {BIDDERS} bidders; seed {SEED}",
        "",
        f"goods {GOODS}",
        f"bids {len(lines)}",
        f"dummy {used}",
        "",
    ]
    sys.stdout.write("\n".join([*header, *lines]) + "\n")


if __name__ == "__main__":
    main()
