"""Elimination to the letter: all pure strategies of the smallest games of the mechanism of 2009, in several orders."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from unrigged.analysis.elimination import Choose, eliminate
from unrigged.analysis.games import game_of
from unrigged.analysis.reduced_form import strategic_form
from unrigged.certificates import Dominated
from unrigged.claims.base import Evidence, Scope, Watch
from unrigged.claims.surviving.general import ORDER, alike, distinct
from unrigged.claims.surviving.ranges import bound_of, contexts, mechanism_of, setting_of
from unrigged.strategic import NormalForm, Notion
from unrigged.verdict import Verdict, fails, holds


def first_of(agent: int) -> Choose:
    """Everything that is dominated of `agent`, and of the others only when nothing of him is."""

    def chosen(found: Sequence[Dominated]) -> Sequence[Dominated]:
        return [one for one in found if one.agent == agent] or found

    return chosen


def half(found: Sequence[Dominated]) -> Sequence[Dominated]:
    """Every second strategy that is dominated."""
    return found[::2]


def _whole(form: NormalForm) -> NormalForm:
    """The same game with payoffs in units that make them whole."""
    payoffs = tuple(form.whole(agent, form.denominator(agent)) for agent in range(len(form.agents)))
    return NormalForm(form.agents, form.strategies, payoffs, form.marks)


ORDERS: tuple[Choose | None, ...] = (None, first_of(0), half)


@ORDER.reading(
    "in the smallest game of the mechanism",
    quick=Scope(players=2, states=1, values=(1, 1)),
    standard=Scope(players=2, states=1, values=(1, 1)),
)
def literally(scope: Scope, watch: Watch) -> Verdict:
    """Two players, one state, announcements 0 and 1: all pure strategies (up to those that lead to the same outcome
    distributions), compared by these. All that is dominated goes at once, one player's before the other's, or every
    second one: the same is left, and every record of elimination is accepted by the checker."""
    mechanism = mechanism_of(
        setting_of(scope.players, scope.states, bound_of(scope)), Fraction(1, 10), Fraction(1, 200)
    )
    counts = {"games": 0, "pure strategies": 0, "records of elimination": 0, "rounds at most": 0}
    for stages in contexts(mechanism, scope):
        form = _whole(strategic_form(game_of(mechanism, stages.context, mechanism.greatest), marks="outcomes"))
        tables: list[Any] = []
        for number, order in enumerate(ORDERS):
            watch.step("orders of elimination", number, len(ORDERS))
            found = eliminate(form, Notion.DISTINGUISHABLE, choose=order)
            against = found.reason_against()
            if against is not None:
                return fails(f"{stages.values}: {against}")
            tables.append(distinct(form, found.survivors))
            counts["records of elimination"] += 1
            if order is None:
                counts["rounds at most"] = max(counts["rounds at most"], len(found.rounds))
        counts["games"] += 1
        counts["pure strategies"] += sum(form.shape)
        if not all(alike(tables[0], table) for table in tables[1:]):
            return fails(f"{stages.values}: another order leaves another game")
        if any(len(np.unique(table)) > 1 for table in tables):
            return fails(f"{stages.values}: more than one outcome distribution is left")
    records = counts.pop("records of elimination")
    why = "one outcome distribution is left, the same in every order"
    return holds(why, evidence=Evidence(counts, {"records of elimination": records}))


CLAIMS = (ORDER,)
