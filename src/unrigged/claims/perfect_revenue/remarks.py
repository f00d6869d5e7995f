"""Two remarks on perfect-revenue: one more discount protects who votes rationally; a secret coalition profits.

Source: Chen, Hassidim and Micali 2010, remark in section 4; Azar, Chen and Micali 2011, footnote 12.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from unrigged.analysis.decomposition import Partition, Values
from unrigged.analysis.many_contexts import Columns, Grid, Induction
from unrigged.claims.base import Claim, Evidence, Scope, Watch
from unrigged.claims.counterexample import Counterexample, Figure, Relation
from unrigged.claims.perfect_revenue.coalitions import colluding, safe
from unrigged.claims.perfect_revenue.games import (
    Announcing,
    Truthful,
    after_payments,
    alone,
    context_of,
    greatest_total,
    in_words,
    line,
    mechanism_of,
    printed_eps,
    profiles_of,
    rates,
    values_in_words,
)
from unrigged.claims.perfect_revenue.without_collusion import near_and_far
from unrigged.context import Context
from unrigged.exact import written
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.moves.answer import NO, YES, YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.raises import RaiseSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Event, History, Pay, Position, Then, after
from unrigged.strategies.base import by_value
from unrigged.verdict import Verdict, fails, holds

REMARK = Claim(
    "perfect-revenue.remark",
    source="paper 001 (Chen, Hassidim and Micali 2010), section 4, remark after Theorem 1",
    wording="With one more discount eps for everybody, a player who plays truthfully never loses as long as all vote "
    "rationally, whatever others have announced and raised.",
)
SECRET = Claim(
    "perfect-revenue.secret-coalition",
    source="paper 000 (Azar, Chen and Micali 2011), footnote 12, on the mechanism of paper 001",
    wording="If the players outside a coalition do not know it, a member can greatly raise the coalition's joint "
    "utility with impunity.",
)


@dataclass
class Worst:
    """The least that a truthful player can get when the others announce and raise as they like and all vote truthfully:
    in expectation over the coins, or in single outcomes; and what they then announce."""

    context: Context
    player: int
    grid: Announcing
    truthful: Truthful
    watch: Watch
    single: bool
    known: dict[Then, tuple[Fraction, History]] = field(default_factory=dict)
    positions: int = 0

    def after(self, then: Then) -> tuple[Fraction, History]:
        if then not in self.known:
            self.known[then] = self.at(then())
        return self.known[then]

    def at(self, position: Position) -> tuple[Fraction, History]:
        self.positions += 1
        if isinstance(position, Outcome):
            return Fraction(self.context.utility(self.player, position)), ()
        if isinstance(position, Pay):
            least, moves = self.after(position.then)
            return least - position.prices[self.player], moves
        if isinstance(position, Chance):
            sides = [(branch.probability, self.after(branch.then)[0]) for branch in position.branches]
            if self.single:
                return min(least for _, least in sides), ()
            return sum((chance * least for chance, least in sides), Fraction(0)), ()
        found = []
        ((player, space),) = position.actors
        for move in self.moves(position, player, space):
            least, moves = self.at(position.then((move,)))
            found.append((least, (Event(position.label, ((player, move),)), *moves)))
        self.watch.step("positions", self.positions)
        return min(found, key=lambda one: one[0])

    def moves(self, decision: Decision, player: int, space: MoveSpace) -> Sequence[Move]:
        """The truthful move of that player and of all who vote; any move of the others."""
        if isinstance(space, YesNo):
            return (by_value(self.context, player, space),)
        listed = self.grid(space)
        if player != self.player:
            return listed
        return (listed[int(self.truthful(decision, player, space, listed)[0])],)


def discounted(scope: Scope, watch: Watch, *, extra: str, single: bool) -> Verdict:
    """Whether the least utility of a truthful player is at least 0 in every context."""
    grid = near_and_far(scope)
    covered = f"2 to {scope.players} players, one state, announcements of {', '.join(map(str, grid.numbers))}"
    positions, lowest = 0, None
    for players in range(2, scope.players + 1):
        some = replace(scope, players=players)
        for eps in printed_eps(some):
            mechanism = mechanism_of(some, eps=eps, extra_discount=extra)
            for values in profiles_of(some):
                context = context_of(mechanism.setting, [values], alone(players))
                truthful = Truthful(Columns((context,)))
                for player in range(players):
                    walk = Worst(context, player, grid, truthful, watch, single)
                    least, moves = walk.at(mechanism.start())
                    positions += walk.positions
                    if least < 0:
                        return lost(mechanism, context, player, moves, least, covered, single=single)
                    lowest = least if lowest is None else min(lowest, least)
    return holds("no truthful player loses", range=covered,
                 evidence=Evidence({"positions": positions}, {}, {"least utility": lowest or 0}))  # fmt: skip


def lost(
    mechanism: PerfectRevenue,
    context: Context,
    player: int,
    moves: History,
    least: Fraction,
    covered: str,
    *,
    single: bool,
) -> Verdict:
    """The claim fails: a play in which that truthful player loses."""
    scenario = line(mechanism, context, moves, title="others raise a truthful player's price too far")
    relation = Relation(Figure("loss", "least utility" if single else "utility", (player,)), "<", 0)
    name = context.setting.players[player]
    when = "when the second coin shows Heads" if single else "in expectation"
    why = (
        f"{name}, truthful, gets {written(least)} {when}: the state comes about although he has refused it, at the "
        f"price to which others have raised him (values: {values_in_words(context)}; {in_words(mechanism)})"
    )
    return fails(why, range=covered, counterexample=Counterexample({"loss": scenario}, (relation,)))


@REMARK.reading(quick=Scope(players=2, values=(0, 1), announcements=100),
                standard=Scope(players=3, values=(0, 1), announcements=100))  # fmt: skip
def remark(scope: Scope, watch: Watch) -> Verdict:
    """With the extra discount the expected utility of a player who opens, raises and votes truthfully is not negative,
    whatever the others announce, all votes being truthful (which Lemma 1 says is the only rational way)."""
    return discounted(scope, watch, extra="yes", single=False)


@REMARK.reading("in every outcome", quick=Scope(players=2, values=(0, 0), announcements=1),
                standard=Scope(players=3, values=(0, 1), announcements=1))  # fmt: skip
def remark_every_outcome(scope: Scope, watch: Watch) -> Verdict:
    """The same in every outcome, whatever the coins show."""
    return discounted(scope, watch, extra="yes", single=True)


@REMARK.reading("without the discount", quick=Scope(players=2, values=(0, 0), announcements=1),
                standard=Scope(players=3, values=(0, 1), announcements=1))  # fmt: skip
def remark_without(scope: Scope, watch: Watch) -> Verdict:
    """In expectation, in the mechanism without the extra discount: whether the remark is needed."""
    return discounted(scope, watch, extra="no", single=False)


@dataclass(frozen=True)
class Secret:
    """A coalition that the others do not know: they play as if everybody were alone, and it replies as best it can."""

    mechanism: PerfectRevenue
    values: Values
    partition: Partition

    @property
    def context(self) -> Context:
        """The true one."""
        return context_of(self.mechanism.setting, [self.values], self.partition)

    @property
    def members(self) -> tuple[int, ...]:
        """Who colludes."""
        return max(self.partition, key=len)

    def solved(self, watch: Watch) -> tuple[Fraction, History]:
        """The coalition's joint utility at best, and what is then played."""
        cap = self.mechanism.limit or 0
        return self.against(Announcing(tuple(sorted({*range(min(max(self.values) + 2, cap + 1)), cap}))), watch)

    def plotted(self, watch: Watch) -> tuple[Fraction, History]:
        """The coalition's joint utility by one plot, and what is then played: player 1 puts the cap on himself, nothing
        on another member and the truth on outsiders; no member raises anything; that other member says NO."""
        decoy = next(member for member in self.members if member)
        prices = list(self.values)
        prices[0], prices[decoy] = self.mechanism.limit or 0, 0

        def plot(space: MoveSpace) -> Sequence[Move]:
            if isinstance(space, YesNo):
                return (NO,) if space.player == decoy else (YES,)
            return (space.default,) if isinstance(space, RaiseSpace) else (Outcome(0, tuple(prices)),)

        return self.against(plot, watch)

    def against(self, numbers: Grid, watch: Watch) -> tuple[Fraction, History]:
        """The joint utility, and what is played, when the members choose among these moves and the others are truthful,
        as if everybody were alone."""
        players = self.mechanism.setting.n
        believed = Truthful(Columns((context_of(self.mechanism.setting, [self.values], alone(players)),)))
        everything = Announcing(tuple(range(max(self.values) + 1)))

        def grid(space: MoveSpace) -> Sequence[Move]:
            watch.step("plays")
            player = getattr(space, "player", 0)
            if player in self.members:
                return numbers(space)
            moves = everything(space)
            return (moves[int(believed(_NO_DECISION, player, space, moves)[0])],)

        induction = Induction(self.mechanism, Columns((self.context,)), grid, remembered=after_payments)
        found = induction.run()
        return found.of(self.members[0], 0), induction.path(0)

    def fined(self, played: History) -> bool:
        """Whether some member is to pay a fine once that has been played."""
        position, _ = after(self.mechanism, played)
        if not isinstance(position, Chance):
            return False
        fines = position.branch("Heads").then.arguments[0]
        return any(player in self.members for player, _ in fines)

    def honest(self) -> History:
        """What would be played if nobody colluded."""
        single = context_of(self.mechanism.setting, [self.values], alone(self.mechanism.setting.n))
        believed = Columns((single,))
        from_truth = Induction(self.mechanism, believed, Announcing(tuple(range(max(self.values) + 1))),
                               profile=Truthful(believed), remembered=after_payments)  # fmt: skip
        return from_truth.path(0)


