"""What is at stake where one player proposes an outcome, or all announce one: the markets."""

from __future__ import annotations

from unrigged.exact import Exact, total
from unrigged.mechanisms.market import Market
from unrigged.mechanisms.market_fair import MarketFair
from unrigged.mechanisms.naive_1 import Naive1
from unrigged.mechanisms.naive_2 import Naive2
from unrigged.mechanisms.naive_3 import Naive3
from unrigged.mechanisms.naive_4 import Naive4
from unrigged.mechanisms.proposing import Proposing
from unrigged.moves.answer import YES, YesNo
from unrigged.moves.proposals import BalancedProposal, MarketProposal
from unrigged.outcome import Outcome
from unrigged.server.risks.base import NOTHING, Most, Own, Risk, Silence, Stakes, everyone, greatest, said, w

STAYS = "Nobody pays, and everybody keeps what he owns"


class Coincidence(Risk[Naive1]):
    """What all announce takes effect."""

    def stakes(self, mechanism: Naive1) -> Stakes:
        all_ = everyone(mechanism)
        return Stakes(
            (
                Silence(
                    "announce",
                    "anybody",
                    "the announcement that everything stays as it is",
                    f"Everybody who would have gained: nothing is traded. {STAYS}.",
                ),
            ),
            (
                Most(
                    "Whoever announces an outcome",
                    "You pay at most your own price in it, and only if all announce the same.",
                    mechanism.bound - 1,
                    mechanism.setting.n > 1,
                    all_,
                ),
                Most("Whoever says nothing", "You pay nothing.", 0, True, all_, silent=True),
            ),
            NOTHING,
        )

    def paid(self, mechanism: Naive1, player: int, own: Own) -> Exact:
        made = said(own, BalancedProposal)
        assert made is not None
        return greatest(0, made[1].prices[player])


class Naive(Risk[Naive2 | Naive3 | Naive4]):
    """What one proposes takes effect if all agree, and in some of these mechanisms sometimes even if not."""

    def stakes(self, mechanism: Naive2 | Naive3 | Naive4) -> Stakes:
        n, eps, most = mechanism.setting.n, mechanism.eps, mechanism.bound - 1
        name = mechanism.setting.players[mechanism.proposer]
        yes, forced = greatest(0, most - eps), self._forced(mechanism)
        proposing = most + (n - 1) * eps
        fine = (
            " If somebody refuses you are fined 1, with probability " + w(1 - eps) + "."
            if self._fines(mechanism)
            else ""
        )
        refusing = "You pay nothing."
        if forced:
            refusing = (
                f"If others say YES you can have to pay the proposed price, less {w(eps)}, all the same, with a "
                f"probability below {w(self._chance(mechanism))}."
            )
        hurts = "Everybody who would have gained: the proposal fails"
        hurts += f", and {name} pays 1 with probability {w(1 - eps)}." if self._fines(mechanism) else "."
        return Stakes(
            (
                Silence(
                    "propose",
                    name,
                    "the proposal that everything stays as it is",
                    f"Everybody who would have gained. {STAYS}.",
                ),
                Silence("answer", "anybody else", "NO", hurts),
            ),
            (
                Most(
                    name,
                    f"You pay at most the price you propose for yourself, and {w((n - 1) * eps)} more.{fine}",
                    greatest(proposing, 1) if self._fines(mechanism) else proposing,
                    True,
                    (mechanism.proposer,),
                ),
                Most(
                    "Whoever says YES",
                    f"You pay at most the proposed price, less {w(eps)}.",
                    yes,
                    True,
                    mechanism.others,
                ),
                Most(
                    f"Whoever but {name} says NO or nothing",
                    refusing,
                    yes if forced else 0,
                    True,
                    mechanism.others,
                    silent=True,
                ),
                Most(f"{name}, if he says nothing", "You pay nothing.", 0, True, (mechanism.proposer,), silent=True),
            ),
            NOTHING,
        )

    def _fines(self, mechanism: Proposing) -> bool:
        return isinstance(mechanism, Naive4)

    def _forced(self, mechanism: Proposing) -> bool:
        """Whether a proposal that somebody refuses may take effect: it takes a YES besides his NO."""
        return not isinstance(mechanism, Naive2) and mechanism.setting.n > 2

    def _chance(self, mechanism: Naive2 | Naive3 | Naive4) -> Exact:
        return mechanism.eps if isinstance(mechanism, Naive3) else mechanism.eps / mechanism.bound

    def paid(self, mechanism: Naive2 | Naive3 | Naive4, player: int, own: Own) -> Exact:
        proposed, answered = said(own, BalancedProposal), said(own, YesNo)
        if proposed is not None:
            proposal: Outcome = proposed[1]
            if proposal == mechanism.stay:
                return 0
            made = proposal.prices[player] + (mechanism.setting.n - 1) * mechanism.eps
            return greatest(1 if self._fines(mechanism) else 0, made)
        if answered is None or (answered[1] is not YES and not self._forced(mechanism)):
            return 0
        return greatest(0, answered[0].proposal.prices[player] - mechanism.eps)


