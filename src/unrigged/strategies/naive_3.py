"""Rational play of naive-3: sincere votes, and a proposal that is truthful, or one that exploits the mechanism.

Source: Azar, Chen and Micali 2011, section 5.1, «A New Problem».
"""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.proposing import Proposing
from unrigged.outcome import Outcome
from unrigged.strategies import naive
from unrigged.strategies.base import Notes, Strategy
from unrigged.strategies.naive import Sincere


@dataclass(frozen=True)
class Greedy(Sincere):
    """Proposes to take from one player, outside one's own coalition, all that may be asked of anybody.

    He refuses, but the others, if there are any, have nothing against it, and so it takes effect with a small
    probability: for a large enough B that is worth more to the proposer than any truthful outcome.
    """

    def proposal(self, mechanism: Proposing) -> Outcome:
        victim = next((i for i in mechanism.others if i not in self.agent), None)
        if victim is None or len(mechanism.others) == 1:
            return super().proposal(mechanism)
        prices = list(mechanism.stay.prices)
        prices[victim], prices[mechanism.proposer] = mechanism.bound - 1, 1 - mechanism.bound
        return Outcome(mechanism.endowment, tuple(prices))


READINGS = {
    **naive.READINGS,
    "greedy": "the proposer asks B - 1 of one player for himself, hoping that it takes effect against that player's NO",
}

NOTES = Notes(
    optimal="Answers by one's own gain are the only best response (the paper). The truthful proposal is not best for "
    "the proposer: he may ask B - 1 for himself of one who will refuse, hoping that it takes effect all the same; with "
    "a large B that is worth any amount.",
    indifferent="Which of several allocations of greatest welfare is proposed, where the prices leave you the same "
    "gain.",
    reveals="To everybody. The proposer: who shall own what, and what each of the others gains by it. A voter: whether "
    "he gains at least his price.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """Votes by the sign of the gain; the proposal is truthful, or greedy."""
    if reading == "greedy":
        return Greedy(benchmarks, agent)
    return naive.rational(mechanism, benchmarks, agent, reading)
