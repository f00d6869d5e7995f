"""`unrigged benchmark`: the benchmarks of a scenario as a page for people."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from unrigged.cli.pages import number, outcome_words, show_notes
from unrigged.context import Coalition
from unrigged.exact import written
from unrigged.setting import bundles_of
from unrigged.survey import MEANINGS, Row, Survey

SHOWN_ROWS = 12
"""At most that many agents are listed of each kind, those of the greatest benchmarks."""

SHOWN_WORDS = 300
"""Outcomes that take more characters are cut."""


def show_survey(console: Console, survey: Survey) -> None:
    """Every benchmark with what it means, its value, what stands behind it, and an outcome that attains it."""
    console.print(f"[bold]{escape(survey.scenario.title or 'untitled scenario')}[/bold]")
    show_notes(console, survey.notes)
    for kind in dict.fromkeys(row.kind for row in survey.rows):
        _show_kind(console, survey, [row for row in survey.rows if row.kind == kind])


def _show_kind(console: Console, survey: Survey, rows: list[Row]) -> None:
    console.print(f"\n[bold]{escape(rows[0].kind)}[/bold]: {escape(MEANINGS[rows[0].kind])}")
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(max_width=30)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    shown = (
        sorted(rows, key=lambda row: row.benchmark.value, reverse=True)[:SHOWN_ROWS] if len(rows) > SHOWN_ROWS else rows
    )
    for row in shown:
        table.add_row(_whose(survey, row), number(row.benchmark.value), _proof(row), escape(_words(survey, row)))
    console.print(table)
    if len(rows) > SHOWN_ROWS:
        console.print(f"... and {len(rows) - SHOWN_ROWS} smaller ones (--json lists all)")


def _whose(survey: Survey, row: Row) -> str:
    if row.kind == "MSW":
        return "  everybody"
    if not row.benchmark.agent and not row.agent:
        return "  nobody is independent"
    return "  " + escape(_names(survey, row.agent or row.benchmark.agent))


def _proof(row: Row) -> str:
    if row.benchmark.proof == "none":
        return f"found; at most {number(row.benchmark.bound)}"
    return "proved" if row.benchmark.proof == "exact" else "proved numerically"


def _words(survey: Survey, row: Row) -> str:
    """The outcome: what goes to whom and what he is counted with."""
    setting, outcome = survey.scenario.setting, row.benchmark.outcome
    words = outcome_words(setting, outcome)
    if setting.goods is not None and isinstance(outcome.result, tuple):
        bundles = bundles_of(outcome.result, setting.n)
        parts = zip(setting.players, bundles, outcome.prices, strict=True)
        sold = [
            f"{setting.goods.written(bundle)} to {name} for {written(price)}" for name, bundle, price in parts if bundle
        ]
        words = ", ".join(sold) or "nothing is sold"
    return words if len(words) <= SHOWN_WORDS else words[: SHOWN_WORDS - 3] + "..."


def _names(survey: Survey, agent: Coalition) -> str:
    return " and ".join(survey.scenario.setting.players[player] for player in agent)
