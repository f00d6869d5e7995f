"""A scenario: a mechanism in its setting, what the players are like and know, and what each of them is to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.context_check import check_context
from unrigged.errors import InputError, nearest
from unrigged.exact import written
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.play import draw
from unrigged.protocol import Chance, Decision, settle
from unrigged.setting import Setting
from unrigged.strategies.base import ByValue, Mixed, Profile, RandomPlay, Scripted, Silent, Strategy
from unrigged.strategies.registry import rational
from unrigged.winners import Method
from unrigged.winners.solve import check_method

KINDS = {
    "rational": "the play the papers name, by what the agent knows; a reading of it, and how he searches, may be named",
    "silent": "every move is what silence means",
    "random": "legal moves drawn from a seed, numbers of the order of a scale",
    "by-value": "YES where one gains at least the price, silent elsewhere",
    "mixed": "one of several of these, with stated probabilities",
}
"""The kinds of strategies a scenario can name."""

DEFAULT_SCALE = 10

TRIALS = 20
"""Plays by which labels of scripted moves are looked for."""


@dataclass(frozen=True)
class Plan:
    """A strategy as a scenario writes it, to be built once mechanism and context are there.

    `kind`: one of `KINDS`. `reading`: of rational play, "" for the mechanism's own. `search`: how the rational agent
    looks for best allocations (`unrigged.winners.METHODS`); `nodes`: after how many subproblems it is "truncated".
    `scale`, `seed`: of random play. `actions`: of mixed play, plans that are not mixed themselves, with probabilities
    that sum to 1.
    """

    kind: str = "rational"
    reading: str = ""
    scale: int = DEFAULT_SCALE
    seed: int = 0
    actions: tuple[tuple[Fraction, Plan], ...] = ()
    search: Method = "best"
    nodes: int | None = None

    def __post_init__(self) -> None:
        check_method(self.search, self.nodes, "search: ")
        if self.search != "best" and self.kind != "rational":
            raise InputError("search", f"'{self.search}' in '{self.kind}' play", "a search only in rational play")
        if self.kind not in KINDS:
            raise InputError("strategy", f"'{self.kind}'", "a kind of strategy", nearest(self.kind, list(KINDS)))
        if self.kind == "mixed":
            chances = [chance for chance, _ in self.actions]
            if sum(chances) != 1 or any(chance <= 0 for chance in chances):
                found = "probabilities " + (", ".join(map(written, chances)) or "of nothing")
                raise InputError("mixed", found, "positive probabilities that sum to 1")
            if any(plan.kind == "mixed" for _, plan in self.actions):
                raise InputError("mixed", "a mixed strategy within a mixed one", "plain strategies")

    @property
    def needs_types(self) -> bool:
        """Whether it can be played only by someone whose type is known."""
        return self.kind in ("rational", "by-value") or any(plan.needs_types for _, plan in self.actions)

    def to_json(self) -> Any:
        """The plan as the scenario file writes it."""
        if self.kind == "rational" and self.search != "best":
            search = self.search if self.nodes is None else {self.search: self.nodes}
            return {"rational": {**({"reading": self.reading} if self.reading else {}), "search": search}}
        if self.kind == "rational" and self.reading:
            return {"rational": self.reading}
        if self.kind == "random":
            return {"random": {"scale": self.scale, "seed": self.seed} if self.seed else self.scale}
        if self.kind == "mixed":
            return {
                "mixed": [{"probability": written(chance), "strategy": plan.to_json()} for chance, plan in self.actions]
            }
        return self.kind

    def build(self, mechanism: Mechanism, benchmarks: Benchmarks | None, agent: Coalition) -> Strategy | Mixed:
        """The strategy of `agent`; InputError where it needs types and there are none."""
        if self.kind == "mixed":
            return Mixed(
                tuple((chance, _pure(plan.build(mechanism, benchmarks, agent))) for chance, plan in self.actions)
            )
        if self.kind == "silent":
            return Silent()
        if self.kind == "random":
            return RandomPlay(self.seed, self.scale)
        if benchmarks is None:
            raise InputError("strategies", f"'{self.kind}' without types", "types, or a strategy that needs none")
        if self.kind == "by-value":
            return ByValue(benchmarks.context)
        return rational(mechanism, benchmarks.by(self.search, self.nodes), agent, self.reading)


def _pure(strategy: Strategy | Mixed) -> Strategy:
    if isinstance(strategy, Mixed):
        raise InputError("mixed", "rational play that is itself mixed", "pure strategies in a mixture")
    return strategy


Script = Mapping[str, Mapping[str, Any]]
"""Scripted moves: the label of a decision, the player's name, the move as JSON."""


