"""CATS files: the format, the ways in which real files break it, what is repaired and what is refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unrigged.errors import InputError
from unrigged.formats import AuctionFile, read_auction, read_cats, read_scenario, write_cats
from unrigged.formats.cats import DISPOSAL, looks_like_cats
from unrigged.setting import Goods, Setting, auction, choice, market
from unrigged.valuations import OR, XOR, Additive, BudgetAdditive, ExactBundles, ORStar, StateValues, UnitDemand

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "cats"
FILES = sorted(SHARED.glob("*.txt"))

PLAIN = "goods 3\nbids 4\ndummy 1\n\n0\t10\t0\t3\t#\n1\t20\t0\t1\t3\t#\n2\t7\t2\t#\n3\t5.25\t1\t2\t#\n"


def header(goods: int = 3, bids: int = 1, dummy: int = 0) -> str:
    return f"goods {goods}\nbids {bids}\ndummy {dummy}\n"


def notes(text: str, **options: str) -> tuple[str, ...]:
    """The notes but for the one on free disposal."""
    found = read_cats(text, "f", **options).notes
    assert found[-1] == DISPOSAL
    return found[:-1]


def refused(text: str, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        read_cats(text, "f", **options)  # type: ignore[arg-type]
    return str(caught.value)


def bidders(found: AuctionFile) -> list[list[str]]:
    """The bids of every player, as texts."""
    return [
        [" ".join(one.goods.names(bundle & one.goods.everything)) for bundle, _ in one.bids]
        for one in found.types
        if isinstance(one, XOR | ORStar)
    ]


def test_bidders_goods_and_prices() -> None:
    found = read_cats(PLAIN)
    assert found.setting == auction(["bidder-1", "bidder-2", "bidder-3"], ["0", "1", "2"])
    assert found.types == (
        XOR(["0", "1", "2"], [("0", 10), (("0", "1"), 20)]),
        XOR(["0", "1", "2"], [("2", 7)]),
        XOR(["0", "1", "2"], [(("1", "2"), Fraction(21, 4))]),
    )
    assert found.notes == (DISPOSAL,)


def test_blanks_comments_and_line_ends() -> None:
    odd = "\ufeff%% made by\r\n   % more\r\n\r\n GOODS   3 % three\r\nBids 4\r\ndummy 1\r\n"
    odd += " 0 10 0 3 #\r\n1\t20 \t0\t1 3#\r\n\t% between\r\n2 7 2 # % last\r\n3 5.25 1 2 #"
    assert read_cats(odd.lstrip("\ufeff")) == read_cats(PLAIN)
    assert read_cats(PLAIN.replace("\n", "\r")) == read_cats(PLAIN)


@pytest.mark.parametrize(
    ("price", "value"),
    [("5", 5), ("0.1", Fraction(1, 10)), ("1e3", 1000), ("1.5e-05", Fraction(3, 200_000)), ("7.000", 7), ("0", 0)],
)
def test_prices_are_exact(price: str, value: Fraction) -> None:
    assert read_cats(header() + f"0 {price} 1 #").types[0].value(0b010) == value


def test_a_bid_without_a_dummy_is_a_bidder_of_its_own() -> None:
    assert read_cats(header(bids=3) + "0 1 0 #\n1 2 0 #\n2 3 0 #").setting.n == 3


def test_dummies_below_zero_one_for_each_bidder() -> None:
    text = header(bids=4, dummy=2) + "0 1 0 -1#\n1 2 1 -2#\n2 3 0 1 -1#\n3 4 2 -2#"
    assert bidders(read_cats(text)) == [["0", "0 1"], ["1", "2"]]
    assert notes(text) == ("dummies are numbered below 0 (2 of them in use), all other numbers are goods",)


def test_goods_beyond_the_header_beside_dummies_below_zero() -> None:
    text = header(goods=3, bids=2, dummy=2) + "0 1 1 3 -1#\n1 2 2 7 -2#"
    found = read_cats(text)
    assert found.setting.goods == Goods(["1", "2", "3", "7"])
    assert notes(text)[1:] == ("the numbers 3, 7 are read as goods beyond the header's 3, being named beside dummies",)
    fewer = header(goods=5, bids=1, dummy=1) + "0 1 1 5 -1#"
    assert notes(fewer)[2] == "the bids name 2 of the header's 5 goods; the others, of unknown number, are left out"


def test_a_good_beyond_the_header_without_its_dummy_is_ambiguous() -> None:
    text = header(bids=2, dummy=1) + "0 1 1 -1#\n1 2 2 3 #"
    assert refused(text).startswith(
        "f, line 5: found 3, beyond the header's 3 goods, in a bid without a dummy below 0, expected goods and dummies "
        "that can be told apart; correct the header, or say in the scenario what they are: beyond: goods, or"
    )
    assert bidders(read_cats(text, beyond="goods")) == [["1"], ["2 3"]]
    assert bidders(read_cats(text, beyond="dummies")) == [["1"], ["2"]]


def test_counts_in_the_header() -> None:
    one = "0 1 0 3 #\n1 2 1 3 #\n2 4 2 #"
    assert notes(header(bids=5, dummy=1) + one) == ("the header says 5 bids, the file has 3: all of them are read",)
    assert notes(header(bids=3, dummy=4) + one) == ("of 4 declared dummies the bids use 1",)
    assert notes("goods 3\ndummy 1\n" + one) == ("the header does not say how many bids there are; the file has 3",)
    assert notes("goods 3\nbids 3\n" + one) == (
        "the number 3 is read as an undeclared dummy: the header says 3 goods and no dummies",
    )


def test_undeclared_dummies() -> None:
    text = header(bids=4, dummy=1) + "0 1 0 3 #\n1 2 1 3 #\n2 4 2 5 #\n3 4 1 5 #"
    assert bidders(read_cats(text)) == [["0", "1"], ["2", "1"]]
    assert notes(text) == ("the number 5 is read as an undeclared dummy: the header says 3 goods and 1 dummy",)
    assert bidders(read_cats(text, beyond="goods")) == [["0", "1"], ["2 5"], ["1 5"]]


def test_two_undeclared_dummies_in_a_bid_are_ambiguous() -> None:
    text = header(bids=2, dummy=1) + "0 1 0 3 #\n1 2 1 3 4 #"
    assert refused(text).startswith(
        "f, line 5: found 3 and 4 in one bid, beyond the header's 3 goods and 1 dummy, expected at most one"
    )
    assert bidders(read_cats(text, beyond="goods")) == [["0", "1 4"]]
    assert bidders(read_cats(text, beyond="dummies")) == [["0", "1"]]


def test_goods_that_may_be_counted_from_one_are_ambiguous() -> None:
    text = header(bids=3) + "0 1 1 #\n1 2 2 3 #\n2 2 3 #"
    assert refused(text).startswith(
        "f, line 5: found 3, beyond the header's 3 goods and no dummies, expected goods and"
    )
    assert bidders(read_cats(text, beyond="goods")) == [["1"], ["2 3"], ["3"]]
    assert read_cats(text, beyond="goods").setting.goods == Goods(["0", "1", "2", "3"])


def test_bids_connected_by_several_dummies() -> None:
    chain = header(bids=3, dummy=2) + "0 1 0 3 #\n1 2 1 3 4 #\n2 4 2 4 #"
    found = read_cats(chain)
    assert found.setting.n == 1
    assert isinstance(found.types[0], ORStar)
    assert found.types[0]("0", "2") == 5
    assert found.types[0]("0", "1") == 2
    assert notes(chain) == (
        "several dummies connect the bids of bidder-1: those without a common one may win together (OR*)",
    )
    pairwise = header(bids=3, dummy=3) + "0 1 0 3 4 #\n1 2 1 4 5 #\n2 4 2 5 3 #"
    assert isinstance(read_cats(pairwise).types[0], XOR)


def test_connected_in_hindsight() -> None:
    text = header(bids=3, dummy=2) + "0 1 0 3 #\n1 2 1 4 #\n2 4 2 3 4 #"
    assert read_cats(text).setting.n == 1


def test_harmless_disorder() -> None:
    text = header(bids=3) + "7 1 2 0 #\n5 2 1 1 #\n9 0 #"
    assert bidders(read_cats(text)) == [["0 2"], ["1"]]
    assert notes(text) == (
        "goods out of ascending order, which makes no difference, in 1 bid",
        "a good named twice is counted once, as there is one of each, in 1 bid",
        "1 bid of 0 for no goods left out",
    )


def test_a_single_bidder_of_sats() -> None:
    text = "%% File generated by SATS  (UNKNOWN VERSION)\n" + header(bids=2) + "0 1 0 #\n1 2 1 #"
    assert notes(text) == (
        "every bid is read as a bidder of its own; a SATS file of a single bidder's bids would look the same",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bids 1\n0 1 0 #", "f: found no line 'goods <number>', expected a CATS header: goods, bids, dummy"),
        (header(), "f: found no bids, expected at least one bid"),
        (header() + "0 0 #", "f: found no bids, expected at least one bid"),
        (header() + "goods 4", "f, line 4: found a second line 'goods', expected one header; is this two auctions"),
        ("goods three", "f, line 1: found goods three, expected 'goods' and one number"),
        ("goods -3", "f, line 1: found goods -3, expected 'goods' and one number"),
        ("goods 0", "f, line 1: found 0, expected a number of goods from 1 to 100000"),
        ("goods 999999999", "f, line 1: found 999999999, expected a number of goods from 1 to 100000"),
        ("goods 99999999999999", "f, line 1: found goods 99999999999999, expected 'goods' and one number"),
        ("goods 3\nmaximums 1 2 3", "f, line 2: found a 'maximums' line, expected one unit of each good; multi-unit"),
        (header() + "0 5 1", "f, line 4: found a bid without '#' at its end, expected '#' after its last good; was"),
        (header() + "0 5 1 # 1 6 2 #", "f, line 4: found '1 6 2 #' after '#', expected nothing more on the line"),
        (header() + "0 #", "f, line 4: found a bid without a price, expected bid number, price, goods, '#'"),
        (header() + "0 x 1 #", "f, line 4: price: found x, expected an exact number"),
        (header() + "0 nan 1 #", "f, line 4: price: found nan, expected an exact number"),
        (header() + "0 -5 1 #", "f, line 4: price: found -5, expected a price >= 0; remove the bid"),
        (header() + "0 5 #", "f, line 4: found a bid of 5 for no goods, expected at least one good; no goods"),
        (header(dummy=1) + "0 5 3 #", "f, line 4: found a bid of 5 for no goods"),
        (header() + "0 5 a #", "f, line 4: found 'a', expected the number of a good"),
        (header() + "0 5 1.5 #", "f, line 4: found '1.5', expected the number of a good"),
        (header() + "0 5 9999999999 #", "f, line 4: found '9999999999', expected the number of a good"),
        (header() + "0 5 0 #\n1 2 1 #\n0 5 0 #", "f, line 6: found the bid number 0 again (first on line 4), expected"),
        (header() + "bidder 5 1 #", "f, line 4: found bidder 5 1 #, expected a CATS line"),
        ("<html>", "f, line 1: found <html>, expected a CATS line"),
    ],
)  # fmt: skip
def test_refused(text: str, message: str) -> None:
    assert refused(text).startswith(message)


def test_options() -> None:
    assert refused(PLAIN, beyond="good").startswith("f: beyond: found good, expected goods or dummies")
    assert refused(PLAIN, scale="-1").startswith("f: scale: found -1, expected a number > 0")
    assert read_cats(PLAIN, scale=100).types[2].value(0b110) == 525
    assert notes(PLAIN, scale="100") == ("all prices are multiplied by 100",)


def test_ten_megabytes_of_garbage(tmp_path: Path) -> None:
    path = tmp_path / "garbage.txt"
    path.write_bytes(b"lorem ipsum 12 # \xc3\xa4\n" * 500_000)
    begun = perf_counter()
    with pytest.raises(InputError, match=r"garbage.txt, line 1: found lorem ipsum 12 # ä, expected a CATS line"):
        read_scenario(path)
    assert perf_counter() - begun < 2


def test_a_price_of_a_hundred_thousand_digits() -> None:
    message = refused(header() + "0 " + "9" * 100_000 + " 1 #")
    assert message.startswith("f, line 4: price: found a number of 100000 characters, expected a number of at most")


def test_recognised_by_its_first_line() -> None:
    assert looks_like_cats(" % words\n\ngoods 3\n")
    assert not looks_like_cats("mechanism: best-belief\n")
    assert not looks_like_cats("goods: [3]\n")
    assert not looks_like_cats("")


# --- writing


def test_written_and_read_back() -> None:
    found = read_cats(PLAIN)
    assert read_cats(write_cats(found.setting, found.types, "a title\nof two lines")) == found


def test_written_types() -> None:
    setting = auction(["ann", "bob", "cy"], ["left", "right"])
    goods = setting.need_goods("test")
    star = ORStar(goods, [("left", 3, ["x"]), ("right", 4, ["x", "y"]), (("left", "right"), 5, ["y"])])
    types = (UnitDemand(goods, {"left": 3, "right": "5/2"}), star, Additive(goods, {}))
    text = write_cats(setting, types)
    assert text.splitlines()[:5] == [
        "% good 0: left", "% good 1: right", "% bids 0 to 1: ann", "% bids 2 to 4: bob", "% bids 5 to 5: cy",
    ]  # fmt: skip
    again = read_cats(text)
    for bundle in range(4):
        assert [one.value(bundle) for one in again.types] == [one.value(bundle) for one in types]


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (lambda goods: ExactBundles(goods, [("left", 3)]), "types.ann: found a valuation (exact) without free"),
        (lambda goods: Additive(goods, {"left": -3}), "types.ann: found a valuation (additive) without free disposal"),
        (lambda goods: XOR(goods, [("left", "1/3")]), "bid 0: found 1/3, expected a price with a finite decimal"),
        (
            lambda goods: ORStar(goods, [("left", 3, ["x"]), ("right", 4, ["y"])]),
            "types.ann: found OR* bids not connected by dummies",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_written(one: object, message: str) -> None:
    setting = auction(["ann"], ["left", "right"])
    with pytest.raises(InputError) as caught:
        write_cats(setting, [one(setting.goods)])  # type: ignore[operator]
    assert str(caught.value).startswith(message)


def test_large_valuations_without_a_list_of_bids() -> None:
    setting = auction(["ann"], [str(k) for k in range(30)])
    goods = setting.need_goods("test")
    with pytest.raises(InputError, match=r"types.ann: found a valuation \(or\) that is no short list of bids"):
        write_cats(setting, [OR(goods, [(str(k), 1) for k in range(30)])])
    with pytest.raises(InputError, match=r"that is no short list of bids"):
        write_cats(setting, [BudgetAdditive(goods, {"1": 3}, 2)])


def test_other_settings_cannot_be_written() -> None:
    states: Setting = choice(["ann"], ["park"])
    with pytest.raises(InputError, match="goods, which a CATS file needs"):
        write_cats(states, [StateValues(["park"], [1])])
    owned = market(["ann"], {"ann": ["hut"]}, 8)
    with pytest.raises(InputError, match="goods with owners"):
        write_cats(owned, [Additive(["hut"], {})])


BIDS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 2**6 - 1), st.sets(st.integers(6, 9), max_size=2)),
    min_size=1,
    max_size=8,
)


@given(BIDS)
def test_a_group_is_worth_what_winner_determination_would_give_it(rows: list[tuple[int, int, set[int]]]) -> None:
    """Bids that name disjoint goods and share no dummy may win together, whoever made them: nothing else."""
    lines = [
        " ".join(map(str, [k, price, *(g for g in range(6) if bundle >> g & 1), *sorted(dummies), "#"]))
        for k, (price, bundle, dummies) in enumerate(rows)
    ]
    found = read_cats(header(6, len(rows), 4) + "\n".join(lines))
    masks = [(price, bundle | sum(1 << dummy for dummy in dummies)) for price, bundle, dummies in rows]
    best = 0
    for chosen in range(1 << len(rows)):
        taken = [masks[k] for k in range(len(rows)) if chosen >> k & 1]
        if sum(mask.bit_count() for _, mask in taken) == _union(mask for _, mask in taken).bit_count():
            best = max(best, sum(price for price, _ in taken))
    table = [0] * 64
    for one in found.types:
        table = [max(table[s & ~t] + one.value(t) for t in _subsets(s)) for s in range(64)]  # type: ignore[misc]
    assert table[63] == best
    again = read_cats(write_cats(found.setting, found.types))
    assert [getattr(one, "bids") for one in again.types] == [getattr(one, "bids") for one in found.types]  # noqa: B009


def _union(masks: object) -> int:
    answer = 0
    for mask in masks:  # type: ignore[attr-defined]
        answer |= mask
    return answer


def _subsets(bundle: int) -> list[int]:
    return [subset for subset in range(64) if subset & ~bundle == 0]


# --- real files


@pytest.mark.skipif(not FILES, reason=f"the shared data set is not beside the checkout ({SHARED})")
def test_every_real_file_is_read_and_written_back() -> None:
    assert len(FILES) == 24
    for path in FILES:
        family, goods, bids, _ = path.stem.split("_")
        found = read_auction(str(path))
        assert found.setting.m == int(goods)
        count = sum(len(one.bids) for one in found.types if isinstance(one, XOR))
        assert int(bids) <= count < int(bids) * 1.15
        assert all(type(one) is XOR and one.integral for one in found.types)
        if family.startswith("L"):
            assert found.setting.n == count
        else:
            assert found.setting.n < count / 2
        again = read_cats(write_cats(found.setting, found.types))
        assert (again.setting, again.types) == (found.setting, found.types)


@pytest.mark.skipif(not FILES, reason=f"the shared data set is not beside the checkout ({SHARED})")
def test_what_real_files_are_repaired_for() -> None:
    paths = read_auction(str(SHARED / "paths_256_1000_s1.txt"))
    assert paths.notes == (
        "of 439 declared dummies the bids use 221",
        "goods out of ascending order, which makes no difference, in 406 bids",
        DISPOSAL,
    )
    assert read_auction(str(SHARED / "regions_64_250_s1.txt")).notes == (DISPOSAL,)
    assert read_auction(str(SHARED / "regions_64_250_s1.txt")).setting.n == 55
