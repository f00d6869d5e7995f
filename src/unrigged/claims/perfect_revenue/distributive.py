"""The claim that perfect-revenue extends to players who know of one another only by parts; no extension is printed, so
one is made here, and decided.

Source: Chen, Hassidim and Micali 2010, section 8 (collectively perfect knowledge).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.many_contexts import Chosen, Columns, Expected, Flags, Grid, Induction
from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.perfect_revenue.games import alone, context_of, profiles_of, safe_eps, setting_of, values_in_words
from unrigged.exact import Exact, first_largest, total
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.moves.answer import NO, YES, YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.profiles import Profile, ProfileSpace
from unrigged.outcome import Outcome, free
from unrigged.protocol import Decision, Event, Pay, Position, Then, ask, settle
from unrigged.scenario import Plan, Scenario
from unrigged.transcripts import events_to_json
from unrigged.verdict import Verdict, fails, holds, undecided

DISTRIBUTIVE = Claim(
    "perfect-revenue.distributive",
    source="paper 001 (Chen, Hassidim and Micali 2010), section 8",
    wording="The mechanism can be extended to players such that each one's value of each state is known to at least "
    "one other player, not always to the same; with a small loss of privacy and complexity.",
)

Informed = tuple[tuple[int, ...], ...]
"""For every player and state who last raised his price there; -1 for nobody."""


@dataclass(frozen=True)
class Collected(PerfectRevenue):
    """Prices for all states are collected from everybody in turn; the state of largest sum is put to the vote.

    Steps d to f are those of the printed mechanism. In step g everybody alike gets eps times the sum of the provisional
    prices, which sets everybody on the largest sum that can be shown to be true; there are no rewards for single
    raises, which would make a player prefer the states of which he happens to know more.
    """

    name: ClassVar[str] = "perfect-revenue from distributed knowledge"

    def start(self) -> Position:
        """Step 1: the first of n announcements."""
        states = self.number_of_states
        nothing = ((0,) * states,) * self.setting.n
        nobody = ((-1,) * states,) * self.setting.n
        return self.ask_everything(0, nothing, nobody)

    def ask_everything(self, player: int, prices: Profile, informed: Informed) -> Position:
        """Step 1..n: player i, who sees everything so far, announces for every state an integer >= 0 by which to raise
        the price of every other player."""
        space = ProfileSpace(self.setting, player, self.limit, own=False)
        return ask(f"raise {player + 1}", ((player, space),), Then(self.raise_everything, player, prices, informed))

    def raise_everything(self, player: int, prices: Profile, informed: Informed, announced: tuple[Profile]) -> Position:
        """Step c: the best-informed player about i in a state is the last who raised the price of i there."""
        raised = tuple(
            tuple(price + more for price, more in zip(row, rows, strict=True))
            for row, rows in zip(prices, announced[0], strict=True)
        )
        latest = tuple(
            tuple(player if more else before for before, more in zip(row, rows, strict=True))
            for row, rows in zip(informed, announced[0], strict=True)
        )
        if player + 1 < self.setting.n:
            return self.ask_everything(player + 1, raised, latest)
        return self.choose(raised, latest)

    def choose(self, prices: Profile, informed: Informed) -> Position:
        """Step b: the first state of largest sum; if that is 0, the null state, and that is the end. Everybody's reward
        is certain from now on."""
        sums = [int(total(column)) for column in zip(*prices, strict=True)]
        state = first_largest(sums)
        if sums[state] == 0:
            return Outcome(self.nothing, free(self.setting))
        proposal = Outcome(state, tuple(row[state] for row in prices))
        bips = tuple(row[state] for row in informed)
        share: Exact = -self.eps * sums[state]
        return Pay((share,) * self.setting.n, Then(self.ask_answers, 0, proposal, bips, ()))


Known = tuple[tuple[frozenset[int], ...], ...]
"""For every player and state, who knows what it is worth to him."""


def knowledges(players: int, states: int) -> list[Known]:
    """Every assignment of each value to exactly one other player who knows it; and that in which all know all."""
    others = [[frozenset({who}) for who in range(players) if who != player] for player in range(players)]
    rows = [list(product(others[player], repeat=states)) for player in range(players)]
    everybody = tuple((frozenset(range(players)) - {player},) * states for player in range(players))
    return [*product(*rows), everybody]


@dataclass(frozen=True)
class Informants:
    """Contexts side by side, with what is known to whom; and the profile in which everybody raises what he knows to be
    too low, and votes truthfully."""

    columns: Columns
    known: tuple[Known, ...]

    def __call__(self, decision: Decision, player: int, space: MoveSpace, moves: Sequence[Move]) -> NDArray[np.int64]:
        if isinstance(space, YesNo):
            rows, _ = self.columns.worth(space.proposal.result)
            return np.where(rows[player] >= space.proposal.prices[player], moves.index(YES), moves.index(NO))
        number = {move: place for place, move in enumerate(moves)}
        prices = decision.then.arguments[1]
        return np.array([number.get(self.raised(column, player, prices), -1) for column in range(len(self.known))])

    @cached_property
    def truth(self) -> list[Profile]:
        """Everybody's values of the states, in every context."""
        return [
            tuple(tuple(int(value) for value in one.values) for one in context.types)  # type: ignore[union-attr]
            for context in self.columns.contexts
        ]

    def raised(self, column: int, player: int, prices: Profile) -> Profile:
        """What that player raises by, in that context."""
        truth, known = self.truth[column], self.known[column]
        return tuple(
            tuple(
                max(0, truth[other][state] - price) if player in known[other][state] else 0
                for state, price in enumerate(row)
            )
            for other, row in enumerate(prices)
        )

    def so_far(self, column: int, player: int) -> Profile:
        """The prices that the profile leads to before it is that player's turn."""
        truth, known = self.truth[column], self.known[column]
        return tuple(
            tuple(value if min(known[other][state]) < player else 0 for state, value in enumerate(row))
            for other, row in enumerate(truth)
        )

    def tempting(self, chosen: Chosen, *, deviated: bool) -> Flags:
        """Where another move is better than that of the profile: any vote; any raise, while the profile has been
        followed, or (`deviated`) one that is based on what the player knows, where others have left prices too low."""
        own = chosen.gains[chosen.taken, np.arange(len(self.known))]
        better = chosen.gains > own
        if isinstance(chosen.space, ProfileSpace):
            prices = chosen.decision.then.arguments[1]
            for column in np.flatnonzero(better.any(axis=0)):
                followed = prices == self.so_far(int(column), chosen.player)
                if deviated == followed or self.too_high(int(column), prices):
                    better[:, column] = False
                elif deviated:
                    for place in np.flatnonzero(better[:, column]):
                        better[place, column] = self.knows(int(column), chosen.player, chosen.moves[int(place)])
        elif deviated:
            better[:] = False
        return np.asarray(better.any(axis=0))

    def too_high(self, column: int, prices: Profile) -> bool:
        """Whether some price is above the value."""
        pairs = zip(prices, self.truth[column], strict=True)
        return any(price > value for row, values in pairs for price, value in zip(row, values, strict=True))

    def knows(self, column: int, player: int, move: Profile) -> bool:
        """Whether the player knows the value behind every price that he raises."""
        return all(
            not more or player in self.known[column][other][state]
            for other, row in enumerate(move)
            for state, more in enumerate(row)
        )


