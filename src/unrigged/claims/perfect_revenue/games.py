"""What the claims on perfect-revenue share: contexts, parameters, the truthful profile in many contexts at once, and
the smallest decision at which it can be improved on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.coalitions import partitions
from unrigged.analysis.decomposition import Partition, Values
from unrigged.analysis.many_contexts import Chosen, Columns, Flags, Induction
from unrigged.benchmarks import Benchmarks
from unrigged.claims.base import Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.context import Coalition, Context
from unrigged.exact import Exact, written
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.moves.answer import NO, YES, YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.openings import OpeningSpace
from unrigged.moves.raises import RaiseSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Decision, History, Then
from unrigged.scenario import Plan, Scenario
from unrigged.setting import Setting, choice
from unrigged.strategies.perfect_revenue import NEXT_MEMBER, TruthfulPerfectRevenue
from unrigged.transcripts import events_to_json
from unrigged.valuations import StateValues

NAME = "perfect-revenue"

OPENING, RAISING, ANSWERING = "open", "raise", "answer"
"""How the labels of the decisions of step 1, of steps 2..n, and of steps n+1..2n begin."""


def setting_of(scope: Scope, states: int = 1) -> Setting:
    """The players of `scope` and that many states."""
    return choice(scope.names, [f"s{number}" for number in range(1, states + 1)])


def mechanism_of(scope: Scope, states: int = 1, **parameters: Any) -> PerfectRevenue:
    """The mechanism for these players and that many states; announcements are capped as the scope says."""
    made = build(NAME, setting_of(scope, states), **{"cap": scope.announcements, **parameters})
    assert isinstance(made, PerfectRevenue)
    return made


def printed_eps(scope: Scope) -> tuple[Fraction, ...]:
    """Some eps of the printed range 0 < eps < 1/(5n): next to its end, in its middle, and small; or the one asked
    for."""
    if "eps" in scope.parameters:
        return (Fraction(scope.parameters["eps"]),)
    most = Fraction(1, 5 * scope.players)
    return Fraction(1000, 1001) * most, most / 2, most / 1000


def safe_eps(scope: Scope) -> tuple[Fraction, ...]:
    """eps = 1/(10·n·V), V the cap on announcements, and a small part of it; or the one asked for."""
    if "eps" in scope.parameters:
        return (Fraction(scope.parameters["eps"]),)
    most = Fraction(1, 10 * scope.players * scope.announcements)
    return most, most / 100


def rates(players: int, eps: Fraction, kind: str) -> list[list[Fraction]]:
    """Rewards in the printed order: in equal steps over all of (0, eps), close below eps, or close above 0."""
    count = players * (players - 1) + 1
    steps = {
        "even": [eps * (count - k) / count for k in range(1, count)],
        "high": [eps - eps * k / (1000 * count) for k in range(1, count)],
        "low": [eps * (count - k) / (1000 * count) for k in range(1, count)],
    }[kind]
    return [steps[row * players : (row + 1) * players] for row in range(players - 1)]


def profiles_of(scope: Scope, players: int | None = None) -> list[Values]:
    """All profiles of values of one state, small ones first."""
    found = product(scope.every_value, repeat=players or scope.players)
    return sorted(found, key=lambda values: (sum(values), max(values), values))


def alone(players: int) -> Partition:
    """Nobody colludes."""
    return tuple((player,) for player in range(players))


def nontrivial(players: int) -> list[Partition]:
    """All partitions into coalitions except that into one, the finest first."""
    return sorted((one for one in partitions(players) if len(one) > 1), key=lambda one: (-len(one), one))


def greatest_total(values: Values, partition: Partition) -> int:
    """The most that a state of these values is worth to a coalition."""
    return max(sum(values[member] for member in coalition) for coalition in partition)


def context_of(setting: Setting, values: Sequence[Values], partition: Partition) -> Context:
    """The context in which state number s has the values `values[s]`."""
    names = setting.need_states("a context")
    rows = zip(*values, strict=True)
    return Context(setting, tuple(StateValues(names, list(row)) for row in rows), coalitions=partition)


def columns_of(setting: Setting, profiles: Iterable[Values], groups: Iterable[Partition], cap: int) -> Columns:
    """Contexts of one state side by side, small values first; those in which a coalition's total cannot be announced
    are left out."""
    pairs = [pair for pair in product(profiles, groups) if greatest_total(*pair) <= cap]
    return Columns(tuple(context_of(setting, [values], partition) for values, partition in pairs))


def after_payments(then: Then) -> bool:
    """Positions worth keeping: those after an announcement, which several histories lead to."""
    return then.step in ("ask_raises", "ask_answers")


@dataclass(frozen=True)
class Announcing:
    """A grid: all announcements made of the integers `numbers`, ascending."""

    numbers: tuple[int, ...]

    @cached_property
    def _known(self) -> dict[Any, tuple[Move, ...]]:
        return {}

    def __call__(self, space: MoveSpace) -> Sequence[Move]:
        kind = (type(space), getattr(space, "player", 0), getattr(space, "setting", None))
        if kind not in self._known:
            self._known[kind] = tuple(self._listed(space))
        return self._known[kind]

    def _listed(self, space: MoveSpace) -> Iterator[Move]:
        players = space.setting.n  # type: ignore[attr-defined]  # every space of this mechanism has it
        if isinstance(space, RaiseSpace):
            own = [(0,) if player == space.player else self.numbers for player in range(players)]
            yield from product(*own)
        elif isinstance(space, OpeningSpace):
            for state in range(len(space.setting.need_states("an opening"))):
                for prices in product(self.numbers, repeat=players):
                    yield Outcome(state, prices)
        else:
            yield from space.grid(0)


def up_to(most: int) -> Announcing:
    """All integers from 0 to `most`."""
    return Announcing(tuple(range(most + 1)))


class Truthful:
    """The truthful profile of Definitions 1 and 2, in many contexts at once; -1 where its move is not on the grid.

    Votes are worked out for all contexts together, the rest is what the package's own strategy plays in each.
    """

    def __init__(self, columns: Columns, reading: str = NEXT_MEMBER) -> None:
        self.columns = columns
        self.strategies = [
            {
                player: TruthfulPerfectRevenue(benchmarks, coalition, reading)
                for coalition in context.coalitions
                for player in coalition
            }
            for context, benchmarks in ((context, Benchmarks(context)) for context in columns.contexts)
        ]
        self.known: dict[Any, NDArray[np.int64]] = {}

    def __call__(self, decision: Decision, player: int, space: MoveSpace, moves: Sequence[Move]) -> NDArray[np.int64]:
        if isinstance(space, YesNo):
            rows, _ = self.columns.worth(space.proposal.result)
            owed = self.columns.together[:, player, :] @ np.array(space.proposal.prices, dtype=np.int64)
            return np.where(rows[player] >= owed, moves.index(YES), moves.index(NO))
        key = (player, space.proposal if isinstance(space, RaiseSpace) else None)
        if key not in self.known:
            number = {move: place for place, move in enumerate(moves)}
            self.known[key] = np.array(
                [number.get(each[player].move(player, space, decision, ()), -1) for each in self.strategies]
            )
        return self.known[key]


@dataclass(frozen=True)
class Improvement:
    """A decision at which a coalition does better by another move than by the profile's, which is played afterwards."""

    context: Context
    history: History
    label: str
    player: int
    space: MoveSpace
    played: Move
    better: Move
    gain: Fraction

    @property
    def agent(self) -> Coalition:
        """The coalition that moves."""
        return next(members for members in self.context.coalitions if self.player in members)

    @property
    def who(self) -> str:
        """The mover's name."""
        return self.context.setting.players[self.player]

    def counterexample(
        self, mechanism: Mechanism, reading: str = "", more: Sequence[Relation] = (), **others: Scenario
    ) -> Counterexample:
        """The two plays side by side; `reading` is that of the truthful profile."""
        improved = line(mechanism, self.context, self.history, (self.label, self.player, self.space, self.better),
                        reading, "one other move")  # fmt: skip
        truthful = line(mechanism, self.context, self.history, (self.label, self.player, self.space, self.played),
                        reading, "the profile")  # fmt: skip
        gains = Relation(Figure("improved", "utility", self.agent), ">", Figure("profile", "utility", self.agent))
        return Counterexample({"improved": improved, "profile": truthful, **others}, (gains, *more))


