"""Claims of the market paper on what is best to propose, everybody answering as is dominant.

Source: Azar, Chen and Micali 2011, Lemmas 3, 4, 10 and 11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.coalitions import Partition, partitions
from unrigged.analysis.root import (
    NoDominant,
    RootSet,
    no_dominant,
    root_set,
)
from unrigged.claims.base import AS_PRINTED, Claim, Evidence, Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation, Sign
from unrigged.claims.market.games import (
    PROPOSER,
    MarketGame,
    contexts,
    covered,
    every_context,
    games,
    markets,
    not_dominant,
    parameters,
    rational_scene,
    utility,
)
from unrigged.claims.market.prices import vertices
from unrigged.context import Coalition, Context
from unrigged.exact import written
from unrigged.mechanisms.market import Market
from unrigged.verdict import Verdict, fails, holds, undecided

QUICK = Scope(
    players=3, goods=1, values=(-1, 1), samples=9, parameters={"eps": Fraction(1, 20), "delta": Fraction(1, 50)}
)
STANDARD = Scope(players=3, goods=2, values=(-1, 1), samples=100)

Moves = NDArray[np.bool_]
"""Which of the first moves."""


@dataclass(frozen=True)
class Named:
    """The root set that the paper names in a context, and whether the endowment has the greatest welfare there is."""

    moves: Moves
    endowment_is_best: bool


def named_set(game: MarketGame, context: Context, first: Coalition) -> Named:
    """(E, 0) where the endowment E has the greatest welfare, otherwise the semi-truthful outcomes for the proposer's
    coalition `first` (where he is alone, the truthful ones)."""
    gains = game.gains(context)
    welfare = gains.sum(axis=1)
    if welfare.max() == 0:
        return Named(np.arange(len(gains)) == game.stay, True)
    outside = [player for player in range(game.rooted.n) if player not in first]
    priced = (gains[:, outside] == game.asked[:, outside]).all(axis=1)
    return Named(game.regular & (welfare == welfare.max()) & priced, False)


def alone(game: MarketGame) -> list[Partition]:
    """The partition into single players."""
    return [tuple((player,) for player in range(game.rooted.n))]


def every_partition(game: MarketGame) -> list[Partition]:
    """All partitions of the players."""
    return list(partitions(game.rooted.n))


Collusion = Callable[[MarketGame], list[Partition]]


@dataclass(frozen=True)
class Solved:
    """A context of the range with its root set."""

    game: MarketGame
    context: Context
    root: RootSet

    @property
    def first(self) -> Coalition:
        """The proposer's coalition."""
        return next(block for block in self.root.partition if PROPOSER in block)


def every_root(scope: Scope, watch: Watch, collusion: Collusion) -> Iterator[Solved | NoDominant]:
    """The root set of every context of the range under every partition; or a coalition without dominant answers."""
    for game, context, valued in every_context(scope, watch):
        listed = collusion(game)
        found = no_dominant(valued, context, sorted({block for partition in listed for block in partition}))
        if found is not None:
            yield found
            continue
        for partition in listed:
            yield Solved(game, context, root_set(valued, partition))


def undominated(scope: Scope, found: NoDominant) -> Verdict:
    """It fails because some coalition lacks dominant answers, so that there is no rational play."""
    names = " and ".join(found.context.setting.players[player] for player in found.coalition)
    game = next(game for game in games(scope) if game.setting == found.context.setting)
    return fails(f"there is no strictly dominant joint answer of {names} at '{found.label}', so no play is rational",
                 range=covered(scope), counterexample=not_dominant(game, found))  # fmt: skip


def root_is_named(
    scope: Scope,
    watch: Watch,
    collusion: Collusion,
    *,
    where: Callable[[Solved, Named], bool],
    zero: bool,
    more: Callable[[Solved, Named], Moves] = lambda solved, named: named.moves,
) -> Verdict:
    """Whether, in the contexts of which `where` is true, the root set is the one named (or `more`), and every
    coalition's utility at each of its moves is >= 0, or = 0 where `zero`."""
    seen = moves = 0
    for solved in every_root(scope, watch, collusion):
        if isinstance(solved, NoDominant):
            return undominated(scope, solved)
        named = named_set(solved.game, solved.context, solved.first)
        if not where(solved, named):
            continue
        seen += 1
        wrong = _against(solved, np.flatnonzero(more(solved, named)), zero)
        if wrong is not None:
            return fails(wrong[0], range=covered(scope), counterexample=wrong[1])
        moves += len(solved.root.best)
    if not seen:
        return undecided("no context of the range is one that is spoken of", range=covered(scope))
    found = Evidence({"contexts with coalitions": seen, "best first moves": moves})
    return holds("the best first moves are exactly those named", range=covered(scope), evidence=found)


