"""Every subgame-perfect outcome, by backward induction over the positions of a finite game.

Equilibria are those in pure strategies; a strategy may depend on all that has happened. A subgame with several
equilibrium prospects may be played in any of these ways, and in another way after another history, so what can be
expected at a node is a *set* of prospects:

- one agent chooses: he can be sure of the best among the worst prospects of his moves, because whoever plays after a
  move that he does not make may do what is worst for him; the prospects of the node are all those, after any move, that
  give him at least that;
- several agents choose simultaneously: a prospect after a tuple of moves remains if it gives each of them at least the
  best of the worst prospects that he can turn to by changing his own move alone (deviations of different agents lead to
  different tuples, so these threats do not interfere);
- a coin: all mixtures of one prospect from each side.

A simultaneous decision may have no equilibrium in pure strategies; then nor has any game that it is part of.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, Literal

from unrigged.analysis.form import CHANCE, END, Turn
from unrigged.analysis.games import Game
from unrigged.analysis.prospects import Lottery, Prospects
from unrigged.analysis.witness import Witness
from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact, written
from unrigged.verdict import Verdict, fails, holds, undecided

Payoffs = tuple[Exact, ...]
"""Every agent's expected utility."""

MAX_PROSPECTS = 1_000_000
"""No more prospects than this are kept for all positions that have several, unless the caller allows it."""


LARGE = 1000
"""Games of at least so many nodes are begun for many nodes at once."""


@dataclass(frozen=True)
class Equilibria:
    """All subgame-perfect equilibria of a game, in pure strategies, by what they lead to.

    `found[v]` is the only prospect of node v, or -k where they are those of `several[k]`. In the same way `profiles[v]`
    and `profiles_of_several[k]` say how many equilibria of the subgame have each prospect: 1, or 2 for any larger
    number.
    """

    game: Game
    prospects: Prospects
    found: array[int]
    several: list[tuple[int, ...]]
    profiles: bytearray
    profiles_of_several: list[tuple[int, ...]]

    def at(self, node: int) -> tuple[int, ...]:
        """The prospects of the equilibria of the subgame at `node`, by number."""
        one = self.found[node]
        return (one,) if one >= 0 else self.several[-one]

    def profiles_at(self, node: int) -> tuple[int, ...]:
        """For each prospect at `node` 1 or 2, as many profiles as lead to it, or more."""
        one = self.found[node]
        return (self.profiles[node],) if one >= 0 else self.profiles_of_several[-one]

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """The prospects of the whole game, by number."""
        form = self.game.form
        return tuple(self.prospects.shifted(prospect, form.begun) for prospect in self.at(form.root))

    @cached_property
    def one_profile(self) -> bool:
        """Whether there is exactly one such equilibrium (not only one prospect)."""
        return self.profiles_at(self.game.form.root) == (1,)

    @cached_property
    def payoffs(self) -> tuple[Payoffs, ...]:
        """Every agent's expected utility, in every equilibrium: distinct vectors, the largest first."""
        vectors = {tuple(map(self.game.true, self.prospects.payoffs(prospect))) for prospect in self.roots}
        return tuple(sorted(vectors, reverse=True))

    @property
    def outcomes(self) -> tuple[Lottery, ...]:
        """The distributions of outcomes of the equilibria; only where outcomes were told apart."""
        return tuple(map(self.prospects.lottery, self.roots))

    def witness(self, which: int = 0) -> Witness:
        """A strategy profile that is a subgame-perfect equilibrium with the prospect `roots[which]`."""
        return Witness(self.game, self.prospects, self, self.at(self.game.form.root)[which])


def subgame_perfect(game: Game, *, outcomes: bool = False, limit: int = MAX_PROSPECTS) -> Equilibria:
    """All subgame-perfect equilibria of `game` in pure strategies, by their prospects.

    `outcomes`: whether distributions of outcomes are told apart, not only payoffs.
    Raises BudgetExceeded where more than `limit` prospects are to be kept for positions that have several.
    """
    return _Induction(game, outcomes, limit).run()


def joined(agent: int, parts: Iterable[Sequence[Payoffs]]) -> tuple[Payoffs, ...]:
    """The equilibrium payoffs of a game that `agent` begins, alone, from those of its parts: of the games in which his
    first move is restricted to some of its moves; every move is in some part.

    It makes no difference whether he chooses a move at once, or first a part and then a move of it: the worst that he
    can expect of a part in its equilibria is the best that one of its moves makes sure of.
    """
    listed = [list(part) for part in parts]
    if not all(listed):
        return ()
    sure = max(min(payoffs[agent] for payoffs in part) for part in listed)
    return tuple(sorted({payoffs for part in listed for payoffs in part if payoffs[agent] >= sure}, reverse=True))


