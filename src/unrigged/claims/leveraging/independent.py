"""Leveraging (paper 002, section 1.2): M', a coin between a base that sells by knowledge and the auction A'."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from unrigged.analysis.announced import Announced, Coalition, Integers, Joint, announced
from unrigged.analysis.coalitions import partitions
from unrigged.analysis.robust import Partition, Robust
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.leveraging.benchmarks import Profile, profiles
from unrigged.claims.leveraging.plays import known_welfare, sale, valuations
from unrigged.context import Bounds, Context, worth
from unrigged.exact import Exact, total
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.sealed import PackageBid
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Chance, Decision
from unrigged.scenario import Scenario
from unrigged.valuations import Table, Valuation
from unrigged.verdict import Verdict, fails, holds, undecided

Types = tuple[Valuation, ...]

AUCTION = "second-price-package"

INDEPENDENT = Claim(
    "leveraging.independent",
    source="paper 002, section 1.2 (From MIEW to MKW in a collusion-resilient way)",
    wording="M' over any base whose revenue is at least c·MIEW has a total performance of at least c/(c+1)·MKW_I; with "
    "c = 1/2 it is at least MKW_I/3, and the revenue is at least a third of what the second-best-informed independent "
    "player knows.",
)

QUICK = Scope(players=2, goods=1, values=(0, 1), announcements=1)
STANDARD = Scope(players=3, goods=1, values=(0, 1), announcements=2)


@INDEPENDENT.reading(quick=QUICK, standard=STANDARD)
def as_printed(scope: Scope, watch: Watch) -> Verdict:
    """M' over a base whose revenue (and so, at the least, its total performance) is exactly c·MIEW, for c = 1/4, 1/2,
    3/4 and 1; for all values, bounds and coalitions. In the auction independent players bid the truth, which is checked
    to be dominant, and of colluders one does for all. Welfare plus revenue is compared with c/(c+1)·MKW_I, revenue with
    c/(c+1) times the second-largest MKW of an independent player."""
    shares = [Fraction(k, 4) for k in range(1, 5)]
    return decided(scope, watch, shares[1], ("performance", "revenue"), instead=shares)


@INDEPENDENT.reading("over best-belief, c = 1/2", quick=QUICK, standard=STANDARD)
def over_best_belief(scope: Scope, watch: Watch) -> Verdict:
    """M' over best-belief as if its revenue were MIEW/2, which it misses by up to its eps: independent players announce
    to the base a revenue of at least MIEW_i (colluders anything), everybody answers as is best whatever others answer;
    the auction as before. Welfare plus revenue is compared with MKW_I/3, revenue with a third of the second-largest MKW
    of an independent player."""
    return decided(scope, watch, Fraction(1, 2), ("performance", "revenue"))


@INDEPENDENT.reading("over best-belief, total performance only", quick=QUICK, standard=STANDARD)
def performance_only(scope: Scope, watch: Watch) -> Verdict:
    """The same, but for what is said of revenue: who buys gets what is worth at least the revenue, which makes up for
    the base's discounts and rewards."""
    return decided(scope, watch, Fraction(1, 2), ("performance",))


@INDEPENDENT.reading(
    "over best-belief, c = 1/2 - eps",
    quick=QUICK,
    standard=STANDARD,
    repair="c at most 1/2 - eps, eps being the base's",
)
def smaller_share(scope: Scope, watch: Watch) -> Verdict:
    """The same with c = 1/2 - eps and c/(c+1) in place of a third: as MIEW is an integer, MIEW/2 - eps >= c·MIEW."""
    eps = build("independent", sale(scope)).eps  # type: ignore[attr-defined]  # or a mutant of it
    return decided(scope, watch, Fraction(1, 2) - eps, ("performance", "revenue"))


@dataclass(frozen=True)
class Part:
    """One of the two mechanisms with its probability, its announcements, and what follows them in each partition."""

    mechanism: Mechanism
    chance: Fraction
    tables: dict[Partition, Announced]

    def measured(self, which: str, types: Types, partition: Partition) -> Integers:
        """Welfare plus revenue, or revenue, after every profile of announcements, times the scale of the table."""

        def measure(end: Outcome) -> Exact:
            welfare = total(worth(one, player, end.result) for player, one in enumerate(types))
            return end.revenue + (welfare if which == "performance" else 0)

        table = self.tables[partition]
        return Robust(self.tables).measured((types, partition), measure).reshape(table.shape)


def parts(mechanism: Mechanism, groupings: Sequence[Partition], bound: int, watch: Watch) -> Iterator[Part]:
    """The mechanisms between which M' tosses its coin."""
    start = mechanism.start()
    for branch in start.branches if isinstance(start, Chance) else ():
        inner = branch.then.mechanism
        parameters = {"eps": getattr(inner, "eps", None)}
        part = build(inner.name, mechanism.setting, **parameters)
        position = part.start()
        assert isinstance(position, Decision)
        moves = [list(space.grid(bound)) for _, space in position.actors]
        tables = {
            grouping: announced(part, grouping, [list(product(*(moves[i] for i in agent))) for agent in grouping],
                                step=watch.step)
            for grouping in groupings
        }  # fmt: skip
        yield Part(part, branch.probability, tables)


