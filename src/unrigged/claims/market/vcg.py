"""The claim of the market paper on what VCG fails to do in a market.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 2 and footnote 17.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from unrigged.analysis.privacy import Consistent, ToldApart, consistent, full_privacy
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.market.proposals import contexts, settings
from unrigged.context import Coalition, Context
from unrigged.exact import Exact, written
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.outcome import Outcome, prices_in_words, result_in_words
from unrigged.play import Play, outcomes
from unrigged.protocol import Decision, History
from unrigged.strategies.base import Individual, Profile
from unrigged.valuations import Table
from unrigged.verdict import Verdict, fails, holds

VCG = Claim(
    "market.vcg",
    source="paper 000, section 2 (the VCG mechanism) and footnote 17",
    wording="In a market, the VCG mechanism is not budget-balanced, two players who collude can break it, and it is "
    "not fully private.",
)


@dataclass(frozen=True)
class Reports(Individual):
    """Everybody reports what is written down for him."""

    reports: tuple[Table, ...]

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        return self.reports[player]


def outcome_of(mechanism: Mechanism, context: Context, reports: tuple[Table, ...]) -> Outcome:
    """The outcome when everybody reports so."""
    (play,) = outcomes(mechanism, {agent: Reports(reports) for agent in context.coalitions}).plays
    return play.outcome


def _truth(context: Context) -> tuple[Table, ...]:
    return tuple(one for one in context.types if isinstance(one, Table))


@VCG.reading(
    quick=Scope(players=3, goods=1, values=(0, 1), announcements=2),
    standard=Scope(players=3, goods=1, values=(0, 2), announcements=3),
)
def vcg(scope: Scope, watch: Watch) -> Verdict:
    """All three parts where a player's price compares with the others' welfare when he keeps his own goods and leaves.

    In some context without collusion the truthful reports, which are dominant, lead to prices that do not sum to 0. In
    some context two players raise their joint utility by reports (of one set of goods each, up to the stated size) that
    lead to less than maximum welfare. And two contexts without collusion have the same outcome of truthful reports, but
    different histories."""
    return _parts(scope, watch, "leaves")


@VCG.reading(
    "without him the others have all goods",
    quick=Scope(players=3, goods=2, values=(0, 2), announcements=2, samples=20),
    standard=Scope(players=3, goods=2, values=(0, 2), announcements=3, samples=100),
)
def vcg_all(scope: Scope, watch: Watch) -> Verdict:
    """The same where a player's price compares with the others' welfare when they have all goods, his too."""
    return _parts(scope, watch, "all")


def _truthful_plays(context: Context) -> list[Profile]:
    """The play in dominant strategies."""
    return [{agent: Reports(_truth(context)) for agent in context.coalitions}]


def _parts(scope: Scope, watch: Watch, pivot: str) -> Verdict:
    seen = unbalanced = tried = 0
    revenues: list[Exact] = []
    example = ""
    apart = ""
    left = Consistent(0, 0)
    for setting in settings(scope):
        mechanism = build("vcg", setting, pivot=pivot)
        for context in contexts(scope, setting):
            watch.step("contexts", seen)
            seen += 1
            end = outcome_of(mechanism, context, _truth(context))
            revenues.append(end.revenue)
            unbalanced += end.revenue != 0
            if not example:
                tried += 1
                found = _collusion(mechanism, context, scope)
                example = "" if found is None else _in_words(context, *found)
        if not apart:
            listed = list(contexts(scope, setting))
            private = full_privacy(mechanism, listed, _truthful_plays)
            if private.status == "fails" and isinstance(private.counterexample, ToldApart):
                apart = private.why
                told = private.counterexample.first.seen
                assert isinstance(told, Play)
                left = consistent(mechanism, listed, _truthful_plays, told.history)
    if not unbalanced:
        return fails("the prices of truthful reports sum to 0 in every context of the range")
    if not example:
        return fails("in no context of the range do two players gain by joint reports that lower welfare")
    if not apart:
        return fails("no two contexts of the range with the same outcome are told apart by the reports")
    return holds(
        f"prices sum to anything from {written(min(revenues))} to {written(max(revenues))}; {example}; {apart}",
        range="every endowment, every context, every two players until a pair breaks it",
        evidence=Evidence(
            {"contexts": seen, "contexts out of balance": unbalanced, "contexts tried until two could break it": tried},
            figures={
                "least revenue": min(revenues),
                "greatest revenue": max(revenues),
                "type profiles that an outcome leaves possible": left.outcome,
                "and the reports": left.transcript,
            },
        ),
    )


def _collusion(
    mechanism: Mechanism, context: Context, scope: Scope
) -> tuple[Coalition, tuple[Table, ...], Outcome] | None:
    """Two players, reports of theirs that raise their joint utility, and the outcome, which misses the greatest
    welfare; None where there are none."""
    truth = _truth(context)
    honest = outcome_of(mechanism, context, truth)
    for pair in combinations(context.setting.everyone, 2):
        for both in product(_reports(context, scope), repeat=2):
            told = list(truth)
            for player, report in zip(pair, both, strict=True):
                told[player] = report
            end = outcome_of(mechanism, context, tuple(told))
            if context.joint_utility(pair, end) > context.joint_utility(pair, honest) and context.welfare(
                end.result
            ) < context.welfare(honest.result):
                return pair, tuple(told), end
    return None


def _reports(context: Context, scope: Scope) -> Iterator[Table]:
    """Nothing, and one set of goods alone, at every value up to the stated size."""
    goods = context.setting.need_goods("a report")
    size = 1 << len(goods)
    yield Table(goods, (0,) * size)
    for bundle, value in product(range(1, size), range(1, scope.announcements + 1)):
        yield Table(goods, [value if each == bundle else 0 for each in range(size)])


def _in_words(context: Context, pair: Coalition, told: tuple[Table, ...], end: Outcome) -> str:
    setting = context.setting

    def listed(types: Sequence[Table]) -> str:
        return ", ".join(
            " ".join([name, *(f"{written(v)} for {one.goods.written(s)}" for s, v in enumerate(one.values) if v)])
            for name, one in zip(setting.players, types, strict=True)
            if any(one.values)
        )

    who = " and ".join(setting.players[player] for player in pair)
    owned = result_in_words(setting, setting.endowment or ()).replace(" gets ", " owns ")
    return (
        f"where {owned} and values are {listed(_truth(context))}, {who} gain by making them {listed(told)}: then "
        f"{result_in_words(setting, end.result)}, and {prices_in_words(setting, end.prices)}"
    )
