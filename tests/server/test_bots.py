"""Programs that take part: `unrigged bot` over the network, and the bots of the house."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from serving_support import EXAMPLES, NoLimit, example, kept_house, opened, served
from unrigged.advice import regrouped
from unrigged.audit import audit, read_bundle
from unrigged.cli import main
from unrigged.errors import InputError
from unrigged.formats import read_scenario, scenario_to_json
from unrigged.mechanisms import ALL
from unrigged.protocol import Decision
from unrigged.scenario import Plan as Playing
from unrigged.sealed.encoding import text_of
from unrigged.server.app import create_app
from unrigged.server.bots import Bots
from unrigged.server.entries import Refused
from unrigged.server.house import House
from unrigged.server.keys import Link
from unrigged.server.opening import Plan
from unrigged.server.playing import Wish, chooser, drawn, fitted, scripted
from unrigged.strategies.base import Mixed, RandomPlay, Silent, Strategy


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with kept_house(tmp_path / "house.db") as made:
        yield made


@pytest.fixture
def address(house: House) -> Iterator[str]:
    with served(house) as found:
        yield found


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end, "it does not happen"
        sleep(0.02)


def url(link: Link, notes: str = "") -> str:
    return f"{link}#t={link.token}" + (f"&k={notes}" if notes else "")


def begun_when_all_are_there(house: House, session: str) -> None:
    def there() -> bool:
        with house.reading(session) as state:
            return len(state.keys) == len(state.participants)

    until(there)
    house.begin(session)


def bots(house: House, calls: list[list[str]], session: str) -> None:
    """Several calls of `unrigged bot` at once, and the organiser who begins when everybody is there."""
    with ThreadPoolExecutor(len(calls) + 1) as pool:
        running = [pool.submit(main, ["bot", *call]) for call in calls]
        pool.submit(begun_when_all_are_there, house, session).result()
        assert [each.result() for each in running] == [0] * len(calls)


def outcome(house: House, session: str) -> Any:
    with house.reading(session) as state:
        assert state.status == "settled"
        return state.outcome


def test_what_the_scenario_says_is_played(house: House, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    links = opened(house, address, example("perfect-revenue"))
    file = str(EXAMPLES / "perfect-revenue.yaml")
    bots(house, [[*map(url, links.values()), "--scenario", file, "--json"]], next(iter(links.values())).session)
    document = json.loads(capsys.readouterr().out)
    assert document["kind"] == "session"
    assert document["status"] == "settled"
    assert document["events"][0]["moves"]["adams"]["prices"] == {"adams": 5, "baker": 49, "clark": 12}
    raised = document["events"][1]["moves"]
    assert set(raised) == {"baker"}
    assert len(document["receipts"]) >= 2 * len(links)


def test_a_coalition_played_by_two_programs_and_a_bundle(house: House, address: str, tmp_path: Path) -> None:
    scenario = read_scenario(EXAMPLES / "best-belief.yaml")
    links = dict(opened(house, address, scenario.mechanism))
    names = scenario.setting.players
    mates = list(names[:2])
    file, bundle = str(EXAMPLES / "best-belief.yaml"), tmp_path / "session.bundle"
    calls = [[url(links[name]), "--scenario", file, "--strategy", "rational", "--as", ",".join(mates),
              "--key", str(tmp_path / f"{name}.key")] for name in mates]  # fmt: skip
    others = [name for name in names if name not in mates]
    calls.append([*(url(links[name]) for name in others), "--scenario", file, "--strategy", "rational",
                  "--bundle", str(bundle), "--pin", text_of(house.key)])  # fmt: skip
    session = links[names[0]].session
    bots(house, calls, session)
    found = audit(read_bundle(bundle.read_bytes()), {house.key})
    assert found.outcome == outcome(house, session)
    together, _ = regrouped(scenario, (0, 1))
    with house.reading(session) as state:
        decision = state.mechanism.start()
        assert isinstance(decision, Decision)
        for agent in ((0, 1), (2,)):
            strategy = (together if agent == (0, 1) else scenario).profile(10)[agent]
            assert isinstance(strategy, Strategy)
            assert dict(strategy.moves(decision, agent, ())).items() <= dict(state.history[0].moves).items()
    assert json.loads((tmp_path / f"{mates[0]}.key").read_text())["receipts"]


SCRIPT = """
def move(space, decision_label, history, notes):
    if notes["quiet"]:
        return None
    return space.encode(space.default)
