"""Finite extensive forms: who moves when, between what, what chance does and how it ends; nobody's payoffs.

Equal subgames may be one *node* that several edges lead to, so a form is a directed graph without cycles; it stands for
the tree of all paths from its root. Nodes are numbered so that children come before parents: whoever solves a form
walks through the numbers once, upwards. All that is kept for a node or an edge is a few small integers.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any, TypeVar

from unrigged.errors import BudgetExceeded, InputError
from unrigged.exact import written
from unrigged.moves.base import MoveSpace
from unrigged.outcome import Prices

END, CHANCE, DECISION = range(3)
"""The kinds of nodes."""

MAX_NODES = 5_000_000
"""A form has no more nodes than this unless the caller allows it."""


@dataclass(frozen=True)
class Turn:
    """A decision: some players, ascending, move simultaneously, each by one of his `moves`.

    The edges of its node stand for the tuples of moves in the order of `itertools.product`. `spaces`: where a move has
    come from, if from a mechanism.
    """

    label: str
    players: tuple[int, ...]
    moves: tuple[tuple[Any, ...], ...]
    spaces: tuple[MoveSpace, ...] = field(default=(), compare=False)

    @property
    def edges(self) -> int:
        """How many tuples of moves there are."""
        return prod(map(len, self.moves))

    def joint(self, edge: int) -> tuple[Any, ...]:
        """The moves that edge number `edge` stands for."""
        chosen = []
        for moves in reversed(self.moves):
            edge, number = divmod(edge, len(moves))
            chosen.append(moves[number])
        return tuple(reversed(chosen))

    def edge(self, joint: Sequence[Any]) -> int:
        """The number of the edge that stands for the moves `joint`; InputError for a move that is not in the form."""
        edge = 0
        for moves, move in zip(self.moves, joint, strict=True):
            if move not in moves:
                raise InputError(self.label, move, f"one of the {len(moves)} moves of this finite form")
            edge = edge * len(moves) + moves.index(move)
        return edge

    def written(self, place: int, move: Any) -> str:
        """A move of the player at that place among those who move, in a few characters: its JSON form where it has one,
        texts as they are."""
        data = self.spaces[place].encode(move) if self.spaces else move
        return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, default=repr)


@dataclass(frozen=True)
class Odds:
    """A public coin: the names of its sides and their probabilities > 0, which sum to 1."""

    label: str
    names: tuple[str, ...]
    chances: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if len(self.names) != len(self.chances) or min(self.chances, default=0) <= 0 or sum(self.chances) != 1:
            found = "probabilities " + ", ".join(map(written, self.chances))
            raise InputError(self.label, found, "positive probabilities that sum to 1, one for each side")


@dataclass(frozen=True, eq=False)
class Form:
    """A finite extensive form, built by `FormBuilder`.

    Node v is an end of number `info[v]` (of `ends`), a coin (of `odds`) or a decision (of `turns`), as `kinds[v]` says.
    Its edges are those from `first[v]` on, before `first[v + 1]`; an edge leads to `child`, and on the way the payment
    number `paid` is made (of `payments`; number 0 is nothing). `begun` is paid before the root.
    """

    title: str
    players: tuple[str, ...]
    root: int
    begun: int
    kinds: bytearray
    info: array[int]
    first: array[int]
    child: array[int]
    paid: array[int]
    turns: tuple[Turn, ...]
    odds: tuple[Odds, ...]
    ends: Sequence[Any]
    payments: tuple[Prices, ...]

    def edges(self, node: int) -> range:
        """The edges of `node`."""
        return range(self.first[node], self.first[node + 1])

    @property
    def nodes(self) -> int:
        """How many nodes are kept, equal subgames counted once."""
        return self.root + 1

    @cached_property
    def histories(self) -> int:
        """How many terminal histories the form stands for."""
        counts = [0] * self.nodes
        for node in range(self.nodes):
            edges = self.edges(node)
            counts[node] = sum([counts[child] for child in self.child[edges.start : edges.stop]]) if edges else 1
        return counts[self.root]

    def __repr__(self) -> str:
        return f"Form({self.title}: {self.histories} terminal histories, {self.nodes} nodes)"


Interned = TypeVar("Interned", bound=Hashable)


def number(known: dict[Interned, int], value: Interned) -> int:
    """The number of `value` among those `known`, to which it is added where it is new."""
    return known.setdefault(value, len(known))


class FormBuilder:
    """Puts a form together from its ends up; every method returns the number of the node it adds."""

    def __init__(self, players: Sequence[str], limit: int = MAX_NODES) -> None:
        self.players, self.limit = tuple(players), limit
        self.kinds = bytearray()
        self.info, self.first, self.child, self.paid = array("i"), array("i", [0]), array("i"), array("i")
        self.turns: dict[Turn, int] = {}
        self.odds: dict[Odds, int] = {}
        self.payments: dict[Prices, int] = {(): 0}

    def end(self, which: int) -> int:
        """An end, of that number."""
        return self.add(END, which)

    def chance(self, odds: Odds, children: Sequence[int], paid: Sequence[Prices] = ()) -> int:
        """A coin: a child for every side, and what is paid on the way to it."""
        return self.add(CHANCE, number(self.odds, odds), children, paid)

    def decision(self, turn: Turn, children: Sequence[int], paid: Sequence[Prices] = ()) -> int:
        """A decision: a child for every tuple of moves, and what is paid on the way to it."""
        return self.add(DECISION, number(self.turns, turn), children, paid)

    def add(self, kind: int, info: int, children: Sequence[int] = (), paid: Sequence[Prices] = ()) -> int:
        """A node of that kind; `info` as in the form."""
        node = len(self.kinds)
        if node >= self.limit:
            raise BudgetExceeded(f"a game of more than {self.limit} positions")
        self.kinds.append(kind)
        self.info.append(info)
        if children:
            self.child.extend(children)
            self.paid.extend([number(self.payments, prices) for prices in paid] if paid else [0] * len(children))
        self.first.append(len(self.child))
        return node

    def form(self, title: str, root: int, ends: Sequence[Any], begun: Prices = ()) -> Form:
        """The form with that root."""
        return Form(
            title,
            self.players,
            root,
            number(self.payments, begun),
            self.kinds,
            self.info,
            self.first,
            self.child,
            self.paid,
            tuple(self.turns),
            tuple(self.odds),
            ends,
            tuple(self.payments),
        )
