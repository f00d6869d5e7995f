"""From creation to audit in a real browser: an organiser and three people, two of whom collude, each with a browser of
his own, and two bots of the house; the moves are those that everybody's own command line advises."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from serving_support import needs
from unrigged.audit import Broken, read_bundle
from unrigged.formats import read_scenario
from unrigged.play import outcomes
from unrigged.server.keys import read_link
from unrigged.transcripts import outcome_from_json

SCENARIOS = Path(__file__).parent / "scenarios"
PLAYERS = ("ann", "bob", "cy", "dora", "emil")
PAIR, PEOPLE, BOTS = ("ann", "bob"), ("ann", "bob", "cy"), ("dora", "emil")

CHROMIUM = shutil.which("chromium")
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def unrigged(*words: str) -> list[str]:
    return [sys.executable, "-m", "unrigged", *words]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        needs(False, "Playwright")
    needs(CHROMIUM, "Chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Serving:
    """A house that `unrigged serve` has opened: where, and the organiser's link."""

    address: str
    login: str


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    process = subprocess.Popen(
        unrigged("serve", "--database", str(tmp_path / "house.db"), "--port", "0", "--quiet"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    said = ""
    try:
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        address = re.search(r"open at (http://\S+)", said)
        login = re.search(r"once: (http://\S+)", said)
        assert address
        assert login
        yield Serving(address[1], login[1])
    finally:
        process.terminate()
        try:
            rest, _ = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert process.returncode in (0, 130, -15), rest
    assert "Traceback" not in rest


@dataclass
class Screens:
    """Where screenshots go, and what went wrong on pages."""

    folder: Path
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def browser(self, chromium: Any, viewport: Mapping[str, int]) -> Any:
        """Somebody's browser, which shares nothing with the others'."""
        made = chromium.new_context(viewport=dict(viewport), locale="en-GB", accept_downloads=True)
        made.set_default_timeout(30_000)
        made.on("weberror", lambda error: self.faults.append(str(error.error)))
        made.on("console", lambda line: self.faults.append(line.text) if line.type == "error" else None)
        made.on("request", lambda request: self.asked.append(request.url))
        return made

    def take(self, page: Any, name: str) -> None:
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)


@pytest.fixture
def screens(tmp_path: Path, request: pytest.FixtureRequest) -> Screens:
    chosen = os.environ.get("UNRIGGED_SCREENSHOTS")
    folder = Path(chosen) / re.sub(r"\W+", "-", request.node.name) if chosen else tmp_path / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return Screens(folder)


def advised(file: Path, name: str, so_far: Path | None, folder: Path) -> Any:
    """What the participant's own command line tells him to announce next, as the move's JSON."""
    agent = ",".join(PAIR) if name in PAIR else name
    after = ["--after", str(so_far)] if so_far else []
    found = subprocess.run(unrigged("advise", str(file), "--as", agent, "--json", *after),
                           capture_output=True, text=True, timeout=120, check=True)  # fmt: skip
    turn = json.loads(found.stdout)["turns"][0]
    return turn["choices"][0]["moves"][name], turn["decision"]


def fill_in(form: Any, description: Mapping[str, Any], move: Any) -> None:
    """Fill in the page's form so that it says `move`."""
    for place, part in enumerate(description["parts"]):
        section = form.locator("div > fieldset").nth(place)
        value = move if description["whole"] == "value" else move[part["field"]]
        match part["kind"]:
            case "allocation":
                owner = {good: name for name, goods in value.items() for good in goods}
                for good in part["goods"]:
                    section.get_by_label(good, exact=True).select_option(owner.get(good, ""))
            case "prices":
                for name in part["players"]:
                    box = section.get_by_label(name, exact=True)
                    if box.is_editable() and box.is_visible():
                        box.fill(str(value.get(name, 0)))
            case "set":
                for good in part["goods"]:
                    section.get_by_label(good, exact=True).set_checked(good in value)
            case "state":
                section.get_by_label("proposed").select_option(value or "")
            case "answer":
                section.get_by_label(value, exact=True).check()
            case kind:
                raise AssertionError(f"no way to fill in '{kind}'")


def title(page: Any, *beginnings: str) -> str:
    """Wait until the page's turn has one of these titles; which."""
    page.wait_for_function(
        "ways => ways.some((way) => document.getElementById('turn').textContent.startsWith(way))", arg=list(beginnings)
    )
    return str(page.locator("#turn").inner_text())


@pytest.mark.parametrize("name", ["best-belief", "market", "perfect-revenue"])
def test_from_creation_to_audit(chromium: Any, serving: Serving, screens: Screens, tmp_path: Path, name: str) -> None:
    file = SCENARIOS / f"{name}.yaml"
    scenario = read_scenario(file)
    organiser = screens.browser(chromium, DESKTOP)
    desk = organiser.new_page()
    links, public = created(desk, serving, file, screens)
    assert set(links) == set(PEOPLE)

    browsers = {who: screens.browser(chromium, PHONE if who == "cy" else DESKTOP) for who in PEOPLE}
    pages = {}
    for who, browser in browsers.items():
        pages[who] = browser.new_page()
        pages[who].goto(links[who])
        title(pages[who], "You have your place")
        assert "#" not in pages[who].url
        screens.take(pages[who], f"joined-{who}")
    desk.goto(serving.address + f"/organiser/s/{read_link(links['ann']).session}")
    desk.get_by_role("button", name="Begin the first round").click()
    desk.get_by_text("Round 1").first.wait_for()
    screens.take(desk, "monitor-begun")

    played(pages, serving, file, scenario, read_link(links["ann"]).session, screens, tmp_path)

    for who, page in pages.items():
        title(page, "Your result")
        screens.take(page, f"result-{who}")
    desk.get_by_text("The result").first.wait_for()
    screens.take(desk, "monitor-settled")
    checked(desk, public, serving, scenario, screens, tmp_path)
    assert not screens.faults
    assert all(url.startswith((serving.address, "blob:", "data:")) for url in screens.asked)
    tokens = [read_link(link).token for link in links.values()]
    assert not any(token in url for token in tokens for url in screens.asked)
    for each in (organiser, *browsers.values()):
        each.close()


def created(desk: Any, serving: Serving, file: Path, screens: Screens) -> tuple[dict[str, str], str]:
    """The organiser logs in and opens the session; the links of those who are to be people, and the public page."""
    desk.goto(serving.login)
    if desk.get_by_role("button", name="Enter").count():
        desk.get_by_role("button", name="Enter").click()
    desk.get_by_role("link", name="From a scenario file").click()
    desk.get_by_label("Its text").fill(file.read_text(encoding="utf-8"))
    desk.get_by_label("Bots of this house").fill("\n".join(BOTS))
    desk.get_by_label("Seconds for each round").fill("600")
    screens.take(desk, "new")
    desk.get_by_role("button", name="Open the session").click()
    desk.wait_for_url("**/links")
    screens.take(desk, "links")
    found = [one.inner_text() for one in desk.locator("a.link").all()]
    links = {unquote(urlsplit(link).path.rpartition("/")[2]): link for link in found}
    public = desk.locator("#public").get_attribute("href")
    return {who: link for who, link in links.items() if who in PEOPLE}, public


def played(
    pages: Mapping[str, Any], serving: Serving, file: Path, scenario: Any, session: str, screens: Screens, folder: Path
) -> None:
    """Everybody moves as he is advised, until the session is settled."""
    address = f"{serving.address}/api/v1/sessions/{session}"
    done: set[tuple[str, int]] = set()
    until = monotonic() + 240
    while True:
        assert monotonic() < until, "the session does not end"
        seen = httpx.get(address).json()
        if seen["status"] == "settled":
            return
        now = seen["round"]
        waiting = [who for who in PEOPLE if who in now["actors"] and who not in now["moved"]]
        waiting = [who for who in waiting if (who, now["number"]) not in done and seen["status"] == "playing"]
        if not waiting or not now["open"]:
            pages["ann"].wait_for_timeout(100)
            continue
        for who in waiting:
            page = pages[who]
            title(page, "Your move: " + now["label"])
            so_far = None
            if seen["rounds_done"]:
                page.locator("#advice").evaluate("each => { each.open = true; }")
                with page.expect_download() as download:
                    page.locator("#so-far").click()
                so_far = folder / f"{who}-{now['number']}.json"
                download.value.save_as(so_far)
            scripted = scenario.moves.get(now["label"], {})
            move, label = (scripted[who], now["label"]) if who in scripted else advised(file, who, so_far, folder)
            assert label == now["label"]
            description = httpx.get(address, params={"player": who}).json()["round"]["forms"][who]
            fill_in(page.locator("#turn-body form"), description, move)
            screens.take(page, f"round-{now['number'] + 1}-{who}-filled")
            page.get_by_role("button", name="Read it once more, then seal it").click()
            screens.take(page, f"round-{now['number'] + 1}-{who}-review")
            page.get_by_role("button", name="Seal and send it").click()
            done.add((who, now["number"]))
            title(page, "Your sealed move counts", "Your move", "Others move", "Your result", "The round")


def checked(desk: Any, public: str, serving: Serving, scenario: Any, screens: Screens, folder: Path) -> None:
    """The bundle is downloaded and audited offline; its outcome is one that the scenario's exact distribution knows."""
    desk.goto(serving.address + public)
    screens.take(desk, "public")
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Download the bundle").click()
    path = folder / "session.bundle"
    download.value.save_as(path)
    desk.goto(f"{serving.address}{public}/report")
    assert "The result" in desk.content()
    screens.take(desk, "report")
    house = httpx.get(f"{serving.address}/api/v1{public.replace('/s/', '/sessions/', 1)}").json()["house"]
    found = subprocess.run(unrigged("audit", str(path), "--pin", house), capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stdout + found.stderr

    entries = [json.loads(one) for one in read_bundle(path.read_bytes()).entries]
    settled = entries[-1]
    assert settled["kind"] == "settled"
    assert not any(one["refused"] for one in entries if one["kind"] == "opened")
    outcome = outcome_from_json(scenario.setting, settled["outcome"], "outcome")
    assert outcome in [each for each, _ in outcomes(scenario.mechanism, scenario.profile(20)).outcomes]

    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    with pytest.raises(Broken):
        read_bundle(bytes(data))
    (folder / "forged.bundle").write_bytes(data)
    found = subprocess.run(unrigged("audit", str(folder / "forged.bundle")), capture_output=True, text=True, timeout=60)
    assert found.returncode == 1
    assert "digest" in found.stdout + found.stderr
