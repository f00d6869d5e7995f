"""Dense winner determination against enumeration of all divisions."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.winners.dense import divide


def best_value(tables: list[list[int]], size: int, unsold: bool) -> int | None:
    """The greatest total value, by trying every owner of every good; None if goods have nowhere to go."""
    goods = size.bit_length() - 1
    best = None
    owners = range(-1 if unsold else 0, len(tables))
    for division in itertools.product(owners, repeat=goods):
        bundles = [0] * len(tables)
        for good, owner in enumerate(division):
            if owner >= 0:
                bundles[owner] |= 1 << good
        total = sum(table[bundle] for table, bundle in zip(tables, bundles, strict=True))
        best = total if best is None else max(best, total)
    return best


@st.composite
def tables(draw: st.DrawFn) -> list[list[int]]:
    goods = draw(st.integers(0, 5))
    players = draw(st.integers(1, 4 if goods < 5 else 3))
    reach = draw(st.sampled_from([9, 2**27, 2**29, 10**15, 2**60, 2**62, 10**30]))
    seed = draw(st.integers(0, 2**32))
    rng = np.random.default_rng(seed)
    return [[int(part) * reach // 1000 for part in rng.integers(-1000, 1001, 1 << goods)] for _ in range(players)]


@settings(max_examples=300, deadline=None)
@given(tables(), st.booleans())
def test_optimum_division_and_marginals(values: list[list[int]], unsold: bool) -> None:
    size = len(values[0])
    division = divide(values, unsold=unsold, without=True)
    assert division.value == best_value(values, size, unsold)
    assert division.value == sum(table[bundle] for table, bundle in zip(values, division.bundles, strict=True))
    assert sum(division.bundles) == np.bitwise_or.reduce(division.bundles)
    assert unsold or sum(division.bundles) == size - 1
    assert division.without == tuple(best_value(values[:i] + values[i + 1 :], size, unsold) for i in range(len(values)))


@pytest.mark.parametrize("goods", [8, 10])
def test_larger_than_a_block(goods: int) -> None:
    values = np.random.default_rng(goods).integers(-500, 1000, (4, 1 << goods))
    wide = divide(values * 2**40, without=True)
    plain = divide(values, without=True)
    assert wide.value == plain.value << 40
    assert plain.without is not None
    assert wide.without == tuple(value << 40 for value in plain.without if value is not None)


def test_additive_values() -> None:
    rng = np.random.default_rng(4)
    prices = rng.integers(1, 1000, (5, 12))
    bundles = np.arange(1 << 12)
    values = np.array([sum(price[g] * (bundles >> g & 1) for g in range(12)) for price in prices])
    assert divide(values).value == int(prices.max(axis=0).sum())


def test_no_players() -> None:
    assert divide(np.zeros((0, 1), np.int64)).value == 0
    assert divide(np.zeros((0, 8), np.int64), unsold=True).value == 0
    with pytest.raises(ValueError, match="no player"):
        divide(np.zeros((0, 8), np.int64))


def test_one_player() -> None:
    assert divide([[1, 5, 7, 3]]).bundles == (3,)
    assert divide([[1, 5, 7, 3]], unsold=True).bundles == (2,)
    assert divide([[1, 5]], without=True).without == (None,)


@pytest.mark.parametrize(
    "wrong", [[1, 2], [[1, 2, 3]], [[0.5, 1.0]], np.zeros((1, 2**25), np.int8), [[[1]]], [["a", "b"]]]
)
def test_wrong_tables_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"expected|integers"):
        divide(wrong)  # type: ignore[arg-type]
