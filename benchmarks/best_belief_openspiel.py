"""The best-belief auction as a Python game for OpenSpiel: the alternative that benchmarks/play.py is measured against.

Announcements are numbered; prices are integers up to `PRICES`. Prices paid are kept as fractions here too, so both
sides compute the same exact outcome.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pyspiel

PLAYERS, GOODS, PRICES = 3, 2, 5
EPS = Fraction(1, 10)
NO, YES = 0, 1
START, COIN, ANSWER, END = range(4)


def announcements(player: int) -> list[tuple[int, tuple[int, ...], tuple[int, ...]]]:
    """Every (wanted set, owners, prices) that `player` may announce; owner -1 is nobody."""
    others = [-1, *(other for other in range(PLAYERS) if other != player)]
    listed = []
    for wanted in range(1 << GOODS):
        for owners in product(others, repeat=GOODS):
            ranges = [range(1, PRICES + 1) if other in owners else (0,) for other in range(PLAYERS)]
            listed.extend((wanted, owners, prices) for prices in product(*ranges))
    return listed


ANNOUNCEMENTS = [announcements(player) for player in range(PLAYERS)]
ACTIONS = max(map(len, ANNOUNCEMENTS))

TYPE = pyspiel.GameType(
    short_name="best_belief_python",
    long_name="Best-belief auction",
    dynamics=pyspiel.GameType.Dynamics.SIMULTANEOUS,
    chance_mode=pyspiel.GameType.ChanceMode.EXPLICIT_STOCHASTIC,
    information=pyspiel.GameType.Information.IMPERFECT_INFORMATION,
    utility=pyspiel.GameType.Utility.GENERAL_SUM,
    reward_model=pyspiel.GameType.RewardModel.TERMINAL,
    max_num_players=PLAYERS,
    min_num_players=PLAYERS,
    provides_information_state_string=False,
    provides_information_state_tensor=False,
    provides_observation_string=False,
    provides_observation_tensor=False,
    parameter_specification={},
)
INFO = pyspiel.GameInfo(
    num_distinct_actions=ACTIONS,
    max_chance_outcomes=2,
    num_players=PLAYERS,
    min_utility=-1000.0,
    max_utility=1000.0,
    max_game_length=3,
)


class BestBeliefState(pyspiel.State):
    """A position of the auction."""

    def __init__(self, game: pyspiel.Game) -> None:
        super().__init__(game)
        self.phase = START

    def current_player(self) -> int:
        if self.phase == END:
            return pyspiel.PlayerId.TERMINAL
        return pyspiel.PlayerId.CHANCE if self.phase == COIN else pyspiel.PlayerId.SIMULTANEOUS

    def _legal_actions(self, player: int) -> list[int]:
        if self.phase == START:
            return list(range(len(ANNOUNCEMENTS[player])))
        return [NO, YES] if self.offer[1][player] else [NO]

    def chance_outcomes(self) -> list[tuple[int, float]]:
        return [(0, 0.5), (1, 0.5)]

    def _apply_actions(self, actions: list[int]) -> None:
        if self.phase == START:
            made = [ANNOUNCEMENTS[player][action] for player, action in enumerate(actions)]
            self.revenue = [sum(prices) for _, _, prices in made]
            self.winner = max(range(PLAYERS), key=lambda player: self.revenue[player])
            self.wanted, owners, prices = made[self.winner]
            self.offer = owners, prices
            self.phase = COIN
        else:
            self._conclude(actions)

    def _apply_action(self, action: int) -> None:
        if action == 0:
            self.owners = tuple(self.winner if self.wanted >> good & 1 else -1 for good in range(GOODS))
            self.prices: list[Fraction | int] = [0] * PLAYERS
            self.phase = END
        else:
            self.phase = ANSWER

    def _conclude(self, answers: list[int]) -> None:
        owners, asked = self.offer
        share = EPS / PLAYERS
        prices: list[Fraction | int] = [-(share * revenue / (1 + revenue)) for revenue in self.revenue]
        for player in range(PLAYERS):
            if asked[player] and answers[player] == YES:
                prices[player] += asked[player] - share
            elif asked[player]:
                prices[self.winner] += asked[player]
        self.owners = tuple(o if o >= 0 and answers[o] == YES else -1 for o in owners)
        self.prices = prices
        self.phase = END

    def is_terminal(self) -> bool:
        return self.phase == END

    def returns(self) -> list[float]:
        return [-float(price) for price in self.prices] if self.phase == END else [0.0] * PLAYERS

    def _action_to_string(self, player: int, action: int) -> str:
        return str(action)

    def __str__(self) -> str:
        return f"phase {self.phase}"


class BestBeliefGame(pyspiel.Game):
    """The game OpenSpiel plays."""

    def __init__(self, params: dict[str, object] | None = None) -> None:
        super().__init__(TYPE, INFO, params or {})

    def new_initial_state(self) -> BestBeliefState:
        return BestBeliefState(self)


def plays(count: int, moves: list[tuple[int, ...]], seed: int, *, checked: bool) -> list[tuple[tuple[int, ...], tuple]]:
    """`count` plays of the given announcements (YES to every odd buyer); legality by OpenSpiel where `checked`."""
    game = BestBeliefGame()
    rng = np.random.default_rng(seed)
    sides = rng.integers(0, 2, count)
    ended = []
    for k in range(count):
        state = game.new_initial_state()
        apply = state.apply_actions_with_legality_checks if checked else state.apply_actions
        apply(list(moves[k % len(moves)]))
        state.apply_action(int(sides[k]))
        if not state.is_terminal():
            asked = state.offer[1]
            answers = [YES if player % 2 and asked[player] else NO for player in range(PLAYERS)]
            apply(answers)
        ended.append((state.owners, tuple(state.prices)))
    return ended
