"""A mechanism for the knowledge of independent players: a coin between one that sells by it and an auction.

Source: J. Chen, S. Micali and P. Valiant, Robustly leveraging collusion in combinatorial auctions, Innovations in
Computer Science 2010, section 1.2 (mechanism M').
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from unrigged.exact import written
from unrigged.mechanisms.base import Mechanism, Requirements, check_range, one_of, parameter
from unrigged.mechanisms.best_belief import BestBelief
from unrigged.mechanisms.best_belief_normal import BestBeliefNormal
from unrigged.mechanisms.second_price_package import SecondPricePackage
from unrigged.protocol import Position, Then, coin

BASES: dict[str, tuple[type[Mechanism], Fraction]] = {
    "best-belief": (BestBelief, Fraction(1, 2)),
    "best-belief-normal": (BestBeliefNormal, Fraction(1, 2)),
}
"""The base mechanisms M, each with the largest c for which it guarantees revenue >= c·MIEW (up to its eps)."""


@dataclass(frozen=True)
class Independent(Mechanism):
    """M': either a mechanism M whose revenue is at least c·MIEW, or the second-price auction A' of one package.

    MIEW is the most welfare that an independent player knows how to reach by giving the goods to the others.
    Parameters: `base`, which M; `c`, in (0, 1] and no larger than M's guarantee allows; `eps`, the parameter of M.
    """

    base: str = parameter("the mechanism M that guarantees revenue >= c·MIEW", "best-belief", read=one_of(*BASES))
    c: Fraction = parameter(
        "what M guarantees: revenue >= c·MIEW; 0 < c <= 1/2, by default 1/2 - eps, which M reaches with its discounts "
        "and rewards (1/2, as printed, only without them; it is the default where eps is 1/2 or more)"
    )
    eps: Fraction = parameter("set aside by M for discounts and rewards; 0 < eps <= 1", Fraction(1, 10))

    name: ClassVar[str] = "independent"
    guarantee: ClassVar[str] = (
        "welfare + revenue >= c/(c+1)·MKW_I (c near 1/2: almost a third of what any independent player knows to reach)"
    )
    assumption: ClassVar[str] = "that of M, and that independent players bid truthfully in the auction"
    source: ClassVar[str] = "Chen, Micali and Valiant 2010, section 1.2 (mechanism M')"
    requires: ClassVar[Requirements] = Requirements(domain="goods")

    def defaults(self) -> Mapping[str, Any]:
        eps = self.eps
        return {"c": Fraction(1, 2) - (eps if eps < Fraction(1, 2) else 0)}

    def check(self) -> None:
        _, most = BASES[self.base]
        check_range("c", self.c, 0, most, f"0 < c <= {written(most)}, which {self.base} guarantees", closed=True)
        check_range("eps", self.eps, 0, 1, "0 < eps <= 1", closed=True)

    @cached_property
    def seller(self) -> Mechanism:
        """M, in the same setting."""
        made, _ = BASES[self.base]
        return made.build(self.setting, {"eps": self.eps})

    @cached_property
    def auction(self) -> SecondPricePackage:
        """A', in the same setting."""
        return SecondPricePackage(self.setting)

    def start(self) -> Position:
        """Step a: before anything is announced, a public coin decides which mechanism is played: with probability
        1/(c+1) the mechanism M (`base`: best-belief or best-belief-normal), with probability c/(c+1) the auction A'
        (second-price-package). `unrigged show` tells the rules of each."""
        return coin(
            "mechanism",
            (self.base, 1 / (self.c + 1), Then(self.seller.start)),
            (self.auction.name, self.c / (self.c + 1), Then(self.auction.start)),
        )
