"""The claims on perfect-revenue among players some of whom collude: the opening and the equilibrium.

Source: Chen, Hassidim and Micali 2010, section 5; Azar, Chen and Micali 2011, footnote 12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from unrigged.analysis import Form, Game, subgame_perfect, unfold
from unrigged.analysis.many_contexts import Chosen, Expected, Induction, joint
from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.perfect_revenue.coalitions import SMALL, colluding, safe, settings_of
from unrigged.claims.perfect_revenue.games import (
    OPENING,
    Announcing,
    Search,
    after_payments,
    columns_of,
    context_of,
    in_words,
    line,
    mechanism_of,
    nontrivial,
    profiles_of,
    rates,
    safe_eps,
    up_to,
    values_in_words,
)
from unrigged.claims.perfect_revenue.without_collusion import opening_fits, promise_kept, solved, truthful_opening
from unrigged.context import Coalition, Context
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.protocol import Event
from unrigged.verdict import Verdict, fails, holds, undecided

PAPER = "paper 001 (Chen, Hassidim and Micali 2010), section 5"

L3C = Claim(
    "perfect-revenue.L3c",
    source=f"{PAPER}, Lemma 3'",
    wording="Likewise the truthful profile is the only subgame-perfect equilibrium of the whole game: player 1 "
    "announces the first state of maximal welfare, every coalition's total value being put on its first member.",
)
T2 = Claim(
    "perfect-revenue.T2",
    source=f"{PAPER}, Theorem 2",
    wording="With any partition into coalitions but the trivial one there is a unique subgame-perfect equilibrium; its "
    "welfare is MSW, its revenue at least (1 - 3·eps·n)·MSW, and no coalition's utility is negative.",
)


@dataclass(frozen=True)
class Broken:
    """A context in which rational play is not what is printed, solved."""

    mechanism: PerfectRevenue
    induction: Induction
    found: Expected
    column: int
    kept: bool

    @property
    def context(self) -> Context:
        return self.induction.columns.contexts[self.column]

    @property
    def exploiter(self) -> Coalition:
        """The coalition that colludes."""
        return max(self.context.coalitions, key=len)

    def verdict(self, covered: str, several: int) -> Verdict:
        """The claim fails: the equilibrium, and what would become of the truthful opening."""
        context, mechanism = self.context, self.mechanism
        column = next(place for place, one in enumerate(self.induction.columns.contexts) if one == context)
        values = tuple(int(context.worth(player, 0)) for player in context.setting.everyone)
        opening = truthful_opening((values,), context.coalitions)
        begun = (Event(OPENING, ((0, opening),)),)
        cases = {
            "equilibrium": line(mechanism, context, self.induction.path(column), title="rational play"),
            "exploited": line(mechanism, context, self.induction.path(column, begun), title="the truthful opening"),
            "truthful": line(mechanism, context, begun, title="what is said to be the equilibrium"),
        }
        bound = (1 - 3 * mechanism.eps * context.setting.n) * sum(values)
        relations = [
            Relation(Figure("exploited", "utility", self.exploiter), ">",
                     Figure("truthful", "utility", self.exploiter)),
            Relation(Figure("exploited", "utility", (0,)), "<", Figure("equilibrium", "utility", (0,))),
        ]  # fmt: skip
        if not self.kept:
            relations.append(Relation(Figure("equilibrium", "revenue"), "<", bound))
        names = context.setting.players
        who = " and ".join(names[member] for member in self.exploiter)
        why = (
            f"after the truthful opening {who} raise a price among themselves, take the reward for it, and say NO "
            f"where the fine falls on {names[0]}, whose price was right; so he opens otherwise (values: "
            f"{values_in_words(context)}; {in_words(mechanism)}); besides, {several} of the contexts solved have "
            f"several equilibrium profiles"
        )
        return fails(why, range=covered, counterexample=Counterexample(cases, tuple(relations)))


def smallest_broken(scope: Scope, watch: Watch, mechanisms: Any, *, outcome: bool) -> tuple[Broken | None, int, int]:
    """The smallest context in which the opening is not the truthful one, or, with `outcome`, in which welfare, revenue
    or utilities are not as promised; how many contexts were solved, and how many of them have several equilibrium
    profiles. Smaller caps are tried first where all announcements up to the cap are considered."""
    games = several = 0
    dense = scope.values[1] >= scope.announcements
    for cap in range(1, scope.announcements + 1) if dense else (scope.announcements,):
        some = replace(scope, announcements=cap)
        best: tuple[int, Broken] | None = None
        for mechanism in mechanisms(some):
            columns = columns_of(mechanism.setting, profiles_of(scope), colluding(scope.players), cap)
            openings: list[Chosen] = []

            def seen(chosen: Chosen, openings: list[Chosen] = openings, cap: int = cap) -> None:
                watch.step("announcements up to", cap)
                if not chosen.history:
                    openings.append(chosen)

            induction = Induction(mechanism, columns, near(some), seen=seen, remembered=after_payments)
            found = induction.run()
            games += len(columns.contexts)
            several += int((~found.one).sum())
            for column, context in enumerate(columns.contexts):
                if best is not None and best[0] <= column:
                    break
                broken = _broken(mechanism, induction, openings[-1], found, column, context)
                if broken is not None and not (outcome and broken.kept):
                    best = column, broken
        if best is not None:
            return best[1], games, several
    return None, games, several


def near(scope: Scope) -> Announcing:
    """The integers up to the largest value, and the cap."""
    most = min(scope.values[1], scope.announcements)
    return Announcing(tuple(sorted({*range(most + 1), scope.announcements})))


def _broken(
    mechanism: PerfectRevenue, induction: Induction, opening: Chosen, found: Expected, column: int, context: Context
) -> Broken | None:
    """What differs from the printed claim in that context, if anything does."""
    n = context.setting.n
    values = tuple(int(context.worth(player, 0)) for player in context.setting.everyone)
    msw = sum(values)
    utilities = joint(found, column, context.coalitions)
    welfare = found.of(n, column)
    bound = (1 - 3 * mechanism.eps * n) * msw
    kept = welfare == msw and welfare - sum(utilities) >= bound and min(utilities) >= 0
    truthful = truthful_opening((values,), context.coalitions)
    right = bool(opening.strict[column]) and opening.moves[int(opening.taken[column])] == truthful
    return None if right and kept else Broken(mechanism, induction, found, column, kept)


def confirmed(broken: Broken, grid: Announcing) -> bool:
    """Whether the solver of finite games finds the same payoffs of that context."""
    game = Game.of(unfold(broken.mechanism, grid), broken.context)
    return subgame_perfect(game).payoffs == (joint(broken.found, broken.column, broken.context.coalitions),)


def high(scope: Scope) -> Iterator[PerfectRevenue]:
    """Printed eps with rewards close below it."""
    return settings_of(scope, ("high",))


def high_capped(scope: Scope) -> Iterator[PerfectRevenue]:
    """eps = 1/(10·n·V) and a hundredth of it, with rewards close below it."""
    for eps in safe_eps(scope):
        yield mechanism_of(scope, eps=eps, e=rates(scope.players, eps, "high"))


def exploited(scope: Scope, watch: Watch, mechanisms: Any, *, outcome: bool) -> Verdict:
    """What becomes of a claim on equilibria where rewards are as large as printed."""
    broken, games, several = smallest_broken(scope, watch, mechanisms, outcome=outcome)
    numbers = ", ".join(map(str, near(scope).numbers))
    covered = f"every partition with colluders, one state, announcements of {numbers}"
    if broken is None:
        return holds("rational play is as printed", range=covered, evidence=Evidence({"games": games}))
    limit = broken.mechanism.limit
    assert limit is not None
    if not confirmed(broken, near(replace(scope, announcements=limit))):
        return undecided("two solvers do not agree", range=covered)
    return broken.verdict(covered, several)


@L3C.reading(quick=Scope(players=3, values=(0, 1), announcements=6, parameters={"eps": Fraction(1, 30)}),
             standard=Scope(players=3, values=(0, 3), announcements=3))  # fmt: skip
def openings(scope: Scope, watch: Watch) -> Verdict:
    """Rational play in every context with colluders begins with the truthful opening, and with no other. (Beyond the
    overstatements of Lemma 3: already where announcements are small.)"""
    return exploited(scope, watch, high, outcome=False)


@T2.reading(quick=Scope(players=3, values=(0, 1), announcements=6, parameters={"eps": Fraction(1, 30)}),
            standard=Scope(players=3, values=(0, 3), announcements=3))  # fmt: skip
def theorem(scope: Scope, watch: Watch) -> Verdict:
    """In every context with colluders rational play has the promised welfare, revenue and utilities, and is unique.
    (Beyond the overstatements of Theorem 1: already where announcements are small.)"""
    return exploited(scope, watch, high, outcome=True)


@T2.reading("announcements capped, rewards as printed",
            quick=Scope(players=3, values=(0, 1), announcements=6),
            standard=Scope(players=3, values=(0, 1), announcements=8))  # fmt: skip
def theorem_high(scope: Scope, watch: Watch) -> Verdict:
    """The same under the cap V with eps = 1/(10·n·V) and a hundredth of it, rewards close below eps: what saves
    Theorem 1 does not save Theorem 2."""
    return exploited(scope, watch, high_capped, outcome=True)


def repaired(scope: Scope, watch: Watch, *, outcome: bool) -> Verdict:
    """Whether, with small rewards, every equilibrium begins with the truthful opening; with `outcome`, whether all have
    the promised welfare, revenue and utilities."""
    contexts = several = 0
    covered = f"every partition short of one block, all announcements up to V = {scope.announcements}"
    for mechanism in safe(scope, scope.states):
        form: Form | None = None
        for values, partition, found in solved(mechanism, scope, nontrivial(scope.players), watch):
            contexts += 1
            several += not found.one
            if not found.sure:
                context = context_of(mechanism.setting, values, partition)
                form = form or unfold(mechanism, scope.announcements)
                if len(subgame_perfect(Game.of(form, context)).payoffs) != 1:
                    return undecided(f"several equilibrium payoffs for the values {values}", range=covered)
                found = replace(found, sure=True)
            if not opening_fits(found, values, partition) or (outcome and not promise_kept(mechanism, found, values)):
                return fails(f"not so for the values {values} and the coalitions {partition}", range=covered)
    why = "every equilibrium begins with the truthful opening" + (
        ", and welfare, revenue and utilities are as promised" if outcome else ""
    )
    return holds(f"{why}; without any welfare all prices announced are 0", range=covered,
                 evidence=Evidence({"contexts": contexts, "contexts with several profiles": several}))  # fmt: skip


@L3C.reading("announcements capped, small rewards", repair=SMALL,
             quick=Scope(players=3, values=(0, 1), states=1, announcements=2),
             standard=Scope(players=3, values=(0, 2), states=2, announcements=3))  # fmt: skip
def openings_repaired(scope: Scope, watch: Watch) -> Verdict:
    """With the cap and with small rewards every equilibrium begins with the truthful opening (without any welfare: with
    prices 0), whoever colludes short of all."""
    return repaired(scope, watch, outcome=False)


@T2.reading("announcements capped, small rewards",
            repair=SMALL + "; the equilibrium outcome is then unique, its profile not always",
            quick=Scope(players=3, values=(0, 1), states=1, announcements=2),
            standard=Scope(players=3, values=(0, 3), states=2, announcements=3))  # fmt: skip
def theorem_repaired(scope: Scope, watch: Watch) -> Verdict:
    """With the cap and with small rewards every equilibrium has the same outcome, with the promised welfare, revenue
    and utilities, whoever colludes short of all."""
    return repaired(scope, watch, outcome=True)


@T2.reading("one profile, announcements capped, small rewards",
            quick=Scope(players=3, values=(0, 0), announcements=1),
            standard=Scope(players=3, values=(0, 1), announcements=2))  # fmt: skip
def one_profile(scope: Scope, watch: Watch) -> Verdict:
    """With the cap and with small rewards there is exactly one equilibrium profile, what would be played after
    deviations included."""
    covered = f"every partition with colluders, one state, all announcements up to V = {scope.announcements}"
    games = 0
    for mechanism in safe(scope):
        columns = columns_of(mechanism.setting, profiles_of(scope), colluding(scope.players), scope.announcements)
        search = Search(columns, "", watch)
        induction = Induction(mechanism, columns, up_to(scope.announcements), seen=search, remembered=after_payments)
        found = induction.run()
        games += len(columns.contexts)
        tie = search.tied
        if tie is None:
            continue
        column = columns.contexts.index(tie.context)
        cases = {}
        for name, move in (("one", tie.played), ("other", tie.better)):
            begun = (*tie.history, Event(tie.label, ((tie.player, move),)))
            cases[name] = line(mechanism, tie.context, induction.path(column, begun), title=f"{name} best move")
        same = Relation(Figure("one", "utility", tie.agent), "=", Figure("other", "utility", tie.agent))
        differ = Relation(Figure("one", "likeliest history"), "!=", Figure("other", "likeliest history"))
        why = (
            f"at '{tie.label}', after a deviation, it is the same to {tie.who}'s coalition whether he "
            f"{tie.space.describe(tie.played)} or {tie.space.describe(tie.better)} (values: "
            f"{values_in_words(tie.context)}; {in_words(mechanism)}); so it is in {int((~found.one).sum())} of the "
            f"{len(columns.contexts)} contexts"
        )
        return fails(why, range=covered, counterexample=Counterexample(cases, (same, differ)))
    return holds(
        "there is one equilibrium profile in every context", range=covered, evidence=Evidence({"games": games})
    )


CLAIMS: tuple[Claim, ...] = (L3C, T2)
