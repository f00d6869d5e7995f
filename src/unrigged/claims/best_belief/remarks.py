"""What the best-belief paper remarks beside its theorems: its example, privacy, bits, welfare, participation.

Source: Chen and Micali 2016 (paper 003), sections 1, 3, 6.1 and 6.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

from unrigged.analysis.communication import Communication, at_play
from unrigged.benchmarks import Benchmarks
from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.best_belief.auctions import drawn, settings, tables
from unrigged.claims.counterexample import Counterexample, Figure, Relation, scripted
from unrigged.context import Box, Coalition, Context, Knowledge, Perfect
from unrigged.exact import Exact, elias_delta, exact, total, written
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.base import owner_bits
from unrigged.moves.offers import Wish
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Chance, Decision, History, settle
from unrigged.setting import NOBODY, Setting, auction, bundles_of
from unrigged.strategies.base import Mixed, Strategy
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import Additive, ExactBundles, Table
from unrigged.verdict import Verdict, fails, holds

PAPER = "paper 003"

Played = tuple[Mechanism, Context, dict[Coalition, Strategy | Mixed]]
"""A mechanism, a context, and the strategies in it."""


def rationally(context: Context, **parameters: Exact) -> Played:
    """Everybody announces his favourite set and the best sale he is sure of, and answers by his value."""
    mechanism = build("best-belief", context.setting, **parameters)
    return mechanism, context, rational_profile(mechanism, context)


# The example

EXAMPLE = Claim(
    "best-belief.example",
    source=f"{PAPER}, section 3",
    wording="in the example with two goods and three players BB_1 = 25, BB_2 = 100, BB_3 = 150 and BB = 150; the "
    "beliefs of players 1 and 3 are correct, those of player 2 are not",
)


def example() -> Context:
    """The paper's example; beliefs are lower bounds, nothing else being known of the others."""
    setting = auction(["p1", "p2", "p3"], ["g1", "g2"])
    goods = setting.need_goods("the example")
    left, right, both = 1, 2, 3

    def only(bundle: int, value: int) -> ExactBundles:
        return ExactBundles(goods, [(bundle, value)])

    beliefs = (
        Box({1: only(right, 25), 2: only(both, 10)}),
        Box({0: only(left, 80), 2: only(right, 20)}),
        Box({0: only(left, 80), 1: only(right, 70)}),
    )
    return Context(setting, (only(left, 100), only(right, 100), only(both, 50)), beliefs)


@EXAMPLE.reading(quick=Scope(players=3, goods=2), standard=Scope(players=3, goods=2))
def worked_example(scope: Scope, watch: Watch) -> Verdict:
    """The four numbers, by the benchmark search and by enumeration of all allocations; the sales that attain them;
    whose beliefs are correct; and that rational play for eps = 1/100, 1/10 and 1 has the revenue that the mechanism
    guarantees, 75 - eps or more."""
    context = example()
    printed = (25, 100, 150)
    sales = (
        Outcome((NOBODY, 1), (0, 25, 0)),
        Outcome((0, 2), (80, 0, 20)),
        Outcome((0, 1), (80, 70, 0)),
    )
    best = [Benchmarks(context).best_belief(i) for i in range(3)]
    found = [each.value for each in best]
    slow = [_best_sale(context, i) for i in range(3)]
    correct = [_correct(context, i) for i in range(3)]
    case = {"example": scripted(*rationally(context), title="the worked example")}
    for i, (value, other) in enumerate(zip(found, printed, strict=True)):
        if value != other or slow[i] != other:
            wrong = Relation(Figure("example", "BB", (i,)), "!=", other)
            return fails(f"BB of p{i + 1} is {value}", counterexample=Counterexample(case, (wrong,)))
    if tuple(each.outcome for each in best) != sales:
        return fails("the best sales are not those that the paper names")
    if correct != [True, False, True]:
        return fails(f"correct beliefs: {correct}")
    least = Fraction(10**6)
    for eps in (Fraction(1, 100), Fraction(1, 10), Fraction(1)):
        mechanism, context, profile = rationally(context, eps=eps)
        got = outcomes(mechanism, profile).revenue
        least = min(least, got + eps)
        if got < 75 - eps:
            less = Relation(Figure("example", "revenue"), "<", 75 - Fraction(1, 10))
            return fails("the revenue is less than BB/2 - eps", counterexample=Counterexample(case, (less,)))
    figures: dict[str, Exact] = {
        **{f"BB_{i + 1}": value for i, value in enumerate(found)},
        "least revenue + eps": least,
    }
    return holds("the numbers are those printed", evidence=Evidence({"benchmarks": 3, "plays": 3}, figures=figures))


