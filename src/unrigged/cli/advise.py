"""`unrigged advise`: what to announce, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from unrigged.advice import Advice, Choice, Expected, Turn, advise, agent_named, regrouped
from unrigged.cli.pages import SHOWN_PLAYERS, number, show_notes
from unrigged.cli.waiting import live
from unrigged.context import Coalition
from unrigged.errors import InputError
from unrigged.exact import written
from unrigged.formats import parse_document
from unrigged.formats.documents import inside, read_text
from unrigged.narrative import narrate
from unrigged.protocol import History
from unrigged.scenario import Scenario
from unrigged.searches import Search
from unrigged.transcripts import history_from_json

SHOWN_SEARCHES = 5
SHOWN_TURNS = 8


def advice_on(
    scenario: Scenario, names: Sequence[str], limit: float | None, transcript: Path | None, silent: bool
) -> Advice:
    """The advice that the command line asks for. typer.BadParameter where its call is wrong."""
    try:
        agent = agent_named(scenario, [name.strip() for listed in names for name in listed.split(",")], "--as")
        if scenario.context is not None:
            regrouped(scenario, agent)
    except InputError as error:
        raise typer.BadParameter(str(error)) from None
    history: History = ()
    if transcript is not None:
        with inside(str(transcript)):
            history = history_so_far(scenario, transcript)
    with live(silent) as progress:
        return advise(scenario, agent, limit=limit, history=history, progress=progress)


def history_so_far(scenario: Scenario, transcript: Path) -> History:
    """What has happened by the transcript in the file."""
    document = parse_document(read_text(transcript), str(transcript), transcript.suffix)
    return history_from_json(scenario.mechanism, document)


def show_advice(console: Console, advice: Advice) -> None:
    """The advice in plain words."""
    scenario = advice.scenario
    who = _names(advice, advice.agent)
    console.print(f"[bold]{escape(scenario.title or scenario.mechanism.name)}[/bold]")
    together = " together" if len(advice.agent) > 1 else ""
    console.print(f"{scenario.mechanism.name}: advice for {who}{together}", markup=False, style="dim")
    show_notes(console, advice.notes)
    if not advice.turns:
        console.print(f"\nIf everybody plays as the file says, {who} will have nothing to decide.", markup=False)
    for turn in advice.turns[:SHOWN_TURNS]:
        _show_turn(console, advice, turn)
    if len(advice.turns) > SHOWN_TURNS:
        console.print(f"\n... and {len(advice.turns) - SHOWN_TURNS} more ways this can go on (--json lists all)")
    if advice.expected is not None and (len(advice.turns) != 1 or advice.turns[0].probability != 1):
        console.print(f"\n[bold]in all[/bold] from now on: {escape(_expectation(advice, advice.expected))}")
    _show_searches(console, advice.searches)
    _show_known(console, advice.turns)


def _show_turn(console: Console, advice: Advice, turn: Turn) -> None:
    console.print(f"\n[bold]{escape(turn.label)}[/bold]")
    mechanism, before = advice.scenario.mechanism, len(list(narrate(advice.scenario.mechanism, advice.history)))
    for line in list(narrate(mechanism, turn.history))[before:]:
        words = f"the coin '{line.label}' {line.words}" if line.kind == "coin" else line.words
        what = "" if line.kind == "finding" else "if " if line.kind == "coin" else "supposing that "
        console.print(Padding(escape(what + words), (0, 0, 0, 2)), style="italic")
    for choice in turn.choices:
        _show_choice(console, advice, turn, choice)
    _show_others(console, advice, turn)


def _show_choice(console: Console, advice: Advice, turn: Turn, choice: Choice) -> None:
    names = advice.scenario.setting.players
    for each in choice.moves[:SHOWN_PLAYERS]:
        console.print(Padding(f"[green]{escape(names[each.player])} {escape(each.words)}[/green]", (0, 0, 0, 2)))
    readings = choice.readings
    if len(readings) > 1 and len(turn.choices) == 1:
        readings = (("in every reading of rational play", ", ".join(name for name, _ in readings)),)
    for name, words in readings:
        console.print(Padding(escape(f"{name}: {words}"), (0, 0, 0, 6)), style="dim")
    if choice.expected is not None:
        greatest = " (the greatest of those compared)" if _stands_out(turn, choice) else ""
        console.print(Padding(escape(f"expected {_expectation(advice, choice.expected)}{greatest}"), (0, 0, 0, 6)))


def _stands_out(turn: Turn, choice: Choice) -> bool:
    """Whether the choice is as good as any, and another one is not."""
    compared = [each.expected.joint for each in (*turn.choices, *turn.others) if each.expected is not None]
    return choice.expected is not None and choice.expected.joint == max(compared) != min(compared)


def _show_others(console: Console, advice: Advice, turn: Turn) -> None:
    names = advice.scenario.setting.players
    for choice in turn.others:
        if choice.expected is None:
            continue
        what = "; ".join(f"{names[each.player]} {each.words}" for each in choice.moves[:SHOWN_PLAYERS])
        same = turn.choices[0].expected
        if choice.readings[0][0] == "silence":
            what = "silence (" + what + ")"
        makes = " (no difference)" if same is not None and same.joint == choice.expected.joint else ""
        words = f"instead, {what}: expected {_expectation(advice, choice.expected)}{makes}"
        console.print(Padding(escape(words), (0, 0, 0, 2)), style="dim")


def _expectation(advice: Advice, expected: Expected) -> str:
    if len(advice.agent) == 1:
        return f"utility {_precisely(expected.joint)}"
    members = zip(advice.agent, expected.utilities, strict=True)
    names = advice.scenario.setting.players
    each = ", ".join(f"{names[player]} {number(utility)}" for player, utility in list(members)[:SHOWN_PLAYERS])
    return f"joint utility {_precisely(expected.joint)} ({each})"


def _precisely(value: Fraction) -> str:
    """The exact number, and where it is a long fraction a decimal for the reader."""
    text = written(value)
    return text if len(text) <= 7 else f"{float(value):.4f}… = {text}" if len(text) <= 40 else f"{float(value):.4f}…"


def _show_searches(console: Console, searches: Sequence[Search]) -> None:
    """What is proved to be best and what is only the best found."""
    if searches:
        console.print("\n[bold]what was searched for[/bold]")
    for search in searches[:SHOWN_SEARCHES]:
        console.print(Padding(escape(search_in_words(search)), (0, 0, 0, 2)))
    if len(searches) > SHOWN_SEARCHES:
        console.print(f"  ... and {len(searches) - SHOWN_SEARCHES} more searches (--json lists all)")


def search_in_words(search: Search) -> str:
    """What was found, and how good it is known to be."""
    found = search.found
    proof = {"exact": "proved exactly", "numerical": "proved up to the rounding of a numerical engine"}.get(found.proof)
    if proof is None:
        proof = f"only the best found in {found.seconds:.1f} s; no more than {number(found.bound)} is possible"
    more = "".join(f"; {note}" for note in found.notes)
    return f"{search.what}: {number(found.value)}, {proof}{more}"


def _show_known(console: Console, turns: Iterable[Turn]) -> None:
    shown = []
    for turn in turns:
        if turn.notes in shown:
            continue
        shown.append(turn.notes)
        console.print(f"\n[bold]what is known of {escape(turn.mechanism.name)}[/bold]")
        for title, text in (
            ("optimal", turn.notes.optimal),
            ("indifferent", turn.notes.indifferent),
            ("reveals", turn.notes.reveals),
        ):
            console.print(Padding(f"[bold]{title}[/bold]: {escape(text)}", (0, 0, 0, 2)))


def _names(advice: Advice, players: Coalition) -> str:
    names = advice.scenario.setting.players
    return " and ".join(names[player] for player in players)
