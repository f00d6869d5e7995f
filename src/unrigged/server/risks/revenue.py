"""What is at stake in the mechanisms that raise almost all revenue from players who know each other's values."""

from __future__ import annotations

from fractions import Fraction

from unrigged.exact import Exact, total
from unrigged.mechanisms.perfect_revenue import PerfectRevenue
from unrigged.mechanisms.surviving import Surviving
from unrigged.moves.answer import YesNo
from unrigged.moves.openings import OpeningSpace
from unrigged.moves.profiles import ProfileSpace
from unrigged.moves.raises import RaiseSpace
from unrigged.outcome import Outcome
from unrigged.server.risks.base import Announced, Most, Own, Risk, Silence, Stakes, everyone, greatest, said, w
from unrigged.setting import NULL_STATE


class Perfect(Risk[PerfectRevenue]):
    """Player 1 proposes, the others raise prices; who raised a price last pays twice that price where it is refused."""

    def stakes(self, mechanism: PerfectRevenue) -> Stakes:
        names, n, eps, cap = mechanism.setting.players, mechanism.setting.n, mechanism.eps, mechanism.limit
        first, others = names[0], tuple(range(1, n))
        rare = f"with a probability below {w(eps)}, although you said NO, you can have to pay it all the same"
        answer = (
            f"If all agree you pay your price in the end, to which the others can add, less {w(eps)}. You can say NO; "
            f"but {rare}."
        )
        limit = "" if cap is not None else " There is no limit to the prices that others can announce."
        forced = None if cap is None else (n - 1) * cap - self._discount(mechanism)
        fined = None if cap is None else 2 * (n * cap + (n - 2) * (n - 1) * cap)
        opened = None if cap is None else greatest(n, 2 * (n - 1)) * cap
        house = None if cap is None else (2 * n * eps + (n - 1) ** 2 * eps) * cap + self._extra(mechanism) * n
        return Stakes(
            (
                Silence(
                    "open",
                    first,
                    "the first state at prices 0, so that nothing is done and nobody pays",
                    "Everybody who would have gained from a proposal.",
                ),
                Silence("raise i", "anybody else", "no raise", "Nobody but whoever is silent: he misses a reward."),
                Silence(
                    "answer i",
                    "whoever is asked his price p",
                    "NO",
                    f"Whoever raised his price last, or {first} if nobody did: he pays 2·p with probability "
                    f"{w(1 - eps)}. Everybody: hardly ever is anything done then.",
                ),
            ),
            (
                Most(
                    f"{first}, who proposes",
                    "For everybody whose price stays as you proposed it and who says NO, you pay twice that price. "
                    f"{answer}{limit}",
                    opened,
                    False,
                    (0,),
                ),
                Most(
                    "Whoever raises a price",
                    "If yours is the last raise of a price, and it is refused, you pay twice that price. "
                    f"{answer}{limit}",
                    fined,
                    False,
                    others,
                ),
                Most(
                    f"Whoever but {first} says nothing",
                    f"You can say NO to any price; but {rare}, less {w(eps)}.{limit}",
                    forced,
                    cap is not None,
                    others,
                    silent=True,
                ),
                Most(
                    f"{first}, if he says nothing", "You pay nothing, and nothing is done.", 0, True, (0,), silent=True
                ),
            ),
            Most(
                "the house",
                f"Where a proposal is refused and nothing is done, it has paid the rewards: at most {w(2 * eps)} of "
                f"the proposed revenue and {w(eps)} of all raises.",
                house,
            ),
        )

    def _extra(self, mechanism: PerfectRevenue) -> Exact:
        return mechanism.eps if mechanism.extra_discount == "yes" else 0

    def _discount(self, mechanism: PerfectRevenue) -> Exact:
        return mechanism.eps + self._extra(mechanism)

    def paid(self, mechanism: PerfectRevenue, player: int, own: Own) -> Exact:
        extra, answered = self._extra(mechanism), said(own, YesNo)
        asked: Exact | None = None if answered is None else answered[0].proposal.prices[player]
        opened, raised = said(own, OpeningSpace), said(own, RaiseSpace)
        if opened is not None:
            opening: Outcome = opened[1]
            if opening.revenue == 0:
                return 0
            fines = 2 * sum(opening.prices[1:])
            price = opening.prices[0] if asked is None else asked
            return greatest(price - mechanism.eps, fines) - self._opening_reward(mechanism, opening) - extra
        if raised is None:
            return 0
        space, raises = raised
        fines = 2 * total(space.proposal.prices[j] + by for j, by in enumerate(raises) if by)
        reward = total(rate * by for rate, by in zip(mechanism.e[player - 1], raises, strict=True))
        return greatest((asked or 0) - mechanism.eps, fines, 0) - reward - extra

    def _opening_reward(self, mechanism: PerfectRevenue, opening: Outcome) -> Exact:
        place = Fraction(mechanism.rank(opening)) / mechanism.count(opening.revenue)
        return 2 * mechanism.eps * opening.revenue - mechanism.eps * place

    def owed(self, mechanism: PerfectRevenue, announced: Announced) -> Exact:
        most: Exact = 0
        for player, space, move in announced:
            if isinstance(space, OpeningSpace) and move.revenue:
                most += self._opening_reward(mechanism, move) + self._extra(mechanism) * mechanism.setting.n
            elif isinstance(space, RaiseSpace):
                most += sum(rate * by for rate, by in zip(mechanism.e[player - 1], move, strict=True))
        return most