def allocations(setting: Setting) -> Iterator[list[int]]:
    """What everybody gets, in every allocation."""
    for owners in product(range(NOBODY, setting.n), repeat=setting.m):
        yield bundles_of(owners, setting.n)


def _best_sale(context: Context, player: int) -> Exact:
    """BB of `player`, by enumeration: the others pay what he is sure that they are worth it."""
    everyone = context.setting.everyone
    return max(
        total(context.lower(player, j).value(given[j]) for j in everyone if j != player)
        for given in allocations(context.setting)
    )


def _correct(context: Context, player: int) -> bool:
    """Whether the true types are among those that `player` deems possible by his lower bounds."""
    return all(
        context.types[j].value(bundle) >= context.lower(player, j).value(bundle)
        for j in context.setting.everyone
        for bundle in range(1 << context.setting.m)
    )


# Privacy

PRIVATE = Claim(
    "best-belief.private",
    source=f"{PAPER}, section 6.2.1",
    wording="a player reveals nothing about his own valuation but his favourite set, and, if he is offered goods, "
    "whether these are worth their price to him; a player who is offered nothing reveals nothing more",
)


def _unasked(context: Context, player: int, *, own: bool) -> frozenset[Any]:
    """The histories of rational play in which `player` is not asked, or his own moves in them."""
    mechanism, _, profile = rationally(context)
    found = (play.history for play in outcomes(mechanism, profile).plays)
    quiet = (history for history in found if not _asked(history, player))
    return frozenset(_moves(history, player) if own else history for history in quiet)


def _asked(history: History, player: int) -> bool:
    return sum(player in dict(event.moves) for event in history) > 1


def _moves(history: History, player: int) -> Any:
    return tuple(move for event in history for mover, move in event.moves if mover == player)


def _changed(context: Context, player: int, other: Table) -> Context:
    """The context with another type of one player; all beliefs stay as they are."""
    types = (*context.types[:player], other, *context.types[player + 1 :])
    return Context(context.setting, types, context.knowledge)


def _compared(scope: Scope, watch: Watch, contexts: Iterable[Context], *, own: bool) -> Verdict:
    """Whether contexts that differ in one player's values, not in his favourite set, have the same histories where he
    is not asked."""
    pairs = 0
    known: dict[Setting, tuple[Table, ...]] = {}
    for context in contexts:
        every = known.setdefault(context.setting, tables(context.setting, scope.every_value))
        for i in context.setting.everyone:
            mine = context.types[i]
            assert isinstance(mine, Table)
            before = _unasked(context, i, own=own)
            for other in every:
                watch.step("pairs of contexts", pairs)
                if other == mine or other.favourite() != mine.favourite():
                    continue
                changed = _changed(context, i, other)
                after = _unasked(changed, i, own=own)
                pairs += 1
                if before != after:
                    return _told_apart(context, changed, i)
    return holds("the history is the same whatever the player's values beyond his favourite set",
                 evidence=Evidence({"pairs of contexts": pairs}))  # fmt: skip


def _told_apart(context: Context, changed: Context, player: int) -> Verdict:
    cases = {
        "first": scripted(*rationally(context), title="some values"),
        "second": scripted(*rationally(changed), title="other values, the same favourite set"),
    }
    first, second = (Figure(case, "likeliest history") for case in cases)
    why = (
        f"the history tells apart two valuations of {context.setting.players[player]}, who is offered nothing and who "
        "has the same favourite set with both"
    )
    return fails(why, counterexample=Counterexample(cases, (Relation(first, "!=", second),)))


