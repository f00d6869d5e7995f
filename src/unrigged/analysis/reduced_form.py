"""The reduced normal form of a finite game: pure strategies up to what they lead to, and exact payoffs.

A reduced strategy of an agent says what he does at the decisions that his own earlier moves leave possible. Strategies
that lead to the same, whatever the others do, are one; the first of them stands for all. `strategic_form` hands the
tables to the solvers of strategic games, with marks for the comparison of histories or outcomes.

Two profiles lead to the same distribution of terminal histories exactly if, from the root on, they take the same edge
at every decision that they reach with positive probability. Codes of that are put together from the ends up.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.form import CHANCE, END, Turn
from unrigged.analysis.games import Game
from unrigged.analysis.prospects import Prospects
from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact
from unrigged.strategic import NormalForm

MAX_PROFILES = 2_000_000
"""No larger tables of profiles than this, unless the caller allows it."""

Integers = NDArray[np.int64]

Choice = tuple[str, str]
"""What a strategy does at one decision, in words: the decision after what has happened before, and the move (of a
coalition several moves)."""


Sameness = Literal["payoffs", "outcomes", "histories"]
"""What two strategies must lead to alike, whatever the others do, to be one: expected payoffs, the distribution of
outcomes (allocation or state, and prices), or the distribution of terminal histories."""


@dataclass(frozen=True, eq=False)
class ReducedForm:
    """The reduced normal form of `game`: `table` gives the prospect of every profile, an axis for each agent.

    `histories` gives the code of its distribution of terminal histories, where strategies were told apart by it: equal
    codes stand for equal distributions.
    """

    game: Game
    prospects: Prospects
    table: Integers
    kept: tuple[tuple[int, ...], ...]
    """The number, among all reduced strategies, of each agent's strategies that are kept."""

    same: Sameness
    strategies: Strategies
    histories: Integers | None = None

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
        return tuple(self.strategies.choices(self.game.form.root, agent, self.kept[agent][number], ""))

    def names(self, agent: int) -> tuple[str, ...]:
        """An agent's strategies in words, all different."""
        listed = []
        for number in range(len(self.kept[agent])):
            words = "; ".join(f"{where}: {move}" for where, move in self.strategy(agent, number))
            listed.append(words or "nothing to choose")
        return tuple(listed)

    def normal_form(self) -> NormalForm:
        """The strategic game of these tables: payoffs in the players' own unit; strategies named by what they do; where
        strategies were told apart by histories or outcomes, these distributions as marks."""
        listed = np.unique(self.table)
        places = np.searchsorted(listed, self.table)
        payoffs = []
        for column in self.prospects.columns:
            true = [self.game.true(column[prospect]) for prospect in listed.tolist()]
            payoffs.append(_exact_array(true)[places])
        names = tuple(map(self.names, range(len(self.kept))))
        marks = {"payoffs": None, "outcomes": self.table, "histories": self.histories}[self.same]
        return NormalForm(self.game.names, names, tuple(payoffs), marks)


def reduced_form(game: Game, same: Sameness = "payoffs", *, limit: int = MAX_PROFILES) -> ReducedForm:
    """The reduced normal form of `game`; `same`: which strategies are one.

    Raises BudgetExceeded where a table would have more than `limit` profiles.
    """
    strategies = Strategies(game, limit)
    for node in range(game.form.nodes):
        strategies.counts.append(strategies.count(node))
    prospects = Prospects(game, same == "outcomes")
    ways = payoff_ways(prospects)
    table = alike(prospects, each(_folded(strategies, ways), lambda one: prospects.shifted(one, game.form.begun)))
    if same == "histories":
        everything = tuple(tuple(range(count)) for count in table.shape)
        codes = in_order(_folded(strategies, history_ways()))
        return ReducedForm(game, prospects, table, everything, same, strategies, codes)
    table, kept = distinct_strategies(table)
    return ReducedForm(game, prospects, table, kept, same, strategies)


def strategic_form(
    game: Game, *, marks: Literal["histories", "outcomes"] | None = None, limit: int = MAX_PROFILES
) -> NormalForm:
    """`game` as a strategic game, for `dominance`, `eliminate`, `pure_equilibria` and `nfg`.

    marks: what distinguishes two profiles: the distribution of terminal histories (leveraging.md, best-belief.md), the
    distribution of outcomes (surviving.md), or nothing. Strategies that no profile of the others tells apart by that
    (without marks: by anybody's payoff) are one; the first stands for all.
    Raises BudgetExceeded where there are more than `limit` profiles of reduced strategies.

    >>> from unrigged.analysis import Tree
    >>> tree = Tree(["ann", "bob"])
    >>> reply = tree.decision("bob", {"share": tree.end(1, 1), "take": tree.end(0, 2)})
    >>> game = tree.game(tree.decision("ann", {"trust": reply, "keep": tree.end(1, 1)}))
    >>> strategic_form(game).strategies
    (('ann: trust', 'ann: keep'), ('trust, bob: share', 'trust, bob: take'))
    >>> strategic_form(game, marks="histories").marks.tolist()
    [[0, 1], [2, 2]]
    """
    return reduced_form(game, marks or "payoffs", limit=limit).normal_form()


