"""The claims about leveraging: verdicts on small ranges, shorter lists against longer ones, benchmarks recomputed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import islice, product
from typing import Any

import pytest

from unrigged.analysis.coalitions import partitions
from unrigged.benchmarks import Benchmarks
from unrigged.claims import Scope, Watch
from unrigged.claims.base import replaced
from unrigged.claims.ledger import decide
from unrigged.claims.leveraging.benchmarks import one_step_more, profiles, shared
from unrigged.claims.leveraging.crowd import Crowd
from unrigged.claims.leveraging.independent import bids_well, external, max_worth
from unrigged.claims.leveraging.lemmas import agents, ends_of_the_range, named_well
from unrigged.claims.leveraging.plays import (
    Family,
    all_declarations,
    at_most,
    consistent_declarations,
    declarations,
    hidden_value,
    highest,
    known_welfare,
    many_players,
    naming_anybody,
    offers,
    sale,
    two_players,
    valuations,
)
from unrigged.claims.leveraging.promises import CLAIMS
from unrigged.errors import InputError
from unrigged.mechanisms import BY_NAME, Leveraging
from unrigged.moves.answer import YES
from unrigged.moves.declarations import OUT, Declaration
from unrigged.moves.sealed import PackageBid
from unrigged.outcome import Outcome, free, nothing_sold
from unrigged.play import outcomes
from unrigged.protocol import Position
from unrigged.setting import NOBODY, Goods
from unrigged.valuations import Table

READINGS = {each.key: each for claim in CLAIMS for each in claim.readings.values()}

FAIL = {
    "leveraging.L4 (with the opt-out action)",
    "leveraging.L5 (with the opt-out action)",
    "leveraging.T1 (a crowd, with the opt-out action)",
    "leveraging.T1 (rational plays exist)",
    "leveraging.optout-condition (as printed)",
    "leveraging.optout (as printed)",
    "leveraging.rewarding (in every rational play)",
    "leveraging.independent (over best-belief, c = 1/2)",
}

TWO = Scope(players=2, goods=1, values=(0, 1), announcements=1)
GOODS = Goods(["g1"])


def worth(value: int) -> Table:
    return Table(GOODS, [0, value])


def test_every_id_of_the_sheet_is_there() -> None:
    wanted = "L1 L2 L3 L4 L5 T1 optout-condition optout monotone rewarding naming no-revenue vcg independent"
    assert sorted(claim.id for claim in CLAIMS) == sorted(f"leveraging.{name}" for name in wanted.split())


class NoFineForNaming(Leveraging):
    """Step c: naming players who do not name back costs nothing."""

    def compare_names(self, announced: Any, star: int, second: Any, revenue: Any, present: Any) -> Position:
        return self.first_coin(announced, star, second, revenue, present)


class RefusalsCostNothing(Leveraging):
    """Step g: the star does not pay for those who say NO."""

    def conclude(self, star: int, offer: Any, takers: Any, buyers: Any, answers: Any) -> Position:
        accepted = tuple(buyer for buyer, answer in zip(buyers, answers, strict=True) if answer is YES)
        return super().conclude(star, offer, takers, accepted, (YES,) * len(accepted))


class StarOwesNothing(Leveraging):
    """Step g: the star does not pay the largest revenue announced outside his coalition."""

    def charge(self, star: int, declaration: Any, second: Any, revenue: Any, present: Any) -> Position:
        return super().charge(star, declaration, 0, revenue, present)


class NoDiscount(Leveraging):
    """Step g: who says YES pays the whole price."""

    def conclude(self, star: int, offer: Any, takers: Any, buyers: Any, answers: Any) -> Position:
        found = super().conclude(star, offer, takers, buyers, answers)
        paying = [buyer for buyer, answer in zip(buyers, answers, strict=True) if answer is YES]
        prices = list(found.prices)
        for buyer in paying:
            prices[buyer] += self.eps2
            prices[star] -= self.eps2
        return Outcome(found.result, tuple(prices))


class NeverSells(BY_NAME["independent"]):  # type: ignore[misc]
    """Nothing is ever sold."""

    def start(self) -> Position:
        return Outcome(nothing_sold(self.setting), free(self.setting))


class OwnBid(BY_NAME["second-price-package"]):  # type: ignore[misc]
    """The winner pays his own bid."""

    def sell(self, bids: Any) -> Position:
        found = super().sell(bids)
        winner = max(range(len(bids)), key=lambda i: (bids[i].amount, -i))
        return Outcome(found.result, tuple(bid.amount if i == winner else 0 for i, bid in enumerate(bids)))


@pytest.mark.parametrize(
    ("mutant", "key"),
    [
        (NoFineForNaming, "leveraging.L1 (as printed)"),
        (StarOwesNothing, "leveraging.T1 (as printed)"),
        (RefusalsCostNothing, "leveraging.L3 (as printed)"),
        (NoDiscount, "leveraging.L2 (as printed)"),
        (NeverSells, "leveraging.independent (over best-belief, total performance only)"),
        (OwnBid, "leveraging.independent (over best-belief, total performance only)"),
    ],
)
def test_a_broken_rule_is_noticed(mutant: Any, key: str) -> None:
    reading = READINGS[key]
    with replaced({mutant.name: mutant}):
        assert decide(reading, reading.quick).verdict.status != "holds"


def test_the_shorter_lists_lose_nothing() -> None:
    """Of all declarations of two players with revenues up to 2 and outside prices up to 1: what is in Σ² is, moved onto
    one's own price and with nothing left unsold, in Σ² of the shorter list."""
    short = many_players(replace(TWO, announcements=2), Watch(), together=False, optout="printed")
    mechanism = short.mechanism
    lists = {
        agent: [
            joint
            for joint in own
            if joint[0].outcome.revenue <= 2
            and joint[0].outcome.prices[1 - agent[0]] <= (2 if joint[0].coalition == (0, 1) else 1)
        ]
        for agent, own in all_declarations(mechanism, 2).items()
    }
    long = Family(mechanism, short.types, lists, short.partitions, believed=False)

    def moved(player: int, move: Declaration) -> Declaration:
        filled = [
            tuple(player if owner == NOBODY else owner for owner in each) for each in (move.wish, move.outcome.owners)
        ]
        return Declaration(move.coalition, filled[0], Outcome(filled[1], move.outcome.prices))

    seen = 0
    for player in (0, 1):
        agent = (player,)
        for types in product(short.types, repeat=2):
            for known in short.bounds(agent, types):
                kept = {joint[0] for joint in short.joints(agent, short.second(agent, types, known))}
                for (move,) in long.joints(agent, long.second(agent, types, known)):
                    seen += 1
                    assert moved(player, move) in kept
    assert seen > 20