def _with_beliefs(scope: Scope) -> Iterator[Context]:
    """Contexts in which everybody believes the others worth at least what they are in some profile, right or wrong."""
    for setting in settings(scope):
        own = tables(setting, scope.every_value)
        rng = Random(scope.seed)
        for types in drawn(scope, own, setting.n):
            for _ in range(3):
                lows = [tuple(rng.choice(own) for _ in setting.everyone) for _ in setting.everyone]
                knowledge: list[Knowledge] = [
                    Box({j: low[j] for j in setting.everyone if j != i}) for i, low in enumerate(lows)
                ]
                yield Context(setting, types, tuple(knowledge))


def _with_perfect_knowledge(scope: Scope) -> Iterator[Context]:
    for setting in settings(scope):
        for types in drawn(scope, tables(setting, scope.every_value), setting.n):
            yield Context(setting, types, (Perfect(),) * setting.n)


@PRIVATE.reading(
    quick=Scope(players=2, goods=1, values=(0, 2)),
    standard=Scope(players=3, goods=2, values=(0, 2), samples=9),
)
def private(scope: Scope, watch: Watch) -> Verdict:
    """Rational play, everybody's beliefs about others being drawn and fixed: two types of a player with the same
    favourite set leave the same histories, moves of all players included, wherever he is not asked."""
    return _compared(scope, watch, _with_beliefs(scope), own=False)


@PRIVATE.reading(
    "his own moves, where others know his values",
    quick=Scope(players=2, goods=1, values=(0, 2)),
    standard=Scope(players=3, goods=2, values=(0, 2), samples=60),
)
def private_own_moves(scope: Scope, watch: Watch) -> Verdict:
    """All types are known to all players: what the player himself announces is the same for two types of his with the
    same favourite set."""
    return _compared(scope, watch, _with_perfect_knowledge(scope), own=True)


@PRIVATE.reading(
    "what others announce counts",
    quick=Scope(players=2, goods=1, values=(0, 2)),
    standard=Scope(players=2, goods=2, values=(0, 2)),
)
def private_from_others(scope: Scope, watch: Watch) -> Verdict:
    """All types are known to all players: the whole history, the others' announcements included, tells nothing more
    about a player who is offered nothing than his favourite set."""
    return _compared(scope, watch, _with_perfect_knowledge(scope), own=False)


# Communication

BITS = Claim(
    "best-belief.bits",
    source=f"{PAPER}, sections 1 and 6.2.2",
    wording="communication is quadratic in the numbers of players and goods, and the seller essentially only adds up "
    "the prices of every announced outcome and compares the sums",
)


def _communicated(scope: Scope, n: int, m: int) -> tuple[Played, Communication]:
    """The communication at rational play of n players and m goods, everybody knowing all types, which are drawn."""
    rng = Random(f"{scope.seed}/{n}/{m}")
    setting = auction([f"p{i + 1}" for i in range(n)], [f"g{j + 1}" for j in range(m)])
    goods = setting.need_goods("a sale")
    rows = [[rng.randint(*scope.values) for _ in goods] for _ in setting.everyone]
    context = Context(setting, tuple(Additive(goods, dict(zip(goods, row, strict=True))) for row in rows))
    played = rationally(context)
    return played, at_play(played[0], [outcomes(played[0], played[2])])


def _bound(scope: Scope, setting: Setting) -> int:
    """nm(1 + log(n + 1)) + n^2·log(price) + n, in bits."""
    n, m = setting.n, setting.m
    price = elias_delta(max(1, m * scope.values[1]))
    return n * m * (1 + owner_bits(setting)) + n * n * price + n


