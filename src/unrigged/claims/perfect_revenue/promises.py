"""What perfect-revenue is said never to lose, to send and to reveal.

Source: Chen, Hassidim and Micali 2010, section 3 (comment on step g), sections 6 and 7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product

from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.perfect_revenue.games import (
    OPENING,
    Announcing,
    alone,
    context_of,
    greatest_total,
    in_words,
    line,
    mechanism_of,
    nontrivial,
    printed_eps,
    profiles_of,
    rates,
    safe_eps,
    up_to,
    values_in_words,
)
from unrigged.claims.perfect_revenue.without_collusion import CAP, safe_mechanisms, solved
from unrigged.context import Context
from unrigged.exact import written
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.outcome import Outcome
from unrigged.play import Play, outcomes
from unrigged.protocol import Chance, Event, History, Pay, Position, Then
from unrigged.verdict import Verdict, fails, holds, undecided

PAPER = "paper 001 (Chen, Hassidim and Micali 2010)"

NO_LOSS = Claim(
    "perfect-revenue.no-loss",
    source=f"{PAPER}, section 3, comment on step g",
    wording="The mechanism never loses money, although single prices may be negative.",
)
BITS = Claim(
    "perfect-revenue.bits",
    source=f"{PAPER}, section 6",
    wording="At the equilibrium the players send as many bits as it takes to describe an outcome, and 2n - 1 more.",
)
PRIVATE = Claim(
    "perfect-revenue.private",
    source=f"{PAPER}, section 7",
    wording="The history at the equilibrium can be computed from the outcome alone.",
)


@dataclass
class Least:
    """The least revenue over all plays of the grid, rational or not: in expectation over the coins still to come once
    all moves are made, or in single outcomes; and the moves that lead to it."""

    grid: Announcing
    watch: Watch
    single: bool
    known: dict[Then, tuple[Fraction, History]] = field(default_factory=dict)
    positions: int = 0

    def after(self, then: Then) -> tuple[Fraction, History]:
        if then not in self.known:
            self.known[then] = self.at(then())
        return self.known[then]

    def at(self, position: Position) -> tuple[Fraction, History]:
        """The least revenue from `position` on, and the moves and sides that follow."""
        self.positions += 1
        self.watch.step("positions", self.positions)
        if isinstance(position, Outcome):
            return Fraction(position.revenue), ()
        if isinstance(position, Pay):
            least, moves = self.after(position.then)
            return least + sum(position.prices), moves
        if isinstance(position, Chance):
            return self.coin(position)
        ((player, space),) = position.actors
        found = []
        for move in self.grid(space):
            least, moves = self.at(position.then((move,)))
            found.append((least, (Event(position.label, ((player, move),)), *moves)))
        return min(found, key=lambda one: one[0])

    def coin(self, position: Chance) -> tuple[Fraction, History]:
        sides = [(branch, *self.after(branch.then)) for branch in position.branches]
        if self.single:
            branch, least, moves = min(sides, key=lambda side: side[1])
            return least, (Event(position.label, side=branch.name), *moves)
        return sum((branch.probability * least for branch, least, _ in sides), Fraction(0)), ()


def loss(mechanism: PerfectRevenue, moves: History, least: Fraction, covered: str, *, single: bool) -> Verdict:
    """The claim fails: that play, by players who value nothing."""
    n = mechanism.setting.n
    context = context_of(mechanism.setting, [(0,) * n], alone(n))
    played = tuple(event for event in moves if event.moves)
    scenario = line(mechanism, context, played, title="a play that costs the house money")
    measure = "least revenue" if single else "revenue"
    relation = Relation(Figure("loss", measure), "<", 0)
    when = "in one outcome" if single else "in expectation"
    opening = played[0].moves[0][1]
    prices = ", ".join(map(str, opening.prices))
    why = (
        f"after the opening ({prices}), {when}, the house is left with {written(least)}: rewards are paid in every "
        f"branch, also where the null state is chosen and nobody is fined ({in_words(mechanism)})"
    )
    return fails(why, range=covered, counterexample=Counterexample({"loss": scenario}, (relation,)))


def never_lost(scope: Scope, watch: Watch, mechanisms: Iterator[PerfectRevenue], *, single: bool) -> Verdict:
    """Whether the least revenue over all plays is at least 0."""
    covered = f"all moves, rational or not, announcements up to {scope.announcements}, one state"
    positions, lowest = 0, None
    for mechanism in mechanisms:
        walk = Least(up_to(mechanism.limit or 0), watch, single)
        least, moves = walk.at(mechanism.start())
        positions += walk.positions
        if least < 0:
            return loss(mechanism, moves, least, covered, single=single)
        lowest = least if lowest is None else min(lowest, least)
    return holds("no play costs the house money", range=covered, evidence=Evidence({"positions": positions}))


@NO_LOSS.reading(quick=Scope(players=2, announcements=1), standard=Scope(players=2, announcements=2))
def no_loss(scope: Scope, watch: Watch) -> Verdict:
    """In no outcome of any play, whatever is announced and whatever the coins show, is the sum of all prices
    negative."""
    return never_lost(scope, watch, growing(scope), single=True)


def growing(scope: Scope) -> Iterator[PerfectRevenue]:
    """Printed eps under caps that grow up to the announcements of the range, for two players and on."""
    for players in range(2, scope.players + 1):
        for cap in range(1, scope.announcements + 1):
            some = replace(scope, players=players, announcements=cap)
            for eps in printed_eps(some):
                yield mechanism_of(some, eps=eps)


@NO_LOSS.reading("in expectation", quick=Scope(players=2, announcements=11, parameters={"eps": Fraction(100, 1001)}),
                 standard=Scope(players=2, announcements=14))  # fmt: skip
def no_expected_loss(scope: Scope, watch: Watch) -> Verdict:
    """Whatever the players do, the sum of all prices is not negative in expectation over the coins; announcements have
    no bound in print (smaller caps are tried first)."""
    return never_lost(scope, watch, growing(scope), single=False)


@NO_LOSS.reading("in expectation, announcements capped",
                 repair=CAP + "; rewards of no more than eps/n for a unit; and in expectation over the coins",
                 quick=Scope(players=2, announcements=4), standard=Scope(players=3, announcements=2))  # fmt: skip
def no_expected_loss_capped(scope: Scope, watch: Watch) -> Verdict:
    """Under the cap V with eps = 1/(10·n·V) and a hundredth of it, and rewards e[2][1] < eps/n, whatever the players
    do, rational or not, the sum of all prices is not negative in expectation over the coins. (All rewards together are
    then less than 2·eps·n·V + eps·n·V <= 3/10, a fine is 2(1 - eps) or more in expectation. With rewards close to eps
    the n - 1 raisers can earn about n/10 together, and 80 players suffice to lose money.)"""
    return never_lost(scope, watch, frugal_mechanisms(scope), single=False)


def frugal_mechanisms(scope: Scope) -> Iterator[PerfectRevenue]:
    """For every number of players from 2 on, eps = 1/(10·n·V) and a hundredth of that, with rewards below eps/n."""
    for players in range(2, scope.players + 1):
        some = replace(scope, players=players)
        for eps in safe_eps(some):
            for kind in ("high", "low"):
                yield mechanism_of(some, eps=eps, e=rates(players, eps / players, kind))


@NO_LOSS.reading("at the equilibrium", repair=CAP + ", at the equilibrium",
                 quick=Scope(players=2, values=(0, 2), states=2, announcements=2),
                 standard=Scope(players=3, values=(0, 2), states=2, announcements=2))  # fmt: skip
def no_loss_at_equilibrium(scope: Scope, watch: Watch) -> Verdict:
    """Under the cap V with eps = 1/(10·n·V) and a hundredth of it, the equilibria of all contexts without collusion,
    which toss no coin, leave the house a revenue that is not negative."""
    contexts, lowest = 0, None
    covered = "all contexts without collusion in which every value can be announced"
    for mechanism in safe_mechanisms(scope, scope.states, ("low",)):
        for values, _, found in solved(mechanism, scope, [alone(mechanism.setting.n)], watch):
            contexts += 1
            if not found.sure or found.revenue < 0:
                return undecided(f"the revenue {written(found.revenue)} for the values {values}", range=covered)
            lowest = found.revenue if lowest is None else min(lowest, found.revenue)
    return holds("the revenue is not negative", range=covered, evidence=Evidence({"contexts": contexts}))


@dataclass(frozen=True)
class Truth:
    """Truthful play in one context: what happened, and the mechanism."""

    mechanism: PerfectRevenue
    context: Context
    play: Play

    @property
    def opening(self) -> Outcome:
        """What player 1 announced."""
        announced: Outcome = self.play.history[0].moves[0][1]
        return announced


def truthful_plays(scope: Scope, watch: Watch) -> Iterator[Truth]:
    """Truthful play in every context of the range, under every partition short of one block."""
    for players in range(2, scope.players + 1):
        some = replace(scope, players=players)
        mechanism = mechanism_of(some, scope.states, eps=safe_eps(some)[0])
        for values in product(profiles_of(some), repeat=scope.states):
            for partition in nontrivial(players):
                watch.step("contexts")
                if max(greatest_total(one, partition) for one in values) <= scope.announcements:
                    context = context_of(mechanism.setting, values, partition)
                    (play,) = outcomes(mechanism, line(mechanism, context, ()).profile()).plays
                    yield Truth(mechanism, context, play)


def extra_bits(truth: Truth) -> int:
    """The bits sent beyond those of the outcome that player 1 announces."""
    return truth.play.bits - truth.mechanism.openings.bits(truth.opening)


def bits_compared(scope: Scope, watch: Watch, wrong: Callable[[int, int], bool], why: str) -> Verdict:
    """Looks for truthful play whose bits beyond the outcome's are `wrong`, given the number of players."""
    plays, most = 0, 0
    covered = "truthful play in every context with some welfare, every partition"
    for truth in truthful_plays(scope, watch):
        if not truth.opening.revenue:
            continue
        plays += 1
        extra, n = extra_bits(truth), truth.mechanism.setting.n
        most = max(most, extra - (2 * n - 2))
        if wrong(extra, n):
            promised = truth.mechanism.openings.bits(truth.opening) + 2 * n - 1
            scenario = line(truth.mechanism, truth.context, (), title="truthful play")
            relation = Relation(Figure("truthful", "bits"), "!=", promised)
            found = (
                f"{extra} bits beyond the outcome's instead of {2 * n - 1}, for n = {n}: one for each of the n - 1 "
                f"vectors without a raise, and one for everybody who is asked; player 1, whose price nobody has "
                f"raised, is not, nor is who pays 0 (values: {values_in_words(truth.context)})"
            )
            return fails(found, range=covered, counterexample=Counterexample({"truthful": scenario}, (relation,)))
    return holds(why, range=covered, evidence=Evidence({"plays": plays}, {}, {"most bits beyond 2n - 2": most}))


