"""No mechanism can reach a type: not through imports, and not through the objects it is made of."""

from __future__ import annotations

import gc

import grimp
import pytest

from unrigged.context import Context
from unrigged.mechanisms import ALL, Mechanism
from unrigged.setting import auction
from unrigged.strategies.base import Strategy
from unrigged.valuations import XOR, StateValues, Valuation

KNOWING_NOTHING = ("mechanisms", "moves", "protocol", "outcome", "setting", "winners")
KNOWING = ("context", "benchmarks", "strategies", "play", "scenario")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("unrigged", exclude_type_checking_imports=True, cache_dir=None)


@pytest.mark.parametrize("below", KNOWING_NOTHING)
def test_no_import_leads_to_types(graph: grimp.ImportGraph, below: str) -> None:
    low = f"unrigged.{below}"
    sources = {low} | graph.find_descendants(low)
    targets = {t for above in KNOWING for t in {f"unrigged.{above}"} | graph.find_descendants(f"unrigged.{above}")}
    for source in sources:
        for target in targets & graph.modules:
            assert graph.find_shortest_chain(source, target) is None, f"{source} reaches {target}"


def test_the_check_above_can_fail(graph: grimp.ImportGraph) -> None:
    assert graph.find_shortest_chain("unrigged.play", "unrigged.context") is not None


def held(thing: object) -> list[object]:
    """Everything of this package that `thing` refers to, directly or through others."""
    seen: dict[int, object] = {}
    waiting = [thing]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, type) or type(each).__module__.split(".")[0] in ("gc", "sys", "types"):
            continue
        if not (type(each).__module__.startswith("unrigged") or isinstance(each, tuple | dict | list | frozenset)):
            continue
        seen[id(each)] = each
        waiting.extend(gc.get_referents(each))
    return list(seen.values())


@pytest.mark.parametrize("mechanism", ALL, ids=lambda mechanism: mechanism.name)
def test_no_position_holds_a_type(mechanism: type[Mechanism]) -> None:
    from tests_support import playable

    for built in playable(mechanism):
        for thing in (built, built.start()):
            for each in held(thing):
                assert not isinstance(each, Context | StateValues | Valuation | Strategy)


def test_a_held_type_is_found() -> None:
    setting = auction(["ann"], ["vase"])
    assert setting.goods is not None
    secret = XOR(setting.goods, [("vase", 3)])
    assert secret in held((setting, [secret]))
