"""The checker accepts what is true and refuses every forgery, field by field."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategic_support import bimatrix, games, is_dominator
from unrigged.certificates import Belief, Dominated, NoPureDominator, Objection, Undominated, reason_against
from unrigged.strategic import NormalForm, Notion, Region

HALF, ONE = Fraction(1, 2), Fraction(1)
GAME = bimatrix([[(3, 0), (0, 0)], [(0, 0), (3, 0)], [(1, 0), (1, 0)], [(2, 0), (2, 0)]])
"""Row: c is dominated by the mean of a and b, and by d; nothing dominates d."""

WHOLE = (Region.all_of(GAME),)
MIXTURE = Dominated(Notion.STRICT, 0, 2, ((0, HALF), (1, HALF)))
BELIEF = Belief((((0, (0,)), HALF), ((0, (1,)), HALF)))
STANDS = Undominated(Notion.WEAK, 0, 3, (BELIEF,), 0)
OBJECTED = NoPureDominator(Notion.STRICT, 0, 3, (Objection(0, 0, (1,)), Objection(1, 0, (0,)), Objection(2, 0, (0,))))


def test_true_ones_are_accepted() -> None:
    for notion in Notion:
        assert reason_against(replace(MIXTURE, notion=notion), WHOLE) is None
        assert reason_against(replace(STANDS, notion=notion), WHOLE) is None
        assert reason_against(replace(OBJECTED, notion=notion), WHOLE) is None
        assert reason_against(Dominated(notion, 0, 2, ((3, ONE),)), WHOLE) is None
    everywhere = Undominated(Notion.WEAK, 0, 3, (Belief((), 0),), 0)
    assert reason_against(everywhere, WHOLE) is None
    assert reason_against(Undominated(Notion.STRICT, 0, 0, (Belief((((0, (0,)), ONE),)),), 0), WHOLE) is None


FORGED_MIXTURES: list[tuple[dict[str, Any], str]] = [
    ({"notion": "strict"}, "not a notion"),
    ({"agent": 1}, "not an allowed one|not a mixture|gains"),
    ({"agent": 2}, "no such agent"),
    ({"agent": -1}, "no such agent"),
    ({"agent": True}, "no such agent"),
    ({"agent": "row"}, "no such agent"),
    ({"strategy": 3}, "the dominator gains -1/2"),
    ({"strategy": 0}, "not a mixture"),
    ({"strategy": 4}, "not an allowed one"),
    ({"strategy": None}, "not an allowed one"),
    ({"by": ()}, "add up to 1"),
    ({"by": ((0, HALF),)}, "add up to 1"),
    ({"by": ((0, HALF), (1, HALF), (3, HALF))}, "add up to 1"),
    ({"by": ((0, ONE),)}, "the dominator gains -1"),
    ({"by": ((0, Fraction(1, 3)), (1, Fraction(2, 3)))}, "the dominator gains 0"),
    ({"by": ((0, HALF), (0, HALF))}, "not a mixture"),
    ({"by": ((0, Fraction(3, 2)), (1, Fraction(-1, 2)))}, "not a mixture"),
    ({"by": ((0, ONE), (1, Fraction(0)))}, "not a mixture"),
    ({"by": ((0, 0.5), (1, 0.5))}, "not a mixture"),
    ({"by": ((0, True),)}, "not a mixture"),
    ({"by": ((2, ONE),)}, "not a mixture"),
    ({"by": ((9, ONE),)}, "not a mixture"),
    ({"by": ((False, HALF), (True, HALF))}, "not a mixture"),
    ({"by": (([0], ONE),)}, "not a mixture"),
    ({"by": [(0, HALF), (1, HALF)]}, "not a mixture"),
    ({"by": ((0, HALF, 1),)}, "not a mixture"),
    ({"by": None}, "not a mixture"),
]


@pytest.mark.parametrize(("change", "reason"), FORGED_MIXTURES)
def test_forged_dominators_are_refused(change: dict[str, Any], reason: str) -> None:
    refused = reason_against(replace(MIXTURE, **change), WHOLE)
    assert refused is not None
    assert any(part in refused for part in reason.split("|"))


FORGED_BELIEFS: list[tuple[dict[str, Any], str]] = [
    ({"strategy": 2}, "strategy 0 gains 1/2 by the belief"),
    ({"strategy": 0}, "gains"),
    ({"agent": 1}, "not an allowed one"),
    ({"beliefs": ()}, "not exactly one"),
    ({"beliefs": (BELIEF, BELIEF)}, "not exactly one"),
    ({"beliefs": [BELIEF]}, "no list"),
    ({"beliefs": (None,)}, "not a belief"),
    ({"beliefs": (Belief(()),)}, "a belief that is 0"),
    ({"beliefs": (Belief((((0, (0,)), ONE),)),)}, "strategy 0 gains 1"),
    ({"beliefs": (Belief((((0, (0,)), HALF), ((0, (0,)), HALF))),)}, "not a belief"),
    ({"beliefs": (Belief((((0, (0,)), HALF), ((0, (1,)), -HALF))),)}, "not a belief"),
    ({"beliefs": (Belief((((0, (0,)), 0.5), ((0, (1,)), 0.5))),)}, "not a belief"),
    ({"beliefs": (Belief((((1, (0,)), HALF),)),)}, "not a belief"),
    ({"beliefs": (Belief((((0, (2,)), HALF),)),)}, "not a belief"),
    ({"beliefs": (Belief((((0, (0, 0)), HALF),)),)}, "not a belief"),
    ({"beliefs": (Belief((((0, (False,)), HALF),)),)}, "not a belief"),
    ({"beliefs": (Belief((((0, [0]), HALF),)),)}, "not a belief"),
    ({"beliefs": (Belief(None),)}, "not a belief"),  # type: ignore[arg-type]
    ({"beliefs": (Belief((), 1),)}, "over no region"),
    ({"beliefs": (Belief((), -1),)}, "over no region"),
    ({"region": 1}, "no such region"),
    ({"region": None}, "no such region"),
    ({"region": True}, "no such region"),
]


@pytest.mark.parametrize(("change", "reason"), FORGED_BELIEFS)
def test_forged_beliefs_are_refused(change: dict[str, Any], reason: str) -> None:
    refused = reason_against(replace(STANDS, **change), WHOLE)
    assert refused is not None
    assert reason in refused


def test_a_weak_belief_leaves_nothing_out() -> None:
    """Strategy 0 is best against 0: enough against strict dominance, not against weak."""
    point = Undominated(Notion.STRICT, 0, 0, (Belief((((0, (0,)), ONE),)),), 0)
    assert reason_against(point, WHOLE) is None
    assert reason_against(replace(point, notion=Notion.WEAK), WHOLE) == "the belief leaves out a choice of the others"


FORGED_OBJECTIONS: list[tuple[Any, str]] = [
    (OBJECTED.objections[:2], "not one objection"),
    ((*OBJECTED.objections, OBJECTED.objections[0]), "not one objection"),
    ((*OBJECTED.objections[:2], Objection(3, 0, (0,))), "not one objection"),
    (list(OBJECTED.objections), "not a list of objections"),
    ((None,), "not a list of objections"),
    ((Objection(0, 0, (0,)), *OBJECTED.objections[1:]), "strategy 0 does not fail"),
    ((Objection(0, 0, None), *OBJECTED.objections[1:]), "strategy 0 does gain"),
    ((Objection(0, 1, (1,)), *OBJECTED.objections[1:]), "in no region"),
    ((Objection(0, 0, (2,)), *OBJECTED.objections[1:]), "no allowed choice"),
    ((Objection(0, 0, "x"), *OBJECTED.objections[1:]), "no allowed choice"),  # type: ignore[arg-type]
    ((Objection("0", 0, (1,)), *OBJECTED.objections[1:]), "not one objection"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("objections", "reason"), FORGED_OBJECTIONS)
def test_forged_objections_are_refused(objections: Any, reason: str) -> None:
    refused = reason_against(replace(OBJECTED, objections=objections), WHOLE)
    assert refused is not None
    assert reason in refused


def test_distinguishable_certificates_say_all() -> None:
    """A list of beliefs must leave no rival that could still be told apart."""
    table, marks = np.array([[4, 0, 1], [0, 4, 1], [1, 1, 1]]), np.arange(9).reshape(3, 3)
    game = NormalForm(("row", "column"), (tuple("abc"), tuple("stu")), (table, table * 0), marks * 0 + marks)
    tie = Belief((((0, (2,)), ONE),))
    whole = (Region.all_of(game),)
    stands = Undominated(Notion.DISTINGUISHABLE, 0, 2, (tie,), 0)
    assert reason_against(stands, whole) is None
    assert reason_against(replace(stands, beliefs=()), whole) == "the beliefs say nothing of strategy 0"
    hidden = NormalForm(game.agents, game.strategies, game.payoffs, np.array([[0, 1, 9], [2, 3, 9], [4, 5, 9]]))
    assert reason_against(stands, (Region.all_of(hidden),)) == "the beliefs say nothing of strategy 0"
    mean = Dominated(Notion.DISTINGUISHABLE, 0, 2, ((0, HALF), (1, HALF)))
    assert reason_against(mean, (Region.all_of(hidden),)) is None
    assert "gains 0" in str(reason_against(mean, whole))
    unmarked = NormalForm(game.agents, game.strategies, game.payoffs)
    assert "without marks" in str(reason_against(mean, (Region.all_of(unmarked),)))


def test_the_region_is_the_askers() -> None:
    """A certificate over fewer strategies says nothing over more."""
    less = (Region(GAME, ((0, 2), (0,))),)
    found = Dominated(Notion.STRICT, 0, 2, ((0, ONE),))
    assert reason_against(found, less) is None
    assert "gains -1" in str(reason_against(found, WHOLE))
    assert "gains -1" in str(reason_against(found, (*less, Region(GAME, ((0, 2), (1,))))))
    assert "differ" in str(reason_against(found, (*less, *WHOLE)))
    assert reason_against(found, ()) == "no region to compare in"
    assert reason_against("dominated", WHOLE) == "not a certificate of dominance"
    gone = (Region(GAME, ((2, 3), (0, 1))),)
    assert "not a mixture" in str(reason_against(MIXTURE, gone))


def test_a_gain_in_every_region_is_asked_for() -> None:
    game = bimatrix([[(1, 0), (1, 0)], [(1, 0), (2, 0)]])
    regions = tuple(Region(game, ((0, 1), (choice,))) for choice in (0, 1))
    found = Dominated(Notion.WEAK, 0, 0, ((1, ONE),))
    assert reason_against(found, (Region.all_of(game),)) is None
    assert reason_against(found, regions) == "the dominator gains nowhere in region 0"
    assert reason_against(NoPureDominator(Notion.WEAK, 0, 0, (Objection(1, 0, None),)), regions) is None
    assert reason_against(Undominated(Notion.WEAK, 0, 0, (Belief((), 0),), 0), regions) is None
    assert "leaves out" in str(reason_against(Undominated(Notion.WEAK, 0, 0, (Belief((), 0),), 1), regions))


@settings(max_examples=150, deadline=None)
@given(games(), st.sampled_from(Notion), st.data())
def test_dominators_are_accepted_exactly_if_they_dominate(
    game: NormalForm, notion: Notion, data: st.DataObject
) -> None:
    """Random mixtures against the definition."""
    agent = data.draw(st.integers(0, len(game.agents) - 1))
    own = game.everything[agent]
    strategy = data.draw(st.sampled_from(own))
    parts = {k: data.draw(st.integers(0, 3)) for k in own if k != strategy}
    whole = sum(parts.values())
    mixture = {k: Fraction(part, whole) for k, part in parts.items() if part}
    found = Dominated(notion, agent, strategy, tuple(mixture.items()))
    accepted = reason_against(found, (Region.all_of(game),)) is None
    assert accepted == (bool(mixture) and is_dominator(game, notion, agent, strategy, mixture))


@settings(max_examples=150, deadline=None)
@given(games(), st.sampled_from(Notion), st.data())
def test_nothing_is_both_dominated_and_not(game: NormalForm, notion: Notion, data: st.DataObject) -> None:
    """Random beliefs that are accepted are never of a strategy with a dominator."""
    agent = data.draw(st.integers(0, len(game.agents) - 1))
    strategy = data.draw(st.sampled_from(game.everything[agent]))
    others = [choice for j, choice in enumerate(game.shape) if j != agent]
    belief = tuple(
        ((0, tuple(int(part) for part in choice)), Fraction(weight))
        for choice in np.ndindex(*others)
        if (weight := data.draw(st.integers(0, 2)))
    )
    stands = Undominated(notion, agent, strategy, (Belief(belief),), 0)
    if reason_against(stands, (Region.all_of(game),)) is None:
        for k in game.everything[agent]:
            one = Dominated(notion, agent, strategy, ((k, ONE),))
            assert reason_against(one, (Region.all_of(game),)) is not None


def test_the_checker_loads_no_solver() -> None:
    code = "import sys, unrigged.certificates; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    searching = [name for name in loaded if name.split(".")[0] in ("numba", "highspy", "ortools")]
    assert searching + [name for name in loaded if name.startswith(("unrigged.analysis", "unrigged.claims"))] == []
    assert "unrigged.certificates" in loaded
