"""Claims on VCG and the second-price auction: truth, privacy, more bidders; colluders are in vcg_collusion.py.

Source: the sheet of the classical mechanisms; Azar, Chen and Micali 2011 (paper 000), footnote 17; L. Ausubel and P.
Milgrom, The lovely but lonely Vickrey auction (2006).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product

from unrigged.analysis.privacy import Known, ToldApart, consistent, full_privacy, result_only, whole
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.vcg.collusion import AUSUBEL_MILGROM, PAIR, SHILL
from unrigged.claims.vcg.reports import (
    auctions,
    concluded,
    gains,
    greatest_welfare,
    markets,
    reported,
    tables,
    welfare,
)
from unrigged.context import Context
from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.play import Play
from unrigged.scenario import Scenario
from unrigged.setting import Setting, bundle_of
from unrigged.strategies.base import Profile
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import Table
from unrigged.verdict import Verdict, fails, holds, undecided

TRUTHFUL = Claim(
    "vcg.truthful",
    source="sheet vcg; Clarke 1971, Groves 1973",
    wording="in VCG to report one's true valuation is weakly dominant, the welfare of truthful reports is the greatest "
    "there is, and nobody who is truthful has a negative utility",
)


def _truth(
    mechanisms: Iterable[Mechanism], scope: Scope, watch: Watch, truth: Callable[[Table], Table] = lambda own: own
) -> Verdict:
    """Dominance, welfare and utilities of `truth`, by enumeration of types, reports and allocations."""
    counts = {"settings": 0, "type profiles": 0, "comparisons of reports": 0}
    least = scope.values[0]
    for mechanism in mechanisms:
        setting = mechanism.setting
        types = tables(setting, scope.every_value)
        lowest = min(0, least) if setting.endowment is not None else 0
        reports = tables(setting, range(lowest, scope.announcements + 1))
        after = {made: concluded(mechanism, made) for made in _watched(product(reports, repeat=setting.n), watch)}
        counts["settings"] += 1
        for profile in product(types, repeat=setting.n):
            watch.step("type profiles", counts["type profiles"])
            counts["type profiles"] += 1
            made = tuple(map(truth, profile))
            found = _at_truth(mechanism, profile, made, after[made])
            if found is not None:
                return found
        for i, own in product(setting.everyone, types):
            watch.step("types compared over all reports")
            utility = {made: _gain(setting, own, i, outcome) for made, outcome in after.items()}
            counts["comparisons of reports"] += len(utility)
            for made, other in utility.items():
                honest = (*made[:i], truth(own), *made[i + 1 :])
                if other > utility[honest]:
                    return _better(mechanism, own, i, honest, made)
    why = "no report is ever better than the truth; truthful reports reach the greatest welfare, and nobody loses"
    return holds(why, evidence=Evidence(counts))


def _watched(profiles: Iterable[tuple[Table, ...]], watch: Watch) -> Iterator[tuple[Table, ...]]:
    for number, profile in enumerate(profiles):
        watch.step("profiles of reports", number)
        yield profile


def _gain(setting: Setting, own: Table, player: int, outcome: Outcome) -> Exact:
    """The utility of a player of that type."""
    worth = own.values[bundle_of(outcome.owners, player)] - own.values[setting.endowed[player]]
    return worth - outcome.prices[player]


def _at_truth(
    mechanism: Mechanism, types: tuple[Table, ...], made: tuple[Table, ...], outcome: Outcome
) -> Verdict | None:
    """What is wrong with truthful reports in the context of these types, if anything."""
    best = greatest_welfare(mechanism.setting, types)
    case = "truth"
    scenario = {case: reported(mechanism, types, made, "truthful reports")}
    if welfare(types, outcome) != best:
        relation = Relation(Figure(case, "welfare"), "<", best)
        return fails("the welfare of truthful reports is not the greatest one",
                     counterexample=Counterexample(scenario, (relation,)))  # fmt: skip
    for i, utility in enumerate(gains(mechanism.setting, types, outcome)):
        if utility < 0:
            relation = Relation(Figure(case, "utility", (i,)), "<", 0)
            return fails(f"{mechanism.setting.players[i]} is truthful and loses {-utility}",
                         counterexample=Counterexample(scenario, (relation,)))  # fmt: skip
    return None


def _better(mechanism: Mechanism, own: Table, i: int, honest: tuple[Table, ...], made: tuple[Table, ...]) -> Verdict:
    types = (*made[:i], own, *made[i + 1 :])
    cases = {
        "deviation": reported(mechanism, types, made, "another report"),
        "truth": reported(mechanism, types, honest, "a truthful report"),
    }
    relation = Relation(Figure("deviation", "utility", (i,)), ">", Figure("truth", "utility", (i,)))
    return fails(f"another report is better for {mechanism.setting.players[i]} than the truth",
                 counterexample=Counterexample(cases, (relation,)))  # fmt: skip


@TRUTHFUL.reading(
    quick=Scope(players=2, goods=2, values=(0, 2), announcements=2),
    standard=Scope(players=3, goods=2, values=(0, 2), announcements=2),
)
def truthful(scope: Scope, watch: Watch) -> Verdict:
    """Nobody owns goods and values are >= 0, free disposal or not: against all reports of the others no report gives a
    player more than the truth; truthful reports reach the greatest welfare over all allocations, and utilities are
    >= 0."""
    return _truth((build("vcg", setting) for setting in auctions(scope)), scope, watch)


@TRUTHFUL.reading(
    "no other report is as good",
    quick=Scope(players=2, goods=1, values=(0, 1), announcements=2),
    standard=Scope(players=2, goods=1, values=(0, 2), announcements=3),
)
def truthful_alone(scope: Scope, watch: Watch) -> Verdict:
    """Weak dominance in its narrow sense: every other report of at least two players is, besides never being better,
    worse than the truth against some whole-number reports of the others."""
    compared = 0
    for setting in auctions(scope, fewest=2):
        mechanism = build("vcg", setting)
        reports = tables(setting, range(scope.announcements + 1))
        after = {made: concluded(mechanism, made) for made in _watched(product(reports, repeat=setting.n), watch)}
        for own, i, other in product(tables(setting, scope.every_value), setting.everyone, reports):
            watch.step("reports compared", compared)
            if other == own:
                continue
            compared += 1
            pairs = [((*rest[:i], own, *rest[i:]), (*rest[:i], other, *rest[i:]))
                     for rest in product(reports, repeat=setting.n - 1)]  # fmt: skip
            if all(_gain(setting, own, i, after[a]) == _gain(setting, own, i, after[b]) for a, b in pairs):
                return _as_good(mechanism, i, own, pairs)
    return holds("every other report is worse somewhere", evidence=Evidence({"comparisons of reports": compared}))


def _as_good(
    mechanism: Mechanism, i: int, own: Table, pairs: Sequence[tuple[tuple[Table, ...], tuple[Table, ...]]]
) -> Verdict:
    cases: dict[str, Scenario] = {}
    relations = []
    for number, (honest, other) in enumerate(pairs, 1):
        types = honest
        cases[f"truth {number}"] = reported(mechanism, types, honest, "the truth")
        cases[f"other report {number}"] = reported(mechanism, types, other, "another report")
        figures = (Figure(f"{name} {number}", "utility", (i,)) for name in ("truth", "other report"))
        relations.append(Relation(next(figures), "=", next(figures)))
    why = (
        f"{mechanism.setting.players[i]} does as well with another report against every report of the others: no whole "
        "number lies between the two, and where one of them wins a tie, winning is worth nothing"
    )
    return fails(why, counterexample=Counterexample(cases, tuple(relations)))


@TRUTHFUL.reading(
    "negative values",
    quick=Scope(players=2, goods=1, values=(-1, 1), announcements=1),
    standard=Scope(players=2, goods=2, values=(-1, 1), announcements=2),
)
def truthful_negative(scope: Scope, watch: Watch) -> Verdict:
    """Nobody owns goods, some sets are worth less than nothing, and reports are >= 0 as the rules have it: a player
    reports 0 for such sets, and the truth elsewhere. (Unsold goods break ties, so that he never gets such a set.)"""

    def floored(own: Table) -> Table:
        return Table(own.goods, [max(0, value) for value in own.values])

    return _truth((build("vcg", setting) for setting in auctions(scope)), scope, watch, floored)


@TRUTHFUL.reading(
    "endowments, pivot: leaves",
    quick=Scope(players=2, goods=1, values=(-1, 1), announcements=1),
    standard=Scope(players=2, goods=2, values=(-1, 1), announcements=1),
)
def truthful_leaves(scope: Scope, watch: Watch) -> Verdict:
    """Players own the goods beforehand, values may be negative, and a price is measured against the others' welfare
    when the player keeps his goods and leaves; utilities are gains over what one owned."""
    return _truth((build("vcg", setting, pivot="leaves") for setting in markets(scope)), scope, watch)


@TRUTHFUL.reading(
    "endowments, pivot: all",
    quick=Scope(players=2, goods=1, values=(-1, 1), announcements=1),
    standard=Scope(players=2, goods=2, values=(-1, 1), announcements=1),
)
def truthful_all(scope: Scope, watch: Watch) -> Verdict:
    """Players own the goods beforehand, values may be negative, and a price is measured against the others' best
    welfare with all goods, the player's own ones included."""
    return _truth((build("vcg", setting, pivot="all") for setting in markets(scope)), scope, watch)