def decided(
    scope: Scope, watch: Watch, c: Fraction, measures: Sequence[str], instead: Sequence[Fraction] = ()
) -> Verdict:
    """Whether M' reaches what is said of it; with `instead`, over a base that reaches exactly these shares of MIEW."""
    setting, types = sale(scope), valuations(scope)
    groupings = tuple(partitions(setting.n))
    mechanism = build("independent", setting, c=c)
    found = list(parts(mechanism, groupings, scope.announcements, watch))
    contexts = compared = 0
    margin: Fraction | None = None
    doubtful = ""
    for true, grouping in product(product(types, repeat=setting.n), groupings):
        if not all(truth_dominant(part, true, grouping) for part in found if part.mechanism.name == AUCTION):
            return fails("to bid the truth is not dominant in the auction A'", counterexample=true)
        alone = [agent[0] for agent in grouping if len(agent) == 1]
        values = {(part.mechanism.name, which): part.measured(which, true, grouping)
                  for part in found for which in measures}  # fmt: skip
        fixed = {part.mechanism.name: [rows(part, agent, true) for agent in grouping] for part in found}
        for knowing in profiles(types, true):
            contexts += 1
            watch.step("contexts", contexts)
            for which in measures:
                worths = sorted((known_welfare(knowing[i], scope.goods) for i in alone), reverse=True)
                known = ([*worths, 0] if which == "performance" else [*worths[1:], 0])[0]
                least: dict[str, Fraction] = {}
                for part in found:
                    name, table = part.mechanism.name, part.tables[grouping]
                    chosen = [informed(table, agent, own, knowing) if name != AUCTION else own
                              for agent, own in zip(grouping, fixed[name], strict=True)]  # fmt: skip
                    least[name] = Fraction(int(values[name, which][np.ix_(*chosen)].min()), table.scale)
                for share in instead or (c,):
                    compared += 1
                    got = sum((part.chance * least[part.mechanism.name] for part in found), Fraction(0))
                    if instead:
                        sold = share * max((external(knowing[i], i, scope.goods) for i in alone), default=0)
                        got = (sold + share * least.get(AUCTION, Fraction(0))) / (share + 1)
                    needed = share / (share + 1) * known
                    margin = got - needed if margin is None else min(margin, got - needed)
                    if got < needed:
                        doubtful = f"the {which} may be {got}, less than {needed}"
                        case = played(mechanism, true, grouping, knowing)
                        distribution = outcomes(mechanism, case.profile())
                        reached = distribution.revenue
                        if which == "performance" and case.context is not None:
                            reached += distribution.welfare(case.context)
                        if instead or reached < needed:
                            return fails(
                                f"the {which} is {reached} in rational play, less than {needed}",
                                counterexample=Counterexample(
                                    {"play": case}, (Relation(Figure("play", which), "<", needed),)
                                ),
                            )
    if doubtful:
        return undecided(f"{doubtful}, in plays not all of which are rational")
    return holds(
        "it is reached in all plays compared",
        evidence=Evidence({"contexts": contexts, "comparisons": compared},
                          figures={} if margin is None else {"least margin": margin}),
    )  # fmt: skip


def external(known: tuple[Valuation, ...], player: int, goods: int) -> Exact:
    """MIEW_i: what a player is sure that the others can be worth together."""
    nothing = Table(known[player].goods, [0] * (1 << goods))
    return known_welfare(tuple(nothing if j == player else one for j, one in enumerate(known)), goods)


def rows(part: Part, agent: Coalition, types: Types) -> list[int]:
    """The announcements that an agent is taken to make, whatever it knows: in the auction the truth, all others."""
    grouping = next(each for each in part.tables if agent in each)
    listed = part.tables[grouping].moves[grouping.index(agent)]
    if part.mechanism.name != AUCTION:
        return list(range(len(listed)))
    return [k for k, joint in enumerate(listed) if bids_well(agent, joint, types)]


def informed(table: Announced, agent: Coalition, own: list[int], knowing: Profile) -> list[int]:
    """Of the announcements to the base those with a revenue of at least what the agent is sure of, if it is one
    player; all of them if it is a coalition."""
    if len(agent) > 1:
        return own
    least = external(knowing[agent[0]], agent[0], table.mechanism.setting.m)
    listed = table.moves[table.agents.index(agent)]
    return [k for k in own if listed[k][0].offer.revenue >= least]


def bids_well(agent: Coalition, joint: Joint, types: Types) -> bool:
    """Whether a bid is the truth; of colluders, whether the one of the highest value bids it and the others 0."""
    best = max(max_worth(types[i]) for i in agent)
    truthful = [i for i, bid in zip(agent, joint, strict=True) if truth(bid, types[i]) and bid.amount == best]
    if not truthful:
        return False
    return all(bid.amount == 0 for i, bid in zip(agent, joint, strict=True) if i != truthful[0])


def truth(bid: PackageBid, own: Valuation) -> bool:
    """Whether a bid is the bidder's greatest value, for a set of that value."""
    return bid.amount == max_worth(own) == own.value(bid.wanted)


def max_worth(own: Valuation) -> Exact:
    """The greatest value of any set of goods."""
    return max(own.value(bundle) for bundle in range(1 << len(own.goods)))


def truth_dominant(part: Part, types: Types, grouping: Partition) -> bool:
    """Whether the truth is, for everybody alone, at least as good as any bid against all bids of the grid."""
    table = part.tables[grouping]
    for agent, listed in zip(grouping, table.moves, strict=True):
        if len(agent) == 1:
            payments, ends = table.gains(agent, types)
            gained = table.by_agent(table.expected(payments, [values[0] for values in ends]), agent)
            best = gained.max(axis=0)
            own = [k for k, (bid,) in enumerate(listed) if truth(bid, types[agent[0]])]
            if any((gained[k] < best).any() for k in own):
                return False
    return True


def played(mechanism: Mechanism, types: Types, grouping: Partition, knowing: Profile) -> Scenario:
    """The rational play of M' in that context."""
    everyone = mechanism.setting.everyone
    known = tuple(Bounds({j: bound for j, bound in enumerate(knowing[i]) if j != i}) for i in everyone)
    return Scenario(mechanism, Context(mechanism.setting, types, known, grouping))
