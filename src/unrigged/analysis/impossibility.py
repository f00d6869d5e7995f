"""The largest fraction of the maximum revenue that a dominant-strategy mechanism can guarantee on a finite domain.

HiGHS solves the linear program in floating point. Its dual solution is turned into exact weights: per player and
declaration of the other, the weights of the rows of truth are a flow from the true declaration to the empty one, so
they are split into paths, and whole paths are rounded. What comes out is a proof whatever the rounding, checked by
`unrigged.farkas`; and a mechanism that reaches the bound, where rounding finds one, is checked against every row.
Deterministic mechanisms: a tree that tries whether the state is chosen or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

from unrigged.analysis.truthful import (
    EMPTY,
    FRACTION,
    AtLeastZero,
    AtMostOne,
    Chosen,
    Declared,
    Domain,
    Guarantee,
    OptOut,
    Price,
    Truth,
    at_most,
    cell,
)
from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact
from unrigged.farkas import Branch, Combination, Fixed, Name, Proof, Variable, reason_against, violated

DENOMINATOR = 10**5
"""Numbers of the solver are rounded to fractions of at most this denominator."""

TINY = 1e-9
"""Smaller numbers of the solver count as 0."""

PENALTY = 100
"""What it costs to differ from what is supposed: so a supposition that cannot be met has a proof, too."""

Supposed = Mapping[Chosen, int]
"""Variables supposed to be 0 or 1."""


@dataclass(frozen=True)
class Answer:
    """No DST mechanism on `domain` guarantees more than `bound`, by `proof`.

    `mechanism`, where one was found, guarantees that much: its probabilities and prices, those that are not 0.
    """

    domain: Domain
    bound: Fraction
    proof: Proof
    mechanism: Mapping[Variable, Exact] | None
    deterministic: bool = False

    def reason_against(self) -> str | None:
        """Why proof or mechanism do not show what they should; None where they do."""
        system = self.domain.deterministic if self.deterministic else self.domain.system
        against = reason_against(self.proof, at_most(self.bound), system)
        if against is not None or self.mechanism is None:
            return against
        if self.mechanism.get(FRACTION, 0) != self.bound:
            return "the mechanism guarantees another fraction"
        if self.deterministic and any(
            isinstance(variable, Chosen) and value not in (0, 1) for variable, value in self.mechanism.items()
        ):
            return "the mechanism is not deterministic"
        row = violated(self.domain.rows, self.mechanism)
        return None if row is None else f"the mechanism violates {row}"


def greatest_fraction(values: tuple[int, ...]) -> Answer:
    """For randomised mechanisms (deterministic ones among them), on the domain of these values.

    >>> answer = greatest_fraction((0, 1, 2))
    >>> print(answer.bound, answer.reason_against(), answer.mechanism is not None)
    1/2 None True
    """
    domain = Domain(values)
    solved = _Program(domain, {})
    return Answer(domain, *solved.proof(), solved.mechanism())


def greatest_deterministic_fraction(values: tuple[int, ...], target: Exact = 0, limit: int = 2000) -> Answer:
    """For deterministic mechanisms: a proof that none guarantees more than `target`.

    Raises BudgetExceeded beyond `limit` cases, or where some mechanism does guarantee more.
    """
    domain = Domain(values)
    cases = iter(range(limit))

    def prove(supposed: Supposed) -> Proof:
        if next(cases, None) is None:
            raise BudgetExceeded(f"more than {limit} cases")
        solved = _Program(domain, supposed)
        bound, proof = solved.proof()
        if bound <= target:
            return proof
        variable = solved.undecided()
        if variable is None:
            raise BudgetExceeded(f"a deterministic mechanism seems to guarantee {float(bound):.4f}")
        return Branch(variable, prove({**supposed, variable: 0}), prove({**supposed, variable: 1}))

    proof = prove({})
    nothing: dict[Variable, Exact] | None = {} if target == 0 else None
    return Answer(domain, Fraction(target), proof, nothing, deterministic=True)


class _Program:
    """The linear program of one domain, solved; of the rows of truth only those that imply all others: a value against
    its neighbours, and declarations that differ in the other player's value only."""

    def __init__(self, domain: Domain, supposed: Supposed) -> None:
        import highspy
        import numpy as np

        self.domain, self.supposed = domain, supposed
        everything = domain.declarations
        self.chosen = [Chosen(*pair) for pair in product(everything, everything)]
        prices = [Price(player, *pair) for player, pair in product((0, 1), product(everything, everything))]
        self.columns: dict[Variable, int] = {
            variable: place for place, variable in enumerate([*self.chosen, *prices, FRACTION])
        }
        self.rows: list[Name] = [*self._truths(), *(Guarantee(truth) for truth in everything if any(truth))]
        infinite = highspy.kHighsInf
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self.columns), len(self.rows)
        program.sense_ = highspy.ObjSense.kMaximize
        lower, upper = np.full(len(self.columns), -infinite), np.full(len(self.columns), infinite)
        for chosen in self.chosen:
            lower[self.columns[chosen]], upper[self.columns[chosen]] = 0, 1
        for player, other in product((0, 1), everything):
            place = self.columns[Price(player, *cell(player, EMPTY, other))]
            lower[place] = upper[place] = 0
        cost = np.zeros(len(self.columns))
        cost[-1] = 1
        for chosen, value in supposed.items():
            cost[self.columns[chosen]] = PENALTY if value else -PENALTY
        program.col_cost_, program.col_lower_, program.col_upper_ = cost, lower, upper
        program.row_lower_ = np.full(len(self.rows), -infinite)
        program.row_upper_ = np.zeros(len(self.rows))
        starts, places, coefficients = [0], [], []
        for name in self.rows:
            row = domain.row(name)
            assert row is not None
            for variable, coefficient in row.terms:
                if coefficient:
                    places.append(self.columns[variable])
                    coefficients.append(float(coefficient))
            starts.append(len(places))
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = np.array(starts, dtype=np.int32)
        program.a_matrix_.index_ = np.array(places, dtype=np.int32)
        program.a_matrix_.value_ = np.array(coefficients)
        solver: Any = highspy._core._Highs()
        options: dict[str, Any] = {"output_flag": False, "threads": 1}
        for option, value in options.items():
            solver.setOptionValue(option, value)
        solver.passModel(program)
        solver.run()
        self.solved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        if not self.solved:
            raise BudgetExceeded("the solver found no optimum")
        solution = solver.getSolution()
        self.primal = list(solution.col_value)
        self.dual = [abs(value) for value in solution.row_dual]

    def _truths(self) -> Iterator[Truth]:
        values = self.domain.values
        for player, other, own, beside in product((0, 1), self.domain.declarations, range(len(values)), values):
            at = _declared(player, values[own], beside)
            for near in (own - 1, own + 1):
                if 0 <= near < len(values):
                    yield Truth(player, _declared(player, values[near], 0), at, other)
            if beside:
                zero = _declared(player, values[own], 0)
                yield Truth(player, zero, at, other)
                yield Truth(player, at, zero, other)

    def undecided(self) -> Chosen | None:
        """The variable furthest from both 0 and 1 among those that are not supposed to be either."""
        free = [chosen for chosen in self.chosen if chosen not in self.supposed]
        return min(free, key=lambda chosen: abs(self.primal[self.columns[chosen]] - 0.5), default=None)

    def proof(self) -> tuple[Fraction, Combination]:
        """A bound on the fraction, and the rows that add up to it."""
        weights: dict[Name, Fraction] = {}
        found = dict(zip(self.rows, self.dual, strict=True))
        revenue = {
            name.truth: _near(value) for name, value in found.items() if isinstance(name, Guarantee) and value > TINY
        }
        unit = sum((weight * sum(truth) for truth, weight in revenue.items()), Fraction(0))
        if not unit:
            return Fraction(1), Combination(())
        for truth, weight in revenue.items():
            weights[Guarantee(truth)] = weight / unit
            for player in (0, 1):
                weights[OptOut(player, truth)] = weight / unit
        for player, other in product((0, 1), self.domain.declarations):
            amount = revenue.get(other, Fraction(0)) / unit
            for row, share in self._flow(player, other, amount, found):
                weights[row] = weights.get(row, Fraction(0)) + share
        left: dict[Variable, Fraction] = {}
        for name, weight in weights.items():
            known = self.domain.row(name)
            assert known is not None
            for variable, coefficient in known.terms:
                left[variable] = left.get(variable, Fraction(0)) + weight * coefficient
        bound = Fraction(0)
        for variable, rest in left.items():
            if rest and isinstance(variable, Chosen):
                if variable in self.supposed:
                    weights[Fixed(variable, self.supposed[variable])] = -rest
                    bound -= rest * self.supposed[variable]
                elif rest > 0:
                    weights[AtLeastZero(variable)] = rest
                else:
                    weights[AtMostOne(variable)] = -rest
                    bound -= rest
        return bound, Combination(tuple(weights.items()))

    def _flow(
        self, player: int, other: Declared, amount: Fraction, found: Mapping[Name, float]
    ) -> Iterator[tuple[Truth, Fraction]]:
        """Paths along rows of truth from the declaration `other` to the empty one, carrying `amount`; and circles."""
        left: Left = {}
        for row, value in found.items():
            if isinstance(row, Truth) and row.player == player and row.other == other and value > TINY:
                left.setdefault(row.truth, {})[row.lie] = value
        paths: list[tuple[list[Declared], float]] = []
        remaining = float(amount)
        while remaining > TINY:
            path = _walk(left, other, EMPTY)
            if path is None:
                break
            carried = _carry(left, path, remaining)
            paths.append((path, carried))
            remaining -= carried
        paths.sort(key=lambda each: each[1])
        if not paths and amount:
            paths = [([other, EMPTY], remaining)]
        shares: list[Fraction] = []
        for _, carried in paths[:-1]:
            shares.append(min(_near(carried), amount - sum(shares, Fraction(0))))
        if paths:
            shares.append(amount - sum(shares, Fraction(0)))
        for begin in list(left):
            while (path := _walk(left, begin, begin)) is not None:
                paths.append((path, 0))
                shares.append(_near(_carry(left, path, float("inf"))))
        for (path, _), share in zip(paths, shares, strict=True):
            for a, b in pairwise(path):
                yield Truth(player, a, b, other), share

    def mechanism(self) -> dict[Variable, Exact] | None:
        """The solver's mechanism, rounded; None where it does not satisfy every row, or not to the bound."""
        rounded: dict[Variable, Exact] = {
            variable: _near(self.primal[place])
            for variable, place in self.columns.items()
            if abs(self.primal[place]) > TINY
        }
        bound, _ = self.proof()
        if rounded.get(FRACTION, Fraction(0)) != bound or violated(self.domain.rows, rounded) is not None:
            return None
        return rounded


def _declared(player: int, own: int, beside: int) -> Declared:
    """A declaration by `player` of his own value and of the other's."""
    return (own, beside) if player == 0 else (beside, own)


Left = dict[Declared, dict[Declared, float]]
"""What is left of a flow: how much from one declaration to another."""


def _walk(left: Left, begin: Declared, end: Declared) -> list[Declared] | None:
    """A path of at least one step from `begin` to `end` along what is left; None where there is none."""
    paths: list[list[Declared]] = [[begin]]
    seen: set[Declared] = set()
    while paths:
        path = paths.pop()
        for following, value in sorted(left.get(path[-1], {}).items(), key=lambda each: each[1]):
            if value > TINY and following == end:
                return [*path, following]
            if value > TINY and following not in seen:
                seen.add(following)
                paths.append([*path, following])
    return None


def _carry(left: Left, path: list[Declared], most: float) -> float:
    """Takes as much as possible, up to `most`, away along the path."""
    carried = min(most, *(left[a][b] for a, b in pairwise(path)))
    for a, b in pairwise(path):
        left[a][b] -= carried
    return carried


def _near(number: float) -> Fraction:
    return Fraction(number).limit_denominator(DENOMINATOR)
