"""Whether a context is what its mechanism needs: integer values, bounds, knowledge, coalitions."""

from __future__ import annotations

from collections.abc import Iterable

from unrigged.context import Bounds, Box, Context, Knowledge, Nothing, Perfect, Precision, Profiles
from unrigged.errors import InputError
from unrigged.exact import Exact, total, written
from unrigged.mechanisms.base import Mechanism
from unrigged.setting import braced
from unrigged.valuations import OR, Type, Valuation

_KINDS: dict[type[Knowledge], str] = {
    Perfect: "perfect",
    Nothing: "none",
    Precision: "precision",
    Bounds: "bounds",
    Box: "belief",
    Profiles: "profiles",
}

FEW_BIDS = 20
"""OR valuations of more bids than this are bounded by winner determination, not by enumeration."""


def check_context(mechanism: Mechanism, context: Context) -> None:
    """Check that `context` is one for which `mechanism` makes its promise.

    Checked: the setting is the mechanism's; values are integers, and not below the least allowed one, where the
    mechanism says so; every value is smaller in size than the public bound; known lower bounds are true; knowledge is
    as the mechanism supposes; not everybody colludes where that is excluded.
    Raises InputError that names the place (`types.alice`, `knowledge.bob`, `coalitions`).
    """
    if context.setting != mechanism.setting:
        raise InputError("context", "another setting than the mechanism's", "the setting the mechanism is built for")
    for name, one in zip(context.setting.players, context.types, strict=True):
        _check_type(mechanism, one, f"types.{name}")
    context.check_bounds_true()
    if mechanism.requires.knowledge == "perfect":
        _check_perfect(mechanism, context)
    if not mechanism.requires.grand_coalition and len(context.coalitions) == 1 and context.setting.n > 1:
        raise InputError(
            "coalitions", "everybody in one coalition", f"at least two agents, which {mechanism.name} needs"
        )


def _check_type(mechanism: Mechanism, one: Type, where: str) -> None:
    need, bound = mechanism.requires, mechanism.setting.value_bound
    if need.integer_values and not one.integral:
        number = next((number for number in numbers_of(one) if not isinstance(number, int)), None)
        found = "values that are not whole" if number is None else f"the value {written(number)}"
        raise InputError(where, found, f"integer values, which {mechanism.name} needs", "count in a smaller unit")
    if need.least_value is not None and any(number < need.least_value for number in numbers_of(one)):
        least = one.range()[0]
        if least < need.least_value:
            raise InputError(where, f"the value {written(least)}", f"values >= {need.least_value} for {mechanism.name}")
    if bound is not None:
        largest = largest_size(one)
        if largest >= bound:
            raise InputError(
                where,
                f"a value of size {written(largest)}",
                f"values v with |v| < {bound}, the public bound",
                "raise value_bound",
            )


def _check_perfect(mechanism: Mechanism, context: Context) -> None:
    for player, known in enumerate(context.knowledge):
        if not _knows_everything(context, player, known):
            raise InputError(
                f"knowledge.{context.setting.players[player]}",
                f"knowledge of the kind '{_KINDS[type(known)]}'",
                f"perfect knowledge, which {mechanism.name} supposes",
                "write knowledge: perfect",
            )


def uncovered(mechanism: Mechanism, context: Context) -> tuple[str, ...]:
    """What of `context` may be played, but is not covered by the guarantee of `mechanism`: a note for each."""
    names, notes = context.setting.players, []
    if not mechanism.requires.covers_coalitions:
        for members in context.coalitions:
            if len(members) > 1:
                who = braced(names[member] for member in members)
                notes.append(f"coalitions: the guarantee of {mechanism.name} does not cover colluders, here {who}")
    if mechanism.requires.covers_knowledge == "perfect":
        less = [i for i, known in enumerate(context.knowledge) if not _knows_everything(context, i, known)]
        if less:
            who = names[less[0]] + (f" and {len(less) - 1} more" if len(less) > 1 else "")
            notes.append(
                f"knowledge: the guarantee of {mechanism.name} supposes that everybody knows all types; {who} may not"
            )
    return tuple(notes)


def _knows_everything(context: Context, player: int, known: Knowledge) -> bool:
    if isinstance(known, Profiles):
        return all(profile == context.types for profile in known.profiles)
    if isinstance(known, Precision):
        others = (other for other in context.setting.everyone if other != player)
        return all(context.lower(player, other) == context.types[other] for other in others)
    return isinstance(known, Perfect) or context.setting.n == 1


def numbers_of(one: Type) -> Iterable[Exact]:
    """The numbers that `one` is written with; every value is a sum of some of them, or one of them."""
    return one.numbers() if isinstance(one, Valuation) else one.values


def largest_size(one: Type) -> Exact:
    """The greatest |v| over all values v of `one`; for OR bids too many to enumerate, as far as a search proves it."""
    if isinstance(one, OR) and len(one.bids) > FEW_BIDS:
        from unrigged.winners import Auction, winners

        within = total(value for _, value in one.bids)
        return min(within, winners(Auction(one.goods, (one,)), limit=10).bound)
    least, greatest = one.range()
    return max(-least, greatest)


def smallest_bound(types: Iterable[Type]) -> int:
    """The smallest power of two above the size of every value of `types`.

    >>> from unrigged.valuations import Additive
    >>> smallest_bound([Additive("a b", {"a": 30, "b": 34})])
    128
    """
    largest = max((largest_size(one) for one in types), default=0)
    return 1 << int(largest).bit_length()


def types_in(context: Context) -> list[Type]:
    """Every type that `context` writes: the true ones, known bounds, and those believed possible."""
    found: list[Type] = list(context.types)
    for known in context.knowledge:
        if isinstance(known, Bounds | Box):
            found.extend(known.lower.values())
        if isinstance(known, Box):
            found.extend(known.upper.values())
        if isinstance(known, Profiles):
            found.extend(one for profile in known.profiles for one in profile)
    return found
