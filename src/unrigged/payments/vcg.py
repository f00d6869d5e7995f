"""VCG payments: everybody pays what his presence costs the others."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from unrigged.exact import Exact, exact
from unrigged.payments.model import Payments, weakest
from unrigged.winners import Auction, Winners, winners, without_each

CUT_SHORT = "the time limit ran out: prices follow the best allocations found"
"""The note on payments that rest on searches without a proof."""


def vcg_payments(auction: Auction, *, limit: float | None = None, solution: Winners | None = None) -> Payments:
    """The VCG payments of all players: the others' best welfare without him, less their welfare with him.

    `limit`: seconds for the whole call; searches that are not proved by then make `proof` "none". `solution`: the best
    allocation of this very auction where it is known already, or where one of several is wanted (that of the VCG
    mechanism is `winners(auction, ties="first")`); otherwise any is found.
    Raises as `winners`; Infeasible, too, where goods must be sold and only one player may have them.
    Source: Clarke, Multipart pricing of public goods, Public Choice 11 (1971); Groves, Econometrica 41 (1973).

    >>> from unrigged.setting import Goods
    >>> from unrigged.valuations import SingleMinded
    >>> goods = Goods("east west")
    >>> both, left, right = ["east", "west"], ["east"], ["west"]
    >>> bids = SingleMinded(goods, both, 10), SingleMinded(goods, left, 8), SingleMinded(goods, right, 9)
    >>> vcg_payments(Auction(goods, bids)).prices
    (0, 1, 2)
    """
    begun = perf_counter()
    best = solution or winners(auction, limit=None if limit is None else limit / 3)
    left = None if limit is None else max(0.0, limit - (perf_counter() - begun))
    alone = without_each(auction, limit=left)
    best = max((best, *alone), key=lambda found: found.value)
    served = [player for player in range(auction.n) if best.bundles[player]]
    proof = weakest([best.proof, *(alone[player].proof for player in served)])
    prices: list[Exact] = [0] * auction.n
    for player in served:
        others = _best_without(auction, player, best, alone)
        prices[player] = exact(others - (best.value - best.worths[player]))
    return Payments(
        rule="vcg",
        allocation=best.allocation,
        worths=best.worths,
        prices=tuple(prices),
        vcg=tuple(prices),
        proof=proof,
        seconds=perf_counter() - begun,
        notes=(*best.notes, *((CUT_SHORT,) if proof == "none" else ())),
    )


def _best_without(auction: Auction, player: int, best: Winners, alone: Sequence[Winners]) -> Exact:
    """The greatest welfare found for the others; where searches were cut short, another one's may be the better."""
    if alone[player].proof != "none":
        return alone[player].value
    known = [alone[player].value, *(found.value for found in alone if not found.bundles[player])]
    if not auction.must_sell:
        known.append(best.value - best.worths[player])
    return max(known)