def collected(scope: Scope, players: int) -> Iterator[Collected]:
    """The extension for so many players, with eps = 1/(10·n·V) and a hundredth of it."""
    some = replace(scope, players=players)
    for eps in safe_eps(some):
        yield Collected(setting_of(some, scope.states), cap=scope.announcements, eps=eps)


def side_by_side(scope: Scope, mechanism: Collected, *, everything: bool = False) -> Informants:
    """Every context of the range with every assignment of knowledge, or that alone in which all know `everything`."""
    n = mechanism.setting.n
    pairs = [
        (context_of(mechanism.setting, values, alone(n)), known)
        for values in product(profiles_of(scope, n), repeat=scope.states)
        for known in knowledges(n, scope.states)[-1 if everything else 0 :]
    ]
    return Informants(Columns(tuple(context for context, _ in pairs)), tuple(known for _, known in pairs))


@dataclass
class Temptations:
    """Told of every decision; keeps the first at which somebody gains by another move than the profile's."""

    informants: Informants
    watch: Watch
    deviated: bool
    found: tuple[Chosen, int] | None = None

    def __call__(self, chosen: Chosen) -> None:
        self.watch.step("decisions")
        if self.found is None:
            tempted = self.informants.tempting(chosen, deviated=self.deviated)
            if tempted.any():
                self.found = chosen, int(np.argmax(tempted))


def walked(
    mechanism: Collected, informants: Informants, scope: Scope, watch: Watch, *, deviated: bool
) -> tuple[Induction, Expected, Temptations]:
    """The profile checked in all contexts with all assignments of knowledge."""
    temptations = Temptations(informants, watch, deviated)
    induction = Induction(mechanism, informants.columns, _small(scope.announcements), profile=informants,
                          seen=temptations, remembered=lambda then: then.step == "ask_answers")  # fmt: skip
    return induction, induction.run(), temptations


