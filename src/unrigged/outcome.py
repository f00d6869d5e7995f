"""Outcomes: who gets what (or which state is chosen) and what everybody pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from unrigged.exact import Exact, written
from unrigged.setting import NOBODY, NULL_STATE, Allocation, Setting, State, bundle_of

SHOWN_PRICES = 12
"""In words at most that many prices are listed."""

Result = Allocation | State
"""An allocation (a tuple of owners), or the number of a state."""

Prices = tuple[Exact, ...]
"""What each player pays, exactly; a negative price is received."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result and a price for every player. The end of a play, and what many moves and offers propose."""

    result: Result
    prices: Prices

    @property
    def revenue(self) -> Exact:
        """The sum of all prices."""
        return sum(self.prices)

    @property
    def owners(self) -> Allocation:
        """The allocation; TypeError where the result is a state."""
        if not isinstance(self.result, tuple):
            raise TypeError("the result of this outcome is a state, not an allocation")
        return self.result

    @property
    def state(self) -> State:
        """The state; TypeError where the result is an allocation."""
        if isinstance(self.result, tuple):
            raise TypeError("the result of this outcome is an allocation, not a state")
        return self.result

    def after(self, paid: Prices) -> Outcome:
        """The same result with `paid` added to the prices (payments settled earlier)."""
        return Outcome(self.result, tuple(price + before for price, before in zip(self.prices, paid, strict=True)))


def nothing_sold(setting: Setting) -> Allocation:
    """The allocation in which every good stays unsold."""
    return (NOBODY,) * setting.m


def free(setting: Setting) -> Prices:
    """Everybody pays nothing."""
    return (0,) * setting.n


def shifted(prices: Sequence[Exact], by: Fraction | int) -> Prices:
    """`prices` with `by` added to each."""
    return tuple(price + by for price in prices)


def result_in_words(setting: Setting, result: Result) -> str:
    """`result` by names: the state, or who gets which goods."""
    if not isinstance(result, tuple):
        return (
            "no state (the null state)"
            if result == NULL_STATE
            else f"state {setting.need_states('a state').written(result)}"
        )
    goods = setting.goods
    if goods is None or all(owner == NOBODY for owner in result):
        return "nothing is sold"
    parts = [
        f"{name} gets {goods.written(bundle_of(result, player))}"
        for player, name in enumerate(setting.players)
        if player in result
    ]
    return "; ".join(parts)


def prices_in_words(setting: Setting, prices: Sequence[Exact]) -> str:
    """The prices that are not 0, by names; of long lists only the largest ones."""
    paying = [(price, name) for name, price in zip(setting.players, prices, strict=True) if price != 0]
    if len(paying) > SHOWN_PRICES:
        paying.sort(key=lambda each: abs(Fraction(each[0])), reverse=True)
    parts = [
        f"{name} pays {written(price)}" if price > 0 else f"{name} receives {written(-price)}"
        for price, name in paying[:SHOWN_PRICES]
    ]
    if len(paying) > SHOWN_PRICES:
        parts.append(f"and {len(paying) - SHOWN_PRICES} more pay or receive less")
    return ", ".join(parts) or "nobody pays"
