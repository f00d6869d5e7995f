"""What the claims about leveraging share: finite lists of declarations, contexts with known bounds, and Σ² over them.

On two players all declarations up to a bound are listed, those that name outsiders and opting out included, and Σ¹ is
computed. On more, declarations are listed up to what makes no difference or only harm, by these exact arguments, and
only those that Lemma 1 leaves (it is decided by itself). All of them are tested against the longer lists.

- Prices of those whom the announcer names are never charged: they count in his revenue alone. So they stand on the
  announcer's own price.
- A price of a player outside who would get nothing for it: he says NO (Lemma 2), and the announcer pays it if he has to
  sell. The same price on the announcer himself gives the same revenue for nothing, and everybody has to sell with
  positive probability.
- A good that the wish or the outcome leaves unsold (one good, so nobody minds what he gets) does no harm if it goes to
  one who is named.

What is dropped so is dominated, in the region over which Σ² compares, by what is listed; as an announcement of others
it leads to nothing that a listed one does not lead to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product
from typing import Any

import numpy as np

from unrigged.analysis.announced import Announced, Coalition, Integers, Joint, announced
from unrigged.analysis.coalitions import partitions
from unrigged.analysis.robust import Partition, Robust, Survivors, Types, World
from unrigged.claims.base import Scope, Watch, build
from unrigged.context import Bounds, Context, worth
from unrigged.errors import InputError
from unrigged.exact import Exact, total
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.declarations import OUT, Declaration
from unrigged.outcome import Outcome
from unrigged.protocol import Decision
from unrigged.scenario import Scenario
from unrigged.setting import NOBODY, Goods, Setting, auction
from unrigged.valuations import Table, Valuation

Known = tuple[Valuation, ...]
"""What an agent is sure of: a lower bound for every player (a member's is his own type)."""


@dataclass(frozen=True)
class Situation:
    """A context of leveraging: everybody's types, the agents, and what each agent is sure of."""

    types: tuple[Valuation, ...]
    partition: Partition
    known: tuple[Known, ...]

    def context(self, setting: Setting) -> Context:
        """The context in which every member of an agent knows what the agent knows."""
        knowledge: list[Any] = [None] * setting.n
        for agent, known in zip(self.partition, self.known, strict=True):
            for player in agent:
                knowledge[player] = Bounds({j: known[j] for j in setting.everyone if j != player})
        return Context(setting, self.types, tuple(knowledge), self.partition)


def sale(scope: Scope) -> Setting:
    """The setting of a range: its players and goods."""
    return auction(scope.names, scope.good_names)


def valuations(scope: Scope) -> tuple[Valuation, ...]:
    """All valuations of the goods by the values of the range: every set of goods has any of them (nothing is 0)."""
    goods = Goods(scope.good_names)
    sets = (1 << scope.goods) - 1
    return tuple(Table(goods, [0, *values]) for values in product(scope.every_value, repeat=sets))


def all_declarations(mechanism: Mechanism, bound: int) -> dict[Coalition, list[Joint]]:
    """For every single player all declarations with prices up to `bound`, opting out first where that is allowed."""
    start = mechanism.start()
    assert isinstance(start, Decision)
    return {(player,): [(move,) for move in space.grid(bound)] for player, space in start.actors}


def declarations(
    setting: Setting, player: int, coalition: Coalition, price: int, revenue: int
) -> Iterator[Declaration]:
    """The declarations of a player who names `coalition`, one good, up to what the module's arguments say makes no
    difference: prices outside up to `price`, revenues up to `revenue`."""
    owners = product(setting.everyone, repeat=setting.m)
    for wish, allocation in product(product(coalition, repeat=setting.m), owners):
        buyers = [j for j in setting.everyone if j in allocation and j not in coalition]
        for asked in product(range(price + 1), repeat=len(buyers)):
            for own in range(revenue - sum(asked) + 1):
                prices = [0] * setting.n
                prices[player] = own
                for buyer, each in zip(buyers, asked, strict=True):
                    prices[buyer] = each
                yield Declaration(coalition, wish, Outcome(allocation, tuple(prices)))


def any_naming(mechanism: Mechanism, price: int, revenue: int) -> dict[Coalition, list[Joint]]:
    """Short lists for single players in which anybody may be named: the good is wished for and kept, with own prices
    up to `revenue`, or by who names nobody sold at prices up to `price`; and opting out where that is allowed."""
    setting, start = mechanism.setting, mechanism.start()
    assert isinstance(start, Decision)
    found: dict[Coalition, list[Joint]] = {}
    for player, space in start.actors:
        moves: list[Any] = [OUT] if space.legal(OUT) else []
        others = [j for j in setting.everyone if j != player]
        for size in range(setting.n):
            for named in combinations(others, size):
                coalition = tuple(sorted((player, *named)))
                moves += [kept for kept in declarations(setting, player, coalition, 0, revenue)
                          if set(kept.wish) == set(kept.outcome.owners) == {player}]  # fmt: skip
        moves += [sold for sold in declarations(setting, player, (player,), price, revenue)
                  if player not in sold.outcome.owners and sold.outcome.prices[player] == 0]  # fmt: skip
        found[player,] = [(move,) for move in moves]
    return found


def consistent_naming(agent: Coalition) -> Iterator[dict[int, Coalition]]:
    """All ways in which the members of an agent can name each other, everybody being named back."""
    pairs = list(combinations(agent, 2))
    for chosen in product((False, True), repeat=len(pairs)):
        linked = [pair for pair, together in zip(pairs, chosen, strict=True) if together]
        yield {
            player: tuple(sorted({player, *(j for pair in linked if player in pair for j in pair)})) for player in agent
        }


def consistent_declarations(
    mechanism: Mechanism, agent: Coalition, price: int, revenue: int, *, out: bool
) -> list[Joint]:
    """The joint declarations of an agent that Lemma 1 leaves; with members who opt out where `out`."""
    found: list[Joint] = []
    for present in product((True, False), repeat=len(agent) if out else 0):
        staying = agent if not out else tuple(i for i, there in zip(agent, present, strict=True) if there)
        for naming in consistent_naming(staying):
            lists = [
                list(declarations(mechanism.setting, player, naming[player], price, revenue))
                if player in staying
                else [OUT]
                for player in agent
            ]
            found.extend(product(*lists))
    return found


@dataclass
class Family:
    """The contexts of one mechanism over some types and partitions, the announcements listed, and Σ² in each of them.

    `lists`: the joint announcements of every agent that occurs. `believed`: whether all of them are taken to be in Σ¹
    (so that Σ² can only come out too large).
    """

    mechanism: Mechanism
    types: tuple[Valuation, ...]
    lists: dict[Coalition, list[Joint]]
    partitions: tuple[Partition, ...]
    believed: bool
    watch: Watch = field(default_factory=Watch)
    _second: dict[tuple[Coalition, Types, Known], Survivors] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def robust(self) -> Robust:
        """Σ¹ and Σ²; every profile of announcements is played here."""
        tables = {each: self._table(each) for each in self.partitions}
        if self.believed:
            return Robust(tables, lambda agent: range(len(self.lists[agent])))
        return Robust(tables)

    def _table(self, partition: Partition) -> Announced:
        return announced(self.mechanism, partition, [self.lists[agent] for agent in partition], step=self.watch.step)

    def bounds(self, agent: Coalition, types: Sequence[Valuation]) -> Iterator[Known]:
        """Everything that the agent may be sure of when these are the types."""
        below = [
            [one] if player in agent else [each for each in self.types if at_most(each, one)]
            for player, one in enumerate(types)
        ]
        yield from product(*below)

    def worlds(self, agent: Coalition, own: Types, known: Known) -> Iterator[World]:
        """What is possible for an agent with these types that is sure of these bounds: all types above, all ways in
        which the others may be grouped."""
        members = dict(zip(agent, own, strict=True))
        above = [
            [members[player]] if player in members else [one for one in self.types if at_most(bound, one)]
            for player, bound in enumerate(known)
        ]
        for partition in self.partitions:
            if agent in partition:
                for types in product(*above):
                    yield types, partition

    def second(self, agent: Coalition, types: Sequence[Valuation], known: Known) -> Survivors:
        """Σ² of the agent when these are the types and it is sure of these bounds."""
        own = tuple(types[player] for player in agent)
        key = (agent, own, known)
        if key not in self._second:
            self.watch.step("agents and what they know", len(self._second))
            self._second[key] = self.robust.second(agent, own, self.worlds(agent, own, known))
        return self._second[key]

    def situations(self) -> Iterator[Situation]:
        """All contexts of the family."""
        for partition in self.partitions:
            for types in product(self.types, repeat=self.mechanism.setting.n):
                for known in product(*(list(self.bounds(agent, types)) for agent in partition)):
                    yield Situation(types, partition, known)

    def joints(self, agent: Coalition, survivors: Survivors) -> Iterator[Joint]:
        """The surviving joint announcements."""
        for row in survivors.rows:
            yield self.lists[agent][row]

    def performance(self, types: tuple[Valuation, ...], partition: Partition) -> Integers:
        """Welfare plus revenue after every profile of announcements, times the scale of the table, everybody answering
        as in Σ¹."""

        def measure(end: Outcome) -> Exact:
            return end.revenue + total(worth(one, player, end.result) for player, one in enumerate(types))

        return self.robust.measured((types, partition), measure)

    def least(
        self, table: Integers, partition: Partition, rows: Sequence[Sequence[int]]
    ) -> tuple[Fraction, tuple[int, ...]]:
        """The least entry of a table over profiles among those of these rows, in true size, and its rows."""
        found = self.robust.tables[partition]
        part = table.reshape(found.shape)[np.ix_(*rows)]
        place = np.unravel_index(int(part.argmin()), part.shape)
        chosen = tuple(own[int(k)] for own, k in zip(rows, place, strict=True))
        return Fraction(int(part[place]), found.scale), chosen

    def most(
        self, table: Integers, partition: Partition, rows: Sequence[Sequence[int]]
    ) -> tuple[Fraction, tuple[int, ...]]:
        """The largest entry, as `least`."""
        found, chosen = self.least(-table, partition, rows)
        return -found, chosen

    def scenario(self, situation: Situation, made: Sequence[Any], title: str = "") -> Scenario:
        """The play in which these declarations are made, and answers are those of Lemmas 2 and 3."""
        return declared(self.mechanism, situation.context(self.mechanism.setting), made, title)


def declared(mechanism: Mechanism, context: Context, made: Sequence[Any], title: str = "") -> Scenario:
    """The play in which these declarations are made, and everybody answers as Lemmas 2 and 3 say."""
    start = mechanism.start()
    assert isinstance(start, Decision)
    names = mechanism.setting.players
    script = {start.label: {names[i]: space.encode(move) for (i, space), move in zip(start.actors, made, strict=True)}}
    return Scenario(mechanism, context, title, moves=script)


def at_most(bound: Valuation, one: Valuation) -> bool:
    """Whether `bound` is nowhere above `one`."""
    assert isinstance(bound, Table)
    assert isinstance(one, Table)
    return all(low <= high for low, high in zip(bound.values, one.values, strict=True))


def hidden_value(agent: Coalition, types: Sequence[Valuation], outcome: Outcome) -> Exact:
    """HiddenV: the members' true values of what they get, and the prices of everybody else."""
    inside = total(worth(types[player], player, outcome.result) for player in agent)
    return inside + total(price for player, price in enumerate(outcome.prices) if player not in agent)


def highest(bounds: Iterable[Valuation]) -> Valuation:
    """The pointwise maximum of tables: what those who share their bounds are sure of."""
    tables = [one for one in bounds if isinstance(one, Table)]
    return Table(tables[0].goods, [max(column) for column in zip(*(one.values for one in tables), strict=True)])


def known_welfare(known: Known, goods: int) -> Exact:
    """MKW of an agent: the revenue of RK, the most that any allocation is surely worth."""
    players = range(len(known))
    return max(
        total(worth(known[player], player, owners) for player in players)
        for owners in product((NOBODY, *players), repeat=goods)
    )


def check_announcements(scope: Scope) -> None:
    """InputError where the grid has no prices as high as values: then it lacks what the claims say is better."""
    if scope.announcements < scope.values[1]:
        found = f"{scope.announcements}, with values up to {scope.values[1]}"
        raise InputError("announcements", found, "at least the largest value", f"take {scope.values[1]} or more")


def two_players(scope: Scope, watch: Watch, **parameters: Any) -> Family:
    """All declarations of two players, alone and as one coalition; Σ¹ is computed."""
    check_announcements(scope)
    mechanism = build("leveraging", sale(scope), **{**scope.parameters, **parameters})
    lists = all_declarations(mechanism, scope.announcements)
    lists[0, 1] = [(*one, *other) for one, other in product(lists[0,], lists[1,])]
    return _WithBoth(mechanism, valuations(scope), lists, (((0,), (1,)), ((0, 1),)), believed=False, watch=watch)


class _WithBoth(Family):
    """Two players: the plays of the coalition are those of the two."""

    def _table(self, partition: Partition) -> Announced:
        if len(partition) == 1:
            return self._alone.all_together()
        return self._alone

    @cached_property
    def _alone(self) -> Announced:
        return super()._table(((0,), (1,)))


def naming_anybody(scope: Scope, watch: Watch, **parameters: Any) -> Family:
    """The short lists in which anybody may be named, for players alone and all coalitions; Σ¹ is computed."""
    check_announcements(scope)
    mechanism = build("leveraging", sale(scope), **{**scope.parameters, **parameters})
    single = any_naming(mechanism, scope.values[1], scope.announcements)
    found = tuple(partitions(mechanism.setting.n))
    lists = {
        agent: [tuple(move for one in joint for move in one) for joint in product(*(single[i,] for i in agent))]
        for each in found
        for agent in each
    }
    return Family(mechanism, valuations(scope), lists, found, believed=False, watch=watch)


def offers(scope: Scope, **parameters: Any) -> Iterator[Announced]:
    """What follows every listed declaration of one player, whoever he names (they name him back), when the others sell
    nothing: all rounds of answers that such a star can ask for."""
    mechanism = build("leveraging", sale(scope), **{**scope.parameters, **parameters})
    setting = mechanism.setting
    everyone = tuple(setting.everyone)
    nothing = Outcome((NOBODY,) * setting.m, (0,) * setting.n)
    for star in everyone:
        others = [j for j in everyone if j != star]
        for named in (each for size in range(setting.n) for each in combinations(others, size)):
            coalition = tuple(sorted((star, *named)))
            lists: list[list[Joint]] = []
            for player in everyone:
                back = tuple(sorted({player, star})) if player in named else (player,)
                idle = [(Declaration(back, nothing.owners, nothing),)]
                own = declarations(setting, star, coalition, scope.announcements, scope.announcements)
                lists.append([(move,) for move in own] if player == star else idle)
            yield announced(mechanism, [(player,) for player in everyone], lists)


def alone(scope: Scope, watch: Watch, **parameters: Any) -> Family:
    """All declarations of players who are alone and, as Lemma 1 says, name nobody; any number of goods."""
    check_announcements(scope)
    mechanism = build("leveraging", sale(scope), **{**scope.parameters, **parameters})
    partition = tuple((player,) for player in mechanism.setting.everyone)
    lists = {
        agent: [joint for joint in own if joint[0] is OUT or joint[0].coalition == agent]
        for agent, own in all_declarations(mechanism, scope.announcements).items()
    }
    return Family(mechanism, valuations(scope), lists, (partition,), believed=True, watch=watch)


def all_together(scope: Scope, watch: Watch, **parameters: Any) -> Family:
    """The declarations that Lemma 1 leaves to all players as one coalition."""
    mechanism = build("leveraging", sale(scope), **{**scope.parameters, **parameters})
    everyone = tuple(mechanism.setting.everyone)
    joint = consistent_declarations(mechanism, everyone, scope.values[1], scope.announcements, out=False)
    return Family(mechanism, valuations(scope), {everyone: joint}, ((everyone,),), believed=True, watch=watch)


def many_players(scope: Scope, watch: Watch, *, together: bool, **parameters: Any) -> Family:
    """The declarations that Lemma 1 leaves to players and coalitions of them, the one of all players only if
    `together`; prices outside up to the largest value, revenues up to the largest announcement."""
    check_announcements(scope)
    mechanism = build("leveraging", sale(scope), **{**scope.parameters, **parameters})
    everyone = tuple(mechanism.setting.everyone)
    found = tuple(each for each in partitions(len(everyone)) if together or each != (everyone,))
    out = getattr(mechanism, "optout", "printed") == "explicit"
    price, revenue = scope.values[1], scope.announcements
    lists = {
        agent: consistent_declarations(mechanism, agent, price, revenue, out=out) for each in found for agent in each
    }
    return Family(mechanism, valuations(scope), lists, found, believed=True, watch=watch)
