"""The reduced normal form of a finite game: pure strategies up to what they lead to, and exact payoffs.

A reduced strategy of an agent says what he does at the decisions that his own earlier moves leave possible. Strategies
that lead to the same prospects, whatever the others do, are one; the first of them stands for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.form import CHANCE, END, Turn
from unrigged.analysis.games import Game
from unrigged.analysis.prospects import Prospects
from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact

MAX_PROFILES = 2_000_000
"""No larger tables of profiles than this, unless the caller allows it."""

Integers = NDArray[np.int64]

Choice = tuple[str, str]
"""What a strategy does at one decision, in words: the decision after what has happened before, and the move (of a
coalition several moves)."""


@dataclass(frozen=True, eq=False)
class NormalForm:
    """The reduced normal form of `game`: `table` gives the prospect of every profile, an axis for each agent."""

    game: Game
    prospects: Prospects
    table: Integers
    kept: tuple[tuple[int, ...], ...]
    """The number, among all reduced strategies, of each agent's strategies that are kept."""

    @property
    def shape(self) -> tuple[int, ...]:
        """How many strategies each agent has."""
        return tuple(map(len, self.kept))

    @cached_property
    def payoffs(self) -> tuple[NDArray[Any], ...]:
        """For each agent, his payoff for every profile, `game.scale` times as large as it is: 64-bit integers where
        they fit, otherwise exact Python numbers."""
        return tuple(_exact_array(column)[self.table] for column in self.prospects.columns)

    def strategy(self, agent: int, number: int) -> tuple[Choice, ...]:
        """The choices of an agent's strategy of that number, in the order of play."""
        form = self.game.form
        return tuple(self._strategies.choices(form.root, agent, self.kept[agent][number], ""))

    @cached_property
    def _strategies(self) -> _Strategies:
        return _Strategies(self.game, None)

    def names(self, agent: int) -> tuple[str, ...]:
        """An agent's strategies in words, all different."""
        listed = []
        for number in range(len(self.kept[agent])):
            words = "; ".join(f"{where}: {move}" for where, move in self.strategy(agent, number))
            listed.append(words or "nothing to choose")
        return tuple(listed)


def normal_form(game: Game, *, outcomes: bool = False, limit: int = MAX_PROFILES) -> NormalForm:
    """The reduced normal form of `game`.

    `outcomes`: whether strategies that give everybody the same payoffs but lead to other distributions of outcomes are
    told apart. Raises BudgetExceeded where a table would have more than `limit` profiles.
    """
    strategies = _Strategies(game, limit)
    prospects = Prospects(game, outcomes)
    tables: list[Integers | None] = []
    for node in range(game.form.nodes):
        tables.append(_table(game, prospects, strategies, node, tables))
    table = tables[-1]
    assert table is not None
    table = _each(table, lambda prospect: prospects.shifted(prospect, game.form.begun))
    first = {key: prospect for prospect in reversed(np.unique(table).tolist()) for key in [prospects.key(prospect)]}
    table = _each(table, lambda prospect: first[prospects.key(prospect)])
    kept = []
    for axis in range(len(game.agents)):
        rows = np.moveaxis(table, axis, 0).reshape(table.shape[axis], -1)
        different = np.sort(np.unique(rows, axis=0, return_index=True)[1])
        table = np.take(table, different, axis=axis)
        kept.append(tuple(different.tolist()))
    return NormalForm(game, prospects, table, tuple(kept))


