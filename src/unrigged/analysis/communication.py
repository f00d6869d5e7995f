"""Communication: the bits that players send along a history, at rational play, and at most in a whole finite game.

What a move takes is what its move space says (spec README: YES or NO one bit, integers in Elias delta code, one bit a
good, ...). Coins are public and take nothing; what the mechanism announces is computed by everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from unrigged.analysis.form import DECISION, Form
from unrigged.errors import InputError
from unrigged.mechanisms.base import Mechanism
from unrigged.play import Distribution
from unrigged.protocol import Decision, History, after


@dataclass(frozen=True)
class Sent:
    """The bits sent along one history: by each player, and how many moves each made."""

    bits: tuple[int, ...]
    moves: tuple[int, ...]

    @property
    def total(self) -> int:
        """The bits of all players together."""
        return sum(self.bits)


def sent(mechanism: Mechanism, history: History) -> Sent:
    """The bits that each player sends along `history`, complete or not.

    Raises InputError where the history does not fit the mechanism, IllegalMove for an illegal move.
    """
    bits = [0] * mechanism.setting.n
    moves = [0] * mechanism.setting.n
    for step, event in enumerate(history):
        if not event.moves:
            continue
        decision, _ = after(mechanism, history[:step])
        if not isinstance(decision, Decision) or decision.label != event.label:
            raise InputError("history", f"moves at '{event.label}'", "the decision that comes next")
        made = dict(event.moves)
        for player, space in decision.actors:
            if player not in made:
                raise InputError("history", f"no move of player {player} at '{event.label}'", "a move of every actor")
            bits[player] += space.bits(space.checked(made[player], f"history.{event.label}"))
            moves[player] += 1
    after(mechanism, history)
    return Sent(tuple(bits), tuple(moves))


@dataclass(frozen=True)
class Communication:
    """What several plays take."""

    largest: int
    """The most bits of any of their histories."""
    history: History
    """A history that takes so many."""
    expected: Fraction
    """The largest of the plays' expected numbers of bits."""
    by_player: tuple[int, ...]
    """The most bits that each player sends in any of the histories."""
    histories: int
    """How many histories there are."""


def at_play(mechanism: Mechanism, distributions: Iterable[Distribution]) -> Communication:
    """The communication at the plays given by their distributions, say the rational play of every context of a range.

    `expected` is the largest expectation among the distributions. Raises InputError where there are none.
    """
    largest, expected, histories = -1, Fraction(0), 0
    longest: History = ()
    each = [0] * mechanism.setting.n
    for distribution in distributions:
        expected = max(expected, distribution.bits)
        for play in distribution.plays:
            histories += 1
            found = sent(mechanism, play.history)
            each = [max(pair) for pair in zip(each, found.bits, strict=True)]
            if found.total > largest:
                largest, longest = found.total, play.history
    if largest < 0:
        raise InputError("plays", "none", "at least one distribution of plays")
    return Communication(largest, longest, expected, tuple(each), histories)


def most_bits(form: Form) -> int:
    """The most bits that any history of a finite game takes, its players playing whatever is on the grid.

    Computed once for every node of the form, from the ends upwards. Raises InputError for a form that no mechanism made
    (`Tree`), whose moves have no encoding.
    """
    costs: dict[int, list[int]] = {}
    most = [0] * form.nodes
    for node in range(form.nodes):
        edges = form.edges(node)
        below = [most[child] for child in form.child[edges.start : edges.stop]]
        if form.kinds[node] == DECISION:
            which = form.info[node]
            if which not in costs:
                costs[which] = _costs(form, which)
            below = [later + now for later, now in zip(below, costs[which], strict=True)]
        most[node] = max(below, default=0)
    return most[form.root]


def _costs(form: Form, which: int) -> list[int]:
    """The bits of every joint move of a turn, in the order of its edges."""
    turn = form.turns[which]
    if len(turn.spaces) != len(turn.players):
        raise InputError("form", f"the decision '{turn.label}' without move spaces", "a form made from a mechanism")
    costs = [0]
    for space, moves in zip(turn.spaces, turn.moves, strict=True):
        own = [space.bits(move) for move in moves]
        costs = [before + now for before in costs for now in own]
    return costs
