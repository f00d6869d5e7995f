"""Proposals in a market: who shall own which goods, which goods shall be destroyed, and what everybody shall pay.

Source: Azar, Chen and Micali 2011, section 5: `MarketProposal` is step 1 of the mechanism of section 5.2,
`BalancedProposal` step 1 of the naive mechanisms of section 5.1.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

from unrigged.errors import InputError
from unrigged.exact import Exact, exact, signed_bits, written
from unrigged.moves.base import (
    Move,
    MoveSpace,
    allocation_from_json,
    allocation_to_json,
    fields_of,
    names_in,
    names_size,
    owner_bits,
    prices_to_json,
)
from unrigged.outcome import Outcome, Prices, free, prices_in_words, result_in_words
from unrigged.setting import NOBODY, Allocation, Setting


@dataclass(frozen=True)
class ProposalSpace(MoveSpace):
    """Outcomes of a market: every good goes to a player or is destroyed; which prices are legal, subclasses say.

    Silence proposes (E, 0): everybody keeps his endowment, and nobody pays.
    """

    setting: Setting

    def reason(self, move: Move) -> str | None:
        if type(move) is not Outcome:
            return "a proposal is expected: an allocation and prices"
        owners, prices = move.result, move.prices
        if type(owners) is not tuple or len(owners) != self.setting.m:
            return "every good needs an owner, or has to be destroyed"
        if not all(type(owner) is int and NOBODY <= owner < self.setting.n for owner in owners):
            return "every owner must be a player, or nobody"
        if type(prices) is not tuple or len(prices) != self.setting.n:
            return "every player needs a price"
        for name, price in zip(self.setting.players, prices, strict=True):
            if type(price) not in (int, Fraction):
                return f"the price of {name} must be an exact number"
        return self.reason_prices(prices)

    @abstractmethod
    def reason_prices(self, prices: Prices) -> str | None:
        """Why these prices, exact numbers all, are not legal; None where they are."""

    @property
    def default(self) -> Outcome:
        return Outcome(self.endowment, free(self.setting))

    @property
    def endowment(self) -> Allocation:
        """What everybody owns beforehand; all goods destroyed where the setting has no endowment."""
        return self.setting.endowment or (NOBODY,) * self.setting.m

    @property
    def owners(self) -> range:
        """Everybody who may own a good: nobody (it is destroyed), or a player."""
        return range(NOBODY, self.setting.n)

    def sample(self, rng: Random, scale: int) -> Outcome:
        owners = tuple(rng.choice(self.owners) for _ in range(self.setting.m))
        return Outcome(owners, self.sample_prices(rng, scale))

    @abstractmethod
    def sample_prices(self, rng: Random, scale: int) -> Prices:
        """Random legal prices of the order of `scale`."""

    def grid(self, bound: int) -> Iterator[Outcome]:
        vectors = [prices for prices in self.integer_prices(bound) if self.reason_prices(prices) is None]
        for owners in product(self.owners, repeat=self.setting.m):
            for prices in vectors:
                yield Outcome(owners, prices)

    def integer_prices(self, bound: int) -> Iterator[Prices]:
        """Every vector of integers from -bound to bound."""
        return product(range(-bound, bound + 1), repeat=self.setting.n)

    def bits(self, move: Outcome) -> int:
        return len(move.owners) * owner_bits(self.setting) + sum(signed_bits(price) for price in move.prices)

    def encode(self, move: Outcome) -> dict[str, Any]:
        goods = self.setting.need_goods("a proposal")
        destroyed = [good for good, owner in zip(goods, move.owners, strict=True) if owner == NOBODY]
        return {
            "allocation": allocation_to_json(self.setting, move.owners),
            **({"destroyed": destroyed} if destroyed else {}),
            "prices": prices_to_json(self.setting, move.prices),
        }

    def decode(self, data: object, where: str = "move") -> Outcome:
        fields = fields_of(data, ("allocation", "destroyed", "prices"), where)
        owners = allocation_from_json(self.setting, fields.get("allocation", {}), f"{where}.allocation")
        self._check_destroyed(owners, fields.get("destroyed", []), where)
        prices: list[Exact] = [0] * self.setting.n
        for name, price in fields_of(fields.get("prices", {}), self.setting.players, f"{where}.prices").items():
            prices[self.setting.player(name, where)] = exact(price, f"{where}.prices.{name}")
        move: Outcome = self.checked(Outcome(owners, tuple(prices)), where)
        return move

    def _check_destroyed(self, owners: Allocation, listed: object, where: str) -> None:
        """A good is destroyed only where the proposal says so in as many words."""
        goods = self.setting.need_goods("a proposal")
        destroyed = goods.bundle(names_in(listed, f"{where}.destroyed"), f"{where}.destroyed")
        for number, owner in enumerate(owners):
            if owner != NOBODY and destroyed >> number & 1:
                raise InputError(
                    f"{where}.destroyed",
                    f"the good '{goods[number]}', which {self.setting.players[owner]} gets",
                    "goods that nobody gets",
                )
            if owner == NOBODY and not destroyed >> number & 1:
                raise InputError(
                    f"{where}.allocation",
                    f"no owner for the good '{goods[number]}'",
                    "every good to be given to a player",
                    "list it under 'destroyed' if it shall be destroyed",
                )

    def describe(self, move: Outcome) -> str:
        if move == self.default:
            return "proposes to leave everything as it is"
        goods = self.setting.need_goods("a proposal")
        destroyed = [good for good, owner in zip(goods, move.owners, strict=True) if owner == NOBODY]
        parts = []
        if len(destroyed) < len(goods):
            parts.append(result_in_words(self.setting, move.owners))
        if destroyed:
            parts.append("{" + ", ".join(destroyed) + "} destroyed")
        return f"proposes: {'; '.join(parts)}; {prices_in_words(self.setting, move.prices)}"

    def encoded_limit(self, digits: int) -> int:
        goods = self.setting.need_goods("a proposal")
        return 80 + 2 * names_size(self.setting.players) + names_size(goods) + self.setting.n * (2 * digits + 40)


@dataclass(frozen=True)
class MarketProposal(ProposalSpace):
    """Any allocation at any rational prices: those that break the rules are legal, and punished by the mechanism.

    `player` proposes; `limit` is the 2^k of the rules, within which the prices of the others have to stay.

    The grid lists whole prices only. Nothing is lost: a vector with a fraction in it either breaks the range or does
    not sum to 0, and so is punished exactly as the whole ones that do not sum to 0.
    """

    player: int
    limit: int

    def reason_prices(self, prices: Prices) -> str | None:
        return None

    def sample_prices(self, rng: Random, scale: int) -> Prices:
        """Three draws in four follow the rules: whole prices within the range that sum to 0."""
        most = min(scale, self.limit - 1)
        prices: list[Exact] = [rng.randint(-most, most) for _ in self.setting.everyone]
        prices[self.player] = prices[self.player] - sum(prices)
        if rng.randrange(4) == 0:
            broken = Fraction(rng.randint(-4 * scale, 4 * scale), rng.randint(1, 4))
            prices[rng.choice(self.setting.everyone)] = exact(broken)
        return tuple(prices)


@dataclass(frozen=True)
class BalancedProposal(ProposalSpace):
    """Any allocation at whole prices strictly between -limit and limit that sum to 0."""

    limit: int

    def reason_prices(self, prices: Prices) -> str | None:
        for name, price in zip(self.setting.players, prices, strict=True):
            if price.denominator != 1 or not -self.limit < price < self.limit:
                return (
                    f"the price {written(price)} of {name} must be an integer from {1 - self.limit} to {self.limit - 1}"
                )
        if sum(prices) != 0:
            return f"the prices sum to {written(sum(prices))}, not to 0"
        return None

    def sample_prices(self, rng: Random, scale: int) -> Prices:
        most = min(scale, self.limit - 1)
        order = list(self.setting.everyone)
        rng.shuffle(order)
        prices: list[Exact] = [0] * self.setting.n
        before = 0
        for later, player in zip(reversed(range(len(order))), order, strict=True):
            low = max(-most, -before - later * most)
            high = min(most, -before + later * most)
            price = rng.randint(low, high)
            prices[player] = price
            before += price
        return tuple(prices)

    def integer_prices(self, bound: int) -> Iterator[Prices]:
        most = min(bound, self.limit - 1)
        for others in product(range(-most, most + 1), repeat=self.setting.n - 1):
            last = -sum(others)
            if -most <= last <= most:
                yield (*others, last)
