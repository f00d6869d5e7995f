"""Rational play of the mechanism for independent players: that of the base, and truthful bids in the auction.

Source: Chen, Micali and Valiant 2010, section 1.2 (mechanism M').
"""

from __future__ import annotations

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.independent import Independent
from unrigged.mechanisms.second_price_package import SecondPricePackage
from unrigged.strategies import second_price_package
from unrigged.strategies.base import ByMechanism, Notes, Strategy

READINGS = {
    "truthful": "the base's own rational play; in the auction, the value of one's favourite set, colluding or not",
    "ring": "the base's own rational play; in the auction only the member of the highest value bids",
}

NOTES = Notes(
    optimal="The coin comes first: what is known of each mechanism holds for it as it stands.",
    indifferent="Nothing you can do changes the coin; within each mechanism see there.",
    reveals="Nothing before the coin; then what the mechanism it shows reveals.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """What is rational in each of the two mechanisms is rational in the mixture: the coin comes first."""
    from unrigged.strategies import registry

    assert isinstance(mechanism, Independent)
    selling = registry.rational(mechanism.seller, benchmarks, agent)
    assert isinstance(selling, Strategy)
    bidding = second_price_package.rational(mechanism, benchmarks, agent, reading)
    return ByMechanism(((mechanism.seller.name, selling), (SecondPricePackage.name, bidding)))
