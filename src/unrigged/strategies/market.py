"""Rational play of the market mechanism, for players and coalitions, and of its fair variant.

Source: Azar, Chen and Micali 2011, Lemmas 1 to 4 (without collusion) and 7 to 11 (with collusion).
"""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition
from unrigged.exact import Exact, total
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.market import ALONE, Market
from unrigged.mechanisms.proposing import Proposing
from unrigged.moves.answer import YES, Answer, YesNo
from unrigged.outcome import Outcome
from unrigged.strategies.base import Notes, Strategy, by_value, jointly_by_value
from unrigged.strategies.proposing import ProposeAndAnswer, balanced, gains


@dataclass(frozen=True)
class RationalMarket(ProposeAndAnswer):
    """Proposes a semi-truthful outcome, or to leave everything where nothing is better; votes as Lemmas 7 to 9 say.

    The vote of step 2 is the coalition's, by what it gains altogether; in step 3 each answers by his own gain; the
    proposer's own coalition says YES always.
    """

    reading: str

    def proposal(self, mechanism: Proposing) -> Outcome:
        assert isinstance(mechanism, Market)
        owners = self.best
        if owners is None:
            return mechanism.stay
        prices = gains(self.benchmarks.context, owners)
        welfare = total(prices)
        for member in self.agent:
            prices[member] = self.price(mechanism, prices[member], welfare)
        return Outcome(owners, balanced(prices, mechanism.proposer))

    def price(self, mechanism: Market, gain: Exact, welfare: Exact) -> Exact:
        """What a member of the proposer's coalition is asked, when he gains `gain` and all together gain `welfare`."""
        if self.reading == "gratis":
            return 0
        if self.reading == "shared":
            most = mechanism.limit - 1
            return max(-most, min(most, gain - welfare // len(self.agent)))
        return gain

    def answer(self, mechanism: Proposing, label: str, player: int, space: YesNo) -> Answer:
        if mechanism.proposer in self.agent:
            return YES
        context = self.benchmarks.context
        return by_value(context, player, space) if label == ALONE else jointly_by_value(context, self.agent, space)


READINGS = {
    "truthful": "the proposer's colluders are asked exactly what they gain, as everybody else is (Definition 7)",
    "gratis": "the proposer's colluders are asked nothing, and he receives that much less (Definition 8)",
    "shared": "the proposer and his colluders share the gain in welfare equally, up to rounding (Definition 8)",
}

NOTES = Notes(
    optimal="As the proposer: if everybody votes as is dominant, the outcomes of greatest welfare that ask each "
    "outsider exactly what he gains are all equally good for your coalition and strictly better than any other (the "
    "paper's Lemmas 4 and 11); where nothing beats the endowment, to leave everything as it is. As a voter: these "
    "joint votes are strictly better for your coalition than any others, whatever the rest does (collusively dominant, "
    "Lemmas 7 to 9).",
    indifferent="For the proposer's coalition, how it divides its own prices among its members, and which of several "
    "allocations of greatest welfare it proposes. For voters nothing: every other vote is strictly worse.",
    reveals="To everybody. The proposer: who shall own what, and what each outsider gains by it; of his own values "
    "only that this is worth proposing. A voter: whether his coalition gains at least its price. In the rational play "
    "all of it can be told from the outcome alone (the paper's full privacy).",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """The dominant votes of Lemmas 7 to 9, and one outcome of the root set of Lemmas 10 and 11, which `reading` picks.

    All outcomes of the root set are equally good for the proposer's coalition.
    """
    return RationalMarket(benchmarks, agent, reading)
