"""What the mechanisms of the market paper share: one player proposes an outcome, the others say YES or NO to it.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, written
from unrigged.mechanisms.base import Mechanism, Requirements, check_range
from unrigged.moves.answer import YES, Answer, YesNo
from unrigged.outcome import Outcome, free
from unrigged.setting import Allocation

MARKET = Requirements(
    domain="goods", least_value=None, endowment=True, value_bound=True, players=2, knowledge="perfect"
)
"""Goods with owners, a public bound on all values, at least two players who know each other's types."""

PROPOSE = "propose"
"""The label of the decision in which a player proposes an outcome."""

ANSWER = "answer"
"""The label of the decision in which all others say YES or NO to it."""


@dataclass(frozen=True)
class Proposing(Mechanism):
    """A mechanism in which one player, the paper's «player 1», proposes an outcome and everybody else answers."""

    proposer: int = field(default=0, kw_only=True)

    requires: ClassVar[Requirements] = MARKET

    def check(self) -> None:
        if not self.setting.m:
            raise InputError("goods", "none", f"at least one good, which {self.name} needs")
        if self.proposer not in self.setting.everyone:
            raise InputError("proposer", self.proposer, "the number of a player")

    def check_eps(self, eps: Fraction, limit: Fraction, printed: str) -> None:
        """InputError unless 0 < eps < limit; `printed` is the limit as the paper writes it."""
        check_range("eps", eps, 0, limit, f"0 < eps < {printed} = {written(limit)}")

    @property
    def default_eps(self) -> Fraction:
        """1/(10n), which satisfies the conditions of all these mechanisms."""
        return Fraction(1, 10 * self.setting.n)

    @cached_property
    def bound(self) -> int:
        """B: every value lies strictly between -B and B."""
        return self.setting.value_bound or 0

    @cached_property
    def endowment(self) -> Allocation:
        """E: what everybody owns beforehand."""
        return self.setting.endowment or ()

    @cached_property
    def stay(self) -> Outcome:
        """(E, 0): everybody keeps his endowment and nobody pays."""
        return Outcome(self.endowment, free(self.setting))

    @cached_property
    def others(self) -> tuple[int, ...]:
        """Everybody but the proposer."""
        return tuple(i for i in self.setting.everyone if i != self.proposer)

    def keep(self, price: Exact, others: Exact) -> Outcome:
        """Everybody keeps his endowment; the proposer pays `price`, every other player `others`."""
        prices = [others] * self.setting.n
        prices[self.proposer] = price
        return Outcome(self.endowment, tuple(prices))

    def carried_out(self, proposal: Outcome, discount: Fraction) -> Outcome:
        """The proposal, every other player paying `discount` less than proposed and the proposer making up for it."""
        prices = [price - discount for price in proposal.prices]
        prices[self.proposer] = proposal.prices[self.proposer] + (self.setting.n - 1) * discount
        return Outcome(proposal.result, tuple(prices))

    def answers_to(self, proposal: Outcome) -> tuple[tuple[int, YesNo], ...]:
        """Everybody but the proposer, with the proposal to answer."""
        return tuple((i, YesNo(self.setting, i, proposal)) for i in self.others)

    def in_words(self, yes: int) -> str:
        """How many accepted the proposal."""
        return f"{yes} of {len(self.others)} said YES, so the proposal of {self.setting.players[self.proposer]} fails"


def count_yes(answers: tuple[Answer, ...]) -> int:
    """Y: how many said YES."""
    return sum(answer is YES for answer in answers)
