"""Claims on implementation in surviving strategies as such, and on rules of the mechanism of 2009 that need no types.

Source: Chen, Hassidim and Micali 2009 (paper 004), sections 2 to 4 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, permutations, product
from math import factorial, prod
from random import Random

import numpy as np
from numpy.typing import NDArray

from unrigged.analysis.elimination import Choose, Elimination, eliminate, one_at_a_time
from unrigged.analysis.impossibility import Answer, greatest_deterministic_fraction, greatest_fraction
from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.surviving.ranges import (
    PAIRS_IN_WORDS,
    bound_of,
    context_of,
    mechanism_of,
    pairs,
    said,
    setting_of,
)
from unrigged.errors import BudgetExceeded
from unrigged.exact import Exact
from unrigged.mechanisms.surviving import Known, Surviving
from unrigged.moves.answer import NO
from unrigged.moves.raises import Raises
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Pay, Position
from unrigged.scenario import Plan, Scenario
from unrigged.setting import NULL_STATE, State
from unrigged.strategic import Allowed, NormalForm, Notion
from unrigged.verdict import Verdict, fails, holds

# Dominant strategies cannot do it.

T1 = Claim(
    "surviving.T1",
    source="paper 004, section 4, Theorem 1",
    wording="for no fraction x > 0 is there a dominant-strategy-truthful mechanism, deterministic or randomised, whose "
    "revenue is at least x times the maximum social welfare whenever all declare the true type profile; two players "
    "and two states suffice",
)


def _refused(answers: Sequence[Answer]) -> str | None:
    return next((reason for answer in answers if (reason := answer.reason_against()) is not None), None)


def _randomised(grids: Sequence[tuple[int, ...]], watch: Watch) -> list[Answer]:
    answers = []
    for number, values in enumerate(grids):
        watch.step("grids of values", number, len(grids))
        answers.append(greatest_fraction(values))
    return answers


def _figures(answers: Sequence[Answer]) -> dict[str, Exact]:
    return {f"largest x for values {', '.join(map(str, one.domain.values))}": one.bound for one in answers}


@T1.reading(quick=Scope(values=(0, 4)), standard=Scope(values=(0, 16)))
def t1(scope: Scope, watch: Watch) -> Verdict:
    """Two players, the null state and one more; values 0 and the powers of two. For deterministic mechanisms an exact
    proof by cases excludes every x > 0 as soon as values may be 0, 1 and 2. For randomised ones (prices expected ones)
    the largest x is found by linear programming, with an exact proof by Farkas' lemma that there is no larger one; it
    falls with every further value, and whatever is above the smallest found is excluded."""
    powers = [1]
    while 2 * powers[-1] <= scope.values[1]:
        powers.append(2 * powers[-1])
    answers = _randomised([(0, *powers[: k + 1]) for k in range(len(powers))], watch)
    watch.step("deterministic mechanisms")
    sure = greatest_deterministic_fraction((0, 1, 2))
    against = _refused([*answers, sure])
    bounds = [one.bound for one in answers]
    if against is not None or any(later >= earlier for earlier, later in pairwise(bounds)):
        return fails(f"the bounds {', '.join(map(str, bounds))} do not fall, or a proof is refused: {against}")
    why = (
        "no deterministic mechanism guarantees any x > 0 on the values 0, 1, 2; and no randomised one guarantees more "
        f"than {bounds[-1]} = {float(bounds[-1]):.4f} on the largest grid"
    )
    reached = sum(one.mechanism is not None for one in answers)
    evidence = Evidence({"grids": len(answers) + 1, "bounds reached by a mechanism": reached},
                        {"Farkas proofs": len(answers), "proofs by cases": 1}, _figures(answers))  # fmt: skip
    return holds(why, range=f"deterministic: every x > 0; randomised: every x > {bounds[-1]}", evidence=evidence)


@T1.reading("every whole number a value", quick=Scope(values=(0, 2)), standard=Scope(values=(0, 4)))
def t1_whole(scope: Scope, watch: Watch) -> Verdict:
    """As printed, for the values 0..m: the largest fraction that a randomised mechanism guarantees falls with m; every
    bound is proved, and reached by a mechanism that is checked against every row of the definition."""
    answers = _randomised([tuple(range(most + 1)) for most in range(1, scope.values[1] + 1)], watch)
    against = _refused(answers)
    bounds = [one.bound for one in answers]
    if against is not None or any(later >= earlier for earlier, later in pairwise(bounds)):
        return fails(f"the bounds {', '.join(map(str, bounds))} do not fall, or a proof is refused: {against}")
    reached = sum(one.mechanism is not None for one in answers)
    evidence = Evidence({"grids": len(answers), "bounds reached by a mechanism": reached},
                        {"Farkas proofs": len(answers)}, _figures(answers))  # fmt: skip
    return holds(f"the largest fraction falls: {', '.join(map(str, bounds))}", evidence=evidence)


# The opt-out condition, and rewards.

OPT_OUT = Claim(
    "surviving.optout",
    source="paper 004, section 2 and section 6",
    wording="a player who announces only zeros, raises nothing and says NO when asked has price 0, whatever the others "
    "do",
)


def _silent_prices(mechanism: Surviving, position: Position, player: int, expected: bool) -> Fraction:
    """The most that `player`, who says NO, pays from `position` on, in expectation or in some outcome."""
    if isinstance(position, Outcome):
        return Fraction(position.prices[player])
    if isinstance(position, Pay):
        return position.prices[player] + _silent_prices(mechanism, position.then(), player, expected)
    if isinstance(position, Chance):
        sides = [(each.probability, _silent_prices(mechanism, each.then(), player, expected))
                 for each in position.branches]  # fmt: skip
        return sum((chance * price for chance, price in sides), Fraction(0)) if expected else max(p for _, p in sides)
    assert isinstance(position, Decision)
    answers = [[NO] if i == player else list(space.grid(1)) for i, space in position.actors]
    return max(_silent_prices(mechanism, position.then(made), player, expected) for made in product(*answers))


def _after_raises(
    scope: Scope, watch: Watch, silent: bool
) -> Iterator[tuple[Surviving, State, Known, tuple[Raises, ...]]]:
    """Everything that can be announced of one state, or of the null state, and then raised, for every pair of
    parameters; `silent`: only where the first or the last player announces and raises nothing."""
    for players in range(2, scope.players + 1):
        most = bound_of(scope) - 1 if players == 2 else 1
        for number, (eps, eps1) in enumerate(pairs(players)):
            watch.step("parameters", number, len(pairs(players)))
            mechanism = mechanism_of(setting_of(players, 1, most + 1), eps, eps1)
            nothing = ((0,) * players,) * players
            for state, known in [(NULL_STATE, nothing), *((0, each) for each in said(players, most))]:
                if silent and any(known[0]) and any(known[-1]):
                    continue
                position = mechanism.ask_raises(state, known)
                assert isinstance(position, Decision)
                for raises in product(*(space.grid(most) for _, space in position.actors)):
                    yield mechanism, state, known, raises


@OPT_OUT.reading(quick=Scope(players=2, states=1, values=(0, 1)), standard=Scope(players=2, states=1, values=(0, 1)))
def opt_out(scope: Scope, watch: Watch) -> Verdict:
    """The price of the silent player is exactly 0 in every outcome."""
    eps, eps1 = pairs(scope.players)[-1]
    mechanism = mechanism_of(setting_of(scope.players, scope.states, bound_of(scope)), eps, eps1)
    position = mechanism.find_informed(
        NULL_STATE, ((0,) * scope.players,) * scope.players, ((0,) * scope.players,) * scope.players
    )
    price = _silent_prices(mechanism, position, 0, True)
    if price == 0:
        return holds("when all are silent nobody pays anything")
    case = "all silent"
    context = context_of(mechanism.setting, ((0,),) * scope.players)
    silent = tuple(((i,), Plan("silent")) for i in mechanism.setting.everyone)
    scenario = Scenario(mechanism, context, case, silent)
    relation = Relation(Figure(case, "price", (0,)), "!=", 0)
    why = (
        "a silent player receives money: his price falls by at least eps1 as a reward (step g), and by eps1 more when "
        f"the provisional outcome is carried out; when all are silent everybody's price is {price}"
    )
    return fails(why, counterexample=Counterexample({case: scenario}, (relation,)))


@OPT_OUT.reading(
    "never more than 0",
    quick=Scope(players=2, states=1, values=(0, 1)),
    standard=Scope(players=2, states=1, values=(0, 3)),
)
def opt_out_never(scope: Scope, watch: Watch) -> Verdict:
    """The price of the silent player is at most 0 in every outcome."""
    covered = 0
    for mechanism, state, known, raises in _after_raises(scope, watch, silent=True):
        for player in mechanism.setting.everyone:
            if any(known[player]) or any(raises[player]):
                continue
            covered += 1
            price = _silent_prices(mechanism, mechanism.find_informed(state, known, raises), player, False)
            if price > 0 and state != NULL_STATE and not any(map(any, raises)):
                return _pays_though_silent(mechanism, known, player, price)
    return holds("no silent player ever pays", evidence=Evidence({"positions after raises": covered}))


def _pays_though_silent(mechanism: Surviving, known: Known, player: int, price: Fraction) -> Verdict:
    setting, case = mechanism.setting, "silent"
    names, state = setting.players, setting.need_states("this")[0]
    context = context_of(setting, ((0,),) * setting.n)
    said_of = {
        names[i]: {names[j]: {state: int(value)} for j, value in enumerate(row) if value}
        for i, row in enumerate(known)
        if any(row)
    }
    silent = tuple(((i,), Plan("silent")) for i in setting.everyone)
    scenario = Scenario(mechanism, context, case, silent, {"announce": said_of})
    relation = Relation(Figure(case, "least utility", (player,)), "<", 0)
    why = (
        f"{names[player]} is silent and says NO, and yet pays up to {price} when coin 1 shows Tails and coin 2 Heads: "
        "step f then carries out the provisional outcome at its prices whatever he said"
    )
    return fails(why, counterexample=Counterexample({case: scenario}, (relation,)))


@OPT_OUT.reading(
    "in expectation, at most 0",
    quick=Scope(players=2, states=1, values=(0, 2)),
    standard=Scope(players=3, states=1, values=(0, 4)),
    repair="the expected price, over the coins still to come once raises are known, is less than 0 instead of 0",
)
def opt_out_expected(scope: Scope, watch: Watch) -> Verdict:
    """Whatever the others announce, raise and answer, the silent player expects to receive money."""
    covered, most = 0, None
    for mechanism, state, known, raises in _after_raises(scope, watch, silent=True):
        for player in mechanism.setting.everyone:
            if any(known[player]) or any(raises[player]):
                continue
            covered += 1
            price = _silent_prices(mechanism, mechanism.find_informed(state, known, raises), player, True)
            if price >= 0:
                return fails(f"a silent player expects to pay {price} after {known}, {raises}")
            most = price if most is None else max(most, price)
    figures: dict[str, Exact] = {} if most is None else {"the most a silent player expects to pay": most}
    why = "what step f may cost a silent player is less than his reward"
    return holds(why, range=PAIRS_IN_WORDS, evidence=Evidence({"positions after raises": covered}, figures=figures))


REWARDS = Claim(
    "surviving.rewards",
    source="paper 004, section 6, step g",
    wording="every player's reward is at least eps1 and less than 2·eps1",
)


@REWARDS.reading(quick=Scope(players=2, states=1, values=(0, 2)), standard=Scope(players=3, states=1, values=(0, 4)))
def rewards(scope: Scope, watch: Watch) -> Verdict:
    """Whatever is announced and raised, by what everybody's price falls in step g."""
    covered = 0
    least, largest = Fraction(2), Fraction(0)
    for mechanism, state, known, raises in _after_raises(scope, watch, silent=False):
        for fall in _falls(mechanism.find_informed(state, known, raises)):
            for price in fall:
                covered += 1
                share = -price / mechanism.eps1
                if not 1 <= share < 2:
                    return fails(f"a reward of {share} times eps1 after {known}, {raises}")
                least, largest = min(least, share), max(largest, share)
    figures: dict[str, Exact] = {"smallest reward, times eps1": least, "largest reward, times eps1": largest}
    why = "1/(1 + X) lies between 0, which it never is, and 1, which it is when nothing was announced, raised or asked"
    return holds(why, range=PAIRS_IN_WORDS, evidence=Evidence({"rewards": covered}, figures=figures))


