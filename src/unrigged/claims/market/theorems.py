"""Claims of the market paper on what rational play comes to: the theorems, root implementation with full privacy.

Source: Azar, Chen and Micali 2011, Lemmas 5 and 6, Theorems 1' and 1''.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from unrigged.analysis.root import (
    MainNode,
    NoDominant,
    RootObjection,
    root_implements,
    root_set,
    socially_optimal,
)
from unrigged.benchmarks import Benchmarks
from unrigged.claims.base import AS_PRINTED, Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.market.games import (
    MarketGame,
    contexts,
    covered,
    games,
    not_dominant,
    rational_scene,
    utility,
)
from unrigged.claims.market.root import (
    QUICK,
    STANDARD,
    Solved,
    alone,
    every_partition,
    every_root,
    or_worthless,
    root_is_named,
    undominated,
)
from unrigged.context import Context
from unrigged.outcome import Outcome
from unrigged.scenario import Scenario
from unrigged.verdict import Verdict, fails, holds

FOUR = Scope(
    players=4,
    goods=1,
    values=(-1, 1),
    samples=25,
    parameters={"eps": Fraction(999, 20000), "delta": Fraction(1, 41)},
)

L5 = Claim(
    "market.L5",
    "paper 000, appendix A, Lemma 5",
    "Without collusion every root-profile reaches a single terminal node with probability >= 1 - delta, and its "
    "outcome is socially optimal: greatest welfare, prices that sum to 0.",
)

L6 = Claim(
    "market.L6",
    "paper 000, appendix A, Lemma 6",
    "Full privacy without collusion: root-profiles of two contexts whose main outcomes agree have the same main "
    "terminal node.",
)

T1a = Claim(
    "market.T1a",
    "paper 000, appendix A, Theorem 1'",
    "For any delta the mechanism (1-delta)-root implements the socially optimal correspondence with full privacy, when "
    "it is common knowledge that all players are independent.",
)

T1b = Claim(
    "market.T1b",
    "paper 000, appendix B, Theorem 1''",
    "For any delta the mechanism (1-delta)-root implements the socially optimal correspondence with full privacy, "
    "however players collude.",
)


def implements(scope: Scope, watch: Watch, *, collusion: bool) -> Verdict:
    """Definition 6 for every market of the range and every pair of parameters: root-solvable, one main terminal node
    with a socially optimal outcome, full privacy over all contexts of one market."""
    counts = {"markets and parameters": 0, "type profiles": 0, "root-profiles": 0, "main outcomes": 0}
    for game in games(scope):

        def seen(done: int, before: int = counts["type profiles"]) -> None:
            watch.step("type profiles", before + done)

        found = root_implements(game.rooted, contexts(scope, game.setting), socially_optimal, game.mechanism.delta,
                                collusion=collusion, seen=seen)  # fmt: skip
        if found.status != "holds":
            return fails(found.why, range=covered(scope), counterexample=shown(game, found.counterexample))
        counts["markets and parameters"] += 1
        counts["type profiles"] += found.evidence.contexts
        counts["root-profiles"] += found.evidence.profiles
        counts["main outcomes"] += found.evidence.outcomes
    why = "root-solvable; every root-profile has one main node, whose outcome is optimal, balanced and tells the node"
    return holds(why, range=covered(scope), evidence=Evidence(counts))


def shown(game: MarketGame, objection: object) -> Counterexample | None:
    """What is wrong with a root-profile, as plays; None where it takes more than plays to show."""
    if isinstance(objection, NoDominant):
        return not_dominant(game, objection)
    if isinstance(objection, RootObjection) and objection.utility < 0:
        cases = {"rational": _replayed(game, objection.context, game.rooted.numbers[objection.move])}
        return Counterexample(cases, (utility("rational", "<", 0, objection.coalition),))
    if isinstance(objection, MainNode):
        cases = {"rational": _replayed(game, objection.context, game.rooted.numbers[objection.move])}
        return Counterexample(cases, (_contradicting(game, objection),))
    if isinstance(objection, tuple):
        cases = {
            name: _replayed(game, node.context, game.rooted.numbers[node.move])
            for name, node in zip(("first", "second"), objection, strict=True)
        }
        same = Relation(Figure("first", "likeliest outcome"), "=", Figure("second", "likeliest outcome"))
        other = Relation(Figure("first", "likeliest history"), "!=", Figure("second", "likeliest history"))
        return Counterexample(cases, (same, other))
    return None


def _contradicting(game: MarketGame, node: MainNode) -> Relation:
    """What is wrong with a main node. The welfare of the whole play tells whether that of its main outcome is the
    greatest: all else has probability delta, and then a single player owns goods, which are worth more than -B."""
    delta, bound = game.mechanism.delta, game.mechanism.bound
    if node.probability < 1 - delta:
        return Relation(Figure("rational", "likeliest probability"), "<", 1 - delta)
    if node.outcome.revenue:
        return Relation(Figure("rational", "revenue"), "!=", 0)
    best = Benchmarks(node.context).msw().value
    return Relation(Figure("rational", "welfare"), "<=", (1 - delta) * best - delta * bound)


def main_nodes(scope: Scope, watch: Watch) -> Iterator[tuple[Solved, MainNode] | NoDominant]:
    """The main node of every root-profile of every context of the range, without collusion."""
    for solved in every_root(scope, watch, alone):
        if isinstance(solved, NoDominant):
            yield solved
            continue
        for action in solved.root.best:
            yield solved, solved.root.main_node(action, solved.context)


@L5.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def l5(scope: Scope, watch: Watch) -> Verdict:
    """For every best first move, the likeliest terminal history of the play that follows: its exact probability is
    compared with 1 - delta, its outcome with the greatest welfare and with balance."""
    nodes = 0
    least = Fraction(1)
    for each in main_nodes(scope, watch):
        if isinstance(each, NoDominant):
            return undominated(scope, each)
        solved, node = each
        nodes += 1
        least = min(least, node.probability - 1 + solved.game.mechanism.delta)
        best = solved.game.gains(solved.context).sum(axis=1).max()
        gained = solved.context.welfare(node.outcome.result) - solved.context.welfare(solved.game.mechanism.endowment)
        if least < 0 or gained != best or node.outcome.revenue != 0:
            why = "a root-profile has no likely terminal node with a socially optimal outcome"
            return fails(why, range=covered(scope), counterexample=shown(solved.game, node))
    found = Evidence({"root-profiles": nodes}, figures={"least excess of a probability over 1 - delta": least})
    return holds("every main node has probability >= 1 - delta and a socially optimal outcome", range=covered(scope),
                 evidence=found)  # fmt: skip


@L6.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def l6(scope: Scope, watch: Watch) -> Verdict:
    """Main outcomes and main terminal histories of the root-profiles of all contexts of one market are compared."""
    nodes = outcomes = 0
    first: dict[Outcome, MainNode] = {}
    game: MarketGame | None = None
    for each in main_nodes(scope, watch):
        if isinstance(each, NoDominant):
            return undominated(scope, each)
        solved, node = each
        if solved.game is not game:
            game, first = solved.game, {}
        nodes += 1
        outcomes += node.outcome not in first
        before = first.setdefault(node.outcome, node)
        if before.path != node.path:
            why = "two root-profiles with the same main outcome reach it by different terminal nodes"
            return fails(why, range=covered(scope), counterexample=shown(solved.game, (before, node)))
    found = Evidence({"root-profiles": nodes, "main outcomes": outcomes})
    return holds("no main outcome is reached by two terminal nodes", range=covered(scope), evidence=found)


@T1a.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def t1a(scope: Scope, watch: Watch) -> Verdict:
    """Definition 6 over all contexts without collusion, for delta in (0, eps/B); a larger delta asks for less of the
    mechanism with a smaller one, as the paper says. The root set is the one computed, whichever the lemmas name."""
    return implements(scope, watch, collusion=False)


@T1b.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def t1b(scope: Scope, watch: Watch) -> Verdict:
    """Definition 6 over all contexts and all partitions, for delta in (0, eps/B); a larger delta asks for less of the
    mechanism with a smaller one. The root set is the one computed, whichever the lemmas name: for the grand coalition
    with a worthless endowment it is larger than Lemma 10 says, and all of it is socially optimal."""
    return implements(scope, watch, collusion=True)


@T1b.reading("four players", quick=QUICK, standard=FOUR)
def t1b_four(scope: Scope, watch: Watch) -> Verdict:
    """As printed, on another range: with four players there can be two coalitions that the proposer is not in."""
    return implements(scope, watch, collusion=True)


@T1b.reading("with the root set of Lemmas 10 and 11", quick=QUICK, standard=STANDARD)
def t1b_named(scope: Scope, watch: Watch) -> Verdict:
    """As Theorem 1'' is proved: the root set is {(E, 0)} where E has the greatest welfare and otherwise the set of the
    semi-truthful outcomes, under every partition, and every coalition's utility is >= 0."""
    return root_is_named(scope, watch, every_partition, where=lambda solved, named: True, zero=False)


@T1b.reading(
    "with the root set of Lemmas 10 and 11 and the tied proposals",
    quick=QUICK,
    standard=STANDARD,
    repair="for the grand coalition with an endowment of welfare 0 the root set is (E, 0) and all regular proposals of "
    "welfare 0",
)
def t1b_enlarged(scope: Scope, watch: Watch) -> Verdict:
    """The root set is the one of the lemmas, together with all regular proposals of welfare 0 where everybody colludes
    and the endowment has the greatest welfare, 0; every coalition's utility is >= 0."""
    return root_is_named(scope, watch, every_partition, where=lambda solved, named: True, zero=False, more=or_worthless)


def _replayed(game: MarketGame, context: Context, action: int) -> Scenario:
    """The play s^x of `context`, under its own coalitions."""
    root = root_set(game.rooted.valued(context), context.coalitions)
    return rational_scene(game, context, root, action, "rational")


CLAIMS = (L5, L6, T1a, T1b)
