"""The first-price package auction."""

from __future__ import annotations

from unrigged.mechanisms import FirstPricePackage
from unrigged.outcome import Outcome
from unrigged.setting import NOBODY, Goods, auction
from unrigged.valuations import XOR, Additive, Valuation

SETTING = auction(["ann", "bob", "cy"], ["left", "right"])
GOODS = Goods(["left", "right"])
NOTHING = Additive(GOODS, {})


def run(*reports: Valuation) -> object:
    return FirstPricePackage(SETTING).conclude(reports)


def test_everyone_pays_his_own_bid() -> None:
    ann, bob, cy = Additive(GOODS, {"left": 20}), Additive(GOODS, {"right": 30}), XOR(GOODS, [(["left", "right"], 40)])
    assert run(ann, bob, cy) == Outcome((0, 1), (20, 30, 0))


def test_ties_go_to_the_earliest_owners() -> None:
    same = Additive(GOODS, {"right": 5})
    assert run(NOTHING, same, same) == Outcome((NOBODY, 1), (0, 5, 0))


def test_silence_sells_nothing() -> None:
    assert run(NOTHING, NOTHING, NOTHING) == Outcome((NOBODY, NOBODY), (0, 0, 0))
