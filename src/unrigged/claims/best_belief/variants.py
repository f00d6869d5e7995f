"""Claims on the variants of the best-belief mechanism: what each of them guarantees.

Source: Chen and Micali 2016 (paper 003), sections 6.1 (a coin with VCG, decimals, real values) and 6.3 (a share of the
revenue as the budget of rewards, the seller's reserve outcome).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from itertools import product

from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.best_belief.auctions import (
    accepts,
    covered,
    drawn,
    nothing,
    offers,
    small_settings,
    sure_of,
    tables,
)
from unrigged.claims.best_belief.conduct import Checks, Market, ends, revenue, scene, utility
from unrigged.claims.counterexample import Counterexample, Figure, Relation, scripted
from unrigged.context import Box, Context, Nothing, Perfect
from unrigged.exact import Exact, exact, written
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.best_belief import SellingToOthers
from unrigged.moves.offers import Wish
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.setting import NOBODY, Setting, auction
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import ExactBundles, Table
from unrigged.verdict import Verdict, fails, holds

VARIANTS = Claim(
    "best-belief.variants",
    source="paper 003, sections 6.1 and 6.3",
    wording="the analysis of the best-belief mechanism also holds for its variants: with a share eps of the revenue as "
    "the budget of rewards the revenue is at least (1 - eps)·BB/2; the seller's sure outcome can serve as a reserve; "
    "with decimal values nothing changes; with real values and no rewards the desired strategies are at least as good "
    "as any deviation; a coin between this mechanism and VCG approximates the better of the two",
)

Bound = Callable[[Exact], Exact]
"""What revenue is guaranteed, by the best sale that somebody is sure of."""


def _analysis(
    scope: Scope,
    watch: Watch,
    mechanisms: Callable[[Setting], Iterator[tuple[Mechanism, Bound]]],
    *,
    strictly: bool = True,
    step: Exact = 1,
) -> Verdict:
    """The three parts of the analysis, for every auction of the range and every mechanism of `mechanisms`.

    Values and prices are multiples of `step`, as many as the range has whole values and announcements."""
    checks = Checks()
    tried: dict[Exact, None] = {}
    values = tuple(exact(step * k) for k in scope.every_value)
    prices = tuple(exact(step * k) for k in range(1, scope.announcements + 1))
    for setting in small_settings(scope):
        for mechanism, bound in mechanisms(setting):
            checks.add("mechanisms")
            assert isinstance(mechanism, SellingToOthers)
            tried[mechanism.eps] = None
            market = Market(mechanism, values, prices, strictly)
            profiles = partial(drawn, scope, tables(setting, values), setting.n)
            found = market.analysis(checks, watch, profiles, bound)
            if found is not None:
                return found
    why = "answers by value and sure sales are best, and the revenue is what is guaranteed"
    return holds(why, range=covered(list(tried)), evidence=checks.evidence)


def _epsilons(scope: Scope) -> list[Fraction]:
    """The parameters eps that are tried."""
    given = scope.parameters.get("eps")
    return [Fraction(given)] if given is not None else [Fraction(19, 20), Fraction(1, 2), Fraction(1, 10)]


# A share of the revenue


def _less_the_share(eps: Fraction) -> Bound:
    return lambda best: (1 - eps) * Fraction(best) / 2


def _less_at_most_1(eps: Fraction) -> Bound:
    return lambda best: Fraction(max((1 - eps) * best, best - 1)) / 2


def _proportional(scope: Scope, budget: str) -> Callable[[Setting], Iterator[tuple[Mechanism, Bound]]]:
    def mechanisms(setting: Setting) -> Iterator[tuple[Mechanism, Bound]]:
        for eps in _epsilons(scope):
            made = build("best-belief-proportional", setting, eps=eps, budget=budget)
            yield made, _less_the_share(eps)

    return mechanisms


@VARIANTS.reading(
    "proportional, budget: total",
    quick=Scope(players=2, goods=1, values=(0, 5), announcements=5),
    standard=Scope(players=3, goods=1, values=(0, 5), announcements=5, samples=40),
)
def proportional(scope: Scope, watch: Watch) -> Verdict:
    """The rewards' budget and the buyers' discounts are together at most a share eps of the revenue announced by the
    winner, for several eps in (0, 1): answers by value, sure announcements and the revenue (1 - eps)·BB/2."""
    return _analysis(scope, watch, _proportional(scope, "total"))


@VARIANTS.reading(
    "proportional, budget: each",
    quick=Scope(players=2, goods=1, values=(0, 5), announcements=5),
    standard=Scope(players=3, goods=1, values=(0, 5), announcements=5, samples=40),
)
def proportional_each(scope: Scope, watch: Watch) -> Verdict:
    """The same where rewards and discounts may each take up that share."""
    return _analysis(scope, watch, _proportional(scope, "each"))


@VARIANTS.reading(
    "proportional, best replies",
    quick=Scope(players=3, goods=2, values=(28, 30), parameters={"eps": Fraction(1, 2)}),
    standard=Scope(players=3, goods=2, values=(1, 40), parameters={"eps": Fraction(1, 2)}),
)
def proportional_replies(scope: Scope, watch: Watch) -> Verdict:
    """Correct beliefs, all answering by value: p1 is sure to sell one good to p2 for 1 and the other to p3 for less
    than p2 knows that p3 would pay. Does p2, whom a buyer's discount of many units awaits, announce his sure sale, and
    does the revenue reach (1 - eps)·BB/2 if he rather announces as much as p1?"""
    setting = auction(scope.names[:3], scope.good_names[:2])
    goods = setting.need_goods("a sale")
    eps = Fraction(scope.parameters["eps"])
    mechanism = build("best-belief-proportional", setting, eps=eps, budget="total")
    plays = 0
    for best in scope.every_value:
        types = (Table(goods, [0, 0, 0, 0]), Table(goods, [0, 1, 0, 1]), Table(goods, [0, 0, best, best]))
        for less in range(2, best):
            watch.step("sales", plays)
            plays += 1
            first = Wish(0, Outcome((1, 2), (0, 1, less - 1)))
            sure, reply = (Wish(1, Outcome((NOBODY, 2), (0, 0, price))) for price in (best, less))
            truthful, deviating = ((first, own, nothing(setting)) for own in (sure, reply))
            a, b = (ends(mechanism, made, types) for made in (truthful, deviating))
            if utility(b, 1, types[1]) > utility(a, 1, types[1]) and revenue(b) < (1 - eps) * best / 2:
                known = (sure_of(setting, first.offer), sure_of(setting, sure.offer), Nothing())
                cases = {
                    "reply": scene(mechanism, types, deviating, "p2 announces as much as p1", knowledge=known),
                    "sure sales": scene(mechanism, types, truthful, "all announce their best sales", knowledge=known),
                }
                relations = (
                    Relation(Figure("reply", "utility", (1,)), ">", Figure("sure sales", "utility", (1,))),
                    Relation(Figure("reply", "revenue"), "<", (1 - eps) * best / 2),
                    Relation(Figure("reply", "BB"), "=", best),
                )
                why = "p2 gains by announcing less than his sure sale, and the revenue falls below (1 - eps)·BB/2"
                return fails(why, counterexample=Counterexample(cases, relations))
    return holds("the revenue is reached by best replies too", evidence=Evidence({"pairs of plays": plays}))


@VARIANTS.reading(
    "proportional, small share",
    repair="eps < 2n/R for every revenue R that can be announced (the largest announcement being public), so that a "
    "discount stays below 1",
    quick=Scope(players=2, goods=1, values=(0, 3), announcements=3),
    standard=Scope(players=3, goods=2, values=(0, 3), announcements=3, samples=20),
)
def proportional_small(scope: Scope, watch: Watch) -> Verdict:
    """As the first reading, where eps is just below the largest share by which no discount reaches 1, announced prices
    being at most those of the range, and for a tenth of it."""

    def mechanisms(setting: Setting) -> Iterator[tuple[Mechanism, Bound]]:
        largest = scope.announcements * min(setting.m, setting.n - 1)
        limit = min(Fraction(2 * setting.n, largest), Fraction(1))
        for eps in (limit * Fraction(999, 1000), limit / 10):
            made = build("best-belief-proportional", setting, eps=eps, budget="total")
            yield made, _less_the_share(eps)

    return _analysis(scope, watch, mechanisms)


@VARIANTS.reading(
    "proportional, capped budget",
    repair="the budget for discounts and rewards is the smaller of eps·R and 1",
    quick=Scope(players=2, goods=1, values=(0, 5), announcements=5, samples=12),
    standard=Scope(players=3, goods=2, values=(0, 3), announcements=3, samples=20),
)
def proportional_capped(scope: Scope, watch: Watch) -> Verdict:
    """As the first reading, for the mechanism's default, which has that change of the rules; the revenue is then at
    least max((1 - eps)·BB, BB - 1)/2."""

    def mechanisms(setting: Setting) -> Iterator[tuple[Mechanism, Bound]]:
        for eps in _epsilons(scope):
            made = build("best-belief-proportional", setting, eps=eps, budget="capped")
            yield made, _less_at_most_1(eps)

    return _analysis(scope, watch, mechanisms)


# The seller's own outcome


def _reserve(scope: Scope, watch: Watch, sellers_coin: str) -> Verdict:
    checks = Checks()
    prices = tuple(range(1, scope.announcements + 1))
    for setting in small_settings(scope):
        for eps, reserve in product(_epsilons(scope), offers(setting, NOBODY, prices)):
            mechanism = build("best-belief-reserve", setting, eps=eps, reserve=reserve, sellers_coin=sellers_coin)
            checks.add("mechanisms")
            market = Market(mechanism, tuple(scope.every_value), prices)
            sure = [
                types for types in drawn(scope, tables(setting, market.values), setting.n) if accepts(reserve, types)
            ]
            found = market.analysis(checks, watch, partial(iter, sure), _at_least_half(reserve.revenue, eps))
            if found is not None:
                return found
    why = "answers by value and sure sales are best, and the revenue is what is guaranteed"
    return holds(why, range=covered(_epsilons(scope)), evidence=checks.evidence)


def _at_least_half(sure: Exact, eps: Fraction) -> Bound:
    return lambda best: Fraction(max(best, sure)) / 2 - eps


@VARIANTS.reading(
    "reserve, coin tossed for the seller",
    quick=Scope(players=2, goods=1, values=(0, 2), announcements=2),
    standard=Scope(players=3, goods=2, values=(0, 2), announcements=2, samples=9),
)
def reserve_tossed(scope: Scope, watch: Watch) -> Verdict:
    """Every outcome that the seller, rightly, is sure of as the reserve; the coin is tossed for him too (on Heads
    nothing is sold): the revenue is at least max(BB, his sure revenue)/2 - eps, and answers and announcements are as
    desired."""
    return _reserve(scope, watch, "tossed")


@VARIANTS.reading(
    "reserve, offered at once",
    quick=Scope(players=2, goods=1, values=(0, 3), announcements=3),
    standard=Scope(players=3, goods=1, values=(0, 4), announcements=4, samples=40),
)
def reserve_skipped(scope: Scope, watch: Watch) -> Verdict:
    """The same where no coin is tossed for the seller and his outcome is offered at once. (To be offered his goods for
    sure is then better than to win with probability 1/2.)"""
    return _reserve(scope, watch, "skipped")


# Values that are not whole


def _real(scope: Scope, discounts: str) -> Callable[[Setting], Iterator[tuple[Mechanism, Bound]]]:
    def mechanisms(setting: Setting) -> Iterator[tuple[Mechanism, Bound]]:
        for eps in _epsilons(scope):
            made = build("best-belief-real", setting, eps=eps, discounts=discounts)
            yield made, _at_least_half(0, eps)

    return mechanisms


QUARTER = Fraction(1, 4)


@VARIANTS.reading(
    "real values, discounts kept",
    quick=Scope(players=2, goods=1, values=(0, 4), announcements=4),
    standard=Scope(players=3, goods=1, values=(0, 4), announcements=4, samples=60),
)
def real_kept(scope: Scope, watch: Watch) -> Verdict:
    """Values and prices in quarters, no rewards (the payments that the paper calls so), buyers still get the discount
    eps/n: the desired answers and announcements are at least as good as all others, the revenue at least BB/2 - eps."""
    return _analysis(scope, watch, _real(scope, "keep"), strictly=False, step=QUARTER)


@VARIANTS.reading(
    "real values, discounts dropped",
    repair="with real values the buyers' discount eps/n goes too",
    quick=Scope(players=2, goods=1, values=(0, 4), announcements=4),
    standard=Scope(players=3, goods=2, values=(0, 3), announcements=3, samples=30),
)
def real_dropped(scope: Scope, watch: Watch) -> Verdict:
    """The same without the buyers' discount; the revenue is then BB/2."""

    def mechanisms(setting: Setting) -> Iterator[tuple[Mechanism, Bound]]:
        yield build("best-belief-real", setting, discounts="drop"), lambda best: Fraction(best) / 2

    return _analysis(scope, watch, mechanisms, strictly=False, step=QUARTER)


