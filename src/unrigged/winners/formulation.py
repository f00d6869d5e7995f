"""An auction as an integer program: columns, rows and exact integer coefficients; every bidding language natively.

A column that gives goods to a player is 1 when he receives them. Every good has one row, at most one (exactly one
where it must be sold). Languages of single bids get a column per bid; those by goods a column per good; minima,
maxima and rounding are written with a few columns and rows more, never by listing all bundles. No solver is loaded
here, and all coefficients are integers in units of 1/`scale`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, lcm, prod

from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact
from unrigged.setting import NOBODY, Allocation, Bundle, members, subsets
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    ExactBundles,
    PointwiseMax,
    PointwiseMin,
    UnitDemand,
    Valuation,
)
from unrigged.valuations.base import Bid
from unrigged.valuations.rounded import RoundedDown, rounded_number
from unrigged.winners.model import Auction, WrongAnswer, greatest_worth
from unrigged.winners.packing import Packing

PAIR_LIMIT = 2_000
"""A minimum of bid lists is listed bid by bid up to this many combinations."""

LIST_BITS = 16
"""A valuation without a language is listed bundle by bundle up to this many goods."""

EXACT_BITS = 30
"""Total values beyond 2 to this power are handed to a floating-point engine in larger units."""

Expression = list[tuple[int, int]]
"""A value as a sum of columns, each with its coefficient in units of 1/scale."""


@dataclass(frozen=True)
class Supply:
    """Where the goods of a part of a valuation come from: a row for each of the goods in `mask`.

    `player`: to whom taking from it gives the goods; None within a minimum, where the goods are his already.
    """

    rows: dict[int, int]
    mask: Bundle
    player: int | None


@dataclass(frozen=True)
class Column:
    """A column's bounds, whether it is whole, what it takes from rows, and what it gives to whom."""

    upper: float
    lower: float
    whole: bool
    entries: tuple[tuple[int, int], ...]
    player: int | None
    bundle: Bundle
    bid: Bid | None


