"""Elimination in two steps by agents who know only which type profiles are possible (U and C, DU and CD).

Best-belief.md («Solution concepts»), after J. Chen and S. Micali, definitions 3 and 5. U_j(t_j) is what of agent j's
strategies is not dominated, when his type is t_j, over all strategies. An agent i who deems the profiles B_i possible,
all with his own type in place i, then drops from U_i those strategies that one and the same mixture of U_i dominates
over U(t) = U_1(t_1) × ... × U_n(t_n) for every t in B_i. With weak dominance the two steps give U and C, with
distinguishable dominance DU and CD. (In leveraging.md's Σ² the others' grouping is unknown too: there ask `dominance`
itself, one region per compatible context.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from unrigged.analysis.dominance import Contest, Undecided
from unrigged.analysis.linear import PIVOTS
from unrigged.certificates import Dominated, NoPureDominator, Undominated
from unrigged.errors import InputError
from unrigged.strategic import NormalForm, Notion, Profile, Region

Games = Callable[[Profile], NormalForm]
"""The game in which the agents have the types of a profile; strategies and marks are the same for all profiles."""


@dataclass(frozen=True)
class Kept:
    """What one step leaves to an agent: strategies kept and eliminated, with certificates over `regions`."""

    strategies: tuple[int, ...]
    eliminated: tuple[Dominated, ...]
    confirmed: tuple[Undominated | NoPureDominator, ...]
    undecided: tuple[Undecided, ...]
    """Kept only because the search ran out."""

    regions: tuple[Region, ...]


@dataclass
class TwoSteps:
    """The two steps for all agents and types of one family of games; what was found is remembered.

    games: the game of a profile of types, types being numbers. An agent's payoffs depend on his own type alone
    (private values), so that U_j depends on t_j alone. mixed: whether mixtures can dominate.
    """

    games: Games
    notion: Notion
    mixed: bool = True
    pivots: int = PIVOTS
    _played: dict[Profile, NormalForm] = field(default_factory=dict, repr=False)
    _first: dict[tuple[int, int], Kept] = field(default_factory=dict, repr=False)

    def first(self, agent: int, types: Profile) -> Kept:
        """U of `agent` when his type is the one in `types`: what nothing dominates over all strategies."""
        key = (agent, types[agent])
        if key not in self._first:
            self._first[key] = self._kept(agent, (Region.all_of(self._game(types)),))
        return self._first[key]

    def second(self, agent: int, possible: Sequence[Profile]) -> Kept:
        """C of `agent` when he deems the profiles `possible`: what of U no one mixture dominates over every U(t).

        Raises InputError where no profile is possible, or two of them differ in his own type.
        """
        if not possible:
            raise InputError("belief", "no profile", "at least one possible profile of types")
        if len({types[agent] for types in possible}) != 1:
            raise InputError("belief", "several own types", "profiles that agree in the agent's own type")
        regions = []
        for types in dict.fromkeys(possible):
            game = self._game(types)
            regions.append(Region(game, tuple(self.first(j, types).strategies for j in range(len(game.agents)))))
        return self._kept(agent, tuple(regions))

    def _game(self, types: Profile) -> NormalForm:
        if types not in self._played:
            self._played[types] = self.games(types)
        return self._played[types]

    def _kept(self, agent: int, regions: tuple[Region, ...]) -> Kept:
        contest = Contest.over(self.notion, agent, regions)
        answers = [contest.answer(strategy, mixed=self.mixed, pivots=self.pivots) for strategy in contest.own]
        return Kept(
            tuple(one.strategy for one in answers if not isinstance(one, Dominated)),
            tuple(one for one in answers if isinstance(one, Dominated)),
            tuple(one for one in answers if isinstance(one, Undominated | NoPureDominator)),
            tuple(one for one in answers if isinstance(one, Undecided)),
            regions,
        )
