"""A house in a process of its own: does what its input says, many things at once, and answers on its output."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from faults_support import mechanism
from unrigged.errors import UnriggedError
from unrigged.sealed.encoding import text_of
from unrigged.server.entries import Refused
from unrigged.server.house import House
from unrigged.server.opening import Plan
from unrigged.server.storage import StorageFailed, open_storage


def done(house: House, what: str, given: dict[str, Any]) -> Any:
    if what == "create":
        session, tokens = house.create(Plan("faults", mechanism(given["players"]), seconds=given["seconds"]))
        return {"session": session, "tokens": {name: text_of(token) for name, token in tokens.items()}}
    session = given.pop("session")
    if what == "begin":
        house.begin(session)
        return None
    if what == "join":
        return house.join(session, **given).to_json()
    if what == "submit":
        return house.submit(session, **given).to_json()
    if what == "log":
        with house.reading(session) as state:
            return [text_of(one.data) for one in state.entries]
    with house.reading(session) as state:
        return {"status": state.status, "size": state.size, "root": text_of(state.tree.root)}


def main() -> None:
    house = House(open_storage(sys.argv[1]), random=os.urandom, version="test")
    lock = Lock()

    def say(document: dict[str, Any]) -> None:
        with lock:
            sys.stdout.write(json.dumps(document) + "\n")
            sys.stdout.flush()

    def answer(given: dict[str, Any]) -> None:
        number, what = given.pop("id"), given.pop("do")
        try:
            say({"id": number, "answer": done(house, what, given)})
        except Refused as error:
            say({"id": number, "refused": error.rule})
        except StorageFailed as error:
            say({"id": number, "failed": str(error)})
        except UnriggedError as error:
            say({"id": number, "refused": str(error)})

    say({"ready": True})
    with ThreadPoolExecutor(32) as pool:
        for line in sys.stdin:
            pool.submit(answer, json.loads(line))
        pool.shutdown(wait=False, cancel_futures=True)
        os._exit(0)  # whoever asked is gone: nothing of this process may outlive him


if __name__ == "__main__":
    main()