@BITS.reading(quick=Scope(players=2, values=(0, 1), states=2, announcements=2),
              standard=Scope(players=3, values=(0, 1), states=2, announcements=2))  # fmt: skip
def bits_exactly(scope: Scope, watch: Watch) -> Verdict:
    """In every context with some welfare, truthful play sends exactly the bits of the announced outcome and 2n - 1
    more: one for a vector without raises, one for an answer."""
    return bits_compared(scope, watch, lambda extra, n: extra != 2 * n - 1, "always 2n - 1 bits more")


@BITS.reading("at most", repair="at most instead of exactly; 2n - 2 suffice, as player 1 is not asked",
              quick=Scope(players=2, values=(0, 1), states=2, announcements=2),
              standard=Scope(players=3, values=(0, 2), states=2, announcements=4))  # fmt: skip
def bits_at_most(scope: Scope, watch: Watch) -> Verdict:
    """In every context with some welfare, truthful play sends at most 2n - 2 bits (so less than 2n - 1) beyond those of
    the announced outcome."""
    return bits_compared(scope, watch, lambda extra, n: extra > 2 * n - 2, "never more than 2n - 2 bits more")


@PRIVATE.reading(quick=Scope(players=2, values=(0, 2), states=2, announcements=4),
                 standard=Scope(players=3, values=(0, 2), states=2, announcements=4))  # fmt: skip
