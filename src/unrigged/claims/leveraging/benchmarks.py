"""Leveraging (paper 002): what the paper says of benchmarks, of VCG, and of mechanisms for independent players."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product
from typing import Any

from unrigged.analysis.coalitions import partitions
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.leveraging.plays import (
    Known,
    at_most,
    highest,
    known_welfare,
    sale,
    valuations,
)
from unrigged.context import Context
from unrigged.play import outcomes
from unrigged.strategies.base import Scripted
from unrigged.valuations import Table, Valuation
from unrigged.verdict import Verdict, fails, holds

MONOTONE = Claim(
    "leveraging.monotone",
    source="paper 002, section 1.2 (Definitions 2 and 3, remark after Definition 4)",
    wording="MKW never falls when what players know grows, nor when players merge into coalitions that share what "
    "they know.",
)

Profile = tuple[Known, ...]
"""What every player is sure of."""


@MONOTONE.reading(quick=Scope(players=3, goods=1, values=(0, 1)), standard=Scope(players=3, goods=1, values=(0, 2)))
def monotone(scope: Scope, watch: Watch) -> Verdict:
    """All types and all true lower bounds: MKW before and after one bound of one player rises by one step, and before
    and after any two agents of any partition merge. (Every growth is a sequence of such steps.)"""
    types = valuations(scope)
    welfare: dict[Known, Any] = {}
    grown = merged = contexts = 0

    def mkw(known: Known) -> Any:
        if known not in welfare:
            welfare[known] = known_welfare(known, scope.goods)
        return welfare[known]

    every = list(partitions(scope.players))
    for true in product(types, repeat=scope.players):
        for knowing in profiles(types, true):
            contexts += 1
            watch.step("contexts", contexts)
            alone = max(map(mkw, knowing))
            for more in one_step_more(types, true, knowing):
                grown += 1
                if max(map(mkw, more)) < alone:
                    return _fallen(scope, true, knowing, more)
            for partition in every:
                apart = max(mkw(shared(agent, knowing)) for agent in partition)
                for one, other in combinations(partition, 2):
                    merged += 1
                    if mkw(shared((*one, *other), knowing)) < max(mkw(shared(each, knowing)) for each in (one, other)):
                        return _fallen(scope, true, knowing, knowing)
                if apart < alone:
                    return _fallen(scope, true, knowing, knowing)
    return holds(
        "MKW rises or stays at every step",
        evidence=Evidence({"contexts": contexts, "bounds raised": grown, "mergers": merged}),
    )


def profiles(types: tuple[Valuation, ...], true: tuple[Valuation, ...]) -> Iterator[Profile]:
    """Everything that the players may be sure of when these are their types."""
    below = {one: [each for each in types if at_most(each, one)] for one in true}
    each_knows = [
        list(product(*([one] if i == j else below[one] for j, one in enumerate(true)))) for i in range(len(true))
    ]
    yield from product(*each_knows)


def one_step_more(types: tuple[Valuation, ...], true: tuple[Valuation, ...], knowing: Profile) -> Iterator[Profile]:
    """What the players may be sure of when one value of one bound of one of them rises by 1."""
    for i, known in enumerate(knowing):
        for j, bound in enumerate(known):
            assert isinstance(bound, Table)
            for k in range(1, len(bound.values)):
                raised = Table(bound.goods, [value + (place == k) for place, value in enumerate(bound.values)])
                if i != j and at_most(raised, true[j]):
                    yield (*knowing[:i], (*known[:j], raised, *known[j + 1 :]), *knowing[i + 1 :])


def shared(agent: tuple[int, ...], knowing: Profile) -> Known:
    """What the members of an agent are sure of together: the pointwise maximum."""
    return tuple(highest(knowing[i][j] for i in agent) for j in range(len(knowing)))


def _fallen(scope: Scope, true: tuple[Valuation, ...], before: Profile, after: Profile) -> Verdict:
    return fails("MKW falls", counterexample=(scope.names, true, before, after))


NO_REVENUE = Claim(
    "leveraging.no-revenue",
    source="paper 002, section 1.2 (Total Performance)",
    wording="If all players may collude together, no constant fraction of what the goods are worth to them can be "
    "guaranteed as revenue.",
)


@NO_REVENUE.reading(quick=Scope(values=(1, 30)), standard=Scope(values=(1, 1000)))
def no_revenue(scope: Scope, watch: Watch) -> Verdict:
    """Any mechanism, played by all players as one agent: it chooses one of a fixed set of distributions over outcomes,
    whatever the goods are worth, opting out (0 for sure) among them. Let one good be worth w to one player and nothing
    to the others; q(w) the probability that he gets it, p(w) the expected revenue at a best choice for w = 1..H. Then
    w·q(w) - p(w) >= w·q(w-1) - p(w-1), and q(1) >= p(1). If p(w) >= c·w for all w, adding these up, each divided by w,
    gives 1 >= q(H) >= c·(1 + 1/2 + ... + 1/H). The sum is checked term by term, and that the bound is attained."""
    largest = scope.values[1]
    harmonic = Fraction(0)
    for worth in range(1, largest + 1):
        watch.step("values", worth, largest)
        harmonic += Fraction(1, worth)
        reason = _against_bound(worth, harmonic) if worth <= 40 else ""
        if reason:
            return fails(reason, counterexample=worth)
    return holds(
        f"with values up to {largest} no mechanism guarantees more than 1/(1 + 1/2 + ... + 1/{largest}), about "
        f"{float(1 / harmonic):.3f}, of the value; the sum grows without bound",
        evidence=Evidence(
            {"largest values for which the bound was added up and attained": min(40, largest)},
            figures={
                "at most this is guaranteed": Fraction(1, max(1, -(-harmonic.numerator // harmonic.denominator) - 1))
            },
        ),
    )


def _against_bound(largest: int, harmonic: Fraction) -> str:
    """Why 1/harmonic is not the best share for values 1..largest; empty where it is.

    Upper bound: multipliers 1/w on the constraint between w and w-1 and 1/(w·(w+1)) on p(w) >= c·w (1/H for the last)
    add up to q(H) >= c·harmonic: the coefficients of every q and p but q(H) cancel. Attained: p(w) = c·w and
    q(w) = c·(1 + ... + 1/w) satisfy all constraints, those between any two values included.
    """
    on_q, on_p, on_c = [Fraction(0)] * (largest + 1), [Fraction(0)] * (largest + 1), Fraction(0)
    for worth in range(1, largest + 1):
        multiplier = Fraction(1, worth)
        on_q[worth] += multiplier * worth
        on_p[worth] -= multiplier
        on_q[worth - 1] -= multiplier * worth
        on_p[worth - 1] += multiplier
        revenue = Fraction(1, worth * (worth + 1)) if worth < largest else Fraction(1, largest)
        on_p[worth] += revenue
        on_c += revenue * worth
    if any(on_q[1:largest]) or any(on_p[1:]) or on_q[largest] != 1 or on_c != harmonic:
        return "the constraints do not add up to the bound"
    share = 1 / harmonic
    got = [Fraction(0)]
    for worth in range(1, largest + 1):
        got.append(got[-1] + share / worth)
    for worth, other in product(range(1, largest + 1), range(largest + 1)):
        if worth * got[worth] - share * worth < worth * got[other] - share * other:
            return "the bound is not attained"
    return "" if got[largest] == 1 else "the probability of a sale is above 1"


VCG = Claim(
    "leveraging.vcg",
    source="paper 002, abstract and section 1.1",
    wording="In VCG two colluders who value the goods little can drive welfare and revenue to almost 0.",
)


@VCG.reading(quick=Scope(values=(1, 20)), standard=Scope(values=(1, 400)))
def vcg(scope: Scope, watch: Watch) -> Verdict:
    """Two goods; one player values both together at V, for every V of the range, two colluders value a good each at 0
    or 1. They report V for a good each: whether the revenue is 0 and the welfare only their values, whether they gain
    all they can gain at all, and whether truth would have given the welfare V."""
    setting = sale(Scope(players=3, goods=2))
    mechanism = build("vcg", setting)
    goods = setting.need_goods("VCG")
    played = 0
    share = Fraction(0)
    for most, little in product(scope.every_value, (0, 1)):
        watch.step("values", played)
        colluders = Table(goods, [0, little, 0, little]), Table(goods, [0, 0, little, little])
        types = (Table(goods, [0, 0, 0, most]), *colluders)
        context = Context(setting, types, coalitions=((1, 2),))
        truth = outcomes(mechanism, _reported(mechanism, context, types))
        lie = outcomes(mechanism, _reported(mechanism, context, types, most))
        played += 1
        welfare, revenue, gain = lie.welfare(context), lie.revenue, lie.utility(context, (1, 2))
        if welfare > 2 * little or revenue != 0 or gain < 2 * little:
            why = f"with V = {most} welfare is {welfare}, revenue {revenue}, and they gain {gain}"
            return fails(why, counterexample=most)
        if most > 2 * little and truth.welfare(context) != most:
            return fails(f"truth does not give the welfare {most}", counterexample=most)
        share = Fraction(welfare + revenue, most)
    return holds(
        "two colluders win a good each for nothing; welfare is what they value them at, and revenue 0",
        evidence=Evidence({"plays": played}, figures={"share of the welfare left at the largest V": share}),
    )


def _reported(mechanism: Any, context: Context, types: tuple[Table, ...], lie: int | None = None) -> Any:
    """The profile in which everybody reports his type; the colluders, where `lie` is given, that much for a good."""
    space = mechanism.start().actors[0][1]
    goods = types[0].goods
    reports = list(types)
    if lie is not None:
        reports[1:] = [Table(goods, [0, lie, 0, lie]), Table(goods, [0, 0, lie, lie])]
    names = mechanism.setting.players
    script = {mechanism.start().label: {name: space.encode(one) for name, one in zip(names, reports, strict=True)}}
    return {agent: Scripted(script) for agent in context.coalitions}


BENCHMARKS = (MONOTONE, NO_REVENUE, VCG)
