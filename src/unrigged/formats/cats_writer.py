"""Auctions written in the text format of CATS; what the format cannot say is refused."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from unrigged.errors import InputError
from unrigged.exact import Exact
from unrigged.setting import Bundle, Setting, members
from unrigged.valuations import XOR, ORStar, Type, Valuation

Row = tuple[Bundle, Exact, tuple[int, ...]]
"""A bid with the dummies it names, counted from 0."""


def write_cats(setting: Setting, types: Sequence[Type], title: str = "") -> str:
    """The text of an auction in which the players have these `types`.

    A player's bids share a dummy of his own (OR* players keep their dummies); one with a single bid needs none. Names
    of players and goods go into comments, which readers of the format skip.
    Raises InputError for states, endowments, types without free disposal or without a short list of bids, prices with
    no finite decimal, and a player whose bids would not be read as one player's.
    """
    goods = setting.need_goods("a CATS file")
    if setting.endowment is not None:
        raise InputError("endowment", "goods with owners", "goods without owners, as CATS files have no others")
    rows: list[Row] = []
    dummies = 0
    comments = [f"% {line}" for line in title.splitlines()]
    comments += [f"% good {k}: {name}" for k, name in enumerate(goods) if name != str(k)]
    for player, one in zip(setting.players, types, strict=True):
        mine, used = _rows(one, f"types.{player}", dummies)
        comments.append(f"% bids {len(rows)} to {len(rows) + len(mine) - 1}: {player}")
        rows += mine
        dummies += used
    lines = [*comments, "", f"goods {len(goods)}", f"bids {len(rows)}", f"dummy {dummies}", ""]
    for number, (bundle, value, named) in enumerate(rows):
        numbers = [*members(bundle), *(len(goods) + dummy for dummy in named)]
        lines.append("\t".join([str(number), _decimal(value, f"bid {number}"), *map(str, numbers), "#"]))
    return "\n".join(lines) + "\n"


def _rows(one: Type, where: str, first: int) -> tuple[list[Row], int]:
    """The bids of a player whose dummies are numbered from `first`, and how many dummies they use."""
    if not isinstance(one, Valuation):
        raise InputError(where, "values of states", "a valuation of goods, as CATS files have no states")
    if isinstance(one, ORStar):
        return _or_star(one, where, first), len(one.dummies)
    if not one.free_disposal:
        raise InputError(
            where, f"a valuation ({one.kind}) without free disposal", "free disposal, which CATS bids have"
        )
    bids = one.bids if type(one) is XOR else one.atomic_bids()
    if bids is None:
        found = f"a valuation ({one.kind}) that is no short list of bids"
        raise InputError(where, found, "bids of which one at most wins (XOR)")
    wanted = [bid for bid in bids if bid[0]] or [(1, 0)]
    if len(wanted) == 1:
        ((bundle, value),) = wanted
        return [(bundle, value, ())], 0
    return [(bundle, value, (first,)) for bundle, value in wanted], 1


def _or_star(one: ORStar, where: str, first: int) -> list[Row]:
    rows: list[Row] = []
    for mask, value in one.bids:
        dummies = tuple(first + k for k in range(len(one.dummies)) if mask >> (len(one.goods) + k) & 1)
        rows.append((mask & one.goods.everything, value, dummies))
    linked = {0}
    for _ in rows:
        linked |= {k for k, row in enumerate(rows) if any(set(row[2]) & set(rows[other][2]) for other in linked)}
    if len(linked) < len(rows):
        raise InputError(where, "OR* bids not connected by dummies", "bids that a reader can tell to be one player's")
    return rows


def _decimal(value: Exact, where: str) -> str:
    """`value` as a finite decimal."""
    number = Fraction(value)
    places = 0
    while (number * 10**places).denominator != 1:
        if places > 100 or not _finite(number.denominator):
            raise InputError(
                where, str(value), "a price with a finite decimal", "multiply all prices by a common factor"
            )
        places += 1
    digits = str(abs(int(number * 10**places))).rjust(places + 1, "0")
    return digits if not places else f"{digits[:-places]}.{digits[-places:]}"


def _finite(denominator: int) -> bool:
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1
