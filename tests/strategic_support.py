"""Small games in strategic form for tests, and a slow reference for mixed dominance: all vertices of a polytope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from unrigged.strategic import Allowed, NormalForm, Notion


def bimatrix(rows: Sequence[Sequence[tuple[Any, Any]]], names: tuple[str, str] | None = None) -> NormalForm:
    """A two-agent game from its table of payoff pairs; every profile leads to a mark of its own."""
    shape = (len(rows), len(rows[0]))
    named = names or ("abcdefgh"[: shape[0]], "stuvwxyz"[: shape[1]])
    return NormalForm.of(["row", "column"], named, lambda p: rows[p[0]][p[1]], mark=lambda p: p)


@st.composite
def games(draw: st.DrawFn, most: int = 4) -> NormalForm:
    """Two or three agents, payoffs that follow from few marks (so that ties and equal histories are frequent)."""
    agents = draw(st.integers(2, 3))
    shape = tuple(draw(st.integers(1, most if agents == 2 else 3)) for _ in range(agents))
    size = int(np.prod(shape))
    marks = np.array(draw(st.lists(st.integers(0, 6), min_size=size, max_size=size))).reshape(shape)
    worth = [draw(st.lists(st.integers(-2, 3), min_size=7, max_size=7)) for _ in range(agents)]
    names = tuple(tuple(range(own)) for own in shape)
    return NormalForm(tuple("abc"[:agents]), names, tuple(np.array(one)[marks] for one in worth), marks)


def choices(allowed: Allowed, agent: int) -> list[tuple[int, ...]]:
    """All choices of the others."""
    return list(product(*allowed[:agent], *allowed[agent + 1 :]))


def gain(game: NormalForm, agent: int, rival: int, strategy: int, others: tuple[int, ...]) -> Fraction:
    """What the agent gains by `rival` instead of `strategy`."""
    new, old = (game.payoffs[agent][(*others[:agent], s, *others[agent:])] for s in (rival, strategy))
    return Fraction(new) - Fraction(old)


def told_apart(game: NormalForm, agent: int, rival: int, strategy: int, others: tuple[int, ...]) -> bool:
    """Whether the two strategies lead to different marks."""
    assert game.marks is not None
    new, old = (game.marks[(*others[:agent], s, *others[agent:])] for s in (rival, strategy))
    return bool(new != old)


def is_dominator(
    game: NormalForm,
    notion: Notion,
    agent: int,
    strategy: int,
    mixture: dict[int, Fraction],
    allowed: Allowed | None = None,
) -> bool:
    """The definition, word by word."""
    where = choices(allowed or game.everything, agent)
    gains = {t: sum(w * gain(game, agent, k, strategy, t) for k, w in mixture.items()) for t in where}
    if notion is Notion.STRICT:
        return all(value > 0 for value in gains.values())
    if notion is Notion.WEAK:
        return all(value >= 0 for value in gains.values()) and any(value > 0 for value in gains.values())
    told = [t for t in where if any(told_apart(game, agent, k, strategy, t) for k in mixture)]
    return bool(told) and all(gains[t] > 0 for t in told)


def slowly_dominated(
    game: NormalForm, notion: Notion, agent: int, strategy: int, mixed: bool, allowed: Allowed | None = None
) -> bool:
    """Whether there is a dominator: every pure one is tried, or per support one mixture inside its polytope.

    Within a support, the mixtures that lose nowhere form a polytope; the mean of its vertices gains wherever any
    of them does. For strict dominance the polytope is the one of the largest smallest gain.
    """
    region = allowed or game.everything
    rivals = [k for k in region[agent] if k != strategy]
    if any(is_dominator(game, notion, agent, strategy, {k: Fraction(1)}, region) for k in rivals):
        return True
    if not mixed:
        return False
    where = choices(region, agent)
    for size in range(2, len(rivals) + 1):
        for support in combinations(rivals, size):
            gains = [[gain(game, agent, k, strategy, t) for k in support] for t in where]
            corners = list(vertices(gains, smallest=notion is Notion.STRICT))
            if notion is not Notion.STRICT and corners:
                corners = [[sum(column, Fraction(0)) / len(corners) for column in zip(*corners, strict=True)]]
            for corner in corners:
                mixture = {k: weight for k, weight in zip(support, corner, strict=True) if weight}
                if is_dominator(game, notion, agent, strategy, mixture, region):
                    return True
    return False


def vertices(gains: list[list[Fraction]], smallest: bool) -> Iterator[list[Fraction]]:
    """Points of the simplex at which enough inequalities are met with equality to fix them.

    Those that lose nowhere; or (`smallest`) those of the arrangement in which the smallest gain has its maximum.
    """
    size = len(gains[0])
    lines = [[*line, Fraction(-1)] if smallest else line for line in gains]
    bounds = [[Fraction(int(i == j)) for j in range(size)] + [Fraction(0)] * smallest for i in range(size)]
    one = [Fraction(1)] * size + [Fraction(0)] * smallest
    for met in combinations(lines + bounds, size - 1 + smallest):
        point = gauss([*met, one], [Fraction(0)] * len(met) + [Fraction(1)])
        if point is None:
            continue
        weights = point[:size]
        if min(weights) >= 0 and (
            smallest or all(sum(a * b for a, b in zip(line, weights, strict=True)) >= 0 for line in gains)
        ):
            yield weights


def gauss(system: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    """The one solution of a square system, None where there is not exactly one."""
    work = [[*line, value] for line, value in zip(system, right, strict=True)]
    size = len(work)
    for place in range(size):
        pivot = next((line for line in range(place, size) if work[line][place]), None)
        if pivot is None:
            return None
        work[place], work[pivot] = work[pivot], work[place]
        work[place] = [value / work[place][place] for value in work[place]]
        for line in range(size):
            if line != place and work[line][place]:
                factor = work[line][place]
                work[line] = [a - factor * b for a, b in zip(work[line], work[place], strict=True)]
    return [line[-1] for line in work]


def slow_elimination(game: NormalForm, notion: Notion, mixed: bool) -> list[Allowed]:
    """Σ^0, Σ^1, ... until nothing changes, by the definition."""
    found = [game.everything]
    while True:
        now = found[-1]
        following = tuple(
            tuple(s for s in own if not slowly_dominated(game, notion, agent, s, mixed, now))
            for agent, own in enumerate(now)
        )
        if following == now:
            return found
        found.append(following)
