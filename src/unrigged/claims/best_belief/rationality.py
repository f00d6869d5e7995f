"""Best-belief: what its lemmas and theorems promise of the strategies that two steps of elimination leave.

J. Chen and S. Micali, Leveraging possibilistic beliefs in unrestricted combinatorial auctions, Games 7 (2016); the
sheet best-belief.md («Solution concepts»). Small games are eliminated literally, for all beliefs; larger ones as
`best_belief_answers` reduces them.
"""

from __future__ import annotations

from collections.abc import Callable

from unrigged.claims.base import Claim, Scope, Watch
from unrigged.claims.best_belief.elimination import Twice
from unrigged.claims.best_belief.literal import (
    MAIN,
    NORMAL,
    announcements_kept,
    answers_kept,
    eliminations,
    guaranteed,
    half_of_all,
    reports_kept,
    reports_up_to_effect,
)
from unrigged.claims.best_belief.ranges import Findings
from unrigged.claims.best_belief.reduced import answers_settled, games, more_is_better, revenue_announced
from unrigged.verdict import Verdict

PAPER = "paper 003"

QUICK_NORMAL = Scope(players=2, goods=1, values=(0, 2), announcements=3)
STANDARD_NORMAL = Scope(players=3, goods=2, values=(0, 2), announcements=3)
QUICK = Scope(players=2, goods=2, values=(0, 1), announcements=2)
QUICK_TINY = Scope(players=2, goods=1, values=(0, 1), announcements=2)
STANDARD = Scope(players=3, goods=2, values=(0, 2), announcements=3)

L1 = Claim(
    "best-belief.L1",
    source=f"{PAPER}, section 4, Lemma 1",
    wording="In the normal-form mechanism every strategy that is not weakly dominated reports the true valuation.",
)
L2 = Claim(
    "best-belief.L2",
    source=f"{PAPER}, section 4, Lemma 2",
    wording="In the normal-form mechanism every strategy of player i that survives both steps of elimination of weakly "
    "dominated strategies announces an outcome of revenue at least BB_i.",
)
T1 = Claim(
    "best-belief.T1",
    source=f"{PAPER}, section 4, Theorem 1",
    wording="For every context and every eps in (0, 1] the normal-form mechanism has revenue at least BB/2 - eps in "
    "every profile of conservatively weakly-rational strategies.",
)
L3 = Claim(
    "best-belief.L3",
    source=f"{PAPER}, section 6.1, Lemma 3 with its footnote",
    wording="In the best-belief mechanism every strategy that is not distinguishably dominated answers YES exactly "
    "when the offer is worth its price, at every node that the strategy can reach.",
)
L4 = Claim(
    "best-belief.L4",
    source=f"{PAPER}, section 6.1, Lemma 4",
    wording="In the best-belief mechanism every strategy of player i that survives both steps of elimination of "
    "distinguishably dominated strategies announces an outcome of revenue at least BB_i.",
)
T2 = Claim(
    "best-belief.T2",
    source=f"{PAPER}, section 6.1, Theorem 2",
    wording="For every context and every eps in (0, 1] the best-belief mechanism has revenue at least BB/2 - eps in "
    "every profile of conservatively distinguishably-rational strategies.",
)
WRONG = Claim(
    "best-belief.wrong-beliefs",
    source=f"{PAPER}, section 3 and section 6.1, after Theorem 2",
    wording="The revenue guarantee holds whether or not the players' beliefs about each other are correct.",
)

Check = Callable[[Twice, Findings], Verdict | None]


def every(
    name: str, scope: Scope, watch: Watch, found: Findings, check: Check, *, smallest: bool = False
) -> Verdict | None:
    """The first failure of `check` in the small games of the range, None where there is none."""
    for steps in eliminations(name, scope, watch, found, smallest=smallest):
        failure = check(steps, found)
        if failure is not None:
            return failure
    return None


@L1.reading(quick=QUICK_NORMAL, standard=STANDARD_NORMAL)
def l1(scope: Scope, watch: Watch) -> Verdict:
    """All strategies, mixed dominators: whether each one left by weak dominance over everything reports the player's
    own valuation, value by value."""
    found = Findings()
    failure = every(NORMAL, scope, watch, found, reports_kept, smallest=True)
    return found.verdict("all strategies that are not weakly dominated report the true valuation", failure)


@L1.reading(
    "as far as it matters",
    quick=QUICK_NORMAL,
    standard=STANDARD_NORMAL,
    repair="up to equivalence: the strategy pays its player, whatever the others do, what the true report with the "
    "same offer pays",
)
def l1_in_effect(scope: Scope, watch: Watch) -> Verdict:
    """All strategies, mixed dominators: whether each one left by weak dominance over everything pays its player,
    against all strategies of the others, exactly what the same offer with his own valuation pays."""
    found = Findings()
    failure = every(NORMAL, scope, watch, found, reports_up_to_effect)
    return found.verdict("what is not weakly dominated is as good as the true report against everything", failure)