class _Induction:
    """One walk through the nodes, children first."""

    def __init__(self, game: Game, outcomes: bool, limit: int) -> None:
        self.game, self.left, self.limit = game, limit, limit
        self.prospects = Prospects(game, outcomes)
        nodes = game.form.nodes
        self.now = Equilibria(game, self.prospects, array("i", bytes(4 * nodes)), [()], bytearray(nodes), [()])

    def run(self) -> Equilibria:
        form, columns = self.game.form, self.prospects.columns
        found, profiles = self.now.found, self.now.profiles
        child, first, info, kinds = form.child, form.first, form.info, form.kinds
        alone = [movers[0] if len(movers) <= 1 else -1 for movers in map(self._choosers, form.turns)]
        free = len(form.payments) == 1
        for node in self.begin():
            kind = kinds[node]
            if kind == END:
                found[node] = info[node]
                profiles[node] = 1
                continue
            below = child[first[node] : first[node + 1]]
            options = [found[one] for one in below]
            if kind == CHANCE:
                self.after_chance(node, below, options)
                continue
            agent = alone[info[node]]
            if agent >= 0 and min(options) >= 0:
                mine = columns[agent]
                values = [mine[option] for option in options]
                if not free:
                    paid, gain = form.paid[first[node] : first[node + 1]], self.game.gains[agent]
                    values = [value + gain[some] for value, some in zip(values, paid, strict=True)]
                best = max(values)
                ways = max([profiles[one] for one in below])
                if values.count(best) == 1:
                    edge = values.index(best)
                    found[node] = options[edge] if free else self.prospects.shifted(options[edge], paid[edge])
                    profiles[node] = ways
                    continue
                tied = [edge for edge, value in enumerate(values) if value == best]
                self.store(
                    node, ((self.prospects.shifted(options[edge], 0 if free else paid[edge]), ways) for edge in tied)
                )
                continue
            stage = Stage(self.now, node, form.turns[info[node]])
            supported = [(self.prospects.shifted(x, form.paid[edge]), stage.profiles(edge, x))
                         for edge, x in stage.supported()]  # fmt: skip
            self.store(node, supported)
        return self.now

    def begin(self) -> Iterable[int]:
        """Settle what is settled for many nodes at once; the other nodes, children first."""
        nodes = self.game.form.nodes
        if nodes < LARGE:
            return range(nodes)
        import numpy as np

        from unrigged.analysis.levels import settled

        ends, known = settled(self.game)
        np.frombuffer(self.now.found, np.int32)[:] = ends
        np.frombuffer(self.now.profiles, np.int8)[:] = known
        return array("i", np.flatnonzero(~known).astype(np.int32).tobytes())

    def _choosers(self, turn: Turn) -> tuple[int, ...]:
        return self.game.movers(turn) or (self.game.agent_of[turn.players[0]],)

    def after_chance(self, node: int, below: Sequence[int], options: Sequence[int]) -> None:
        """All mixtures of the prospects at the sides of a coin; `options`: how these are kept."""
        form, now = self.game.form, self.now
        paid = form.paid[form.first[node] : form.first[node + 1]]
        if min(options) >= 0:
            shifted = [self.prospects.shifted(x, some) for x, some in zip(options, paid, strict=True)]
            now.found[node] = self.prospects.mixed(form.info[node], shifted)
            now.profiles[node] = max([now.profiles[one] for one in below])
            return
        sides = [
            [
                (self.prospects.shifted(x, some), count)
                for x, count in zip(now.at(one), now.profiles_at(one), strict=True)
            ]
            for one, some in zip(below, paid, strict=True)
        ]
        if prod(map(len, sides)) > self.left:
            raise BudgetExceeded(f"more than {self.limit} equilibrium prospects")
        mixtures = (
            (self.prospects.mixed(form.info[node], [x for x, _ in each]), max(count for _, count in each))
            for each in product(*sides)
        )
        self.store(node, mixtures)

    def store(self, node: int, found: Iterable[tuple[int, int]]) -> None:
        """Keep these prospects of `node` with the number of their profiles, those that are the same as one."""
        counts: dict[Any, list[int]] = {}
        for prospect, count in found:
            known = counts.setdefault(self.prospects.key(prospect), [prospect, 0])
            known[1] = min(2, known[1] + count)
        now = self.now
        if len(counts) == 1:
            ((prospect, count),) = counts.values()
            now.found[node], now.profiles[node] = prospect, count
            return
        self.left -= len(counts)
        if self.left < 0:
            raise BudgetExceeded(f"more than {self.limit} equilibrium prospects")
        now.found[node], now.profiles[node] = -len(now.several), 0
        now.several.append(tuple(prospect for prospect, _ in counts.values()))
        now.profiles_of_several.append(tuple(count for _, count in counts.values()))


