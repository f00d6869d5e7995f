"""Claims of the market paper on how to vote: strictly dominant answers, with and without collusion.

Source: Azar, Chen and Micali 2011, Lemmas 1, 2, 7, 8, 9 and Corollary 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.coalitions import coalitions
from unrigged.analysis.root import no_dominant
from unrigged.analysis.rooted import Group
from unrigged.claims.base import AS_PRINTED, Claim, Evidence, Scope, Watch
from unrigged.claims.market.games import PROPOSER, MarketGame, covered, every_context, not_dominant, two_answers
from unrigged.context import Coalition, Context
from unrigged.mechanisms.market import ALONE
from unrigged.mechanisms.proposing import ANSWER
from unrigged.verdict import Verdict, fails, holds

Votes = NDArray[np.int64]
"""For every stage of a group the number of a joint plan: 0 is YES of all, the last one NO of all."""

Rule = Callable[[MarketGame, Context, Group, Coalition], Votes]
"""How a coalition votes, according to a lemma."""

QUICK = Scope(
    players=3, goods=1, values=(-1, 1), samples=9, parameters={"eps": Fraction(1, 20), "delta": Fraction(1, 50)}
)
STANDARD = Scope(players=3, goods=2, values=(-1, 1), samples=100)


def by_joint_gain(game: MarketGame, context: Context, group: Group, coalition: Coalition) -> Votes:
    """All YES where the members gain at least their prices together, otherwise all NO (Lemmas 1 and 7)."""
    members = list(coalition)
    left = (game.gains(context) - game.asked)[:, members].sum(axis=1)[group.actions]
    refusal = group.plan(coalition, dict.fromkeys(group.players, 1))
    return np.where(left >= 0, 0, refusal)


def by_own_gain(game: MarketGame, context: Context, group: Group, coalition: Coalition) -> Votes:
    """The one who is asked says YES where his own gain is at least his price, otherwise NO (Lemmas 2 and 8)."""
    return by_joint_gain(game, context, group, tuple(player for player in coalition if player in group.players))


def always_yes(game: MarketGame, context: Context, group: Group, coalition: Coalition) -> Votes:
    """YES of all (Lemma 9)."""
    return np.zeros(len(group.stages), np.int64)


def independent(game: MarketGame) -> Iterator[Coalition]:
    """Every single player but the proposer."""
    return ((player,) for player in range(game.rooted.n) if player != PROPOSER)


def without_proposer(game: MarketGame) -> Iterator[Coalition]:
    """Every coalition that the proposer is not in."""
    return (coalition for coalition in coalitions(game.rooted.n) if PROPOSER not in coalition)


def with_proposer(game: MarketGame) -> Iterator[Coalition]:
    """Every coalition of the proposer and others."""
    return (coalition for coalition in coalitions(game.rooted.n) if PROPOSER in coalition and len(coalition) > 1)


def votes_are_dominant(
    scope: Scope, watch: Watch, who: Callable[[MarketGame], Iterable[Coalition]], rules: dict[str, Rule]
) -> Verdict:
    """Whether, at the decisions of these labels, voting by the rule is strictly dominant for all who may be `who`."""
    seen = compared = 0
    for game, context, valued in every_context(scope, watch):
        seen += 1
        for coalition in who(game):
            for label, rule in rules.items():
                for number, group in game.group(label):
                    if not set(coalition) & set(group.players):
                        continue
                    named = rule(game, context, group, coalition)
                    regular = game.regular[group.actions]
                    wrong = np.flatnonzero((valued.rows(coalition)[number] != named) & regular)
                    compared += int(regular.sum())
                    if len(wrong):
                        which = int(wrong[0])
                        names = " and ".join(game.setting.players[player] for player in coalition)
                        why = f"{names} would lose nothing by another answer at '{label}' than the one named"
                        shown = two_answers(game, context, coalition, number, which, int(named[which]))
                        return fails(why, range=covered(scope), counterexample=shown)
    why = "after every regular proposal every other joint answer is strictly worse, whatever the rest do"
    return holds(why, range=covered(scope), evidence=Evidence({"contexts": seen, "decisions": compared}))


L1 = Claim(
    "market.L1",
    "paper 000, appendix A, Lemma 1",
    "Without collusion, after every regular proposal and given Heads, it is strictly dominant for each player but the "
    "proposer to say YES in step 2 if his gain is at least his price, and NO otherwise.",
)


@L1.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def l1(scope: Scope, watch: Watch) -> Verdict:
    """In the decision of step 2 after every regular proposal, a player's expected utility from the answer named is
    strictly greater than from the other one, against every combination of the others' answers."""
    return votes_are_dominant(scope, watch, independent, {ANSWER: by_joint_gain})