@L2.reading(quick=QUICK_NORMAL, standard=STANDARD_NORMAL)
def l2(scope: Scope, watch: Watch) -> Verdict:
    """U_i and C_i computed for all types and all beliefs (every non-empty set of profiles of the others' types), mixed
    dominators over U_i; whether what survives announces at least BB_i. Most of it may announce more."""
    found = Findings()
    failure = every(NORMAL, scope, watch, found, announcements_kept)
    return found.verdict(
        "every announcement of less revenue than BB_i is eliminated, by an accepted dominator", failure
    )


@T1.reading(quick=QUICK_NORMAL, standard=STANDARD_NORMAL)
def t1(scope: Scope, watch: Watch) -> Verdict:
    """All contexts of the range (types, beliefs), all profiles of surviving strategies, announcements above BB_i
    included: expected revenue against BB/2 - eps."""
    found = Findings()
    failure = every(NORMAL, scope, watch, found, guaranteed)
    return found.verdict(
        "the winner announced at least BB, and what buyers refuse he pays himself: revenue never falls below the bound",
        failure,
    )


@T1.reading("in every outcome", quick=QUICK_NORMAL, standard=QUICK_NORMAL)
def t1_every_outcome(scope: Scope, watch: Watch) -> Verdict:
    """The bound asked of the revenue after each side of the coin, not of its expectation."""
    found = Findings()
    failure = every(NORMAL, scope, watch, found, half_of_all, smallest=True)
    return found.verdict("revenue reaches the bound on both sides of the coin", failure)


@L3.reading(quick=QUICK, standard=STANDARD)
def l3(scope: Scope, watch: Watch) -> Verdict:
    """Small games: DU_i computed over all reduced strategies, its answers compared with the true values. Larger games:
    whether the answer by value is strictly better at every node, whatever the others answer there."""
    found = Findings()
    failure = every(MAIN, scope, watch, found, answers_kept)
    if failure is not None:
        return failure
    for settled, _ in games(scope, watch, found, focused=False):
        answers_settled(settled, found)
    return found.verdict(
        "at a price equal to the value the discount makes YES better by eps/n; one unit above, NO is by 1 - eps/n"
    )


@L4.reading(quick=QUICK, standard=STANDARD)
def l4(scope: Scope, watch: Watch) -> Verdict:
    """Small games: CD_i for all types and all beliefs, whether it announces at least BB_i. Larger games: for every
    profile of types and every sale that is sure by it, whether announcing it with a favourite set is a first-step
    survivor and strictly better than all announcements of less revenue; that decides all beliefs at once."""
    found = Findings()
    failure = every(MAIN, scope, watch, found, announcements_kept)
    if failure is not None:
        return failure
    for settled, player in games(scope, watch, found):
        answers_settled(settled, found)
        more_is_better(settled, player, found)
    return found.verdict("whoever announces less than a sure sale gains by announcing it, whatever the others announce")


@T2.reading(quick=QUICK_TINY, standard=STANDARD)
def t2(scope: Scope, watch: Watch) -> Verdict:
    """Small games: all contexts (types, beliefs), all profiles of what both steps leave, expected revenue against
    BB/2 - eps. Larger games: Lemmas 3 and 4 as above, and the revenue of all announcements with the worst answers."""
    return theorem_2(scope, watch, wrong_only=False)


@T2.reading("in every outcome", quick=QUICK_TINY, standard=QUICK)
def t2_every_outcome(scope: Scope, watch: Watch) -> Verdict:
    """The bound asked of the revenue after each side of the coin, not of its expectation."""
    found = Findings()
    failure = every(MAIN, scope, watch, found, half_of_all)
    return found.verdict("revenue reaches the bound on both sides of the coin", failure)


@WRONG.reading(quick=QUICK_TINY, standard=Scope(players=3, goods=1, values=(0, 2), announcements=3))
def wrong_beliefs(scope: Scope, watch: Watch) -> Verdict:
    """Theorem 2 for contexts in which the true profile is not among those that some player deems possible. (Larger
    games: the revenue bound there is by announcements and answers alone, so it does not ask whether beliefs are right.)
    """
    return theorem_2(scope, watch, wrong_only=True)


def theorem_2(scope: Scope, watch: Watch, *, wrong_only: bool) -> Verdict:
    """Theorem 2, for all contexts or for those with a wrong belief."""
    found = Findings()
    failure = every(MAIN, scope, watch, found, lambda steps, seen: guaranteed(steps, seen, wrong_only=wrong_only))
    if failure is not None:
        return failure
    for settled, player in games(scope, watch, found):
        answers_settled(settled, found)
        more_is_better(settled, player, found)
        revenue_announced(settled, found)
    return found.verdict(
        "the winner announced at least BB, and what buyers refuse he pays himself: revenue never falls below the bound"
    )


CLAIMS = (L1, L2, T1, L3, L4, T2, WRONG)
