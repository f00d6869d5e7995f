"""The claims of the market paper that surround its theorem: fairness, communication, approximation, computation, VCG.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), sections 1.3, 1.4, 2 and 5.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, product

from unrigged.analysis.coalitions import Partition, partitions
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation, scripted
from unrigged.claims.market_steps import LINEAR
from unrigged.claims.market_vcg import VCG
from unrigged.claims.proposals import (
    Answers,
    Proposals,
    Valued,
    Yes,
    allocations,
    bound_above,
    contexts,
    inner,
    settings,
    truthful,
)
from unrigged.context import Coalition, Context
from unrigged.exact import written
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.play import Play, outcomes
from unrigged.protocol import Chance
from unrigged.scenario import Scenario
from unrigged.setting import Allocation, Setting
from unrigged.verdict import Verdict, fails, holds

PROPOSER = 0

Sizes = tuple[Fraction, Fraction]
"""eps and delta."""


def sizes(scope: Scope) -> list[Sizes]:
    """Three choices of eps in (0, 1/(5n)) and delta in (0, eps/B), two of them near the ends."""
    chosen = []
    for number, eps in enumerate(inner(Fraction(1, 5 * scope.players))):
        chosen.append((eps, inner(eps / bound_above(scope))[number]))
    return chosen


def covered(scope: Scope, who: str = "every context without collusion") -> str:
    """What is covered, in words."""
    pairs = "; ".join(f"eps {written(eps)}, delta {written(delta)}" for eps, delta in sizes(scope))
    return f"every endowment, {who}; {pairs}"


def root_set(valued: Valued, proposer: int) -> list[Outcome]:
    """What a rational proposer who colludes with nobody announces: (E, 0) where the endowment is optimal, otherwise
    any truthful outcome."""
    context = valued.context
    if not valued.most:
        return [truthful(context, context.setting.endowment or (), proposer)]
    return [truthful(context, owners, proposer) for owners in valued.optimal]


# Communication

OVERHEAD = Claim(
    "market.overhead",
    source="paper 000, sections 1.4 and 5.3",
    wording="In a rational play the players send n-1 bits more than it takes to describe the outcome.",
)


def _rational_plays(scope: Scope, watch: Watch) -> Iterator[tuple[Mechanism, Context, Outcome, int, tuple[Play, ...]]]:
    """Every rational play of the range: what is announced, the bits that describe it, and all its histories."""
    seen = 0
    for setting in settings(scope):
        for eps, delta in sizes(scope):
            mechanism = build("market", setting, eps=eps, delta=delta)
            space = Proposals(mechanism).space
            for context in contexts(scope, setting):
                watch.step("contexts", seen)
                seen += 1
                for x in root_set(Valued(context), PROPOSER):
                    plays = outcomes(mechanism, _all_yes(context, x)).plays
                    yield mechanism, context, x, space.bits(x), plays


def _all_yes(context: Context, x: Outcome) -> dict[Coalition, Answers]:
    everyone = frozenset(context.setting.everyone)
    return {agent: Answers(x, everyone, everyone) for agent in context.coalitions}


@OVERHEAD.reading(quick=Scope(players=2, goods=1, values=(-1, 1)), standard=Scope(players=2, goods=1, values=(-1, 1)))
def overhead(scope: Scope, watch: Watch) -> Verdict:
    """In every rational play without collusion, the main history (the one of probability >= 1 - delta) takes exactly
    n-1 bits more than the announced outcome, which is what it ends with but for the discounts of 2·eps."""
    plays_seen = 0
    for mechanism, context, x, described, plays in _rational_plays(scope, watch):
        plays_seen += 1
        main = max(plays, key=lambda play: play.probability)
        if main.bits - described != scope.players - 1:
            shown = scripted(mechanism, context, _all_yes(context, x))
            relation = Relation(Figure("rational play", "bits"), "!=", described + scope.players - 1)
            return fails(
                f"where nothing can be gained the proposer leaves everything as it is, and nobody is asked: the bits "
                f"beyond the outcome are {main.bits - described}, not {scope.players - 1}",
                counterexample=Counterexample({"rational play": shown}, (relation,)),
            )
    return holds("exactly n-1 bits beyond the outcome, one YES from everybody but the proposer",
                 range=covered(scope), evidence=Evidence({"rational plays": plays_seen}))  # fmt: skip


@OVERHEAD.reading(
    "at most n-1",
    quick=Scope(players=2, goods=1, values=(-1, 1)),
    standard=Scope(players=4, goods=1, values=(-2, 2)),
    repair="at most n-1 bits, and exactly so many wherever welfare can be raised",
)
def overhead_at_most(scope: Scope, watch: Watch) -> Verdict:
    """In every history of a rational play without collusion, the bits beyond the announced outcome are at most n-1; in
    the main history exactly n-1 where the endowment is not optimal, and 0 where it is."""
    seen = histories = attained = 0
    for mechanism, context, x, described, plays in _rational_plays(scope, watch):
        seen += 1
        main = max(plays, key=lambda play: play.probability)
        expected = 0 if len(plays) == 1 else scope.players - 1
        attained += expected > 0
        histories += len(plays)
        if main.bits - described != expected or any(play.bits - described > scope.players - 1 for play in plays):
            shown = scripted(mechanism, context, _all_yes(context, x))
            most = max(play.bits for play in plays)
            return fails(
                f"a history takes {most - described} bits beyond the outcome, the main one {main.bits - described}",
                counterexample=Counterexample(
                    {"rational play": shown},
                    (Relation(Figure("rational play", "bits"), "!=", described + expected),),
                ),
            )
    return holds(
        "everybody but the proposer sends one bit, where he is asked at all",
        range=covered(scope),
        evidence=Evidence({"rational plays": seen, "histories": histories, "plays with n-1 bits": attained}),
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
    assert isinstance(first, Chance)
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
        range=covered(scope),
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
        range=covered(scope, "every context and partition"),
        evidence=Evidence({"contexts": seen}, figures={"largest difference": largest}),
    )


# Approximation

APPROXIMATE = Claim(
    "market.approximate",
    source="paper 000, sections 1.4 and 5.3",
    wording="Whatever outcomes the proposer is able to compute, his best proposal is the best of them in welfare: the "
    "mechanism implements any approximation of maximum welfare that can be computed.",
)


@APPROXIMATE.reading(
    quick=Scope(players=2, goods=1, values=(-1, 1)),
    standard=Scope(players=3, goods=2, values=(-1, 1), samples=2),
)
def approximate(scope: Scope, watch: Watch) -> Verdict:
    """With every partition into coalitions, the others voting as is dominant (Lemmas 7 to 9): of all proposals with one
    allocation better than the endowment, those are best for the proposer's coalition that ask everybody outside it
    exactly what he gains; the greater the welfare, the more they bring, and always more than all proposals of
    allocations that are no better than the endowment; those that are worse, or break the rules, bring less than (E, 0).
    So of any set of allocations that the proposer knows, one of greatest welfare is best, at these prices."""
    seen = compared = 0
    for setting in settings(scope):
        for eps, delta in sizes(scope):
            proposals = Proposals(build("market", setting, eps=eps, delta=delta))
            by_owners = {owners: list(_regular(setting, owners)) for owners in allocations(setting)}
            for context in contexts(scope, setting):
                valued = Valued(context)
                for partition in partitions(scope.players):
                    watch.step("contexts", seen)
                    seen += 1
                    compared += sum(map(len, by_owners.values()))
                    wrong = _misled(proposals, valued, partition, by_owners)
                    if wrong is not None:
                        return wrong
    return holds(
        "a proposal at the prices that others gain brings the proposer's coalition more, the greater its welfare is, "
        "and no other price is better for the same allocation",
        range=covered(scope, "every context and partition, every proposal"),
        evidence=Evidence({"contexts and partitions": seen, "proposals compared": compared}),
    )


def _regular(setting: Setting, owners: Allocation) -> Iterator[Outcome]:
    """`owners` at all prices within the rules, and at one that breaks them."""
    limit = 2 * (setting.value_bound or 1)
    for others in product(range(1 - limit, limit), repeat=setting.n - 1):
        yield Outcome(owners, (-sum(others), *others))
    yield Outcome(owners, (1, *(0,) * (setting.n - 1)))


def _votes(valued: Valued, partition: Partition, x: Outcome) -> tuple[Yes, Yes]:
    """Who says YES to `x` in step 2, and in step 3 when asked alone; the proposer's own coalition always does."""
    margins = [gained - price for gained, price in zip(valued.gains(x.owners), x.prices, strict=True)]
    together: list[int] = []
    alone: list[int] = []
    for block in partition:
        if PROPOSER in block:
            together += block
            alone += block
            continue
        alone += [i for i in block if margins[i] >= 0]
        if sum([margins[i] for i in block]) >= 0:
            together += block
    return frozenset(together), frozenset(alone)


