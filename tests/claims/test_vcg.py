"""The claims on VCG and the second-price auction: helpers beside slow recomputation, broken rules."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest

from unrigged.claims.base import Scope, replaced
from unrigged.claims.counterexample import Counterexample
from unrigged.claims.vcg.collusion import _dominant
from unrigged.claims.vcg.reports import concluded, gains, greatest_welfare, markets, tables
from unrigged.claims.vcg.truthful import CLAIMS
from unrigged.context import Context
from unrigged.mechanisms import VCG, Mechanism, SecondPrice
from unrigged.outcome import Outcome
from unrigged.protocol import Position
from unrigged.setting import auction
from unrigged.valuations import Additive
from unrigged.winners import Auction, winners

READINGS = {each.key: each for claim in CLAIMS for each in claim.readings.values()}

FAIL = {
    "vcg.truthful (no other report is as good)",
    "vcg.truthful (endowments, pivot: all)",
    "vcg.truthful (first-price-package for comparison)",
    "second-price.pair (first-price for comparison)",
    "vcg.ausubel-milgrom (whatever the others want)",
    "vcg.revenue-monotone (monotone)",
    "second-price.pair (every best joint bid)",
}


def test_ids_of_the_sheet() -> None:
    assert [claim.id for claim in CLAIMS] == [
        "vcg.truthful", "vcg.ausubel-milgrom", "vcg.shill", "vcg.revenue-monotone", "vcg.private", "second-price.pair",
    ]  # fmt: skip
    assert all(claim.read().name == "as printed" for claim in CLAIMS)


class PayYourBid(VCG):
    """Everybody pays what he reported."""

    def conclude(self, reports: Any) -> Position:
        best = winners(Auction(self.setting.need_goods(self.name), reports), ties="first")
        return Outcome(best.allocation, best.worths)


class NobodyPays(VCG):
    """The goods are given away."""

    def conclude(self, reports: Any) -> Position:
        found = super().conclude(reports)
        assert isinstance(found, Outcome)
        return Outcome(found.result, (0,) * self.setting.n)


class PayYourSealedBid(SecondPrice):
    """The winner pays his own bid."""

    def sell(self, bids: tuple[int, ...]) -> Position:
        winner = bids.index(max(bids))
        return self.sold(winner, bids[winner])


@pytest.mark.parametrize(
    ("mutant", "changed"),
    [
        (PayYourBid, ["vcg.truthful (as printed)", "vcg.ausubel-milgrom (as printed)", "vcg.shill (as printed)",
                      "vcg.revenue-monotone (as printed)"]),
        (NobodyPays, ["vcg.truthful (as printed)", "vcg.revenue-monotone (as printed)"]),
        (PayYourSealedBid, ["second-price.pair (as printed)"]),
    ],
)  # fmt: skip
def test_broken_rules_change_verdicts(mutant: type[Mechanism], changed: list[str]) -> None:
    with replaced({mutant.name: mutant}):
        for key in changed:
            assert READINGS[key].verdict(READINGS[key].quick).status != "holds", key


def test_counterexamples_of_broken_rules_confirm() -> None:
    with replaced({"vcg": PayYourBid}):
        reading = READINGS["vcg.truthful (as printed)"]
        found = reading.verdict(reading.quick).counterexample
        assert isinstance(found, Counterexample)
        assert found.reason_against() == ""


def test_welfare_by_enumeration_is_that_of_winner_determination() -> None:
    setting = auction(["p1", "p2"], ["g1", "g2"])
    goods = setting.need_goods("a test")
    for types in product(tables(setting, (-1, 1)), repeat=2):
        assert greatest_welfare(setting, types) == winners(Auction(goods, types)).value


def test_gains_are_utilities() -> None:
    for setting in markets(Scope(players=2, goods=2, values=(-1, 1))):
        mechanism = VCG(setting)
        own = tables(setting, (-1, 1))
        for types in zip(own, reversed(own), strict=True):
            outcome = concluded(mechanism, types)
            context = Context(setting, types)
            assert gains(setting, types, outcome) == tuple(context.utility(i, outcome) for i in setting.everyone)


def test_every_good_has_every_owner() -> None:
    found = [setting.endowment for setting in markets(Scope(players=2, goods=2, values=(0, 1)))]
    assert found == [(0,), (1,), (0, 0), (0, 1), (1, 0), (1, 1)]


def test_dominant_joint_bids_against_every_pair() -> None:
    setting = auction(["p1", "p2", "p3"], ["the good"])
    goods = setting.need_goods("a test")
    mechanism = SecondPrice(setting)
    bids = range(4)
    after = {made: concluded(mechanism, made) for made in product(bids, repeat=3)}
    for pair, both in product(combinations(range(3), 2), product(range(3), repeat=2)):
        values = dict(zip(pair, both, strict=True))
        context = Context(setting, tuple(Additive(goods, {"the good": values.get(i, 0)}) for i in range(3)))
        (third,) = {0, 1, 2} - set(pair)

        def utility(joint: tuple[int, ...], rest: int, context: Context = context, pair: Any = pair, third: int = third,
                    ) -> Any:  # fmt: skip
            made = dict(zip((*pair, third), (*joint, rest), strict=True))
            return context.joint_utility(pair, after[tuple(made[i] for i in range(3))])

        slow = [
            joint
            for joint in product(bids, repeat=2)
            if all(utility(joint, rest) >= utility(other, rest) for rest in bids for other in product(bids, repeat=2))
        ]
        assert _dominant(after, pair, both, 3, bids) == slow
