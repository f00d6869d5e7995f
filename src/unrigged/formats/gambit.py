"""Finite games for Gambit: extensive games (.efg) and strategic games (.nfg), with rational payoffs.

Formats: the Gambit project, «Game representation formats». Agents are the players of the exported game. Simultaneous
moves are written one agent after the other, nobody being told what has been chosen: the histories that differ in it are
in one information set. Equal subgames are written out as often as they occur; payments on the way are added up at
the ends. A decision at which no agent has a choice is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from unrigged.analysis.form import CHANCE, END
from unrigged.analysis.games import Game
from unrigged.analysis.reduced_form import own_moves, written_moves
from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact, written
from unrigged.strategic import NormalForm

MAX_HISTORIES = 1_000_000
"""A game of more terminal histories than this is not written unless the caller allows it."""


def efg(game: Game, title: str = "", *, limit: int = MAX_HISTORIES) -> str:
    """The text of the .efg file of `game`; BudgetExceeded where it has more than `limit` terminal histories."""
    if game.form.histories > limit:
        raise BudgetExceeded(f"a game of {game.form.histories} terminal histories, more than {limit}")
    players = " ".join(map(quoted, game.names))
    return "\n".join([f"EFG 2 R {quoted(title or game.form.title)} {{ {players} }}", '""', *_Writer(game).lines(), ""])


def nfg(game: NormalForm, title: str = "") -> str:
    """The text of the .nfg file of a game in strategic form, its payoffs listed profile by profile.

    Gambit wants strategies of one player to have different names; so they are in what `strategic_form` makes.

    >>> print(nfg(NormalForm.of(["a", "b"], ["xy", "z"], lambda p: (p[0], 1)), "small"), end="")
    NFG 1 R "small" { "a" "b" }
    { { "x" "y" } { "z" } }
    ""
    <BLANKLINE>
    0 1
    1 1
    """
    players = " ".join(map(quoted, game.agents))
    strategies = " ".join("{ " + " ".join(quoted(str(one)) for one in own) + " }" for own in game.strategies)
    head = f"NFG 1 R {quoted(title or 'a game')} {{ {players} }}\n{{ {strategies} }}\n" + '""\n\n'
    columns = [table.ravel(order="F").tolist() for table in game.payoffs]
    return head + "\n".join(" ".join(map(written, payoffs)) for payoffs in zip(*columns, strict=True)) + "\n"


def quoted(text: str) -> str:
    """`text` between quotation marks, those within it escaped, on one line.

    >>> print(quoted('the "best" bid'))
    "the \\"best\\" bid"
    """
    return '"' + " ".join(text.replace("\\", "/").replace('"', '\\"').split()) + '"'


@dataclass(frozen=True)
class _Place:
    """A node yet to be written; at a decision, after the agents `chosen` have moved, in the information sets `sets`."""

    node: int
    payments: tuple[int, ...]
    chosen: tuple[tuple[Any, ...], ...] = ()
    sets: tuple[int, ...] = field(default=())


class _Writer:
    def __init__(self, game: Game) -> None:
        self.game = game
        self.sets = [0] * (len(game.agents) + 1)  # chance last
        self.outcomes: dict[tuple[Exact, ...], int] = {}

    def lines(self) -> Iterator[str]:
        """The nodes in preorder."""
        form = self.game.form
        waiting = [_Place(form.root, (form.begun,))]
        while waiting:
            place = waiting.pop()
            if form.kinds[place.node] == END:
                yield self.end(place)
                continue
            if form.kinds[place.node] == CHANCE:
                line, below = self.chance(place)
            else:
                line, below = self.decision(place)
            if line:
                yield line
            waiting.extend(reversed(below))

    def end(self, place: _Place) -> str:
        game, which = self.game, self.game.form.info[place.node]
        payoffs = tuple(
            column[which] + sum(gain[some] for some in place.payments)
            for column, gain in zip(game.ends, game.gains, strict=True)
        )
        outcome = self.outcomes.setdefault(payoffs, len(self.outcomes) + 1)
        shown = ", ".join(written(game.true(payoff)) for payoff in payoffs)
        return f't "" {outcome} "outcome {outcome}" {{ {shown} }}'

    def chance(self, place: _Place) -> tuple[str, list[_Place]]:
        odds = self.game.form.odds[self.game.form.info[place.node]]
        self.sets[-1] += 1
        sides = " ".join(
            f"{quoted(name)} {written(chance)}" for name, chance in zip(odds.names, odds.chances, strict=True)
        )
        called = quoted(f"{odds.label} {self.sets[-1]}")
        return f'c "" {self.sets[-1]} {called} {{ {sides} }} 0', [self.below(place, edge) for edge in self.edges(place)]

    def edges(self, place: _Place) -> range:
        return self.game.form.edges(place.node)

    def below(self, place: _Place, edge: int) -> _Place:
        paid = self.game.form.paid[edge]
        return _Place(self.game.form.child[edge], (*place.payments, paid) if paid else place.payments)

    def decision(self, place: _Place) -> tuple[str, list[_Place]]:
        game, turn = self.game, self.game.form.turns[self.game.form.info[place.node]]
        movers = game.movers(turn)
        moves = [own_moves(game, turn, agent) for agent in movers]
        if len(place.chosen) == len(movers):
            edge = next(
                edge
                for edge, own in zip(self.edges(place), zip(*moves, strict=True) if moves else [()], strict=True)
                if own == place.chosen
            )
            return "", [self.below(place, edge)]
        sets = place.sets or self.new_sets(movers)
        step = len(place.chosen)
        agent, number = movers[step], sets[step]
        options: Sequence[tuple[Any, ...]] = list(dict.fromkeys(moves[step]))
        names = " ".join(quoted(written_moves(game, turn, agent, own)) for own in options)
        line = f'p "" {agent + 1} {number} {quoted(f"{turn.label} {number}")} {{ {names} }} 0'
        return line, [_Place(place.node, place.payments, (*place.chosen, own), sets) for own in options]

    def new_sets(self, movers: Sequence[int]) -> tuple[int, ...]:
        for agent in movers:
            self.sets[agent] += 1
        return tuple(self.sets[agent] for agent in movers)
