"""A participant's page in a real browser, from the link to the result, in every mechanism; nothing is lost."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from time import sleep
from typing import Any

import pytest

from browser_support import Play, Served, example, filled, opened, seal_it, turn, wait_for
from unrigged.formats import read_scenario
from unrigged.mechanisms import ALL, Mechanism
from unrigged.sealed.encoding import bytes_of
from unrigged.server.keys import Key
from unrigged.transcripts import history_from_json

CONTROLS = """() => [...document.querySelectorAll('#turn-body input, #turn-body select')]
  .map((one) => (one.type === 'checkbox' ? one.checked : one.value))"""


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_two_people_play_to_the_end(kind: type[Mechanism], served: Served, person: Any) -> None:
    scenario = example(kind.name)
    people = scenario.mechanism.setting.players[:2]
    play = Play.of(served, scenario, people)
    browser = person()
    pages = {name: opened(browser, play, name) for name in people}
    play.begin()
    made = {}
    while play.status != "settled":
        play.robots_move()
        for name in [each for each in play.missing() if each in pages]:
            number, label = play.state(lambda state: (state.current.number, state.current.label))
            if label:
                filled(pages[name], number + 3)
                seal_it(pages[name])
                receipted = "(item) => JSON.parse(localStorage.getItem(item))?.receipt"
                pages[name].wait_for_function(receipted, arg=item(play, name, "move", number))
                made[name, number] = kept(pages[name], play, name, "move", number)
        sleep(0.05)
    refused = play.state(lambda state: [result.refused for result in state.results])
    assert not any(name in each for each in refused for name in people), refused
    assert all(move["checked"] and move["words"] for move in made.values())
    assert made or kind.name == "market-fair"
    for name, page in pages.items():
        turn(page, "Your result")
        paid = Fraction(play.state(lambda state, name=name: state.entries[-1].fields["payments"][name]))
        words = page.locator("#turn-body .outcome").inner_text()
        told = re.search(r"you (pay nothing|pay|receive) ?(\d+(?:[./]\d+)?)?", words)
        assert told, words
        assert Fraction(told[2] or 0) * (-1 if told[1] == "receive" else 1) == paid


def test_a_reload_loses_nothing_and_a_lost_connection_neither(served: Served, person: Any) -> None:
    play = Play.of(served, example("best-belief"), ["ann"])
    browser = person()
    page = opened(browser, play, "ann")
    assert page.url == play.link("ann").partition("#")[0]
    play.begin()
    filled(page, 5)
    before = page.evaluate(CONTROLS)
    page.reload()
    turn(page, "Your move")
    after = page.evaluate(CONTROLS)
    assert after == before

    browser.route("**/moves", lambda route: route.abort())
    seal_it(page)
    turn(page, "Sealed, and on its way")
    page.wait_for_function("() => document.getElementById('news').textContent.includes('Trying again')")
    envelope = kept(page, play, "ann", "move", 0)["envelope"]
    page.reload()
    turn(page, "Sealed, and on its way")
    assert not play.moves("ann")
    browser.unroute("**/moves")
    turn(page, "Your sealed move counts")
    (move,) = play.moves("ann")
    assert move.fields["envelope"] == envelope
    page.reload()
    turn(page, "Your sealed move counts")
    assert "Your browser has checked the signature" in page.inner_text("#turn-body")
    assert len(play.moves("ann")) == 1


def item(play: Play, name: str, *field: str | int) -> str:
    """The name under which a browser keeps something of a participant."""
    return json.dumps(["unrigged", play.id, name, *field], separators=(",", ":"))


def kept(page: Any, play: Play, name: str, *field: str | int) -> Any:
    return page.evaluate("item => JSON.parse(localStorage.getItem(item))", item(play, name, *field))


def test_an_answer_that_is_lost_is_asked_for_again(served: Served, person: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"])
    browser = person()
    page = opened(browser, play, "ann")
    play.begin()
    sent = []

    def lose(route: Any) -> None:
        sent.append(route.request.post_data)
        if len(sent) < 3:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    browser.route("**/moves", lose)
    filled(page)
    seal_it(page)
    turn(page, "Your sealed move counts")
    assert len(sent) == 3
    assert len(set(sent)) == 1
    assert len(play.moves("ann")) == 1


def test_the_house_goes_away_and_comes_back(served: Served, person: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"])
    page = opened(person(), play, "ann")
    play.begin()
    filled(page)
    served.stop()
    page.wait_for_function("() => !document.querySelector('[data-connection]').hidden")
    seal_it(page)
    turn(page, "Sealed, and on its way")
    served.start()
    turn(page, "Your sealed move counts")
    assert len(play.moves("ann")) == 1
    page.wait_for_function("() => document.querySelector('[data-connection]').hidden")


def test_two_tabs_seal_one_move(served: Served, person: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"])
    browser = person()
    first = opened(browser, play, "ann")
    second = browser.new_page()
    second.goto(play.link("ann"))
    play.begin()
    for page, bid in ((first, "3"), (second, "4")):
        turn(page, "Your move")
        page.get_by_label("Your bid").fill(bid)
        page.get_by_role("button", name="Read it once more, then seal it").click()
    at_once = """(at) => {
      const buttons = [...document.querySelectorAll("#turn-body button")];
      const seal = buttons.find((one) => one.textContent === "Seal and send it");
      setTimeout(() => seal.click(), at - Date.now());
    }"""
    at = first.evaluate("() => Date.now() + 800")
    for page in (first, second):
        page.evaluate(at_once, at)
    for page in (first, second):
        turn(page, "Your sealed move counts")
    assert len(play.moves("ann")) == 1
    assert first.inner_text(".said") == second.inner_text(".said")


def test_without_a_secure_context_it_says_so(served: Served, person: Any) -> None:
    play = Play.of(served, example("best-belief"), ["ann"])
    page = person().new_page()
    link = play.link("ann").replace("127.0.0.1", "house.test")
    page.goto(link)
    page.wait_for_function("() => document.getElementById('unready').textContent.includes('unprotected')")
    page.get_by_text("pages that begin with https://").wait_for()
    assert page.locator("#me").is_hidden()
    assert page.get_by_role("heading", name="What is at stake").is_visible()
    assert page.url == link
    assert not play.state(lambda state: "ann" in state.keys)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "if (globalThis.SubtleCrypto) SubtleCrypto.prototype.generateKey = () => Promise.reject(new Error('no'))",
            "too old",
        ),
        ("Storage.prototype.setItem = () => { throw new Error('full'); }", "keep anything"),
    ],
)
def test_a_browser_that_cannot_says_so(script: str, words: str, served: Served, person: Any) -> None:
    play = Play.of(served, example("best-belief"), ["ann"])
    browser = person()
    browser.add_init_script(script)
    page = browser.new_page()
    page.goto(play.link("ann"))
    page.wait_for_function("words => document.getElementById('unready').textContent.includes(words)", arg=words)
    assert page.locator("#me").is_hidden()
    assert page.url == play.link("ann")
    assert not play.state(lambda state: "ann" in state.keys)


def test_without_scripts_it_says_so(served: Served, person: Any) -> None:
    play = Play.of(served, example("best-belief"), ["ann"])
    page = person(java_script_enabled=False).new_page()
    page.goto(play.link("ann"))
    page.get_by_text("JavaScript is switched off").wait_for()
    assert page.get_by_text("east, west").first.is_visible()


def test_a_key_goes_to_another_device(served: Served, person: Any, tmp_path: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"])
    page = opened(person(), play, "ann")
    with page.expect_download() as wait:
        page.get_by_role("button", name="Export my key").click()
    file = tmp_path / "key.json"
    wait.value.save_as(file)
    assert Key.read(file).public == play.state(lambda state: state.keys["ann"])

    other = person().new_page()
    other.goto(play.link("ann"))
    turn(other, "Your place was taken with another key")
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({**json.loads(file.read_text()), "secret": "A" * 43}))
    other.set_input_files("#import", wrong)
    other.wait_for_function("() => document.getElementById('news').textContent.includes('not the key')")
    other.set_input_files("#import", file)
    turn(other, "You have your place")
    play.begin()
    filled(other)
    seal_it(other)
    turn(other, "Your sealed move counts")
    turn(page, "Your move was sent from another device")
    assert len(play.moves("ann")) == 1


def test_a_link_that_fails_is_told_in_one_sentence(served: Served, person: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann", "bob"])
    start = play.link("ann").partition("#")[0]
    token = play.link("bob").partition("#t=")[2].partition("&")[0]
    for wrong in (token, token[:-1], token[:7], "??"):
        page = person().new_page()
        page.goto(f"{start}#t={wrong}")
        turn(page, "This link does not work")
        assert "incomplete or was made for somebody else" in page.inner_text("#turn-body")
        assert page.inner_text("#news") == ""
        assert "taking your place" not in page.inner_text("main")
    assert not play.state(lambda state: "ann" in state.keys)


def test_an_address_without_a_token_is_no_alarm_and_shows_nobody_as_present(served: Served, person: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"])
    page = opened(person(), play, "ann")
    page.get_by_text("here now").wait_for()
    page.close()
    other = person().new_page()
    other.goto(play.link("ann").partition("#")[0])
    turn(other, "This place is taken on another device")
    words = other.inner_text("#turn-body")
    assert "export the key there and import it here" in words
    assert "at once" not in words
    wait_for(lambda: not served.app.state.web.presence.of(play.id))


def test_whole_numbers_are_asked_for_before_they_are_filled_in_and_the_result_comes_first(
    served: Served, person: Any
) -> None:
    play = Play.of(served, example("best-belief"), ["ann"])
    page = opened(person(), play, "ann")
    play.begin()
    turn(page, "Your move")
    assert "Whole numbers of " in page.inner_text("#turn-body")
    filled(page)
    seal_it(page)
    turn(page, "Your sealed move counts")
    while play.status != "settled":
        play.robots_move()
        if "ann" in play.missing():
            filled(page)
            seal_it(page)
            wait_for(lambda: "ann" not in play.missing())
        sleep(0.05)
    turn(page, "Your result")
    after = """() => Boolean(document.getElementById('result').compareDocumentPosition(document.getElementById('know'))
      & Node.DOCUMENT_POSITION_FOLLOWING)"""
    page.wait_for_function("() => document.getElementById('result')")
    assert page.evaluate(after)


def test_in_a_round_for_a_coin_the_browser_contributes_by_itself(served: Served, person: Any) -> None:
    play = Play.of(served, example("best-belief-or-vcg"), ["ann"], seconds=300)
    page = opened(person(), play, "ann")
    play.begin()
    turn(page, "Your browser has contributed to the coin")
    assert len(play.moves("ann")) == 1
    play.robots_move()
    turn(page, "Your move")
    assert "ann" not in play.state(lambda state: state.results[0].refused)


def test_who_is_silent_is_told_what_counted(served: Served, person: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"], seconds=2)
    page = opened(person(), play, "ann")
    play.begin()
    turn(page, "Your move")
    assert "If you send nothing, this counts: ann bids 0" in page.inner_text("#turn-body")
    turn(page, "Your result")
    assert "what silence means counted for you" in page.inner_text("#turn-body")


def test_more_time_and_messages_reach_an_open_page(served: Served, person: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"], seconds=100)
    page = opened(person(), play, "ann")
    play.begin()
    turn(page, "Your move")
    page.get_by_label("Your bid").fill("12")
    page.wait_for_function("() => document.querySelector('#turn-body .countdown').textContent.startsWith('1 min')")
    play.house.extend(play.id, play.state(lambda state: state.current.deadline) + 600_000)
    page.wait_for_function("() => document.getElementById('news').textContent.includes('more time')")
    page.wait_for_function("() => document.querySelector('#turn-body .countdown').textContent.startsWith('11 min')")
    play.house.message(play.id, "The doors open at nine.")
    page.wait_for_function("() => document.getElementById('news').textContent.includes('The doors open at nine.')")
    assert page.get_by_label("Your bid").input_value() == "12"


def test_void(served: Served, person: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"])
    page = opened(person(), play, "ann")
    play.begin()
    turn(page, "Your move")
    play.house.void(play.id, "the hall is on fire")
    turn(page, "This session is void")
    assert "the hall is on fire" in page.inner_text("#turn-body")


def test_nothing_private_leaves_the_browser(served: Served, person: Any) -> None:
    play = Play.of(served, example("best-belief"), ["ann"])
    page = opened(person(), play, "ann")
    assert "worth at least: west 25, and only exactly that." in page.inner_text("#notes")
    page.set_input_files(
        "#notes-file", [{"name": "n.txt", "mimeType": "text/plain", "buffer": b"my secret reserve is 77"}]
    )
    page.wait_for_function("() => document.getElementById('notes').textContent.includes('77')")
    play.begin()
    filled(page, 5)
    seal_it(page)
    turn(page, "Your sealed move counts")
    secret = kept(page, play, "ann", "secret")
    token = play.link("ann").partition("#t=")[2].partition("&")[0]
    for request in person.asked:
        assert request.url.startswith((served.url, "blob:" + served.url)), request.url
        assert token not in request.url
        told = (request.post_data or "") + request.url
        assert secret not in told
        assert "secret reserve" not in told
    assert sum(token in (request.post_data or "") for request in person.asked) == 1
    page.get_by_role("button", name="Forget these notes").click()
    assert "77" not in page.inner_text("#notes")


@pytest.mark.parametrize("name", ["market", "perfect-revenue", "perfect-revenue-goods"])
def test_files_for_advice(name: str, served: Served, person: Any, tmp_path: Any) -> None:
    scenario = example(name)
    names = scenario.mechanism.setting.players
    play = Play.of(served, scenario, names[1:2])
    page = opened(person(), play, names[1])
    play.begin()
    play.robots_move()
    wait_for(lambda: play.state(lambda state: len(state.results)) == 1)
    page.get_by_text("Advice: what should I announce?").click()
    files = {}
    for button in ("what has happened so far", "a file made from this session and your notes"):
        with page.expect_download() as wait:
            page.get_by_role("button", name=button).click()
        files[wait.value.suggested_filename] = tmp_path / wait.value.suggested_filename
        wait.value.save_as(files[wait.value.suggested_filename])
    mine = read_scenario(files["mine.json"])
    assert mine.mechanism == scenario.mechanism
    assert mine.context.types == scenario.context.types
    assert mine.context.knowledge == scenario.context.knowledge
    history = history_from_json(mine.mechanism, json.loads(files["so-far.json"].read_text()))
    assert history == play.state(lambda state: state.history)
    assert history
    assert page.inner_text("#command") == f"unrigged advise mine.json --as {names[1]} --after so-far.json"


def test_before_sealing_one_reads_what_it_can_cost(served: Served, person: Any) -> None:
    play = Play.of(served, example("market"), ["dora"])
    page = opened(person(), play, "dora")
    play.begin()
    filled(page)
    page.get_by_role("button", name="Read it once more, then seal it").click()
    page.get_by_role("heading", name="The most you can come to pay").wait_for()
    words = page.inner_text("#turn-body ul.most")
    assert "dora, who proposes" in words
    assert "up to 17281/15 (about 1152) if somebody refuses" in words
    assert "Whoever says" not in words


def test_receipts_are_the_houses_own(served: Served, person: Any, tmp_path: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"])
    browser = person()
    page = opened(browser, play, "ann")

    def forge(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "number": 99})

    browser.route("**/moves", forge)
    play.begin()
    filled(page)
    seal_it(page)
    turn(page, "Your sealed move counts")
    assert "The signature is WRONG" in page.inner_text("#turn-body")
    with page.expect_download() as wait:
        page.get_by_role("button", name="Download this receipt").first.click()
    receipt = json.loads(wait.value.path().read_text())
    assert receipt["session"] == play.id
    assert len(bytes_of(receipt["signature"], "signature")) == 64
