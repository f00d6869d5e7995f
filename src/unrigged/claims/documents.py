"""The ledger as a document for readers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from unrigged.claims.base import AS_PRINTED

FOLDER = "counterexamples"
"""Where the report puts scenario files, inside its own folder."""

Row = dict[str, Any]
"""An entry of the ledger, as docs/claims.json lists it."""

WORDS = {"holds": "holds", "fails": "**fails**", "undecided": "undecided"}


def markdown(rows: list[Row]) -> str:
    """The ledger for readers: a table of all verdicts, then each claim with its readings."""
    printed = [row for row in rows if row["reading"] == AS_PRINTED]
    names = {"holds": "hold", "fails": "fail", "undecided": "are undecided"}
    counts = ", ".join(f"{sum(row['verdict'] == word for row in printed)} {name}" for word, name in names.items())
    lines = [
        "# The claims of the papers, decided",
        "",
        "Written by `unrigged claims report`. Every printed claim is decided, exactly, on the finite range it names;",
        "*holds* means on that range. `unrigged claims check ID` decides one on this range or another.",
        "A counterexample is a scenario file: `unrigged outcomes FILE` and `unrigged run FILE` replay it.",
        "[ledger.md](ledger.md) says how to read this, and which papers 000 to 004 are.",
        "",
        f"As printed, of {len(printed)} claims {counts}.",
        "",
        "| claim | as printed | other readings and repairs |",
        "| --- | --- | --- |",
    ]
    for identifier in dict.fromkeys(row["id"] for row in rows):
        mine = [row for row in rows if row["id"] == identifier]
        others = "; ".join(f"{row['reading']}: {WORDS[row['verdict']]}" for row in mine if row["reading"] != AS_PRINTED)
        first = next((WORDS[row["verdict"]] for row in mine if row["reading"] == AS_PRINTED), "")
        lines.append(f"| [{identifier}](#{_anchor(identifier)}) | {first} | {others} |")
    for identifier in dict.fromkeys(row["id"] for row in rows):
        mine = [row for row in rows if row["id"] == identifier]
        lines += ["", f"## {identifier}", "", f"*{mine[0]['source']}.* {mine[0]['wording']}"]
        for row in mine:
            lines += ["", f"### {identifier}: {row['reading']}", "", *_described(row)]
    return "\n".join(lines) + "\n"


def _anchor(identifier: str) -> str:
    return identifier.lower().replace(".", "")


def _described(row: Row) -> Iterable[str]:
    """A reading's verdict in paragraphs."""
    yield f"{row['meaning']}"
    yield ""
    yield f"- Verdict: {WORDS[row['verdict']]}. {_sentence(row['why'])}"
    yield f"- Range: {row['range']}"
    if evidence_in_words(row):
        yield f"- Evidence: {evidence_in_words(row)}"
    for title, words in contradictions_in_words(row):
        yield f"- {title}: {words}"
    if row["counterexample_files"]:
        yield "- Counterexample: " + ", ".join(f"[{name}]({name})" for name in row["counterexample_files"])
    if row["repaired_condition"]:
        yield f"- Condition of the repair: {row['repaired_condition']}"
    yield f"- {row['seconds']} seconds"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def evidence_in_words(row: Row) -> str:
    """What was covered and accepted; empty where there is no evidence."""
    if not row["evidence"]:
        return ""
    parts = [f"{number} {what}" for what, number in row["evidence"]["counts"].items()]
    parts += [f"{number} {what} accepted" for what, number in row["evidence"]["accepted"].items()]
    parts += [f"{what} {number}" for what, number in row["evidence"]["figures"].items()]
    return ", ".join(parts)


def contradictions_in_words(row: Row) -> Iterable[tuple[str, str]]:
    """The relations between figures that together contradict the claim, each with its title: equalities only say what
    is given; histories and outcomes are not spelt out."""
    for each in row["contradiction"]:
        title = "Given" if each["sign"] == "=" else "Contradiction"
        if not isinstance(each["value"], str) or not isinstance(each["other"], str):
            yield title, f"{each['figure']} {each['sign']} {each['than']}"
        elif each["than"] == "a constant":
            yield title, f"{each['figure']} ({each['value']}) {each['sign']} {each['other']}"
        else:
            yield title, f"{each['figure']} ({each['value']}) {each['sign']} {each['than']} ({each['other']})"
