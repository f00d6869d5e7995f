"""Sums of disjoint bids against enumeration of all sets of bids."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from random import Random
from time import perf_counter

from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.setting import Goods
from unrigged.valuations import OR, ORStar
from unrigged.valuations import disjoint as module
from unrigged.valuations.disjoint import DisjointSums

VALUES = st.integers(0, 9) | st.fractions(0, 9, max_denominator=6) | st.just(10**15 + 1)
BIDS = st.lists(st.tuples(st.integers(0, 63), VALUES), max_size=9)


def enumerated(bids, available):
    """The greatest sum over all sets of bids that lie within `available` and share nothing."""
    best = 0
    for size in range(1, len(bids) + 1):
        for chosen in combinations(bids, size):
            used = sum(mask for mask, _ in chosen)
            union = 0
            for mask, _ in chosen:
                union |= mask
            if used == union and not union & ~available:
                best = max(best, sum(value for _, value in chosen))
    return best


@settings(max_examples=300, deadline=None)
@given(BIDS, st.lists(st.integers(0, 63), min_size=1, max_size=4))
def test_sums_are_the_greatest(bids, bundles):
    sums = DisjointSums(bids)
    assert [sums.best(bundle) for bundle in bundles] == [enumerated(bids, bundle) for bundle in bundles]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 15), st.integers(0, 9), st.sets(st.sampled_from("xyz"))), max_size=7))
def test_dummies_exclude_one_another(bids):
    goods = Goods("a b c d")
    one = ORStar(goods, [(goods.names(mask), value, sorted(shared)) for mask, value, shared in bids])
    for bundle in range(16):
        wanted = [(mask, value) for mask, value in one.bids if not mask & goods.everything & ~bundle]
        assert one.value(bundle) == enumerated(wanted, -1)
    assert one.range() == (0, one.value(goods.everything))


def test_what_is_forgotten_changes_nothing(monkeypatch):
    rng = Random(5)
    bids = [(rng.randrange(1, 1 << 10), Fraction(rng.randint(1, 50), 3)) for _ in range(30)]
    expected = DisjointSums(bids).best(1023)
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    assert DisjointSums(bids).best(1023) == expected


def test_many_bids_take_no_time():
    goods = Goods(f"g{k}" for k in range(12))
    for seed in range(20):
        rng = Random(seed)
        bids = [(rng.randrange(1, 1 << 12), rng.randint(1, 1000)) for _ in range(40)]
        begun = perf_counter()
        greatest = OR(goods, bids).range()[1]
        assert perf_counter() - begun < 0.5  # about a millisecond; the slack is for busy machines
        reference = {0: 0}
        for mask, value in bids:
            for used, worth in list(reference.items()):
                if not used & mask:
                    reference[used | mask] = max(reference.get(used | mask, 0), worth + value)
        assert greatest == max(reference.values())
