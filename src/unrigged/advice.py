"""Advice: what an agent rationally announces at the current decision, what it brings, and what is known about it.

Expected utilities are exact: the agent plays on by the reading in question, everybody else as the scenario says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.context_check import check_context
from unrigged.errors import BudgetExceeded, InputError
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.answer import NO, YES, Answer, YesNo
from unrigged.moves.base import Move
from unrigged.outcome import Outcome
from unrigged.play import choose, event_of, outcomes, pure_profiles
from unrigged.protocol import Chance, Decision, Event, History, after, settle
from unrigged.scenario import Plan, Scenario
from unrigged.searches import Search
from unrigged.setting import braced
from unrigged.strategies.base import Mixed, Notes, Profile, Strategy
from unrigged.strategies.registry import RATIONAL, rational
from unrigged.winners import Progress

MOST_TURNS = 24
"""At most that many ways to the agent's next decision are advised on."""

MOST_PLAYS = 100_000
"""Expected utilities are computed over at most that many ways the play can go on."""

MOST_ANSWERS = 3
"""Up to that many members who answer, all their joint answers are compared; of more, one changed answer at a time."""


@dataclass(frozen=True)
class Announced:
    """What one member is to announce: the move, in words (after his name) and as JSON."""

    player: int
    move: Move
    words: str
    data: Any


@dataclass(frozen=True)
class Expected:
    """Exact expected utilities of the agent's members, in their order, and their sum."""

    utilities: tuple[Fraction, ...]
    joint: Fraction


@dataclass(frozen=True)
class Choice:
    """One thing to do: everybody's announcement, and what it brings.

    `readings`: the readings of rational play that say so, with what each means; for anything else, what it is.
    `expected`: None where it was not computed (the advice's notes say why).
    """

    readings: tuple[tuple[str, str], ...]
    moves: tuple[Announced, ...]
    expected: Expected | None


@dataclass(frozen=True)
class Turn:
    """A decision of the agent: the next one, on one of the ways that lead to it.

    `assumed`: what happens before it from now on, coins and others' moves; `probability`: how likely that is.
    `mechanism`: the one being played there (of a mixture, the one that a coin has chosen). `choices`: by every
    reading of rational play, the mechanism's own first. `others`: the other answers to a question, or silence.
    """

    label: str
    mechanism: Mechanism
    history: History
    assumed: History
    probability: Fraction
    choices: tuple[Choice, ...]
    others: tuple[Choice, ...]
    notes: Notes

    @property
    def best(self) -> Fraction | None:
        """The greatest joint expected utility of all that was compared."""
        found = [each.expected.joint for each in (*self.choices, *self.others) if each.expected is not None]
        return max(found, default=None)

    def indifferent(self, to: Choice) -> tuple[Choice, ...]:
        """Everything else that was compared and brings exactly as much as `to`."""
        if to.expected is None:
            return ()
        compared = (each for each in (*self.choices, *self.others) if each is not to)
        return tuple(each for each in compared if each.expected and each.expected.joint == to.expected.joint)


@dataclass(frozen=True)
class Advice:
    """What `agent` should know before its next move.

    `turns`: its next decision, on every way to it; empty where it has nothing more to decide. `expected`: what it can
    expect from now on if it plays by the first reading. `searches`: what its announcements were found by; `notes`:
    what was assumed or left out.
    """

    scenario: Scenario
    agent: Coalition
    history: History
    turns: tuple[Turn, ...]
    expected: Expected | None
    searches: tuple[Search, ...]
    notes: tuple[str, ...]

    @property
    def proved(self) -> bool:
        """Whether every search behind the announcements was finished."""
        return all(search.found.optimal for search in self.searches)


def agent_named(scenario: Scenario, names: Iterable[str], where: str = "agent") -> Coalition:
    """The players called `names`, ascending; InputError for an unknown name, one given twice, or none."""
    found: list[int] = []
    for name in names:
        player = scenario.setting.player(name, where)
        if player in found:
            raise InputError(where, f"'{name}' twice", "every player once")
        found.append(player)
    if not found:
        raise InputError(where, "nobody", "one player or more")
    return tuple(sorted(found))


def regrouped(scenario: Scenario, agent: Coalition) -> tuple[Scenario, tuple[str, ...]]:
    """`scenario` with `agent` as one of its coalitions, and a note saying so where it was none.

    The rest of a coalition that `agent` leaves stays together and plays as the coalition was to play. InputError where
    the scenario has no types, or the mechanism excludes such coalitions.
    """
    context = scenario.context
    if context is None:
        raise InputError("types", "none", "types: without them nobody knows what is good for a player")
    if agent in context.coalitions:
        return scenario, ()
    rest = {block: tuple(player for player in block if player not in agent) for block in context.coalitions}
    blocks = (agent, *(left for left in rest.values() if left))
    new = Context(context.setting, context.types, context.knowledge, blocks)
    check_context(scenario.mechanism, new)
    plans = {rest[block]: plan for block, plan in scenario.plans if rest[block]}
    changed = replace(scenario, context=new, plans=((agent, Plan()), *plans.items()))
    return changed, (_regrouping(context, agent, rest),)


