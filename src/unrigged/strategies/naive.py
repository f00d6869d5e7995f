"""Rational play of naive-2 and naive-4, and what naive-1 and naive-3 share with them: truthful outcomes, sincere votes.

Source: Azar, Chen and Micali 2011, section 5.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.exact import total
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.proposing import Proposing
from unrigged.moves.answer import Answer, YesNo
from unrigged.outcome import Outcome, Prices
from unrigged.setting import Allocation
from unrigged.strategies.base import Notes, Strategy, by_value, jointly_by_value
from unrigged.strategies.proposing import ProposeAndAnswer, balanced, gains


@dataclass(frozen=True)
class Sincere(ProposeAndAnswer):
    """Proposes the truthful outcome, and says YES exactly when the proposal is worth it.

    A coalition votes by what it gains altogether (`jointly`), or else each of its members by his own gain.
    """

    jointly: bool = True

    def proposal(self, mechanism: Proposing) -> Outcome:
        return truthful(mechanism, self.benchmarks.context, self.agent, self.best)

    def answer(self, mechanism: Proposing, label: str, player: int, space: YesNo) -> Answer:
        context = self.benchmarks.context
        return jointly_by_value(context, self.agent, space) if self.jointly else by_value(context, player, space)


def truthful(mechanism: Proposing, context: Context, agent: Coalition, owners: Allocation | None) -> Outcome:
    """`owners`, everybody but the proposer asked exactly what he gains; (E, 0) where `owners` is None.

    Such prices may lie outside the legal range, as a gain may reach 2B - 2: then as near to them as the range allows
    (`prices_in_range`), if the proposer's agent still gains by it, and (E, 0) if not.
    """
    prices = None if owners is None else prices_in_range(context, mechanism.proposer, owners, mechanism.bound - 1)
    if owners is None or prices is None:
        return mechanism.stay
    proposal = Outcome(owners, prices)
    return proposal if context.joint_utility(agent, proposal) >= 1 else mechanism.stay


def prices_in_range(context: Context, proposer: int, owners: Allocation, most: int) -> Prices | None:
    """Prices from -most to most that sum to 0 and ask nobody but the proposer for more than he gains from `owners`.

    They are exactly what the others gain where that fits; else as much as is legal, the first players being let off
    first. None where somebody would have to receive, or the proposer to pay, more than is legal.
    """
    prices = gains(context, owners)
    others = [i for i in context.setting.everyone if i != proposer]
    for i in others:
        if prices[i] < -most:
            return None
        prices[i] = min(prices[i], most)
    surplus = total(prices[i] for i in others)
    if surplus < -most:
        return None
    for i in others:
        let_off = max(0, min(surplus - most, prices[i] + most))
        prices[i] -= let_off
        surplus -= let_off
    return balanced(prices, proposer)


READINGS = {
    "truthful": "the proposal is the truthful outcome; coalitions vote by what they gain altogether",
    "one by one": "the same, but everybody votes by his own gain",
}

NOTES = Notes(
    optimal="Best only if everybody believes all others to answer by their gains. In naive-2 such an answer is never "
    "worse than the other one, but a proposer who expects other answers may ask for more. In naive-4 the truthful "
    "proposal is best if the proposer knows who colludes (the paper); a wrong guess costs him 1.",
    indifferent="Which of several allocations of greatest welfare is proposed, where the prices leave you the same "
    "gain. In naive-2 your answer makes no difference once somebody else says NO.",
    reveals="To everybody. The proposer: who shall own what, and what each of the others gains by it. A voter: whether "
    "he gains at least his price.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """The truthful proposal, and votes by the sign of the gain."""
    return Sincere(benchmarks, agent, jointly=reading == "truthful")
