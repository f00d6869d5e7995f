"""Real auctions from end to end: best-belief with rational bidders who know one another's values up to a precision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from unrigged.benchmarks import Benchmarks
from unrigged.context import Context, Precision
from unrigged.formats import read_scenario
from unrigged.mechanisms import BestBelief
from unrigged.results import distribution

DATA = Path(__file__).parents[2] / "shared" / "data"
SMALLEST = [
    "cats/arbitrary_64_250_s1.txt",
    "cats/regions_64_250_s1.txt",
    "cats/matching_256_1000_s1.txt",
    "cats/paths_256_1000_s1.txt",
    "cats/scheduling_256_1000_s1.txt",
    "cats/L4_256_1000_s1.txt",
    "courses/ariel_5783_input.json",
]

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the real inputs are not beside the checkout")


@pytest.mark.parametrize("name", SMALLEST)
def test_best_belief_keeps_its_promise(name: str) -> None:
    scenario = read_scenario(DATA / name)
    setting = scenario.setting
    assert scenario.context is not None
    context = Context(setting, scenario.context.types, (Precision(10),) * setting.n)
    computed = distribution(replace(scenario, context=context), 6.0, lambda words: None)
    announced = max(move.offer.revenue for _, move in computed.distribution.plays[0].history[0].moves)
    mechanism = scenario.mechanism
    assert isinstance(mechanism, BestBelief)
    assert computed.distribution.revenue > announced / 2 - mechanism.eps
    benchmark = Benchmarks(context, limit=6.0).best_belief()
    if benchmark.optimal:
        assert announced <= benchmark.value
    if not any("not proved" in note for note in computed.notes):
        assert announced == benchmark.value
