"""The claim of the market paper that a proposer with limited means proposes the best that he can find.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), sections 1.4 and 5.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

from unrigged.analysis.coalitions import Partition, partitions
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation, scripted
from unrigged.claims.market.proposals import (
    Answers,
    Proposals,
    Valued,
    Yes,
    allocations,
    contexts,
    market_range,
    settings,
    sizes,
)
from unrigged.context import Coalition, Context
from unrigged.exact import written
from unrigged.outcome import Outcome
from unrigged.setting import Allocation, Setting
from unrigged.verdict import Verdict, fails, holds

PROPOSER = 0


APPROXIMATE = Claim(
    "market.approximate",
    source="paper 000, sections 1.4 and 5.3",
    wording="Whatever outcomes the proposer is able to compute, his best proposal is the best of them in welfare: the "
    "mechanism implements any approximation of maximum welfare that can be computed.",
)


@APPROXIMATE.reading(
    quick=Scope(players=2, goods=1, values=(-1, 1)),
    standard=Scope(players=3, goods=1, values=(-1, 1)),
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
        range=market_range(scope, "every context and partition, every proposal"),
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
