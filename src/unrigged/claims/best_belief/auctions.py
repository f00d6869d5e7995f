"""The auctions of a range, what can be announced in them, and what is sure: shared by the best-belief claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from random import Random

from unrigged.claims.base import Scope, build
from unrigged.context import Box, Knowledge
from unrigged.exact import Exact, written
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.offers import Wish
from unrigged.outcome import Outcome
from unrigged.setting import NOBODY, Setting, auction, bundle_of
from unrigged.valuations import ExactBundles, Table

Types = tuple[Table, ...]
Wishes = tuple[Wish, ...]


def settings(scope: Scope) -> Iterator[Setting]:
    """Auctions from two players and one good on, up to the players and goods of the range; smaller ones first."""
    for n, m in sorted(product(range(2, scope.players + 1), range(1, scope.goods + 1)), key=sum):
        yield auction(scope.names[:n], scope.good_names[:m])


def small_settings(scope: Scope) -> Iterator[Setting]:
    """Those of them that have two players or one good."""
    return (setting for setting in settings(scope) if setting.n == 2 or setting.m == 1)


def drawn(scope: Scope, own: Sequence[Table], n: int) -> Iterator[Types]:
    """All profiles of `own` types, or as many drawn as the range says where these are more."""
    if not scope.samples or len(own) ** n <= scope.samples:
        yield from product(own, repeat=n)
        return
    rng = Random(scope.seed)
    for _ in range(scope.samples):
        yield tuple(rng.choice(own) for _ in range(n))


def tables(setting: Setting, values: Sequence[Exact]) -> tuple[Table, ...]:
    """Every valuation whose values are among `values`, free disposal or not."""
    goods = setting.need_goods("a valuation")
    return tuple(Table(goods, (0, *row)) for row in product(values, repeat=(1 << len(goods)) - 1))


def offers(setting: Setting, seller: int, prices: Sequence[Exact]) -> list[Outcome]:
    """Every outcome in which `seller` (`NOBODY` for the house) sells to others, at `prices` > 0."""
    buyers = [NOBODY, *(j for j in setting.everyone if j != seller)]
    found = []
    for owners in product(buyers, repeat=setting.m):
        lists = [prices if j in owners else (0,) for j in setting.everyone]
        found += [Outcome(owners, paid) for paid in product(*lists)]
    return found


def epsilons(scope: Scope) -> list[Exact]:
    """The parameters eps tried in best-belief: that of the range, or 1/10 and 1."""
    given = scope.parameters.get("eps")
    return [given] if given is not None else [Fraction(1, 10), 1]


def every_mechanism(scope: Scope) -> Iterator[Mechanism]:
    """Best-belief in every auction of the range with two players or one good, for every eps."""
    for setting in small_settings(scope):
        for eps in epsilons(scope):
            yield build("best-belief", setting, eps=eps)


def covered(tried: Sequence[Exact]) -> str:
    """The range in words, as far as the fields of a scope do not tell it."""
    return f"eps = {', '.join(map(written, tried))}; auctions with two players or one good"


def announcements(setting: Setting, types: Types, scope: Scope, *, sure: bool) -> Iterator[Wishes]:
    """Everybody announces his favourite set with every sale, or, where `sure`, with every one that all accept."""
    prices = range(1, scope.announcements + 1)
    lists = [
        [Wish(own.favourite(), offer) for offer in offers(setting, i, prices) if not sure or accepts(offer, types)]
        for i, own in enumerate(types)
    ]
    yield from product(*lists)


def sure_of(setting: Setting, offer: Outcome) -> Box:
    """The belief that everybody is worth what he is offered at least its price, and nothing else."""
    goods = setting.need_goods("a belief")
    return Box({
        j: ExactBundles(goods, [(bundle_of(offer.owners, j), offer.prices[j])])
        for j in setting.everyone
        if j in offer.owners
    })  # fmt: skip


def sure_beliefs(setting: Setting, made: Wishes) -> tuple[Knowledge, ...]:
    """Everybody believes what he announces to be sure, and nothing else."""
    return tuple(sure_of(setting, wish.offer) for wish in made)


def accepts(offer: Outcome, types: Sequence[Table]) -> bool:
    """Whether everybody values what he is offered at its price or more."""
    return all(types[j].values[bundle_of(offer.owners, j)] >= price for j, price in enumerate(offer.prices) if price)


def nothing(setting: Setting) -> Wish:
    """To want nothing and to sell nothing."""
    return Wish(0, Outcome((NOBODY,) * setting.m, (0,) * setting.n))
