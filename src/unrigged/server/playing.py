"""What a program plays: strategies of a scenario, random and silent play, or a script of one's own, turn by turn."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import randbelow, token_bytes
from typing import Any

from unrigged.advice import agent_named, regrouped
from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.errors import InputError
from unrigged.mechanisms.base import Mechanism
from unrigged.narrative import narrate
from unrigged.protocol import Decision, History
from unrigged.scenario import Plan, Scenario
from unrigged.sealed.coins import draw
from unrigged.sealed.encoding import digest
from unrigged.server.client import Client, Turn
from unrigged.server.entries import Refused
from unrigged.strategies.base import Mixed, Profile, RandomPlay, Strategy
from unrigged.transcripts import events_to_json

KINDS = ("rational", "random", "silent", "by-value")
"""Strategies by name; the file of a script is named by its suffix .py."""

SCALE = 10
"""The order of the numbers in random moves, where the mechanism's bound allows it."""

Chooses = Callable[[str, Turn], Any]
"""A player's name and his turn to his move's JSON; SILENCE where nothing is to be sent."""

SILENCE = object()


@dataclass(frozen=True)
class Wish:
    """How a program is to play: a kind of `KINDS`, the path of a script, or "" for what the scenario says.

    `together`: who act as one, where that is not what the scenario says; `limit`: seconds for searches; `seed`: of
    random play, and of mixed strategies; None for one that nobody knows.
    """

    kind: str
    scenario: Scenario | None
    together: tuple[str, ...]
    limit: float
    seed: int | None


def chooser(wish: Wish, mechanism: Mechanism, players: Iterable[str], notes: Any = "") -> Chooses:
    """What `players`, who are played by one program, do. `notes`: the organiser's, for a script.

    Raises InputError where the scenario is not of this session, or does not say what is needed.
    """
    if wish.kind == "silent":
        return lambda name, turn: SILENCE
    if wish.kind.endswith(".py"):
        return scripted(Path(wish.kind), notes)
    if wish.kind == "random":
        strategy = at_random(mechanism, randbelow(2**53) if wish.seed is None else wish.seed)
        return _by({(each,): strategy for each in mechanism.setting.everyone})
    if wish.scenario is None:
        raise InputError("strategy", wish.kind or "none", "a scenario file with your type and what you know",
                         "give --scenario FILE, or --strategy random")  # fmt: skip
    scenario = fitted(wish.scenario, mechanism)
    here = {scenario.setting.player(name, "player") for name in players}
    secret = token_bytes(32)
    answer: dict[Coalition, Strategy] = {}
    for agent in {_agent(scenario, wish.together, player) for player in here}:
        found = _strategy(wish, scenario, agent)
        if isinstance(found, Mixed):
            if wish.seed is None and set(agent) - here:
                raise InputError("seed", "none", "the same one for all programs that play this coalition by chance",
                                 "give each of them --seed with a number that only they know")  # fmt: skip
            drawn_from = digest("mixed", secret if wish.seed is None else wish.seed, *agent)
            found = drawn(found, drawn_from, "strategy")
        answer[agent] = found
    return _by(answer)


def _agent(scenario: Scenario, together: tuple[str, ...], player: int) -> Coalition:
    """Who acts as one with `player`."""
    name = scenario.setting.players[player]
    if together:
        agent = agent_named(scenario, together, "--as")
        if player not in agent:
            raise InputError("--as", ", ".join(together), f"{name}, whose link this is, among them")
        return agent
    return next(agent for agent in scenario.agents if player in agent)


def _strategy(wish: Wish, scenario: Scenario, agent: Coalition) -> Strategy | Mixed:
    if agent not in scenario.agents:
        scenario, _ = regrouped(scenario, agent)
    if not wish.kind:
        return scenario.profile(wish.limit)[agent]
    benchmarks = None if scenario.context is None else Benchmarks(scenario.context, limit=wish.limit)
    return Plan(wish.kind).build(scenario.mechanism, benchmarks, agent)


def fitted(scenario: Scenario, mechanism: Mechanism) -> Scenario:
    """The scenario with the session's own mechanism, whose parameters may differ from the file's; InputError where it
    is about other players, goods or states, or another mechanism."""
    if scenario.mechanism == mechanism:
        return scenario
    ours, theirs = scenario.setting, mechanism.setting
    where = scenario.source or "scenario"
    if scenario.mechanism.name != mechanism.name:
        raise InputError(f"{where}: mechanism", scenario.mechanism.name, f"{mechanism.name}, which is played here")
    for what in ("players", "goods", "states", "endowment"):
        if getattr(ours, what) != getattr(theirs, what):
            raise InputError(f"{where}: {what}", "others", f"those of the session: {getattr(theirs, what)}")
    context = scenario.context
    if context is not None:
        context = Context(theirs, context.types, context.knowledge, context.coalitions)
    return replace(scenario, mechanism=mechanism, context=context)


