"""How colluders win together in VCG what none of them would win alone: each is the other's shield.

Source: Ausubel and Milgrom, The lovely but lonely Vickrey auction, 2006 (their two bidders without value for the rest);
the search for the best pair of bundles is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition
from unrigged.exact import Exact, total
from unrigged.moves.base import Move, MoveSpace
from unrigged.protocol import Decision, History
from unrigged.setting import NOBODY, Bundle, Goods
from unrigged.strategies.base import Individual
from unrigged.valuations import SingleMinded, Valuation
from unrigged.winners.model import Auction
from unrigged.winners.solve import winners

COMBINATIONS = 2000
"""At most that many combinations of bundles are compared; beyond, each member's least valuable bundles are left out."""


@dataclass(frozen=True)
class Shielding(Individual):
    """Each colluder bids very high on one bundle of his own, chosen together for the greatest joint utility.

    With the others' bids as high as they are known to be, a member who wins a bundle in VCG pays what the others could
    make of it *beside the bundles his mates win*: the mates' high bids keep away every rival who needs some of their
    goods too. Where no combination beats `otherwise` by what the colluders know, `otherwise` is played.
    """

    benchmarks: Benchmarks
    agent: Coalition
    otherwise: Individual

    def move(self, player: int, space: MoveSpace, decision: Decision, history: History) -> Move:
        chosen = self.plan
        if chosen is None:
            return self.otherwise.move(player, space, decision, history)
        wanted = chosen[self.agent.index(player)]
        return SingleMinded(self.goods, wanted, self.high if wanted else 0)

    @property
    def goods(self) -> Goods:
        """The goods for sale."""
        return self.benchmarks.context.setting.need_goods("a report")

    @cached_property
    def known(self) -> tuple[Valuation, ...]:
        """What the colluders know everybody's valuation to be at least; their own exactly."""
        lower = (
            self.benchmarks.context.coalition_lower(self.agent, i) for i in self.benchmarks.context.setting.everyone
        )
        return tuple(one for one in lower if isinstance(one, Valuation))

    @cached_property
    def high(self) -> Exact:
        """More than all the others together can make of the goods, as far as is known."""
        return self.others_welfare(self.goods.everything) + total(one.range()[1] for one in self.known) + 1

    @cached_property
    def plan(self) -> tuple[Bundle, ...] | None:
        """The bundle each member bids on (0 for none), None where the truth is as good."""
        best, gain = None, self.truthful_gain()
        for bundles in product(*self.choices()):
            taken = 0
            for bundle in bundles:
                if taken & bundle:
                    break
                taken |= bundle
            else:
                joint = self.joint_gain(bundles, taken)
                if joint > gain:
                    best, gain = bundles, joint
        return best

    def choices(self) -> list[list[Bundle]]:
        """The bundles each member considers: nothing, and those he bids for when truthful, most valuable first."""
        listed = []
        for player in self.agent:
            bids = sorted(self.known[player].atomic_bids() or (), key=lambda bid: -bid[1])
            listed.append([0, *dict.fromkeys(bundle for bundle, _ in bids)])
        while prod(map(len, listed)) > COMBINATIONS:
            max(listed, key=len).pop()
        return listed

    def joint_gain(self, bundles: tuple[Bundle, ...], taken: Bundle) -> Exact:
        """The members' joint utility when each wins his bundle: its value less what VCG charges for it."""
        everything = self.goods.everything
        rest = self.others_welfare(everything & ~taken)
        joint: Exact = 0
        for player, bundle in zip(self.agent, bundles, strict=True):
            if bundle:
                price = self.others_welfare(everything & ~(taken & ~bundle)) - rest
                joint += self.known[player].value(bundle) - price
        return joint

    def truthful_gain(self) -> Exact:
        """The members' joint utility when they report the truth."""
        best = winners(Auction(self.goods, self.known), limit=self.benchmarks.limit)
        joint: Exact = 0
        for player in self.agent:
            if best.bundles[player]:
                without = winners(
                    Auction(self.goods, self.known, excluded=frozenset({player})), limit=self.benchmarks.limit
                )
                joint += best.value - without.value
        return joint

    def others_welfare(self, available: Bundle) -> Exact:
        """The most that the outsiders can make of the `available` goods."""
        if available not in self._welfare:
            owners = [None if available >> good & 1 else frozenset({NOBODY}) for good in range(len(self.goods))]
            outsiders = Auction(self.goods, self.known, excluded=frozenset(self.agent)).restricted(owners)
            self._welfare[available] = winners(outsiders, limit=self.benchmarks.limit).value
        return self._welfare[available]

    @cached_property
    def _welfare(self) -> dict[Bundle, Exact]:
        return {}