def _misled(
    proposals: Proposals, valued: Valued, partition: Partition, by_owners: dict[Allocation, list[Outcome]]
) -> Verdict | None:
    """The failure where a proposal of less welfare, or at other prices, is as good for the proposer's coalition."""
    agent = next(block for block in partition if PROPOSER in block)
    stay = proposals.space.default
    worth = {
        x: valued.utility(agent, proposals.after(x, *_votes(valued, partition, x)))
        for listed in by_owners.values()
        for x in listed
    }
    named: list[Outcome] = []
    idle = max((x for x in worth if not valued.gain(x.owners)), key=lambda x: worth[x])
    for owners, listed in by_owners.items():
        best = max(listed, key=lambda x: worth[x])
        if valued.gain(owners) < 0 and worth[best] >= 0:
            return _preferred(proposals, valued, partition, best, stay)
        if valued.gain(owners) <= 0:
            continue
        semi = [x for x in listed if _semi_truthful(valued, agent, x)]
        least = min(semi, key=lambda x: worth[x])
        rivals = [x for x in listed if x not in semi]
        for rival in (max(rivals, key=lambda x: worth[x]), idle, stay):
            if worth[rival] >= worth[least]:
                return _preferred(proposals, valued, partition, rival, least)
        if worth[least] < worth[best]:
            return _preferred(proposals, valued, partition, best, least)
        named.append(least)
    broken = max((x for x in worth if x.revenue), key=lambda x: worth[x])
    if worth[broken] >= 0:
        return _preferred(proposals, valued, partition, broken, stay)
    named.sort(key=lambda x: (valued.gain(x.owners), worth[x]))
    for less, more in pairwise(named):
        same = valued.gain(less.owners) == valued.gain(more.owners)
        if (worth[less] != worth[more]) if same else (worth[less] >= worth[more]):
            return _preferred(proposals, valued, partition, less, more)
    return None


