"""Naive-4: as naive-3, but the proposer of what some refuse is fined, and it takes effect hardly ever.

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
from unrigged.protocol import Chance, Position, Then, ask, coin


@dataclass(frozen=True)
class Naive4(Proposing):
    """Propose and agree, with a fine. B is the public bound on values: every value lies strictly between -B and B.

    Parameter: `eps`, in (0, 1/(3n)), by default 1/(10n).
    """

    eps: Fraction = parameter("discount of whoever agrees; 0 < eps < 1/(3n)")

    name: ClassVar[str] = "naive-4"
    guarantee: ClassVar[str] = "maximum welfare and prices that sum to 0 where it is known that nobody colludes"
    assumption: ClassVar[str] = "players know each other's types, and that nobody colludes"
    source: ClassVar[str] = "Azar, Chen and Micali 2011, section 5.1, Mechanism Naive-4"

    def defaults(self) -> Mapping[str, Any]:
        return {"eps": self.default_eps}

    def check(self) -> None:
        super().check()
        self.check_eps(self.eps, Fraction(1, 3 * self.setting.n), "1/(3n)")

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
        """Step 2: everybody but the proposer says YES or NO, simultaneously. Y is the number of YES."""
        return ask(ANSWER, self.answers_to(proposal), Then(self.count, proposal))

    def count(self, proposal: Outcome, answers: tuple[Answer, ...]) -> Position:
        """Step b: if all say YES, the proposal takes effect, everybody but the proposer paying eps less than proposed,
        and the proposer (n-1)·eps more; the end."""
        yes = count_yes(answers)
        if yes == len(self.others):
            return self.carried_out(proposal, self.eps)
        return self.flip(proposal, yes)

    def flip(self, proposal: Outcome, yes: int) -> Position:
        """Step c: otherwise a coin with three sides is flipped in public: fined with probability 1 - eps, carried out
        with probability eps·Y/(nB), kept with the remaining probability."""
        rescue = self.eps * yes / (self.setting.n * self.bound)
        return coin(
            "c1",
            ("fined", 1 - self.eps, Then(self.fine, yes)),
            ("carried out", rescue, Then(self.carry_out, proposal)),
            ("kept", self.eps - rescue, Then(self.keep_all)),
        )

    def fine(self, yes: int) -> Position:
        """Step d: if fined, the proposer pays 1, nobody else pays, and everybody keeps his endowment; the end."""
        return self.keep(1, 0)

    def carry_out(self, proposal: Outcome) -> Position:
        """Step e: if carried out, the proposal takes effect all the same, at the prices of step b; the end."""
        return self.carried_out(proposal, self.eps)

    def keep_all(self) -> Position:
        """Step f: if kept, everybody keeps his endowment and nobody pays; the end."""
        return self.stay

    def comment(self, position: Position) -> str:
        if not isinstance(position, Chance):
            return ""
        return self.in_words(position.branch("fined").then.arguments[0])