def _falls(position: Position) -> Iterator[tuple[Exact, ...]]:
    if isinstance(position, Pay):
        yield position.prices
    elif isinstance(position, Chance):
        for branch in position.branches:
            yield from _falls(branch.then())


# Elimination as such.

ORDER = Claim(
    "surviving.order",
    source="paper 004, section 3.3, remark 2",
    wording="which plays survive the elimination of distinguishably dominated strategies does not depend on its order, "
    "up to strategies that cannot be told apart",
)


def random_game(rng: Random) -> NormalForm:
    """Two or three agents, a few strategies and few outcomes, so that ties and equal outcomes are frequent."""
    agents = rng.choice((2, 2, 3))
    shape = tuple(rng.randint(2, 5 if agents == 2 else 3) for _ in range(agents))
    kinds = rng.randint(3, 9)
    worth = [[rng.randint(0, 3) for _ in range(kinds)] for _ in range(agents)]
    marks = np.array([rng.randrange(kinds) for _ in range(prod(shape))], np.int64).reshape(shape)
    names = tuple(tuple(range(size)) for size in shape)
    return NormalForm(tuple("abc"[:agents]), names, tuple(np.array(one)[marks] for one in worth), marks)


def distinct(game: NormalForm, left: Allowed) -> NDArray[np.int64]:
    """The marks over what is left, strategies that cannot be told apart counted once."""
    assert game.marks is not None
    table = game.marks[np.ix_(*left)]
    while True:
        smaller = table
        for axis in range(table.ndim):
            rows = np.moveaxis(smaller, axis, 0).reshape(smaller.shape[axis], -1)
            first = np.sort(np.unique(rows, axis=0, return_index=True)[1])
            smaller = np.take(smaller, first, axis=axis)
        if smaller.shape == table.shape:
            return table
        table = smaller