L2 = Claim(
    "market.L2",
    "paper 000, appendix A, Lemma 2",
    "Without collusion, after every regular proposal and given Tails, it is strictly dominant for each player but the "
    "proposer, when he is the one asked in step 3, to say YES if his gain is at least his price, and NO otherwise.",
)


@L2.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def l2(scope: Scope, watch: Watch) -> Verdict:
    """In each decision of step 3 the answer named gives the one who is asked strictly more than the other one."""
    return votes_are_dominant(scope, watch, independent, {ALONE: by_own_gain})


C1 = Claim(
    "market.C1",
    "paper 000, appendix A, Corollary 1",
    "Without collusion every submechanism after a first move is collusively dominant-strategy, and after a regular "
    "proposal it is strictly dominant to answer by the sign of one's own gain less one's price in both steps.",
)


@C1.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def c1(scope: Scope, watch: Watch) -> Verdict:
    """Every player's pair of answers, in steps 2 and 3, is strictly better than each of his three others against every
    choice of the others; a submechanism in which nobody moves is collusively dominant-strategy. That the pair may be
    compared part by part is tested against literal strategic forms."""
    return votes_are_dominant(scope, watch, independent, {ANSWER: by_joint_gain, ALONE: by_own_gain})


L7 = Claim(
    "market.L7",
    "paper 000, appendix B, Lemma 7",
    "With collusion, after every regular proposal and given Heads, it is strictly dominant for every coalition without "
    "the proposer that all its members say YES in step 2 if together they gain at least their prices, otherwise NO.",
)


@L7.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def l7(scope: Scope, watch: Watch) -> Verdict:
    """The joint answer named gives the coalition strictly more than each of its other joint answers, against every
    combination of answers of the rest."""
    return votes_are_dominant(scope, watch, without_proposer, {ANSWER: by_joint_gain})


L8 = Claim(
    "market.L8",
    "paper 000, appendix B, Lemma 8",
    "With collusion, after every regular proposal and given Tails, it is strictly dominant for every coalition without "
    "the proposer that its member asked in step 3 says YES if his own gain is at least his price, otherwise NO.",
)


@L8.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def l8(scope: Scope, watch: Watch) -> Verdict:
    """In each decision of step 3 the answer named gives the coalition of the one who is asked strictly more."""
    return votes_are_dominant(scope, watch, without_proposer, {ALONE: by_own_gain})


L9 = Claim(
    "market.L9",
    "paper 000, appendix B, Lemma 9",
    "With collusion, after every regular proposal, it is strictly dominant for the proposer's coalition that all its "
    "other members say YES in step 2, and in step 3 when one of them is asked.",
)


@L9.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def l9(scope: Scope, watch: Watch) -> Verdict:
    """YES of all members gives the proposer's coalition, fines of the proposer included, strictly more than each of its
    other joint answers, against every combination of answers of the rest; the grand coalition included."""
    return votes_are_dominant(scope, watch, with_proposer, {ANSWER: always_yes, ALONE: always_yes})


@L9.reading("every coalition, every submechanism", quick=QUICK, standard=STANDARD)
def cds(scope: Scope, watch: Watch) -> Verdict:
    """What Lemmas 7 to 9 are for: the submechanism after every first move is collusively dominant-strategy (Definition
    1), for every coalition there can be, whichever its dominant joint strategy."""
    seen = 0
    for game, context, valued in every_context(scope, watch):
        seen += 1
        found = no_dominant(valued, context, coalitions(game.rooted.n))
        if found is not None:
            names = " and ".join(game.setting.players[player] for player in found.coalition)
            why = f"there is no strictly dominant joint answer of {names} at '{found.label}'"
            return fails(why, range=covered(scope), counterexample=not_dominant(game, found))
    return holds("every coalition has a strictly dominant joint strategy after every first move", range=covered(scope),
                 evidence=Evidence({"contexts": seen}))  # fmt: skip


CLAIMS = (L1, L2, C1, L7, L8, L9)
