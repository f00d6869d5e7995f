"""What is written reads back as an equal scenario, in every language; what a format cannot say is refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrigged.context import Bounds, Box, Context, Knowledge, Nothing, Perfect, Precision, Profiles
from unrigged.errors import InputError
from unrigged.formats import convert, parse_document, read_scenario, scenario_from, scenario_to_json, write_scenario
from unrigged.formats.scenario_writer import quoted
from unrigged.mechanisms import mechanism_named
from unrigged.scenario import Plan, Scenario
from unrigged.setting import Setting, auction, choice, market
from unrigged.valuations import (
    OR,
    XOR,
    Additive,
    BudgetAdditive,
    ExactBundles,
    ORStar,
    SingleMinded,
    StateValues,
    Table,
    UnitDemand,
)

LANGUAGES = ("yaml", "json", "toml")


def reread(scenario: Scenario, language: str) -> Scenario:
    text = write_scenario(scenario, language)
    return scenario_from(parse_document(text, "written", f".{language}"), check=False)


def made(name: str, setting: Setting, context: Context | None, parameters: dict[str, Any], **more: Any) -> Scenario:
    return Scenario(mechanism_named(name).build(setting, parameters), context, **more)


def everything() -> Scenario:
    """One player of each kind, every kind of knowledge and strategy, awkward names."""
    names = ["NO", "null", "1", "a+b", "a: b", "#7", 'say "hi"', "ünïcode", "rational", "x y"]
    setting = auction(names, ["on", "0.5", "kind, of"])
    goods = setting.need_goods("test")
    types = (
        Additive(goods, {"on": 3, "0.5": Fraction(1, 3)}),
        Additive(goods, {"on": 3}, 1),
        UnitDemand(goods, {"on": 2**60}),
        BudgetAdditive(goods, {"on": 3, "0.5": 4}, Fraction(9, 2)),
        SingleMinded(goods, ["on", "0.5"], 9),
        OR(goods, [("on", 1), (("0.5", "kind, of"), 3)]),
        XOR(goods, [("on", 1), ("0.5", 3)]),
        ORStar(goods, [("on", 1, ["d1"]), ("0.5", 3, ["d1", "d2"])]),
        ExactBundles(goods, [("on", -1)]),
        Table(goods, [0, 1, 2, 3, 4, 5, 6, -7]),
    )
    knowledge: list[Knowledge] = [Perfect()] * len(names)
    knowledge[1] = Nothing()
    knowledge[2] = Precision(3)
    knowledge[3] = Bounds({0: types[1], 5: types[2]})
    knowledge[4] = Box({0: types[1]}, {5: types[2]})
    knowledge[5] = Profiles((types, (types[9], *types[1:])))
    context = Context(setting, types, tuple(knowledge), ((0, 9), (3, 8)))
    mixed = Plan("mixed", actions=((Fraction(1, 4), Plan("silent")), (Fraction(3, 4), Plan("random", scale=4, seed=9))))
    truncated = Plan(reading="truthful", search="truncated", nodes=50)
    searching = (((5,), Plan(search="greedy")), ((6,), truncated), ((7,), Plan(search="truncated")))
    others = (((0, 9), Plan(reading="truthful")), ((1,), mixed), ((3, 8), Plan("by-value")), ((4,), Plan("silent")))
    plans = others + searching
    moves = {"announce": {"NO": {"wanted": ["on"], "prices": {"1": "1/2"}}}}
    title = "Awkward: names, #1\tand \x07 a\nsecond line"
    return made("best-belief", setting, context, {"eps": Fraction(1, 7)}, title=title, plans=plans, moves=moves)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_reads_back(language: str) -> None:
    assert reread(everything(), language) == everything()


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_domains_read_back(language: str) -> None:
    states = choice(["ann", "bob"], ["park", "kind"], value_bound=8)
    types = (StateValues(["park", "kind"], [1, 2]), StateValues(["park", "kind"], [0, 7]))
    surviving = made("surviving", states, Context(states, types), {"eps": Fraction(1, 20)})
    owned = market(["ann", "bob"], {"ann": ["hut"], "bob": ["van"]}, 64)
    homes = made("market", owned, Context(owned, (Additive(["hut", "van"], {"hut": -3}),) * 2), {})
    bare = made("best-belief", auction(["ann"], ["vase"]), None, {}, plans=(((0,), Plan("random")),))
    reserve = {"reserve": {"allocation": {"ann": ["vase"]}, "prices": {"ann": 5}}}
    sold = made("best-belief-reserve", auction(["ann", "bob"], ["vase"]), None, reserve)
    for scenario in (surviving, homes, bare, sold):
        assert reread(scenario, language) == scenario


def test_only_parameters_that_differ_are_written() -> None:
    states = choice(["ann", "bob"], ["park"], value_bound=8)
    assert "parameters" not in scenario_to_json(made("surviving", states, None, {}))
    assert scenario_to_json(made("surviving", states, None, {"eps": "1/20"}))["parameters"] == {"eps": "1/20"}
    both = made("surviving", states, None, {"eps": "1/8", "eps1": "1/200"})  # 1/200 is the default for eps = 1/10
    assert scenario_to_json(both)["parameters"] == {"eps": "1/8", "eps1": "1/200"}


def test_how_it_reads() -> None:
    setting = auction(["ann", "bob", "cy"], ["left", "right"])
    types = (
        XOR(["left", "right"], [("left", 30), (("left", "right"), 50)]),
        Additive(["left", "right"], {"left": Fraction(1, 2)}),
        Additive(["left", "right"], {}),
    )
    context = Context(setting, types, (Precision(5),) * 3, ((0, 1),))
    scenario = made(
        "best-belief-real", setting, context, {"eps": "1/4"}, title="Two vases", plans=(((0, 1), Plan("silent")),)
    )
    assert write_scenario(scenario) == (
        "unrigged: 1\n"
        "title: Two vases\n"
        "mechanism: best-belief-real\n"
        "parameters: {eps: 1/4}\n"
        "players: [ann, bob, cy]\n"
        "goods: [left, right]\n"
        "types:\n"
        "  ann: {kind: xor, bids: [{goods: [left], value: 30}, {goods: [left, right], value: 50}]}\n"
        "  bob: {left: 1/2}\n"
        "  cy: {kind: additive, values: {}}\n"
        "knowledge: {precision: 5}\n"
        "coalitions: [[ann, bob]]\n"
        'strategies: {"ann+bob": silent, cy: rational}\n'
    )


def test_long_lists_are_wrapped() -> None:
    names = [f"player number {k}" for k in range(40)]
    scenario = made("best-belief", auction(names, ["vase"]), None, {})
    lines = write_scenario(scenario).splitlines()
    assert lines[2].startswith("players: [player number 0, player number 1, ")
    assert max(map(len, lines)) <= 120
    assert len(lines) < 15
    assert reread(scenario, "yaml") == scenario


def test_unknown_language() -> None:
    with pytest.raises(InputError, match=r"found yml, expected yaml, json or toml"):
        write_scenario(everything(), "yml")


def test_toml_has_no_null() -> None:
    states = choice(["ann"], ["park"])
    scenario = made(
        "perfect-revenue", choice(["ann", "bob"], ["park"]), None, {}, moves={"open": {"ann": {"state": None}}}
    )
    assert reread(scenario, "yaml") == scenario
    with pytest.raises(InputError, match="cannot write it"):
        write_scenario(scenario, "toml")
    assert states.n == 1


@given(st.text(max_size=20))
def test_texts_in_quotes(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair is no text
        return
    for suffix, form in ((".yaml", "a: {}"), (".toml", "a = {}")):
        assert parse_document(form.format(quoted(text)), suffix=suffix) == {"a": text}


NUMBERS = st.integers(0, 10**20) | st.fractions(0, 100, max_denominator=50)


@given(st.lists(st.tuples(st.integers(1, 7), NUMBERS), max_size=5), st.sampled_from(LANGUAGES))
def test_bids_read_back(bids: list[tuple[int, Any]], language: str) -> None:
    setting = auction(["ann", "bob"], ["a", "b", "c"])
    goods = setting.need_goods("test")
    scenario = made("vcg", setting, Context(setting, (XOR(goods, bids), OR(goods, bids))), {})
    assert reread(scenario, language) == scenario


# --- converting files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bids.txt").write_text("goods 2\nbids 3\ndummy 1\n0 5 0 2 #\n1 4 1 2 #\n2 3 0 1 #\n")
    return tmp_path


def test_cats_to_scenario_and_back(folder: Path) -> None:
    for suffix in ("yaml", "json", "toml"):
        notes = convert(folder / "bids.txt", folder / f"mine.{suffix}", "vcg")
        assert notes[-1] == "the mechanism vcg is assumed, everybody knows all values, and nobody colludes"
        scenario = read_scenario(folder / f"mine.{suffix}")
        assert scenario.mechanism.name == "vcg"
        notes = convert(folder / f"mine.{suffix}", folder / "again.cats")
        assert notes == (
            "a CATS file holds players, goods and values only: the mechanism, knowledge, strategies are not in it",
        )
        again = read_scenario(folder / "again.cats", "vcg")
        assert (again.context, again.mechanism) == (scenario.context, scenario.mechanism)
        assert (scenario.title, again.title) == ("bids", "again")


def test_scenario_to_course_bids(folder: Path) -> None:
    (folder / "mine.yaml").write_text(
        "mechanism: best-belief\nplayers: [ann, bob]\ngoods: [law]\ntypes: {ann: {law: 3}, bob: {law: 4}}\n"
        "coalitions: [[ann, bob]]\nmoves: {announce: {ann: {}}}\n"
    )
    assert convert(folder / "mine.yaml", folder / "mine.courses.json") == (
        "a file of course bids holds players, goods and values only: the mechanism, knowledge, coalitions, strategies, "
        "scripted moves are not in it",
    )
    assert read_scenario(folder / "mine.courses.json").setting.players == ("ann", "bob")


def test_what_cannot_be_converted(folder: Path) -> None:
    with pytest.raises(InputError, match=r"the suffix '.doc', expected one of .yaml, .yml, .json, .toml, .txt, .cats,"):
        convert(folder / "bids.txt", folder / "mine.doc")
    with pytest.raises(InputError, match="cannot write"):
        convert(folder / "bids.txt", folder / "none" / "mine.yaml")
    (folder / "bare.yaml").write_text("mechanism: best-belief\nplayers: [ann]\ngoods: [law]\n")
    with pytest.raises(InputError, match="no types, expected types, which are all that a file of bids holds"):
        convert(folder / "bare.yaml", folder / "bare.txt")