def _regrouping(context: Context, agent: Coalition, rest: Mapping[Coalition, Coalition]) -> str:
    def named(players: Iterable[int]) -> str:
        return braced(context.setting.players[player] for player in players)

    words = f"{named(agent)} is no coalition of the file, and is taken to act as one"
    for block, left in rest.items():
        if len(block) > 1 and left != block:
            words += f"; {named(block)} is taken to have broken up"
            words += f", {named(left)} going on in its place" if left else ""
    return words


def advise(
    scenario: Scenario,
    agent: Iterable[int],
    *,
    limit: float | None = None,
    history: History = (),
    progress: Progress | None = None,
) -> Advice:
    """What `agent` rationally announces at its next decision after `history`, and everything known about it.

    `limit`: seconds for the searches behind each reading of its own play, and as many for all that the others play;
    what is not proved by then says so (0: the first thing found). `progress`: told about long searches; where it is
    given, Ctrl-C ends them with the best found so far, and the advice is given by that.
    Raises InputError where the scenario has no types, `agent` is nobody, or `history` does not fit or is at its end.
    """
    members = tuple(sorted(set(agent)))
    if not members or any(player not in scenario.setting.everyone for player in members):
        raise InputError("agent", f"players {list(members)}", f"players from 0 to {scenario.setting.n - 1}")
    scenario, notes = regrouped(scenario, members)
    if isinstance(after(scenario.mechanism, history)[0], Outcome):
        raise InputError("transcript", "a play that is over", "one that goes on", "leave out the last events")
    return _Advisor(scenario, members, limit, history, progress).advice(notes)