def _against(solved: Solved, named: NDArray[np.int64], zero: bool) -> tuple[str, Counterexample] | None:
    """Why the root set is not `named`, or a coalition does not get what it should; None where all is well."""
    game, context, root, first = solved.game, solved.context, solved.root, solved.first
    least = int(named[0])
    joint = root.utilities[:, list(first)].sum(axis=1)
    names = " and ".join(game.setting.players[player] for player in first)
    setting = game.setting
    for action in named.tolist():
        if joint[action] < joint.max():
            better = root.best[0]
            why = f"{names} would gain more by another first move than by one that is named"
            return why, _compared(solved, action, better, ">")
    extra = sorted(set(root.best) - set(named.tolist()))
    if extra:
        why = f"{names} would gain as much by another first move as by those that are named"
        if len(first) == game.rooted.n:
            why += ": discounts stay among them, and the goods that may be destroyed are worth nothing to them"
        return why, _compared(solved, least, extra[0], ">=")
    for action in named.tolist():
        for coalition in root.partition:
            gain = root.utility(coalition, action)
            if gain < 0 or (zero and gain != 0):
                who = " and ".join(setting.players[player] for player in coalition)
                case = rational_scene(game, context, root, action, "rational")
                relation = utility("rational", "<" if gain < 0 else ">", 0, coalition)
                shown = Counterexample({"rational": case}, (relation,))
                return f"{who} would get {written(gain)} after a first move that is named", shown
    return None


def _compared(solved: Solved, named: int, other: int, sign: Sign) -> Counterexample:
    """The plays that begin with two first moves, and how they compare for the proposer's coalition."""
    cases = {
        name: rational_scene(solved.game, solved.context, solved.root, action, name)
        for name, action in (("named", named), ("other", other))
    }
    return Counterexample(cases, (utility("other", sign, "named", solved.first),))


def endowment_best(solved: Solved, named: Named) -> bool:
    """Whether the endowment has the greatest welfare."""
    return named.endowment_is_best


def endowment_not_best(solved: Solved, named: Named) -> bool:
    """Whether some allocation has more welfare than the endowment."""
    return not named.endowment_is_best


L3 = Claim(
    "market.L3",
    "paper 000, appendix A, Lemma 3",
    "Without collusion, where the endowment E has the greatest welfare, to propose (E, 0) is strictly better for the "
    "proposer than any other first move, and then everybody's utility is 0.",
)


@L3.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def l3(scope: Scope, watch: Watch) -> Verdict:
    """The proposer's expected utility, everybody voting as is dominant, is compared over all first moves."""
    return root_is_named(scope, watch, alone, where=endowment_best, zero=True)


L4 = Claim(
    "market.L4",
    "paper 000, appendix A, Lemma 4",
    "Without collusion, where the endowment has not the greatest welfare, the truthful outcomes are equally good for "
    "the proposer and strictly better than any other first move, and they leave everybody a utility >= 0.",
)


@L4.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def l4(scope: Scope, watch: Watch) -> Verdict:
    """The proposer's expected utility, everybody voting as is dominant, is compared over all first moves."""
    return root_is_named(scope, watch, alone, where=endowment_not_best, zero=False)


@L4.reading("utilities in every outcome", quick=QUICK, standard=STANDARD)
def l4_always(scope: Scope, watch: Watch) -> Verdict:
    """Nobody's utility is negative in any outcome of a truthful proposal, however the coins fall."""
    return never_negative(scope, watch, alone)


def never_negative(scope: Scope, watch: Watch, collusion: Collusion) -> Verdict:
    """Whether, where the endowment has not the greatest welfare, every outcome of every root-profile leaves every
    coalition a utility >= 0."""
    seen = 0
    for solved in every_root(scope, watch, collusion):
        if isinstance(solved, NoDominant):
            return undominated(scope, solved)
        game, root = solved.game, solved.root
        if game.stay in root.best:
            continue
        for action in root.best:
            for _, outcome, chance in game.rooted.plays(action, root.profile):
                seen += 1
                for coalition in root.partition:
                    got = solved.context.joint_utility(coalition, outcome)
                    if got < 0:
                        case = rational_scene(game, solved.context, root, action, "rational")
                        relation = Relation(Figure("rational", "least utility", coalition), "<", 0)
                        names = " and ".join(game.setting.players[player] for player in coalition)
                        why = (
                            f"the utility of {names} is {written(got)} in an outcome of probability {written(chance)}, "
                            "in which goods are destroyed; the expected one is not negative"
                        )
                        shown = Counterexample({"rational": case}, (relation,))
                        return fails(why, range=covered(scope), counterexample=shown)
    found = Evidence({"outcomes": seen})
    return holds("no outcome leaves a coalition less than 0", range=covered(scope), evidence=found)


L10 = Claim(
    "market.L10",
    "paper 000, appendix B, Lemma 10",
    "With collusion, where the endowment E has the greatest welfare, to propose (E, 0) is strictly better for the "
    "proposer's coalition than any other first move, whatever the other coalitions; every coalition's utility is 0.",
)


