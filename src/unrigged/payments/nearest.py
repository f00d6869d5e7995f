"""The point of least total that satisfies covering constraints, and among those the nearest to a target, exactly.

Constraints: 0 <= x_j <= upper_j, and for each row (a set of variables) the sum over the row is at least its bound.
Least total first and least distance second is one strictly convex program: minimise |x - target|^2 / 2 + M (sum of x)
for an M greater than every number. Multipliers are therefore pairs (m, c), standing for m M + c and compared in this
order; points are plain rationals. The part m of the multipliers proves the total least, the part c the distance.

Method: the dual active-set method of Goldfarb and Idnani, A numerically stable dual method for solving strictly convex
quadratic programs, Mathematical Programming 27 (1983), in rationals, so that numerical stability is no concern and the
method is finite. It starts from any set of constraints whose multipliers are not negative (those that floating-point
engines guess, or those of the last point when a row is added) and is at the end verified against all constraints.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Literal, NamedTuple

from unrigged.errors import UnriggedError
from unrigged.exact import Exact
from unrigged.winners.model import WrongAnswer

Pair = tuple[Fraction, Fraction]
"""(m, c) for m M + c, M being greater than every number."""

NOTHING: Pair = (Fraction(0), Fraction(0))


class Constraint(NamedTuple):
    """A lower bound of a variable, an upper bound, or a row, by number."""

    kind: Literal["lower", "upper", "row"]
    number: int


class NoPoint(UnriggedError):
    """No point satisfies all constraints."""


class NearestPoint:
    """The point `x` of least total, and nearest to `target` among those, that satisfies the constraints so far.

    `active`: the constraints that hold with equality and carry the point, with their multipliers.
    """

    def __init__(self, upper: Sequence[Exact], target: Sequence[Exact]) -> None:
        self.upper = [Fraction(value) for value in upper]
        self.target = [Fraction(value) for value in target]
        self.rows: list[frozenset[int]] = []
        self.least: list[Fraction] = []
        # All variables at 0, where nothing costs less, so that the lower bounds alone carry the point.
        self.x = [Fraction(0)] * len(self.upper)
        self.active: dict[Constraint, Pair] = {
            Constraint("lower", j): (Fraction(1), -self.target[j]) for j in range(len(self.upper))
        }

    def add(self, row: Collection[int], least: Exact) -> None:
        """One more row: the sum of the variables in `row` is at least `least`."""
        self.rows.append(frozenset(row))
        self.least.append(Fraction(least))

    def minimise(self) -> tuple[Fraction, ...]:
        """The point; NoPoint where there is none. Verified: multipliers prove it, and no constraint is violated."""
        while (entering := self._most_violated()) is not None:
            self._enter(entering)
        self._verify()
        return tuple(self.x)

    def adopt(self, lower: Iterable[int], upper: Iterable[int], rows: Iterable[int]) -> bool:
        """Start from the constraints guessed to hold with equality; False, and no change, where they prove nothing.

        Rows come in order of preference: one that depends on earlier ones is left out.
        """
        at_lower, at_upper = set(lower), set(upper)
        free = [j for j in range(len(self.upper)) if j not in at_lower and j not in at_upper]
        kept = self._independent(rows, set(free))
        x = [self.upper[j] if j in at_upper else Fraction(0) for j in range(len(self.upper))]
        target = [x[j] if j in at_upper or j in at_lower else self.target[j] for j in range(len(x))]
        gaps = [self.least[row] - sum((target[j] for j in self.rows[row]), Fraction(0)) for row in kept]
        fixed = set(free)
        ones = [Fraction(len(self.rows[row] & fixed)) for row in kept]
        near, far = self._gram(kept, fixed, gaps), self._gram(kept, fixed, ones)
        multipliers = {Constraint("row", row): (far[k], near[k]) for k, row in enumerate(kept)}
        for j in free:
            push = _total(multipliers[Constraint("row", row)] for row in kept if j in self.rows[row])
            if push[0] != 1:
                return False
            x[j] = self.target[j] + push[1]
        for j in at_lower | at_upper:
            push = _total(multipliers[Constraint("row", row)] for row in kept if j in self.rows[row])
            pull = 1 - push[0], x[j] - self.target[j] - push[1]
            multipliers[_bound(j, at_upper)] = (-pull[0], -pull[1]) if j in at_upper else pull
        if min(multipliers.values(), default=NOTHING) < NOTHING:
            return False
        self.x, self.active = x, multipliers
        return True

    # One constraint enters

    def _enter(self, entering: Constraint) -> None:
        """Raise the multiplier of a violated constraint, others leaving as theirs reach 0, until it is satisfied."""
        normal, multiplier = self._normal(entering), NOTHING
        while True:
            falling, direction = self._direction(normal)
            leaving, partly = self._first_at_zero(falling)
            along = sum((direction[j] * sign for j, sign in normal.items() if j in direction), Fraction(0))
            wholly = None if along == 0 else (Fraction(0), -self._slack(entering) / along)
            if wholly is None and leaving is None:
                raise NoPoint("no point satisfies all constraints")
            step = wholly if leaving is None or (wholly is not None and wholly <= partly) else partly
            assert step is not None
            for constraint, rate in falling.items():
                self.active[constraint] = _moved(self.active[constraint], step, -rate)
            multiplier = _moved(multiplier, step, Fraction(1))
            for j, rate in direction.items():
                self.x[j] += step[1] * rate
            if step is wholly:
                self.active[entering] = multiplier
                return
            assert leaving is not None
            del self.active[leaving]

    def _direction(self, normal: Mapping[int, int]) -> tuple[dict[Constraint, Fraction], dict[int, Fraction]]:
        """How fast active multipliers fall and free variables move as the multiplier of `normal` rises by 1."""
        at_lower, at_upper, rows = self._held()
        free = {j for j in range(len(self.x)) if j not in at_lower and j not in at_upper}
        pushes = [
            Fraction(sum(sign for j, sign in normal.items() if j in self.rows[row] and j in free)) for row in rows
        ]
        rates = self._gram(rows, free, pushes)
        falling = {Constraint("row", row): rate for row, rate in zip(rows, rates, strict=True)}
        remains = [Fraction(normal.get(j, 0)) for j in range(len(self.x))]
        for row, rate in zip(rows, rates, strict=True):
            if rate:
                for j in self.rows[row]:
                    remains[j] -= rate
        falling |= {Constraint("lower", j): remains[j] for j in at_lower}
        falling |= {Constraint("upper", j): -remains[j] for j in at_upper}
        return falling, {j: remains[j] for j in sorted(free) if remains[j]}

    def _first_at_zero(self, falling: Mapping[Constraint, Fraction]) -> tuple[Constraint | None, Pair]:
        """The active constraint whose multiplier reaches 0 first, and after which step."""
        first, earliest = None, NOTHING
        for constraint, rate in falling.items():
            if rate > 0:
                far, near = self.active[constraint]
                step = far / rate, near / rate
                if first is None or step < earliest:
                    first, earliest = constraint, step
        return first, earliest

    # Constraints

    def _normal(self, constraint: Constraint) -> dict[int, int]:
        if constraint.kind == "row":
            return dict.fromkeys(self.rows[constraint.number], 1)
        return {constraint.number: 1 if constraint.kind == "lower" else -1}

    def _slack(self, constraint: Constraint) -> Fraction:
        """By how much the constraint is more than satisfied."""
        if constraint.kind == "row":
            held = sum((self.x[j] for j in self.rows[constraint.number]), Fraction(0))
            return held - self.least[constraint.number]
        x = self.x[constraint.number]
        return x if constraint.kind == "lower" else self.upper[constraint.number] - x

    def _all(self) -> Iterable[Constraint]:
        yield from (Constraint("row", row) for row in range(len(self.rows)))
        yield from (Constraint("lower", j) for j in range(len(self.x)))
        yield from (Constraint("upper", j) for j in range(len(self.x)))

    def _most_violated(self) -> Constraint | None:
        scale = lcm(*(one.denominator for one in self.x), *(one.denominator for one in self.least))
        x = [int(one * scale) for one in self.x]
        worst, least = None, 0
        for row, held in enumerate(self.rows):
            slack = sum(x[j] for j in held) - int(self.least[row] * scale)
            if slack < least:
                worst, least = Constraint("row", row), slack
        if worst is None:
            bounds = (one for one in self._all() if one.kind != "row")
            return next((one for one in bounds if self._slack(one) < 0), None)
        return worst

    def _held(self) -> tuple[set[int], set[int], list[int]]:
        kinds: dict[str, list[int]] = {"lower": [], "upper": [], "row": []}
        for kind, number in self.active:
            kinds[kind].append(number)
        return set(kinds["lower"]), set(kinds["upper"]), kinds["row"]

    # Exact linear algebra

    def _gram(self, rows: Sequence[int], free: set[int], sides: Sequence[Fraction]) -> list[Fraction]:
        """The multiples of `rows` whose sum has, over the `free` variables, the products `sides` with the rows."""
        if not rows:
            return []
        within = [self.rows[row] & free for row in rows]
        scale = lcm(*(side.denominator for side in sides))
        table = [[*(len(a & b) for b in within), int(side * scale)] for a, side in zip(within, sides, strict=True)]
        return [one / scale for one in solved(table)]

    def _independent(self, rows: Iterable[int], free: set[int]) -> list[int]:
        """Those of `rows` that, over the `free` variables, are no combination of earlier ones."""
        kept: list[int] = []
        reduced: list[tuple[int, dict[int, Fraction]]] = []
        for row in rows:
            rest = {j: Fraction(1) for j in self.rows[row] & free}
            for pivot, other in reduced:
                if factor := rest.get(pivot):
                    for j, value in other.items():
                        rest[j] = rest.get(j, Fraction(0)) - factor * value
            rest = {j: value for j, value in rest.items() if value}
            if rest:
                pivot = min(rest)
                reduced.append((pivot, {j: value / rest[pivot] for j, value in rest.items()}))
                kept.append(row)
        return kept

    # The proof

    def _verify(self) -> None:
        """The point obeys every constraint, and multipliers >= 0 of tight ones balance the objective everywhere."""
        pull = [[Fraction(1), self.x[j] - self.target[j]] for j in range(len(self.x))]
        for constraint, multiplier in self.active.items():
            if multiplier < NOTHING or self._slack(constraint) != 0:
                raise WrongAnswer(f"{constraint} does not carry the point")
            for j, sign in self._normal(constraint).items():
                pull[j][0] -= sign * multiplier[0]
                pull[j][1] -= sign * multiplier[1]
        if any(far or near for far, near in pull) or any(self._slack(one) < 0 for one in self._all()):
            raise WrongAnswer("the point is not the nearest one")


def solved(table: list[list[int]]) -> list[Fraction]:
    """The solution of a linear system with a positive definite matrix, each row followed by its right side.

    Elimination without fractions (Bareiss 1968): all numbers stay integers until the end.
    """
    size, before = len(table), 1
    for k in range(size):
        pivot = table[k]
        for i in range(size):
            if i != k:
                row, factor = table[i], table[i][k]
                table[i] = [(pivot[k] * a - factor * b) // before for a, b in zip(row, pivot, strict=True)]
        before = pivot[k]
    return [Fraction(row[size], row[k]) for k, row in enumerate(table)]


def _moved(multiplier: Pair, step: Pair, rate: Fraction) -> Pair:
    return multiplier[0] + step[0] * rate, multiplier[1] + step[1] * rate


def _total(pairs: Iterable[Pair]) -> Pair:
    far, near = Fraction(0), Fraction(0)
    for one, other in pairs:
        far, near = far + one, near + other
    return far, near


def _bound(j: int, at_upper: set[int]) -> Constraint:
    return Constraint("upper" if j in at_upper else "lower", j)