def _decimal(scope: Scope, unit: str) -> Callable[[Setting], Iterator[tuple[Mechanism, Bound]]]:
    def mechanisms(setting: Setting) -> Iterator[tuple[Mechanism, Bound]]:
        for eps in (*_epsilons(scope), Fraction(1)):
            made = build("best-belief-decimal", setting, eps=eps, step=CENT, unit=unit)
            least = eps * (CENT if unit == "step" else 1)
            yield made, _at_least_half(0, least)

    return mechanisms


CENT = Fraction(1, 100)


@VARIANTS.reading(
    "decimals, eps in money",
    quick=Scope(players=2, goods=1, values=(0, 3), announcements=3),
    standard=Scope(players=3, goods=1, values=(0, 3), announcements=3, samples=60),
)
def decimal_money(scope: Scope, watch: Watch) -> Verdict:
    """Values and prices with two decimals, eps as it is, in (0, 1]: a buyer's discount eps/n can be many cents."""
    return _analysis(scope, watch, _decimal(scope, "money"), step=CENT)


@VARIANTS.reading(
    "decimals, eps in steps",
    repair="eps counts steps of the precision (cents), so that a discount stays below one step",
    quick=Scope(players=2, goods=1, values=(0, 3), announcements=3),
    standard=Scope(players=3, goods=2, values=(0, 2), announcements=2, samples=18),
)
def decimal_steps(scope: Scope, watch: Watch) -> Verdict:
    """The same with eps in cents: a discount is at most 1/n cent."""
    return _analysis(scope, watch, _decimal(scope, "step"), step=CENT)


