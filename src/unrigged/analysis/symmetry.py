"""Symmetries that a finite form really has, and contexts that are the same up to them.

A relabelling gives every player another's place, and every good or state another's. It is a symmetry of a form if it
carries the form onto itself: who moves, what can be announced (names in the announcement exchanged accordingly), the
sides of coins and their probabilities, payments, and outcomes. That is never assumed of a mechanism: `symmetries`
walks through the whole form, edge by edge, and keeps the relabellings that pass. Most mechanisms break ties by smallest
number or earliest state, and then have fewer symmetries than their descriptions suggest; a form also has only those
that its grid has.

Where a symmetry carries one context's values and coalitions to another's, it carries the one game to the other. A game
knows of a context nothing else; `orbits` says for each of many contexts of which earlier one it is an image, and
`Relabelling.payoffs` what everybody gets there, given what everybody gets in that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations, product
from typing import Any

from unrigged.analysis.form import CHANCE, END, Form, Odds, Turn
from unrigged.context import Coalition, Context
from unrigged.errors import InputError
from unrigged.exact import Exact
from unrigged.outcome import Outcome, Prices, Result
from unrigged.setting import NOBODY, NULL_STATE, Setting
from unrigged.valuations import StateValues

Value = tuple[tuple[tuple[Exact, ...], ...], tuple[Coalition, ...]]
"""What a game depends on of a context: every player's value of every bundle or state, and the coalitions."""


@dataclass(frozen=True)
class Relabelling:
    """Player i takes the place of player `players[i]`, and the good or state k that of `items[k]`."""

    players: tuple[int, ...]
    items: tuple[int, ...]

    def prices(self, prices: Prices) -> Prices:
        """What everybody pays, relabelled; no payment at all stays so."""
        moved = list(prices)
        for player, price in enumerate(prices):
            moved[self.players[player]] = price
        return tuple(moved)

    def result(self, result: Result) -> Result:
        """An allocation or a state, relabelled; nobody and the null state stay what they are."""
        if not isinstance(result, tuple):
            return result if result == NULL_STATE else self.items[result]
        moved = list(result)
        for good, owner in enumerate(result):
            moved[self.items[good]] = owner if owner == NOBODY else self.players[owner]
        return tuple(moved)

    def outcome(self, outcome: Outcome) -> Outcome:
        """An outcome, relabelled."""
        return Outcome(self.result(outcome.result), self.prices(outcome.prices))

    def coalitions(self, coalitions: Iterable[Coalition]) -> tuple[Coalition, ...]:
        """Coalitions, relabelled and in order."""
        return tuple(sorted(tuple(sorted(self.players[player] for player in one)) for one in coalitions))

    def payoffs(self, payoffs: Sequence[Exact], agents: Sequence[Coalition]) -> tuple[Exact, ...]:
        """What the images of `agents`, in order, get where these get `payoffs`."""
        gets = {self.coalitions([agent]): payoff for agent, payoff in zip(agents, payoffs, strict=True)}
        return tuple(gets[(agent,)] for agent in self.coalitions(agents))

    def values(self, context: Context) -> Value:
        """What the game depends on of `context`, relabelled."""
        rows: list[tuple[Exact, ...]] = [()] * len(self.players)
        for player, one in enumerate(context.types):
            if isinstance(one, StateValues):
                row = list(one.values)
                for state, value in enumerate(one.values):
                    row[self.items[state]] = value
            else:
                row = [0] * (1 << len(self.items))
                for bundle in range(len(row)):
                    row[sum(1 << place for good, place in enumerate(self.items) if bundle >> good & 1)] = one.value(
                        bundle
                    )
            rows[self.players[player]] = tuple(row)
        return tuple(rows), self.coalitions(context.coalitions)


def same(setting: Setting) -> Relabelling:
    """The relabelling that leaves everything in its place."""
    return Relabelling(tuple(range(setting.n)), tuple(range(_items(setting))))


def relabellings(setting: Setting) -> Iterable[Relabelling]:
    """All there are, the identity first; those that keep the owners of endowments where there are any."""
    for players, items in product(permutations(range(setting.n)), permutations(range(_items(setting)))):
        one = Relabelling(players, items)
        if setting.endowment is None or one.result(setting.endowment) == setting.endowment:
            yield one


def _items(setting: Setting) -> int:
    return len(setting.goods) if setting.goods is not None else len(setting.need_states("a relabelling"))


def symmetries(form: Form, setting: Setting, among: Iterable[Relabelling] | None = None) -> tuple[Relabelling, ...]:
    """The relabellings that carry `form`, the form of a mechanism in `setting`, onto itself, each verified in full.

    among: which ones to try; all by default. Raises InputError where a player and a good or state have the same name,
    so that announcements cannot be relabelled by names, and for a form without announcements of a mechanism.
    """
    items = tuple(setting.goods or setting.states or ())
    if set(items) & set(setting.players):
        twice = sorted(set(items) & set(setting.players))
        raise InputError("setting", f"'{twice[0]}' as a player and a good or state", "names of one thing each")
    if any(not turn.spaces for turn in form.turns):
        raise InputError("form", "moves that no mechanism has defined", "the form of a mechanism, from `unfold`")
    tried = relabellings(setting) if among is None else among
    return tuple(one for one in tried if _Image(form, setting.players, items, one).holds())


