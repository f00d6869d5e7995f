"""What agents can look forward to at a node: a payoff for each, and where wanted the distribution of outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from unrigged.analysis.games import Game
from unrigged.exact import Exact
from unrigged.outcome import Outcome

Lottery = frozenset[tuple[Any, Fraction]]
"""A distribution of outcomes: each (of a mechanism an `Outcome`) with its probability."""


class Prospects:
    """Prospects by number: those of the ends of a game first, then whatever payments and coins make of them.

    `columns[agent][x]` is what the agent gets of prospect x, as the game scales it. `outcomes`: whether two prospects
    of the same payoffs but other outcomes are told apart.
    """

    def __init__(self, game: Game, outcomes: bool = False) -> None:
        self.game, self.outcomes = game, outcomes
        grows = bool(game.form.odds) or len(game.form.payments) > 1
        self.columns: list[Any] = [list(column) if grows else column for column in game.ends]
        self._lotteries: dict[int, Lottery] = {}
        self._numbers: dict[Any, int] = {}
        self._shifted: dict[tuple[int, int], int] = {}
        self._weights = [_weights(odds.chances, game.integers) for odds in game.form.odds]

    def payoffs(self, prospect: int) -> tuple[Exact, ...]:
        """Everybody's payoff, as the game scales it."""
        return tuple([column[prospect] for column in self.columns])

    def lottery(self, prospect: int) -> Lottery:
        """The distribution of outcomes; only where outcomes are told apart."""
        if prospect not in self._lotteries:
            self._lotteries[prospect] = frozenset({(self.game.form.ends[prospect], Fraction(1))})
        return self._lotteries[prospect]

    def key(self, prospect: int) -> Any:
        """Equal for two prospects exactly when they are the same."""
        return (self.payoffs(prospect), self.lottery(prospect)) if self.outcomes else self.payoffs(prospect)

    def distinct(self, prospects: Iterable[int]) -> tuple[int, ...]:
        """The first of each that are the same."""
        listed = list(dict.fromkeys(prospects))
        if len(listed) < 2:
            return tuple(listed)
        found: dict[Any, int] = {}
        for prospect in listed:
            found.setdefault(self.key(prospect), prospect)
        return tuple(found.values())

    def shifted(self, prospect: int, paid: int) -> int:
        """`prospect` when payment number `paid` has been made before."""
        if not paid:
            return prospect
        known = self._shifted.get((prospect, paid))
        if known is None:
            gains = self.game.gains
            payoffs = [column[prospect] + gain[paid] for column, gain in zip(self.columns, gains, strict=True)]
            lottery = None
            if self.outcomes:
                prices = self.game.form.payments[paid]
                lottery = frozenset([(outcome.after(prices), chance) for outcome, chance in self.lottery(prospect)])
            known = self._shifted[prospect, paid] = self._number(payoffs, lottery)
        return known

    def mixed(self, odds: int, prospects: Sequence[int]) -> int:
        """What coin number `odds` makes of the prospects at its sides."""
        weights = self._weights[odds]
        payoffs: list[Exact] = []
        for column in self.columns:
            parts = [column[prospect] * above for prospect, (above, _) in zip(prospects, weights, strict=True)]
            if self.game.integers:
                parts = [part // below for part, (_, below) in zip(parts, weights, strict=True)]
            payoffs.append(sum(parts))
        lottery = None
        if self.outcomes:
            chances: dict[Outcome, Fraction] = {}
            for prospect, side in zip(prospects, self.game.form.odds[odds].chances, strict=True):
                for outcome, chance in self.lottery(prospect):
                    chances[outcome] = chances.get(outcome, Fraction(0)) + side * chance
            lottery = frozenset(chances.items())
        return self._number(payoffs, lottery)

    def _number(self, payoffs: list[Exact], lottery: Lottery | None) -> int:
        key = (tuple(payoffs), lottery)
        known = self._numbers.get(key)
        if known is None:
            known = self._numbers[key] = len(self.columns[0])
            for column, payoff in zip(self.columns, payoffs, strict=True):
                column.append(payoff)
            if lottery is not None:
                self._lotteries[known] = lottery
        return known


def _weights(chances: Sequence[Fraction], integers: bool) -> list[tuple[Exact, int]]:
    """Every chance as a multiplier and a divisor, the latter 1 where payoffs are fractions."""
    return [(chance.numerator, chance.denominator) if integers else (chance, 1) for chance in chances]
