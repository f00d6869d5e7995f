"""The cross-check by CP-SAT: it agrees with right answers, improves unproved ones, and refuses wrong ones."""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from random import Random

import pytest

from unrigged.errors import BudgetExceeded, InputError, UnriggedError
from unrigged.setting import NOBODY, Goods
from unrigged.valuations import XOR, Additive, BudgetAdditive, PointwiseMin, UnitDemand
from unrigged.valuations.rounded import RoundedDown
from unrigged.winners import Auction, crosscheck, winners
from unrigged.winners.crosscheck import OUT_OF_TIME, cross_check, cross_check_each
from unrigged.winners.model import WrongAnswer
from winners_support import LANGUAGES, enumerated, random_auction, random_valuation

GOODS = Goods(f"g{k}" for k in range(10))


def test_without_the_engine(monkeypatch):
    monkeypatch.setitem(sys.modules, "ortools", None)
    question = Auction(GOODS, (Additive(GOODS, {"g1": 3}),))
    with pytest.raises(InputError, match=r"pip install 'unrigged\[cpsat\]'"):
        cross_check(question, winners(question))


def test_a_process_that_fails_says_why(monkeypatch, tmp_path):
    monkeypatch.setattr(crosscheck, "find_spec", lambda name: name)
    monkeypatch.setattr(crosscheck, "WORKER", tmp_path / "worker.py")
    (tmp_path / "worker.py").write_text("raise MemoryError('no room')")
    question = Auction(GOODS, (Additive(GOODS, {"g1": 3}),))
    with pytest.raises(UnriggedError, match="status 1: MemoryError: no room"):
        cross_check(question, winners(question))


class TestWithTheEngine:
    @pytest.fixture(autouse=True)
    def engine(self):
        if find_spec("ortools") is None:
            pytest.skip("OR-Tools is not installed (the extra 'cpsat')")

    def test_every_language_and_rule(self):
        rng = Random(9)
        found = []
        for language in LANGUAGES:
            for seed in range(20):
                auction = random_auction(seed, (language, language, rng.choice(LANGUAGES)))
                if enumerated(auction) is not None:
                    found.append((auction, winners(auction)))
        for (auction, _), checked in zip(found, cross_check_each(found), strict=True):
            assert (checked.value, checked.bound, checked.proof) == (enumerated(auction),) * 2 + ("exact",)
            assert checked.engine.endswith("checked by CP-SAT")

    def test_an_answer_without_proof_is_improved(self):
        rng = Random(4)
        auction = Auction(GOODS, tuple(random_valuation(rng, GOODS, "xor", 7) for _ in range(9)))
        nothing = replace(
            winners(auction), allocation=(NOBODY,) * 10, worths=(0,) * 9, value=0, bound=10**6, proof="none"
        )
        checked = cross_check(auction, nothing)
        assert (checked.value, checked.proof, checked.engine) == (winners(auction).value, "exact", "CP-SAT")
        assert sum(auction.worths(checked.allocation)) == checked.value

    def test_wrong_answers_are_refused(self):
        auction = Auction(GOODS, (XOR(GOODS, [("g1", 5), (("g1", "g2"), 8)]), UnitDemand(GOODS, {"g1": 4})))
        right = winners(auction)
        worse = replace(right, allocation=(NOBODY,) * 10, worths=(0, 0), value=0, bound=0)
        better = replace(right, value=9, bound=9)
        for wrong in (worse, better):
            with pytest.raises(WrongAnswer, match="contradict each other"):
                cross_check(auction, wrong)
        with pytest.raises(WrongAnswer, match="no allocation obeys the rules"):
            cross_check(Auction(GOODS, (), unsold=False), winners(Auction(GOODS, ())))

    def test_no_time(self):
        rng = Random(5)
        auction = Auction(GOODS, tuple(random_valuation(rng, GOODS, "budget") for _ in range(9)))
        start = winners(auction, method="greedy")
        checked = cross_check(auction, start, limit=0)
        assert start.value <= checked.value <= winners(auction).value <= checked.bound <= start.bound
        assert checked.optimal or OUT_OF_TIME in checked.notes

    @pytest.mark.parametrize("value", [10**15, 10**15 - 1, Fraction(10**14, 3)])
    def test_large_values(self, value):
        goods = Goods("a b c d")
        auction = Auction(
            goods,
            (
                BudgetAdditive(goods, {"a": value, "b": value - 1, "c": 1}, value + 1),
                Additive(goods, {"b": value - 3, "c": 2, "d": value}, capacity=2),
                PointwiseMin((UnitDemand(goods, {"a": value, "d": 7}), Additive(goods, {"a": 5, "d": value}))),
                RoundedDown(Additive(goods, {"a": value - 7, "c": value // 3}), value // 2),
            ),
            least=2,
        )
        checked = cross_check(auction, winners(auction))
        assert checked.value == enumerated(auction)
        assert checked.proof == "exact"

    def test_values_beyond_its_reach(self):
        huge = Auction(GOODS, (Additive(GOODS, dict.fromkeys(GOODS, 10**15)),))
        with pytest.raises(BudgetExceeded, match="the cross-check is for less than"):
            cross_check(huge, winners(huge))

    def test_nothing_to_do(self):
        empty = [Auction(Goods([]), ()), Auction(GOODS, ()), Auction(GOODS, (XOR(GOODS, []),))]
        checked = cross_check_each([(auction, winners(auction)) for auction in empty])
        assert [(one.value, one.proof) for one in checked] == [(0, "exact")] * 3
