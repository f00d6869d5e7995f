"""What a player declares in the leveraging mechanism, and how he answers the star's offer.

Source: Chen, Micali and Valiant 2010, section 4, step 1 (the opt-out action: «opt-out» in the leveraging sheet).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain, combinations, product
from random import Random
from typing import Any

from unrigged.errors import InputError
from unrigged.exact import elias_delta, written
from unrigged.moves.answer import YesNo
from unrigged.moves.base import (
    Move,
    MoveSpace,
    allocation_from_json,
    allocation_to_json,
    fields_of,
    integers_from_json,
    names_in,
    names_size,
    owner_bits,
    prices_to_json,
)
from unrigged.outcome import Outcome, free, nothing_sold, result_in_words
from unrigged.setting import NOBODY, Allocation, Setting, bundle_of


class OptOut(Enum):
    """The move of a player who stays out."""

    OUT = "opt-out"

    def __repr__(self) -> str:
        return "OUT"


OUT = OptOut.OUT

INTEGERS = {int}
"""The types of numbers that are integers (a bool is none)."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a player declares: his coalition (ascending, himself included), the allocation it wishes for itself, and
    an outcome with prices >= 0: how it would distribute the goods, and what it says they would bring."""

    coalition: tuple[int, ...]
    wish: Allocation
    outcome: Outcome


@dataclass(frozen=True)
class DeclarationSpace(MoveSpace):
    """The declarations of `player`, and opting out where `may_opt_out`; silence is opting out.

    Where opting out is no legal move, silence declares himself alone, no wish, and the empty outcome.
    """

    setting: Setting
    player: int
    may_opt_out: bool = True

    def reason(self, move: Move) -> str | None:
        if move is OUT:
            return None if self.may_opt_out else "there is no opting out in this form of the mechanism"
        if type(move) is not Declaration:
            return "a coalition, a wish and an outcome are expected" + (", or opt-out" if self.may_opt_out else "")
        if not self._is_coalition(move.coalition):
            return "the coalition must be a set of players, the announcer among them"
        if not self._is_allocation(move.wish):
            return "the wish: every good needs an owner, or nobody"
        if not {NOBODY, *move.coalition}.issuperset(move.wish):
            return "the wish may give goods to members of the announced coalition only"
        if type(move.outcome) is not Outcome or not self._is_allocation(move.outcome.result):
            return "the outcome: every good needs an owner, or nobody"
        prices = move.outcome.prices
        if type(prices) is not tuple or len(prices) != self.setting.n:
            return "the outcome: every player needs a price"
        if set(map(type, prices)) != INTEGERS or min(prices) < 0:
            return "the outcome: every price must be an integer >= 0"
        return None

    def _is_coalition(self, players: Any) -> bool:
        if type(players) is not tuple or set(map(type, players)) != INTEGERS or self.player not in players:
            return False
        return players == (self.player,) or players == tuple(sorted(set(players) & set(self.setting.everyone)))

    def _is_allocation(self, owners: Any) -> bool:
        if type(owners) is not tuple or len(owners) != self.setting.m:
            return False
        return not owners or (
            set(map(type, owners)) == INTEGERS and NOBODY <= min(owners) <= max(owners) < self.setting.n
        )

    @property
    def default(self) -> OptOut | Declaration:
        if self.may_opt_out:
            return OUT
        nothing = nothing_sold(self.setting)
        return Declaration((self.player,), nothing, Outcome(nothing, free(self.setting)))

    def sample(self, rng: Random, scale: int) -> OptOut | Declaration:
        if self.may_opt_out and rng.randrange(10) == 0:
            return OUT
        coalition = tuple(i for i in self.setting.everyone if i == self.player or rng.randrange(6) == 0)
        wish = tuple(rng.choice((NOBODY, *coalition)) for _ in range(self.setting.m))
        owners = tuple(rng.randrange(NOBODY, self.setting.n) for _ in range(self.setting.m))
        prices = tuple(rng.randint(0, scale) for _ in self.setting.everyone)
        return Declaration(coalition, wish, Outcome(owners, prices))

    def grid(self, bound: int) -> Iterator[OptOut | Declaration]:
        if self.may_opt_out:
            yield OUT
        m, n = self.setting.m, self.setting.n
        others = [i for i in self.setting.everyone if i != self.player]
        for named in chain.from_iterable(combinations(others, size) for size in range(n)):
            coalition = tuple(sorted((self.player, *named)))
            for wish in product((NOBODY, *coalition), repeat=m):
                for owners in product(range(NOBODY, n), repeat=m):
                    for prices in product(range(bound + 1), repeat=n):
                        yield Declaration(coalition, wish, Outcome(owners, prices))

    def bits(self, move: OptOut | Declaration) -> int:
        """One bit says whether he opts out (where he may), one a player whom he names, the rest as everywhere."""
        whether = 1 if self.may_opt_out else 0
        if not isinstance(move, Declaration):
            return whether
        owners = 2 * self.setting.m * owner_bits(self.setting)
        return whether + self.setting.n - 1 + owners + sum(elias_delta(int(price)) for price in move.outcome.prices)

    def encode(self, move: OptOut | Declaration) -> Any:
        if not isinstance(move, Declaration):
            return move.value
        return {
            "coalition": [self.setting.players[i] for i in move.coalition],
            "wish": allocation_to_json(self.setting, move.wish),
            "allocation": allocation_to_json(self.setting, move.outcome.owners),
            "prices": prices_to_json(self.setting, move.outcome.prices),
        }

    def decode(self, data: object, where: str = "move") -> OptOut | Declaration:
        if isinstance(data, str):
            if data != OUT.value:
                raise InputError(where, f"'{data}'", f"a declaration, or the word {OUT.value}")
            out: OptOut = self.checked(OUT, where)
            return out
        fields = fields_of(data, ("coalition", "wish", "allocation", "prices"), where)
        names = names_in(fields.get("coalition", [self.setting.players[self.player]]), f"{where}.coalition")
        coalition = [self.setting.player(name, f"{where}.coalition") for name in names]
        wish = allocation_from_json(self.setting, fields.get("wish", {}), f"{where}.wish")
        owners = allocation_from_json(self.setting, fields.get("allocation", {}), f"{where}.allocation")
        prices = integers_from_json(self.setting, fields.get("prices", {}), f"{where}.prices")
        declaration = Declaration(tuple(sorted(coalition)), wish, Outcome(owners, prices))
        move: Declaration = self.checked(declaration, where)
        return move

    def describe(self, move: OptOut | Declaration) -> str:
        if not isinstance(move, Declaration):
            return "opts out"
        goods = self.setting.need_goods("a declaration")
        wish = result_in_words(self.setting, move.wish) if set(move.wish) != {NOBODY} else "nothing"
        named = [self.setting.players[i] for i in move.coalition if i != self.player]
        offers = [
            f"{goods.written(bundle) if bundle else 'nothing'} to {name} for {written(move.outcome.prices[i])}"
            for i, name in enumerate(self.setting.players)
            if (bundle := bundle_of(move.outcome.owners, i)) or move.outcome.prices[i] != 0
        ]
        return (
            f"declares {'to collude with ' + ', '.join(named) if named else 'to be alone'}; "
            f"wish: {wish}; "
            f"outcome: {', '.join(offers) or 'nothing'} (revenue {written(move.outcome.revenue)})"
        )

    def encoded_limit(self, digits: int) -> int:
        goods = self.setting.need_goods("a declaration")
        return 96 + 4 * names_size(self.setting.players) + 2 * names_size(goods) + self.setting.n * (digits + 40)


@dataclass(frozen=True)
class ReplySpace(YesNo):
    """The answer to the outcome that `star` announced."""

    star: int