@TRUTHFUL.reading(
    "first-price-package for comparison",
    quick=Scope(players=2, goods=1, values=(0, 2), announcements=2),
    standard=Scope(players=2, goods=2, values=(0, 2), announcements=2),
)
def truthful_first_price(scope: Scope, watch: Watch) -> Verdict:
    """The same of the auction in which everybody pays what he reported for what he gets."""
    return _truth((build("first-price-package", setting) for setting in auctions(scope)), scope, watch)


MONOTONE = Claim(
    "vcg.revenue-monotone",
    source="sheet vcg; Ausubel and Milgrom 2006",
    wording="in VCG more bidders can lower the revenue: it is not monotone in the set of bidders",
)


def _fewer(types: tuple[Table, ...], gone: int) -> tuple[Table, ...]:
    return (*types[:gone], *types[gone + 1 :])


def _lowering(
    scope: Scope, watch: Watch, fits: Callable[[Table], bool] = lambda own: True
) -> tuple[int, Counterexample | None, tuple[Exact, Exact]]:
    """The comparisons made, and an auction in which one more truthful bidder lowers the revenue, smallest first."""
    compared = 0
    for setting in auctions(scope, fewest=2):
        mechanism = build("vcg", setting)
        smaller = build("vcg", Setting(setting.players[1:], goods=setting.goods))
        own = [one for one in tables(setting, scope.every_value) if fits(one)]
        without = {types: concluded(smaller, types) for types in _watched(product(own, repeat=setting.n - 1), watch)}
        for types in product(own, repeat=setting.n):
            watch.step("auctions", compared)
            revenue = concluded(mechanism, types).revenue
            for gone in setting.everyone:
                compared += 1
                before = without[_fewer(types, gone)].revenue
                if revenue < before:
                    return compared, _lowered(mechanism, types, gone), (before, revenue)
    return compared, None, (0, 0)