class _Advisor:
    """One advice in the making."""

    def __init__(
        self, scenario: Scenario, agent: Coalition, limit: float | None, history: History, progress: Progress | None
    ) -> None:
        assert scenario.context is not None
        self.scenario, self.agent, self.limit, self.history = scenario, agent, limit, history
        self.context = scenario.context
        self.mechanism = scenario.mechanism
        self.benchmarks = Benchmarks(self.context, limit=limit, progress=progress)
        self.notes: list[str] = []
        self.own: list[Search] = []
        self.strategies = list(self._strategies())
        profile = dict(scenario.profile(benchmarks=self.benchmarks))
        profile.pop(agent)
        self.others: Profile = profile

    def _strategies(self) -> Iterator[tuple[tuple[str, str], Strategy]]:
        """Every reading of the agent's rational play, with its words."""
        for name, words in RATIONAL[self.mechanism.name].READINGS.items():
            found = rational(self.mechanism, self.benchmarks, self.agent, name)
            if isinstance(found, Mixed):
                for chance, pure in found.actions:
                    yield (name, f"{words} (with probability {chance})"), pure
            else:
                yield (name, words), found

    def advice(self, notes: tuple[str, ...]) -> Advice:
        turns: list[Turn] = []
        expected, interrupted = None, False
        try:
            for way in self._turns():
                turns.append(self._drafted(way))  # noqa: PERF401  # what is there when Ctrl-C comes counts
            for position, turn in enumerate(turns):
                turns[position] = self._compared(turn)
            expected = self._from_now(turns)
        except KeyboardInterrupt:
            if not turns:
                raise
            interrupted = True
        if interrupted or self.benchmarks.stopped:
            self.notes.append("interrupted: what had been found by then")
        mine = {id(search) for search in self.own}
        if any(not search.found.optimal for search in self.benchmarks.searches if id(search) not in mine):
            self.notes.append("what the others will announce is not proved best for them, so they may do otherwise")
        everything = (*notes, *self.scenario.notes, *dict.fromkeys(self.notes))
        return Advice(self.scenario, self.agent, self.history, tuple(turns), expected, tuple(self.own), everything)

    # The next decisions of the agent

    def _turns(self) -> list[tuple[Decision, History, Fraction]]:
        """The agent's next decisions, each with its history and its probability; in the order they are come to."""
        profile = {self.agent: self.strategies[0][1], **self.others}
        found: dict[History, tuple[Decision, History, Fraction]] = {}
        for chance, pure in pure_profiles(self.mechanism, profile, self.history):
            for decision, history, likely in self._ways(pure, chance):
                before = found[history][2] if history in found else Fraction(0)
                found[history] = (decision, history, before + likely)
                if len(found) > MOST_TURNS:
                    self.notes.append(f"only the first {MOST_TURNS} ways to the next decision are advised on")
                    return list(found.values())[:MOST_TURNS]
        return list(found.values())

    def _ways(
        self, profile: Sequence[tuple[Coalition, Strategy]], chance: Fraction
    ) -> Iterator[tuple[Decision, History, Fraction]]:
        waiting = [(after(self.mechanism, self.history)[0], self.history, chance)]
        while waiting:
            position, history, likely = waiting.pop()
            if isinstance(position, Chance):
                for branch in reversed(position.branches):
                    longer = (*history, Event(position.label, side=branch.name))
                    waiting.append((settle(branch.then())[0], longer, likely * branch.probability))
            elif isinstance(position, Decision):
                if any(player in self.agent for player, _ in position.actors):
                    yield position, history, likely
                else:
                    self.benchmarks.within(self.limit)
                    moves = choose(position, profile, history)
                    waiting.append((settle(position.after(moves))[0], (*history, event_of(position, moves)), likely))

    # What to do there

    def _drafted(self, way: tuple[Decision, History, Fraction]) -> Turn:
        """The turn with the moves of every reading, nothing compared yet."""
        decision, history, likely = way
        movers = tuple(player for player, _ in decision.actors if player in self.agent)
        choices = []
        for position, (reading, strategy) in enumerate(self.strategies):
            self.benchmarks.within(self.limit)
            seen = len(self.benchmarks.searches)
            try:
                moves = strategy.moves(decision, movers, history)
            except KeyboardInterrupt:
                if not position:
                    raise
                self.benchmarks.stopped = True
                break
            self.own.extend(self.benchmarks.searches[seen:])
            choices.append(self._choice((reading,), decision, moves))
        compared = _other_moves(decision, movers, choices[0])
        others = [self._choice((what,), decision, moves) for what, moves in compared]
        mechanism = decision.then.mechanism
        return Turn(
            decision.label, mechanism, history, history[len(self.history) :], likely,
            tuple(choices), tuple(others), RATIONAL[mechanism.name].NOTES,
        )  # fmt: skip

    def _choice(self, readings: tuple[tuple[str, str], ...], decision: Decision, moves: Mapping[int, Move]) -> Choice:
        announced = []
        for player, move in moves.items():
            space = decision.space(player)
            assert space is not None
            announced.append(Announced(player, move, space.describe(move), space.encode(move)))
        return Choice(readings, tuple(announced), None)

    def _compared(self, turn: Turn) -> Turn:
        """The turn with expected utilities; readings that come to the same are one choice."""
        merged: list[Choice] = []
        for choice, (_, strategy) in zip(turn.choices, self.strategies, strict=False):
            valued = replace(choice, expected=self._expected(turn, choice, strategy))
            same = next((k for k, each in enumerate(merged) if _alike(each, valued)), None)
            if same is None:
                merged.append(valued)
            else:
                merged[same] = replace(merged[same], readings=merged[same].readings + valued.readings)
        first = self.strategies[0][1]
        others = tuple(replace(each, expected=self._expected(turn, each, first)) for each in turn.others)
        different = tuple(each for each in others if all(each.moves != choice.moves for choice in merged))
        return replace(turn, choices=tuple(merged), others=different)

    def _expected(self, turn: Turn, choice: Choice, strategy: Strategy) -> Expected | None:
        """What the agent can expect there if it makes the moves of `choice` and plays on by `strategy`."""
        moves = {each.player: each.move for each in choice.moves}
        return self._value(_Then(turn.label, len(turn.history), moves, strategy), turn.history)

    def _value(self, strategy: Strategy, history: History) -> Expected | None:
        self.benchmarks.within(self.limit)
        try:
            spread = outcomes(self.mechanism, {self.agent: strategy, **self.others}, limit=MOST_PLAYS, begun=history)
        except BudgetExceeded as exceeded:
            self.notes.append(f"expected utilities are left out: {exceeded}")
            return None
        utilities = tuple(spread.utility(self.context, player) for player in self.agent)
        return Expected(utilities, sum(utilities, Fraction(0)))

    def _from_now(self, turns: Sequence[Turn]) -> Expected | None:
        if len(turns) == 1 and turns[0].probability == 1:
            return turns[0].choices[0].expected
        return self._value(self.strategies[0][1], self.history)


@dataclass(frozen=True)
class _Then(Strategy):
    """Makes `first` at one decision, and plays on by `strategy`."""

    label: str
    events: int
    first: Mapping[int, Move]
    strategy: Strategy

    def moves(self, decision: Decision, movers: Coalition, history: History) -> Mapping[int, Move]:
        if decision.label == self.label and len(history) == self.events:
            return self.first
        return self.strategy.moves(decision, movers, history)


def _alike(first: Choice, second: Choice) -> bool:
    return first.moves == second.moves and first.expected == second.expected


def _other_moves(
    decision: Decision, movers: Coalition, choice: Choice
) -> Iterator[tuple[tuple[str, str], Mapping[int, Move]]]:
    """What to compare with: the other answers where all are asked YES or NO, otherwise silence."""
    spaces = {player: decision.space(player) for player in movers}
    if not all(isinstance(space, YesNo) for space in spaces.values()):
        yield ("silence", "say nothing"), {player: space.default for player, space in spaces.items() if space}
        return
    answers: dict[int, Answer] = {each.player: each.move for each in choice.moves}
    what = ("other answer", "answer otherwise")
    if len(movers) <= MOST_ANSWERS:
        for joint in product((YES, NO), repeat=len(movers)):
            other = dict(zip(movers, joint, strict=True))
            if other != answers:
                yield what, other
    else:
        for player in movers:
            yield what, {**answers, player: NO if answers[player] is YES else YES}
