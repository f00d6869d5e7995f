"""Scenario files: what is read, what is assumed, and what bad input is told."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scenario_support import AUCTION, CHOICE, MARKET, altered
from unrigged.context import Bounds, Box, Nothing, Perfect, Precision, Profiles
from unrigged.errors import InputError
from unrigged.formats import parse_document, read_scenario, scenario_from
from unrigged.scenario import Plan, Scenario
from unrigged.valuations import XOR, Additive, StateValues


def test_an_auction() -> None:
    scenario = scenario_from(altered(AUCTION, title="Vases", parameters={"eps": "0.5"}, coalitions=[["cy", "ann"]]))
    assert scenario.title == "Vases"
    assert scenario.mechanism.name == "best-belief"
    assert getattr(scenario.mechanism, "eps") == Fraction(1, 2)  # noqa: B009  # a parameter of this mechanism only
    assert scenario.setting.players == ("ann", "bob", "cy")
    assert scenario.context is not None
    goods = scenario.setting.need_goods("test")
    assert scenario.context.types[0] == XOR(goods, [("left", 30), (("left", "right"), 50)])
    assert scenario.context.types[1] == Additive(goods, {"left": 20, "right": 25})
    assert scenario.context.knowledge == (Perfect(),) * 3
    assert scenario.context.coalitions == ((0, 2), (1,))
    assert scenario.strategies == {(0, 2): Plan(), (1,): Plan()}
    assert scenario.notes == ()


def test_a_market() -> None:
    scenario = scenario_from(MARKET)
    assert scenario.setting.endowment == (0, 1)
    assert scenario.setting.value_bound == 64


def test_goods_of_a_market_may_be_left_out() -> None:
    assert scenario_from(altered(MARKET, goods=None)) == scenario_from(MARKET)


def test_states() -> None:
    scenario = scenario_from(CHOICE)
    assert scenario.context is not None
    assert scenario.context.types[0] == StateValues(["park", "pool"], [3, 9])


def test_mechanism_with_its_parameters() -> None:
    nested = {"name": "best-belief", "parameters": {"eps": "1/7"}}
    assert scenario_from(altered(AUCTION, mechanism=nested)) == scenario_from(
        altered(AUCTION, parameters={"eps": "1/7"})
    )


def test_value_bound_is_derived_where_needed() -> None:
    scenario = scenario_from(altered(MARKET, value_bound=None))
    assert scenario.setting.value_bound == 16  # the van and the hut are worth 12 to ann
    assert scenario.notes == ("value_bound: 16 is assumed, the smallest power of two above the size of every value",)
    negative = scenario_from(altered(MARKET, value_bound=None, types__bob={"hut": -16, "van": 4}))
    assert negative.setting.value_bound == 32
    assert scenario_from(AUCTION).setting.value_bound is None


def test_value_bound_counts_believed_values() -> None:
    surviving = altered(
        CHOICE, mechanism="surviving", knowledge={"ann": {"profiles": [{"bob": {"park": 5, "pool": 4}}]}}
    )
    assert scenario_from(surviving).setting.value_bound == 16
    believed = altered(surviving, knowledge={"ann": {"profiles": [{"bob": {"park": 99, "pool": 4}}]}})
    assert scenario_from(believed, check=False).setting.value_bound == 128


def test_knowledge_for_all() -> None:
    for given, expected in (("perfect", Perfect()), ("none", Nothing()), ({"precision": 5}, Precision(5))):
        context = scenario_from(altered(AUCTION, knowledge=given)).context
        assert context is not None
        assert context.knowledge == (expected,) * 3


def test_knowledge_by_player() -> None:
    knowledge = {
        "ann": {"bounds": {"bob": {"left": 3}}},
        "bob": {"belief": {"lower": {"ann": {"left": 2}}, "upper": {"cy": {"left": 9}}}},
        "cy": {"profiles": [{"ann": {"left": 2}, "bob": {"left": 4}}, {"ann": {"right": 2}, "bob": {}}]},
    }
    context = scenario_from(altered(AUCTION, knowledge=knowledge)).context
    assert context is not None
    goods = context.setting.need_goods("test")
    assert context.knowledge[0] == Bounds({1: Additive(goods, {"left": 3})})
    assert context.knowledge[1] == Box({0: Additive(goods, {"left": 2})}, {2: Additive(goods, {"left": 9})})
    known = context.knowledge[2]
    assert isinstance(known, Profiles)
    assert [profile[2] for profile in known.profiles] == [context.types[2]] * 2  # his own type is filled in
    assert known.profiles[1][0] == Additive(goods, {"right": 2})


def test_strategies() -> None:
    plans = scenario_from(altered(AUCTION, strategies={"random": 7})).strategies
    assert set(plans.values()) == {Plan("random", scale=7)}
    given = {
        "ann+cy": {"rational": "truthful"},
        "bob": {
            "mixed": [{"probability": "1/3", "strategy": "silent"}, {"probability": "2/3", "strategy": "by-value"}]
        },
    }
    scenario = scenario_from(altered(AUCTION, coalitions=[["ann", "cy"]], strategies=given))
    mixed = Plan("mixed", actions=((Fraction(1, 3), Plan("silent")), (Fraction(2, 3), Plan("by-value"))))
    assert scenario.strategies == {(0, 2): Plan(reading="truthful"), (1,): mixed}
    one = scenario_from(altered(AUCTION, coalitions=[["ann", "cy"]], strategies={"cy": "silent"}))
    assert one.strategies == {(0, 2): Plan("silent"), (1,): Plan()}


def test_ways_to_search() -> None:
    given = {
        "ann": {"rational": {"search": "greedy"}},
        "bob": {"rational": {"reading": "truthful", "search": {"truncated": 50}}},
        "cy": {"rational": {"search": "truncated"}},
    }
    found = list(scenario_from(altered(AUCTION, strategies=given)).strategies.values())
    expected = [
        Plan(search="greedy"),
        Plan(reading="truthful", search="truncated", nodes=50),
        Plan(search="truncated"),
    ]
    assert found == expected
    assert [plan.to_json() for plan in found] == list(given.values())
    for plan in scenario_from(altered(AUCTION, strategies={"rational": {"search": "local"}})).strategies.values():
        assert plan == Plan(search="local")
    assert scenario_from(altered(AUCTION, strategies={"rational": {"search": "best"}})).strategies[(0,)] == Plan()


def test_a_player_called_like_a_kind() -> None:
    document = altered(AUCTION, players=["random", "bob", "cy"], strategies={"random": "silent"})
    document["types"] = {"random": {}, "bob": {}, "cy": {}}
    assert scenario_from(document).strategies[(0,)] == Plan("silent")


def test_without_types() -> None:
    scenario = scenario_from(altered(AUCTION, types=None))
    assert scenario.context is None
    assert set(scenario.strategies.values()) == {Plan("silent")}
    assert scenario.notes == ("there are no types: whoever has no scripted move stays silent",)


def test_scripted_moves_keep_exact_numbers() -> None:
    moves = {"announce": {"cy": {"wanted": [], "allocation": {"bob": ["left"]}, "prices": {"bob": Fraction(4, 2)}}}}
    assert scenario_from(altered(AUCTION, moves=moves)).moves["announce"]["cy"]["prices"] == {"bob": 2}


def test_a_label_that_is_never_met_is_noted() -> None:
    scenario = scenario_from(altered(AUCTION, moves={"vote": {"cy": {}}}))
    assert scenario.notes == ("moves.vote: no decision of that label was met in trial plays (known: announce, answer)",)


def test_a_binary_float_in_python() -> None:
    goods = scenario_from(AUCTION).setting.need_goods("test")
    with pytest.raises(InputError, match=r"the binary float 0\.1, expected an exact number"):
        Additive(goods, {"left": 0.1})


def test_an_illegal_move_at_a_later_decision_is_named_when_it_is_played() -> None:
    from unrigged.play import outcomes

    answer = altered(AUCTION, moves={"answer": {"bob": "maybe"}})
    scenario = scenario_from(answer, "my.yaml")
    with pytest.raises(InputError, match=r"^my.yaml: moves.answer.bob: found maybe, expected YES or NO"):
        outcomes(scenario.mechanism, scenario.profile())


def test_the_context_is_not_checked_on_request() -> None:
    assert isinstance(scenario_from(altered(AUCTION, types__bob={"left": -3}), check=False), Scenario)


# --- scenarios that name a file of bids


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bids.txt").write_text("goods 2\nbids 3\ndummy 1\n0 5 0 2 #\n1 4.5 1 2 #\n2 3 0 1 #\n")
    return tmp_path


def from_bids(folder: Path, auction: Any, **more: Any) -> Scenario:
    document = {"mechanism": "best-belief-real", "auction": auction, **more}
    return scenario_from(document, "my.yaml", folder=folder)


def test_a_file_of_bids(folder: Path) -> None:
    scenario = from_bids(folder, {"file": "bids.txt", "format": "cats"}, coalitions=[["bidder-1", "bidder-2"]])
    assert scenario.setting.players == ("bidder-1", "bidder-2")
    assert scenario.context is not None
    assert scenario.context.types[0].value(0b10) == Fraction(9, 2)
    assert scenario.context.coalitions == ((0, 1),)
    assert any("free disposal" in note for note in scenario.notes)
    assert from_bids(folder, "bids.txt", coalitions=[["bidder-1", "bidder-2"]]) == scenario


def test_scaled_prices(folder: Path) -> None:
    document = {"mechanism": "best-belief", "auction": {"file": "bids.txt", "scale": 2}}
    scenario = scenario_from(document, folder=folder)
    assert scenario.context is not None
    assert scenario.context.types[0].value(0b10) == 9
    assert "all prices are multiplied by 2" in scenario.notes


@pytest.mark.parametrize(
    ("auction", "more", "message"),
    [
        ({"file": "none.txt"}, {}, "my.yaml: auction: file: found "),
        ({"fil": "bids.txt"}, {}, "my.yaml: auction: file: found {\"fil\": \"bids.txt\"}, expected the path of a file"),
        ({"file": "bids.txt", "form": 1}, {}, "my.yaml: auction: form: found the field 'form', expected a known field"),
        ({"file": "bids.txt", "format": "sats"}, {}, "my.yaml: auction: format: found sats, expected cats or courses"),
        ({"file": "bids.txt", "scale": 0}, {}, "my.yaml: auction: "),
        ({"file": "bids.txt"}, {"players": ["a"]}, "my.yaml: players: found 'players' beside 'auction', expected one"),
        ({"file": "bids.txt"}, {"knowledge": {"ann": "none"}}, "my.yaml: knowledge: found the player 'ann'"),
    ],
)  # fmt: skip
def test_bad_files_of_bids(folder: Path, auction: Any, more: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        from_bids(folder, auction, **more)
    assert str(caught.value).startswith(message)


def test_an_error_in_the_file_of_bids_names_both_files(folder: Path) -> None:
    (folder / "bad.txt").write_text("goods 2\n0 5 0\n")
    with pytest.raises(InputError, match=r"^my.yaml: auction: .*bad.txt, line 2: found a bid without '#' at its end"):
        from_bids(folder, "bad.txt")


# --- files


def test_reading_a_file_names_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mechanism: best-belief\nplayers: [ann]\ngoods: [vase]\ntypes: {ann: {vasse: 3}}\n")
    with pytest.raises(InputError, match=rf"^{path}: types.ann: additive values: found the good 'vasse'"):
        read_scenario(path)


def test_languages_give_equal_scenarios(tmp_path: Path) -> None:
    yaml = "mechanism: best-belief\nparameters: {eps: 0.1}\nplayers: [ann]\ngoods: [vase]\ntypes: {ann: {vase: 3}}\n"
    json = '{"mechanism": "best-belief", "parameters": {"eps": "1/10"}, "players": ["ann"], "goods": ["vase"], '
    json += '"types": {"ann": {"vase": 3}}}'
    toml = 'mechanism = "best-belief"\nplayers = ["ann"]\ngoods = ["vase"]\n'
    toml += "[parameters]\neps = 0.1\n[types.ann]\nvase = 3\n"
    read = []
    for name, text in (("a.yaml", yaml), ("a.json", json), ("a.toml", toml), ("plain", yaml), ("plainer", toml)):
        (tmp_path / name).write_text(text)
        read.append(read_scenario(tmp_path / name))
    assert all(scenario == read[0] for scenario in read)


def test_no_is_a_name() -> None:
    document = parse_document(
        "mechanism: best-belief\nplayers: [NO, 'on']\ngoods: [yes]\ntypes: {NO: {yes: 010}, on: {}}\n"
    )
    scenario = scenario_from(document)
    assert scenario.setting.players == ("NO", "on")
    assert scenario.context is not None
    assert scenario.context.types[0].value(1) == 10
