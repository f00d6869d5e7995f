"""Claims on what the best-belief mechanism means for its players: announcing the best sale they find, and taking part.

Source: Chen and Micali 2016 (paper 003), sections 1, 6.1 and 6.2.2.
"""

from __future__ import annotations

from itertools import combinations, product
from random import Random

from unrigged.benchmarks import Benchmarks
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.best_belief.auctions import (
    accepts,
    announcements,
    covered,
    drawn,
    epsilons,
    every_mechanism,
    offers,
    sure_beliefs,
    tables,
)
from unrigged.claims.best_belief.conduct import Checks, Market, ends, scene, utility
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.context import Context
from unrigged.exact import Exact
from unrigged.moves.offers import Wish
from unrigged.setting import auction, bundles_of
from unrigged.valuations import XOR, as_table
from unrigged.verdict import Verdict, fails, holds, undecided
from unrigged.winners import Method

PAPER = "paper 003"


SEARCHES: tuple[Method, ...] = ("greedy", "local", "best")
"""Searches of this package for sales, the quickest first."""


# To announce the best one can compute

APPROXIMATE = Claim(
    "best-belief.approximate",
    source=f"{PAPER}, sections 1 and 6.2.2",
    wording="each player gains from announcing the best outcome that he is able to compute: the mechanism aligns "
    "approximation with his incentives",
)


@APPROXIMATE.reading(
    quick=Scope(players=2, goods=1, values=(0, 2), announcements=2),
    standard=Scope(players=3, goods=2, values=(0, 2), announcements=2, samples=120),
)
def approximate(scope: Scope, watch: Watch) -> Verdict:
    """Of any two announcements of a player, the one of more revenue being a sale that he is sure of (which may be the
    best that he can compute), that one gives him strictly more in expectation, whatever the others announce, all
    answering by their values, in every profile of types that he deems possible."""
    checks = Checks()
    for mechanism in every_mechanism(scope):
        market = Market(mechanism, tuple(scope.every_value), tuple(range(1, scope.announcements + 1)))
        own = tables(mechanism.setting, scope.every_value)
        found = market.sure_sales_are_better(checks, watch, drawn(scope, own, mechanism.setting.n))
        if found is not None:
            return found
    why = "a sure sale of more revenue is always better"
    return holds(why, range=covered(epsilons(scope)), evidence=checks.evidence)


@APPROXIMATE.reading(
    "by the searches of this package",
    quick=Scope(players=3, goods=4, values=(1, 9), samples=10),
    standard=Scope(players=4, goods=5, values=(1, 20), samples=40),
)
def by_search(scope: Scope, watch: Watch) -> Verdict:
    """Auctions drawn from a seed, everybody knowing all types (bids for four bundles each, of which one can win): a
    player who finds a sale by the greedy or the local search, and one of more revenue by a better search, gains by
    announcing that one, the others announcing what one of the searches finds."""
    setting = auction(scope.names, scope.good_names)
    goods = setting.need_goods("a sale")
    mechanism = build("best-belief", setting)
    rng = Random(scope.seed)
    better = 0
    for number in range(scope.samples):
        watch.step("auctions", number, scope.samples)
        bids = [
            [(rng.randrange(1, 1 << len(goods)), rng.randint(*scope.values)) for _ in range(4)] for _ in scope.names
        ]
        types = tuple(as_table(XOR(goods, each)) for each in bids)
        known = Benchmarks(Context(setting, types))
        sales = [[known.by(each).best_belief_of((i,), i).outcome for each in SEARCHES] for i in setting.everyone]
        for i, search in product(setting.everyone, range(len(SEARCHES))):
            rest = tuple(Wish(0, found[search]) for found in sales)
            plays = [(*rest[:i], Wish(types[i].favourite(), sale), *rest[i + 1 :]) for sale in sales[i]]
            for lower, higher in combinations(sorted(plays, key=lambda made: made[i].offer.revenue), 2):
                if lower[i].offer.revenue == higher[i].offer.revenue:
                    continue
                better += 1
                a, b = (utility(ends(mechanism, made, types), i, types[i]) for made in (lower, higher))
                if a >= b:
                    cases = {
                        "less": scene(mechanism, types, lower, "the sale that a quick search finds"),
                        "more": scene(mechanism, types, higher, "the sale that a better search finds"),
                    }
                    relation = Relation(Figure("less", "utility", (i,)), ">=", Figure("more", "utility", (i,)))
                    return fails("the better sale does not pay", counterexample=Counterexample(cases, (relation,)))
    return holds("whoever finds a better sale gains by announcing it",
                 evidence=Evidence({"auctions": scope.samples, "better sales": better}))  # fmt: skip


def _bids(rng: Random, scope: Scope) -> list[tuple[int, int]]:
    """Four sets of goods, each with a value."""
    return [(rng.randrange(1, 1 << scope.goods), rng.randint(*scope.values)) for _ in range(4)]


# Participation

PARTICIPATE = Claim(
    "best-belief.participate",
    source=f"{PAPER}, section 6.1, after Theorem 2",
    wording="according to his own beliefs a player's utility is always positive, so that it is rational for him to "
    "take part; if his beliefs are wrong it can turn out negative",
)


