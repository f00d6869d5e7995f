"""What winner determination is asked and what it answers; every answer is checked here, exactly, before it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from unrigged.errors import InputError, UnriggedError
from unrigged.exact import Exact, total
from unrigged.setting import NOBODY, Allocation, Bundle, Goods, bundles_of
from unrigged.valuations import OR, PointwiseMax, PointwiseMin, Valuation
from unrigged.valuations.base import Bid
from unrigged.valuations.rounded import RoundedDown

Proof = Literal["exact", "numerical", "none"]

Progress = Callable[[Exact, Exact, float], None]
"""Called now and then during a search with the best value found, the bound known, and the seconds so far."""

INTERRUPTED = "the search was interrupted: the best allocation found by then"
"""The note on an answer that Ctrl-C brought about."""

OR_LIMIT = 20
"""OR bids of more than this many bids within a bundle are not evaluated by enumeration where a certificate exists."""


class WrongAnswer(UnriggedError):
    """An engine's answer did not pass its exact check (a defect of the engine, never of the input)."""


class Infeasible(InputError):
    """No allocation obeys the rules of the auction."""

    def __init__(self) -> None:
        super().__init__(
            "auction",
            "rules that no allocation obeys",
            "at least one feasible allocation",
            "let goods stay unsold, or allow more owners",
        )


@dataclass(frozen=True)
class Auction:
    """Goods to be given to players so that the total value is greatest.

    `valuations`: one per player (true values, announced ones, or lower bounds on them), all over `goods`.
    `excluded`: players who receive nothing. `least`: a player receives nothing, or a bundle worth at least this (1
    where prices must be >= 1); None for no such rule. `allowed`: for each good the owners it may have (`NOBODY` among
    them where it may stay unsold), None for no restriction on that good; () for none at all. `unsold`: whether goods
    may stay unsold; if not, every good needs an owner, which matters without free disposal.
    Raises InputError where goods or players do not fit.
    """

    goods: Goods
    valuations: tuple[Valuation, ...]
    excluded: frozenset[int] = frozenset()
    least: Exact | None = None
    allowed: tuple[frozenset[int] | None, ...] = ()
    unsold: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "valuations", tuple(self.valuations))
        object.__setattr__(self, "excluded", frozenset(self.excluded))
        object.__setattr__(self, "allowed", tuple(self.allowed))
        for player, one in enumerate(self.valuations):
            if one.goods is not self.goods and one.goods != self.goods:
                raise InputError(f"valuations[{player}]", "a valuation of other goods", "a valuation of these goods")
        for player in self.excluded:
            if not 0 <= player < self.n:
                raise InputError("excluded", f"player {player}", f"players from 0 to {self.n - 1}")
        if self.allowed and len(self.allowed) != len(self.goods):
            raise InputError("allowed", f"{len(self.allowed)} entries", f"one for each of the {len(self.goods)} goods")
        for good, owners in enumerate(self.allowed):
            for owner in owners or ():
                if not NOBODY <= owner < self.n:
                    raise InputError(
                        f"allowed[{good}]", f"player {owner}", f"players from 0 to {self.n - 1}, or NOBODY"
                    )

    @property
    def n(self) -> int:
        """The number of players."""
        return len(self.valuations)

    @cached_property
    def bidders(self) -> tuple[int, ...]:
        """The players who may receive something."""
        return tuple(player for player in range(self.n) if player not in self.excluded)

    @cached_property
    def must_sell(self) -> Bundle:
        """The goods that may not stay unsold."""
        if not self.unsold:
            return self.goods.everything
        return sum(1 << good for good, owners in enumerate(self.allowed) if owners is not None and NOBODY not in owners)

    def may_own(self, player: int) -> Bundle:
        """The goods `player` may own."""
        return self._ownable[player]

    @cached_property
    def _ownable(self) -> tuple[Bundle, ...]:
        unrestricted = self.goods.everything
        for good, owners in enumerate(self.allowed):
            if owners is not None:
                unrestricted &= ~(1 << good)
        masks = [unrestricted] * self.n
        for good, owners in enumerate(self.allowed):
            for owner in owners or ():
                if owner != NOBODY:
                    masks[owner] |= 1 << good
        for player in self.excluded:
            masks[player] = 0
        return tuple(masks)

    def may_stay(self, good: int) -> bool:
        """Whether `good` may stay unsold."""
        return not self.must_sell >> good & 1

    def without(self, players: Iterable[int]) -> Auction:
        """The same auction in which `players` receive nothing either."""
        return replace(self, excluded=self.excluded | frozenset(players))

    def restricted(self, allowed: Sequence[frozenset[int] | None]) -> Auction:
        """The same auction with the owners of each good restricted to `allowed` instead."""
        return replace(self, allowed=tuple(allowed))

    def worths(self, allocation: Allocation, taken: Mapping[int, Sequence[Bid]] | None = None) -> tuple[Exact, ...]:
        """What every player's bundle in `allocation` is worth to him; WrongAnswer where a rule is broken.

        `taken` certifies values that are hard to evaluate: the disjoint bids of an OR player whose sum is claimed.
        The worth of such a bundle is then at least the sum returned, and equal to it where the total is optimal.
        """
        if len(allocation) != len(self.goods):
            raise WrongAnswer(f"{len(allocation)} owners for {len(self.goods)} goods")
        for good, owner in enumerate(allocation):
            self._check_owner(good, owner)
        found = tuple(
            _worth(self.valuations[player], bundle, (taken or {}).get(player)) if bundle else 0
            for player, bundle in enumerate(bundles_of(allocation, self.n))
        )
        if self.least is not None:
            for player, bundle in enumerate(bundles_of(allocation, self.n)):
                if bundle and found[player] < self.least:
                    raise WrongAnswer(f"player {player} receives a bundle worth {found[player]} < {self.least}")
        return found

    def _check_owner(self, good: int, owner: int) -> None:
        if owner == NOBODY:
            fits = self.may_stay(good)
        else:
            restriction = self.allowed[good] if self.allowed else None
            fits = 0 <= owner < self.n and owner not in self.excluded and (restriction is None or owner in restriction)
        if not fits:
            raise WrongAnswer(f"the good number {good + 1} is given to {owner}, who may not have it")


