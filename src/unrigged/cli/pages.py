"""What the command line prints for people: tables and plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from unrigged.exact import Exact, written
from unrigged.mechanisms import Mechanism
from unrigged.narrative import narrate
from unrigged.outcome import Outcome, prices_in_words, result_in_words
from unrigged.results import Computed, Played
from unrigged.scenario import Scenario
from unrigged.setting import Setting, braced
from unrigged.strategies.registry import RATIONAL

SHOWN_OUTCOMES = 20
SHOWN_PLAYERS = 30
SHOWN_MOVERS = 12
LONG_LABEL = 8
"""A longer label of a step stands on a line of its own."""
LONG_NUMBER = 40
"""A longer number in a table takes several lines."""


def number(value: Exact | Fraction) -> str:
    """An exact number for people: as it is, with a decimal beside it where it is a long fraction."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return written(exact.numerator)
    text = written(exact)
    return text if len(text) <= 7 else f"{float(exact):.4f}…"


def mechanism_json(mechanism: type[Mechanism]) -> dict[str, Any]:
    """A mechanism as `unrigged show --json` prints it."""
    return {
        "name": mechanism.name,
        "guarantee": mechanism.guarantee,
        "assumption": mechanism.assumption,
        "source": mechanism.source,
        "domain": mechanism.requires.domain,
        "parameters": [{"name": each.name, "doc": each.metadata["doc"]} for each in mechanism.parameters()],
        "rules": [{"step": rule.step, "text": rule.text} for rule in mechanism.rules()],
        "readings": [{"name": name, "doc": doc} for name, doc in readings(mechanism).items()],
    }


def list_mechanisms(console: Console, mechanisms: Iterable[type[Mechanism]]) -> None:
    """One line a mechanism: its name and what it guarantees."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for mechanism in mechanisms:
        table.add_row(mechanism.name, escape(mechanism.guarantee))
    console.print(table)
    console.print("\n[dim]unrigged show NAME[/dim] explains one of them step by step.")


def show_mechanism(console: Console, mechanism: type[Mechanism]) -> None:
    """Rules, parameters, guarantee, assumption, source, and the readings of rational play."""
    console.print(f"[bold]{mechanism.name}[/bold]")
    about = {"guarantees": mechanism.guarantee, "assuming": mechanism.assumption, "source": mechanism.source}
    console.print(_explained(about.items(), style=""))
    if mechanism.parameters():
        console.print("\n[bold]Parameters[/bold]")
        console.print(_explained((each.name, each.metadata["doc"]) for each in mechanism.parameters()))
    console.print("\n[bold]Rules[/bold]")
    console.print(
        _explained(((rule.step, rule.text) for rule in mechanism.rules()), widest=LONG_LABEL, justify="right")
    )
    console.print("\n[bold]Rational play[/bold]  [dim]the first is the default[/dim]")
    console.print(_explained(readings(mechanism).items()))


def readings(mechanism: type[Mechanism]) -> dict[str, str]:
    """Each reading of rational play in `mechanism`, with its meaning; the first is the default."""
    return RATIONAL[mechanism.name].READINGS


def _explained(
    rows: Iterable[tuple[str, str]],
    *,
    widest: int | None = None,
    style: str = "bold",
    justify: Literal["left", "right"] = "left",
) -> Padding:
    """Words with their explanations beside them, wrapped; a word longer than `widest` stands above its explanation."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(justify=justify, no_wrap=True, style=style)
    table.add_column()
    for word, text in rows:
        if widest is not None and len(word) > widest:
            table.add_row("", Text.assemble((word, style), "\n", text))
        else:
            table.add_row(Text(word), Text(text))
    return Padding(table, (0, 0, 0, 2))


def counted(count: int, what: str, several: str = "") -> str:
    """`1 player`, `2 players`, `2 terminal histories`."""
    return f"{count} {what if count == 1 else several or what + 's'}"


def show_notes(console: Console, notes: Iterable[str]) -> None:
    """What was repaired or assumed while reading."""
    for note in notes:
        console.print(f"[yellow]note:[/yellow] {escape(note)}")


def show_scenario(console: Console, scenario: Scenario) -> None:
    """What `unrigged check` found in a file."""
    setting, context = scenario.setting, scenario.context
    console.print(f"[bold]{escape(scenario.title or 'untitled scenario')}[/bold]")
    what = counted(setting.m, "good") if setting.goods is not None else counted(len(setting.states or ()), "state")
    console.print(f"  {counted(setting.n, 'player')}, {what}; mechanism {scenario.mechanism.name}", markup=False)
    if scenario.mechanism.parameters():
        console.print(f"  {scenario.mechanism.settings_in_words()}", markup=False)
    if context is None:
        console.print("  no types: only scripted, silent or random play is possible")
    else:
        groups = [members for members in context.coalitions if len(members) > 1]
        names = [braced(setting.players[player] for player in members) for members in groups]
        console.print("  coalitions: " + (", ".join(names) or "none"), markup=False)
    show_notes(console, scenario.notes)
    console.print("[green]ok[/green]")


