"""What everybody knows: players, goods or states, endowment, value bounds.

Players are numbered from 0 in code (a paper's player 1 is player 0). A *bundle* is an integer bit mask over the goods
(bit g for goods[g]); an *allocation* lists the owner of each good in order, `NOBODY` where it stays unsold or is
destroyed. Compared as tuples, allocations come in the lexicographic order of the papers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from unrigged.errors import InputError, nearest
from unrigged.exact import Exact, integer

Bundle = int
Allocation = tuple[int, ...]
State = int

NOBODY = -1
"""The owner of a good that is unsold or destroyed."""

NULL_STATE: State = -1
"""The null state, worth 0 to everyone."""


def _checked_names(names: Iterable[str], what: str) -> tuple[str, ...]:
    found = tuple(names)
    for name in found:
        if not isinstance(name, str) or not name.strip():
            raise InputError(what, "an empty name" if isinstance(name, str) else name, "names that are non-empty texts")
        if any(not character.isprintable() for character in name):
            raise InputError(what, ascii(name), "names of printable characters")
    if len(set(found)) != len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise InputError(what, f"'{twice}' twice", "names that differ")
    return found


class Goods(tuple[str, ...]):
    """The goods for sale, by name, in order.

    >>> goods = Goods(["left", "right"])
    >>> goods.bundle(["right"]), goods.names(3)
    (2, ('left', 'right'))
    """

    __slots__ = ()

    def __new__(cls, names: Iterable[str]) -> Goods:
        if isinstance(names, str):
            names = names.split()
        return super().__new__(cls, _checked_names(names, "goods"))

    @property
    def everything(self) -> Bundle:
        """The bundle of all goods."""
        return (1 << len(self)) - 1

    def number(self, name: str, where: str = "goods") -> int:
        """The position of the good called `name`; InputError if there is none."""
        try:
            return self.index(name)
        except ValueError:
            raise InputError(
                where, f"the good '{name}'", "a good of this setting", nearest(str(name), list(self))
            ) from None

    def bundle(self, names: Iterable[str], where: str = "bundle") -> Bundle:
        """The bundle of the goods called `names`; InputError for an unknown good or one named twice."""
        mask = 0
        for name in [names] if isinstance(names, str) else names:
            bit = 1 << self.number(name, where)
            if mask & bit:
                raise InputError(where, f"the good '{name}' twice", "every good at most once")
            mask |= bit
        return mask

    def names(self, bundle: Bundle) -> tuple[str, ...]:
        """The names of the goods in `bundle`, in order."""
        return tuple(self[good] for good in members(bundle))

    def __repr__(self) -> str:
        return f"Goods({list(self)!r})"

    def written(self, bundle: Bundle) -> str:
        """`bundle` in words: `{left, right}`."""
        return braced(self.names(bundle))


class States(tuple[str, ...]):
    """The states to choose from, by name, in order; the null state is not among them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"States({list(self)!r})"

    def __new__(cls, names: Iterable[str]) -> States:
        return super().__new__(cls, _checked_names(names, "states"))

    def number(self, name: str, where: str = "states") -> State:
        """The position of the state called `name`; InputError if there is none."""
        try:
            return self.index(name)
        except ValueError:
            raise InputError(
                where, f"the state '{name}'", "a state of this setting", nearest(str(name), list(self))
            ) from None

    def written(self, state: State) -> str:
        """The name of `state`, or `nothing (the null state)`."""
        return "nothing (the null state)" if state == NULL_STATE else self[state]


def braced(names: Iterable[str]) -> str:
    """`names` as a set in words: `{ann, bob}`; a name with a comma or a brace is quoted."""
    return "{" + ", ".join(json.dumps(n, ensure_ascii=False) if set(n) & set(",{}") else n for n in names) + "}"


def members(bundle: Bundle) -> Iterator[int]:
    """The goods of `bundle` by number, ascending."""
    while bundle:
        lowest = bundle & -bundle
        yield lowest.bit_length() - 1
        bundle ^= lowest


def subsets(bundle: Bundle) -> Iterator[Bundle]:
    """Every bundle contained in `bundle`, in ascending order of masks, the empty one first."""
    subset = 0
    while True:
        yield subset
        if subset == bundle:
            return
        subset = (subset - bundle) & bundle


def bundles_of(allocation: Allocation, players: int) -> list[Bundle]:
    """What each of the `players` receives in `allocation`."""
    received = [0] * players
    for good, owner in enumerate(allocation):
        if owner != NOBODY:
            received[owner] |= 1 << good
    return received


def bundle_of(allocation: Allocation, player: int) -> Bundle:
    """What `player` receives in `allocation`."""
    received = 0
    for good, owner in enumerate(allocation):
        if owner == player:
            received |= 1 << good
    return received