def test_single_players_who_name_nobody_are_in_the_first_step_when_there_are_two_others() -> None:
    """What the crowd rests on: the two others may be fined, and then one's declaration makes no difference."""
    family = naming_anybody(Scope(players=3, goods=1, values=(0, 1), announcements=1), Watch(), optout="explicit")
    for player, own in product(range(3), family.types):
        agent = (player,)
        first = family.robust.first(family.partitions[0], agent, (own,))
        kept = {joint[0] for joint in family.joints(agent, first)}
        assert kept == {move for (move,) in family.lists[agent] if move is OUT or move.coalition == agent}


def test_a_crowd_reaches_the_bound_where_it_is_small() -> None:
    reading = READINGS["leveraging.T1 (a crowd, with the opt-out action)"]
    assert decide(reading, replace(reading.quick, players=6)).verdict.status == "holds"
    crowd = Crowd(4, 3, optout="explicit")
    with_more = crowd.keeping(1, 9)
    assert any(
        crowd.gained(1, with_more, others, valued=False) <= crowd.gained(1, crowd.declared[1], others, valued=False)
        for others in crowd.cases(1, with_more)
    )
    underbid = crowd.keeping(1, 0)
    everybody_out = [OUT] * 4
    assert crowd.gained(1, crowd.declared[1], everybody_out, valued=True) > crowd.gained(
        1, underbid, everybody_out, valued=True
    )


def test_partitions_and_agents() -> None:
    assert [len(list(partitions(n))) for n in range(1, 5)] == [1, 2, 5, 15]
    assert next(partitions(3)) == ((0,), (1,), (2,))
    assert list(agents(2)) == [(0,), (1,), (0, 1)]


def test_known_welfare_is_the_benchmark() -> None:
    family = two_players(replace(TWO, values=(0, 2), announcements=2), Watch(), optout="printed")
    for situation in islice(family.situations(), 0, None, 7):
        benchmarks = Benchmarks(situation.context(family.mechanism.setting))
        for agent, known in zip(situation.partition, situation.known, strict=True):
            assert benchmarks.mkw(agent).value == known_welfare(known, 1)


