"""Claims on colluders in VCG and in the second-price auction of one good.

Source: Ausubel and Milgrom, The lovely but lonely Vickrey auction (2006); Chen, Hassidim and Micali 2010 (paper 001),
footnote 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product

from unrigged.claims.base import Claim, Evidence, Scope, Watch, build
from unrigged.claims.counterexample import Counterexample, Figure, Relation, scripted
from unrigged.claims.vcg.reports import auctions, concluded, only_everything, reported, tables, welfare
from unrigged.context import Coalition, Context
from unrigged.exact import Exact
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.setting import Setting, auction
from unrigged.strategies.base import Profile
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import Additive, Type
from unrigged.verdict import Verdict, fails, holds

TWO: Coalition = (0, 1)
"""The first two players: the colluders, or the two names of one bidder."""

AUSUBEL_MILGROM = Claim(
    "vcg.ausubel-milgrom",
    source="sheet vcg; Ausubel and Milgrom 2006; paper 001, footnote 2; paper 003, section 1",
    wording="in VCG two bidders who value the goods little can, by bidding high on single goods, win everything for "
    "nothing: welfare and revenue fall to (almost) 0",
)


def _little(setting: Setting) -> tuple[Additive, ...]:
    """Valuations of 0 or 1 for every single good."""
    goods = setting.need_goods("a valuation")
    return tuple(Additive(goods, dict(zip(goods, row, strict=True))) for row in product((0, 1), repeat=len(goods)))


def _for_nothing(outcome: Outcome) -> bool:
    """Whether the first two get all goods and pay nothing."""
    return set(outcome.owners) <= set(TWO) and outcome.prices[0] == outcome.prices[1] == 0


def _dealt(setting: Setting, types: Sequence[Type]) -> tuple[Mechanism, Context, Profile]:
    """The play in which the first two deal the goods out and bid very high on each; the others report the truth."""
    mechanism = build("vcg", setting)
    context = Context(setting, tuple(types), (), (TWO,))
    return mechanism, context, rational_profile(mechanism, context, reading="ausubel-milgrom")


@AUSUBEL_MILGROM.reading(
    quick=Scope(players=3, goods=2, values=(5, 6)),
    standard=Scope(players=4, goods=3, values=(7, 9)),
)
def two_take_everything(scope: Scope, watch: Watch) -> Verdict:
    """The others want nothing but all goods together, for values of the range; two players to whom every good is worth
    0 or 1 deal the goods out and bid very high on each. They win everything, nobody pays, and of the welfare only what
    the goods are worth to them remains, which is no more than the number of goods."""
    contexts = 0
    left = Fraction(0)
    for setting in auctions(scope, fewest=3, fewest_goods=2):
        goods = setting.need_goods("a valuation")
        little = _little(setting)
        wanted = [only_everything(goods, value) for value in scope.every_value]
        for types in product(little, little, *[wanted] * (setting.n - 2)):
            watch.step("contexts", contexts)
            contexts += 1
            mechanism, context, profile = _dealt(setting, types)
            outcome = outcomes(mechanism, profile).plays[0].outcome
            if not _for_nothing(outcome) or outcome.revenue != 0:
                return _pays_after_all(mechanism, context, profile, outcome)
            before, after = welfare(types, concluded(mechanism, types)), welfare(types, outcome)
            left = max(left, Fraction(after) / before)
    figures: dict[str, Exact] = {"greatest share of the welfare that remains": left}
    return holds("the two win everything for nothing in every context of the range",
                 evidence=Evidence({"contexts": contexts}, figures=figures))  # fmt: skip


def _pays_after_all(mechanism: Mechanism, context: Context, profile: Profile, outcome: Outcome) -> Verdict:
    case = {"play": scripted(mechanism, context, profile, "the two bid high on single goods")}
    price = outcome.prices[0] + outcome.prices[1]
    if price:
        relation = Relation(Figure("play", "price", TWO), ">" if price > 0 else "<", 0)
        why = f"the two bid high on single goods and pay {price}"
    else:
        relation = Relation(Figure("play", "revenue"), "=", outcome.revenue)
        why = "the two bid high on single goods and do not win everything for nothing"
    return fails(why, counterexample=Counterexample(case, (relation,)))


@AUSUBEL_MILGROM.reading(
    "whatever the others want",
    quick=Scope(players=3, goods=2, values=(0, 1)),
    standard=Scope(players=3, goods=2, values=(0, 3)),
)
def whatever_others_want(scope: Scope, watch: Watch) -> Verdict:
    """The same where the others have any values of the range for any sets of goods."""
    contexts = 0
    for setting in auctions(scope, fewest=3, fewest_goods=2):
        rest = [tables(setting, scope.every_value)] * (setting.n - 2)
        for types in product(_little(setting), _little(setting), *rest):
            watch.step("contexts", contexts)
            contexts += 1
            mechanism, context, profile = _dealt(setting, types)
            outcome = outcomes(mechanism, profile).plays[0].outcome
            if not _for_nothing(outcome):
                return _pays_after_all(mechanism, context, profile, outcome)
    return holds("the two win everything for nothing", evidence=Evidence({"contexts": contexts}))


SHILL = Claim(
    "vcg.shill",
    source="sheet vcg; Ausubel and Milgrom 2006",
    wording="in VCG one bidder who takes part under two names can do the same: win everything for nothing",
)


@SHILL.reading(
    quick=Scope(players=2, goods=2, values=(3, 4)),
    standard=Scope(players=3, goods=3, values=(7, 10)),
)
def under_two_names(scope: Scope, watch: Watch) -> Verdict:
    """A bidder to whom every good is worth 0, 1 or 2 competes with others who want nothing but all goods together, for
    values of the range that are more than he would enjoy. Under two names, between which he deals the goods out with
    very high bids, he gets all goods for nothing, nobody pays, and he gains all that they are worth to him; under his
    own name and truthfully he gains nothing, the goods going to somebody else."""
    contexts = 0
    for single in auctions(scope, fewest=2, fewest_goods=2):
        goods = single.need_goods("a valuation")
        double = auction((single.players[0], f"{single.players[0]} again", *single.players[1:]), goods)
        alone, twice = build("vcg", single), build("vcg", double)
        wanted = [only_everything(goods, value) for value in scope.every_value]
        for row, rivals in product(product(range(3), repeat=len(goods)), product(wanted, repeat=single.n - 1)):
            watch.step("contexts", contexts)
            if sum(row) >= min(rival.value(goods.everything) for rival in rivals):
                continue
            contexts += 1
            own = Additive(goods, dict(zip(goods, row, strict=True)))
            high = 1 + sum(int(rival.value(goods.everything)) for rival in rivals)
            shares = [Additive(goods, {g: high for k, g in enumerate(goods) if k % 2 == name}) for name in TWO]
            honest, shill = concluded(alone, (own, *rivals)), concluded(twice, (*shares, *rivals))
            if 0 in honest.owners or not _for_nothing(shill) or shill.revenue != 0:
                types = (own, own, *rivals)
                case = {"two names": reported(twice, types, (*shares, *rivals), "one bidder under two names", (TWO,))}
                paid = Relation(Figure("two names", "revenue"), "=", shill.revenue)
                return fails("under two names he does not get everything for nothing, or alone he would have",
                             counterexample=Counterexample(case, (paid,)))  # fmt: skip
    return holds("under two names he gets everything for nothing in every context of the range",
                 evidence=Evidence({"contexts": contexts}))  # fmt: skip


PAIR = Claim(
    "second-price.pair",
    source="paper 001, footnote 2",
    wording="in the second-price auction, if the two highest bidders collude, revenue falls from the second highest to "
    "the third highest value",
)


def _pairs(
    scope: Scope,
    watch: Watch,
    every: bool,
    fits: Callable[[Sequence[int], int], bool] = lambda values, third: True,
    name: str = "second-price",
) -> Verdict:
    """Whether the revenue falls to the third highest value when two of the highest values play as a ring, or make any
    joint bid that is best for them whatever the others bid."""
    counts = {"contexts": 0, "joint bids played": 0}
    for n in range(2, scope.players + 1):
        setting = auction(scope.names[:n], ["the good"])
        mechanism, ringed = build(name, setting), build("second-price", setting)
        bids = range(scope.announcements + 1)
        after = {made: concluded(mechanism, made) for made in product(bids, repeat=n)}
        dominant = {
            (pair, both): _dominant(after, pair, both, n, bids)
            for pair in combinations(range(n), 2)
            for both in product(scope.every_value, repeat=2)
        }
        for values, (one, other) in product(product(scope.every_value, repeat=n), combinations(range(n), 2)):
            watch.step("contexts", counts["contexts"])
            third = max((value for i, value in enumerate(values) if i not in (one, other)), default=0)
            if third > min(values[one], values[other]) or not fits(values, third):
                continue
            counts["contexts"] += 1
            joint = dominant[(one, other), (values[one], values[other])]
            ring = _ring(ringed, values, (one, other))
            played = joint if every else [ring]
            found = _exception(mechanism, after, values, (one, other), played, third)
            if found is not None:
                return found
            if ring not in joint:
                return fails("the bids of the ring are not weakly dominant for the two")
            counts["joint bids played"] += len(played)
    return holds("with the two colluding the revenue is the third highest value", evidence=Evidence(counts))


@PAIR.reading(
    quick=Scope(players=3, values=(0, 2), announcements=3),
    standard=Scope(players=4, values=(0, 4), announcements=5),
)
def pair_lowers_revenue(scope: Scope, watch: Watch) -> Verdict:
    """For every two players of highest values who play as a ring (he of the higher value bids it, the other 0), the
    others bidding their values, the revenue is the third highest value (0 where there is no third player), and the
    second highest without collusion. The ring's bids are weakly dominant for the two, over all bids of the others."""
    return _pairs(scope, watch, every=False)


