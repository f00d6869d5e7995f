"""Auctions of a range, and what follows reports in a mechanism that asks once; shared by the claims on VCG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from unrigged.claims.base import Scope
from unrigged.context import Coalition, Context, worth
from unrigged.exact import Exact, total
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.protocol import Decision, Move, settle
from unrigged.scenario import Plan, Scenario
from unrigged.setting import NOBODY, Goods, Setting, auction, bundles_of
from unrigged.valuations import ExactBundles, Table, Type


def auctions(scope: Scope, fewest: int = 1, fewest_goods: int = 1) -> Iterator[Setting]:
    """Auctions without owners, smaller ones first, up to the players and goods of the range."""
    for n in range(fewest, scope.players + 1):
        for m in range(fewest_goods, scope.goods + 1):
            yield auction(scope.names[:n], scope.good_names[:m])


def markets(scope: Scope) -> Iterator[Setting]:
    """Markets of two or more players, smaller ones first; every good has every owner once."""
    bound = 1 + max(map(abs, scope.values))
    for n in range(2, scope.players + 1):
        for m in range(1, scope.goods + 1):
            for owners in product(range(n), repeat=m):
                yield Setting(scope.names[:n], Goods(scope.good_names[:m]), endowment=owners, value_bound=bound)


def tables(setting: Setting, values: Sequence[Exact]) -> tuple[Table, ...]:
    """Every valuation whose values are among `values`, free disposal or not."""
    goods = setting.need_goods("a valuation")
    return tuple(Table(goods, (0, *row)) for row in product(values, repeat=(1 << len(goods)) - 1))


def only_everything(goods: Goods, value: Exact) -> ExactBundles:
    """Worth something only with all goods."""
    return ExactBundles(goods, [(goods.everything, value)])


def concluded(mechanism: Mechanism, moves: Sequence[Move]) -> Outcome:
    """The outcome of a mechanism whose players move once, all together."""
    decision, _ = settle(mechanism.start())
    assert isinstance(decision, Decision)
    outcome, _ = settle(decision.after(moves))
    assert isinstance(outcome, Outcome)
    return outcome


def gains(setting: Setting, types: Sequence[Type], outcome: Outcome) -> tuple[Exact, ...]:
    """Everybody's utility: his value of what he gets, less that of what he owned beforehand, less his price."""
    owned = setting.endowment
    return tuple(
        worth(one, i, outcome.result) - (0 if owned is None else worth(one, i, owned)) - outcome.prices[i]
        for i, one in enumerate(types)
    )


def welfare(types: Sequence[Type], outcome: Outcome) -> Exact:
    """The sum of everybody's values of the result."""
    return total(worth(one, i, outcome.result) for i, one in enumerate(types))


def greatest_welfare(setting: Setting, types: Sequence[Table]) -> Exact:
    """The greatest sum of values over all allocations, one by one; goods may stay unsold."""
    return max(
        total(one.values[bundle] for one, bundle in zip(types, bundles_of(owners, setting.n), strict=True))
        for owners in product(range(NOBODY, setting.n), repeat=setting.m)
    )


def reported(
    mechanism: Mechanism,
    types: Sequence[Type],
    reports: Sequence[Move],
    title: str,
    coalitions: Sequence[Coalition] = (),
) -> Scenario:
    """The scenario in which players of these types make these reports."""
    decision, _ = settle(mechanism.start())
    assert isinstance(decision, Decision)
    context = Context(mechanism.setting, tuple(types), (), tuple(coalitions))
    names = mechanism.setting.players
    script: Mapping[str, Mapping[str, Any]] = {
        decision.label: {
            names[i]: space.encode(move) for (i, space), move in zip(decision.actors, reports, strict=True)
        }
    }
    silent = tuple((agent, Plan("silent")) for agent in context.coalitions)
    return Scenario(mechanism, context, title, plans=silent, moves=script)