@dataclass(frozen=True)
class Scenario:
    """Everything that a play needs, as one value.

    `context`: None where there are no types; then only silent, random and scripted play is possible. `plans`: a
    strategy for every agent (player or coalition), in the order of the agents. `moves`: scripted moves, which go before
    what the plans would play. `notes`: what was repaired or assumed when it was read. `source`: the file it is from.
    Scenarios are equal when they are played alike: notes and source do not count.
    """

    mechanism: Mechanism
    context: Context | None = None
    title: str = ""
    plans: tuple[tuple[Coalition, Plan], ...] = ()
    moves: Script = field(default_factory=dict, hash=False)
    notes: tuple[str, ...] = field(default=(), compare=False)
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.context is not None and self.context.setting != self.setting:
            raise InputError(
                "context", "another setting than the mechanism's", "the setting the mechanism is built for"
            )
        named, agents = dict(self.plans), set(self.agents)
        for agent in named:
            if agent not in agents:
                members = ", ".join(self.setting.players[player] for player in agent)
                raise InputError("strategies", f"the agent {members}", "players or coalitions of this scenario")
        usual = Plan() if self.context is not None else Plan("silent")
        object.__setattr__(self, "plans", tuple((agent, named.get(agent, usual)) for agent in self.agents))
        if self.context is None:
            for agent, plan in self.plans:
                if plan.needs_types:
                    name = self.setting.players[agent[0]]
                    raise InputError(
                        f"strategies.{name}", f"'{plan.kind}' play without types", "types, or a strategy without them"
                    )

    @property
    def setting(self) -> Setting:
        """The setting, which is the mechanism's."""
        return self.mechanism.setting

    @property
    def agents(self) -> tuple[Coalition, ...]:
        """The coalitions, or every player on his own where there is no context."""
        if self.context is not None:
            return self.context.coalitions
        return tuple((player,) for player in self.setting.everyone)

    @property
    def strategies(self) -> dict[Coalition, Plan]:
        """The strategy of every agent, as written."""
        return dict(self.plans)

    def check(self) -> None:
        """Check that the mechanism's promise applies, that every agent's strategy can be played, and the scripted moves
        of the first decision.

        Raises InputError naming the place in the scenario.
        """
        if self.context is not None:
            check_context(self.mechanism, self.context)
        self.profile()
        first = settle(self.mechanism.start())[0]
        if isinstance(first, Decision):
            self._check_script(first)

    def _check_script(self, decision: Decision) -> None:
        scripted = self.moves.get(decision.label, {})
        acting = {self.setting.players[player]: space for player, space in decision.actors}
        for name, move in scripted.items():
            where = f"moves.{decision.label}.{name}"
            if name not in acting:
                raise InputError(where, f"a move of '{name}'", f"moves of {', '.join(acting)}, who decide here")
            acting[name].decode(move, where)

    def profile(self, limit: float | None = None, *, benchmarks: Benchmarks | None = None) -> Profile:
        """The strategy of every agent; each search for an optimum stops after `limit` seconds with the best found.

        `benchmarks`, of this scenario's context, are used where they are given (the limit is then theirs).
        Raises InputError where the scenario is not one that can be played as written.
        """
        if benchmarks is None and self.context is not None:
            benchmarks = Benchmarks(self.context, limit=limit)
        return {agent: self._scripted(agent, self._strategy(agent, plan, benchmarks)) for agent, plan in self.plans}

    def _strategy(self, agent: Coalition, plan: Plan, benchmarks: Benchmarks | None) -> Strategy | Mixed:
        """The strategy of `agent`; errors about it name `strategies.<members>`."""
        try:
            return plan.build(self.mechanism, benchmarks, agent)
        except InputError as error:
            if error.where.split(".")[0] not in ("reading", "mixed", "search"):
                raise
            members = "+".join(self.setting.players[player] for player in agent)
            raise InputError(f"strategies.{members}: {error.where}", error.found, error.expected, error.fix) from None

    def _scripted(self, agent: Coalition, strategy: Strategy | Mixed) -> Strategy | Mixed:
        """`strategy`, with the scripted moves of the agent's members before it."""
        members = {self.setting.players[player] for player in agent}
        if not any(members & set(moves) for moves in self.moves.values()):
            return strategy
        where = f"{self.source}: moves" if self.source else "moves"
        if isinstance(strategy, Mixed):
            return Mixed(tuple((chance, Scripted(self.moves, pure, where)) for chance, pure in strategy.actions))
        return Scripted(self.moves, strategy, where)

    def unmet_labels(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The labels of scripted moves that no decision of some random plays had, and the labels these plays had."""
        wanted = list(self.moves)
        met: dict[str, None] = {}
        for trial in range(TRIALS):
            if all(label in met for label in wanted):
                break
            met.update(dict.fromkeys(self._labels_of_a_play(trial)))
        return tuple(label for label in wanted if label not in met), tuple(met)

    def _labels_of_a_play(self, seed: int) -> Iterable[str]:
        rng = Random(seed)
        strategy = RandomPlay(seed, DEFAULT_SCALE)
        position = settle(self.mechanism.start())[0]
        while isinstance(position, Decision | Chance):
            if isinstance(position, Chance):
                position = settle(draw(position, rng).then())[0]
            else:
                yield position.label
                moves = [self._trial_move(position, player, space, strategy) for player, space in position.actors]
                position = settle(position.after(moves))[0]

    def _trial_move(self, decision: Decision, player: int, space: MoveSpace, otherwise: RandomPlay) -> Move:
        """The scripted move where there is one that is legal, else a random one."""
        try:
            return space.decode(self.moves[decision.label][self.setting.players[player]])
        except (KeyError, InputError):
            return otherwise.move(player, space, decision, ())
