"""Which numbers of a CATS file are goods and which are dummies, header and body considered together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unrigged.errors import InputError
from unrigged.exact import Exact

WAY_OUT = "correct the header, or say in the scenario what they are: beyond: goods, or beyond: dummies"


@dataclass(frozen=True)
class Bid:
    """One line: where it stands, its number, its price, and the numbers it names (goods and dummies), each once."""

    line: int
    number: int
    price: Exact
    wanted: tuple[int, ...]


@dataclass(frozen=True)
class Numbers:
    """The numbers of the goods, ascending, and of the dummies in use; notes where header and body disagree."""

    goods: Sequence[int]
    dummies: frozenset[int]
    notes: tuple[str, ...] = ()

    def is_dummy(self, number: int) -> bool:
        """Whether `number` is a dummy."""
        return number in self.dummies

    def dummies_of(self, bid: Bid) -> list[int]:
        """The dummies that `bid` names."""
        return [number for number in bid.wanted if number in self.dummies]


def numbers_of(bids: list[Bid], goods: int, declared: int | None, beyond: str, where: str) -> Numbers:
    """The goods and dummies of `bids`, the header having declared so many `goods` and dummies (None: no such line).

    The rule: numbers from `goods` on are dummies; where there are numbers below 0, these are the dummies and all others
    are goods. Raises InputError, with the line, where the numbers beyond the header may be either.
    """
    used = {number for bid in bids for number in bid.wanted}
    negative = frozenset(number for number in used if number < 0)
    if negative:
        return _with_negative(bids, used, negative, goods, declared, beyond, where)
    past = frozenset(number for number in used if number >= goods)
    outside = frozenset(number for number in past if number >= goods + (declared or 0))
    if outside and beyond == "goods":
        listed = sorted((used - past) | set(range(goods)) | outside)
        words = f"{_listed(outside)} {_are(outside)} read as goods beyond the header's {goods}, as the scenario says"
        return Numbers(listed, past - outside, (words, *_unused(past - outside, declared)))
    if not outside:
        return Numbers(range(goods), past, tuple(_unused(past, declared)))
    if not beyond:
        _refuse_if_ambiguous(bids, used, past, outside, goods, declared, where)
    what = "is read as an undeclared dummy" if len(outside) == 1 else "are read as undeclared dummies"
    header = f"the header says {counted(goods, 'good')} and {counted(declared or 0, 'dummy', 'dummies')}"
    return Numbers(range(goods), past, (f"{_listed(outside)} {what}: {header}",))


def _with_negative(
    bids: list[Bid], used: set[int], negative: frozenset[int], goods: int, declared: int | None, beyond: str, where: str
) -> Numbers:
    """Dummies below 0, as SATS writes them: all other numbers are goods."""
    past = used - negative
    outside = frozenset(number for number in past if number >= goods)
    notes = [f"dummies are numbered below 0 ({len(negative)} of them in use), all other numbers are goods"]
    if declared is not None and declared != len(negative):
        notes.append(f"the header says {declared} dummies, the bids use {len(negative)}")
    if not outside:
        return Numbers(range(goods), negative, tuple(notes))
    for bid in bids:
        stray = [number for number in bid.wanted if number in outside]
        if stray and not beyond and not any(number in negative for number in bid.wanted):
            raise InputError(
                f"{where}, line {bid.line}",
                f"{stray[0]}, beyond the header's {goods} goods, in a bid without a dummy below 0",
                "goods and dummies that can be told apart",
                WAY_OUT,
            )
    if beyond == "dummies":
        return Numbers(range(goods), negative | outside, (*notes, f"{_listed(outside)} are read as dummies as well"))
    notes.append(
        f"{_listed(outside)} {_are(outside)} read as goods beyond the header's {goods}, being named beside dummies"
    )
    if len(past) < goods:
        notes.append(
            f"the bids name {len(past)} of the header's {goods} goods; the others, of unknown number, are left out"
        )
    return Numbers(sorted(past), negative, tuple(notes))


def _refuse_if_ambiguous(
    bids: list[Bid],
    used: set[int],
    past: frozenset[int],
    outside: frozenset[int],
    goods: int,
    declared: int | None,
    where: str,
) -> None:
    header = f"the header's {counted(goods, 'good')} and {counted(declared or 0, 'dummy', 'dummies')}"
    for bid in bids:
        several = [number for number in bid.wanted if number in past]
        if len(several) > 1 and any(number in outside for number in several):
            found = f"{several[0]} and {several[1]} in one bid, beyond {header}"
            raise InputError(f"{where}, line {bid.line}", found, "at most one undeclared dummy in a bid", WAY_OUT)
    if not declared and len(used) <= goods:
        first = next(bid for bid in bids if any(number in outside for number in bid.wanted))
        number = next(number for number in first.wanted if number in outside)
        expected = "goods and dummies that can be told apart (it may be a good where goods are not counted from 0)"
        found = f"{number}, beyond {header}"
        raise InputError(f"{where}, line {first.line}", found, expected, WAY_OUT)


def counted(number: int, one: str, more: str = "") -> str:
    """`number` with its noun: no bids, 1 bid, 2 bids."""
    return f"1 {one}" if number == 1 else f"{number or 'no'} {more or one + 's'}"


def _unused(used: frozenset[int], declared: int | None) -> list[str]:
    if declared is None:
        return ["the header does not say how many dummies there are; the bids use none"]
    return [f"of {declared} declared dummies the bids use {len(used)}"] if len(used) < declared else []


def _listed(numbers: frozenset[int]) -> str:
    shown = sorted(numbers)
    few = ", ".join(map(str, shown[:3]))
    return ("the number " if len(shown) == 1 else "the numbers ") + (
        few if len(shown) <= 3 else f"{few}, ... ({len(shown)} of them)"
    )


def _are(numbers: frozenset[int]) -> str:
    return "is" if len(numbers) == 1 else "are"