def _lowered(mechanism: Mechanism, types: tuple[Table, ...], gone: int) -> Counterexample:
    setting = mechanism.setting
    smaller = build("vcg", Setting(_names_without(setting, gone), goods=setting.goods))
    rest = _fewer(types, gone)
    cases = {
        "more bidders": reported(mechanism, types, types, "with one more bidder"),
        "fewer bidders": reported(smaller, rest, rest, "without him"),
    }
    return Counterexample(
        cases, (Relation(Figure("more bidders", "revenue"), "<", Figure("fewer bidders", "revenue")),)
    )


def _names_without(setting: Setting, gone: int) -> tuple[str, ...]:
    return (*setting.players[:gone], *setting.players[gone + 1 :])


@MONOTONE.reading(
    quick=Scope(players=3, goods=2, values=(0, 1)),
    standard=Scope(players=3, goods=2, values=(0, 2)),
)
def lowers(scope: Scope, watch: Watch) -> Verdict:
    """There is an auction of the range in which the truthful revenue is lower with one more bidder than without."""
    compared, found, (before, after) = _lowering(scope, watch)
    if found is None or found.reason_against():
        return undecided("no bidder lowers the revenue in any auction of the range")
    figures: dict[str, Exact] = {"revenue without him": before, "revenue with him": after}
    return holds("one more bidder lowers the revenue in the auction found",
                 evidence=Evidence({"comparisons": compared}, {"scenario pairs": 1}, figures))  # fmt: skip


