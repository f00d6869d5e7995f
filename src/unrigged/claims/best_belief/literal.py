"""The best-belief claims on games small enough to eliminate literally: all strategies, beliefs and mixtures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np

from unrigged.claims.base import Scope, Watch
from unrigged.claims.best_belief.elimination import Belief, Stand, Twice
from unrigged.claims.best_belief.ranges import (
    Findings,
    literal_parts,
    normal_parts,
    smallest_eps,
    smallest_first,
    with_eps,
)
from unrigged.claims.best_belief.sales import Forms, Types, sales_of
from unrigged.claims.counterexample import Counterexample, Figure, Relation, Sign
from unrigged.context import Coalition
from unrigged.exact import written
from unrigged.moves.disclosures import Disclosure
from unrigged.scenario import Scenario
from unrigged.strategic import Notion, Payoffs, Profile, profile_with
from unrigged.verdict import Verdict, fails

NORMAL, MAIN = "best-belief-normal", "best-belief"


def eliminations(name: str, scope: Scope, watch: Watch, found: Findings, *, smallest: bool = False) -> Iterator[Twice]:
    """The two steps in every small game of the range, from small to large, for every eps (the largest of them, of the
    main mechanism, for the smallest eps only, by which the promised revenue is largest).

    `smallest`: begin with the smallest games there are (of the normal-form mechanism).
    """
    listed: list[tuple[Scope, tuple[int, ...] | None]] = list(literal_parts(scope))
    if name == NORMAL:
        listed = [(part, None) for part in (smallest_first(scope) if smallest else normal_parts(scope))]
    notion = Notion.WEAK if name == NORMAL else Notion.DISTINGUISHABLE
    for part, wanted in listed:
        large = name == MAIN and (part.players > 2 or part.announcements > 2)
        for exact in [smallest_eps(part)] if large else with_eps(part):
            steps = Twice(Forms(sales_of(name, exact, watch, wanted=wanted), watch), notion, watch)
            yield steps
            found.covered(exact, "every strategy" if wanted is None else "every strategy, all want the good")
            found.accepted.update(steps.accepted)
            found.counts.update(steps.counts)


def reports_kept(steps: Twice, found: Findings) -> Verdict | None:
    """Lemma 1: None where no strategy that the first step leaves reports another valuation than the true one."""
    for agent, own, strategy in _misreports(steps):
        return _misreport_kept(steps, agent, own, strategy)
    return None


def reports_up_to_effect(steps: Twice, found: Findings) -> Verdict | None:
    """Lemma 1 as far as it matters: None where every strategy that the first step leaves pays its player, whatever the
    others do, as much as the one with the same offer that reports the true valuation."""
    for agent, own, strategy in _misreports(steps):
        found.counts["misreports kept"] += 1
        truth = _truthful(steps, agent, own, strategy)
        rows = _row(steps, agent, own, strategy), _row(steps, agent, own, truth)
        if (rows[0] != rows[1]).any():
            return _misreport_kept(steps, agent, own, strategy)
    return None


def _misreports(steps: Twice) -> Iterator[tuple[int, int, int]]:
    for agent, own in product(steps.sales.players, range(len(steps.sales.valuations))):
        kept = steps.first(agent, (own,) * len(steps.sales.players))
        steps.counts["strategies kept in the first step"] += len(kept.strategies)
        for strategy in kept.strategies:
            move = steps.sales.moves[agent][strategy]
            if isinstance(move, Disclosure) and move.valuation != steps.sales.valuations[own]:
                yield agent, own, strategy


def _truthful(steps: Twice, agent: int, own: int, strategy: int) -> int:
    move = steps.sales.moves[agent][strategy]
    return steps.sales.moves[agent].index(Disclosure(steps.sales.valuations[own], move.offer))


def _row(steps: Twice, agent: int, own: int, strategy: int) -> Payoffs:
    """What a strategy pays against everything."""
    game = steps.forms.game((own,) * len(steps.sales.players))
    return np.asarray(np.moveaxis(game.payoffs[agent], agent, 0)[strategy])


def _misreport_kept(steps: Twice, agent: int, own: int, strategy: int) -> Verdict:
    """The counterexample: it pays what the truth pays against everything, or more; and more than every other offer
    against some strategies of the others."""
    sales = steps.sales
    types, truth = (own,) * len(sales.players), _truthful(steps, agent, own, strategy)
    mine, other = _row(steps, agent, own, strategy), _row(steps, agent, own, truth)
    name, names = sales.mechanism.setting.players[agent], {strategy: "misreport", truth: "truth"}
    cases: dict[str, Scenario] = {}
    relations: list[Relation] = []

    def case(which: int, others: Profile, number: int) -> str:
        title = f"{names.get(which, f'offer {which}')} against {number}"
        if title not in cases:
            cases[title] = steps.scenario(profile_with(agent, which, others), types, {}, title)
        return title

    for number, others in enumerate(np.ndindex(mine.shape)):
        sign: Sign = "=" if mine[others] == other[others] else ">=" if mine[others] > other[others] else "<"
        pair = (Figure(case(one, others, number), "utility", (agent,)) for one in (strategy, truth))
        relations.append(Relation(next(pair), sign, next(pair)))
    rivals = [
        k
        for k, move in enumerate(sales.moves[agent])
        if move.offer != sales.moves[agent][strategy].offer and _truthful(steps, agent, own, k) == k
    ]  # fmt: skip
    for number, others in enumerate(np.ndindex(mine.shape)):
        if all(_row(steps, agent, own, k)[others] < mine[others] for k in rivals):
            for k in rivals:
                sold = Figure(case(strategy, others, number), "utility", (agent,))
                relations.append(Relation(sold, ">", Figure(case(k, others, number), "utility", (agent,))))
            break
    move, space = sales.moves[agent][strategy], sales.decision.space(agent)
    assert space is not None
    values = ", ".join(written(value) for value in sales.valuations[own].values[1:])
    why = (
        f"{name}, whose true values are {values}, can announce «{space.describe(move)}» and is not weakly dominated: "
        "against everything that pays exactly what the true report with the same offer pays, and against buyers who "
        "accept just this it pays more than any other offer. He is asked only where he does not win; with one buyer "
        "the price is then the winner's revenue, too high for the reported value and for the true one, however high "
        "prices may be; and the set he gets by winning is a favourite one in truth as well. (The proof lets a third "
        "player buy something dear beside the first, which needs a third player and a good that is left.)"
    )
    return fails(why, counterexample=Counterexample(cases, tuple(relations)))


def answers_kept(steps: Twice, found: Findings) -> Verdict | None:
    """Lemma 3: None where every strategy that the first step leaves answers by the true values at all nodes that it
    reaches."""
    for agent, own in product(steps.sales.players, range(len(steps.sales.valuations))):
        types = (own,) * len(steps.sales.players)
        kept = steps.first(agent, types)
        for strategy in kept.strategies:
            found.counts["strategies kept in the first step"] += 1
            behaviour = steps.forms.behaviours[agent][strategy]
            for (rest, side), given in behaviour.answers.items():
                announced = (*rest[:agent], *behaviour.announced, *rest[agent:])
                wanted = steps.sales.truthful(announced, side, types)
                place = steps.sales.after[announced][side].buyers.index(agent)
                if given[0] is not wanted[place]:
                    return _wrong_answer_kept(steps, agent, own, strategy)
    return None


def _wrong_answer_kept(steps: Twice, agent: int, own: int, strategy: int) -> Verdict:
    """The counterexample: at a node that the strategy reaches, its answer pays at least as much as the right one."""
    sales, types = steps.sales, (own,) * len(steps.sales.players)
    behaviour = steps.forms.behaviours[agent][strategy]
    for (rest, side), given in behaviour.answers.items():
        announced = (*rest[:agent], *behaviour.announced, *rest[agent:])
        node, right = sales.after[announced][side], sales.truthful(announced, side, types)
        place = node.buyers.index(agent)
        for said in node.ends:
            corrected = (*said[:place], right[place], *said[place + 1 :])
            if said[place] is given[0] and given[0] is not right[place]:
                worse = sales.utility(agent, own, node.ends[corrected]) <= sales.utility(agent, own, node.ends[said])
                if worse:
                    plays = {
                        "by value": dict(zip(node.buyers, corrected, strict=True)),
                        "otherwise": dict(zip(node.buyers, said, strict=True)),
                    }
                    cases = {title: sales.scenario(announced, all_, types, title) for title, all_ in plays.items()}
                    left, other = (Figure(title, "utility", (agent,)) for title in ("otherwise", "by value"))
                    why = "a strategy that answers otherwise than by value is not dominated: it loses nothing by it"
                    return fails(why, counterexample=Counterexample(cases, (Relation(left, ">=", other),)))
    raise AssertionError("a strategy that answers worse wherever it answers otherwise was kept")


def announcements_kept(steps: Twice, found: Findings) -> Verdict | None:
    """Lemmas 2 and 4: None where no strategy that both steps leave announces less revenue than BB_i."""
    for agent in steps.sales.players:
        for stand in steps.stands(agent):
            for strategy in stand.kept:
                if steps.announced_revenue(agent, strategy) < stand.sure:
                    return _less_announced(steps, agent, stand, strategy)
                if steps.announced_revenue(agent, strategy) > stand.sure:
                    found.counts["strategies left that may announce more than BB_i"] += 1
    return None


def _less_announced(steps: Twice, agent: int, stand: Stand, strategy: int) -> Verdict:
    """The counterexample: by some possible profile, no better is had by announcing the best sure sale."""
    sales = steps.sales
    best = [
        k for k in steps.first(agent, stand.belief[0]).strategies
        if steps.announced_revenue(agent, k) == stand.sure
        and all(steps.forms.behaviours[agent][k].announced[0] in sales.sure_offers(agent, t) for t in stand.belief)
    ]  # fmt: skip
    why = (
        f"a strategy that announces revenue {steps.announced_revenue(agent, strategy)}, less than BB_i = {stand.sure}, "
        "survives both steps"
    )
    for types, rival in product(stand.belief, best):
        payoffs = steps.forms.game(types).payoffs[agent]
        left = [steps.first(j, types).strategies for j in sales.players if j != agent]
        for others in product(*left):
            profiles = {title: profile_with(agent, k, others) for title, k in (("less", strategy), ("best", rival))}
            if payoffs[profiles["less"]] >= payoffs[profiles["best"]]:
                cases = {
                    title: steps.scenario(profile, types, {agent: stand.belief}, title)
                    for title, profile in profiles.items()
                }
                both = [Figure(title, "utility", (agent,)) for title in ("less", "best")]
                relations = (
                    Relation(both[0], ">=", both[1]),
                    Relation(Figure("less", "BB", (agent,)), ">", steps.announced_revenue(agent, strategy)),
                )
                return fails(why, counterexample=Counterexample(cases, relations))
    others = tuple(steps.first(j, stand.belief[0]).strategies[0] for j in sales.players if j != agent)
    case = steps.scenario(profile_with(agent, strategy, others), stand.belief[0], {agent: stand.belief}, "less")
    less = Relation(Figure("less", "BB", (agent,)), ">", steps.announced_revenue(agent, strategy))
    return fails(why, counterexample=Counterexample({"less": case}, (less,)))


Bound = Callable[[int, Fraction], Fraction]
"""The revenue that is promised, by BB and eps."""


def half_less_eps(best: int, eps: Fraction) -> Fraction:
    """BB/2 - eps.

    >>> half_less_eps(3, Fraction(1, 2))
    Fraction(1, 1)
    """
    return Fraction(best, 2) - eps


def guaranteed(
    steps: Twice,
    found: Findings,
    bound: Bound = half_less_eps,
    *,
    wrong_only: bool = False,
    unaware: Twice | None = None,
) -> Verdict | None:
    """Theorems 1 and 2: None where every profile of what both steps leave has the promised revenue.

    All contexts: all types, all beliefs, right or wrong; only those in which somebody's belief is wrong, on request.
    Where there are coalitions, BB counts independent players only, and coalitions play what the first step leaves them.
    `unaware`: the two steps of the same game without coalitions, by which independent players then go.
    """
    agents = range(len(steps.forms.agents))
    eps = steps.sales.eps
    stands = [list(_stands(steps, agent, unaware)) for agent in agents]
    lowest: dict[tuple[tuple[int, ...], ...], tuple[Fraction, Profile]] = {}
    for types in steps.sales.everyones_types:
        groups = [_grouped(steps, agent, stands[agent], types) for agent in agents]
        for chosen in product(*(group.items() for group in groups)):
            keys = [key for key, _ in chosen]
            if wrong_only and all(right for _, _, right, _ in keys):
                continue
            steps.watch.step("contexts", found.counts["contexts"])
            found.counts["contexts"] += prod(count for _, count in chosen)
            kept = tuple(left for left, _, _, _ in keys)
            if kept not in lowest:
                lowest[kept] = steps.lowest(kept)
            sure = max(sure for _, sure, _, _ in keys)
            found.least("smallest revenue above the bound", lowest[kept][0] - bound(sure, eps))
            if lowest[kept][0] < bound(sure, eps):
                failure = _too_little(
                    steps, unaware, types, [belief for _, _, _, belief in keys], sure, bound(sure, eps)
                )
                if failure is not None:
                    return failure
                found.open = "with the second step taken in full too little revenue was not found again"
    return None


_Key = tuple[tuple[int, ...], int, bool, Belief]


def _stands(steps: Twice, agent: int, unaware: Twice | None) -> Iterator[Stand]:
    """Every type and belief of an agent; of a coalition every type, beliefs aside."""
    if len(steps.forms.agents[agent]) == 1:
        yield from steps.stands(agent) if unaware is None else unaware.stands(steps.forms.agents[agent][0])
        return
    for own in product(range(len(steps.sales.valuations)), repeat=len(steps.forms.agents[agent])):
        types = _with(steps.forms.agents[agent], own, len(steps.sales.players))
        yield Stand(-1, (types,), 0, steps.first(agent, types).strategies)


def _with(agent: Coalition, own: Types, players: int) -> Types:
    given = dict(zip(agent, own, strict=True))
    return tuple(given.get(player, 0) for player in range(players))


def _grouped(steps: Twice, agent: int, stands: list[Stand], types: Types) -> Counter[_Key]:
    """What the agent of these types may be left with, BB_i, whether the belief is right; and how many beliefs do so.

    A belief of the kind comes along, the same for all of them.
    """
    members = steps.forms.agents[agent]
    groups: Counter[_Key] = Counter()
    first: dict[tuple[tuple[int, ...], int, bool], Belief] = {}
    for stand in stands:
        if all(stand.belief[0][player] == types[player] for player in members):
            kind = (stand.kept, stand.sure, len(members) > 1 or types in stand.belief)
            groups[*kind, first.setdefault(kind, stand.belief)] += 1
    return groups


def _too_little(
    steps: Twice, unaware: Twice | None, types: Types, beliefs: list[Belief], sure: int, bound: Fraction
) -> Verdict | None:
    """The counterexample, the second step taken in full; None where that leaves enough revenue."""
    agents = steps.forms.agents
    kept = []
    for number, (agent, belief) in enumerate(zip(agents, beliefs, strict=True)):
        if len(agent) > 1:
            kept.append(steps.first(number, types).strategies)
        else:
            kept.append(steps.exactly(number, belief) if unaware is None else unaware.exactly(agent[0], belief))
    revenue, profile = steps.lowest(kept)
    if revenue >= bound:
        return None
    held = {agent[0]: belief for agent, belief in zip(agents, beliefs, strict=True) if len(agent) == 1}
    case = steps.scenario(profile, types, held, "play")
    why = f"strategies that survive both steps yield revenue {written(revenue)} where {written(bound)} is promised"
    relations = [Relation(Figure("play", "revenue"), "<", bound)]
    best = next((player for player, belief in held.items() if steps.sure(player, belief) == sure), None)
    if best is not None:
        relations.append(Relation(Figure("play", "BB", (best,)), "=", sure))
    return fails(why, counterexample=Counterexample({"play": case}, tuple(relations)))


def half_of_all(steps: Twice, found: Findings) -> Verdict | None:
    """The bound in every outcome: None where no surviving profile has, on either side of the coin, less revenue."""
    players = steps.sales.players
    eps = steps.sales.eps
    for types in steps.sales.everyones_types:
        truth: Belief = (types,)
        sure = max(steps.sure(agent, truth) for agent in players)
        found.counts["contexts"] += 1
        for profile in product(*(steps.exactly(agent, truth) for agent in players)):
            announced, answers = steps.forms.play(profile)
            sides = zip(steps.sales.after[announced], answers, strict=True)
            least = min(side.ends[given].revenue for side, given in sides)
            if least < half_less_eps(sure, eps):
                case = steps.scenario(profile, types, {}, "play")
                low = Relation(Figure("play", "least revenue"), "<", half_less_eps(sure, eps))
                known = Relation(Figure("play", "BB"), "=", sure)
                why = (
                    f"on one side of the coin revenue is {written(least)}, though BB = {sure}: after Heads nobody "
                    "pays; the guarantee is one of expected revenue, as the paper defines it"
                )
                return fails(why, counterexample=Counterexample({"play": case}, (low, known)))
    return None
