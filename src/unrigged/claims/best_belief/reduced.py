"""The best-belief claims on larger games, as `best_belief_answers` reduces them.

What cannot be shown this way stays open: a failure is only ever concluded from a literal elimination.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from unrigged.claims.base import Scope, Watch
from unrigged.claims.best_belief.answers import Settled
from unrigged.claims.best_belief.ranges import Findings, reduced_parts, with_eps, work
from unrigged.claims.best_belief.sales import Joint, added, sales_of
from unrigged.context import Coalition

MAIN = "best-belief"

LARGE = 100_000
"""Games of more work than this are looked at for the first eps only."""

Agents = Callable[[int], Sequence[tuple[Coalition, ...]]]
"""Which partitions of so many players into agents are looked at."""


def alone(players: int) -> Sequence[tuple[Coalition, ...]]:
    """Everybody for himself."""
    return [tuple((player,) for player in range(players))]


def games(
    scope: Scope, watch: Watch, found: Findings, *, agents: Agents = alone, joint: Joint = added, focused: bool = True
) -> Iterator[tuple[Settled, int]]:
    """Every game of the range with an independent player in focus, who alone can name any set as wanted; with `focused`
    every player in turn, otherwise the first one."""
    for part in reduced_parts(scope):
        if not agents(part.players):
            continue
        for number, small in enumerate(with_eps(part)):
            if number and work(part) > LARGE:
                break
            for player in range(part.players) if focused else [0]:
                partitions = [each for each in agents(part.players) if (player,) in each]
                if partitions:
                    sales = sales_of(MAIN, small, watch, focus=player)
                    for partition in partitions:
                        yield Settled(sales, watch, partition, joint), player
            found.covered(small, "answers settled first")


def answers_settled(settled: Settled, found: Findings) -> None:
    """Lemma 3: at every node the answer by value is strictly better, whatever the others answer.

    Of a coalition's members that is asked for where the winner is not among them.
    """
    outside = settled.won_by_others()
    for agent in range(len(settled.agents)):
        mine = settled.mine(agent) > 0
        for own in settled.types_of(agent):
            settled.watch.step("answers", found.counts["answers compared"])
            best, honest = settled.answers(agent, own), settled.truthful(agent, own)
            found.counts["answers compared"] += int((mine & outside[agent]).sum())
            if ((best != honest) & mine & outside[agent]).any() or (best[mine] < 0).any():
                found.open = "at some node the answer by value is not the one that is strictly best"


def more_is_better(settled: Settled, player: int, found: Findings) -> None:
    """Lemma 4 for an independent `player`: the announcement of a favourite set and of any sale that is sure, by all
    that is deemed possible, pays strictly more than every announcement of less revenue, and survives the first step.

    What is so for every single profile of types by which a sale is sure, is so for all beliefs by which it is sure.
    """
    agent = settled.agents.index((player,))
    known: dict[tuple[int, int], bool] = {}
    for number, profile in enumerate(settled.sales.everyones_types):
        settled.watch.step("profiles of types", number)
        own = profile[player]
        sure = [
            announcement
            for announcement in settled.sales.sure_offers(player, profile)
            if settled.sales.revenues[player][announcement] and settled.favourite(player, announcement, own)
        ]
        found.counts["sure sales compared with all of less revenue"] += len(sure)
        if not settled.better_than_less(agent, sure, profile):
            found.open = "some sure sale does not pay more than every announcement of less revenue"
        for announcement in sure:
            if (announcement, own) not in known:
                known[announcement, own] = settled.survives(agent, announcement, own)
            if not known[announcement, own]:
                found.open = "some sure sale could not be shown to survive the first step"


def revenue_announced(settled: Settled, found: Findings) -> None:
    """Theorem 2, what is left of it: whatever is announced and answered, the revenue is more than half of the largest
    announced one, less eps."""
    eps = settled.sales.eps
    unit = settled.unit * eps.denominator
    margin = 2 * eps.denominator * settled.least_revenue() - (
        settled.largest_announced() * unit - 2 * eps.numerator * settled.unit
    )
    found.counts["profiles of announcements, with the worst answers"] += len(margin)
    if (margin < 0).any():
        found.open = "some announcements and answers yield less than half of the announced revenue, less eps"