@MONOTONE.reading(
    "monotone",
    quick=Scope(players=3, goods=2, values=(0, 1)),
    standard=Scope(players=3, goods=2, values=(0, 2)),
)
def monotone(scope: Scope, watch: Watch) -> Verdict:
    """The property that is denied: one more truthful bidder never lowers the revenue."""
    compared, found, _ = _lowering(scope, watch)
    if found is not None:
        why = "two who want single goods replace the one who, alone, made somebody pay for both"
        return fails(why, counterexample=found)
    return holds("no bidder lowers the revenue", evidence=Evidence({"comparisons": compared}))


def _substitutes(own: Table) -> bool:
    """Whether two goods (or one) are substitutes: no set is worth less than a part, nor more than its parts."""
    if len(own.values) == 2:
        return True
    _, left, right, both = own.values
    return max(left, right) <= both <= left + right


@MONOTONE.reading(
    "monotone for substitutes",
    repair="every bidder's goods are substitutes for one another",
    quick=Scope(players=3, goods=2, values=(0, 1)),
    standard=Scope(players=3, goods=2, values=(0, 3)),
)
def monotone_substitutes(scope: Scope, watch: Watch) -> Verdict:
    """One more truthful bidder never lowers the revenue where, of at most two goods, both together are worth at least
    each and at most the sum of the two, to everybody."""
    compared, found, _ = _lowering(scope, watch, _substitutes)
    if found is not None:
        return fails("one more bidder lowers the revenue", counterexample=found)
    return holds("no bidder lowers the revenue", evidence=Evidence({"comparisons": compared}))


PRIVATE = Claim(
    "vcg.private",
    source="paper 000, section 4.2, footnote 17",
    wording="VCG is not fully private even if nobody colludes: the history of truthful play belongs to one context "
    "alone, while many contexts can share its first welfare-maximal allocation",
)


def _not_private(scope: Scope, watch: Watch, known: Known) -> Verdict:
    counts = {"settings": 0, "contexts": 0}
    widest, narrowest = 0, 0
    for setting in auctions(scope, fewest=2):
        mechanism = build("vcg", setting)
        contexts = [Context(setting, types) for types in product(tables(setting, scope.every_value), repeat=setting.n)]

        def plays(context: Context, mechanism: Mechanism = mechanism) -> list[Profile]:
            return [rational_profile(mechanism, context)]

        found = full_privacy(mechanism, contexts, plays, known=known, progress=lambda n: watch.step("contexts", n))
        if found.status != "fails" or not isinstance(found.counterexample, ToldApart):
            return undecided(
                f"of {setting.n} players and {setting.m} goods the range has no such contexts: {found.why}"
            )
        seen = found.counterexample.first.seen
        assert isinstance(seen, Play)
        candidates = consistent(mechanism, contexts, plays, seen.history, known=known)
        if candidates.transcript != 1 or candidates.outcome < 2:
            return fails("more than one context, or as many as by the outcome, leaves the same history")
        widest, narrowest = max(widest, candidates.outcome), max(narrowest, candidates.transcript)
        counts["settings"] += 1
        counts["contexts"] += len(contexts)
    figures: dict[str, Exact] = {"type profiles left by an outcome": widest, "by the history": narrowest}
    why = "contexts that the outcome does not tell apart leave different histories; each history belongs to one context"
    return holds(why, evidence=Evidence(counts, figures=figures))


@PRIVATE.reading(
    quick=Scope(players=2, goods=1, values=(0, 2)),
    standard=Scope(players=3, goods=2, values=(0, 1)),
)
def private(scope: Scope, watch: Watch) -> Verdict:
    """For every number of players >= 2 and of goods, truthful plays of two contexts agree in the allocation and differ
    in their history, and one such history is left by a single type profile."""
    return _not_private(scope, watch, result_only)


@PRIVATE.reading(
    "prices known too",
    quick=Scope(players=2, goods=1, values=(0, 2)),
    standard=Scope(players=2, goods=2, values=(0, 2)),
)
def private_with_prices(scope: Scope, watch: Watch) -> Verdict:
    """The same where the prices count as part of the outcome."""
    return _not_private(scope, watch, whole)


CLAIMS = (TRUTHFUL, AUSUBEL_MILGROM, SHILL, MONOTONE, PRIVATE, PAIR)
