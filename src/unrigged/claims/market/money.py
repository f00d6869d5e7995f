"""Claims of the market paper on money: no deficit and no surplus, and who gets what of the gain in welfare.

Source: Azar, Chen and Micali 2011, remarks in sections 5.2 and 5.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from unrigged.analysis.root import NoDominant
from unrigged.claims.base import AS_PRINTED, Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.market.games import (
    PROPOSER,
    MarketGame,
    Votes,
    by_name,
    covered,
    games,
    rational_scene,
    utility,
    voted_scene,
)
from unrigged.claims.market.root import (
    QUICK,
    STANDARD,
    Collusion,
    Solved,
    alone,
    every_partition,
    every_root,
    undominated,
)
from unrigged.context import Coalition, Context
from unrigged.exact import Exact, written
from unrigged.valuations import Table
from unrigged.verdict import Verdict, fails, holds, undecided

BALANCE = Claim(
    "market.balance",
    "paper 000, section 5.2, remark on budget balance",
    "In a rational play the mechanism neither takes money from the players nor gives them any: the prices of every "
    "outcome sum to 0.",
)


@BALANCE.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def balance(scope: Scope, watch: Watch) -> Verdict:
    """The prices of every outcome of every root-profile, all coins included, under every partition, sum to 0."""
    histories = profiles = 0
    known: set[tuple[int, ...]] = set()
    current: MarketGame | None = None
    for solved in every_root(scope, watch, every_partition):
        if isinstance(solved, NoDominant):
            return undominated(scope, solved)
        if solved.game is not current:
            current, known = solved.game, set()
        for action in solved.root.best:
            profiles += 1
            key = (action, *(int(solved.root.profile[g][k]) for g, k in solved.game.rooted.stages[action]))
            if key in known:
                continue
            known.add(key)
            for _, outcome, _ in solved.game.rooted.plays(action, solved.root.profile):
                histories += 1
                if outcome.revenue != 0:
                    case = rational_scene(solved.game, solved.context, solved.root, action, "rational")
                    low = outcome.revenue < 0
                    figure = Figure("rational", "least revenue" if low else "greatest revenue")
                    relation = Relation(figure, "<" if low else ">", 0)
                    why = f"the prices of an outcome of a rational play sum to {written(outcome.revenue)}"
                    shown = Counterexample({"rational": case}, (relation,))
                    return fails(why, range=covered(scope), counterexample=shown)
    found = Evidence({"root-profiles": profiles, "terminal histories": histories})
    return holds("every outcome of every rational play is balanced", range=covered(scope), evidence=found)


@BALANCE.reading("off the path, too, nothing is paid out", quick=QUICK, standard=STANDARD)
def no_deficit(scope: Scope, watch: Watch) -> Verdict:
    """Whatever is proposed and answered, and however the coins fall, the prices sum to at least 0."""
    histories = 0
    largest: Exact = 0
    for game in games(scope):
        for action in range(len(game.rooted.actions)):
            watch.step("first moves", action, len(game.rooted.actions))
            for votes in _one_vote_at_a_time(game, action):
                for _, outcome, _ in game.rooted.plays(action, votes):
                    histories += 1
                    largest = max(largest, outcome.revenue)
                    if outcome.revenue < 0:
                        case = voted_scene(game, _worthless(game), alone(game)[0], action, votes, "play")
                        shown = Counterexample({"play": case}, (Relation(Figure("play", "least revenue"), "<", 0),))
                        why = f"the mechanism pays out {written(-outcome.revenue)}"
                        return fails(why, range=covered(scope), counterexample=shown)
    found = Evidence({"terminal histories": histories}, figures={"greatest sum of prices": largest})
    return holds("no outcome of any play has prices of negative sum", range=covered(scope), evidence=found)


def _one_vote_at_a_time(game: MarketGame, action: int) -> Iterator[Votes]:
    """Votes that together lead to all that can happen after a first move: every profile of every stage is in some."""
    groups = game.rooted.groups
    stages = game.rooted.stages[action]
    for number in range(max((groups[g].prospects.shape[1] for g, _ in stages), default=1)):
        votes = [np.zeros(len(group.stages), np.int64) for group in groups]
        for g, k in stages:
            votes[g][k] = min(number, groups[g].prospects.shape[1] - 1)
        yield votes


def _worthless(game: MarketGame) -> Context:
    """Nothing is worth anything to anybody."""
    goods = game.setting.need_goods("a market")
    return Context(game.setting, tuple(Table(goods, [0] * (1 << len(goods))) for _ in game.setting.players))


GAIN = Claim(
    "market.gain",
    "paper 000, section 5.3",
    "Where the endowment has not the greatest welfare, the proposer's utility in a rational play without collusion is "
    "the gain in welfare less 2(n-1)eps, up to delta.",
)


def _proposers_share(solved: Solved) -> tuple[int, int, Fraction]:
    """The best first move, the gain in welfare at it, and the proposer's expected utility less what is claimed."""
    game, root = solved.game, solved.root
    action = root.best[0]
    gain = int(game.gains(solved.context)[action].sum())
    claimed = gain - 2 * (game.rooted.n - 1) * game.mechanism.eps
    return action, gain, Fraction(root.utility((PROPOSER,), action)) - claimed


