"""One subgame-perfect equilibrium as an automaton: what everybody does after every history, worked out when asked.

A *state* is a node and the prospect it is to be played for; the move made tells the next state. Whoever deviates alone
is answered by the play of the next subgame that is worst for him, so that he does not gain. `deviation` checks a
profile without any search: no agent gains by changing one move at any state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from unrigged.analysis.form import CHANCE, END, Turn
from unrigged.analysis.games import Game
from unrigged.analysis.prospects import Prospects
from unrigged.context import Coalition
from unrigged.errors import InputError
from unrigged.exact import Exact
from unrigged.protocol import Decision, History, Move
from unrigged.strategies.base import Strategy

if TYPE_CHECKING:
    from unrigged.analysis.equilibrium import Equilibria

State = tuple[int, int]
"""A node, and the prospect it is played for."""


class Witness:
    """A strategy profile: at a decision in state s the edge `choice(s)` is taken; `after(s, edge)` is the state that
    follows any edge. Edges are numbered from 0 at each node."""

    def __init__(self, game: Game, prospects: Prospects, equilibria: Equilibria, prospect: int) -> None:
        self.game, self._prospects, self._equilibria = game, prospects, equilibria
        self.start: State = (game.form.root, prospect)
        self._plans: dict[State, tuple[int, tuple[int, ...]]] = {}

    def choice(self, state: State) -> int:
        """The edge taken at a decision; -1 at coins."""
        return self._plan(state)[0]

    def after(self, state: State, edge: int) -> State:
        """The state that follows."""
        form = self.game.form
        return form.child[form.first[state[0]] + edge], self._plan(state)[1][edge]

    def _plan(self, state: State) -> tuple[int, tuple[int, ...]]:
        if state not in self._plans:
            coin = self.game.form.kinds[state[0]] == CHANCE
            self._plans[state] = self._coin(*state) if coin else self._decision(*state)
        return self._plans[state]

    def _coin(self, node: int, target: int) -> tuple[int, tuple[int, ...]]:
        form, prospects = self.game.form, self._prospects
        edges = form.edges(node)
        wanted = prospects.key(target)
        for chosen in product(*(self._equilibria.at(form.child[edge]) for edge in edges)):
            shifted = [prospects.shifted(x, form.paid[edge]) for x, edge in zip(chosen, edges, strict=True)]
            if prospects.key(prospects.mixed(form.info[node], shifted)) == wanted:
                return -1, chosen
        raise AssertionError("a prospect of a coin is a mixture of those at its sides")

    def _decision(self, node: int, target: int) -> tuple[int, tuple[int, ...]]:
        from unrigged.analysis.equilibrium import Stage

        form, prospects = self.game.form, self._prospects
        turn = form.turns[form.info[node]]
        wanted = prospects.key(target)
        taken, after = next(
            (edge, prospect)
            for edge, prospect in Stage(self._equilibria, node, turn).supported()
            if prospects.key(prospects.shifted(prospect, form.paid[edge])) == wanted
        )
        begin = form.first[node]
        following = []
        for edge in form.edges(node):
            listed = self._equilibria.at(form.child[edge])
            deviators = _deviators(self.game, turn, taken - begin, edge - begin)
            if edge == taken:
                following.append(after)
            elif len(deviators) == 1:
                following.append(min(listed, key=prospects.columns[deviators[0]].__getitem__))
            else:
                following.append(listed[0])
        return taken - begin, tuple(following)

    def profile(self) -> dict[Coalition, Strategy]:
        """The strategies of all agents, to be played in the mechanism itself."""
        return {agent: Following(self) for agent in self.game.agents}

    def state(self, history: History) -> State:
        """The state after `history`; InputError where a move is not one of the finite game."""
        form, state = self.game.form, self.start
        for event in history:
            node = state[0]
            if form.kinds[node] == END:
                raise InputError(event.label, "a move after the end", "nothing after the outcome")
            if form.kinds[node] == CHANCE:
                edge = form.odds[form.info[node]].names.index(event.side)
            else:
                edge = form.turns[form.info[node]].edge([move for _, move in event.moves])
            state = self.after(state, edge)
        return state


@dataclass(frozen=True)
class Following(Strategy):
    """An agent's part of a profile."""

    witness: Witness

    def moves(self, decision: Decision, movers: Coalition, history: History) -> Mapping[int, Move]:
        state = self.witness.state(history)
        form = self.witness.game.form
        turn = form.turns[form.info[state[0]]]
        chosen = dict(zip(turn.players, turn.joint(self.witness.choice(state)), strict=True))
        return {player: chosen[player] for player in movers}


def _deviators(game: Game, turn: Turn, planned: int, taken: int) -> list[int]:
    """The agents who, at an edge taken, do not do what was planned."""
    pairs = zip(turn.players, turn.joint(planned), turn.joint(taken), strict=True)
    return sorted({game.agent_of[player] for player, plan, move in pairs if plan != move})


def deviation(witness: Witness) -> str | None:
    """How some agent gains by one other move at some state that the profile can come to, by whatever moves; None where
    nobody does, which makes the profile a subgame-perfect equilibrium.

    Payoffs are computed from the moves of the profile alone.
    """
    game = witness.game
    form = game.form
    values: dict[State, tuple[Exact, ...]] = {}
    waiting = [witness.start]
    while waiting:
        state = waiting[-1]
        node = state[0]
        if state in values:
            waiting.pop()
            continue
        if form.kinds[node] == END:
            values[state] = tuple(column[form.info[node]] for column in game.ends)
            continue
        following = [witness.after(state, edge) for edge in range(len(form.edges(node)))]
        missing = [one for one in following if one not in values]
        if missing:
            waiting.extend(missing)
            continue
        paid = form.paid[form.first[node] : form.first[node + 1]]
        after = [
            tuple(value + gain[some] for value, gain in zip(values[one], game.gains, strict=True))
            for one, some in zip(following, paid, strict=True)
        ]
        if form.kinds[node] == CHANCE:
            chances = form.odds[form.info[node]].chances
            values[state] = tuple(
                sum(chance * value for chance, value in zip(chances, column, strict=True))
                for column in zip(*after, strict=True)
            )
            continue
        turn, planned = form.turns[form.info[node]], witness.choice(state)
        for edge, reached in enumerate(after):
            deviators = _deviators(game, turn, planned, edge)
            if len(deviators) == 1 and reached[deviators[0]] > after[planned][deviators[0]]:
                return f"at '{turn.label}' {game.names[deviators[0]]} gains by {turn.joint(edge)}"
        values[state] = after[planned]
    return None
