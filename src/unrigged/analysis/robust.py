"""L1-rationally robust plays: Σ¹ and Σ² of agents who know only what others' values are at least.

Leveraging.md («Solution concept»), after J. Chen, S. Micali and P. Valiant, Definitions 7 to 10. Σ¹ of an agent: its
strategies that are not distinguishably dominated over all strategies. Σ²: those of Σ¹ that no one strategy of Σ¹
distinguishably dominates over Σ¹ of every compatible context, that is of every context in which the agent has the same
members, values and external knowledge. Dominators are pure, as in the paper.

`Literal` applies these words to strategic forms whose marks are distributions of histories. `Robust` does the same for
mechanisms in which announcements are followed by at most one round of answers, without listing strategies:

- A wrong answer at a node that one's own announcement allows to be reached is eliminated in Σ¹ exactly if another
  answer there is better whatever the others answer: a strategy and its correction differ only where that node is
  reached. Where one joint answer of the agent is left at every node (`exact`), strategies of Σ¹ are announcements.
- Two announcements lead to different histories whatever the others do. So one dominates the other exactly if it is
  better against every announcement of the others, each time with the answers that are worst for it and, independently
  (they are given after another history), those that are best for the other: any answers in Σ¹, those left in Σ².
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from unrigged.analysis.announced import Announced, Coalition, Integers, Replies
from unrigged.analysis.conservative import Kept
from unrigged.analysis.dominance import Contest, Undecided
from unrigged.certificates import Dominated, NoPureDominator, Undominated
from unrigged.errors import InputError
from unrigged.exact import Exact, total
from unrigged.outcome import Outcome
from unrigged.strategic import NormalForm, Notion, Region
from unrigged.valuations import Type

Types = tuple[Type, ...]
"""Everybody's type."""

Partition = tuple[Coalition, ...]
"""The agents: every player in exactly one."""

World = tuple[Types, Partition]
"""What an agent does not know: everybody's types and how they are grouped."""

FEW = 16
"""Columns looked at first for a dominator."""


@dataclass(frozen=True)
class Survivors:
    """What a step leaves to an agent, by numbers of joint announcements, and for all others one that dominates it."""

    rows: tuple[int, ...]
    dominator: Mapping[int, int]


