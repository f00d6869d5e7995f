"""Finite games: a form with agents and their payoffs, from a mechanism in a context or built by hand.

Payoffs are integers over one common denominator that also clears every probability on the way, so that expected
utilities are integers too; where that denominator would be enormous, they are fractions. Either way they are exact.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

from unrigged.analysis.form import CHANCE, DECISION, END, MAX_NODES, Form, FormBuilder, Odds, Turn, number
from unrigged.analysis.unfolding import Grid, unfold
from unrigged.context import Coalition, Context
from unrigged.errors import InputError, nearest
from unrigged.exact import Exact, exact, total
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome

MAX_SCALE_BITS = 2048
"""A common denominator of more bits than this is not worth having."""

SMALL = 2**62
"""Integers below this in size are kept in 64 bits."""

Column = Sequence[Exact]
"""The payoffs of one agent."""

__all__ = ["Form", "Game", "Tree", "unfold"]


@dataclass(frozen=True, eq=False)
class Game:
    """A form, the agents that its players make up, and what each of them gets: a payoff at every end, and what he gains
    by every payment; all of them `scale` times as large as they are."""

    form: Form
    agents: tuple[Coalition, ...]
    scale: int
    ends: tuple[Column, ...]
    gains: tuple[Column, ...]

    @classmethod
    def of(
        cls, form: Form, context: Context, *, agents: Sequence[Coalition] | None = None, integers: bool = True
    ) -> Game:
        """The game that the players of `context` play on the form of a mechanism.

        `agents`: a partition of the players, by default the context's coalitions; each maximises its members' joint
        utility. `integers`: whether payoffs are scaled to integers where that can be done.
        """
        if form.players != context.setting.players:
            raise InputError("context", f"players {context.setting.players}", f"the players {form.players}")
        partition = _partition(form, context.coalitions if agents is None else agents)
        ends = _utilities(context, partition, form.ends)
        gains = [[-total(prices[player] for player in agent) if prices else 0 for prices in form.payments]
                 for agent in partition]  # fmt: skip
        return cls._scaled(form, partition, ends, gains, integers)

    @classmethod
    def _scaled(
        cls, form: Form, agents: tuple[Coalition, ...], ends: Sequence[Column], gains: Sequence[Column], integers: bool
    ) -> Game:
        if integers:
            denominators = {payoff.denominator for column in (*ends, *gains) for payoff in column}
            scale = lcm(*denominators) * clearing(form)
            if scale.bit_length() <= MAX_SCALE_BITS:
                return cls(form, agents, scale, _integers(ends, scale), _integers(gains, scale))
        return cls(form, agents, 1, tuple(map(_fractions, ends)), tuple(map(_fractions, gains)))

    @cached_property
    def integers(self) -> bool:
        """Whether payoffs are kept as integers."""
        return all(type(payoff) is int for column in self.gains for payoff in column)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The agents by name: their members', joined by `+`."""
        return tuple("+".join(self.form.players[player] for player in agent) for agent in self.agents)

    @cached_property
    def agent_of(self) -> tuple[int, ...]:
        """The number of every player's agent."""
        return tuple(next(i for i, agent in enumerate(self.agents) if player in agent)
                     for player in range(len(self.form.players)))  # fmt: skip

    def movers(self, turn: Turn) -> tuple[int, ...]:
        """The agents that have a choice at `turn`, ascending."""
        chosen = {self.agent_of[player] for player, moves in zip(turn.players, turn.moves, strict=True) if moves[1:]}
        return tuple(sorted(chosen))

    @cached_property
    def perfect_information(self) -> bool:
        """Whether no two agents ever choose at the same time."""
        return all(len(self.movers(turn)) <= 1 for turn in self.form.turns)

    def true(self, payoff: Exact) -> Exact:
        """`payoff`, as kept here, in the players' own unit."""
        return exact(Fraction(payoff) / self.scale)


def _partition(form: Form, agents: Sequence[Coalition]) -> tuple[Coalition, ...]:
    partition = tuple(sorted(tuple(sorted(agent)) for agent in agents))
    if sorted(player for agent in partition for player in agent) != list(range(len(form.players))):
        raise InputError("agents", partition, f"a partition of the {len(form.players)} players")
    return partition


def _utilities(context: Context, agents: Sequence[Coalition], ends: Sequence[Outcome]) -> list[list[Exact]]:
    """The joint utility of every agent at every end; results are valued once."""
    results = dict.fromkeys(end.result for end in ends)
    columns = []
    for agent in agents:
        gains = {result: total(context.gain(player, result) for player in agent) for result in results}
        columns.append([gains[end.result] - total(end.prices[player] for player in agent) for end in ends])
    return columns


def clearing(form: Form) -> int:
    """The least integer that, multiplied with integer payoffs, makes every expected payoff an integer."""
    if not form.odds:
        return 1
    needed = [1] * form.nodes
    denominators = [[chance.denominator for chance in odds.chances] for odds in form.odds]
    for node in range(form.nodes):
        edges = form.edges(node)
        below = [needed[child] for child in form.child[edges.start : edges.stop]]
        if form.kinds[node] == CHANCE:
            below = [one * more for one, more in zip(below, denominators[form.info[node]], strict=True)]
        needed[node] = lcm(*set(below))
    return needed[form.root]


