"""The Merkle tree of a log, as RFC 6962 hashes it, with proofs that an entry is in it and that it only grew."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()


def leaf(entry: bytes) -> bytes:
    """The hash of an entry."""
    return sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash of the tree over these leaves' hashes."""
    tree = Frontier()
    for each in leaves:
        tree.add(each)
    return tree.root


class Frontier:
    """The root of a growing tree, from the roots of its complete subtrees alone."""

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[tuple[int, bytes]] = []

    def add(self, hashed: bytes) -> None:
        """One more leaf."""
        self.size += 1
        height = 0
        while self._roots and self._roots[-1][0] == height:
            hashed = node(self._roots.pop()[1], hashed)
            height += 1
        self._roots.append((height, hashed))

    @property
    def root(self) -> bytes:
        """The hash of the tree so far."""
        if not self._roots:
            return EMPTY
        answer = self._roots[-1][1]
        for _, left in reversed(self._roots[:-1]):
            answer = node(left, answer)
        return answer


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of the leaf at `index` in the tree over `leaves`."""
    if len(leaves) <= 1:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*inclusion(leaves[:middle], index), root(leaves[middle:])]
    return [*inclusion(leaves[middle:], index - middle), root(leaves[:middle])]


def root_of_path(hashed: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that an audit path leads to; None where the path is not one for that place."""
    if not 0 <= index < size:
        return None
    steps: list[bool] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        steps.append(index < middle)
        low, high = (low, middle) if index < middle else (middle, high)
    if len(path) != len(steps):
        return None
    for is_left, other in zip(reversed(steps), path, strict=True):
        hashed = node(hashed, other) if is_left else node(other, hashed)
    return hashed


def consistency(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """The proof that the tree over `leaves` continues the one over the first `earlier` of them; 0 < earlier."""

    def prove(part: Sequence[bytes], old: int, whole: bool) -> list[bytes]:
        if old == len(part):
            return [] if whole else [root(part)]
        middle = _split(len(part))
        if old <= middle:
            return [*prove(part[:middle], old, whole), root(part[middle:])]
        return [*prove(part[middle:], old - middle, False), root(part[:middle])]

    return prove(leaves, earlier, True)


def is_consistent(earlier: int, old: bytes, size: int, new: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `size` leaves and root `new` continues that of `earlier` leaves, `old`."""
    if not 0 < earlier <= size:
        return False
    rest = list(proof)

    def check(count: int, past: int, whole: bool) -> tuple[bytes, bytes] | None:
        """The roots of this subtree before and after, from what is left of the proof (read from its start)."""
        if past == count:
            if whole:
                return old, old
            return None if not rest else (first := rest.pop(0), first)
        middle = _split(count)
        if past <= middle:
            left = check(middle, past, whole)
            if left is None or not rest:
                return None
            return left[0], node(left[1], rest.pop(0))
        right = check(count - middle, past - middle, False)
        if right is None or not rest:
            return None
        sibling = rest.pop(0)
        return node(sibling, right[0]), node(sibling, right[1])

    found = check(size, earlier, True)
    return found is not None and not rest and found == (old, new)
