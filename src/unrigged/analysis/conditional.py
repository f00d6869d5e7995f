"""Iterated conditional dominance: actions eliminated position by position, the route for games too large for tables.

After M. Shimoji and J. Watson (1998), for actions: at a position, an action of one of the agents who move there (they
move simultaneously) is eliminated when, conditionally on the position being reached, every plan that begins with it is
strictly dominated, by a pure or a mixed plan, over all that is left of the others' plans. A plan is an action now and
one action at each later position of the agent's; what is left is every combination of surviving actions.

That takes no list of plans. The others' plans after two different moves are independent of each other, so a plan that
begins with action a is defended best by the largest payoff that any surviving plans allow after a (its partner is a
best reply there), and attacked best by plans that secure after another action b the most they can whatever the others
do. Hence, exactly: a is eliminated if and only if a mixture of the other surviving actions b *secures*, against every
combination of the others' actions now, more than a can *hope* for; where

- hope(position) is the largest payoff of the agent over all surviving plans of everybody,
- sure(position) is what the best of his surviving plans (or mixtures, where these may dominate) secures: the value of
  the game between him and all others together.

Eliminating only lowers hopes and only raises what is sure, so any order ends with the same actions.

What it says of the elimination of whole strategies. A strategy that plays an eliminated action is distinguishably
dominated, by histories and by outcomes, by one that differs from it at that position and after; eliminating so is
one order of eliminating such strategies, in which not everything goes at once. Hence:

1. Every distribution of histories that strategies surviving literal elimination (with marks of histories) lead to is
   one that plays of `remaining`, the game of what is left here, lead to. What holds in all of these holds in all those.
2. In general more is left here: nobody is held to what his earlier moves were worth while («forward induction»). That
   ann, who could have had 2 outside and went in to get 1 or 3, will go for 3, is not concluded.
   Eliminating dominated strategies in `strategic_form(remaining, marks="histories")` concludes it, and leads to the
   terminal histories that literal elimination of the whole game leads to: the order makes no difference to them
   (J. Chen and S. Micali, Theoretical Economics 8, 2013, for mixtures; for pure dominators, whatever the marks, because
   dominance is then transitive). `subgames.surviving_form` does it where the tables of `remaining` would be large.
3. The two agree at once where those tables have nothing to eliminate: in games of perfect information without ties,
   and whenever one play is left.

The others' choices at a coin or a simultaneous decision are taken to be coordinated (beliefs may be correlated).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.dominance import Undecided, dominance
from unrigged.analysis.form import CHANCE, DECISION, END, Form, FormBuilder, Turn
from unrigged.analysis.games import Game
from unrigged.analysis.linear import PIVOTS, game_value
from unrigged.analysis.reduced_form import own_moves, written_moves
from unrigged.certificates import Dominated
from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact
from unrigged.strategic import NormalForm, Notion

Order = Literal["rounds", "upwards"]
"""All positions at once, round by round; or every position to its end before those that lead to it, in one walk."""


@dataclass(frozen=True)
class Gone:
    """The action number `action` of `agent` at `node`, eliminated by a mixture of his actions there (with plans)."""

    node: int
    agent: int
    action: int
    by: tuple[tuple[int, Fraction], ...]


@dataclass(frozen=True, eq=False)
class ConditionalElimination:
    """What went, in the order in which it went; all of a round at once."""

    game: Game
    mixed: bool
    rounds: tuple[tuple[Gone, ...], ...]
    finished: bool
    """Whether nothing more would go; False where only a number of rounds was asked for."""

    def surviving(self, node: int, agent: int) -> tuple[tuple[Any, ...], ...]:
        """The actions left to an agent who moves at `node`: the moves of his members who move there."""
        turn = self.game.form.turns[self.game.form.info[node]]
        gone = self._gone.get((node, agent), set())
        return tuple(moves for number, moves in enumerate(actions(self.game, turn, agent)) if number not in gone)

    @cached_property
    def _gone(self) -> dict[tuple[int, int], set[int]]:
        found: dict[tuple[int, int], set[int]] = {}
        for eliminated in self.rounds:
            for one in eliminated:
                found.setdefault((one.node, one.agent), set()).add(one.action)
        return found

    def in_words(self, one: Gone) -> str:
        """Whose action it is, where, and by what it is dominated."""
        turn = self.game.form.turns[self.game.form.info[one.node]]
        listed = actions(self.game, turn, one.agent)
        shown = [written_moves(self.game, turn, one.agent, moves) for moves in listed]
        by = " + ".join(shown[k] if weight == 1 else f"{weight} {shown[k]}" for k, weight in one.by)
        return f"{self.game.names[one.agent]}, {turn.label}: {shown[one.action]} is worse than {by}"

    @cached_property
    def remaining(self) -> Game:
        """The game in which only surviving actions can be taken, of the positions that these lead to.

        Where the joint moves left to a coalition are not all combinations of moves of its members, its first member
        makes the joint move there, in words.
        """
        return _restricted(self)


def actions(game: Game, turn: Turn, agent: int) -> tuple[tuple[Any, ...], ...]:
    """The actions of an agent at a decision, numbered: the joint moves of his members who move there."""
    return tuple(dict.fromkeys(own_moves(game, turn, agent)))


def conditional_elimination(
    game: Game, *, mixed: bool = False, order: Order = "rounds", rounds: int | None = None, pivots: int = PIVOTS
) -> ConditionalElimination:
    """Eliminate conditionally dominated actions until none is.

    mixed: whether mixtures can dominate. order: all positions at once in every round (a position may be looked at
    again in each), or upwards, one walk through the game. rounds: stop after so many. pivots: the budget of the exact
    simplex, per linear program; BudgetExceeded where it runs out.

    >>> from unrigged.analysis import Tree
    >>> tree = Tree(["ann", "bob"])
    >>> reply = tree.decision("bob", {"share": tree.end(1, 1), "take": tree.end(0, 2)})
    >>> game = tree.game(tree.decision("ann", {"trust": reply, "keep": tree.end(1, 0)}))
    >>> found = conditional_elimination(game)
    >>> [[found.in_words(one) for one in eliminated] for eliminated in found.rounds]
    [['bob, bob: share is worse than take'], ['ann, ann: trust is worse than keep']]
    >>> found.remaining.form.histories
    1
    """
    return _Walk(game, mixed, pivots).run(order, rounds)


@dataclass(frozen=True, eq=False)
class _Board:
    """A decision as the agents see it: who has a choice, and the edge of every combination of their actions."""

    movers: tuple[int, ...]
    offsets: NDArray[np.intp]
    known: dict[Any, list[list[int]]] = field(default_factory=dict)

    @classmethod
    def of(cls, game: Game, turn: Turn) -> _Board:
        movers = game.movers(turn)
        listed = [own_moves(game, turn, agent) for agent in movers]
        numbers = [{moves: number for number, moves in enumerate(dict.fromkeys(own))} for own in listed]
        offsets = np.zeros(tuple(map(len, numbers)), np.intp)
        for edge in range(turn.edges):
            offsets[tuple(number[own[edge]] for number, own in zip(numbers, listed, strict=True))] = edge
        return cls(movers, offsets)

    def rows(self, place: int, alive: Sequence[Sequence[int]]) -> list[list[int]]:
        """For each action alive of the mover at `place`, the edges by the others' combinations."""
        key = (place, *map(tuple, alive))
        if key not in self.known:
            cut = np.moveaxis(self.offsets[np.ix_(*alive)], place, 0)
            self.known[key] = cut.reshape(len(alive[place]), -1).tolist()
        return self.known[key]

    def edges(self, alive: Sequence[Sequence[int]]) -> list[int]:
        """The edges of all combinations of the actions `alive`."""
        return [edge for row in self.rows(0, alive) for edge in row] if self.movers else [0]


