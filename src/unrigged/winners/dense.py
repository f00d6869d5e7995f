"""The best division of m goods among n players whose value for every one of the 2^m bundles is given.

Let f_i(S) be the greatest total value when exactly the goods S go to the first i players. Then f_1 = v_1 and
f_i(S) = max over T ⊆ S of f_{i-1}(S∖T) + v_i(T): 3^m additions per player. A player gets exactly the bundle
named and values it as the table says; nothing is assumed of the values (no free disposal, negative ones too).
M. H. Rothkopf, A. Pekeč, R. M. Harstad, "Computationally manageable combinational auctions" (1998), section 3.

The compiled loop works on blocks of 16 bundles that differ in the four lowest goods only. For two disjoint sets
of the other goods it combines the two blocks in 16 vector additions, with entries for bundles that overlap held
at a value too low to win.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from unrigged.winners.packing.compiled import compiled

Table = NDArray[Any]
"""One player's (or group's) value per bundle: int32 or int64, or Python integers in an object array."""

BLOCK = 16
MOST_GOODS = 24


@dataclass(frozen=True)
class Division:
    """An optimal division: its total value, the bundle (as a bitmask of goods) of each player.

    without: per player the greatest total value of the others if that player were absent, None where they
    could not take all goods; the whole tuple is None unless asked for.
    """

    value: int
    bundles: tuple[int, ...]
    without: tuple[int | None, ...] | None = None


def divide(values: Table | Sequence[Sequence[int]], *, unsold: bool = False, without: bool = False) -> Division:
    """An optimal division of the goods.

    values: shape (n, 2^m), integers; values[i][T] is player i's value for exactly the goods in the bitmask T.
    unsold: whether goods may stay with nobody.
    without: also compute the n optima with one player absent, for about as much work again.

    32- or 64-bit arithmetic is used where no sum can overflow, Python integers otherwise. The division
    returned is added up again from the table. Raises ValueError for a table of another shape or kind, for more
    than 24 goods, and where goods must be sold but there is no player.

    >>> divide([[0, 4, 2, 5], [0, 3, 3, 7]], without=True)
    Division(value=7, bundles=(1, 2), without=(7, 5))
    """
    tables = _tables(values)
    n, size = len(tables), tables.shape[1]
    full = size - 1
    if n == 0:
        if full and not unsold:
            raise ValueError("no player to sell the goods to: expected at least one, or unsold=True")
        return Division(0, (), () if without else None)
    work = _fitting(tables)
    prefix = [work[0]]
    for i in range(1, n - 1):
        prefix.append(_combined(prefix[-1], work[i]))
    bundles = _traced(prefix, work, full, unsold)
    value = sum(int(tables[i][bundle]) for i, bundle in enumerate(bundles))
    _check(bundles, full, unsold)
    others = _without(prefix, work, full, unsold) if without else None
    return Division(value, tuple(bundles), others)


def _tables(values: Table | Sequence[Sequence[int]]) -> Table:
    tables = np.asarray(values)
    if tables.dtype == np.float64 or tables.dtype == np.uint64 or tables.size == 0:
        tables = np.array(values, dtype=object)
    if tables.ndim != 2:
        raise ValueError(f"the table has {tables.ndim} dimensions, expected players × bundles")
    size = tables.shape[1]
    if size < 1 or size & (size - 1):
        raise ValueError(f"the table has {size} bundles per player, expected a power of two")
    if size > 1 << MOST_GOODS:
        raise ValueError(f"the table has {size.bit_length() - 1} goods, expected at most {MOST_GOODS}")
    if tables.dtype == object:
        if not all(isinstance(value, (int, np.integer)) for value in tables.flat):
            raise ValueError("the table holds values that are not integers: scale them to integers first")
    elif tables.dtype.kind not in "iu":
        raise ValueError(f"the table holds {tables.dtype}, expected integers")
    return tables


def _fitting(tables: Table) -> Table:
    """The tables in the smallest arithmetic whose sums, and sums with the floor, cannot overflow."""
    reach = sum(max(abs(int(row.min())), abs(int(row.max()))) for row in tables)
    for dtype in (np.int32, np.int64):
        if reach < -_floor(dtype) // 2:
            return _padded(tables.astype(dtype))
    return np.array([[int(value) for value in row] for row in tables], dtype=object)


def _floor(dtype: Any) -> int:
    """A value so low that it never wins and so high that adding any other does not overflow."""
    return -(1 << (30 if np.dtype(dtype).itemsize == 4 else 62))


def _padded(tables: Table) -> Table:
    """At least one block wide: bundles with goods that do not exist are never part of a division."""
    missing = BLOCK - tables.shape[1]
    return np.pad(tables, ((0, 0), (0, missing))) if missing > 0 else np.ascontiguousarray(tables)


def _combined(first: Table, second: Table) -> Table:
    """Per bundle the best way to split it between the two."""
    if first.dtype == object:
        return _combined_exactly(first, second)
    result = np.full_like(first, _floor(first.dtype))
    _combine(first, second, result, result[:1].copy())
    return result


def _combined_exactly(first: Table, second: Table) -> Table:
    result = np.empty_like(first)
    for bundle in range(len(first)):
        part = bundle
        best = first[0] + second[bundle]
        while part:
            best = max(best, first[part] + second[bundle ^ part])
            part = (part - 1) & bundle
        result[bundle] = best
    return result


def _widened(table: Table, full: int) -> Table:
    """Per bundle the best value of any part of it."""
    result = table.copy()
    good = 1
    while good <= full:
        pairs = result.reshape(-1, 2, good)
        pairs[:, 1] = np.maximum(pairs[:, 1], pairs[:, 0])
        good *= 2
    return result


def _traced(prefix: list[Table], work: Table, full: int, unsold: bool) -> list[int]:
    """The bundles of an optimal division, read off the tables from the last player to the first."""
    bundles: list[int] = []
    rest = full
    last = len(work) - 1
    for i in range(last, 0, -1):
        before = prefix[i - 1]
        if unsold and i == last:
            bundles.append(_best_part(_widened(before, full), work[i], rest))
            rest = _best_below(before, rest ^ bundles[-1])
        else:
            bundles.append(_best_part(before, work[i], rest))
            rest ^= bundles[-1]
    if unsold and last == 0:
        rest = _best_below(work[0], rest)
    return [rest, *reversed(bundles)]


def _parts(bundle: int) -> NDArray[np.int64]:
    """All parts of a bundle, ascending."""
    parts = np.zeros(1, np.int64)
    good = 1
    while good <= bundle:
        if bundle & good:
            parts = np.concatenate([parts, parts | good])
        good *= 2
    return parts


def _best_part(before: Table, own: Table, rest: int) -> int:
    parts = _parts(rest)
    return int(parts[np.argmax(before[rest ^ parts] + own[parts])])


def _best_below(table: Table, rest: int) -> int:
    parts = _parts(rest)
    return int(parts[np.argmax(table[parts])])


def _best_of_two(first: Table, second: Table | None, full: int, unsold: bool) -> int:
    first = first[: full + 1]
    if second is None:
        return int(first.max() if unsold else first[full])
    if unsold:
        first = _widened(first, full)
    return int((first[::-1] + second[: full + 1]).max())


def _without(prefix: list[Table], work: Table, full: int, unsold: bool) -> tuple[int | None, ...]:
    """Optima with one player absent, from the tables of the players before and of those after each."""
    n = len(work)
    if n == 1:
        return (0 if unsold or full == 0 else None,)
    result: list[int] = []
    after: Table | None = None
    for i in range(n - 1, 0, -1):
        result.append(_best_of_two(prefix[i - 1], after, full, unsold))
        if i > 1:
            after = work[i] if after is None else _combined(after, work[i])
    result.append(_best_of_two(work[1], after, full, unsold))
    return tuple(reversed(result))


def _check(bundles: list[int], full: int, unsold: bool) -> None:
    given = 0
    for bundle in bundles:
        if given & bundle or bundle & ~full:
            raise AssertionError("a good was given twice: please report this")
        given |= bundle
    if given != full and not unsold:
        raise AssertionError("a good was left over: please report this")


def _add_and_compare(typing_context: Any, result: Any, at: Any, spread: Any, own: Any, start: Any) -> Any:
    """Vector code for result[at + s] = max(result[at + s], max over t of spread[t, s] + own[start + t])."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = signature.args[0].dtype.bitwidth
        vector = ir.VectorType(ir.IntType(bits), BLOCK)
        index = ir.IntType(32)
        undefined = ir.Constant(vector, ir.Undefined)
        first_lane = ir.Constant(ir.VectorType(index, BLOCK), [0] * BLOCK)
        data = [
            context.make_array(signature.args[k])(context, builder, arguments[k]).data if k in (0, 2, 3) else None
            for k in range(5)
        ]

        def vector_at(base: Any, offset: Any) -> Any:
            return builder.bitcast(builder.gep(base, [offset]), vector.as_pointer())

        def load(place: Any) -> Any:
            loaded = builder.load(place)
            loaded.align = bits // 8
            return loaded

        target = vector_at(data[0], arguments[1])
        best = load(target)
        for t in range(BLOCK):
            offset = builder.add(arguments[4], ir.Constant(arguments[4].type, t))
            value = builder.load(builder.gep(data[3], [offset]))
            lanes = builder.insert_element(undefined, value, ir.Constant(index, 0))
            lanes = builder.shuffle_vector(lanes, undefined, first_lane)
            row = load(vector_at(data[2], ir.Constant(arguments[4].type, t * BLOCK)))
            total = builder.add(row, lanes)
            best = builder.select(builder.icmp_signed(">", total, best), total, best)
        stored = builder.store(best, target)
        stored.align = bits // 8
        return context.get_dummy_value()

    return types.void(result, at, spread, own, start), generate


_absorb: Any = intrinsic(_add_and_compare)


@compiled
def _combine(first: Table, second: Table, result: Table, floor: Table) -> None:
    """Raise result[S] to the best first[S∖T] + second[T], block by block."""
    blocks = first.shape[0] // BLOCK
    spread = np.empty(BLOCK * BLOCK, first.dtype)
    for high in range(blocks):
        for t in range(BLOCK):
            for s in range(BLOCK):
                spread[t * BLOCK + s] = first[high * BLOCK + (s ^ t)] if s & t == t else floor[0]
        rest = (blocks - 1) & ~high
        part = rest
        while True:
            _absorb(result, (part | high) * BLOCK, spread, second, part * BLOCK)
            if part == 0:
                break
            part = (part - 1) & rest
