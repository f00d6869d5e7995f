"""Leveraging (paper 002): what the paper says of its mechanism beside lemmas and theorem; and all its claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

from unrigged.analysis.announced import Coalition, Joint
from unrigged.analysis.robust import Partition
from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.leveraging.benchmarks import BENCHMARKS
from unrigged.claims.leveraging.independent import INDEPENDENT
from unrigged.claims.leveraging.lemmas import (
    EXPLICIT,
    LEMMAS,
    PRINTED,
    QUICK_THREE,
    STANDARD_THREE,
    agents,
    idle,
    known_cases,
    shown,
)
from unrigged.claims.leveraging.plays import (
    Family,
    Situation,
    all_together,
    highest,
    many_players,
    two_players,
)
from unrigged.claims.leveraging.theorem import T1, performance
from unrigged.moves.declarations import OUT
from unrigged.outcome import Outcome
from unrigged.valuations import Valuation
from unrigged.verdict import Verdict, fails, holds, undecided

SOURCE = "paper 002"

CONDITION = Claim(
    "leveraging.optout-condition",
    source=f"{SOURCE}, section 2 (opt-out condition) and section 4",
    wording="In the mechanism as printed, without an action for it, every player has a strategy that gives him exactly "
    "0 against everything the others may do.",
)

TWO_VALUES = Scope(players=2, goods=1, values=(0, 1), announcements=1)
THREE_VALUES = Scope(players=2, goods=1, values=(0, 2), announcements=2)


@CONDITION.reading(quick=TWO_VALUES, standard=THREE_VALUES)
def condition(scope: Scope, watch: Watch) -> Verdict:
    """For two players of any values, every declaration of one of them, with any answers of his: whether some
    declaration and answers of the other give him an expected utility other than 0."""
    family = two_players(scope, watch, optout=PRINTED)
    alone = family.partitions[0]
    table = family.robust.tables[alone]
    looked = 0
    for agent in alone:
        for own in family.types:
            payments, ends = table.gains(agent, [own] * scope.players)
            least = table.by_agent(table.expected(payments, [min(each) for each in ends]), agent)
            most = table.by_agent(table.expected(payments, [max(each) for each in ends]), agent)
            doubtful = [row for row in range(len(least)) if not ((least[row] > 0) | (most[row] < 0)).any()]
            looked += len(least)
            if doubtful:
                if not (least[doubtful[0]].any() or most[doubtful[0]].any()):
                    return holds(
                        f"0 whatever happens for who declares {family.lists[agent][doubtful[0]][0]}",
                        evidence=Evidence({"declarations with values": looked}),
                    )
                return undecided("what a declaration gives may or may not be 0, depending on answers")
    return fails(
        f"each of the {looked} declarations (with values) surely gives something else than 0 against some "
        "declaration of the other: rewards and the chance to be drawn as the star against one who sells nothing, fines "
        "when he names one. Shown for who declares himself alone, wishes for nothing and sells nothing",
        counterexample=_never_nothing(family),
        evidence=Evidence({"declarations with values": looked}),
    )


def _never_nothing(family: Family) -> Counterexample:
    """The declaration that says nothing, against another such, and against one that names."""
    setting = family.mechanism.setting
    types = (family.types[0],) * setting.n
    situation = Situation(types, family.partitions[0], (types,) * setting.n)
    quiet = idle(family, family.partitions[0])
    naming = [quiet[0], replace(quiet[1], coalition=(0, 1))]
    cases = {"both quiet": family.scenario(situation, quiet), "named": family.scenario(situation, naming)}
    return Counterexample(cases, tuple(Relation(Figure(case, "utility", (0,)), ">", 0) for case in cases))


@CONDITION.reading(
    "with the opt-out action", quick=TWO_VALUES, standard=THREE_VALUES, repair="an explicit opt-out action"
)
def condition_out(scope: Scope, watch: Watch) -> Verdict:
    """For two players: who opts out by the action added for it receives no goods, pays and receives nothing, in every
    outcome after every declaration of the other."""
    family = two_players(scope, watch, optout=EXPLICIT)
    table = family.robust.tables[family.partitions[0]]
    visited = 0
    for number in range(table.profiles):
        watch.step("profiles of declarations", number, table.profiles)
        out = [player for player, move in enumerate(table.chosen(number)) if move is OUT]
        for branch in table.branches(number) if out else ():
            for end in table.replies[table.replied[branch]].ends:
                visited += 1
                for player in out:
                    price = end.prices[player] + table.payments[table.paid[branch]][player]
                    if price != 0 or player in end.owners:
                        return fails("an opted-out player pays, receives money or gets goods", counterexample=end)
    return holds("nothing ever happens to who has opted out", evidence=Evidence({"outcomes": visited}))


OPTOUT = Claim(
    "leveraging.optout",
    source=f"{SOURCE}, section 3 (Definition 11) and proof of Theorem 1",
    wording="Opting out is no player's part of any strategy in Σ².",
)


@OPTOUT.reading(quick=QUICK_THREE, standard=QUICK_THREE)
def optout(scope: Scope, watch: Watch) -> Verdict:
    """Every strategy in Σ² of every agent that is not everybody, for all values and all known bounds: whether some
    member opts out. (A single player's declaration that names himself alone is in Σ¹ when there are two others, for
    these may be fined, and then nobody else gains or loses; so Σ² of a pair is computed over all of them.)"""
    family = many_players(scope, watch, together=False, optout=EXPLICIT)
    looked = 0
    for partition, agent, types, known in known_cases(family):
        second = family.second(agent, types, known)
        for joint in family.joints(agent, second):
            looked += 1
            if OUT in joint and len(agent) == scope.players - 1:
                return fails(
                    "one of two colluders opts out while the other declares, in Σ²: where everybody else has opted out "
                    "as well, declaring besides adds nothing, and no other joint declaration is better against "
                    "everything",
                    counterexample=_as_good_out(family, partition, agent, types, joint),
                )
    return holds("nobody opts out in Σ²", evidence=Evidence({"strategies in Σ²": looked}))


def _as_good_out(
    family: Family, partition: Partition, agent: Coalition, types: tuple[Valuation, ...], joint: Joint
) -> Counterexample:
    """That an agent with a member who opts out gains as much, when all others opt out, as when he declares besides."""
    quiet = idle(family, partition)
    situation = Situation(types, partition, (types,) * len(partition))
    made: list[Any] = [OUT] * len(quiet)
    for player, move in zip(agent, joint, strict=True):
        made[player] = move
    inside = [quiet[i] if i in agent and move is OUT else move for i, move in enumerate(made)]
    cases = {"out": family.scenario(situation, made), "declaring besides": family.scenario(situation, inside)}
    out, besides = (Figure(case, "utility", agent) for case in cases)
    return Counterexample(cases, (Relation(out, ">=", besides),))


@OPTOUT.reading("of a whole agent", quick=QUICK_THREE, standard=STANDARD_THREE)
def optout_whole(scope: Scope, watch: Watch) -> Verdict:
    """Every strategy in Σ² of every agent that is not everybody: whether all its members opt out (for who is alone,
    whether he does)."""
    family = many_players(scope, watch, together=False, optout=EXPLICIT)
    looked = 0
    for partition, agent, types, known in known_cases(family):
        second = family.second(agent, types, known)
        for joint in family.joints(agent, second):
            looked += 1
            if set(joint) == {OUT}:
                case = shown(family, partition, agent, types, known, joint)
                return fails(
                    "a whole agent opts out in Σ²",
                    counterexample=Counterexample(
                        {"play": case}, (Relation(Figure("play", "utility", agent), "=", 0),)
                    ),
                )
    return holds(
        "to declare oneself alone and sell nothing is better than to opt out, whatever others do in Σ¹",
        evidence=Evidence({"strategies in Σ²": looked}),
    )


NAMING = Claim(
    "leveraging.naming",
    source=f"{SOURCE}, section 4, remark on the consistency check",
    wording="The consistency check can pass although declarations disagree (i names j and k, j names i, k names i), "
    "and this does no harm to what is guaranteed.",
)


@NAMING.reading(
    quick=Scope(players=3, goods=1, values=(0, 1), announcements=0),
    standard=Scope(players=3, goods=1, values=(0, 1), announcements=1),
)
def naming(scope: Scope, watch: Watch) -> Verdict:
    """All ways in which three players can name each other: which pass. Then every play in Σ² of the three as one
    coalition (declarations that pass, whether or not they agree), for all values: whether it reaches Theorem 1's
    bound."""
    family = all_together(scope, watch, optout=PRINTED)
    agent = family.partitions[0][0]
    quiet = idle(family, family.partitions[0])
    passing = disagreeing = 0
    for sets in product(*([each for each in agents(scope.players) if i in each] for i in agent)):
        made = tuple(replace(move, coalition=named) for move, named in zip(quiet, sets, strict=True))
        if isinstance(family.mechanism.pick_star(made), Outcome):  # type: ignore[attr-defined]  # leveraging
            continue
        passing += 1
        disagreeing += disagree(made)
    if not disagreeing:
        return fails("whoever passes the check agrees with all whom he names", counterexample=passing)
    harmless = performance(scope, watch, iter([family]))
    if harmless.status != "holds":
        return harmless
    plays = {
        joint
        for types in product(family.types, repeat=scope.players)
        for joint in family.joints(agent, family.second(agent, types, types))
        if disagree(joint)
    }
    return holds(
        "some declarations that disagree pass, are rational for one coalition of three, and reach the bound as all do",
        evidence=Evidence(
            {"ways to name that pass": passing, "of which disagree": disagreeing, "such declarations in Σ²": len(plays),
             **harmless.evidence.counts},
            figures=harmless.evidence.figures,
        ),
    )  # fmt: skip


def disagree(made: Iterable[Any]) -> bool:
    """Whether somebody names a player who names other players than he does."""
    listed = list(made)
    return any(listed[j].coalition != move.coalition for move in listed for j in move.coalition)


REWARDING = Claim(
    "leveraging.rewarding",
    source=f"{SOURCE}, section 1.2 (after Definition 4)",
    wording="Collusion is rewarded: any set of players does at least as well by colluding, as a sum of utilities.",
)


@REWARDING.reading(quick=QUICK_THREE, standard=QUICK_THREE)
def rewarding(scope: Scope, watch: Watch) -> Verdict:
    """For any two of three players, in every context: against whatever the third does in Σ², the two as one agent (who
    share what they know) have a strategy in Σ² that gives them jointly at least what any strategies in Σ² give them
    apart."""
    return apart_or_together(scope, watch, every=False)


@REWARDING.reading("in every rational play", quick=QUICK_THREE, standard=QUICK_THREE)
def rewarding_always(scope: Scope, watch: Watch) -> Verdict:
    """The same for every strategy in Σ² of the two together, against the same of the third. What is in Σ² apart is
    computed over the contexts in which all are alone: that leaves too few, never too many."""
    return apart_or_together(scope, watch, every=True)


def apart_or_together(scope: Scope, watch: Watch, *, every: bool) -> Verdict:
    """Whether some strategy (or `every` one) in Σ² of two together gives them at least what any in Σ² do apart."""
    family = many_players(scope, watch, together=False, optout=PRINTED)
    alone = family.partitions[0]
    before = replace(family, partitions=(alone,)) if every else family
    compared = 0
    for situation in before.situations():
        if situation.partition != alone:
            continue
        watch.step("comparisons", compared)
        rows = [before.second(agent, situation.types, known).rows
                for agent, known in zip(alone, situation.known, strict=True)]  # fmt: skip
        world = (situation.types, alone)
        single = [family.robust.utilities(world, agent) for agent in alone]
        for partition in family.partitions[1:]:
            pair, third = sorted(partition, key=len, reverse=True)
            joined = tuple(highest(situation.known[i][j] for i in pair) for j in range(scope.players))
            together = family.second(pair, situation.types, joined).rows
            jointly = family.robust.utilities((situation.types, partition), pair)
            matrix = family.robust.tables[partition].by_agent(jointly, pair)
            for theirs in rows[third[0]]:
                compared += 1
                chosen = [own if i in pair else (theirs,) for i, own in enumerate(rows)]
                best, place = family.most(single[pair[0]] + single[pair[1]], alone, chosen)
                column = matrix[list(together), theirs]
                row = int(column.argmin() if every else column.argmax())
                got = Fraction(int(column[row]), family.robust.tables[partition].scale)
                if got < best:
                    known = tuple(joined if agent == pair else situation.known[third[0]] for agent in partition)
                    merged = Situation(situation.types, partition, known)
                    return fails(
                        f"apart two players get {best} together, as one agent only {got}, both in Σ²",
                        counterexample=_less_together(family, situation, merged, place, pair, together[row]),
                    )
    if every:
        return undecided("no such plays among those compared, which are not all of Σ²")
    return holds(
        "colluding never costs two players anything jointly",
        evidence=Evidence({"comparisons (contexts, pairs, strategies of the third)": compared}),
    )


def _less_together(
    family: Family, apart: Situation, together: Situation, place: tuple[int, ...], pair: Coalition, row: int
) -> Counterexample:
    made = [family.lists[i,][place[i]][0] for i in range(len(apart.types))]
    merged = list(made)
    for player, move in zip(pair, family.lists[pair][row], strict=True):
        merged[player] = move
    cases = {"apart": family.scenario(apart, made), "together": family.scenario(together, merged)}
    return Counterexample(
        cases, (Relation(Figure("apart", "utility", pair), ">", Figure("together", "utility", pair)),)
    )


CLAIMS = (*LEMMAS, T1, CONDITION, OPTOUT, NAMING, REWARDING, *BENCHMARKS, INDEPENDENT)
