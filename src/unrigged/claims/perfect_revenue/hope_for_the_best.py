"""The claim that HOPE-FOR-THE-BEST has many equilibria, most of them bad.

Source: Chen, Hassidim and Micali 2010, footnote 3; Chen, Hassidim and Micali 2009, section 1.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product

from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.context import Context
from unrigged.exact import Exact, written
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.profiles import Profile
from unrigged.outcome import Outcome
from unrigged.protocol import Decision
from unrigged.scenario import Plan, Scenario
from unrigged.setting import choice
from unrigged.valuations import StateValues
from unrigged.verdict import Verdict, fails, holds

MANY = Claim(
    "hope-for-the-best.many",
    source="paper 001 (Chen, Hassidim and Micali 2010), footnote 3; paper 004 (2009), section 1.2",
    wording="For every x > 1, that everybody reports all values divided by x is an equilibrium, in which every "
    "player's utility is multiplied by x and the revenue divided by x; and that everybody reports v' for one state "
    "that everybody values at least v' > 0, and 0 for the other states, is an equilibrium too, with a welfare that is "
    "not maximal.",
)

EPS = (Fraction(1, 10), Fraction(1, 1000))


def mechanisms(scope: Scope) -> Iterator[Mechanism]:
    """The mechanism for two players or more, up to those of the range, with some discounts."""
    for players in range(2, scope.players + 1):
        setting = choice(replace(scope, players=players).names, scope.state_names)
        for eps in EPS:
            yield build("hope-for-the-best", setting, eps=eps)


def true_profiles(mechanism: Mechanism, scope: Scope, multiple: int) -> Iterator[Profile]:
    """All type profiles whose values are multiples of `multiple`, small ones first."""
    states = len(mechanism.setting.need_states("a report"))
    values = [value for value in scope.every_value if value % multiple == 0]
    rows = list(product(values, repeat=states))
    found = list(product(rows, repeat=mechanism.setting.n))
    yield from sorted(found, key=lambda profile: (sum(map(sum, profile)), profile))


def context_of(mechanism: Mechanism, truth: Profile) -> Context:
    """The context with these values."""
    names = mechanism.setting.need_states("a context")
    return Context(mechanism.setting, tuple(StateValues(names, list(row)) for row in truth))


def all_report(mechanism: Mechanism, context: Context, report: Profile, title: str) -> Scenario:
    """Everybody reports the same."""
    decision = begun(mechanism)
    script = {mechanism.setting.players[player]: space.encode(report) for player, space in decision.actors}
    plans = tuple((agent, Plan("silent")) for agent in context.coalitions)
    return Scenario(mechanism, context, title, plans=plans, moves={decision.label: script})


def begun(mechanism: Mechanism) -> Decision:
    """The only decision: all reports."""
    start = mechanism.start()
    assert isinstance(start, Decision)
    return start


@dataclass(frozen=True)
class Unanimous:
    """All report the same: what everybody gets, and whether nobody gains by another report on the grid."""

    mechanism: Mechanism
    context: Context
    report: Profile

    @cached_property
    def outcome(self) -> Outcome:
        """How it ends; no coin is tossed."""
        n = self.mechanism.setting.n
        return self._end((self.report,) * n)

    def _end(self, reports: tuple[Profile, ...]) -> Outcome:
        position = begun(self.mechanism).after(reports)
        assert isinstance(position, Outcome)
        return position

    def utility(self, player: int) -> Exact:
        """What that player gets."""
        return self.context.utility(player, self.outcome)

    def gain(self, deviations: Sequence[Profile]) -> tuple[int, Profile] | None:
        """A player and a report by which he does better, if there is one among `deviations`."""
        everyone = self.mechanism.setting.everyone
        for player in everyone:
            for other in deviations:
                reports = tuple(other if each == player else self.report for each in everyone)
                if self.context.utility(player, self._end(reports)) > self.utility(player):
                    return player, other
        return None

    @property
    def welfare(self) -> Exact:
        """The welfare of the state chosen."""
        return self.context.welfare(self.outcome.result)


def divided(truth: Profile, divisor: int) -> Profile:
    """Every value divided by a divisor of it."""
    return tuple(tuple(value // divisor for value in row) for row in truth)


def one_state(truth: Profile, state: int, value: int) -> Profile:
    """`value` for one state, 0 for the others, the same for everybody."""
    return tuple(tuple(value if number == state else 0 for number in range(len(row))) for row in truth)


def other_reports(mechanism: Mechanism, scope: Scope) -> list[Profile]:
    """Reports to deviate to: all whose values are at most 1, and all true profiles of one value."""
    ((_, space), *_) = begun(mechanism).actors
    states = len(mechanism.setting.need_states("a report"))
    flat = [((value,) * states,) * mechanism.setting.n for value in scope.every_value]
    return list(dict.fromkeys([*space.grid(1), *flat]))


def most_welfare(context: Context, states: int) -> Exact:
    """MSW."""
    return max(0, *(context.welfare(state) for state in range(states)))


def cases(mechanism: Mechanism, context: Context, truth: Profile, report: Profile) -> dict[str, Scenario]:
    """The report in question, and the truthful one."""
    return {
        "report": all_report(mechanism, context, report, "all report alike"),
        "truthful": all_report(mechanism, context, truth, "all report the truth"),
    }


@MANY.reading(quick=Scope(players=2, states=1, values=(0, 2)), standard=Scope(players=3, states=2, values=(0, 3)))
def many(scope: Scope, watch: Watch) -> Verdict:
    """For x = 2 and 3 and all types whose values are multiples of x, not all 0: the divided reports are an equilibrium,
    and utilities are exactly multiplied, the revenue exactly divided by x; likewise the reports of one state are an
    equilibrium whose welfare is below MSW."""
    covered = f"2 to {scope.players} players, x = 2 and 3, eps = 1/10 and 1/1000"
    compared = 0
    for mechanism in mechanisms(scope):
        for x in (2, 3):
            for truth in true_profiles(mechanism, scope, x):
                watch.step("types", compared)
                context = context_of(mechanism, truth)
                if not any(map(any, truth)):
                    continue
                compared += 1
                honest = Unanimous(mechanism, context, truth)
                found = Unanimous(mechanism, context, divided(truth, x))
                for player in sorted(mechanism.setting.everyone, key=lambda each: -max(truth[each])):
                    wanted = x * honest.utility(player)
                    if found.utility(player) != wanted:
                        relation = Relation(Figure("report", "utility", (player,)), "!=", wanted)
                        who = mechanism.setting.players[player]
                        why = (
                            f"values {truth}, divided by {x}: the utility of {who} is "
                            f"{written(found.utility(player))}, not {x} times the truthful "
                            f"{written(honest.utility(player))}; at the truthful equilibrium it is the discount alone, "
                            "and what is gained is a share of the value"
                        )
                        example = Counterexample(cases(mechanism, context, truth, found.report), (relation,))
                        return fails(why, range=covered, counterexample=example)
                if found.outcome.revenue * x != honest.outcome.revenue:
                    relation = Relation(Figure("report", "revenue"), "!=", Fraction(honest.outcome.revenue) / x)
                    example = Counterexample(cases(mechanism, context, truth, found.report), (relation,))
                    return fails("the revenue is not exactly divided", range=covered, counterexample=example)
    return holds("all is as printed", range=covered, evidence=Evidence({"types": compared}))


@MANY.reading("values before the discount",
              repair="prices before the discount are divided by x, and everybody gains 1 - 1/x of his value",
              quick=Scope(players=2, states=2, values=(0, 2)),
              standard=Scope(players=2, states=2, values=(0, 6)))  # fmt: skip
def divided_before_discount(scope: Scope, watch: Watch) -> Verdict:
    """For x = 2 and 3 and all types whose values are multiples of x: the divided reports are an equilibrium with the
    truthful state, the revenue plus n·eps is exactly divided by x, and everybody gains exactly 1 - 1/x of his value."""
    covered = (
        f"2 to {scope.players} players, x = 2 and 3, eps = 1/10 and 1/1000, deviations to small and to flat reports"
    )
    compared = 0
    for mechanism in mechanisms(scope):
        deviations = other_reports(mechanism, scope)
        states = len(mechanism.setting.need_states("a report"))
        for x in (2, 3):
            for truth in true_profiles(mechanism, scope, x):
                watch.step("types", compared)
                compared += 1
                context = context_of(mechanism, truth)
                honest = Unanimous(mechanism, context, truth)
                found = Unanimous(mechanism, context, divided(truth, x))
                discounts = mechanism.setting.n * honest.utility(0)
                state = honest.outcome.state
                right = (
                    found.outcome.state == state
                    and found.welfare == most_welfare(context, states)
                    and (found.outcome.revenue + discounts) * x == honest.outcome.revenue + discounts
                    and all(
                        found.utility(player) - honest.utility(player) == truth[player][state] * Fraction(x - 1, x)
                        for player in mechanism.setting.everyone
                    )
                )
                better = found.gain(deviations)
                if not right or better is not None:
                    relation = Relation(Figure("report", "welfare"), "<=", Figure("truthful", "welfare"))
                    example = Counterexample(cases(mechanism, context, truth, found.report), (relation,))
                    return fails(f"not so for the values {truth} divided by {x}", range=covered,
                                 counterexample=example)  # fmt: skip
    return holds("always an equilibrium, with everybody better off and the revenue a part in x", range=covered,
                 evidence=Evidence({"equilibria": compared}))  # fmt: skip


def single_states(mechanism: Mechanism, scope: Scope) -> Iterator[tuple[Context, Profile, int, int]]:
    """Types, with a state that everybody values at least v' > 0, and v'."""
    for truth in true_profiles(mechanism, scope, 1):
        for state, column in enumerate(zip(*truth, strict=True)):
            for value in range(1, min(column) + 1):
                yield context_of(mechanism, truth), truth, state, value


def one_state_decided(scope: Scope, watch: Watch, *, never_best: bool) -> Verdict:
    """Whether the reports of one state are always an equilibrium; with `never_best`, whether their welfare is always
    below MSW, otherwise whether it is wherever that state is not one of the best."""
    covered = f"2 to {scope.players} players, every state that all value, every v', eps = 1/10 and 1/1000"
    compared = worse = 0
    for mechanism in mechanisms(scope):
        states = len(mechanism.setting.need_states("a report"))
        deviations = other_reports(mechanism, scope)
        for context, truth, state, value in single_states(mechanism, scope):
            watch.step("equilibria", compared)
            compared += 1
            found = Unanimous(mechanism, context, one_state(truth, state, value))
            best = most_welfare(context, states)
            below = found.welfare < best
            worse += below
            right = found.outcome.state == state and found.gain(deviations) is None
            if not right or (never_best and not below):
                relation = Relation(Figure("report", "welfare"), ">=", Figure("report", "MSW"))
                example = Counterexample(cases(mechanism, context, truth, found.report), (relation,))
                why = (
                    f"values {truth}: state {state + 1}, reported alone, is one of the best, so the welfare is maximal"
                )
                return fails(why, range=covered, counterexample=example)
            if below != (context.welfare(state) < best):
                return fails(f"not so for the values {truth}", range=covered)
    return holds("always an equilibrium; of maximal welfare only where that state is a best one", range=covered,
                 evidence=Evidence({"equilibria": compared, "of less welfare": worse}))  # fmt: skip


@MANY.reading("one state, whichever", quick=Scope(players=2, states=2, values=(0, 1)),
              standard=Scope(players=2, states=2, values=(0, 2)))  # fmt: skip
def one_state_whichever(scope: Scope, watch: Watch) -> Verdict:
    """For every state that everybody values at least v' > 0, its report is an equilibrium of less welfare than MSW."""
    return one_state_decided(scope, watch, never_best=True)


@MANY.reading("one state that is not best", repair="the state reported is not one of maximal welfare",
              quick=Scope(players=2, states=2, values=(0, 2)),
              standard=Scope(players=2, states=2, values=(0, 3)))  # fmt: skip
def one_state_not_best(scope: Scope, watch: Watch) -> Verdict:
    """For every state that everybody values at least v' > 0, its report is an equilibrium, and the welfare is below MSW
    exactly where that state is not one of maximal welfare."""
    return one_state_decided(scope, watch, never_best=False)


CLAIMS: tuple[Claim, ...] = (MANY,)
