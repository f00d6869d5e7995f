"""The leveraging mechanism: coalitions are welcome, and what they know is put to use.

Source: J. Chen, S. Micali and P. Valiant, Robustly leveraging collusion in combinatorial auctions, Innovations in
Computer Science 2010, section 4 (mechanism M).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from unrigged.errors import InputError
from unrigged.exact import Exact, first_largest, written
from unrigged.mechanisms.base import Mechanism, Requirements, check_range, one_of, parameter
from unrigged.moves.answer import YES, Answer
from unrigged.moves.declarations import OUT, Declaration, DeclarationSpace, OptOut, ReplySpace
from unrigged.outcome import Outcome, Prices, free, nothing_sold
from unrigged.protocol import Chance, Pay, Position, Then, ask, coin, uniform
from unrigged.setting import NOBODY, Allocation

HALF = Fraction(1, 2)

Declared = tuple[Declaration | OptOut, ...]
"""What everybody announced in step 1."""


@dataclass(frozen=True)
class Leveraging(Mechanism):
    """Whoever announces the largest revenue becomes the *star*; he owes the largest revenue announced outside his
    coalition, and receives what the players outside it agree to pay for the goods he would give them.

    Parameters: `eps`, `eps1` and `eps2`, all in (0, 1), with 2·n·eps2 < eps1: the probability that the star is drawn
    at random, what a fine exceeds the star's revenue by, and the unit of discounts and rewards. `optout`: whether
    players may opt out explicitly (`explicit`), or the mechanism is played without that action (`printed`).
    """

    eps: Fraction = parameter("probability that the star is drawn at random; 0 < eps < 1", Fraction(1, 10))
    eps1: Fraction = parameter("a fine is the star's revenue plus eps1; 0 < eps1 < 1", Fraction(1, 10))
    eps2: Fraction = parameter("unit of discounts and rewards; 0 < eps2 < 1 and 2·n·eps2 < eps1; by default eps1/(4·n)")
    optout: str = parameter("`explicit`: players may opt out of everything; `printed`: no such action", "explicit",
                            read=one_of("explicit", "printed"))  # fmt: skip

    name: ClassVar[str] = "leveraging"
    guarantee: ClassVar[str] = (
        "welfare + revenue >= (1-eps)·MKW/6 - eps1: a sixth of the welfare the best-informed coalition knows to reach"
    )
    assumption: ClassVar[str] = (
        "players and coalitions, of any size and secret or not, eliminate distinguishably dominated strategies twice "
        "(where a few players are many and may opt out, eps1 has to be small: the ledger's claim leveraging.T1)"
    )
    source: ClassVar[str] = "Chen, Micali and Valiant 2010, section 4"
    requires: ClassVar[Requirements] = Requirements(domain="goods")

    def defaults(self) -> Mapping[str, Any]:
        return {"eps2": self.eps1 / (4 * self.setting.n)}

    def check(self) -> None:
        check_range("eps", self.eps, 0, 1, "0 < eps < 1")
        check_range("eps1", self.eps1, 0, 1, "0 < eps1 < 1")
        check_range("eps2", self.eps2, 0, 1, "0 < eps2 < 1")
        if not 2 * self.setting.n * self.eps2 < self.eps1:
            limit = written(self.eps1 / (2 * self.setting.n))
            raise InputError("eps2", written(self.eps2), f"2·n·eps2 < eps1, that is eps2 < {limit}")

    @cached_property
    def announcements(self) -> tuple[tuple[int, DeclarationSpace], ...]:
        """Everybody, with the space of his declarations."""
        explicit = self.optout == "explicit"
        return tuple((i, DeclarationSpace(self.setting, i, explicit)) for i in self.setting.everyone)

    def start(self) -> Position:
        """Step 1: all simultaneously and publicly announce three things each: a set C_i of players that contains the
        announcer i (said to be his coalition); an allocation S^i that gives goods to members of C_i only (said to be
        what they would like); and an outcome of any allocation and an integer price >= 0 for every player (said to be
        the best they know; its revenue R_i is the sum of its prices). Or a player opts out (unless `optout` is
        `printed`): then he names nobody, is never the star nor asked, and receives no goods, transfers or rewards."""
        return ask("announce", self.announcements, Then(self.pick_star))

    def pick_star(self, announced: Declared) -> Position:
        """Step b: the star is who announced the largest revenue, ties to the smallest number; R' is the largest revenue
        announced by a player outside the star's C, 0 if there is none. If everybody opted out, nothing is sold."""
        revenue = tuple(one.outcome.revenue if isinstance(one, Declaration) else 0 for one in announced)
        present = tuple(i for i, one in enumerate(announced) if one is not OUT)
        if not present:
            return Outcome(nothing_sold(self.setting), free(self.setting))
        star = present[first_largest([revenue[i] for i in present])]
        coalition = self.declared(announced, star).coalition
        second = max((revenue[i] for i in present if i not in coalition), default=0)
        return self.compare_names(announced, star, second, revenue, present)

    def compare_names(
        self, announced: Declared, star: int, second: Exact, revenue: Prices, present: tuple[int, ...]
    ) -> Position:
        """Step c: whoever names players who do not name him back is fined F = R_star + eps1, payable to the seller, and
        pays each of them F besides. (An opted-out player names nobody back; what is owed to him goes to the seller.)"""
        fine = revenue[star] + self.eps1
        prices: list[Exact] = [0] * self.setting.n
        fined = False
        for i in present:
            coalition = self.declared(announced, i).coalition
            unreturned = [j for j in coalition if j != i and not self.names(announced, j, i)]
            if unreturned:
                fined = True
                prices[i] += fine * (1 + len(unreturned))
            for j in unreturned:
                if announced[j] is not OUT:
                    prices[j] -= fine
        if fined:
            return self.abort(tuple(prices))
        return self.first_coin(announced, star, second, revenue, present)

    def abort(self, fines: Prices) -> Position:
        """Step d: if anybody was fined, the auction ends: nothing is sold, and the prices are the fines and what is
        received of them."""
        return Outcome(nothing_sold(self.setting), fines)

    def first_coin(
        self, announced: Declared, star: int, second: Exact, revenue: Prices, present: tuple[int, ...]
    ) -> Position:
        """Step e: a public coin comes up Heads with probability eps; then the star is drawn anew, all players (who did
        not opt out) being equally likely, and R' becomes 0. On Tails star and R' stay."""
        declaration = self.declared(announced, star)
        return coin(
            "coin c1",
            ("Heads", self.eps, Then(self.draw_star, announced, revenue, present)),
            ("Tails", 1 - self.eps, Then(self.second_coin, star, declaration, second, revenue, present)),
        )

    def draw_star(self, announced: Declared, revenue: Prices, present: tuple[int, ...]) -> Position:
        branches = []
        for i in present:
            then = Then(self.second_coin, i, self.declared(announced, i), 0, revenue, present)
            branches.append((self.setting.players[i], then))
        return uniform("star", branches)

    def second_coin(
        self, star: int, declaration: Declaration, second: Exact, revenue: Prices, present: tuple[int, ...]
    ) -> Position:
        """Step f: a fair coin is flipped in public. Heads: the goods go where the star's S says, nobody pays; the
        end."""
        return coin(
            "coin c2",
            ("Heads", HALF, Then(self.grant, declaration.wish)),
            ("Tails", HALF, Then(self.charge, star, declaration, second, revenue, present)),
        )

    def grant(self, wish: Allocation) -> Position:
        return Outcome(wish, free(self.setting))

    def sell(self, star: int, coalition: tuple[int, ...], offer: Outcome, present: tuple[int, ...]) -> Position:
        """Step 2: on Tails everybody outside the star's C to whom his outcome gives a price >= 1 (unless he opted out)
        says YES or NO, simultaneously: whether he wants what it gives him for that price less eps2."""
        buyers = tuple(i for i in present if i not in coalition and offer.prices[i] >= 1)
        takers = tuple(i for i in present if i not in buyers)
        spaces = ((i, ReplySpace(self.setting, i, offer, star)) for i in buyers)
        return ask("answer", spaces, Then(self.conclude, star, offer, takers, buyers))

    def conclude(
        self, star: int, offer: Outcome, takers: tuple[int, ...], buyers: tuple[int, ...], answers: tuple[Answer, ...]
    ) -> Position:
        """Step g: members of the star's C, and players whose price is 0, get for free what his outcome gives them. Who
        said YES gets his part and pays his price less eps2 to the star; for who said NO the star pays the full price
        to the seller."""
        prices: list[Exact] = [0] * self.setting.n
        served = set(takers)
        for buyer, answer in zip(buyers, answers, strict=True):
            if answer is YES:
                served.add(buyer)
                price = offer.prices[buyer] - self.eps2
                prices[buyer] += price
                prices[star] -= price
            else:
                prices[star] += offer.prices[buyer]
        owners = tuple(owner if owner in served else NOBODY for owner in offer.owners)
        return Outcome(owners, tuple(prices))

    def charge(
        self, star: int, declaration: Declaration, second: Exact, revenue: Prices, present: tuple[int, ...]
    ) -> Position:
        """Step g (whatever the answers): the star pays R' - n·eps2, and everybody i is rewarded with
        eps2·(1 - 1/(1 + R_i)), R_i being the revenue he announced."""
        eps2 = self.eps2
        prices: list[Exact] = [eps2 / (1 + announced) - eps2 for announced in revenue]
        prices[star] += second - self.setting.n * eps2
        sell = Then(self.sell, star, declaration.coalition, declaration.outcome, present)
        return Pay(tuple(prices), sell)

    @staticmethod
    def declared(announced: Declared, player: int) -> Declaration:
        """The declaration of a player who did not opt out."""
        one = announced[player]
        assert isinstance(one, Declaration)
        return one

    @staticmethod
    def names(announced: Declared, player: int, other: int) -> bool:
        """Whether `player` names `other`."""
        one = announced[player]
        return isinstance(one, Declaration) and other in one.coalition

    def comment(self, position: Position) -> str:
        if not isinstance(position, Chance):
            return ""
        if position.label == "coin c1":
            return "whoever is named names back, so nobody is fined"
        if position.label == "coin c2":
            star, declaration, second, *_ = position.branch("Tails").then.arguments
            revenue = written(declaration.outcome.revenue)
            return (
                f"the star is {self.setting.players[star]}, whose outcome has the revenue {revenue}; "
                f"the star owes R' = {written(second)} if he is to sell"
            )
        return ""