@DISTRIBUTIVE.reading(quick=Scope(players=2, states=2, values=(0, 1), announcements=1),
                      standard=Scope(players=2, states=2, values=(0, 2), announcements=2))  # fmt: skip
def distributive(scope: Scope, watch: Watch) -> Verdict:
    """The claim is that there is an extension; one of our own is put to the test (it is described in the next
    reading). It passes if it reaches welfare, revenue and utilities at an equilibrium with only a small loss of
    privacy: at least no history of truthful play may single out the values of all players for all states where its
    outcome leaves several possible. If it does not pass, the claim is undecided, since another extension may."""
    covered = f"2 to {scope.players} players, {scope.states} states, all raises up to {scope.announcements}, small eps"
    reached = at_an_equilibrium(scope, watch)
    if reached.status != "holds":
        return undecided(f"the extension that was tried does not do: {reached.why}", range=covered)
    singled = most = 0
    for players in range(2, scope.players + 1):
        mechanism = next(collected(scope, players))
        for histories in truthful_plays(mechanism, side_by_side(scope, mechanism)).values():
            watch.step("outcomes")
            possible = set[Profile]().union(*histories.values())
            told = [history for history, truths in histories.items() if len(truths) == 1]
            if len(possible) > 1 and told:
                singled += len(told)
                most = max(most, len(possible))
    if singled:
        return undecided(
            f"the extension that was tried keeps welfare and revenue at an equilibrium, but not privacy: {singled} "
            f"histories of truthful play tell everybody's value of every state, where the outcome leaves up to {most} "
            "type profiles possible; no other extension is written out",
            range=covered,
        )
    return holds(f"{reached.why}, and no history tells everything", range=covered, evidence=reached.evidence)


Told = tuple[Move, ...]
"""All that is said in a play, in order; the labels and the players follow from it."""


def truthful_plays(mechanism: Collected, informants: Informants) -> dict[Outcome, dict[Told, set[Profile]]]:
    """For every outcome of truthful play what is said on the way, and for each of these the type profiles that lead to
    it."""
    found: dict[Outcome, dict[Told, set[Profile]]] = {}
    for column, truth in enumerate(informants.truth):
        said: list[Move] = []
        position, paid = settle(mechanism.start())
        while isinstance(position, Decision):
            ((player, space),) = position.actors
            if isinstance(space, YesNo):
                willing = truth[player][space.proposal.state] >= space.proposal.prices[player]
                said.append(YES if willing else NO)
            else:
                said.append(informants.raised(column, player, position.then.arguments[1]))
            position, paid = settle(position.then((said[-1],)), paid)
        assert isinstance(position, Outcome), "truthful play tosses no coin"
        found.setdefault(position, {}).setdefault(tuple(said), set()).add(truth)
    return found


@DISTRIBUTIVE.reading("an equilibrium, values of all states revealed",
                      repair="an equilibrium, not necessarily the only one; and prices of all states are announced",
                      quick=Scope(players=2, states=2, values=(0, 1), announcements=2),
                      standard=Scope(players=3, states=2, values=(0, 1), announcements=1))  # fmt: skip
def at_an_equilibrium(scope: Scope, watch: Watch) -> Verdict:
    """An extension of our own: everybody in turn raises the prices of all others in all states, the state of largest
    sum is voted on as printed, and everybody gets eps times that sum. Decided, without collusion, for every assignment
    of what is known to whom (each value to one other player, or to all): raising what one knows to be too low and
    voting truthfully reaches MSW and the printed revenue with no utility below 0, and while it is followed nobody gains
    by any other move, even if he knew all types; votes are always strictly best. This is an equilibrium whatever the
    players know, not a unique subgame-perfect one; and it reveals values of all states, which is no small loss of
    privacy."""
    covered = f"2 to {scope.players} players, {scope.states} states, all raises up to {scope.announcements}, small eps"
    games = decisions = 0
    for players in range(2, scope.players + 1):
        for mechanism in collected(scope, players):
            informants = side_by_side(scope, mechanism)
            induction, found, temptations = walked(mechanism, informants, scope, watch, deviated=False)
            wrong = broken(mechanism, informants, found)
            if temptations.found is not None:
                return tempted(mechanism, induction, temptations.found, covered)
            if wrong:
                return fails(wrong, range=covered)
            games += len(informants.known)
            decisions += induction.decisions
    return holds(
        "this extension reaches MSW and a revenue of at least (1 - 3·eps·n)·MSW at an equilibrium that asks of nobody "
        "more than he knows",
        range=covered,
        evidence=Evidence({"contexts with knowledge": games, "decisions": decisions}),
    )


