"""Sealed bids: a number for the one good of a sale, or a number for a set of goods of the bidder's choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from unrigged.exact import elias_delta, integer, to_json, written
from unrigged.moves.base import Move, MoveSpace, fields_of, is_bundle, names_in, names_size, random_bundle
from unrigged.setting import Bundle, Setting


@dataclass(frozen=True)
class SealedBidSpace(MoveSpace):
    """An integer >= 0, bid on the only good for sale; silence is 0."""

    setting: Setting

    def reason(self, move: Move) -> str | None:
        return None if type(move) is int and move >= 0 else "the bid must be an integer >= 0"

    @property
    def default(self) -> int:
        return 0

    def sample(self, rng: Random, scale: int) -> int:
        return rng.randint(0, scale)

    def grid(self, bound: int) -> Iterator[int]:
        yield from range(bound + 1)

    def bits(self, move: int) -> int:
        return elias_delta(move)

    def encode(self, move: int) -> int | str:
        return to_json(move)

    def decode(self, data: object, where: str = "move") -> int:
        return integer(data, where, least=0)

    def describe(self, move: int) -> str:
        return f"bids {written(move)}"

    def encoded_limit(self, digits: int) -> int:
        return digits + 2


@dataclass(frozen=True, slots=True)
class PackageBid:
    """A number and the set of goods it is bid on."""

    amount: int
    wanted: Bundle


@dataclass(frozen=True)
class PackageBidSpace(MoveSpace):
    """An integer >= 0 and one set of goods; silence bids 0 on the empty set."""

    setting: Setting

    def reason(self, move: Move) -> str | None:
        if type(move) is not PackageBid:
            return "a number and a set of goods are expected"
        if not is_bundle(move.wanted, self.setting.m):
            return "the wanted set must be a set of the goods for sale"
        return None if type(move.amount) is int and move.amount >= 0 else "the bid must be an integer >= 0"

    @property
    def default(self) -> PackageBid:
        return PackageBid(0, 0)

    def sample(self, rng: Random, scale: int) -> PackageBid:
        return PackageBid(rng.randint(0, scale), random_bundle(rng, self.setting.m))

    def grid(self, bound: int) -> Iterator[PackageBid]:
        for amount, wanted in product(range(bound + 1), range(1 << self.setting.m)):
            yield PackageBid(amount, wanted)

    def bits(self, move: PackageBid) -> int:
        return elias_delta(move.amount) + self.setting.m

    def encode(self, move: PackageBid) -> dict[str, Any]:
        goods = self.setting.need_goods("a bid")
        return {"bid": to_json(move.amount), "wanted": list(goods.names(move.wanted))}

    def decode(self, data: object, where: str = "move") -> PackageBid:
        fields = fields_of(data, ("bid", "wanted"), where)
        goods = self.setting.need_goods("a bid")
        wanted = goods.bundle(names_in(fields.get("wanted", []), f"{where}.wanted"), f"{where}.wanted")
        return PackageBid(integer(fields.get("bid", 0), f"{where}.bid", least=0), wanted)

    def describe(self, move: PackageBid) -> str:
        return f"bids {written(move.amount)} for {self.setting.need_goods('a bid').written(move.wanted)}"

    def encoded_limit(self, digits: int) -> int:
        return digits + 48 + names_size(self.setting.need_goods("a bid"))