_NO_DECISION = Decision("", (), None)  # type: ignore[arg-type]  # truthful moves depend on the space alone


def secrets(scope: Scope, mechanism: PerfectRevenue) -> Iterator[Secret]:
    """All contexts in which a coalition is worth something to each of its members, small ones first."""
    for values in profiles_of(scope):
        for partition in colluding(scope.players):
            if greatest_total(values, partition) <= (mechanism.limit or 0):
                yield Secret(mechanism, values, partition)


def gains(scope: Scope, watch: Watch, *, every: bool) -> Verdict:
    """Whether the joint utility grows with what may be announced: for every coalition, or for those with player 1."""
    covered = "outsiders play as if everybody were alone; members announce small numbers and the largest"
    compared, factor = 0, None
    for eps in printed_eps(scope):
        for kind in ("high", "low"):
            small, large = scope.announcements // 10, scope.announcements
            some, more = (
                mechanism_of(replace(scope, announcements=cap), eps=eps, e=rates(scope.players, eps, kind))
                for cap in (small, large)
            )
            for secret in secrets(scope, some):
                if not every and 0 not in secret.members:
                    continue
                compared += 1
                wider = replace(secret, mechanism=more)
                (less, _), (most, played) = (
                    one.solved(watch) if every else one.plotted(watch) for one in (secret, wider)
                )
                growth = (most - less) / (eps * (large - small))
                if growth < Fraction(1, 10) or (not every and wider.fined(played)):
                    return unmoved(wider, played, most, covered)
                factor = growth if factor is None else min(factor, growth)
    return holds(
        "the joint utility grows in proportion to the largest number announced, and no member is fined: player 1 "
        "puts a large price on himself and none on another member, whose price the outsiders then raise to his own "
        "value; he says NO, they are fined, and the reward for the large price is paid all the same",
        range=covered,
        evidence=Evidence(
            {"coalitions": compared},
            {},
            {"least growth, in eps for a unit announced": factor or 0},
        ),
    )