# A coin with VCG


@VARIANTS.reading(
    "coin with VCG",
    quick=Scope(players=2, goods=1, values=(0, 2)),
    standard=Scope(players=2, goods=2, values=(0, 2), samples=150),
)
def coin_with_vcg(scope: Scope, watch: Watch) -> Verdict:
    """Rational play with perfect knowledge, with none and with wrong beliefs, eps up to 1 and several coins: the
    expected revenue is at least half (in general, the smaller probability of the coin) of the larger revenue of
    best-belief and VCG, each played alone."""
    checks = Checks()
    for setting in small_settings(scope):
        goods = setting.need_goods("a sale")
        high = ExactBundles(goods, [(goods.everything, 1 + scope.values[1])])
        wrong = [Box({j: high for j in setting.everyone if j != i}) for i in setting.everyone]
        for types in drawn(scope, tables(setting, scope.every_value), setting.n):
            for knowledge in ([Perfect()] * setting.n, [Nothing()] * setting.n, wrong):
                context = Context(setting, types, tuple(knowledge))
                for eps, chance in product((Fraction(1, 10), Fraction(1)), (Fraction(1, 2), Fraction(1, 5))):
                    watch.step("contexts", checks.counts.get("contexts", 0))
                    checks.add("contexts")
                    found = _better_of_two(context, eps, chance)
                    if found is not None:
                        return found
    return holds("the expected revenue is at least half of the better one", evidence=checks.evidence)


