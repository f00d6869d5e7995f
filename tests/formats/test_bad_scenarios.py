"""What bad scenarios are told: the place in the user's file, what was found, what was expected, a way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scenario_support import AUCTION, CHOICE, MARKET, altered
from unrigged.errors import InputError
from unrigged.formats import read_scenario, scenario_from
from unrigged.setting import market


def refused(base: dict[str, Any], **changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        scenario_from(altered(base, **changes), "my.yaml")
    return str(caught.value)


BAD: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "unknown field", AUCTION, {"titel": "x"},
        "titel: found the field 'titel', expected a known field; did you mean 'title'?",
    ),
    ("version", AUCTION, {"unrigged": 2}, "unrigged: found 2, expected 1, the version of the format that this"),
    (
        "unknown mechanism", AUCTION, {"mechanism": "best-believe"},
        "mechanism: found 'best-believe', expected the name of a mechanism; did you mean 'best-belief'?",
    ),
    ("no mechanism", AUCTION, {"mechanism": None}, "mechanism: found nothing, expected the name of a mechanism"),
    (
        "unknown parameter", AUCTION, {"parameters": {"epsilon": 1}},
        "parameters.epsilon: found the parameter 'epsilon', expected a parameter of best-belief; did you mean",
    ),
    ("eps out of range", AUCTION, {"parameters": {"eps": 2}}, "parameters.eps: found 2, expected 0 < eps <= 1"),
    (
        "eps no number", AUCTION, {"parameters": {"eps": "tenth"}},
        'parameters.eps: found tenth, expected an exact number such as 3, 0.1 or "1/10"',
    ),
    (
        "parameters twice", AUCTION, {"parameters": {"eps": 1}, "mechanism": {"name": "best-belief", "parameters": {}}},
        "parameters: found parameters here and in mechanism, expected parameters in one place",
    ),
    (
        "binary float", AUCTION, {"parameters": {"eps": 0.1}},
        "scenario: parameters.eps: found the binary float 0.1, expected an exact number; write it as text: "
        '"0.1" or a fraction "p/q"',
    ),
    ("missing type", AUCTION, {"types__bob": None}, "types.bob: found nothing, expected a type of bob"),
    (
        "missing value of a state", CHOICE, {"types__ann__pool": None},
        "types.ann: state values: found no value for 'pool', expected a value for every state",
    ),
    (
        "missing value of a bid", AUCTION, {"types__ann__bids": [{"goods": ["left"]}]},
        "types.ann: bids[0]: found {\"goods\": [\"left\"]}, expected a bid with 'goods' and 'value'",
    ),
    (
        "missing field of a kind", AUCTION, {"types__ann": {"kind": "unit-demand"}},
        "types.ann: values: found nothing, expected the field 'values'",
    ),
    (
        "unknown kind", AUCTION, {"types__ann": {"kind": "xand", "bids": []}},
        "types.ann: kind: found xand, expected a kind of valuation",
    ),
    (
        "unknown good", AUCTION, {"types__bob": {"lleft": 3}},
        "types.bob: additive values: found the good 'lleft', expected a good of this setting; did you mean 'left'?",
    ),
    (
        "type of nobody", AUCTION, {"types__bobby": {"left": 3}},
        "types: found the player 'bobby', expected a player of this setting; did you mean 'bob'?",
    ),
    (
        "negative value", AUCTION, {"types__bob": {"left": -3}},
        "types.bob: found the value -3, expected values >= 0 for best-belief",
    ),
    (
        "negative bid", AUCTION, {"types__ann__bids": [{"goods": ["left"], "value": -1}]},
        "types.ann: xor bids[0]: found -1, expected a value >= 0",
    ),
    (
        "fractional value", AUCTION, {"types__bob": {"left": "1/2"}},
        "types.bob: found the value 1/2, expected integer values, which best-belief needs",
    ),
    (
        "value beyond the bound", MARKET, {"value_bound": 8},
        "types.ann: found a value of size 12, expected values v with |v| < 8, the public bound; raise value_bound",
    ),
    (
        "a good twice in a bid", AUCTION, {"types__ann__bids": [{"goods": ["left", "left"], "value": 1}]},
        "types.ann: xor bids[0]: found the good 'left' twice, expected every good at most once",
    ),
    (
        "a good twice", AUCTION, {"goods": ["left", "left"]},
        "goods: found 'left' twice, expected names that differ",
    ),
    (
        "a number as a name", AUCTION, {"goods": [1, 2]},
        'goods[0]: found 1, expected a name; write it in quotes: "1"',
    ),
    ("no players", AUCTION, {"players": None}, "players: found nothing, expected the names of the players"),
    (
        "no goods", AUCTION, {"goods": None},
        "goods: found neither goods nor states, expected the goods for sale, or the states to choose from",
    ),
    ("goods and states", AUCTION, {"states": ["x"]}, "states: found goods and states, expected one of them"),
    ("wrong domain", CHOICE, {"mechanism": "best-belief"}, "setting: found states, expected goods, which best-"),
    (
        "overlapping coalitions", AUCTION, {"coalitions": [["ann", "bob"], ["bob", "cy"]]},
        "coalitions[1]: found 'bob', who is in coalitions[0] too, expected coalitions that do not overlap",
    ),
    (
        "coalition of a stranger", AUCTION, {"coalitions": [["ann", "rob"]]},
        "coalitions[0]: found the player 'rob', expected a player of this setting; did you mean 'bob'?",
    ),
    (
        "one coalition without its brackets", AUCTION, {"coalitions": ["ann", "bob"]},
        "coalitions[0]: found ann, expected a list of players; write [[ann, bob]]",
    ),
    (
        "grand coalition", CHOICE, {"coalitions": [["ann", "bob"]]},
        "coalitions: found everybody in one coalition, expected at least two agents, which perfect-revenue needs",
    ),
    (
        "endowment that misses a good", MARKET, {"endowment": {"ann": ["hut"]}},
        "endowment: found no owner for the good 'van', expected every good to have an owner among the players",
    ),
    (
        "endowment that gives a good twice", MARKET, {"endowment": {"ann": ["hut"], "bob": ["hut", "van"]}},
        "endowment.bob: found the good 'hut' given to ann and to bob, expected disjoint bundles",
    ),
    (
        "endowment in an auction of states", CHOICE, {"endowment": {"ann": ["park"]}},
        "endowment: found an endowment, expected none, as there are states and no goods",
    ),
    ("no endowment", MARKET, {"endowment": None}, "endowment: found none, expected an endowment of all goods"),
    (
        "no bound, no types", MARKET, {"value_bound": None, "types": None},
        "value_bound: found none, expected a public bound on all values, which market needs",
    ),
    ("a bound of 0", MARKET, {"value_bound": 0}, "value_bound: found 0, expected an integer >= 1"),
    (
        "knowledge of an unknown kind", AUCTION, {"knowledge": "perfekt"},
        "knowledge: found 'perfekt', expected perfect, none, or a mapping that says what is known; did you mean "
        "'perfect'?",
    ),
    (
        "knowledge that is not supposed", CHOICE, {"knowledge": {"bob": "none"}},
        "knowledge.bob: found knowledge of the kind 'none', expected perfect knowledge, which perfect-revenue supposes",
    ),
    (
        "false bounds", AUCTION, {"knowledge": {"ann": {"bounds": {"bob": {"left": 21}}}}},
        "knowledge.ann.bob: found a lower bound 21, expected at most the true value 20",
    ),
    (
        "knowledge of himself", AUCTION, {"knowledge": {"ann": {"bounds": {"ann": {"left": 1}}}}},
        "knowledge.ann.bounds.ann: found the player himself, expected what he knows of the others",
    ),
    ("precision 0", AUCTION, {"knowledge": {"precision": 0}}, "knowledge.precision: found 0, expected an integer"),
    (
        "profile without somebody", AUCTION, {"knowledge": {"ann": {"profiles": [{"bob": {}}]}}},
        "knowledge.ann.profiles[0].cy: found nothing, expected a type of cy",
    ),
    (
        "profile against his own type", AUCTION,
        {"knowledge": {"cy": {"profiles": [{"ann": {}, "bob": {}, "cy": {"left": 2}}]}}},
        "knowledge.cy: found a profile in which his own type is another, expected his true type in every profile",
    ),
    (
        "bounds for everybody", AUCTION, {"knowledge": {"bounds": {"bob": {"left": 1}}}},
        "knowledge: found 'bounds' for everybody, expected it player by player",
    ),
    (
        "unknown strategy", AUCTION, {"strategies": "rationale"},
        "strategies: found 'rationale', expected a kind of strategy; did you mean 'rational'?",
    ),
    (
        "strategy of a stranger", AUCTION, {"strategies": {"rob": "silent"}},
        "strategies.rob: found the player 'rob', expected a player of this setting; did you mean 'bob'?",
    ),
    (
        "joint strategy of strangers", AUCTION, {"strategies": {"ann+bob": "silent"}},
        "strategies.ann+bob: found ann+bob, who do not act as one, expected a player, or members of one",
    ),
    (
        "two strategies of one agent", AUCTION,
        {"coalitions": [["ann", "bob"]], "strategies": {"ann": "silent", "bob": "rational"}},
        "strategies.bob: found a second strategy of ann, bob, expected one for those who act as one",
    ),
    (
        "probabilities", AUCTION, {"strategies": {"ann": {"mixed": [{"probability": "1/2", "strategy": "silent"}]}}},
        "strategies.ann.mixed: found probabilities 1/2, expected positive probabilities that sum to 1",
    ),
    (
        "random scale", AUCTION, {"strategies": {"ann": {"random": 0}}},
        "strategies.ann.random.scale: found 0, expected an integer >= 1",
    ),
    (
        "unknown search", AUCTION, {"strategies": {"ann": {"rational": {"search": "greed"}}}},
        "strategies.ann.rational.search: found greed, expected a way to search, or {truncated: subproblems}; did you "
        "mean 'greedy'?",
    ),
    (
        "subproblems of a greedy search", AUCTION, {"strategies": {"ann": {"rational": {"search": {"greedy": 5}}}}},
        "strategies.ann.rational.search: found {\"greedy\": 5}, expected a way to search, or {truncated: subproblems}",
    ),
    (
        "no subproblems", AUCTION, {"strategies": {"rational": {"search": {"truncated": 0}}}},
        "strategies.rational.search.truncated: found 0, expected an integer >= 1",
    ),
    (
        "an unknown option of rational play", AUCTION, {"strategies": {"rational": {"serach": "greedy"}}},
        "strategies.rational.serach: found the field 'serach', expected a known field; did you mean 'search'?",
    ),
    (
        "rational without types", AUCTION, {"types": None, "strategies": {"ann": "rational"}},
        "strategies.ann: found 'rational' play without types, expected types, or a strategy without them",
    ),
    (
        "knowledge without types", AUCTION, {"types": None, "knowledge": "perfect"},
        "knowledge: found 'knowledge' without types, expected types as well; add types, or drop knowledge",
    ),
    (
        "an illegal move", AUCTION,
        {"moves": {"announce": {"cy": {"allocation": {"bob": ["left"]}, "prices": {"bob": -1}}}}},
        "moves.announce.cy.prices.bob: found {\"allocation\": {\"bob\": [\"left\"]}, \"prices\": {\"bob\": -1}}, "
        "expected a legal move; bob is offered goods for -1, not for a positive integer",
    ),
    (
        "overlapping bundles", AUCTION,
        {"moves": {"announce": {"cy": {"allocation": {"ann": ["left"], "bob": ["left"]}}}}},
        "moves.announce.cy.allocation.bob: found the good 'left' given to ann and to bob, expected disjoint bundles",
    ),
    (
        "a move of a stranger", AUCTION, {"moves": {"announce": {"rob": {}}}},
        "moves.announce: found the player 'rob', expected a player of this setting; did you mean 'bob'?",
    ),
    (
        "a move of somebody who does not move", CHOICE, {"moves": {"open": {"bob": {}}}},
        "moves.open.bob: found a move of 'bob', expected moves of ann, who decide here",
    ),
    ("moves without players", AUCTION, {"moves": {"announce": "NO"}}, "moves.announce: found NO, expected a mapp"),
    ("title", AUCTION, {"title": 7}, "title: found 7, expected a text; write it in quotes"),
]  # fmt: skip


@pytest.mark.parametrize(("base", "changes", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input(base: dict[str, Any], changes: dict[str, Any], message: str) -> None:
    assert refused(base, **changes).startswith(f"my.yaml: {message}")


def test_a_strategy_that_cannot_be_built_is_refused() -> None:
    assert refused(AUCTION, strategies={"ann": {"rational": "xx"}}).startswith(
        "my.yaml: strategies.ann: reading: found 'xx', expected a reading of rational play in best-belief; known: "
        "'truthful': announce exactly"
    )
    mixed = {"mixed": [{"probability": 1, "strategy": {"rational": "xx"}}]}
    assert refused(AUCTION, strategies={"bob": mixed}).startswith("my.yaml: strategies.bob: reading: found 'xx'")


def test_a_cap_that_makes_rational_play_illegal() -> None:
    assert refused(CHOICE, parameters={"cap": 7}) == (
        "my.yaml: parameters.cap: found 7, expected at least 9, what the best result for ann is worth to them, as "
        "their price is announced in rational play; write cap: 9 or more, or leave it out"
    )


def test_a_label_almost_right_is_refused_and_one_like_none_is_noted() -> None:
    move = {"cy": {"allocation": {"ann": ["left"]}, "prices": {"ann": 3}}}
    for label in ("anounce", "Announce"):
        assert refused(AUCTION, moves={label: move}) == (
            f"my.yaml: moves.{label}: found the label '{label}', expected the label of a decision; "
            "did you mean 'announce'?"
        )
    scenario = scenario_from(altered(AUCTION, moves={"vote": {"cy": "YES"}}))
    assert any(note.startswith("moves.vote: no decision of that label") for note in scenario.notes)
    assert scenario_from(altered(CHOICE, moves={"raise 7": {"bob": {}}})).notes


def test_an_illegal_move_is_shown_as_json() -> None:
    move = {"allocation": {"ann": ["left"]}, "prices": {"ann": -1}}
    assert '"prices": {"ann": -1}}, expected a legal move; ann is offered' in refused(
        AUCTION, moves={"announce": {"cy": move}}
    )


def test_a_good_of_two_owners() -> None:
    for changes in ({}, {"goods": None}):
        assert refused(MARKET, endowment={"ann": ["hut", "van"], "bob": ["van"]}, **changes) == (
            "my.yaml: endowment.bob: found the good 'van' given to ann and to bob, expected disjoint bundles"
        )
    with pytest.raises(InputError, match="the good 'van' owned by ann and by bob, expected one owner for every good"):
        market(["ann", "bob"], {"ann": ["hut", "van"], "bob": ["van"]}, 64)


def test_nothing_to_sell() -> None:
    types = {name: {} for name in AUCTION["players"]}
    assert refused(AUCTION, goods=[], types=types).startswith("my.yaml: goods: found none, expected at least one good")


def test_prices_that_are_not_whole(tmp_path: Path) -> None:
    file = tmp_path / "bids.txt"
    file.write_text("goods 2\nbids 2\ndummy 0\n0 2.5 0 #\n1 4 1 #\n")
    with pytest.raises(InputError) as caught:
        read_scenario(file)
    assert str(caught.value) == (
        f"{file}: found the price 5/2, expected whole prices, which best-belief needs; "
        "write auction: {file: ..., scale: 10} in a scenario, or run best-belief-decimal"
    )
    document = {"mechanism": "best-belief", "auction": {"file": "bids.txt"}}
    with pytest.raises(InputError, match="best-belief needs; write scale: 10 in auction, or run best-belief-decimal"):
        scenario_from(document, folder=tmp_path)
    for ways_out in ({"auction": {"file": "bids.txt", "scale": 10}}, {"mechanism": "best-belief-decimal"}):
        assert scenario_from({**document, **ways_out}, folder=tmp_path).context


def test_what_a_guarantee_does_not_cover_is_noted() -> None:
    hope = {**CHOICE, "mechanism": "hope-for-the-best", "players": ["ann", "bob, jr", "cy"]}
    hope["types"] = {name: {"park": 3, "pool": 9} for name in hope["players"]}
    notes = scenario_from({**hope, "coalitions": [["ann", "bob, jr"]]}).notes
    assert 'coalitions: the guarantee of hope-for-the-best does not cover colluders, here {ann, "bob, jr"}' in notes
    assert not any("guarantee" in note for note in scenario_from(hope).notes)
    one = {"mechanism": "first-price", "players": ["ann", "bob"], "goods": ["vase"], "types": {"ann": {"vase": 3}}}
    one["types"] = {"ann": {"vase": 3}, "bob": {"vase": 2}}
    assert any("supposes that everybody knows all types; bob may not" in note for note in scenario_from(
        {**one, "knowledge": {"bob": "none"}}
    ).notes)  # fmt: skip
    assert not any("guarantee" in note for note in scenario_from(one).notes)
