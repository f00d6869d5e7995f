"""The variants of the best-belief mechanism that its paper describes.

Source: Chen and Micali 2016, section 6.1 (real values, decimals) and section 6.3 (proportional rewards, the seller's
reserve outcome). The coin between this mechanism and VCG is in best_belief_or_vcg.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, written
from unrigged.mechanisms.base import Requirements, check_range, one_of, parameter
from unrigged.mechanisms.best_belief import HALF, BestBelief
from unrigged.moves.answer import Answer, YesNo
from unrigged.moves.offers import OfferSpace, Wish
from unrigged.outcome import Outcome, free, nothing_sold
from unrigged.protocol import Chance, Position, Then, ask, coin
from unrigged.setting import NOBODY


@dataclass(frozen=True)
class BestBeliefProportional(BestBelief):
    """Best-belief with a reward budget that is a share of the revenue collected instead of a fixed sum.

    Parameters: `eps`, in (0, 1), the share; `budget`, the reading of «an eps fraction of the revenue it collects»:
    `total`, discounts and rewards together stay below eps·R (each is measured in eps·R/(2n)), or `each`, discounts and
    rewards have that budget each (measured in eps·R/n), R being the revenue the winner announced. Printed so, a
    discount can exceed 1, and answers by value are then not rational; `capped`, the default, is `total` with a budget
    of at most 1 (the ledger's claim best-belief.variants).
    """

    eps: Fraction = parameter("the share of the revenue for discounts and rewards; 0 < eps < 1", Fraction(1, 10))
    budget: str = parameter(
        "`capped`: eps·R, but at most 1, for discounts and rewards together, so that answers by value stay rational; "
        "as printed `total`: eps·R for both, or `each`: eps·R for either",
        "capped",
        read=one_of("capped", "total", "each"),
    )

    name: ClassVar[str] = "best-belief-proportional"
    guarantee: ClassVar[str] = "revenue >= (1 - eps)·BB/2: as best-belief, rewards being a share of what is collected"
    source: ClassVar[str] = "Chen and Micali 2016, section 6.3, first variant"

    def check(self) -> None:
        check_range("eps", self.eps, 0, 1, "0 < eps < 1")

    def unit(self, offer: Outcome) -> Fraction:
        """What measures discounts and rewards."""
        n = self.setting.n
        if self.budget == "each":
            return self.eps / n * offer.revenue
        if self.budget == "capped" and self.eps * offer.revenue > 1:
            return Fraction(1, 2 * n)
        return self.eps / (2 * n) * offer.revenue

    def discount(self, offer: Outcome) -> Exact:
        return self.unit(offer)

    def reward(self, announced: Exact, offer: Outcome) -> Exact:
        return self.unit(offer) * announced / (1 + announced)

    def conclude(
        self,
        winner: int,
        offer: Outcome,
        revenue: tuple[Exact, ...],
        buyers: tuple[int, ...],
        answers: tuple[Answer, ...],
    ) -> Position:
        """Step d: let R_w be the winner's announced revenue, n the number of players, and the unit eps·R_w/(2n), but at
        most 1/(2n), where the budget is `capped`; eps·R_w/(2n) where it is the `total`; eps·R_w/n where it is for
        `each`. Who said YES gets what he was offered at the offered price less one unit; the winner pays the prices of
        those who said NO; and everybody i is rewarded with R_i/(1 + R_i) units."""
        return super().conclude(winner, offer, revenue, buyers, answers)


@dataclass(frozen=True)
class BestBeliefReal(BestBelief):
    """Best-belief for values that are real numbers (here: any rationals): no rewards.

    Parameters: `eps`; `discounts`, whether a buyer's discount eps/n goes with the rewards (`drop`) or stays (`keep`,
    as printed: the paper calls only the other payment a reward). With it whoever values goods at a little less than
    the price would still say YES (the ledger's claim best-belief.variants).
    """

    discounts: str = parameter(
        "whether the buyers' discount eps/n goes with the rewards (`drop`), so that answers by value are rational, or "
        "stays (`keep`), as printed",
        "drop",
        read=one_of("drop", "keep"),
    )

    name: ClassVar[str] = "best-belief-real"
    guarantee: ClassVar[str] = "revenue >= BB/2 - eps in the desired profile, which is as good as any deviation"
    source: ClassVar[str] = "Chen and Micali 2016, section 6.1, last paragraphs"
    requires: ClassVar[Requirements] = Requirements(domain="goods", integer_values=False)

    @property
    def price_step(self) -> Fraction:
        return Fraction(0)

    def discount(self, offer: Outcome) -> Exact:
        return self.share if self.discounts == "keep" else 0

    def reward(self, announced: Exact, offer: Outcome) -> Exact:
        return 0

    def start(self) -> Position:
        """Step 1: all simultaneously announce two things each: a set of goods (said to be the favourite), and an
        outcome that sells goods to others: disjoint sets of goods for other players, none for the announcer, with a
        price > 0 (any rational number) for everybody who is offered goods. To offer nothing is allowed."""
        return super().start()

    def conclude(
        self,
        winner: int,
        offer: Outcome,
        revenue: tuple[Exact, ...],
        buyers: tuple[int, ...],
        answers: tuple[Answer, ...],
    ) -> Position:
        """Step d: who said YES gets what he was offered at the offered price, less eps/n where the `discounts` are
        kept, n being the number of players; the winner pays the prices of those who said NO. There are no rewards."""
        return super().conclude(winner, offer, revenue, buyers, answers)


@dataclass(frozen=True)
class BestBeliefDecimal(BestBelief):
    """Best-belief for values and prices with a fixed precision, such as two decimals.

    Parameters: `eps`; `step`, the smallest difference of two prices (1/100 for two decimals); `unit`, whether eps is
    in money (`money`) or in steps (`step`, so that a discount never outweighs one step).
    """

    step: Fraction = parameter("the smallest difference of two prices, > 0", Fraction(1, 100))
    unit: str = parameter("whether eps counts `money` or `step`s", "step", read=one_of("step", "money"))

    name: ClassVar[str] = "best-belief-decimal"
    guarantee: ClassVar[str] = "revenue >= BB/2 - eps (in steps or money), values being decimals of fixed precision"
    source: ClassVar[str] = "Chen and Micali 2016, section 6.1, last paragraphs"
    requires: ClassVar[Requirements] = Requirements(domain="goods", integer_values=False)

    def check(self) -> None:
        super().check()
        if self.step <= 0:
            raise InputError("step", written(self.step), "a step > 0")

    @property
    def price_step(self) -> Fraction:
        return self.step

    @cached_property
    def share(self) -> Fraction:
        """The discount of a buyer, and the bound on every reward, in money."""
        return self.eps * (self.step if self.unit == "step" else 1) / self.setting.n

    def reward(self, announced: Exact, offer: Outcome) -> Exact:
        steps = announced / self.step
        return self.share * steps / (1 + steps)

    def start(self) -> Position:
        """Step 1: all simultaneously announce two things each: a set of goods (said to be the favourite), and an
        outcome that sells goods to others: disjoint sets of goods for other players, none for the announcer, with a
        price that is a positive multiple of `step` for everybody who is offered goods. To offer nothing is
        allowed."""
        return super().start()

    def conclude(
        self,
        winner: int,
        offer: Outcome,
        revenue: tuple[Exact, ...],
        buyers: tuple[int, ...],
        answers: tuple[Answer, ...],
    ) -> Position:
        """Step d: let e be eps, times `step` where the `unit` is the step, and n the number of players. Who said YES
        gets what he was offered at the offered price less e/n; the winner pays the prices of those who said NO; and
        everybody i is rewarded with (e/n)·S_i/(1 + S_i), S_i being his announced revenue in steps."""
        return super().conclude(winner, offer, revenue, buyers, answers)


@dataclass(frozen=True)
class BestBeliefReserve(BestBelief):
    """Best-belief with the seller's own sure outcome as a reserve.

    Parameters: `eps`; `reserve`, the seller's outcome (allocation and integer prices >= 1, sold to anybody);
    `sellers_coin`, whether the coin is tossed for the seller too (`tossed`: on Heads nothing is sold) or his outcome
    is offered at once (`skipped`). The seller's revenue does not change the rewards, which stay those of what players
    announced;
    a price refused is paid by nobody.
    """

    reserve: Outcome = parameter("the seller's sure outcome: allocation and prices", read=lambda value, where: value)
    sellers_coin: str = parameter("whether the coin is `tossed` for the seller too, or `skipped`", "tossed",
                          read=one_of("tossed", "skipped"))  # fmt: skip

    name: ClassVar[str] = "best-belief-reserve"
    guarantee: ClassVar[str] = "revenue >= max(BB, the seller's sure revenue)/2 - eps"
    source: ClassVar[str] = "Chen and Micali 2016, section 6.3, second variant"

    def defaults(self) -> Mapping[str, Any]:
        return {"reserve": Outcome(nothing_sold(self.setting), free(self.setting))}

    def check(self) -> None:
        super().check()
        space = OfferSpace(self.setting, NOBODY)
        if not isinstance(self.reserve, Outcome):
            object.__setattr__(self, "reserve", space.decode(self.reserve, "reserve"))
        space.checked(self.reserve, "reserve")

    def pick_winner(self, announced: tuple[Wish, ...]) -> Position:
        """Step b: the winner is who announced the largest revenue, ties to the smallest number; but if every announced
        revenue is strictly below that of the seller's reserve outcome, the seller is the winner."""
        revenue = tuple(wish.offer.revenue for wish in announced)
        if max(revenue) >= self.reserve.revenue:
            return super().pick_winner(announced)
        if self.sellers_coin == "skipped":
            return self.offer_reserve(revenue)
        return coin("coin", ("Heads", HALF, Then(self.keep)), ("Tails", HALF, Then(self.offer_reserve, revenue)))

    def keep(self) -> Position:
        """Step c': where the seller is the winner, nothing is sold on Heads; nobody pays or is rewarded; the end."""
        return Outcome(nothing_sold(self.setting), free(self.setting))

    def offer_reserve(self, revenue: tuple[Exact, ...]) -> Position:
        """Step 3': where the seller is the winner, on Tails everybody to whom his reserve outcome offers goods says YES
        or NO, simultaneously."""
        buyers = tuple(i for i in self.setting.everyone if self.reserve.prices[i])
        spaces = ((i, YesNo(self.setting, i, self.reserve)) for i in buyers)
        return ask("answer", spaces, Then(self.conclude_for_seller, revenue, buyers))

    def conclude_for_seller(
        self, revenue: tuple[Exact, ...], buyers: tuple[int, ...], answers: tuple[Answer, ...]
    ) -> Position:
        """Step d': where the seller is the winner, who said YES buys at his price less eps/n, a refused price is paid
        by nobody, and everybody is rewarded as in step d."""
        return self.settled(NOBODY, self.reserve, revenue, buyers, answers)

    def comment(self, position: Position) -> str:
        if isinstance(position, Chance) and position.branches[0].then.step == "keep":
            return f"nobody announced the seller's reserve revenue {written(self.reserve.revenue)}: the seller wins"
        return super().comment(position)