def private(scope: Scope, watch: Watch) -> Verdict:
    """Over all contexts of the range, with every partition, truthful plays that end with the same outcome have the same
    history."""
    first: dict[tuple[int, Outcome], Truth] = {}
    contexts = 0
    covered = "truthful play in every context, every partition; equal outcomes compared by their histories"
    for truth in truthful_plays(scope, watch):
        contexts += 1
        known = first.setdefault((truth.mechanism.setting.n, truth.play.outcome), truth)
        if known.play.history != truth.play.history:
            return revealing(known, truth, covered)
    return holds("equal outcomes have equal histories", range=covered,
                 evidence=Evidence({"contexts": contexts, "outcomes": len(first)}))  # fmt: skip


def revealing(one: Truth, other: Truth, covered: str) -> Verdict:
    """Two truthful plays that end alike and tell different things."""
    cases = {name: line(truth.mechanism, truth.context, ()) for name, truth in (("one", one), ("other", other))}
    same = Relation(Figure("one", "likeliest outcome"), "=", Figure("other", "likeliest outcome"))
    differ = Relation(Figure("one", "likeliest history"), "!=", Figure("other", "likeliest history"))
    why = (
        f"for the values {values_in_words(one.context)} and {values_in_words(other.context)} the outcome is the same, "
        "the history is not"
    )
    return fails(why, range=covered, counterexample=Counterexample(cases, (same, differ)))


