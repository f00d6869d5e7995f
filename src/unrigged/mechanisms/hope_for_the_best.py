"""HOPE-FOR-THE-BEST: perfect revenue at one of many equilibria.

Source: Chen, Hassidim and Micali 2010, footnote 3; Chen, Hassidim and Micali 2009, section 1.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from unrigged.errors import InputError
from unrigged.exact import first_largest, total, written
from unrigged.mechanisms.base import Mechanism, Requirements, parameter
from unrigged.moves.profiles import Profile, ProfileSpace
from unrigged.outcome import Outcome, free
from unrigged.protocol import Position, Then, ask
from unrigged.setting import NULL_STATE


@dataclass(frozen=True)
class HopeForTheBest(Mechanism):
    """Everybody reports all types; if all agree, the best reported state is sold at the reported values.

    Where the setting has a bound B on all values, reported values are at most B - 1.
    """

    eps: Fraction = parameter("discount on every price; eps > 0", Fraction(1, 10))

    name: ClassVar[str] = "hope-for-the-best"
    guarantee: ClassVar[str] = "revenue >= MSW - n·eps at the truthful equilibrium, one of many"
    assumption: ClassVar[str] = "everybody knows all types, and all trust that the truthful equilibrium is played"
    source: ClassVar[str] = "Chen, Hassidim and Micali 2010, footnote 3"
    requires: ClassVar[Requirements] = Requirements(
        domain="states", players=2, knowledge="perfect", covers_coalitions=False
    )

    def check(self) -> None:
        if self.eps <= 0:
            raise InputError("eps", written(self.eps), "eps > 0")

    @cached_property
    def reports(self) -> tuple[tuple[int, ProfileSpace], ...]:
        """Everybody, with the space of his reports."""
        bound = self.setting.value_bound
        greatest = None if bound is None else bound - 1
        return tuple((i, ProfileSpace(self.setting, i, greatest)) for i in self.setting.everyone)

    def start(self) -> Position:
        """Step 1: all simultaneously report a whole type profile: an integer value >= 0 of every state for every
        player."""
        return ask("report", self.reports, Then(self.compare))

    def compare(self, reported: tuple[Profile, ...]) -> Position:
        """Step a: if all reports are the same profile t, the state is the first one of largest total value in t, and
        everybody i pays his value of it in t less eps; otherwise the null state is chosen and nobody pays."""
        profile = reported[0]
        if any(report != profile for report in reported):
            return Outcome(NULL_STATE, free(self.setting))
        state = first_largest([total(column) for column in zip(*profile, strict=True)])
        return Outcome(state, tuple(values[state] - self.eps for values in profile))
