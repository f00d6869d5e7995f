"""Iterated elimination of distinguishably dominated strategies, every subgame to its end before what it is part of.

In a subgame the strategies are those put together from what survived in its own subgames; they are compared in tables,
as `eliminate` does it. A strategy that goes in a subgame is part only of strategies that are distinguishably dominated
in the whole, by strategies that differ from them there alone, so this is one order of eliminating in the whole game.
For histories the order makes no difference to the distributions that survive (J. Chen and S. Micali, 2013), nor, for
pure dominators, to those of outcomes where they are the marks: dominance by pure strategies is then transitive, and
whoever has lost all that told him from his dominator leads to the same. The result is thus exactly what literal
elimination leaves, up to strategies that lead to the same; but tables are as large as what survives below, not as the
game. Where even these are too large, `conditional_elimination` first takes out what needs no table.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from unrigged.analysis.elimination import eliminate
from unrigged.analysis.form import DECISION
from unrigged.analysis.games import Game
from unrigged.analysis.prospects import Prospects
from unrigged.analysis.reduced_form import (
    MAX_PROFILES,
    Integers,
    ReducedForm,
    Strategies,
    alike,
    distinct_strategies,
    each,
    folded,
    history_ways,
    in_order,
    payoff_ways,
)
from unrigged.errors import BudgetExceeded
from unrigged.strategic import Allowed, NormalForm, Notion


def surviving_form(
    game: Game,
    *,
    marks: Literal["histories", "outcomes"] = "histories",
    mixed: bool = False,
    limit: int = MAX_PROFILES,
) -> ReducedForm:
    """The reduced normal form of what survives iterated elimination of distinguishably dominated strategies.

    marks: what distinguishes strategies. mixed: whether mixtures can dominate (proved for histories; for outcomes the
    order may then matter). Raises BudgetExceeded where some table would have more than `limit` profiles, or a search
    for a mixture gave up.

    >>> from unrigged.analysis import Tree
    >>> tree = Tree(["ann", "bob"])
    >>> moves = {"ann": ["opera", "match"], "bob": ["opera", "match"]}
    >>> pairs = [(3, 1), (0, 0), (0, 0), (1, 3)]
    >>> together = tree.simultaneous(moves, [tree.end(*pair) for pair in pairs], "evening")
    >>> game = tree.game(tree.decision("ann", {"out": tree.end(2, 0), "in": together}, "first"))
    >>> survivors = surviving_form(game)
    >>> survivors.names(0), survivors.names(1)
    (('first: in; in, evening: opera',), ('in, evening: opera',))
    """
    form, strategies = game.form, Strategies(game, limit)
    prospects = Prospects(game, marks == "outcomes")
    ways, codes = payoff_ways(prospects), history_ways()
    tables: list[Integers] = []
    histories: list[Integers] = []
    for node in range(form.nodes):
        table = folded(strategies, node, tables, ways)
        told = folded(strategies, node, histories, codes) if marks == "histories" else table
        kept = tuple(tuple(range(size)) for size in table.shape)
        if marks == "outcomes":
            table = alike(prospects, table)
            table, kept = distinct_strategies(table)
            told = table
        if form.kinds[node] == DECISION and max(table.shape) > 1:
            left = _left(game, prospects, table, told, mixed)
            table, told = table[np.ix_(*left)], told[np.ix_(*left)]
            kept = tuple(tuple(own[one] for one in some) for own, some in zip(kept, left, strict=True))
        strategies.counts.append(table.shape)
        strategies.kept.update(((node, agent), own) for agent, own in enumerate(kept))
        tables.append(table)
        histories.append(told)
    table = alike(prospects, each(tables[-1], lambda one: prospects.shifted(one, form.begun)))
    everything = tuple(tuple(range(size)) for size in table.shape)
    told_apart = in_order(histories[-1]) if marks == "histories" else None
    return ReducedForm(game, prospects, table, everything, marks, strategies, told_apart)


def _left(game: Game, prospects: Prospects, table: Integers, told: Integers, mixed: bool) -> Allowed:
    listed, places = np.unique(table, return_inverse=True)
    payoffs = []
    for column in prospects.columns:
        values = np.empty(len(listed), object)
        values[:] = [column[prospect] for prospect in listed.tolist()]
        payoffs.append(values[places.reshape(table.shape)])
    names = tuple(tuple(range(size)) for size in table.shape)
    found = eliminate(NormalForm(game.names, names, tuple(payoffs), told), Notion.DISTINGUISHABLE, mixed=mixed)
    if found.undecided:
        raise BudgetExceeded(found.undecided[0].why)
    return found.survivors
