"""The best-belief mechanism: revenue from what players believe of each other.

Source: J. Chen and S. Micali, Leveraging possibilistic beliefs in unrestricted combinatorial auctions, Games 7 (2016),
section 6 (M_BB).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from unrigged.exact import Exact, first_largest, written
from unrigged.mechanisms.base import Mechanism, Requirements, check_range, parameter
from unrigged.moves.answer import YES, Answer, YesNo
from unrigged.moves.offers import OfferSpace, Wish, WishSpace
from unrigged.outcome import Outcome, free
from unrigged.protocol import Chance, Position, Then, ask, coin
from unrigged.setting import NOBODY, Bundle

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class SellingToOthers(Mechanism):
    """What the best-belief mechanisms share: how a sale to others is settled."""

    eps: Fraction = parameter("set aside for discounts and rewards; 0 < eps <= 1", Fraction(1, 10))

    def check(self) -> None:
        check_range("eps", self.eps, 0, 1, "0 < eps <= 1", closed=True)

    @cached_property
    def share(self) -> Fraction:
        """eps/n: the discount of a buyer, and the bound on every reward."""
        return self.eps / self.setting.n

    def discount(self, offer: Outcome) -> Exact:
        """What a buyer pays less than the price in `offer`."""
        return self.share

    def reward(self, announced: Exact, offer: Outcome) -> Exact:
        """The reward of a player who announced that revenue R when `offer` has been made: (eps/n)·R/(1 + R)."""
        return self.share - self.share / (1 + announced)

    def settled(
        self,
        winner: int,
        offer: Outcome,
        revenue: tuple[Exact, ...],
        buyers: tuple[int, ...],
        answers: tuple[Answer, ...],
    ) -> Outcome:
        """The outcome after `buyers` answered `offer`: sales at a discount, the `winner` (`NOBODY` where the seller
        stands in for one) pays every price refused, everybody is rewarded for the `revenue` he announced."""
        discount = self.discount(offer)
        prices: list[Exact] = [-self.reward(announced, offer) for announced in revenue]
        served = set()
        for buyer, answer in zip(buyers, answers, strict=True):
            if answer is YES:
                served.add(buyer)
                prices[buyer] += offer.prices[buyer] - discount
            elif winner != NOBODY:
                prices[winner] += offer.prices[buyer]
        owners = tuple(owner if owner in served else NOBODY for owner in offer.owners)
        return Outcome(owners, tuple(prices))

    def given(self, winner: int, wanted: Bundle) -> Outcome:
        """The outcome in which `winner` gets the bundle `wanted`, and nobody pays."""
        owners = tuple(winner if wanted >> good & 1 else NOBODY for good in range(self.setting.m))
        return Outcome(owners, free(self.setting))


@dataclass(frozen=True)
class BestBelief(SellingToOthers):
    """M_BB: the player who announces the largest revenue either wins his set for free or sells to the others.

    Parameter: `eps`, in (0, 1], the money set aside for discounts and rewards.
    """

    name: ClassVar[str] = "best-belief"
    guarantee: ClassVar[str] = "revenue >= BB/2 - eps: half of what the best-informed player could sell the goods for"
    assumption: ClassVar[str] = "players eliminate dominated strategies twice, on possibilistic beliefs alone"
    source: ClassVar[str] = "Chen and Micali 2016, section 6"
    requires: ClassVar[Requirements] = Requirements(domain="goods")

    @property
    def price_step(self) -> Fraction:
        """Announced prices are positive multiples of this."""
        return Fraction(1)

    @cached_property
    def announcements(self) -> tuple[tuple[int, WishSpace], ...]:
        """Everybody, with the space of his announcements."""
        return tuple((i, WishSpace(OfferSpace(self.setting, i, self.price_step))) for i in self.setting.everyone)

    def start(self) -> Position:
        """Step 1: all simultaneously announce two things each: a set of goods (said to be the favourite), and an
        outcome that sells goods to others: disjoint sets of goods for other players, none for the announcer, with an
        integer price >= 1 for everybody who is offered goods (said to be a sure sale). To offer nothing is
        allowed."""
        return ask("announce", self.announcements, Then(self.pick_winner))

    def pick_winner(self, announced: tuple[Wish, ...]) -> Position:
        """Step b: the revenue R_i of player i's outcome is the sum of its prices; the winner is who announced the
        largest, ties to the smallest number."""
        revenue = tuple([wish.offer.revenue for wish in announced])
        winner = first_largest(revenue)
        wish = announced[winner]
        return self.flip(winner, wish.wanted, wish.offer, revenue)

    def flip(self, winner: int, wanted: Bundle, offer: Outcome, revenue: tuple[Exact, ...]) -> Position:
        """Step 2: a fair coin is flipped in public."""
        return coin(
            "coin",
            ("Heads", HALF, Then(self.give, winner, wanted)),
            ("Tails", HALF, Then(self.sell, winner, offer, revenue)),
        )

    def give(self, winner: int, wanted: Bundle) -> Position:
        """Step c: on Heads the winner gets the set he named; nobody pays or is rewarded; the end."""
        return self.given(winner, wanted)

    def sell(self, winner: int, offer: Outcome, revenue: tuple[Exact, ...]) -> Position:
        """Step 3: on Tails everybody to whom the winner offers goods says YES or NO, simultaneously."""
        buyers = tuple(i for i in self.setting.everyone if offer.prices[i])
        spaces = ((i, YesNo(self.setting, i, offer)) for i in buyers)
        return ask("answer", spaces, Then(self.conclude, winner, offer, revenue, buyers))

    def conclude(
        self,
        winner: int,
        offer: Outcome,
        revenue: tuple[Exact, ...],
        buyers: tuple[int, ...],
        answers: tuple[Answer, ...],
    ) -> Position:
        """Step d: who said YES gets what he was offered at the offered price less eps/n, n being the number of players;
        the winner pays the prices of those who said NO; and everybody i is rewarded with (eps/n)·R_i/(1 + R_i)."""
        return self.settled(winner, offer, revenue, buyers, answers)

    def comment(self, position: Position) -> str:
        if not isinstance(position, Chance) or position.label != "coin":
            return ""
        winner, offer, _ = position.branch("Tails").then.arguments
        return f"the winner is {self.setting.players[winner]}, who announced the revenue {written(offer.revenue)}"
