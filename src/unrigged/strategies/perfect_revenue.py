"""The truthful profile of the perfect-revenue mechanism, for players and coalitions.

Source: Chen, Hassidim and Micali 2010, Definitions 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.errors import InputError
from unrigged.exact import Exact, total, written
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.moves.answer import YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.openings import OpeningSpace
from unrigged.moves.raises import RaiseSpace
from unrigged.outcome import Outcome, Result
from unrigged.protocol import Decision, History
from unrigged.setting import bundles_of
from unrigged.strategies.base import Individual, Notes, Strategy, jointly_by_value
from unrigged.valuations import Valuation
from unrigged.winners import Auction, winners

NEXT_MEMBER = "next-member"
NOTHING = "nothing"
OTHERS_ONLY = "others-only"

READINGS = {
    NEXT_MEMBER: "raise every coalition's price, one's own included, to its value through its first member; whoever is "
    "himself the first member of his own coalition raises the price of its next member",
    NOTHING: "the same, but whoever is the first member of his own coalition raises nothing within it",
    OTHERS_ONLY: "raise the prices of the other coalitions only",
}


@dataclass(frozen=True)
class TruthfulPerfectRevenue(Individual):
    """Proposes the best outcome, raises what is too low, and says YES exactly when the coalition gains.

    Player 1 announces the first state of maximal welfare and, as the price of the first member of each coalition, what
    it is worth to the coalition; the others raise the price of the first member of each coalition by what the
    coalition's prices lack of that; every member says YES exactly when the coalition's total value is at least its
    total price. `reading` says what a raiser does about his own coalition. A cap on announcements below a coalition's
    total would make the profile illegal, and is refused (`check_cap`).
    """

    benchmarks: Benchmarks
    agent: Coalition
    reading: str = NEXT_MEMBER

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        context = self.benchmarks.context
        if isinstance(space, YesNo):
            return jointly_by_value(context, self.agent, space)
        if isinstance(space, RaiseSpace):
            return self.raises(player, space.proposal)
        assert isinstance(space, OpeningSpace)
        return self.opening(best_result(self.benchmarks))

    def opening(self, result: Result) -> Outcome:
        """`result`, with each coalition's value as the price of its first member."""
        context = self.benchmarks.context
        worth = worths(context, result)
        prices: list[Exact] = [0] * context.setting.n
        for coalition in context.coalitions:
            prices[coalition[0]] = total(worth[member] for member in coalition)
        return Outcome(result, tuple(prices))

    def raises(self, player: int, proposal: Outcome) -> tuple[Exact, ...]:
        """What the prices of `proposal` lack, coalition by coalition."""
        context = self.benchmarks.context
        worth = worths(context, proposal.result)
        raised: list[Exact] = [0] * context.setting.n
        for coalition in context.coalitions:
            lacking = total(worth[member] - proposal.prices[member] for member in coalition)
            payer = self.payer(player, coalition)
            if payer is not None and lacking > 0:
                raised[payer] = lacking
        return tuple(raised)

    def payer(self, player: int, coalition: Coalition) -> int | None:
        """The member of `coalition` whose price `player` raises, None where he raises nothing."""
        if player not in coalition:
            return coalition[0]
        if self.reading == OTHERS_ONLY:
            return None
        if coalition[0] != player:
            return coalition[0]
        return coalition[1] if self.reading == NEXT_MEMBER and len(coalition) > 1 else None


def worths(context: Context, result: Result) -> list[Exact]:
    """What `result` is worth to each player."""
    if not isinstance(result, tuple):
        return [context.worth(player, result) for player in context.setting.everyone]
    received = bundles_of(result, context.setting.n)
    return [one.value(bundle) for one, bundle in zip(context.types, received, strict=True)]


def best_result(benchmarks: Benchmarks) -> Result:
    """The first state of maximal welfare; in a setting with goods, the first such allocation."""
    return benchmarks.msw(ties="first").outcome.result


NOTES = Notes(
    optimal="With a cap on announcements and the default eps and rewards, this leads to the outcome of every "
    "subgame-perfect equilibrium (perfect-revenue.T1 and T2 in the ledger of claims), so it is best if everybody who "
    "moves later is rational too; it is not dominant. It is not so for all that is printed: without a cap, or with "
    "larger eps, player 1's reward for announcing more outweighs the fine; with larger rewards a coalition can live on "
    "them; and after somebody has strayed, a coalition raises its own price only if an outsider would otherwise do so.",
    indifferent="In equilibrium nothing: player 1's reward breaks the ties between states and between price vectors. "
    "Even once somebody has said NO, your answer still changes fines and odds.",
    reveals="To everybody. The opening: what the chosen state is worth to each coalition, one's own included; nothing "
    "about other states. Raises: what the prices lack of the true worth. YES or NO: whether the coalition gains at "
    "least its price.",
)


def rational(mechanism: Mechanism, benchmarks: Benchmarks, agent: Coalition, reading: str) -> Strategy:
    """The truthful profile of Definitions 1 and 2; InputError where the mechanism's cap makes it illegal."""
    assert isinstance(mechanism, PerfectRevenue)
    if mechanism.limit is not None:
        check_cap(benchmarks, mechanism.limit)
    return TruthfulPerfectRevenue(benchmarks, agent, reading)


def check_cap(benchmarks: Benchmarks, cap: int) -> None:
    """InputError where some result is worth more to a coalition than may be announced: its price could not be said."""
    context = benchmarks.context
    for coalition in context.coalitions:
        most = greatest_total(benchmarks, coalition, cap)
        if most > cap:
            who = " and ".join(context.setting.players[member] for member in coalition)
            raise InputError(
                "parameters.cap",
                f"{cap}",
                f"at least {written(most)}, what the best result for {who} is worth to them, as their price is "
                "announced in rational play",
                f"write cap: {written(most)} or more, or leave it out",
            )


def greatest_total(benchmarks: Benchmarks, coalition: Coalition, enough: int) -> Exact:
    """The most that a result can be worth to `coalition`, or a bound on it that is at most `enough`."""
    context = benchmarks.context
    types = context.types
    if context.setting.goods is None:
        states = range(len(context.setting.need_states("a total")))
        return max(total(types[member].value(state) for member in coalition) for state in states)
    valuations = tuple(one for one in types if isinstance(one, Valuation))
    bound = total(valuations[member].range()[1] for member in coalition)
    if bound <= enough:
        return bound
    others = frozenset(context.setting.everyone) - set(coalition)
    return winners(Auction(context.setting.goods, valuations, excluded=others), limit=benchmarks.limit).value
