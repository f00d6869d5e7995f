"""Small scenarios as documents, and a way to alter them, shared by the tests of scenario files."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

AUCTION: dict[str, Any] = {
    "unrigged": 1,
    "mechanism": "best-belief",
    "players": ["ann", "bob", "cy"],
    "goods": ["left", "right"],
    "types": {
        "ann": {"kind": "xor", "bids": [{"goods": ["left"], "value": 30}, {"goods": ["left", "right"], "value": 50}]},
        "bob": {"left": 20, "right": 25},
        "cy": {"left": 1},
    },
}

MARKET: dict[str, Any] = {
    "mechanism": "market",
    "players": ["ann", "bob"],
    "goods": ["hut", "van"],
    "endowment": {"ann": ["hut"], "bob": ["van"]},
    "value_bound": 64,
    "types": {"ann": {"hut": 3, "van": 9}, "bob": {"hut": 5, "van": 4}},
}

CHOICE: dict[str, Any] = {
    "mechanism": "perfect-revenue",
    "players": ["ann", "bob"],
    "states": ["park", "pool"],
    "types": {"ann": {"park": 3, "pool": 9}, "bob": {"park": 5, "pool": 4}},
}


def altered(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """`base` with fields replaced; None removes one; `a__b` reaches into mappings."""
    document = deepcopy(base)
    for path, value in changes.items():
        *outer, last = path.split("__")
        inner = document
        for name in outer:
            inner = inner.setdefault(name, {})
        if value is None:
            inner.pop(last, None)
        else:
            inner[last] = value
    return document
