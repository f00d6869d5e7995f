"""Rational play of the best-belief mechanism, for players and coalitions.

Source: Chen and Micali 2016, Lemmas 3 and 4 (the strategy the proof of Lemma 4 constructs) and section 6.2.3 with
footnote 11 for coalitions.
"""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.errors import InputError
from unrigged.exact import Exact, exact
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.best_belief import BestBelief
from unrigged.moves.answer import YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.disclosures import Disclosure, DisclosureSpace
from unrigged.moves.offers import Wish
from unrigged.protocol import Decision, History
from unrigged.setting import Bundle
from unrigged.strategies.base import Individual, Notes, Strategy, by_value
from unrigged.valuations import XOR, Additive, Valuation
from unrigged.valuations.base import LIST_LIMIT


@dataclass(frozen=True)
class RationalBestBelief(Individual):
    """Announces one's favourite set and the best sale one is sure of; says YES exactly when the offer is worth it.

    The sale of member i of a coalition is the best one by all that the coalition knows together, its members' true
    values included; every member answers by his own value (footnote 11).
    """

    benchmarks: Benchmarks
    agent: Coalition
    step: Exact = 1
    """Prices are positive multiples of this; 0 for any positive prices."""

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        context = self.benchmarks.context
        if isinstance(space, YesNo):
            return by_value(context, player, space)
        sale = self.benchmarks.best_belief_of(self.agent, player, step=self.step).outcome
        own = valuation_of(context, player)
        return Disclosure(own, sale) if isinstance(space, DisclosureSpace) else Wish(favourite(own), sale)


def valuation_of(context: Context, player: int) -> Valuation:
    """The player's valuation; InputError where his type is one of states."""
    own = context.types[player]
    if not isinstance(own, Valuation):
        raise InputError(f"types.{context.setting.players[player]}", "values of states", "a valuation of goods")
    return own


def favourite(own: Valuation) -> Bundle:
    """A bundle of greatest value: all goods where nothing is worth less in a larger set, else the first such bundle."""
    if len(own.goods) > LIST_LIMIT and own.free_disposal and not isinstance(own, XOR | Additive):
        return own.goods.everything
    return own.favourite()


READINGS = {"truthful": "announce exactly what one is sure to sell for, answer by one's own value (Lemmas 3 and 4)"}

NOTES = Notes(
    optimal="Lemma 4: to announce less revenue than the best sale you are sure of is dominated: with that sale you win "
    "at least as often, and by your beliefs nobody refuses. To announce more is a gamble: you pay in full every price "
    "that is refused. Lemma 3: answer by your own value, whatever anybody announced. Name a favourite set: you get it "
    "free if you win and the coin shows Heads. For a coalition nothing is proved best for all its members together: "
    "each announces the best sale by all they know, as the paper's argument supposes.",
    indifferent="How the sale is made up (who is offered what) does not matter to you as long as you are sure of it "
    "and its revenue is the same; nor does which of several favourite sets you name.",
    reveals="To everybody: your favourite set, and that you believe each buyer's value to be at least his price. Of "
    "your own values nothing more, unless you are offered goods: then YES or NO tells whether they are worth the price "
    "to you.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """The strategy that the proof of Lemma 4 constructs."""
    step = exact(mechanism.price_step) if isinstance(mechanism, BestBelief) else 1
    return RationalBestBelief(benchmarks, agent, step)