@DISTRIBUTIVE.reading("perfect after deviations", quick=Scope(players=2, states=2, values=(0, 1), announcements=1),
                      standard=Scope(players=2, states=2, values=(0, 2), announcements=2))  # fmt: skip
def perfect(scope: Scope, watch: Watch) -> Verdict:
    """In the same extension, where others have left prices too low (and none is too high), nobody gains by another
    raise of prices behind which he knows the value."""
    covered = f"2 to {scope.players} players, {scope.states} states, all raises up to {scope.announcements}, small eps"
    decisions = 0
    for players in range(2, scope.players + 1):
        for mechanism in collected(scope, players):
            informants = side_by_side(scope, mechanism)
            induction, _, temptations = walked(mechanism, informants, scope, watch, deviated=True)
            if temptations.found is not None:
                return tempted(mechanism, induction, temptations.found, covered)
            decisions += induction.decisions
    return holds("the profile is best there too", range=covered, evidence=Evidence({"decisions": decisions}))


def tempted(mechanism: Collected, induction: Induction, found: tuple[Chosen, int], covered: str) -> Verdict:
    """The claim fails: the two plays side by side."""
    chosen, column = found
    context = induction.columns.contexts[column]
    cases = {}
    for name, move in (("tempted", chosen.best(column)), ("profile", chosen.moves[int(chosen.taken[column])])):
        begun = (*chosen.history, Event(chosen.decision.label, ((chosen.player, move),)))
        history = induction.path(column, begun)
        script: dict[str, dict[str, Any]] = {
            event["label"]: dict(event["moves"]) for event in events_to_json(mechanism, history) if "moves" in event
        }
        silent = tuple((agent, Plan("silent")) for agent in context.coalitions)
        cases[name] = Scenario(mechanism, context, name, plans=silent, moves=script)
    own = (chosen.player,)
    gain = Relation(Figure("tempted", "utility", own), ">", Figure("profile", "utility", own))
    who = context.setting.players[chosen.player]
    why = (
        f"at '{chosen.decision.label}' {who} gains by another raise than that of all he knows to be too low: others "
        f"have left his own price too low in one state, and he steers towards it (values: {values_in_words(context)})"
    )
    return fails(why, range=covered, counterexample=Counterexample(cases, (gain,)))


@DISTRIBUTIVE.reading("types known to all", quick=Scope(players=2, states=2, values=(0, 1), announcements=1),
                      standard=Scope(players=2, states=2, values=(0, 2), announcements=4))  # fmt: skip
def known_to_all(scope: Scope, watch: Watch) -> Verdict:
    """In the same extension, where everybody happens to know all types: every subgame-perfect equilibrium has the same
    payoffs, a welfare of MSW, the printed revenue, and no utility below 0."""
    covered = f"2 to {scope.players} players, {scope.states} states, all raises up to {scope.announcements}, small eps"
    contexts = 0
    for players in range(2, scope.players + 1):
        for mechanism in collected(scope, players):
            informants = side_by_side(scope, mechanism, everything=True)
            induction = Induction(mechanism, informants.columns, _small(scope.announcements),
                                  seen=lambda chosen: watch.step("decisions"),
                                  remembered=lambda then: then.step == "ask_answers")  # fmt: skip
            found = induction.run()
            wrong = broken(mechanism, informants, found)
            if wrong:
                return fails(wrong, range=covered)
            if not found.sure.all():
                return undecided("some equilibria may have other payoffs", range=covered)
            contexts += len(informants.known)
    return holds("all subgame-perfect equilibria reach MSW and the printed revenue", range=covered,
                 evidence=Evidence({"contexts": contexts}))  # fmt: skip


def _small(most: int) -> Grid:
    return lambda space: tuple(space.grid(most))


def broken(mechanism: Collected, informants: Informants, found: Expected) -> str:
    """In which context welfare, revenue or utilities are not as promised; empty where there is none."""
    n = mechanism.setting.n
    for column, truth in enumerate(informants.truth):
        msw = max(sum(values) for values in zip(*truth, strict=True))
        utilities = [found.of(player, column) for player in range(n)]
        welfare = found.of(n, column)
        bound = (1 - 3 * mechanism.eps * n) * msw
        if welfare != msw or welfare - sum(utilities, Fraction(0)) < bound or min(utilities) < 0:
            return f"for the values {truth} the welfare is {welfare} and the utilities are {utilities}"
    return ""


CLAIMS: tuple[Claim, ...] = (DISTRIBUTIVE,)
