"""Mechanisms with one broken rule each: what the ledger must notice."""

from __future__ import annotations

from typing import Any

from unrigged.exact import Exact, first_largest
from unrigged.mechanisms import BY_NAME, Mechanism
from unrigged.moves.answer import YES
from unrigged.outcome import Outcome, free, nothing_sold
from unrigged.protocol import Position, Then, coin
from unrigged.setting import NOBODY


def _base(name: str) -> Any:
    return BY_NAME[name]


def _refusals_cost_nothing(name: str) -> type[Mechanism]:
    """Of a mechanism that sells to others: the winner does not pay what is refused."""

    class Lenient(_base(name)):  # type: ignore[misc]
        def settled(self, winner: int, offer: Any, revenue: Any, buyers: Any, answers: Any) -> Outcome:
            return super().settled(NOBODY, offer, revenue, buyers, answers)

    return Lenient


class ReserveForgotten(_base("best-belief-reserve")):  # type: ignore[misc]
    """The seller's own outcome is never offered."""

    def pick_winner(self, announced: Any) -> Position:
        return BY_NAME["best-belief"].pick_winner(self, announced)  # type: ignore[attr-defined]


class AlwaysVCG(_base("best-belief-or-vcg")):  # type: ignore[misc]
    """The coin always shows VCG."""

    def start(self) -> Position:
        return self.pivoting.start()


class NoFineForRefusingAlone(_base("market")):  # type: ignore[misc]
    """Step k: the proposer is not fined for a price that is refused."""

    def refuse_alone(self, w: int) -> Position:
        return self.only(w, self.endowment, {self.proposer: self.collected})


class NoFineForRefusing(_base("market")):  # type: ignore[misc]
    """Step e: the proposer is not fined for those who say NO."""

    def fine(self, yes: int) -> Position:
        return self.leave_at_a_price()


class FirstAlwaysProposes(_base("market-fair")):  # type: ignore[misc]
    """Step 0 draws nobody: the first player proposes."""

    def start(self) -> Position:
        return self.markets[0].start()


class FirstAnnouncementWins(_base("naive-1")):  # type: ignore[misc]
    """Step a: the first announcement takes effect, whether or not the others agree."""

    def compare(self, announced: Any) -> Position:
        return announced[0]


class AllAgree(_base("naive-2")):  # type: ignore[misc]
    """Step b: the proposal takes effect whatever the others say."""

    def conclude(self, proposal: Any, answers: Any) -> Position:
        return super().conclude(proposal, (YES,) * len(answers))


class NoRescue(_base("naive-3")):  # type: ignore[misc]
    """Step c: what some refuse never takes effect."""

    def flip(self, proposal: Any, yes: int) -> Position:
        return self.stay


class NoFineInNaive4(_base("naive-4")):  # type: ignore[misc]
    """A refused proposal costs the proposer nothing."""

    def fine(self, *arguments: Any) -> Position:
        return self.stay


class NoFineForRefusedPrices(_base("perfect-revenue")):  # type: ignore[misc]
    """Step e: the best-informed player is not fined."""

    def flip(self, proposal: Any, informed: Any, refusers: Any) -> Position:
        return coin(
            "coin 1",
            ("Heads", 1 - self.eps, Then(self.punish, ())),
            ("Tails", self.eps, Then(self.try_anyway, proposal, refusers)),
        )


class FirstRaiserInformed(_base("perfect-revenue")):  # type: ignore[misc]
    """Step c: the best informed is the first raiser, not the last."""

    def raise_prices(self, player: int, proposal: Any, informed: Any, announced: Any) -> Position:
        position = super().raise_prices(player, proposal, informed, announced)
        then = position.then
        arguments = list(then.arguments)
        earlier = tuple(before or now for before, now in zip(informed, arguments[2], strict=True))
        arguments[2] = earlier
        return type(position)(position.prices, Then(getattr(self, then.step), *arguments))


