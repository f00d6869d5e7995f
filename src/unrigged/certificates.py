"""Accepts or refuses what a search claims to have found, without any of the search's code.

A strategy s of an agent is compared with the agent's other allowed strategies, over one or several regions (a game
and the strategies in question; several where an agent deems several contexts possible, and one and the same
dominator must do in all of them). Let g_k(t) be what the agent gains at t, a choice of the others in some region,
by playing k instead of s. A mixture y of allowed strategies other than s dominates s

- strictly, if sum_k y_k·g_k(t) > 0 at every t;
- weakly, if it is >= 0 at every t and > 0 at some t of every region;
- distinguishably, if it is > 0 at every t that y distinguishes (some k of y leads there to another mark than s),
  and y distinguishes some t of every region. (With marks of histories this is the papers' definition, for a
  mixture leads to the same distribution of histories as s exactly if all its members do; with marks of
  outcome distributions it is theirs for pure dominators.)

That no mixture dominates s is shown by beliefs w >= 0 over the t's with sum_t w(t)·g_k(t) <= 0 for every k:

- strictly: one belief, not 0;
- weakly: one belief, positive at every t of some region;
- distinguishably: a list of beliefs. The first is as said; the strategies that some t of positive weight tells from
  s can then be no part of a dominator, and the next belief need only hold for the others; those left in the end
  are distinguished from s nowhere in some region.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, TypeGuard

from unrigged.strategic import Notion, Profile, Region, profile_with

Point = tuple[int, Profile]
"""A region's number and the others' strategies there, agent by agent."""


@dataclass(frozen=True)
class Dominated:
    """`strategy` of `agent` is dominated by the mixture `by`: pairs of a strategy and its weight, weights of sum 1."""

    notion: Notion
    agent: int
    strategy: int
    by: tuple[tuple[int, Fraction], ...]


@dataclass(frozen=True)
class Belief:
    """Weights > 0 on choices of the others; and a weight of 1 more on every one of the region `everywhere`."""

    weights: tuple[tuple[Point, Fraction], ...]
    everywhere: int | None = None


@dataclass(frozen=True)
class Undominated:
    """No mixture dominates `strategy` of `agent`, by these beliefs; `region` is the one in which it does not."""

    notion: Notion
    agent: int
    strategy: int
    beliefs: tuple[Belief, ...]
    region: int


@dataclass(frozen=True)
class Objection:
    """Why `strategy` is no dominator: it fails at `others` in the region, or (None) gains nowhere in the region."""

    strategy: int
    region: int
    others: Profile | None


@dataclass(frozen=True)
class NoPureDominator:
    """No pure strategy dominates `strategy` of `agent`; one objection for every other allowed strategy."""

    notion: Notion
    agent: int
    strategy: int
    objections: tuple[Objection, ...]


Certificate = Dominated | Undominated | NoPureDominator


def reason_against(certificate: object, regions: Sequence[Region]) -> str | None:
    """Why `certificate` does not show what it says over `regions`; None where it does. Never raises.

    The regions are the asker's: a certificate holds over them or does not.
    """
    if not isinstance(certificate, Dominated | Undominated | NoPureDominator):
        return "not a certificate of dominance"
    if not regions:
        return "no region to compare in"
    if not isinstance(certificate.notion, Notion):
        return "not a notion of dominance"
    if not _number(certificate.agent) or certificate.agent >= min(len(region.game.agents) for region in regions):
        return "no such agent"
    if len({region.allowed[certificate.agent] for region in regions}) != 1:
        return "the regions differ in the agent's own strategies"
    if not _number(certificate.strategy) or certificate.strategy not in regions[0].allowed[certificate.agent]:
        return "the strategy is not an allowed one of the agent"
    if certificate.notion is Notion.DISTINGUISHABLE and any(region.game.marks is None for region in regions):
        return "a game without marks, in which nothing is distinguishable"
    comparison = _Comparison(certificate.agent, certificate.strategy, certificate.notion, tuple(regions))
    if isinstance(certificate, Dominated):
        return comparison.against_dominator(certificate.by)
    if isinstance(certificate, NoPureDominator):
        return comparison.against_objections(certificate.objections)
    return comparison.against_beliefs(certificate.beliefs, certificate.region)


@dataclass(frozen=True)
class _Comparison:
    agent: int
    strategy: int
    notion: Notion
    regions: tuple[Region, ...]

    def points(self, region: int) -> Iterator[Point]:
        """Every choice of the others in the region."""
        allowed = self.regions[region].allowed
        for others in product(*allowed[: self.agent], *allowed[self.agent + 1 :]):
            yield region, others

    @property
    def rivals(self) -> tuple[int, ...]:
        return tuple(k for k in self.regions[0].allowed[self.agent] if k != self.strategy)

    def gain(self, rival: int, point: Point) -> Any:
        """What the agent gains at `point` by playing `rival` instead."""
        region, others = point
        payoffs = self.regions[region].game.payoffs[self.agent]
        new = payoffs[profile_with(self.agent, rival, others)]
        return _exact(new) - _exact(payoffs[profile_with(self.agent, self.strategy, others)])

    def differs(self, rival: int, point: Point) -> bool:
        """Whether the two strategies lead to different marks at `point`; without a need for marks, always."""
        region, others = point
        marks = self.regions[region].game.marks
        if self.notion is not Notion.DISTINGUISHABLE or marks is None:
            return True
        new = marks[profile_with(self.agent, rival, others)]
        return bool(new != marks[profile_with(self.agent, self.strategy, others)])

    def against_dominator(self, by: object) -> str | None:
        rivals = set(self.rivals)
        if not _pairs(by, lambda k: _number(k) and k in rivals):
            return "the dominator is not a mixture of the agent's other allowed strategies with rational weights > 0"
        if sum(weight for _, weight in by) != 1:
            return "the dominator's weights do not add up to 1"
        for region in range(len(self.regions)):
            better = False
            for point in self.points(region):
                if not any(self.differs(k, point) for k, _ in by):
                    continue
                gain = sum(weight * self.gain(k, point) for k, weight in by)
                if gain < 0 or (gain == 0 and self.notion is not Notion.WEAK):
                    return f"the dominator gains {gain} at {point}"
                better = better or gain > 0
            if not better:
                return f"the dominator gains nowhere in region {region}"
        return None

    def against_objections(self, objections: object) -> str | None:
        if not isinstance(objections, tuple) or not all(isinstance(one, Objection) for one in objections):
            return "not a list of objections"
        if sorted(map(repr, (one.strategy for one in objections))) != sorted(map(repr, self.rivals)):
            return "not one objection for every other allowed strategy"
        for one in objections:
            if not _number(one.region) or one.region >= len(self.regions):
                return "an objection in no region"
            if one.others is None:
                points = self.points(one.region)
                if any(self.gain(one.strategy, t) > 0 and self.differs(one.strategy, t) for t in points):
                    return f"strategy {one.strategy} does gain in region {one.region}"
                continue
            point = (one.region, one.others)
            if not self._point(point):
                return "an objection at no allowed choice of the others"
            gain = self.gain(one.strategy, point)
            if gain > 0 or not self.differs(one.strategy, point) or (gain == 0 and self.notion is Notion.WEAK):
                return f"strategy {one.strategy} does not fail at {point}"
        return None

    def against_beliefs(self, beliefs: object, region: object) -> str | None:
        if not isinstance(beliefs, tuple) or not _number(region) or region >= len(self.regions):
            return "no list of beliefs, or no such region"
        if self.notion is not Notion.DISTINGUISHABLE and len(beliefs) != 1:
            return "not exactly one belief"
        rivals = list(self.rivals)
        for belief in beliefs:
            if not isinstance(belief, Belief) or not _pairs(belief.weights, self._point):
                return "not a belief over the others' allowed choices with rational weights > 0"
            weights = dict(belief.weights)
            if belief.everywhere is not None:
                if not _number(belief.everywhere) or belief.everywhere >= len(self.regions):
                    return "a belief over no region"
                for point in self.points(belief.everywhere):
                    weights[point] = weights.get(point, Fraction(0)) + 1
            if not weights:
                return "a belief that is 0"
            for k in rivals:
                gain = sum(weight * self.gain(k, point) for point, weight in weights.items())
                if gain > 0:
                    return f"strategy {k} gains {gain} by the belief"
            if self.notion is Notion.WEAK and not all(point in weights for point in self.points(region)):
                return "the belief leaves out a choice of the others"
            if self.notion is Notion.DISTINGUISHABLE:
                rivals = [k for k in rivals if not any(self.differs(k, point) for point in weights)]
        if self.notion is Notion.DISTINGUISHABLE:
            for k in rivals:
                if any(self.differs(k, point) for point in self.points(region)):
                    return f"the beliefs say nothing of strategy {k}"
        return None

    def _point(self, point: object) -> bool:
        if not isinstance(point, tuple) or len(point) != 2 or not _number(point[0]) or point[0] >= len(self.regions):
            return False
        allowed = self.regions[point[0]].allowed
        others = (*allowed[: self.agent], *allowed[self.agent + 1 :])
        chosen = point[1]
        if not isinstance(chosen, tuple) or len(chosen) != len(others):
            return False
        return all(_number(part) and part in known for part, known in zip(chosen, others, strict=True))


def _number(value: object) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def _exact(payoff: Any) -> Any:
    """A payoff of an array as an int or a Fraction of unlimited size."""
    return payoff if isinstance(payoff, Fraction) else int(payoff)


def _pairs(weights: object, known: Callable[[Any], bool]) -> TypeGuard[tuple[tuple[Any, Fraction], ...]]:
    """Whether these are pairs of distinct known things with rational weights > 0."""
    if not isinstance(weights, tuple):
        return False
    for pair in weights:
        if not isinstance(pair, tuple) or len(pair) != 2 or not known(pair[0]):
            return False
        if not (type(pair[1]) in (int, Fraction) and pair[1] > 0):
            return False
    return len({thing for thing, _ in weights}) == len(weights)
