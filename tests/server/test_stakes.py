"""What pages say is at stake, compared with every play on small grids: no price exceeds what is said, and what is said
to happen does."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from unrigged.exact import Exact
from unrigged.mechanisms import ALL, BY_NAME, Mechanism
from unrigged.moves.answer import NO, YES, Answer
from unrigged.moves.base import MoveSpace
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, settle
from unrigged.server.stakes import owed, paid, stakes
from unrigged.setting import Setting, auction, choice, market

Moves = tuple[tuple[int, MoveSpace, object], ...]


def plays(mechanism: Mechanism, bound: int) -> Iterator[tuple[Moves, Outcome]]:
    """Every play whose numbers lie within the bound, coins of every side included."""

    def walk(position: object, paid_: object, made: Moves) -> Iterator[tuple[Moves, Outcome]]:
        position, before = settle(position, paid_)  # type: ignore[arg-type]
        if isinstance(position, Outcome):
            yield made, position
        elif isinstance(position, Chance):
            for branch in position.branches:
                yield from walk(branch.then(), before, made)
        else:
            assert isinstance(position, Decision)
            yield from choose(position, before, made, ())

    def choose(
        decision: Decision, before: object, made: Moves, chosen: tuple[object, ...]
    ) -> Iterator[tuple[Moves, Outcome]]:
        if len(chosen) == len(decision.actors):
            yield from walk(decision.after(chosen), before, made)
            return
        player, space = decision.actors[len(chosen)]
        listed = list(space.grid(bound))
        for move in listed if space.default in listed else [space.default, *listed]:
            yield from choose(decision, before, (*made, (player, space, move)), (*chosen, move))

    yield from walk(mechanism.start(), None, ())


def sampled(mechanism: Mechanism, scale: int, many: int, silent: int | None = None) -> Iterator[tuple[Moves, Outcome]]:
    """Random plays; the player `silent` never says anything. Unlikely sides of coins are as frequent as others."""
    rng = Random(f"{mechanism.name} {scale}")
    for _ in range(many):
        position, before = settle(mechanism.start())
        made: Moves = ()
        while not isinstance(position, Outcome):
            if isinstance(position, Chance):
                position, before = settle(rng.choice(position.branches).then(), before)
                continue
            chosen = []
            for player, space in position.actors:
                quiet = player == silent or rng.randrange(5) == 0
                move = space.default if quiet else space.sample(rng, rng.choice((1, scale)))
                made = (*made, (player, space, move))
                chosen.append(move)
            position, before = settle(position.after(chosen), before)
        yield made, position


def check(
    mechanism: Mechanism, found: Iterator[tuple[Moves, Outcome]]
) -> tuple[dict[tuple[int, bool], set[Exact]], Exact]:
    """No price exceeds what is said. Returns everybody's prices (by whether he was silent), and the most
    that the house paid."""
    said = stakes(mechanism)
    prices: dict[tuple[int, bool], set[Exact]] = {}
    house: Exact = -(10**9)
    for moves, outcome in found:
        for player in mechanism.setting.everyone:
            own = tuple((space, move) for actor, space, move in moves if actor == player)
            limit, price = paid(mechanism, player, own), outcome.prices[player]
            assert limit is None or price <= limit, (mechanism, own, price, limit)
            silent = all(move == space.default for space, move in own)
            rows = [each.most for each in said.pays if not each.players or player in each.players]
            if silent:
                rows = [each.most for each in said.pays if each.silent and player in each.players]
                assert rows, f"nothing is said of {player}, who is silent"
            if None not in rows:
                assert price <= max(rows), (mechanism, own, price, rows)
            prices.setdefault((player, silent), set()).add(price)
        pays = -outcome.revenue
        assert pays <= owed(mechanism, moves), (mechanism, moves, pays)
        assert said.house.most is None or pays <= said.house.most, (mechanism, moves, pays)
        house = max(house, pays)
    return prices, house


TWO, ONE = ("ann", "bob"), ["it"]
HALF = Fraction(1, 2)

SMALL: dict[str, tuple[Mechanism, int]] = {
    "best-belief": (BY_NAME["best-belief"](auction(TWO, ONE), eps=1), 2),
    "best-belief-normal": (BY_NAME["best-belief-normal"](auction(TWO, ONE), eps=HALF), 2),
    "best-belief-proportional": (
        BY_NAME["best-belief-proportional"](auction(TWO, ONE), eps=Fraction(99, 100), budget="each"),
        2,
    ),
    "best-belief-reserve": (
        BY_NAME["best-belief-reserve"].build(
            auction(TWO, ONE), {"eps": 1, "reserve": {"allocation": {"ann": ["it"]}, "prices": {"ann": 3}}}
        ),
        3,
    ),
    "best-belief-real": (BY_NAME["best-belief-real"](auction(TWO, ONE), eps=1), 2),
    "best-belief-decimal": (
        BY_NAME["best-belief-decimal"](auction(TWO, ONE), eps=1, step=Fraction(1, 4), unit="money"),
        1,
    ),
    "best-belief-or-vcg": (BY_NAME["best-belief-or-vcg"](auction(TWO, ONE)), 2),
    "independent": (BY_NAME["independent"](auction(TWO, ONE)), 2),
    "market": (BY_NAME["market"](market(TWO, {"ann": ONE}, 2)), 3),
    "market-fair": (BY_NAME["market-fair"](market(TWO, {"ann": ONE}, 2)), 3),
    "naive-1": (BY_NAME["naive-1"](market(TWO, {"ann": ONE}, 4)), 3),
    "naive-2": (BY_NAME["naive-2"](market(("ann", "bob", "cy"), {"ann": ONE}, 4)), 3),
    "naive-3": (BY_NAME["naive-3"](market(("ann", "bob", "cy"), {"ann": ONE}, 4)), 3),
    "naive-4": (BY_NAME["naive-4"](market(("ann", "bob", "cy"), {"ann": ONE}, 4)), 3),
    "perfect-revenue": (BY_NAME["perfect-revenue"](choice(TWO, ["a", "b"]), cap=3), 3),
    "hope-for-the-best": (BY_NAME["hope-for-the-best"](choice(TWO, ["a"], value_bound=3)), 2),
    "leveraging": (BY_NAME["leveraging"](auction(TWO, ONE)), 1),
    "second-price-package": (BY_NAME["second-price-package"](auction(TWO, ONE)), 3),
    "surviving": (BY_NAME["surviving"](choice(TWO, ["a"], value_bound=2)), 1),
    "vcg": (BY_NAME["vcg"](auction(TWO, ["left", "right"])), 1),
    "second-price": (BY_NAME["second-price"](auction(("ann", "bob", "cy"), ONE)), 3),
    "first-price": (BY_NAME["first-price"](auction(("ann", "bob", "cy"), ONE)), 3),
    "first-price-package": (BY_NAME["first-price-package"](auction(TWO, ["left", "right"])), 1),
}
"""Every mechanism on a grid that can be walked through, with a bound that holds all that its numbers can be."""


@pytest.mark.parametrize("name", [each.name for each in ALL])
def test_nobody_pays_more_than_is_said_in_any_play_and_what_is_said_to_happen_does(name: str) -> None:
    mechanism, bound = SMALL[name]
    prices, house = check(mechanism, plays(mechanism, bound))
    said = stakes(mechanism)
    for each in said.pays:
        if each.attained and name not in MIXTURES:
            found = [
                seen
                for (player, silent), seen in prices.items()
                if player in each.players and (silent or not each.silent)
            ]
            assert each.most in set().union(*found), (name, each)
    if said.house.attained:
        assert house == said.house.most, (name, said.house, house)


MIXTURES = ("best-belief-or-vcg", "independent")

BIG: dict[str, Setting] = {
    "goods": auction(("ann", "bob", "cy"), ["left", "right"]),
    "states": choice(("ann", "bob", "cy"), ["a", "b"], value_bound=8),
    "owned": market(("ann", "bob", "cy"), {"ann": ["left"], "cy": ["right"]}, 8),
}


@pytest.mark.parametrize("name", [each.name for each in ALL])
def test_nobody_pays_more_than_is_said_in_random_plays_of_three(name: str) -> None:
    kind = BY_NAME[name]
    domain = (
        "owned" if kind.requires.endowment else "states" if kind.requires.domain in ("states", "either") else "goods"
    )
    if name in ("second-price", "first-price"):
        mechanism: Mechanism = kind(auction(("ann", "bob", "cy"), ["it"]))
    else:
        mechanism = kind(BIG[domain])
    check(mechanism, sampled(mechanism, 7, 1500))
    prices, _ = check(mechanism, sampled(mechanism, 7, 1500, silent=1))
    assert (1, True) in prices


@pytest.mark.parametrize("pivot", ["leaves", "all"])
def test_vcg_between_owners_the_house_pays_at_most_the_reported_gain(pivot: str) -> None:
    mechanism = BY_NAME["vcg"](BIG["owned"], pivot=pivot)
    _, house = check(mechanism, sampled(mechanism, 7, 1500))
    assert (house > 0) == (pivot == "leaves")


@pytest.mark.parametrize("name", [each.name for each in ALL])
def test_every_decision_is_among_those_of_which_it_is_said_what_silence_means(name: str) -> None:
    mechanism, _ = SMALL[name]
    said = stakes(mechanism)
    labels = {one.label.split(": ")[-1].split(" ")[0] for one in said.silence}
    met = {decision.label.split(" ")[0] for decision in decisions(mechanism, 200)}
    assert met == labels
    assert all(one.hurts.endswith(".") and one.counts for one in said.silence)


def decisions(mechanism: Mechanism, many: int) -> Iterator[Decision]:
    """The decisions of random plays."""
    rng = Random(mechanism.name)
    for _ in range(many):
        position = settle(mechanism.start())[0]
        while not isinstance(position, Outcome):
            if isinstance(position, Chance):
                position = settle(rng.choice(position.branches).then())[0]
            else:
                yield position
                position = settle(position.after([space.sample(rng, 3) for _, space in position.actors]))[0]


def answered(decision: Decision, rng: Random, **which: Answer) -> Outcome:
    """The end after answers drawn by `rng` but those given, by player's name; a coin shows its first side."""
    names = decision.then.mechanism.setting.players
    moves = [which.get(names[player], space.sample(rng, 1)) for player, space in decision.actors]
    position = settle(decision.after(moves))[0]
    while isinstance(position, Chance):
        position = settle(position.branches[0].then())[0]
    assert isinstance(position, Outcome)
    return position


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("best-belief", lambda price, mechanism: price),
        ("best-belief-decimal", lambda price, mechanism: price),
        ("leveraging", lambda price, mechanism: 2 * price - mechanism.eps2),
    ],
)
def test_a_silence_at_an_offer_costs_whoever_made_it_exactly_what_is_said(name: str, more: Any) -> None:
    mechanism = BY_NAME[name](BIG["goods"])
    compared = 0
    for decision in decisions(mechanism, 400):
        if decision.label != "answer":
            continue
        star = decision.then.arguments[0]
        for player, space in decision.actors:
            who, price = mechanism.setting.players[player], space.proposal.prices[player]
            yes, no = (answered(decision, Random(7), **{who: answer}) for answer in (YES, NO))
            assert no.prices[star] - yes.prices[star] == more(price, mechanism)
            others = set(mechanism.setting.everyone) - {player, star}
            assert all(no.prices[other] == yes.prices[other] for other in others)
            compared += 1
    assert compared > 50


def test_a_silence_in_the_market_costs_the_proposer_exactly_what_is_said() -> None:
    mechanism = BY_NAME["market"](BIG["owned"])
    n, bound = 3, 8
    found = set()
    for decision in decisions(mechanism, 600):
        refused = {"bob": NO} if decision.label == "answer" else {}
        if decision.label == "answer alone":
            refused = {mechanism.setting.players[decision.actors[0][0]]: NO}
        if refused:
            rest = {"cy": YES} if decision.label == "answer" else {}
            found.add((decision.label, answered(decision, Random(1), **refused, **rest).prices[0]))
    eps, delta = mechanism.eps, mechanism.delta  # type: ignore[attr-defined]
    assert found == {
        ("answer", 2 * n * 2 * bound + (n - 1) * eps),
        ("answer alone", n**2 * bound / delta + (n - 1) * eps),
    }
