"""Core-selecting payments: no coalition of players and the seller could do better among themselves.

An outcome is in the core where, for every coalition C, the winners outside C pay at least what C would offer the seller
beyond what its members have: the greatest welfare of C alone, less the worth of what they receive. Of all such prices
those of least total are chosen (the bidder-optimal ones), and of those the nearest to the VCG payments.

Sources: Day and Raghavan, Fair payments for efficient allocations in public sector combinatorial auctions, Management
Science 53 (2007), for finding the violated constraints; Day and Cramton, Quadratic core-selecting payment rules for
combinatorial auctions, Operations Research 60 (2012), for the rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from time import perf_counter
from typing import Literal, get_args

from unrigged.errors import InputError
from unrigged.exact import Exact, exact, total
from unrigged.outcome import Prices
from unrigged.payments.floating import tight_constraints
from unrigged.payments.model import CoreConstraint, Payments, weakest
from unrigged.payments.nearest import NearestPoint, NoPoint
from unrigged.payments.reduced import reduced
from unrigged.payments.vcg import CUT_SHORT, vcg_payments
from unrigged.setting import NOBODY, Allocation, bundle_of, bundles_of
from unrigged.valuations import OR
from unrigged.winners import Auction, Proof, Winners, winners
from unrigged.winners.model import OR_LIMIT, WrongAnswer

Rule = Literal["nearest-vcg", "nearest-zero"]

MOST_PLAYERS = 12
"""All coalitions are listed for at most this many players."""

PATIENCE = 0.5
"""Seconds after which a search for blocking coalitions is content with any that was found."""

EMPTY = "no prices keep all coalitions: the allocation is not the best one"


@dataclass(frozen=True)
class Blocking:
    """A coalition that can share the goods among its members and pay the seller more than he earns now.

    `allocation`: who gets what then; `worth`: what that is worth to the members; `gain`: by how much it exceeds what
    the members and the seller have now.
    """

    coalition: tuple[int, ...]
    allocation: Allocation
    worth: Exact
    gain: Exact


@dataclass(frozen=True)
class CoreVerdict:
    """Whether prices are in the core: "holds", "fails" or "undecided", and why.

    `blocking`: the coalition with the seller that shows a failure (None where a single player pays more than his
    bundle is worth to him). `proof`: what stands behind it; a failure is always exact.
    """

    status: Literal["holds", "fails", "undecided"]
    why: str
    blocking: Blocking | None
    proof: Proof


def core_payments(
    auction: Auction,
    *,
    rule: Rule = "nearest-vcg",
    limit: float | None = None,
    solution: Winners | None = None,
) -> Payments:
    """The core payments of least total that are nearest to a reference point, exactly.

    `rule`: "nearest-vcg" (to the VCG payments) or "nearest-zero" (to paying nothing). Distances are Euclidean.
    `limit`: seconds for the whole call; searches that are not proved by then make `proof` "none". `solution`: as in
    `vcg_payments`. Prices do not depend on which of several best allocations is chosen only where all are worth the
    same to every single player.
    Raises InputError for an unknown rule, and for auctions whose goods must be sold or that set a least worth of
    bundles, BudgetExceeded where a valuation has no bids to reduce and too many goods to list, and as `winners`.

    >>> from unrigged.setting import Goods
    >>> from unrigged.valuations import SingleMinded
    >>> goods = Goods("east west")
    >>> both, left, right = ["east", "west"], ["east"], ["west"]
    >>> bids = SingleMinded(goods, both, 10), SingleMinded(goods, left, 8), SingleMinded(goods, right, 9)
    >>> core_payments(Auction(goods, bids)).prices
    (0, Fraction(9, 2), Fraction(11, 2))
    """
    if rule not in get_args(Rule):
        raise InputError("rule", rule, " or ".join(f'"{one}"' for one in get_args(Rule)))
    _check_rules(auction)
    begun = perf_counter()
    base = vcg_payments(auction, limit=None if limit is None else limit / 2, solution=solution)
    served = sorted({owner for owner in base.allocation if owner != NOBODY})
    search = NearestPoint(
        [base.worths[player] - base.vcg[player] for player in served],
        [0 if rule == "nearest-vcg" else -base.vcg[player] for player in served],
    )
    prices, proofs, notes = base.vcg, [base.proof], list(base.notes)
    constraints: list[CoreConstraint] = []
    while True:
        blocking, proof = _any_blocking(auction, base.worths, prices, begun, limit)
        if blocking is None:
            proofs.append(proof)
            break
        constraint = _constraint(blocking, base.worths, served)
        constraints.append(constraint)
        try:
            prices = _nearest(search, constraint, base.vcg, served)
        except NoPoint:
            proofs, notes = ["none"], [*notes, EMPTY]
            break
    final = weakest(proofs)
    if final == "none" and CUT_SHORT not in notes:
        notes.append(CUT_SHORT)
    return replace(
        base,
        rule=rule,
        prices=prices,
        proof=final,
        seconds=perf_counter() - begun,
        notes=tuple(notes),
        constraints=tuple(constraints),
        rounds=len(constraints) + 1,
    )


def _any_blocking(
    auction: Auction, worths: Sequence[Exact], prices: Prices, begun: float, limit: float | None
) -> tuple[Blocking | None, Proof]:
    """A coalition that blocks, not always the one that gains most; None with a proof where none does."""
    left = None if limit is None else max(0.0, limit - (perf_counter() - begun))
    quick = PATIENCE if left is None else min(PATIENCE, left)
    blocking, proof = most_blocking(auction, worths, prices, limit=quick)
    if blocking is not None or proof != "none" or quick == left:
        return blocking, proof
    left = None if limit is None else max(0.0, limit - (perf_counter() - begun))
    return most_blocking(auction, worths, prices, limit=left)


def _constraint(blocking: Blocking, worths: Sequence[Exact], served: Sequence[int]) -> CoreConstraint:
    now = total(worths[player] for player in blocking.coalition)
    payers = tuple(player for player in served if player not in blocking.coalition)
    return CoreConstraint(blocking.coalition, payers, exact(blocking.worth - now))


def _nearest(search: NearestPoint, added: CoreConstraint, vcg: Prices, served: Sequence[int]) -> Prices:
    """The prices that satisfy one more constraint, proved by exact multipliers."""
    row = [served.index(player) for player in added.payers]
    search.add(row, added.least - total(vcg[player] for player in added.payers))
    guess = tight_constraints(search.upper, search.target, search.rows, search.least)
    if guess is not None:
        search.adopt(guess.lower, guess.upper, guess.rows)
    prices = list(vcg)
    for player, more in zip(served, search.minimise(), strict=True):
        prices[player] = exact(vcg[player] + more)
    return tuple(prices)


def most_blocking(
    auction: Auction, worths: Sequence[Exact], prices: Prices, *, limit: float | None = None
) -> tuple[Blocking | None, Proof]:
    """The coalition that gains most by leaving with the seller, as far as one gains, and what stands behind the answer.

    `worths`, `prices`: what every player has and pays now, nobody more than it is worth to him.
    """
    fees = tuple(worth - price for worth, price in zip(worths, prices, strict=True))
    question = reduced(auction, fees)
    found = winners(question.auction, limit=limit)
    gains, revenue = question.gains(found), total(prices)
    if total(gains.values()) > revenue:
        coalition = tuple(sorted(gains))
        worth = exact(total(gains[player] + fees[player] for player in coalition))
        gain = exact(total(gains.values()) - revenue)
        return Blocking(coalition, question.allocation(found), worth, gain), found.proof
    if question.greatest(found) > revenue:
        return None, "none"
    return None, "numerical" if found.proof == "none" else found.proof


def in_core(auction: Auction, allocation: Allocation, prices: Prices, *, limit: float | None = None) -> CoreVerdict:
    """Whether `prices` for `allocation` are in the core, with a coalition that blocks where they are not.

    Prices may be negative, and players without goods may pay. `limit`: seconds. Raises InputError for an allocation
    that breaks the auction's rules or prices of another length, otherwise as `core_payments`.
    """
    _check_rules(auction)
    if len(prices) != auction.n:
        raise InputError("prices", f"{len(prices)} prices", f"one for each of the {auction.n} players")
    prices = tuple(exact(price, f"prices[{player}]") for player, price in enumerate(prices))
    worths = _worths(auction, allocation)
    for player, (worth, price) in enumerate(zip(worths, prices, strict=True)):
        if price > worth:
            why = f"player {player} pays {price} for what is worth {worth} to him, and would rather stay away"
            return CoreVerdict("fails", why, None, "exact")
    blocking, proof = most_blocking(auction, worths, prices, limit=limit)
    if blocking is not None:
        members = " and ".join(map(str, blocking.coalition)) or "nobody"
        why = f"the seller and players {members} together would gain {blocking.gain} by leaving the others out"
        return CoreVerdict("fails", why, blocking, "exact")
    if proof == "none":
        return CoreVerdict("undecided", "the search for a blocking coalition was cut short", None, proof)
    return CoreVerdict("holds", "no coalition gains by leaving the others out", None, proof)


def core_constraints(auction: Auction, allocation: Allocation) -> tuple[CoreConstraint, ...]:
    """All core constraints of `allocation`, one for every coalition: the slow, obvious list (at most 12 players)."""
    _check_rules(auction)
    if len(auction.bidders) > MOST_PLAYERS:
        raise InputError("auction", f"{len(auction.bidders)} players", f"at most {MOST_PLAYERS}")
    worths = _worths(auction, allocation)
    served = [player for player, bundle in enumerate(bundles_of(allocation, auction.n)) if bundle]
    listed = []
    for size in range(len(auction.bidders) + 1):
        for coalition in combinations(auction.bidders, size):
            best = winners(auction.without(player for player in auction.bidders if player not in coalition)).value
            payers = tuple(player for player in served if player not in coalition)
            listed.append(CoreConstraint(coalition, payers, exact(best - total(worths[p] for p in coalition))))
    return tuple(listed)


def _check_rules(auction: Auction) -> None:
    if auction.must_sell:
        raise InputError("auction", "goods that must be sold", "an auction in which every good may stay unsold")
    if auction.least is not None:
        raise InputError("auction", f"a least worth of bundles ({auction.least})", "an auction without such a rule")


def _worths(auction: Auction, allocation: Allocation) -> tuple[Exact, ...]:
    """What everybody's bundle is worth to him; players with many OR bids are valued by a search of their own."""
    long = [player for player, one in enumerate(auction.valuations) if isinstance(one, OR) and len(one.bids) > OR_LIMIT]
    try:
        worths = list(auction.worths(allocation, dict.fromkeys(long, ())))
    except WrongAnswer as wrong:
        raise InputError("allocation", str(wrong), "an allocation that obeys the rules of the auction") from None
    for player in long:
        bundle = bundle_of(allocation, player)
        inside = tuple(frozenset({NOBODY, 0} if bundle >> good & 1 else {NOBODY}) for good in range(len(auction.goods)))
        worths[player] = winners(Auction(auction.goods, (auction.valuations[player],), allowed=inside)).value
    return tuple(worths)
