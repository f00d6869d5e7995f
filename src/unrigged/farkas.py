"""Accepts or refuses proofs that a system of linear inequalities implies another one, without any search.

A proof is a combination of the system's rows with weights >= 0 (of any sign for equations) that adds up to the
conclusion (J. Farkas); or, where some variables can only be 0 or 1, a tree that tries both and proves each case.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from unrigged.exact import Exact

Variable = Hashable
Name = Hashable
"""What a row of the system is called."""


@dataclass(frozen=True)
class Row:
    """The sum of `terms` (a variable and its coefficient each) is at most `bound`; with `equal`, it is `bound`."""

    terms: tuple[tuple[Variable, Exact], ...]
    bound: Exact
    equal: bool = False


@dataclass(frozen=True)
class Fixed:
    """The name of the equation `variable` = `value` within a branch that supposes it."""

    variable: Variable
    value: int


@dataclass(frozen=True)
class Combination:
    """Weights of the rows of those names."""

    weights: tuple[tuple[Name, Fraction], ...]


@dataclass(frozen=True)
class Branch:
    """A proof for `variable` = 0 and one for `variable` = 1."""

    variable: Variable
    zero: Combination | Branch
    one: Combination | Branch


Proof = Combination | Branch


@dataclass(frozen=True)
class System:
    """The asker's inequalities: `row` gives the one of a name, or None; `binary` tells which variables are 0 or 1."""

    row: Callable[[Name], Row | None]
    binary: Callable[[Variable], bool] = lambda _: False


def reason_against(proof: object, conclusion: Row, system: System) -> str | None:
    """Why `proof` does not show that the `system` implies the `conclusion`; None where it does. Never raises.

    >>> rows = {"a": Row((("x", 1), ("y", 1)), 4), "b": Row((("y", -1),), 0)}
    >>> system, one = System(rows.get), Fraction(1)
    >>> print(reason_against(Combination((("a", one), ("b", one))), Row((("x", 1),), 4), system))
    None
    >>> print(reason_against(Combination((("a", one),)), Row((("x", 1),), 4), system))
    the rows add up to another left side: 1 instead of 0 times y
    """
    waiting: list[tuple[object, frozenset[Fixed]]] = [(proof, frozenset())]
    while waiting:
        part, supposed = waiting.pop()
        if isinstance(part, Branch):
            if not _hashable(part.variable) or not system.binary(part.variable):
                return f"{part.variable} may be something else than 0 or 1"
            waiting.append((part.zero, supposed | {Fixed(part.variable, 0)}))
            waiting.append((part.one, supposed | {Fixed(part.variable, 1)}))
            continue
        reason = _against_combination(part, conclusion, system, supposed)
        if reason is not None:
            return reason
    return None


def _against_combination(part: object, conclusion: Row, system: System, supposed: frozenset[Fixed]) -> str | None:
    if not isinstance(part, Combination) or not isinstance(part.weights, tuple):
        return "neither a combination nor a branch"
    left: dict[Variable, Exact] = {}
    right: Exact = 0
    for pair in part.weights:
        if not isinstance(pair, tuple) or len(pair) != 2 or not _hashable(pair[0]):
            return "not pairs of a row's name and its weight"
        name, weight = pair
        if type(weight) not in (int, Fraction):
            return f"the weight of {name} is not exact"
        row = _row(name, system, supposed)
        if row is None:
            return f"no row is called {name}"
        if weight < 0 and not row.equal:
            return f"the inequality {name} has the weight {weight}"
        for variable, coefficient in row.terms:
            left[variable] = left.get(variable, 0) + weight * coefficient
        right += weight * row.bound
    wanted: dict[Variable, Exact] = {}
    for variable, coefficient in conclusion.terms:
        wanted[variable] = wanted.get(variable, 0) + coefficient
    for variable in (*wanted, *left):
        found, expected = left.get(variable, 0), wanted.get(variable, 0)
        if found != expected:
            return f"the rows add up to another left side: {found} instead of {expected} times {variable}"
    if right > conclusion.bound:
        return f"the rows only show at most {right}, not {conclusion.bound}"
    return None


def _row(name: Name, system: System, supposed: frozenset[Fixed]) -> Row | None:
    if isinstance(name, Fixed):
        return Row(((name.variable, 1),), name.value, equal=True) if name in supposed else None
    return system.row(name)


def _hashable(thing: object) -> bool:
    try:
        hash(thing)
    except TypeError:
        return False
    return True


def violated(rows: Iterable[tuple[Name, Row]], values: Mapping[Variable, Exact]) -> Name | None:
    """The name of the first of the `rows` that `values` do not satisfy (0 where none is given); None: all hold."""
    for name, row in rows:
        left = sum(coefficient * values.get(variable, 0) for variable, coefficient in row.terms)
        if left > row.bound or (row.equal and left != row.bound):
            return name
    return None
