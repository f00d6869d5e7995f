"""The claims on perfect-revenue among players who do not collude: votes, raises, opening, the equilibrium.

Source: Chen, Hassidim and Micali 2010, sections 3, 4, 6 and 7.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from unrigged.analysis.decomposition import Joined, Partition, Values, across_states, parts
from unrigged.analysis.equilibrium_certificate import reason_against_unique
from unrigged.benchmarks import Benchmarks
from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.perfect_revenue.games import (
    ANSWERING,
    OPENING,
    RAISING,
    Announcing,
    Improvement,
    after_payments,
    alone,
    columns_of,
    context_of,
    examined,
    greatest_total,
    in_words,
    line,
    mechanism_of,
    printed_eps,
    profiles_of,
    rates,
    safe_eps,
    up_to,
    values_in_words,
)
from unrigged.context import Context
from unrigged.exact import written
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.moves.base import Move
from unrigged.outcome import Outcome
from unrigged.protocol import Decision
from unrigged.strategies.perfect_revenue import TruthfulPerfectRevenue
from unrigged.verdict import Verdict, fails, holds

PAPER = "paper 001 (Chen, Hassidim and Micali 2010)"

CAP = "a public cap V on every announced integer, at least every total to be announced, and eps <= 1/(10·n·V)"

L1 = Claim(
    "perfect-revenue.L1",
    source=f"{PAPER}, section 4.1, Lemma 1",
    wording="Wherever a player is asked for YES or NO, the only subgame-perfect play from there on is that everybody "
    "says YES if the state is worth the provisional price to him, and NO otherwise.",
)
L2 = Claim(
    "perfect-revenue.L2",
    source=f"{PAPER}, section 4.2, Lemma 2",
    wording="Wherever a player may raise prices, the only subgame-perfect play from there on is the truthful one: "
    "every price is raised exactly to the true value, then truthful votes.",
)
L3 = Claim(
    "perfect-revenue.L3",
    source=f"{PAPER}, section 4.3, Lemma 3",
    wording="The truthful profile is the only subgame-perfect equilibrium of the whole game: player 1 announces the "
    "first state of maximal welfare and everybody's true value of it.",
)
T1 = Claim(
    "perfect-revenue.T1",
    source=f"{PAPER}, section 4, Theorem 1",
    wording="Without collusion the truthful profile is the unique subgame-perfect equilibrium; its welfare is MSW, its "
    "revenue at least (1 - 3·eps·n)·MSW, and nobody's utility is negative.",
)


def printed_mechanisms(scope: Scope) -> Iterator[PerfectRevenue]:
    """For every number of players from 2 on, some parameters of the printed range: eps next to its bound, half of it
    and small, with rewards close below eps and close above 0."""
    for players in range(2, scope.players + 1):
        some = replace(scope, players=players)
        for eps in printed_eps(some):
            for kind in ("high", "low"):
                yield mechanism_of(some, eps=eps, e=rates(players, eps, kind))


def safe_mechanisms(
    scope: Scope, states: int = 1, kinds: tuple[str, ...] = ("high", "low")
) -> Iterator[PerfectRevenue]:
    """For every number of players from 2 on, eps = 1/(10·n·V) and a hundredth of that, with rewards of these kinds."""
    for players in range(2, scope.players + 1):
        some = replace(scope, players=players)
        for eps in safe_eps(some):
            for kind in kinds:
                yield mechanism_of(some, states, eps=eps, e=rates(players, eps, kind))


def near_and_far(scope: Scope) -> Announcing:
    """The integers up to the largest value, and the largest announcement."""
    return Announcing(tuple(sorted({*range(scope.values[1] + 1), scope.announcements})))


def everywhere(scope: Scope, watch: Watch, stage: str) -> Verdict:
    """Whether the truthful move is strictly best at all decisions of that stage, for printed parameters."""
    compared = games = 0
    grid = near_and_far(scope)
    covered = f"2 to {scope.players} players, announcements of {', '.join(map(str, grid.numbers))}, one state"
    for mechanism in printed_mechanisms(scope):
        n = mechanism.setting.n
        columns = columns_of(mechanism.setting, profiles_of(scope, n), [alone(n)], scope.announcements)
        search = examined(mechanism, columns, grid, stage, watch)
        compared += search.compared
        games += len(columns.contexts)
        for found in (search.found, search.tied):
            if found is not None:
                return refuted(mechanism, found, covered)
    return holds(
        "at every such decision the truthful move is better than every other, truthful play following",
        range=f"{covered}; eps next to 1/(5n), half and a thousandth of it, rewards close below eps and close to 0",
        evidence=Evidence({"games": games, "decisions": compared}),
    )


def refuted(mechanism: PerfectRevenue, found: Improvement, covered: str) -> Verdict:
    """The claim fails at that decision."""
    what = f"gains {written(found.gain)}" if found.gain else "loses nothing"
    why = (
        f"at '{found.label}' {found.who}, who in the profile {found.space.describe(found.played)}, {what} when he "
        f"{found.space.describe(found.better)} ({in_words(mechanism)}; values: {values_in_words(found.context)})"
    )
    if found.gain:
        return fails(why, range=covered, counterexample=found.counterexample(mechanism))
    same = Relation(Figure("improved", "utility", found.agent), "=", Figure("profile", "utility", found.agent))
    differ = Relation(Figure("improved", "likeliest history"), "!=", Figure("profile", "likeliest history"))
    cases = found.counterexample(mechanism).cases
    return fails(why, range=covered, counterexample=Counterexample(cases, (same, differ)))


@L1.reading(quick=Scope(players=2, values=(0, 2), announcements=100),
            standard=Scope(players=3, values=(0, 1), announcements=1000))  # fmt: skip
def votes(scope: Scope, watch: Watch) -> Verdict:
    """At every decision of steps n+1 to 2n, whatever was announced before, the truthful answer gives its player
    strictly more than the other one, truthful answers following (without collusion)."""
    return everywhere(scope, watch, ANSWERING)


@L2.reading(quick=Scope(players=2, values=(0, 2), announcements=100),
            standard=Scope(players=3, values=(0, 1), announcements=1000))  # fmt: skip
def raises(scope: Scope, watch: Watch) -> Verdict:
    """At every decision of steps 2 to n, whatever was announced before, the truthful raise gives its player strictly
    more than any other, truthful play following (without collusion)."""
    return everywhere(scope, watch, RAISING)


def smallest_overstatement(scope: Scope, watch: Watch) -> tuple[PerfectRevenue, Improvement] | None:
    """The game in which player 1 gains by another opening than the truthful one with the fewest players and then the
    smallest announcements, among printed parameters; its cap is the largest integer announced."""
    best: tuple[int, PerfectRevenue, Improvement] | None = None
    for players in range(2, scope.players + 1):
        some = replace(scope, players=players)
        for eps in printed_eps(some):
            mechanism = mechanism_of(some, eps=eps)
            columns = columns_of(mechanism.setting, profiles_of(some), [alone(players)], scope.announcements)
            found = examined(mechanism, columns, up_to(scope.announcements), OPENING, watch).found
            if found is not None:
                cap = max(1, *found.better.prices, *found.played.prices)
                if best is None or cap < best[0]:
                    best = cap, replace(mechanism, cap=cap), found
        if best is not None:
            return best[1], best[2]
    return None


def overstated(scope: Scope, watch: Watch, more: str) -> Verdict:
    """What becomes of a claim on the opening for printed parameters."""
    covered = f"2 players on, all announcements up to {scope.announcements}, one state, printed eps"
    found = smallest_overstatement(scope, watch)
    if found is None:
        return holds("no opening is better than the truthful one", range=covered)
    mechanism, better = found
    msw = max(0, sum(int(better.context.worth(player, 0)) for player in better.context.setting.everyone))
    bound = (1 - 3 * mechanism.eps * mechanism.setting.n) * msw
    missed = Relation(Figure("improved", "revenue"), "<", bound)
    prices = ", ".join(map(str, better.better.prices))
    why = (
        f"{better.who} gains {written(better.gain)} by announcing the prices ({prices}) instead of the true values "
        f"({values_in_words(better.context)}; {in_words(mechanism)}): his reward of about 2·eps for every unit "
        f"announced outweighs the fine of twice the one small price that is refused, and as somebody refuses, his own "
        f"price is hardly ever due; {more}"
    )
    return fails(why, range=covered, counterexample=better.counterexample(mechanism, more=[missed]))


@L3.reading(quick=Scope(players=2, values=(0, 0), announcements=11),
            standard=Scope(players=2, values=(0, 2), announcements=15))  # fmt: skip
def openings(scope: Scope, watch: Watch) -> Verdict:
    """In every context without collusion the truthful opening gives player 1 strictly more than any other, truthful
    play following (which by Lemmas 1 and 2 is the only rational one); announcements have no bound in print."""
    return overstated(scope, watch, "with two states and no welfare, moreover, every state may be named at prices 0")


@T1.reading(quick=Scope(players=2, values=(1, 1), announcements=25, parameters={"eps": Fraction(1, 11)}),
            standard=Scope(players=2, values=(1, 2), announcements=25))  # fmt: skip
def theorem(scope: Scope, watch: Watch) -> Verdict:
    """In every context without collusion truthful play is the only equilibrium, with that revenue; announcements have
    no bound in print."""
    return overstated(scope, watch, "the revenue is then below the bound; the larger the announcement, the larger both")


def solved(
    mechanism: PerfectRevenue, scope: Scope, groups: list[Partition], watch: Watch
) -> Iterator[tuple[tuple[Values, ...], Partition, Joined]]:
    """The equilibria of every context with as many states as the mechanism has, in which every total can be
    announced; announcements are all integers up to the cap."""
    n, cap = mechanism.setting.n, mechanism.limit or 0
    profiles = profiles_of(scope, n)
    found = parts(
        mechanism,
        profiles,
        groups,
        up_to(cap),
        seen=lambda columns, chosen: watch.step("openings", chosen.decision.label == OPENING),
        remembered=after_payments,
        wanted=lambda values, partition: greatest_total(values, partition) <= cap,
    )
    for partition in groups:
        fitting = [values for values, under in found[0].number if under == partition]
        for values in _tuples(fitting, mechanism.number_of_states):
            watch.step("contexts")
            yield values, partition, across_states(found, values, partition)


def _tuples(fitting: list[Values], states: int) -> Iterator[tuple[Values, ...]]:
    if states == 0:
        yield ()
        return
    for rest in _tuples(fitting, states - 1):
        for one in fitting:
            yield (*rest, one)


def truthful_opening(values: tuple[Values, ...], partition: Partition) -> Outcome:
    """The first state of maximal welfare, every coalition's total put on its first member."""
    state = max(range(len(values)), key=lambda each: (sum(values[each]), -each))
    prices = [0] * sum(map(len, partition))
    for coalition in partition:
        prices[coalition[0]] = sum(values[state][member] for member in coalition)
    return Outcome(state, tuple(prices))


