"""The mechanism of 2009 stage by stage: exact expected utilities, and what is best at each stage given the later ones.

Source: Chen, Hassidim and Micali 2009, appendix A. The strategies of `surviving` are too many to list: an announcement,
raises after every history and answers after every longer one. But a strategy that a player changes at some histories
only is distinguishably dominated if, whatever the others still do, the change is better whenever such a history is
reached (conditional dominance). So answers, raises and announcements are compared one after the other, each stage
given what is left of the later ones. Positions are the mechanism's own; nothing of its rules is repeated here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from unrigged.context import Context
from unrigged.exact import Exact, first_largest, total
from unrigged.mechanisms.surviving import Known, Surviving
from unrigged.moves.answer import NO, YES, YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.profiles import Profile
from unrigged.moves.raises import Raises, RaiseSpace
from unrigged.outcome import Outcome, Result
from unrigged.protocol import Chance, Decision, Pay, Position, Then
from unrigged.setting import NULL_STATE, State

Utilities = tuple[Fraction, ...]
"""Everybody's expected utility; and, in the last place, expected revenue."""


@dataclass(frozen=True)
class Prospect:
    """How a position ends, whatever states are worth: the chance of every result, and what everybody expects to pay."""

    chances: tuple[tuple[Result, Fraction], ...]
    prices: tuple[Fraction, ...]

    def chance(self, result: Result) -> Fraction:
        """How likely `result` is."""
        return dict(self.chances).get(result, Fraction(0))


def prospect(position: Position) -> Prospect:
    """How `position` ends, with no further decision on the way."""
    chances: dict[Result, Fraction] = {}
    prices: list[Fraction] = []
    waiting: list[tuple[Position, Fraction, tuple[Exact, ...]]] = [(position, Fraction(1), ())]
    while waiting:
        here, likely, paid = waiting.pop()
        if isinstance(here, Pay):
            waiting.append((here.then(), likely, _sum(paid, here.prices)))
        elif isinstance(here, Chance):
            waiting += [(branch.then(), likely * branch.probability, paid) for branch in here.branches]
        else:
            assert isinstance(here, Outcome)
            chances[here.result] = chances.get(here.result, Fraction(0)) + likely
            all_paid = _sum(paid, here.prices)
            prices = prices or [Fraction(0)] * len(all_paid)
            prices = [before + likely * price for before, price in zip(prices, all_paid, strict=True)]
    return Prospect(tuple(chances.items()), tuple(prices))


def _sum(earlier: Sequence[Exact], later: Sequence[Exact]) -> tuple[Exact, ...]:
    return tuple(a + b for a, b in zip(earlier, later, strict=True)) if earlier else tuple(later)


