"""Every kind of move has a form, and whoever follows its description builds a legal move; nothing private is in it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import pytest

import unrigged.moves as moves_package
from live_support import House
from unrigged.formats import read_scenario
from unrigged.mechanisms import ALL, Mechanism
from unrigged.moves import base
from unrigged.protocol import Chance, Decision, settle
from unrigged.server import forms
from unrigged.server.forms import form
from unrigged.server.views import view

EXAMPLES = Path(__file__).parents[2] / "examples"

KINDS = {
    "set": {"goods"}, "members": {"players", "always"}, "allocation": {"goods", "owners", "nobody"},
    "prices": {"players", "numbers"}, "state": {"states", "null"}, "table": {"players", "states", "least"},
    "valuation": {"goods", "signed"}, "number": {"least"}, "answer": {"offer", "price"},
}  # fmt: skip
"""The kinds of parts that static/moves.js knows, each with the fields it needs."""


def spaces(mechanism: Mechanism, plays: int = 10) -> Iterator[base.MoveSpace]:
    """The move spaces that random plays come to."""
    for seed in range(plays):
        rng = Random(seed)
        position = settle(mechanism.start())[0]
        while isinstance(position, Decision | Chance):
            if isinstance(position, Chance):
                position = settle(rng.choice(position.branches).then())[0]
                continue
            yield from (space for _, space in position.actors)
            chosen = [space.sample(rng, 4) for _, space in position.actors]
            position = settle(position.after(chosen))[0]


def example(kind: type[Mechanism]) -> Mechanism:
    return read_scenario(EXAMPLES / f"{kind.name}.yaml", check=False).mechanism


def number(part: dict[str, Any], rng: Random, most: str | None = None) -> int | str:
    """A number by the rules of a part."""
    step = Fraction(part.get("step", 1))
    least = Fraction(part["least"]) if "least" in part else Fraction(1 if part.get("positive") else -4)
    top = min([least + 4, *(Fraction(each) for each in (part.get("most"), most) if each is not None)])
    value = max(least, step if part.get("positive") else least)
    value += step * rng.randint(0, max(0, int((top - value) / step)))
    return int(value) if value.denominator == 1 else str(value)


def filled(part: dict[str, Any], whole: dict[str, Any], rng: Random) -> Any:
    """What somebody fills in at random, as the description allows."""
    kind = part["kind"]
    if kind in ("set", "members"):
        names = part["goods" if kind == "set" else "players"]
        return [name for name in names if name == part.get("always") or rng.getrandbits(1)]
    if kind == "allocation":
        given: dict[str, list[str]] = {}
        among = whole[part["among"]] if "among" in part else part["owners"]
        for good in part["goods"]:
            owner = rng.choice([None, *among])
            if owner is None:
                if part.get("lists_nobody"):
                    whole.setdefault("destroyed", []).append(good)
            else:
                given.setdefault(owner, []).append(good)
        return given
    if kind == "prices":
        asked = [name for name in part["players"] if not part.get("only_sold") or name in whole["allocation"]]
        limits = part.get("limits", {})
        prices = {name: number(part, rng, limits.get(name)) for name in asked if name != part.get("filled")}
        if "total" in part:
            last = part.get("filled") or asked[-1]
            if "filled" not in part:
                prices = dict.fromkeys(asked, 0) | {asked[0]: 1, asked[-1]: -1}
            else:
                prices[last] = int(part["total"]) - sum(map(Fraction, prices.values()))
                prices[last] = str(prices[last])
        return prices
    if kind == "state":
        return rng.choice([*([None] if part["null"] else []), *part["states"]])
    if kind == "table":
        rows = [name for name in part["players"] if name != part.get("without")]
        return {name: {state: number(part, rng) for state in part["states"]} for name in rows}
    if kind == "valuation":
        if rng.getrandbits(1):
            least = {} if part["signed"] else {"least": "0"}
            return {"kind": "additive", "values": {good: number(least, rng) for good in part["goods"]}}
        bids = [{"goods": [rng.choice(part["goods"])], "value": number({"least": "0"}, rng)} for _ in range(2)]
        return {"kind": rng.choice(["or", "xor"]), "bids": bids}
    return rng.choice(["YES", "NO"]) if kind == "answer" else number(part, rng)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_what_the_description_allows_is_legal(kind: type[Mechanism]) -> None:
    for space in spaces(example(kind)):
        described = json.loads(json.dumps(form(space)))
        assert space.decode(described["default"]) == space.default
        assert described["lead"].endswith(".")
        assert described["silence"]
        for part in described["parts"]:
            assert KINDS[part["kind"]] <= set(part), part
            assert part["title"]
        rng = Random(repr(space))
        for _ in range(5):
            whole: dict[str, Any] = {}
            for part in described["parts"]:
                whole[part["field"]] = filled(part, whole, rng)
            move = whole if described["whole"] == "object" else whole[described["parts"][0]["field"]]
            assert space.legal(space.decode(json.loads(json.dumps(move))))
        if "out" in described:
            assert space.legal(space.decode(described["out"]))


def test_no_kind_of_move_is_without_a_form() -> None:
    known = forms._form
    names = [path.stem for path in Path(moves_package.__file__).parent.glob("*.py") if path.stem != "__init__"]
    found = {
        each
        for name in names
        for _, each in inspect.getmembers(import_module(f"unrigged.moves.{name}"), inspect.isclass)
        if issubclass(each, base.MoveSpace) and not inspect.isabstract(each)
    }
    assert len(found) > 10
    assert [each.__name__ for each in found if known.dispatch(each) is known.dispatch(object)] == []


def test_the_view_describes_one_participants_move() -> None:
    house = House(example(next(kind for kind in ALL if kind.name == "best-belief")))
    house.contribute()
    for name in house.players:
        house.join(name)
    house.begin()
    assert view(house.session)["round"]["forms"] == {}
    described = view(house.session, player="ann")["round"]["forms"]
    assert set(described) == {"ann"}
    sold = described["ann"]["parts"][1]
    assert sold["owners"] == ["bob", "cy"]
    assert view(house.session, player="nobody")["round"]["forms"] == {}