class Strategies:
    """How the reduced strategies of a subgame are numbered: first by one's own move where one moves, then by the
    strategies in the subgames that can follow, the last varying fastest.

    `counts[node][agent]` is how many there are of every agent in every subgame; `kept[node, agent]` says which ones
    of all these, where only some are considered.
    """

    def __init__(self, game: Game, limit: int) -> None:
        self.game, self.limit = game, limit
        self.counts: list[tuple[int, ...]] = []
        self.kept: dict[tuple[int, int], tuple[int, ...]] = {}

    def count(self, node: int) -> tuple[int, ...]:
        """How many strategies every agent has in the subgame at `node`, those after it having been counted."""
        counts = tuple(
            sum(
                prod(self.counts[self.game.form.child[edge]][agent] for edge in group)
                for _, group in self.groups(node, agent)
            )
            if self.game.form.kinds[node] != END
            else 1
            for agent in range(len(self.game.agents))
        )
        if prod(counts) > self.limit:
            raise BudgetExceeded(f"a table of more than {self.limit} strategy profiles")
        return counts

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
        if (node, agent) in self.kept:
            number = self.kept[node, agent][number]
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


@dataclass(frozen=True)
class Ways:
    """How what is told of ends becomes what is told of nodes: of an end by its number, of a coin by its number and what
    is told of its sides, of an edge by what is told of the node it leads to and by the edge's number."""

    end: Callable[[int], int]
    coin: Callable[[int, Sequence[int]], int]
    edge: Callable[[int, int], int]


def payoff_ways(prospects: Prospects) -> Ways:
    """Prospects by number."""
    paid = prospects.game.form.paid
    return Ways(lambda which: which, prospects.mixed, lambda below, edge: prospects.shifted(below, paid[edge]))


def history_ways() -> Ways:
    """Codes, equal exactly for equal distributions of the histories from the same node on."""
    known: dict[Hashable, int] = {}

    def coded(*parts: Hashable) -> int:
        return known.setdefault(parts, len(known))

    return Ways(
        end=lambda which: coded("end"),
        coin=lambda odds, sides: coded("coin", *sides),
        edge=lambda below, edge: coded("edge", edge, below),
    )


def _folded(strategies: Strategies, ways: Ways) -> Integers:
    """What is told of the root, per profile of strategies."""
    tables: list[Integers] = []
    for node in range(strategies.game.form.nodes):
        tables.append(folded(strategies, node, tables, ways))
    return tables[-1]


def folded(strategies: Strategies, node: int, tables: Sequence[Integers], ways: Ways) -> Integers:
    """What is told of `node`, per profile of strategies there, from the tables of the nodes after it."""
    form = strategies.game.form
    agents = range(len(strategies.game.agents))
    if form.kinds[node] == END:
        return np.full((1,) * len(agents), ways.end(form.info[node]), dtype=np.int64)
    parts = [strategies.parts(node, agent) for agent in agents]
    blocks = []
    for edge in form.edges(node):
        inner = tables[form.child[edge]][np.ix_(*(parts[agent][edge][1] for agent in agents))]
        blocks.append(each(inner, lambda below, edge=edge: ways.edge(below, edge)))
    if form.kinds[node] == CHANCE:
        sides, places = np.unique(np.stack([block.ravel() for block in blocks]), axis=1, return_inverse=True)
        mixed = [ways.coin(form.info[node], column) for column in sides.T.tolist()]
        return np.array(mixed, dtype=np.int64)[places.reshape(blocks[0].shape)]
    table = np.zeros(strategies.count(node), dtype=np.int64)
    for edge, block in zip(form.edges(node), blocks, strict=True):
        table[np.ix_(*(parts[agent][edge][0] for agent in agents))] = block
    return table


def each(table: Integers, change: Any) -> Integers:
    """`table` with every number changed."""
    distinct, places = np.unique(table, return_inverse=True)
    changed = np.array([change(number) for number in distinct.tolist()], dtype=np.int64)
    return changed[places.reshape(table.shape)]


def in_order(table: Integers) -> Integers:
    """`table` with its numbers replaced by 0, 1, ... in the order in which they appear."""
    order: dict[int, int] = {}
    return each(table, {one: order.setdefault(one, len(order)) for one in table.ravel().tolist()}.__getitem__)


def alike(prospects: Prospects, table: Integers) -> Integers:
    """`table` with the first of every set of prospects that are the same in place of all."""
    first = {prospects.key(prospect): prospect for prospect in reversed(np.unique(table).tolist())}
    return each(table, lambda prospect: first[prospects.key(prospect)])


def distinct_strategies(table: Integers) -> tuple[Integers, tuple[tuple[int, ...], ...]]:
    """`table` with one of all equal strategies, the first; and which are kept, per agent."""
    kept = []
    for axis in range(table.ndim):
        rows = np.moveaxis(table, axis, 0).reshape(table.shape[axis], -1)
        different = np.sort(np.unique(rows, axis=0, return_index=True)[1])
        table = np.take(table, different, axis=axis)
        kept.append(tuple(different.tolist()))
    return table, tuple(kept)


def _exact_array(column: Sequence[Exact]) -> NDArray[Any]:
    if all(isinstance(payoff, int) and -(2**63) <= payoff < 2**63 for payoff in column):
        return np.array(column, dtype=np.int64)
    boxed = np.empty(len(column), dtype=object)
    boxed[:] = list(column)
    return boxed