@BITS.reading(
    quick=Scope(players=5, goods=5, values=(0, 7)),
    standard=Scope(players=8, goods=8, values=(0, 100)),
)
def bits(scope: Scope, watch: Watch) -> Verdict:
    """For every number of players and of goods: rational play takes at most (1 + L)·n·m + E·n² + n bits, L being the
    bits of a player's name (or nobody's) and E those of the largest price: quadratically many names and numbers. To
    find the winner and his offer, the mechanism makes at most n² additions, n comparisons, and no other arithmetic."""
    plays, most = 0, Fraction(0)
    operations = {"+": 0, ">": 0}
    for n, m in product(range(2, scope.players + 1), range(1, scope.goods + 1)):
        watch.step("plays", plays)
        plays += 1
        played, found = _communicated(scope, n, m)
        limit = _bound(scope, played[0].setting)
        most = max(most, Fraction(found.largest, limit))
        if found.largest > limit:
            return fails(f"{n} players and {m} goods: {found.largest} bits, more than {limit}")
        tally = _operations(*played)
        if tally["other"] or tally["+"] > n * n or tally[">"] > n:
            return fails(f"the mechanism makes {tally} operations to find the winner")
        operations = {sign: max(operations[sign], tally[sign]) for sign in operations}
    figures: dict[str, Exact] = {"greatest share of the bound": exact(most), "most additions": operations["+"],
                                 "most comparisons": operations[">"]}  # fmt: skip
    return holds("the bits are within the bound, and the seller adds and compares",
                 evidence=Evidence({"sizes": plays}, figures=figures))  # fmt: skip


@BITS.reading(
    "bits within a constant times (n + m)²",
    quick=Scope(players=7, goods=7, values=(1, 3)),
    standard=Scope(players=31, goods=31, values=(1, 3)),
)
def bits_without_logarithm(scope: Scope, watch: Watch) -> Verdict:
    """Whether the constant that suffices for 3 players and 3 goods suffices for n = m = 7, 15, 31, ... of the range:
    to name one of n players takes a number of bits that grows with n."""
    (small, few), size = _communicated(scope, 3, 3), 7
    constant = Fraction(few.expected) / 36
    while size <= min(scope.players, scope.goods):
        watch.step("players and goods", size)
        large, many = _communicated(scope, size, size)
        if many.expected > constant * (2 * size) ** 2:
            cases = {"many": scripted(*large, title=f"{size} players and goods"),
                     "few": scripted(*small, title="3 players and goods")}  # fmt: skip
            relations = (Relation(Figure("many", "bits"), ">", constant * (2 * size) ** 2),
                         Relation(Figure("few", "bits"), "=", constant * 36))  # fmt: skip
            why = (f"{written(exact(constant))} bits for each (n + m)² at 3 players and goods, "
                   f"{written(exact(many.expected / (2 * size) ** 2))} at {size}: names of players grow")  # fmt: skip
            return fails(why, counterexample=Counterexample(cases, relations))
        size = 2 * size + 1
    return holds("one constant suffices", evidence=Evidence({"sizes": size.bit_length() - 2}))


def _operations(mechanism: Mechanism, context: Context, profile: dict[Coalition, Strategy | Mixed]) -> dict[str, int]:
    """The arithmetic done on announced prices until the buyers are asked, by kind."""
    tally = {"+": 0, ">": 0, "other": 0}

    class Counted(int):
        """A price that counts what is done with it."""

        def __add__(self, other: int) -> Counted:
            tally["+"] += 1
            return Counted(int(self) + int(other))

        __radd__ = __add__

        def __gt__(self, other: int) -> bool:
            tally[">"] += 1
            return int(self) > int(other)

        def _refused(self, other: int) -> Any:
            tally["other"] += 1
            return NotImplemented

        __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __floordiv__ = _refused

    first, _ = settle(mechanism.start())
    assert isinstance(first, Decision)
    announced = dict(outcomes(mechanism, profile).plays[0].history[0].moves)
    counted = [
        Wish(wish.wanted, Outcome(wish.offer.result, tuple(Counted(price) for price in wish.offer.prices)))
        for _, wish in sorted(announced.items())
    ]
    position, _ = settle(first.then(tuple(counted)))
    if isinstance(position, Chance):
        for branch in position.branches:
            branch.then()
    return tally


CLAIMS = (EXAMPLE, PRIVATE, BITS)
