"""Types of the states domain: a value for every state, 0 for the null state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, exact, to_json
from unrigged.setting import NULL_STATE, State, States


@dataclass(frozen=True, init=False)
class StateValues:
    """What each state is worth to one player.

    >>> StateValues("left right".split(), {"left": 3, "right": 4}).value(1)
    4
    """

    states: States
    values: tuple[Exact, ...]
    kind: ClassVar[str] = "states"

    def __init__(self, states: Iterable[str], values: Mapping[str, object] | Sequence[object]) -> None:
        object.__setattr__(self, "states", states if isinstance(states, States) else States(states))
        if isinstance(values, Mapping):
            for name in values:
                self.states.number(name, "state values")
            for name in self.states:
                if name not in values:
                    raise InputError("state values", f"no value for '{name}'", "a value for every state")
            values = [values[name] for name in self.states]
        if len(values) != len(self.states):
            raise InputError("state values", f"{len(values)} values", f"one for each of the {len(self.states)} states")
        read = tuple(exact(value, f"state values.{name}") for name, value in zip(self.states, values, strict=True))
        object.__setattr__(self, "values", read)

    def value(self, state: State) -> Exact:
        """The value of `state`; the null state is worth 0. InputError for what is no state."""
        try:
            if state >= NULL_STATE:
                return 0 if state == NULL_STATE else self.values[state]
        except (TypeError, IndexError):
            pass
        expected = f"the number of a state, from 0 to {len(self.states) - 1}, or {NULL_STATE} for the null state"
        raise InputError("state", state, expected, f'for v, use v.value(states.number("{self.states[0]}"))')

    def range(self) -> tuple[Exact, Exact]:
        """(least, greatest) value, the null state's 0 included."""
        return min(0, *self.values), max(0, *self.values)

    @property
    def integral(self) -> bool:
        """Whether every value is an integer."""
        return all(isinstance(value, int) for value in self.values)

    def to_json(self) -> dict[str, Any]:
        """The values as the scenario file writes them."""
        return {
            "kind": self.kind,
            "values": {name: to_json(v) for name, v in zip(self.states, self.values, strict=True)},
        }
