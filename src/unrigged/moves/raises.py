"""Announcements of how much to raise everybody's price above a public proposal.

Source: Chen, Hassidim and Micali 2010, section 3, steps 2 to n; Chen, Hassidim and Micali 2009, section 6, step 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random

from unrigged.exact import elias_delta, written
from unrigged.moves.base import Move, MoveSpace, integers_from_json, names_size, prices_to_json
from unrigged.outcome import Outcome
from unrigged.setting import Setting

Raises = tuple[int, ...]
"""By how much to raise the price of each player."""


@dataclass(frozen=True)
class RaiseSpace(MoveSpace):
    """Integers >= 0 by which `player` would raise each price of `proposal`; silence raises nothing.

    `limits`: the greatest raise of each player's price, None where there is no limit. `own`: whether he announces a
    raise of his own price as well; otherwise it must be 0.
    """

    setting: Setting
    player: int
    proposal: Outcome
    limits: tuple[int | None, ...]
    own: bool = False

    def reason(self, move: Move) -> str | None:
        if type(move) is not tuple or len(move) != self.setting.n:
            return "a raise is expected for every player"
        for player, raised, limit in zip(self.setting.everyone, move, self.limits, strict=True):
            name = self.setting.players[player]
            if type(raised) is not int or raised < 0:
                return f"the price of {name} must be raised by an integer >= 0"
            if raised and player == self.player and not self.own:
                return f"{name} cannot raise his own price"
            if limit is not None and raised > limit:
                return f"the price of {name} can be raised by at most {limit}"
        return None

    @property
    def default(self) -> Raises:
        return (0,) * self.setting.n

    def _greatest(self, player: int, bound: int) -> int:
        if player == self.player and not self.own:
            return 0
        limit = self.limits[player]
        return bound if limit is None else min(bound, limit)

    def sample(self, rng: Random, scale: int) -> Raises:
        return tuple(rng.randint(0, self._greatest(player, scale)) for player in self.setting.everyone)

    def grid(self, bound: int) -> Iterator[Raises]:
        yield from product(*(range(self._greatest(player, bound) + 1) for player in self.setting.everyone))

    def bits(self, move: Raises) -> int:
        """One bit tells whether anything is raised; if so, the raises of everybody he may raise follow."""
        if not any(move):
            return 1
        told = (raised for player, raised in enumerate(move) if self.own or player != self.player)
        return 1 + sum(elias_delta(raised) for raised in told)

    def encode(self, move: Raises) -> dict[str, int | str]:
        return prices_to_json(self.setting, move)

    def decode(self, data: object, where: str = "move") -> Raises:
        move: Raises = self.checked(integers_from_json(self.setting, data, where), where)
        return move

    def describe(self, move: Raises) -> str:
        raised = [f"of {name} by {written(by)}" for name, by in zip(self.setting.players, move, strict=True) if by != 0]
        return f"raises the price {', '.join(raised)}" if raised else "raises nobody's price"

    def encoded_limit(self, digits: int) -> int:
        return 16 + names_size(self.setting.players) + self.setting.n * (digits + 8)