class RewardsSwapped(_base("perfect-revenue")):  # type: ignore[misc]
    """Step g: the second player is rewarded instead of the first, and the first instead of him."""

    def give_rewards(self, player: int, reward: Any, then: Then) -> Position:
        return super().give_rewards(1 - player if player < 2 else player, reward, then)


class PricesUndiscounted(_base("hope-for-the-best")):  # type: ignore[misc]
    """Everybody pays eps more than he reported, not less."""

    def compare(self, reported: Any) -> Position:
        found = super().compare(reported)
        if found.result == -1:
            return found
        return Outcome(found.result, tuple(price + 2 * self.eps for price in found.prices))


class DisagreementIgnored(_base("hope-for-the-best")):  # type: ignore[misc]
    """The first report counts, whatever the others report."""

    def compare(self, reported: Any) -> Position:
        return super().compare((reported[0],) * len(reported))


class NoFineForNaming(_base("leveraging")):  # type: ignore[misc]
    """Step c: naming players who do not name back costs nothing."""

    def compare_names(self, announced: Any, star: int, second: Any, revenue: Any, present: Any) -> Position:
        return self.first_coin(announced, star, second, revenue, present)


class StarOwesNothing(_base("leveraging")):  # type: ignore[misc]
    """Step g: the star does not owe R'."""

    def charge(self, star: int, declaration: Any, second: Any, revenue: Any, present: Any) -> Position:
        return super().charge(star, declaration, 0, revenue, present)


class StarPaysNothingRefused(_base("leveraging")):  # type: ignore[misc]
    """Step g: the star does not pay for those who say NO."""

    def conclude(self, star: int, offer: Any, takers: Any, buyers: Any, answers: Any) -> Position:
        accepted = [(buyer, answer) for buyer, answer in zip(buyers, answers, strict=True) if answer is YES]
        return super().conclude(star, offer, takers, tuple(b for b, _ in accepted), tuple(a for _, a in accepted))


class OwnBid(_base("second-price-package")):  # type: ignore[misc]
    """The winner pays his own bid."""

    def sell(self, bids: Any) -> Position:
        found = super().sell(bids)
        winner = first_largest([bid.amount for bid in bids])
        return Outcome(found.owners, tuple(bids[i].amount if i == winner else 0 for i in range(len(bids))))


class NeverSells(_base("independent")):  # type: ignore[misc]
    """The coin always shows the auction, which gives nothing away."""

    def start(self) -> Position:
        return Outcome(nothing_sold(self.setting), free(self.setting))


class NoFineForSurvivors(_base("surviving")):  # type: ignore[misc]
    """Step e: the best informed are not fined."""

    def carry_out_or_punish(self, proposal: Any, informed: Any, refusers: Any) -> Position:
        return super().carry_out_or_punish(proposal, informed, ()) if not refusers else self.leave()


class OneReward(_base("surviving")):  # type: ignore[misc]
    """Step g: everybody gets the same reward, whatever he contributed."""

    def give_rewards(self, state: Any, contributed: Any, found: Any) -> Position:
        return super().give_rewards(state, (0,) * len(contributed), found)


class PaysReport(_base("vcg")):  # type: ignore[misc]
    """Everybody pays what he reported for what he gets."""

    def conclude(self, reports: Any) -> Position:
        return BY_NAME["first-price-package"].conclude(self, reports)  # type: ignore[attr-defined]


class HighestBidPaid(_base("second-price")):  # type: ignore[misc]
    """The winner pays his own bid."""

    def sell(self, bids: Any) -> Position:
        winner = first_largest(bids)
        return self.sold(winner, bids[winner])


class SecondBidPaid(_base("first-price")):  # type: ignore[misc]
    """The winner pays the second highest bid."""

    def sell(self, bids: Any) -> Position:
        winner = first_largest(bids)
        return self.sold(winner, max(bids[:winner] + bids[winner + 1 :], default=0))