def _integers(columns: Sequence[Column], scale: int) -> tuple[Column, ...]:
    scaled = []
    for column in columns:
        whole = [payoff.numerator * (scale // payoff.denominator) for payoff in column]
        fits = all(-SMALL < payoff < SMALL for payoff in whole)
        scaled.append(array("q", whole) if fits else whole)
    return tuple(scaled)


def _fractions(column: Column) -> list[Fraction]:
    return [Fraction(payoff) for payoff in column]


class Tree:
    """A game put together by hand, from its ends up, every agent a player.

    >>> tree = Tree(["ann", "bob"])
    >>> reply = tree.decision("bob", {"share": tree.end(1, 1), "take": tree.end(0, 2)})
    >>> game = tree.game(tree.decision("ann", {"trust": reply, "keep": tree.end(1, 0)}))
    >>> game.form.histories, game.perfect_information
    (3, True)
    """

    def __init__(self, players: Iterable[str], limit: int = MAX_NODES) -> None:
        self._builder = FormBuilder(tuple(players), limit)
        self._columns: list[array[int] | list[Exact]] = [array("q") for _ in self._builder.players]
        self._small = True
        self._names: dict[int, str] = {}
        self._turns: dict[tuple[str, tuple[str, ...], str], int] = {}

    def end(self, *payoffs: Exact | str, name: str = "") -> int:
        """An end where every player gets his payoff, exactly; `name`: what it is called where it is exported."""
        if len(payoffs) != len(self._columns):
            raise InputError("payoffs", f"{len(payoffs)} payoffs", f"one for each of {len(self._columns)} players")
        which = len(self._columns[0])
        numbers: Sequence[Any] = payoffs
        for payoff in payoffs:
            if type(payoff) is not int or not -SMALL < payoff < SMALL:
                numbers = [exact(payoff, "payoff") for payoff in payoffs]
                if self._small:
                    self._columns, self._small = [list(column) for column in self._columns], False
                break
        for column, payoff in zip(self._columns, numbers, strict=True):
            column.append(payoff)
        if name:
            self._names[which] = name
        return self._builder.add(END, which)

    def chance(self, sides: Mapping[str, tuple[Exact | str, int]], label: str = "chance") -> int:
        """A coin: the name of each side with its probability and the node that follows."""
        odds = Odds(label, tuple(sides), tuple(Fraction(exact(chance, label)) for chance, _ in sides.values()))
        nodes = [node for _, node in sides.values()]
        self._check_nodes(nodes)
        return self._builder.chance(odds, nodes)

    def decision(self, player: str, moves: Mapping[str, int], label: str = "") -> int:
        """A decision of one player: the node that follows each of his moves."""
        listed = tuple(moves)
        known = self._turns.get((player, listed, label))
        if known is None:
            turn = self._turn({player: listed}, label)
            known = self._turns[player, listed, label] = number(self._builder.turns, turn)
        nodes = tuple(moves.values())
        self._check_nodes(nodes)
        return self._builder.add(DECISION, known, nodes)

    def simultaneous(self, moves: Mapping[str, Sequence[str]], nodes: Sequence[int], label: str = "") -> int:
        """A decision of several players, in the order of the players: their moves, and the nodes that follow, the moves
        of the last player varying fastest."""
        turn = self._turn(moves, label)
        if len(nodes) != turn.edges:
            raise InputError(turn.label, f"{len(nodes)} nodes", f"a node for each of {turn.edges} tuples of moves")
        self._check_nodes(nodes)
        return self._builder.decision(turn, nodes)

    def _turn(self, moves: Mapping[str, Sequence[str]], label: str) -> Turn:
        players = tuple(map(self._player, moves))
        turn = Turn(label or "/".join(moves), players, tuple(map(tuple, moves.values())))
        if not players or list(players) != sorted(players):
            raise InputError(turn.label, f"decisions of {list(moves)}", "players in the order of the game")
        for listed in turn.moves:
            if not listed or len(set(listed)) != len(listed):
                raise InputError(turn.label, f"the moves {list(listed)}", "one move or more, each once")
        return turn

    def _player(self, name: str) -> int:
        known = list(self._builder.players)
        if name not in known:
            raise InputError("player", f"'{name}'", "a player of this game", nearest(name, known))
        return known.index(name)

    def _check_nodes(self, nodes: Sequence[int]) -> None:
        if not 0 <= min(nodes) <= max(nodes) < len(self._builder.kinds):
            raise InputError("nodes", list(nodes), "nodes that this tree has already")

    def game(self, root: int, title: str = "a game", *, integers: bool = True) -> Game:
        """The game that begins at `root`."""
        count = len(self._columns[0])
        ends: Sequence[object] = range(count)
        if self._names:
            ends = [self._names.get(which, which) for which in range(count)]
        form = self._builder.form(title, root, ends)
        alone = tuple((player,) for player in range(len(form.players)))
        nothing = [array("q", [0] * len(form.payments)) for _ in alone]
        if integers and self._small and not form.odds:
            return Game(form, alone, 1, tuple(self._columns), tuple(nothing))
        return Game._scaled(form, alone, self._columns, nothing, integers)


def game_of(mechanism: Mechanism, context: Context, grid: Grid, *, limit: int = MAX_NODES) -> Game:
    """The game that the coalitions of `context` play in `mechanism` on a grid of announcements."""
    return Game.of(unfold(mechanism, grid, limit=limit), context)
