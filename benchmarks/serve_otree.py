"""The same load on oTree, for `benchmarks/serve.py`: sealed bids for one good, everybody in one group.

oTree pins old versions of what unrigged uses, so it is installed into a virtual environment of its own, in a temporary
directory or where UNRIGGED_OTREE says. Its server is run as for a study (`otree prodserver1of2`), on its own SQLite
file.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from urllib.request import Request, urlopen

from serve_load import Call, call, load

SETTINGS = """
SESSION_CONFIGS = [dict(name="sealed", app_sequence=["sealed"], num_demo_participants=2)]
SESSION_CONFIG_DEFAULTS = dict(real_world_currency_per_point=1.0, participation_fee=0.0, doc="")
PARTICIPANT_FIELDS = []
SESSION_FIELDS = []
LANGUAGE_CODE = "en"
REAL_WORLD_CURRENCY_CODE = "USD"
USE_POINTS = True
ADMIN_USERNAME = "admin"
ADMIN_PASSWORD = "benchmark"
SECRET_KEY = "benchmark"
"""

APP = """
from otree.api import *


class C(BaseConstants):
    NAME_IN_URL = "sealed"
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = 1


class Subsession(BaseSubsession):
    pass


class Group(BaseGroup):
    price = models.CurrencyField()


class Player(BasePlayer):
    bid = models.CurrencyField(min=0, max=100000)
    won = models.BooleanField(initial=False)


def settle(group):
    bids = sorted(group.get_players(), key=lambda player: -player.bid)
    bids[0].won = True
    group.price = bids[1].bid


class Bid(Page):
    form_model = "player"
    form_fields = ["bid"]


class Wait(WaitPage):
    after_all_players_arrive = "settle"


class Results(Page):
    pass


page_sequence = [Bid, Wait, Results]
"""

PAGE = "{{ block title }}A sealed bid{{ endblock }}\n{{ block content }}%s{{ endblock }}\n"
REST = "benchmark"


class CannotRun(Exception):
    """oTree cannot be run here, and why."""


def environment(place: Path) -> Path:
    """The programs of a virtual environment in which oTree is installed."""
    given = os.environ.get("UNRIGGED_OTREE")
    folder = Path(given) if given else place / "otree"
    if not (folder / "bin" / "otree").exists():
        for words in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(folder / "bin" / "pip"), "install", "-q", "otree"],
        ):
            done = subprocess.run(words, capture_output=True, text=True)
            if done.returncode:
                raise CannotRun(f"{' '.join(words)}: {done.stderr.strip()[-500:]}")
    return folder / "bin"


@contextmanager
def serving(place: Path) -> Iterator[int]:
    """oTree's server with the auction; its port."""
    programs, project = environment(place), place / "project"
    for folder in ("_static", "_templates", "sealed"):
        (project / folder).mkdir(parents=True)
    (project / "settings.py").write_text(SETTINGS)
    (project / "sealed" / "__init__.py").write_text(APP)
    (project / "sealed" / "Bid.html").write_text(PAGE % "{{ formfields }}{{ next_button }}")
    (project / "sealed" / "Results.html").write_text(PAGE % "{{ player.won }} {{ group.price }}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    set_ = {"OTREE_REST_KEY": REST, "OTREE_PRODUCTION": "1", "OTREE_AUTH_LEVEL": "STUDY",
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}  # fmt: skip
    with open(project / "output", "w") as output:
        process = subprocess.Popen([str(programs / "otree"), "prodserver1of2", str(port)], cwd=project, stdout=output,
                                   stderr=output, env={**os.environ, **set_}, start_new_session=True)  # fmt: skip
        try:
            _wait(port, process, project / "output")
            yield port
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None:
                break
            sleep(0.2)
        else:
            return
    raise CannotRun(f"oTree's server does not start: {output.read_text()[-500:]}")


def session(port: int, players: int) -> list[str]:
    """A new session: the participants' codes."""
    made = _rest(port, "/api/sessions", {"session_config_name": "sealed", "num_participants": players})
    return [each["code"] for each in _rest(port, f"/api/sessions/{made['code']}")["participants"]]


def _rest(port: int, path: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    headers = {"otree-rest-key": REST, "content-type": "application/json"}
    with urlopen(Request(f"http://127.0.0.1:{port}{path}", data, headers), timeout=120) as answer:
        return json.load(answer)


def bids(port: int, codes: list[str]) -> list[Call]:
    """Everybody opens his page (not timed); then the calls that send the bids."""
    pages = load([call(port, "GET", f"/InitializeParticipant/{code}") for code in codes], 8)
    where = [re.search(r"location: (\S+)", each.head, re.IGNORECASE) for each in pages.answers]
    if not all(where):
        raise CannotRun(f"a participant is not let in: {pages.answers[0].head}")
    paths = [found[1] for found in where if found]
    shown = load([call(port, "GET", path) for path in paths], 8)
    if shown.count(200) != len(codes):
        raise CannotRun(f"a page is not shown: {shown.answers[0].head}")
    form = "application/x-www-form-urlencoded"
    return [call(port, "POST", path, f"bid={number}".encode(), form) for number, path in enumerate(paths)]
