"""Leveraging (paper 002): Lemmas 1 to 5, decided over Σ¹ and Σ² on finite lists of declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from typing import Any

from unrigged.analysis.announced import Coalition, Joint
from unrigged.analysis.robust import Inside, Partition
from unrigged.claims.base import Claim, Evidence, Scope, Watch, half_way
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.leveraging.plays import (
    Family,
    Known,
    Situation,
    alone,
    hidden_value,
    known_welfare,
    many_players,
    naming_anybody,
    offers,
    two_players,
    valuations,
)
from unrigged.context import worth
from unrigged.exact import Exact, first_largest
from unrigged.moves.answer import NO, YES
from unrigged.moves.base import MoveSpace
from unrigged.moves.declarations import Declaration, ReplySpace
from unrigged.outcome import Outcome
from unrigged.setting import NOBODY
from unrigged.valuations import Valuation
from unrigged.verdict import Verdict, fails, holds

SOURCE = "paper 002, section 5"

SMALL = Fraction(1, 100)

PRINTED, EXPLICIT = "printed", "explicit"
"""Whether players may opt out explicitly: the mechanism as the paper prints it, or with the action that the paper's
definition of a mechanism demands."""

Parameters = dict[str, Exact]


def ends_of_the_range(players: int) -> tuple[Parameters, ...]:
    """Parameters near the ends of what is printed: all in (0, 1), 2·n·eps2 < eps1. The first are the usual ones."""
    near_one = 1 - SMALL
    return (
        {},
        {"eps": SMALL, "eps1": SMALL, "eps2": SMALL / (2 * players) * near_one},
        {"eps": near_one, "eps1": near_one, "eps2": near_one / (2 * players) * near_one},
        {"eps": near_one, "eps1": near_one, "eps2": SMALL / 100},
        {"eps": half_way(0, 1), "eps1": half_way(0, 1), "eps2": half_way(0, Fraction(1, 4 * players))},
    )


LARGER = 3
"""By how much values and announcements are larger on the shorter lists of two players."""


def families(scope: Scope, watch: Watch, optout: str = PRINTED) -> Iterator[Family]:
    """What is decided on a range: two players with all declarations and the usual parameters, and near the ends of the
    parameters with the shorter lists and larger values (all declarations again where players may opt out); three
    players with the shorter lists and the usual parameters."""
    if scope.players != 2:
        yield many_players(scope, watch, together=False, optout=optout)
        return
    yield two_players(scope, watch, optout=optout)
    least, largest = scope.values
    wide = replace(scope, values=(least, largest + LARGER), announcements=scope.announcements + LARGER)
    for parameters in ends_of_the_range(2)[1:]:
        if optout == PRINTED:
            yield many_players(wide, watch, together=False, optout=optout, **parameters)
        else:
            yield two_players(scope, watch, optout=optout, **parameters)


def known_cases(family: Family) -> Iterator[tuple[Partition, Coalition, tuple[Valuation, ...], Known]]:
    """Every agent with everything its members may value and it may be sure of, once each."""
    seen = set()
    for partition in family.partitions:
        for agent in partition:
            for types in product(family.types, repeat=family.mechanism.setting.n):
                for known in family.bounds(agent, types):
                    key = (agent, known)
                    if key not in seen:
                        seen.add(key)
                        yield partition, agent, types, known


def top(agent: Coalition, joint: Joint) -> Declaration | None:
    """The declaration of the first member who announces the coalition's largest revenue; None if all opt out."""
    staying = [move for move in joint if isinstance(move, Declaration)]
    return staying[first_largest([move.outcome.revenue for move in staying])] if staying else None


def idle(family: Family, partition: Partition) -> list[Any]:
    """A declaration for everybody who is not looked at: alone, nothing sold."""
    setting = family.mechanism.setting
    nothing = (NOBODY,) * setting.m
    return [Declaration((player,), nothing, Outcome(nothing, (0,) * setting.n)) for player in setting.everyone]


def shown(
    family: Family, partition: Partition, agent: Coalition, types: tuple[Valuation, ...], known: Known, joint: Joint
) -> Any:
    """The scenario in which the agent makes a joint announcement and the others say nothing of interest."""
    made = idle(family, partition)
    for player, move in zip(agent, joint, strict=True):
        made[player] = move
    others = tuple(known if each == agent else tuple(types) for each in partition)
    return family.scenario(Situation(types, partition, others), made)