@PAIR.reading(
    "every best joint bid",
    quick=Scope(players=3, values=(0, 2), announcements=3),
    standard=Scope(players=4, values=(0, 4), announcements=5),
)
def pair_however(scope: Scope, watch: Watch) -> Verdict:
    """The same for every joint bid that is weakly dominant for the two. (Where a tie with the third highest bid would
    bring them nothing, they may as well bid less.)"""
    return _pairs(scope, watch, every=True)


@PAIR.reading(
    "every best joint bid, highest value above the third",
    repair="the highest value is above the third highest",
    quick=Scope(players=3, values=(0, 2), announcements=3),
    standard=Scope(players=4, values=(0, 4), announcements=5),
)
def pair_above(scope: Scope, watch: Watch) -> Verdict:
    """The same where some value is above the third highest."""
    return _pairs(scope, watch, every=True, fits=lambda values, third: max(values) > third)


@PAIR.reading(
    "first-price for comparison",
    quick=Scope(players=3, values=(0, 2), announcements=3),
    standard=Scope(players=3, values=(0, 4), announcements=5),
)
def pair_first_price(scope: Scope, watch: Watch) -> Verdict:
    """The same bids in the first-price auction: that bids of one's value bring the second highest value, and those of a
    ring the third, belongs to the second-price auction alone."""
    return _pairs(scope, watch, every=False, name="first-price")


