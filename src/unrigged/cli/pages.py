"""What the command line prints for people: tables and plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from unrigged.exact import Exact, written
from unrigged.mechanisms import Mechanism
from unrigged.narrative import narrate
from unrigged.outcome import Outcome, prices_in_words, result_in_words
from unrigged.results import Computed, Played
from unrigged.scenario import Scenario
from unrigged.setting import Setting

SHOWN_OUTCOMES = 20
SHOWN_PLAYERS = 30


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
    """Rules, parameters, guarantee, assumption, source."""
    console.print(f"[bold]{mechanism.name}[/bold]")
    for title, text in (
        ("guarantees", mechanism.guarantee),
        ("assuming", mechanism.assumption),
        ("source", mechanism.source),
    ):
        console.print(f"  {title:<11}{escape(text)}")
    if mechanism.parameters():
        console.print("\n[bold]Parameters[/bold]")
        for each in mechanism.parameters():
            console.print(f"  {each.name:<11}{escape(each.metadata['doc'])}")
    console.print("\n[bold]Rules[/bold]")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right", no_wrap=True, style="bold")
    table.add_column()
    for rule in mechanism.rules():
        table.add_row(escape(rule.step), escape(rule.text))
    console.print(Padding(table, (0, 0, 0, 2)))


def show_notes(console: Console, notes: Iterable[str]) -> None:
    """What was repaired or assumed while reading."""
    for note in notes:
        console.print(f"[yellow]note:[/yellow] {escape(note)}")


def show_scenario(console: Console, scenario: Scenario) -> None:
    """What `unrigged check` found in a file."""
    setting, context = scenario.setting, scenario.context
    console.print(f"[bold]{escape(scenario.title or 'untitled scenario')}[/bold]")
    what = f"{setting.m} goods" if setting.goods is not None else f"{len(setting.states or ())} states"
    console.print(f"  {setting.n} players, {what}; mechanism {scenario.mechanism.name}", markup=False)
    if scenario.mechanism.parameters():
        console.print(f"  {scenario.mechanism.settings_in_words()}", markup=False)
    if context is None:
        console.print("  no types: only scripted, silent or random play is possible")
    else:
        groups = [members for members in context.coalitions if len(members) > 1]
        names = ["{" + ", ".join(setting.players[player] for player in members) + "}" for members in groups]
        console.print("  coalitions: " + (", ".join(names) or "none"), markup=False)
    show_notes(console, scenario.notes)
    console.print("[green]ok[/green]")


def show_play(console: Console, played: Played) -> None:
    """One play, step by step, and what it means for everybody."""
    scenario = played.scenario
    console.print(f"[bold]{escape(scenario.title or scenario.mechanism.name)}[/bold]")
    console.print(f"{scenario.mechanism.name} with seed {played.seed}", markup=False, style="dim")
    show_notes(console, played.notes)
    label = ""
    for line in narrate(scenario.mechanism, played.play.history):
        if line.kind != "outcome" and line.label and line.label != label:
            label = line.label
            console.print(f"\n[bold]{escape(label)}[/bold]")
        if line.kind == "outcome" and line.label == "result":
            console.print("\n[bold]outcome[/bold]")
        style = "italic" if line.kind == "finding" else None
        console.print(Padding(escape(line.words), (0, 0, 0, 2)), style=style)
    show_totals(console, scenario, played.play.outcome)
    console.print(
        f"[dim]probability of this play {number(played.play.probability)}; {played.play.bits} bits announced[/dim]"
    )


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


def show_distribution(console: Console, computed: Computed) -> None:
    """The distinct outcomes with their probabilities, and expectations."""
    scenario, spread = computed.scenario, computed.distribution
    context = scenario.context
    console.print(f"[bold]{escape(scenario.title or scenario.mechanism.name)}[/bold]")
    show_notes(console, computed.notes)
    table = Table(box=None, pad_edge=False)
    table.add_column("probability", justify="right")
    table.add_column("outcome")
    table.add_column("revenue", justify="right")
    if context is not None:
        table.add_column("welfare", justify="right")
    for outcome, chance in spread.outcomes[:SHOWN_OUTCOMES]:
        row = [number(chance), escape(outcome_words(scenario.setting, outcome)), number(outcome.revenue)]
        table.add_row(*row, *([number(context.welfare(outcome.result))] if context is not None else []))
    console.print(table)
    if len(spread.outcomes) > SHOWN_OUTCOMES:
        console.print(f"... and {len(spread.outcomes) - SHOWN_OUTCOMES} less likely outcomes (--json lists all)")
    console.print(f"\n[bold]expected[/bold]  ({len(spread.plays)} terminal histories)")
    console.print(f"  revenue {number(spread.revenue)}", markup=False)
    if context is not None:
        console.print(f"  welfare {number(spread.welfare(context))}", markup=False)
        names = scenario.setting.players
        _utilities(console, "utility", [(name, spread.utility(context, i)) for i, name in enumerate(names)])
        groups = [members for members in context.coalitions if len(members) > 1]
        for members in groups:
            together = " and ".join(names[player] for player in members)
            console.print(f"  {together} together: {number(spread.utility(context, members))}", markup=False)
    console.print(f"  {number(spread.bits)} bits announced", markup=False)
