"""Small settings in which the laws are tested, shared by the law tests."""

from __future__ import annotations

from unrigged.errors import InputError
from unrigged.mechanisms import Mechanism
from unrigged.setting import auction, choice, market

SETTINGS = (
    auction(["ann", "bob"], ["vase"]),
    auction(["ann", "bob", "cy"], ["left", "right"]),
    choice(["ann", "bob"], ["park", "pool"], value_bound=8),
    choice(["ann", "bob", "cy"], ["park", "pool", "rink"], value_bound=4),
    market(["ann", "bob"], {"ann": ["hut"], "bob": ["van"]}, 8),
    market(["ann", "bob", "cy"], {"ann": ["hut"], "bob": ["van", "cow"], "cy": []}, 16),
)


def playable(mechanism: type[Mechanism]) -> list[Mechanism]:
    """`mechanism` in every one of the small settings it can be built for."""
    built = []
    for setting in SETTINGS:
        try:
            built.append(mechanism.build(setting))
        except InputError:
            continue
    return built
