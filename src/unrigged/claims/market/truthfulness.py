"""Whether truthful proposals are the best ones, and sincere answers the only best ones, in the naive mechanisms.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from unrigged.claims.base import Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation, scripted
from unrigged.claims.market.proposals import (
    Answers,
    Proposals,
    Valued,
    Yes,
    bound_above,
    contexts,
    most,
    settings,
    truthful,
)
from unrigged.context import Coalition, Context
from unrigged.exact import Exact, written
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome, result_in_words
from unrigged.scenario import Scenario
from unrigged.setting import Setting
from unrigged.verdict import Verdict, fails, holds

SOURCE = "paper 000, section 5.1"

PROPOSER = 0
"""Who proposes in the naive mechanisms."""

Built = Callable[[Setting, Fraction], Mechanism]
"""A mechanism with a given discount eps."""


def scenario_of(mechanism: Mechanism, context: Context, proposal: Outcome, yes: Yes) -> Scenario:
    """The scenario in which `proposal` is made (in naive-1 by everybody) and `yes` say YES."""
    return scripted(mechanism, context, {agent: Answers(proposal, yes) for agent in context.coalitions})


def truthful_outcomes(valued: Valued) -> list[Outcome]:
    """The truthful outcomes: maximum welfare, everybody but the proposer asked exactly what he gains."""
    return [truthful(valued.context, owners, PROPOSER) for owners in valued.optimal]


@dataclass(frozen=True)
class Case:
    """What a proposer may propose in a context."""

    proposals: Proposals
    valued: Valued
    legal: Sequence[Outcome]

    def sincere(self, proposal: Outcome, agent: Coalition = (PROPOSER,)) -> Fraction:
        """What `agent` expects from `proposal` where all answer by their own gains."""
        yes = self.valued.willing(self.proposals.others, proposal)
        return self.valued.utility(agent, self.proposals.after(proposal, yes))

    def scenario(self, proposal: Outcome) -> Scenario:
        """`proposal`, answered by everybody's own gain."""
        yes = self.valued.willing(self.proposals.others, proposal)
        return scenario_of(self.proposals.mechanism, self.valued.context, proposal, yes)

    def in_words(self, proposal: Outcome) -> str:
        """The context and the proposal, in words."""
        setting = self.valued.context.setting
        owned = result_in_words(setting, setting.endowment or ()).replace(" gets ", " owns ")
        values = "; ".join(
            f"{name}: {', '.join(written(one.value(bundle)) for bundle in range(1, 1 << setting.m))}"
            for name, one in zip(setting.players, self.valued.types, strict=True)
        )
        return (
            f"where {owned}, and the values are {values}, {setting.players[PROPOSER]} "
            + self.proposals.space.describe(proposal)
        )


def cases(scope: Scope, watch: Watch, make: Built, epsilons: Sequence[Fraction]) -> Iterator[Case]:
    """Every context of the range, with each eps and everything that may be proposed."""
    seen = 0
    for setting in settings(scope):
        for eps in epsilons:
            proposals = Proposals(make(setting, eps))
            legal: list[Outcome] = list(proposals.space.grid(4 * setting.n * bound_above(scope)))
            for context in contexts(scope, setting):
                watch.step("contexts", seen)
                seen += 1
                yield Case(proposals, Valued(context), legal)


def covered(epsilons: Sequence[Fraction]) -> str:
    """What is covered with these eps, in words."""
    listed = ", ".join(map(written, epsilons))
    return f"every endowment, every context without collusion, every proposal, eps {listed}"


def all_truthful(
    scope: Scope, watch: Watch, make: Built, epsilons: Sequence[Fraction], *, fitting: bool = False, only: bool = True
) -> Verdict:
    """Whether truthful proposals are best in every context, and, with `only`, nothing else is; where nothing can be
    gained, whether to leave everything as it is is. With `fitting`, in contexts where truthful proposals are legal."""
    seen = compared = 0
    for case in cases(scope, watch, make, epsilons):
        if fitting and not all(map(case.proposals.legal, truthful_outcomes(case.valued))):
            continue
        seen += 1
        compared += len(case.legal)
        wrong = _untruthful(case, only)
        if wrong is not None:
            return wrong
    return holds(
        f"the truthful outcomes are the best proposals{', and nothing else is as good' if only else ''}; where nothing "
        "can be gained, the best is to leave everything as it is",
        range=covered(epsilons),
        evidence=Evidence({"contexts": seen, "proposals compared": compared}),
    )


def _untruthful(case: Case, only: bool) -> Verdict | None:
    """The failure where the proposer's best proposals are not the truthful ones."""
    valued, proposals = case.valued, case.proposals
    stay = proposals.space.default
    named = [x for x in truthful_outcomes(valued) if proposals.legal(x)] if valued.most else [stay]
    best, chosen = most(case.legal, case.sincere)
    other = [x for x in chosen if x not in named]
    if named and set(named) <= set(chosen) and not (only and other):
        return None
    if not named:
        return _nothing_truthful(case, best, chosen)
    wrong = named[0] if not set(named) <= set(chosen) else other[0]
    shown = {"best proposal": case.scenario(other[0] if other else chosen[0]), "named proposal": case.scenario(wrong)}
    mine = Figure("best proposal", "utility", (PROPOSER,))
    relation = Relation(mine, ">=", Figure("named proposal", "utility", (PROPOSER,)))
    return fails(
        f"another proposal brings the proposer {written(best)}, no less than the one that is named as best",
        counterexample=Counterexample(shown, (relation,)),
    )


