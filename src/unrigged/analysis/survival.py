"""Announcements of `surviving` that no order and no number of rounds of elimination can remove, with a check of that.

Let A be a set of announcements, A_i for every player i, such that whoever announces something else than a member K of
A_i is worse off, for some announcements of the others in A, than with K, when everybody raises exactly to the truth
and answers by value; and such that to raise and answer so is strictly best against others who do. Then some strategy
that announces K and plays so survives every round. For suppose that is so up to some round, take such strategies for
all of A, and let one be dominated. Its dominator announces K, or it were worse somewhere; and it plays the same
wherever a play of A leads, or it were worse there. So it is such a strategy as well; and as domination cannot go in
circles, one of them is undominated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from unrigged.analysis.stages import Stages, announcements
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

    samples: at so many of the positions compared (0: at all) it is tested, too, that to raise exactly to the truth is
    strictly best against others who do.
    """
    mechanism = stages.mechanism
    everyone = mechanism.setting.everyone
    everything = [list(announcements(mechanism, i)) for i in everyone]
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
                if stages.announced(at)[i] <= stages.announced(instead)[i]:
                    return f"{other} is as good as {own} at {at}"
                met |= {(i, s, mechanism.known(made, s)) for made in (at, instead) for s in mechanism.order}
    positions = sorted(met)
    for i, state, known in Random(seed).sample(positions, min(samples or len(positions), len(positions))):
        if not stages.truth_is_best(i, state, known):
            return f"at {known} in state {state} other raises are as good"
    return None
