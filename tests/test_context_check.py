"""Whether a context is what its mechanism needs, condition by condition."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from unrigged.context import Bounds, Box, Context, Nothing, Perfect, Precision, Profiles
from unrigged.context_check import check_context, largest_size, smallest_bound, types_in
from unrigged.errors import InputError
from unrigged.mechanisms import mechanism_named
from unrigged.setting import Setting, auction, choice, market
from unrigged.valuations import OR, XOR, Additive, ExactBundles, StateValues, Table

GOODS = ["a", "b"]
AUCTION = auction(["ann", "bob"], GOODS)
CHOICE = choice(["ann", "bob"], ["park", "pool"], value_bound=16)
MARKET = market(["ann", "bob"], {"ann": ["a"], "bob": ["b"]}, 16)


def check(name: str, setting: Setting, *types: Any, **more: Any) -> None:
    check_context(mechanism_named(name).build(setting), Context(setting, types, **more))


def message(name: str, setting: Setting, *types: Any, **more: Any) -> str:
    with pytest.raises(InputError) as caught:
        check(name, setting, *types, **more)
    return str(caught.value)


def values(**per_good: object) -> Additive:
    return Additive(GOODS, per_good)


def test_integer_values() -> None:
    half = values(a=Fraction(1, 2))
    assert message("best-belief", AUCTION, values(), half) == (
        "types.bob: found the value 1/2, expected integer values, which best-belief needs; count in a smaller unit"
    )
    check("best-belief-real", AUCTION, values(), half)


def test_values_not_below_zero() -> None:
    assert message("best-belief", AUCTION, values(a=-2, b=-1), values()) == (
        "types.ann: found the value -3, expected values >= 0 for best-belief"
    )
    check("vcg", AUCTION, values(a=-2), values())
    owing = XOR(GOODS, [("a", 1)])
    never_negative = ExactBundles(GOODS, [("a", 3), (("a", "b"), 0)])
    check("best-belief", AUCTION, never_negative, owing)


def test_values_below_the_bound() -> None:
    state = StateValues(["park", "pool"], [3, 16])
    assert message("surviving", CHOICE, StateValues(["park", "pool"], [3, 15]), state) == (
        "types.bob: found a value of size 16, expected values v with |v| < 16, the public bound; raise value_bound"
    )
    check("market", MARKET, values(a=15, b=-15), values())
    assert "types.ann: found a value of size 16" in message("market", MARKET, values(a=-15, b=-1), values())


def test_perfect_knowledge() -> None:
    types = (StateValues(["park", "pool"], [3, 15]), StateValues(["park", "pool"], [1, 2]))
    truth, wrong = types, (types[0], types[0])
    check("surviving", CHOICE, *types, knowledge=(Precision(1), Profiles((truth,))))
    check("surviving", CHOICE, *types, knowledge=(Perfect(), Precision(3)))  # 3 and 15 are multiples of 3
    for kind, known in (
        ("none", Nothing()),
        ("precision", Precision(2)),
        ("profiles", Profiles((truth, wrong))),
        ("bounds", Bounds({1: types[1]})),
        ("belief", Box({1: types[1]})),
    ):
        assert message("surviving", CHOICE, *types, knowledge=(known, Perfect())) == (
            f"knowledge.ann: found knowledge of the kind '{kind}', expected perfect knowledge, which surviving supposes"
            "; write knowledge: perfect"
        )


def test_bounds_are_true() -> None:
    known = (Bounds({1: values(a=3)}), Perfect())
    check("best-belief", AUCTION, values(), values(a=3), knowledge=known)
    assert message("best-belief", AUCTION, values(), values(a=2), knowledge=known) == (
        "knowledge.ann.bob: found a lower bound 3, expected at most the true value 2"
    )


def test_grand_coalition() -> None:
    types = (StateValues(["park", "pool"], [3, 15]),) * 2
    assert message("perfect-revenue", CHOICE, *types, coalitions=((0, 1),)) == (
        "coalitions: found everybody in one coalition, expected at least two agents, which perfect-revenue needs"
    )
    check("best-belief", AUCTION, values(), values(), coalitions=((0, 1),))


def test_another_setting() -> None:
    with pytest.raises(InputError, match="another setting than the mechanism's"):
        check_context(
            mechanism_named("best-belief").build(AUCTION), Context(CHOICE, (StateValues(["park", "pool"], [1, 2]),) * 2)
        )


def test_sizes() -> None:
    assert largest_size(values(a=-9, b=4)) == 9
    assert largest_size(Table(GOODS, [0, 5, -7, 6])) == 7
    many = [str(k) for k in range(12)]
    assert largest_size(OR(many, [((str(k), str((k + 1) % 12)), 3 + k % 2) for k in range(12)] * 2)) == 24
    assert smallest_bound([]) == 1
    assert [smallest_bound([values(a=top)]) for top in (0, 1, 7, 8, Fraction(15, 2))] == [1, 2, 8, 16, 8]


def test_every_type_that_is_written() -> None:
    types = (values(a=1), values(b=2))
    known = (Box({1: values(a=3)}, {1: values(a=4)}), Profiles(((values(a=5), types[1]),)))
    assert types_in(Context(AUCTION, types, known)) == [*types, values(a=3), values(a=4), values(a=5), types[1]]
    assert types_in(Context(AUCTION, types, (Bounds({1: values(b=1)}), Nothing()))) == [*types, values(b=1)]
