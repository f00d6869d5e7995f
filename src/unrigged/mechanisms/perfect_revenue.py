"""Virtually perfect revenue at a unique subgame-perfect equilibrium, among perfectly informed players.

Source: J. Chen, A. Hassidim and S. Micali, Resilient and virtually perfect revenue from perfectly informed players,
MIT ECIR working paper 2010-1 (2010), section 3 (the mechanism M).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, integer, rational, total, written
from unrigged.mechanisms.base import Mechanism, Requirements, check_range, one_of, parameter
from unrigged.moves.answer import NO, Answer, YesNo
from unrigged.moves.openings import OpeningSpace
from unrigged.moves.raises import Raises, RaiseSpace
from unrigged.outcome import Outcome, Prices, Result, free, nothing_sold, prices_in_words, shifted
from unrigged.protocol import Chance, Decision, Pay, Position, Then, ask, coin
from unrigged.ranking import allocation_number, vector_rank, vectors
from unrigged.setting import NULL_STATE

Rates = tuple[tuple[Fraction, ...], ...]
"""The rewards e[i][j] of players i = 2..n, a row for each."""


def read_rates(value: Any, where: str) -> Rates:
    """The matrix e: for each player from 2 to n, a row of n exact numbers."""
    if not _is_list(value) or not all(map(_is_list, value)):
        raise InputError(where, value, "a row of n numbers for each of the players 2 to n")
    return tuple(
        tuple(rational(rate, f"{where}[{i}][{j}]") for j, rate in enumerate(row, start=1))
        for i, row in enumerate(value, start=2)
    )


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def read_cap(value: Any, where: str) -> int | str:
    """A cap: an integer >= 1, or the word "none"."""
    return "none" if value == "none" else integer(value, where, least=1)


@dataclass(frozen=True)
class PerfectRevenue(Mechanism):
    """M: player 1 proposes an outcome, the others raise prices in turn, and everybody says YES or NO in turn.

    The states are those of the setting, or, where it has goods, all (n+1)^m allocations, which are never listed: they
    come in the order of tuples of owners, and the null state is that nothing is sold (which is one of them).
    """

    eps: Fraction = parameter(
        "discount of everybody, and scale of the rewards; 0 < eps < 1/(5n), by default 1/(10n), or 1/(10n·cap) where "
        "there is a cap, so that no reward outweighs a fine"
    )
    e: Rates = parameter(
        "rewards e[i][j] for raising the price of j by 1: a row for each player i = 2..n with an entry for each j = "
        "1..n, strictly decreasing in reading order from below eps to above 0 (e[i][i] is never used); by default in "
        "equal steps from below eps, or where there is a cap below eps/(n·cap), so that no coalition can live on them",
        read=read_rates,
    )
    cap: int | str = parameter(
        'the greatest integer that may be announced as a price or a raise (the paper needs a finite game), or "none"; '
        "by default n·(B - 1) where the setting has a bound B on all values, so that every coalition's total can be "
        'announced, and "none" where it has no bound',
        read=read_cap,
    )
    states: str = parameter(
        "what is chosen: one of the states listed in the setting (listed), or an allocation of its goods (allocations)",
        read=one_of("listed", "allocations"),
    )
    null_state: str = parameter(
        "whether the null state may be announced, as first or last of the listed states; absent, as in the sheet: no",
        "absent",
        read=one_of("absent", "first", "last"),
    )
    extra_discount: str = parameter(
        "whether everybody gets one more discount eps once prices are proposed (the remark in section 4)",
        "no",
        read=one_of("no", "yes"),
    )

    name: ClassVar[str] = "perfect-revenue"
    guarantee: ClassVar[str] = "revenue >= (1 - 3·eps·n)·MSW and welfare = MSW, whoever colludes short of all players"
    assumption: ClassVar[str] = (
        "everybody knows all types and coalitions and plays a subgame-perfect equilibrium; announcements are capped"
    )
    source: ClassVar[str] = "Chen, Hassidim and Micali 2010, section 3"
    requires: ClassVar[Requirements] = Requirements(
        domain="either", players=2, knowledge="perfect", grand_coalition=False
    )

    def defaults(self) -> Mapping[str, Any]:
        n, bound = self.setting.n, self.setting.value_bound
        default_cap = "none" if bound is None else max(1, n * (bound - 1))
        cap = default_cap if self.cap is None else read_cap(self.cap, "cap")
        scale = cap if isinstance(cap, int) else 1
        eps = Fraction(1, 10 * n * scale) if self.eps is None else rational(self.eps, "eps")
        largest = eps / (n * scale) if isinstance(cap, int) else eps
        step = largest / (n * (n - 1) + 1)
        return {
            "eps": eps,
            "e": [[largest - step * ((i - 2) * n + j) for j in range(1, n + 1)] for i in range(2, n + 1)],
            "cap": cap,
            "states": "listed" if self.setting.goods is None else "allocations",
        }

    def check(self) -> None:
        n = self.setting.n
        if self.states == "listed":
            self.setting.need_states("perfect-revenue with states = listed")
        else:
            self.setting.need_goods("perfect-revenue with states = allocations")
            if self.null_state != "absent":
                raise InputError("null_state", self.null_state, "absent: nothing sold is one of the allocations")
        check_range("eps", self.eps, 0, Fraction(1, 5 * n), f"0 < eps < 1/(5n) = 1/{5 * n}")
        if [len(row) for row in self.e] != [n] * (n - 1):
            raise InputError(
                "e",
                f"rows of {[len(row) for row in self.e]} numbers",
                f"{n - 1} rows (players 2 to {n}) of {n} numbers",
            )
        above = self.eps
        for i, row in enumerate(self.e, start=2):
            for j, rate in enumerate(row, start=1):
                if not 0 < rate < above:
                    raise InputError(
                        f"e[{i}][{j}]",
                        written(rate),
                        f"a number above 0 and below {written(above)}, as eps > e[2][1] > ... > e[n][n] > 0",
                    )
                above = rate

    @cached_property
    def nothing(self) -> Result:
        """The null state; where allocations are the states, nothing is sold."""
        return NULL_STATE if self.states == "listed" else nothing_sold(self.setting)

    @cached_property
    def limit(self) -> int | None:
        """The cap on announced integers, None where there is none."""
        return self.cap if isinstance(self.cap, int) else None

    @cached_property
    def openings(self) -> OpeningSpace:
        """What player 1 may announce."""
        return OpeningSpace(self.setting, self.limit, self.null_state != "absent")

    @cached_property
    def number_of_states(self) -> int:
        """How many states there are to announce."""
        if self.states == "allocations":
            allocations: int = (self.setting.n + 1) ** self.setting.m
            return allocations
        return len(self.setting.need_states(self.name)) + (self.null_state != "absent")

    def state_rank(self, state: Result) -> int:
        """How many states come before `state`."""
        if isinstance(state, tuple):
            return allocation_number(state, self.setting.n)
        if state == NULL_STATE:
            return 0 if self.null_state == "first" else self.number_of_states - 1
        return state + (self.null_state == "first")

    def count(self, revenue: Exact) -> Fraction:
        """How many outcomes have integer prices >= 0 that sum to `revenue` (n_r)."""
        return self.number_of_states * vectors(self.setting.n, revenue)

    def rank(self, opening: Outcome) -> Fraction:
        """How many outcomes of the same revenue come before `opening` (f_r): those of earlier states, and within a
        state those with the larger price at the first difference."""
        before = self.state_rank(opening.result) * vectors(self.setting.n, opening.revenue)
        return before + vector_rank(opening.prices)

    def start(self) -> Position:
        """Step 1: player 1 announces a state w* and an integer price K_j >= 0 for every player j, at most `cap` where
        there is one. (Where the states are allocations, any allocation is a state; they are ordered by the owner of
        good 1, then of good 2 and so on, nobody coming before player 1.)"""
        return ask("open", ((0, self.openings),), Then(self.consider))

    def consider(self, announced: tuple[Outcome]) -> Position:
        """Step b: if all these prices are 0, the null state is chosen, nobody pays or is rewarded, and that is the
        end."""
        opening = announced[0]
        revenue = opening.revenue
        if revenue == 0:
            return Outcome(self.nothing, free(self.setting))
        reward = 2 * self.eps * revenue - self.eps * (self.rank(opening) / self.count(revenue))
        nobody_raised = (0,) * self.setting.n
        return self.give_rewards(0, reward, Then(self.ask_raises, 1, opening, nobody_raised))

    def ask_raises(self, player: int, proposal: Outcome, informed: tuple[int, ...]) -> Position:
        """Step 2..n: in step i, player i, who sees everything so far, announces a vector D^i of integers >= 0 with
        D^i_i = 0: by how much to raise each player's price (at most `cap`, where there is one)."""
        space = RaiseSpace(self.setting, player, proposal, (self.limit,) * self.setting.n)
        return ask(f"raise {player + 1}", ((player, space),), Then(self.raise_prices, player, proposal, informed))

    def raise_prices(
        self, player: int, proposal: Outcome, informed: tuple[int, ...], announced: tuple[Raises]
    ) -> Position:
        """Step c: the best-informed player about i, bip_i, is the last of the players 2 to n who raised the price of i,
        or player 1 if nobody did. The provisional price P*_i is K_i plus all raises of i."""
        raises = announced[0]
        prices = tuple(price + raised for price, raised in zip(proposal.prices, raises, strict=True))
        latest = tuple(player if raised > 0 else before for raised, before in zip(raises, informed, strict=True))
        raised = Outcome(proposal.result, prices)
        if player + 1 < self.setting.n:
            then = Then(self.ask_raises, player + 1, raised, latest)
        else:
            then = Then(self.ask_answers, 0, raised, latest, ())
        rates = self.e[player - 1]
        reward = total(rates[other] * raises[other] for other in self.setting.everyone if other != player)
        return self.give_rewards(player, reward, then)

    def ask_answers(
        self, player: int, proposal: Outcome, informed: tuple[int, ...], refusers: tuple[int, ...]
    ) -> Position:
        """Step n+1..2n: in order of i = 1..n, player i says YES or NO to w* at the price P*_i if P*_i > 0, except
        player 1 if bip_1 = 1; whoever is not asked counts as saying YES."""
        for asked in range(player, self.setting.n):
            if proposal.prices[asked] > 0 and not (asked == 0 and informed[0] == 0):
                space = YesNo(self.setting, asked, proposal)
                then = Then(self.hear, asked, proposal, informed, refusers)
                return ask(f"answer {asked + 1}", ((asked, space),), then)
        return self.conclude(proposal, informed, refusers)

    def hear(
        self,
        player: int,
        proposal: Outcome,
        informed: tuple[int, ...],
        refusers: tuple[int, ...],
        answers: tuple[Answer],
    ) -> Position:
        """The next player answers; only who said NO still matters."""
        refused = (*refusers, player) if answers[0] is NO else refusers
        return self.ask_answers(player + 1, proposal, informed, refused)

    def conclude(self, proposal: Outcome, informed: tuple[int, ...], refusers: tuple[int, ...]) -> Position:
        """Step d: if all say YES, the state is w* and everybody i pays P*_i - eps; then step g."""
        if not refusers:
            return self.carry_out(proposal)
        return self.flip(proposal, informed, refusers)

    def carry_out(self, proposal: Outcome) -> Position:
        """The state w* at the provisional prices less eps."""
        return Outcome(proposal.result, shifted(proposal.prices, -self.eps))

    def flip(self, proposal: Outcome, informed: tuple[int, ...], refusers: tuple[int, ...]) -> Position:
        """Step e: otherwise a coin is flipped that shows Heads with probability 1 - eps. On Heads the null state is
        chosen, and for each player i who said NO, 2·P*_i is added to the price of bip_i; then step g."""
        fines = tuple((informed[refuser], 2 * proposal.prices[refuser]) for refuser in refusers)
        return coin(
            "coin 1",
            ("Heads", 1 - self.eps, Then(self.punish, fines)),
            ("Tails", self.eps, Then(self.try_anyway, proposal, refusers)),
        )

    def punish(self, fines: tuple[tuple[int, Exact], ...]) -> Position:
        """The null state; each of `fines` is paid by the player it names."""
        prices: list[Exact] = [0] * self.setting.n
        for player, fine in fines:
            prices[player] += fine
        return Outcome(self.nothing, tuple(prices))

    def try_anyway(self, proposal: Outcome, refusers: tuple[int, ...]) -> Position:
        """Step f: on Tails a second coin is flipped that shows Heads with probability Y/(n·b), where Y is the number of
        players who count as saying YES, and b the sum of P*_i over those who said NO. On Heads the state is w* and
        everybody i, whatever he said, pays P*_i - eps; on Tails the null state is chosen at prices 0; then step g."""
        agreed = Fraction(self.setting.n - len(refusers), self.setting.n)
        refused = total(proposal.prices[refuser] for refuser in refusers)
        chance = agreed / refused
        return coin(
            "coin 2",
            ("Heads", chance, Then(self.carry_out, proposal)),
            ("Tails", 1 - chance, Then(self.leave)),
        )

    def leave(self) -> Position:
        """The null state at prices 0."""
        return Outcome(self.nothing, free(self.setting))

    def give_rewards(self, player: int, reward: Exact, then: Then) -> Position:
        """Step g: in every branch of steps d, e and f each player's price is lowered by his reward: for player 1
        2·eps·r - eps·rank/count, where r is the sum of K, count the number of outcomes with integer prices >= 0 of sum
        r, and rank, from 0, the place of (w*, K) among them, earlier states first and within a state the larger price
        first at the first difference; for player i = 2..n the sum of e[i][j]·D^i_j over all j. (A reward is certain
        from the announcement on, and is paid out then. With the extra discount, everybody gets eps more.)"""
        extra = -self.eps if player == 0 and self.extra_discount == "yes" else 0
        prices: Prices = tuple(extra - reward if i == player else extra for i in self.setting.everyone)
        return Pay(prices, then)

    def settings_in_words(self) -> str:
        rewards = f"e from {written(self.e[0][0])} down to {written(self.e[-1][-1])}"
        options = ("cap", "states", "null_state", "extra_discount")
        return ", ".join(
            [f"eps = {written(self.eps)}", rewards, *(f"{option} = {getattr(self, option)}" for option in options)]
        )

    def comment(self, position: Position) -> str:
        names = self.setting.players
        if isinstance(position, Decision) and position.then.step == self.hear.__name__:
            player, proposal, informed, refusers = position.then.arguments
            if refusers or any(proposal.prices[1:player]):
                return ""
            raised = [
                f"{names[bip]} last raised the price of {name}"
                for name, bip in zip(names, informed, strict=True)
                if bip
            ]
            found = "; ".join(raised) or "nobody raised a price"
            return f"{found}; provisionally {prices_in_words(self.setting, proposal.prices)}"
        if isinstance(position, Chance) and position.label == "coin 1":
            (fines,) = position.branch("Heads").then.arguments
            due = ", ".join(f"{names[player]} is to pay {written(fine)}" for player, fine in fines)
            return f"not all said YES: on Heads {due}"
        return ""
