"""The market mechanism with every first move there is, in every context of a range; shared by the claims on it.

Source: Azar, Chen and Micali 2011, section 5.2 and appendix. There are finitely many *regular* proposals: any
allocation, prices of everybody but the proposer that are integers in (-2^k, 2^k), and his own such that they sum to 0.
All others end in one and the same outcome, that of step a, so that a few for each of its reasons stand for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.coalitions import Partition
from unrigged.analysis.root import NoDominant, RootSet
from unrigged.analysis.rooted import Group, Rooted, Valued
from unrigged.claims.base import Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation, Sign
from unrigged.claims.market.proposals import inner, settings, type_profiles
from unrigged.context import Coalition, Context
from unrigged.exact import Exact, total, written
from unrigged.mechanisms.market import ALONE, Market
from unrigged.mechanisms.proposing import ANSWER, PROPOSE
from unrigged.moves.answer import Answer
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.proposals import MarketProposal
from unrigged.outcome import Outcome
from unrigged.scenario import Plan, Scenario
from unrigged.setting import NOBODY, Setting
from unrigged.valuations import Table

PROPOSER = 0
"""The paper's player 1."""


def proposals(mechanism: Market) -> Iterator[Outcome]:
    """(E, 0), every other balanced proposal with integer prices in range, and some for each reason of step a; small
    prices first."""
    setting, limit = mechanism.setting, mechanism.limit
    prices = sorted(range(1 - limit, limit), key=lambda price: (abs(price), price < 0))
    allocations = sorted(product(range(NOBODY, setting.n), repeat=setting.m), key=lambda a: a != setting.endowment)
    for others in sorted(product(prices, repeat=setting.n - 1), key=lambda each: sum(map(abs, each))):
        for owners in allocations:
            yield Outcome(owners, (-sum(others), *others))
    rest = (0,) * (setting.n - 2)
    for whole in prices:
        price = whole + mechanism.eps / 2
        for owners in allocations:
            yield Outcome(owners, (-price, price, *rest))
    for first, second in ((-limit, limit), (limit, -limit), (1, 0), (-1, 0), (0, 1), (mechanism.eps, 0)):
        yield Outcome(mechanism.endowment, (first, second, *rest))


@dataclass(frozen=True, eq=False)
class MarketGame:
    """A market mechanism, unfolded for all first moves."""

    mechanism: Market
    rooted: Rooted

    @classmethod
    def of(cls, mechanism: Market, moves: Iterable[Outcome] | None = None) -> MarketGame:
        """The game of `mechanism`, with these first moves ((E, 0) among them), or with all there are."""
        listed = tuple(proposals(mechanism) if moves is None else moves)

        def grid(space: MoveSpace) -> Iterable[Move]:
            return listed if isinstance(space, MarketProposal) else space.grid(0)

        return cls(mechanism, Rooted.of(mechanism, grid))

    @property
    def setting(self) -> Setting:
        """The setting of the mechanism."""
        return self.mechanism.setting

    @cached_property
    def regular(self) -> NDArray[np.bool_]:
        """Which first moves are regular proposals."""
        return np.array([self._regular(action) for action in self.rooted.actions], np.bool_)

    def _regular(self, proposal: Outcome) -> bool:
        limit = 2 * (self.setting.value_bound or 0)
        whole = all(price.denominator == 1 and -limit < price < limit for price in proposal.prices[1:])
        return whole and proposal.revenue == 0 and proposal != self.mechanism.stay

    @cached_property
    def stay(self) -> int:
        """The number of (E, 0)."""
        return self.rooted.numbers[self.mechanism.stay]

    @cached_property
    def asked(self) -> NDArray[np.int64]:
        """The prices of every regular proposal, players in columns; 0 in the rows of the others."""
        rows = [
            action.prices if regular else (0,) * self.rooted.n
            for action, regular in zip(self.rooted.actions, self.regular, strict=True)
        ]
        return np.array(rows, np.int64)

    def gains(self, context: Context) -> NDArray[np.int64]:
        """What everybody gains from the allocation of every proposal, prices apart."""
        known = {
            owners: [context.gain(player, owners) for player in range(self.rooted.n)]
            for owners in dict.fromkeys(action.owners for action in self.rooted.actions)
        }
        return np.array([known[action.owners] for action in self.rooted.actions], np.int64)

    def group(self, label: str, player: int | None = None) -> Iterator[tuple[int, Group]]:
        """The groups of stages that begin at the decision `label`, with their numbers; `player`: where he acts."""
        for number, group in enumerate(self.rooted.groups):
            if group.label == label and (player is None or player in group.players):
                yield number, group


