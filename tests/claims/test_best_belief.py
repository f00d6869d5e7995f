"""The claims on what two steps of elimination leave of the best-belief mechanisms: the reductions
beside the literal elimination and slow recomputation, broken rules."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

from unrigged.analysis import Game, unfold
from unrigged.analysis.reduced_form import strategic_form
from unrigged.claims.base import Scope, Watch, replaced
from unrigged.claims.best_belief.answers import Settled
from unrigged.claims.best_belief.collusion import CLAIMS as COLLUSION
from unrigged.claims.best_belief.collusion import cubed, weighted, with_one_coalition
from unrigged.claims.best_belief.elimination import Twice
from unrigged.claims.best_belief.ranges import Findings, cut, literal_parts, normal_parts, offers, reduced_parts, types
from unrigged.claims.best_belief.rationality import CLAIMS
from unrigged.claims.best_belief.reduced import answers_settled
from unrigged.claims.best_belief.sales import Forms, Sales, added, sales_of
from unrigged.claims.ledger import decide
from unrigged.context import Context
from unrigged.mechanisms import BestBelief, BestBeliefNormal, Mechanism
from unrigged.moves.answer import NO, YES
from unrigged.moves.offers import Wish
from unrigged.outcome import Outcome
from unrigged.setting import NOBODY
from unrigged.strategic import Notion

READINGS = {each.key: each for claim in (*CLAIMS, *COLLUSION) for each in claim.readings.values()}

FAIL = {
    "best-belief.L1 (as printed)",
    "best-belief.T1 (in every outcome)",
    "best-belief.T2 (in every outcome)",
    "best-belief.mild-coalitions (the condition dropped, coalitions known)",
    "best-belief.computed (as printed)",
}

MAIN, NORMAL = "best-belief", "best-belief-normal"
WATCH = Watch()
PAIR = Scope(players=2, goods=1, values=(0, 1), announcements=2, parameters={"eps": Fraction(1, 2)})
TRIO = Scope(players=3, goods=1, values=(0, 1), announcements=1, parameters={"eps": Fraction(1)})


def test_ids_of_the_sheet() -> None:
    assert [claim.id for claim in (*CLAIMS, *COLLUSION)] == [
        "best-belief.L1", "best-belief.L2", "best-belief.T1", "best-belief.L3", "best-belief.L4", "best-belief.T2",
        "best-belief.wrong-beliefs", "best-belief.collusion", "best-belief.mild-coalitions", "best-belief.computed",
    ]  # fmt: skip
    assert all(claim.read().name == "as printed" for claim in (*CLAIMS, *COLLUSION))


def test_misreport_is_the_smallest_one() -> None:
    """A buyer worth 0 who says 1 and sells at 1: no smaller value or price could do."""
    entry = decide(READINGS["best-belief.L1 (as printed)"], PAIR)
    text = next(iter(entry.files.values()))
    assert "p1" in entry.verdict.why
    assert "value" in text
    equal = [figure for figure in entry.figures if figure["sign"] == "="]
    assert len(equal) == 4
    assert all(figure["value"] == figure["other"] for figure in equal)
    assert any(figure["sign"] == ">" for figure in entry.figures)


# The games

FORMS = [(MAIN, PAIR, None), (MAIN, TRIO, (1,)), (NORMAL, PAIR, None)]


@pytest.mark.parametrize(("name", "scope", "wanted"), FORMS[::2], ids=["main", "normal"])
def test_forms_are_the_reduced_forms_of_the_tree(name: str, scope: Scope, wanted: tuple[int, ...] | None) -> None:
    sales = sales_of(name, scope, WATCH, wanted=wanted)
    forms = Forms(sales, WATCH)

    def listed(space: Any) -> Any:
        return sales.moves[space.offers.player] if hasattr(space, "offers") else list(space.grid(1))

    for own in ((0, 1), (1, 1)):
        context = Context(sales.mechanism.setting, tuple(sales.valuations[one] for one in own))
        tree = strategic_form(Game.of(unfold(sales.mechanism, listed), context), marks="histories")
        mine = forms.game(own)
        assert mine.shape == tree.shape
        for i in range(2):
            rows = [sorted(map(tuple, np.moveaxis(table.payoffs[i], i, 0).tolist())) for table in (mine, tree)]
            assert rows[0] == [tuple(int(value * forms.unit) for value in row) for row in rows[1]]
        assert tree.marks is not None
        assert mine.marks is not None
        assert len(np.unique(mine.marks)) == len(np.unique(tree.marks))


def test_sets_that_others_want_do_not_matter() -> None:
    whole, focused = (sales_of(MAIN, PAIR, WATCH, focus=focus) for focus in (None, 0))
    for own in whole.everyones_types:
        tables = [_payoffs(sales, 0, own) for sales in (whole, focused)]
        moves = whole.moves[1]
        for k, move in enumerate(moves):
            twin = focused.moves[1].index(Wish(0, move.offer))
            assert (tables[0][:, k] == tables[1][:, twin]).all()


def _payoffs(sales: Sales, agent: int, own: tuple[int, ...]) -> Any:
    settled = Settled(sales, WATCH)
    return settled.payoffs(agent, own).reshape([len(moves) for moves in sales.moves])


def test_payoffs_are_those_of_plays() -> None:
    sales = sales_of(MAIN, TRIO, WATCH)
    settled = Settled(sales, WATCH)
    own = (1, 0, 1)
    for agent in range(3):
        expected = settled.payoffs(agent, own)
        for a, announced in list(enumerate(sales.profiles))[::7]:
            total = Fraction(0)
            for number, side in enumerate(sales.after[announced]):
                end = side.ends[sales.truthful(announced, number, own)]
                total += side.chance * sales.utility(agent, own[agent], end)
            assert Fraction(int(expected[a]), settled.unit) == total


def test_least_revenue_by_trying_all_answers() -> None:
    sales = sales_of(MAIN, TRIO, WATCH)
    settled = Settled(sales, WATCH)
    least, largest = settled.least_revenue(), settled.largest_announced()
    for a, announced in enumerate(sales.profiles):
        slow = sum(
            (side.chance * min(end.revenue for end in side.ends.values()) for side in sales.after[announced]),
            Fraction(0),
        )
        assert Fraction(int(least[a]), settled.unit) == slow
        assert largest[a] == max(move.offer.revenue for move in _moves(sales, announced))


def _moves(sales: Sales, announced: tuple[int, ...]) -> list[Any]:
    return [own[k] for own, k in zip(sales.moves, announced, strict=True)]


# The reduction beside the literal elimination


@pytest.mark.parametrize(("name", "scope", "wanted"), FORMS[:2], ids=["pair", "trio"])
def test_reduction_agrees_with_the_elimination(name: str, scope: Scope, wanted: tuple[int, ...] | None) -> None:
    sales = sales_of(name, scope, WATCH, wanted=wanted)
    steps, settled = Twice(Forms(sales, WATCH), Notion.DISTINGUISHABLE, WATCH), Settled(sales, WATCH)
    compared = 0
    for player, own in product(sales.players, range(2)):
        everyone = (own,) * len(sales.players)
        kept = steps.first(player, everyone).strategies
        left = {steps.forms.behaviours[player][strategy].announced[0] for strategy in kept}
        for strategy in kept:
            behaviour = steps.forms.behaviours[player][strategy]
            for (rest, side), given in behaviour.answers.items():
                announced = (*rest[:player], *behaviour.announced, *rest[player:])
                best = settled.answers(player, (own,))[sales.profiles.index(announced), side]
                place = sales.after[announced][side].buyers.index(player)
                assert given == ((YES if best >> place & 1 else NO),)
        for announcement in range(len(sales.moves[player])):
            if settled.survives(player, announcement, own):
                assert announcement in left
                compared += 1
    for player in sales.players:
        for stand in steps.stands(player)[:: 1 if len(sales.players) == 2 else 4]:
            after = {steps.forms.behaviours[player][s].announced[0] for s in steps.exactly(player, stand.belief)}
            lazily = {steps.forms.behaviours[player][s].announced[0] for s in stand.kept}
            assert after <= lazily
            for profile in stand.belief:
                sure = [k for k in sales.sure_offers(player, profile) if settled.favourite(player, k, stand.own)]
                assert settled.better_than_less(player, sure, profile)
            best = max(sales.revenues[player][k] for k in _sure_by_all(sales, player, stand.belief))
            assert best == stand.sure
            assert all(sales.revenues[player][k] >= best for k in after)
            compared += 1
    assert compared >= 20


def _sure_by_all(sales: Sales, player: int, belief: tuple[tuple[int, ...], ...]) -> set[int]:
    return set.intersection(*(set(sales.sure_offers(player, profile)) for profile in belief))


def test_beliefs_are_all_sets_of_profiles() -> None:
    steps = Twice(Forms(sales_of(NORMAL, PAIR, WATCH), WATCH), Notion.WEAK, WATCH)
    for player in (0, 1):
        beliefs = [stand.belief for stand in steps.stands(player)]
        slow = [
            tuple(sorted((own, other) if player == 0 else (other, own) for other in others))
            for own in (0, 1)
            for size in (1, 2)
            for others in combinations((0, 1), size)
        ]
        assert sorted(tuple(sorted(belief)) for belief in beliefs) == sorted(slow)


def test_answers_of_a_coalition() -> None:
    """Who maximises the sum says YES within the winner's own coalition: refusing would be paid by a mate. All answer
    by their own value where somebody else has won."""
    sales = sales_of(MAIN, TRIO, WATCH, wanted=(1,))
    for joint in (added, weighted, cubed):
        settled = Settled(sales, WATCH, ((0, 1), (2,)), joint)
        inside = ~settled.won_by_others()[0] & (settled.mine(0) > 0)
        assert inside.any()
        for own in settled.types_of(0):
            same = (settled.answers(0, own)[inside] == settled.mine(0)[inside]).all()
            assert same or joint is not added
        found = Findings()
        answers_settled(settled, found)
        assert not found.open


def test_partitions_with_one_coalition() -> None:
    assert with_one_coalition(2) == []
    assert len(with_one_coalition(4)) == 10
    for partition in with_one_coalition(4):
        assert sorted(player for agent in partition for player in agent) == [0, 1, 2, 3]
        assert sum(len(agent) > 1 for agent in partition) == 1


# Ranges


def test_sizes_are_counted_right() -> None:
    part = Scope(players=3, goods=2, values=(0, 1), announcements=2)
    sales = sales_of(MAIN, Scope(players=3, goods=2, values=(0, 1), announcements=1), WATCH, wanted=(0,))
    assert offers(part) == 21
    assert len(sales.moves[0]) == offers(Scope(players=3, goods=2, values=(0, 1), announcements=1)) == 9
    assert types(part) == 8 == len(sales.valuations)


def test_ranges_are_cut_to_what_fits() -> None:
    scope = Scope(players=3, goods=2, values=(0, 2), announcements=3)
    assert cut(scope, lambda part: part.values[1] <= 1 and part.announcements <= 2) == Scope(
        players=3, goods=2, values=(0, 1), announcements=2
    )
    assert cut(scope, lambda part: False) is None
    for parts in (list(normal_parts(scope)), [part for part, _ in literal_parts(scope)], list(reduced_parts(scope))):
        assert {part.players for part in parts} == {2, 3}


# Broken rules


class NoDiscount(BestBelief):
    """Who says YES pays the whole price."""

    def discount(self, offer: Outcome) -> Any:
        return 0


class NoReward(BestBelief):
    """Nobody is rewarded for what he announces."""

    def reward(self, announced: Any, offer: Outcome) -> Any:
        return 0


class RefusedFree(BestBelief):
    """The winner does not pay what is refused."""

    def settled(self, winner: int, *rest: Any) -> Outcome:
        return super().settled(NOBODY, *rest)


class NothingFree(BestBeliefNormal):
    """On Heads the winner gets nothing."""

    def given(self, winner: int, wanted: int) -> Outcome:
        return super().given(winner, 0)


class RefusedFreeNormal(BestBeliefNormal):
    """The winner does not pay what is refused."""

    def settled(self, winner: int, *rest: Any) -> Outcome:
        return super().settled(NOBODY, *rest)


BROKEN: list[tuple[str, type[Mechanism], str]] = [
    (MAIN, NoDiscount, "best-belief.L3 (as printed)"),
    (MAIN, NoReward, "best-belief.L4 (as printed)"),
    (MAIN, RefusedFree, "best-belief.T2 (as printed)"),
    (MAIN, RefusedFree, "best-belief.wrong-beliefs (as printed)"),
    (MAIN, RefusedFree, "best-belief.collusion (as printed)"),
    (NORMAL, NothingFree, "best-belief.L2 (as printed)"),
    (NORMAL, RefusedFreeNormal, "best-belief.T1 (as printed)"),
]


@pytest.mark.parametrize(("name", "mutant", "key"), BROKEN, ids=[f"{m.__name__} {k}" for _, m, k in BROKEN])
def test_broken_rules_are_noticed(name: str, mutant: type[Mechanism], key: str) -> None:
    with replaced({name: mutant}):
        entry = decide(READINGS[key], READINGS[key].quick)
        assert entry.verdict.status == "fails", entry.verdict.why
        assert entry.verdict.counterexample.reason_against() == ""
