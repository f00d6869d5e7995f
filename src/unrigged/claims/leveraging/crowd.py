"""Leveraging (paper 002): a play of many who may opt out, all in Σ², that misses the bound of Theorem 1.

One player, p1, values nothing, and knows that each of the others values a good of his own at V. The others know
nothing of each other. p1 sells nothing and announces no revenue; each of the others declares himself alone, wishes for
his good, and keeps it at an own price of V + 1.

Why all of this is in Σ² where players may opt out. Opting out, and every declaration of a single player that names
nobody, is in Σ¹ when there are two others: these may be fined for naming each other inconsistently, and then it makes
no difference what he has declared. So nothing is better than what he declares if it is not in cases of these kinds.

- All others opt out. Then he is the star, nobody buys, and R' is 0: he gains what wish and outcome give himself, and a
  reward that grows with his revenue. A rival of at most the same revenue, that gives him no more, is not better.
- Another, to whom the rival sells for the least, announces r and offers him everything for free; all the rest opt out.
  A rival of a larger revenue becomes the star by some r, has to pay r, cannot make it up by what that one pays, and is
  not better than being given everything for nothing. (p1 knows values, but they buy only if they have not opted out.)
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from unrigged.claims.base import Evidence, Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.leveraging.plays import declared
from unrigged.context import Context, Knowledge, Nothing, Perfect
from unrigged.mechanisms.leveraging import Leveraging
from unrigged.moves.declarations import OUT, Declaration
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.setting import NOBODY, auction
from unrigged.valuations import Additive
from unrigged.verdict import Verdict, fails, holds, undecided


class Crowd:
    """The players, their goods and types, and what they declare."""

    def __init__(self, players: int, worth: int, **parameters: Any) -> None:
        self.worth = worth
        names = [f"p{number}" for number in range(1, players + 1)]
        self.setting = auction(names, [f"g{number}" for number in range(2, players + 1)])
        mechanism = build("leveraging", self.setting, **parameters)
        assert isinstance(mechanism, Leveraging)
        self.mechanism = mechanism
        self.goods = self.setting.need_goods("a crowd")
        self.types = tuple(self.type_of(player) for player in range(players))
        self.declared = [self.keeping(player, 0 if player == 0 else worth + 1) for player in range(players)]

    def type_of(self, player: int) -> Additive:
        """p1 values nothing, the others their own good."""
        return Additive(self.goods, {f"g{player + 1}": self.worth} if player else {})

    def own(self, player: int) -> tuple[int, ...]:
        """The allocation that gives a player his own good, and nobody anything else."""
        return tuple(player if good == player - 1 else NOBODY for good in range(self.setting.m))

    def keeping(self, player: int, revenue: int) -> Declaration:
        """Alone, his own good wished for and kept, at an own price of `revenue`."""
        prices = tuple(revenue if i == player else 0 for i in self.setting.everyone)
        return Declaration((player,), self.own(player), Outcome(self.own(player), prices))

    def rivals(self, player: int) -> Iterator[Any]:
        """Other declarations: opting out; keeping at other prices; keeping, and selling another good at a price, or
        for nothing; naming somebody."""
        mine = self.declared[player]
        yield OUT
        other = 1 if player != 1 else 2
        for revenue in sorted({0, 1, self.worth, self.worth + 1, self.worth + 2, 2 * self.worth, 2 * self.worth + 1}):
            kept = self.keeping(player, revenue)
            if kept != mine:
                yield kept
            owners = tuple(other if good == other - 1 else owner for good, owner in enumerate(kept.outcome.owners))
            yield Declaration((player,), kept.wish, Outcome(owners, kept.outcome.prices))
            sold = tuple(revenue if i == other else 0 for i in self.setting.everyone)
            yield Declaration((player,), kept.wish, Outcome(owners, sold))
        yield Declaration(tuple(sorted((player, other))), mine.wish, mine.outcome)

    def cases(self, player: int, rival: Any) -> Iterator[list[Any]]:
        """What the others may do, all of it in Σ¹, against which the rival is to be no better."""
        out: list[Any] = [OUT] * self.setting.n
        yield out
        if isinstance(rival, Declaration):
            another = min((i for i in self.setting.everyone if i != player), key=lambda i: rival.outcome.prices[i])
            revenue = rival.outcome.revenue
            for announced in (revenue, revenue - 1):
                if announced >= 0:
                    prices = tuple(announced if i == another else 0 for i in self.setting.everyone)
                    free = Outcome((player,) * self.setting.m, prices)
                    others = list(out)
                    others[another] = Declaration((another,), (NOBODY,) * self.setting.m, free)
                    yield others

    def gained(self, player: int, move: Any, others: list[Any], *, valued: bool) -> Fraction:
        """What the player gains by a declaration; `valued`: whether the others have their types, or value nothing."""
        made = [move if i == player else each for i, each in enumerate(others)]
        nothing = Additive(self.goods, {})
        types = tuple(one if i == player or valued else nothing for i, one in enumerate(self.types))
        context = Context(self.setting, types)
        scenario = declared(self.mechanism, context, made)
        return outcomes(self.mechanism, scenario.profile()).utility(context, player)


def decided(scope: Scope, watch: Watch) -> Verdict:
    """Whether a crowd of the range's size misses the bound, and whether what it does withstands the rivals listed."""
    crowd = Crowd(scope.players, scope.values[1], **{"optout": "explicit", **scope.parameters})
    compared = 0
    for player in (0, 1, scope.players - 1):
        for rival in crowd.rivals(player):
            watch.step("rivals", compared)
            compared += 1
            if all(
                crowd.gained(player, rival, others, valued=player == 0)
                > crowd.gained(player, crowd.declared[player], others, valued=player == 0)
                for others in crowd.cases(player, rival)
            ):
                return undecided(f"{rival} may be better than what p{player + 1} declares")
    mechanism = crowd.mechanism
    needed = (1 - mechanism.eps) * (scope.players - 1) * scope.values[1] / 6 - mechanism.eps1
    knowing: tuple[Knowledge, ...] = (Perfect(), *(Nothing() for _ in crowd.types[1:]))
    context = Context(crowd.setting, crowd.types, knowing)
    case = declared(mechanism, context, crowd.declared)
    played = outcomes(mechanism, case.profile())
    reached = played.revenue + played.welfare(context)
    evidence = Evidence({"rivals that are not better": compared}, figures={"performance": reached, "bound": needed})
    if reached >= needed:
        return holds("this play reaches the bound", evidence=evidence)
    return fails(
        f"who knows that the others together value the goods at {(scope.players - 1) * scope.values[1]} sells nothing, "
        f"since buyers may opt out; the total performance is {reached}, less than {needed}",
        counterexample=Counterexample({"play": case}, (Relation(Figure("play", "performance"), "<", needed),)),
        evidence=evidence,
    )