def opening_fits(found: Joined, values: tuple[Values, ...], partition: Partition) -> bool:
    """Whether the truthful opening is the only best one; where there is no welfare, whether all prices are 0 in every
    best one, whatever state it names."""
    if not any(map(any, values)):
        return all(not any(opening.prices) for opening in found.openings)
    return found.openings == (truthful_opening(values, partition),)


def promise_kept(mechanism: PerfectRevenue, found: Joined, values: tuple[Values, ...]) -> bool:
    """Welfare = MSW, revenue >= (1 - 3·eps·n)·MSW, no coalition's utility negative, in every equilibrium."""
    msw = max(map(sum, values))
    bound = (1 - 3 * mechanism.eps * mechanism.setting.n) * msw
    return found.sure and found.welfare == msw and found.revenue >= bound and min(found.utilities) >= 0


def certified(mechanism: PerfectRevenue, context: Context, cap: int) -> bool:
    """Whether the checker of equilibria accepts the truthful profile as the only one."""
    benchmarks = Benchmarks(context)
    play = {
        player: TruthfulPerfectRevenue(benchmarks, coalition)
        for coalition in context.coalitions
        for player in coalition
    }

    def claimed(decision: Decision) -> Move:
        ((player, space),) = decision.actors
        return play[player].move(player, space, decision, ())

    return reason_against_unique(mechanism, context, up_to(cap), claimed) is None


