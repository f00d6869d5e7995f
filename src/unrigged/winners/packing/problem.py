"""The set-packing program and its answer, both checked in plain integers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Proof = Literal["exact", "numerical", "none"]


@dataclass(frozen=True)
class Packing:
    """Choose bids of the greatest total weight such that no item is used twice.

    weights: one integer per bid; a bid of weight zero or less is never chosen.
    items: per bid, the items it uses, each in 0 … item_count - 1; repetitions do not matter,
        and a bid that uses nothing conflicts with nothing.
    item_count: how many items there are.

    Raises ValueError where lengths or items do not fit.
    """

    weights: tuple[int, ...]
    items: tuple[tuple[int, ...], ...]
    item_count: int

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.items):
            raise ValueError(f"{len(self.weights)} weights but {len(self.items)} item sets: give one each per bid")
        if self.item_count < 0:
            raise ValueError(f"item_count is {self.item_count}, expected 0 or more")
        for bid, used in enumerate(self.items):
            if used and (min(used) < 0 or max(used) >= self.item_count):
                raise ValueError(f"bid {bid} uses the items {used}, expected each in 0 … {self.item_count - 1}")

    def value(self, chosen: Iterable[int]) -> int:
        """Total weight of the chosen bids. Raises ValueError if they share an item or repeat a bid."""
        total = 0
        seen: set[int] = set()
        taken: dict[int, int] = {}
        for bid in chosen:
            if not 0 <= bid < len(self.weights):
                raise ValueError(f"bid {bid} does not exist, expected 0 … {len(self.weights) - 1}")
            if bid in seen:
                raise ValueError(f"bid {bid} is chosen twice")
            seen.add(bid)
            for item in set(self.items[bid]):
                if item in taken:
                    raise ValueError(f"item {item} is used by bid {taken[item]} and by bid {bid}")
                taken[item] = bid
            total += self.weights[bid]
        return total


@dataclass(frozen=True)
class Packed:
    """A feasible choice of bids and what is known about the best one.

    chosen: the bids, ascending; value: their exact total weight.
    bound: no packing weighs more, proved as `proof` says when it equals the value.
    proof: "exact" (integer arithmetic throughout), "numerical" (the bound is a floating-point one of the
        integer-programming engine, rounded to an integer) or "none" (value and bound still differ).
    seconds: wall time; nodes: subproblems looked at by all engines; notes: what the user should know.
    """

    chosen: tuple[int, ...]
    value: int
    bound: int
    proof: Proof
    seconds: float
    nodes: int
    notes: tuple[str, ...] = ()

    @property
    def gap(self) -> int:
        """How much better, at most, another packing could be."""
        return self.bound - self.value

    @property
    def optimal(self) -> bool:
        """Whether no better packing exists (see `proof` for what stands behind it)."""
        return self.gap == 0
