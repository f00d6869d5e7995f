"""The leveraging mechanism, step by step against hand-computed outcomes and against the sheet recomputed slowly."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.errors import IllegalMove, InputError
from unrigged.mechanisms import Leveraging
from unrigged.moves.answer import NO, YES
from unrigged.moves.declarations import OUT, Declaration, DeclarationSpace, ReplySpace
from unrigged.outcome import Outcome
from unrigged.protocol import Chance, Decision, Event, Pay, replay, settle
from unrigged.setting import NOBODY, auction

ANN, BOB, CY = 0, 1, 2
SETTING = auction(["ann", "bob", "cy"], ["left", "right"])
NOTHING = (NOBODY, NOBODY)
EPS2 = Fraction(1, 100)
MECHANISM = Leveraging(SETTING, eps2=EPS2)
FINE = Fraction(1, 10)


def alone(
    player: int, owners: tuple[int, int] = NOTHING, prices: tuple[int, ...] = (0, 0, 0), wish: tuple[int, int] = NOTHING
) -> Declaration:
    return Declaration((player,), wish, Outcome(owners, prices))


def together(
    *players: int,
    owners: tuple[int, int] = NOTHING,
    prices: tuple[int, ...] = (0, 0, 0),
    wish: tuple[int, int] = NOTHING,
) -> Declaration:
    return Declaration(players, wish, Outcome(owners, prices))


def announced(ann: object, bob: object, cy: object) -> Event:
    return Event("announce", ((ANN, ann), (BOB, bob), (CY, cy)))


def coins(c1: str, c2: str, star: str = "") -> tuple[Event, ...]:
    drawn = [Event("star", side=star)] if star else []
    return (Event("coin c1", side=c1), *drawn, Event("coin c2", side=c2))


def reward(revenue: int) -> Fraction:
    return EPS2 * (1 - Fraction(1, 1 + revenue))


# Ann and Bob collude and sell to Cy, who knows of a smaller revenue.
COLLUDING = announced(
    together(ANN, BOB, owners=(BOB, CY), prices=(0, 4, 6), wish=(ANN, BOB)),
    together(ANN, BOB, owners=(CY, CY), prices=(0, 0, 3)),
    alone(CY, owners=(ANN, CY), prices=(2, 0, 5), wish=(CY, NOBODY)),
)


def test_c2_heads_grants_the_stars_wish() -> None:
    assert replay(MECHANISM, (COLLUDING, *coins("Tails", "Heads"))) == Outcome((ANN, BOB), (0, 0, 0))


def test_yes_pays_the_star_less_the_discount() -> None:
    history = (COLLUDING, *coins("Tails", "Tails"), Event("answer", ((CY, YES),)))
    star = 7 - 3 * EPS2 - (6 - EPS2) - reward(10)
    assert replay(MECHANISM, history) == Outcome((BOB, CY), (star, -reward(3), 6 - EPS2 - reward(7)))


def test_no_makes_the_star_pay_the_full_price() -> None:
    history = (COLLUDING, *coins("Tails", "Tails"), Event("answer", ((CY, NO),)))
    star = 7 - 3 * EPS2 + 6 - reward(10)
    assert replay(MECHANISM, history) == Outcome((BOB, NOBODY), (star, -reward(3), -reward(7)))


def test_c1_heads_draws_the_star_and_forgives_the_second_revenue() -> None:
    history = (COLLUDING, *coins("Heads", "Tails", star="cy"), Event("answer", ((ANN, YES),)))
    cy = -3 * EPS2 - (2 - EPS2) - reward(7)
    assert replay(MECHANISM, history) == Outcome((ANN, CY), (2 - EPS2 - reward(10), -reward(3), cy))
    history = (COLLUDING, *coins("Heads", "Heads", star="cy"))
    assert replay(MECHANISM, history) == Outcome((CY, NOBODY), (0, 0, 0))


def test_a_drawn_member_sells_by_his_own_outcome() -> None:
    history = (COLLUDING, *coins("Heads", "Tails", star="bob"), Event("answer", ((CY, YES),)))
    bob = -3 * EPS2 - (3 - EPS2) - reward(3)
    assert replay(MECHANISM, history) == Outcome((CY, CY), (-reward(10), bob, 3 - EPS2 - reward(7)))


def test_a_price_of_0_gives_for_nothing_without_asking() -> None:
    """Cy stands outside the star's coalition, at price 0; Bob is charged for nothing, and is asked."""
    event = announced(alone(ANN, owners=(CY, ANN), prices=(9, 1, 0)), alone(BOB), alone(CY))
    history = (event, *coins("Tails", "Tails"), Event("answer", ((BOB, YES),)))
    ann = -3 * EPS2 - (1 - EPS2) - reward(10)
    assert replay(MECHANISM, history) == Outcome((CY, ANN), (ann, 1 - EPS2, 0))


