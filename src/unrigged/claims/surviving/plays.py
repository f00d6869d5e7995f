"""Lemma 5 and Theorem 2 on the mechanism of 2009: which announcements survive, and what they bring.

Source: Chen, Hassidim and Micali 2009 (paper 004), section 7 and appendix A. With three players both fail as printed.
The proofs take every provisional price for at least the value; but where all others announced something of a player and
nobody raises, with probability eps the price is what a random one of them announced, which may be less. That is worth
more to him than all rewards, so that he rather keeps another state chosen than tells the truth about the best one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from unrigged.analysis.announcing import announcement_game, closed_around, survivors
from unrigged.analysis.stages import Stages, announcements
from unrigged.analysis.survival import Announced, Closed, reason_against
from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.surviving.ranges import (
    PAIRS_IN_WORDS,
    SMALL,
    bound_of,
    contexts,
    mechanism_of,
    pairs,
    setting_of,
)
from unrigged.exact import total
from unrigged.mechanisms.surviving import Surviving
from unrigged.moves.profiles import Profile
from unrigged.scenario import Scenario
from unrigged.setting import NULL_STATE
from unrigged.verdict import Verdict, fails, holds

L5 = Claim(
    "surviving.L5",
    source="paper 004, section 7.1, Lemma 5",
    wording="in Sigma^5 everybody announces the true values of everybody else of the optimal state, the first one of "
    "largest welfare",
)

T2 = Claim(
    "surviving.T2",
    source="paper 004, section 7.2, Theorem 2",
    wording="in every play of Sigma^5 expected revenue is at least (1 - eps)·MSW - eps, and expected welfare at least "
    "(1 - eps)·MSW",
)


# What survives.


@dataclass(frozen=True)
class Found:
    """A context and announcements that survive every round in it, accepted by the check."""

    stages: Stages
    closed: Closed
    eps: Fraction


def _given(scope: Scope) -> list[tuple[Fraction, Fraction]]:
    """The scope's own parameters, or all pairs."""
    if "eps" in scope.parameters:
        return [(Fraction(scope.parameters["eps"]), Fraction(scope.parameters["eps1"]))]
    return pairs(scope.players)


def _surviving(scope: Scope, watch: Watch) -> Iterator[Found | str]:
    """For every pair of parameters and every context: a set of announcements that survives every round, around those
    of least welfare; or why none was found."""
    setting = setting_of(scope.players, scope.states, bound_of(scope))
    for number, (eps, eps1) in enumerate(_given(scope)):
        mechanism = mechanism_of(setting, eps, eps1)
        for stages in contexts(mechanism, scope):
            watch.step("parameters", number, len(_given(scope)))
            game = announcement_game(stages)
            left = survivors(game)
            welfare = game.welfare[np.ix_(*left)]
            least = np.unravel_index(int(welfare.argmin()), welfare.shape)
            closed = closed_around(game, left, tuple(own[place] for own, place in zip(left, least, strict=True)))
            watch.step("checking what survives")
            against = "nothing was found" if closed is None else reason_against(closed, stages, scope.samples)
            yield Found(stages, closed, eps) if closed is not None and against is None else str(against)


def _evidence(found: list[Found]) -> Evidence:
    sizes = [sum(map(len, each.closed.members)) for each in found]
    compared = sum(len(each.closed.reasons) for each in found)
    counts = {"games of announcements": len(found), "announcements that survive (at least)": sum(sizes)}
    return Evidence(counts, {"sets of surviving announcements": len(found), "comparisons in them": compared})


def _played(mechanism: Surviving, stages: Stages, announced: Announced, title: str) -> Scenario:
    """These announcements, and then raises exactly to the truth and answers by value."""
    space = mechanism.announcements
    names = mechanism.setting.players
    script = {names[i]: space[i][1].encode(own) for i, own in enumerate(announced)}
    return Scenario(mechanism, stages.context, title, moves={"announce": script})


# Lemma 5


def _truth_at(stages: Stages, player: int, own: Profile) -> Profile:
    """The same announcement, true of the optimal state."""
    best = stages.optimal_state
    values = stages.values[best]
    return tuple(
        row if j == player else tuple(values[j] if s == best else said for s, said in enumerate(row))  # type: ignore[misc]
        for j, row in enumerate(own)
    )


