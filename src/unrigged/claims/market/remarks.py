"""The claims of the market paper that surround its theorem: fairness, communication, approximation, computation, VCG.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), sections 1.3, 1.4, 2 and 5.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product

from unrigged.analysis.coalitions import partitions
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation, scripted
from unrigged.claims.market.approximation import APPROXIMATE
from unrigged.claims.market.proposals import (
    Answers,
    Proposals,
    Valued,
    contexts,
    market_range,
    root_set,
    settings,
    sizes,
)
from unrigged.claims.market.steps import LINEAR
from unrigged.claims.market.vcg import VCG
from unrigged.context import Coalition, Context
from unrigged.exact import written
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.play import Play, outcomes
from unrigged.protocol import Chance
from unrigged.scenario import Scenario
from unrigged.verdict import Verdict, fails, holds

PROPOSER = 0

# Communication

OVERHEAD = Claim(
    "market.overhead",
    source="paper 000, sections 1.4 and 5.3",
    wording="In a rational play the players send n-1 bits more than it takes to describe the outcome.",
)


@dataclass(frozen=True)
class RationalPlay:
    """A play in which a rational outcome is proposed and everybody agrees to it."""

    mechanism: Mechanism
    context: Context
    proposal: Outcome
    described: int
    """The bits that describe the proposal."""
    gainful: bool
    """Whether some allocation is better than the endowment."""

    @cached_property
    def plays(self) -> tuple[Play, ...]:
        """Its histories."""
        return outcomes(self.mechanism, _all_yes(self.context, self.proposal)).plays

    @property
    def beyond(self) -> int:
        """The bits of the likeliest history that do not describe the proposal."""
        return max(self.plays, key=lambda play: play.probability).bits - self.described

    @property
    def scenario(self) -> Scenario:
        """The play, every move of it written down."""
        return scripted(self.mechanism, self.context, _all_yes(self.context, self.proposal))


def _rational_plays(scope: Scope, watch: Watch) -> Iterator[RationalPlay]:
    """Every rational play of the range."""
    seen = 0
    for setting in settings(scope):
        for eps, delta in sizes(scope):
            mechanism = build("market", setting, eps=eps, delta=delta)
            space = Proposals(mechanism).space
            for context in contexts(scope, setting):
                watch.step("contexts", seen)
                seen += 1
                valued = Valued(context)
                for x in root_set(valued, PROPOSER):
                    yield RationalPlay(mechanism, context, x, space.bits(x), valued.most > 0)


def _all_yes(context: Context, x: Outcome) -> dict[Coalition, Answers]:
    everyone = frozenset(context.setting.everyone)
    return {agent: Answers(x, everyone, everyone) for agent in context.coalitions}


@OVERHEAD.reading(
    quick=Scope(players=2, goods=1, values=(-1, 1)),
    standard=Scope(players=4, goods=1, values=(-2, 2)),
)
def overhead(scope: Scope, watch: Watch) -> Verdict:
    """The overhead of the mechanism is the greatest over its rational plays: in every history of a rational play
    without collusion the bits beyond the announced outcome are at most n-1; in the main history exactly n-1 where the
    endowment is not optimal, and 0 where it is."""
    seen = histories = attained = 0
    for each in _rational_plays(scope, watch):
        seen += 1
        attained += each.gainful
        histories += len(each.plays)
        stated = scope.players - 1 if each.gainful else 0
        most = max(play.bits for play in each.plays) - each.described
        if each.beyond != stated or most > scope.players - 1:
            relation = Relation(Figure("rational play", "bits"), "!=", each.described + stated)
            return fails(
                f"a history takes {most} bits beyond the outcome, and the likeliest one {each.beyond}, not {stated}",
                counterexample=Counterexample({"rational play": each.scenario}, (relation,)),
            )
    return holds(
        "everybody but the proposer sends one bit, where he is asked at all",
        range=market_range(scope),
        evidence=Evidence({"rational plays": seen, "histories": histories, "plays with n-1 bits": attained}),
    )


@OVERHEAD.reading(
    "exactly, in every rational play",
    quick=Scope(players=2, goods=1, values=(-1, 1)),
    standard=Scope(players=2, goods=1, values=(-1, 1)),
)
def overhead_exactly(scope: Scope, watch: Watch) -> Verdict:
    """In every rational play without collusion, the main history (the one of probability >= 1 - delta) takes exactly
    n-1 bits more than the announced outcome, which is what it ends with but for the discounts of 2·eps."""
    seen = 0
    for each in _rational_plays(scope, watch):
        seen += 1
        if each.beyond != scope.players - 1:
            relation = Relation(Figure("rational play", "bits"), "!=", each.described + scope.players - 1)
            return fails(
                f"where nothing can be gained the proposer leaves everything as it is, and nobody is asked: the bits "
                f"beyond the outcome are {each.beyond}, not {scope.players - 1}",
                counterexample=Counterexample({"rational play": each.scenario}, (relation,)),
            )
    return holds(
        "exactly n-1 bits beyond the outcome, one YES from everybody but the proposer",
        range=market_range(scope),
        evidence=Evidence({"rational plays": seen}),
    )


@OVERHEAD.reading(
    "whatever is played",
    quick=Scope(players=2, goods=1, values=(-1, 1), announcements=3),
    standard=Scope(players=2, goods=1, values=(-1, 1), announcements=3),
)
def overhead_whatever(scope: Scope, watch: Watch) -> Verdict:
    """In every play, rational or not, with announced prices up to the stated size: no history takes more than n-1 bits
    beyond those that describe the outcome it ends with."""
    seen = 0
    eps, delta = sizes(scope)[1]
    for setting in settings(scope):
        mechanism = build("market", setting, eps=eps, delta=delta)
        space = Proposals(mechanism).space
        context = next(contexts(scope, setting))
        for x in sorted(space.grid(scope.announcements), key=lambda each: sum(map(abs, each.prices))):
            watch.step("proposals", seen)
            seen += 1
            for play in outcomes(mechanism, _all_yes(context, x)).plays:
                described = space.bits(play.outcome)
                if play.bits > described + scope.players - 1 and play.probability == 1:
                    shown = scripted(mechanism, context, _all_yes(context, x))
                    relation = Relation(Figure("play", "bits"), ">", described + scope.players - 1)
                    return fails(
                        f"a proposal against the rules is fined, and the outcome tells nothing of its prices: "
                        f"{play.bits} bits are sent for an outcome that {described} describe",
                        counterexample=Counterexample({"play": shown}, (relation,)),
                    )
    return holds("no play takes more than n-1 bits beyond its outcome", evidence=Evidence({"proposals": seen}))


# Fairness

FAIR = Claim(
    "market.fair",
    source="paper 000, sections 1.4 and 5.2 (remark on ex-ante fairness)",
    wording="If the proposer is drawn at random, all players expect almost the same utility; they differ only by step "
    "c, where players value their endowments differently.",
)


def _branches(mechanism: Mechanism) -> list[tuple[Fraction, Proposals]]:
    """The mechanism with each proposer, and how likely he is to be drawn."""
    first = mechanism.start()
    if not isinstance(first, Chance):
        return [(Fraction(1), Proposals(mechanism, first))]
    return [(branch.probability, Proposals(mechanism, branch.then())) for branch in first.branches]


@FAIR.reading(quick=Scope(players=2, goods=1, values=(-1, 1)), standard=Scope(players=4, goods=1, values=(-2, 2)))
def fair(scope: Scope, watch: Watch) -> Verdict:
    """In every context without collusion, whichever rational outcomes the proposers announce: before the proposer is
    drawn, the expected utilities of two players differ by exactly delta·(n-1)/n times the difference of what their
    endowments are worth to them (by 0 where the endowment is optimal), which is less than 2·eps·(n-1)/n."""
    n = scope.players
    seen = compared = 0
    largest = Fraction(0)
    for setting in settings(scope):
        for eps, delta in sizes(scope):
            mechanism = build("market-fair", setting, eps=eps, delta=delta)
            branches = _branches(mechanism)
            everybody = frozenset(setting.everyone)
            for context in contexts(scope, setting):
                watch.step("contexts", seen)
                seen += 1
                valued = Valued(context)
                expected = [[Fraction(0)] * 2 for _ in setting.everyone]
                for chance, proposals in branches:
                    ends = [proposals.after(x, everybody, everybody) for x in root_set(valued, proposals.proposer)]
                    compared += len(ends)
                    for i in setting.everyone:
                        possible = [valued.utility((i,), end) for end in ends]
                        expected[i][0] += chance * min(possible)
                        expected[i][1] += chance * max(possible)
                owned = [context.worth(i, setting.endowment or ()) if valued.most else 0 for i in setting.everyone]
                for i, j in product(setting.everyone, repeat=2):
                    gap = expected[i][1] - expected[j][0]
                    largest = max(largest, gap)
                    if gap != delta * Fraction(n - 1, n) * (owned[j] - owned[i]) or gap >= 2 * eps * Fraction(n - 1, n):
                        return _unfair(mechanism, context, i, j, delta * Fraction(n - 1, n) * (owned[j] - owned[i]))
    return holds(
        "whoever is drawn, the gain in welfare is shared alike beforehand; players differ only in what they lose when "
        "goods are destroyed, which has probability delta",
        range=market_range(scope),
        evidence=Evidence({"contexts": seen, "rational proposals": compared}, figures={"largest difference": largest}),
    )


def _unfair(mechanism: Mechanism, context: Context, i: int, j: int, stated: Fraction) -> Verdict:
    names = context.setting.players
    play = Scenario(mechanism, context)
    played = outcomes(mechanism, play.profile())
    gap = played.utility(context, i) - played.utility(context, j)
    left, right = Figure("rational play", "utility", (i,)), Figure("rational play", "utility", (j,))
    return fails(
        f"{names[i]} and {names[j]} differ by {written(gap)}, and not by {written(stated)}",
        counterexample=Counterexample({"rational play": play}, (Relation(left, "!=", right),)),
    )


@FAIR.reading(
    "coalitions, for each member",
    quick=Scope(players=3, goods=1, values=(-1, 1), samples=6),
    standard=Scope(players=3, goods=2, values=(-3, 3), samples=50),
)
def fair_coalitions(scope: Scope, watch: Watch) -> Verdict:
    """With every partition into coalitions, if proposers announce truthful outcomes: what a coalition expects, divided
    by its size, differs from one coalition to another by less than 2·eps."""
    seen = 0
    largest = Fraction(0)
    for setting in settings(scope):
        for eps, delta in sizes(scope):
            mechanism = build("market-fair", setting, eps=eps, delta=delta)
            branches = _branches(mechanism)
            everybody = frozenset(setting.everyone)
            for context in contexts(scope, setting):
                watch.step("contexts", seen)
                valued = Valued(context)
                for partition in partitions(scope.players):
                    seen += 1
                    shares = []
                    for block in partition:
                        joint = Fraction(0)
                        for chance, proposals in branches:
                            x = root_set(valued, proposals.proposer)[0]
                            joint += chance * valued.utility(block, proposals.after(x, everybody, everybody))
                        shares.append(joint / len(block))
                    largest = max(largest, max(shares) - min(shares))
                    if max(shares) - min(shares) >= 2 * eps:
                        return fails(f"coalitions differ by {written(max(shares) - min(shares))} for each member")
    return holds(
        "every coalition expects the same for each of its members, but for what is lost when goods are destroyed",
        range=market_range(scope, "every context and partition"),
        evidence=Evidence({"contexts": seen}, figures={"largest difference": largest}),
    )


CLAIMS: Sequence[Claim] = (LINEAR, OVERHEAD, FAIR, APPROXIMATE, VCG)
