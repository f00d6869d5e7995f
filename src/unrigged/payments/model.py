"""What is paid, and what stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unrigged.exact import Exact, total
from unrigged.outcome import Outcome, Prices
from unrigged.setting import Allocation
from unrigged.winners import Proof

PROOFS: tuple[Proof, ...] = ("exact", "numerical", "none")
"""Kinds of proof, the strongest first."""


def weakest(proofs: Sequence[Proof]) -> Proof:
    """The weakest of several proofs that are all needed; "exact" for none."""
    return max(proofs, key=PROOFS.index, default="exact")


@dataclass(frozen=True)
class CoreConstraint:
    """Without a payment of at least `least` by the `payers` together, `coalition` and the seller would walk away.

    `coalition`: players who could share the goods among themselves; `payers`: the winners outside it; `least`: the
    worth of that sharing, less what the coalition's members have now.
    """

    coalition: tuple[int, ...]
    payers: tuple[int, ...]
    least: Exact

    def met(self, prices: Prices) -> bool:
        """Whether `prices`, one per player, pay enough."""
        return total(prices[player] for player in self.payers) >= self.least


@dataclass(frozen=True)
class Payments:
    """Who gets what, what everybody pays, and what is known about it. All numbers are exact.

    `rule`: the name of the payment rule. `worths`: what each player's bundle is worth to him; `welfare`: their sum.
    `prices`, `vcg`: what each player pays by the rule, and under VCG. `proof`: "exact" where every search behind the
    prices was proved in integers and the prices themselves in rationals, "numerical" where a search rests on a
    floating-point bound, "none" where a search was cut short (prices then follow the best that was found).
    `constraints`: the core constraints that were needed to find the prices; `rounds`: searches for blocking coalitions.
    """

    rule: str
    allocation: Allocation
    worths: tuple[Exact, ...]
    prices: Prices
    vcg: Prices
    proof: Proof
    seconds: float
    notes: tuple[str, ...] = ()
    constraints: tuple[CoreConstraint, ...] = ()
    rounds: int = 0

    @property
    def welfare(self) -> Exact:
        """What the allocation is worth to all players together."""
        return total(self.worths)

    @property
    def revenue(self) -> Exact:
        """The sum of all prices."""
        return total(self.prices)

    @property
    def utilities(self) -> tuple[Exact, ...]:
        """What each player has from it: the worth of his bundle less his price."""
        return tuple(worth - price for worth, price in zip(self.worths, self.prices, strict=True))

    @property
    def outcome(self) -> Outcome:
        """The allocation and the prices."""
        return Outcome(self.allocation, self.prices)
