"""The claims on perfect-revenue among players some of whom collude: votes and raises.

Source: Chen, Hassidim and Micali 2010, section 5; Azar, Chen and Micali 2011, footnote 12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.decomposition import Partition
from unrigged.analysis.many_contexts import Chosen, Columns, Flags, Induction
from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.perfect_revenue.games import (
    ANSWERING,
    RAISING,
    Announcing,
    Search,
    after_payments,
    columns_of,
    examined,
    mechanism_of,
    nontrivial,
    printed_eps,
    profiles_of,
    rates,
    safe_eps,
    up_to,
)
from unrigged.claims.perfect_revenue.without_collusion import refuted
from unrigged.context import Context
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.moves.raises import RaiseSpace
from unrigged.outcome import Outcome
from unrigged.strategies.perfect_revenue import NEXT_MEMBER, NOTHING, OTHERS_ONLY
from unrigged.verdict import Verdict, holds, undecided

PAPER = "paper 001 (Chen, Hassidim and Micali 2010), section 5"

SMALL = (
    "a public cap V on every announced integer, at least every coalition's total; eps <= 1/(10·n·V); and rewards so "
    "small that no coalition lives on them: e[2][1] <= eps/(n·V)"
)

L1C = Claim(
    "perfect-revenue.L1c",
    source=f"{PAPER}, Lemma 1'",
    wording="With any partition into coalitions but the trivial one: wherever a player is asked for YES or NO, the "
    "only subgame-perfect play is that he says YES exactly if the state is worth to his coalition at least its total "
    "price.",
)
L2C = Claim(
    "perfect-revenue.L2c",
    source=f"{PAPER}, Lemma 2'",
    wording="Likewise, wherever a player may raise prices, the only subgame-perfect play is the truthful one: he "
    "raises, for every coalition, the price of its first member by what its total price lacks of its total value.",
)


def colluding(players: int) -> list[Partition]:
    """The partitions in which somebody colludes, short of all."""
    return [partition for partition in nontrivial(players) if len(partition) < players]


def spread(scope: Scope) -> Announcing:
    """The integers up to the largest value of two players, and the largest announcement."""
    most = min(2 * scope.values[1], scope.announcements)
    return Announcing(tuple(sorted({*range(most + 1), scope.announcements})))


def settings_of(scope: Scope, kinds: tuple[str, ...]) -> Iterator[PerfectRevenue]:
    """The mechanism with three players or as many as asked, for printed eps and rewards of these kinds."""
    for eps in printed_eps(scope):
        for kind in kinds:
            yield mechanism_of(scope, eps=eps, e=rates(scope.players, eps, kind))


def stage_refuted(scope: Scope, watch: Watch, stage: str, reading: str = NEXT_MEMBER) -> Verdict:
    """Whether the truthful move is strictly best at all decisions of that stage under every partition in which
    somebody colludes."""
    covered = f"every partition with colluders, one state, all announcements up to {scope.announcements}, printed eps"
    compared = 0
    for mechanism in settings_of(scope, ("even",)):
        columns = columns_of(mechanism.setting, profiles_of(scope), colluding(scope.players), scope.announcements)
        search = examined(mechanism, columns, up_to(scope.announcements), stage, watch, reading=reading)
        compared += search.compared
        if search.found is not None:
            verdict = refuted(mechanism, search.found, covered)
            example = search.found.counterexample(mechanism, reading)
            return replace(verdict, counterexample=example)
    return holds("the truthful move is always strictly best", range=covered, evidence=Evidence({"decisions": compared}))


@L1C.reading(quick=Scope(players=3, values=(0, 0), announcements=1),
             standard=Scope(players=3, values=(0, 2), announcements=2))  # fmt: skip
def votes(scope: Scope, watch: Watch) -> Verdict:
    """At every decision of steps n+1 to 2n the truthful answer is strictly better for the coalition than the other one,
    truthful answers following. (It is not where the one who would be fined for a NO is of the same coalition.)"""
    found = stage_refuted(scope, watch, ANSWERING)
    if found.status != "fails":
        return found
    why = f"a NO is fined within the coalition itself, if the best-informed player belongs to it: {found.why}"
    return replace(found, why=why)


def nobody_fined_within(columns: Columns, chosen: Chosen) -> Flags:
    """Where nobody who is still to answer would have a member of his own coalition fined by a NO."""
    player, proposal, informed, _ = chosen.decision.then.arguments
    fine = np.ones(len(columns.contexts), dtype=np.bool_)
    for other in range(player, columns.n):
        asked = proposal.prices[other] > 0 and not (other == 0 and informed[0] == 0)
        if asked:
            fine &= columns.together[:, other, informed[other]] == 0
    return fine


@L1C.reading("fined outside",
             repair="nobody who is still to answer belongs to the coalition of his best-informed player",
             quick=Scope(players=3, values=(0, 1), announcements=1),
             standard=Scope(players=3, values=(0, 2), announcements=3))  # fmt: skip
def votes_fined_outside(scope: Scope, watch: Watch) -> Verdict:
    """At every decision of steps n+1 to 2n from which on no NO would be fined within the refuser's coalition, the
    truthful answer is strictly better than the other one, whatever eps of the printed range."""
    compared = games = 0
    covered = f"every partition with colluders, one state, all announcements up to {scope.announcements}"
    for mechanism in settings_of(scope, ("even",)):
        columns = columns_of(mechanism.setting, profiles_of(scope), colluding(scope.players), scope.announcements)
        search = examined(mechanism, columns, up_to(scope.announcements), ANSWERING, watch,
                          condition=nobody_fined_within)  # fmt: skip
        for found in (search.found, search.tied):
            if found is not None:
                return refuted(mechanism, found, covered)
        compared += search.compared
        games += len(columns.contexts)
    return holds("the truthful answer is strictly better wherever the condition is met", range=covered,
                 evidence=Evidence({"games": games, "decisions": compared}))  # fmt: skip


@L2C.reading(quick=Scope(players=3, values=(0, 1), announcements=1),
             standard=Scope(players=3, values=(0, 1), announcements=2))  # fmt: skip
def raises(scope: Scope, watch: Watch) -> Verdict:
    """At every decision of steps 2 to n the truthful raise is strictly better for the coalition than any other,
    truthful play following; who is himself the first member of his coalition raises the price of its next member."""
    return own_raises(scope, watch, NEXT_MEMBER)


@L2C.reading("the first member raises nothing in his own coalition",
             quick=Scope(players=3, values=(0, 1), announcements=1),
             standard=Scope(players=3, values=(0, 1), announcements=2))  # fmt: skip
def raises_nothing(scope: Scope, watch: Watch) -> Verdict:
    """The same; who is himself the first member of his coalition raises nothing within it."""
    return own_raises(scope, watch, NOTHING)


@L2C.reading("raises of other coalitions only",
             quick=Scope(players=3, values=(0, 1), announcements=1),
             standard=Scope(players=3, values=(0, 1), announcements=2))  # fmt: skip
def raises_of_others(scope: Scope, watch: Watch) -> Verdict:
    """The same; nobody raises a price within his own coalition. (He should where an outsider who moves later would
    raise it anyway: then the reward is better earned within the coalition.)"""
    return own_raises(scope, watch, OTHERS_ONLY)


def own_raises(scope: Scope, watch: Watch, reading: str) -> Verdict:
    found = stage_refuted(scope, watch, RAISING, reading)
    if found.status != "fails":
        return found
    reason = (
        "an outsider who moves later raises the coalition's price anyway, and takes the reward"
        if reading == OTHERS_ONLY
        else "nobody outside moves later, so the raise only makes the coalition pay more"
    )
    return replace(found, why=f"{reason}: {found.why}")


def nobody_overpriced(columns: Columns, proposal: Outcome) -> Flags:
    """Where no coalition's total price exceeds its total value."""
    rows, _ = columns.worth(proposal.result)
    prices = np.array(proposal.prices, dtype=np.int64)
    fair = np.ones(len(columns.contexts), dtype=np.bool_)
    for player in range(columns.n):
        fair &= columns.together[:, player, :] @ prices <= rows[player]
    return fair


