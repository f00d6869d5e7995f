"""The participant's page by keyboard alone, on a phone, in the dark, and for who reads it with a screen reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from browser_support import Play, Served, example, filled, opened, seal_it, turn, wait_for

FAULTS = (Path(__file__).parent / "a11y.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["best-belief", "hope-for-the-best"])
def test_every_turn_is_legible_and_named(name: str, width: int, scheme: str, served: Served, person: Any) -> None:
    scenario = example(name)
    ann = scenario.mechanism.setting.players[0]
    play = Play.of(served, scenario, [ann])
    page = opened(person(viewport={"width": width, "height": 800}, color_scheme=scheme), play, ann)
    assert page.evaluate(FAULTS) == []
    play.begin()
    filled(page, 5)
    for details in page.locator("details").all():
        details.evaluate("each => { each.open = true; }")
    page.locator("#turn-body input[type=text]:visible:not([readonly])").first.fill("wrong")
    page.get_by_role("button", name="Read it once more, then seal it").click()
    assert page.locator(".missing li").count() == 1
    assert page.evaluate(FAULTS) == []
    page.locator("#turn-body input[type=text]:visible:not([readonly])").first.fill("3")
    page.get_by_role("button", name="Read it once more, then seal it").click()
    assert page.evaluate(FAULTS) == []
    page.get_by_role("button", name="Seal and send it").click()
    turn(page, "Your sealed move counts")
    assert page.evaluate(FAULTS) == []


def test_the_faults_that_are_looked_for_are_found(served: Served, person: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"])
    page = opened(person(), play, "ann")
    page.evaluate("""() => {
      const one = document.createElement("p");
      one.textContent = "pale";
      one.style.color = "rgb(200, 200, 200)";
      document.body.append(one, document.createElement("select"));
    }""")
    found = page.evaluate(FAULTS)
    assert any(fault.startswith("contrast") and fault.endswith("pale") for fault in found)
    assert any(fault.startswith("no name: <select") for fault in found)


def test_by_keyboard_alone(served: Served, person: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"])
    page = opened(person(), play, "ann")
    play.begin()
    turn(page, "Your move")
    bid = page.get_by_label("Your bid")
    for _ in range(40):
        page.keyboard.press("Tab")
        if bid.evaluate("one => one === document.activeElement"):
            break
    else:
        pytest.fail("the field cannot be reached by the Tab key")
    page.keyboard.press("Control+A")
    page.keyboard.type("x7")
    page.keyboard.press("Enter")
    assert bid.evaluate("one => one === document.activeElement")
    assert bid.get_attribute("aria-invalid") == "true"
    described = bid.get_attribute("aria-describedby")
    assert page.locator(f"#{described}").inner_text() == "enter a whole number"
    page.keyboard.press("Control+A")
    page.keyboard.type("17")
    page.keyboard.press("Enter")
    focus = "() => document.activeElement.textContent"
    assert page.evaluate(focus) == "Is this what you want to say?"
    page.keyboard.press("Tab")
    assert page.evaluate(focus) == "Seal and send it"
    page.keyboard.press("Tab")
    assert page.evaluate(focus) == "Change it"
    page.keyboard.press("Enter")
    assert bid.evaluate("one => one === document.activeElement")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    turn(page, "Your sealed move counts")
    assert page.evaluate(focus) == "Your sealed move counts"
    wait_for(lambda: len(play.moves("ann")) == 1)


def test_what_happens_is_announced(served: Served, person: Any) -> None:
    play = Play.of(served, example("second-price"), ["ann"])
    page = opened(person(), play, "ann")
    assert page.locator("#news").get_attribute("role") == "status"
    play.begin()
    page.wait_for_function("() => document.getElementById('news').textContent.startsWith('It is your turn')")
    assert page.title().startswith("●")
    filled(page)
    seal_it(page)
    page.wait_for_function("() => document.getElementById('news').textContent.includes('signed a receipt')")
    assert not page.title().startswith("●")
    play.robots_move()
    page.wait_for_function("() => document.getElementById('news').textContent.startsWith('The session is finished')")