def _taking_part(scope: Scope, watch: Watch, *, least: int = 0, positive: bool) -> Verdict:
    """Somebody announces his best sure sale, of revenue `least` or more, and answers by value; the others announce
    anything and answer by types that he deems possible: whether his utility is positive, or in every outcome >= 0."""
    checks = Checks()
    for mechanism in every_mechanism(scope):
        setting = mechanism.setting
        prices = range(1, scope.announcements + 1)
        lists = [[Wish(0, offer) for offer in offers(setting, j, prices)] for j in setting.everyone]
        for types, i in product(drawn(scope, tables(setting, scope.every_value), setting.n), setting.everyone):
            favourite = types[i].favourite()
            mine = [Wish(favourite, wish.offer) for wish in lists[i]
                    if wish.offer.revenue >= least and accepts(wish.offer, types)]  # fmt: skip
            for made in product(*lists[:i], mine, *lists[i + 1 :]):
                watch.step("plays", checks.counts.get("plays", 0))
                checks.add("plays")
                found = ends(mechanism, made, types)
                gains = [types[i].values[bundles_of(end.owners, setting.n)[i]] - end.prices[i] for _, end in found]
                expected = utility(found, i, types[i])
                if expected > 0 or (not positive and min(gains) >= 0):
                    continue
                case = {"play": scene(mechanism, types, made, "taking part", knowledge=sure_beliefs(setting, made))}
                if positive:
                    relation = Relation(Figure("play", "utility", (i,)), "<=", 0)
                else:
                    relation = Relation(Figure("play", "least utility", (i,)), "<", 0)
                why = f"by his own beliefs the utility of {setting.players[i]} is {expected}"
                if not made[i].offer.revenue:
                    why += ": he is sure of no sale, so that he has no reward, and nobody sells to him"
                return fails(why, counterexample=Counterexample(case, (relation,)))
    why = "the expected utility is positive" if positive else "the utility is never negative, whatever the coin shows"
    return holds(why, range=covered(epsilons(scope)), evidence=checks.evidence)


@PARTICIPATE.reading(
    quick=Scope(players=2, goods=1, values=(0, 1), announcements=1),
    standard=Scope(players=2, goods=1, values=(0, 2), announcements=2),
)
def participate(scope: Scope, watch: Watch) -> Verdict:
    """By his own beliefs, the expected utility of a player is > 0, whatever the others announce; and there is a play in
    which wrong beliefs make it < 0."""
    wrong = negative_by_wrong_beliefs(scope, watch)
    return wrong if wrong.status != "holds" else _taking_part(scope, watch, positive=True)


@PARTICIPATE.reading(
    "not negative",
    repair="«positive» means at least 0",
    quick=Scope(players=2, goods=1, values=(0, 2), announcements=2),
    standard=Scope(players=3, goods=2, values=(0, 2), announcements=2, samples=200),
)
def not_negative(scope: Scope, watch: Watch) -> Verdict:
    """By his own beliefs, the utility of a player is >= 0, whatever the others announce and whatever the coin shows."""
    return _taking_part(scope, watch, positive=False)


@PARTICIPATE.reading(
    "somebody sure of a sale",
    repair="the player is sure of some sale (BB_i >= 1), so that he has a reward",
    quick=Scope(players=2, goods=1, values=(0, 2), announcements=2),
    standard=Scope(players=3, goods=2, values=(0, 2), announcements=2, samples=200),
)
def sure_of_a_sale(scope: Scope, watch: Watch) -> Verdict:
    """By his own beliefs, the expected utility of a player who is sure of a sale for 1 or more is > 0."""
    return _taking_part(scope, watch, least=1, positive=True)


@PARTICIPATE.reading(
    "wrong beliefs",
    quick=Scope(players=2, goods=1, values=(0, 1), announcements=1),
    standard=Scope(players=2, goods=1, values=(0, 2), announcements=2),
)
def negative_by_wrong_beliefs(scope: Scope, watch: Watch) -> Verdict:
    """There is a play in which a player announces what he is sure of, wrongly, and his expected utility is < 0; its
    replay confirms it."""
    checks = Checks()
    for mechanism in every_mechanism(scope):
        setting = mechanism.setting
        for types in drawn(scope, tables(setting, scope.every_value), setting.n):
            for made in announcements(setting, types, scope, sure=False):
                watch.step("plays", checks.counts.get("plays", 0))
                checks.add("plays")
                for i in setting.everyone:
                    lost = utility(ends(mechanism, made, types), i, types[i])
                    case = {"play": scene(mechanism, types, made, "wrong", knowledge=sure_beliefs(setting, made))}
                    negative = Counterexample(case, (Relation(Figure("play", "utility", (i,)), "<", 0),))
                    if lost < 0 and not negative.reason_against():
                        figures: dict[str, Exact] = {"utility": lost}
                        return holds("the winner pays what is refused",
                                     evidence=Evidence(checks.counts, {"scenarios": 1}, figures))  # fmt: skip
    return undecided("nobody's utility is negative in any play of the range")


CLAIMS = (APPROXIMATE, PARTICIPATE)
