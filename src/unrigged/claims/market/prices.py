"""Which prices are worth proposing in a market of large values: finitely many, by linearity.

Fix an allocation, and what everybody says: every coalition D without the proposer, jointly, in step 2, and every one of
its members in step 3. By the dominant answers (Lemmas 7 and 8) the prices P_D after which just this is said are those
integers with

    sum of P_i over D <= (YES) or >= 1 more than (NO) the sum of the gains g_i;    P_i <= g_i (YES) or >= g_i + 1 (NO),

within (-2^k, 2^k). These are the integer points of a polytope with integer vertices (a box cut by one sum), and at a
vertex all prices but one are bounds of the box, the last one too or else such that the sum is its bound. On each of
them the joint utility of the proposer's coalition is linear in the prices of the others; those of its own members
cancel. So its greatest value is taken at a vertex, and at a unique point where it is taken at a unique vertex.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

from unrigged.analysis.coalitions import partitions
from unrigged.claims.market.proposals import allocations
from unrigged.context import Context
from unrigged.mechanisms.market import Market
from unrigged.outcome import Outcome
from unrigged.strategies.proposing import gains


def vertices(mechanism: Market, context: Context) -> list[Outcome]:
    """(E, 0), a proposal that is punished, and for every allocation the proposals at all vertices of the prices, under
    every partition of the players into coalitions; the members of the proposer's coalition are asked nothing."""
    n, proposer = mechanism.setting.n, mechanism.proposer
    found = {mechanism.stay: None, Outcome(mechanism.endowment, (Fraction(1), *(0,) * (n - 1))): None}
    for owners in allocations(mechanism.setting):
        gained = [int(gain) for gain in gains(context, owners)]
        for partition in partitions(n):
            blocks = [block for block in partition if proposer not in block]
            choices = [list(_corners([gained[i] for i in block], mechanism.limit)) for block in blocks]
            for chosen in product(*choices):
                prices = [0] * n
                for block, asked in zip(blocks, chosen, strict=True):
                    for player, price in zip(block, asked, strict=True):
                        prices[player] = price
                prices[proposer] = -sum(prices)
                found[Outcome(owners, tuple(prices))] = None
    return list(found)


def _corners(gained: Sequence[int], limit: int) -> Iterator[tuple[int, ...]]:
    """The vertices for one coalition whose members gain that much, and some points more: each within the range."""
    bounds = [sorted({1 - limit, gain, gain + 1, limit - 1}) for gain in gained]
    yield from product(*bounds)
    for last in range(len(gained)):
        for others in product(*bounds[:last], *bounds[last + 1 :]):
            for whole in (sum(gained), sum(gained) + 1):
                price = whole - sum(others)
                if -limit < price < limit:
                    yield (*others[:last], price, *others[last:])
