"""The market mechanism made fair beforehand: a public coin draws who proposes.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.2, «Almost Ex-Ante Fairness».
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from unrigged.mechanisms.base import Mechanism, Requirements, Rule, parameter
from unrigged.mechanisms.market import DELTA, EPS, Market
from unrigged.mechanisms.proposing import MARKET
from unrigged.protocol import Position, Then, uniform


@dataclass(frozen=True)
class MarketFair(Mechanism):
    """The market mechanism with a proposer drawn uniformly; parameters as there."""

    eps: Fraction = parameter(EPS)
    delta: Fraction = parameter(DELTA)

    name: ClassVar[str] = "market-fair"
    guarantee: ClassVar[str] = "what market guarantees, with almost the same expected gain for everybody beforehand"
    assumption: ClassVar[str] = Market.assumption
    source: ClassVar[str] = "Azar, Chen and Micali 2011, section 5.2, remark on ex-ante fairness"
    requires: ClassVar[Requirements] = MARKET

    def defaults(self) -> Mapping[str, Any]:
        market = Market(self.setting, eps=self.eps, delta=self.delta)
        return {"eps": market.eps, "delta": market.delta}

    def check(self) -> None:
        Market(self.setting, eps=self.eps, delta=self.delta)

    @cached_property
    def markets(self) -> tuple[Market, ...]:
        """The market mechanism with each player as its proposer."""
        return tuple(Market(self.setting, proposer=i, eps=self.eps, delta=self.delta) for i in self.setting.everyone)

    def start(self) -> Position:
        """Step 0: one player is drawn uniformly, in public, before anything is announced. He is the proposer in what
        follows, the mechanism `market`."""
        return uniform(
            "proposer",
            ((name, Then(market.start)) for name, market in zip(self.setting.players, self.markets, strict=True)),
        )

    @classmethod
    def rules(cls) -> list[Rule]:
        return [*super().rules(), *Market.rules()]
