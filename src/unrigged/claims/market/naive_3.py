"""The claim of the market paper on naive-3: sincere answers, and a proposer who gains without bound.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.1.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.market.proposals import NO_ONE, Proposals, Valued, contexts, inner, settings
from unrigged.claims.market.truthfulness import (
    PROPOSER,
    SOURCE,
    Case,
    all_truthful,
    believing,
    cases,
    covered,
    no_worse,
    sincere_only,
)
from unrigged.context import Coalition
from unrigged.exact import Exact, written
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.setting import Setting
from unrigged.verdict import Verdict, fails, holds

NAIVE_3 = Claim(
    "market.naive-3",
    source=f"{SOURCE}, Mechanism Naive-3",
    wording="In Naive-3 a player's unique best response is to answer by the sign of his own gain, whatever the others "
    "say; but the proposer can gain without bound by an untruthful proposal that some refuse and some accept.",
)

TARGETS = (1, 1000, 10**6)
"""Gains that an untruthful proposal is to exceed, beyond what a truthful one brings."""


def _eps_3(scope: Scope) -> tuple[Fraction, ...]:
    return inner(Fraction(1, scope.players - 1))


def _naive_3(setting: Setting, eps: Fraction) -> Mechanism:
    return build("naive-3", setting, eps=eps)


@NAIVE_3.reading(quick=Scope(players=3, goods=1, values=(-1, 1)), standard=Scope(players=3, goods=1, values=(-2, 2)))
def naive_3(scope: Scope, watch: Watch) -> Verdict:
    """In every context without collusion and after every proposal but (E, 0), for eps near both ends of its range: to
    say YES exactly where one gains at least one's price is strictly better than the other answer, whatever the others
    say. And, with three players or more and eps fixed: for each of several amounts up to a million there is a bound B
    and a context in which an untruthful proposal, so answered, brings the proposer that much more than any truthful
    one."""
    seen = answers = 0
    for case in cases(scope, watch, _naive_3, _eps_3(scope)):
        seen += 1
        answers += len(case.legal) * len(case.proposals.others)
        wrong = sincere_only(case)
        if wrong is not None:
            return wrong
    bounds: dict[str, Exact] = {}
    for target in TARGETS:
        for eps in _eps_3(scope):
            watch.step("gains")
            bound = next((1 << k for k in range(1, 200) if _greedy_gain(scope, 1 << k, eps) > target), None)
            if bound is None:
                return fails(f"with {scope.players} players no B up to 2^199 lets the proposer gain more than {target}")
            bounds[f"with eps = {written(eps)} a gain of more than {target} from B ="] = bound
    return holds(
        "each YES raises the probability that the proposal takes effect, so the sign of one's own gain decides; and a "
        "proposal to take B - 1 from one player for oneself, which the others have nothing against, takes effect "
        "against his NO with a probability that does not depend on B, so that the gain grows in proportion to B",
        range=f"{covered(_eps_3(scope))}; B up to {max(map(int, bounds.values()))}",
        evidence=Evidence({"contexts": seen, "answers compared": answers}, figures=bounds),
    )


def _greedy_gain(scope: Scope, bound: int, eps: Fraction) -> Fraction:
    """What the proposer gains by asking B - 1 of the second player for himself, all goods staying where they are and
    nobody wanting any, so that every truthful proposal brings him nothing."""
    wanted = Scope(players=scope.players, goods=1)
    setting = next(settings(wanted))
    setting = Setting(setting.players, setting.goods, endowment=setting.endowment, value_bound=bound)
    proposals = Proposals(_naive_3(setting, eps))
    valued = Valued(next(contexts(wanted, setting)))
    prices = [0] * setting.n
    prices[PROPOSER], prices[proposals.others[0]] = 1 - bound, bound - 1
    greedy = Outcome(setting.endowment or (), tuple(prices))
    return valued.utility((PROPOSER,), proposals.after(greedy, valued.willing(proposals.others, greedy)))


@NAIVE_3.reading(
    "two players",
    quick=Scope(players=2, goods=1, values=(-1, 1)),
    standard=Scope(players=2, goods=1, values=(-3, 3)),
)
def naive_3_two(scope: Scope, watch: Watch) -> Verdict:
    """That with two players nothing breaks: in every context whose truthful outcomes may be announced, the best
    proposals are truthful, as a single NO leaves nothing to chance."""
    return all_truthful(scope, watch, _naive_3, _eps_3(scope), fitting=True, only=False)


@NAIVE_3.reading(
    "own gains under collusion",
    quick=Scope(players=3, goods=1, values=(-1, 1)),
    standard=Scope(players=3, goods=1, values=(-1, 1)),
)
def naive_3_collusion(scope: Scope, watch: Watch) -> Verdict:
    """Whether members of a coalition without the proposer, too, do best by answering each by his own gain, as the paper
    says that this fix works even under collusion."""
    return _coalitions_answer(scope, watch, jointly=False)


@NAIVE_3.reading(
    "joint gains under collusion",
    quick=Scope(players=3, goods=1, values=(-1, 1)),
    standard=Scope(players=3, goods=1, values=(-2, 2)),
    repair="a coalition without the proposer answers by its joint gain",
)
def naive_3_jointly(scope: Scope, watch: Watch) -> Verdict:
    """For every coalition without the proposer: that all members say YES where together they gain at least what they
    are asked together, and all NO otherwise, is strictly better than all other joint answers, whatever the rest
    says."""
    return _coalitions_answer(scope, watch, jointly=True)


def _coalitions_answer(scope: Scope, watch: Watch, *, jointly: bool) -> Verdict:
    seen = compared = 0
    for case in cases(scope, watch, _naive_3, _eps_3(scope)):
        seen += 1
        others = case.proposals.others
        for coalition in (each for size in range(2, len(others) + 1) for each in combinations(others, size)):
            for x in case.legal:
                if x != case.proposals.space.default:
                    compared += 1
                    wrong = _not_best(case, x, coalition, jointly)
                    if wrong is not None:
                        return wrong
    return holds(
        "the named answers are strictly better than all other joint answers, whatever the rest says",
        range=f"{covered(_eps_3(scope))}, every coalition without the proposer",
        evidence=Evidence({"contexts": seen, "coalitions and proposals": compared}),
    )


def _not_best(case: Case, x: Outcome, coalition: Coalition, jointly: bool) -> Verdict | None:
    """The failure where other joint answers to `x` are no worse for `coalition` than the named ones."""
    valued, proposals = case.valued, case.proposals
    accepted = frozenset(coalition) if valued.margin(coalition, x) >= 0 else NO_ONE
    named = accepted if jointly else valued.willing(coalition, x)
    for believed in believing([j for j in proposals.others if j not in coalition]):
        mine = valued.utility(coalition, proposals.after(x, believed | named))
        for joint in believing(coalition):
            if joint != named and valued.utility(coalition, proposals.after(x, believed | joint)) >= mine:
                return no_worse(case, coalition, x, believed | named, believed | joint)
    return None