L1 = Claim(
    "leveraging.L1",
    source=f"{SOURCE}, Lemma 1",
    wording="In Σ¹ no member of an agent names a player outside it, and of two members one names the other exactly if "
    "the other names him.",
)


@L1.reading(
    quick=Scope(players=2, goods=1, values=(0, 1), announcements=1),
    standard=Scope(players=2, goods=1, values=(0, 2), announcements=2),
)
def l1(scope: Scope, watch: Watch) -> Verdict:
    """For every agent with any values, each joint announcement of Σ¹ (computed over all strategies of the others on the
    grid, all of their answers included) is looked at: whom its members name."""
    return names(two_players(scope, watch, optout=PRINTED), watch)


def names(family: Family, watch: Watch) -> Verdict:
    """Lemma 1 for a family of contexts."""
    looked = eliminated = 0
    for partition in family.partitions:
        for agent in partition:
            for own in product(family.types, repeat=len(agent)):
                watch.step("agents and their values", looked)
                first = family.robust.first(partition, agent, own)
                eliminated += len(first.dominator)
                for joint in family.joints(agent, first):
                    looked += 1
                    if not named_well(agent, joint):
                        mine = dict(zip(agent, own, strict=True))
                        everyone = family.mechanism.setting.everyone
                        types = tuple(mine.get(player, family.types[0]) for player in everyone)
                        case = shown(family, partition, agent, types, types, joint)
                        return fails(
                            "an announcement of Σ¹ names an outsider, or somebody who does not name back",
                            counterexample=Counterexample({"play": case}, (_free_of_fines(case, agent),)),
                        )
    return holds(
        "every announcement that names an outsider, or a member who does not name back, is distinguishably dominated",
        evidence=Evidence({"announcements in Σ¹": looked, "announcements eliminated": eliminated}),
    )


@L1.reading(
    "three players",
    quick=Scope(players=3, goods=1, values=(0, 1), announcements=1),
    standard=Scope(players=3, goods=1, values=(0, 2), announcements=2),
)
def l1_three(scope: Scope, watch: Watch) -> Verdict:
    """The same with three players in all coalitions, on short lists of declarations in which anybody may be named."""
    return names(naming_anybody(scope, watch, optout=PRINTED), watch)


@L1.reading(
    "with the opt-out action",
    quick=Scope(players=3, goods=1, values=(0, 1), announcements=1),
    standard=Scope(players=3, goods=1, values=(0, 2), announcements=2),
)
def l1_out(scope: Scope, watch: Watch) -> Verdict:
    """The same with three players, who may also opt out (whoever is named then does not name back)."""
    return names(naming_anybody(scope, watch, optout=EXPLICIT), watch)


def named_well(agent: Coalition, joint: Joint) -> bool:
    """Whether no member names an outsider, and members who are named name back."""
    named = {i: move.coalition for i, move in zip(agent, joint, strict=True) if isinstance(move, Declaration)}
    return all(j in named and i in named[j] for i, coalition in named.items() for j in coalition)


def _free_of_fines(case: Any, agent: Coalition) -> Relation:
    """That the agent pays what it pays, for a play that is to be looked at."""
    from unrigged.play import outcomes

    paid = outcomes(case.mechanism, case.profile()).expected(lambda end: sum(end.prices[i] for i in agent))
    return Relation(Figure("play", "price", agent), "=", paid)


L2 = Claim(
    "leveraging.L2",
    source=f"{SOURCE}, Lemma 2",
    wording="In Σ¹, when the star is no member of the agent, its members who are asked in step 2 say YES if the true "
    "value of what is offered is at least the price, and NO if it is less.",
)

L3 = Claim(
    "leveraging.L3",
    source=f"{SOURCE}, Lemma 3",
    wording="In Σ¹, when the star is a member of the agent, its members who are asked in step 2 say YES.",
)

QUICK_ANSWERS = Scope(players=2, goods=1, values=(0, 2), announcements=3)
STANDARD_ANSWERS = Scope(players=3, goods=1, values=(0, 3), announcements=4)


@L2.reading(quick=QUICK_ANSWERS, standard=STANDARD_ANSWERS)
def l2(scope: Scope, watch: Watch) -> Verdict:
    """Every round of answers that the declaration of one star can lead to, for every agent with any values: which joint
    answers of its members are worse than another one whatever the others answer there."""
    return answers(scope, watch, own_star=False)