def _with(values: Sequence[int], pair: Coalition, joint: Sequence[int]) -> tuple[int, ...]:
    made = list(values)
    for player, bid in zip(pair, joint, strict=True):
        made[player] = bid
    return tuple(made)


def _dominant(
    after: dict[tuple[int, ...], Outcome], pair: Coalition, both: Sequence[int], n: int, bids: range
) -> list[tuple[int, ...]]:
    """The joint bids that are best for the two against all bids of the others."""
    worth = dict(zip(pair, both, strict=True))
    best = set(product(bids, repeat=2))
    for rest in _others(n, pair, bids):
        joint_utility: dict[tuple[int, ...], Exact] = {}
        for joint in product(bids, repeat=2):
            outcome = after[_with(rest, pair, joint)]
            joint_utility[joint] = worth.get(outcome.owners[0], 0) - sum(outcome.prices[i] for i in pair)
        most = max(joint_utility.values())
        best &= {joint for joint, utility in joint_utility.items() if utility == most}
    return sorted(best)


def _others(n: int, pair: Coalition, bids: range) -> Iterator[tuple[int, ...]]:
    """Bids of everybody, those of the `pair` being 0."""
    return product(*((0,) if i in pair else bids for i in range(n)))


def _ring(mechanism: Mechanism, values: Sequence[int], pair: Coalition) -> tuple[int, ...]:
    """What the two bid when they play as a ring."""
    setting = mechanism.setting
    context = Context(setting, _types(setting, values), (), (pair,))
    play = outcomes(mechanism, rational_profile(mechanism, context, reading="ring")).plays[0]
    return tuple(move for player, move in play.history[0].moves if player in pair)


def _types(setting: Setting, values: Sequence[int]) -> tuple[Additive, ...]:
    goods = setting.need_goods("a valuation")
    return tuple(Additive(goods, dict.fromkeys(goods, value)) for value in values)


def _exception(
    mechanism: Mechanism,
    after: dict[tuple[int, ...], Outcome],
    values: tuple[int, ...],
    pair: Coalition,
    plays: Sequence[tuple[int, ...]],
    third: int,
) -> Verdict | None:
    """A play of the pair that brings another revenue than the third highest value, if there is one."""
    types = _types(mechanism.setting, values)
    second = min(values[i] for i in pair)
    if after[values].revenue != second:
        case = {"play": reported(mechanism, types, values, "all bid their values")}
        relation = Relation(Figure("play", "revenue"), "!=", second)
        return fails("without collusion the revenue is not the second highest value",
                     counterexample=Counterexample(case, (relation,)))  # fmt: skip
    for joint in plays:
        made = _with(values, pair, joint)
        if after[made].revenue != third:
            case = {"play": reported(mechanism, types, made, "the two highest collude", (pair,))}
            relation = Relation(Figure("play", "revenue"), "!=", third)
            return fails("the two collude as is best for them, and the revenue is not the third highest value",
                         counterexample=Counterexample(case, (relation,)))  # fmt: skip
    return None
