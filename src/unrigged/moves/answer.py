"""YES or NO to a proposal: a result with prices that the mover can read in the space."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Any

from unrigged.errors import InputError
from unrigged.exact import written
from unrigged.moves.base import Move, MoveSpace
from unrigged.outcome import Outcome
from unrigged.setting import Setting, bundle_of


class Answer(Enum):
    """YES or NO."""

    YES = "YES"
    NO = "NO"

    def __repr__(self) -> str:
        return self.value


YES, NO = Answer.YES, Answer.NO


@dataclass(frozen=True)
class YesNo(MoveSpace):
    """`player` accepts (YES) or refuses (NO) his part of `proposal`; silence is NO.

    `proposal` is public: its result is the allocation or state proposed, its prices what everybody is asked to pay.
    """

    setting: Setting
    player: int
    proposal: Outcome

    def reason(self, move: Move) -> str | None:
        return None if move is YES or move is NO else "the answer is YES or NO"

    @property
    def default(self) -> Answer:
        return NO

    def sample(self, rng: Random, scale: int) -> Answer:
        return YES if rng.getrandbits(1) else NO

    def grid(self, bound: int) -> Iterator[Answer]:
        yield YES
        yield NO

    def bits(self, move: Move) -> int:
        return 1

    def encode(self, move: Answer) -> str:
        return move.value

    def decode(self, data: object, where: str = "move") -> Answer:
        if isinstance(data, bool):
            raise InputError(where, data, "the word YES or NO", 'write it in quotes: "YES"')
        if not isinstance(data, str) or data.upper() not in ("YES", "NO"):
            raise InputError(where, data, "YES or NO")
        return Answer(data.upper())

    def describe(self, move: Answer) -> str:
        return f"says {move.value} to {self.offer_in_words()}"

    def offer_in_words(self) -> str:
        """What is offered to the player, in words."""
        price = written(self.proposal.prices[self.player])
        result: Any = self.proposal.result
        if not isinstance(result, tuple):
            return f"state {self.setting.need_states('an offer').written(result)} for {price}"
        goods = self.setting.need_goods("an offer")
        return f"{goods.written(bundle_of(result, self.player))} for {price}"

    def encoded_limit(self, digits: int) -> int:
        return 5