class _Walk:
    def __init__(self, game: Game, mixed: bool, pivots: int) -> None:
        self.game, self.mixed, self.pivots = game, mixed, pivots
        form = game.form
        self.boards = [_Board.of(game, turn) for turn in form.turns]
        self.alive: list[list[list[int]]] = []
        for node in range(form.nodes):
            sizes = self.boards[form.info[node]].offsets.shape if form.kinds[node] == DECISION else ()
            self.alive.append([list(range(size)) for size in sizes])
        self.hope: list[list[Exact]] = [[0] * form.nodes for _ in game.agents]
        self.sure: list[list[Exact]] = [[0] * form.nodes for _ in game.agents]

    def run(self, order: Order, most: int | None) -> ConditionalElimination:
        if order == "upwards":
            return self.upwards(most)
        done: list[tuple[Gone, ...]] = []
        changed = set(range(self.game.form.nodes))
        while True:
            looked_at = self.revalued(changed)
            found = [gone for node in sorted(looked_at) for gone in self.dominated(node)]
            if not found or len(done) == most:
                return ConditionalElimination(self.game, self.mixed, tuple(done), not found)
            self.drop(found)
            done.append(tuple(found))
            changed = {one.node for one in found}

    def upwards(self, most: int | None) -> ConditionalElimination:
        done: list[tuple[Gone, ...]] = []
        for node in range(self.game.form.nodes):
            while found := self.dominated(node):
                if len(done) == most:
                    return ConditionalElimination(self.game, self.mixed, tuple(done), False)
                self.drop(found)
                done.append(tuple(found))
            self.value(node)
        return ConditionalElimination(self.game, self.mixed, tuple(done), True)

    def drop(self, found: Sequence[Gone]) -> None:
        for one in found:
            board = self.boards[self.game.form.info[one.node]]
            self.alive[one.node][board.movers.index(one.agent)].remove(one.action)

    def revalued(self, changed: set[int]) -> set[int]:
        """Values made new where something changed at or below; the positions at which there is something to look at."""
        form = self.game.form
        moved = bytearray(form.nodes)
        looked_at = set()
        for node in range(form.nodes):
            below = any(moved[child] for child in form.child[form.first[node] : form.first[node + 1]])
            if below or node in changed:
                looked_at.add(node)
                moved[node] = self.value(node)
        return looked_at

    def value(self, node: int) -> bool:
        """Set hope and what is sure at `node`; whether either is another than before."""
        form, before = (
            self.game.form,
            [(hope[node], sure[node]) for hope, sure in zip(self.hope, self.sure, strict=True)],
        )
        kind, info = form.kinds[node], form.info[node]
        for agent in range(len(self.game.agents)):
            hope, sure = self.hope[agent], self.sure[agent]
            if kind == END:
                hope[node] = sure[node] = self.game.ends[agent][info]
                continue
            hopes, sures = self.after(node, agent, hope), self.after(node, agent, sure)
            if kind == CHANCE:
                chances = form.odds[info].chances
                hope[node], sure[node] = _mean(hopes, chances), _mean(sures, chances)
                continue
            board, alive = self.boards[info], self.alive[node]
            edges = board.edges(alive)
            hope[node] = max([hopes[edge] for edge in edges])
            if agent not in board.movers:
                sure[node] = min([sures[edge] for edge in edges])
                continue
            rows = board.rows(board.movers.index(agent), alive)
            sure[node] = self.secured([[sures[edge] for edge in row] for row in rows])
        return before != [column[node] for column in (*self.hope, *self.sure)]

    def after(self, node: int, agent: int, values: Sequence[Exact]) -> list[Exact]:
        """What an agent has of every edge of `node`, payments included."""
        form, gain = self.game.form, self.game.gains[agent]
        return [values[form.child[edge]] + gain[form.paid[edge]] for edge in form.edges(node)]

    def secured(self, rows: list[list[Exact]]) -> Exact:
        if not self.mixed:
            return max([min(row) for row in rows])
        value = game_value(rows, pivots=self.pivots)
        if value is None:
            raise BudgetExceeded(f"a value not found within {self.pivots} steps of the simplex")
        return value

    def dominated(self, node: int) -> list[Gone]:
        """The actions that are dominated at `node`, of every agent."""
        form = self.game.form
        if form.kinds[node] != DECISION:
            return []
        board, alive = self.boards[form.info[node]], self.alive[node]
        found = []
        for place, agent in enumerate(board.movers):
            if len(alive[place]) == 1:
                continue
            rows = board.rows(place, alive)
            hopes, sures = self.after(node, agent, self.hope[agent]), self.after(node, agent, self.sure[agent])
            hope = [[hopes[edge] for edge in row] for row in rows]
            sure = [[sures[edge] for edge in row] for row in rows]
            for row, action in enumerate(alive[place]):
                by = self.dominator(row, hope[row], sure)
                if by:
                    found.append(Gone(node, agent, action, tuple((alive[place][k], weight) for k, weight in by)))
        return found

    def dominator(self, row: int, hope: list[Exact], sure: list[list[Exact]]) -> tuple[tuple[int, Fraction], ...]:
        """The rows, with weights, that secure more than row number `row` can hope for; nothing where there are none."""
        for k, secured in enumerate(sure):
            if k != row and all(mine < more for mine, more in zip(hope, secured, strict=True)):
                return ((k, Fraction(1)),)
        if not self.mixed or len(sure) < 3:
            return ()
        rivals = [secured for k, secured in enumerate(sure) if k != row]
        if any(mine >= max(column) for mine, column in zip(hope, zip(*rivals, strict=True), strict=True)):
            return ()
        table = np.empty((len(sure), len(hope)), object)
        for k, secured in enumerate(sure):
            table[k] = hope if k == row else secured
        names = (tuple(range(len(sure))), tuple(range(len(hope))))
        local = NormalForm(("mover", "others"), names, (table, np.zeros(table.shape, np.int64)))
        answer = dominance(Notion.STRICT, 0, row, local, mixed=True, pivots=self.pivots)
        if isinstance(answer, Undecided):
            raise BudgetExceeded(answer.why)
        return answer.by if isinstance(answer, Dominated) else ()