def scripted(path: Path, notes: Any = "") -> Chooses:
    """The function `move(space, decision_label, history, notes)` of a Python file: the space of legal moves, the label
    of the decision, what has happened (as in transcripts), and the organiser's notes for this participant. It returns
    a move as JSON, or None for silence.

    Raises InputError naming the file where it cannot be run or has no such function, and when the function fails.
    """
    try:
        move = runpy.run_path(str(path)).get("move")
    except Exception as error:
        raise InputError(str(path), f"{type(error).__name__}: {error}", "a Python script that runs") from error
    if not callable(move):
        raise InputError(str(path), "no function 'move'", "move(space, decision_label, history, notes)")

    def chooses(name: str, turn: Turn) -> Any:
        assert turn.space is not None
        history = list(events_to_json(turn.mechanism, turn.history))
        try:
            found = move(turn.space, turn.label, history, notes)
        except Exception as error:
            raise InputError(f"{path}: move", f"{type(error).__name__}: {error}", "a move, or None") from error
        return SILENCE if found is None else found

    return chooses


def _by(profile: Mapping[Coalition, Strategy]) -> Chooses:
    """Everybody plays his agent's strategy."""

    def chooses(name: str, turn: Turn) -> Any:
        assert turn.decision is not None
        player = turn.mechanism.setting.players.index(name)
        agent = next(agent for agent in profile if player in agent)
        return choices(profile[agent], turn.decision, agent, turn.history)[player]

    return chooses


def choices(strategy: Strategy, decision: Decision, agent: Coalition, history: History) -> dict[int, Any]:
    """What `agent`'s members who act at `decision` do by their strategy, as JSON."""
    movers = tuple(player for player in agent if decision.space(player) is not None)
    made = strategy.moves(decision, movers, history) if movers else {}
    return {player: space.encode(made[player]) for player, space in decision.actors if player in made}


def at_random(mechanism: Mechanism, seed: int) -> Strategy:
    """Random moves, numbers below the bound on values where there is one."""
    return RandomPlay(seed, max(1, min(SCALE, (mechanism.setting.value_bound or SCALE) - 1)))


def pure(profile: Profile, seed: bytes) -> dict[Coalition, Strategy]:
    """The profile with mixed strategies drawn."""
    return {
        agent: drawn(each, seed, f"strategy of {agent}") if isinstance(each, Mixed) else each
        for agent, each in profile.items()
    }


def drawn(mixed: Mixed, seed: bytes, label: str) -> Strategy:
    """One of the strategies of a mixed one, by its odds."""
    return mixed.actions[draw([chance for chance, _ in mixed.actions], seed, label)][1]


TOO_LATE = ("deadline", "order", "round", "over")
"""Rules by which a move is refused that the round has not waited for."""


def play(clients: Sequence[Client], chooses: Chooses, told: Callable[[str], None]) -> None:
    """Take the places of `clients`, who share a log, and move as `chooses` says until the session is over.

    `told` is given a line for all that happens. A move that comes too late is told, and the play goes on. Raises what
    Client raises.
    """
    passed: set[tuple[str, int]] = set()
    for each in clients:
        receipt = each.join()
        told(f"{each.player} has taken the place{_receipt(receipt)}")
    first, lines = clients[0], 0
    for _ in first.changes():
        while any(_moved(each, chooses, passed, told) for each in clients):
            pass
        known = first.log.auditor
        fresh = list(narrate(known.mechanism, known.history))[lines:]
        lines += len(fresh)
        for line in fresh:
            told(f"{line.label} {line.words}" if line.kind == "coin" else line.words)
        if first.over:
            break
    for each in clients:
        each.update()
    if first.status == "void":
        told(f"the organiser declared the session void: {first.log.auditor.findings.void}")


def _moved(client: Client, chooses: Chooses, passed: set[tuple[str, int]], told: Callable[[str], None]) -> bool:
    """Whether `client` has moved just now."""
    turn = client.turn()
    if turn is None or (client.player, turn.round) in passed:
        return False
    passed.add((client.player, turn.round))
    what = f"round {turn.round + 1} «{turn.label}»" if turn.label else f"round {turn.round + 1}, for a coin"
    move = chooses(client.player, turn) if turn.space is not None and turn.round not in client.key.sent else None
    if move is SILENCE:
        told(f"{what}: {client.player} says nothing")
        return False
    try:
        receipt = client.submit(move)
    except Refused as error:
        if error.rule not in TOO_LATE:
            raise
        told(f"{what}: the move of {client.player} came too late")
        client.update()
        return False
    words = f", {turn.space.describe(turn.space.decode(move))}" if turn.space is not None and move is not None else ""
    told(f"{what}: {client.player}{words}, sealed and sent{_receipt(receipt)}")
    return True


def _receipt(receipt: Mapping[str, Any]) -> str:
    return f"; receipt {receipt['number']}" if receipt else ""