def unmoved(secret: Secret, played: History, most: Fraction, covered: str) -> Verdict:
    """The claim fails: that coalition's best reply gains it nothing to speak of."""
    context = secret.context
    cases = {
        "best": line(secret.mechanism, context, played, title="the coalition's best reply to outsiders who trust it"),
        "honest": line(secret.mechanism, context, secret.honest(), title="the same players if nobody colludes"),
    }
    names = " and ".join(context.setting.players[member] for member in secret.members)
    small = Relation(Figure("best", "utility", secret.members), "<=", 2 * len(secret.members) * secret.mechanism.eps)
    why = (
        f"the best that {names} can reach is {written(most)} (values: {values_in_words(context)}; "
        f"{in_words(secret.mechanism)}), found among all their replies on the grid; without the opening and with small "
        "rewards there is nothing to gain"
    )
    return fails(why, range=covered, counterexample=Counterexample(cases, (small,)))


@SECRET.reading(quick=Scope(players=3, values=(1, 1), announcements=100, parameters={"eps": Fraction(1, 30)}),
                standard=Scope(players=3, values=(1, 1), announcements=1000))  # fmt: skip
def secret_coalition(scope: Scope, watch: Watch) -> Verdict:
    """For all printed parameters tried and all types whose values are positive, a coalition that includes player 1 and
    is unknown to the others has a reply to their truthful play whose joint utility grows without bound with what may be
    announced."""
    return gains(scope, watch, every=False)


@SECRET.reading("every coalition",
                quick=Scope(players=3, values=(1, 1), announcements=100, parameters={"eps": Fraction(1, 30)}),
                standard=Scope(players=3, values=(1, 1), announcements=1000))  # fmt: skip
def secret_every_coalition(scope: Scope, watch: Watch) -> Verdict:
    """The same for every coalition of two or more, whether player 1 belongs to it or not."""
    return gains(scope, watch, every=True)


@SECRET.reading("announcements capped, small rewards", quick=Scope(players=3, values=(1, 1), announcements=2),
                standard=Scope(players=3, values=(1, 1), announcements=3))  # fmt: skip
def secret_capped(scope: Scope, watch: Watch) -> Verdict:
    """Whether, with the cap V, eps = 1/(10·n·V) and small rewards, some secret coalition can reach a joint utility of
    half a unit."""
    covered = "all coalitions, outsiders as if everybody were alone; announcements of small numbers and of V"
    compared, most = 0, Fraction(0)
    best: tuple[Secret, History] | None = None
    for mechanism in safe(scope):
        for secret in secrets(scope, mechanism):
            compared += 1
            reached, played = secret.solved(watch)
            if reached > most or best is None:
                most, best = reached, (secret, played)
    assert best is not None
    secret, played = best
    if most >= Fraction(1, 2):
        return holds(f"a coalition reaches {written(most)}", range=covered, evidence=Evidence({"coalitions": compared}))
    case = line(secret.mechanism, secret.context, played, title="the best secret coalition")
    relation = Relation(Figure("best", "utility", secret.members), "<", Fraction(1, 2))
    why = (
        f"the most that any secret coalition reaches is {written(most)} (values: {values_in_words(secret.context)}; "
        f"{in_words(secret.mechanism)}): with a cap, rewards are too small to live on, though still many times what "
        "the members would have got honestly"
    )
    return fails(why, range=covered, counterexample=Counterexample({"best": case}, (relation,)))


CLAIMS: tuple[Claim, ...] = (REMARK, SECRET)
