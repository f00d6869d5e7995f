"""Changes of the naive market mechanisms that the market paper considers, or that repair what it prints.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from unrigged.exact import Exact, exact
from unrigged.mechanisms.base import parameter
from unrigged.mechanisms.naive_1 import Naive1
from unrigged.mechanisms.naive_2 import Naive2
from unrigged.mechanisms.naive_4 import Naive4
from unrigged.mechanisms.proposing import PROPOSE, Proposing
from unrigged.moves.answer import YES, Answer, YesNo
from unrigged.moves.proposals import BalancedProposal
from unrigged.outcome import Outcome
from unrigged.protocol import Position, Then, ask


def wide(mechanism: Proposing) -> BalancedProposal:
    """Whole prices strictly between -2(n-1)B and 2(n-1)B, which every truthful outcome keeps to."""
    return BalancedProposal(mechanism.setting, 2 * (mechanism.setting.n - 1) * mechanism.bound)


@dataclass(frozen=True)
class WideNaive1(Naive1):
    """Naive-1 with prices as large as truthful outcomes need them."""

    name: ClassVar[str] = "naive-1 with wide prices"

    def start(self) -> Position:
        """Step 1: as in naive-1, but prices lie strictly between -2(n-1)B and 2(n-1)B."""
        return ask("announce", ((i, wide(self)) for i in self.setting.everyone), Then(self.compare))


@dataclass(frozen=True)
class WideNaive2(Naive2):
    """Naive-2 with prices as large as truthful outcomes need them."""

    name: ClassVar[str] = "naive-2 with wide prices"

    def start(self) -> Position:
        """Step 1: as in naive-2, but prices lie strictly between -2(n-1)B and 2(n-1)B."""
        return ask(PROPOSE, ((self.proposer, wide(self)),), Then(self.leave))


@dataclass(frozen=True)
class WideNaive4(Naive4):
    """Naive-4 with prices as large as truthful outcomes need them."""

    name: ClassVar[str] = "naive-4 with wide prices"

    def start(self) -> Position:
        """Step 1: as in naive-4, but prices lie strictly between -2(n-1)B and 2(n-1)B."""
        return ask(PROPOSE, ((self.proposer, wide(self)),), Then(self.leave))


@dataclass(frozen=True)
class FinedNaive2(Naive2):
    """Naive-2 whose proposer pays `fine` when somebody says NO."""

    fine: Exact = parameter("what the proposer pays when somebody says NO", 1, read=exact)

    name: ClassVar[str] = "naive-2 with a fine"

    def conclude(self, proposal: Outcome, answers: tuple[Answer, ...]) -> Position:
        """Step b: as in naive-2, but where somebody says NO the proposer pays the fine."""
        accepted = all(answer is YES for answer in answers)
        return self.carried_out(proposal, self.eps) if accepted else self.keep(self.fine, 0)


@dataclass(frozen=True)
class SequentialNaive2(Naive2):
    """Naive-2 whose players answer one after the other, each hearing those before him."""

    name: ClassVar[str] = "naive-2 in sequence"

    def vote(self, proposal: Outcome) -> Position:
        """Step 2: the first player who is not the proposer is asked first."""
        return self.ask_next(proposal, ())

    def ask_next(self, proposal: Outcome, before: tuple[Answer, ...]) -> Position:
        """Step 2': the next player says YES or NO, having heard all answers before his own."""
        player = self.others[len(before)]
        label = f"answer of {self.setting.players[player]}"
        return ask(label, ((player, YesNo(self.setting, player, proposal)),), Then(self.hear, proposal, before))

    def hear(self, proposal: Outcome, before: tuple[Answer, ...], answer: tuple[Answer]) -> Position:
        """Step 2'': when all have answered, step b follows."""
        answers = (*before, *answer)
        return (
            self.conclude(proposal, answers) if len(answers) == len(self.others) else self.ask_next(proposal, answers)
        )
