"""Lemma 4 on the mechanism of 2009: with three players and large values, what is above the truth can survive Sigma^4.

Source: Chen, Hassidim and Micali 2009 (paper 004), section 7 and appendix A. The proof lowers to the truth what is
above it, and takes every provisional price for at least the value. But where somebody announced all that a state is
worth to p1 and somebody else less, nobody raises, and with probability eps/2 p1 is asked the lower number. Then it can
be worth a fine to make that state the chosen one, by announcing too much of p2, who with probability eps/2 is asked
what another announced, and says YES.

Who is better off with an announcement K above the truth, for some announcements of the others, than with every one that
is not, announces something above the truth in Sigma^4, provided that all these announcements are left after three
rounds: whatever dominates K there (or dominates that in turn) is above the truth as well, and domination does not go
in circles. They are left if each belongs to a list of *kept* announcements with what follows. Let i announce K, and let
the others' announcements J, kept ones that say nothing of i, and a state s be as listed.

1. If the others raise nothing in s, and everybody follows the rules of Lemmas 1 to 3 elsewhere (answers by value,
   raises exactly to the truth), i expects more than 3·eps1 with K and J; also if he raises nothing in s himself, or all
   he may, the others then saying YES. After any other announcement the others may follow the rules, which raise his
   price to his value in every state, and he expects at most 3·eps1: discount and rewards.
2. After K and J in s, any other player does best to raise nothing when all others raise all they may: he himself is
   asked too much and says NO, and the fewer say YES, the less does coin 1 hurt him.
3. There, if the others raise nothing, and say YES exactly when he raises all he may, he does best to do so.

Round by round. Against those who follow the rules the rules are strictly best, and every announcement whatever is left
by the first round with the rules: the others might say YES, raising nothing, after that one only. By 1 and 3 the first
round also leaves every K with the rules except that in one of these places all is raised that may be, and by 1 and 2
that nothing is; by 1 and 2 the second round leaves the latter. For what dominates one of these strategies announces K
as well, follows the rules wherever these were strictly best, and raises as it does in that place. So the third round
leaves every K, by 1; and in what it leaves everybody follows the rules, by Lemmas 1 to 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from unrigged.analysis.stages import Stages, announcements
from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.surviving.ranges import context_of, mechanism_of, pairs, setting_of
from unrigged.exact import total
from unrigged.mechanisms.surviving import Known
from unrigged.moves.answer import NO, YES, Answer
from unrigged.moves.profiles import Profile
from unrigged.moves.raises import Raises
from unrigged.protocol import Chance, Decision, Pay, Position
from unrigged.scenario import Scenario
from unrigged.verdict import Verdict, fails, holds

L4 = Claim(
    "surviving.L4",
    source="paper 004, section 7.1, Lemma 4",
    wording="in Sigma^4 nobody announces a value of another above the truth, of any state",
)

Announced = tuple[Profile, ...]


@dataclass(frozen=True)
class Kept:
    """An announcement of `player` that three rounds leave: what all announce, and the state in which he gains by it."""

    player: int
    announced: Announced
    state: int


NOTHING: Profile = ((0, 0),) * 3


def family(value: int, eps: Fraction, eps1: Fraction) -> tuple[Stages, Announced, tuple[Kept, ...]]:
    """p1 values the second state at `value`, p2 at 1, p3 the first one at one more. p1 is said to value the second at
    `value` by p2, at 1 by p3; and he announces 2 of p2 there. And everything that has to be kept for that."""
    mechanism = mechanism_of(setting_of(3, 2, value + 3), eps, eps1)
    stages = Stages(mechanism, context_of(mechanism.setting, ((0, value), (0, 1), (value + 1, 0))))
    over: Profile = ((0, 0), (0, 2), (value + 1, 0))
    second: Profile = ((0, value), (0, 0), (value + 1, 0))
    third: Profile = ((0, 1), (0, 1), (0, 0))
    of_second: Profile = ((0, 0), (0, 1), (0, 0))
    kept = (
        Kept(0, (over, NOTHING, of_second), 1),
        Kept(1, (NOTHING, second, NOTHING), 1),
        Kept(2, (NOTHING, NOTHING, third), 0),
        Kept(2, (NOTHING, NOTHING, of_second), 0),
        *(Kept(i, (NOTHING,) * 3, state) for i, state in enumerate((1, 1, 0))),
    )
    return stages, (over, second, third), kept


# What three rounds leave


def reason_against(stages: Stages, kept: tuple[Kept, ...]) -> str | None:
    """Why the announcements `kept` need not be left after three rounds; None where they are."""
    everyone = stages.context.setting.everyone
    for each in kept:
        i, made = each.player, each.announced
        others = [j for j in everyone if j != i]
        if not all(any(one.player == j and one.announced[j] == made[j] for one in kept) for j in others):
            return f"not all that others announce in {each} is kept"
        if any(any(made[j][i]) for j in others):
            return f"somebody says something of player {i} in {each}"
        known = stages.mechanism.known(made, each.state)
        prices, values = stages.mechanism.prices(known), stages.values[each.state]
        truth = stages.exact_raises(i, values, prices)
        if min(_expected(stages, each, own) for own in (truth, (0,) * len(made))) <= 3 * stages.mechanism.eps1:
            return f"{each} may bring no more than another announcement"
        accepted = _when_only_that_is_accepted(stages, each, known, i)[_limits(stages, known, i)]
        if accepted * stages.mechanism.eps / len(stages.mechanism.order) <= 3 * stages.mechanism.eps1:
            return f"{each} may bring no more than another announcement, if player {i} raises all he may"
        for j in others:
            limit = _limits(stages, known, j)
            if not _better(_when_all_raise(stages, each, known, j), (0,) * len(made)):
                return f"player {j} should raise something after {each}"
            if not _better(_when_only_that_is_accepted(stages, each, known, j), limit):
                return f"player {j} should not raise all he may after {each}"
    return None


def _better(utilities: dict[Raises, Fraction], own: Raises) -> bool:
    return all(other == own or utility < utilities[own] for other, utility in utilities.items())


def _expected(stages: Stages, each: Kept, own: Raises) -> Fraction:
    """What the player of `each` expects if in its state he raises `own`, the others nothing, all else by the rules."""
    position = stages.mechanism.pick_state(each.announced)
    assert isinstance(position, Chance)
    expected = Fraction(0)
    for branch in position.branches:
        state, known = branch.then.arguments
        raises = [own if j == each.player else (0,) * len(own) for j in stages.context.setting.everyone]
        after = stages.after_raises(state, known, raises) if state == each.state else stages.after_state(state, known)
        expected += branch.probability * after[each.player]
    return expected


def _limits(stages: Stages, known: Known, player: int) -> Raises:
    """All that `player` may raise."""
    prices = stages.mechanism.prices(known)
    return tuple(0 if j == player else stages.mechanism.greatest - int(price) for j, price in enumerate(prices))


def _telling(stages: Stages, each: Kept, known: Known, player: int) -> Iterator[Raises]:
    """Raises among which there is a best one: up to the truth, and below the limit beyond it, a higher raise only adds
    to the reward, or adds more to the fine."""
    limits = _limits(stages, known, player)
    exact = stages.exact_raises(player, stages.values[each.state], stages.mechanism.prices(known))
    yield from product(*(
        sorted({min(limit, more) for more in (0, 1, truth, truth + 1, limit - 1, limit)} if limit else {0})
        for limit, truth in zip(limits, exact, strict=True)
    ))  # fmt: skip


def _when_all_raise(stages: Stages, each: Kept, known: Known, player: int) -> dict[Raises, Fraction]:
    """What `player` expects from his raises if the others raise all they may, and all answer by value."""
    everyone = stages.context.setting.everyone
    return {
        own: stages.after_raises(
            each.state, known, [own if j == player else _limits(stages, known, j) for j in everyone]
        )[player]
        for own in _telling(stages, each, known, player)
    }


def _when_only_that_is_accepted(stages: Stages, each: Kept, known: Known, player: int) -> dict[Raises, Fraction]:
    """What `player` expects from his raises, answering by value, if the others raise nothing and say YES exactly when
    he raises all he may."""
    everyone, limit = stages.context.setting.everyone, _limits(stages, known, player)
    found = {}
    for own in _telling(stages, each, known, player):
        raises = tuple(own if j == player else (0,) * len(own) for j in everyone)
        position = stages.mechanism.find_informed(each.state, known, raises)
        found[own] = _answered(stages, position, player, YES if own == limit else NO)
    return found


def _answered(stages: Stages, position: Position, player: int, others: Answer) -> Fraction:
    """What `player` expects if he answers by value and all others as given."""
    if isinstance(position, Pay):
        return _answered(stages, position.then(), player, others) - position.prices[player]
    if isinstance(position, Chance):
        return total(each.probability * _answered(stages, each.then(), player, others) for each in position.branches)  # type: ignore[return-value]
    if isinstance(position, Decision):
        answers = (stages.by_rule(i, space) if i == player else others for i, space in position.actors)
        return _answered(stages, position.then(tuple(answers)), player, others)
    return stages.utilities(position)[player]


# The lemma


def best_below_truth(stages: Stages, made: Announced, watch: Watch) -> tuple[Announced, Fraction, int]:
    """Of all announcements of the first player that are nowhere above the truth, that which pays most when the others
    announce as in `made`; what it pays, and how many there are."""
    found: list[tuple[Fraction, Announced]] = []
    for own in announcements(stages.mechanism, 0, lambda j, s: int(stages.values[s][j])):
        watch.step("announcements not above the truth", len(found))
        instead = (own, *made[1:])
        found.append((stages.announced(instead)[0], instead))
    utility, instead = max(found, key=lambda one: one[0])
    return instead, utility, len(found)


@L4.reading(
    quick=Scope(players=3, states=2, values=(1, 1000)),
    standard=Scope(players=3, states=2, values=(1, 1000)),
)
def l4(scope: Scope, watch: Watch) -> Verdict:
    """One family of contexts with three players and eps nearly 1/5: p1 values the second state at v, the others
    announce v and 1 of him there; a value of p2 announced 1 above the truth makes it win against the first state.
    Whether p1 is better off with that than with every announcement that is nowhere above the truth, and whether all
    announcements involved are left after three rounds; then one above the truth is left after the fourth."""
    eps, eps1 = pairs(3)[1]

    def gain(value: int) -> Fraction:
        watch.step("values of p1", value)
        stages, made, _ = family(value, eps, eps1)
        truth: Profile = ((0, 0), (0, 1), made[0][2])
        return stages.announced(made)[0] - stages.announced((truth, *made[1:]))[0]

    low, high = scope.values
    if gain(high) <= 0:
        return holds("the truth is better in the whole family", evidence=Evidence(figures={"gain": gain(high)}))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if gain(middle) > 0 else (middle, high)
    stages, made, kept = family(high, eps, eps1)
    against = reason_against(stages, kept)
    instead, utility, compared = best_below_truth(stages, made, watch)
    if against is not None or utility >= stages.announced(made)[0]:
        return holds(f"nothing above the truth was found to survive: {against or 'the truth is as good'}")
    names, spaces = stages.context.setting.players, dict(stages.mechanism.announcements)
    cases = {
        case: Scenario(stages.mechanism, stages.context, case, moves={
            "announce": {names[i]: spaces[i].encode(own) for i, own in enumerate(play)}
        })
        for case, play in (("above the truth", made), ("best of those that are not", instead))
    }  # fmt: skip
    figures = [Figure(case, "utility", (0,)) for case in cases]
    why = (
        f"from v = {high} on p1 is better off announcing too much of p2 than with anything that is nowhere above the "
        "truth: he pays a fine with a chance of about 1 - eps/2, but with one of about (eps/2)^2 p2 is asked what the "
        "other one announced and says YES, and p1 is asked 1 for a state worth v to him; the proof overlooks that a "
        "price may be below the value"
    )
    counts = {"announcements of p1 not above the truth": compared}
    return fails(
        why,
        range="eps nearly 1/5, eps1 tiny",
        counterexample=Counterexample(cases, (Relation(figures[0], ">", figures[1]),)),
        evidence=Evidence(counts, {"announcements left after three rounds": len(kept)}),
    )