def gain_within(scope: Scope, watch: Watch, allowed: Callable[[MarketGame], Fraction]) -> Verdict:
    """Whether the proposer's expected utility is what is claimed to within `allowed`, in every context in which he
    does better than to leave everything as it is."""
    seen = 0
    largest = Fraction(0)
    for solved in every_root(scope, watch, alone):
        if isinstance(solved, NoDominant):
            return undominated(scope, solved)
        if solved.game.stay in solved.root.best:
            continue
        seen += 1
        action, gain, excess = _proposers_share(solved)
        mechanism = solved.game.mechanism
        largest = max(largest, abs(excess) / mechanism.delta)
        if abs(excess) > allowed(solved.game):
            case = rational_scene(solved.game, solved.context, solved.root, action, "rational")
            bound = gain - 2 * (solved.game.rooted.n - 1) * mechanism.eps
            edge = bound - allowed(solved.game) if excess < 0 else bound + allowed(solved.game)
            shown = Counterexample({"rational": case}, (utility("rational", "<" if excess < 0 else ">", edge, (0,)),))
            who, than = solved.game.setting.players[PROPOSER], "less" if excess < 0 else "more"
            why = (
                f"{who} can expect {written(abs(excess))} {than} than {written(bound)} ({by_name(mechanism)}): where "
                "goods are destroyed, which happens with probability delta, more than 1 may be at stake for him"
            )
            return fails(why, range=covered(scope), counterexample=shown)
    if not seen:
        return undecided("no context of the range is one that is spoken of", range=covered(scope))
    found = Evidence({"contexts": seen}, figures={"largest difference as a multiple of delta": largest})
    return holds("the difference stays within the bound", range=covered(scope), evidence=found)


@GAIN.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def gain(scope: Scope, watch: Watch) -> Verdict:
    """The proposer's expected utility at his best first moves differs from the gain in welfare less 2(n-1)eps by at
    most delta."""
    return gain_within(scope, watch, lambda game: game.mechanism.delta)


@GAIN.reading(
    "to within 2(n-1)B delta",
    quick=QUICK,
    standard=STANDARD,
    repair="up to 2(n-1)B times delta, which is less than 2(n-1)eps, instead of up to delta",
)
def gain_bounded(scope: Scope, watch: Watch) -> Verdict:
    """As printed, with the bound 2(n-1)B times delta on the difference of expected utilities."""
    return gain_within(scope, watch, lambda game: 2 * (game.rooted.n - 1) * game.mechanism.bound * game.mechanism.delta)


@GAIN.reading("with probability at least 1 - delta", quick=QUICK, standard=STANDARD)
def gain_likely(scope: Scope, watch: Watch) -> Verdict:
    """The main terminal node of every root-profile gives the proposer exactly the gain in welfare less 2(n-1)eps; it is
    missed with probability at most delta."""
    return _main_utilities(scope, watch, others=False)


RANGE = Claim(
    "market.range",
    "paper 000, sections 5.2 (remark on fairness) and 5.3",
    "In a rational play every player but the proposer has a utility between 0 and 2eps.",
)


def utility_in_range(
    scope: Scope,
    watch: Watch,
    collusion: Collusion,
    *,
    where: Callable[[Solved, Coalition], bool] = lambda solved, coalition: True,
) -> Verdict:
    """Whether the expected utility of every coalition without the proposer, of those of which `where` is true, lies
    between 0 and 2eps for each of its members."""
    seen = 0
    largest = least = Fraction(0)
    for solved in every_root(scope, watch, collusion):
        if isinstance(solved, NoDominant):
            return undominated(scope, solved)
        eps = solved.game.mechanism.eps
        for coalition in solved.root.partition:
            if PROPOSER in coalition or not where(solved, coalition):
                continue
            for action in solved.root.best:
                seen += 1
                got = Fraction(solved.root.utility(coalition, action))
                most = 2 * len(coalition) * eps
                largest, least = max(largest, got / most), min(least, got)
                if not 0 <= got <= most:
                    return _out_of_range(scope, solved, coalition, action, got, most)
    found = Evidence({"utilities": seen}, figures={"least": least, "largest as a share of 2eps each": largest})
    return holds("all expected utilities are in range", range=covered(scope), evidence=found)


def _out_of_range(
    scope: Scope, solved: Solved, coalition: Coalition, action: int, got: Fraction, most: Fraction
) -> Verdict:
    names = " and ".join(solved.game.setting.players[player] for player in coalition)
    case = rational_scene(solved.game, solved.context, solved.root, action, "rational")
    relation = utility("rational", "<", 0, coalition) if got < 0 else utility("rational", ">", most, coalition)
    bound = "less than 0" if got < 0 else f"more than {written(most)}"
    why = f"{names} can expect {written(got)}, {bound} ({by_name(solved.game.mechanism)})"
    if got > most:
        why += ": it is a gain to be rid of an endowment of negative value where goods are destroyed"
    return fails(why, range=covered(scope), counterexample=Counterexample({"rational": case}, (relation,)))


