"""What is at stake where players offer goods to each other: the best-belief mechanisms."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from unrigged.exact import Exact
from unrigged.mechanisms.best_belief import SellingToOthers
from unrigged.mechanisms.best_belief_normal import BestBeliefNormal
from unrigged.mechanisms.best_belief_variants import (
    BestBeliefDecimal,
    BestBeliefProportional,
    BestBeliefReal,
    BestBeliefReserve,
)
from unrigged.moves.answer import YES, YesNo
from unrigged.moves.disclosures import DisclosureSpace
from unrigged.moves.offers import WishSpace
from unrigged.outcome import Outcome
from unrigged.server.risks.base import NOTHING, Announced, Most, Own, Risk, Silence, Stakes, everyone, greatest, said, w


class Selling(Risk[SellingToOthers]):
    """Everybody offers goods to others; the largest offer is made, and whoever made it pays for refusals."""

    def stakes(self, mechanism: SellingToOthers) -> Stakes:
        share = f"at most {w(mechanism.share)}"
        if isinstance(mechanism, BestBeliefProportional):
            share = f"at most {w(mechanism.share)} of the revenue that the winner announced"
        normal = isinstance(mechanism, BestBeliefNormal)
        offer = (
            "Whoever offers goods to others",
            "Say that the prices you offer sum to R. If you are the winner, the coin shows Tails and all refuse, you "
            "pay R, less your reward; if some refuse, what they refuse. Otherwise your offer costs you nothing.",
        )
        buyer = "You pay the price you say YES to, less a discount, and nothing if you say NO."
        if normal:
            buyer = (
                "You buy what you are offered if the price is at most your reported value of it; so you pay at most "
                "what you report a set to be worth, less a discount."
            )
        reward = "" if isinstance(mechanism, BestBeliefReal) else f" He misses a reward of {share}."
        silence = [
            Silence(
                "announce",
                "anybody",
                "no set named, nothing offered" + (", all worth nothing" if normal else ""),
                f"Whoever is silent: he is the winner only if nobody offers anything.{reward} Nobody else pays more.",
            )
        ]
        if not normal:
            hurt = "The winner, whose offer it is: he pays the refused price p to the house."
            if isinstance(mechanism, BestBeliefReserve):
                hurt += " Where the offer is the seller's own, nobody pays it, and the house goes without p."
            silence.append(
                Silence(
                    "answer",
                    "whoever is offered goods for a price p",
                    "NO",
                    hurt + " Whoever is silent goes without the goods.",
                )
            )
        return Stakes(
            tuple(silence),
            (
                Most(*offer),
                Most("Whoever is offered goods", buyer),
                Most("Whoever says nothing", "You pay nothing.", 0, True, everyone(mechanism), silent=True),
            ),
            self.house(mechanism),
        )

    def house(self, mechanism: SellingToOthers) -> Most:
        """What the house risks: discounts and rewards, where they can exceed what is collected."""
        n, buyers = mechanism.setting.n, min(mechanism.setting.n - 1, mechanism.setting.m)
        if isinstance(mechanism, BestBeliefReserve):
            return self._reserve(mechanism)
        if isinstance(mechanism, BestBeliefReal) and mechanism.discounts == "keep" and buyers:
            return Most(
                "the house",
                f"It pays a buyer's discount of {w(mechanism.share)} beyond prices that are smaller, to at most "
                f"{buyers} of them.",
                buyers * mechanism.share,
            )
        if isinstance(mechanism, BestBeliefDecimal) and buyers:
            most = greatest(0, *(self._decimal(mechanism, steps, buyers) for steps in _steps(mechanism, buyers)))
            if most > 0:
                return Most("the house", "Discounts and rewards can exceed what is collected.", Fraction(most), True)
        if isinstance(mechanism, BestBeliefProportional) and mechanism.share * (n + buyers) > 1:
            part = mechanism.share * (n + buyers) - 1
            return Most(
                "the house",
                f"Discounts and rewards can exceed what is collected, by less than {w(part)} of the revenue that the "
                "winner announces, to which there is no limit.",
            )
        return NOTHING

    def _reserve(self, mechanism: BestBeliefReserve) -> Most:
        least = mechanism.reserve.revenue - 1
        if mechanism.setting.n < 2 or least <= 0:
            return NOTHING
        return Most(
            "the house",
            "If nobody announces the seller's revenue and all refuse his offer, it pays the rewards.",
            mechanism.eps * Fraction(least) / (1 + least),
            True,
        )

    def _decimal(self, mechanism: BestBeliefDecimal, steps: int, buyers: int) -> Exact:
        """What the house pays where all announce that many steps, and the winner sells to as many as he can."""
        rewards = mechanism.setting.n * mechanism.share * Fraction(steps, 1 + steps)
        return min(buyers, steps) * mechanism.share + rewards - steps * mechanism.step

    def paid(self, mechanism: SellingToOthers, player: int, own: Own) -> Exact:
        made = said(own, WishSpace) or said(own, DisclosureSpace)
        if made is None:
            return 0
        offer: Outcome = made[1].offer
        answered = said(own, YesNo)
        if answered is not None:
            proposal: Outcome = answered[0].proposal
            reward = mechanism.reward(offer.revenue, proposal)
            price = proposal.prices[player] - mechanism.discount(proposal) if answered[1] is YES else 0
            return price - reward
        refused = offer.revenue - mechanism.reward(offer.revenue, offer) if offer.revenue else 0
        if not isinstance(mechanism, BestBeliefNormal):
            return greatest(0, refused)
        valuation = made[1].valuation
        worth = valuation.value(valuation.favourite())
        bought = worth - mechanism.share - mechanism.reward(offer.revenue, offer) if worth > 0 else 0
        return greatest(0, refused, bought)

    def owed(self, mechanism: SellingToOthers, announced: Announced) -> Exact:
        offers = [move.offer for _, space, move in announced if isinstance(space, WishSpace | DisclosureSpace)]
        if not offers:
            return 0
        revenue = [offer.revenue for offer in offers]
        chosen = offers[revenue.index(max(revenue))]
        sellers = isinstance(mechanism, BestBeliefReserve) and max(revenue) < mechanism.reserve.revenue
        if sellers and isinstance(mechanism, BestBeliefReserve):
            chosen = mechanism.reserve
        rewards = sum(mechanism.reward(each, chosen) for each in revenue)
        if sellers:
            return rewards
        buyers = sum(price > 0 for price in chosen.prices)
        return greatest(0, rewards + buyers * mechanism.discount(chosen) - chosen.revenue)


def _steps(mechanism: BestBeliefDecimal, buyers: int) -> set[int]:
    """Where what the house pays may be largest: it is concave in the number of steps up to `buyers`, and beyond."""
    unit, step = mechanism.share * mechanism.setting.n, mechanism.step
    candidates = {1, buyers}
    for slope in (step, step - mechanism.share):
        if slope > 0:
            turn = isqrt(int(unit / slope))
            candidates |= {turn - 1, turn, turn + 1}
    return {each for each in candidates if each >= 1}
