"""What is at stake in the leveraging mechanism: fines for naming who does not name back, and the star's obligations."""

from __future__ import annotations

from fractions import Fraction

from unrigged.exact import Exact
from unrigged.mechanisms.leveraging import Leveraging
from unrigged.moves.answer import YES
from unrigged.moves.declarations import Declaration, DeclarationSpace, ReplySpace
from unrigged.server.risks.base import Announced, Most, Own, Risk, Silence, Stakes, everyone, greatest, said, w


class Leverage(Risk[Leveraging]):
    """The star owes what others announced, and pays for refusals; whoever names others in vain is fined."""

    def stakes(self, mechanism: Leveraging) -> Stakes:
        n, eps1, eps2 = mechanism.setting.n, mechanism.eps1, mechanism.eps2
        out = mechanism.optout == "explicit"
        counts = "opting out" if out else "being alone, no wish, and an outcome without goods and prices"
        owes = n * eps2
        named = (
            f"Whoever names him: for every such player he pays {w(eps1)} more than the largest revenue announced, and "
            "once more that sum to the house."
        )
        return Stakes(
            (
                Silence(
                    "announce", "anybody", counts, named + f" Whoever is silent misses a reward of less than {w(eps2)}."
                ),
                Silence(
                    "answer",
                    "whoever is asked a price p",
                    "NO",
                    f"The star: he pays p to the house instead of receiving p - {w(eps2)} from whoever is silent, who "
                    "goes without the goods.",
                ),
            ),
            (
                Most(
                    "Whoever names k others who do not all name him back",
                    f"You pay the largest revenue that anybody announces, plus {w(eps1)}, for each of those, and the "
                    "same once more to the house. There is no limit to what others announce: name nobody whom you do "
                    "not trust to name you.",
                ),
                Most(
                    "Whoever names nobody, or only who names him back",
                    "If you are the star and the coins say that you sell, you pay at most R' and the prices that are "
                    f"refused outside your coalition, less {w(owes)} and your reward, R' being the largest revenue "
                    "announced outside it, at most your own. If you answer, you pay the price you say YES to, less "
                    f"{w(eps2)}, and nothing if you say NO.",
                ),
                Most("Whoever says nothing", "You pay nothing.", 0, out, everyone(mechanism), silent=True),
            ),
            Most(
                "the house",
                f"It pays {w(owes)} to the star and rewards of less than {w(eps2)} each, in all less than "
                f"{w(2 * owes)}, where nobody outside the star's coalition announced any revenue, or the star was "
                "drawn at random.",
                2 * owes,
            ),
        )

    def paid(self, mechanism: Leveraging, player: int, own: Own) -> Exact | None:
        """As the base says: there is no limit where he has named somebody."""
        made = said(own, DeclarationSpace)
        if made is None or not isinstance(made[1], Declaration):
            return 0
        declaration = made[1]
        revenue, answered = declaration.outcome.revenue, said(own, ReplySpace)
        reward = mechanism.eps2 - mechanism.eps2 / (1 + revenue)
        if declaration.coalition != (player,):
            return None
        if answered is not None:
            price = answered[0].proposal.prices[player] - mechanism.eps2 if answered[1] is YES else 0
            return price - reward
        refused = declaration.outcome.revenue - declaration.outcome.prices[player]
        return greatest(0, revenue + refused - mechanism.setting.n * mechanism.eps2 - reward)

    def owed(self, mechanism: Leveraging, announced: Announced) -> Exact:
        made = [move for _, space, move in announced if isinstance(space, DeclarationSpace)]
        present = [move for move in made if isinstance(move, Declaration)]
        if not present:
            return 0
        rewards = sum(mechanism.eps2 * Fraction(1 - Fraction(1, 1 + one.outcome.revenue)) for one in present)
        return mechanism.setting.n * mechanism.eps2 + rewards