def _mean(values: Sequence[Exact], chances: Sequence[Fraction]) -> Exact:
    """The expectation; payoffs of a game are scaled so that every part is whole, what mixtures secure need not be."""
    total: Exact = 0
    for value, chance in zip(values, chances, strict=True):
        part, left = divmod(value * chance.numerator, chance.denominator)
        total += part if not left else value * chance
    return total.numerator if isinstance(total, Fraction) and total.denominator == 1 else total


def _restricted(found: ConditionalElimination) -> Game:
    game, form = found.game, found.game.form
    reached, kept = bytearray(form.nodes), dict[int, tuple[Turn, list[int]]]()
    reached[form.root] = 1
    for node in range(form.root, -1, -1):
        if not reached[node]:
            continue
        edges: Sequence[int] = form.edges(node)
        if form.kinds[node] == DECISION:
            turn, offsets = _cut_turn(found, node)
            kept[node] = (turn, [form.first[node] + offset for offset in offsets])
            edges = kept[node][1]
        for edge in edges:
            reached[form.child[edge]] = 1
    builder = FormBuilder(form.players, form.nodes)
    builder.payments = {prices: number for number, prices in enumerate(form.payments)}
    new = [0] * form.nodes
    for node in range(form.nodes):
        if not reached[node]:
            continue
        kind, info = form.kinds[node], form.info[node]
        if kind == END:
            new[node] = builder.end(info)
            continue
        edges = kept[node][1] if kind == DECISION else form.edges(node)
        children = [new[form.child[edge]] for edge in edges]
        paid = [form.payments[form.paid[edge]] for edge in edges]
        if kind == CHANCE:
            new[node] = builder.chance(form.odds[info], children, paid)
        else:
            new[node] = builder.decision(kept[node][0], children, paid)
    title = f"{form.title}, what survives conditional dominance"
    rest: Form = builder.form(title, new[form.root], form.ends, form.payments[form.begun])
    return Game(rest, game.agents, game.scale, game.ends, game.gains)


