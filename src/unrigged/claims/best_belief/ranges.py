"""Which finite games the best-belief claims are decided on, and what is gathered on the way.

A range asks for up to so many players and goods, values and prices up to some size. Every smaller number of players
(from two) and goods is covered too; where a game would be too large, its values and then its prices are cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product

from unrigged.claims.base import Evidence, Scope
from unrigged.exact import Exact, written
from unrigged.verdict import Verdict, holds, undecided

EPS: tuple[Fraction, ...] = (Fraction(1), Fraction(1, 2), Fraction(1, 1000))
"""The printed range is 0 < eps <= 1: its end, its middle, and next to nothing."""

MOST_PROFILES = 4_000
MOST_WORK = 5_000_000
"""Of `work`."""


@dataclass
class Findings:
    """What was covered, what was accepted, the smallest margin by which a bound was met, and what stayed open."""

    parts: dict[str, list[Exact]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    figures: dict[str, Exact] = field(default_factory=dict)
    open: str = ""

    def covered(self, part: Scope, how: str) -> None:
        """Remember that this game was looked at, in that way."""
        goods = "1 good" if part.goods == 1 else f"{part.goods} goods"
        values = f"values {part.values[0]}..{part.values[1]}, prices 1..{part.announcements}"
        seen = self.parts.setdefault(f"{part.players} players, {goods}, {values} ({how})", [])
        if part.parameters["eps"] not in seen:
            seen.append(part.parameters["eps"])

    def least(self, what: str, value: Exact) -> None:
        """Remember the smallest `value` of `what`."""
        self.figures[what] = min(value, self.figures.get(what, value))

    def verdict(self, why: str, failure: Verdict | None = None) -> Verdict:
        """That the claim holds on all of it, unless it fails or something stayed open."""
        if failure is not None:
            return failure
        covered = "; ".join(f"{part} for eps {', '.join(map(written, seen))}" for part, seen in self.parts.items())
        if self.open:
            return undecided(self.open, range=covered)
        return holds(why, range=covered, evidence=Evidence(dict(self.counts), dict(self.accepted), dict(self.figures)))


def with_eps(part: Scope) -> Iterator[Scope]:
    """The part with the eps asked for, or with each of `EPS`."""
    for eps in EPS if "eps" not in part.parameters else (part.parameters["eps"],):
        yield replace(part, parameters={**part.parameters, "eps": eps})


def smallest_eps(part: Scope) -> Scope:
    """The part with the eps asked for, or with the smallest of `EPS`, by which the promised revenue is largest."""
    return list(with_eps(part))[-1]


def offers(part: Scope) -> int:
    """How many outcomes a player can announce."""
    owners = product(range(part.players), repeat=part.goods)
    return sum(int(part.announcements ** len({owner for owner in each if owner})) for each in owners)


def types(part: Scope) -> int:
    """How many valuations there are."""
    return int(len(part.every_value) ** ((1 << part.goods) - 1))


def work(part: Scope) -> int:
    """Profiles of announcements, in which one player names a set as wanted, times profiles of types."""
    return int((1 << part.goods) * (offers(part) * types(part)) ** part.players)


def cut(part: Scope, fits: Callable[[Scope], bool]) -> Scope | None:
    """The part with values and then prices cut as far as needed; None where nothing of it fits."""
    while not fits(part):
        if part.values[1] > max(1, part.values[0]):
            part = replace(part, values=(part.values[0], part.values[1] - 1))
        elif part.announcements > 1:
            part = replace(part, announcements=part.announcements - 1)
        else:
            return None
    return part


def _smaller(scope: Scope, fits: Callable[[Scope], bool]) -> Iterator[Scope]:
    for players, goods in product(range(2, scope.players + 1), range(1, scope.goods + 1)):
        part = cut(replace(scope, players=players, goods=goods), fits)
        if part is not None:
            yield part


def normal_parts(scope: Scope) -> Iterator[Scope]:
    """Games of the normal-form mechanism small enough to look at all strategies and all beliefs."""

    def fits(part: Scope) -> bool:
        beliefs = int(types(part) ** (part.players - 1))
        profiles = int((types(part) * offers(part)) ** part.players)
        return beliefs <= 8 and profiles <= MOST_PROFILES

    return _smaller(scope, fits)


def smallest_first(scope: Scope) -> Iterator[Scope]:
    """The games of the normal-form mechanism between two players over one good, from the smallest on; then the others.

    For claims that fail: a small counterexample says most.
    """
    sizes = sorted(product(range(1, scope.values[1] + 1), range(1, scope.announcements + 1)), key=sum)
    for value, price in sizes[:-1]:
        yield replace(scope, players=2, goods=1, values=(scope.values[0], value), announcements=price)
    yield from normal_parts(scope)


def literal_parts(scope: Scope) -> Iterator[tuple[Scope, tuple[int, ...] | None]]:
    """Games of the main mechanism small enough to look at all strategies, with the sets that can be named as wanted:
    those of one good; with three players, only the good itself can be wanted."""
    pair = replace(scope, players=2, goods=1, values=(0, min(2, scope.values[1])))
    for price in sorted({min(2, scope.announcements), min(3, scope.announcements)}):
        yield replace(pair, announcements=price), None
    if scope.players > 2:
        yield replace(scope, players=3, goods=1, values=(0, 1), announcements=1), (1,)


def reduced_parts(scope: Scope) -> Iterator[Scope]:
    """Games of the main mechanism small enough to compare all announcements, answers settled."""

    def fits(part: Scope) -> bool:
        return work(part) <= MOST_WORK

    return _smaller(scope, fits)
