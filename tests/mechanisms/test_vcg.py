"""VCG, with and without endowments, against hand-computed prices and against enumeration of all allocations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.errors import IllegalMove, InputError
from unrigged.mechanisms import VCG
from unrigged.moves.reports import MAX_BIDS, ValuationReport, valuation_in_words
from unrigged.outcome import Outcome
from unrigged.protocol import Decision
from unrigged.setting import NOBODY, Allocation, Goods, auction, bundle_of, market
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    ExactBundles,
    FromCallable,
    ORStar,
    SingleMinded,
    Table,
    UnitDemand,
    Valuation,
)

SETTING = auction(["ann", "bob", "cy"], ["left", "right"])
GOODS = Goods(["left", "right"])
NOTHING = Additive(GOODS, {})
BOTH = ["left", "right"]


def run(mechanism: VCG, *reports: Valuation) -> Outcome:
    decision = mechanism.start()
    assert isinstance(decision, Decision)
    outcome = decision.after(reports)
    assert isinstance(outcome, Outcome)
    return outcome


def test_everyone_pays_what_he_costs_the_others() -> None:
    """Without Ann, or without Bob, Cy alone makes 40; with Ann and Bob the others make Bob's 30, or Ann's 20."""
    ann, bob = Additive(GOODS, {"left": 20}), Additive(GOODS, {"right": 30})
    cy = XOR(GOODS, [(BOTH, 40), ("right", 15)])
    assert run(VCG(SETTING), ann, bob, cy) == Outcome((0, 1), (40 - 30, 40 - 20, 0))


def test_a_lone_player_takes_all_for_nothing() -> None:
    lone = VCG(auction(["ann"], ["left", "right"]))
    assert run(lone, Additive(GOODS, {"left": 5})) == Outcome((0, NOBODY), (0,))


def test_ties_go_to_the_earliest_owners_and_unsold_comes_first() -> None:
    same = Additive(GOODS, {"left": 5})
    assert run(VCG(SETTING), NOTHING, same, same) == Outcome((1, NOBODY), (0, 5, 0))
    whole, half = SingleMinded(GOODS, BOTH, 4), UnitDemand(GOODS, {"left": 2, "right": 2})
    assert run(VCG(SETTING), half, half, whole).result == (0, 1)
    assert run(VCG(SETTING), whole, half, half).result == (0, 0)


def test_goods_nobody_wants_stay_unsold() -> None:
    assert run(VCG(SETTING), NOTHING, NOTHING, NOTHING) == Outcome((NOBODY, NOBODY), (0, 0, 0))
    without_disposal = ExactBundles(GOODS, [("left", 3)])
    assert run(VCG(SETTING), without_disposal, NOTHING, NOTHING) == Outcome((0, NOBODY), (0, 0, 0))


def test_two_who_value_the_goods_little_take_everything_for_nothing() -> None:
    """Paper 002, section 1 (Ausubel and Milgrom): one high bid each on a single good."""
    honest = SingleMinded(GOODS, BOTH, 100)
    assert run(VCG(SETTING), Additive(GOODS, {"left": 1}), Additive(GOODS, {"right": 1}), honest) == Outcome(
        (2, 2), (0, 0, 2)
    )
    assert run(VCG(SETTING), Additive(GOODS, {"left": 101}), Additive(GOODS, {"right": 101}), honest) == Outcome(
        (0, 1), (0, 0, 0)
    )


def test_more_bidders_can_lower_the_revenue() -> None:
    whole, left, right = SingleMinded(GOODS, BOTH, 10), Additive(GOODS, {"left": 10}), Additive(GOODS, {"right": 10})
    assert run(VCG(SETTING), whole, left, NOTHING).revenue == 10
    assert run(VCG(SETTING), whole, left, right).revenue == 0


# Ann owns the hut, Bob the van.
MARKET = market(["ann", "bob"], {"ann": ["hut"], "bob": ["van"]}, 64)
OWNED = Goods(["hut", "van"])


def test_a_seller_is_paid_what_he_brings_to_the_others() -> None:
    """The hut moves to Bob. If Ann can leave with it, the others have 25 less without her; with all goods, no less."""
    ann, bob = Additive(OWNED, {"hut": 10}), Additive(OWNED, {"hut": 25, "van": 5})
    leaves = run(VCG(MARKET), ann, bob)
    assert leaves == Outcome((1, 1), (5 - 30, 10 - 0))
    everything = run(VCG(MARKET, pivot="all"), ann, bob)
    assert everything == Outcome((1, 1), (30 - 30, 10 - 0))


def test_who_keeps_his_goods_and_gets_nothing_more_pays_nothing() -> None:
    ann, bob = Additive(OWNED, {"hut": 10}), Additive(OWNED, {"van": 5})
    assert run(VCG(MARKET), ann, bob) == Outcome((0, 1), (0, 0))


def test_a_burden_is_destroyed_and_nobody_pays() -> None:
    ann, bob = Additive(OWNED, {"hut": -3}), Additive(OWNED, {"hut": -1, "van": 5})
    assert run(VCG(MARKET), ann, bob) == Outcome((NOBODY, 1), (0, 0))


def test_pivot_is_one_of_two() -> None:
    with pytest.raises(InputError, match="did you mean 'leaves'"):
        VCG(MARKET, pivot="leave")


def slow(reports: Sequence[Valuation], owners: Iterable[Sequence[int]]) -> tuple[int, Allocation]:
    """The greatest welfare over all allocations with these possible owners of each good, and the first that has it."""
    best: tuple[int, Allocation] | None = None
    for allocation in product(*(sorted(each) for each in owners)):
        welfare = sum(one.value(bundle_of(allocation, i)) for i, one in enumerate(reports))
        if best is None or welfare > best[0]:
            best = welfare, allocation
    assert best is not None
    return best


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), pivot=st.sampled_from(["leaves", "all"]), owned=st.booleans())
def test_every_outcome_agrees_with_enumeration(seed: int, pivot: str, owned: bool) -> None:
    rng = Random(seed)
    names, goods = ["ann", "bob", "cy"], ["a", "b", "c"]
    setting = market(names, {"ann": ["a"], "bob": ["b", "c"], "cy": []}, 64) if owned else auction(names, goods)
    mechanism = VCG(setting, pivot=pivot)
    space = ValuationReport(setting)
    tables = [Table(goods, [0, *(rng.randint(-5 if owned else 0, 9) for _ in range(7))]) for _ in names]
    reports = [rng.choice((space.sample(rng, 9), table)) for table in tables]
    best, first = slow(reports, [range(-1, 3)] * 3)
    prices = []
    for i in range(3):
        gone = setting.endowed[i] if pivot == "leaves" else 0
        owners = [[NOBODY] if gone >> g & 1 else [j for j in range(-1, 3) if j != i] for g in range(3)]
        others = best - reports[i].value(bundle_of(first, i))
        prices.append(slow(reports, owners)[0] - others)
    outcome = run(mechanism, *reports)
    assert outcome == Outcome(first, tuple(prices))
    before = [one.value(setting.endowed[i]) for i, one in enumerate(reports)]
    if pivot == "leaves":
        after = [one.value(bundle_of(first, i)) - prices[i] for i, one in enumerate(reports)]
        assert all(a >= b for a, b in zip(after, before, strict=True))


LANGUAGE_SAMPLES: list[tuple[Valuation, int]] = [
    (Additive(GOODS, {"left": 1}), 4 + 1),
    (Additive(GOODS, {"left": 1}, capacity=1), 4 + 1 + 4),
    (UnitDemand(GOODS, {"left": 1, "right": 1}), 8),
    (BudgetAdditive(GOODS, {"left": 1, "right": 1}, budget=1), 12),
    (SingleMinded(GOODS, BOTH, 1), 4 + 2),
    (XOR(GOODS, [("left", 1), (BOTH, 1)]), 12),
    (XOR(GOODS, []), 1),
    (OR(GOODS, [("left", 1), ("right", 1)]), 12),
    (ORStar(GOODS, [("left", 1, ["x"]), ("right", 1, ["x", "y"])]), 2 * (4 + 2 + 2)),
    (ExactBundles(GOODS, [("left", 1)]), 6),
    (Table(GOODS, [0, 1, 1, 1]), 12),
]


@pytest.mark.parametrize(("report", "bits"), LANGUAGE_SAMPLES, ids=lambda value: getattr(value, "kind", None))
def test_every_language_can_be_reported(report: Valuation, bits: int) -> None:
    space = ValuationReport(SETTING)
    assert space.reason(report) is None
    assert space.decode(space.encode(report)) == report
    assert space.bits(report) == bits
    assert len(str(space.encode(report))) < space.encoded_limit(1)


def signed_setting_bits() -> int:
    return ValuationReport(MARKET).bits(Additive(OWNED, {"hut": -1}))


def test_negative_values_cost_a_sign_and_need_an_endowment() -> None:
    assert signed_setting_bits() == 4 + 1
    with pytest.raises(IllegalMove, match="every value must be >= 0"):
        run(VCG(SETTING), Additive(GOODS, {"left": -1}), NOTHING, NOTHING)


OTHER = Goods(["up", "down"])


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (7, "one of the bidding languages"),
        (FromCallable(GOODS, len), "one of the bidding languages"),
        (Additive(OTHER, {}), "of the goods for sale"),
        (Additive(GOODS, {"left": "1/2"}), "an integer"),
        (XOR(GOODS, [("left", 1)] * (MAX_BIDS + 1)), "at most 4096 bids"),
        (ORStar(GOODS, [("left", 1, ["x" * 41])]), "at most 40 characters"),
        (ORStar(GOODS, [("left", 1, [f"x{k}" for k in range(MAX_BIDS + 1)])]), "at most 4096 dummies"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_illegal_reports(report: object, reason: str) -> None:
    decision = VCG(SETTING).start()
    assert isinstance(decision, Decision)
    with pytest.raises(IllegalMove, match=reason):
        decision.after((report, NOTHING, NOTHING))


def test_reports_are_read_like_types_in_a_file() -> None:
    space = ValuationReport(SETTING)
    assert space.decode({"left": 3}) == Additive(GOODS, {"left": 3})
    for wrong, message in [
        ({"up": 3}, "move: additive values: found the good 'up'"),
        ({"kind": "xor", "bids": 3}, "move: bids: found 3, expected a list of bids"),
        ({"kind": "vague"}, "a kind of valuation"),
        ([], "a mapping that describes values"),
    ]:
        with pytest.raises(InputError) as error:
            space.decode(wrong)
        assert message in str(error.value)


def test_the_grid_lists_every_valuation_once() -> None:
    listed = list(ValuationReport(SETTING).grid(1))
    assert len(listed) == len(set(listed)) == 2**3
    assert len(list(ValuationReport(MARKET).grid(1))) == 3**3


WORDS: list[tuple[Callable[[], Valuation], str]] = [
    (lambda: NOTHING, "that everything is worth 0"),
    (lambda: XOR(GOODS, [("left", 3), (BOTH, 5)]), "xor values: {left} 3, {left, right} 5"),
    (lambda: BudgetAdditive(GOODS, {"left": 3}, 2), "budget-additive values: {left} 3, at most 2 in all"),
    (lambda: Additive(GOODS, {"left": 3}, 1), "additive values: {left} 3, at most 1 goods"),
    (
        lambda: OR(GOODS, [("left", k) for k in range(1, 9)]),
        "or values: {left} 1, {left} 2, {left} 3, {left} 4, {left} 5, {left} 6, and 2 more",
    ),
]


@pytest.mark.parametrize(("make", "words"), WORDS)
def test_reports_in_words(make: Callable[[], Valuation], words: str) -> None:
    assert valuation_in_words(make()) == words
