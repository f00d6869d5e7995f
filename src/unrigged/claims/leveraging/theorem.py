"""Leveraging (paper 002): Theorem 1, and whether there are rational plays at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.leveraging.crowd import decided as crowd_decided
from unrigged.claims.leveraging.lemmas import (
    EXPLICIT,
    PRINTED,
    QUICK_GOODS,
    QUICK_PLAYS,
    QUICK_THREE,
    STANDARD_GOODS,
    STANDARD_PLAYS,
    STANDARD_THREE,
    families,
    known_cases,
)
from unrigged.claims.leveraging.plays import Family, Situation, all_together, alone, known_welfare, two_players
from unrigged.mechanisms.leveraging import Leveraging
from unrigged.verdict import Verdict, fails, holds, undecided

SOURCE = "paper 002"

T1 = Claim(
    "leveraging.T1",
    source=f"{SOURCE}, section 5, Theorem 1",
    wording="In every L1-rationally robust play (everybody in Σ²), expected welfare plus expected revenue is at least "
    "(1-eps)·MKW/6 - eps1, MKW being the most that the best-informed agent is sure to reach when coalitions share all "
    "they know.",
)


@T1.reading(quick=QUICK_PLAYS, standard=STANDARD_PLAYS)
def t1(scope: Scope, watch: Watch) -> Verdict:
    """Every profile of announcements in Σ², in every context (values, known bounds, coalitions), with the answers of
    Σ¹: for two players all declarations of the grid; and, for parameters near the ends of the printed range, shorter
    lists with values and announcements larger by 3."""
    return performance(scope, watch, families(scope, watch))


@T1.reading(
    "three players",
    quick=Scope(players=3, goods=1, values=(0, 1), announcements=1),
    standard=Scope(players=3, goods=1, values=(0, 1), announcements=2),
)
def t1_three(scope: Scope, watch: Watch) -> Verdict:
    """The same with three players, alone or two of them together, on announcements that contain all of Σ² on the
    grid."""
    return performance(scope, watch, families(scope, watch))


@T1.reading("two goods", quick=QUICK_GOODS, standard=STANDARD_GOODS)
def t1_goods(scope: Scope, watch: Watch) -> Verdict:
    """The same for two goods, with any values of sets of them, and two players who are alone and name nobody."""
    return performance(scope, watch, iter([alone(scope, watch, optout=PRINTED)]))


@T1.reading(
    "with the opt-out action", quick=QUICK_PLAYS, standard=Scope(players=2, goods=1, values=(0, 1), announcements=1)
)
def t1_out(scope: Scope, watch: Watch) -> Verdict:
    """The same for two players who may also opt out; the parameters near their ends with all declarations, too."""
    return performance(scope, watch, families(scope, watch, EXPLICIT))


@T1.reading("three players, with the opt-out action", quick=QUICK_THREE, standard=STANDARD_THREE)
def t1_three_out(scope: Scope, watch: Watch) -> Verdict:
    """The same with three players who may also opt out, single members of a coalition included."""
    return performance(scope, watch, families(scope, watch, EXPLICIT))


CROWD = Scope(players=11, values=(0, 10), parameters={"eps": Fraction(1, 100)})


@T1.reading("a crowd, with the opt-out action", quick=CROWD, standard=CROWD)
def t1_crowd(scope: Scope, watch: Watch) -> Verdict:
    """One play of many players who may opt out, each of whom values another good, and one of whom knows all of that:
    whether it reaches the bound. That everybody's strategy is in Σ² is argued in `unrigged.claims.leveraging.crowd`;
    the cases in which rivals are not better are played for a list of them."""
    return crowd_decided(scope, watch)


def performance(scope: Scope, watch: Watch, all_families: Iterator[Family]) -> Verdict:
    """Whether total performance reaches the bound of Theorem 1 in all plays of the families."""
    contexts = plays = 0
    margin: Fraction | None = None
    for family in all_families:
        mechanism = family.mechanism
        assert isinstance(mechanism, Leveraging)
        known: tuple[object, object] | None = None
        for situation in family.situations():
            contexts += 1
            watch.step("contexts", contexts)
            if known != (situation.types, situation.partition):
                known = (situation.types, situation.partition)
                table = family.performance(situation.types, situation.partition)
            rows = [family.second(agent, situation.types, bounds).rows
                    for agent, bounds in zip(situation.partition, situation.known, strict=True)]  # fmt: skip
            least, chosen = family.least(table, situation.partition, rows)
            count = 1
            for own in rows:
                count *= len(own)
            plays += count
            best = max(known_welfare(bounds, scope.goods) for bounds in situation.known)
            needed = (1 - mechanism.eps) * best / 6 - mechanism.eps1
            margin = least - needed if margin is None else min(margin, least - needed)
            if least < needed:
                made = family.robust.tables[situation.partition].chosen(
                    family.robust.tables[situation.partition].profile(chosen)
                )
                case = family.scenario(situation, made)
                return fails(
                    f"a play of Σ² has a total performance of {least}, less than {needed}",
                    counterexample=Counterexample(
                        {"play": case}, (Relation(Figure("play", "performance"), "<", needed),)
                    ),
                )
    if margin is None:
        return undecided("no context in this range")
    return holds(
        "the bound is reached in every play of Σ²",
        evidence=Evidence({"contexts": contexts, "plays in Σ²": plays}, figures={"least margin": margin}),
    )


@T1.reading(
    "rational plays exist",
    quick=Scope(players=2, goods=1, values=(0, 1), announcements=3),
    standard=Scope(players=2, goods=1, values=(0, 2), announcements=7),
)
def existence(scope: Scope, watch: Watch) -> Verdict:
    """Whether all players together, as one coalition, have a strategy in Σ² when announcements have no largest number.
    Nobody else plays, so a strategy is in Σ¹ exactly if none is better. For every k up to the range's announcements:
    the best joint utility with revenues up to k, and with revenues up to k + 1."""
    compared = 0
    before = _best_together(scope, watch, 0)
    for bound in range(scope.announcements):
        after = _best_together(scope, watch, bound + 1)
        for types, (_, best) in before.items():
            compared += 1
            if after[types][1] <= best:
                return holds(
                    "some announcement is best, however much may be announced",
                    evidence=Evidence({"comparisons": compared}, figures={"largest revenue that is of use": bound}),
                )
        before, last = after, before
    situation, best = next(iter(last.values()))
    more, better = next(iter(before.values()))
    cases = {"much": situation, "more": more}
    return fails(
        f"rewards grow with the announced revenue, which costs one coalition of all nothing: {better} after more is "
        f"announced, {best} before; whatever it announces, it had better announce more, and Σ¹ is empty",
        counterexample=Counterexample(
            cases, (Relation(Figure("more", "utility", (0, 1)), ">", Figure("much", "utility", (0, 1))),)
        ),
        evidence=Evidence({"comparisons": compared}),
    )


def _best_together(scope: Scope, watch: Watch, revenue: int) -> dict[object, tuple[Any, Fraction]]:
    """For all types, the best play of all players as one coalition with announced revenues up to `revenue`."""
    family = all_together(replace(scope, announcements=revenue), watch, optout=PRINTED)
    (partition,) = family.partitions
    found: dict[object, tuple[Any, Fraction]] = {}
    for types in product(family.types, repeat=scope.players):
        utilities = family.robust.utilities((types, partition), partition[0])
        best, chosen = family.most(utilities, partition, [range(len(utilities))])
        made = family.lists[partition[0]][chosen[0]]
        found[types] = (family.scenario(Situation(types, partition, (types,)), made), best)
    return found


@T1.reading(
    "rational plays exist, announcements capped",
    quick=QUICK_PLAYS,
    standard=STANDARD_PLAYS,
    repair="a public cap on announced prices",
)
def existence_capped(scope: Scope, watch: Watch) -> Verdict:
    """Whether every agent, with all values and all known bounds, has a strategy in Σ² when prices are at most the
    range's announcements."""
    family = two_players(scope, watch, optout=PRINTED)
    cases = 0
    for _, agent, types, known in known_cases(family):
        cases += 1
        if not family.second(agent, types, known).rows:
            return fails("an agent has no strategy in Σ²", counterexample=(agent, types, known))
    return holds("every agent has one", evidence=Evidence({"agents with values and bounds": cases}))
