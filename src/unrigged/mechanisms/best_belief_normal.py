"""The normal-form best-belief mechanism: everybody reports a whole valuation, and answers are derived from it.

Source: J. Chen and S. Micali, Leveraging possibilistic beliefs in unrestricted combinatorial auctions, Games 7 (2016),
section 4 (M_Normal).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from unrigged.exact import Exact, first_largest
from unrigged.mechanisms.base import Requirements
from unrigged.mechanisms.best_belief import HALF, SellingToOthers
from unrigged.moves.answer import NO, YES, Answer
from unrigged.moves.disclosures import Disclosure, DisclosureSpace
from unrigged.moves.offers import OfferSpace
from unrigged.moves.reports import ValuationReport
from unrigged.outcome import Outcome
from unrigged.protocol import Position, Then, ask, coin
from unrigged.setting import bundles_of
from unrigged.valuations import Valuation


@dataclass(frozen=True)
class BestBeliefNormal(SellingToOthers):
    """M_Normal: as best-belief, but the winner's set and the buyers' answers follow from the reported valuations.

    Parameter: `eps`, in (0, 1], the money set aside for discounts and rewards.
    """

    name: ClassVar[str] = "best-belief-normal"
    guarantee: ClassVar[str] = "revenue >= BB/2 - eps: half of what the best-informed player could sell the goods for"
    assumption: ClassVar[str] = "players eliminate weakly dominated strategies twice, on possibilistic beliefs alone"
    source: ClassVar[str] = "Chen and Micali 2016, section 4"
    requires: ClassVar[Requirements] = Requirements(domain="goods")

    @cached_property
    def disclosures(self) -> tuple[tuple[int, DisclosureSpace], ...]:
        """Everybody, with the space of his announcements."""
        reports = ValuationReport(self.setting)
        return tuple((i, DisclosureSpace(reports, OfferSpace(self.setting, i))) for i in self.setting.everyone)

    def start(self) -> Position:
        """Step 1: all simultaneously announce two things each: a valuation, what every set of goods is worth to the
        announcer; and an outcome that sells goods to others: disjoint sets of goods for other players, none for the
        announcer, with an integer price >= 1 for everybody who is offered goods. To offer nothing is allowed."""
        return ask("announce", self.disclosures, Then(self.pick_winner))

    def pick_winner(self, announced: tuple[Disclosure, ...]) -> Position:
        """Step b: the revenue R_i of player i's outcome is the sum of its prices; the winner is who announced the
        largest, ties to the smallest number."""
        revenue = tuple(each.offer.revenue for each in announced)
        winner = first_largest(revenue)
        valuations = tuple(each.valuation for each in announced)
        return self.flip(winner, valuations, announced[winner].offer, revenue)

    def flip(
        self, winner: int, valuations: tuple[Valuation, ...], offer: Outcome, revenue: tuple[Exact, ...]
    ) -> Position:
        """Step c: a fair coin is flipped in public."""
        return coin(
            "coin",
            ("Heads", HALF, Then(self.give, winner, valuations[winner])),
            ("Tails", HALF, Then(self.derive, winner, valuations, offer, revenue)),
        )

    def give(self, winner: int, valuation: Valuation) -> Position:
        """Step d: on Heads the winner gets the set that his reported valuation values most (the first such set by size,
        then by goods); nobody pays or is rewarded; the end."""
        return self.given(winner, valuation.favourite())

    def derive(
        self, winner: int, valuations: tuple[Valuation, ...], offer: Outcome, revenue: tuple[Exact, ...]
    ) -> Position:
        """Step e: on Tails everybody to whom the winner offers goods answers as he reported: YES exactly when his
        reported value is at least the offered price."""
        bundles = bundles_of(offer.owners, self.setting.n)
        buyers = tuple(i for i in self.setting.everyone if bundles[i])
        answers = tuple(YES if valuations[i].value(bundles[i]) >= offer.prices[i] else NO for i in buyers)
        return self.settle(winner, offer, revenue, buyers, answers)

    def settle(
        self,
        winner: int,
        offer: Outcome,
        revenue: tuple[Exact, ...],
        buyers: tuple[int, ...],
        answers: tuple[Answer, ...],
    ) -> Position:
        """Step f: whose answer is YES gets what he was offered at the offered price less eps/n, n being the number of
        players; the winner pays the prices of those whose answer is NO; and everybody i is rewarded with
        (eps/n)·R_i/(1 + R_i)."""
        return self.settled(winner, offer, revenue, buyers, answers)
