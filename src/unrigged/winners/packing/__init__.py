"""Weighted set packing: choose bids of the greatest total weight, each item used at most once.

`Packing` states the program, `unrigged.winners.packing.race.solve` answers it with a `Packed`.
Nothing here knows of players or valuations: an item is a good, or any other thing of which one
may be had (a bidder's exclusive choice between several bids is one more item).
"""

from unrigged.winners.packing.problem import Packed, Packing, Proof

__all__ = ["Packed", "Packing", "Proof"]
