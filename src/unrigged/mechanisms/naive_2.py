"""Naive-2: one player proposes an outcome, and it takes effect if all others say YES.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from unrigged.mechanisms.base import parameter
from unrigged.mechanisms.proposing import ANSWER, PROPOSE, Proposing, count_yes
from unrigged.moves.answer import Answer
from unrigged.moves.proposals import BalancedProposal
from unrigged.outcome import Outcome
from unrigged.protocol import Position, Then, ask


@dataclass(frozen=True)
class Naive2(Proposing):
    """Propose and agree. B is the public bound on values: every value lies strictly between -B and B.

    Parameter: `eps`, with 0 < (n-1)·eps < 1, by default 1/(10n).
    """

    eps: Fraction = parameter("discount of whoever agrees; 0 < eps < 1/(n-1)")

    name: ClassVar[str] = "naive-2"
    guarantee: ClassVar[str] = "maximum welfare and prices that sum to 0, if all answer truthfully"
    assumption: ClassVar[str] = "players know each other's types, do not collude, and believe all to answer truthfully"
    source: ClassVar[str] = "Azar, Chen and Micali 2011, section 5.1, Mechanism Naive-2"

    def defaults(self) -> Mapping[str, Any]:
        return {"eps": self.default_eps}

    def check(self) -> None:
        super().check()
        self.check_eps(self.eps, Fraction(1, self.setting.n - 1), "1/(n-1)")

    def start(self) -> Position:
        """Step 1: the proposer (the first player) announces an outcome: an allocation, which gives every good to a
        player or destroys it, and for everybody an integer price strictly between -B and B, the prices summing to 0; B
        is the public bound on values, n the number of players."""
        space = BalancedProposal(self.setting, self.bound)
        return ask(PROPOSE, ((self.proposer, space),), Then(self.leave))

    def leave(self, announced: tuple[Outcome]) -> Position:
        """Step a: if the proposal is that everybody keeps his endowment and nobody pays, so it is; the end."""
        (proposal,) = announced
        return self.stay if proposal == self.stay else self.vote(proposal)

    def vote(self, proposal: Outcome) -> Position:
        """Step 2: everybody but the proposer says YES or NO, simultaneously."""
        return ask(ANSWER, self.answers_to(proposal), Then(self.conclude, proposal))

    def conclude(self, proposal: Outcome, answers: tuple[Answer, ...]) -> Position:
        """Step b: if all say YES, the proposal takes effect, everybody but the proposer paying eps less than proposed,
        and the proposer (n-1)·eps more; otherwise everybody keeps his endowment and nobody pays; the end."""
        if count_yes(answers) == len(self.others):
            return self.carried_out(proposal, self.eps)
        return self.stay