class _Strategies:
    """How the reduced strategies of a subgame are numbered: first by one's own move where one moves, then by the
    strategies in the subgames that can follow, the last varying fastest."""

    def __init__(self, game: Game, limit: int | None) -> None:
        self.game, form = game, game.form
        self.counts: list[tuple[int, ...]] = []
        for node in range(form.nodes):
            counts = tuple(
                sum(
                    prod(self.counts[form.child[edge]][agent] for edge in group)
                    for _, group in self.groups(node, agent)
                )
                if form.kinds[node] != END
                else 1
                for agent in range(len(game.agents))
            )
            if limit is not None and prod(counts) > limit:
                raise BudgetExceeded(f"a table of more than {limit} strategy profiles")
            self.counts.append(counts)

    def groups(self, node: int, agent: int) -> list[tuple[Any, list[int]]]:
        """The moves of `agent` at `node`, each with the edges that it leaves possible; None, with all of them, where he
        does not move."""
        form = self.game.form
        edges = form.edges(node)
        if form.kinds[node] == CHANCE:
            return [(None, list(edges))]
        groups: dict[Any, list[int]] = {}
        for edge, own in zip(edges, own_moves(self.game, form.turns[form.info[node]], agent), strict=True):
            groups.setdefault(own or None, []).append(edge)
        return list(groups.items())

    def parts(self, node: int, agent: int) -> dict[int, tuple[Integers, Integers]]:
        """For every edge of `node`: the strategies of `agent` that leave it possible, and what each is after it."""
        found, begin = {}, 0
        for _, edges in self.groups(node, agent):
            sizes = [self.counts[self.game.form.child[edge]][agent] for edge in edges]
            numbers = np.arange(prod(sizes))
            for edge, part in zip(edges, np.unravel_index(numbers, sizes), strict=True):
                found[edge] = (begin + numbers, part)
            begin += len(numbers)
        return found

    def choices(self, node: int, agent: int, number: int, before: str) -> Iterator[Choice]:
        """What strategy `number` of `agent` chooses in the subgame at `node`; `before` is what has happened."""
        form = self.game.form
        if form.kinds[node] == END:
            return
        for move, edges in self.groups(node, agent):
            sizes = [self.counts[form.child[edge]][agent] for edge in edges]
            if number >= prod(sizes):
                number -= prod(sizes)
                continue
            if move is not None:
                turn = form.turns[form.info[node]]
                yield before + turn.label, written_moves(self.game, turn, agent, move)
            for edge, part in zip(edges, np.unravel_index(number, sizes), strict=True):
                yield from self.choices(form.child[edge], agent, int(part), before + self._happened(node, edge))
            return

    def _happened(self, node: int, edge: int) -> str:
        form = self.game.form
        offset = edge - form.first[node]
        if form.kinds[node] == CHANCE:
            return f"{form.odds[form.info[node]].names[offset]}, "
        turn = form.turns[form.info[node]]
        return "".join(f"{turn.written(place, move)}, " for place, move in enumerate(turn.joint(offset)))


def own_moves(game: Game, turn: Turn, agent: int) -> list[tuple[Any, ...]]:
    """For every edge, the moves of the agent's members, none where none of them moves."""
    mine = _places(game, turn, agent)
    return [tuple(joint[place] for place in mine) for joint in product(*turn.moves)]


def written_moves(game: Game, turn: Turn, agent: int, moves: Sequence[Any]) -> str:
    """The moves of the agent's members in a few characters."""
    return " & ".join(turn.written(place, move) for place, move in zip(_places(game, turn, agent), moves, strict=True))


def _places(game: Game, turn: Turn, agent: int) -> list[int]:
    return [place for place, player in enumerate(turn.players) if game.agent_of[player] == agent]


def _table(
    game: Game, prospects: Prospects, strategies: _Strategies, node: int, tables: Sequence[Integers | None]
) -> Integers:
    form = game.form
    agents = range(len(game.agents))
    if form.kinds[node] == END:
        return np.full((1,) * len(agents), form.info[node], dtype=np.int64)
    parts = [strategies.parts(node, agent) for agent in agents]
    blocks = []
    for edge in form.edges(node):
        below = tables[form.child[edge]]
        assert below is not None
        inner = below[np.ix_(*(parts[agent][edge][1] for agent in agents))]
        paid = form.paid[edge]
        blocks.append(_each(inner, lambda prospect, paid=paid: prospects.shifted(prospect, paid)))
    if form.kinds[node] == CHANCE:
        sides, places = np.unique(np.stack([block.ravel() for block in blocks]), axis=1, return_inverse=True)
        mixed = [prospects.mixed(form.info[node], column) for column in sides.T.tolist()]
        return np.array(mixed, dtype=np.int64)[places.reshape(blocks[0].shape)]
    table = np.zeros(strategies.counts[node], dtype=np.int64)
    for edge, block in zip(form.edges(node), blocks, strict=True):
        table[np.ix_(*(parts[agent][edge][0] for agent in agents))] = block
    return table


def _each(table: Integers, change: Any) -> Integers:
    """`table` with every prospect changed."""
    distinct, places = np.unique(table, return_inverse=True)
    changed = np.array([change(prospect) for prospect in distinct.tolist()], dtype=np.int64)
    return changed[places.reshape(table.shape)]


def _exact_array(column: Sequence[Exact]) -> NDArray[Any]:
    if all(isinstance(payoff, int) and -(2**63) <= payoff < 2**63 for payoff in column):
        return np.array(column, dtype=np.int64)
    boxed = np.empty(len(column), dtype=object)
    boxed[:] = list(column)
    return boxed
