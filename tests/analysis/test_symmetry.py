"""Symmetries are verified, and what they reduce agrees with the unreduced games."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from unrigged.analysis import Game, Tree, subgame_perfect, unfold
from unrigged.analysis.conditional import conditional_elimination
from unrigged.analysis.symmetry import Relabelling, orbits, relabellings, same, symmetries
from unrigged.context import Context
from unrigged.errors import InputError
from unrigged.mechanisms import VCG, BestBelief, FirstPrice, HopeForTheBest, Mechanism, Naive1, SecondPrice, Surviving
from unrigged.setting import NOBODY, NULL_STATE, Setting, auction, choice, market
from unrigged.valuations import Additive, StateValues, Table

VASE = auction(["ann", "bob"], ["vase"])
TWO = auction(["ann", "bob"], ["vase", "lamp"])
PARK = choice(["ann", "bob"], ["park"], value_bound=3)
PARK_OF_THREE = choice(["ann", "bob", "cy"], ["park"], value_bound=3)
PARK_POOL = choice(["ann", "bob"], ["park", "pool"], value_bound=2)
HUTS = market(["ann", "bob"], {"ann": ["hut"], "bob": ["van"]}, 8)


def contexts(setting: Setting, most: int) -> Iterator[Context]:
    """All contexts of values up to `most`, in every partition of up to three players."""
    parts = [[(0,), (1,)], [(0, 1)]] if setting.n == 2 else [[(0,), (1,), (2,)], [(0, 1), (2,)], [(0, 2), (1,)]]
    if setting.states is not None:
        rows = [StateValues(setting.states, row) for row in product(range(most + 1), repeat=len(setting.states))]
    else:
        assert setting.goods is not None
        rows = [Table(setting.goods, (0, *row)) for row in product(range(most + 1), repeat=2 ** len(setting.goods) - 1)]
    for types, coalitions in product(product(rows, repeat=setting.n), parts):
        yield Context(setting, types, coalitions=tuple(coalitions))


FOUND = [
    (FirstPrice, VASE, 2, [((0, 1), (0,))]),
    (SecondPrice, VASE, 2, [((0, 1), (0,))]),
    (VCG, TWO, 1, [((0, 1), (0, 1))]),
    (BestBelief, TWO, 1, [((0, 1), (0, 1)), ((0, 1), (1, 0))]),
    (HopeForTheBest, PARK_POOL, 1, [((0, 1), (0, 1)), ((1, 0), (0, 1))]),
    (Surviving, PARK, 1, [((0, 1), (0,)), ((1, 0), (0,))]),
    (Surviving, PARK_OF_THREE, 1, [((0, 1, 2), (0,))]),
    (Naive1, HUTS, 1, [((0, 1), (0, 1)), ((1, 0), (1, 0))]),
]


@pytest.mark.parametrize(("make", "setting", "grid", "expected"), FOUND)
def test_symmetries_found(make: type[Mechanism], setting: Setting, grid: int, expected: list[object]) -> None:
    found = symmetries(unfold(make.build(setting), grid), setting)
    assert [(one.players, one.items) for one in found] == expected
    assert found[0] == same(setting)


REDUCED = [
    (BestBelief, TWO, 1, 1),
    (HopeForTheBest, PARK, 1, 2),
    (HopeForTheBest, PARK_OF_THREE, 1, 2),
    (Surviving, PARK, 1, 2),
]


@pytest.mark.parametrize(("make", "setting", "grid", "most"), REDUCED)
def test_reduced_and_unreduced_agree(make: type[Mechanism], setting: Setting, grid: int, most: int) -> None:
    form = unfold(make.build(setting), grid)
    every = list(contexts(setting, most))
    images = orbits(every, symmetries(form, setting))
    assert len({image.of for image in images}) < len(every)
    results = [(subgame_perfect(game := Game.of(form, context)).payoffs, left(game)) for context in every]
    for (payoffs, histories), image in zip(results, images, strict=True):
        of, others = every[image.of], results[image.of]
        assert {image.by.payoffs(one, of.coalitions) for one in others[0]} == set(payoffs)
        assert histories == others[1]


def left(game: Game) -> int:
    """How many histories survive conditional dominance."""
    return conditional_elimination(game).remaining.form.histories


def test_what_is_refused_would_be_wrong() -> None:
    """First-price with ties to the smallest number: with the players exchanged the equilibria are others."""
    form = unfold(FirstPrice.build(VASE), 3)
    swapped = Relabelling((1, 0), (0,))
    assert symmetries(form, VASE, [swapped]) == ()
    assert VASE.goods is not None
    pair = [Context(VASE, tuple(Additive(VASE.goods, {"vase": v}) for v in row)) for row in ((3, 2), (2, 3))]
    assert swapped.values(pair[0]) == same(VASE).values(pair[1])
    one, other = (set(subgame_perfect(Game.of(form, context)).payoffs) for context in pair)
    assert {swapped.payoffs(payoffs, pair[0].coalitions) for payoffs in one} != other


def test_a_grid_without_the_symmetry() -> None:
    mechanism = HopeForTheBest.build(PARK)
    assert len(symmetries(unfold(mechanism, 1), PARK)) == 2

    def lopsided(space: object) -> list[object]:
        listed = list(space.grid(1))  # type: ignore[attr-defined]
        return listed if space.player == 0 else listed[:1]  # type: ignore[attr-defined]

    assert len(symmetries(unfold(mechanism, lopsided), PARK)) == 1


def test_relabelling() -> None:
    one = Relabelling((1, 2, 0), (1, 0))
    assert one.prices((5, 6, 7)) == (7, 5, 6)
    assert one.prices(()) == ()
    assert one.result((0, NOBODY)) == (NOBODY, 1)
    assert (one.result(1), one.result(NULL_STATE)) == (0, NULL_STATE)
    assert one.coalitions([(0, 2), (1,)]) == ((0, 1), (2,))
    assert one.payoffs((10, 20), [(0, 2), (1,)]) == (10, 20)
    assert one.payoffs((10, 20, 30), [(0,), (1,), (2,)]) == (30, 10, 20)


def test_values_relabelled() -> None:
    assert TWO.goods is not None
    context = Context(TWO, (Table(TWO.goods, (0, 1, 2, 3)), Table(TWO.goods, (0, 4, 5, 6))))
    assert Relabelling((1, 0), (1, 0)).values(context) == (((0, 5, 4, 6), (0, 2, 1, 3)), ((0,), (1,)))


def test_endowments_stay_with_their_owners() -> None:
    assert [(one.players, one.items) for one in relabellings(HUTS)] == [((0, 1), (0, 1)), ((1, 0), (1, 0))]


def test_what_cannot_be_relabelled() -> None:
    setting = auction(["ann", "bob"], ["ann"])
    with pytest.raises(InputError, match="'ann' as a player and a good or state"):
        symmetries(unfold(FirstPrice.build(setting), 1), setting)
    tree = Tree(["ann", "bob"])
    with pytest.raises(InputError, match="no mechanism"):
        symmetries(tree.game(tree.decision("ann", {"x": tree.end(0, 0), "y": tree.end(1, 0)})).form, VASE)
