"""Announcements of what one could sell to others: an allocation with integer prices, and a favourite set.

Source: Chen and Micali 2016, sections 4 and 6, step 1 («announcing an outcome» in the best-belief sheet).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from random import Random
from typing import Any

from unrigged.exact import Exact, elias_delta, exact, written
from unrigged.moves.base import (
    Move,
    MoveSpace,
    allocation_from_json,
    allocation_to_json,
    fields_of,
    is_bundle,
    names_in,
    names_size,
    owner_bits,
    prices_to_json,
    random_bundle,
)
from unrigged.outcome import Outcome, nothing_sold
from unrigged.setting import NOBODY, Bundle, Setting, bundle_of, subsets


@dataclass(frozen=True)
class OfferSpace(MoveSpace):
    """Outcomes in which `player` sells goods to the others.

    He receives nothing; whoever receives something has a price that is a positive multiple of `step` (1, unless prices
    may have decimals; 0 for any positive rational), whoever receives nothing the price 0. The empty outcome is legal,
    and is the default.
    """

    setting: Setting
    player: int
    step: Fraction = Fraction(1)

    def reason(self, move: Move) -> str | None:
        if type(move) is not Outcome:
            return "an outcome is expected: an allocation and prices"
        return self.reason_offer(move.result, move.prices)

    def reason_offer(self, owners: Any, prices: Any) -> str | None:
        """Why this allocation at these prices is not legal; None where it is."""
        if type(owners) is not tuple or len(owners) != self._goods:
            return "every good needs an owner, or nobody"
        if type(prices) is not tuple or len(prices) != self._players:
            return "every player needs a price"
        if not all(type(owner) is int and NOBODY <= owner < self._players for owner in owners):
            return "every owner must be a player, or nobody"
        buyers = set(owners)
        for player, price in enumerate(prices):
            if player in buyers:
                if player == self.player:
                    return "the announcer offers himself goods"
                if not (type(price) is int and price > 0 and self._whole) and not self._multiple(price):
                    return f"{self.setting.players[player]} is offered goods for {price}, not for {self._allowed()}"
            elif price != 0 or type(price) is not int:
                return f"{self.setting.players[player]} is offered nothing, so his price must be 0"
        return None

    def misplaced(self, move: Outcome) -> str:
        for player, name in enumerate(self.setting.players):
            price, sold = move.prices[player], player in move.owners
            if sold and player == self.player:
                return f".allocation.{name}"
            if not self._multiple(price) if sold else price != 0:
                return f".prices.{name}"
        return ""

    @cached_property
    def _goods(self) -> int:
        return self.setting.m

    @cached_property
    def _players(self) -> int:
        return self.setting.n

    @cached_property
    def _whole(self) -> bool:
        return self.step == 1

    def _allowed(self) -> str:
        if self.step == 0:
            return "a positive number"
        return "a positive integer" if self.step == 1 else f"a positive multiple of {self.step}"

    def _multiple(self, price: Any) -> bool:
        if type(price) not in (int, Fraction) or price <= 0:
            return False
        return self.step == 0 or (Fraction(price) / self.step).denominator == 1

    @property
    def default(self) -> Outcome:
        return Outcome(nothing_sold(self.setting), (0,) * self.setting.n)

    def sample(self, rng: Random, scale: int) -> Outcome:
        others = [NOBODY, *(j for j in self.setting.everyone if j != self.player)]
        owners = tuple(rng.choice(others) for _ in range(self.setting.m))
        prices = (self._price(rng.randint(1, scale)) if j in owners else 0 for j in self.setting.everyone)
        return Outcome(owners, tuple(prices))

    def _price(self, steps: int) -> Exact:
        return exact((self.step or 1) * steps)

    def grid(self, bound: int) -> Iterator[Outcome]:
        others = [NOBODY, *(j for j in self.setting.everyone if j != self.player)]
        positive = [self._price(steps) for steps in range(1, int(bound / (self.step or 1)) + 1)]
        for owners in product(others, repeat=self.setting.m):
            ranges = [positive if j in owners else [0] for j in self.setting.everyone]
            for prices in product(*ranges):
                yield Outcome(owners, prices)

    def bits(self, move: Outcome) -> int:
        nothing = price_bits(0, self.step)
        prices = sum(price_bits(price, self.step) if price else nothing for price in move.prices)
        return len(move.owners) * owner_bits(self.setting) + prices

    def encode(self, move: Outcome) -> dict[str, Any]:
        return {
            "allocation": allocation_to_json(self.setting, move.owners),
            "prices": prices_to_json(self.setting, move.prices),
        }

    def decode(self, data: object, where: str = "move") -> Outcome:
        fields = fields_of(data, ("allocation", "prices"), where)
        owners = allocation_from_json(self.setting, fields.get("allocation", {}), f"{where}.allocation")
        prices: list[Exact] = [0] * self.setting.n
        for name, price in fields_of(fields.get("prices", {}), self.setting.players, f"{where}.prices").items():
            prices[self.setting.player(name, where)] = exact(price, f"{where}.prices.{name}")
        move: Outcome = self.checked(Outcome(owners, tuple(prices)), where)
        return move

    def describe(self, move: Outcome) -> str:
        goods = self.setting.need_goods("an offer")
        offers = [
            f"{goods.written(bundle_of(move.owners, j))} to {name} for {written(move.prices[j])}"
            for j, name in enumerate(self.setting.players)
            if j in move.owners
        ]
        return f"offers {', '.join(offers)} (revenue {written(move.revenue)})" if offers else "offers nothing"

    def encoded_limit(self, digits: int) -> int:
        goods = self.setting.need_goods("an offer")
        return 64 + 2 * names_size(self.setting.players) + names_size(goods) + self.setting.n * (digits + 40)


def price_bits(price: Exact, step: Fraction) -> int:
    """The bits of a price >= 0: Elias delta code of its multiple of `step`, or, without one, of both its parts."""
    if step == 1 and type(price) is int:
        return elias_delta(price)
    if step:
        return elias_delta(int(Fraction(price) / step))
    return elias_delta(Fraction(price).numerator) + elias_delta(Fraction(price).denominator)


@dataclass(frozen=True, slots=True)
class Wish:
    """An announcement of the best-belief mechanism: the set wanted for oneself, and what one would sell to others."""

    wanted: Bundle
    offer: Outcome


@dataclass(frozen=True)
class WishSpace(MoveSpace):
    """A set of goods for oneself and an outcome that sells goods to others; silence is the empty set and outcome."""

    offers: OfferSpace

    @property
    def setting(self) -> Setting:
        """The setting of the announcement."""
        return self.offers.setting

    def reason(self, move: Move) -> str | None:
        if type(move) is not Wish:
            return "a set of goods and an outcome are expected"
        if not is_bundle(move.wanted, self.offers.setting.m):
            return "the wanted set must be a set of the goods for sale"
        return self.offers.reason(move.offer)

    @property
    def default(self) -> Wish:
        return Wish(0, self.offers.default)

    def sample(self, rng: Random, scale: int) -> Wish:
        return Wish(random_bundle(rng, self.setting.m), self.offers.sample(rng, scale))

    def grid(self, bound: int) -> Iterator[Wish]:
        outcomes = list(self.offers.grid(bound))
        for wanted in subsets((1 << self.setting.m) - 1):
            for offer in outcomes:
                yield Wish(wanted, offer)

    def bits(self, move: Wish) -> int:
        return self.setting.m + self.offers.bits(move.offer)

    def encode(self, move: Wish) -> dict[str, Any]:
        goods = self.setting.need_goods("an announcement")
        return {"wanted": list(goods.names(move.wanted)), **self.offers.encode(move.offer)}

    def decode(self, data: object, where: str = "move") -> Wish:
        fields = fields_of(data, ("wanted", "allocation", "prices"), where)
        goods = self.setting.need_goods("an announcement")
        wanted = goods.bundle(names_in(fields.get("wanted", []), f"{where}.wanted"), f"{where}.wanted")
        offer = self.offers.decode({key: fields[key] for key in ("allocation", "prices") if key in fields}, where)
        return Wish(wanted, offer)

    def describe(self, move: Wish) -> str:
        goods = self.setting.need_goods("an announcement")
        return f"wants {goods.written(move.wanted)} and {self.offers.describe(move.offer)}"

    def encoded_limit(self, digits: int) -> int:
        return self.offers.encoded_limit(digits) + names_size(self.setting.need_goods("an announcement")) + 32