def test_nobody_is_asked_where_nobody_is_charged() -> None:
    event = announced(alone(ANN, owners=(BOB, ANN), prices=(2, 0, 0)), alone(BOB), alone(CY))
    assert replay(MECHANISM, (event, *coins("Tails", "Tails"))) == Outcome(
        (BOB, ANN), (-3 * EPS2 - reward(2), Fraction(0), Fraction(0))
    )


def test_ties_of_revenue_go_to_the_smallest_number_and_members_do_not_compete() -> None:
    event = announced(
        alone(ANN),
        together(BOB, CY, prices=(0, 5, 0), wish=(BOB, BOB)),
        together(BOB, CY, prices=(0, 5, 0), wish=(CY, CY)),
    )
    assert replay(MECHANISM, (event, *coins("Tails", "Heads"))) == Outcome((BOB, BOB), (0, 0, 0))
    assert replay(MECHANISM, (event, *coins("Tails", "Tails"))) == Outcome(
        NOTHING, (Fraction(0), -3 * EPS2 - reward(5), -reward(5))
    )


def test_naming_who_does_not_name_back_is_fined_and_ends_the_auction() -> None:
    event = announced(together(ANN, BOB, CY), alone(BOB, prices=(0, 0, 4)), together(BOB, CY))
    fine = 4 + FINE
    assert replay(MECHANISM, (event,)) == Outcome(NOTHING, (3 * fine, -2 * fine, fine))


def test_both_may_be_fined() -> None:
    """Ann names Bob, Bob names Cy, Cy names Ann: each pays two fines and receives one."""
    event = announced(together(ANN, BOB), together(BOB, CY), together(ANN, CY))
    assert replay(MECHANISM, (event,)) == Outcome(NOTHING, (FINE, FINE, FINE))


def test_the_papers_discrepancy_passes_the_check() -> None:
    """Paper, remark on the consistency check: i names j and k, j names only i, k names only i."""
    event = announced(together(ANN, BOB, CY), together(ANN, BOB), together(ANN, CY))
    assert replay(MECHANISM, (event, *coins("Tails", "Heads"))) == Outcome(NOTHING, (0, 0, 0))


def test_an_opted_out_player_is_left_out_of_everything() -> None:
    event = announced(alone(ANN, owners=(CY, BOB), prices=(0, 2, 3)), alone(BOB), OUT)
    history = (event, *coins("Tails", "Tails"), Event("answer", ((BOB, YES),)))
    ann = -3 * EPS2 - (2 - EPS2) - reward(5)
    assert replay(MECHANISM, history) == Outcome((NOBODY, BOB), (ann, 2 - EPS2, 0))
    position = MECHANISM.pick_star((alone(ANN), alone(BOB), OUT))
    assert isinstance(position, Chance)
    drawn = position.branch("Heads").then()
    assert isinstance(drawn, Chance)
    assert [(branch.name, branch.probability) for branch in drawn.branches] == [
        ("ann", Fraction(1, 2)),
        ("bob", Fraction(1, 2)),
    ]


def test_goods_given_for_nothing_do_not_go_to_who_opted_out() -> None:
    event = announced(alone(ANN, owners=(CY, BOB), prices=(3, 0, 0)), alone(BOB), OUT)
    outcome = replay(MECHANISM, (event, *coins("Tails", "Tails")))
    assert outcome.result == (NOBODY, BOB)
    assert outcome.prices[CY] == 0


def test_naming_who_opted_out_pays_both_fines_to_the_seller() -> None:
    event = announced(together(ANN, CY, prices=(3, 0, 0)), alone(BOB), OUT)
    assert replay(MECHANISM, (event,)) == Outcome(NOTHING, (2 * (3 + FINE), 0, 0))


