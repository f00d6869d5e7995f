"""Whether one strategy is dominated, strictly, weakly or distinguishably, by a pure or a mixed one; with certificate.

The definitions stand in `unrigged.certificates`, which checks every answer given here without this code.
Surviving.md, leveraging.md and best-belief.md («Solution concept») say which paper uses which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.linear import PIVOTS, Combination, Matrix, decide, weighted_rows
from unrigged.certificates import Belief, Dominated, NoPureDominator, Objection, Point, Undominated
from unrigged.errors import InputError
from unrigged.strategic import NormalForm, Notion, Region
from unrigged.verdict import Verdict, fails, holds, undecided

Flags = NDArray[np.bool_]

FEW = 32
"""Columns looked at first for a pure dominator."""


@dataclass(frozen=True)
class Undecided:
    """Neither a dominator nor beliefs could be confirmed exactly; `why` says what ran out."""

    notion: Notion
    agent: int
    strategy: int
    why: str


Answer = Dominated | Undominated | NoPureDominator | Undecided


def dominance(
    notion: Notion,
    agent: int,
    strategy: int,
    regions: NormalForm | Region | Sequence[Region],
    *,
    mixed: bool = False,
    pivots: int = PIVOTS,
) -> Answer:
    """Whether `strategy` of `agent` is dominated over the regions, in the sense of `notion`.

    regions: one game, one region of a game, or several regions over which one and the same dominator is asked for
    (the agent's number and his own allowed strategies the same in all; the others may be grouped differently).
    mixed: whether mixtures of allowed strategies can dominate, not only single ones. pivots: the budget of the
    exact simplex, per linear program.
    Returns Dominated with a dominator (a pure one where there is one); Undominated with beliefs, or
    NoPureDominator with objections unless `mixed`; Undecided only where the budget ran out.
    Raises InputError for a strategy that is not allowed, and for distinguishable dominance without marks.

    >>> game = NormalForm.of(["row", "column"], ["abc", "lr"], lambda p: ([[3, 0], [0, 3], [1, 1]][p[0]][p[1]], 0))
    >>> dominance(Notion.STRICT, 0, 2, game, mixed=True).by
    ((0, Fraction(1, 2)), (1, Fraction(1, 2)))
    """
    return Contest.over(notion, agent, regions).answer(strategy, mixed=mixed, pivots=pivots)


@dataclass(frozen=True, eq=False)
class Contest:
    """An agent's strategies compared over some regions: one row per own strategy, one column per others' choice."""

    notion: Notion
    agent: int
    regions: tuple[Region, ...]
    own: tuple[int, ...]
    values: Matrix
    marks: NDArray[np.int64] | None
    starts: tuple[int, ...]
    """Where every region's columns begin, and the number of columns."""

    @classmethod
    def over(cls, notion: Notion, agent: int, regions: NormalForm | Region | Sequence[Region]) -> Contest:
        """The contest of the agent's allowed strategies; errors as of `dominance`."""
        if isinstance(regions, NormalForm):
            regions = Region.all_of(regions)
        every = (regions,) if isinstance(regions, Region) else tuple(regions)
        if not every:
            raise InputError("regions", "none", "at least one region to compare in")
        fewest = min(len(region.game.agents) for region in every)
        if not 0 <= agent < fewest:
            raise InputError("agent", agent, f"a number from 0 to {fewest - 1}")
        own = every[0].allowed[agent]
        if any(region.allowed[agent] != own for region in every):
            raise InputError("regions", "several sets of own strategies", "the same own strategies in all regions")
        scale = lcm(*(region.game.denominator(agent) for region in every))
        tables = [region.table(agent, region.game.whole(agent, scale)) for region in every]
        starts = tuple(int(total) for total in np.cumsum([0, *(table.shape[1] for table in tables)]))
        marks = None
        if notion is Notion.DISTINGUISHABLE:
            marked = [(region, region.game.marks) for region in every]
            codes = [region.table(agent, marks) for region, marks in marked if marks is not None]
            if len(codes) < len(every):
                raise InputError("marks", "none", "a mark for every profile", "give the game its marks of histories")
            marks = np.hstack(codes)
        return cls(notion, agent, every, own, np.hstack(tables), marks, starts)

    def answer(self, strategy: int, *, mixed: bool = False, pivots: int = PIVOTS) -> Answer:
        """Whether `strategy` is dominated; see `dominance`."""
        if strategy not in self._place:
            raise InputError("strategy", strategy, "an allowed strategy of the agent")
        place = self._place[strategy]
        point = self._best_somewhere(place) if mixed and self.notion is Notion.STRICT else None
        if point is not None:
            return self._undominated(strategy, [Belief(((point, Fraction(1)),))], 0)
        dominator = self._pure_dominator(place)
        if dominator is not None:
            return Dominated(self.notion, self.agent, strategy, ((dominator, Fraction(1)),))
        if not mixed:
            return NoPureDominator(self.notion, self.agent, strategy, self._objections(place))
        rivals = np.array([row for row in range(len(self.own)) if row != place], np.intp)
        gains = self.values[rivals] - self.values[place]
        if self.notion is Notion.STRICT:
            return self._strict(strategy, rivals, gains, pivots)
        if self.notion is Notion.WEAK:
            return self._weak(strategy, rivals, gains, pivots)
        return self._distinguishable(strategy, rivals, gains, pivots)

    @cached_property
    def _place(self) -> dict[int, int]:
        return {strategy: row for row, strategy in enumerate(self.own)}

    def point(self, column: int) -> Point:
        """The region and the others' choice that a column stands for."""
        region = int(np.searchsorted(self.starts, column, side="right")) - 1
        return region, self.regions[region].others(self.agent, column - self.starts[region])

    # Pure dominators.

    def _pure_dominator(self, place: int) -> int | None:
        """The first strategy that alone dominates the one in row `place`; most fail within a few columns."""
        rows = np.flatnonzero(np.arange(len(self.own)) != place)
        harms, _ = self._harms_and_gains(place, rows, slice(0, FEW))
        rows = rows[~harms.any(1)]
        harms, gains = self._harms_and_gains(place, rows, slice(None))
        fine = ~harms.any(1) & self._gaining(gains).all(1)
        return self.own[int(rows[np.argmax(fine)])] if fine.any() else None

    def _objections(self, place: int) -> tuple[Objection, ...]:
        """Why no other strategy alone dominates the one in row `place`."""
        rows = np.flatnonzero(np.arange(len(self.own)) != place)
        harms, gains = self._harms_and_gains(place, rows, slice(None))
        first_harm, failing, gaining = harms.argmax(1), np.asarray(harms.any(1)), self._gaining(gains)
        objections = []
        for row, fails_there, column, gains_there in zip(rows, failing, first_harm, gaining, strict=True):
            if fails_there:
                region, others = self.point(int(column))
                objections.append(Objection(self.own[row], region, others))
            else:
                objections.append(Objection(self.own[row], int(np.argmin(gains_there)), None))
        return tuple(objections)

    def _harms_and_gains(self, place: int, rows: NDArray[np.intp], columns: slice) -> tuple[Flags, Flags]:
        """Where each of the rows is no dominator's, and where it is better, compared with the row `place`."""
        mine, theirs = self.values[place, columns], self.values[rows, columns]
        better: Flags = np.asarray(theirs > mine, bool)
        if self.notion is Notion.STRICT:
            return ~better, better
        if self.marks is None:
            return np.asarray(theirs < mine, bool), better
        differs: Flags = np.asarray(self.marks[rows, columns] != self.marks[place, columns], bool)
        return differs & ~better, differs & better

    def _gaining(self, gains: Flags) -> Flags:
        """Per row and region, whether the row gains somewhere in the region."""
        return np.stack([gains[:, a:b].any(1) for a, b in self._spans], axis=1)

    def _best_somewhere(self, place: int) -> Point | None:
        """A choice of the others to which the strategy in row `place` is a best reply."""
        best = np.asarray(self.values[place] == self._largest, bool)
        return self.point(int(np.argmax(best))) if best.any() else None

    @cached_property
    def _largest(self) -> Matrix:
        """The largest payoff in every column."""
        return np.asarray(self.values.max(axis=0))

    @property
    def _spans(self) -> list[tuple[int, int]]:
        return list(pairwise(self.starts))

    # Mixed dominators.

    def _strict(self, strategy: int, rivals: NDArray[np.intp], gains: Matrix, pivots: int) -> Answer:
        """Maximise what is gained at least: one more row, of equal losses everywhere, and its weight alone counts.

        Its losses are as large as the gains, which is easiest on floating point.
        """
        unit = max(int(gains.max(initial=0)), -int(gains.min(initial=0)), 1)
        extended = np.vstack([gains, np.full((1, gains.shape[1]), -unit, gains.dtype)])
        found = decide(extended, [0] * len(rivals) + [1], pivots=pivots)
        if found is None:
            return self._gave_up(strategy, pivots)
        if isinstance(found, Combination):
            return self._dominated(strategy, rivals, dict(found.weights[:-1]))
        return self._undominated(strategy, [self._belief(dict(found.weights))], 0)

    def _weak(self, strategy: int, rivals: NDArray[np.intp], gains: Matrix, pivots: int) -> Answer:
        """A combination that loses nowhere and gains in the region, for every region; their sum gains in all."""
        total: dict[int, Fraction] = {}
        for region, (a, b) in enumerate(self._spans):
            found = decide(gains, _sums(gains[:, a:b]), pivots=pivots)
            if found is None:
                return self._gave_up(strategy, pivots)
            if not isinstance(found, Combination):
                return self._undominated(strategy, [self._belief(dict(found.weights), region)], region)
            _add(total, found.weights)
        return self._dominated(strategy, rivals, total)

    def _distinguishable(self, strategy: int, rivals: NDArray[np.intp], gains: Matrix, pivots: int) -> Answer:
        """The combinations that lose nowhere form a cone, and so do those that gain wherever they distinguish.

        Find where combinations of the rivals can gain at all. A rival distinguished where none can gain is part of
        no dominator: drop it, and look again.
        """
        assert self.marks is not None
        differs: Flags = np.asarray(self.marks[rivals] != self.marks[self._place[strategy]], bool)
        left = np.flatnonzero(differs.any(1))
        beliefs: list[Belief] = []
        while len(left):
            total: dict[int, Fraction] = {}
            open_columns = differs[left].any(0)
            gaining = np.zeros_like(open_columns)
            while open_columns.any():
                columns = np.flatnonzero(open_columns)
                found = decide(gains[left], _sums(gains[np.ix_(left, columns)]), pivots=pivots)
                if found is None:
                    return self._gave_up(strategy, pivots)
                if not isinstance(found, Combination):
                    weights = dict(found.weights)
                    _add(weights, ((int(column), Fraction(1)) for column in columns))
                    beliefs.append(self._belief(weights))
                    left = left[~differs[left][:, sorted(weights)].any(1)]
                    break
                _add(total, ((int(left[row]), weight) for row, weight in found.weights))
                won = weighted_rows(gains[left], found.weights) > 0
                gaining |= won
                open_columns &= ~won
            else:
                missed = [region for region, (a, b) in enumerate(self._spans) if not gaining[a:b].any()]
                if missed:
                    return self._undominated(strategy, beliefs, missed[0])
                return self._dominated(strategy, rivals, total)
        return self._undominated(strategy, beliefs, 0)

    def _dominated(self, strategy: int, rivals: NDArray[np.intp], weights: dict[int, Fraction]) -> Dominated:
        whole = sum(weights.values())
        by = tuple((self.own[int(rivals[row])], weight / whole) for row, weight in sorted(weights.items()))
        return Dominated(self.notion, self.agent, strategy, by)

    def _undominated(self, strategy: int, beliefs: list[Belief], region: int) -> Undominated:
        return Undominated(self.notion, self.agent, strategy, tuple(beliefs), region)

    def _belief(self, weights: dict[int, Fraction], everywhere: int | None = None) -> Belief:
        listed = tuple((self.point(column), weight) for column, weight in sorted(weights.items()))
        return Belief(listed, everywhere)

    def _gave_up(self, strategy: int, pivots: int) -> Undecided:
        return Undecided(self.notion, self.agent, strategy, f"no exact answer within {pivots} steps of the simplex")


def _sums(gains: Matrix) -> list[int]:
    """The exact sum of every row."""
    ones = [(column, Fraction(1)) for column in range(gains.shape[1])]
    return [int(value) for value in weighted_rows(gains.T, ones)]


def _add(total: dict[int, Fraction], more: Iterable[tuple[Any, Fraction]]) -> None:
    for key, weight in more:
        total[key] = total.get(key, Fraction(0)) + weight


def dominated(
    notion: Notion,
    agent: int,
    strategy: int,
    regions: NormalForm | Region | Sequence[Region],
    *,
    mixed: bool = False,
    pivots: int = PIVOTS,
) -> Verdict:
    """The verdict on «`strategy` of `agent` is dominated», in words, with the certificate of `dominance`."""
    contest = Contest.over(notion, agent, regions)
    answer = contest.answer(strategy, mixed=mixed, pivots=pivots)
    game = contest.regions[0].game
    names, who = game.strategies[agent], game.agents[agent]
    what, covered = f"{names[strategy]} of {who}", f"{len(contest.own)} strategies, {contest.starts[-1]} of the others"
    if isinstance(answer, Undecided):
        return undecided(answer.why, range=covered)
    if isinstance(answer, Dominated):
        parts = (f"{names[k]}" if weight == 1 else f"{weight} {names[k]}" for k, weight in answer.by)
        why = f"{what} is dominated ({notion.value}) by {' + '.join(parts)}"
        return holds(why, range=covered, evidence=answer)
    by = "mixture" if mixed else "pure strategy"
    return fails(f"no {by} dominates {what} ({notion.value})", range=covered, counterexample=answer)
