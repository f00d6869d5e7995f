"""The mechanism of 2009, step by step against hand-computed outcomes and against the sheet read literally."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.errors import IllegalMove, InputError
from unrigged.mechanisms.surviving import Surviving
from unrigged.moves.answer import NO, YES, Answer, YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.profiles import Profile, ProfileSpace
from unrigged.moves.raises import RaiseSpace
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Chance, Decision, Event, History, Position, replay, settle
from unrigged.setting import NULL_STATE, choice
from unrigged.strategies.base import Individual, RandomPlay, Silent

ANN, BOB, CY = 0, 1, 2
PARK, POOL = 0, 1
BOUND = 10
SETTING = choice(["ann", "bob", "cy"], ["park", "pool"], value_bound=BOUND)
EPS, EPS1 = Fraction(1, 10), Fraction(1, 200)
MECHANISM = Surviving(SETTING, eps=EPS, eps1=EPS1, informed="any")
NONE = (0, 0, 0)

# what each announces of (park, pool) for ann, bob and cy; own entries are never used
KNOWN: tuple[Profile, ...] = (
    ((9, 9), (1, 4), (2, 2)),
    ((3, 5), (9, 9), (2, 0)),
    ((3, 1), (0, 4), (9, 9)),
)


def announced(known: tuple[Profile, ...] = KNOWN) -> Event:
    return Event("announce", tuple(enumerate(known)))


def raised(ann: tuple[int, ...] = NONE, bob: tuple[int, ...] = NONE, cy: tuple[int, ...] = NONE) -> Event:
    return Event("raise", ((ANN, ann), (BOB, bob), (CY, cy)))


def coin(label: str, side: str) -> Event:
    return Event(label, side=side)


def answered(**answers: Answer) -> Event:
    return Event("answer", tuple((["ann", "bob", "cy"].index(name), answer) for name, answer in answers.items()))


def after(*events: Event, mechanism: Surviving = MECHANISM) -> Position:
    position = settle(mechanism.start())[0]
    for event in events:
        if isinstance(position, Chance):
            assert position.label == event.label
            position = settle(position.branch(event.side).then())[0]
        else:
            assert isinstance(position, Decision)
            position = settle(position.after([move for _, move in event.moves]))[0]
    return position


def chances(position: Position) -> dict[str, Fraction]:
    assert isinstance(position, Chance)
    return {branch.name: branch.probability for branch in position.branches}


def test_step_b_the_state_of_largest_known_revenue_or_any() -> None:
    # MK(park) = (3, 1, 2), MK(pool) = (5, 4, 2)
    third = EPS / 3
    assert chances(after(announced())) == {
        "null state": third,
        "state park": third,
        "state pool": 1 - EPS + third,
    }


@pytest.mark.parametrize(
    ("place", "first"), [("first", "null state"), ("last", "state park"), (0, "null state"), (1, "state park")]
)
def test_step_b_ties_go_to_the_first_state(place: str | int, first: str) -> None:
    mechanism = Surviving(SETTING, null_position=place)
    found = chances(after(announced((((0, 0),) * 3,) * 3), mechanism=mechanism))
    assert max(found, key=lambda name: found[name]) == first
    assert next(iter(found)) == first


def test_step_2_the_proposal_and_the_limits() -> None:
    decision = after(announced(), coin("state", "state pool"))
    assert isinstance(decision, Decision)
    space = decision.space(BOB)
    assert isinstance(space, RaiseSpace)
    assert space.proposal == Outcome(POOL, (5, 4, 2))
    assert space.limits == (4, 5, 7)
    assert space.legal((4, 5, 7))
    assert space.reason((5, 0, 0)) == "the price of ann can be raised by at most 4"


def test_step_c_among_those_who_raise() -> None:
    # ann is raised by bob (1) and cy (3); bob by ann (2) alone; cy by nobody, but ann announced 2 for him
    begun = (announced(), coin("state", "state pool"), raised(ann=(0, 2, 0), bob=(1, 0, 0), cy=(3, 0, 5)))
    assert chances(after(*begun)) == {"bob": EPS / 2, "cy": 1 - EPS / 2}
    for name, price in (("bob", 6), ("cy", 8)):
        decision = after(*begun, coin("bip 1", name))
        assert isinstance(decision, Decision)
        space = decision.space(ANN)
        assert isinstance(space, YesNo)
        assert space.proposal == Outcome(POOL, (price, 6, 2))
        assert [player for player, _ in decision.actors] == [ANN, BOB, CY]


def test_step_c_among_those_who_announced_values() -> None:
    # bob's value of pool is announced as 4 by ann and by cy: the tie goes to ann
    begun = (announced(), coin("state", "state pool"), raised())
    first = after(*begun)
    assert isinstance(first, Chance)
    assert (first.label, chances(first)) == ("bip 1", {"bob": 1 - EPS / 2, "cy": EPS / 2})
    second = after(*begun, coin("bip 1", "cy"))
    assert isinstance(second, Chance)
    assert (second.label, chances(second)) == ("bip 2", {"ann": 1 - EPS / 2, "cy": EPS / 2})
    decision = after(*begun, coin("bip 1", "cy"), coin("bip 2", "cy"))
    assert isinstance(decision, Decision)
    assert decision.then.arguments[:2] == (Outcome(POOL, (1, 4, 2)), (CY, CY, ANN))


def test_step_c_by_default_among_those_who_announced_the_most() -> None:
    # of ann bob announced more than cy, so no coin is needed; of bob ann and cy announced the same
    begun = (announced(), coin("state", "state pool"), raised())
    first = after(*begun, mechanism=Surviving(SETTING, eps=EPS, eps1=EPS1))
    assert isinstance(first, Chance)
    assert (first.label, chances(first)) == ("bip 2", {"ann": 1 - EPS / 2, "cy": EPS / 2})


def rewards(ann: Fraction | int, bob: Fraction | int, cy: Fraction | int) -> list[Fraction]:
    return [EPS1 * (2 - 1 / (1 + Fraction(x))) for x in (ann, bob, cy)]


RAISED = (
    announced(),
    coin("state", "state pool"),
    raised(ann=(0, 2, 0), bob=(1, 0, 0), cy=(3, 0, 5)),
    coin("bip 1", "cy"),
)
# provisional prices (8, 6, 2); X of ann: 2/2 + 4 + 2 + 8, of bob: 1/2 + 5 + 0 + 6, of cy: 3/2 + 1 + 4 + 2
REWARDS = rewards(15, Fraction(23, 2), Fraction(17, 2))


def test_step_e_all_say_yes() -> None:
    history = (*RAISED, answered(ann=YES, bob=YES, cy=YES))
    assert chances(after(*history)) == {"Heads": 1 - EPS1 / BOUND, "Tails": EPS1 / BOUND}
    expected = Outcome(POOL, tuple(p - EPS1 - r for p, r in zip((8, 6, 2), REWARDS, strict=True)))
    assert replay(MECHANISM, (*history, coin("coin 1", "Heads"))) == expected
    # c2 shows Heads for sure
    assert replay(MECHANISM, (*history, coin("coin 1", "Tails"))) == expected


def test_step_e_somebody_says_no() -> None:
    history = (*RAISED, answered(ann=NO, bob=NO, cy=YES), coin("coin 1", "Heads"))
    fined = zip((6, 0, 8), REWARDS, strict=True)
    assert replay(MECHANISM, history) == Outcome(NULL_STATE, tuple(fine - reward for fine, reward in fined))


def test_step_f_tails() -> None:
    history = (*RAISED, answered(ann=NO, bob=NO, cy=YES), coin("coin 1", "Tails"))
    assert chances(after(*history)) == {"Heads": Fraction(1, 3), "Tails": Fraction(2, 3)}
    carried = Outcome(POOL, tuple(p - EPS1 - r for p, r in zip((8, 6, 2), REWARDS, strict=True)))
    assert replay(MECHANISM, (*history, coin("coin 2", "Heads"))) == carried
    left = Outcome(NULL_STATE, tuple(-r for r in REWARDS))
    assert replay(MECHANISM, (*history, coin("coin 2", "Tails"))) == left
    refused = (*RAISED, answered(ann=NO, bob=NO, cy=NO), coin("coin 1", "Tails"))
    assert replay(MECHANISM, refused) == left


def test_silence_costs_nothing_and_is_rewarded() -> None:
    silent = outcomes(MECHANISM, {(player,): Silent() for player in SETTING.everyone})
    # whatever the state, nobody is asked: prices 0 - eps1, and rewards eps1·(2 - 1)
    assert {outcome.prices for outcome, _ in silent.outcomes} == {(-2 * EPS1,) * 3}
    assert dict(silent.outcomes)[Outcome(NULL_STATE, (-2 * EPS1,) * 3)] == 1 - EPS + EPS / 3


# The sheet, read literally


@dataclass(frozen=True)
class Fixed(Individual):
    """Announces `known`, raises by `raises` as far as allowed, says YES up to the price `most`."""

    known: Profile
    raises: tuple[int, ...]
    most: int

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        if isinstance(space, ProfileSpace):
            return self.known
        if isinstance(space, RaiseSpace):
            return tuple(min(by, limit or 0) for by, limit in zip(self.raises, space.limits, strict=True))
        assert isinstance(space, YesNo)
        return YES if space.proposal.prices[player] <= self.most else NO


def literal(mechanism: Surviving, played: Mapping[int, Fixed]) -> dict[Outcome, Fraction]:
    """The distribution over outcomes, players from 1 to n, every coin of the sheet flipped separately."""
    eps, eps1, bound = mechanism.eps, mechanism.eps1, mechanism.setting.value_bound or 0
    n = mechanism.setting.n
    players = range(1, n + 1)
    states = [NULL_STATE, *range(len(mechanism.setting.states or ()))]
    found: dict[Outcome, Fraction] = {}

    def k(i: int, j: int, s: int) -> int:
        return 0 if s == NULL_STATE else played[i].known[j - 1][s]

    mk = {(i, s): max(k(j, i, s) for j in players if j != i) for i in players for s in states}
    revenue = [sum(mk[i, s] for i in players) for s in states]
    best = states[revenue.index(max(revenue))]
    for s, chance_s in [(s, eps / len(states)) for s in states] + [(best, 1 - eps)]:
        d = {(i, j): min(played[i].raises[j - 1], bound - 1 - mk[j, s]) for i in players for j in players}
        options: list[list[tuple[int, int, Fraction]]] = []
        for i in players:
            others = [j for j in players if j != i]
            if any(d[j, i] > 0 for j in others):
                offers, base = {j: d[j, i] for j in others if d[j, i] > 0}, mk[i, s]
            else:
                offers, base = {j: k(j, i, s) for j in others if k(j, i, s) > 0}, 0
            if not offers:
                options.append([(0, 0, Fraction(1))])
                continue
            top = min(j for j in offers if offers[j] == max(offers.values()))
            drawn = [(j, base + offers[j], eps / len(offers)) for j in offers]
            options.append([*drawn, (top, base + offers[top], 1 - eps)])
        for picked in product(*options):
            chance = chance_s
            for _, _, part in picked:
                chance *= part
            bip = {i: picked[i - 1][0] for i in players}
            star = {i: picked[i - 1][1] for i in players}
            refusers = [i for i in players if star[i] > 0 and star[i] > played[i].most]
            y = n - len(refusers)
            carried: dict[int, Any] = {i: star[i] - eps1 for i in players}
            fined: dict[int, Any] = dict.fromkeys(players, 0)
            for i in refusers:
                fined[bip[i]] += star[i]
            ends = [
                (1 - eps1 / bound, (s, carried) if y == n else (NULL_STATE, fined)),
                (eps1 / bound * Fraction(y, n), (s, carried)),
                (eps1 / bound * (1 - Fraction(y, n)), (NULL_STATE, dict.fromkeys(players, 0))),
            ]
            for part, (end, prices) in ends:
                x = {i: sum(Fraction(d[i, j], 2) + k(i, j, s) for j in players if j != i) + star[i] for i in players}
                outcome = Outcome(end, tuple(prices[i] - eps1 * (2 - 1 / (1 + x[i])) for i in players))
                if chance * part > 0:
                    found[outcome] = found.get(outcome, Fraction(0)) + chance * part
    return found


row = st.tuples(st.integers(0, 4), st.integers(0, 4))
played = st.builds(Fixed, st.tuples(row, row, row), st.tuples(*[st.integers(0, 6)] * 3), st.integers(0, 9))


@settings(max_examples=40, deadline=None)
@given(ann=played, bob=played, cy=played)
def test_the_distribution_is_that_of_the_sheet(ann: Fixed, bob: Fixed, cy: Fixed) -> None:
    distribution = outcomes(MECHANISM, {(ANN,): ann, (BOB,): bob, (CY,): cy})
    assert dict(distribution.outcomes) == literal(MECHANISM, {1: ann, 2: bob, 3: cy})


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_every_reward_is_at_least_eps1_and_less_than_twice_that(seed: int) -> None:
    profile = {(player,): RandomPlay(seed, 4) for player in SETTING.everyone}
    for play in outcomes(MECHANISM, profile).plays:
        owed, position = None, MECHANISM.start()
        for event in play.history:
            position, owed = settle(position, owed)  # type: ignore[assignment]
            if isinstance(position, Chance):
                position = position.branch(event.side).then()
            else:
                position = position.after([move for _, move in event.moves])  # type: ignore[union-attr]
        assert owed is not None
        assert all(EPS1 <= -paid < 2 * EPS1 for paid in owed)


# Parameters and moves


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"eps": "1/5"}, "eps: found 1/5, expected 0 < eps < 1/5"),
        ({"eps": "1/10", "eps1": "1/150"}, "eps1: found 1/150, expected 0 < eps1 < eps/(5n) = 1/150"),
        ({"eps1": 0}, "eps1: found 0, expected 0 < eps1"),
        ({"null_position": 3}, "null_position: found 3, expected first, last, or a number from 0 to 2"),
        ({"null_position": "middle"}, "null_position: found middle"),
        ({"own_entries": "no"}, "own_entries: found no, expected one of announced, omitted"),
    ],
)
def test_conditions_on_parameters(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        Surviving.build(SETTING, parameters)
    assert message in str(error.value)


def test_conditions_on_settings_and_defaults() -> None:
    with pytest.raises(InputError, match="value_bound: found none"):
        Surviving(choice(["ann", "bob"], ["park"]))
    assert Surviving(SETTING).eps1 == Fraction(1, 300)
    assert Surviving(SETTING, null_position=1).order == (PARK, NULL_STATE, POOL)


def test_own_entries_are_never_used() -> None:
    begun = (coin("state", "state pool"), raised(ann=(4, 0, 0)))
    own = tuple(
        tuple((0, 0) if i == j else values for j, values in enumerate(profile)) for i, profile in enumerate(KNOWN)
    )
    assert after(announced(own), *begun) == after(announced(), coin("state", "state pool"), raised())
    omitted = Surviving(SETTING, own_entries="omitted")
    with pytest.raises(IllegalMove, match="ann does not report values of his own"):
        after(announced(), mechanism=omitted)
    with pytest.raises(IllegalMove, match="ann cannot raise his own price"):
        after(announced(own), *begun, mechanism=omitted)


def test_values_stay_below_the_bound() -> None:
    with pytest.raises(IllegalMove, match="every value of bob must be at most 9"):
        after(announced((((0, 0), (10, 0), (0, 0)), *KNOWN[1:])))


def test_what_readers_are_told() -> None:
    chosen = after(announced(), coin("state", "state pool"))
    assert MECHANISM.comment(chosen) == "provisional state: pool; known revenue 11"
    assert MECHANISM.comment(after(*RAISED)) == (
        "provisionally ann pays 8, bob pays 6, cy pays 2; best informed: cy about ann, ann about bob, ann about cy"
    )