def test_the_star_is_somebody_who_stayed_even_at_revenue_0() -> None:
    event = announced(OUT, alone(BOB, wish=(BOB, BOB)), alone(CY, wish=(CY, CY)))
    assert replay(MECHANISM, (event, *coins("Tails", "Heads"))) == Outcome((BOB, BOB), (0, 0, 0))


def test_a_lone_player_needs_no_draw() -> None:
    event = announced(OUT, OUT, alone(CY, wish=(CY, CY)))
    assert replay(MECHANISM, (event, *coins("Heads", "Heads"))) == Outcome((CY, CY), (0, 0, 0))


def test_nothing_happens_when_all_opt_out() -> None:
    assert replay(MECHANISM, (announced(OUT, OUT, OUT),)) == Outcome(NOTHING, (0, 0, 0))


def test_without_the_opt_out_action_silence_declares_nothing() -> None:
    printed = Leveraging(SETTING, optout="printed")
    decision = printed.start()
    assert isinstance(decision, Decision)
    for player, space in decision.actors:
        assert space.default == alone(player)
    with pytest.raises(IllegalMove, match="no opting out"):
        decision.after((OUT, alone(BOB), alone(CY)))


def test_payments_that_no_answer_changes_are_paid_before_the_answers() -> None:
    declaration = alone(ANN, owners=(BOB, NOBODY), prices=(0, 2, 0))
    rich = MECHANISM.charge(ANN, declaration, 1, (2, 1, 0), (ANN, BOB, CY))
    poor = MECHANISM.charge(ANN, declaration, 0, (2, 0, 0), (ANN, BOB, CY))
    assert isinstance(rich, Pay)
    assert isinstance(poor, Pay)
    assert rich.prices != poor.prices
    assert rich.then() == poor.then()


def test_the_answer_carries_offer_and_star() -> None:
    position = MECHANISM.sell(ANN, (ANN,), Outcome((BOB, NOBODY), (0, 2, 0)), (ANN, BOB, CY))
    assert isinstance(position, Decision)
    ((player, space),) = position.actors
    assert player == BOB
    assert isinstance(space, ReplySpace)
    assert space.star == ANN
    assert space.offer_in_words() == "{left} for 2"


def test_comments() -> None:
    position = MECHANISM.pick_star(tuple(move for _, move in COLLUDING.moves))
    assert isinstance(position, Chance)
    assert "nobody is fined" in MECHANISM.comment(position)
    second = position.branch("Tails").then()
    assert MECHANISM.comment(second) == (
        "the star is ann, whose outcome has the revenue 10; the star owes R' = 7 if he is to sell"
    )
    drawn = position.branch("Heads").then()
    assert MECHANISM.comment(drawn) == ""
    assert isinstance(drawn, Chance)
    assert MECHANISM.comment(drawn.branch("cy").then()) == (
        "the star is cy, whose outcome has the revenue 7; the star owes R' = 0 if he is to sell"
    )
    assert MECHANISM.comment(MECHANISM.start()) == ""


