"""Games that one player begins: what his first moves lead to, coalition by coalition, in one pass over all of them.

Source: Azar, Chen and Micali 2011, section 4.1. After a first move x follows the submechanism M^x. There chance alone
decides which *stage* is reached: a decision, with all decisions that may follow it, in which players choose complete
plans (a move at every history where they act, as the paper's pure strategies do). Since nobody's plan changes which
stage is reached, joint utility is a sum over stages of what the plans in each of them give, and

    a joint strategy is strictly dominant in M^x exactly if its part in every stage is strictly dominant there:

where all parts are, a joint strategy that differs in some of them is worse by a sum of terms none of which is negative
and one of which is positive; where it is, changing it in a single stage leaves all other terms as they are. Without
this (`literal`), M^x is one stage.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.coalitions import Partition
from unrigged.analysis.form import CHANCE, DECISION, END, Form, Turn
from unrigged.analysis.games import clearing
from unrigged.analysis.unfolding import Grid, unfold
from unrigged.context import Coalition, Context
from unrigged.errors import BudgetExceeded, InputError
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome, Prices, Result
from unrigged.protocol import Move

MAX_PROFILES = 2_000_000
"""The strategic forms of all stages together have no more profiles than this, unless the caller allows it."""

LARGEST = 1 << 62
"""Payoffs are kept in 64 bits where they and their sums stay below this size."""

Numbers = NDArray[Any]
"""Integers of 64 bits, or Python integers in an object array."""

Path = tuple[int, ...]
"""A history after the root: the edges taken, one by one."""


@dataclass(frozen=True)
class Stage:
    """Decisions that chance alone leads to, after the first move number `action`, at the end of `path`.

    `decisions`: those in it, by their paths; `players`: who moves in some of them; `sizes`: how many plans each has.
    """

    action: int
    node: int
    path: Path
    decisions: tuple[tuple[Path, Turn], ...]
    players: tuple[int, ...]
    sizes: tuple[int, ...]

    @property
    def label(self) -> str:
        """The label of its first decision."""
        return self.decisions[0][1].label

    def taken(self, profile: int) -> dict[Path, int]:
        """The edge that each of the decisions takes where the plans of the profile of that number are played."""
        digits = dict(zip(self.players, (int(k) for k in np.unravel_index(profile, self.sizes)), strict=True))
        edges: dict[Path, int] = {}
        for path, turn in self.decisions:
            edge = 0
            for player, moves in zip(turn.players, turn.moves, strict=True):
                digits[player], move = divmod(digits[player], len(moves))
                edge = edge * len(moves) + move
            edges[path] = edge
        return edges


@dataclass(frozen=True, eq=False)
class Group:
    """The stages of one shape (label, movers, numbers of plans): `prospects[k, p]` is what profile p of stage k leads
    to, weighted with the probability that the stage is reached; `actions[k]` the first move before it."""

    label: str
    players: tuple[int, ...]
    sizes: tuple[int, ...]
    stages: tuple[Stage, ...]
    actions: NDArray[np.int64]
    prospects: NDArray[np.int64]

    def rows(self, payoffs: Numbers, coalition: Coalition) -> NDArray[np.int64]:
        """For every stage the number of the coalition's joint plan that is strictly better than each of its others
        against every choice of the rest; -1 where there is none. `payoffs`: of the prospects, for each player."""
        table = payoffs[:, list(coalition)].sum(axis=1)[self.prospects].reshape(len(self.stages), *self.sizes)
        mine = [place + 1 for place, player in enumerate(self.players) if player in coalition]
        own = prod(self.sizes[place - 1] for place in mine)
        table = np.moveaxis(table, mine, range(1, len(mine) + 1)).reshape(len(self.stages), own, -1)
        best = table[:, :, 0].argmax(axis=1)
        chosen = np.take_along_axis(table, best[:, None, None], axis=1)
        strict = ((table >= chosen).sum(axis=1) == 1).all(axis=1)
        return np.where(strict, best, -1)

    def edges(self, rows: Mapping[Coalition, NDArray[np.int64]]) -> NDArray[np.int64]:
        """The number of each stage's profile in which the coalitions play these joint plans."""
        number = np.zeros(len(self.stages), np.int64)
        for coalition, chosen in rows.items():
            left = chosen
            for place in reversed(range(len(self.players))):
                if self.players[place] in coalition:
                    left, digit = np.divmod(left, self.sizes[place])
                    number = number + digit * prod(self.sizes[place + 1 :])
        return number

    def plan(self, coalition: Coalition, plans: Mapping[int, int]) -> int:
        """The number of the coalition's joint plan in which each of its members plays the plan of that number."""
        number = 0
        for player, size in zip(self.players, self.sizes, strict=True):
            if player in coalition:
                number = number * size + plans[player]
        return number


