"""The claims on perfect-revenue: what they rest on, and that broken rules change them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from unrigged.analysis.many_contexts import Chosen, Induction
from unrigged.benchmarks import Benchmarks
from unrigged.claims.base import Scope, Watch, replaced
from unrigged.claims.perfect_revenue import (
    coalitions,
    distributive,
    equilibria,
    promises,
    remarks,
    without_collusion,
)
from unrigged.claims.perfect_revenue.coalitions import sensible_raise
from unrigged.claims.perfect_revenue.distributive import Collected, collected, knowledges, side_by_side, truthful_plays
from unrigged.claims.perfect_revenue.games import (
    Announcing,
    Truthful,
    alone,
    columns_of,
    context_of,
    mechanism_of,
    nontrivial,
    profiles_of,
    rates,
    up_to,
)
from unrigged.claims.perfect_revenue.promises import Least, frugal_mechanisms
from unrigged.claims.perfect_revenue.remarks import Secret
from unrigged.exact import Exact
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.moves.answer import NO, YES
from unrigged.moves.raises import Raises
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Chance, Decision, Pay, Position, Then
from unrigged.strategies.perfect_revenue import READINGS as PROFILES
from unrigged.strategies.perfect_revenue import TruthfulPerfectRevenue

MODULES = (
    without_collusion,
    coalitions,
    equilibria,
    promises,
    remarks,
    distributive,
)

READINGS = {each.key: each for module in MODULES for claim in module.CLAIMS for each in claim.readings.values()}

P = "perfect-revenue"

FAIL = {
    f"{P}.L3 (as printed)",
    f"{P}.T1 (as printed)",
    f"{P}.L1c (as printed)",
    f"{P}.L2c (as printed)",
    f"{P}.L2c (the first member raises nothing in his own coalition)",
    f"{P}.L2c (raises of other coalitions only)",
    f"{P}.L3c (as printed)",
    f"{P}.T2 (as printed)",
    f"{P}.T2 (announcements capped, rewards as printed)",
    f"{P}.T2 (one profile, announcements capped, small rewards)",
    f"{P}.no-loss (as printed)",
    f"{P}.no-loss (in expectation)",
    f"{P}.bits (as printed)",
    f"{P}.private (every equilibrium)",
    f"{P}.remark (in every outcome)",
    f"{P}.remark (without the discount)",
    f"{P}.secret-coalition (every coalition)",
    f"{P}.secret-coalition (announcements capped, small rewards)",
    f"{P}.distributive (perfect after deviations)",
}


def test_ids_of_the_sheet() -> None:
    ids = {claim.id.removeprefix(f"{P}.") for module in MODULES for claim in module.CLAIMS}
    assert ids == {
        "L1", "L2", "L3", "T1", "L1c", "L2c", "L3c", "T2", "no-loss", "bits", "private", "remark", "distributive",
        "secret-coalition",
    }  # fmt: skip
    assert set(READINGS) >= FAIL


class NoFine(PerfectRevenue):
    """Nobody is fined for a refused price."""

    def punish(self, fines: tuple[tuple[int, Exact], ...]) -> Position:
        return self.leave()


class FirstRaiser(PerfectRevenue):
    """The best-informed player is the first who raised a price."""

    def raise_prices(
        self, player: int, proposal: Outcome, informed: tuple[int, ...], announced: tuple[Raises]
    ) -> Position:
        after = super().raise_prices(player, proposal, informed, announced)
        assert isinstance(after, Pay)
        step, arguments = after.then.step, list(after.then.arguments)
        place = next(i for i, each in enumerate(arguments) if i > 1 or (i == 2 and isinstance(each, tuple)))
        arguments[place] = tuple(before or now for before, now in zip(informed, arguments[place], strict=True))
        return Pay(after.prices, Then(getattr(self, step), *arguments))


class RewardForRefusal(PerfectRevenue):
    """Rewards of raisers are paid by them instead of to them."""

    def give_rewards(self, player: int, reward: Exact, then: Then) -> Position:
        return super().give_rewards(player, -reward if player else reward, then)


class NoDiscount(PerfectRevenue):
    """Nobody gets the discount eps when the state is carried out."""

    def carry_out(self, proposal: Outcome) -> Position:
        return Outcome(proposal.result, proposal.prices)


class SureRefusal(PerfectRevenue):
    """After a NO the second coin is never tossed."""

    def try_anyway(self, proposal: Outcome, refusers: tuple[int, ...]) -> Position:
        return self.leave()


@pytest.mark.parametrize(
    ("mutant", "key", "players"),
    [
        (NoFine, "L2 (as printed)", 2),
        (FirstRaiser, "L2 (as printed)", 3),
        (RewardForRefusal, "L2 (as printed)", 3),
        (NoDiscount, "L1 (as printed)", 2),
        (SureRefusal, "L1 (as printed)", 3),
    ],
)
def test_a_broken_rule_changes_a_verdict(mutant: type[PerfectRevenue], key: str, players: int) -> None:
    reading = READINGS[f"{P}.{key}"]
    scope = replace(reading.quick, players=players, values=(0, 1), announcements=1)
    assert reading.verdict(scope).status == "holds"
    with replaced({P: mutant}):
        assert reading.verdict(scope).status == "fails"


@pytest.mark.parametrize("name", list(PROFILES))
def test_the_profile_of_many_contexts_is_that_of_each(name: str) -> None:
    """The columns' moves, beside the strategy's own in every context and every decision."""
    scope = Scope(players=3, values=(0, 1), announcements=2)
    mechanism = mechanism_of(scope)
    columns = columns_of(mechanism.setting, profiles_of(scope), nontrivial(3), 2)
    compared = 0

    def beside(chosen: Chosen) -> None:
        nonlocal compared
        for column in range(0, len(columns.contexts), 7):
            context = columns.contexts[column]
            agent = next(members for members in context.coalitions if chosen.player in members)
            own = TruthfulPerfectRevenue(Benchmarks(context), agent, name)
            wanted = own.move(chosen.player, chosen.space, chosen.decision, ())
            number = int(chosen.taken[column])
            assert number == -1 or chosen.moves[number] == wanted
            assert number >= 0 or wanted not in chosen.moves
            compared += 1

    grid = Announcing((0, 2))
    Induction(mechanism, columns, grid, profile=Truthful(columns, name), seen=beside,
              remembered=lambda then: then.step.startswith("ask")).run()  # fmt: skip
    assert compared > 1000


def test_partitions_are_all_but_the_trivial_one() -> None:
    assert [len(nontrivial(players)) for players in (2, 3, 4)] == [1, 4, 14]
    assert nontrivial(3)[0] == alone(3)
    assert ((0, 2), (1,)) in nontrivial(3)


def test_rewards_are_in_the_printed_order() -> None:
    eps = Fraction(1, 40)
    for kind in ("even", "high", "low"):
        flat = [rate for row in rates(4, eps, kind) for rate in row]
        assert len(flat) == 12
        assert eps > flat[0]
        assert flat == sorted(flat, reverse=True)
        assert len(set(flat)) == 12
        assert flat[-1] > 0


def every_history(mechanism: PerfectRevenue, cap: int) -> list[tuple[Fraction, Fraction]]:
    """The revenue of every play of the grid by brute force: expected over the coins, and the least."""
    answer = []

    def follow(position: Position, paid: Fraction) -> None:
        if isinstance(position, Pay):
            follow(position.then(), paid + sum(position.prices))
        elif isinstance(position, Decision):
            ((_, space),) = position.actors
            for move in up_to(cap)(space):
                follow(position.then((move,)), paid)
        else:
            answer.append((paid + expected(position), paid + least(position)))

    follow(mechanism.start(), Fraction(0))
    return answer


def expected(position: Position) -> Fraction:
    if isinstance(position, Chance):
        return sum((branch.probability * expected(branch.then()) for branch in position.branches), Fraction(0))
    assert isinstance(position, Outcome)
    return Fraction(position.revenue)


def least(position: Position) -> Fraction:
    if isinstance(position, Chance):
        return min(least(branch.then()) for branch in position.branches)
    assert isinstance(position, Outcome)
    return Fraction(position.revenue)


def test_the_least_revenue_beside_all_plays() -> None:
    scope = Scope(players=2, announcements=2)
    mechanism = mechanism_of(scope, eps=Fraction(1, 11))
    plays = every_history(mechanism, 2)
    assert Least(up_to(2), Watch(), single=False).at(mechanism.start())[0] == min(mean for mean, _ in plays)
    assert Least(up_to(2), Watch(), single=True).at(mechanism.start())[0] == min(low for _, low in plays)


@pytest.mark.parametrize(("shares", "loses"), [(1, True), (80, False)])
def test_eighty_raisers_cost_the_house_money_unless_rewards_are_below_a_share_of_eps(shares: int, loses: bool) -> None:
    """Two players refuse the price 1, at which nobody raises them; all others are raised by the cap by everybody."""
    n = 80
    eps = Fraction(1, 10 * n)
    mechanism = mechanism_of(Scope(players=n, announcements=1), eps=eps, e=rates(n, eps / shares, "high"))

    def revenue(position: Position) -> Fraction:
        if isinstance(position, Pay):
            return sum(position.prices) + revenue(position.then())
        if isinstance(position, Chance):
            return sum((branch.probability * revenue(branch.then()) for branch in position.branches), Fraction(0))
        if isinstance(position, Outcome):
            return Fraction(position.revenue)
        ((player, space),) = position.actors
        move: Any
        if position.label == "open":
            move = Outcome(0, (1,) * n)
        elif position.label.startswith("raise"):
            move = tuple(int(other != player and other < n - 2) for other in range(n))
        else:
            move = YES if player < n - 2 else NO
        assert space.legal(move)
        return revenue(position.then((move,)))

    assert (revenue(mechanism.start()) < 0) == loses


def test_the_repair_of_expected_losses_keeps_rewards_small() -> None:
    found = list(frugal_mechanisms(Scope(players=3, announcements=2)))
    assert {mechanism.setting.n for mechanism in found} == {2, 3}
    assert all(mechanism.e[0][0] < mechanism.eps / mechanism.setting.n for mechanism in found)


def test_a_coalition_raises_its_own_price_only_if_an_outsider_could() -> None:
    scope = Scope(players=3, announcements=4)
    setting = mechanism_of(scope).setting
    proposal = Outcome(0, (0, 0, 0))
    assert sensible_raise(context_of(setting, [(1, 1, 1)], ((0, 1), (2,))), 1, proposal) == (2, 0, 1)
    assert sensible_raise(context_of(setting, [(1, 1, 1)], ((0, 2), (1,))), 2, proposal) == (0, 1, 0)
    assert sensible_raise(context_of(setting, [(1, 1, 1)], ((0,), (1, 2))), 1, proposal) == (1, 0, 0)


def test_a_plot_is_a_play_in_which_outsiders_are_truthful() -> None:
    mechanism = mechanism_of(Scope(players=3, announcements=50), eps=Fraction(1, 30))
    secret = Secret(mechanism, (1, 2, 1), ((0, 1), (2,)))
    utility, played = secret.plotted(Watch())
    moves = {event.label: event.moves[0][1] for event in played}
    assert moves["open"] == Outcome(0, (50, 0, 1))
    assert moves["raise 3"] == (0, 2, 0)
    assert not secret.fined(played)
    from unrigged.claims.perfect_revenue.games import line

    assert (
        outcomes(mechanism, line(mechanism, secret.context, played).profile()).utility(secret.context, (0, 1))
        == utility
    )


def test_every_value_is_known_to_another() -> None:
    found = knowledges(3, 2)
    assert len(found) == 2**6 + 1
    assert len(set(found)) == len(found)
    assert all(who and player not in who for known in found for player, row in enumerate(known) for who in row)


def test_what_truthful_announcements_tell_beside_what_the_outcome_tells() -> None:
    scope = Scope(players=2, states=2, values=(0, 1), announcements=1)
    mechanism = next(collected(scope, 2))
    plays = truthful_plays(mechanism, side_by_side(scope, mechanism))
    truths = [truth for histories in plays.values() for told in histories.values() for truth in told]
    assert len(truths) == len(set(truths)) == 16
    assert all(len(told) == 1 for histories in plays.values() for told in histories.values())
    (nothing,) = [histories for end, histories in plays.items() if not any(end.prices)]
    assert list(nothing.values()) == [{((0, 0), (0, 0))}]


def test_collected_prices_add_up_and_the_largest_sum_is_voted_on() -> None:
    scope = Scope(players=2, states=2, announcements=3)
    mechanism = Collected(mechanism_of(scope, 2).setting, cap=3, eps=Fraction(1, 60))
    start = mechanism.start()
    assert isinstance(start, Decision)
    second = start.after([((0, 0), (1, 2))])
    assert isinstance(second, Decision)
    reward = second.after([((2, 0), (0, 0))])
    assert isinstance(reward, Pay)
    assert reward.prices == (Fraction(-3, 60),) * 2
    vote: Any = reward.then()
    assert vote.label == "answer 1"
    assert vote.actors[0][1].proposal == Outcome(0, (2, 1))
