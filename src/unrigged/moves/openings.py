"""Announcements of an outcome: a state (or an allocation, where allocations are the states) and everybody's price.

Source: Chen, Hassidim and Micali 2010, section 3, step 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from unrigged.errors import InputError
from unrigged.exact import choice_bits, elias_delta
from unrigged.moves.base import (
    Move,
    MoveSpace,
    allocation_from_json,
    allocation_to_json,
    fields_of,
    integers_from_json,
    names_size,
    owner_bits,
    prices_to_json,
)
from unrigged.outcome import Outcome, Result, free, nothing_sold, prices_in_words, result_in_words
from unrigged.setting import NOBODY, NULL_STATE, Setting


@dataclass(frozen=True)
class OpeningSpace(MoveSpace):
    """A state, or an allocation in a setting with goods, with an integer price >= 0 for every player.

    `cap`: the greatest price, None for no cap. `null`: whether the null state may be announced. Silence is the first
    state (nothing sold) at prices 0.
    """

    setting: Setting
    cap: int | None = None
    null: bool = False

    def reason(self, move: Move) -> str | None:
        if type(move) is not Outcome:
            return "an outcome is expected: what is proposed, and prices"
        return self._reason_result(move.result) or self._reason_prices(move.prices)

    def _reason_result(self, result: Any) -> str | None:
        if self.setting.goods is not None:
            if type(result) is not tuple or len(result) != self.setting.m:
                return "every good needs an owner, or nobody"
            if not all(type(owner) is int and NOBODY <= owner < self.setting.n for owner in result):
                return "every owner must be a player, or nobody"
            return None
        if type(result) is int and result == NULL_STATE:
            return None if self.null else "the null state cannot be announced"
        if type(result) is not int or not 0 <= result < len(self.setting.need_states("an announcement")):
            return "the state must be one of this setting"
        return None

    def _reason_prices(self, prices: Any) -> str | None:
        if type(prices) is not tuple or len(prices) != self.setting.n:
            return "every player needs a price"
        for name, price in zip(self.setting.players, prices, strict=True):
            if type(price) is not int or price < 0:
                return f"the price of {name} must be an integer >= 0"
            if self.cap is not None and price > self.cap:
                return f"the price of {name} must be at most {self.cap}"
        return None

    def misplaced(self, move: Outcome) -> str:
        for name, price in zip(self.setting.players, move.prices, strict=True):
            if type(price) is not int or price < 0 or (self.cap is not None and price > self.cap):
                return f".prices.{name}"
        return ""

    @property
    def default(self) -> Outcome:
        return Outcome(0 if self.setting.goods is None else nothing_sold(self.setting), free(self.setting))

    def _greatest(self, bound: int) -> int:
        return bound if self.cap is None else min(bound, self.cap)

    def sample(self, rng: Random, scale: int) -> Outcome:
        prices = tuple(rng.randint(0, self._greatest(scale)) for _ in self.setting.everyone)
        if self.setting.goods is not None:
            return Outcome(tuple(rng.randrange(NOBODY, self.setting.n) for _ in self.setting.goods), prices)
        return Outcome(rng.choice(self._states()), prices)

    def _states(self) -> list[int]:
        listed = range(len(self.setting.need_states("an announcement")))
        return [NULL_STATE, *listed] if self.null else list(listed)

    def _results(self) -> Iterator[Result]:
        if self.setting.goods is None:
            yield from self._states()
        else:
            yield from product(range(NOBODY, self.setting.n), repeat=self.setting.m)

    def grid(self, bound: int) -> Iterator[Outcome]:
        ranges = [range(self._greatest(bound) + 1)] * self.setting.n
        for result in self._results():
            for prices in product(*ranges):
                yield Outcome(result, prices)

    def bits(self, move: Outcome) -> int:
        if self.setting.goods is None:
            named = choice_bits(len(self._states()))
        else:
            named = self.setting.m * owner_bits(self.setting)
        return named + sum(elias_delta(int(price)) for price in move.prices)

    def encode(self, move: Outcome) -> dict[str, Any]:
        prices = prices_to_json(self.setting, move.prices)
        if self.setting.goods is not None:
            return {"allocation": allocation_to_json(self.setting, move.owners), "prices": prices}
        states = self.setting.need_states("an announcement")
        return {"state": None if move.state == NULL_STATE else states[move.state], "prices": prices}

    def decode(self, data: object, where: str = "move") -> Outcome:
        what = "state" if self.setting.goods is None else "allocation"
        fields = fields_of(data, (what, "prices"), where)
        result: Result
        if self.setting.goods is not None:
            result = allocation_from_json(self.setting, fields.get(what, {}), f"{where}.{what}")
        elif what not in fields:
            raise InputError(f"{where}.{what}", "nothing", "the name of a state")
        elif fields[what] is None:
            result = NULL_STATE
        else:
            result = self.setting.need_states("an announcement").number(fields[what], f"{where}.{what}")
        prices = integers_from_json(self.setting, fields.get("prices", {}), f"{where}.prices")
        move: Outcome = self.checked(Outcome(result, prices), where)
        return move

    def describe(self, move: Outcome) -> str:
        return f"proposes: {result_in_words(self.setting, move.result)}; {prices_in_words(self.setting, move.prices)}"

    def encoded_limit(self, digits: int) -> int:
        names = 2 * names_size(self.setting.players) + names_size(self.setting.goods or self.setting.states or ())
        return 64 + names + self.setting.n * (digits + 16)
