"""Reports of everybody's values of all states: whole type profiles.

Source: Chen, Hassidim and Micali 2009, section 6, step 1; 2010, footnote 3 (HOPE-FOR-THE-BEST).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from random import Random

from unrigged.errors import InputError
from unrigged.exact import elias_delta, integer, to_json
from unrigged.moves.base import Move, MoveSpace, names_size
from unrigged.setting import Setting, States

Profile = tuple[tuple[int, ...], ...]
"""For each player, in order, his alleged value of each listed state; the null state is worth 0."""


@dataclass(frozen=True)
class ProfileSpace(MoveSpace):
    """A value of every state for every player, integers from 0 to `greatest` (None: any); silence is 0 everywhere.

    `own`: whether `player` reports values of his own as well; otherwise they must be 0.
    """

    setting: Setting
    player: int
    greatest: int | None = None
    own: bool = True

    @property
    def states(self) -> States:
        """The states reported on, in order."""
        return self.setting.need_states("a report of all values")

    def reason(self, move: Move) -> str | None:
        if type(move) is not tuple or len(move) != self.setting.n:
            return "values are expected for every player"
        for player, name in enumerate(self.setting.players):
            values = move[player]
            if type(values) is not tuple or len(values) != len(self.states):
                return f"{name} needs a value for every state"
            for value in values:
                if type(value) is not int or value < 0:
                    return f"every value of {name} must be an integer >= 0"
                if self.greatest is not None and value > self.greatest:
                    return f"every value of {name} must be at most {self.greatest}"
            if player == self.player and not self.own and any(values):
                return f"{name} does not report values of his own"
        return None

    @property
    def default(self) -> Profile:
        return ((0,) * len(self.states),) * self.setting.n

    def _greatest(self, player: int, bound: int) -> int:
        if player == self.player and not self.own:
            return 0
        return bound if self.greatest is None else min(bound, self.greatest)

    def sample(self, rng: Random, scale: int) -> Profile:
        return tuple(
            tuple(rng.randint(0, self._greatest(player, scale)) for _ in self.states)
            for player in self.setting.everyone
        )

    def grid(self, bound: int) -> Iterator[Profile]:
        rows = (
            list(product(range(self._greatest(player, bound) + 1), repeat=len(self.states)))
            for player in self.setting.everyone
        )
        yield from product(*rows)

    def bits(self, move: Profile) -> int:
        told = (values for player, values in enumerate(move) if self.own or player != self.player)
        return sum(elias_delta(value) for values in told for value in values)

    def encode(self, move: Profile) -> dict[str, dict[str, int | str]]:
        return {
            name: {state: to_json(value) for state, value in zip(self.states, values, strict=True) if value != 0}
            for name, values in zip(self.setting.players, move, strict=True)
            if any(values)
        }

    def decode(self, data: object, where: str = "move") -> Profile:
        if not isinstance(data, Mapping):
            raise InputError(where, data, "a mapping from players to their values of the states")
        rows = [[0] * len(self.states) for _ in self.setting.everyone]
        for name, values in data.items():
            row = rows[self.setting.player(name, where)]
            if not isinstance(values, Mapping):
                raise InputError(f"{where}.{name}", values, "a mapping from states to values")
            for state, value in values.items():
                row[self.states.number(state, f"{where}.{name}")] = integer(value, f"{where}.{name}.{state}")
        move: Profile = self.checked(tuple(map(tuple, rows)), where)
        return move

    def describe(self, move: Profile) -> str:
        parts = []
        for name, values in zip(self.setting.players, move, strict=True):
            told = [f"{state} {value}" for state, value in zip(self.states, values, strict=True) if value != 0]
            if told:
                parts.append(f"{name} ({', '.join(told)})")
        return f"reports the values of {', '.join(parts)}" if parts else "reports that nobody values anything"

    def encoded_limit(self, digits: int) -> int:
        row = names_size(self.states) + len(self.states) * (digits + 8)
        return 16 + names_size(self.setting.players) + self.setting.n * (row + 8)
