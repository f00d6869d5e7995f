"""A small market, and strategies with every answer written down, shared by the tests of the market mechanisms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from unrigged.mechanisms import Mechanism
from unrigged.moves.answer import NO, YES
from unrigged.moves.base import Move, MoveSpace
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Decision, History
from unrigged.setting import NOBODY, market
from unrigged.strategies.base import Individual

ANN, BOB, CY = 0, 1, 2
SETTING = market(["ann", "bob", "cy"], {"ann": ["hut"], "bob": ["van", "cow"], "cy": []}, 8)
ENDOWMENT = (ANN, BOB, BOB)
STAY = Outcome(ENDOWMENT, (0, 0, 0))
TRADE = Outcome((CY, ANN, NOBODY), (-7, 2, 5))


@dataclass(frozen=True)
class Fixed(Individual):
    """Proposes `proposal` and says YES where listed for the label of the decision."""

    proposal: Outcome
    yes: Mapping[str, frozenset[int]]

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        if decision.label in ("propose", "announce"):
            return self.proposal
        return YES if player in self.yes.get(decision.label, ()) else NO


def reached(mechanism: Mechanism, proposal: Outcome, **yes: set[int]) -> dict[Outcome, Fraction]:
    """The exact distribution over outcomes; `answer` and `answer_alone` list who says YES."""
    said = {label.replace("_", " "): frozenset(players) for label, players in yes.items()}
    profile = {(player,): Fixed(proposal, said) for player in mechanism.setting.everyone}
    return dict(outcomes(mechanism, profile).outcomes)