def alike(one: NDArray[np.int64], other: NDArray[np.int64], limit: int = 1_000_000) -> bool:
    """Whether the tables are the same up to the order of strategies; BudgetExceeded where there are too many orders."""
    if one.shape != other.shape or sorted(one.ravel().tolist()) != sorted(other.ravel().tolist()):
        return False
    if prod(factorial(size) for size in one.shape) > limit:
        raise BudgetExceeded(f"more than {limit} orders of {one.shape} strategies")
    return any(
        bool((one[np.ix_(*order)] == other).all()) for order in product(*(permutations(range(k)) for k in one.shape))
    )


def one_agent_at_a_time(found: Sequence[object]) -> Sequence[object]:
    """Everything that is dominated of the last agent of whom something is."""
    last = max(one.agent for one in found)  # type: ignore[attr-defined]  # certificates
    return [one for one in found if one.agent == last]  # type: ignore[attr-defined]  # all name an agent


@ORDER.reading(quick=Scope(samples=60), standard=Scope(samples=800))
def order(scope: Scope, watch: Watch) -> Verdict:
    """Random games of two or three agents: what survives when all that is dominated goes at once, one agent's at a
    time, or one strategy at a time in random order, is the same game up to names and indistinguishable strategies."""
    rng = Random(scope.seed)
    rounds = removed = 0
    for number in range(scope.samples):
        watch.step("games", number, scope.samples)
        game = random_game(rng)
        orders: list[Choose | None] = [None, one_agent_at_a_time, *map(one_at_a_time, range(3))]  # type: ignore[list-item]
        ways: list[Elimination] = [eliminate(game, Notion.DISTINGUISHABLE, choose=each) for each in orders]
        tables = [distinct(game, way.survivors) for way in ways]
        if not all(alike(tables[0], table) for table in tables[1:]):
            return fails(f"game {number} of seed {scope.seed}: another order leaves another game")
        rounds += max(len(way.rounds) for way in ways)
        removed += sum(map(len, ways[0].rounds))
    counts = {"games": scope.samples, "orders of each": 5, "strategies eliminated": removed, "rounds": rounds}
    why = (
        "every order leaves the same game: where the rest of a game no longer tells a strategy from its dominator they "
        "are indistinguishable, and elsewhere it stays dominated"
    )
    return holds(why, range="up to 5 strategies each and 9 outcomes", evidence=Evidence(counts))


