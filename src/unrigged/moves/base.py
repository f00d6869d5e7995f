"""The interface of all move spaces.

A move space is a frozen value: it says which moves are legal at a decision and carries everything public that its
mover needs to choose (an offer to answer, a state to bid on). It is the only place that reads and writes moves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any

from unrigged.errors import InputError, nearest
from unrigged.exact import Exact, integer
from unrigged.setting import NOBODY, Allocation, Bundle, Setting

Move = Any
"""A frozen, hashable value (a dataclass, a tuple, an enum member) that its space declares legal."""


class MoveSpace(ABC):
    """The legal moves of one player at one decision."""

    @abstractmethod
    def reason(self, move: Move) -> str | None:
        """Why `move` is not legal, in words; None where it is legal. Never raises, whatever `move` is."""

    def legal(self, move: Move) -> bool:
        """Whether `move` is legal."""
        return self.reason(move) is None

    @property
    @abstractmethod
    def default(self) -> Move:
        """What silence means: a legal move."""

    @abstractmethod
    def sample(self, rng: Random, scale: int) -> Move:
        """A random legal move; announced numbers are of the order of `scale` >= 1."""

    @abstractmethod
    def grid(self, bound: int) -> Iterator[Move]:
        """Every legal move whose numbers lie between -bound and bound, each once, in a fixed order."""

    @abstractmethod
    def bits(self, move: Move) -> int:
        """The bits that `move` takes (spec README: YES/NO 1, Elias delta integers, a bit a good, ...)."""

    @abstractmethod
    def encode(self, move: Move) -> Any:
        """`move` as JSON, by names; `decode` reads it back."""

    @abstractmethod
    def decode(self, data: object, where: str = "move") -> Move:
        """The legal move that `data` (JSON) writes; InputError naming the place otherwise."""

    @abstractmethod
    def describe(self, move: Move) -> str:
        """`move` in words, after the player's name: «announces …», «says YES to …»."""

    @abstractmethod
    def encoded_limit(self, digits: int) -> int:
        """A bound on the bytes of the encoded form of any legal move whose numbers have at most `digits` digits."""

    def checked(self, move: Move, where: str) -> Move:
        """`move` where it is legal; InputError with the reason otherwise."""
        reason = self.reason(move)
        if reason is not None:
            raise InputError(where + self.misplaced(move), self._shown(move), "a legal move", reason)
        return move

    def misplaced(self, move: Move) -> str:
        """Where in the JSON of `move`, which is not legal, the fault lies (`.prices.ann`); empty where that is open."""
        return ""

    def _shown(self, move: Move) -> object:
        try:
            return self.encode(move)
        except Exception:
            return repr(move)


def fields_of(data: object, names: Iterable[str], where: str) -> Mapping[str, Any]:
    """`data` as a mapping with no fields but `names`; InputError otherwise. Missing fields are for the caller."""
    known = list(names)
    if not isinstance(data, Mapping):
        raise InputError(where, data, "a mapping with " + ", ".join(known))
    for key in data:
        if key not in known:
            raise InputError(where, f"the field '{key}'", "only " + ", ".join(known), nearest(str(key), known))
    return data


def allocation_to_json(setting: Setting, allocation: Allocation) -> dict[str, list[str]]:
    """An allocation as JSON: each player who receives something, with the names of his goods."""
    goods = setting.need_goods("an allocation")
    return {
        name: [good for good, owner in zip(goods, allocation, strict=True) if owner == player]
        for player, name in enumerate(setting.players)
        if player in allocation
    }


def allocation_from_json(setting: Setting, data: object, where: str) -> Allocation:
    """The allocation that `data` writes; InputError for unknown names and for a good given twice."""
    goods = setting.need_goods("an allocation")
    owners = [NOBODY] * len(goods)
    if not isinstance(data, Mapping):
        raise InputError(where, data, "a mapping from players to lists of goods")
    for name, listed in data.items():
        player = setting.player(name, where)
        for good in names_in(listed, f"{where}.{name}"):
            number = goods.number(good, f"{where}.{name}")
            if owners[number] != NOBODY:
                first = setting.players[owners[number]]
                twice = f"given to {first} and to {name}" if first != name else "given twice"
                raise InputError(f"{where}.{name}", f"the good '{good}' {twice}", "disjoint bundles")
            owners[number] = player
    return tuple(owners)


def prices_to_json(setting: Setting, prices: Iterable[Exact]) -> dict[str, int | str]:
    """Prices as JSON: each player whose price is not 0."""
    from unrigged.exact import to_json

    return {name: to_json(price) for name, price in zip(setting.players, prices, strict=True) if price != 0}


def integers_from_json(setting: Setting, data: object, where: str) -> tuple[int, ...]:
    """A vector of integers by player's name, 0 for those not named."""
    if not isinstance(data, Mapping):
        raise InputError(where, data, "a mapping from players to integers")
    vector = [0] * setting.n
    for name, number in data.items():
        vector[setting.player(name, where)] = integer(number, f"{where}.{name}")
    return tuple(vector)


def names_in(data: object, where: str) -> list[str]:
    """`data` as a list of names (a single text is a list of one)."""
    names = [data] if isinstance(data, str) else data
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(where, data, "a list of names")
    return names


def owner_bits(setting: Setting) -> int:
    """The bits that name the owner of a good: ceil(log2(n + 1))."""
    return setting.n.bit_length()


def is_bundle(bundle: object, goods: int) -> bool:
    """Whether `bundle` is a bit mask over that many goods."""
    return type(bundle) is int and 0 <= bundle < 1 << goods


def names_size(names: Iterable[str]) -> int:
    """Bytes that suffice to write each of `names` once in JSON, with quotes and a separator."""
    return sum(6 * len(name.encode()) + 8 for name in names)


def random_bundle(rng: Random, goods: int) -> Bundle:
    """A uniformly random bundle."""
    return rng.getrandbits(goods) if goods else 0