def capped(scope: Scope, watch: Watch, *, outcome: bool) -> Verdict:
    """Lemma 3 (the opening) and, with `outcome`, Theorem 1, for all contexts without collusion under the cap."""
    covered = f"2 to {scope.players} players, all announcements up to the cap V, eps = 1/(10nV) and 1/(1000nV)"
    contexts = accepted = 0
    for mechanism in safe_mechanisms(scope, scope.states):
        n = mechanism.setting.n
        checked = n == 2 and mechanism.eps == safe_eps(replace(scope, players=n))[0]
        for values, partition, found in solved(mechanism, scope, [alone(n)], watch):
            contexts += 1
            right = opening_fits(found, values, partition) and found.one_later
            if not right or (outcome and not promise_kept(mechanism, found, values)):
                return _unsafe(mechanism, values, partition, found, covered)
            if checked and 0 < sum(map(sum, values)) <= 2:
                context = context_of(mechanism.setting, values, partition)
                accepted += certified(mechanism, context, scope.announcements)
    return holds(
        "the truthful profile is the only subgame-perfect equilibrium (without any welfare, whatever state player 1 "
        "names at prices 0)" + ("; welfare, revenue and utilities are as promised" if outcome else ""),
        range=covered,
        evidence=Evidence({"contexts": contexts}, {"equilibria checked move by move": accepted}),
    )


