"""Makes the golden bundles that are not there yet: sessions that every later version must audit alike.

Run as `python tests/audit/make_golden.py` from the checkout. What is there is never written again.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
sys.path.insert(0, str(Path(__file__).parents[1]))

MADE_BY = "unrigged 0.1.0.dev0"


def bundles() -> dict[str, bytes]:
    """The golden sessions: a plain one; one with a committee, a player who is silent and one who sends no move; one
    with a beacon that the organiser declares void."""
    from live_support import House, at_random
    from unrigged.mechanisms import BestBelief, FirstPrice
    from unrigged.sealed.encoding import text_of
    from unrigged.server.session import next_entries
    from unrigged.setting import auction

    plain = House(FirstPrice(auction(("ann", "bob"), ["vase"])))
    plain.play(at_random(3))

    committee = House(BestBelief(auction(("Ann B.", "Bär", "周"), ["left", "right"])), 4, 3)
    committee.contribute()
    for name in committee.players:
        committee.join(name)
    committee.begin()
    committee.add("message", text="Two lots; bids close in ten minutes.")
    committee.move("Ann B.", at_random(3))
    committee.send("Bär", committee.envelope("Bär", b'{"wanted": 3}'))
    committee.add("extend", round=0, deadline=committee.session.current.deadline + 5000)
    for each in next_entries(committee.session, committee.session.current.deadline):
        committee.session.apply(each)
    while committee.session.status != "settled":
        if committee.session.status == "playing" and len(committee.session.results) < len(committee.session.rounds):
            for name in committee.session.missing:
                committee.move(name, at_random(7))
        committee.step((0, 2, 3))

    void = House(BestBelief(auction(("ann", "bob"), ["vase"])), beacon="drand, the round announced on the page")
    void.contribute()
    for name in void.players:
        void.join(name)
    void.begin()
    for name in void.players:
        void.move(name, at_random(2))
    void.step()
    void.step()
    void.add("beacon", round=0, value="8b2fd1c5")
    void.step()
    void.add("void", reason="the vase is broken")
    answer = {}
    for name, house in {"plain": plain, "committee": committee, "void": void}.items():
        session = house.session
        checkpoint = {"session": "s", "size": session.size, "root": text_of(session.tree.root),
                      "signature": text_of(house.checkpoint(session))}  # fmt: skip
        answer[name] = written([one.data for one in session.entries], checkpoint)
    return answer


def written(entries: list[bytes], checkpoint: dict[str, object]) -> bytes:
    """The bundle, under the name of the version whose form it has."""
    from unrigged.audit import audited, read_bundle, report, write_bundle
    from unrigged.audit.bundle import FIRST_LINE
    from unrigged.sealed.encoding import canonical

    data = write_bundle(entries, checkpoint, report(audited(entries)))
    read_bundle(data)
    document = {**json.loads(data.split(b"\n", 2)[2]), "version": MADE_BY}
    rest = canonical(document)
    return FIRST_LINE + sha256(rest).hexdigest().encode() + b"\n" + rest


def main() -> None:
    """Write what is missing."""
    GOLDEN.mkdir(exist_ok=True)
    for name, data in bundles().items():
        path = GOLDEN / f"{name}.unrigged"
        if not path.exists():
            path.write_bytes(data)
            print(f"{path.name}: {len(data)} bytes")


if __name__ == "__main__":
    main()