def games(scope: Scope) -> Iterator[MarketGame]:
    """The market mechanism for every endowment of the range and for parameters in the middle of their ranges and near
    their ends."""
    for setting in markets(scope):
        for eps, delta in parameters(setting, scope):
            mechanism = build("market", setting, eps=eps, delta=delta)
            assert isinstance(mechanism, Market)
            yield MarketGame.of(mechanism)


def markets(scope: Scope) -> Iterator[Setting]:
    """Markets of 2 to `scope.players` players and 1 to `scope.goods` goods, with one good where there are most
    players; small ones first."""
    for n in range(2, scope.players + 1):
        for m in range(1, min(scope.goods, scope.players + 1 - n) + 1):
            yield from settings(replace(scope, players=n, goods=m))


def parameters(setting: Setting, scope: Scope) -> Iterator[tuple[Fraction, Fraction]]:
    """Pairs of eps and delta: the mechanism's own first, then near the four corners of what the paper allows.

    An eps or a delta in the scope is the only one.
    """
    bound = setting.value_bound or 1
    least, middle, most = inner(Fraction(1, 5 * setting.n))
    pairs = [
        (eps, inner(eps / bound)[place])
        for eps, place in ((middle, 1), (least, 0), (least, 2), (most, 0), (most, 2))
        if "eps" not in scope.parameters
    ] or [(Fraction(scope.parameters["eps"]), each) for each in inner(Fraction(scope.parameters["eps"]) / bound)]
    if "delta" in scope.parameters:
        yield from dict.fromkeys((eps, Fraction(scope.parameters["delta"])) for eps, _ in pairs)
        return
    yield from pairs


def contexts(scope: Scope, setting: Setting) -> Iterator[Context]:
    """Every type profile of the range, small values first; where there are more than `samples` of them (if that is
    set), so many random ones."""
    here = replace(scope, players=setting.n, goods=setting.m)
    many = len(scope.every_value) ** (setting.n * ((1 << setting.m) - 1))
    if many <= scope.samples:
        here = replace(here, samples=0)
    yield from (Context(setting, types) for types in sorted(type_profiles(here, setting), key=_size))


def _size(types: tuple[Table, ...]) -> Exact:
    sizes: list[Exact] = [max(value, -value) for one in types for value in one.values]
    return total(sizes)


def every_context(scope: Scope, watch: Watch) -> Iterator[tuple[MarketGame, Context, Valued]]:
    """Every game of the range with every context, valued."""
    done = 0
    for game in games(scope):
        for context in contexts(scope, game.setting):
            done += 1
            watch.step("contexts", done)
            yield game, context, game.rooted.valued(context)


def covered(scope: Scope) -> str:
    """The range in words."""
    most = f", at most {scope.samples} random type profiles in each" if scope.samples else ""
    eps = "" if scope.parameters else "; eps and delta in the middle of their ranges and near their ends"
    return f"every endowment of 2 to {scope.players} players, every first move{most}{eps}"


def by_name(mechanism: Market, **figures: Fraction) -> str:
    """The parameters of the mechanism, and more figures, in words."""
    listed = {"eps": mechanism.eps, "delta": mechanism.delta, **figures}
    return ", ".join(f"{name} = {written(value)}" for name, value in listed.items())


Said = Mapping[str, Mapping[int, Answer]]
"""Who says what: by the label of the decision, and by player."""


def scene(
    game: MarketGame, context: Context, partition: Partition, proposal: Outcome, said: Said, title: str
) -> Scenario:
    """The play in which the proposer makes `proposal` and the others answer as they are said to."""
    setting = game.setting
    space = MarketProposal(setting, PROPOSER, game.mechanism.limit)
    moves: dict[str, dict[str, Any]] = {PROPOSE: {setting.players[PROPOSER]: space.encode(proposal)}}
    for label, answers in said.items():
        moves[label] = {setting.players[player]: answer.value for player, answer in answers.items()}
    collusive = replace(context, coalitions=partition)
    silent = tuple((agent, Plan("silent")) for agent in collusive.coalitions)
    return Scenario(game.mechanism, collusive, title, plans=silent, moves=moves)


