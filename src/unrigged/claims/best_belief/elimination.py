"""The two steps of elimination in the best-belief mechanisms, literally: every strategy, every belief.

Best-belief.md («Solution concepts»): U_i and C_i by weak dominance, DU_i and CD_i by distinguishable dominance, mixed
dominators allowed. A belief of player i is any non-empty set of profiles of the others' types.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations, product
from typing import Any

from numpy import ix_

from unrigged.analysis.conservative import Kept, TwoSteps
from unrigged.analysis.dominance import Contest, Undecided
from unrigged.benchmarks import Benchmarks
from unrigged.certificates import Dominated, reason_against
from unrigged.claims.base import Watch
from unrigged.claims.best_belief.sales import Announced, Forms, Types
from unrigged.context import Context, Knowledge, Profiles
from unrigged.errors import BudgetExceeded
from unrigged.moves.answer import Answer
from unrigged.scenario import Scenario
from unrigged.strategic import Notion, Profile, Region

Belief = tuple[Types, ...]
"""The profiles of types that a player deems possible; his own is his true one in all of them."""


@dataclass(frozen=True)
class Stand:
    """Where a player stands: his type, his belief, BB_i, and which strategies the two steps leave him."""

    own: int
    belief: Belief
    sure: int
    kept: tuple[int, ...]


class Twice:
    """The two steps for the agents of `forms`; agents of one player have beliefs, coalitions keep their first step."""

    def __init__(self, forms: Forms, notion: Notion, watch: Watch) -> None:
        self.forms, self.sales, self.watch = forms, forms.sales, watch
        self.steps = TwoSteps(lambda numbers: forms.game(self._types(numbers)), notion)
        self.accepted: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self._sure: dict[tuple[int, Any], int] = {}
        self._first: dict[tuple[int, int], Kept] = {}
        self._stands: dict[int, tuple[Stand, ...]] = {}

    def first(self, agent: int, types: Types) -> Kept:
        """What the first step leaves the agent whose members' types are those in `types`; every elimination checked."""
        numbers = self._numbers(types)
        key = (agent, numbers[agent])
        if key not in self._first:
            self._first[key] = self._accept(self.steps.first(agent, numbers))
        return self._first[key]

    def stands(self, agent: int) -> tuple[Stand, ...]:
        """Every type and belief of an agent of one player, with what the two steps may leave him.

        Of the second step only as much is done as these claims need: strategies that announce less than BB_i are
        asked for. `exactly` does all of it.
        """
        if agent not in self._stands:
            self._stands[agent] = tuple(self._every_stand(agent))
        return self._stands[agent]

    def _every_stand(self, agent: int) -> Iterator[Stand]:
        (player,) = self.forms.agents[agent]
        known = range(len(self.sales.valuations))
        for own in known:
            possible = [
                (*rest[:player], own, *rest[player:]) for rest in product(known, repeat=len(self.sales.players) - 1)
            ]
            for belief in chain.from_iterable(combinations(possible, size) for size in range(1, len(possible) + 1)):
                self.watch.step("beliefs", self.counts["beliefs"])
                self.counts["beliefs"] += 1
                sure, first = self.sure(player, belief), self.first(agent, belief[0]).strategies
                low = [strategy for strategy in first if self.announced_revenue(agent, strategy) < sure]
                gone = self._gone(agent, belief, low) if low else set()
                yield Stand(own, belief, sure, tuple(strategy for strategy in first if strategy not in gone))

    def exactly(self, agent: int, belief: Belief) -> tuple[int, ...]:
        """C_i or CD_i of an agent of one player who has that belief."""
        return self._accept(self.steps.second(agent, [self._numbers(types) for types in belief])).strategies

    def _gone(self, agent: int, belief: Belief, strategies: Sequence[int]) -> set[int]:
        """Those of `strategies` that the second step eliminates, each by an accepted certificate."""
        regions = tuple(
            Region(
                self.forms.game(types), tuple(self.first(j, types).strategies for j in range(len(self.forms.agents)))
            )
            for types in belief
        )
        contest = Contest.over(self.steps.notion, agent, regions)
        gone = set()
        for strategy in strategies:
            answer = contest.answer(strategy, mixed=True)
            if isinstance(answer, Undecided):
                raise BudgetExceeded(answer.why)
            if isinstance(answer, Dominated):
                self._check(answer, regions)
                gone.add(strategy)
        return gone

    def sure(self, player: int, belief: Belief) -> int:
        """BB_i of the player who has this belief."""
        tables = self.sales.valuations
        lows = tuple(
            tuple(min(values) for values in zip(*(tables[types[j]].values for types in belief), strict=True))
            for j in self.sales.players
            if j != player
        )
        if (player, lows) not in self._sure:
            self._sure[player, lows] = int(
                Benchmarks(self.context(belief[0], {player: belief})).best_belief(player).value
            )
        return self._sure[player, lows]

    def context(self, types: Types, beliefs: dict[int, Belief]) -> Context:
        """The context of these types, in which players have the beliefs listed, the others perfect knowledge."""
        tables = self.sales.valuations
        setting = self.sales.mechanism.setting
        knowledge: dict[str, Knowledge] = {
            setting.players[player]: Profiles(tuple(tuple(tables[one] for one in profile) for profile in belief))
            for player, belief in beliefs.items()
        }
        coalitions = [agent for agent in self.forms.agents if len(agent) > 1]
        return Context(setting, tuple(tables[own] for own in types), knowledge, tuple(coalitions))  # type: ignore[arg-type]

    def announced_revenue(self, agent: int, strategy: int) -> int:
        """The revenue that an agent of one player announces by a strategy."""
        (player,) = self.forms.agents[agent]
        return self.sales.revenues[player][self.forms.behaviours[agent][strategy].announced[0]]

    def scenario(self, profile: Profile, types: Types, beliefs: dict[int, Belief], title: str) -> Scenario:
        """The play of a profile of strategies."""
        announced, answers = self.forms.play(profile)
        context = self.context(types, beliefs)
        return self.sales.scenario(
            announced, self.said(announced, answers), types, title, context.knowledge, context.coalitions
        )

    def said(self, announced: Announced, answers: Sequence[Sequence[Answer]]) -> dict[int, Answer]:
        """Who answers what, on whichever side of the coin he is asked."""
        sides = zip(self.sales.after[announced], answers, strict=True)
        return {buyer: one for side, given in sides for buyer, one in zip(side.buyers, given, strict=True)}

    def lowest(self, kept: Sequence[Sequence[int]]) -> tuple[Fraction, Profile]:
        """The smallest expected revenue when every agent plays one of his strategies in `kept`, and where it is."""
        table = self.forms.revenue[ix_(*kept)]
        flat = int(table.argmin())
        places = []
        for own in reversed(kept):
            flat, place = divmod(flat, len(own))
            places.append(own[place])
        profile = tuple(reversed(places))
        return Fraction(int(table.min()), self.forms.unit), profile

    def _numbers(self, types: Types) -> Profile:
        """For every agent the number of his members' types, taken together."""
        size = len(self.sales.valuations)
        return tuple(
            sum(types[player] * size**place for place, player in enumerate(agent)) for agent in self.forms.agents
        )

    def _types(self, numbers: Profile) -> Types:
        """The types of the players from the numbers of the agents' types."""
        size = len(self.sales.valuations)
        types = [0] * len(self.sales.players)
        for agent, number in zip(self.forms.agents, numbers, strict=True):
            for place, player in enumerate(agent):
                types[player] = number // size**place % size
        return tuple(types)

    def _accept(self, kept: Kept) -> Kept:
        """The same, its certificates of elimination accepted; BudgetExceeded where something stayed undecided."""
        if kept.undecided:
            raise BudgetExceeded(kept.undecided[0].why)
        for one in kept.eliminated:
            self.watch.step("certificates checked", self.accepted["dominators"])
            self._check(one, kept.regions)
        return kept

    def _check(self, one: Dominated, regions: Sequence[Region]) -> None:
        reason = reason_against(one, regions)
        if reason is not None:
            raise AssertionError(reason)
        self.accepted["dominators"] += 1
