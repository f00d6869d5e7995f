"""Settings, parameters and contexts over which the claims on the mechanism of 2009 are decided."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from random import Random
from typing import cast

from unrigged.analysis.stages import Stages
from unrigged.claims.base import Scope, Watch, build
from unrigged.context import Context
from unrigged.exact import Exact
from unrigged.mechanisms.surviving import Known, Surviving
from unrigged.setting import NULL_STATE, Setting, State, choice
from unrigged.valuations import StateValues

NAME = "surviving"

NEARLY = Fraction(999, 1000)

Values = tuple[tuple[int, ...], ...]
"""For every player his value of every state but the null state."""


def pairs(players: int) -> list[tuple[Fraction, Fraction]]:
    """eps and eps1: both nearly as large as 5n·eps1 < eps < 1/5 allows, each of them tiny, and the usual ones."""
    large, small, usual = NEARLY / 5, Fraction(1, 1000), Fraction(1, 10)
    return [
        (large, NEARLY * large / (5 * players)),
        (large, large / (5000 * players)),
        (small, NEARLY * small / (5 * players)),
        (usual, usual / (10 * players)),
    ]


PAIRS_IN_WORDS = (
    "eps and eps1 both nearly as large as 0 < 5n·eps1 < eps < 1/5 allows, each of them a thousandth of that, and 1/10, "
    "1/(100n)"
)

SMALL = "two players, or values 0 and 1 only"
"""Where Lemmas 4 and 5 and Theorem 2 hold as printed: no provisional price is then below the value."""


def setting_of(players: int, states: int, bound: int) -> Setting:
    """Players p1, p2, ..., states s1, s2, ... and values below `bound`."""
    scope = Scope(players=players, states=states)
    return choice(scope.names, scope.state_names, value_bound=bound)


def mechanism_of(setting: Setting, eps: Exact, eps1: Exact, place: str = "first") -> Surviving:
    """The mechanism as printed; what players would announce of themselves, which is never used, is left out."""
    parameters = {"eps": eps, "eps1": eps1, "null_position": place, "own_entries": "omitted", "informed": "any"}
    return cast(Surviving, build(NAME, setting, **parameters))


def bound_of(scope: Scope) -> int:
    """B: values and announcements go up to B - 1."""
    return scope.values[1] + 1


def mechanisms(scope: Scope) -> Iterator[Surviving]:
    """Two players with all states and values of the scope, more players with one state and values 0 and 1; with every
    pair of parameters, the null state first, and with the last pair also last."""
    for players in range(2, scope.players + 1):
        states, bound = (scope.states, bound_of(scope)) if players == 2 else (1, 2)
        setting = setting_of(players, states, bound)
        for eps, eps1 in pairs(players):
            yield mechanism_of(setting, eps, eps1)
        yield mechanism_of(setting, eps, eps1, "last")


def context_of(setting: Setting, values: Values) -> Context:
    """The context of these values."""
    states = setting.need_states(NAME)
    return Context(setting, tuple(StateValues(states, row) for row in values))


def contexts(mechanism: Surviving, scope: Scope) -> Iterator[Stages]:
    """Every context with values of the scope that the mechanism allows."""
    setting = mechanism.setting
    values = [value for value in scope.every_value if value <= mechanism.greatest]
    rows = list(product(values, repeat=len(setting.need_states(NAME))))
    for made in product(rows, repeat=setting.n):
        yield Stages(mechanism, context_of(setting, made))


def nodes(scope: Scope, watch: Watch) -> Iterator[tuple[Stages, State, Known]]:
    """Positions before raises, of the null state and of one other: all of them with all values, for two players and
    where values are below 2; for more players as many as the scope has samples."""
    bound = bound_of(scope)
    for players in range(2, scope.players + 1):
        for eps, eps1 in pairs(players):
            mechanism = mechanism_of(setting_of(players, 1, bound), eps, eps1)
            most = bound - 1 if players == 2 else 1
            every = [
                (values, known)
                for values in product(range(most + 1), repeat=players)
                for known in said(players, most)
            ] if players == 2 or bound == 2 else []  # fmt: skip
            rng = Random(scope.seed)
            drawn = [
                (tuple(rng.randrange(bound) for _ in range(players)), _draw(rng, players, bound))
                for _ in range(scope.samples if players > 2 else 0)
            ]
            stages = Stages(mechanism, context_of(mechanism.setting, ((0,),) * players))
            yield stages, NULL_STATE, ((0,) * players,) * players
            for number, (values, known) in enumerate([*every, *drawn]):
                watch.step(f"positions of {players} players", number, len(every) + len(drawn))
                yield Stages(mechanism, context_of(mechanism.setting, tuple((v,) for v in values))), 0, known


def said(players: int, most: int) -> Iterator[Known]:
    """Everything that may be announced of one state by values up to `most`."""
    rows = [list(product(*([0] if j == i else range(most + 1) for j in range(players)))) for i in range(players)]
    yield from product(*rows)


def _draw(rng: Random, players: int, bound: int) -> Known:
    return tuple(tuple(0 if i == j else rng.randrange(bound) for j in range(players)) for i in range(players))
