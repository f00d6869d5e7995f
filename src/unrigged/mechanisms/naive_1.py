"""Naive-1: everybody announces an outcome, and it takes effect if all announce the same.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from unrigged.mechanisms.proposing import Proposing
from unrigged.moves.proposals import BalancedProposal
from unrigged.outcome import Outcome
from unrigged.protocol import Position, Then, ask


@dataclass(frozen=True)
class Naive1(Proposing):
    """Agreement by coincidence. B is the public bound on values: every value lies strictly between -B and B.

    Nobody proposes: `proposer` only says who keeps the gain in the outcome that rational players announce.
    """

    name: ClassVar[str] = "naive-1"
    guarantee: ClassVar[str] = "an optimal outcome is an equilibrium (and so is every individually rational one)"
    assumption: ClassVar[str] = "players know each other's types and happen to coordinate"
    source: ClassVar[str] = "Azar, Chen and Micali 2011, section 5.1, Mechanism Naive-1"

    def start(self) -> Position:
        """Step 1: all simultaneously announce an outcome: an allocation, which gives every good to a player or destroys
        it, and for everybody an integer price strictly between -B and B, the prices summing to 0; B is the public bound
        on values."""
        space = BalancedProposal(self.setting, self.bound)
        return ask("announce", ((i, space) for i in self.setting.everyone), Then(self.compare))

    def compare(self, announced: tuple[Outcome, ...]) -> Position:
        """Step a: if everybody announced the same outcome, it takes effect; otherwise everybody keeps his endowment and
        nobody pays; the end."""
        return announced[0] if all(each == announced[0] for each in announced) else self.stay