def sensible_raise(context: Context, player: int, proposal: Outcome) -> tuple[int, ...]:
    """What every other coalition's price lacks, on its first member; and what the own one lacks, on its first other
    member, if somebody outside moves later, who would raise it anyway."""
    raised = [0] * context.setting.n
    later = range(player + 1, context.setting.n)
    for coalition in context.coalitions:
        lacking = int(sum(context.worth(each, proposal.result) - proposal.prices[each] for each in coalition))
        own = player in coalition
        payers = [member for member in coalition if member != player]
        if lacking > 0 and payers and (not own or any(each not in coalition for each in later)):
            raised[payers[0]] = lacking
    return tuple(raised)


@dataclass
class Sensible:
    """Told of every decision of an equilibrium; compares the raises, where nobody is overpriced, with
    `sensible_raise`."""

    columns: Columns
    watch: Watch
    search: Search

    def __call__(self, chosen: Chosen) -> None:
        self.watch.step("decisions", self.search.compared)
        if not chosen.decision.label.startswith(RAISING):
            return
        assert isinstance(chosen.space, RaiseSpace)
        proposal = chosen.space.proposal
        if not nobody_overpriced(self.columns, proposal).any():
            return
        number = {move: place for place, move in enumerate(chosen.moves)}
        expected: NDArray[np.int64] = np.array(
            [number.get(sensible_raise(context, chosen.player, proposal), -1) for context in self.columns.contexts]
        )
        self.search(replace(chosen, taken=expected))