@L10.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def l10(scope: Scope, watch: Watch) -> Verdict:
    """The joint utility of the proposer's coalition, every coalition voting as is dominant, is compared over all first
    moves, under every partition; the grand coalition is one."""
    return root_is_named(scope, watch, every_partition, where=endowment_best, zero=True)


def somebody_pays(solved: Solved, named: Named) -> bool:
    """Whether E is best, and the proposer's coalition is not everybody or E is worth something."""
    grand = len(solved.first) == solved.game.rooted.n
    return named.endowment_is_best and not (grand and _worthless(solved))


def _worthless(solved: Solved) -> bool:
    return solved.context.welfare(solved.game.mechanism.endowment) == 0


@L10.reading(
    "not everybody colludes, or the endowment is worth something",
    quick=QUICK,
    standard=STANDARD,
    repair="the proposer's coalition is not the grand coalition, or the welfare of the endowment is not 0",
)
def l10_repaired(scope: Scope, watch: Watch) -> Verdict:
    """As printed, except for the contexts in which all players form one coalition and the endowment, though best, is
    worth 0 altogether: discounts then stay within the coalition, and there is nothing worth destroying."""
    return root_is_named(scope, watch, every_partition, where=somebody_pays, zero=True)


def or_worthless(solved: Solved, named: Named) -> Moves:
    """The moves named, and for the grand coalition with a worthless endowment E, where that is best, every regular
    proposal of welfare 0, too."""
    if len(solved.first) < solved.game.rooted.n or not (named.endowment_is_best and _worthless(solved)):
        return named.moves
    welfare = solved.game.gains(solved.context).sum(axis=1)
    tied: Moves = solved.game.regular & (welfare == 0)
    return named.moves | tied


@L10.reading(
    "with the tied proposals added",
    quick=QUICK,
    standard=STANDARD,
    repair="for the grand coalition with an endowment of welfare 0 the root set is (E, 0) and all regular proposals of "
    "welfare 0",
)
def l10_enlarged(scope: Scope, watch: Watch) -> Verdict:
    """The root set is the one printed, together with all regular proposals of welfare 0 where everybody colludes and
    the endowment, though best, is worth 0; every coalition's utility is 0 at each of them."""
    return root_is_named(scope, watch, every_partition, where=endowment_best, zero=True, more=or_worthless)


L11 = Claim(
    "market.L11",
    "paper 000, appendix B, Lemma 11",
    "With collusion, where the endowment has not the greatest welfare, the semi-truthful outcomes are equally good for "
    "the proposer's coalition and strictly better than any other first move, whatever the other coalitions, and they "
    "leave every coalition a utility >= 0.",
)


@L11.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def l11(scope: Scope, watch: Watch) -> Verdict:
    """The joint utility of the proposer's coalition, every coalition voting as is dominant, is compared over all first
    moves, under every partition; the grand coalition is one."""
    return root_is_named(scope, watch, every_partition, where=endowment_not_best, zero=False)


@L11.reading(
    "large values, prices by linearity",
    quick=Scope(players=3, goods=1, values=(-1000, 1000), samples=2),
    standard=Scope(players=3, goods=2, values=(-1000, 1000), samples=8),
)
def l11_large(scope: Scope, watch: Watch) -> Verdict:
    """As printed, for values so large that prices cannot be listed one by one. For a fixed allocation and fixed answers
    of everybody, the joint utility of the proposer's coalition is linear in the prices of the others (those of its own
    members cancel), and the answers divide the prices into polytopes with integer vertices; so it is enough to compare
    all vertices, and the best prices are unique where the best vertex is."""
    seen = 0
    for setting in markets(scope):
        for eps, delta in list(parameters(setting, scope))[::2]:
            mechanism = build("market", setting, eps=eps, delta=delta)
            assert isinstance(mechanism, Market)
            for context in contexts(scope, setting):
                watch.step("contexts", seen)
                game = MarketGame.of(mechanism, vertices(mechanism, context))
                valued = game.rooted.valued(context)
                for partition in every_partition(game):
                    solved = Solved(game, context, root_set(valued, partition))
                    named = named_set(game, context, solved.first)
                    wrong = None if named.endowment_is_best else _against(solved, np.flatnonzero(named.moves), False)
                    if wrong is not None:
                        return fails(wrong[0], range=covered(scope), counterexample=wrong[1])
                    seen += not named.endowment_is_best
    if not seen:
        return undecided("no context of the range is one that is spoken of", range=covered(scope))
    return holds("the best vertices are exactly the semi-truthful ones", range=covered(scope),
                 evidence=Evidence({"contexts with coalitions": seen}))  # fmt: skip


@L11.reading("utilities in every outcome", quick=QUICK, standard=STANDARD)
def l11_always(scope: Scope, watch: Watch) -> Verdict:
    """No coalition's utility is negative in any outcome of a semi-truthful proposal, however the coins fall."""
    return never_negative(scope, watch, every_partition)


CLAIMS = (L3, L4, L10, L11)
