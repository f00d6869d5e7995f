"""The browser seals byte for byte as the server does; its code is run in Node.js, whose WebCrypto is the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from live_support import secret
from unrigged import server
from unrigged.sealed.encoding import bytes_of, canonical, text_of
from unrigged.sealed.envelope import Committee, Place, seal
from unrigged.server.entries import move_statement

NODE = shutil.which("node")
MODULE = Path(server.__file__).parent / "static" / "seal.js"
SCRIPT = Path(__file__).parent / "seal_in_node.mjs"


@pytest.mark.parametrize(("count", "threshold"), [(1, 1), (4, 3), (7, 5)])
@pytest.mark.parametrize("name", ["alice", "Ä\U0001d4b3 \u2028", 'quote " and \\'])
def test_the_same_bytes(count: int, threshold: int, name: str) -> None:
    if NODE is None:
        if os.environ.get("UNRIGGED_ALL_TESTS"):
            pytest.fail("Node.js is needed for this test")
        pytest.skip("Node.js is not installed")
    private = [X25519PrivateKey.from_private_bytes(secret("trustee", number)) for number in range(count)]
    committee = Committee(tuple(one.public_key().public_bytes_raw() for one in private), threshold)
    place = Place("a session", 3, name, 512)
    value = {"\U0001d4b3": 1, "\ufb00": [None, True, "a\nb\x7f"], "a": {"b": 2, "B": 3}, name: ""}
    content = json.dumps({"prices": {name: "1/2"}}, ensure_ascii=False)
    given = {
        "module": str(MODULE), "key": text_of(secret("key")), "keys": [text_of(key) for key in committee.keys],
        "threshold": threshold, "content": content, "value": value,
        "place": {"session": place.session, "round": place.round, "sender": place.sender, "size": place.size},
    }  # fmt: skip
    done = subprocess.run(
        [NODE, "--no-warnings", str(SCRIPT), json.dumps(given)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    envelope = seal(content.encode(), secret("key"), place, committee)
    assert bytes_of(found["envelope"], "envelope") == envelope
    signer = Ed25519PrivateKey.from_private_bytes(secret("key"))
    assert bytes_of(found["public"], "public") == signer.public_key().public_bytes_raw()
    assert bytes_of(found["signature"], "signature") == signer.sign(move_statement("a session", 3, name, envelope))
    assert found["canonical"].encode() == canonical(value)