@L5.reading(
    quick=Scope(players=3, states=2, values=(2, 2), samples=20,
                parameters={"eps": Fraction(1, 10), "eps1": Fraction(1, 300)}),
    standard=Scope(players=3, states=2, values=(2, 2)),
)  # fmt: skip
def l5(scope: Scope, watch: Watch) -> Verdict:
    """A set of announcements is sought in which everyone's are strictly better, against some of the others' in the set,
    than any other announcement of his: such a set survives every round, in any order. If a member is not
    true of the optimal state, the lemma fails in Sigma^5 and in all later rounds."""
    found: list[Found] = []
    shown: tuple[Found, int, Profile, Profile] | None = None
    for one in _surviving(scope, watch):
        if isinstance(one, str):
            continue
        untrue = [
            (one, i, own, truth)
            for i, members in enumerate(one.closed.members)
            for own in members
            if one.stages.optimal_state != NULL_STATE and (truth := _truth_at(one.stages, i, own)) != own
        ]
        if untrue:
            found.append(one)
            shown = shown or untrue[0]
    if shown is None:
        return holds("no set of surviving announcements was found that is untrue of the optimal state",
                     evidence=_evidence(found))  # fmt: skip
    one, i, own, truth = shown
    mechanism = one.stages.mechanism
    at = one.closed.reasons[i, own, truth]
    cases = {
        "says less": _played(mechanism, one.stages, at, "says less of the optimal state than is true"),
        "tells the truth": _played(mechanism, one.stages, (*at[:i], truth, *at[i + 1 :]), "true of the optimal state"),
    }
    relation = Relation(Figure("says less", "utility", (i,)), ">", Figure("tells the truth", "utility", (i,)))
    name = mechanism.setting.players[i]
    why = (
        f"{name} is better off announcing less than the truth of the optimal state, which keeps another state chosen: "
        "there, with a chance of about eps/2, his price is what the less informed of two others announced, and below "
        "his value. The announcements of the others that make it so survive every round in the same way"
    )
    return fails(why, range=_where(scope), counterexample=Counterexample(cases, (relation,)), evidence=_evidence(found))


def _where(scope: Scope) -> str:
    return "announcements up to the largest value" + ("" if scope.parameters else f"; {PAIRS_IN_WORDS}")


def _small(scope: Scope, watch: Watch) -> Iterator[Stages]:
    """Two players with the values of the scope, more players with values 0 and 1; all states, parameters, contexts."""
    for players in range(2, scope.players + 1):
        setting = setting_of(players, scope.states, bound_of(scope) if players == 2 else 2)
        for number, (eps, eps1) in enumerate(pairs(players)):
            for place in ("first", "last") if number == 0 else ("first",):
                for stages in contexts(mechanism_of(setting, eps, eps1, place), scope):
                    watch.step(f"parameters for {players} players", number, len(pairs(players)))
                    yield stages


def _below_truth(stages: Stages, player: int) -> Iterator[Profile]:
    return announcements(stages.mechanism, player, lambda j, s: int(stages.values[s][j]))


@L5.reading(
    "two players or values 0 and 1",
    quick=Scope(players=2, states=2, values=(0, 1)),
    standard=Scope(players=3, states=2, values=(0, 2)),
    repair=SMALL,
)
def l5_small(scope: Scope, watch: Watch) -> Verdict:
    """Answers by value, raises exactly to the truth, nothing announced above it: an announcement that is not true of
    the optimal state is worse than the same made true there, whatever the others announce. Two players with all values,
    more with values 0 and 1; the null state first, and with the first parameters also last."""
    compared = count = 0
    for stages in _small(scope, watch):
        if stages.optimal_state == NULL_STATE:
            continue
        count += 1
        everyone = stages.context.setting.everyone
        rows = [list(_below_truth(stages, i)) for i in everyone]
        figures = {made: stages.announced(made) for made in product(*rows)}
        for made, i in product(figures, everyone):
            truth = _truth_at(stages, i, made[i])
            if truth == made[i]:
                continue
            compared += 1
            if figures[made][i] >= figures[(*made[:i], truth, *made[i + 1 :])][i]:
                return fails(f"{stages.values}: player {i} does not gain by the truth at {made}")
    why = "every provisional price is then exactly the value, so that only rewards count, and the truth increases them"
    counts = {"contexts": count, "announcements compared": compared}
    return holds(why, range=PAIRS_IN_WORDS, evidence=Evidence(counts))


