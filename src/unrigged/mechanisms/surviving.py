"""Perfect revenue in every play that survives the elimination of distinguishably dominated strategies.

Source: J. Chen, A. Hassidim and S. Micali, Perfect revenue from perfectly informed players (2009), section 6 (the
mechanism M).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, first_largest, integer, rational, total, written
from unrigged.mechanisms.base import Mechanism, Requirements, check_range, one_of, parameter
from unrigged.moves.answer import YES, Answer, YesNo
from unrigged.moves.profiles import Profile, ProfileSpace
from unrigged.moves.raises import Raises, RaiseSpace
from unrigged.outcome import Outcome, free, prices_in_words, shifted
from unrigged.protocol import Decision, Pay, Position, Then, ask, coin
from unrigged.setting import NOBODY, NULL_STATE, State

HALF = Fraction(1, 2)

Known = tuple[tuple[Exact, ...], ...]
"""What each player announced of the provisional state: K^i_j(w*) in row i, 0 for himself."""

Candidates = tuple[tuple[tuple[int, Exact, Fraction], ...], ...]
"""For each player, who may become the best informed about him, at which provisional price, how likely."""


def read_place(value: Any, where: str) -> str | int:
    """The place of the null state: first, last, or the number of states before it."""
    return value if value in ("first", "last") else integer(value, where, least=0)


@dataclass(frozen=True)
class Surviving(Mechanism):
    """M of 2009: everybody announces what he knows of the others, raises the prices found, and says YES or NO."""

    eps: Fraction = parameter("chance of choosing at random; 5n·eps1 < eps < 1/5", Fraction(1, 10))
    eps1: Fraction = parameter("discount and unit of rewards; 0 < 5n·eps1 < eps, by default eps/(10n)")
    null_position: str | int = parameter(
        "where the null state stands among the states: first, last, or the number of listed states before it",
        "first",
        read=read_place,
    )
    own_entries: str = parameter(
        "whether a player also announces values and raises of his own, which are never used: announced, as printed, or "
        "omitted",
        "announced",
        read=one_of("announced", "omitted"),
    )

    informed: str = parameter(
        "whom chance may make the best informed about a player whose price nobody raises: those who announced the "
        "`most` of him, or, as printed, `any` who announced something; with three players or more `any` breaks the "
        "guarantee",
        "most",
        read=one_of("most", "any"),
    )

    name: ClassVar[str] = "surviving"
    guarantee: ClassVar[str] = "revenue >= (1 - eps)·MSW - eps and welfare >= (1 - eps)·MSW"
    assumption: ClassVar[str] = (
        "everybody knows all types; distinguishably dominated strategies are eliminated until none is left"
    )
    source: ClassVar[str] = "Chen, Hassidim and Micali 2009, section 6"
    requires: ClassVar[Requirements] = Requirements(
        domain="states", value_bound=True, players=2, knowledge="perfect", covers_coalitions=False
    )

    def defaults(self) -> Mapping[str, Any]:
        return {"eps1": rational(self.eps, "eps") / (10 * self.setting.n)}

    def check(self) -> None:
        n = self.setting.n
        check_range("eps", self.eps, 0, Fraction(1, 5), "0 < eps < 1/5")
        least = f"0 < eps1 < eps/(5n) = {written(self.eps / (5 * n))}"
        check_range("eps1", self.eps1, 0, self.eps / (5 * n), least)
        states = len(self.setting.need_states(self.name))
        if isinstance(self.null_position, int) and self.null_position > states:
            raise InputError("null_position", self.null_position, f"first, last, or a number from 0 to {states}")

    @cached_property
    def order(self) -> tuple[State, ...]:
        """All states in their order, the null state included."""
        listed = tuple(range(len(self.setting.need_states(self.name))))
        places: dict[str | int, int] = {"first": 0, "last": len(listed)}
        place = places.get(self.null_position, self.null_position)
        assert isinstance(place, int)
        return (*listed[:place], NULL_STATE, *listed[place:])

    @cached_property
    def greatest(self) -> int:
        """B - 1, the greatest value and provisional price."""
        return integer(self.setting.value_bound, "value_bound") - 1

    @cached_property
    def announcements(self) -> tuple[tuple[int, ProfileSpace], ...]:
        """Everybody, with the space of his announcements in step 1."""
        own = self.own_entries == "announced"
        return tuple((i, ProfileSpace(self.setting, i, self.greatest, own)) for i in self.setting.everyone)

    def start(self) -> Position:
        """Step 1: all simultaneously announce what they know of the others: player i announces a value K^i_j(s) in
        {0..B-1} of every state s for every player j, 0 for the null state (his own values are never used)."""
        return ask("announce", self.announcements, Then(self.pick_state))

    def pick_state(self, announced: tuple[Profile, ...]) -> Position:
        """Step b: the known value MK_i(s) of state s for player i is the largest K^j_i(s) that another player j
        announced, and the known revenue R_s is the sum of MK_i(s) over all i. With probability eps the provisional
        state w* is drawn uniformly from all states, the null state included; otherwise it is the first state of largest
        R_s. (One public coin does both.)"""
        known = {state: self.known(announced, state) for state in self.order}
        revenue = [total(self.prices(known[state])) for state in self.order]
        best = self.order[first_largest(revenue)]
        states = self.setting.need_states(self.name)
        by_chance = self.eps / len(self.order)
        return coin(
            "state",
            *(
                (
                    "null state" if state == NULL_STATE else f"state {states[state]}",
                    by_chance + (1 - self.eps if state == best else 0),
                    Then(self.ask_raises, state, known[state]),
                )
                for state in self.order
            ),
        )

    def known(self, announced: tuple[Profile, ...], state: State) -> Known:
        """What everybody announced of `state` for everybody else."""
        if state == NULL_STATE:
            return ((0,) * self.setting.n,) * self.setting.n
        return tuple(
            tuple(0 if j == i else report[j][state] for j in self.setting.everyone)
            for i, report in enumerate(announced)
        )

    def prices(self, known: Known) -> tuple[Exact, ...]:
        """MK_i for every player i."""
        return tuple(max(column) for column in zip(*known, strict=True))

    def ask_raises(self, state: State, known: Known) -> Position:
        """Step 2: all simultaneously announce raises: player i announces an integer D^i_j >= 0 for every player j with
        MK_j(w*) + D^i_j <= B - 1 (the one for himself is never used)."""
        prices = self.prices(known)
        limits: Any = tuple(self.greatest - price for price in prices)
        proposal, own = Outcome(state, prices), self.own_entries == "announced"
        spaces = ((i, RaiseSpace(self.setting, i, proposal, limits, own)) for i in self.setting.everyone)
        return ask("raise", spaces, Then(self.find_informed, state, known))

    def find_informed(self, state: State, known: Known, raises: tuple[Raises, ...]) -> Position:
        """Step c: for each player i, independently: if others raise the price of i, the best-informed player about i,
        bip_i, is with probability eps drawn uniformly from those who do, and otherwise the one of largest raise (ties
        to the smallest number), and the provisional price P*_i is MK_i(w*) plus the raise by bip_i. If nobody does but
        others announced positive values of w* for i, bip_i is found in the same way, by their values, among those of
        them who announced the largest one (`informed: most`) or among all of them (`informed: any`, as printed), and
        P*_i is the value that bip_i announced. Otherwise P*_i = 0."""
        prices = self.prices(known)
        everyone = self.setting.everyone
        candidates = tuple(
            self.candidates(prices[i], [0 if j == i else raises[j][i] for j in everyone])
            or self.candidates(0, [row[i] if self.informed == "any" or row[i] == prices[i] else 0 for row in known])
            for i in everyone
        )
        contributed = tuple(total(HALF * raises[i][j] + known[i][j] for j in everyone if j != i) for i in everyone)
        return self.draw_informed(state, candidates, contributed, ())

    def candidates(self, base: Exact, offers: list[Exact]) -> tuple[tuple[int, Exact, Fraction], ...]:
        """Those whose offer is positive: each with `base` plus his offer and the chance that he is best informed."""
        some = [j for j, offer in enumerate(offers) if offer > 0]
        if not some:
            return ()
        best = some[first_largest([offers[j] for j in some])]
        by_chance = self.eps / len(some)
        return tuple((j, base + offers[j], by_chance + (1 - self.eps if j == best else 0)) for j in some)

    def draw_informed(
        self,
        state: State,
        candidates: Candidates,
        contributed: tuple[Exact, ...],
        found: tuple[tuple[int, Exact], ...],
    ) -> Position:
        """One public coin for every player about whom several may be the best informed."""
        while len(found) < self.setting.n and len(candidates[len(found)]) <= 1:
            sure = candidates[len(found)]
            found = (*found, sure[0][:2] if sure else (NOBODY, 0))
        if len(found) == self.setting.n:
            return self.give_rewards(state, contributed, found)
        return coin(
            f"bip {len(found) + 1}",
            *(
                (
                    self.setting.players[bip],
                    chance,
                    Then(self.draw_informed, state, candidates, contributed, (*found, (bip, price))),
                )
                for bip, price, chance in candidates[len(found)]
            ),
        )

    def ask_answers(self, proposal: Outcome, informed: tuple[int, ...]) -> Position:
        """Step 3: all players i with P*_i > 0 simultaneously say YES or NO to w* at the price P*_i - eps1; the others
        count as saying YES."""
        asked = tuple(i for i in self.setting.everyone if proposal.prices[i] > 0)
        spaces = ((i, YesNo(self.setting, i, proposal)) for i in asked)
        return ask("answer", spaces, Then(self.flip, proposal, informed, asked))

    def flip(
        self, proposal: Outcome, informed: tuple[int, ...], asked: tuple[int, ...], answers: tuple[Answer, ...]
    ) -> Position:
        """Step d: Y is the number of players who count as saying YES. A coin c1 is flipped that shows Heads with
        probability 1 - eps1/B, and a coin c2 that shows Heads with probability Y/n (it is flipped only if c1 shows
        Tails, as it does not matter otherwise)."""
        refusers = tuple(i for i, answer in zip(asked, answers, strict=True) if answer is not YES)
        rarely = self.eps1 / (self.greatest + 1)
        return coin(
            "coin 1",
            ("Heads", 1 - rarely, Then(self.carry_out_or_punish, proposal, informed, refusers)),
            ("Tails", rarely, Then(self.try_anyway, proposal, len(refusers))),
        )

    def carry_out_or_punish(self, proposal: Outcome, informed: tuple[int, ...], refusers: tuple[int, ...]) -> Position:
        """Step e: if c1 shows Heads and all say YES, the state is w* and everybody i pays P*_i - eps1. If c1 shows
        Heads and some say NO, the null state is chosen, and for every i who said NO, P*_i is added to the price of
        bip_i."""
        if not refusers:
            return self.carry_out(proposal)
        prices: list[Exact] = [0] * self.setting.n
        for refuser in refusers:
            prices[informed[refuser]] += proposal.prices[refuser]
        return Outcome(NULL_STATE, tuple(prices))

    def try_anyway(self, proposal: Outcome, refused: int) -> Position:
        """Step f: if c1 shows Tails and c2 shows Heads, the state is w* and everybody i, whatever he said, pays P*_i -
        eps1; if both show Tails, the null state is chosen at prices 0."""
        n = self.setting.n
        return coin(
            "coin 2",
            ("Heads", Fraction(n - refused, n), Then(self.carry_out, proposal)),
            ("Tails", Fraction(refused, n), Then(self.leave)),
        )

    def carry_out(self, proposal: Outcome) -> Position:
        """The state w* at the provisional prices less eps1."""
        return Outcome(proposal.result, shifted(proposal.prices, -self.eps1))

    def leave(self) -> Position:
        """The null state at prices 0."""
        return Outcome(NULL_STATE, free(self.setting))

    def give_rewards(
        self, state: State, contributed: tuple[Exact, ...], found: tuple[tuple[int, Exact], ...]
    ) -> Position:
        """Step g: in every case the price of every player i then falls by eps1·(2 - 1/(1 + X_i)), where X_i is P*_i
        plus the sum, over all other players j, of D^i_j/2 + K^i_j(w*). (This is certain once the provisional prices are
        found, and is paid out then.)"""
        prices = tuple(price for _, price in found)
        falls = tuple(
            self.eps1 / (1 + given + price) - 2 * self.eps1 for given, price in zip(contributed, prices, strict=True)
        )
        informed = tuple(bip for bip, _ in found)
        return Pay(falls, Then(self.ask_answers, Outcome(state, prices), informed))

    def comment(self, position: Position) -> str:
        if not isinstance(position, Decision):
            return ""
        names = self.setting.players
        if position.label == "raise":
            state, known = position.then.arguments
            found = self.setting.need_states(self.name).written(state)
            return f"provisional state: {found}; known revenue {written(total(self.prices(known)))}"
        if position.label == "answer":
            proposal, informed, _ = position.then.arguments
            known_best = ", ".join(
                f"{names[bip]} about {name}" for name, bip in zip(names, informed, strict=True) if bip != NOBODY
            )
            return f"provisionally {prices_in_words(self.setting, proposal.prices)}; best informed: {known_best}"
        return ""