@RANGE.reading(AS_PRINTED, quick=QUICK, standard=STANDARD)
def in_range(scope: Scope, watch: Watch) -> Verdict:
    """Without collusion, the expected utility of every player but the proposer, over all coins, at every best first
    move, lies between 0 and 2eps."""
    return utility_in_range(scope, watch, alone)


@RANGE.reading("in every outcome", quick=QUICK, standard=STANDARD)
def in_range_always(scope: Scope, watch: Watch) -> Verdict:
    """Without collusion, the utility of every player but the proposer lies between 0 and 2eps in every outcome of a
    rational play, however the coins fall: the paper says always."""
    outcomes = 0
    for solved in every_root(scope, watch, alone):
        if isinstance(solved, NoDominant):
            return undominated(scope, solved)
        game = solved.game
        for action in solved.root.best:
            for _, outcome, _ in game.rooted.plays(action, solved.root.profile):
                for player in range(1, game.rooted.n):
                    outcomes += 1
                    got = Fraction(solved.context.utility(player, outcome))
                    if not 0 <= got <= 2 * game.mechanism.eps:
                        case = rational_scene(game, solved.context, solved.root, action, "rational")
                        low = got < 0
                        figure = Figure("rational", "least utility" if low else "greatest utility", (player,))
                        relation = Relation(figure, "<" if low else ">", 0 if low else 2 * game.mechanism.eps)
                        why = f"{game.setting.players[player]} gets {written(got)} where goods are destroyed"
                        shown = Counterexample({"rational": case}, (relation,))
                        return fails(why, range=covered(scope), counterexample=shown)
    return holds("all utilities are in range", range=covered(scope), evidence=Evidence({"utilities": outcomes}))


@RANGE.reading("with probability at least 1 - delta", quick=QUICK, standard=STANDARD)
def in_range_likely(scope: Scope, watch: Watch) -> Verdict:
    """Without collusion, the main terminal node of every root-profile gives every player but the proposer exactly 2eps,
    or 0 where everything is left as it is; it is missed with probability at most delta."""
    return _main_utilities(scope, watch, others=True)


@RANGE.reading(
    "endowments worth at least 0",
    quick=QUICK,
    standard=STANDARD,
    repair="the endowment of the player is worth at least 0 to him",
)
def in_range_repaired(scope: Scope, watch: Watch) -> Verdict:
    """As printed, for players whose endowment is worth at least 0 to them."""
    return utility_in_range(scope, watch, alone, where=_own_nothing_bad)


@RANGE.reading(
    "coalitions, endowments worth at least 0",
    quick=QUICK,
    standard=STANDARD,
    repair="with collusion: 2eps for each member of a coalition without the proposer whose members' endowments are "
    "together worth at least 0 to them",
)
def in_range_coalitions(scope: Scope, watch: Watch) -> Verdict:
    """Under every partition, at every best first move, the joint expected utility of a coalition without the proposer,
    whose endowments are together worth at least 0, lies between 0 and 2eps times the number of its members."""
    return utility_in_range(scope, watch, every_partition, where=_own_nothing_bad)


def _own_nothing_bad(solved: Solved, coalition: Coalition) -> bool:
    endowment = solved.game.mechanism.endowment
    return sum(solved.context.worth(player, endowment) for player in coalition) >= 0


def _main_utilities(scope: Scope, watch: Watch, *, others: bool) -> Verdict:
    """Whether the main node of every root-profile without collusion gives exactly what is claimed, to the `others` or
    to the proposer."""
    nodes = 0
    for solved in every_root(scope, watch, alone):
        if isinstance(solved, NoDominant):
            return undominated(scope, solved)
        game, n = solved.game, solved.game.rooted.n
        for action in solved.root.best:
            node = solved.root.main_node(action, solved.context)
            nodes += 1
            gain = int(game.gains(solved.context)[action].sum())
            moved = action != game.stay
            for player in range(1, n) if others else range(1):
                usual = 2 * game.mechanism.eps if others else gain - 2 * (n - 1) * game.mechanism.eps
                due = usual if moved else 0
                got = solved.context.utility(player, node.outcome)
                if got != due or node.probability < 1 - game.mechanism.delta:
                    case = rational_scene(game, solved.context, solved.root, action, "rational")
                    figure = Figure("rational", "greatest utility" if got > due else "least utility", (player,))
                    relation = Relation(figure, ">" if got > due else "<", due)
                    why = f"{game.setting.players[player]} gets {written(got)}, not {written(due)}, in the main outcome"
                    shown = Counterexample({"rational": case}, (relation,))
                    return fails(why, range=covered(scope), counterexample=shown)
    return holds(
        "every main outcome gives exactly that", range=covered(scope), evidence=Evidence({"main nodes": nodes})
    )


CLAIMS = (BALANCE, GAIN, RANGE)