@dataclass
class Robust:
    """Σ¹ and Σ² of a mechanism of announcements and answers.

    tables: what follows the announcements, for every partition into agents that occurs; an agent has the same joint
    announcements wherever it occurs. believed: for an agent, numbers of joint announcements among which are all of
    Σ¹, whatever its types; where it is given Σ¹ is not computed, Σ² compares over these (with the answers of Σ¹), and
    too many announcements may survive, never too few.
    """

    tables: Mapping[Partition, Announced]
    believed: Callable[[Coalition], Sequence[int]] | None = None
    _inside: dict[tuple[Partition, Coalition, Types], Inside] = field(default_factory=dict, repr=False)
    _first: dict[tuple[Partition, Coalition, Types], Survivors] = field(default_factory=dict, repr=False)

    def inside(self, partition: Partition, agent: Coalition, own: Types) -> Inside:
        """What `agent`, its members of the types `own`, gains in the table of `partition`, and its answers in Σ¹."""
        key = (partition, agent, own)
        if key not in self._inside:
            self._inside[key] = Inside(self.tables[partition], agent, own)
        return self._inside[key]

    def first(self, partition: Partition, agent: Coalition, own: Types) -> Survivors:
        """The joint announcements of `agent` in Σ¹ when its members have the types `own`."""
        if self.believed is not None:
            return Survivors(tuple(self.believed(agent)), {})
        key = (partition, agent, own)
        if key not in self._first:
            low, high = self._bounds(self.inside(*key), None)
            self._first[key] = survivors(range(len(low)), [(low, high)])
        return self._first[key]

    def second(self, agent: Coalition, own: Types, worlds: Iterable[World]) -> Survivors:
        """The joint announcements of `agent` in Σ² when it deems the `worlds` possible.

        In every world the agent must be one of the partition and have its own types; InputError otherwise.
        """
        pairs, rows, moves = [], None, None
        for types, partition in worlds:
            if agent not in partition or _of(types, agent) != own:
                raise InputError("worlds", "one with other own types or another grouping", "the agent with its types")
            listed = self.tables[partition].moves[partition.index(agent)]
            if moves is None:
                moves, rows = listed, self.first(partition, agent, own).rows
            elif moves is not listed and moves != listed:
                raise InputError("tables", "several lists of announcements of one agent", "the same in all partitions")
            low, high = self._bounds(self.inside(partition, agent, own), types)
            columns = self._columns(agent, types, partition)
            pairs.append((low[:, columns], high[:, columns]))
        if rows is None:
            raise InputError("worlds", "none", "at least one possible world")
        return survivors(rows, pairs)

    def ends(self, world: World, node: int) -> list[int]:
        """The numbers of the ends of a round of replies that answers of Σ¹ lead to."""
        types, partition = world
        inside = [self.inside(partition, agent, _of(types, agent)) for agent in partition]
        parts = [[one.chosen(node, k) for k in one.answers[node]] for one in inside]
        return [_end(self.tables[partition].replies[node], each) for each in product(*parts)]

    def utilities(self, world: World, agent: Coalition) -> Integers:
        """`scale` times the agent's expected utility after every profile of announcements, everybody answering as in
        Σ¹ (where that leaves several answers, as is worst for the agent)."""
        types, partition = world
        inside = self.inside(partition, agent, _of(types, agent))
        least = [min(values[end] for end in self.ends(world, node)) for node, values in enumerate(inside.gains)]
        return self.tables[partition].expected(inside.payments, least)

    def measured(self, world: World, measure: Callable[[Outcome], Exact]) -> Integers:
        """`scale` times the expectation, after every profile of announcements, of the revenue of payments before the
        end and of a `measure` of the end itself, everybody answering as in Σ¹ (where that leaves several, the
        least)."""
        table = self.tables[world[1]]
        least = [min(measure(node.ends[end]) for end in self.ends(world, k)) for k, node in enumerate(table.replies)]
        return table.expected([total(prices) for prices in table.payments], least)

    def _bounds(self, inside: Inside, types: Types | None) -> tuple[Integers, Integers]:
        """For every own and others' announcements, the least and the most the agent gains by its best answers in Σ¹,
        the others answering anything, or as in Σ¹ where their `types` are given."""
        table, agent = inside.table, inside.agent
        ranges = []
        for node, values in enumerate(inside.gains):
            replies = table.replies[node]
            if types is None:
                others = [_answers(replies, [player for player in replies.players if player not in agent])]
            else:
                others = [
                    [one.chosen(node, k) for k in one.answers[node]]
                    for one in (self.inside(table.agents, other, _of(types, other)) for other in table.agents)
                    if one.agent != agent
                ]
            ends = [
                [_end(replies, (inside.chosen(node, k), *each)) for each in product(*others)]
                for k in inside.answers[node]
            ]
            gained = [[values[end] for end in listed] for listed in ends]
            ranges.append((max(map(min, gained)), max(map(max, gained))))
        low = table.expected(inside.payments, [least for least, _ in ranges])
        high = table.expected(inside.payments, [most for _, most in ranges])
        return table.by_agent(low, agent), table.by_agent(high, agent)

    def _columns(self, agent: Coalition, types: Types, partition: Partition) -> Integers:
        """The others' joint announcements in Σ¹ of a world, as columns of `by_agent`."""
        table = self.tables[partition]
        others = [other for other in partition if other != agent]
        rows = [self.first(partition, other, _of(types, other)).rows for other in others]
        shape = tuple(size for other, size in zip(partition, table.shape, strict=True) if other != agent)
        return np.arange(table.profiles // table.shape[partition.index(agent)]).reshape(shape)[np.ix_(*rows)].ravel()


class Inside:
    """One agent of certain types in one table: its gains, and its answers in Σ¹."""

    def __init__(self, table: Announced, agent: Coalition, own: Types) -> None:
        self.table, self.agent = table, agent
        types = dict(zip(agent, own, strict=True))
        everyone = range(table.mechanism.setting.n)
        self.payments, self.gains = table.gains(agent, [types.get(player, own[0]) for player in everyone])
        self._joint = [_answers(replies, [player for player in replies.players if player in agent])
                       for replies in table.replies]  # fmt: skip
        self.answers = [self._undominated(node) for node in range(len(table.replies))]
        """For every round of replies, the numbers of the agent's joint answers in Σ¹."""

    def chosen(self, node: int, number: int) -> dict[int, int]:
        """The agent's joint answer of that number: for each member who answers, the number of his move."""
        return self._joint[node][number]

    @property
    def exact(self) -> bool:
        """Whether Σ¹ leaves the agent one joint answer in every round of replies."""
        return all(len(kept) == 1 for kept in self.answers)

    def _undominated(self, node: int) -> tuple[int, ...]:
        replies, values = self.table.replies[node], self.gains[node]
        others = _answers(replies, [player for player in replies.players if player not in self.agent])
        gained = [[values[_end(replies, (mine, each))] for each in others] for mine in self._joint[node]]
        return tuple(
            k for k, row in enumerate(gained)
            if not any(all(new > old for new, old in zip(rival, row, strict=True)) for rival in gained)
        )  # fmt: skip


def _of(types: Types, agent: Coalition) -> Types:
    return tuple(types[player] for player in agent)


def _answers(replies: Replies, players: Sequence[int]) -> list[dict[int, int]]:
    """All joint answers of some of those who answer, by player, as numbers of their moves."""
    sizes = [range(len(replies.moves[replies.players.index(player)])) for player in players]
    return [dict(zip(players, numbers, strict=True)) for numbers in product(*sizes)]


def _end(replies: Replies, parts: Iterable[Mapping[int, int]]) -> int:
    """The number of the end that follows when everybody answers as one of the parts says."""
    made = {player: number for part in parts for player, number in part.items()}
    end = 0
    for player, moves in zip(replies.players, replies.moves, strict=True):
        end = end * len(moves) + made[player]
    return end


def survivors(rows: Iterable[int], tables: Sequence[tuple[Integers, Integers]]) -> Survivors:
    """The `rows` that no other of them beats for sure: one of which the least (`low`) is, in every column of every
    table, above the most (`high`) of the beaten one. `tables`: pairs (low, high) of matrices with the same rows."""
    listed = np.array(list(rows), np.int64)
    best = [low[listed].max(axis=0) for low, _ in tables]
    kept: list[int] = []
    dominator: dict[int, int] = {}
    lately: list[int] = []
    for row in listed.tolist():
        if any((high[row] >= most).any() for (_, high), most in zip(tables, best, strict=True)):
            kept.append(row)
            continue
        known = next((each for each in lately if _beats(each, row, tables)), None)
        if known is None:
            rivals = listed
            for low, high in tables:
                for columns in (slice(0, FEW), slice(FEW, None)):
                    rivals = rivals[(low[rivals, columns] > high[row, columns]).all(axis=1)]
            known = int(rivals[0]) if len(rivals) else None
            lately = lately if known is None else [known, *lately[: FEW - 1]]
        if known is None:
            kept.append(row)
        else:
            dominator[row] = known
    return Survivors(tuple(kept), dominator)


def _beats(rival: int, row: int, tables: Sequence[tuple[Integers, Integers]]) -> bool:
    return all((low[rival] > high[row]).all() for low, high in tables)


@dataclass
class Literal:
    """Σ¹ and Σ² by the definitions, on strategic forms with marks of histories.

    games: the game of a context (any hashable name of one); agents are recognised by their names, and an agent has the
    same strategies in all contexts compatible with it. compatible: the contexts compatible with an agent in a context,
    itself included.
    """

    games: Callable[[Hashable], NormalForm]
    compatible: Callable[[Hashable, str], Sequence[Hashable]]
    _played: dict[Hashable, NormalForm] = field(default_factory=dict, repr=False)
    _first: dict[tuple[Hashable, str], Kept] = field(default_factory=dict, repr=False)

    def first(self, context: Hashable, agent: str) -> Kept:
        """Σ¹ of the agent in the context."""
        key = (context, agent)
        if key not in self._first:
            game = self._game(context)
            self._first[key] = _kept(_in_front(Region.all_of(game), agent))
        return self._first[key]

    def second(self, context: Hashable, agent: str) -> Kept:
        """Σ² of the agent in the context."""
        regions = []
        for other in self.compatible(context, agent):
            game = self._game(other)
            allowed = tuple(self.first(context if name == agent else other, name).strategies for name in game.agents)
            regions.append(_in_front(Region(game, allowed), agent)[0])
        return _kept(tuple(regions))

    def _game(self, context: Hashable) -> NormalForm:
        if context not in self._played:
            self._played[context] = self.games(context)
        return self._played[context]


def _in_front(region: Region, agent: str) -> tuple[Region, ...]:
    """The same region with the agent of that name as number 0."""
    game = region.game
    if agent not in game.agents:
        raise InputError("agent", f"'{agent}'", f"one of {', '.join(game.agents)}")
    order = [game.agents.index(agent), *(k for k, name in enumerate(game.agents) if name != agent)]
    turned = NormalForm(
        tuple(game.agents[k] for k in order),
        tuple(game.strategies[k] for k in order),
        tuple(game.payoffs[k].transpose(order) for k in order),
        None if game.marks is None else game.marks.transpose(order),
    )
    return (Region(turned, tuple(region.allowed[k] for k in order)),)


def _kept(regions: tuple[Region, ...]) -> Kept:
    contest = Contest.over(Notion.DISTINGUISHABLE, 0, regions)
    answers = [contest.answer(strategy) for strategy in contest.own]
    return Kept(
        tuple(one.strategy for one in answers if not isinstance(one, Dominated)),
        tuple(one for one in answers if isinstance(one, Dominated)),
        tuple(one for one in answers if isinstance(one, Undominated | NoPureDominator)),
        tuple(one for one in answers if isinstance(one, Undecided)),
        regions,
    )
