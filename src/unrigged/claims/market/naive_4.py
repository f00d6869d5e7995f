"""The claim of the market paper on naive-4: truthful proposals where nobody colludes, and wrong beliefs on that.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.1.
"""

from __future__ import annotations

from fractions import Fraction

from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.market.proposals import inner, most
from unrigged.claims.market.truthfulness import (
    PROPOSER,
    SOURCE,
    Built,
    Case,
    all_truthful,
    cases,
    optimal_welfare,
    sincere_only,
)
from unrigged.claims.market.variants import WideNaive4
from unrigged.exact import written
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.setting import Setting
from unrigged.verdict import Verdict, fails, holds

NAIVE_4 = Claim(
    "market.naive-4",
    source=f"{SOURCE}, Mechanism Naive-4",
    wording="In Naive-4, where it is known that nobody colludes, no untruthful proposal is rational; wrong beliefs on "
    "who colludes break this.",
)


def _naive_4(setting: Setting, eps: Fraction) -> Mechanism:
    return build("naive-4", setting, eps=eps)


def _eps_4(scope: Scope) -> tuple[Fraction, ...]:
    return inner(Fraction(1, 3 * scope.players))


def _untruthful(scope: Scope, watch: Watch, make: Built, *, fitting: bool) -> Verdict:
    """Both parts, with the answers that are strictly dominant."""
    first = all_truthful(scope, watch, make, _eps_4(scope), fitting=fitting)
    if first.status != "holds":
        return first
    for case in cases(scope, watch, make, _eps_4(scope)):
        wrong = sincere_only(case)
        if wrong is not None:
            return wrong
    second = _misjudged(scope, watch, make)
    if second.status != "holds":
        return second
    counts = {**first.evidence.counts, **second.evidence.counts}
    return holds(f"{first.why}; but {second.why}", range=first.range, evidence=Evidence(counts))


@NAIVE_4.reading(quick=Scope(players=3, goods=1, values=(-1, 1)), standard=Scope(players=3, goods=1, values=(-1, 1)))
def naive_4(scope: Scope, watch: Watch) -> Verdict:
    """In every context without collusion, for eps near both ends of its range: to answer by the sign of one's own gain
    is strictly better than the other answer whatever the others say, and given these answers the proposer's best
    proposals are truthful outcomes, or (E, 0) where nothing can be gained. And in some context a proposal that is best
    for the proposer if the second and third player collude, as he believes, costs him and the welfare if they do
    not."""
    return _untruthful(scope, watch, _naive_4, fitting=False)


@NAIVE_4.reading(
    "truthful prices legal",
    quick=Scope(players=3, goods=1, values=(-1, 1)),
    standard=Scope(players=3, goods=1, values=(-2, 2)),
    repair="contexts whose truthful outcomes have prices strictly between -B and B",
)
def naive_4_fitting(scope: Scope, watch: Watch) -> Verdict:
    """Both parts, the first in contexts whose truthful outcomes may all be announced."""
    return _untruthful(scope, watch, _naive_4, fitting=True)


@NAIVE_4.reading(
    "wide prices",
    quick=Scope(players=2, goods=1, values=(-1, 1)),
    standard=Scope(players=3, goods=1, values=(-1, 1)),
    repair="announced prices strictly between -2(n-1)B and 2(n-1)B",
)
def naive_4_wide(scope: Scope, watch: Watch) -> Verdict:
    """The first part, where prices may be any integers strictly between -2(n-1)B and 2(n-1)B."""
    return all_truthful(scope, watch, lambda setting, eps: WideNaive4(setting, eps=eps), _eps_4(scope))


@NAIVE_4.reading(
    "maximum welfare",
    quick=Scope(players=3, goods=1, values=(-3, 3)),
    standard=Scope(players=3, goods=1, values=(-3, 3)),
)
def naive_4_welfare(scope: Scope, watch: Watch) -> Verdict:
    """What the first part is for: without collusion some rational proposal, truthful or not, has maximum welfare."""
    return optimal_welfare(scope, watch, _naive_4, [_eps_4(scope)[1]])


@NAIVE_4.reading(
    "wrong beliefs on who colludes",
    quick=Scope(players=3, goods=1, values=(-1, 1)),
    standard=Scope(players=3, goods=1, values=(-2, 2)),
)
def naive_4_beliefs(scope: Scope, watch: Watch) -> Verdict:
    """The second part: in some context a proposal that is best for the proposer (alone, or among others) if the second
    and the third player collude is refused if they do not; he then expects less than he could have had, and the
    greatest welfare is missed."""
    return _misjudged(scope, watch, _naive_4)


def _misjudged(scope: Scope, watch: Watch, make: Built) -> Verdict:
    """Some context in which a best proposal against a coalition fails as there is none."""
    seen = broken = 0
    largest = Fraction(0)
    example = ""
    eps = _eps_4(scope)[1]
    for case in cases(scope, watch, make, [eps]):
        seen += 1
        lost, proposal = _loss(case)
        broken += lost > 0
        if lost > largest and proposal is not None:
            largest, example = lost, case.in_words(proposal)
    if not broken:
        return fails("in no context of the range do wrong beliefs on who colludes cost the proposer anything")
    return holds(
        "a proposal that is best if two others collude may ask one of them for more than he gains and the other for "
        "less; if they do not collude, one says NO, hardly ever anything changes hands, and the proposer is fined; for "
        f"example, {example}",
        range=f"every endowment, every context, every proposal, eps {written(eps)}",
        evidence=Evidence(
            {"contexts": seen, "contexts broken by wrong beliefs": broken}, figures={"largest loss": largest}
        ),
    )


def _loss(case: Case) -> tuple[Fraction, Outcome | None]:
    """The most that the proposer may lose against the best he could do, and by which proposal, if it is best, alone or
    among others, where the second and the third player collude, while in truth nobody does; 0 where nothing is lost."""
    valued, others = case.valued, case.proposals.others
    if len(others) < 2 or not valued.most:
        return Fraction(0), None
    pair, alone = others[:2], [(i,) for i in others[2:]]

    def believed(x: Outcome) -> Fraction:
        yes = valued.willing_jointly([pair, *alone], x, PROPOSER)
        return valued.utility((PROPOSER,), case.proposals.after(x, yes))

    _, chosen = most(case.legal, believed)
    best, _ = most(case.legal, case.sincere)
    refused = [x for x in chosen if len(valued.willing(others, x)) < len(others)]
    worst = min(refused, key=case.sincere, default=None)
    return (Fraction(0), None) if worst is None else (best - case.sincere(worst), worst)
