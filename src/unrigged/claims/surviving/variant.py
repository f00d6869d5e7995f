"""A change of the mechanism of 2009 under which Lemma 5 and Theorem 2 hold with three players, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

from unrigged.analysis.announcing import announcement_game, undominated
from unrigged.analysis.stages import Stages
from unrigged.claims.base import Evidence, Scope, Watch, replaced
from unrigged.claims.surviving.lemmas import l1, l2, l3
from unrigged.claims.surviving.plays import L5, T2, measured
from unrigged.claims.surviving.ranges import NAME, bound_of, context_of, mechanism_of, setting_of
from unrigged.exact import total
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.surviving import Surviving
from unrigged.moves.profiles import Profile
from unrigged.setting import Setting
from unrigged.verdict import Verdict, fails, holds

EPS, EPS1 = Fraction(1, 8), Fraction(1, 128)
"""Parameters with which utilities fit into 64 bits."""

REPAIR = (
    "in step c, where nobody raises the price of i, the best informed about i is drawn among those only who announced "
    "the most of him; and elimination goes on until nothing is dominated"
)


class AtLargest(Surviving):
    """The mechanism as it is by default: where nobody raises, the price is always the largest announcement."""

    @classmethod
    def build(cls, setting: Setting, parameters: Mapping[str, Any] | None = None) -> Mechanism:
        return Surviving.build(setting, {**(parameters or {}), "informed": "most"})


def _survivors(scope: Scope, watch: Watch) -> Iterator[tuple[Stages, list[list[Profile]], int]]:
    """For as many contexts as there are samples: the announcements that survive, and the number of rounds it took after
    the third."""
    setting = setting_of(scope.players, scope.states, bound_of(scope))
    rng = Random(scope.seed)
    mechanism = mechanism_of(setting, EPS, EPS1)
    largest = tuple((scope.values[1],) * scope.states for _ in setting.everyone)
    for number in range(scope.samples):
        watch.step("games of announcements", number, scope.samples)
        drawn = tuple(tuple(rng.choice(scope.every_value) for _ in range(scope.states)) for _ in setting.everyone)
        stages = Stages(mechanism, context_of(setting, drawn if number else largest))
        game = announcement_game(stages)
        left, rounds = undominated(game)
        yield stages, [[game.moves[i][move] for move in own] for i, own in enumerate(left)], rounds


def _lemmas(asked: Scope, watch: Watch) -> Verdict | None:
    """What Lemma 1, 2 or 3 has against the changed mechanism, if anything."""
    scope = Scope(players=asked.players, states=1, values=asked.values, samples=asked.samples)
    return next((found for lemma in (l1, l2, l3) if (found := lemma(scope, watch)).status != "holds"), None)


@L5.reading(
    "price at the largest announcement",
    quick=Scope(players=3, states=2, values=(0, 2), samples=1),
    standard=Scope(players=3, states=2, values=(0, 2), samples=12),
    repair=REPAIR,
)
def l5_at_largest(scope: Scope, watch: Watch) -> Verdict:
    """The changed mechanism, in contexts drawn at random (the first has the largest values only): Lemmas 1 to 3 hold,
    and whatever announcements survive when those that are strictly dominated go, round by round, are true of the
    optimal state and nowhere above the truth. Exact, with eps = 1/8 and eps1 = 1/128."""
    with replaced({NAME: AtLargest}):
        against = _lemmas(scope, watch)
        if against is not None:
            return against
        contexts = kept = most = 0
        for stages, left, rounds in _survivors(scope, watch):
            contexts, most = contexts + 1, max(most, rounds)
            best = stages.optimal_state
            for i, own in enumerate(left):
                for said in own:
                    kept += 1
                    for j, s in product(stages.context.setting.everyone, range(scope.states)):
                        true = stages.values[s][j]
                        if j != i and (said[j][s] > true or (s == best and said[j][s] != true)):
                            return fails(f"{stages.values}: {said} of player {i} survives")
    why = "no price is then below the value, and who announces most of somebody is fined for what goes beyond the truth"
    counts = {"contexts": contexts, "surviving announcements": kept, "rounds after the third, at most": most}
    return holds(why, evidence=Evidence(counts))


@T2.reading(
    "price at the largest announcement",
    quick=Scope(players=3, states=2, values=(0, 2), samples=1),
    standard=Scope(players=3, states=2, values=(0, 2), samples=12),
    repair=REPAIR,
)
def t2_at_largest(scope: Scope, watch: Watch) -> Verdict:
    """The changed mechanism, in contexts drawn at random (the first has the largest values only): all plays of
    announcements that survive keep to both bounds. Exact, with eps = 1/8 and eps1 = 1/128."""
    with replaced({NAME: AtLargest}):
        contexts = plays = 0
        for stages, left, _ in _survivors(scope, watch):
            contexts += 1
            most = (1 - EPS) * total(stages.values[stages.optimal_state])
            for made in product(*left):
                plays += 1
                revenue, welfare = measured(stages, made)
                if revenue < most - EPS or welfare < most:
                    return fails(f"{stages.values}: revenue {revenue} and welfare {welfare} after {made}")
    why = "everybody who survives tells the truth of the optimal state"
    return holds(why, evidence=Evidence({"contexts": contexts, "surviving plays": plays}))


CLAIMS = (L5, T2)