GENERALISES = Claim(
    "surviving.generalises",
    source="paper 004, section 3.3, remark 1",
    wording="a property implementable in strictly dominant strategies is implementable in the plays of one round of "
    "elimination of distinguishably dominated strategies",
)


@GENERALISES.reading(quick=Scope(samples=100), standard=Scope(samples=3000))
def generalises(scope: Scope, watch: Watch) -> Verdict:
    """Random games in which everybody has a strictly dominant strategy, with as few distinguishable outcomes as their
    payoffs allow: Sigma^1 is that one play, so that a property of it holds in all of Sigma^1."""
    rng = Random(scope.seed)
    eliminated = 0
    for number in range(scope.samples):
        watch.step("games", number, scope.samples)
        game = _with_dominant_play(rng)
        left = eliminate(game, Notion.DISTINGUISHABLE, rounds=1)
        eliminated += sum(map(len, left.rounds))
        if left.after(1) != ((0,),) * len(game.agents):
            return fails(f"game {number} of seed {scope.seed}: after one round {left.after(1)} are left")
    why = "a strictly dominant strategy leads everywhere to another outcome than any other, for it pays more there"
    return holds(why, evidence=Evidence({"games": scope.samples, "strategies eliminated": eliminated}))


def _with_dominant_play(rng: Random) -> NormalForm:
    """Two or three agents whose strategy 0 is strictly dominant; equal payoffs have equal marks."""
    agents = rng.choice((2, 3))
    shape = tuple(rng.randint(1, 4) for _ in range(agents))
    tables = []
    for agent in range(agents):
        table = np.array([rng.randint(0, 4) for _ in range(prod(shape))], np.int64).reshape(shape)
        rows = np.moveaxis(table, agent, 0)
        if shape[agent] > 1:
            rows[0] = rows[1:].max(0) + rng.randint(1, 2)
        tables.append(table)
    _, marks = np.unique(np.stack([table.ravel() for table in tables]), axis=1, return_inverse=True)
    names = tuple(tuple(range(size)) for size in shape)
    return NormalForm(tuple("abc"[:agents]), names, tuple(tables), marks.reshape(shape))


CLAIMS = (T1, OPT_OUT, REWARDS, ORDER, GENERALISES)
