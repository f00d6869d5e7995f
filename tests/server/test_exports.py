"""What can be taken home from a session: tables that say the same as the log, and a bundle that is in order."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from pathlib import Path

import pytest

from live_support import House as Play
from live_support import at_random
from serving_support import kept_house
from unrigged import audit
from unrigged.errors import InputError
from unrigged.mechanisms import BestBelief, Market, MarketFair, SecondPrice
from unrigged.moves.answer import YesNo
from unrigged.moves.base import MoveSpace
from unrigged.server import exports
from unrigged.server.backup import backup, contents, restore
from unrigged.server.opening import Plan
from unrigged.server.session import Session
from unrigged.server.views import view
from unrigged.server.web import environment
from unrigged.setting import auction, market

NAMES = ["ann", "=cmd()", "cy"]


def played(seed: int = 3) -> Session:
    """A session of the market in which one is silent in the second round."""

    def chooses(name: str, space: MoveSpace) -> object:
        if name == "cy" and isinstance(space, YesNo):
            return None
        return at_random(seed)(name, space)

    return Play(Market(market(NAMES, {"ann": ["left"], "cy": ["right"]}, 8))).play(chooses)


def table(state: Session) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(exports.moves_csv(state), newline="")))


def test_every_move_has_a_row_with_a_name_that_stays() -> None:
    state = played()
    rows = table(state)
    assert len(rows) == sum(len(running.actors) for running in state.rounds)
    names = [row["move_id"] for row in rows]
    assert len(set(names)) == len(names)
    assert names[0] == "s/1/1"
    assert list(rows[0]) == list(exports.COLUMNS)
    for row in rows:
        result = state.results[int(row["round"]) - 1]
        player = state.mechanism.setting.players[int(row["player_number"]) - 1]
        assert json.loads(row["move"]) == result.moves[player]
        assert row["counted"] == ("default" if player in result.refused else "announced")
        assert (row["sent"] == "1") == (player in state.rounds[int(row["round"]) - 1].moves)
        assert row["price"] == str(state.outcome.prices[int(row["player_number"]) - 1])  # type: ignore[union-attr]


def test_a_silent_participant_has_his_default_and_the_reason() -> None:
    for seed in range(20):
        rows = [row for row in table(played(seed)) if row["sent"] == "0"]
        if rows:
            assert rows[0]["player"] == "cy"
            assert (rows[0]["counted"], rows[0]["move"], rows[0]["sent_ms"]) == ("default", '"NO"', "")
            assert rows[0]["reason"]
            return
    pytest.fail("nobody was silent")


def test_names_that_a_spreadsheet_would_compute_with_are_made_harmless() -> None:
    rows = table(played())
    assert {row["player"] for row in rows} <= {"ann", "'=cmd()", "cy"}
    assert not any(value.startswith("=") for row in rows for value in row.values())


def test_a_round_that_only_prepares_a_coin_has_rows_without_moves() -> None:
    state = Play(MarketFair(market(["ann", "bob"], {"ann": ["it"]}, 8))).play(at_random(1))
    first = [row for row in table(state) if row["round"] == "1"]
    assert [(row["label"], row["move"], row["sent"]) for row in first] == [("", "", "1")] * 2
    assert "announced" in {row["counted"] for row in table(state) if row["round"] == "2"}


def test_the_json_says_what_the_table_says_and_every_field_is_in_the_dictionary() -> None:
    state = played()
    document = json.loads(json.dumps(exports.session_json(state)))
    assert set(document) == set(exports.FIELDS)
    assert [move["move_id"] for move in document["moves"]] == [row["move_id"] for row in table(state)]
    assert set(document["moves"][0]) == set(exports.COLUMNS)
    assert document["outcome"]["prices"] == state.entries[-1].fields["outcome"]["prices"]
    words = exports.dictionary()
    assert all(f"\n{name} " in words for name in (*exports.COLUMNS, *exports.FIELDS))


def test_the_page_of_the_data_dictionary_names_every_column_and_field() -> None:
    page = (Path(__file__).parents[2] / "docs" / "exports.md").read_text()
    for name, words in (*exports.COLUMNS.items(), *exports.FIELDS.items()):
        assert f"| `{name}` | {words} |" in page, name


def test_exact_prices_stand_beside_their_own_names_in_the_order_of_the_rules() -> None:
    bids = {"zoe": 9, "ann": 5, "mia": 7}
    state = Play(SecondPrice(auction(list(bids), ["it"]))).play(lambda name, space: bids[name])
    seen = view(state)
    rows = [(row["player"], row["payment"], row["exact"]) for row in seen["result"]["rows"]]
    assert rows == [("zoe", "7", "7"), ("ann", "0", "0"), ("mia", "0", "0")]
    page = environment().get_template("session_live.html").render(id=state.id, seen=seen, mechanism=state.mechanism)
    shown = re.findall(r'<th scope="row">(\w+)</th>.*?exact">(\d+)<', page)
    assert shown == [("zoe", "7"), ("ann", "0"), ("mia", "0")]


def test_nothing_is_handed_out_before_the_end() -> None:
    unfinished = Play(BestBelief(auction(["ann", "bob"], ["it"])))
    unfinished.contribute()
    for export in (exports.moves_csv, exports.session_json, exports.readable):
        with pytest.raises(InputError, match="settled or void"):
            export(unfinished.session)


def test_a_void_session_has_a_bundle_that_is_in_order_and_no_prices(tmp_path: Path) -> None:
    with kept_house(tmp_path / "house.db") as house:
        session, _ = house.create(Plan("void", BestBelief(auction(["ann", "bob"], ["it"]))))
        house.begin(session)
        house.void(session, "fire")
        with house.reading(session) as state:
            data = exports.bundle(house, state)
            assert exports.session_json(state)["void"] == "fire"
            assert exports.session_json(state)["outcome"] is None
    found = audit.audit(audit.read_bundle(data))
    assert (found.status, found.void) == ("void", "fire")


def test_the_style_of_the_report_is_the_one_that_the_policy_of_its_page_allows() -> None:
    page = exports.readable(played())
    assert page.count("<style") == 1
    assert f"<style>{exports.STYLE}</style>" in page
    assert exports.style_hash().startswith("sha256-")


# Copies of a house.


def test_a_copy_of_a_running_house_holds_all_and_opens_elsewhere(tmp_path: Path) -> None:
    with kept_house(tmp_path / "house.db") as house:
        session, tokens = house.create(Plan("kept", BestBelief(auction(["ann", "bob"], ["it"]))))
        house.begin(session)
        found = backup(tmp_path / "house.db", tmp_path / "copy")
        house.message(session, "after the copy")
        key = house.key
    assert [(each.session, each.status, each.over) for each in found] == [(session, "playing", False)]
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0
    assert restore(tmp_path / "copy", tmp_path / "again.db") == found
    assert sorted(path.name for path in tmp_path.iterdir() if "part" in path.name) == []
    with kept_house(tmp_path / "again.db") as house:
        assert house.key == key
        assert house.tokens(session) == tokens
        with house.reading(session) as state:
            assert state.messages == []
            assert state.status == "playing"


def test_copies_never_overwrite_and_only_houses_are_copied(tmp_path: Path) -> None:
    with kept_house(tmp_path / "house.db"):
        pass
    (tmp_path / "there").write_text("mine")
    (tmp_path / "text").write_text("no database at all " * 100)
    with pytest.raises(InputError, match="there already"):
        backup(tmp_path / "house.db", tmp_path / "there")
    with pytest.raises(InputError, match="there already"):
        restore(tmp_path / "house.db", tmp_path / "there")
    for absent in ("nowhere", "text"):
        with pytest.raises(InputError):
            backup(tmp_path / absent, tmp_path / "new")
    assert (tmp_path / "there").read_text() == "mine"
    assert not (tmp_path / "new").exists()


def test_a_copy_with_a_changed_log_is_refused(tmp_path: Path) -> None:
    import apsw

    with kept_house(tmp_path / "house.db") as house:
        session, _ = house.create(Plan("kept", BestBelief(auction(["ann", "bob"], ["it"]))))
        house.begin(session)
    backup(tmp_path / "house.db", tmp_path / "copy")
    connection = apsw.Connection(str(tmp_path / "copy"))
    connection.execute(
        "UPDATE entries SET data = CAST(replace(CAST(data AS TEXT), 'announce', 'pronounce') AS BLOB) WHERE number = 2"
    )
    connection.close()
    with pytest.raises(InputError, match="log that is in order"):
        contents(tmp_path / "copy")
    with pytest.raises(InputError):
        restore(tmp_path / "copy", tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()