def _worth(valuation: Valuation, bundle: Bundle, taken: Sequence[Bid] | None) -> Exact:
    if taken is not None and isinstance(valuation, OR):
        goods = valuation.goods.everything
        if sum(1 for wanted, _ in valuation.packed if wanted & goods & ~bundle == 0) > OR_LIMIT:
            return _certified(valuation, bundle, taken)
    return valuation.value(bundle)


def _certified(valuation: OR, bundle: Bundle, taken: Sequence[Bid]) -> Exact:
    used = 0
    for bid in taken:
        if bid[0] & used or bid[0] & valuation.goods.everything & ~bundle or bid not in valuation.packed:
            raise WrongAnswer("a certificate of bids that overlap, or lie outside the bundle")
        used |= bid[0]
    return total(value for _, value in taken)


def hard_to_value(valuation: Valuation) -> bool:
    """Whether valuing one bundle is itself a search among many bids."""
    if isinstance(valuation, PointwiseMin | PointwiseMax):
        return any(hard_to_value(part) for part in valuation.parts)
    if isinstance(valuation, RoundedDown):
        return hard_to_value(valuation.inner)
    return isinstance(valuation, OR) and len(valuation.bids) > OR_LIMIT


def greatest_worth(valuation: Valuation) -> Exact:
    """An upper bound, found quickly, on what any bundle is worth (and on 0)."""
    if isinstance(valuation, OR):
        return total(value for _, value in valuation.packed)
    if isinstance(valuation, PointwiseMin):
        return min(greatest_worth(part) for part in valuation.parts)
    if isinstance(valuation, PointwiseMax):
        return max(greatest_worth(part) for part in valuation.parts)
    if isinstance(valuation, RoundedDown):
        return greatest_worth(valuation.inner)
    return max(0, valuation.range()[1])


@dataclass(frozen=True)
class Winners:
    """An allocation, what it is worth, and what is known about the best one.

    `worths`: what each player's bundle is worth to him; `value`: their sum, exact. `bound`: no allocation is worth
    more. `proof`: what stands behind `value == bound`: "exact" (integers throughout), "numerical" (a floating-point
    bound of an integer-programming engine, rounded) or "none" (not proved; the bound is then at least an honest one).
    `seconds`: wall time; `nodes`: subproblems looked at; `notes`: what the user should know; `engine`: who answered.
    """

    allocation: Allocation
    worths: tuple[Exact, ...]
    value: Exact
    bound: Exact
    proof: Proof
    seconds: float
    nodes: int
    notes: tuple[str, ...] = ()
    engine: str = ""

    @property
    def optimal(self) -> bool:
        """Whether the value is the greatest possible (see `proof` for what stands behind it)."""
        return self.proof != "none"

    @property
    def gap(self) -> Exact:
        """By how much, at most, another allocation could be worth more."""
        return self.bound - self.value

    @cached_property
    def bundles(self) -> tuple[Bundle, ...]:
        """What each player receives."""
        return tuple(bundles_of(self.allocation, len(self.worths)))


def answer(
    auction: Auction,
    allocation: Allocation,
    bound: Exact | None,
    proof: Proof,
    *,
    seconds: float,
    nodes: int,
    engine: str,
    notes: tuple[str, ...] = (),
    taken: Mapping[int, Sequence[Bid]] | None = None,
) -> Winners:
    """The checked answer: feasible, valued exactly, its bound no lower than its value (None: the value)."""
    worths = auction.worths(allocation, taken)
    value = total(worths)
    top = value if bound is None else max(bound, value)
    if proof != "none" and top != value:
        raise WrongAnswer(f"an optimum of {top} is claimed for an allocation worth {value}")
    return Winners(allocation, worths, value, top, proof, seconds, nodes, notes, engine)