class Formulation:
    """The integer program of `auction`: maximise `costs` over `columns`, each row between its two sides.

    `scale`: coefficients are values times this. `size`: the most that values add up to, in units of 1/`scale`. `unit`:
    a power of two; rows in `valued` and the costs are to be divided by it before they become floating-point numbers.
    Raises BudgetExceeded where a valuation without a language has too many goods, InputError where it has more than 20.
    """

    def __init__(self, auction: Auction) -> None:
        self.auction = auction
        self.scale = lcm(*(_denominators(one) for one in auction.valuations), Fraction(auction.least or 0).denominator)
        self.size = sum(int(_magnitude(auction.valuations[player]) * self.scale) for player in auction.bidders)
        self.unit = 1 << max(0, self.size.bit_length() - EXACT_BITS)
        self.columns: list[Column] = []
        self.costs: list[int] = []
        self.extra: list[list[tuple[int, int]]] = []
        self.rows: list[tuple[float, float]] = [
            (1.0 if not auction.may_stay(good) else -inf, 1.0) for good in range(len(auction.goods))
        ]
        self.valued: set[int] = set()
        self.packs = not auction.must_sell
        for player in auction.bidders:
            self._player(player)

    # What is asked of the program once it is built

    def entries(self, column: int) -> list[tuple[int, int]]:
        """All (row, coefficient) pairs of `column`, no row twice."""
        merged: dict[int, int] = {}
        for row, coefficient in (*self.columns[column].entries, *self.extra[column]):
            merged[row] = merged.get(row, 0) + coefficient
        return [(row, coefficient) for row, coefficient in merged.items() if coefficient]

    def packing(self) -> Packing | None:
        """The program as set packing (one bid per column, one item per row), None where it is more than that."""
        if not self.packs:
            return None
        items = tuple(tuple(row for row, _ in self.entries(column)) for column in range(len(self.columns)))
        return Packing(tuple(self.costs), items, len(self.rows))

    def chosen(self, columns: Iterable[int]) -> tuple[Allocation, dict[int, list[Bid]]]:
        """The allocation in which exactly `columns` are 1, and the OR bids it takes, by player."""
        owners = [NOBODY] * len(self.auction.goods)
        taken: dict[int, list[Bid]] = {}
        for number in columns:
            column = self.columns[number]
            if column.player is None:
                continue
            for good in members(column.bundle):
                if owners[good] != NOBODY:
                    raise WrongAnswer(f"the good number {good + 1} is given twice")
                owners[good] = column.player
            if column.bid is not None:
                taken.setdefault(column.player, []).append(column.bid)
        return tuple(owners), taken

    # One player

    def _player(self, player: int) -> None:
        auction, valuation = self.auction, self.auction.valuations[player]
        mask = auction.may_own(player)
        if not mask:
            return
        supply = Supply({good: good for good in members(mask)}, mask, player)
        tight = self._tight(player, mask)
        least = None if auction.least is None else auction.least * self.scale
        active = None
        if least is not None and least > 0 and (tight or not _each_at_least(valuation, auction.least or 0)):
            active = self._column(supply=None)
            self.packs = False
        value = self._value(valuation, supply, active, tight, auction.least if active is None else None)
        for column, coefficient in value:
            self.costs[column] += coefficient
        if least is not None:
            if active is not None:
                self._row([*value, (active, -int(least))], 0, inf, valued=True)
            elif least <= 0 and tight and not valuation.free_disposal:
                self._row(value, float(least) / self.unit, inf, valued=True)

    def _tight(self, player: int, mask: Bundle) -> Bundle:
        """The goods `player` must be able to own although they are worth nothing, or less, to him."""
        auction = self.auction
        tight = auction.must_sell & mask
        if not tight or not auction.valuations[player].free_disposal or (auction.least or 0) > 0:
            return tight
        for earlier in auction.bidders:
            if earlier == player:
                break
            if auction.valuations[earlier].free_disposal:
                tight &= ~auction.may_own(earlier)
        return tight

    # Columns and rows

    def _column(
        self,
        *,
        supply: Supply | None,
        bundle: Bundle = 0,
        rows: Sequence[int] = (),
        upper: float = 1.0,
        lower: float = 0.0,
        whole: bool = True,
        bid: Bid | None = None,
    ) -> int:
        entries = [(row, 1) for row in rows]
        if supply is not None:
            entries += [(supply.rows[good], 1) for good in members(bundle)]
        player = supply.player if supply is not None else None
        self.columns.append(Column(upper, lower, whole, tuple(entries), player, bundle, bid))
        self.costs.append(0)
        self.extra.append([])
        return len(self.columns) - 1

    def _row(self, terms: Iterable[tuple[int, int]], low: float, high: float, *, valued: bool = False) -> int:
        """A row over columns that exist, low <= terms <= high (the sides of a `valued` row already in units)."""
        number = len(self.rows)
        self.rows.append((low, high))
        for column, coefficient in terms:
            self.extra[column].append((number, coefficient))
        if valued:
            self.valued.add(number)
            self.packs = False
        return number

    def _only_if(self, column: int, active: int | None) -> None:
        if active is not None:
            self._row([(column, 1), (active, -1)], -inf, 0)
            self.packs = False

    # Languages; each returns the value of what is taken from the supply

    def _value(
        self, valuation: Valuation, supply: Supply, active: int | None, tight: Bundle, least: Exact | None = None
    ) -> Expression:
        if not tight or valuation.free_disposal:
            bids = _listed(valuation)
            if bids is not None:
                kept = [bid for bid in bids if least is None or bid[1] >= least]
                return self._one_of(kept, supply, active) + self._absorb(supply, active, tight)
        if isinstance(valuation, OR):
            return self._any_of(valuation, supply, active) + self._absorb(supply, active, tight)
        if isinstance(valuation, Additive):
            return self._by_goods(valuation, supply, active, tight)
        if isinstance(valuation, BudgetAdditive):
            terms = self._goods([min(each, valuation.budget) for each in valuation.per_good], supply, active, 0)
            self._absorb(supply, active, tight)
            return [self._capped([terms], self._scaled(valuation.budget), 0.0)]
        if isinstance(valuation, ExactBundles):
            return self._exactly(valuation, supply, active)
        if isinstance(valuation, RoundedDown):
            return self._rounded(valuation, self._value(valuation.inner, supply, active, tight))
        if isinstance(valuation, PointwiseMin):
            return self._minimum(valuation, supply, active)
        if isinstance(valuation, PointwiseMax):
            return self._maximum(valuation, supply, active, tight)
        return self._one_of(self._all_bundles(valuation, supply.mask, tight, least), supply, active)

    def _scaled(self, value: Exact) -> int:
        return int(value * self.scale)

    def _one_of(self, bids: Sequence[Bid], supply: Supply, active: int | None) -> Expression:
        fitting = [(bundle, value) for bundle, value in bids if bundle and not bundle & ~supply.mask]
        value = [(self._column(supply=supply, bundle=bundle), self._scaled(worth)) for bundle, worth in fitting]
        if active is not None:
            self._row([*((column, 1) for column, _ in value), (active, -1)], -inf, 0)
            self.packs = False
        elif len(value) > 1:
            self._row([(column, 1) for column, _ in value], -inf, 1)
        return value

    def _any_of(self, valuation: OR, supply: Supply, active: int | None) -> Expression:
        goods = valuation.goods.everything
        dummies: dict[int, list[int]] = {}
        value = []
        for wanted, worth in valuation.packed:
            bundle = wanted & goods
            if bundle & ~supply.mask:
                continue
            column = self._column(supply=supply, bundle=bundle, bid=(wanted, worth))
            self._only_if(column, active)
            value.append((column, self._scaled(worth)))
            for dummy in members(wanted & ~goods):
                dummies.setdefault(dummy, []).append(column)
        for sharing in dummies.values():
            if len(sharing) > 1:
                self._row([(column, 1) for column in sharing], -inf, 1)
        return value

    def _goods(self, values: Sequence[Exact], supply: Supply, active: int | None, tight: Bundle) -> Expression:
        """One column for each good worth more than 0, and for those of `tight` whatever they are worth."""
        terms = []
        for good in members(supply.mask):
            if values[good] > 0 or tight >> good & 1:
                column = self._column(supply=supply, bundle=1 << good)
                self._only_if(column, active)
                terms.append((column, self._scaled(values[good])))
        return terms

    def _by_goods(self, valuation: Additive, supply: Supply, active: int | None, tight: Bundle) -> Expression:
        if valuation.capacity is None:
            return self._goods(valuation.per_good, supply, active, tight)
        terms = self._goods(valuation.per_good, supply, active, 0) if valuation.capacity else []
        if valuation.capacity < len(terms):
            self._row([(column, 1) for column, _ in terms], -inf, valuation.capacity)
            self.packs = self.packs and valuation.capacity == 1
        return terms + self._absorb(supply, active, tight)

    def _absorb(self, supply: Supply, active: int | None, tight: Bundle) -> Expression:
        """Goods of `tight` taken without adding to the value."""
        for good in members(tight & supply.mask):
            self._only_if(self._column(supply=supply, bundle=1 << good), active)
        return []

    def _capped(self, parts: Sequence[Expression], limit: int | None, lower: float) -> tuple[int, int]:
        """A value no greater than `limit`, nor than any of `parts`."""
        upper = inf if limit is None else limit / self.unit
        column = self._column(supply=None, upper=upper, lower=lower, whole=False)
        for part in parts:
            self._row([(column, self.unit), *((other, -worth) for other, worth in part)], -inf, 0, valued=True)
        return column, self.unit

    def _rounded(self, valuation: RoundedDown, inner: Expression) -> Expression:
        step = self._scaled(valuation.step)
        steps = self._column(supply=None, upper=inf, lower=0.0 if valuation.free_disposal else -inf)
        self._row([(steps, step), *((column, -worth) for column, worth in inner)], -inf, 0, valued=True)
        return [(steps, step)]

    def _minimum(self, valuation: PointwiseMin, supply: Supply, active: int | None) -> Expression:
        """The goods he owns are columns of their own; every part takes what it can from them, or must take all."""
        self.packs = False
        owned = {good: self._column(supply=supply, bundle=1 << good) for good in members(supply.mask)}
        for column in owned.values():
            self._only_if(column, active)
        parts = []
        for part in valuation.parts:
            low = -inf if part.free_disposal else 0.0
            rows = {good: self._row([(column, -1)], low, 0) for good, column in owned.items()}
            mine = Supply(rows, supply.mask, None)
            parts.append(self._value(part, mine, None, 0 if part.free_disposal else supply.mask))
        return [self._capped(parts, None, 0.0 if valuation.free_disposal else -inf)]

    def _maximum(self, valuation: PointwiseMax, supply: Supply, active: int | None, tight: Bundle) -> Expression:
        """One part at most is active, and takes everything."""
        self.packs = False
        actives = [self._column(supply=None) for _ in valuation.parts]
        terms = [(one, 1) for one in actives]
        self._row(terms if active is None else [*terms, (active, -1)], -inf, 1 if active is None else 0)
        return [
            term
            for part, one in zip(valuation.parts, actives, strict=True)
            for term in self._value(part, supply, one, tight)
        ]

    def _exactly(self, valuation: ExactBundles, supply: Supply, active: int | None) -> Expression:
        """A listed bundle, or else any goods that are no bundle of negative value."""
        self.packs = False
        value = self._one_of([bid for bid in valuation.bids if bid[1]], supply, None)
        other = self._column(supply=None)
        loose = {good: self._column(supply=supply, bundle=1 << good) for good in members(supply.mask)}
        for column in loose.values():
            self._only_if(column, other)
        choices = [(column, 1) for column, _ in value] + [(other, 1)]
        self._row(choices if active is None else [*choices, (active, -1)], -inf, 1 if active is None else 0)
        for bundle, worth in valuation.bids:
            if worth < 0 and not bundle & ~supply.mask:
                sides = [(column, 1 if bundle >> good & 1 else -1) for good, column in loose.items()]
                self._row(sides, -inf, bundle.bit_count() - 1)
        return value

    def _all_bundles(self, valuation: Valuation, mask: Bundle, tight: Bundle, least: Exact | None) -> list[Bid]:
        """Every bundle within `mask` that is not beaten after leaving goods outside `tight` unsold."""
        if mask.bit_count() > LIST_BITS:
            raise BudgetExceeded(
                f"a valuation of the kind '{valuation.kind}' over {mask.bit_count()} goods is listed bundle by bundle, "
                f"which is done for at most {LIST_BITS} goods here"
            )
        best: dict[Bundle, Exact] = {0: 0}
        kept = []
        for bundle in subsets(mask):
            if bundle:
                worth = valuation.value(bundle)
                smaller = [best[bundle ^ 1 << good] for good in members(bundle & ~tight)]
                beaten = bool(smaller) and max(smaller) >= worth
                best[bundle] = max([worth, *smaller])
                if not beaten and (least is None or worth >= least):
                    kept.append((bundle, worth))
        return kept


