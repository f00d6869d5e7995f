"""Reports of a whole valuation, in any of the bidding languages that scenario files know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from unrigged.errors import InputError
from unrigged.exact import Exact, elias_delta, signed_bits, written
from unrigged.moves.base import Move, MoveSpace, names_size, random_bundle
from unrigged.setting import Goods, Setting
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    ExactBundles,
    ORStar,
    SingleMinded,
    Table,
    UnitDemand,
    Valuation,
    read_type,
)

LANGUAGES = (Additive, UnitDemand, BudgetAdditive, SingleMinded, OR, XOR, ORStar, ExactBundles, Table)
"""What a valuation may be reported in: each can be written down and read back."""

MAX_BIDS = 4096
"""A report has at most that many bids (a table, values), and OR* bids name at most that many dummies in all."""

DUMMY_LENGTH = 40
"""The name of a dummy has at most that many characters."""

SHOWN_BIDS = 6
"""A report in words lists at most that many bids."""


@dataclass(frozen=True)
class ValuationReport(MoveSpace):
    """Any valuation of the goods for sale whose numbers are integers, >= 0 unless players own goods beforehand.

    Silence reports that everything is worth 0. Whole values are public once reported: nothing is private here.
    """

    setting: Setting

    @property
    def goods(self) -> Goods:
        """The goods for sale."""
        return self.setting.need_goods("a report")

    @property
    def signed(self) -> bool:
        """Whether values may be negative: only where players own goods beforehand."""
        return self.setting.endowment is not None

    def reason(self, move: Move) -> str | None:
        if type(move) not in LANGUAGES:
            return "a valuation in one of the bidding languages is expected"
        if move.goods != self.goods:
            return "the valuation must be of the goods for sale"
        numbers = list(move.numbers())
        if not all(type(number) is int for number in numbers):
            return "every value must be an integer"
        if not self.signed and any(number < 0 for number in numbers):
            return "every value must be >= 0 unless players own goods beforehand"
        return self._too_large(move, numbers)

    def _too_large(self, move: Valuation, numbers: Sequence[Exact]) -> str | None:
        if not isinstance(move, Additive | UnitDemand | BudgetAdditive) and len(numbers) > MAX_BIDS:
            return f"a report has at most {MAX_BIDS} bids or values"
        if isinstance(move, ORStar):
            if self._dummies_named(move) > MAX_BIDS:
                return f"the bids name at most {MAX_BIDS} dummies in all"
            if any(type(name) is not str or len(name) > DUMMY_LENGTH for name in move.dummies):
                return f"the name of a dummy has at most {DUMMY_LENGTH} characters"
        return None

    def _dummies_named(self, move: ORStar) -> int:
        return sum((bundle >> len(self.goods)).bit_count() for bundle, _ in move.bids)

    @property
    def default(self) -> Additive:
        return Additive(self.goods, {})

    def sample(self, rng: Random, scale: int) -> Valuation:
        least = -scale if self.signed else 0
        if rng.randrange(2):
            return Additive(self.goods, {good: rng.randint(least, scale) for good in self.goods})
        bids = [(random_bundle(rng, len(self.goods)), rng.randint(0, scale)) for _ in range(rng.randint(1, 3))]
        return XOR(self.goods, [bid for bid in bids if bid[0]])

    def grid(self, bound: int) -> Iterator[Table]:
        """Every table of values between 0 (or -bound) and bound: every valuation once, not every way to write it."""
        values = range(-bound if self.signed else 0, bound + 1)
        for others in product(values, repeat=(1 << len(self.goods)) - 1):
            yield Table(self.goods, (0, *others))

    def bits(self, move: Valuation) -> int:
        """The integers it is written with, and for every bid one bit a good (and one a dummy)."""
        numbers = move.values[1:] if isinstance(move, Table) else tuple(move.numbers())
        spent = sum(signed_bits(number) if self.signed else elias_delta(int(number)) for number in numbers)
        if isinstance(move, OR | XOR | ExactBundles):
            items = len(self.goods) + (len(move.dummies) if isinstance(move, ORStar) else 0)
            spent += items * len(move.bids)
        if isinstance(move, Additive) and move.capacity is not None:
            spent += elias_delta(move.capacity)
        return max(1, spent)

    def encode(self, move: Valuation) -> dict[str, Any]:
        return move.to_json()

    def decode(self, data: object, where: str = "move") -> Valuation:
        report = read_type(data, self.goods, where)
        if not isinstance(report, Valuation):
            raise InputError(where, "values of states", "a valuation of goods")
        move: Valuation = self.checked(report, where)
        return move

    def describe(self, move: Valuation) -> str:
        return f"reports {valuation_in_words(move)}"

    def encoded_limit(self, digits: int) -> int:
        row = names_size(self.goods) + digits + 64
        dummies = MAX_BIDS * (6 * 4 * DUMMY_LENGTH + 8)
        return 128 + MAX_BIDS * row + dummies + len(self.goods) * (digits + 8)


def valuation_in_words(valuation: Valuation) -> str:
    """`valuation` in one line: its kind and its first numbers."""
    goods, parts = valuation.goods, _parts(valuation)
    more = f", and {len(parts) - SHOWN_BIDS} more" if len(parts) > SHOWN_BIDS else ""
    shown = ", ".join(f"{goods.written(bundle)} {written(value)}" for bundle, value in parts[:SHOWN_BIDS])
    limit = ""
    if isinstance(valuation, BudgetAdditive):
        limit = f", at most {written(valuation.budget)} in all"
    if isinstance(valuation, Additive) and valuation.capacity is not None:
        limit = f", at most {valuation.capacity} goods"
    return f"{valuation.kind} values: {shown}{more}{limit}" if parts else "that everything is worth 0"


def _parts(valuation: Valuation) -> list[tuple[int, Exact]]:
    if isinstance(valuation, Additive | UnitDemand | BudgetAdditive):
        return [(1 << good, value) for good, value in enumerate(valuation.per_good) if value != 0]
    if isinstance(valuation, Table):
        return [(bundle, value) for bundle, value in enumerate(valuation.values) if value != 0]
    if isinstance(valuation, OR | XOR | ExactBundles):
        everything = valuation.goods.everything
        return [(bundle & everything, value) for bundle, value in valuation.bids if value != 0]
    return []
