"""Accepts or refuses a profile that is said to be the only subgame-perfect equilibrium, without any solver's code.

In a finite game where agents move one at a time a profile is the only subgame-perfect equilibrium in pure strategies if
and only if, at every decision, its move is strictly better for the mover's coalition than every other move there, the
profile being played afterwards (one-shot deviations, taken from the last decision to the first). The walk is by the
protocol alone; expected utilities are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from unrigged.context import Context
from unrigged.errors import BudgetExceeded
from unrigged.exact import written
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import Move, MoveSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Pay, Position, Then

Utilities = tuple[Fraction, ...]
"""Every player's own expected utility."""

MAX_DECISIONS = 1_000_000
"""More decisions than this are not looked at unless the caller allows it."""


class _Refused(Exception):
    """The profile is not what it is said to be; the text says why."""


def reason_against_unique(
    mechanism: Mechanism,
    context: Context,
    grid: Callable[[MoveSpace], Sequence[Move]],
    claimed: Callable[[Decision], Move],
    *,
    limit: int = MAX_DECISIONS,
) -> str | None:
    """Why `claimed` is not the only subgame-perfect equilibrium when only moves of `grid` are made; None where it is.

    `claimed`: the move of the one player who decides, a function of the position alone. The agents are the coalitions
    of `context`. Raises BudgetExceeded beyond `limit` decisions.
    """
    walk = _Walk(context, grid, claimed, limit)
    try:
        walk.worth(mechanism.start())
    except _Refused as refused:
        return str(refused)
    return None


class _Walk:
    def __init__(
        self,
        context: Context,
        grid: Callable[[MoveSpace], Sequence[Move]],
        claimed: Callable[[Decision], Move],
        limit: int,
    ) -> None:
        self.context, self.grid, self.claimed, self.left, self.limit = context, grid, claimed, limit, limit
        self.known: dict[Then, Utilities] = {}

    def after(self, then: Then) -> Utilities:
        if then not in self.known:
            self.known[then] = self.worth(then())
        return self.known[then]

    def worth(self, position: Position) -> Utilities:
        """What everybody can expect at `position` when the profile is played."""
        if isinstance(position, Outcome):
            return tuple(Fraction(self.context.utility(i, position)) for i in self.context.setting.everyone)
        if isinstance(position, Pay):
            later = self.after(position.then)
            return tuple(gain - price for gain, price in zip(later, position.prices, strict=True))
        if isinstance(position, Chance):
            sides = [(branch.probability, self.after(branch.then)) for branch in position.branches]
            return tuple(sum((chance * side[i] for chance, side in sides), Fraction(0))
                         for i in self.context.setting.everyone)  # fmt: skip
        return self.decided(position)

    def decided(self, decision: Decision) -> Utilities:
        self.left -= 1
        if self.left < 0:
            raise BudgetExceeded(f"more than {self.limit} decisions")
        if len(decision.actors) != 1:
            raise _Refused(f"at '{decision.label}' several players move at once")
        ((player, space),) = decision.actors
        (members,) = (coalition for coalition in self.context.coalitions if player in coalition)
        move = self.claimed(decision)
        reason = space.reason(move)
        if reason is not None:
            raise _Refused(f"at '{decision.label}' the move said is illegal: {reason}")
        found = self.worth(decision.then((move,)))
        own = sum(found[member] for member in members)
        for other in self.grid(space):
            if other == move:
                continue
            there = self.worth(decision.then((other,)))
            gain = sum(there[member] for member in members) - own
            if gain >= 0:
                names = self.context.setting.players
                who = "+".join(names[member] for member in members)
                raise _Refused(
                    f"at '{decision.label}' {names[player]} {space.describe(move)}; had he changed it so that he "
                    f"{space.describe(other)}, {who} would gain {written(gain)}"
                )
        return found