def allocation_of(bundles: Sequence[Bundle], goods: int) -> Allocation:
    """The allocation that gives player i `bundles[i]`; InputError if two bundles overlap."""
    owners = [NOBODY] * goods
    for player, bundle in enumerate(bundles):
        for good in members(bundle):
            if owners[good] != NOBODY:
                raise InputError("allocation", f"good number {good + 1} with two owners", "disjoint bundles")
            owners[good] = player
    return tuple(owners)


@dataclass(frozen=True)
class Setting:
    """The common knowledge a mechanism is built from.

    `players`: names, at least one. Exactly one of `goods` and `states`, except that a setting with goods may be used
    by a mechanism that takes all allocations as its states. `endowment` (markets): the allocation everybody starts
    from. `value_bound`: a public integer B; every value v has |v| < B.
    """

    players: tuple[str, ...]
    goods: Goods | None = None
    states: States | None = None
    endowment: Allocation | None = None
    value_bound: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "players", _checked_names(self.players, "players"))
        if not self.players:
            raise InputError("players", "none", "at least one player")
        if (self.goods is None) == (self.states is None):
            raise InputError("setting", "both or neither of goods and states", "exactly one of goods and states")
        if self.goods is not None and not isinstance(self.goods, Goods):
            object.__setattr__(self, "goods", Goods(self.goods))
        if self.goods is not None and not self.goods:
            raise InputError("goods", "none", "at least one good")
        if self.states is not None:
            object.__setattr__(self, "states", States(self.states))
            if not self.states:
                raise InputError("states", "none", "at least one state")
        if self.endowment is not None:
            self._check_endowment(self.endowment)
        if self.value_bound is not None:
            integer(self.value_bound, "value_bound", least=1)

    def _check_endowment(self, endowment: Allocation) -> None:
        if self.goods is None:
            raise InputError("endowment", "an endowment", "none, as this setting has states and no goods")
        if len(endowment) != len(self.goods):
            raise InputError(
                "endowment", f"{len(endowment)} owners", f"one owner for each of the {len(self.goods)} goods"
            )
        for good, owner in zip(self.goods, endowment, strict=True):
            if not 0 <= owner < len(self.players):
                raise InputError(
                    "endowment", f"no owner for the good '{good}'", "every good to have an owner among the players"
                )

    @property
    def n(self) -> int:
        """The number of players."""
        return len(self.players)

    @cached_property
    def everyone(self) -> range:
        """All players, by number."""
        return range(len(self.players))

    @property
    def m(self) -> int:
        """The number of goods; 0 in the states domain."""
        return 0 if self.goods is None else len(self.goods)

    @cached_property
    def endowed(self) -> tuple[Bundle, ...]:
        """What each player starts with (nothing where there is no endowment)."""
        return tuple(bundles_of(self.endowment or (), self.n))

    def player(self, name: str, where: str = "player") -> int:
        """The number of the player called `name`; InputError if there is none."""
        try:
            return self.players.index(name)
        except ValueError:
            raise InputError(
                where, f"the player '{name}'", "a player of this setting", nearest(str(name), list(self.players))
            ) from None

    def need_goods(self, who: str) -> Goods:
        """The goods; InputError naming `who` (a mechanism) where the setting has states instead."""
        if self.goods is None:
            raise InputError("setting", "states", f"goods, which {who} needs")
        return self.goods

    def need_states(self, who: str) -> States:
        """The states; InputError naming `who` (a mechanism) where the setting has goods instead."""
        if self.states is None:
            raise InputError("setting", "goods", f"states, which {who} needs")
        return self.states


def auction(players: Iterable[str], goods: Iterable[str]) -> Setting:
    """A setting in which `goods` are for sale to `players`."""
    return Setting(tuple(players), goods=Goods(goods))


def choice(players: Iterable[str], states: Iterable[str], *, value_bound: int | None = None) -> Setting:
    """A setting in which one of `states` (or none) is chosen for all `players`."""
    return Setting(tuple(players), states=States(states), value_bound=value_bound)


def market(players: Iterable[str], endowment: dict[str, Iterable[str]], value_bound: int) -> Setting:
    """A setting in which the players own the goods: `endowment` maps each player's name to what he owns.

    The goods are those named in the endowment, in order of appearance.
    """
    names = tuple(players)
    listed = [good for owned in endowment.values() for good in ([owned] if isinstance(owned, str) else owned)]
    goods = Goods(dict.fromkeys(listed))
    owners = [NOBODY] * len(goods)
    for name, owned in endowment.items():
        if name not in names:
            raise InputError(
                "endowment", f"the player '{name}'", "a player of this setting", nearest(name, list(names))
            )
        for good in [owned] if isinstance(owned, str) else owned:
            number = goods.number(good)
            if owners[number] != NOBODY:
                found = f"the good '{good}' owned by {names[owners[number]]} and by {name}"
                raise InputError("endowment", found, "one owner for every good")
            owners[number] = names.index(name)
    return Setting(names, goods=goods, endowment=tuple(owners), value_bound=value_bound)


Values = tuple[Exact, ...]