class Stages:
    """The mechanism in one context, with the rules of Lemmas 1 to 3 for whatever is not given."""

    def __init__(self, mechanism: Surviving, context: Context) -> None:
        self.mechanism, self.context = mechanism, context
        self.values: Mapping[State, tuple[Exact, ...]] = {
            state: tuple(context.worth(i, state) for i in context.setting.everyone) for state in mechanism.order
        }
        self._known: dict[tuple[Then, tuple[tuple[Move, ...], ...]], Utilities] = {}

    # The rules of the lemmas

    def by_rule(self, player: int, space: MoveSpace) -> Move:
        """Lemmas 1 to 3: YES exactly when the value is at least the provisional price; raises exactly to the values."""
        assert isinstance(space, RaiseSpace | YesNo)
        proposal = space.proposal
        values = self.values[proposal.state]
        if isinstance(space, YesNo):
            return YES if values[player] >= proposal.prices[player] else NO
        return self.exact_raises(player, values, proposal.prices)

    def exact_raises(self, player: int, values: Sequence[Exact], prices: Sequence[Exact]) -> Raises:
        """Every price of another that is below his value is raised to it."""
        return tuple(
            0 if other == player else int(max(0, value - price))
            for other, (value, price) in enumerate(zip(values, prices, strict=True))
        )

    # Expected utilities

    def utilities(self, position: Position) -> Utilities:
        """What everybody expects at `position` when the lemmas' rules are followed from there on."""
        if isinstance(position, Outcome):
            values = self.values[position.state]
            utilities = [Fraction(value - price) for value, price in zip(values, position.prices, strict=True)]
            return (*utilities, Fraction(position.revenue))
        if isinstance(position, Pay):
            later = self._after(position.then)
            utilities = [value - price for value, price in zip(later, position.prices, strict=False)]
            return (*utilities, later[-1] + total(position.prices))
        if isinstance(position, Chance):
            sides = [self._after(branch.then) for branch in position.branches]
            chances = [branch.probability for branch in position.branches]
            return tuple(
                sum((chance * figure for chance, figure in zip(chances, column, strict=True)), Fraction(0))
                for column in zip(*sides, strict=True)
            )
        return self._after(position.then, tuple(self.by_rule(player, space) for player, space in position.actors))

    def _after(self, then: Then, *moves: tuple[Move, ...]) -> Utilities:
        key = (then, moves)
        if key not in self._known:
            self._known[key] = self.utilities(then(*moves))
        return self._known[key]

    def after_raises(self, state: State, known: Known, raises: Sequence[Raises]) -> Utilities:
        """What everybody expects when `state` is the provisional one, after `raises`; answers by value."""
        return self.utilities(self.mechanism.find_informed(state, known, tuple(raises)))

    def after_state(self, state: State, known: Known) -> Utilities:
        """What everybody expects when `state` is the provisional one, before raises; Lemmas 1 to 3 from there on."""
        return self.utilities(self.mechanism.ask_raises(state, known))

    def announced(self, profile: Sequence[Profile]) -> Utilities:
        """What everybody expects after these announcements; Lemmas 1 to 3 from there on."""
        return self.utilities(self.mechanism.pick_state(tuple(profile)))

    @property
    def optimal_state(self) -> State:
        """The first state of largest true welfare."""
        return self.mechanism.order[first_largest([total(self.values[state]) for state in self.mechanism.order])]

    def raises_of(self, player: int, state: State, known: Known) -> Iterator[Raises]:
        """All raises that `player` may announce."""
        position = self.mechanism.ask_raises(state, known)
        assert isinstance(position, Decision)
        space = position.space(player)
        assert space is not None
        yield from space.grid(self.mechanism.greatest)

    def truth_is_best(self, player: int, state: State, known: Known) -> bool:
        """Whether raising exactly to the truth is strictly better for `player` than any other raises, when the others
        do so and all answer by value."""
        prices = self.mechanism.prices(known)
        raises = [self.exact_raises(i, self.values[state], prices) for i in self.context.setting.everyone]
        best = self.after_raises(state, known, raises)[player]
        return all(
            own == raises[player]
            or self.after_raises(state, known, [*raises[:player], own, *raises[player + 1 :]])[player] < best
            for own in self.raises_of(player, state, known)
        )


def announcements(
    mechanism: Surviving, player: int, most: Callable[[int, int], int] | None = None
) -> Iterator[Profile]:
    """All announcements of `player` in which he says at most `most(other, state)` of everybody else, 0 of himself;
    by default all of which he may say."""
    n, states = mechanism.setting.n, len(mechanism.order) - 1
    most = most or (lambda other, state: mechanism.greatest)
    rows = [
        [(0,) * states] if j == player else list(product(*(range(most(j, state) + 1) for state in range(states))))
        for j in range(n)
    ]
    yield from product(*rows)


def known_states(mechanism: Surviving) -> Iterator[tuple[State, Known]]:
    """The null state, and one state with everything that may be announced of it."""
    n = mechanism.setting.n
    yield NULL_STATE, ((0,) * n,) * n
    numbers = range(mechanism.greatest + 1)
    rows = [list(product(*([0] if j == i else numbers for j in range(n)))) for i in range(n)]
    for known in product(*rows):
        yield 0, known
