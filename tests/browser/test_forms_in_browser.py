"""What the form in a browser gives is a legal move, for every kind of move space of every mechanism; and it says no, in
words, to what is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from unrigged import server
from unrigged.formats import read_scenario
from unrigged.mechanisms import ALL, Mechanism
from unrigged.moves.base import MoveSpace
from unrigged.protocol import Chance, Decision, settle
from unrigged.server.forms import form
from unrigged.server.rounds import padded_size, written_move

EXAMPLES = Path(__file__).parents[2] / "examples"
STATIC = Path(server.__file__).parent / "static"
FILL = (Path(__file__).parent / "fill.js").read_text(encoding="utf-8")
SEEDS = 6
DIGITS = 30

BUILD = """
async ([form, terms]) => {
  const { MoveForm } = await import("/static/moves.js");
  const { inWords } = await import("/static/words.js");
  const place = document.querySelector("#place");
  place.replaceChildren();
  window.form = new MoveForm(place, form, () => {}, terms);
  window.again = (kept) => {
    place.replaceChildren();
    window.form = new MoveForm(place, form, () => {}, terms);
    window.form.restore(kept);
  };
  window.words = () => inWords(form, window.form.read().move, terms);
}
"""


@pytest.fixture(scope="module")
def page(chromium: Any) -> Iterator[Any]:
    """An empty page that has the house's scripts."""
    made = chromium.new_page()
    made.set_default_timeout(15000)

    def answer(route: Any) -> None:
        name = route.request.url.rpartition("/")[2]
        if name.endswith(".js"):
            route.fulfill(body=(STATIC / name).read_text(encoding="utf-8"), content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>forms</title><main id=place></main>", content_type="text/html")

    made.route("**/*", answer)
    made.goto("http://127.0.0.1:9/")
    yield made
    made.close()


def spaces(mechanism: Mechanism, plays: int = 8) -> list[tuple[str, Decision, MoveSpace]]:
    """One move space of every kind, label and mover that random plays come to."""
    found = {}
    for seed in range(plays):
        rng = Random(seed)
        position = settle(mechanism.start())[0]
        while isinstance(position, Decision | Chance):
            if isinstance(position, Chance):
                branches = position.branches
                branch = rng.choices(branches, [float(each.probability) + 0.1 for each in branches])[0]
                position = settle(branch.then())[0]
                continue
            for player, space in position.actors:
                found[position.label, player, type(space)] = (position.label, position, space)
            moves = [space.sample(rng, 4) for _, space in position.actors]
            position = settle(position.after(moves))[0]
    return list(found.values())


def built(page: Any, space: MoveSpace) -> None:
    page.evaluate(BUILD, [json.loads(json.dumps(form(space))), {"unit": "points", "digits": DIGITS}])


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_what_is_filled_in_is_legal(kind: type[Mechanism], page: Any) -> None:
    mechanism = read_scenario(EXAMPLES / f"{kind.name}.yaml").mechanism
    for label, decision, space in spaces(mechanism):
        told = set()
        for seed in range(SEEDS):
            built(page, space)
            page.evaluate(FILL, ["#place", seed + 1])
            found = page.evaluate("() => window.form.read()")
            assert "move" in found, (label, found)
            move = space.decode(found["move"])
            assert len(written_move(found["move"])) + 4 <= padded_size(decision, DIGITS)
            assert all(part["title"] for part in page.evaluate("() => window.words()"))
            page.evaluate("() => window.again(JSON.parse(JSON.stringify(window.form.keep())))")
            assert page.evaluate("() => window.form.read()") == found
            told.add(space.describe(move))
        assert len(told) > 1 or space.encoded_limit(1) < 8, (label, told)


def test_revenue_and_faults_are_told_as_one_types(page: Any) -> None:
    space = spaces(read_scenario(EXAMPLES / "best-belief.yaml").mechanism)[0][2]
    built(page, space)
    page.get_by_label("east").last.select_option("bob")
    price = page.get_by_label("bob")
    assert page.evaluate("() => window.form.read().problems") == ["bob: enter a whole number above 0"]
    for wrong in ("0", "-3", "1/2", "x", "9" * 31):
        price.fill(wrong)
        assert price.get_attribute("aria-invalid") == "true", wrong
    price.fill("12345678901234567890")
    assert page.locator(".sum").inner_text() == "Revenue so far: 12345678901234567890 points"
    found = page.evaluate("() => window.form.read()")
    assert found["move"]["prices"] == {"bob": "12345678901234567890"}
    assert space.decode(found["move"]).offer.revenue == 12345678901234567890


def test_a_proposers_own_price_is_what_the_others_leave(page: Any) -> None:
    mechanism = read_scenario(EXAMPLES / "market.yaml").mechanism
    space = spaces(mechanism)[0][2]
    built(page, space)
    others = page.locator("input:not([readonly])")
    others.first.fill("-5")
    others.nth(1).fill("2")
    found = page.evaluate("() => window.form.read()")
    assert sum(space.decode(found["move"]).prices) == 0
    assert page.locator("input[readonly]").input_value() == "3"
    others.first.fill(str(space.limit))
    assert "problems" in page.evaluate("() => window.form.read()")
    others.first.fill("-5")
    page.locator("select").first.select_option("")
    found = page.evaluate("() => window.form.read()")
    assert len(found["move"]["destroyed"]) == 1


def test_who_does_not_belong_gets_no_wish(page: Any) -> None:
    space = spaces(read_scenario(EXAMPLES / "leveraging.yaml").mechanism)[0][2]
    built(page, space)
    names = space.setting.players
    other = next(name for name in names if name != names[space.player])
    wish, mate = (
        page.locator("fieldset").nth(1).locator("select").first,
        page.locator("fieldset").first.get_by_label(other),
    )
    assert wish.locator("option:disabled").count() == len(names) - 1
    mate.check()
    wish.select_option(other)
    assert other in page.evaluate("() => window.form.read().move.wish")
    mate.uncheck()
    assert "with whom you do not act together" in page.evaluate("() => window.form.read().problems")[0]
    mate.check()
    assert space.decode(page.evaluate("() => window.form.read().move"))
    page.get_by_label("I stay out of this").check()
    assert page.evaluate("() => window.form.read().move") == "opt-out"
