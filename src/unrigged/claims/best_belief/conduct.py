"""What the analysis of the best-belief mechanism supposes of its players, checked on finite lists of announcements.

Its three parts: who is offered goods says YES exactly where they are worth the price (Lemma 3); a sale that one is sure
of is better than any announcement of less revenue (Lemma 4); then the revenue reaches the benchmark (Theorem 2).
Everything is read off the mechanism itself. Source: Chen and Micali 2016 (paper 003), section 6.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from unrigged.claims.base import Evidence, Watch
from unrigged.claims.best_belief.auctions import Types, Wishes, accepts, nothing, offers, sure_of, tables
from unrigged.claims.counterexample import Counterexample, Figure, Relation, scripted
from unrigged.context import Coalition, Context, Knowledge
from unrigged.exact import Exact, exact, written
from unrigged.mechanisms.base import Mechanism
from unrigged.moves.answer import NO, YES, Answer, YesNo
from unrigged.moves.base import Move, MoveSpace
from unrigged.moves.offers import Wish
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, History, Position, settle
from unrigged.scenario import Scenario
from unrigged.setting import Bundle, Setting, bundle_of
from unrigged.strategies.base import Individual, Mixed, Strategy
from unrigged.valuations import Table
from unrigged.verdict import Verdict, fails

Ends = list[tuple[Fraction, Outcome]]
"""How a play can end, each end with its probability."""


@dataclass(frozen=True)
class Announces(Individual):
    """Announces what is given; answers by one's own value, unless an answer is given."""

    context: Context
    wish: Wish
    answer: Answer | None = None

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        if not isinstance(space, YesNo):
            return self.wish
        offer = space.proposal
        worth = self.context.worth(player, offer.result)
        return self.answer or (YES if worth >= offer.prices[player] else NO)


def scene(
    mechanism: Mechanism,
    types: Sequence[Table],
    wishes: Wishes,
    title: str,
    *,
    answers: Mapping[int, Answer] | None = None,
    knowledge: Sequence[Knowledge] = (),
) -> Scenario:
    """The scenario in which these announcements are made; everybody answers by his value, or as `answers` says."""
    context = Context(mechanism.setting, tuple(types), tuple(knowledge))
    said = answers or {}
    profile: dict[Coalition, Strategy | Mixed] = {
        (i,): Announces(context, wish, said.get(i)) for i, wish in enumerate(wishes)
    }
    return scripted(mechanism, context, profile, title)


def ends(
    mechanism: Mechanism, wishes: Wishes, types: Sequence[Table], said: Mapping[int, Answer] | None = None
) -> Ends:
    """How the play of these announcements ends; everybody answers by his value, or as `said` says."""
    first, _ = settle(mechanism.start())
    assert isinstance(first, Decision)
    return list(_ends(first.then(wishes), Fraction(1), types, said or {}))


def _ends(
    position: Position, chance: Fraction, types: Sequence[Table], said: Mapping[int, Answer]
) -> Iterator[tuple[Fraction, Outcome]]:
    position, _ = settle(position)
    if isinstance(position, Outcome):
        yield chance, position
    elif isinstance(position, Chance):
        for branch in position.branches:
            yield from _ends(branch.then(), chance * branch.probability, types, said)
    else:
        answers = tuple(said.get(i) or _by_value(types[i], i, space) for i, space in position.actors)
        yield from _ends(position.then(answers), chance, types, said)


def _by_value(own: Table, player: int, space: MoveSpace) -> Answer:
    assert isinstance(space, YesNo)
    return YES if own.values[bundle_of(space.proposal.owners, player)] >= space.proposal.prices[player] else NO


def _asked(mechanism: Mechanism, wishes: Wishes) -> dict[int, tuple[Bundle, Exact]]:
    """Who is asked after these announcements: the bundle he is offered, and its price."""
    first, _ = settle(mechanism.start())
    assert isinstance(first, Decision)
    position, _ = settle(first.then(wishes))
    waiting: list[Position] = [position]
    while waiting:
        position, _ = settle(waiting.pop())
        if isinstance(position, Chance):
            waiting += [branch.then() for branch in position.branches]
        elif isinstance(position, Decision):
            spaces = [(i, space.proposal) for i, space in position.actors if isinstance(space, YesNo)]
            return {i: (bundle_of(proposal.owners, i), proposal.prices[i]) for i, proposal in spaces}
    return {}


def utility(found: Ends, player: int, own: Table) -> Fraction:
    """The player's expected utility."""
    each = (chance * (own.values[bundle_of(end.owners, player)] - end.prices[player]) for chance, end in found)
    return sum(each, Fraction(0))


