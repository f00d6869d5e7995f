"""Claims on welfare in the best-belief mechanism, and on what a player can guarantee by his beliefs.

Source: Chen and Micali 2016 (paper 003), sections 1, 3 and 6.2.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product

from unrigged.benchmarks import Benchmarks
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.best_belief.auctions import (
    Types,
    announcements,
    covered,
    drawn,
    epsilons,
    every_mechanism,
    settings,
    sure_beliefs,
    tables,
)
from unrigged.claims.best_belief.conduct import Checks, Ends, ends, revenue, scene
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.vcg.reports import reported
from unrigged.context import Context, Knowledge, Nothing, Profiles
from unrigged.exact import Exact, total
from unrigged.moves.offers import Wish
from unrigged.outcome import Outcome
from unrigged.setting import NOBODY, Allocation, Setting, bundles_of
from unrigged.valuations import ExactBundles, Table
from unrigged.verdict import Verdict, fails, holds, undecided

PAPER = "paper 003"


def welfare(found: Ends, types: Types) -> Fraction:
    """The expected welfare."""
    each = (
        chance
        * total(one.values[bundle] for one, bundle in zip(types, bundles_of(end.owners, len(types)), strict=True))
        for chance, end in found
    )
    return sum(each, Fraction(0))


# Welfare

WELFARE = Claim(
    "best-belief.welfare",
    source=f"{PAPER}, section 6.2.4",
    wording="when all announce exactly the best sale they are sure of, and their favourite sets, the expected social "
    "welfare is at least BB/2",
)


def _welfare_reached(scope: Scope, watch: Watch, *, correct: bool) -> Verdict:
    checks = Checks()
    for mechanism in every_mechanism(scope):
        setting = mechanism.setting
        for types in drawn(scope, tables(setting, scope.every_value), setting.n):
            for made in announcements(setting, types, scope, sure=correct):
                watch.step("plays", checks.counts.get("plays", 0))
                checks.add("plays")
                best = max(wish.offer.revenue for wish in made)
                found = welfare(ends(mechanism, made, types), types)
                if found < Fraction(best) / 2:
                    case = {"play": scene(mechanism, types, made, "all announce their best sale",
                                          knowledge=sure_beliefs(setting, made))}  # fmt: skip
                    relations = (Relation(Figure("play", "welfare"), "<", Fraction(best) / 2),
                                 Relation(Figure("play", "BB"), "=", best))  # fmt: skip
                    why = "the sale that is believed sure is refused, and the welfare is less than BB/2"
                    return fails(why, counterexample=Counterexample(case, relations))
    return holds("the expected welfare is at least BB/2", range=covered(epsilons(scope)), evidence=checks.evidence)


@WELFARE.reading(
    quick=Scope(players=2, goods=1, values=(0, 1), announcements=1),
    standard=Scope(players=2, goods=1, values=(0, 3), announcements=3),
)
def welfare_any_beliefs(scope: Scope, watch: Watch) -> Verdict:
    """Whatever the players believe, rightly or wrongly: every announcement is the best sale by some belief."""
    return _welfare_reached(scope, watch, correct=False)


@WELFARE.reading(
    "correct beliefs",
    repair="everybody's beliefs are correct",
    quick=Scope(players=2, goods=1, values=(0, 2), announcements=2),
    standard=Scope(players=3, goods=2, values=(0, 2), announcements=2, samples=729),
)
def welfare_correct_beliefs(scope: Scope, watch: Watch) -> Verdict:
    """The true types are among those that everybody deems possible, so that every announced sale would be accepted."""
    return _welfare_reached(scope, watch, correct=True)


OVERBID = Claim(
    "best-belief.overbid",
    source=f"{PAPER}, section 6.2.4",
    wording="when players overbid, announcing more revenue than they are sure of, the welfare may be smaller than the "
    "revenue",
)


def _below_revenue(scope: Scope, watch: Watch, *, sure: bool) -> tuple[Checks, Counterexample | None, Exact, Exact]:
    """A play with less welfare than revenue: correct beliefs, everybody announcing sure sales or not."""
    checks = Checks()
    for mechanism in every_mechanism(scope):
        setting = mechanism.setting
        for types in drawn(scope, tables(setting, scope.every_value), setting.n):
            for made in announcements(setting, types, scope, sure=sure):
                watch.step("plays", checks.counts.get("plays", 0))
                checks.add("plays")
                found = ends(mechanism, made, types)
                if welfare(found, types) < revenue(found):
                    case = {"play": scene(mechanism, types, made, "welfare and revenue")}
                    less = Relation(Figure("play", "welfare"), "<", Figure("play", "revenue"))
                    return checks, Counterexample(case, (less,)), welfare(found, types), revenue(found)
    return checks, None, 0, 0


@OVERBID.reading(
    quick=Scope(players=2, goods=1, values=(0, 1), announcements=2),
    standard=Scope(players=2, goods=1, values=(0, 3), announcements=4),
)
def overbid(scope: Scope, watch: Watch) -> Verdict:
    """There is a play, everybody knowing all types and answering by his value, in which somebody announces more than he
    is sure of, and the expected welfare is less than the expected revenue; its replay confirms it."""
    checks, found, low, high = _below_revenue(scope, watch, sure=False)
    if found is None or found.reason_against():
        return undecided("no play of the range has less welfare than revenue")
    figures: dict[str, Exact] = {"welfare": low, "revenue": high}
    return holds("whoever overbids pays himself what nobody would, and the goods stay unsold",
                 evidence=Evidence(checks.counts, {"scenarios": 1}, figures))  # fmt: skip


@OVERBID.reading(
    "never without overbidding",
    quick=Scope(players=2, goods=1, values=(0, 2), announcements=2),
    standard=Scope(players=3, goods=2, values=(0, 2), announcements=2, samples=729),
)
def no_overbidding(scope: Scope, watch: Watch) -> Verdict:
    """The converse: with correct beliefs, and announcements of which everybody is sure, the expected welfare is at
    least the expected revenue."""
    checks, found, _, _ = _below_revenue(scope, watch, sure=True)
    if found is not None:
        return fails("the welfare is less than the revenue", counterexample=found)
    return holds("the welfare is never less than the revenue", range=covered(epsilons(scope)), evidence=checks.evidence)


# What a player can guarantee

GUARANTEE = Claim(
    "best-belief.bb-welfare",
    source=f"{PAPER}, sections 1 and 3",
    wording="BB_i is also the maximum social welfare that player i can guarantee, based on his beliefs, by assigning "
    "the goods to the others",
)


def _guaranteed(possible: Sequence[Types], allocations: Sequence[Allocation]) -> tuple[Exact, Allocation]:
    """The greatest welfare that some allocation has in every possible profile, and the first such allocation."""
    n = len(possible[0])

    def least(owners: Allocation) -> Exact:
        bundles = bundles_of(owners, n)
        return min(total(one.values[b] for one, b in zip(types, bundles, strict=True)) for types in possible)

    best = max(allocations, key=least)
    return least(best), best


def _beliefs(setting: Setting, own: Sequence[Table], size: int, *, independent: bool) -> Iterator[list[Types]]:
    """Beliefs of the first player, to whom nothing is worth anything: up to `size` profiles of the others' types, or,
    where `independent`, all combinations of up to `size` types for each."""
    mine = Table(own[0].goods, (0,) * len(own[0].values))
    others = range(1, setting.n)
    if independent:
        sets = [some for k in range(1, size + 1) for some in combinations(own, k)]
        for each in product(sets, repeat=len(others)):
            yield [(mine, *rest) for rest in product(*each)]
    else:
        for k in range(1, size + 1):
            for some in combinations(product(own, repeat=len(others)), k):
                yield [(mine, *rest) for rest in some]


def _same_as_guaranteed(scope: Scope, watch: Watch, *, independent: bool) -> Verdict:
    compared = 0
    for setting in settings(scope):
        own = tables(setting, scope.every_value)
        allocations = list(product((NOBODY, *range(1, setting.n)), repeat=setting.m))
        for possible in _beliefs(setting, own, 2, independent=independent):
            watch.step("beliefs", compared)
            compared += 1
            knowledge: list[Knowledge] = [Profiles(tuple(possible)), *(Nothing() for _ in range(1, setting.n))]
            context = Context(setting, possible[0], tuple(knowledge))
            sold = Benchmarks(context).best_belief(0).value
            least, owners = _guaranteed(possible, allocations)
            if sold != least:
                return _differing(context, possible, owners, least)
    return holds("BB_i is the welfare that can be guaranteed", evidence=Evidence({"beliefs": compared}))


def _differing(context: Context, possible: Sequence[Types], owners: Allocation, least: Exact) -> Verdict:
    """The belief, and the allocation carried out (by VCG, on reports that lead to it) in each possible profile."""
    setting = context.setting
    goods = setting.need_goods("a sale")
    silent = tuple(Wish(0, Outcome((NOBODY,) * setting.m, (0,) * setting.n)) for _ in setting.everyone)
    cases = {
        "belief": scene(build("best-belief", setting), possible[0], silent, "p1's belief", knowledge=context.knowledge)
    }
    carried_out = build("vcg", setting)
    reports = [ExactBundles(goods, [(bundle, 1)] if bundle else []) for bundle in bundles_of(owners, setting.n)]
    relations = []
    for number, types in enumerate(possible, 1):
        case = f"possible {number}"
        cases[case] = reported(carried_out, types, reports, f"the goods assigned, profile {number} being true")
        relations.append(Relation(Figure("belief", "BB", (0,)), "<", Figure(case, "welfare")))
    why = (
        f"one allocation has the welfare {least} or more in every profile that p1 deems possible; what he is sure of "
        "about each buyer on his own adds up to less, for no profile is the worst one for all buyers"
    )
    return fails(why, counterexample=Counterexample(cases, tuple(relations)))


@GUARANTEE.reading(
    quick=Scope(players=3, goods=2, values=(0, 1)),
    standard=Scope(players=3, goods=2, values=(0, 1)),
)
def guaranteed_welfare(scope: Scope, watch: Watch) -> Verdict:
    """Any belief of one or two profiles: the maximum over allocations to the others of the least welfare over the
    possible profiles is BB_i."""
    return _same_as_guaranteed(scope, watch, independent=False)


@GUARANTEE.reading(
    "independent beliefs",
    repair="what a player deems possible of one other does not depend on what is true of another",
    quick=Scope(players=3, goods=1, values=(0, 2)),
    standard=Scope(players=3, goods=2, values=(0, 1)),
)
def guaranteed_independent(scope: Scope, watch: Watch) -> Verdict:
    """Beliefs that are all combinations of one or two types for each of the others."""
    return _same_as_guaranteed(scope, watch, independent=True)


CLAIMS = (WELFARE, OVERBID, GUARANTEE)