class Survive(Risk[Surviving]):
    """Everybody says what he knows; who is best informed about somebody pays the price that he refuses."""

    def stakes(self, mechanism: Surviving) -> Stakes:
        n, eps1, value = mechanism.setting.n, mechanism.eps1, mechanism.greatest
        rarely = eps1 / (value + 1)
        forced = value - eps1 - eps1 * (2 - Fraction(1, 1 + value))
        answer = (
            f"If all agree you pay your price p, less {w(eps1)}. You can say NO; but with a probability below "
            f"{w(rarely)} you can have to pay it all the same."
        )
        return Stakes(
            (
                Silence(
                    "announce",
                    "anybody",
                    "that the others value nothing",
                    "Nobody but whoever is silent: he misses a reward of less than " + w(eps1) + ".",
                ),
                Silence("raise", "anybody", "no raise", "Nobody but whoever is silent, in the same way."),
                Silence(
                    "answer",
                    "whoever is asked his price p",
                    "NO",
                    f"Whoever is best informed about him: he pays p with probability {w(1 - rarely)}. Everybody: "
                    "hardly ever is anything done then.",
                ),
            ),
            (
                Most(
                    "Whoever announces or raises what others would pay",
                    f"If you are found best informed about somebody, and he says NO, you pay his price. {answer}",
                    (n - 1) * value - eps1,
                    False,
                    everyone(mechanism),
                ),
                Most(
                    "Whoever says nothing", answer, greatest(forced, -eps1), value > 0, everyone(mechanism), silent=True
                ),
            ),
            Most(
                "the house", "If nobody says anything, it pays everybody a discount and a reward.", 2 * n * eps1, True
            ),
        )

    def paid(self, mechanism: Surviving, player: int, own: Own) -> Exact:
        announced, raised, answered = said(own, ProfileSpace), said(own, RaiseSpace), said(own, YesNo)
        assert announced is not None
        assert raised is not None
        space, raises = raised
        state = space.proposal.result
        fines, contributed = Fraction(0), Fraction(0)
        for other in mechanism.setting.everyone:
            if other == player:
                continue
            known = 0 if state == NULL_STATE else announced[1][other][state]
            contributed += Fraction(raises[other], 2) + known
            fines += space.proposal.prices[other] + raises[other] if raises[other] else known
        price = 0 if answered is None else answered[0].proposal.prices[player]
        falls = mechanism.eps1 * (2 - Fraction(1) / (1 + contributed + price))
        return greatest(price - mechanism.eps1, fines, 0) - falls