def _unsafe(
    mechanism: PerfectRevenue, values: tuple[Values, ...], partition: Partition, found: Joined, covered: str
) -> Verdict:
    context = context_of(mechanism.setting, values, partition)
    played = truthful_opening(values, partition)
    better = next((one for one in found.openings if one != played), played)
    space = mechanism.openings
    cases = {
        "improved": line(mechanism, context, (), (OPENING, 0, space, better), title="the best opening"),
        "truthful": line(mechanism, context, (), (OPENING, 0, space, played), title="the truthful opening"),
    }
    gains = Relation(Figure("improved", "utility", (0,)), ">", Figure("truthful", "utility", (0,)))
    why = (
        f"another opening is best: {space.describe(better)} (values: {values_in_words(context)}; {in_words(mechanism)})"
    )
    return fails(why, range=covered, counterexample=Counterexample(cases, (gains,)))


@L3.reading("announcements capped", repair=CAP,
            quick=Scope(players=2, values=(0, 2), states=2, announcements=2),
            standard=Scope(players=3, values=(0, 2), states=2, announcements=2))  # fmt: skip
def openings_capped(scope: Scope, watch: Watch) -> Verdict:
    """Under the cap V, with eps = 1/(10·n·V) and a hundredth of it, the truthful opening is player 1's only best one,
    rational play following; where nothing is worth anything he may name any state at prices 0."""
    return capped(scope, watch, outcome=False)


@T1.reading("announcements capped", repair=CAP,
            quick=Scope(players=2, values=(0, 2), states=2, announcements=2),
            standard=Scope(players=3, values=(0, 3), states=2, announcements=3))  # fmt: skip
def theorem_capped(scope: Scope, watch: Watch) -> Verdict:
    """Under the cap V, with eps = 1/(10·n·V) and a hundredth of it, every game without collusion has the truthful
    profile as its only subgame-perfect equilibrium (where nothing is worth anything: the only equilibrium outcome), and
    welfare, revenue and utilities are as promised."""
    return capped(scope, watch, outcome=True)


CLAIMS: tuple[Claim, ...] = (L1, L2, L3, T1)