@L2C.reading("sensible raises, small rewards",
             repair=f"{SMALL}; decisions at which no coalition is asked more than the state is worth to it; a "
             "coalition's own price is raised only if an outsider moves later",
             quick=Scope(players=3, values=(0, 1), announcements=1),
             standard=Scope(players=3, values=(0, 2), announcements=3))  # fmt: skip
def raises_sensible(scope: Scope, watch: Watch) -> Verdict:
    """Where no coalition is asked more than the state is worth to it, the only best raise, rational play following, is
    to raise every other coalition's first member by what the coalition's price lacks, and the own coalition's first
    other member if somebody outside moves later."""
    covered = f"every partition, one state, all announcements up to V = {scope.announcements}, small eps and rewards"
    compared = games = 0
    for mechanism in safe(scope):
        columns = columns_of(mechanism.setting, profiles_of(scope), nontrivial(scope.players), scope.announcements)

        def fair(columns: Columns, chosen: Chosen) -> Flags:
            assert isinstance(chosen.space, RaiseSpace)
            return nobody_overpriced(columns, chosen.space.proposal)

        search = Search(columns, RAISING, watch, fair)
        result = Induction(mechanism, columns, up_to(scope.announcements), seen=Sensible(columns, watch, search),
                           remembered=after_payments).run()  # fmt: skip
        if not result.sure.all():
            return undecided("some decision has several best moves that others do not value alike", range=covered)
        for found in (search.found, search.tied):
            if found is not None:
                return refuted(mechanism, found, covered)
        compared += search.compared
        games += len(columns.contexts)
    return holds("the sensible raise is the only best one wherever nobody is overpriced", range=covered,
                 evidence=Evidence({"games": games, "decisions": compared}))  # fmt: skip


def safe(scope: Scope, states: int = 1) -> Iterator[PerfectRevenue]:
    """eps = 1/(10·n·V) and a hundredth of it, with e[2][1] just below eps/(n·V)."""
    for eps in safe_eps(scope):
        share = scope.players * scope.announcements
        small = [[rate / share for rate in row] for row in rates(scope.players, eps, "even")]
        yield mechanism_of(scope, states, eps=eps, e=small)


CLAIMS: tuple[Claim, ...] = (L1C, L2C)
