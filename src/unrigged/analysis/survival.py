"""Announcements of `surviving` that no order and no number of rounds of elimination can remove, with a check of that.

The rules are those of Lemmas 1 to 3: answer by value, raise exactly to the truth. Let A be a set of announcements, A_i
for every player i, such that, the rules followed, whoever announces something else than a member K of A_i is worse off
than with K for some announcements of the others in A. Then every K is announced by some strategy that survives every
round, and follows the rules wherever at most one player announces anything outside A. For suppose that was so up to
some round, take such strategies for all of A, and let one of them be dominated. Its dominator announces K, or it were
worse somewhere. It follows the rules in the same places, or it were worse there: against others who raise up to the
truth at most, the rules are strictly best (Lemmas 1 to 3). In the first round everybody may be taken to do so; from
the third on everybody does; and in the second whoever announces something outside A may be taken to do so, since any
announcement, followed by the rules, survives the first round: the others might say YES to that one only, raising
nothing, and after any other ask the full price and say NO, which costs more than rewards are worth. So the dominator is
such a strategy, too; and as domination does not go in circles, one of them is undominated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from unrigged.analysis.stages import Stages, Utilities, announcements
from unrigged.mechanisms.surviving import Known
from unrigged.moves.profiles import Profile
from unrigged.setting import State

Announced = tuple[Profile, ...]
"""What everybody announces."""


@dataclass(frozen=True)
class Closed:
    """A, player by player; and for every player i, member K of A_i and other announcement L of his, announcements of
    all, i's being K, of which i is better off with K than with L."""

    members: tuple[tuple[Profile, ...], ...]
    reasons: Mapping[tuple[int, Profile, Profile], Announced]


def reason_against(closed: Closed, stages: Stages, samples: int = 0, seed: int = 1) -> str | None:
    """Why `closed` is not what it says it is; None where it is.

    samples: at so many of the positions compared (0: at all) it is tested once more that to raise exactly to the truth
    is strictly best against others who do.
    """
    mechanism = stages.mechanism
    everyone = mechanism.setting.everyone
    if len(everyone) < 3 or min(stages.values[0]) < 1:
        return "not three players who all value the first state"
    everything = [list(announcements(mechanism, i)) for i in everyone]
    reached: dict[Announced, Utilities] = {}
    met: set[tuple[int, State, Known]] = set()
    for i in everyone:
        for own in closed.members[i]:
            for other in everything[i]:
                if other == own:
                    continue
                at = closed.reasons.get((i, own, other))
                if at is None or at[i] != own or any(at[j] not in closed.members[j] for j in everyone):
                    return f"no announcements of the set against {other} instead of {own}"
                instead = (*at[:i], other, *at[i + 1 :])
                if at not in reached:
                    reached[at] = stages.announced(at)
                if reached[at][i] <= stages.announced(instead)[i]:
                    return f"{other} is as good as {own} at {at}"
                met |= {(i, s, mechanism.known(made, s)) for made in (at, instead) for s in mechanism.order}
    positions = sorted(met)
    for i, state, known in Random(seed).sample(positions, min(samples or len(positions), len(positions))):
        if not stages.truth_is_best(i, state, known):
            return f"at {known} in state {state} other raises are as good"
    return None
