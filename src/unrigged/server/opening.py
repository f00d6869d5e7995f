"""How a session is opened: everything that will decide it is fixed, or committed to, before anybody moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from unrigged.mechanisms.base import Mechanism
from unrigged.sealed.encoding import framed, text_of
from unrigged.sealed.envelope import derived
from unrigged.server.entries import FORMAT, Entry, commitment, entry, token_digest
from unrigged.server.money import Money
from unrigged.transcripts import parameter_to_json, setting_to_json

DIGITS = 30
"""The digits that a number in a move may have, unless the organiser allows more."""

SECONDS = 600


@dataclass(frozen=True)
class Plan:
    """What an organiser decides: the mechanism, who takes part (a player's name to `human`, `program` or `bot`), how
    many seconds a round lasts, and in which money is paid. `beacon`: the name of an outside source of randomness, where
    one is used: which one, and how its value for each of the session's rounds is found."""

    title: str
    mechanism: Mechanism
    kinds: Mapping[str, str] = field(default_factory=dict)
    seconds: int = SECONDS
    digits: int = DIGITS
    money: Money = Money()
    beacon: str = ""


def rounds_of(mechanism: Mechanism) -> int:
    """A bound on the rounds of a session: no mechanism here asks more than twice per player and twice more."""
    return 2 * mechanism.setting.n + 2


def play_to_json(mechanism: Mechanism) -> dict[str, Any]:
    """The mechanism as an opening names it."""
    parameters = {
        each.name: parameter_to_json(mechanism, getattr(mechanism, each.name)) for each in mechanism.parameters()
    }
    return {"mechanism": mechanism.name, "parameters": parameters, "setting": setting_to_json(mechanism.setting)}


def secret_of_round(secret: bytes, session: str, round_: int) -> bytes:
    """The house's secret for the coins of a round, derived from its secret for the session."""
    return derived(secret, framed("coins", session, round_), "house's secret")


def opening(
    plan: Plan,
    *,
    session: str,
    house: bytes,
    secret: bytes,
    tokens: Mapping[str, bytes],
    trustees: Sequence[Mapping[str, Any]],
    threshold: int,
    version: str,
    time: int,
) -> Entry:
    """The first entry of a session's log.

    `house`: its public key; `secret`: its secret for this session; `tokens`: every participant's one-time token;
    `trustees`: their keys, as each of them gave them.
    """
    rounds = rounds_of(plan.mechanism)
    commitments = [commitment(session, number, secret_of_round(secret, session, number)) for number in range(rounds)]
    return entry(
        "open", time, format=FORMAT, session=session, title=plan.title, house=text_of(house),
        play=play_to_json(plan.mechanism),
        participants=[{"player": name, "token": text_of(token_digest(tokens[name])),
                       "kind": plan.kinds.get(name, "human")} for name in plan.mechanism.setting.players],
        trustees=[dict(each) for each in trustees], threshold=threshold,
        secrets=[text_of(one) for one in commitments], seconds=plan.seconds, digits=plan.digits,
        money=plan.money.to_json(), beacon=plan.beacon, version=version,
    )  # fmt: skip


def rules_version(mechanism: Mechanism, package: str) -> str:
    """The version of the rules a session is played by: that of the package, and a digest of the rules in words."""
    words = "\n".join(f"{rule.step}: {rule.text}" for rule in mechanism.rules())
    return f"unrigged {package}, rules {sha256(words.encode()).hexdigest()[:16]}"