def line(
    mechanism: Mechanism,
    context: Context,
    history: History,
    last: tuple[str, int, MoveSpace, Move] | None = None,
    reading: str = "",
    title: str = "",
) -> Scenario:
    """The scenario in which `history` is made, then one more move, and truthful play follows."""
    script: dict[str, dict[str, Any]] = {
        event["label"]: dict(event["moves"]) for event in events_to_json(mechanism, history) if "moves" in event
    }
    if last is not None:
        label, player, space, move = last
        script.setdefault(label, {})[context.setting.players[player]] = space.encode(move)
    plans = tuple((agent, Plan("rational", reading)) for agent in context.coalitions)
    return Scenario(mechanism, context, title, plans=plans, moves=script)


Condition = Callable[[Columns, Chosen], Flags]
"""In which contexts a decision is one that counts."""


@dataclass
class Search:
    """Told of every decision, counts those of one stage and keeps the smallest at which the profile can be improved on,
    or which has another move that is exactly as good."""

    columns: Columns
    stage: str
    watch: Watch
    condition: Condition | None = None
    compared: int = 0
    found: Improvement | None = None
    tied: Improvement | None = None
    margin: Fraction | None = None
    _sizes: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    @cached_property
    def weights(self) -> NDArray[np.int64]:
        """The size of each context: its values, then its coalitions."""
        sizes = [
            int(sum(context.worth(player, 0) for player in context.setting.everyone)) * 100
            + max(map(len, context.coalitions))
            for context in self.columns.contexts
        ]
        return np.array(sizes, dtype=np.int64)

    def __call__(self, chosen: Chosen) -> None:
        self.watch.step("decisions", self.compared)
        if not chosen.decision.label.startswith(self.stage):
            return
        counted = chosen.taken >= 0
        if self.condition is not None:
            counted = counted & self.condition(self.columns, chosen)
        self.compared += int(counted.sum())
        better = chosen.improving & counted
        if better.any():
            self.found = self._smaller("found", self.found, chosen, better)
        level = counted & ~chosen.strict & ~chosen.improving
        if level.any():
            self.tied = self._smaller("tied", self.tied, chosen, level)

    def _smaller(self, kind: str, known: Improvement | None, chosen: Chosen, flags: Flags) -> Improvement:
        column = int(np.argmin(np.where(flags, self.weights, np.iinfo(np.int64).max)))
        own = int(chosen.gains[chosen.taken[column], column])
        rivals = chosen.rivals[:, column]
        enough = [place for place, gain in enumerate(rivals) if (gain > own if kind == "found" else gain == own)]
        place = min(enough, key=lambda each: (_greatest(chosen.moves[each]), -int(rivals[each])))
        better = chosen.moves[place]
        made = [number for event in chosen.history for _, move in event.moves for number in _numbers(move)]
        size = (
            max([0, *made, *_numbers(better)]),
            int(self.weights[column]),
            sum(made) + sum(_numbers(better)),
            len(chosen.history),
        )
        if known is not None and self._sizes[kind] <= size:
            return known
        self._sizes[kind] = size
        gain = Fraction(int(rivals[place]) - own, chosen.scale)
        return Improvement(
            self.columns.contexts[column],
            chosen.history,
            chosen.decision.label,
            chosen.player,
            chosen.space,
            chosen.moves[int(chosen.taken[column])],
            better,
            gain,
        )