class Pivotal(_base("first-price-package")):  # type: ignore[misc]
    """Everybody pays what he costs the others."""

    def conclude(self, reports: Any) -> Position:
        return BY_NAME["vcg"](self.setting).conclude(reports)  # type: ignore[attr-defined]


class LargeDiscounts(_base("best-belief-proportional")):  # type: ignore[misc]
    """Discounts and rewards are counted in ten times the unit."""

    def unit(self, offer: Any) -> Exact:
        return 10 * super().unit(offer)


class DiscountBecomesFee(_base("best-belief-decimal")):  # type: ignore[misc]
    """A buyer pays more than he was offered, not less."""

    def discount(self, offer: Any) -> Exact:
        return -self.share


def mutants() -> dict[str, list[tuple[type[Mechanism], str]]]:
    """For every mechanism broken versions of it, each with the reading whose verdict changes on its quick range."""
    lenient = {name: _refusals_cost_nothing(name) for name in ("best-belief", "best-belief-normal", "best-belief-real")}
    return {
        "best-belief": [(lenient["best-belief"], "best-belief.T2 (as printed)")],
        "best-belief-normal": [(lenient["best-belief-normal"], "best-belief.T1 (as printed)")],
        "best-belief-real": [(lenient["best-belief-real"], "best-belief.variants (real values, discounts dropped)")],
        "best-belief-proportional": [(LargeDiscounts, "best-belief.variants (proportional, small share)")],
        "best-belief-decimal": [(DiscountBecomesFee, "best-belief.variants (decimals, eps in steps)")],
        "best-belief-reserve": [(ReserveForgotten, "best-belief.variants (reserve, coin tossed for the seller)")],
        "best-belief-or-vcg": [(AlwaysVCG, "best-belief.variants (coin with VCG)")],
        "market": [(NoFineForRefusingAlone, "market.T1b (as printed)"), (NoFineForRefusing, "market.T1b (as printed)")],
        "market-fair": [(FirstAlwaysProposes, "market.fair (as printed)")],
        "naive-1": [(FirstAnnouncementWins, "market.naive-1 (as printed)")],
        "naive-2": [(AllAgree, "market.naive-2 (truthful prices legal)")],
        "naive-3": [(NoRescue, "market.naive-3 (as printed)")],
        "naive-4": [(NoFineInNaive4, "market.naive-4 (truthful prices legal)")],
        "perfect-revenue": [
            (NoFineForRefusedPrices, "perfect-revenue.T1 (announcements capped)"),
            (FirstRaiserInformed, "perfect-revenue.L2c (sensible raises, small rewards)"),
            (RewardsSwapped, "perfect-revenue.L2 (as printed)"),
        ],
        "hope-for-the-best": [
            (DisagreementIgnored, "hope-for-the-best.many (values before the discount)"),
            (PricesUndiscounted, "hope-for-the-best.many (values before the discount)"),
        ],
        "leveraging": [
            (NoFineForNaming, "leveraging.L1 (as printed)"),
            (StarPaysNothingRefused, "leveraging.L3 (as printed)"),
            (StarOwesNothing, "leveraging.T1 (as printed)"),
        ],
        "second-price-package": [(OwnBid, "leveraging.independent (over best-belief, total performance only)")],
        "independent": [(NeverSells, "leveraging.independent (over best-belief, total performance only)")],
        "surviving": [
            (NoFineForSurvivors, "surviving.L4 (two players or values 0 and 1)"),
            (OneReward, "surviving.L3 (as printed)"),
        ],
        "vcg": [(PaysReport, "vcg.truthful (as printed)")],
        "second-price": [(HighestBidPaid, "second-price.pair (as printed)")],
        "first-price": [(SecondBidPaid, "second-price.pair (first-price for comparison)")],
        "first-price-package": [(Pivotal, "vcg.truthful (first-price-package for comparison)")],
    }