class Trade(Risk[Market]):
    """The market mechanism: heavy fines for proposing what is refused."""

    def stakes(self, mechanism: Market) -> Stakes:
        name = mechanism.setting.players[mechanism.proposer]
        return _market(mechanism, name, f"{name}, who proposes", name, (mechanism.proposer,), mechanism.others)

    def paid(self, mechanism: Market, player: int, own: Own) -> Exact:
        proposed = said(own, MarketProposal)
        if proposed is not None:
            return self._proposer(mechanism, proposed[1])
        answered = said(own, YesNo)
        if answered is None:
            return 0
        n, price = mechanism.setting.n, answered[0].proposal.prices[player]
        carried, gets = price - 2 * mechanism.eps, -mechanism.eps
        return greatest(carried, gets) if answered[1] is YES or n > 2 else gets

    def _proposer(self, mechanism: Market, proposal: Outcome) -> Exact:
        others = [proposal.prices[i] for i in mechanism.others]
        in_range = all(price.denominator == 1 and -mechanism.limit < price < mechanism.limit for price in others)
        if not in_range or total(proposal.prices) != 0:
            return 1
        if proposal == mechanism.stay:
            return 0
        carried = proposal.prices[mechanism.proposer] + 2 * mechanism.collected
        return greatest(_greatest_fine(mechanism), carried)


class FairTrade(Risk[MarketFair]):
    """The market mechanism with a proposer who is drawn."""

    def stakes(self, mechanism: MarketFair) -> Stakes:
        all_ = everyone(mechanism)
        return _market(
            mechanism.markets[0],
            "whoever is drawn to propose",
            "Whoever is drawn to propose",
            "whoever proposes",
            all_,
            all_,
        )

    def paid(self, mechanism: MarketFair, player: int, own: Own) -> Exact:
        proposed = said(own, MarketProposal)
        market = mechanism.markets[player if proposed is not None else (player + 1) % mechanism.setting.n]
        return Trade().paid(market, player, own)


def _greatest_fine(mechanism: Market) -> Exact:
    """What the proposer pays where the only one who is asked refuses: n²B/delta + (n-1)·eps."""
    return mechanism.setting.n**2 * mechanism.bound / mechanism.delta + mechanism.collected


def _market(
    mechanism: Market, silent: str, who: str, hurt: str, proposers: tuple[int, ...], others: tuple[int, ...]
) -> Stakes:
    n, bound, eps, delta = mechanism.setting.n, mechanism.bound, mechanism.eps, mechanism.delta
    most = mechanism.limit - 1 - 2 * eps
    rare = eps * (n - 2) / (n * bound)
    refusing = f"You receive {w(eps)}."
    if n > 2:
        refusing += (
            f" But if others say YES, then with a probability of at most {w(rare)} the proposal takes effect all the "
            f"same, and you pay the proposed price less {w(2 * eps)}."
        )
    everything = (
        "Unless it is proposed that everything stays as it is, all goods but those of one player are destroyed with "
        f"probability {w(delta)}."
    )
    return Stakes(
        (
            Silence(
                "propose",
                silent,
                "the proposal that everything stays as it is",
                f"Everybody who would have gained. {STAYS}.",
            ),
            Silence(
                "answer",
                "anybody else",
                "NO",
                f"{hurt}: with probability {w(1 - eps)} he pays a fine of {w(2 * n * bound)} "
                f"for each who has not said YES, himself included, and in any case {w(mechanism.collected)}. And "
                "everybody who would have gained: the proposal fails.",
            ),
            Silence(
                "answer alone",
                "the one who is asked",
                "NO",
                f"{hurt}: he pays {w(_greatest_fine(mechanism))}.",
            ),
        ),
        (
            Most(
                who,
                "If you propose that everything stays as it is, nothing. Otherwise up to "
                f"{w(2 * n * n * bound + mechanism.collected)} if somebody refuses, and up to "
                f"{w(_greatest_fine(mechanism))} if the coin (Tails, probability {w(delta)}) has only one asked and "
                f"he refuses; 1 if your prices do not sum to 0. {everything}",
                _greatest_fine(mechanism),
                True,
                proposers,
            ),
            Most(
                "Whoever says YES",
                f"You pay at most the proposed price, less {w(2 * eps)}. {everything}",
                most,
                True,
                others,
            ),
            Most(
                "Whoever says NO or nothing",
                f"{refusing} {everything}",
                most if n > 2 else 0,
                True,
                others,
                silent=True,
            ),
            Most(f"{who}, if he says nothing", "You pay nothing.", 0, True, proposers, silent=True),
        ),
        NOTHING,
    )