def _numbers(move: Move) -> tuple[int, ...]:
    if isinstance(move, Outcome):
        return tuple(int(price) for price in move.prices)
    return tuple(move) if isinstance(move, tuple) else ()


def _greatest(move: Move) -> int:
    return max(_numbers(move), default=0)


def examined(
    mechanism: PerfectRevenue,
    columns: Columns,
    grid: Announcing,
    stage: str,
    watch: Watch,
    *,
    reading: str = NEXT_MEMBER,
    condition: Condition | None = None,
) -> Search:
    """The truthful profile checked at every decision of `stage` in all contexts."""
    search = Search(columns, stage, watch, condition)
    Induction(mechanism, columns, grid, profile=Truthful(columns, reading), seen=search,
              remembered=after_payments).run()  # fmt: skip
    return search


def in_words(mechanism: PerfectRevenue) -> str:
    """The parameters that matter to a range."""
    return f"eps {written(mechanism.eps)}, e from {written(mechanism.e[0][0])} to {written(mechanism.e[-1][-1])}"


def values_in_words(context: Context) -> str:
    """Everybody's values of the states."""
    parts = []
    for name, one in zip(context.setting.players, context.types, strict=True):
        values: Mapping[str, Exact] = one.to_json()["values"]
        parts.append(f"{name} " + ", ".join(map(str, values.values())))
    return "; ".join(parts)
