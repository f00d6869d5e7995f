"""Best-belief: what it promises where players collude, and where they only know what they can compute.

J. Chen and S. Micali, Leveraging possibilistic beliefs in unrestricted combinatorial auctions, Games 7 (2016), sections
6.2.2 and 6.2.3 with footnote 11. The paper argues for these in words; what is decided here is said by each reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from unrigged.claims.base import Claim, Scope, Watch
from unrigged.claims.best_belief.elimination import Twice
from unrigged.claims.best_belief.literal import MAIN, eliminations, guaranteed
from unrigged.claims.best_belief.ranges import Findings, smallest_eps
from unrigged.claims.best_belief.reduced import answers_settled, games, more_is_better, revenue_announced
from unrigged.claims.best_belief.sales import Forms, Joint, added, sales_of
from unrigged.context import Coalition
from unrigged.exact import Exact
from unrigged.strategic import Notion
from unrigged.verdict import Verdict

PAPER = "paper 003"

QUICK = Scope(players=3, goods=1, values=(0, 1), announcements=1, parameters={"eps": Fraction(1, 10)})
STANDARD = Scope(players=3, goods=2, values=(0, 2), announcements=3)
MILDER = Scope(players=3, goods=2, values=(0, 1), announcements=2, parameters={"eps": Fraction(1, 1000)})

COLLUSION = Claim(
    "best-belief.collusion",
    source=f"{PAPER}, section 6.2.3",
    wording="With coalitions of players who maximise the sum of their utilities, the best-belief mechanism has revenue "
    "at least BB'/2 - eps, BB' being the largest BB_i of independent players, as long as one player is independent.",
)
MILD = Claim(
    "best-belief.mild-coalitions",
    source=f"{PAPER}, section 6.2.3, footnote 11",
    wording="Of coalitions that guarantee needs no more than that they prefer to have a member buy, all else equal, if "
    "and only if what he buys is worth its price to him.",
)
COMPUTED = Claim(
    "best-belief.computed",
    source=f"{PAPER}, section 6.2.2",
    wording="Where players announce the best outcome that they are able to compute, revenue is at least half of the "
    "highest revenue that they can compute.",
)

Partition = tuple[Coalition, ...]


def with_one_coalition(players: int) -> Sequence[Partition]:
    """Every partition into one coalition of two or more and at least one independent player.

    >>> with_one_coalition(3)
    [((0, 1), (2,)), ((0, 2), (1,)), ((0,), (1, 2))]
    """
    everyone = range(players)
    found = []
    for size in range(2, players):
        for members in combinations(everyone, size):
            alone = [(player,) for player in everyone if player not in members]
            found.append(tuple(sorted([members, *alone])))
    return found


def weighted(utilities: Sequence[Exact]) -> Exact:
    """The first member's utility counts once, the second's twice, and so on.

    >>> weighted([1, 3])
    7
    """
    return added([number * utility for number, utility in enumerate(utilities, 1)])


def cubed(utilities: Sequence[Exact]) -> Exact:
    """The sum of the members' utilities to the third power: who loses much counts for more than his share.

    >>> cubed([1, -2])
    -7
    """
    return added([utility**3 for utility in utilities])


def spiteful(utilities: Sequence[Exact]) -> Exact:
    """The less its members have, the better: no coalition as footnote 11 asks for.

    >>> spiteful([1, -2])
    1
    """
    return -added(utilities)


def small_games(scope: Scope, watch: Watch, found: Findings, joint: Joint) -> Iterator[tuple[Twice, Twice]]:
    """Three players, one good, prices of 1, everybody wants the good: for each pair that may collude, the two steps
    with the coalition as one agent, and the two steps without coalitions."""
    part = replace(scope, players=3, goods=1, values=(0, 1), announcements=1)
    exact = smallest_eps(part)
    sales = sales_of(MAIN, exact, watch, wanted=(1,))
    alone = Twice(Forms(sales, watch), Notion.DISTINGUISHABLE, watch)
    for partition in with_one_coalition(3):
        steps = Twice(Forms(sales, watch, partition, joint), Notion.DISTINGUISHABLE, watch)
        yield steps, alone
        found.accepted.update(steps.accepted)
        found.counts.update(steps.counts)
    found.accepted.update(alone.accepted)
    found.counts.update(alone.counts)
    found.covered(exact, "every strategy, all want the good, every pair colluding")


Check = Callable[[Twice, Twice, Findings], Verdict | None]


def unknown(steps: Twice, alone: Twice, found: Findings) -> Verdict | None:
    """The guarantee where independent players have no idea that others collude."""
    return guaranteed(steps, found, unaware=alone)


def known(steps: Twice, alone: Twice, found: Findings) -> Verdict | None:
    """The guarantee where independent players know who colludes, and eliminate what such coalitions would not play."""
    return guaranteed(steps, found)


def first_failure(scope: Scope, watch: Watch, found: Findings, joint: Joint, check: Check) -> Verdict | None:
    """The first failure in the small games, None where there is none."""
    for steps, alone in small_games(scope, watch, found, joint):
        failure = check(steps, alone, found)
        if failure is not None:
            return failure
    return None


def larger(scope: Scope, watch: Watch, found: Findings, joint: Joint) -> None:
    """Larger games with coalitions known: answers, announcements of independent players, revenue."""
    for settled, player in games(scope, watch, found, agents=with_one_coalition, joint=joint):
        answers_settled(settled, found)
        more_is_better(settled, player, found)
        revenue_announced(settled, found)


WHY = (
    "where the winner is not one of its members, a coalition does best to let each of them answer by his own value; "
    "where he is, the prices refused are paid all the same: the revenue is at least half of what he announced, less eps"
)


@COLLUSION.reading(quick=QUICK, standard=STANDARD)
def collusion(scope: Scope, watch: Watch) -> Verdict:
    """At least one player is independent, the others form one coalition; where nobody is independent nothing is
    promised. Independent players eliminate as if nobody colluded. Small games: all contexts, every pair as a coalition
    whose strategies are those the first step leaves it. Larger games: whatever coalitions announce and answer, rational
    or not."""
    found = Findings()
    failure = first_failure(scope, watch, found, added, unknown)
    if failure is not None:
        return failure
    for settled, player in games(scope, watch, found):
        answers_settled(settled, found)
        more_is_better(settled, player, found)
        revenue_announced(settled, found)
    return found.verdict(
        "an independent player who has no idea of coalitions announces at least BB_i; whoever wins announced no less, "
        "and the revenue is at least half of that, less eps, whatever is answered: what coalitions want does not matter"
    )


@COLLUSION.reading("coalitions known to the others", quick=QUICK, standard=STANDARD)
def collusion_known(scope: Scope, watch: Watch) -> Verdict:
    """Independent players know the coalitions, and that these play only what is not distinguishably dominated for the
    sum of their utilities. Small games literally, with all beliefs; larger games reduced, for every one coalition."""
    found = Findings()
    failure = first_failure(scope, watch, found, added, known)
    if failure is None:
        larger(scope, watch, found, added)
    return found.verdict(WHY, failure)


@MILD.reading(quick=QUICK, standard=MILDER)
def mild(scope: Scope, watch: Watch) -> Verdict:
    """Coalitions that maximise another function of their members' utilities (members weighted 1, 2, 3, ...; the sum of
    third powers), expected over the coin; independent players know it."""
    found = Findings()
    for joint in (weighted, cubed):
        failure = first_failure(scope, watch, found, joint, known)
        if failure is not None:
            return failure
        larger(scope, watch, found, joint)
    return found.verdict(WHY)


@MILD.reading("the condition dropped, coalitions not known of", quick=QUICK, standard=QUICK)
def mild_dropped_unknown(scope: Scope, watch: Watch) -> Verdict:
    """Coalitions that like their members to lose; independent players eliminate as if nobody colluded."""
    found = Findings()
    failure = first_failure(scope, watch, found, spiteful, unknown)
    return found.verdict("who has no idea of coalitions announces at least BB_i, whatever they want", failure)


@MILD.reading("the condition dropped, coalitions known", quick=QUICK, standard=QUICK)
def mild_dropped_known(scope: Scope, watch: Watch) -> Verdict:
    """Coalitions that like their members to lose, against footnote 11; independent players know that they do."""
    found = Findings()
    failure = first_failure(scope, watch, found, spiteful, known)
    if failure is not None:
        why = (
            "footnote 11 is needed once independent players know of the coalition: one that likes its members to lose "
            "refuses what is worth its price, so that no sale to it is sure and less is announced; " + failure.why
        )
        failure = replace(failure, why=why)
    return found.verdict("even such coalitions do no harm", failure)


def half(best: int, eps: Fraction) -> Fraction:
    """BB/2, nothing taken off.

    >>> half(3, Fraction(1))
    Fraction(3, 2)
    """
    return Fraction(best, 2)


SMALL = Scope(players=2, goods=1, values=(0, 1), announcements=1, parameters={"eps": Fraction(1, 10)})
COMPUTING = Scope(players=3, goods=2, values=(0, 1), announcements=2)


@COMPUTED.reading(quick=SMALL, standard=SMALL)
def computed(scope: Scope, watch: Watch) -> Verdict:
    """Players who compute BB_i exactly (no weaker case): all contexts, all surviving strategies, expected revenue
    against BB/2 with nothing taken off."""
    found = Findings()
    for steps in eliminations(MAIN, scope, watch, found):
        failure = guaranteed(steps, found, half)
        if failure is not None:
            why = failure.why + ": discount and rewards are paid out of it, so that half is missed by up to eps"
            return replace(failure, why=why)
    return found.verdict("revenue reaches half of what was computed")


@COMPUTED.reading(
    "half, less eps",
    quick=replace(SMALL, announcements=2),
    standard=COMPUTING,
    repair="eps taken off: at least half of it less eps",
)
def computed_less_eps(scope: Scope, watch: Watch) -> Verdict:
    """Whatever sale that he is sure of a player computes, best or not: whether announcing it (with a favourite set) is
    better than every announcement of less revenue, whatever the others announce; then the revenue of all announcements
    with the worst answers. Small games first, literally, for players who compute BB_i."""
    found = Findings()
    for steps in eliminations(MAIN, scope, watch, found):
        failure = guaranteed(steps, found)
        if failure is not None:
            return failure
    for settled, player in games(scope, watch, found):
        answers_settled(settled, found)
        more_is_better(settled, player, found)
        revenue_announced(settled, found)
    return found.verdict("to announce the best sale one computed pays more than to announce any of less revenue")


CLAIMS = (COLLUSION, MILD, COMPUTED)