def _listed(valuation: Valuation) -> Sequence[Bid] | None:
    """Bids one of which is taken and given as it stands; None where the language is modelled otherwise."""
    if isinstance(valuation, XOR | UnitDemand | ExactBundles):
        return valuation.atomic_bids()
    if isinstance(valuation, RoundedDown):
        bids = _listed(valuation.inner)
        if bids is None:
            return None
        rounded = [(bundle, rounded_number(value, valuation.step)) for bundle, value in bids]
        return [(bundle, value) for bundle, value in rounded if value > 0]
    if isinstance(valuation, PointwiseMax):
        lists = [_listed(part) for part in valuation.parts]
        return None if any(bids is None for bids in lists) else [bid for bids in lists for bid in bids or ()]
    if isinstance(valuation, PointwiseMin) and valuation.free_disposal:
        lists = [_listed(part) for part in valuation.parts]
        if all(bids is not None for bids in lists) and prod(len(bids or ()) for bids in lists) <= PAIR_LIMIT:
            return valuation.atomic_bids()
    return None


def _each_at_least(valuation: Valuation, least: Exact) -> bool:
    """Whether every bundle the program gives without an `active` column is sure to be worth `least`."""
    if _listed(valuation) is not None:
        return True
    if isinstance(valuation, OR):
        return all(value >= least for _, value in valuation.packed)
    if isinstance(valuation, Additive):
        return all(value >= least for value in valuation.per_good if value > 0)
    known = OR | Additive | BudgetAdditive | ExactBundles | RoundedDown | PointwiseMin | PointwiseMax
    return not isinstance(valuation, known)


def _denominators(valuation: Valuation) -> int:
    if isinstance(valuation, RoundedDown):
        return lcm(_denominators(valuation.inner), Fraction(valuation.step).denominator)
    if isinstance(valuation, PointwiseMin | PointwiseMax):
        return lcm(*(_denominators(part) for part in valuation.parts))
    return lcm(*(Fraction(number).denominator for number in valuation.numbers()))


def _magnitude(valuation: Valuation) -> Exact:
    """A bound on the size of every value, negative ones too."""
    if isinstance(valuation, PointwiseMin | PointwiseMax):
        return max(_magnitude(part) for part in valuation.parts)
    if isinstance(valuation, RoundedDown):
        return _magnitude(valuation.inner) + valuation.step
    if valuation.free_disposal:
        return greatest_worth(valuation)
    least, greatest = valuation.range()
    return max(-least, greatest)
