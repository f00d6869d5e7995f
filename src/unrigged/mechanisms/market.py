"""The market mechanism: goods end up where they are worth most, and no money is lost or made, whoever colludes.

Source: P. Azar, J. Chen and S. Micali, Budget-balanced maximization of social welfare resilient to unrestricted
collusion, privacy, and beliefs (2011), section 5.2. The paper's «player 1» is the proposer here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, rational, total, written
from unrigged.mechanisms.base import check_range, parameter
from unrigged.mechanisms.proposing import ANSWER, PROPOSE, Proposing, count_yes
from unrigged.moves.answer import YES, Answer, YesNo
from unrigged.moves.proposals import MarketProposal
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Position, Then, ask, coin, uniform
from unrigged.setting import NOBODY

ALONE = "answer alone"
"""The label of the decision of step 3, in which a single player says YES or NO."""

EPS = "discount that makes everybody glad to agree; 0 < eps < 1/(5n)"
DELTA = "probability that all goods but one player's are destroyed; 0 < delta < eps/B"


@dataclass(frozen=True)
class Market(Proposing):
    """M, with its sub-mechanism M': one player proposes an outcome, and it takes effect if nobody objects.

    B is the public bound on values, a power of two: every value lies strictly between -B and B.
    Parameters: `eps`, in (0, 1/(5n)), by default 1/(10n); `delta`, in (0, eps/B), by default eps/(2B).
    """

    eps: Fraction = parameter(EPS)
    delta: Fraction = parameter(DELTA)

    name: ClassVar[str] = "market"
    guarantee: ClassVar[str] = "maximum welfare with probability >= 1 - delta, prices that sum to 0, full privacy"
    assumption: ClassVar[str] = (
        "players know each other's types; every coalition plays its dominant strategy, and the proposer knows they do"
    )
    source: ClassVar[str] = "Azar, Chen and Micali 2011, section 5.2"

    def defaults(self) -> Mapping[str, Any]:
        eps = self.default_eps if self.eps is None else rational(self.eps, "eps")
        return {"eps": eps, "delta": eps / (2 * self.bound)}

    def check(self) -> None:
        super().check()
        if self.bound & (self.bound - 1):
            raise InputError("value_bound", self.bound, "a power of two, B = 2^(k-1)")
        self.check_eps(self.eps, Fraction(1, 5 * self.setting.n), "1/(5n)")
        most = self.eps / self.bound
        check_range("delta", self.delta, 0, most, f"0 < delta < eps/B = {written(most)}")

    @cached_property
    def limit(self) -> int:
        """2^k = 2B: the prices of everybody but the proposer lie strictly between -2^k and 2^k."""
        return 2 * self.bound

    @cached_property
    def received(self) -> Fraction:
        """-eps: the price of whoever receives eps."""
        return -self.eps

    @cached_property
    def collected(self) -> Fraction:
        """(n-1)·eps: what the proposer pays where every other player receives eps."""
        return (self.setting.n - 1) * self.eps

    @cached_property
    def punished(self) -> Outcome:
        """(E, (1, 0, ..., 0)): everybody keeps his endowment and the proposer pays 1."""
        return self.keep(1, 0)

    def start(self) -> Position:
        """Step 1: the proposer (the first player, unless a coin has chosen another) announces an outcome: an
        allocation, which gives every good to a player or destroys it, and any rational price for everybody. Below, n is
        the number of players, and B the public bound: every value lies strictly between -B and B."""
        space = MarketProposal(self.setting, self.proposer, self.limit)
        return ask(PROPOSE, ((self.proposer, space),), Then(self.check_prices))

    def check_prices(self, announced: tuple[Outcome]) -> Position:
        """Step a: if the price of somebody but the proposer is not an integer strictly between -2B and 2B, or if the
        prices do not sum to 0, everybody keeps his endowment, the proposer pays 1, the others nothing; the end."""
        (proposal,) = announced
        for i in self.others:
            price = proposal.prices[i]
            if price.denominator != 1 or not -self.limit < price < self.limit:
                return self.punished
        if total(proposal.prices) != 0:
            return self.punished
        return self.leave(proposal)

    def leave(self, proposal: Outcome) -> Position:
        """Step b: if the proposal is that everybody keeps his endowment and nobody pays, so it is; the end."""
        if proposal == self.stay:
            return self.stay
        return self.flip(proposal)

    def flip(self, proposal: Outcome) -> Position:
        """Step c: a coin is flipped in public: Heads with probability 1 - delta, then step 2 follows; Tails with
        probability delta, then step h."""
        return coin(
            "c0",
            ("Heads", 1 - self.delta, Then(self.vote, proposal)),
            ("Tails", self.delta, Then(self.single_out, proposal)),
        )

    def vote(self, proposal: Outcome) -> Position:
        """Step 2: on Heads everybody but the proposer says YES or NO, simultaneously. Y is the number of YES."""
        return ask(ANSWER, self.answers_to(proposal), Then(self.count, proposal))

    def count(self, proposal: Outcome, answers: tuple[Answer, ...]) -> Position:
        """Step d: if all say YES, the proposal takes effect, everybody but the proposer paying 2·eps less than
        proposed, and the proposer 2(n-1)·eps more; the end."""
        yes = count_yes(answers)
        if yes == len(self.others):
            return self.carried_out(proposal, 2 * self.eps)
        rescue = self.eps * yes / (self.setting.n * self.bound)
        return coin(
            "c1",
            ("fined", 1 - self.eps, Then(self.fine, yes)),
            ("carried out", rescue, Then(self.carry_out, proposal)),
            ("kept", self.eps - rescue, Then(self.leave_at_a_price)),
        )

    def fine(self, yes: int) -> Position:
        """Step e: otherwise, with probability 1 - eps, everybody keeps his endowment, the proposer pays
        2n(n-Y)B + (n-1)·eps and every other player receives eps; the end."""
        n = self.setting.n
        return self.keep(2 * n * (n - yes) * self.bound + self.collected, self.received)

    def carry_out(self, proposal: Outcome) -> Position:
        """Step f: or, with probability eps·Y/(nB), the proposal takes effect all the same, at the prices of step d;
        the end."""
        return self.carried_out(proposal, 2 * self.eps)

    def leave_at_a_price(self) -> Position:
        """Step g: or, with the remaining probability eps·(1 - Y/(nB)), everybody keeps his endowment, the proposer
        pays (n-1)·eps and every other player receives eps; the end."""
        return self.keep(self.collected, self.received)

    def single_out(self, proposal: Outcome) -> Position:
        """Step h: on Tails of step c one player w is drawn uniformly, in public. In the end nobody but w will own
        goods: all others will be destroyed."""
        return uniform(
            "w",
            (
                (name, Then(self.give, proposal) if w == self.proposer else Then(self.ask_alone, w, proposal))
                for w, name in enumerate(self.setting.players)
            ),
        )

    def only(self, w: int, goods: tuple[int, ...], prices: Mapping[int, Exact]) -> Outcome:
        """Player w gets what is his in `goods`, all else is destroyed; who has no price in `prices` receives eps."""
        owners = tuple(w if owner == w else NOBODY for owner in goods)
        everybody: list[Exact] = [self.received] * self.setting.n
        for player, price in prices.items():
            everybody[player] = price
        return Outcome(owners, tuple(everybody))

    def give(self, proposal: Outcome) -> Position:
        """Step i: if w is the proposer, he gets the goods he proposed for himself and pays (n-1)·eps; every other
        player gets no goods and receives eps; the end."""
        return self.only(self.proposer, proposal.owners, {self.proposer: self.collected})

    def ask_alone(self, w: int, proposal: Outcome) -> Position:
        """Step 3: otherwise w, and nobody else, says YES or NO."""
        return ask(ALONE, ((w, YesNo(self.setting, w, proposal)),), Then(self.sell_alone, w, proposal))

    def sell_alone(self, w: int, proposal: Outcome, answers: tuple[Answer]) -> Position:
        """Step j: if w says YES, he gets the goods proposed for him and pays 2·eps less than proposed; the proposer
        receives the price proposed for w less n·eps, every other player receives eps, and nobody but w gets goods;
        the end."""
        if answers[0] is not YES:
            return self.refuse_alone(w)
        price = proposal.prices[w]
        paid = {w: price - 2 * self.eps, self.proposer: self.setting.n * self.eps - price}
        return self.only(w, proposal.owners, paid)

    def refuse_alone(self, w: int) -> Position:
        """Step k: if w says NO, he keeps his endowment; the proposer pays n²B/delta + (n-1)·eps, every other player,
        w too, receives eps, and nobody but w gets goods; the end."""
        fine = self.setting.n**2 * self.bound / self.delta
        return self.only(w, self.endowment, {self.proposer: fine + self.collected})

    def comment(self, position: Position) -> str:
        proposer = self.setting.players[self.proposer]
        if position == self.punished:
            return f"the proposed prices are out of range or do not sum to 0, so {proposer} is fined 1"
        if isinstance(position, Chance) and position.label == "c1":
            return self.in_words(position.branch("fined").then.arguments[0])
        if isinstance(position, Decision) and position.label == ALONE:
            w = self.setting.players[position.actors[0][0]]
            return f"only {w} may own goods from now on; all others are destroyed"
        return ""
