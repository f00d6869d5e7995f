"""HOPE-FOR-THE-BEST against hand-computed outcomes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from unrigged.errors import IllegalMove, InputError
from unrigged.mechanisms.hope_for_the_best import HopeForTheBest
from unrigged.moves.profiles import Profile, ProfileSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Event, replay
from unrigged.setting import NULL_STATE, auction, choice

SETTING = choice(["ann", "bob"], ["park", "pool", "rink"])
MECHANISM = HopeForTheBest(SETTING, eps=Fraction(1, 10))


def reported(ann: Profile, bob: Profile) -> tuple[Event]:
    return (Event("report", ((0, ann), (1, bob))),)


def test_the_first_best_state_is_sold_at_the_reported_values_less_eps() -> None:
    profile = ((5, 3, 6), (0, 4, 1))
    assert replay(MECHANISM, reported(profile, profile)) == Outcome(1, (3 - Fraction(1, 10), 4 - Fraction(1, 10)))


def test_where_reports_differ_nothing_happens() -> None:
    assert replay(MECHANISM, reported(((5, 3, 6), (0, 4, 1)), ((5, 3, 6), (0, 4, 2)))) == Outcome(NULL_STATE, (0, 0))


def test_agreeing_on_nothing_takes_the_first_state_and_pays_the_players() -> None:
    nothing = ((0, 0, 0), (0, 0, 0))
    assert replay(MECHANISM, reported(nothing, nothing)) == Outcome(0, (-Fraction(1, 10), -Fraction(1, 10)))


def test_conditions() -> None:
    with pytest.raises(InputError, match="eps: found 0, expected eps > 0"):
        HopeForTheBest(SETTING, eps=Fraction(0))
    with pytest.raises(InputError, match="expected states, which hope-for-the-best needs"):
        HopeForTheBest(auction(["ann", "bob"], ["left"]))
    with pytest.raises(InputError, match="at least 2 players"):
        HopeForTheBest(choice(["ann"], ["park"]))


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (((5, 3, 6),), "values are expected for every player"),
        (((5, 3, 6), (0, 4)), "bob needs a value for every state"),
        (((5, 3, 6), (0, -4, 0)), "every value of bob must be an integer >= 0"),
        (((5, 3, 6), (0, True, 0)), "every value of bob must be an integer >= 0"),
        (((5, 3, 8), (0, 0, 0)), "every value of ann must be at most 7"),
    ],
)
def test_illegal_reports(report: Profile, reason: str) -> None:
    bounded = HopeForTheBest(choice(["ann", "bob"], ["park", "pool", "rink"], value_bound=8))
    with pytest.raises(IllegalMove, match=reason):
        replay(bounded, reported(((0, 0, 0), (0, 0, 0)), report))


def test_reports_as_json_in_words_and_in_bits() -> None:
    space = ProfileSpace(SETTING, 0)
    profile = ((5, 0, 6), (0, 0, 0))
    assert space.encode(profile) == {"ann": {"park": 5, "rink": 6}}
    assert space.decode({"ann": {"rink": 6, "park": "5"}}) == profile
    assert space.describe(profile) == "reports the values of ann (park 5, rink 6)"
    assert space.describe(space.default) == "reports that nobody values anything"
    assert space.bits(profile) == 5 + 1 + 5 + 1 + 1 + 1
    with pytest.raises(InputError, match=r"move.ann.park: found 1/2, expected an integer"):
        space.decode({"ann": {"park": "1/2"}})
    with pytest.raises(InputError, match=r"move.ann: found the state 'ring'.*did you mean 'rink'"):
        space.decode({"ann": {"ring": 1}})
    others_only = ProfileSpace(SETTING, 0, 3, own=False)
    assert others_only.reason(profile) == "every value of ann must be at most 3"
    assert others_only.reason(((1, 0, 0), (0, 0, 0))) == "ann does not report values of his own"
    assert others_only.bits(((0, 0, 0), (0, 0, 0))) == 3
    assert len(list(others_only.grid(1))) == 2**3
