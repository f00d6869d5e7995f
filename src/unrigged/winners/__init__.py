"""Who gets what: winner determination over bids, tables and anything that reduces to them."""

from unrigged.winners.model import Auction, Infeasible, Progress, Proof, Winners
from unrigged.winners.solve import METHODS, Method, Ties, winners, without_each

__all__ = [
    "METHODS",
    "Auction",
    "Infeasible",
    "Method",
    "Progress",
    "Proof",
    "Ties",
    "Winners",
    "winners",
    "without_each",
]