def test_what_is_shared_is_the_benchmark_too() -> None:
    types = (worth(0), worth(1), worth(2))
    true = (worth(1), worth(2), worth(1))
    for knowing in islice(profiles(types, true), 0, None, 11):
        from unrigged.context import Bounds, Context

        known = tuple(Bounds({j: bound for j, bound in enumerate(own) if j != i}) for i, own in enumerate(knowing))
        context = Context(sale(Scope(players=3, goods=1)), true, known, ((0, 1),))
        assert Benchmarks(context).mkw((0, 1)).value == known_welfare(shared((0, 1), knowing), 1)
        for i in range(3):
            assert Benchmarks(context).miew(i).value == external(knowing[i], i, 1)
        assert all(
            at_most(before, after) for more in one_step_more(types, true, knowing)
            for one, other in zip(knowing, more, strict=True) for before, after in zip(one, other, strict=True)
        )  # fmt: skip


def test_declarations_say_what_they_should() -> None:
    setting = sale(Scope(players=3, goods=1))
    found = list(declarations(setting, 0, (0, 1), 1, 2))
    assert len(set(found)) == len(found)
    assert all(move.outcome.revenue <= 2 and move.outcome.prices[1] == 0 for move in found)
    assert {move.outcome.prices[2] for move in found if move.outcome.owners != (2,)} == {0}
    assert {move.wish for move in found} == {(0,), (1,)}
    family = many_players(replace(TWO, players=3), Watch(), together=True, optout="explicit")
    for agent, joints in family.lists.items():
        assert all(named_well(agent, joint) for joint in joints)
        assert ((OUT,) * len(agent) in joints) is True
    without = consistent_declarations(family.mechanism, (0, 1), 1, 1, out=False)
    assert not any(OUT in joint for joint in without)


def test_named_well() -> None:
    quiet = Outcome((NOBODY,), (0, 0))
    both, first, second = (Declaration(named, (NOBODY,), quiet) for named in ((0, 1), (0,), (1,)))
    assert named_well((0, 1), (both, both))
    assert named_well((0, 1), (first, second))
    assert not named_well((0, 1), (both, second))
    assert not named_well((0,), (both,))
    assert not named_well((0, 1), (both, OUT))


def test_hidden_value_counts_true_values_inside_and_prices_outside() -> None:
    types = [worth(5), worth(3)]
    assert hidden_value((0,), types, Outcome((0,), (7, 2))) == 5 + 2
    assert hidden_value((0, 1), types, Outcome((1,), (7, 2))) == 3
    assert highest([worth(1), worth(4), worth(2)]) == worth(4)


def test_parameters_near_the_ends_are_allowed() -> None:
    setting = sale(TWO)
    assert len(ends_of_the_range(2)) == 5
    for parameters in ends_of_the_range(2):
        mechanism = Leveraging(setting, **parameters)
        assert 4 * mechanism.eps2 < mechanism.eps1 < 1


def test_performance_is_that_of_the_replayed_play() -> None:
    family = two_players(TWO, Watch(), optout="explicit")
    checked = 0
    for situation in islice(family.situations(), 0, None, 5):
        table = family.robust.tables[situation.partition]
        values = family.performance(situation.types, situation.partition)
        for number in range(0, table.profiles, 211):
            scenario = family.scenario(situation, table.chosen(number))
            distribution = outcomes(scenario.mechanism, scenario.profile())
            context = situation.context(family.mechanism.setting)
            assert Fraction(int(values[number]), table.scale) == distribution.revenue + distribution.welfare(context)
            checked += 1
    assert checked > 40


def test_offers_reach_every_star_and_coalition() -> None:
    stars = set()
    for table in offers(replace(TWO, players=3), optout="printed"):
        for replies in table.replies:
            stars.update((space.star, replies.players) for space in replies.spaces)  # type: ignore[attr-defined]
    assert stars == {(star, (other,)) for star in range(3) for other in range(3) if star != other}


def test_colluders_bid_once() -> None:
    types = (worth(1), worth(2))
    high, low, nothing = PackageBid(2, 1), PackageBid(1, 1), PackageBid(0, 0)
    assert max_worth(types[1]) == 2
    assert bids_well((0, 1), (nothing, high), types)
    assert not bids_well((0, 1), (low, high), types)
    assert not bids_well((0,), (high,), types)
    assert bids_well((0,), (low,), types)


def test_prices_must_reach_the_values() -> None:
    with pytest.raises(InputError, match="take 2 or more"):
        two_players(replace(TWO, values=(0, 2)), Watch())


def test_valuations_of_the_range() -> None:
    assert [one.values for one in valuations(TWO)] == [(0, 0), (0, 1)]  # type: ignore[attr-defined]
    assert len(valuations(replace(TWO, goods=2))) == 8
