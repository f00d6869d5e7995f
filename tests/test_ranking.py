"""Count and rank in closed form against listing everything in the paper's order."""

from __future__ import annotations

from itertools import product

import pytest

from unrigged.ranking import allocation_number, vector_rank, vectors
from unrigged.setting import NOBODY


def listed(length: int, total: int) -> list[tuple[int, ...]]:
    """All vectors of integers >= 0 with that sum, at the first difference the larger number first."""
    return sorted((v for v in product(range(total + 1), repeat=length) if sum(v) == total), reverse=True)


@pytest.mark.parametrize("length", [1, 2, 3, 4])
@pytest.mark.parametrize("total", [0, 1, 2, 3, 6])
def test_vectors_of_a_given_sum(length: int, total: int) -> None:
    found = listed(length, total)
    assert found[0] == (total, *[0] * (length - 1))
    assert vectors(length, total) == len(found)
    assert [vector_rank(vector) for vector in found] == list(range(len(found)))


@pytest.mark.parametrize(("players", "goods"), [(1, 3), (2, 2), (3, 2), (2, 4)])
def test_allocations_come_in_the_order_of_their_owners(players: int, goods: int) -> None:
    found = list(product(range(NOBODY, players), repeat=goods))
    assert found == sorted(found)
    assert [allocation_number(allocation, players) for allocation in found] == list(range((players + 1) ** goods))


def test_the_last_of_very_many() -> None:
    last = (*[0] * 199, 10**6)
    assert vector_rank(last) == vectors(200, 10**6) - 1
    assert allocation_number((199,) * 300, 200) == 201**300 - 1