def note_answers(group: Group, number: int, profile: int, said: dict[str, dict[int, Answer]]) -> None:
    """Adds to `said` what is said in stage `number` of `group` where the profile of that number is played."""
    stage = group.stages[number]
    taken = stage.taken(profile)
    for path, turn in stage.decisions:
        for player, move in zip(turn.players, turn.joint(taken[path]), strict=True):
            said.setdefault(turn.label, {})[player] = move


Votes = Sequence[NDArray[np.int64]]
"""For every group of stages, the number of the profile played in each of them."""


def voted_scene(
    game: MarketGame, context: Context, partition: Partition, action: int, votes: Votes, title: str
) -> Scenario:
    """The play in which the first move of that number is made, and answered as `votes` say."""
    said: dict[str, dict[int, Answer]] = {ANSWER: {}, ALONE: {}}
    for g, k in game.rooted.stages[action]:
        note_answers(game.rooted.groups[g], k, int(votes[g][k]), said)
    return scene(game, context, partition, game.rooted.actions[action], said, title)


def rational_scene(game: MarketGame, context: Context, root: RootSet, action: int, title: str) -> Scenario:
    """The play s^x of the context with the coalitions of `root`: the first move of that number, then dominant votes."""
    return voted_scene(game, context, root.partition, action, root.profile, title)


def two_answers(
    game: MarketGame, context: Context, coalition: Coalition, number: int, which: int, named: int
) -> Counterexample | None:
    """Shows that joint plan `named` of `coalition` is not strictly dominant in stage `which` of group `number`: a case
    in which it is played, and one in which another plan is played against the same choice of the rest and is no worse.
    None where it is dominant."""
    group, valued = game.rooted.groups[number], game.rooted.valued(context)
    action = int(group.actions[which])
    payoffs = valued.payoffs[:, list(coalition)].sum(axis=1)[group.prospects[which]].reshape(group.sizes)
    mine = [place for place, player in enumerate(group.players) if player in coalition]
    plans: dict[tuple[int, ...], dict[int, tuple[Any, int]]] = {}
    for profile, digits in enumerate(product(*map(range, group.sizes))):
        own = 0
        for place in mine:
            own = own * group.sizes[place] + digits[place]
        rest = tuple(digit for place, digit in enumerate(digits) if place not in mine)
        plans.setdefault(rest, {})[own] = (payoffs[digits], profile)
    for own_plans in plans.values():
        for own, (payoff, profile) in own_plans.items():
            if own != named and payoff >= own_plans[named][0]:
                cases = {}
                for case, played in (("named", own_plans[named][1]), ("other", profile)):
                    said: dict[str, dict[int, Answer]] = {ANSWER: {}, ALONE: {}}
                    note_answers(group, which, played, said)
                    alone = tuple((player,) for player in range(game.rooted.n) if player not in coalition)
                    cases[case] = scene(game, context, (coalition, *alone), game.rooted.actions[action], said, case)
                return Counterexample(cases, (utility("other", ">=", "named", coalition),))
    return None


def not_dominant(game: MarketGame, found: NoDominant) -> Counterexample | None:
    """Shows that `found.coalition` has no dominant votes at the decision `found.label`, by the votes all YES."""
    action = game.rooted.numbers[found.move]
    for number, which in game.rooted.stages[action]:
        group = game.rooted.groups[number]
        if group.label == found.label and set(group.players) & set(found.coalition):
            shown = two_answers(game, found.context, found.coalition, number, which, 0)
            if shown is not None:
                return shown
    return None


def utility(case: str, sign: Sign, other: str | Fraction | int, players: Sequence[int]) -> Relation:
    """The joint utility of `players` in a case, compared with that in another or with a constant."""
    of = tuple(players)
    right = Figure(other, "utility", of) if isinstance(other, str) else other
    return Relation(Figure(case, "utility", of), sign, right)
