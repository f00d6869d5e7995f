"""Root implementation: solved at the root, because all that follows has strictly dominant strategies for everybody.

Source: Azar, Chen and Micali 2011, Definitions 1 to 3 and 6. In a context whose coalitions are the blocks of a
partition, s^x is the profile in which the first move is x and every coalition plays the strictly dominant joint
strategy of every submechanism; the *root set* is the set of first moves that give the first mover's coalition most.
Strict dominance is against every choice of all others, so it does not matter how these collude.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.coalitions import Partition, coalitions, partitions
from unrigged.analysis.rooted import Numbers, Path, Rooted, Valued
from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.errors import InputError
from unrigged.exact import Exact, exact, written
from unrigged.outcome import Outcome
from unrigged.protocol import Move
from unrigged.verdict import Verdict, fails, holds

Choice = Callable[[Context], Callable[[Outcome], bool]]
"""A social choice correspondence: for a context, which outcomes are desired."""

Seen = Callable[[int], None]
"""Told how many contexts have been seen."""


@dataclass(frozen=True)
class NoDominant:
    """After the first move `move`, `coalition` has no joint strategy that is strictly better than each of its others
    against every choice of the rest; it lacks one at the decision `label`."""

    context: Context
    coalition: Coalition
    move: Move
    label: str


@dataclass(frozen=True)
class RootObjection:
    """Two best first moves, or one, that contradict a condition: `utility` is that of `coalition` after `move`."""

    context: Context
    coalition: Coalition
    move: Move
    utility: Exact


@dataclass(frozen=True)
class MainNode:
    """The terminal history that a root-profile reaches with probability >= 1 - delta."""

    context: Context
    move: Move
    path: Path
    outcome: Outcome
    probability: Fraction


@dataclass(frozen=True)
class Solved:
    """What was covered: contexts, partitions in them, first moves, root-profiles, main outcomes told apart."""

    contexts: int
    partitions: int
    moves: int
    profiles: int
    outcomes: int = 0


@dataclass(frozen=True, eq=False)
class RootSet:
    """The root set of a context with the coalitions of `partition`.

    `best`: the first moves in it, by number; `utilities`: everybody's after every first move, as `valued` scales them;
    `profile`: the dominant plans, stage by stage.
    """

    valued: Valued
    partition: Partition
    best: tuple[int, ...]
    utilities: Numbers
    profile: Sequence[NDArray[np.int64]]

    def utility(self, coalition: Coalition, action: int) -> Exact:
        """The joint utility of `coalition` after the first move of that number."""
        return exact(self.valued.true(sum(int(self.utilities[action, player]) for player in coalition)))

    def main_node(self, action: int, context: Context) -> MainNode:
        """The likeliest terminal history after the first move of that number, which is played in `context`."""
        rooted = self.valued.rooted
        path, outcome, chance = max(rooted.plays(action, self.profile), key=lambda play: play[2])
        return MainNode(replace(context, coalitions=self.partition), rooted.actions[action], path, outcome, chance)


def root_set(valued: Valued, partition: Partition) -> RootSet:
    """The first moves that are best for the first mover's coalition, where everybody's strategies are dominant.

    To be asked only where every coalition of `partition` has dominant strategies (`Valued.without_dominant`).
    """
    profile = valued.profile(partition)
    utilities = valued.utilities(profile)
    first = next(block for block in partition if valued.rooted.player in block)
    joint = utilities[:, list(first)].sum(axis=1)
    best = tuple(np.flatnonzero(joint == joint.max()).tolist())
    return RootSet(valued, partition, best, utilities, profile)


def collusively_dominant(
    rooted: Rooted, contexts: Iterable[Context], *, collusion: bool = True, seen: Seen | None = None
) -> Verdict:
    """Whether the submechanism after every first move is CDS (Definition 1; part 2 of Definition 2).

    contexts: types; their own coalitions are not looked at: all coalitions are, or (`collusion` False) single players.
    *Fails* with a `NoDominant`. Raises InputError where there is no context.
    """
    groups = _groups(rooted, collusion)
    count = 0
    for context in contexts:
        count += 1
        objection = no_dominant(rooted.valued(context), context, groups)
        if objection is not None:
            return _no_dominant(objection, count)
        _tell(seen, count)
    _some(count)
    return holds(f"{len(groups)} coalitions have a strictly dominant joint strategy after each of "
                 f"{len(rooted.actions)} first moves", range=_contexts(count),
                 evidence=Solved(count, 0, len(rooted.actions), 0))  # fmt: skip


def no_dominant(valued: Valued, context: Context, groups: Iterable[Coalition]) -> NoDominant | None:
    """A coalition of `groups` that lacks a dominant joint strategy somewhere, and where."""
    for coalition in groups:
        missing = valued.without_dominant(coalition)
        if missing is not None:
            return NoDominant(context, coalition, valued.rooted.actions[missing[0]], missing[1])
    return None


def root_solvable(
    rooted: Rooted, contexts: Iterable[Context], *, collusion: bool = True, seen: Seen | None = None
) -> Verdict:
    """Whether the mechanism is root-solvable (Definition 2), over the types of `contexts` and all partitions.

    One player moves first; every submechanism is CDS; and the root set (which is never empty, first moves being
    finitely many) depends on his own coalition alone and leaves every coalition a utility >= 0. *Fails* with a
    `NoDominant` or a `RootObjection`. collusion: False for independent players only. Raises InputError where there is
    no context.
    """
    return _Roots(rooted, collusion, seen).decide(contexts)


def root_implements(
    rooted: Rooted,
    contexts: Iterable[Context],
    choice: Choice,
    delta: Fraction,
    *,
    collusion: bool = True,
    seen: Seen | None = None,
) -> Verdict:
    """Whether the mechanism (1-delta)-root implements `choice` with full privacy (Definition 6).

    Besides being root-solvable: every root-profile reaches some terminal node with probability >= 1 - delta, whose
    outcome is desired; and root-profiles of any two contexts whose main outcomes agree have the same main node.
    With delta = 0 the play has one terminal node only: root implementation (Definition 3) of a mechanism that is
    rationally deterministic, with full privacy (Definition 5). *Fails* with a `NoDominant`, a `RootObjection`, a
    `MainNode` or two of them. Raises InputError for delta outside [0, 1/2) and where there is no context.
    """
    if not 0 <= delta < Fraction(1, 2):
        raise InputError("delta", written(delta), "0 <= delta < 1/2")
    return _Roots(rooted, collusion, seen, choice, Fraction(delta)).decide(contexts)


def essentially_root_implements(
    family: Callable[[Fraction], Rooted],
    deltas: Iterable[Fraction],
    contexts: Callable[[], Iterable[Context]],
    choice: Choice,
    *,
    collusion: bool = True,
    seen: Seen | None = None,
) -> Verdict:
    """Whether, for each of `deltas`, the mechanism `family(delta)` (1-delta)-root implements `choice` with full privacy
    (the last definition of section 4.3, which asks it for every delta in (0, 1/2)).

    *Fails* as the first of them that does. Raises InputError where there is no delta.
    """
    verdicts = []
    for delta in deltas:
        verdict = root_implements(family(delta), contexts(), choice, delta, collusion=collusion, seen=seen)
        if verdict.status != "holds":
            return replace(verdict, why=f"delta = {written(delta)}: {verdict.why}")
        verdicts.append(verdict)
    if not verdicts:
        raise InputError("deltas", "none", "at least one")
    return holds(f"for each of {len(verdicts)} deltas: {verdicts[-1].why}", range=verdicts[-1].range,
                 evidence=tuple(verdict.evidence for verdict in verdicts))  # fmt: skip


def socially_optimal(context: Context) -> Callable[[Outcome], bool]:
    """The socially optimal correspondence f: greatest welfare of all allocations, and prices that sum to 0."""
    best = Benchmarks(context).msw().value

    def desired(outcome: Outcome) -> bool:
        return outcome.revenue == 0 and context.welfare(outcome.result) == best

    return desired


class _Roots:
    """One pass over the contexts."""

    def __init__(
        self, rooted: Rooted, collusion: bool, seen: Seen | None, choice: Choice | None = None,
        delta: Fraction = Fraction(0),
    ) -> None:  # fmt: skip
        self.rooted, self.seen, self.choice, self.delta = rooted, seen, choice, delta
        self.groups = _groups(rooted, collusion)
        self.partitions = list(partitions(rooted.n)) if collusion else [_alone(rooted)]
        self.main: dict[Outcome, MainNode] = {}
        self.plays: dict[tuple[int, ...], tuple[Path, Outcome, Fraction]] = {}
        self.profiles = 0

    def decide(self, contexts: Iterable[Context]) -> Verdict:
        count = 0
        for context in contexts:
            count += 1
            wrong = self.context(context, count)
            if wrong is not None:
                return wrong
            _tell(self.seen, count)
        _some(count)
        why = "the best first moves depend on the first mover's coalition alone and leave every coalition at least 0"
        if self.choice is not None:
            chance = written(1 - self.delta)
            why += f"; each leads with probability >= {chance} to one node, told by its outcome, which is desired"
        found = Solved(count, len(self.partitions), len(self.rooted.actions), self.profiles, len(self.main))
        return holds(why, range=_contexts(count), evidence=found)

    def context(self, context: Context, count: int) -> Verdict | None:
        """Why the claim fails in `context`; None where it does not."""
        valued = self.rooted.valued(context)
        objection = no_dominant(valued, context, self.groups)
        if objection is not None:
            return _no_dominant(objection, count)
        desired = self.choice(context) if self.choice is not None else None
        best: dict[Coalition, RootSet] = {}
        for partition in self.partitions:
            root = root_set(valued, partition)
            wrong = self.dependence(context, root, best, count)
            if wrong is None:
                wrong = self.loss(context, root, count)
            if wrong is None and desired is not None:
                wrong = self.main_nodes(context, root, desired, count)
            if wrong is not None:
                return wrong
            self.profiles += len(root.best)
        return None

    def dependence(self, context: Context, root: RootSet, best: dict[Coalition, RootSet], count: int) -> Verdict | None:
        """Whether how the others collude changes the root set."""
        first = self.first(root.partition)
        other = best.setdefault(first, root)
        differing = sorted(set(other.best) ^ set(root.best))
        if not differing:
            return None
        action = differing[0]
        where = root if action in other.best else other
        found = RootObjection(replace(context, coalitions=where.partition), first, self.rooted.actions[action],
                              where.utility(first, action))  # fmt: skip
        return fails("whether a first move is best depends on how the others collude", range=_contexts(count),
                     counterexample=found)  # fmt: skip

    def loss(self, context: Context, root: RootSet, count: int) -> Verdict | None:
        """Whether a coalition loses by a best first move."""
        for coalition in root.partition:
            joint = root.utilities[list(root.best)][:, list(coalition)].sum(axis=1)
            if joint.min() < 0:
                action = root.best[int(joint.argmin())]
                found = RootObjection(replace(context, coalitions=root.partition), coalition,
                                      self.rooted.actions[action], root.utility(coalition, action))  # fmt: skip
                return fails("a coalition loses by a best first move", range=_contexts(count), counterexample=found)
        return None

    def main_nodes(
        self, context: Context, root: RootSet, desired: Callable[[Outcome], bool], count: int
    ) -> Verdict | None:
        """Whether a root-profile has no likely node, an undesired outcome there, or tells more than that outcome."""
        for action in root.best:
            path, outcome, chance = self.likeliest(action, root.profile)
            node = MainNode(replace(context, coalitions=root.partition), self.rooted.actions[action], path, outcome,
                            chance)  # fmt: skip
            why = ""
            if chance < 1 - self.delta:
                why = f"the likeliest terminal node of a root-profile has probability {written(chance)} only"
            elif not desired(outcome):
                why = "the main outcome of a root-profile is not a desired one"
            if why:
                return fails(why, range=_contexts(count), counterexample=node)
            before = self.main.setdefault(outcome, node)
            if before.path != path:
                return fails("two root-profiles with the same main outcome reach it by different terminal nodes",
                             range=_contexts(count), counterexample=(before, node))  # fmt: skip
        return None

    def likeliest(self, action: int, profile: Sequence[NDArray[np.int64]]) -> tuple[Path, Outcome, Fraction]:
        """The likeliest terminal history after a first move."""
        key = (action, *(int(profile[g][k]) for g, k in self.rooted.stages[action]))
        if key not in self.plays:
            self.plays[key] = max(self.rooted.plays(action, profile), key=lambda play: play[2])
        return self.plays[key]

    def first(self, partition: Partition) -> Coalition:
        return next(block for block in partition if self.rooted.player in block)


def _groups(rooted: Rooted, collusion: bool) -> list[Coalition]:
    return coalitions(rooted.n) if collusion else list(_alone(rooted))


def _alone(rooted: Rooted) -> Partition:
    return tuple((player,) for player in range(rooted.n))


def _no_dominant(found: NoDominant, count: int) -> Verdict:
    names = found.context.setting.players
    who = " and ".join(names[player] for player in found.coalition)
    return fails(f"there is no strictly dominant joint strategy of {who} after some first move, at '{found.label}'",
                 range=_contexts(count), counterexample=found)  # fmt: skip


def _contexts(count: int) -> str:
    return f"{count} type profile" + ("s" if count != 1 else "")


def _some(count: int) -> None:
    if not count:
        raise InputError("contexts", "none", "at least one")


def _tell(seen: Seen | None, count: int) -> None:
    if seen is not None:
        seen(count)