@L3.reading(quick=QUICK_ANSWERS, standard=STANDARD_ANSWERS)
def l3(scope: Scope, watch: Watch) -> Verdict:
    """As for Lemma 2, in the rounds where the star is a member of the agent."""
    return answers(scope, watch, own_star=True)


def answers(scope: Scope, watch: Watch, *, own_star: bool) -> Verdict:
    """Lemma 2 or Lemma 3: whether the answers that Σ¹ leaves are the ones stated, and no others."""
    rounds = 0
    types = valuations(scope)
    for parameters in ends_of_the_range(scope.players):
        for table in offers(scope, **parameters):
            for agent in (
                each for size in range(1, scope.players + 1) for each in combinations(range(scope.players), size)
            ):
                for own in product(types, repeat=len(agent)):
                    watch.step("rounds of answers", rounds)
                    inside = Inside(table, agent, own)
                    for node, replies in enumerate(table.replies):
                        asked = {
                            i: space for i, space in zip(replies.players, replies.spaces, strict=True) if i in agent
                        }
                        if not asked or (star_of(asked) in agent) is not own_star:
                            continue
                        rounds += 1
                        mine = dict(zip(agent, own, strict=True))
                        stated = {i: stated_answer(mine[i], i, space, own_star) for i, space in asked.items()}
                        moves = dict(zip(replies.players, replies.moves, strict=True))
                        left = [inside.chosen(node, number) for number in inside.answers[node]]
                        found = [{i: moves[i][number] for i, number in each.items()} for each in left]
                        if found != [stated]:
                            return fails(
                                f"asked by the star {scope.names[star_of(asked)]}, "
                                f"{len(found)} joint answers are left, not only the one stated",
                                counterexample=found,
                            )
    return holds(
        "the answer stated is strictly better than any other at every round, whatever the others answer",
        evidence=Evidence({"rounds of answers with values": rounds}),
    )


def agents(players: int) -> Iterator[Coalition]:
    """All agents that can be, single players first."""
    for size in range(1, players + 1):
        yield from combinations(range(players), size)


def star_of(asked: Mapping[int, MoveSpace]) -> int:
    """Whose offer it is that these are asked about."""
    space = next(iter(asked.values()))
    assert isinstance(space, ReplySpace)
    return space.star


def stated_answer(own: Valuation, player: int, space: Any, own_star: bool) -> object:
    """What Lemma 2 (or, the star being a mate, Lemma 3) says that a player of this type answers."""
    offer = space.proposal
    return YES if own_star or worth(own, player, offer.result) >= offer.prices[player] else NO


L4 = Claim(
    "leveraging.L4",
    source=f"{SOURCE}, Lemma 4",
    wording="In Σ², the outcome announced by the first member who announces the largest revenue of its agent C has a "
    "hidden value for C (true values inside, announced prices outside) of at least the revenue of RK_C.",
)

L5 = Claim(
    "leveraging.L5",
    source=f"{SOURCE}, Lemma 5",
    wording="In Σ², the largest revenue that a member of an agent C announces is at least a third of the revenue of "
    "RK_C.",
)

QUICK_PLAYS = Scope(players=2, goods=1, values=(0, 1), announcements=1)
STANDARD_PLAYS = Scope(players=2, goods=1, values=(0, 2), announcements=2)
QUICK_THREE = Scope(players=3, goods=1, values=(0, 1), announcements=1)
QUICK_GOODS = Scope(players=2, goods=1, values=(0, 1), announcements=1)
STANDARD_GOODS = Scope(players=2, goods=2, values=(0, 1), announcements=1)
STANDARD_THREE = Scope(players=3, goods=1, values=(0, 1), announcements=2)


Measure = Callable[[Coalition, Sequence[Valuation], Declaration], Exact]


def hidden(agent: Coalition, types: Sequence[Valuation], move: Declaration) -> Exact:
    """The hidden value of the announced outcome."""
    return hidden_value(agent, types, move.outcome)


def thrice_the_revenue(agent: Coalition, types: Sequence[Valuation], move: Declaration) -> Exact:
    """Three times the announced revenue."""
    return 3 * move.outcome.revenue


@L4.reading(quick=QUICK_PLAYS, standard=STANDARD_PLAYS)
def l4(scope: Scope, watch: Watch) -> Verdict:
    """Every joint announcement in Σ² of every agent, for all values and all known bounds; and, for parameters near the
    ends of the printed range, for values and announcements larger by 3, on shorter lists."""
    return not_too_little(families(scope, watch), hidden, 1)


