"""What is at stake where everybody bids once: the classical auctions, and VCG."""

from __future__ import annotations

from unrigged.exact import Exact, total
from unrigged.mechanisms.first_price import FirstPrice
from unrigged.mechanisms.first_price_package import FirstPricePackage
from unrigged.mechanisms.hope_for_the_best import HopeForTheBest
from unrigged.mechanisms.second_price import SecondPrice
from unrigged.mechanisms.second_price_package import SecondPricePackage
from unrigged.mechanisms.vcg import VCG
from unrigged.moves.profiles import ProfileSpace
from unrigged.moves.reports import ValuationReport
from unrigged.moves.sealed import PackageBidSpace, SealedBidSpace
from unrigged.server.risks.base import NOTHING, Announced, Most, Own, Risk, Silence, Stakes, everyone, greatest, said, w
from unrigged.valuations import Valuation
from unrigged.winners import Auction, winners

SILENT = "Whoever says nothing"


class Bids(Risk[FirstPrice | SecondPrice | SecondPricePackage]):
    """One bid each, for a good or for a set of goods; the highest wins and pays the highest or the second highest."""

    def stakes(self, mechanism: FirstPrice | SecondPrice | SecondPricePackage) -> Stakes:
        first = isinstance(mechanism, FirstPrice)
        words = (
            "your own bid, if it wins" if first else "the second highest bid, if yours wins; so never more than you bid"
        )
        hurts = (
            "Whoever is silent: he wins only if nobody else bids anything. The house, which then sells for less: by "
            "no more than what he would have bid."
        )
        return Stakes(
            (Silence("bid", "a bidder", "a bid of 0", hurts),),
            (
                Most("Whoever bids", f"You pay at most {words}."),
                Most(SILENT, "You pay nothing.", 0, True, everyone(mechanism), silent=True),
            ),
            NOTHING,
        )

    def paid(self, mechanism: FirstPrice | SecondPrice | SecondPricePackage, player: int, own: Own) -> Exact:
        made = said(own, SealedBidSpace) or said(own, PackageBidSpace)
        assert made is not None
        bid: int = made[1] if isinstance(made[1], int) else made[1].amount
        if isinstance(mechanism, FirstPrice):
            return bid
        if mechanism.setting.n == 1:
            return 0
        return bid if player < mechanism.setting.n - 1 else greatest(0, bid - 1)  # the last one loses all ties


class Reports(Risk[VCG | FirstPricePackage]):
    """A whole valuation each; the goods go where the reports say that they are worth most."""

    def stakes(self, mechanism: VCG | FirstPricePackage) -> Stakes:
        if isinstance(mechanism, FirstPricePackage):
            words = "You pay your own bid for the set that you get, so at most your largest bid."
            house = NOTHING
        else:
            words = "You pay at most what you report the set that you get to be worth to you"
            words += " beyond what you own." if self._endowed(mechanism) else "."
            house = self._house(mechanism)
        return Stakes(
            (Silence("report", "anybody", "the report that everything is worth 0", self._hurts(mechanism)),),
            (
                Most("Whoever reports", words),
                Most(SILENT, "You pay nothing.", 0, True, everyone(mechanism), silent=True),
            ),
            house,
        )

    def _endowed(self, mechanism: VCG | FirstPricePackage) -> bool:
        return mechanism.setting.endowment is not None

    def _hurts(self, mechanism: VCG | FirstPricePackage) -> str:
        hurts = "Whoever is silent: he gets nothing that anybody else wants."
        if self._endowed(mechanism):
            return hurts + (
                " What he owns counts as worth nothing to him, so he can lose all of it, and be paid as little as 0 "
                "for it. Nobody else pays more."
            )
        return hurts + " The house: it sells for less, by no more than what he would have paid. Nobody else is hurt."

    def _house(self, mechanism: VCG) -> Most:
        if not self._endowed(mechanism) or mechanism.pivot == "all":
            return NOTHING
        n = mechanism.setting.n
        times = "" if n == 2 else f"{n - 1} times "
        return Most(
            "the house",
            f"It pays at most {times}the reported gain: what the reports say the goods are worth in the new hands, "
            "less what they say they are worth in the old ones. There is no limit to what can be reported.",
            None,
        )

    def paid(self, mechanism: VCG | FirstPricePackage, player: int, own: Own) -> Exact:
        made = said(own, ValuationReport)
        assert made is not None
        report: Valuation = made[1]
        best = report.value(report.favourite())
        if isinstance(mechanism, VCG) and self._endowed(mechanism) and mechanism.pivot == "leaves":
            best -= report.value(mechanism.setting.endowed[player])
        return best

    def owed(self, mechanism: VCG | FirstPricePackage, announced: Announced) -> Exact:
        if isinstance(mechanism, FirstPricePackage) or not self._endowed(mechanism) or mechanism.pivot == "all":
            return 0
        reports = tuple(move for _, _, move in announced)
        before = total(reports[player].value(bundle) for player, bundle in enumerate(mechanism.setting.endowed))
        best = winners(Auction(mechanism.setting.need_goods(mechanism.name), reports), ties="first")
        gain: Exact = best.value - before
        return (mechanism.setting.n - 1) * gain


class Hope(Risk[HopeForTheBest]):
    """A whole type profile each, and a sale if all agree."""

    def stakes(self, mechanism: HopeForTheBest) -> Stakes:
        bound, n, eps = mechanism.setting.value_bound, mechanism.setting.n, mechanism.eps
        most = None if bound is None else greatest(0, bound - 1 - eps)
        return Stakes(
            (
                Silence(
                    "report",
                    "anybody",
                    "the report that nobody values anything",
                    "Everybody who would have gained: unless all are silent the null state is chosen, and nobody "
                    f"pays. If all are silent, the first state is chosen and the house pays {w(n * eps)}.",
                ),
            ),
            (
                Most(
                    "Whoever reports",
                    f"You pay at most your own value of the chosen state as you report it, less {w(eps)}; and only if "
                    "all report the same.",
                    most,
                    most is not None,
                    everyone(mechanism),
                ),
                Most(SILENT, "You pay nothing.", 0, True, everyone(mechanism), silent=True),
            ),
            Most("the house", f"If all report that nobody values anything, it pays {w(eps)} to each.", n * eps, True),
        )

    def paid(self, mechanism: HopeForTheBest, player: int, own: Own) -> Exact:
        made = said(own, ProfileSpace)
        assert made is not None
        profile = made[1]
        totals = [sum(column) for column in zip(*profile, strict=True)]
        value: int = profile[player][totals.index(max(totals))]
        return greatest(0, value - mechanism.eps)
