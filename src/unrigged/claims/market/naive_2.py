"""The claim of the market paper on naive-2: truthful proposals, and three ways in which it breaks.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.1.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import combinations

from unrigged.analysis.equilibrium import subgame_perfect
from unrigged.analysis.form import Form
from unrigged.analysis.games import Game, unfold
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.market.proposals import Yes, bound_above, inner, most
from unrigged.claims.market.truthfulness import PROPOSER, SOURCE, Built, Case, all_truthful, cases, optimal_welfare
from unrigged.claims.market.variants import FinedNaive2, SequentialNaive2, WideNaive2
from unrigged.context import Coalition
from unrigged.exact import Exact, written
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.setting import Setting
from unrigged.verdict import Verdict, fails, holds

NAIVE_2 = Claim(
    "market.naive-2",
    source=f"{SOURCE}, Mechanism Naive-2",
    wording="With (n-1)·eps < 1 and players who answer truthfully, the proposer does best by a truthful outcome, or by "
    "leaving everything as it is where that is optimal. Mistaken beliefs about the others' answers break this; a fine "
    "on the proposer when somebody says NO does not help; to ask the others in sequence fails under collusion.",
)


def _naive_2(setting: Setting, eps: Fraction) -> Mechanism:
    return build("naive-2", setting, eps=eps)


def _eps_2(scope: Scope) -> tuple[Fraction, ...]:
    return inner(Fraction(1, scope.players - 1))


def _parts(first: Verdict, scope: Scope, watch: Watch) -> Verdict:
    """All four parts of the claim, given the first."""
    counts = dict(first.evidence.counts) if isinstance(first.evidence, Evidence) else {}
    for part in (_mismatch, _fined, _sequence):
        verdict = part(scope, watch) if first.status == "holds" else first
        if verdict.status != "holds":
            return verdict
        counts.update(verdict.evidence.counts)
    return holds(
        f"{first.why}; three players are enough for each of the three ways in which it breaks",
        range=first.range,
        evidence=Evidence(counts),
    )


@NAIVE_2.reading(quick=Scope(players=3, goods=1, values=(-1, 1)), standard=Scope(players=3, goods=1, values=(-1, 1)))
def naive_2(scope: Scope, watch: Watch) -> Verdict:
    """All four parts. First: in every context without collusion, for eps near both ends of its range, if everybody says
    YES exactly where he gains at least his price, the proposer's best proposals are truthful outcomes, or (E, 0) where
    nothing can be gained. The other three are the readings of their own names."""
    return _parts(all_truthful(scope, watch, _naive_2, _eps_2(scope), only=False), scope, watch)


@NAIVE_2.reading(
    "truthful prices legal",
    quick=Scope(players=3, goods=1, values=(-2, 2), samples=10),
    standard=Scope(players=3, goods=1, values=(-2, 2)),
    repair="contexts whose truthful outcomes have prices strictly between -B and B",
)
def naive_2_fitting(scope: Scope, watch: Watch) -> Verdict:
    """All four parts, the first only in contexts whose truthful outcomes may all be announced."""
    return _parts(all_truthful(scope, watch, _naive_2, _eps_2(scope), fitting=True, only=False), scope, watch)


@NAIVE_2.reading(
    "wide prices",
    quick=Scope(players=2, goods=1, values=(-1, 1)),
    standard=Scope(players=3, goods=1, values=(-1, 1)),
    repair="announced prices strictly between -2(n-1)B and 2(n-1)B",
)
def naive_2_wide(scope: Scope, watch: Watch) -> Verdict:
    """The first part, where prices may be any integers strictly between -2(n-1)B and 2(n-1)B."""
    return all_truthful(scope, watch, lambda setting, eps: WideNaive2(setting, eps=eps), _eps_2(scope), only=False)


@NAIVE_2.reading(
    "maximum welfare",
    quick=Scope(players=3, goods=1, values=(-3, 3)),
    standard=Scope(players=3, goods=1, values=(-3, 3)),
)
def naive_2_welfare(scope: Scope, watch: Watch) -> Verdict:
    """What the first part is for: if all answer by their own gains, some best proposal, truthful or not, has maximum
    welfare."""
    return optimal_welfare(scope, watch, _naive_2, [_eps_2(scope)[1]])


def _mistaken(case: Case) -> Outcome | None:
    """A proposal that hurts two players or more, each of whom may say YES where he believes that another of them says
    NO, and that then brings the proposer more than any that is answered sincerely, at less than maximum welfare."""
    valued, proposals = case.valued, case.proposals
    best, _ = most(case.legal, case.sincere)
    everybody = frozenset(proposals.others)
    for x in case.legal:
        accepted = proposals.after(x, everybody)
        hurt = [i for i in proposals.others if valued.utility((i,), accepted) < 0]
        if len(hurt) < 2 or valued.utility((PROPOSER,), accepted) <= best or valued.gain(x.owners) == valued.most:
            continue
        if all(_content(case, x, i, everybody - {j}) for i in hurt for j in hurt if j != i):
            return x
    return None


def _content(case: Case, x: Outcome, player: int, believed: Yes) -> bool:
    """Whether YES to `x` is a best answer of `player` if he believes that of the others those in `believed` say YES."""
    said = case.proposals.after(x, believed | {player})
    other = case.proposals.after(x, believed - {player})
    return case.valued.utility((player,), said) >= case.valued.utility((player,), other)


def _existence(
    scope: Scope, watch: Watch, make: Built, found: Callable[[Case], Outcome | None], why: str, counted: str
) -> Verdict:
    """That a proposal of some kind is found in some context of the range."""
    seen = broken = 0
    example = ""
    eps = _eps_2(scope)[1]
    for case in cases(scope, watch, make, [eps]):
        seen += 1
        proposal = found(case)
        if proposal is not None:
            broken += 1
            example = example or case.in_words(proposal)
    if not broken:
        return fails(f"in no context of the range: {why}", evidence=Evidence({"contexts": seen}))
    return holds(
        f"{why}; for example, {example}",
        range=f"every endowment, every context, every proposal, eps {written(eps)}",
        evidence=Evidence({"contexts": seen, counted: broken}),
    )


def _mismatch(scope: Scope, watch: Watch) -> Verdict:
    return _existence(
        scope,
        watch,
        _naive_2,
        _mistaken,
        "two players who would lose may each say YES as the other is expected to say NO, so that the proposal takes "
        "effect; it brings the proposer more than any truthful one, at less than maximum welfare",
        "contexts broken by mistaken beliefs",
    )


@NAIVE_2.reading(
    "belief mismatch",
    quick=Scope(players=3, goods=1, values=(-1, 1)),
    standard=Scope(players=3, goods=1, values=(-2, 2)),
)
def naive_2_mismatch(scope: Scope, watch: Watch) -> Verdict:
    """In some context without collusion a proposal that hurts at least two players takes effect, although each of these
    answers as is best by what he believes (that another of them says NO); the proposer gains more than by any proposal
    that is answered truthfully, and welfare is not maximum."""
    return _mismatch(scope, watch)


def _fined(scope: Scope, watch: Watch) -> Verdict:
    counts: dict[str, int] = {}
    for fine in _fines(scope):
        verdict = _existence(
            scope,
            watch,
            _with_fine(fine),
            _mistaken,
            "whatever fine the proposer would pay for a NO, there is none when all say YES out of mistaken beliefs",
            f"contexts broken with a fine of {written(fine)}",
        )
        if verdict.status != "holds":
            return verdict
        counts.update(verdict.evidence.counts)
    return holds(verdict.why, range=verdict.range, evidence=Evidence(counts))


def _with_fine(fine: Exact) -> Built:
    return lambda setting, eps: FinedNaive2(setting, eps=eps, fine=fine)


def _fines(scope: Scope) -> tuple[Exact, ...]:
    return 1, bound_above(scope), 1000 * bound_above(scope)


@NAIVE_2.reading(
    "a fine on the proposer",
    quick=Scope(players=3, goods=1, values=(-1, 1)),
    standard=Scope(players=3, goods=1, values=(-2, 2)),
)
def naive_2_fined(scope: Scope, watch: Watch) -> Verdict:
    """The same where the proposer is fined when somebody says NO, for fines of 1, B and 1000·B that nobody receives."""
    return _fined(scope, watch)


def _deceived(case: Case) -> Outcome | None:
    """A proposal to which, in the sequence of answers, the last player's YES comes as a surprise to the one before.

    The last but one, who plays alone and is hurt by it, takes the last one for a player alone, who would say NO, so
    that his own YES costs him nothing. But a coalition of the last one gains by YES, and the proposal takes effect at
    less than maximum welfare; the proposer's agent gains more than by any that is answered sincerely.
    """
    valued, proposals = case.valued, case.proposals
    n = valued.context.setting.n
    earlier, last = n - 2, n - 1
    if earlier == PROPOSER:
        return None
    everybody = frozenset(proposals.others)
    sincere = {
        agent: most(case.legal, partial(case.sincere, agent=agent))[0]
        for agent in dict.fromkeys(_agent(coalition) for coalition in _coalitions(n))
    }
    for x in case.legal:
        done, undone = proposals.after(x, everybody), proposals.after(x, everybody - {last})
        refused = proposals.after(x, everybody - {earlier, last})
        hurt = valued.utility((earlier,), done) < 0 and valued.utility((last,), done) < valued.utility((last,), undone)
        if not hurt or valued.utility((earlier,), undone) < valued.utility((earlier,), refused):
            continue
        if valued.gain(x.owners) == valued.most:
            continue
        for coalition in _coalitions(n):
            agent = _agent(coalition)
            content = [i for i in range(n) if i not in (earlier, PROPOSER, *coalition)]
            if (
                valued.utility(coalition, done) > valued.utility(coalition, undone)
                and valued.utility(agent, done) > sincere[agent]
                and all(valued.utility((i,), done) > 0 for i in content)
            ):
                return x
    return None


def _coalitions(n: int) -> list[Coalition]:
    """Every coalition of the last player with some others than the one before him."""
    return [(*members, n - 1) for size in range(1, n - 1) for members in combinations(range(n - 2), size)]


def _agent(coalition: Coalition) -> Coalition:
    """The agent that the proposer belongs to where `coalition` is the only one."""
    return coalition if PROPOSER in coalition else (PROPOSER,)


def _sequence(scope: Scope, watch: Watch) -> Verdict:
    return _existence(
        scope,
        watch,
        lambda setting, eps: SequentialNaive2(setting, eps=eps),
        _deceived,
        "the last but one says YES to what hurts him, sure that the last one will say NO; but the last one colludes "
        "with somebody who gains, says YES, and the proposal takes effect at less than maximum welfare",
        "contexts broken by a coalition when asked in sequence",
    )


@NAIVE_2.reading(
    "asked in sequence",
    quick=Scope(players=3, goods=1, values=(-2, 2), samples=10),
    standard=Scope(players=3, goods=1, values=(-2, 2)),
)
def naive_2_sequence(scope: Scope, watch: Watch) -> Verdict:
    """Where the others answer one after the other: in some context a proposal that hurts the last but one takes effect.
    He plays alone, takes the last one for a player alone, who would say NO, and so loses nothing by saying YES, as far
    as he can see; but the last one is in a coalition that gains by YES. Welfare is not maximum, and the proposer's
    agent gains more than by any proposal that is answered truthfully."""
    return _sequence(scope, watch)


@NAIVE_2.reading(
    "asked in sequence, nobody colludes",
    quick=Scope(players=3, goods=1, values=(-1, 1)),
    standard=Scope(players=3, goods=1, values=(-2, 2)),
)
def naive_2_sequence_alone(scope: Scope, watch: Watch) -> Verdict:
    """That it is collusion that breaks the sequence of answers: in every context in which nobody colludes and all know
    it, all subgame-perfect equilibria in pure strategies bring the proposer what his best proposal brings him if it is
    answered sincerely, and the others no less than 0."""
    seen = equilibria = 0
    eps = _eps_2(scope)[1]
    forms: dict[Setting, Form] = {}
    for case in cases(scope, watch, lambda setting, eps: SequentialNaive2(setting, eps=eps), [eps]):
        seen += 1
        context = case.valued.context
        if context.setting not in forms:
            forms[context.setting] = unfold(case.proposals.mechanism, bound_above(scope))
        found = subgame_perfect(Game.of(forms[context.setting], context)).payoffs
        equilibria += len(found)
        best, _ = most(case.legal, case.sincere)
        wrong = next((payoffs for payoffs in found if payoffs[PROPOSER] != best or min(payoffs) < 0), None)
        if wrong is not None or not found:
            return fails(f"an equilibrium brings {wrong}, where sincere answers bring the proposer {written(best)}")
    return holds(
        "who is the last to answer says NO to what hurts him, so that nobody who knows the others has to fear anything",
        range=f"every endowment, every context without collusion, every proposal, eps {written(eps)}",
        evidence=Evidence({"contexts": seen, "payoffs of equilibria": equilibria}),
    )
