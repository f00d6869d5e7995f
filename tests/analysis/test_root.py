"""Root implementation: stage by stage against literal strategic forms, and the definitions on games made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.analysis import Tree
from unrigged.analysis.coalitions import coalitions, partitions
from unrigged.analysis.form import CHANCE, DECISION, END, Form
from unrigged.analysis.root import (
    MainNode,
    NoDominant,
    RootObjection,
    collusively_dominant,
    essentially_root_implements,
    root_implements,
    root_set,
    root_solvable,
    socially_optimal,
)
from unrigged.analysis.rooted import Rooted, Valued
from unrigged.context import Coalition, Context
from unrigged.errors import BudgetExceeded, InputError
from unrigged.mechanisms import Market, MarketFair, Naive2
from unrigged.moves.answer import YesNo
from unrigged.outcome import Outcome
from unrigged.setting import NULL_STATE, choice, market
from unrigged.valuations import StateValues, Table

NAMES = ("ann", "bob", "cy")
SETTING = choice(NAMES, ["s"])
WORTHLESS = Context(SETTING, tuple(StateValues(["s"], [0]) for _ in NAMES))


def paying(tree: Tree, root: int, ends: list[tuple[int, ...]]) -> Form:
    """The form of a tree whose end number k gives everybody the payoffs ends[k]."""
    form = tree.game(root).form
    return replace(form, ends=[Outcome(NULL_STATE, tuple(-payoff for payoff in each)) for each in ends])


def random_form(seed: int) -> Form:
    """The first player has two moves; what follows is random, and payoffs are small, so that ties are frequent."""
    rng = Random(seed)
    tree = Tree(NAMES)
    ends: list[tuple[int, ...]] = []

    def end() -> int:
        ends.append(tuple(rng.randint(0, 2) for _ in NAMES))
        return tree.end(0, 0, 0, name=str(len(ends) - 1))

    def decision() -> int:
        if rng.random() < 0.5:
            return tree.decision(rng.choice(NAMES), {"x": end(), "y": end()}, "turn")
        both = sorted(rng.sample(NAMES, 2), key=NAMES.index)
        return tree.simultaneous({name: ["x", "y"] for name in both}, [end() for _ in range(4)], "both")

    def node(depth: int) -> int:
        kind = rng.random()
        if depth == 0 or kind < 0.1:
            return end()
        if kind < 0.5:
            return tree.chance({"heads": ("1/3", node(depth - 1)), "tails": ("2/3", node(depth - 1))}, f"coin {depth}")
        if kind < 0.65:
            return tree.decision(rng.choice(NAMES), {"l": decision(), "r": end()}, "before")
        return decision()

    root = tree.decision("ann", {"one": node(2), "other": node(2)}, "first")
    return paying(tree, root, ends)


Plan = dict[tuple[int, ...], tuple[int, ...]]


def decisions(form: Form, node: int, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], int]]:
    if form.kinds[node] == DECISION:
        yield path, node
    for offset, edge in enumerate(form.edges(node)):
        yield from decisions(form, form.child[edge], (*path, offset))


def plans(form: Form, node: int, players: tuple[int, ...]) -> list[Plan]:
    """Every complete joint strategy of `players` in the subtree: a move of each who acts, at every history."""
    listed = []
    for path, here in decisions(form, node):
        turn = form.turns[form.info[here]]
        own = [range(len(moves)) for player, moves in zip(turn.players, turn.moves, strict=True) if player in players]
        if own:
            listed.append([(path, chosen) for chosen in product(*own)])
    return [dict(each) for each in product(*listed)]


def value(form: Form, node: int, mine: Plan, rest: Plan, coalition: Coalition, path: tuple[int, ...] = ()) -> Fraction:
    """The expected joint payoff of `coalition` where it plays `mine` and all others play `rest`."""
    if form.kinds[node] == END:
        return Fraction(-sum(form.ends[form.info[node]].prices[player] for player in coalition))
    edges = form.edges(node)
    if form.kinds[node] == CHANCE:
        chances = form.odds[form.info[node]].chances
        sides = (value(form, form.child[edge], mine, rest, coalition, (*path, k)) for k, edge in enumerate(edges))
        return sum((chance * side for chance, side in zip(chances, sides, strict=True)), Fraction(0))
    turn = form.turns[form.info[node]]
    ours, theirs = iter(mine.get(path, ())), iter(rest.get(path, ()))
    offset = 0
    for player, moves in zip(turn.players, turn.moves, strict=True):
        offset = offset * len(moves) + next(ours if player in coalition else theirs)
    return value(form, form.child[edges[offset]], mine, rest, coalition, (*path, offset))


def dominant_plans(form: Form, node: int, coalition: Coalition) -> list[Plan]:
    """The slow way: every plan that is strictly better than each other one against every plan of the rest."""
    rest = tuple(player for player in range(len(NAMES)) if player not in coalition)
    own, others = plans(form, node, coalition), plans(form, node, rest)
    table = [[value(form, node, mine, against, coalition) for against in others] for mine in own]
    return [
        mine
        for k, mine in enumerate(own)
        if all(a > b for j, row in enumerate(table) if j != k for a, b in zip(table[k], row, strict=True))
    ]


def lacking(valued: Valued, coalition: Coalition) -> set[int]:
    """The first moves after which the coalition has no dominant joint strategy."""
    groups = zip(valued.rooted.groups, valued.rows(coalition), strict=True)
    return {int(action) for group, rows in groups for action in group.actions[rows < 0]}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_stages_agree_with_literal_strategic_forms_and_with_the_slow_way(seed: int) -> None:
    form = random_form(seed)
    staged, literal = (Rooted.of_form(form, literal=one).valued(WORTHLESS) for one in (False, True))
    for coalition in coalitions(3):
        slow = {
            action
            for action, edge in enumerate(form.edges(form.root))
            if not dominant_plans(form, form.child[edge], coalition)
        }
        assert lacking(staged, coalition) == lacking(literal, coalition) == slow


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6))
def test_dominant_profiles_pay_the_same_however_they_are_found(seed: int) -> None:
    form = random_form(seed)
    staged, literal = (Rooted.of_form(form, literal=one).valued(WORTHLESS) for one in (False, True))
    for partition in partitions(3):
        if any(staged.without_dominant(coalition) for coalition in partition):
            continue
        sets = [root_set(valued, partition) for valued in (staged, literal)]
        assert sets[0].best == sets[1].best
        for action, edge in enumerate(form.edges(form.root)):
            joined: dict[Coalition, Plan] = {c: dominant_plans(form, form.child[edge], c)[0] for c in partition}
            for coalition in partition:
                others = tuple(player for player in range(3) if player not in coalition)
                rest: Plan = merged(form, form.child[edge], joined, others)
                slow = value(form, form.child[edge], joined[coalition], rest, coalition)
                assert sets[0].utility(coalition, action) == sets[1].utility(coalition, action) == slow


def merged(form: Form, node: int, joined: dict[Coalition, Plan], players: tuple[int, ...]) -> Plan:
    """What `players` do where every coalition plays its plan of `joined`."""
    found: Plan = {}
    for path, here in decisions(form, node):
        moves = []
        for player in form.turns[form.info[here]].players:
            if player in players:
                coalition = next(each for each in joined if player in each)
                mates = [one for one in form.turns[form.info[here]].players if one in coalition]
                moves.append(joined[coalition][path][mates.index(player)])
        found[path] = tuple(moves)
    return found


def test_ways_to_collude() -> None:
    assert [len(list(partitions(n))) for n in range(1, 6)] == [1, 2, 5, 15, 52]
    assert all(sorted(p for block in blocks for p in block) == [0, 1, 2, 3] for blocks in partitions(4))
    assert len(set(partitions(4))) == 15
    assert coalitions(3) == [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]


# Games made by hand


def offer(ends: list[tuple[int, ...]], replies: dict[str, tuple[int, int]], replier: str = "bob") -> Rooted:
    """Ann makes an offer, another player takes one of two ends."""
    tree = Tree(NAMES)
    nodes = [tree.end(0, 0, 0, name=str(k)) for k in range(len(ends))]
    answers = {
        first: tree.decision(replier, {"yes": nodes[yes], "no": nodes[no]}, "reply")
        for first, (yes, no) in replies.items()
    }
    return Rooted.of_form(paying(tree, tree.decision("ann", answers, "first"), ends))


def test_a_tie_is_no_dominance() -> None:
    tied = offer([(1, 1, 0), (0, 1, 0)], {"only": (0, 1)})
    found = collusively_dominant(tied, [WORTHLESS])
    assert found.status == "fails"
    assert isinstance(found.counterexample, NoDominant)
    assert (found.counterexample.coalition, found.counterexample.move) == ((1,), "only")
    assert root_solvable(tied, [WORTHLESS]).counterexample == found.counterexample
    split = offer([(1, 1, 0), (0, 2, 0)], {"only": (0, 1)})
    assert collusively_dominant(split, [WORTHLESS], collusion=False).status == "holds"
    assert collusively_dominant(split, [WORTHLESS]).counterexample.coalition == (0, 1), (
        "together they gain 2 either way"
    )


def test_what_others_collude_on_must_not_matter_to_the_first_mover() -> None:
    # Bob alone says no to "sly", since it costs him 1; with cy, who gains 3 by it, he says yes.
    sly = offer([(5, 1, 4), (0, 2, 1), (1, 1, 1), (0, 0, 0)], {"sly": (0, 1), "fair": (2, 3)})
    assert collusively_dominant(sly, [WORTHLESS]).status == "holds"
    found = root_solvable(sly, [WORTHLESS])
    assert found.status == "fails"
    assert "collude" in found.why
    assert isinstance(found.counterexample, RootObjection)
    assert root_solvable(sly, [WORTHLESS], collusion=False).status == "holds"


def test_nobody_may_lose_by_a_best_first_move() -> None:
    harsh = offer([(5, -1, 0), (0, -2, 0)], {"only": (0, 1)})
    found = root_solvable(harsh, [WORTHLESS], collusion=False)
    assert found.status == "fails"
    assert (found.counterexample.coalition, found.counterexample.utility) == ((1,), -1)
    assert root_set(harsh.valued(WORTHLESS), ((0,), (1,), (2,))).best == (0,)


def test_somebody_alone_must_begin() -> None:
    tree = Tree(NAMES)
    both = tree.simultaneous({"ann": ["x"], "bob": ["x", "y"]}, [tree.end(0, 0, 0), tree.end(1, 1, 1)])
    with pytest.raises(InputError, match="one player"):
        Rooted.of_form(tree.game(both).form)
    with pytest.raises(InputError, match="one player"):
        Rooted.of(MarketFair(TWO), 0)
    with pytest.raises(BudgetExceeded, match="3 profiles"):
        Rooted.of(Market(TWO), 0, limit=3)
    with pytest.raises(InputError, match="contexts"):
        root_solvable(offer([(1, 1, 0), (0, 0, 0)], {"only": (0, 1)}), [])


# Definition 6 on markets

TWO = market(["ann", "bob"], {"ann": ["hut"]}, 2)
HALF = [Outcome((owner,), (-price, price)) for owner in (-1, 0, 1) for price in range(-3, 4)]


def on_half(space: Any) -> list[Any]:
    """Every proposal with integer prices in range, small B."""
    return list(space.grid(0)) if isinstance(space, YesNo) else HALF


def types(*values: int) -> Context:
    goods = TWO.need_goods("a market")
    return Context(TWO, tuple(Table(goods, (0, value)) for value in values))


EVERY = [types(one, other) for one in (-1, 0, 1) for other in (-1, 0, 1)]


def test_the_market_root_implements() -> None:
    mechanism = Market(TWO)
    rooted = Rooted.of(mechanism, on_half)
    found = root_implements(rooted, EVERY, socially_optimal, mechanism.delta)
    assert found.status == "holds"
    assert (found.evidence.contexts, found.evidence.partitions) == (9, 2)
    assert root_solvable(rooted, EVERY).status == "holds"
    too_sure = root_implements(rooted, EVERY, socially_optimal, mechanism.delta / 2)
    assert too_sure.status == "fails"
    assert isinstance(too_sure.counterexample, MainNode)
    assert too_sure.counterexample.probability == 1 - mechanism.delta
    with pytest.raises(InputError, match="delta"):
        root_implements(rooted, EVERY, socially_optimal, Fraction(1, 2))


def test_an_undesired_main_outcome_is_shown() -> None:
    mechanism = Market(TWO)

    def nothing_moves(context: Context) -> Any:
        return lambda outcome: outcome.result == TWO.endowment

    found = root_implements(Rooted.of(mechanism, on_half), EVERY, nothing_moves, mechanism.delta, collusion=False)
    assert found.status == "fails"
    assert found.counterexample.outcome.result != TWO.endowment


def test_essential_implementation_takes_a_mechanism_for_every_delta() -> None:
    def family(delta: Fraction) -> Rooted:
        eps = Fraction(1, 20)
        return Rooted.of(Market(TWO, eps=eps, delta=min(delta, eps / 4)), on_half)

    deltas = [Fraction(1, 1000), Fraction(1, 3)]
    assert essentially_root_implements(family, deltas, lambda: EVERY, socially_optimal).status == "holds"

    def careless(delta: Fraction) -> Rooted:
        return family(Fraction(1, 100))

    found = essentially_root_implements(careless, deltas, lambda: EVERY, socially_optimal)
    assert found.status == "fails"
    assert found.why.startswith("delta = 1/1000")
    with pytest.raises(InputError, match="deltas"):
        essentially_root_implements(family, [], lambda: EVERY, socially_optimal)


def test_two_nodes_of_one_outcome_are_told_apart() -> None:
    # "loud" and "soft" are both best, and end alike.
    tree = Tree(NAMES)
    ends: list[tuple[int, ...]] = [(1, 1, 1)]
    only = tree.end(0, 0, 0, name="0")
    rooted = Rooted.of_form(paying(tree, tree.decision("ann", {"loud": only, "soft": only}, "first"), ends))
    found = root_implements(rooted, [WORTHLESS], lambda context: lambda outcome: True, Fraction(0))
    assert found.status == "fails"
    assert {node.move for node in found.counterexample} == {"loud", "soft"}


def test_votes_on_which_others_depend_are_not_dominant() -> None:
    three = market(["ann", "bob", "cy"], {"ann": ["hut"]}, 2)
    goods = three.need_goods("a market")
    context = Context(three, tuple(Table(goods, (0, value)) for value in (0, 1, 0)))
    proposal = Outcome((1,), (-1, 1, 0))

    def grid(space: Any) -> list[Any]:
        return list(space.grid(0)) if isinstance(space, YesNo) else [proposal]

    found = collusively_dominant(Rooted.of(Naive2(three), grid), [context])
    assert found.status == "fails", "where another says NO, one's own answer makes no difference"
    assert collusively_dominant(Rooted.of(Market(three), grid), [context]).status == "holds"