def show_play(console: Console, played: Played) -> None:
    """One play, step by step, and what it means for everybody."""
    scenario = played.scenario
    console.print(f"[bold]{escape(scenario.title or scenario.mechanism.name)}[/bold]")
    console.print(f"{scenario.mechanism.name} with seed {played.seed}", markup=False, style="dim")
    show_notes(console, played.notes)
    for (label, kind), together in groupby(
        narrate(scenario.mechanism, played.play.history), key=lambda line: (line.label, line.kind)
    ):
        lines = list(together)
        if kind != "outcome" and label:
            console.print(f"\n[bold]{escape(label)}[/bold]")
        if kind == "outcome" and label == "result":
            console.print("\n[bold]outcome[/bold]")
        for line in lines[:SHOWN_MOVERS]:
            style = "italic" if kind == "finding" else None
            console.print(Padding(escape(line.words), (0, 0, 0, 2)), style=style)
        if len(lines) > SHOWN_MOVERS:
            more = counted(len(lines) - SHOWN_MOVERS, "more announcement")
            console.print(f"  and {more} (--json lists all)", markup=False)
    show_totals(console, scenario, played.play.outcome)
    bits = counted(played.play.bits, "bit")
    console.print(f"[dim]probability of this play {number(played.play.probability)}; {bits} announced[/dim]")


def show_totals(console: Console, scenario: Scenario, outcome: Outcome) -> None:
    """Revenue, welfare, and the utility of everybody who is touched."""
    context = scenario.context
    parts = [f"revenue {number(outcome.revenue)}"]
    if context is not None:
        parts.append(f"welfare {number(context.welfare(outcome.result))}")
    console.print("  " + ", ".join(parts), markup=False)
    if context is not None:
        rows = [(name, context.utility(i, outcome)) for i, name in enumerate(scenario.setting.players)]
        _utilities(console, "utility", rows)


def _utilities(console: Console, title: str, rows: Sequence[tuple[str, Exact]]) -> None:
    """Who gains how much; long lists are cut after those who gain or lose most."""
    ranked = sorted(rows, key=lambda row: abs(Fraction(row[1])), reverse=True) if len(rows) > SHOWN_PLAYERS else rows
    words = ", ".join(f"{name} {number(value)}" for name, value in ranked[:SHOWN_PLAYERS])
    more = f", and {len(rows) - SHOWN_PLAYERS} more" if len(rows) > SHOWN_PLAYERS else ""
    console.print(Padding(escape(f"{title}: {words}{more}"), (0, 0, 0, 2)))


def outcome_words(setting: Setting, outcome: Outcome) -> str:
    """An outcome in one sentence."""
    return f"{result_in_words(setting, outcome.result)}; {prices_in_words(setting, outcome.prices)}"


def _add_column(table: Table, title: str, cells: Iterable[str], *, numbers: bool) -> None:
    """A column in which nothing is left out: numbers stand whole on one line unless they are very long."""
    longest = max(map(len, (title, *cells)))
    if numbers:
        narrow = longest <= LONG_NUMBER
        table.add_column(title, justify="right", no_wrap=narrow, min_width=min(longest, LONG_NUMBER), overflow="fold")
    else:
        table.add_column(title, overflow="fold", min_width=min(longest, 20))


def show_distribution(console: Console, computed: Computed) -> None:
    """The distinct outcomes with their probabilities, and expectations."""
    scenario, spread = computed.scenario, computed.distribution
    context = scenario.context
    console.print(f"[bold]{escape(scenario.title or scenario.mechanism.name)}[/bold]")
    show_notes(console, computed.notes)
    table = Table(box=None, pad_edge=False)
    shown = spread.outcomes[:SHOWN_OUTCOMES]
    columns = {
        "probability": [number(chance) for _, chance in shown],
        "outcome": [outcome_words(scenario.setting, outcome) for outcome, _ in shown],
        "revenue": [number(outcome.revenue) for outcome, _ in shown],
    }
    if context is not None:
        columns["welfare"] = [number(context.welfare(outcome.result)) for outcome, _ in shown]
    for title, cells in columns.items():
        _add_column(table, title, cells, numbers=title != "outcome")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*map(escape, row))
    console.print(table, crop=False)
    if len(spread.outcomes) > SHOWN_OUTCOMES:
        console.print(f"... and {len(spread.outcomes) - SHOWN_OUTCOMES} less likely outcomes (--json lists all)")
    console.print(f"\n[bold]expected[/bold]  ({counted(len(spread.plays), 'terminal history', 'terminal histories')})")
    console.print(f"  revenue {number(spread.revenue)}", markup=False)
    if context is not None:
        console.print(f"  welfare {number(spread.welfare(context))}", markup=False)
        names = scenario.setting.players
        _utilities(console, "utility", [(name, spread.utility(context, i)) for i, name in enumerate(names)])
        groups = [members for members in context.coalitions if len(members) > 1]
        for members in groups:
            together = " and ".join(names[player] for player in members)
            console.print(f"  {together} together: {number(spread.utility(context, members))}", markup=False)
    console.print(f"  {number(spread.bits)} bit{'' if spread.bits == 1 else 's'} announced", markup=False)