def _semi_truthful(valued: Valued, agent: Coalition, x: Outcome) -> bool:
    """Whether `x` keeps to the rules and asks everybody outside `agent` exactly what he gains (Definition 8)."""
    gained = valued.gains(x.owners)
    return not x.revenue and all(x.prices[i] == gained[i] for i in range(len(gained)) if i not in agent)


def _preferred(proposals: Proposals, valued: Valued, partition: Partition, better: Outcome, named: Outcome) -> Verdict:
    """The failure as `better` is at least as good for the proposer's coalition as `named` is."""
    context = Context(valued.context.setting, valued.context.types, coalitions=partition)
    agent = context.coalition_of(PROPOSER)
    shown = {}
    for name, x in (("other proposal", better), ("named proposal", named)):
        votes = _votes(valued, partition, x)
        shown[name] = scripted(proposals.mechanism, context, {each: Answers(x, *votes) for each in partition})
    values = [valued.utility(agent, proposals.after(x, *_votes(valued, partition, x))) for x in (better, named)]
    left, right = (Figure(name, "utility", agent) for name in shown)
    return fails(
        f"the proposer's coalition gains {written(values[0])} by a proposal that is not the one named as best, which "
        f"brings {written(values[1])}",
        counterexample=Counterexample(shown, (Relation(left, ">=", right),)),
    )


CLAIMS: Sequence[Claim] = (LINEAR, OVERHEAD, FAIR, APPROXIMATE, VCG)