def revenue(found: Ends) -> Fraction:
    """The expected revenue."""
    return sum((chance * end.revenue for chance, end in found), Fraction(0))


@dataclass
class Checks:
    """What has been compared so far."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, number: int = 1) -> None:
        """Count `number` more of `what`."""
        self.counts[what] = self.counts.get(what, 0) + number

    @property
    def evidence(self) -> Evidence:
        """The counts, as evidence."""
        return Evidence(dict(self.counts))


@dataclass(frozen=True)
class Market:
    """A mechanism that sells to others, with the valuations and the prices that are tried in it."""

    mechanism: Mechanism
    values: tuple[Exact, ...]
    prices: tuple[Exact, ...]
    strictly: bool = True
    """Whether desired answers and announcements are to be better than all others, or at least as good."""

    @property
    def setting(self) -> Setting:
        """The players and goods."""
        return self.mechanism.setting

    def analysis(
        self, checks: Checks, watch: Watch, profiles: Callable[[], Iterator[Types]], bound: Callable[[Exact], Exact]
    ) -> Verdict | None:
        """The three parts one after the other; None where all of them are as the analysis supposes."""
        found = self.answers_by_value(checks, watch)
        if found is None:
            found = self.sure_sales_are_better(checks, watch, profiles())
        if found is None:
            found = self.revenue_reached(checks, watch, profiles(), bound)
        return found

    def answers_by_value(self, checks: Checks, watch: Watch) -> Verdict | None:
        """Lemma 3: against every offer, whatever others answer, YES where the goods are worth the price is better than
        NO, and NO is better elsewhere. The verdict says where it is not."""
        setting = self.setting
        silent = (nothing(setting),) * setting.n
        announced = [_alone(setting, i, Wish(0, offer)) for i in setting.everyone
                     for offer in offers(setting, i, self.prices)]  # fmt: skip
        for wishes in (silent, *announced):
            watch.step("offers answered", checks.counts.get("answers", 0))
            asked = _asked(self.mechanism, wishes)
            for player, (bundle, price) in asked.items():
                rest = [j for j in asked if j != player]
                for made in product((YES, NO), repeat=len(rest)):
                    said = dict(zip(rest, made, strict=True))
                    found = self._answer(checks, wishes, player, bundle, price, said)
                    if found is not None:
                        return found
        return None

    def _answer(
        self, checks: Checks, wishes: Wishes, player: int, bundle: Bundle, price: Exact, said: dict[int, Answer]
    ) -> Verdict | None:
        worthless = tables(self.setting, (0,))[0]
        for value in self.values:
            checks.add("answers")
            own = _worth(self.setting, bundle, value)
            types = tuple(own if i == player else worthless for i in self.setting.everyone)
            desired, other = (YES, NO) if value >= price else (NO, YES)
            a, b = (
                utility(ends(self.mechanism, wishes, types, {**said, player: each}), player, own)
                for each in (desired, other)
            )
            if a < b or (self.strictly and a == b):
                return self._wrong_answer(wishes, types, player, said, (desired, other), a < b)
        return None

    def _wrong_answer(
        self,
        wishes: Wishes,
        types: Types,
        player: int,
        said: dict[int, Answer],
        answers: tuple[Answer, Answer],
        worse: bool,
    ) -> Verdict:
        name = self.setting.players[player]
        cases = {
            "other answer": scene(self.mechanism, types, wishes, f"{name} says {answers[1].value}",
                                  answers={**said, player: answers[1]}),
            "by value": scene(self.mechanism, types, wishes, f"{name} answers by his value",
                              answers={**said, player: answers[0]}),
        }  # fmt: skip
        relation = _compared(cases, player, worse)
        does, than = ("better", "than") if worse else ("as well", "as")
        why = f"{name} does {does} by saying {answers[1].value} {than} by answering by his value"
        return fails(f"{self.mechanism.name}: {why}", counterexample=Counterexample(cases, (relation,)))

    def sure_sales_are_better(self, checks: Checks, watch: Watch, profiles: Iterator[Types]) -> Verdict | None:
        """Lemma 4: where everybody would accept what a player announces (with his favourite set), that is better for
        him than every announcement of less revenue, whatever the others announce, all answering by their values."""
        setting = self.setting
        lists = {i: offers(setting, i, self.prices) for i in setting.everyone}
        for types in profiles:
            for i in setting.everyone:
                own, favourite = types[i], types[i].favourite()
                others = [lists[j] if j != i else [nothing(setting).offer] for j in setting.everyone]
                for rest in product(*others):
                    watch.step("announcements compared", checks.counts.get("announcements", 0))
                    found = self._less(checks, types, i, own, favourite, lists[i], tuple(Wish(0, x) for x in rest))
                    if found is not None:
                        return found
        return None

    def _less(
        self, checks: Checks, types: Types, i: int, own: Table, favourite: Bundle, mine: list[Outcome], rest: Wishes
    ) -> Verdict | None:
        """Whether some announcement of `i` is not worse than a sure one of more revenue, the others announcing `rest`.

        The favourite set is announced with each: as no other set is ever better, that is no restriction."""
        gained: dict[Exact, tuple[Fraction, Outcome]] = {}
        sure: dict[Exact, tuple[Fraction, Outcome]] = {}
        for offer in mine:
            checks.add("announcements")
            made = (*rest[:i], Wish(favourite, offer), *rest[i + 1 :])
            gain = utility(ends(self.mechanism, made, types), i, own)
            total = offer.revenue
            if total not in gained or gain > gained[total][0]:
                gained[total] = (gain, offer)
            if accepts(offer, types) and (total not in sure or gain < sure[total][0]):
                sure[total] = (gain, offer)
        for total, (gain, offer) in sorted(sure.items(), key=lambda each: each[0]):
            for less, (other, lower) in gained.items():
                if less < total and (other > gain or (self.strictly and other == gain)):
                    return self._underbid(types, i, favourite, rest, offer, lower, other > gain)
        return None

    def _underbid(
        self, types: Types, i: int, favourite: Bundle, rest: Wishes, offer: Outcome, lower: Outcome, worse: bool
    ) -> Verdict:
        name = self.setting.players[i]
        knowledge = tuple(
            sure_of(self.setting, offer if j == i else wish.offer) for j, wish in enumerate(rest)
        )  # fmt: skip
        cases = {}
        for case, own in (("less announced", lower), ("sure sale", offer)):
            made = (*rest[:i], Wish(favourite, own), *rest[i + 1 :])
            title = f"{name} announces the revenue {written(exact(own.revenue))}"
            cases[case] = scene(self.mechanism, types, made, title, knowledge=knowledge)
        relation = _compared(cases, i, worse)
        does, than = ("better", "than") if worse else ("as well", "as")
        why = f"{name} does {does} by announcing less {than} by a sale that he is sure of"
        return fails(f"{self.mechanism.name}: {why}", counterexample=Counterexample(cases, (relation,)))

    def revenue_reached(
        self, checks: Checks, watch: Watch, profiles: Iterator[Types], bound: Callable[[Exact], Exact]
    ) -> Verdict | None:
        """Theorem 2: the expected revenue is at least `bound` of the largest announced revenue, whatever is announced,
        all answering by their values. (Every announcement is a sure sale by some belief, which may be wrong.)"""
        setting = self.setting
        lists = [[Wish(0, offer) for offer in offers(setting, i, self.prices)] for i in setting.everyone]
        for types in profiles:
            for made in product(*lists):
                watch.step("revenues", checks.counts.get("revenues", 0))
                checks.add("revenues")
                best = max(wish.offer.revenue for wish in made)
                if revenue(ends(self.mechanism, made, types)) < bound(best):
                    knowledge = tuple(sure_of(setting, wish.offer) for wish in made)
                    case = {"play": scene(self.mechanism, types, made, "best sales announced", knowledge=knowledge)}
                    less = Relation(Figure("play", "revenue"), "<", bound(best))
                    return fails(
                        f"{self.mechanism.name}: the best sale announced is {written(exact(best))}, the revenue less "
                        "than what is guaranteed",
                        counterexample=Counterexample(case, (less,)),
                    )  # fmt: skip
        return None


def _compared(cases: Mapping[str, Scenario], player: int, worse: bool) -> Relation:
    """The player's utility in the first case is larger than in the second, or equal."""
    first, second = (Figure(case, "utility", (player,)) for case in cases)
    return Relation(first, ">" if worse else "=", second)


def _alone(setting: Setting, player: int, wish: Wish) -> Wishes:
    """Only `player` announces something."""
    return tuple(wish if i == player else nothing(setting) for i in setting.everyone)


def _worth(setting: Setting, bundle: Bundle, value: Exact) -> Table:
    """The valuation by which only `bundle` is worth something."""
    goods = setting.need_goods("a valuation")
    return Table(goods, [value if each == bundle else 0 for each in range(1 << len(goods))])