def _nothing_truthful(case: Case, best: Fraction, chosen: Sequence[Outcome]) -> Verdict:
    """The failure where no truthful outcome is legal, and so an untruthful one is best."""
    valued = case.valued
    wrong = min(chosen, key=lambda x: valued.gain(x.owners))
    lost = valued.most - valued.gain(wrong.owners)
    prices = ", ".join(map(written, truthful_outcomes(valued)[0].prices))
    bound = valued.context.setting.value_bound
    shown = {"best proposal": case.scenario(wrong), "as it was": case.scenario(case.proposals.space.default)}
    relations = [
        Relation(Figure("best proposal", "utility", (PROPOSER,)), ">", Figure("as it was", "utility", (PROPOSER,)))
    ]
    if lost:
        relations.append(Relation(Figure("best proposal", "welfare"), "<", Figure("best proposal", "MSW")))
    return fails(
        f"no truthful proposal is legal, as its prices ({prices}) are not all strictly between -{bound} and {bound}; "
        f"so an untruthful one is best: it brings the proposer {written(best)}, and to leave all as it is brings 0"
        + (f"; one that is as good as any misses {written(lost)} of the greatest welfare" if lost else ""),
        counterexample=Counterexample(shown, tuple(relations)),
    )


def optimal_welfare(scope: Scope, watch: Watch, make: Built, epsilons: Sequence[Fraction]) -> Verdict:
    """Whether some best proposal has maximum welfare in every context."""
    seen = 0
    for case in cases(scope, watch, make, epsilons):
        seen += 1
        valued = case.valued
        best, chosen = most(case.legal, case.sincere)
        if any(valued.gain(x.owners) == valued.most for x in chosen):
            continue
        second, optimal = most([x for x in case.legal if valued.gain(x.owners) == valued.most], case.sincere)
        shown = {"best proposal": case.scenario(chosen[0]), "greatest welfare": case.scenario(optimal[0])}
        mine, that = (Figure(name, "utility", (PROPOSER,)) for name in shown)
        relations = (
            Relation(mine, ">", that),
            Relation(Figure("best proposal", "welfare"), "<", Figure("greatest welfare", "welfare")),
        )
        return fails(
            f"the proposer gains {written(best)} by a proposal that misses "
            f"{written(valued.most - valued.gain(chosen[0].owners))} of the greatest welfare, and no more than "
            f"{written(second)} by any that reaches it, since no legal prices take from the others all that they gain",
            counterexample=Counterexample(shown, relations),
        )
    return holds(
        "some best proposal has maximum welfare", range=covered(epsilons), evidence=Evidence({"contexts": seen})
    )


def believing(players: Sequence[int]) -> Iterator[Yes]:
    """Every set of `players` who may say YES."""
    for size in range(len(players) + 1):
        yield from map(frozenset, combinations(players, size))


def sincere_only(case: Case) -> Verdict | None:
    """The failure where answering by one's own gain is not strictly better than the other answer, whatever the others
    say, after some proposal that is answered at all."""
    valued, proposals = case.valued, case.proposals
    for x in case.legal:
        if x == proposals.space.default:
            continue
        for i in proposals.others:
            truth = valued.margin((i,), x) >= 0
            for believed in believing([j for j in proposals.others if j != i]):
                sincere, other = believed | {i} if truth else believed, believed if truth else believed | {i}
                if valued.utility((i,), proposals.after(x, sincere)) <= valued.utility((i,), proposals.after(x, other)):
                    return no_worse(case, (i,), x, sincere, other)
    return None


def no_worse(case: Case, agent: Coalition, x: Outcome, named: Yes, other: Yes) -> Verdict:
    """The failure as `agent` does no worse by the answers `other` to `x` than by those that are `named`."""
    setting = case.valued.context.setting
    context = Context(setting, case.valued.context.types, coalitions=(agent,))
    mechanism = case.proposals.mechanism
    shown = {
        "other answers": scenario_of(mechanism, context, x, other),
        "named answers": scenario_of(mechanism, context, x, named),
    }
    values: list[Exact] = [case.valued.utility(agent, case.proposals.after(x, yes)) for yes in (other, named)]
    left, right = (Figure(name, "utility", agent) for name in shown)
    who = " and ".join(setting.players[player] for player in agent)
    return fails(
        f"{who} expect{'s' if len(agent) == 1 else ''} {written(values[0])} by other answers than those named, and "
        f"{written(values[1])} by these",
        counterexample=Counterexample(shown, (Relation(left, ">=", right),)),
    )
