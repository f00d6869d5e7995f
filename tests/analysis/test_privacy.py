"""Privacy and communication: rational plays compared, candidates counted, bits added up, each beside a slow recount."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import pytest

from unrigged.analysis.communication import at_play, most_bits, sent
from unrigged.analysis.games import Tree, unfold
from unrigged.analysis.privacy import (
    Compared,
    Consistent,
    NoMainNode,
    ToldApart,
    consistent,
    full_privacy,
    result_only,
)
from unrigged.context import Context
from unrigged.errors import InputError
from unrigged.mechanisms import VCG, BestBelief, Market, PerfectRevenue, SecondPrice
from unrigged.mechanisms.base import Mechanism
from unrigged.mechanisms.single_good import SingleGood
from unrigged.outcome import Outcome
from unrigged.play import outcomes
from unrigged.protocol import Position
from unrigged.setting import Setting, auction, choice, market
from unrigged.strategies.base import Mixed, Profile, Silent
from unrigged.strategies.registry import rational_profile
from unrigged.valuations import Additive, StateValues

PAIR = ("ann", "bob")
VASE = auction(PAIR, ["vase"])
STATES = choice(PAIR, ["park", "pool"])


def sealed(setting: Setting, values: Iterable[int], *coalitions: tuple[int, ...]) -> Context:
    assert setting.goods is not None
    goods = setting.goods
    return Context(setting, tuple(Additive(goods, dict.fromkeys(goods, value)) for value in values), (), coalitions)


def all_sealed(setting: Setting, top: int) -> Iterator[Context]:
    return (sealed(setting, values) for values in product(range(top + 1), repeat=setting.n))


def all_states(top: int) -> Iterator[Context]:
    assert STATES.states is not None
    for row in product(range(top + 1), repeat=4):
        yield Context(STATES, tuple(StateValues(STATES.states, row[i : i + 2]) for i in (0, 2)))


class Rational:
    """The rational play the papers name, one in every context."""

    def __init__(self, mechanism: Mechanism) -> None:
        self.mechanism = mechanism

    def __call__(self, context: Context) -> list[Profile]:
        return [rational_profile(self.mechanism, context)]


@dataclass(frozen=True)
class Tell(SingleGood):
    """Everybody is charged what he bids, and gets nothing: the outcome is the transcript."""

    name = "tell"

    def sell(self, bids: tuple[int, ...]) -> Position:
        return Outcome((-1,), bids)


@pytest.mark.parametrize("mechanism", [SecondPrice(VASE), VCG(VASE)])
def test_sealed_bids_tell_more_than_the_outcome(mechanism: Mechanism) -> None:
    plays = Rational(mechanism)
    verdict = full_privacy(mechanism, all_sealed(VASE, 2), plays)
    assert verdict.status == "fails"
    apart = verdict.counterexample
    assert isinstance(apart, ToldApart)
    one, other = (outcomes(mechanism, plays(play.context)[0]).plays[0] for play in (apart.first, apart.second))
    assert one.outcome == other.outcome
    assert one.history != other.history


def test_a_transcript_that_is_the_outcome_tells_nothing_more() -> None:
    mechanism = Tell(VASE)
    bids = SecondPrice(VASE)

    def plays(context: Context) -> list[Profile]:
        return [rational_profile(bids, context)]

    verdict = full_privacy(mechanism, all_sealed(VASE, 2), plays)
    assert verdict.status == "holds"
    assert verdict.evidence == Compared(contexts=9, plays=9, outcomes=9, histories=9)
    assert full_privacy(mechanism, all_sealed(VASE, 2), plays, known=result_only).status == "fails"


def test_perfect_revenue_in_every_small_context() -> None:
    mechanism = PerfectRevenue(STATES)
    verdict = full_privacy(mechanism, all_states(1), Rational(mechanism))
    assert verdict.status == "holds"
    assert verdict.evidence.contexts == 16
    assert verdict.evidence.outcomes == verdict.evidence.histories


def test_market_by_its_main_node() -> None:
    setting = market(PAIR, {"ann": ["hut"]}, 2)
    mechanism = Market(setting)
    least = 1 - mechanism.delta
    contexts = [sealed(setting, values) for values in product((-1, 0, 1), repeat=2)]
    verdict = full_privacy(mechanism, contexts, Rational(mechanism), main=least)
    assert verdict.status == "holds"
    assert 1 < verdict.evidence.outcomes < 9
    exact = full_privacy(mechanism, contexts, Rational(mechanism))
    assert isinstance(exact.counterexample, NoMainNode)
    assert exact.counterexample.likeliest == least


def test_coins_compare_by_distribution() -> None:
    mechanism = BestBelief(VASE)
    contexts = list(all_sealed(VASE, 1))
    assert isinstance(full_privacy(mechanism, contexts, Rational(mechanism)).counterexample, NoMainNode)
    verdict = full_privacy(mechanism, contexts, Rational(mechanism), main=None)
    keys: dict[frozenset[object], set[frozenset[object]]] = {}
    for context in contexts:
        found = outcomes(mechanism, rational_profile(mechanism, context))
        histories = frozenset((play.history, play.probability) for play in found.plays)
        keys.setdefault(frozenset(found.outcomes), set()).add(histories)
    assert (verdict.status == "holds") == all(len(seen) == 1 for seen in keys.values())


def test_a_mixture_that_always_moves_alike_has_a_main_node() -> None:
    mechanism = SecondPrice(VASE)
    twice = Mixed(((Fraction(1, 2), Silent()), (Fraction(1, 2), Silent())))

    def plays(context: Context) -> list[Profile]:
        return [{(0,): twice, (1,): Silent()}]

    assert full_privacy(mechanism, [sealed(VASE, (1, 1))], plays).status == "holds"


def test_wrong_questions_are_refused() -> None:
    mechanism = SecondPrice(VASE)
    with pytest.raises(InputError, match="no rational play"):
        full_privacy(mechanism, [], Rational(mechanism))
    with pytest.raises(InputError, match="probability > 1/2"):
        full_privacy(mechanism, all_sealed(VASE, 1), Rational(mechanism), main=Fraction(1, 2))
    with pytest.raises(InputError, match="another setting"):
        full_privacy(mechanism, [sealed(auction(PAIR, ["urn"]), (1, 1))], Rational(mechanism))


@pytest.mark.parametrize("values", [(0, 0), (2, 1), (1, 2)])
def test_candidates_are_counted(values: tuple[int, int]) -> None:
    mechanism = SecondPrice(VASE)
    play = outcomes(mechanism, rational_profile(mechanism, sealed(VASE, values))).plays[0]
    found = consistent(mechanism, all_sealed(VASE, 2), Rational(mechanism), play.history)
    winner, price = (0, values[1]) if values[0] >= values[1] else (1, values[0])
    alike = [
        (ann, bob) for ann in range(3) for bob in range(3)
        if (0 if ann >= bob else 1) == winner and (bob, ann)[winner] == price
    ]  # fmt: skip
    assert found == Consistent(outcome=len(alike), transcript=1)


def test_types_count_once_whoever_colludes() -> None:
    mechanism = SecondPrice(VASE)
    contexts = [sealed(VASE, (1, 0)), sealed(VASE, (1, 0), (0, 1))]
    play = outcomes(mechanism, rational_profile(mechanism, contexts[0])).plays[0]
    assert consistent(mechanism, contexts, Rational(mechanism), play.history) == Consistent(1, 1)


def test_bits_along_a_history_add_up_to_what_play_counts() -> None:
    for mechanism in (SecondPrice(VASE), BestBelief(VASE), VCG(VASE)):
        for context in all_sealed(VASE, 2):
            for play in outcomes(mechanism, rational_profile(mechanism, context)).plays:
                found = sent(mechanism, play.history)
                assert found.total == play.bits
                assert sum(found.moves) == sum(len(event.moves) for event in play.history)


def test_bits_of_a_history_that_does_not_fit() -> None:
    mechanism = SecondPrice(VASE)
    play = outcomes(mechanism, rational_profile(mechanism, sealed(VASE, (1, 0)))).plays[0]
    with pytest.raises(InputError):
        sent(BestBelief(VASE), play.history)
    with pytest.raises(InputError):
        sent(mechanism, play.history * 2)


def test_communication_at_rational_play() -> None:
    mechanism = BestBelief(VASE)
    found = at_play(mechanism, (outcomes(mechanism, rational_profile(mechanism, c)) for c in all_sealed(VASE, 2)))
    totals, expected = [], []
    for context in all_sealed(VASE, 2):
        distribution = outcomes(mechanism, rational_profile(mechanism, context))
        totals += [play.bits for play in distribution.plays]
        expected.append(sum(play.bits * play.probability for play in distribution.plays))
    assert (found.largest, found.expected, found.histories) == (max(totals), max(expected), len(totals))
    assert sent(mechanism, found.history).total == found.largest
    assert sum(found.by_player) >= found.largest
    with pytest.raises(InputError, match="at least one distribution"):
        at_play(mechanism, [])


@pytest.mark.parametrize("mechanism", [SecondPrice(VASE), BestBelief(VASE), PerfectRevenue(STATES)])
def test_most_bits_of_a_game_against_every_history(mechanism: Mechanism) -> None:
    def longest(position: Position) -> int:
        if isinstance(position, Outcome):
            return 0
        if hasattr(position, "branches"):
            return max(longest(branch.then()) for branch in position.branches)
        if not hasattr(position, "actors"):
            return longest(position.then())
        return max(
            sum(space.bits(move) for (_, space), move in zip(position.actors, joint, strict=True))
            + longest(position.after(joint))
            for joint in product(*(space.grid(1) for _, space in position.actors))
        )

    assert most_bits(unfold(mechanism, 1)) == longest(mechanism.start())


def test_a_game_without_a_mechanism_has_no_bits() -> None:
    tree = Tree(PAIR)
    root = tree.decision("ann", {"left": tree.end(0, 0), "right": tree.end(1, 1)})
    with pytest.raises(InputError, match="made from a mechanism"):
        most_bits(tree.game(root).form)
