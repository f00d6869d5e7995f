"""Lemmas 1 to 4 on the mechanism of 2009: answers, raises, and announcements not above the truth.

Source: Chen, Hassidim and Micali 2009 (paper 004), section 7 and appendix A. Each lemma says what is left after one
more round. It is decided by conditional dominance: whatever is left of the others' strategies, a strategy that breaks
the lemma where it leads is worse, whenever that is reached, than the same strategy changed there as the proof says.
What the lemmas leave contains what the rounds leave, so that more is compared than has to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from unrigged.analysis.stages import Stages, Utilities, announcements, prospect
from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.surviving.overbidding import L4
from unrigged.claims.surviving.ranges import (
    PAIRS_IN_WORDS,
    SMALL,
    bound_of,
    contexts,
    mechanism_of,
    mechanisms,
    nodes,
    pairs,
    setting_of,
)
from unrigged.mechanisms.surviving import Known, Surviving
from unrigged.moves.answer import NO, YES
from unrigged.moves.raises import Raises
from unrigged.outcome import Outcome
from unrigged.protocol import Decision
from unrigged.setting import NOBODY, NULL_STATE, State
from unrigged.verdict import Verdict, fails, holds

SOURCE = "paper 004, section 7.1, Lemma "

# Answers.

L1 = Claim(
    "surviving.L1",
    source=SOURCE + "1",
    wording="in Sigma^1 a player who is asked says YES if and only if his value of the provisional state is at least "
    "his provisional price",
)


def _proposals(mechanism: Surviving, state: State) -> Iterator[tuple[Outcome, tuple[int, ...]]]:
    """Every provisional outcome of `state`, with everything that may be known of who is best informed."""
    everyone = mechanism.setting.everyone
    for prices in product(range(mechanism.greatest + 1), repeat=mechanism.setting.n):
        informed = ([j for j in everyone if j != i] if price else [NOBODY] for i, price in enumerate(prices))
        for bips in product(*informed):
            yield Outcome(state, prices), bips


@L1.reading(
    quick=Scope(players=3, states=1, values=(0, 1)),
    standard=Scope(players=3, states=1, values=(0, 3)),
)
def l1(scope: Scope, watch: Watch) -> Verdict:
    """At every provisional outcome, whoever is best informed about whom and whatever the others answer, the answer by
    value is strictly better, for every value; also where value and price are equal, and in the null state."""
    compared = 0
    for players in range(2, scope.players + 1):
        for eps, eps1 in pairs(players):
            mechanism = mechanism_of(setting_of(players, 1, bound_of(scope)), eps, eps1)
            for state in (NULL_STATE, 0):
                for proposal, informed in _proposals(mechanism, state):
                    watch.step("answers compared", compared)
                    position = mechanism.ask_answers(proposal, informed)
                    if not isinstance(position, Decision):
                        continue
                    asked = [i for i, _ in position.actors]
                    ends = {made: prospect(position.then(made)) for made in product((YES, NO), repeat=len(asked))}
                    for made, place in product(ends, range(len(asked))):
                        if made[place] is NO:
                            continue
                        i, yes = asked[place], ends[made]
                        no = ends[(*made[:place], NO, *made[place + 1 :])]
                        for value in range(mechanism.greatest + 1) if state != NULL_STATE else (0,):
                            compared += 1
                            gain = value * (yes.chance(state) - no.chance(state)) if value else Fraction(0)
                            gain += no.prices[i] - yes.prices[i]
                            if gain == 0 or (gain > 0) != (value >= proposal.prices[i]):
                                return fails(
                                    f"{mechanism.setting.players[i]}, value {value}, gains {gain} by YES instead of NO "
                                    f"at {proposal} when {informed} are best informed and {made} is answered"
                                )
    why = "the right answer is strictly better whatever the others answer: coin 1 makes every answer count"
    return holds(why, range=PAIRS_IN_WORDS, evidence=Evidence({"answers compared": compared}))


# Raises.

L2 = Claim(
    "surviving.L2",
    source=SOURCE + "2",
    wording="in Sigma^2 nobody raises the price of another beyond his true value, nor raises it at all if it is "
    "already at least that",
)

L3 = Claim(
    "surviving.L3",
    source=SOURCE + "3",
    wording="in Sigma^3 everybody raises every price of another that is below his true value exactly to it",
)


def _raised(
    stages: Stages, state: State, known: Known, rows: list[list[Raises]]
) -> dict[tuple[Raises, ...], Utilities]:
    return {made: stages.after_raises(state, known, made) for made in product(*rows)}


@L2.reading(
    quick=Scope(players=2, states=1, values=(0, 2)),
    standard=Scope(players=3, states=1, values=(0, 2), samples=15),
)
def l2(scope: Scope, watch: Watch) -> Verdict:
    """Answers by value, other raises arbitrary: whatever the others raise, raises of which some go beyond the truth are
    worse than the same with these lowered to it. In the null state every raise goes beyond it."""
    compared = positions = 0
    for stages, state, known in nodes(scope, watch):
        positions += 1
        everyone = stages.context.setting.everyone
        prices, values = stages.mechanism.prices(known), stages.values[state]
        rows = [list(stages.raises_of(i, state, known)) for i in everyone]
        found = _raised(stages, state, known, rows)
        truth = [stages.exact_raises(i, values, prices) for i in everyone]
        for made in found:
            watch.step("raises compared", compared)
            for i in everyone:
                lowered = tuple(min(own, exact) for own, exact in zip(made[i], truth[i], strict=True))
                if lowered == made[i]:
                    continue
                compared += 1
                if found[made][i] >= found[(*made[:i], lowered, *made[i + 1 :])][i]:
                    return fails(f"{values}, {known}, state {state}: of {made} player {i} does not gain by {lowered}")
    why = (
        "a fine of at least 1, with a chance of at least eps/(n-1), costs more than any reward and any answer of coin 1"
    )
    counts = {"positions": positions, "raises compared": compared}
    return holds(why, range=PAIRS_IN_WORDS, evidence=Evidence(counts))


@L3.reading(
    quick=Scope(players=2, states=1, values=(0, 2)),
    standard=Scope(players=3, states=1, values=(0, 2), samples=15),
)
def l3(scope: Scope, watch: Watch) -> Verdict:
    """Answers by value, nobody raises beyond the truth: whatever the others raise, raises that stay below it somewhere
    are worse than those exactly to it; also where somebody else raises to the same price."""
    compared = positions = 0
    for stages, state, known in nodes(scope, watch):
        positions += 1
        everyone = stages.context.setting.everyone
        prices = stages.mechanism.prices(known)
        truth = [stages.exact_raises(i, stages.values[state], prices) for i in everyone]
        rows = [list(product(*(range(most + 1) for most in own))) for own in truth]
        found = _raised(stages, state, known, rows)
        for made in found:
            watch.step("raises compared", compared)
            for i in everyone:
                if made[i] == truth[i]:
                    continue
                compared += 1
                if found[made][i] >= found[(*made[:i], truth[i], *made[i + 1 :])][i]:
                    return fails(
                        f"{stages.values}, {known}, state {state}: of {made} player {i} does not gain by truth"
                    )
    why = "nobody says NO because of such raises, and they only increase one's own reward, best informed or not"
    counts = {"positions": positions, "raises compared": compared}
    return holds(why, range=PAIRS_IN_WORDS, evidence=Evidence(counts))


# Announcements above the truth.


@L4.reading(
    "two players or values 0 and 1",
    quick=Scope(players=2, states=1, values=(0, 2)),
    standard=Scope(players=3, states=2, values=(0, 2)),
    repair=SMALL,
)
def l4_small(scope: Scope, watch: Watch) -> Verdict:
    """Answers by value and raises exactly to the truth: whatever the others announce, announcements of which some are
    above the truth are worse than the same with these lowered to it. Two players with all states and values, more with
    one state and values 0 and 1; the null state first and last."""
    compared = 0
    for mechanism in mechanisms(scope):
        everyone = mechanism.setting.everyone
        rows = [list(announcements(mechanism, i)) for i in everyone]
        for stages in contexts(mechanism, scope):
            watch.step("announcements compared", compared)
            values = [stages.context.types[i].values for i in everyone]  # type: ignore[union-attr]
            found = {made: stages.announced(made) for made in product(*rows)}
            for made, i in product(found, everyone):
                lowered = tuple(tuple(map(min, row, values[j])) if j != i else row for j, row in enumerate(made[i]))
                if lowered == made[i]:
                    continue
                compared += 1
                if found[made][i] >= found[(*made[:i], lowered, *made[i + 1 :])][i]:
                    return fails(f"{values}: of {made} player {i} does not gain by {lowered}")
    why = "an announcement above the truth is fined with a chance of at least eps/(n-1), and gains less than that"
    return holds(why, range=PAIRS_IN_WORDS, evidence=Evidence({"announcements compared": compared}))


CLAIMS = (L1, L2, L3)
