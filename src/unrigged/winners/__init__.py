"""Who gets what: winner determination over bids, tables and anything that reduces to them."""

from unrigged.winners.model import Auction, Infeasible, Proof, Winners
from unrigged.winners.solve import winners, without_each

__all__ = ["Auction", "Infeasible", "Proof", "Winners", "winners", "without_each"]