class _Image:
    """A form compared with its image, pair by pair of nodes."""

    def __init__(self, form: Form, players: Sequence[str], items: Sequence[str], by: Relabelling) -> None:
        self.form, self.by = form, by
        self.names = {name: players[by.players[player]] for player, name in enumerate(players)}
        self.names.update({name: items[by.items[item]] for item, name in enumerate(items)})
        self.edges_of_turns = cache(self._edges_of_turns)
        self.sides_of_coins = cache(self._sides_of_coins)

    def holds(self) -> bool:
        form = self.form
        if self.by.prices(form.payments[form.begun]) != form.payments[form.begun]:
            return False
        waiting, known = [(form.root, form.root)], {(form.root, form.root)}
        while waiting:
            node, image = waiting.pop()
            matched = self.matched(node, image)
            if matched is None:
                return False
            for edge, other in enumerate(matched):
                mine, theirs = form.first[node] + edge, form.first[image] + other
                if self.by.prices(form.payments[form.paid[mine]]) != form.payments[form.paid[theirs]]:
                    return False
                pair = (form.child[mine], form.child[theirs])
                if pair not in known:
                    known.add(pair)
                    waiting.append(pair)
        return True

    def matched(self, node: int, image: int) -> Sequence[int] | None:
        """For every edge of `node` the edge of `image` that it becomes; None where the two do not correspond."""
        form = self.form
        kind, one, other = form.kinds[node], form.info[node], form.info[image]
        if kind != form.kinds[image]:
            return None
        if kind == END:
            return () if self.by.outcome(form.ends[one]) == form.ends[other] else None
        return self.sides_of_coins(one, other) if kind == CHANCE else self.edges_of_turns(one, other)

    def _sides_of_coins(self, one: int, other: int) -> list[int] | None:
        mine, theirs = self.form.odds[one], self.form.odds[other]
        called = [(self.renamed(name), chance) for name, chance in zip(mine.names, mine.chances, strict=True)]
        listed = list(zip(theirs.names, theirs.chances, strict=True))
        return [listed.index(side) for side in called] if _alike(mine, theirs, called, listed) else None

    def renamed(self, words: str) -> str:
        return " ".join(self.names.get(word, word) for word in words.split(" "))

    def _edges_of_turns(self, one: int, other: int) -> list[int] | None:
        mine, theirs = self.form.turns[one], self.form.turns[other]
        players = [self.by.players[player] for player in mine.players]
        if mine.label != theirs.label or sorted(players) != list(theirs.players):
            return None
        places = [theirs.players.index(player) for player in players]
        moves = []
        for place, image in enumerate(places):
            listed = self._moves(mine, place, theirs, image)
            if listed is None:
                return None
            moves.append(listed)
        matched = []
        for numbers in product(*moves):
            joint = [0] * len(places)
            for image, number in zip(places, numbers, strict=True):
                joint[image] = number
            edge = 0
            for listed_moves, number in zip(theirs.moves, joint, strict=True):
                edge = edge * len(listed_moves) + number
            matched.append(edge)
        return matched

    def _moves(self, mine: Turn, place: int, theirs: Turn, image: int) -> list[int] | None:
        """For every move of the player at `place` the number of its image; None where that is no move there."""
        numbers = {move: number for number, move in enumerate(theirs.moves[image])}
        found = []
        for move in mine.moves[place]:
            data = _renamed(mine.spaces[place].encode(move), self.names)
            try:
                found.append(numbers[theirs.spaces[image].decode(data)])
            except (InputError, KeyError):
                return None
        return found if len(set(found)) == len(numbers) else None


def _alike(mine: Odds, theirs: Odds, called: Sequence[Any], listed: Sequence[Any]) -> bool:
    return mine.label == theirs.label and len(set(listed)) == len(listed) and sorted(called) == sorted(listed)


def _renamed(data: Any, names: Mapping[str, str]) -> Any:
    """JSON with names exchanged, in texts and keys alike."""
    if isinstance(data, str):
        return names.get(data, data)
    if isinstance(data, Mapping):
        return {names.get(key, key): _renamed(value, names) for key, value in data.items()}
    return [_renamed(one, names) for one in data] if isinstance(data, list) else data


@dataclass(frozen=True)
class Image:
    """A context is the image, `by` a symmetry, of the context number `of`."""

    of: int
    by: Relabelling


def orbits(contexts: Sequence[Context], group: Sequence[Relabelling]) -> tuple[Image, ...]:
    """For every context the earliest one that a symmetry of `group` carries to it, by values and coalitions.

    >>> from unrigged.setting import choice
    >>> setting = choice(["ann", "bob"], ["park"])
    >>> rows = [((1,), (2,)), ((2,), (1,)), ((2,), (2,))]
    >>> contexts = [Context(setting, tuple(StateValues(["park"], row) for row in both)) for both in rows]
    >>> [image.of for image in orbits(contexts, [Relabelling((0, 1), (0,)), Relabelling((1, 0), (0,))])]
    [0, 0, 2]
    """
    known: dict[Value, Image] = {}
    found = []
    for number, context in enumerate(contexts):
        own = same(context.setting).values(context)
        if own not in known:
            known[own] = Image(number, same(context.setting))
            for one in group:
                known.setdefault(one.values(context), Image(number, one))
        found.append(known[own])
    return tuple(found)