def _better_of_two(context: Context, eps: Fraction, chance: Fraction) -> Verdict | None:
    selling = build("best-belief", context.setting, eps=eps)
    pivoting = build("vcg", context.setting)
    mixture = build("best-belief-or-vcg", context.setting, eps=eps, chance=chance)
    alone = {each: outcomes(each, rational_profile(each, context)).revenue for each in (selling, pivoting)}
    together = outcomes(mixture, rational_profile(mixture, context)).revenue
    share = min(chance, 1 - chance)
    if together >= share * max(alone.values()):
        return None
    better = max(alone, key=lambda each: alone[each])
    cases = {"coin": scripted(mixture, context, rational_profile(mixture, context), "either"),
             "alone": scripted(better, context, rational_profile(better, context), "the better one alone")}  # fmt: skip
    less = Relation(Figure("coin", "revenue"), "<", share * alone[better])
    return fails(f"the revenue is {written(exact(together))}, less than {share} of the better one's",
                 counterexample=Counterexample(cases, (less,)))  # fmt: skip


@VARIANTS.reading(
    quick=Scope(players=2, goods=1, values=(0, 5), announcements=5),
    standard=Scope(players=2, goods=1, values=(0, 5), announcements=5),
)
def variants(scope: Scope, watch: Watch) -> Verdict:
    """All variants as the paper words them: a budget of eps times the revenue, a reserve for which the coin is tossed,
    decimals with eps as it is, real values without the payments called rewards, a coin with VCG."""
    small = Scope(players=scope.players, goods=scope.goods, values=(0, min(3, scope.values[1])),
                  announcements=min(3, scope.announcements))  # fmt: skip
    parts = {
        "a share of the revenue": proportional(scope, watch),
        "the seller's reserve": reserve_tossed(small, watch),
        "decimals": decimal_money(small, watch),
        "real values": real_kept(small, watch),
        "a coin with VCG": coin_with_vcg(small, watch),
    }
    broken = {name: found for name, found in parts.items() if found.status == "fails"}
    if not broken:
        return holds("each variant guarantees what is printed", evidence=Evidence({"variants": len(parts)}))
    first = next(iter(broken.values()))
    kept = ", ".join(name for name in parts if name not in broken)
    why = f"does not hold for {', '.join(broken)} (it does for {kept or 'none'}). {first.why}"
    return fails(why, counterexample=first.counterexample)


CLAIMS = (VARIANTS,)
