"""The finite extensive form of a mechanism on a grid of announcements.

Positions are values: two histories that lead to the same position, whatever has been paid on the way, lead to one
node. What follows is looked up by its `Then`, before it is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

from unrigged.analysis.form import MAX_NODES, Form, FormBuilder, Odds, Turn, number
from unrigged.errors import InputError
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.outcome import Outcome, Prices
from unrigged.protocol import Chance, Decision, Pay, Position, Then

Grid = int | Callable[[MoveSpace], Iterable[Move]]
"""Which moves are played: all whose numbers are at most this in size, or those the function lists for a space."""

Found = tuple[int, Prices]
"""A node, and what is paid on the way to it."""


def unfold(mechanism: Mechanism, grid: Grid, *, transposed: bool = True, limit: int = MAX_NODES) -> Form:
    """The form of `mechanism` when only moves of `grid` are made; it serves every context.

    `transposed`: whether equal positions are one node; otherwise the form is the full tree.
    Raises InputError where a function lists no move, an illegal one or one twice, BudgetExceeded beyond `limit` nodes.
    """
    unfolding = _Unfolding(mechanism, grid, transposed, limit)
    root, begun = unfolding.place(mechanism.start())
    moves = f"announcements up to {grid}" if isinstance(grid, int) else "chosen announcements"
    title = ", ".join(filter(None, [mechanism.name, mechanism.settings_in_words(), moves]))
    return unfolding.builder.form(title, root, tuple(unfolding.ends), begun)


class _Unfolding:
    def __init__(self, mechanism: Mechanism, grid: Grid, transposed: bool, limit: int) -> None:
        self.grid, self.transposed = grid, transposed
        self.builder = FormBuilder(mechanism.setting.players, limit)
        self.ends: dict[Outcome, int] = {}
        self.end_nodes: dict[int, int] = {}
        self.after: dict[Then, Found] = {}
        self.decisions: dict[tuple[str, Then], list[tuple[Decision, int]]] = {}
        self.chances: dict[Chance, int] = {}

    def follow(self, then: Then) -> Found:
        """Where `then` leads."""
        if not self.transposed:
            return self.place(then())
        found = self.after.get(then)
        if found is None:
            found = self.after[then] = self.place(then())
        return found

    def place(self, position: Position) -> Found:
        """The node of `position`, payments settled."""
        if isinstance(position, Pay):
            node, later = self.follow(position.then)
            return node, _together(position.prices, later)
        if isinstance(position, Outcome):
            return self.end(position), ()
        if isinstance(position, Chance):
            return self.chance(position), ()
        return self.decision(position), ()

    def end(self, outcome: Outcome) -> int:
        which = number(self.ends, outcome)
        if not self.transposed:
            return self.builder.end(which)
        if which not in self.end_nodes:
            self.end_nodes[which] = self.builder.end(which)
        return self.end_nodes[which]

    def chance(self, chance: Chance) -> int:
        known = self.chances.get(chance) if self.transposed else None
        if known is None:
            names = tuple(branch.name for branch in chance.branches)
            odds = Odds(chance.label, names, tuple(branch.probability for branch in chance.branches))
            found = [self.follow(branch.then) for branch in chance.branches]
            known = self.builder.chance(odds, [node for node, _ in found], [paid for _, paid in found])
            if self.transposed:
                self.chances[chance] = known
        return known

    def decision(self, decision: Decision) -> int:
        if not self.transposed:
            return self.new_decision(decision)
        alike = self.decisions.setdefault((decision.label, decision.then), [])
        for known, node in alike:
            if known.actors == decision.actors:
                return node
        node = self.new_decision(decision)
        alike.append((decision, node))
        return node

    def new_decision(self, decision: Decision) -> int:
        players = tuple(player for player, _ in decision.actors)
        spaces = tuple(space for _, space in decision.actors)
        turn = Turn(decision.label, players, tuple(self.moves(decision.label, space) for space in spaces), spaces)
        found = [self.place(decision.then(joint)) for joint in product(*turn.moves)]
        return self.builder.decision(turn, [node for node, _ in found], [paid for _, paid in found])

    def moves(self, label: str, space: MoveSpace) -> tuple[Any, ...]:
        """The moves of `space` on the grid, checked where a function lists them."""
        if isinstance(self.grid, int):
            listed = tuple(space.grid(self.grid))
        else:
            listed = tuple(self.grid(space))
            for move in listed:
                space.checked(move, label)
            if len(set(listed)) != len(listed):
                raise InputError(label, "a move listed twice", "every move once")
        if not listed:
            raise InputError(label, "no moves", "at least one move on the grid")
        return listed


def _together(earlier: Prices, later: Prices) -> Prices:
    if not later:
        return earlier if any(earlier) else ()
    return tuple(one + other for one, other in zip(earlier, later, strict=True))
