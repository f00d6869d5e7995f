"""Outcomes in words."""

from __future__ import annotations

from unrigged.outcome import prices_in_words
from unrigged.setting import Goods, States, auction


def test_prices_in_words() -> None:
    setting = auction(["ann", "bob", "cy"], ["vase"])
    assert prices_in_words(setting, (3, 0, -2)) == "ann pays 3, cy receives 2"
    assert prices_in_words(setting, (0, 0, 0)) == "nobody pays"


def test_of_many_prices_the_largest_are_said() -> None:
    setting = auction([f"p{i}" for i in range(20)], ["vase"])
    words = prices_in_words(setting, tuple(range(1, 21)))
    assert words.startswith("p19 pays 20, p18 pays 19")
    assert words.endswith("p8 pays 9, and 8 more pay or receive less")


def test_goods_and_states_are_shown_as_they_are_built() -> None:
    assert repr(Goods(["left", "right"])) == "Goods(['left', 'right'])"
    assert repr(States(["park"])) == "States(['park'])"


def test_names_with_commas_are_quoted_in_sets() -> None:
    assert Goods(["vase", "cup, blue", "{x}"]).written(7) == '{vase, "cup, blue", "{x}"}'