@L4.reading("three players", quick=QUICK_THREE, standard=STANDARD_THREE)
def l4_three(scope: Scope, watch: Watch) -> Verdict:
    """The same with three players, alone or two of them together, the others' grouping unknown to an agent."""
    return not_too_little(families(scope, watch), hidden, 1)


@L5.reading(quick=QUICK_PLAYS, standard=STANDARD_PLAYS)
def l5(scope: Scope, watch: Watch) -> Verdict:
    """Every joint announcement in Σ² of every agent, for all values and all known bounds; and, for parameters near the
    ends of the printed range, for values and announcements larger by 3, on shorter lists."""
    return not_too_little(families(scope, watch), thrice_the_revenue, 3)


@L5.reading("three players", quick=QUICK_THREE, standard=STANDARD_THREE)
def l5_three(scope: Scope, watch: Watch) -> Verdict:
    """The same with three players, alone or two of them together, the others' grouping unknown to an agent."""
    return not_too_little(families(scope, watch), thrice_the_revenue, 3)


OPTING_OUT = Scope(players=3, goods=1, values=(0, 1), announcements=1)


@L4.reading("two goods", quick=QUICK_GOODS, standard=STANDARD_GOODS)
def l4_goods(scope: Scope, watch: Watch) -> Verdict:
    """The same for two goods, with any values of sets of them, and two players who are alone and name nobody."""
    return not_too_little([alone(scope, watch, optout=PRINTED)], hidden, 1)


@L4.reading("with the opt-out action", quick=OPTING_OUT, standard=OPTING_OUT)
def l4_out(scope: Scope, watch: Watch) -> Verdict:
    """The same with three players who may also opt out, on short lists of declarations; Σ¹ is computed. Opting out is
    then in Σ¹ (nobody gains or loses when two others are fined), and a sale to who has opted out comes to nothing, so
    that it is not better than selling nothing against everything."""
    return not_too_little([naming_anybody(scope, watch, optout=EXPLICIT)], hidden, 1)


@L5.reading("two goods", quick=QUICK_GOODS, standard=STANDARD_GOODS)
def l5_goods(scope: Scope, watch: Watch) -> Verdict:
    """The same for two goods, with any values of sets of them, and two players who are alone and name nobody."""
    return not_too_little([alone(scope, watch, optout=PRINTED)], thrice_the_revenue, 3)


@L5.reading("with the opt-out action", quick=OPTING_OUT, standard=OPTING_OUT)
def l5_out(scope: Scope, watch: Watch) -> Verdict:
    """The same with three players who may also opt out, on short lists of declarations; Σ¹ is computed."""
    return not_too_little([naming_anybody(scope, watch, optout=EXPLICIT)], thrice_the_revenue, 3)


def not_too_little(all_families: Iterable[Family], measure: Measure, times: int) -> Verdict:
    """Whether `measure` of the top announcer's declaration is at least the agent's MKW in all of Σ²."""
    cases = kept = dropped = 0
    margin: Exact | None = None
    for family in all_families:
        goods = family.mechanism.setting.m
        for partition, agent, types, known in known_cases(family):
            second = family.second(agent, types, known)
            needed = known_welfare(known, goods)
            cases, kept, dropped = cases + 1, kept + len(second.rows), dropped + len(second.dominator)
            for joint in family.joints(agent, second):
                best = top(agent, joint)
                found = -1 if best is None else measure(agent, types, best)
                margin = found - needed if margin is None else min(margin, found - needed)
                if found < needed:
                    case = shown(family, partition, agent, types, known, joint)
                    relation = Relation(Figure("play", "MKW", agent), ">", Fraction(found))
                    what = "nothing, all of them opting out" if best is None else str(Fraction(found, times))
                    return fails(
                        f"an agent that knows how to reach {needed} announces, in Σ², what is worth {what}",
                        counterexample=Counterexample({"play": case}, (relation,)),
                    )
    return holds(
        "less is distinguishably dominated in every compatible context by one and the same announcement",
        evidence=Evidence(
            {"agents with values and bounds": cases, "announcements in Σ²": kept, "announcements eliminated": dropped},
            figures={} if margin is None else {"least margin": Fraction(margin, times)},
        ),
    )


LEMMAS = (L1, L2, L3, L4, L5)