# Theorem 2


@T2.reading(
    quick=Scope(players=3, states=2, values=(2, 2), samples=20,
                parameters={"eps": Fraction(1, 10), "eps1": Fraction(1, 300)}),
    standard=Scope(players=3, states=2, values=(2, 2)),
)  # fmt: skip
def t2(scope: Scope, watch: Watch) -> Verdict:
    """As for Lemma 5, a set of announcements that survives every round is sought; of its plays the one around which it
    was found is measured."""
    found = [each for each in _surviving(scope, watch) if not isinstance(each, str) and _missed(each, _first(each))]
    if not found:
        return holds("every surviving play that was found keeps to the bounds")
    one = found[0]
    play, best = "surviving play", total(one.stages.values[one.stages.optimal_state])
    scenario = _played(one.stages.mechanism, one.stages, _first(one), "announcements that survive every round")
    bounds = ((1 - one.eps) * best - one.eps, (1 - one.eps) * best)
    relations = (Relation(Figure(play, "revenue"), "<", bounds[0]), Relation(Figure(play, "welfare"), "<", bounds[1]))
    revenue, welfare = measured(one.stages, _first(one))
    why = (
        f"revenue {revenue} instead of at least {bounds[0]}, and welfare {welfare} instead of at least {bounds[1]}: "
        "with three players announcements other than the truth survive every round (see Lemma 5), even that nobody "
        "announces anything, because everybody fears to bring about the wrong one of two good states"
    )
    return fails(why, range=_where(scope), counterexample=Counterexample({play: scenario}, relations),
                 evidence=_evidence(found))  # fmt: skip


def _first(one: Found) -> Announced:
    return tuple(members[0] for members in one.closed.members)


def measured(stages: Stages, announced: Announced) -> tuple[Fraction, Fraction]:
    """Expected revenue and welfare."""
    *utilities, revenue = stages.announced(announced)
    return revenue, sum(utilities, Fraction(0)) + revenue


def _missed(one: Found, announced: Announced) -> bool:
    """Whether these announcements miss both bounds of Theorem 2."""
    best = total(one.stages.values[one.stages.optimal_state])
    revenue, welfare = measured(one.stages, announced)
    return revenue < (1 - one.eps) * best - one.eps and welfare < (1 - one.eps) * best


@T2.reading(
    "two players or values 0 and 1",
    quick=Scope(players=2, states=2, values=(0, 1)),
    standard=Scope(players=3, states=2, values=(0, 2)),
    repair=SMALL,
)
def t2_small(scope: Scope, watch: Watch) -> Verdict:
    """All plays that Lemmas 1 to 5 allow: answers by value, raises exactly to the truth, announcements true of the
    optimal state and nowhere above the truth. Two players with all values, more with values 0 and 1."""
    plays = count = 0
    margin: Fraction | None = None
    for stages in _small(scope, watch):
        count += 1
        eps, best = stages.mechanism.eps, stages.optimal_state
        most = total(stages.values[best])
        everyone = stages.context.setting.everyone
        rows = [
            [own for own in _below_truth(stages, i) if best == NULL_STATE or _truth_at(stages, i, own) == own]
            for i in everyone
        ]
        for made in product(*rows):
            plays += 1
            revenue, welfare = measured(stages, made)
            if revenue < (1 - eps) * most - eps or welfare < (1 - eps) * most:
                return fails(f"{stages.values}: revenue {revenue} and welfare {welfare} after {made}")
            left = (revenue - (1 - eps) * most + eps) / eps
            margin = left if margin is None else min(margin, left)
    figures = {} if margin is None else {"least revenue above the bound, times eps": margin}
    why = "the optimal state is chosen at the full values, unless another is drawn; discounts and rewards are below eps"
    return holds(why, range=PAIRS_IN_WORDS, evidence=Evidence({"contexts": count, "plays": plays}, figures=figures))


CLAIMS = (L5, T2)
