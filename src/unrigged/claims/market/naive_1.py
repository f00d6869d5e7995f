"""The claim of the market paper on naive-1, in which all announce an outcome.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.1, footnote 18.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product

import numpy as np

from unrigged.analysis.nash import pure_equilibria
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation, scripted
from unrigged.claims.market.proposals import NO_ONE, Answers, Valued, contexts, most, settings
from unrigged.claims.market.truthfulness import PROPOSER, SOURCE, scenario_of, truthful_outcomes
from unrigged.claims.market.variants import WideNaive1
from unrigged.context import Context
from unrigged.exact import written
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.protocol import Decision
from unrigged.setting import Setting
from unrigged.strategic import NormalForm, Profile
from unrigged.verdict import Verdict, fails, holds

NAIVE_1 = Claim(
    "market.naive-1",
    source=f"{SOURCE}, Mechanism Naive-1 and footnote 18",
    wording="Naive-1 has an equilibrium whose outcome is socially optimal; and every outcome that leaves nobody a "
    "negative utility is an equilibrium outcome too.",
)

COVERED = "every endowment, every context without collusion, every announcement"


class Announcements:
    """All profiles of announcements in naive-1, and the outcome of each, by number."""

    def __init__(self, mechanism: Mechanism) -> None:
        first = mechanism.start()
        assert isinstance(first, Decision)
        n = mechanism.setting.n
        self.mechanism = mechanism
        self.moves: list[Outcome] = list(first.actors[0][1].grid(4 * n * (mechanism.setting.value_bound or 1)))
        self.outcomes: dict[Outcome, int] = {}
        self.table = np.empty((len(self.moves),) * n, np.int64)
        for profile in product(range(len(self.moves)), repeat=n):
            end = first.then(tuple(self.moves[number] for number in profile))
            assert isinstance(end, Outcome)
            self.table[profile] = self.outcomes.setdefault(end, len(self.outcomes))

    def equilibria(self, context: Context) -> tuple[Profile, ...]:
        """All equilibria in pure strategies of the game that the players of `context` play."""
        payoffs = [
            np.array([context.utility(player, end) for end in self.outcomes])[self.table]
            for player in context.setting.everyone
        ]
        numbers = (tuple(range(len(self.moves))),) * context.setting.n
        return pure_equilibria(NormalForm(context.setting.players, numbers, tuple(payoffs)))


@NAIVE_1.reading(quick=Scope(players=2, goods=1, values=(-1, 1)), standard=Scope(players=3, goods=1, values=(-1, 1)))
def naive_1(scope: Scope, watch: Watch) -> Verdict:
    """In every context without collusion: some outcome that may be announced has maximum welfare and prices that sum to
    0, and is the outcome of an equilibrium in pure strategies; and so is every outcome that may be announced (whole
    prices strictly between -B and B, of sum 0) and leaves nobody a negative utility. All equilibria of the game with
    all announcements are enumerated."""
    seen = agreed = enumerated = 0
    for setting in settings(scope):
        announced = Announcements(build("naive-1", setting))
        for context in contexts(scope, setting):
            watch.step("contexts", seen)
            seen += 1
            valued = Valued(context)
            equilibria = announced.equilibria(context)
            enumerated += len(equilibria)
            reached = {int(announced.table[profile]) for profile in equilibria}
            rational = [x for x in announced.moves if min(context.utility(i, x) for i in setting.everyone) >= 0]
            agreed += len(rational)
            for x in rational:
                if announced.outcomes.get(x) not in reached:
                    return _no_equilibrium(announced, context, x)
            if not any(valued.gain(x.owners) == valued.most for x in rational):
                return fails("no socially optimal outcome that may be announced leaves everybody a utility >= 0")
    return holds(
        "all announcing an outcome that leaves nobody worse off is an equilibrium, since who announces another only "
        "keeps what he has; and a socially optimal outcome of that kind can always be announced",
        range=COVERED,
        evidence=Evidence({"contexts": seen, "equilibria": enumerated, "individually rational outcomes": agreed}),
    )


def _no_equilibrium(announced: Announcements, context: Context, x: Outcome) -> Verdict:
    """The failure as nobody loses by `x`, but some who announces another outcome does better than by announcing it."""
    mine = announced.moves.index(x)
    same = (mine,) * context.setting.n
    why = "an outcome that leaves nobody worse off is not the outcome of any equilibrium"
    ends = list(announced.outcomes)
    for player in context.setting.everyone:
        for other in range(len(announced.moves)):
            profile = (*same[:player], other, *same[player + 1 :])
            before, after = (ends[int(announced.table[each])] for each in (same, profile))
            if context.utility(player, after) > context.utility(player, before):
                shown = {
                    name: scripted(
                        announced.mechanism,
                        context,
                        {(i,): Answers(announced.moves[each[i]], NO_ONE) for i in context.setting.everyone},
                    )
                    for name, each in (("deviation", profile), ("agreement", same))
                }
                left, right = (Figure(name, "utility", (player,)) for name in shown)
                return fails(why, counterexample=Counterexample(shown, (Relation(left, ">", right),)))
    return fails(why)


@NAIVE_1.reading(
    "the outcome of footnote 18",
    quick=Scope(players=2, goods=2, values=(-1, 1)),
    standard=Scope(players=2, goods=2, values=(-1, 1)),
)
def naive_1_truthful(scope: Scope, watch: Watch) -> Verdict:
    """In every context without collusion, the equilibrium that the paper names exists: all announce one and the same
    allocation of maximum welfare at prices by which everybody but the first player pays exactly what he gains."""
    return _footnote_18(scope, watch, lambda setting: build("naive-1", setting))


@NAIVE_1.reading(
    "the outcome of footnote 18, wide prices",
    quick=Scope(players=2, goods=1, values=(-1, 1)),
    standard=Scope(players=2, goods=2, values=(-1, 1), samples=300),
    repair="announced prices strictly between -2(n-1)B and 2(n-1)B",
)
def naive_1_wide(scope: Scope, watch: Watch) -> Verdict:
    """The same where prices may be any integers strictly between -2(n-1)B and 2(n-1)B."""
    return _footnote_18(scope, watch, WideNaive1)


def _footnote_18(scope: Scope, watch: Watch, make: Callable[[Setting], Mechanism]) -> Verdict:
    seen = 0
    for setting in settings(scope):
        announced = Announcements(make(setting))
        where = {x: number for number, x in enumerate(announced.moves)}
        for context in contexts(scope, setting):
            watch.step("contexts", seen)
            seen += 1
            valued = Valued(context)
            legal = [where[x] for x in truthful_outcomes(valued) if x in where]
            if not legal:
                return _nothing_truthful(announced.mechanism, valued, announced.moves)
            equilibria = set(announced.equilibria(context))
            if not any((number,) * setting.n in equilibria for number in legal):
                return _no_equilibrium(announced, context, announced.moves[legal[0]])
    return holds(
        "in every context all may announce the outcome that the paper names, and that is an equilibrium",
        range=COVERED.replace("every context", "contexts") if scope.samples else COVERED,
        evidence=Evidence({"contexts": seen}),
    )


def _nothing_truthful(mechanism: Mechanism, valued: Valued, legal: Sequence[Outcome]) -> Verdict:
    """The failure as no truthful outcome is legal: at all legal prices of an optimal allocation by which nobody loses,
    the others keep some of what they gain."""
    setting = valued.context.setting
    others = tuple(i for i in setting.everyone if i != PROPOSER)
    fair = [x for x in legal if x.owners in valued.optimal and len(valued.willing(setting.everyone, x)) == setting.n]
    least, nearest = most(fair, lambda x: -Fraction(valued.margin(others, x)))
    play = scenario_of(mechanism, valued.context, nearest[0], NO_ONE)
    prices = ", ".join(map(written, truthful_outcomes(valued)[0].prices))
    bound = setting.value_bound
    return fails(
        f"the outcome cannot be announced: its prices ({prices}) are not all strictly between -{bound} and {bound}, as "
        "one who gives away what he would rather not own for what he wants may gain more than B - 1; at any legal "
        f"prices of an optimal allocation by which nobody loses the others keep a gain of {written(-least)} or more",
        counterexample=Counterexample(
            {"as near as prices can come": play},
            (Relation(Figure("as near as prices can come", "utility", others), ">", 0),),
        ),
    )