def _cut_turn(found: ConditionalElimination, node: int) -> tuple[Turn, list[int]]:
    """The decision at `node` with the surviving actions only, and the edges left, in its order."""
    game = found.game
    turn = game.form.turns[game.form.info[node]]
    agents = sorted({game.agent_of[player] for player in turn.players})
    left = [found.surviving(node, agent) for agent in agents]
    places = [
        [place for place, player in enumerate(turn.players) if game.agent_of[player] == agent] for agent in agents
    ]
    single: list[tuple[Any, ...]] = [()] * len(turn.players)
    for own, mine in zip(left, places, strict=True):
        for part, place in enumerate(mine):
            single[place] = tuple(dict.fromkeys(moves[part] for moves in own))
    joint: list[tuple[Any, ...]] = list(product(*single))
    if all(len(own) == np.prod([len(single[place]) for place in mine]) for own, mine in zip(left, places, strict=True)):
        return Turn(turn.label, turn.players, tuple(single), turn.spaces), [turn.edge(moves) for moves in joint]
    order = sorted(range(len(agents)), key=lambda k: game.agents[agents[k]][0])
    leaders = tuple(turn.players[places[k][0]] for k in order)
    words = tuple(tuple(written_moves(game, turn, agents[k], moves) for moves in left[k]) for k in order)
    offsets = []
    for chosen in product(*(left[k] for k in order)):
        moves = list(single)
        for k, own in zip(order, chosen, strict=True):
            for part, place in enumerate(places[k]):
                moves[place] = own[part]
        offsets.append(turn.edge(moves))
    return Turn(turn.label, leaders, words), offsets