class Stage:
    """The decision at one node, given the equilibria of all subgames after it."""

    def __init__(self, now: Equilibria, node: int, turn: Turn) -> None:
        game, form = now.game, now.game.form
        self.now, self.edges = now, form.edges(node)
        self.sets = [now.at(form.child[edge]) for edge in self.edges]
        self.columns = [now.prospects.columns[agent] for agent in game.movers(turn)]
        self.gains = [[game.gains[agent][form.paid[edge]] for edge in self.edges] for agent in game.movers(turn)]
        self.others = [_choices_of_others(game, turn, agent) for agent in game.movers(turn)]

    def supported(self) -> Iterator[tuple[int, int]]:
        """What the subgame's equilibria begin with: each as the edge taken and the prospect after it, what is paid on
        the way not included."""
        if not all(self.sets):
            return
        sure: list[dict[int, Exact]] = []
        for column, gain, others in zip(self.columns, self.gains, self.others, strict=True):
            best: dict[int, Exact] = {}
            for prospects, more, rest in zip(self.sets, gain, others, strict=True):
                worst = min([column[prospect] for prospect in prospects]) + more
                if rest not in best or worst > best[rest]:
                    best[rest] = worst
            sure.append(best)
        for offset, edge in enumerate(self.edges):
            needed = [best[rest[offset]] - gain[offset]
                      for best, rest, gain in zip(sure, self.others, self.gains, strict=True)]  # fmt: skip
            for prospect in self.sets[offset]:
                if all(column[prospect] >= least for column, least in zip(self.columns, needed, strict=True)):
                    yield edge, prospect

    def profiles(self, taken: int, prospect: int) -> int:
        """How many equilibria take that edge for that prospect, at most 2."""
        here = taken - self.edges.start
        counts = self._counts[here]
        if counts[self.sets[here].index(prospect)] > 1:
            return 2
        return 2 if any(self.threats(here, prospect, other) > 1 for other in self._loose if other != here) else 1

    def threats(self, here: int, prospect: int, other: int) -> int:
        """How many equilibria of the subgame after the edge `other` deter from it those who could choose it alone."""
        deterred = [
            (column, column[prospect] + gain[here] - gain[other])
            for column, gain, rest in zip(self.columns, self.gains, self.others, strict=True)
            if rest[here] == rest[other]
        ]
        return sum(
            count
            for x, count in zip(self.sets[other], self._counts[other], strict=True)
            if all(column[x] <= most for column, most in deterred)
        )

    @cached_property
    def _counts(self) -> list[tuple[int, ...]]:
        child = self.now.game.form.child
        return [self.now.profiles_at(child[edge]) for edge in self.edges]

    @cached_property
    def _loose(self) -> list[int]:
        """The edges after which there are several equilibria."""
        return [offset for offset, counts in enumerate(self._counts) if sum(counts) > 1]


def _choices_of_others(game: Game, turn: Turn, agent: int) -> Sequence[int]:
    """For every edge a number that says what all but `agent` do."""
    kept = [game.agent_of[player] != agent for player in turn.players]
    if not any(kept):
        return bytes(turn.edges)
    sizes = [len(moves) for moves in turn.moves]
    answer = []
    for numbers in product(*map(range, sizes)):
        code = 0
        for counted, size, one in zip(kept, sizes, numbers, strict=True):
            if counted:
                code = code * size + one
        answer.append(code)
    return answer


def unique_outcome(
    game: Game, *, of: Literal["payoffs", "outcomes", "profiles"] = "outcomes", limit: int = MAX_PROSPECTS
) -> Verdict:
    """Whether all subgame-perfect equilibria, in pure strategies, lead to the same payoffs or outcomes, or are the same
    profile; and there is one.

    It holds with the `Equilibria` as evidence; it fails with two profiles of different prospects (two `Witness`es) as
    counterexample where there are such; it is undecided where `limit` prospects do not suffice.
    """
    covered = f"{game.form.title}; {game.form.histories} terminal histories"
    try:
        found = subgame_perfect(game, outcomes=of != "payoffs", limit=limit)
    except BudgetExceeded as exceeded:
        return undecided(str(exceeded), range=covered)
    if not found.roots:
        return fails("no equilibrium in pure strategies: some simultaneous decision has none", range=covered,
                     evidence=found)  # fmt: skip
    if len(found.roots) > 1:
        differing = "outcomes" if len(found.payoffs) < len(found.roots) else "payoffs"
        shown = "; ".join(_in_words(game, payoffs) for payoffs in found.payoffs[:2])
        why = f"{len(found.roots)} subgame-perfect {differing}, among them {shown}"
        return fails(why, range=covered, counterexample=(found.witness(0), found.witness(1)), evidence=found)
    if of == "profiles" and not found.one_profile:
        return fails("several equilibrium profiles, all with the same outcome", range=covered, evidence=found)
    kind = "the only equilibrium" if found.one_profile else f"the only equilibrium {of}, in pure strategies"
    return holds(f"{kind}: {_in_words(game, found.payoffs[0])}", range=covered, evidence=found)


def _in_words(game: Game, payoffs: Sequence[Exact | Fraction]) -> str:
    return ", ".join(f"{name} gets {written(payoff)}" for name, payoff in zip(game.names, payoffs, strict=True))
