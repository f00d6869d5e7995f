"""Claims on the market mechanism: their verdicts, the mathematics behind them, and rules broken on purpose."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from unrigged.analysis.coalitions import partitions
from unrigged.analysis.root import root_set
from unrigged.claims.base import Claim, Scope, replaced
from unrigged.claims.market import money, root, theorems, votes
from unrigged.claims.market.games import MarketGame, contexts, markets, parameters, proposals, two_answers
from unrigged.claims.market.prices import vertices
from unrigged.context import Context
from unrigged.mechanisms import Market
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Position
from unrigged.setting import Goods, Setting
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import Table

CLAIMS: tuple[Claim, ...] = (*votes.CLAIMS, *root.CLAIMS, *theorems.CLAIMS, *money.CLAIMS)
FAILING = {
    "market.L10 (as printed)",
    "market.T1b (with the root set of Lemmas 10 and 11)",
    "market.gain (as printed)",
    "market.range (as printed)",
    "market.range (in every outcome)",
    "market.L4 (utilities in every outcome)",
    "market.L11 (utilities in every outcome)",
}
READINGS = [reading for claim in CLAIMS for reading in claim.readings.values()]
SMALL = Scope(players=2, goods=1, values=(-1, 1), parameters={"eps": Fraction(1, 20), "delta": Fraction(1, 50)})


def test_what_fails_as_printed_has_a_repair() -> None:
    for key in (key for key in FAILING if "as printed" in key or "root set" in key):
        claim = next(claim for claim in CLAIMS if key.startswith(f"{claim.id} "))
        assert any(each.repair for each in claim.readings.values())


def test_a_range_without_any_case_decides_nothing() -> None:
    worthless = Scope(players=2, goods=1, values=(0, 0))
    assert root.L4.read().verdict(worthless).status == "undecided"
    assert root.L3.read().verdict(worthless).status == "holds"


# The first moves


def game(n: int, m: int, bound: int, seed: int) -> tuple[MarketGame, Random]:
    rng = Random(seed)
    goods = Goods([f"g{k}" for k in range(m)])
    setting = Setting(tuple(f"p{i}" for i in range(n)), goods, endowment=tuple(rng.randrange(n) for _ in range(m)),
                      value_bound=bound)  # fmt: skip
    return MarketGame.of(Market(setting)), rng


def context(of: MarketGame, rng: Random) -> Context:
    goods, most = of.setting.need_goods("a market"), (of.setting.value_bound or 1) - 1
    size = (1 << len(goods)) - 1
    return Context(of.setting, tuple(
        Table(goods, [0, *(rng.randint(-most, most) for _ in range(size))]) for _ in of.setting.players
    ))  # fmt: skip


def test_every_regular_proposal_is_listed_once() -> None:
    mechanism = game(3, 1, 2, 1)[0].mechanism
    listed = list(proposals(mechanism))
    assert len(listed) == len(set(listed))
    assert listed[0] == mechanism.stay
    going_on = [each for each in listed if not isinstance(mechanism.check_prices((each,)), Outcome)]
    assert len(going_on) == 4 * 7**2 - 1
    others = {mechanism.check_prices((each,)) for each in set(listed) - set(going_on) - {mechanism.stay}}
    assert others == {mechanism.punished}


@pytest.mark.parametrize("seed", range(6))
def test_utilities_of_rational_play_are_those_of_the_exact_distribution(seed: int) -> None:
    of, rng = game(2 + seed % 2, 1 + (seed < 3), 2, seed)
    for _ in range(4):
        where = context(of, rng)
        valued = of.rooted.valued(where)
        for partition in partitions(of.rooted.n):
            collusive = Context(of.setting, where.types, coalitions=partition)
            found = root_set(valued, partition)
            named = root.named_set(of, where, collusive.coalition_of(0))
            profile = rational_profile(of.mechanism, collusive)
            played = outcomes(of.mechanism, profile)
            move = next(iter(played.plays)).history[0].moves[0][1]
            assert named.moves[of.rooted.numbers[move]], "the strategy proposes a member of the set that is named"
            for coalition in collusive.coalitions:
                assert found.utility(coalition, of.rooted.numbers[move]) == played.utility(where, coalition)


def test_the_proposers_utility_in_closed_form() -> None:
    of, rng = game(3, 1, 4, 5)
    eps, delta, n = of.mechanism.eps, of.mechanism.delta, 3
    for _ in range(10):
        where = context(of, rng)
        found = root_set(of.rooted.valued(where), ((0,), (1,), (2,)))
        stay = of.mechanism.endowment
        gain = max(where.welfare((owner,)) for owner in (-1, 0, 1, 2)) - where.welfare(stay)
        own = where.worth(0, stay)
        heads = gain - 2 * (n - 1) * eps
        tails = Fraction(gain - (n - 1) * own, n) - Fraction(n * n - 1, n) * eps
        expected = (1 - delta) * heads + delta * tails if gain else 0
        assert {found.utility((0,), action) for action in found.best} == {expected}


def test_the_tie_of_the_grand_coalition() -> None:
    of, _ = game(2, 1, 2, 3)
    goods = of.setting.need_goods("a market")
    worthless = Context(of.setting, tuple(Table(goods, [0, 0]) for _ in range(2)))
    together = root_set(of.rooted.valued(worthless), ((0, 1),))
    assert len(together.best) == 3 * 7, "(E, 0) and all regular proposals"
    assert root_set(of.rooted.valued(worthless), ((0,), (1,))).best == (of.stay,)


@pytest.mark.parametrize("seed", range(4))
def test_the_best_vertex_is_best_of_all_prices(seed: int) -> None:
    of, rng = game(3, 1, 2, seed)
    for _ in range(3):
        where = context(of, rng)
        few = MarketGame.of(of.mechanism, vertices(of.mechanism, where))
        assert len(few.rooted.actions) < len(of.rooted.actions)
        for partition in partitions(3):
            first = next(block for block in partition if 0 in block)
            every, some = (
                {each.rooted.actions[action]: found.utility(first, action) for action in found.best}
                for each in (of, few)
                for found in [root_set(each.rooted.valued(where), partition)]
            )
            assert set(every.values()) == set(some.values()), "no other price does better than a vertex"
            assert set(some) <= set(every)
            asked = {(move.owners, *(move.prices[i] for i in range(1, 3) if i not in first)) for move in every}
            assert asked == {(m.owners, *(m.prices[i] for i in range(1, 3) if i not in first)) for m in some}


def test_parameters_come_near_their_ends() -> None:
    setting = next(markets(SMALL))
    pairs = list(parameters(setting, Scope(players=2, goods=1, values=(-1, 1))))
    assert len(set(pairs)) == 5
    for eps, delta in pairs:
        Market(setting, eps=eps, delta=delta)
    assert max(eps for eps, _ in pairs) > Fraction(99, 100) / 10
    assert min(eps for eps, _ in pairs) < Fraction(1, 100) / 10
    assert max(delta / eps for eps, delta in pairs) > Fraction(99, 100) / 2
    assert list(parameters(setting, SMALL)) == [(Fraction(1, 20), Fraction(1, 50))]


def test_all_types_or_as_many_as_are_asked_for() -> None:
    setting = next(markets(SMALL))
    everything = list(contexts(SMALL, setting))
    assert len({each.types for each in everything}) == 9
    sizes = [sum(abs(Fraction(each.types[i].value(1))) for i in range(2)) for each in everything]
    assert sizes == sorted(sizes)
    few = Scope(players=2, goods=1, values=(-9, 9), samples=7)
    assert len(list(contexts(few, next(markets(few))))) == 7


def test_answers_that_are_no_worse_are_shown_as_plays() -> None:
    of, rng = game(2, 1, 2, 4)
    where = context(of, rng)
    valued = of.rooted.valued(where)
    for number in range(len(of.rooted.groups)):
        for which, best in enumerate(valued.rows((1,))[number].tolist()):
            assert two_answers(of, where, (1,), number, which, best) is None
            if which % 5 == 0:
                shown = two_answers(of, where, (1,), number, which, 1 - best)
                assert shown is not None
                assert shown.reason_against() == ""


# Rules broken on purpose


class NoDiscount(Market):
    """Steps d and f: nobody pays less than proposed."""

    def carried_out(self, proposal: Outcome, discount: Fraction) -> Outcome:
        return super().carried_out(proposal, Fraction(0))


class NoRescue(Market):
    """Step f never happens: a proposal that is not accepted by all has no effect."""

    def count(self, proposal: Outcome, answers: tuple[Any, ...]) -> Position:
        position = super().count(proposal, answers)
        return position if isinstance(position, Outcome) else self.leave_at_a_price()


class NoFine(Market):
    """Step e: the proposer is not fined for those who say NO."""

    def fine(self, yes: int) -> Position:
        return self.leave_at_a_price()


class NoFineAlone(Market):
    """Step k: the proposer is not fined for a price that is refused."""

    def refuse_alone(self, w: int) -> Position:
        return self.only(w, self.endowment, {self.proposer: self.collected})


class NoDiscountAlone(Market):
    """Step j: the one who is asked alone pays what was proposed."""

    def only(self, w: int, goods: tuple[int, ...], prices: Any) -> Outcome:
        asked = {w: prices[w] + 2 * self.eps} if len(prices) > 1 else {}
        return super().only(w, goods, {**prices, **asked})


class PriceForgotten(Market):
    """Step j: the proposer does not receive the price of the one who is asked alone."""

    def only(self, w: int, goods: tuple[int, ...], prices: Any) -> Outcome:
        kept = {player: price for player, price in prices.items() if len(prices) == 1 or player != self.proposer}
        return super().only(w, goods, kept)


class AnyPrices(Market):
    """Step a is left out."""

    def check_prices(self, announced: tuple[Outcome]) -> Position:
        return self.leave(announced[0])


class NoWayOut(Market):
    """Step b is left out: (E, 0), too, is put to the vote."""

    def leave(self, proposal: Outcome) -> Position:
        return self.flip(proposal)


BROKEN = {
    NoDiscount: "market.L1",
    NoRescue: "market.L1",
    NoFine: "market.L9",
    NoFineAlone: "market.L9",
    NoDiscountAlone: "market.L2",
    PriceForgotten: "market.balance",
    AnyPrices: "market.L4",
    NoWayOut: "market.L3",
}


@pytest.mark.parametrize("mutant", BROKEN, ids=lambda mutant: mutant.__name__)
def test_a_broken_rule_changes_a_verdict(mutant: type[Market]) -> None:
    claim = next(claim for claim in CLAIMS if claim.id == BROKEN[mutant])
    reading = claim.read()
    with replaced({"market": mutant}):
        found = reading.verdict(reading.quick if mutant is NoRescue else SMALL)
    assert found.status == "fails"
    assert found.counterexample is not None
    assert found.counterexample.reason_against() == "", "shown by the exact distributions of its plays"
