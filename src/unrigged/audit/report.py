"""The report in a bundle: one page of HTML that tells in plain words what happened and how anyone can check it.

It is made from the log alone, and the same log always gives the same page.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from unrigged.audit.findings import Findings
from unrigged.exact import written
from unrigged.narrative import narrate
from unrigged.outcome import result_in_words

STYLE = """
body{font:1rem/1.55 system-ui,sans-serif;color:#1c2430;background:#fff;max-width:46rem;margin:2rem auto}
body{padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #d5dbe3;vertical-align:top}
code{font-size:.85rem;word-break:break-all}.aside{color:#4a5666}
"""

WORDS = {
    "move": "announced", "coin": "the coin", "finding": "the mechanism found", "outcome": "the end",
}  # fmt: skip


def report(found: Findings) -> str:
    """The page for what was found."""
    assert found.mechanism is not None
    mechanism, opening = found.mechanism, found.opening
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        f"<title>{escape(found.title)}</title><style>{STYLE}</style><main>",
        f"<h1>{escape(found.title or found.session)}</h1>",
        f"<p>{escape(mechanism.guarantee)}. "
        f"<span class=aside>{escape(mechanism.name)}, {escape(mechanism.source)}</span></p>",
        *_result(found),
        *_story(found),
        *_trust(found),
        "<h2>The rules</h2><table>",
        *(f"<tr><th>{escape(rule.step)}<td>{escape(rule.text)}" for rule in mechanism.rules()),
        "</table>",
        f"<p class=aside>Session <code>{escape(found.session)}</code>, {escape(str(opening['version']))}.</p>",
        "</main></html>",
    ]
    return "\n".join(parts) + "\n"


def _result(found: Findings) -> list[str]:
    assert found.mechanism is not None
    if found.outcome is None:
        return [
            f"<h2>No result</h2><p>The session was declared void: {escape(found.void)}. It is not played again.</p>"
        ]
    unit = escape(str(found.opening["money"]["unit"]))
    rows = [
        f"<tr><td>{escape(name)}<td>{escape(written(price))}<td>{escape(found.payments[name])} {unit}"
        for name, price in zip(found.mechanism.setting.players, found.outcome.prices, strict=True)
    ]
    return [
        "<h2>The result</h2>",
        f"<p>{escape(result_in_words(found.mechanism.setting, found.outcome.result))}.</p>",
        "<table><tr><th>participant<th>exact price<th>pays (a negative number is received)", *rows, "</table>",
    ]  # fmt: skip


def _story(found: Findings) -> list[str]:
    assert found.mechanism is not None
    lines = [
        f"<tr><td class=aside>{escape(WORDS[line.kind])}<td>{escape(line.label)} {escape(line.words)}"
        for line in narrate(found.mechanism, found.history)
    ]
    silent = [
        f"<li>{escape(name)}, round {round_ + 1}: {escape(why)}; the mechanism's default counted."
        for round_, name, why in found.refused
    ]
    answer = ["<h2>What happened</h2><table>", *lines, "</table>"]
    if silent:
        answer += ["<p>Who was silent, or sent something that is no move:</p><ul>", *silent, "</ul>"]
    return answer


def _trust(found: Findings) -> list[str]:
    opening, times = found.opening, found.times
    trustees = "".join(
        f"<li>{escape(each['name'])}: <code>{escape(each['key'])}</code>" for each in opening["trustees"]
    )
    threshold, count = opening["threshold"], len(opening["trustees"])
    begun, ended = (datetime.fromtimestamp(times[place][0] / 1000, UTC) for place in (0, -1))
    beacons = "".join(
        f"<li>{escape(str(opening['beacon']))}, round {round_ + 1}: <code>{escape(value)}</code>. The house says that "
        "this is its value; compare it with the published one."
        for round_, value in found.beacons
    )
    return [
        "<h2>Why you can believe it</h2>",
        f"<p>{who_could_read(found.operator_reads, threshold, count)}</p>",
        f"<p>Trustees, with the keys that they sign with:</p><ul>{trustees}{beacons}</ul>",
        f"<p>The log has {len(times)} entries, from {begun:%Y-%m-%d %H:%M:%S} to {ended:%Y-%m-%d %H:%M:%S} UTC by the "
        "clock of the house. Every move is signed by its participant. Coins were drawn from what everybody had sealed "
        "beforehand. To check all of it yourself: <code>unrigged audit FILE</code>, with the file that this page came "
        "in; add the receipts that you kept and the keys that you know.</p>",
        f"<p>The house signs with the key <code>{escape(opening['house'])}</code>.</p>",
    ]


def who_could_read(operator: bool, threshold: int, count: int) -> str:
    """Who could have read moves before everybody had moved, and steered the coins by that."""
    if operator:
        return (
            "The house's own trustee was enough to open moves: the operator could have read them before the round was "
            "closed, and by that have steered the coins."
        )
    if count == 1:
        return (
            "One trustee was enough to open moves, outside the house: only that trustee, or the operator together with "
            "that trustee, could have read them before the round was closed, and by that have steered the coins."
        )
    return (
        f"Any {threshold} of {count} trustees could open moves together, fewer could not. Unless {threshold} of them "
        "worked together, or stand under one hand (their names alone do not show that they do not: compare their keys "
        "with those that you know), nobody could read a move before the round was closed, nor steer the coins."
    )