@PRIVATE.reading("every equilibrium", quick=Scope(players=2, values=(0, 1), states=2, announcements=1),
                 standard=Scope(players=2, values=(0, 2), states=2, announcements=2))  # fmt: skip
def private_every(scope: Scope, watch: Watch) -> Verdict:
    """The same for every subgame-perfect equilibrium under the cap: where nothing is worth anything, player 1 may name
    any state at prices 0, and what he names is in the history and not in the outcome."""
    covered = "every equilibrium of every context without collusion"
    contexts = 0
    for mechanism in safe_mechanisms(scope, scope.states, ("low",)):
        n = mechanism.setting.n
        for values, partition, found in solved(mechanism, scope, [alone(n)], watch):
            contexts += 1
            if len(found.openings) == 1:
                continue
            context = context_of(mechanism.setting, values, partition)
            cases = {
                name: line(mechanism, context, (Event(OPENING, ((0, opening),)),), title=f"{name} best opening")
                for name, opening in zip(("one", "other"), found.openings, strict=False)
            }
            relations = (
                Relation(Figure("one", "utility", (0,)), "=", Figure("other", "utility", (0,))),
                Relation(Figure("one", "likeliest outcome"), "=", Figure("other", "likeliest outcome")),
                Relation(Figure("one", "likeliest history"), "!=", Figure("other", "likeliest history")),
            )
            why = (
                f"with the values {values_in_words(context)} player 1 may open with "
                f"{len(found.openings)} states at prices 0; the outcome is the same, the history is not"
            )
            return fails(why, range=covered, counterexample=Counterexample(cases, relations))
    return holds("one best opening everywhere", range=covered, evidence=Evidence({"contexts": contexts}))


CLAIMS: tuple[Claim, ...] = (NO_LOSS, BITS, PRIVATE)
