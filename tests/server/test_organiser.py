"""What the organiser does: sessions out of forms and scenarios, links, the monitor, practice."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from pages_support import FORM, Browser, created
from serving_support import EXAMPLES, served
from unrigged.audit import audit, read_bundle
from unrigged.errors import InputError
from unrigged.mechanisms import ALL, BestBelief
from unrigged.sealed.encoding import bytes_of
from unrigged.server.auth import Organisers
from unrigged.server.client import Client
from unrigged.server.house import House
from unrigged.server.keys import read_link
from unrigged.server.planning import DEFAULTS, USES, drafted, read_scenario_text
from unrigged.server.playing import Wish, chooser, play
from unrigged.setting import auction

# Sessions out of forms and scenarios.


def test_the_form_says_what_every_mechanism_is_for(organiser: Browser) -> None:
    assert set(USES) == {kind.name for kind in ALL}
    page = unescape(organiser.get("/organiser/new").text)
    for name, words in USES.items():
        assert f"{name}: {words}</option>" in page


def test_a_session_is_made_by_the_form_and_shown_to_everybody(
    organiser: Browser, visitor: Browser, house: House
) -> None:
    session = created(organiser, step="1", unit="euro", bots="cy", seconds="60", **{"parameter.eps": "1/2"})
    with house.reading(session) as state:
        assert state.mechanism == BestBelief(auction(["ann", "bob", "cy"], ["left", "right"]), eps="1/2")
        assert [each.kind for each in state.participants.values()] == ["human", "human", "bot"]
        assert (state.seconds, state.money.unit, state.money.step) == (60, "euro", 1)
    page = visitor.get(f"/s/{session}").text
    for words in (
        "Two licences",
        "left, right",
        "The operator could read moves",
        "a fair coin is flipped",
        "euro",
        "What silence means",
    ):
        assert words in page


def test_everything_wrong_is_told_at_its_place_and_nothing_is_lost(organiser: Browser, house: House) -> None:
    wrong = {
        "players": "ann\nann",
        "goods": "left",
        "parameter.eps": "3",
        "step": "x",
        "seconds": "1",
        "title": "",
        "programs": "zoe",
        "unit": "€" * 30,
    }
    answer = organiser.send("/organiser/new", **{**FORM, **wrong})
    assert answer.status_code == 422
    page = unescape(answer.text)
    for place in ("players", "step", "seconds", "title", "unit"):
        assert f'id="error-{place}"' in page, place
    for text in wrong.values():
        assert text in page
    assert house.sessions() == []
    again = organiser.send("/organiser/new", **{**FORM, "parameter.eps": "3"})
    assert 'id="error-parameter.eps"' in again.text
    assert 'id="error-programs"' in organiser.send("/organiser/new", **{**FORM, "programs": "zoe"}).text


@pytest.mark.parametrize("name", [each.name for each in ALL])
def test_every_mechanism_can_be_set_up_by_the_form(name: str, organiser: Browser) -> None:
    assert organiser.get(f"/organiser/new?mechanism={name}").status_code == 200
    draft = drafted(
        {
            "title": "x",
            "mechanism": name,
            "players": "ann\nbob",
            "goods": "it",
            "states": "a\nb",
            "endowment": "it = ann",
            "value_bound": "8",
        },
        "form",
    )
    assert draft.errors == {}
    assert draft.plan is not None
    assert draft.plan.mechanism.name == name


def test_choosing_another_mechanism_keeps_what_was_filled_in(organiser: Browser, house: House) -> None:
    page = organiser.send("/organiser/new", **{**FORM, "mechanism": "market", "action": "choose"})
    assert page.status_code == 200
    assert "Who owns what beforehand" in page.text
    assert "ann\nbob\ncy" in page.text
    assert house.sessions() == []


def test_a_scenario_becomes_a_session_and_its_values_private_notes(organiser: Browser, visitor: Browser) -> None:
    text = (EXAMPLES / "best-belief.yaml").read_text()
    session = created(organiser, **{"from": "scenario", "scenario": text, "title": ""})
    page = organiser.get(f"/organiser/s/{session}/links").text
    link = unescape(re.findall(r'href="(http://house.test/s/[^"]+)"', page)[0])
    note = json.loads(bytes_of(parse_qs(urlsplit(link).fragment)["k"][0], "k"))
    assert "east 100, with or without other goods" in note["lines"][0]
    assert note["type"] == {"kind": "xor", "bids": [{"goods": ["east"], "value": 100}]}
    assert note["knowledge"]["belief"]["lower"]["bob"]["bids"][0]["value"] == 25
    for path in (f"/s/{session}", f"/s/{session}/p/ann", f"/api/v1/sessions/{session}"):
        assert not re.search(r"\b(80|50|25)\b", visitor.get(path).text)


def test_a_scenario_that_is_wrong_or_names_files_of_the_server_is_refused_at_its_place(organiser: Browser) -> None:
    text = "mechanism: best-belief\nplayers: [ann]\nauction: {file: /etc/passwd}\n"
    answer = organiser.send("/organiser/new", **{**FORM, "from": "scenario", "scenario": text})
    assert answer.status_code == 422
    assert 'id="error-scenario"' in answer.text
    assert "/etc/passwd" in answer.text
    with pytest.raises(InputError):
        read_scenario_text("")


def test_a_file_is_uploaded_in_place_of_pasted_text(organiser: Browser, house: House) -> None:
    fields = {**DEFAULTS, "form": organiser.form_token(), "from": "scenario"}
    upload = {"scenario_file": ("market.yaml", (EXAMPLES / "market.yaml").read_bytes())}
    answer = organiser.ask("POST", "/organiser/new", data=fields, files=upload)
    assert answer.status_code == 303, answer.text
    with house.reading(house.sessions()[0]) as state:
        assert state.mechanism.name == "market"
        assert state.title == "Three neighbours and their homes"


# The monitor.


def test_the_organiser_begins_extends_tells_and_voids(organiser: Browser, visitor: Browser, house: House) -> None:
    session = created(organiser)
    to = f"/organiser/s/{session}"
    assert organiser.send(f"{to}/extend", minutes="5").status_code == 422
    assert organiser.send(f"{to}/begin").status_code == 303
    with house.reading(session) as state:
        deadline = state.current.deadline
    wrong = organiser.send(f"{to}/extend", minutes="soon")
    assert wrong.status_code == 422
    assert 'value="soon"' in wrong.text
    assert organiser.send(f"{to}/extend", minutes="5").status_code == 303
    assert organiser.send(f"{to}/message", text="<b>Take your time</b>").status_code == 303
    with house.reading(session) as state:
        assert state.current.deadline == deadline + 300_000
    page = visitor.get(f"/s/{session}/live").text
    assert "&lt;b&gt;Take your time&lt;/b&gt;" in page
    assert organiser.send(f"{to}/void", reason="fire").status_code == 422
    with house.reading(session) as state:
        assert state.status == "playing"
    assert organiser.send(f"{to}/void", reason="fire", sure="yes").status_code == 303
    page = organiser.get(to).text
    assert "declared the session void: fire" in page
    assert "Extend" not in page
    assert "This session is void" in visitor.get(f"/s/{session}").text


def test_practice_is_one_click_and_ends_with_a_bundle_in_order(house: House) -> None:
    with served(house) as address, httpx.Client(base_url=address, timeout=30.0) as browser:
        code = Organisers(house, secure=False).new_code()
        browser.post("/organiser/login", data={"code": code})
        page = browser.get("/organiser").text
        token = re.search(r'name="form" value="([^"]+)"', page)
        assert token is not None
        answer = browser.post("/organiser/practice", data={"form": token[1], "example": "best-belief.yaml"})
        participant = Client(read_link(address + answer.headers["location"]), http=browser)
        play(
            [participant], chooser(Wish("random", None, (), 5.0, 1), BestBelief(auction(["a"], ["b"])), ["ann"]), print
        )
        session = house.sessions()[0]
        found = audit(read_bundle(browser.get(f"/s/{session}/bundle").content))
        assert found.status == "settled"
        assert found.refused == []
        assert "cy" in browser.get(f"/s/{session}/report").text


def test_hostile_names_are_shown_as_they_are_and_do_nothing(organiser: Browser, visitor: Browser) -> None:
    name = "<script>alert(1)</script>/..%2f\u202e"
    refused = organiser.send("/organiser/new", **{**FORM, "players": f"{name}\nbob"})
    assert refused.status_code == 422
    name = "<script>alert(1)</script>/..%2f"
    session = created(organiser, players=f"{name}\nbob", title='"><script>')
    for page in (visitor.get(f"/s/{session}"), organiser.get(f"/organiser/s/{session}/links")):
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;/..%2f" in page.text
    link = unescape(
        re.findall(r'href="(http://house.test/s/[^"]+)"', organiser.get(f"/organiser/s/{session}/links").text)[0]
    )
    assert visitor.get(urlsplit(link).path).status_code == 200


def test_sessions_are_listed_by_the_page_the_newest_first(organiser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unrigged.server.organiser.PAGE", 2)
    for title in ("oldest", "older", "newest"):
        created(organiser, title=title)
    first, second = organiser.get("/organiser").text, organiser.get("/organiser?page=1").text
    assert first.index("newest") < first.index("older")
    assert "oldest" not in first
    assert "Older" in first
    assert "oldest" in second
    assert "Newer" in second
    assert organiser.get("/organiser?page=x").status_code == 200