def test_defaults_fulfil_the_printed_conditions() -> None:
    for n in (1, 2, 12):
        made = Leveraging(auction([f"p{i}" for i in range(n)], ["vase"]))
        assert made.eps == made.eps1 == Fraction(1, 10)
        assert 0 < 2 * n * made.eps2 < made.eps1
    assert Leveraging.build(SETTING, {"eps1": "1/2"}).eps2 == Fraction(1, 24)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"eps": 0}, "eps: found 0, expected 0 < eps < 1"),
        ({"eps": 1}, "eps: found 1, expected 0 < eps < 1"),
        ({"eps1": 1}, "eps1: found 1, expected 0 < eps1 < 1"),
        ({"eps2": 0}, "eps2: found 0, expected 0 < eps2 < 1"),
        ({"eps2": "1/60"}, "eps2: found 1/60, expected 2·n·eps2 < eps1, that is eps2 < 1/60"),
        ({"eps1": "a lot"}, "eps1: found a lot"),
        ({"optout": "explicitly"}, "did you mean 'explicit'"),
    ],
)
def test_parameters_out_of_range(parameters: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as error:
        Leveraging.build(SETTING, parameters)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("move", "reason"),
    [
        ("opt-out", "a coalition, a wish and an outcome"),
        (Declaration((BOB,), NOTHING, Outcome(NOTHING, (0, 0, 0))), "the announcer among them"),
        (Declaration((BOB, ANN), NOTHING, Outcome(NOTHING, (0, 0, 0))), "the announcer among them"),
        (Declaration((ANN, ANN), NOTHING, Outcome(NOTHING, (0, 0, 0))), "the announcer among them"),
        (Declaration((ANN, 3), NOTHING, Outcome(NOTHING, (0, 0, 0))), "the announcer among them"),
        (Declaration((ANN,), (NOBODY,), Outcome(NOTHING, (0, 0, 0))), "the wish: every good"),
        (Declaration((ANN,), (BOB, NOBODY), Outcome(NOTHING, (0, 0, 0))), "members of the announced coalition only"),
        (Declaration((ANN,), NOTHING, Outcome((3, 0), (0, 0, 0))), "the outcome: every good"),
        (Declaration((ANN,), NOTHING, Outcome((False, 0), (0, 0, 0))), "the outcome: every good"),
        (Declaration((ANN,), NOTHING, Outcome(1, (0, 0, 0))), "the outcome: every good"),
        (Declaration((ANN,), NOTHING, Outcome(NOTHING, (0, 0))), "every player needs a price"),
        (Declaration((ANN,), NOTHING, Outcome(NOTHING, (0, -1, 0))), "an integer >= 0"),
        (Declaration((ANN,), NOTHING, Outcome(NOTHING, (0, Fraction(1, 2), 0))), "an integer >= 0"),
        (Declaration((ANN,), NOTHING, Outcome(NOTHING, (0, True, 0))), "an integer >= 0"),
        (Declaration(None, None, None), "the announcer among them"),  # type: ignore[arg-type]
    ],
)
def test_illegal_declarations(move: object, reason: str) -> None:
    decision = MECHANISM.start()
    assert isinstance(decision, Decision)
    with pytest.raises(IllegalMove, match=reason):
        decision.after((move, OUT, OUT))


def test_declarations_as_json() -> None:
    space = DeclarationSpace(SETTING, ANN)
    written = {
        "coalition": ["bob", "ann"],
        "wish": {"ann": ["left"], "bob": ["right"]},
        "allocation": {"cy": ["left", "right"]},
        "prices": {"cy": 7},
    }
    move = Declaration((ANN, BOB), (ANN, BOB), Outcome((CY, CY), (0, 0, 7)))
    assert space.decode(written) == move
    assert space.encode(move) == {**written, "coalition": ["ann", "bob"]}
    assert space.decode({}) == alone(ANN)
    assert space.decode("opt-out") is OUT
    assert space.encode(OUT) == "opt-out"
    assert space.describe(OUT) == "opts out"
    assert space.describe(move) == (
        "declares to collude with bob; wish: ann gets {left}; bob gets {right}; "
        "outcome: {left, right} to cy for 7 (revenue 7)"
    )
    assert space.describe(alone(ANN, prices=(0, 4, 0))) == (
        "declares to be alone; wish: nothing; outcome: nothing to bob for 4 (revenue 4)"
    )
    for wrong, message in [
        ("out", "expected a declaration, or the word opt-out"),
        ({"coalition": ["bob"]}, "the announcer among them"),
        ({"coalition": ["ann", "ann"]}, "the announcer among them"),
        ({"coalition": ["dan"]}, "move.coalition: found the player 'dan'"),
        ({"wish": {"bob": ["left"]}}, "members of the announced coalition"),
        ({"prices": {"bob": "1/2"}}, "move.prices.bob: found 1/2, expected an integer"),
        ({"price": {}}, "did you mean 'prices'"),
    ]:
        with pytest.raises(InputError) as error:
            space.decode(wrong)
        assert message in str(error.value)


def test_bits() -> None:
    """Opting out or not 1, two others named or not 2, two allocations of two goods at 2 bits an owner 8, prices."""
    space = DeclarationSpace(SETTING, ANN)
    assert space.bits(OUT) == 1
    assert space.bits(alone(ANN, prices=(0, 1, 7))) == 1 + 2 + 8 + (1 + 4 + 8)
    assert DeclarationSpace(SETTING, ANN, may_opt_out=False).bits(alone(ANN)) == 2 + 8 + 3


def test_the_grid_is_complete() -> None:
    """Opting out, and for every coalition its wishes of one good times (owners 3) times prices in {0, 1}^2."""
    small = auction(["ann", "bob"], ["vase"])
    listed = list(DeclarationSpace(small, BOB).grid(1))
    assert len(listed) == len(set(listed)) == 1 + (2 + 3) * 3 * 4
    assert len(list(islice(DeclarationSpace(small, BOB, may_opt_out=False).grid(0), 100))) == (2 + 3) * 3