@dataclass(frozen=True, eq=False)
class Valued:
    """What the prospects of a rooted game are worth to the players of a context, all `scale` times as large."""

    rooted: Rooted
    payoffs: Numbers
    scale: int
    _rows: dict[Coalition, tuple[NDArray[np.int64], ...]] = field(default_factory=dict)

    def rows(self, coalition: Coalition) -> tuple[NDArray[np.int64], ...]:
        """For every group of stages the coalition's strictly dominant joint plans; -1 where there is none."""
        if coalition not in self._rows:
            self._rows[coalition] = tuple(group.rows(self.payoffs, coalition) for group in self.rooted.groups)
        return self._rows[coalition]

    def without_dominant(self, coalition: Coalition) -> tuple[int, str] | None:
        """A first move, by number, after which the coalition has no strictly dominant joint strategy, and the label of
        the decision where it lacks one; None where it always has one."""
        for group, rows in zip(self.rooted.groups, self.rows(coalition), strict=True):
            missing = np.flatnonzero(rows < 0)
            if len(missing):
                return int(group.actions[missing[0]]), group.label
        return None

    def profile(self, partition: Partition) -> list[NDArray[np.int64]]:
        """For every group the numbers of its stages' profiles in which every coalition plays its dominant plan."""
        return [
            group.edges({coalition: self.rows(coalition)[k] for coalition in partition})
            for k, group in enumerate(self.rooted.groups)
        ]

    def utilities(self, profile: Sequence[NDArray[np.int64]]) -> Numbers:
        """Everybody's expected utility (a column each) after every first move (a row each), `scale` times as large."""
        totals = self.payoffs[self.rooted.sure]
        for group, numbers in zip(self.rooted.groups, profile, strict=True):
            np.add.at(totals, group.actions, self.payoffs[group.prospects[np.arange(len(numbers)), numbers]])
        return totals

    def true(self, payoff: Any) -> Fraction:
        """`payoff`, as kept here, in the players' own unit."""
        return Fraction(int(payoff), self.scale)