"""


def test_scripts_and_silence(house: House, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mechanism = example("best-belief")
    links = list(opened(house, address, mechanism, seconds=3).values())
    (tmp_path / "mine.py").write_text(SCRIPT)
    calls = [[url(links[0], "eyJxdWlldCI6ZmFsc2V9"), "--strategy", str(tmp_path / "mine.py")],
             [url(links[1], "eyJxdWlldCI6dHJ1ZX0"), "--strategy", str(tmp_path / "mine.py")],
             *([url(link), "--strategy", "silent"] for link in links[2:])]  # fmt: skip
    bots(house, calls, links[0].session)
    with house.reading(links[0].session) as state:
        assert set(state.results[0].refused) == {link.player for link in links[1:]}
    shown = capsys.readouterr().out
    assert f"{links[1].player} says nothing" in shown
    assert all(link.token not in shown for link in links)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_random_play_of_every_mechanism(house: House, address: str, kind: Any) -> None:
    links = opened(house, address, example(kind.name))
    session = next(iter(links.values())).session
    bots(house, [[*map(url, links.values()), "--strategy", "random", "--seed", "5"]], session)
    with house.reading(session) as state:
        assert state.status == "settled"
        assert not any(result.refused for result in state.results)


def test_a_session_that_is_void(house: House, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    links = opened(house, address, example("best-belief"))
    session = next(iter(links.values())).session
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(main, ["bot", *map(url, links.values()), "--strategy", "random"])
        until(lambda: len(house.tokens(session)) == 0)
        house.void(session, "no \x1b[31mpower")
        assert running.result() == 0
    shown = capsys.readouterr().out
    assert "void: no \ufffd[31mpower" in shown


def test_links_from_standard_input(house: House, address: str) -> None:
    link, *_ = opened(house, address, example("best-belief")).values()
    house.void(link.session, "over before it began")
    found = subprocess.run(
        [sys.executable, "-m", "unrigged", "bot", "-", "--strategy", "silent"],
        input=f"{url(link)}\n", capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert found.returncode == 1
    assert "over" in found.stderr
    assert link.token not in found.stderr + found.stdout


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ([], 1, "a scenario file with your type"),
        (["--strategy", "clever"], 2, "expected rational"),
        (["--strategy", "nowhere.py"], 1, "nowhere.py"),
        (["--strategy", "rational", "--scenario", str(EXAMPLES / "market.yaml")], 1, "which is played here"),
        (["--strategy", "rational", "--scenario", str(EXAMPLES / "best-belief.yaml"), "--as", "nobody"], 1, "nobody"),
        (["--strategy", "random", "--key", "a", "--key", "b"], 2, "2 files for 1 links"),
        (["--strategy", "random", "--pin", "AA"], 1, "32 bytes"),
    ],
)
def test_wrong_calls(
    house: House, address: str, capsys: pytest.CaptureFixture[str], more: list[str], code: int, words: str
) -> None:
    link, *_ = opened(house, address, example("best-belief")).values()
    assert main(["bot", url(link), *more]) == code
    shown = " ".join(capsys.readouterr().err.split())
    assert words in shown
    assert link.token not in shown


def test_links_of_two_sessions(house: House, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, *_ = opened(house, address, example("best-belief")).values()
    second, *_ = opened(house, address, example("best-belief")).values()
    assert main(["bot", url(first), url(second), "--strategy", "random"]) == 1
    assert "links of one session" in capsys.readouterr().err


# What programs play.


def wish(kind: str, **more: Any) -> Wish:
    return Wish(kind, **{"scenario": None, "together": (), "limit": 1.0, "seed": None, **more})


def test_a_scenario_fits_a_session_with_other_parameters() -> None:
    scenario = read_scenario(EXAMPLES / "best-belief.yaml")
    kind = type(scenario.mechanism)
    other = kind.build(scenario.setting, {"eps": Fraction(1, 77)})
    assert fitted(scenario, other).mechanism == other
    assert fitted(scenario, scenario.mechanism) is scenario
    with pytest.raises(InputError, match="mechanism"):
        fitted(scenario, example("vcg"))


def test_members_of_one_coalition_draw_alike() -> None:
    mixed = Mixed(((Fraction(1, 3), Silent()), (Fraction(2, 3), RandomPlay(1))))
    chosen = {drawn(mixed, bytes([number]), "strategy") for number in range(50)}
    assert len(chosen) == 2
    assert drawn(mixed, b"x", "strategy") == drawn(mixed, b"x", "strategy")


def test_mixed_play_by_several_programs_needs_a_seed() -> None:
    scenario = read_scenario(EXAMPLES / "perfect-revenue.yaml")
    agent = max(scenario.agents, key=len)
    mates = [scenario.setting.players[player] for player in agent]
    assert len(mates) == 2
    half = Playing("mixed", actions=((Fraction(1, 2), Playing("silent")), (Fraction(1, 2), Playing("rational"))))
    mixed = replace(scenario, plans=((agent, half),), moves={})
    with pytest.raises(InputError, match="seed"):
        chooser(wish("", scenario=mixed), scenario.mechanism, mates[:1])
    chooser(wish("", scenario=mixed), scenario.mechanism, mates)
    chooser(wish("", scenario=mixed, seed=3), scenario.mechanism, mates[:1])


@pytest.mark.parametrize(
    ("text", "words"), [("1 +", "SyntaxError"), ("x = 1", "no function"), ("import nothing_like_it", "nothing_like_it")]
)
def test_scripts_that_do_not_run(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "script.py"
    path.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        scripted(path)
    assert str(path) in caught.value.where


# The bots of the house.


def adopted(house: House, name: str, **kinds: str) -> tuple[str, dict[str, bytes]]:
    scenario = read_scenario(EXAMPLES / f"{name}.yaml")
    all_kinds = {player: kinds.get(player, "bot") for player in scenario.setting.players}
    return house.create(Plan("practice", scenario.mechanism, all_kinds))


def test_the_bots_of_the_house_play_by_the_scenario(house: House) -> None:
    scenario = read_scenario(EXAMPLES / "market.yaml")
    session, _ = adopted(house, "market")
    made = Bots(house)
    try:
        made.adopt(session, scenario_to_json(scenario), begin=True)
        until(lambda: _status(house, session) == "settled")
    finally:
        made.close()
    with house.reading(session) as state:
        strategy = scenario.profile(5.0)
        agent, first = next(iter(strategy.items()))
        assert not any(result.refused for result in state.results)
        decision = state.mechanism.start()
        assert dict(first.moves(decision, agent, ())).items() <= dict(state.history[0].moves).items()


def test_the_bots_of_the_house_wait_for_people_and_survive_a_restart(house: House) -> None:
    session, _ = adopted(house, "best-belief", **{example("best-belief").setting.players[0]: "human"})
    first = Bots(house)
    first.adopt(session, None, begin=True)
    until(lambda: _joined(house, session) == example("best-belief").setting.n - 1)
    first.close()
    with house.reading(session) as state:
        assert not state.rounds
        keys = dict(state.keys)
    again = Bots(house)
    try:
        house.begin(session)
        until(lambda: _moved(house, session) == example("best-belief").setting.n - 1)
    finally:
        again.close()
    with house.reading(session) as state:
        assert state.keys == keys


def test_bots_play_in_the_served_house(house: House) -> None:
    app = create_app(house, limiter=NoLimit())
    session, _ = adopted(house, "vcg")
    try:
        app.state.bots.adopt(session, None, begin=True)
        until(lambda: _status(house, session) == "settled")
    finally:
        app.state.bots.close()
    with pytest.raises(Refused):
        house.void(session, "too late")


def _status(house: House, session: str) -> str:
    with house.reading(session) as state:
        return state.status


def _joined(house: House, session: str) -> int:
    with house.reading(session) as state:
        return len(state.keys)


def _moved(house: House, session: str) -> int:
    with house.reading(session) as state:
        return len(state.current.moves)