def slow_outcome(moves: list[object], c1: str, drawn: str, c2: str, answers: dict[int, object]) -> Outcome:
    """The sheet, read line by line."""
    players, n = range(3), 3
    said = {i: move for i, move in enumerate(moves) if isinstance(move, Declaration)}
    result, price = list(NOTHING), [Fraction(0)] * n
    if not said:
        return Outcome(NOTHING, (0, 0, 0))
    revenue = {i: sum(said[i].outcome.prices) if i in said else 0 for i in players}
    star = max(said, key=lambda i: (revenue[i], -i))
    second = max([0, *(revenue[i] for i in said if i not in said[star].coalition)])
    fine = revenue[star] + MECHANISM.eps1
    anybody = False
    for i in said:
        broken = {j for j in said[i].coalition if j not in said or i not in said[j].coalition}
        if broken:
            anybody = True
            price[i] += fine
        for j in broken:
            price[i] += fine
            if j in said:
                price[j] -= fine
    if anybody:
        return Outcome(NOTHING, tuple(price))
    if c1 == "Heads":
        star, second = SETTING.players.index(drawn), 0
    if c2 == "Heads":
        return Outcome(said[star].wish, (0, 0, 0))
    inside, offer = said[star].coalition, said[star].outcome
    price[star] += second - n * EPS2
    keeps = set()
    for i in said:
        if i in inside or offer.prices[i] == 0:
            keeps.add(i)
        elif answers[i] is NO:
            price[star] += offer.prices[i]
        else:
            keeps.add(i)
            price[i] += offer.prices[i] - EPS2
            price[star] -= offer.prices[i] - EPS2
    for good, owner in enumerate(offer.owners):
        result[good] = owner if owner in keeps else NOBODY
    for i in said:
        price[i] -= EPS2 * (1 - 1 / Fraction(1 + revenue[i]))
    return Outcome(tuple(result), tuple(price))


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**9), consistent=st.booleans())
def test_every_play_agrees_with_the_sheet(seed: int, consistent: bool) -> None:
    rng = Random(seed)
    decision = MECHANISM.start()
    assert isinstance(decision, Decision)
    moves = [space.sample(rng, 5) for _, space in decision.actors]
    if consistent:
        pair = rng.sample(range(3), 2) if rng.randrange(2) else []
        for i, move in enumerate(moves):
            if isinstance(move, Declaration):
                mates = {j for j in pair if i in pair and moves[j] is not OUT} | {i}
                wish = tuple(owner if owner in mates else NOBODY for owner in move.wish)
                moves[i] = Declaration(tuple(sorted(mates)), wish, move.outcome)
    shown, answers = {"coin c1": "", "star": "", "coin c2": ""}, {}
    position, paid = settle(decision.after(moves))
    while not isinstance(position, Outcome):
        if isinstance(position, Chance):
            side = rng.choice(position.branches)
            shown[position.label] = side.name
            position, paid = settle(side.then(), paid)
        else:
            answers = {player: rng.choice((YES, NO)) for player, _ in position.actors}
            position, paid = settle(position.after(list(answers.values())), paid)
    if shown["coin c1"] == "Heads" and not shown["star"]:
        shown["star"] = next(
            name for name, move in zip(SETTING.players, moves, strict=True) if isinstance(move, Declaration)
        )
    assert position == slow_outcome(moves, shown["coin c1"], shown["star"], shown["coin c2"], answers)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_opting_out_is_worth_exactly_nothing(seed: int) -> None:
    """The opt-out condition of the paper's section 2, on every branch of the coins."""
    rng = Random(seed)
    decision = MECHANISM.start()
    assert isinstance(decision, Decision)
    moves = [OUT if player == CY else space.sample(rng, 5) for player, space in decision.actors]
    waiting = [settle(decision.after(moves))]
    while waiting:
        position, paid = waiting.pop()
        if isinstance(position, Chance):
            waiting.extend(settle(branch.then(), paid) for branch in position.branches)
        elif isinstance(position, Decision):
            assert position.space(CY) is None
            waiting.append(settle(position.after([rng.choice((YES, NO)) for _ in position.actors]), paid))
        else:
            assert CY not in position.owners
            assert position.prices[CY] == 0
