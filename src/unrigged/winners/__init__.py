"""Who gets what: winner determination over bids, tables and anything that reduces to them."""

from unrigged.winners.model import Auction, Infeasible, Progress, Proof, Winners
from unrigged.winners.solve import Ties, winners, without_each

__all__ = ["Auction", "Infeasible", "Progress", "Proof", "Ties", "Winners", "winners", "without_each"]