@dataclass(frozen=True, eq=False)
class Rooted:
    """A mechanism (on a grid of moves) that one player begins; it serves every context.

    `sure[a]`: the prospect of first move a as far as nobody decides any more. `weights[p, r]` and `prices[p, i]`: the
    probability of result r in prospect p and the expected price of player i, `scale` times as large as they are. `unit`
    times any probability of a history is an integer.
    """

    form: Form
    player: int
    actions: tuple[Move, ...]
    groups: tuple[Group, ...]
    sure: NDArray[np.int64]
    results: tuple[Result, ...]
    weights: Numbers
    prices: Numbers
    scale: int
    unit: int

    @classmethod
    def of(cls, mechanism: Mechanism, grid: Grid, *, literal: bool = False, limit: int = MAX_PROFILES) -> Rooted:
        """The game of `mechanism` on `grid`. `literal`: what follows a first move is one stage, whatever coins there
        are. Raises InputError where not exactly one player moves first, BudgetExceeded beyond `limit` profiles."""
        return cls.of_form(unfold(mechanism, grid), literal=literal, limit=limit)

    @classmethod
    def of_form(cls, form: Form, *, literal: bool = False, limit: int = MAX_PROFILES) -> Rooted:
        """As `of`, for a form of a mechanism."""
        if not begun_by_one(form):
            raise InputError("mechanism", "not exactly one player to move first", "a game that one player begins")
        turn = form.turns[form.info[form.root]]
        found = _Compilation(form, literal, limit)
        for action, edge in enumerate(form.edges(form.root)):
            found.add(action, edge)
        weights, prices, scale = found.tables()
        return cls(form, turn.players[0], turn.moves[0], tuple(found.groups()), np.array(found.sure, np.int64),
                   tuple(found.results), weights, prices, scale, found.unit)  # fmt: skip

    @cached_property
    def n(self) -> int:
        """The number of players."""
        return len(self.form.players)

    @cached_property
    def numbers(self) -> dict[Move, int]:
        """The number of every first move."""
        return {action: number for number, action in enumerate(self.actions)}

    @cached_property
    def stages(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For every first move its stages: number of the group, number within it."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.actions]
        for g, group in enumerate(self.groups):
            for k, action in enumerate(group.actions.tolist()):
                found[action].append((g, k))
        return tuple(map(tuple, found))

    def valued(self, context: Context) -> Valued:
        """What everything is worth to the players of `context`."""
        gains = [[context.gain(player, result) for player in range(self.n)] for result in self.results]
        unit = lcm(*(gain.denominator for row in gains for gain in row))
        whole = np.array([[int(gain * unit) for gain in row] for row in gains], dtype=object).reshape(-1, self.n)
        most = int(abs(whole).max()) * int(abs(self.weights).sum(axis=1).max()) + int(abs(self.prices).max()) * unit
        stages = max(map(len, self.stages), default=0) + 1
        if most * stages * self.n < LARGEST:
            payoffs = self.weights.astype(np.int64) @ whole.astype(np.int64) - self.prices.astype(np.int64) * unit
        else:
            payoffs = self.weights.astype(object) @ whole - self.prices.astype(object) * unit
        return Valued(self, payoffs, self.scale * unit)

    def plays(self, action: int, profile: Sequence[NDArray[np.int64]]) -> list[tuple[Path, Outcome, Fraction]]:
        """The terminal histories after a first move where `profile` (a number for every stage) is played: the edges
        taken, the outcome, the probability."""
        taken: dict[Path, int] = {}
        for g, k in self.stages[action]:
            taken.update(self.groups[g].stages[k].taken(int(profile[g][k])))
        root = self.form.edges(self.form.root)[action]
        paid = _added(self.form.payments[self.form.begun], self.form.payments[self.form.paid[root]])
        ends = _ends(self.form, self.form.child[root], (action,), paid, self.unit, taken)
        return [(path, outcome, Fraction(weight, self.unit)) for path, outcome, weight in ends]


def begun_by_one(form: Form) -> bool:
    """Whether exactly one player moves at the root."""
    return form.kinds[form.root] == DECISION and len(form.turns[form.info[form.root]].players) == 1


Mix = tuple[tuple[tuple[int, int], ...], tuple[int, ...]]
"""Results by number with their probabilities, and what each player pays, both weighted; `unit` times as large."""


class _Compilation:
    def __init__(self, form: Form, literal: bool, limit: int) -> None:
        self.form, self.literal, self.left, self.limit = form, literal, limit, limit
        self.results: dict[Result, int] = {}
        self.mixes: dict[Mix, int] = {}
        self.sure: list[int] = []
        self.shapes: dict[Hashable, list[tuple[Stage, list[int]]]] = {}
        self.begun = form.payments[form.begun]
        prices = [end.prices for end in form.ends] + list(form.payments)
        self.unit = clearing(form) * lcm(*{price.denominator for each in prices for price in each})

    def add(self, action: int, edge: int) -> None:
        """The first move number `action`, which takes `edge`."""
        form = self.form
        paid = _added(self.begun, form.payments[form.paid[edge]])
        parts: list[tuple[Outcome, int]] = []
        self.split(action, form.child[edge], (action,), paid, self.unit, parts)
        self.sure.append(self.mix(parts))

    def split(
        self, action: int, node: int, path: Path, paid: Prices, weight: int, parts: list[tuple[Outcome, int]]
    ) -> None:
        """Stages after `node`, and (in `parts`) the outcomes that chance alone leads to."""
        form, kind = self.form, self.form.kinds[node]
        if kind == END:
            parts.append((_paid(form.ends[form.info[node]], paid), weight))
            return
        decisions = tuple(_decisions(form, node, path)) if kind == DECISION or self.literal else ()
        if decisions:
            self.stage(action, node, path, paid, weight, decisions)
            return
        for offset, (edge, odds) in enumerate(zip(form.edges(node), form.odds[form.info[node]].chances, strict=True)):
            more = _added(paid, form.payments[form.paid[edge]])
            self.split(action, form.child[edge], (*path, offset), more, _share(weight, odds), parts)

    def stage(
        self, action: int, node: int, path: Path, paid: Prices, weight: int, decisions: tuple[tuple[Path, Turn], ...]
    ) -> None:
        """The stage that begins at `node`."""
        players = tuple(sorted({player for _, turn in decisions for player in turn.players}))
        sizes = tuple(
            prod(len(turn.moves[turn.players.index(player)]) for _, turn in decisions if player in turn.players)
            for player in players
        )
        self.left -= prod(sizes)
        if self.left < 0:
            raise BudgetExceeded(f"strategic forms of more than {self.limit} profiles")
        stage = Stage(action, node, path, decisions, players, sizes)
        prospects = []
        for profile in range(prod(sizes)):
            ends = _ends(self.form, node, path, paid, weight, stage.taken(profile))
            prospects.append(self.mix([(outcome, likely) for _, outcome, likely in ends]))
        self.shapes.setdefault((stage.label, players, sizes), []).append((stage, prospects))

    def mix(self, ends: Iterable[tuple[Outcome, int]]) -> int:
        """The number of what these outcomes, with these weights, amount to."""
        weights: dict[int, int] = {}
        prices = [0] * len(self.form.players)
        for outcome, likely in ends:
            which = self.results.setdefault(outcome.result, len(self.results))
            weights[which] = weights.get(which, 0) + likely
            for player, price in enumerate(outcome.prices):
                prices[player] += likely // price.denominator * price.numerator
        return self.mixes.setdefault((tuple(sorted(weights.items())), tuple(prices)), len(self.mixes))

    def groups(self) -> Iterator[Group]:
        """The stages by shape."""
        for listed in self.shapes.values():
            stages = tuple(stage for stage, _ in listed)
            first = stages[0]
            yield Group(first.label, first.players, first.sizes, stages,
                        np.array([stage.action for stage in stages], np.int64),
                        np.array([prospects for _, prospects in listed], np.int64))  # fmt: skip

    def tables(self) -> tuple[Numbers, Numbers, int]:
        """Weights and prices of all mixes as integers without a common divisor, and how many times too large."""
        common = self.unit
        for weights, prices in self.mixes:
            common = gcd(common, *prices, *(weight for _, weight in weights))
        table = np.zeros((len(self.mixes), len(self.results)), object)
        paid = np.zeros((len(self.mixes), len(self.form.players)), object)
        for row, (weights, prices) in enumerate(self.mixes):
            for which, weight in weights:
                table[row, which] = weight // common
            paid[row] = [price // common for price in prices]
        return table, paid, self.unit // common


def _share(weight: int, odds: Fraction) -> int:
    """`weight` times `odds`, which is an integer."""
    return weight // odds.denominator * odds.numerator


def _added(one: Prices, other: Prices) -> Prices:
    if not one or not other:
        return one or other
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _paid(outcome: Outcome, paid: Prices) -> Outcome:
    return outcome.after(paid) if paid else outcome


def _decisions(form: Form, node: int, path: Path) -> Iterator[tuple[Path, Turn]]:
    """Every decision of the subtree at `node`, which is at the end of `path`, by its own path."""
    if form.kinds[node] == DECISION:
        yield path, form.turns[form.info[node]]
    for offset, edge in enumerate(form.edges(node)):
        yield from _decisions(form, form.child[edge], (*path, offset))


def _ends(
    form: Form, node: int, path: Path, paid: Prices, weight: int, taken: Mapping[Path, int]
) -> Iterator[tuple[Path, Outcome, int]]:
    """The terminal histories of the subtree at `node` where decisions take the edges `taken`, and their shares of
    `weight`."""
    kind = form.kinds[node]
    if kind == END:
        yield path, _paid(form.ends[form.info[node]], paid), weight
        return
    edges = form.edges(node)
    if kind == CHANCE:
        following = [(offset, _share(weight, odds)) for offset, odds in enumerate(form.odds[form.info[node]].chances)]
    else:
        following = [(taken[path], weight)]
    for offset, share in following:
        edge = edges[offset]
        more = _added(paid, form.payments[form.paid[edge]])
        yield from _ends(form, form.child[edge], (*path, offset), more, share, taken)
