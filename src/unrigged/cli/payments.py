"""`unrigged payments`: what winners pay by VCG and by a core-selecting rule, for people and as JSON."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from unrigged.cli.pages import number, show_notes
from unrigged.errors import InputError
from unrigged.exact import written
from unrigged.moves.base import allocation_to_json
from unrigged.payments import Payments, core_payments, in_core
from unrigged.payments.core import CoreVerdict
from unrigged.scenario import Scenario
from unrigged.setting import bundles_of
from unrigged.valuations import Valuation
from unrigged.winners import Auction, winners


def paid_in(scenario: Scenario, limit: float | None) -> tuple[Payments, CoreVerdict]:
    """The core payments of `scenario` by its types (VCG's beside them), and whether VCG's lie in the core.

    InputError for a scenario without types or goods, or in which players own goods beforehand.
    """
    where = scenario.source or "scenario"
    if scenario.context is None:
        raise InputError(where, "no types", "everybody's type, by which payments are computed")
    if scenario.setting.endowment is not None:
        raise InputError(where, "an endowment", "goods that are for sale")
    goods = scenario.setting.need_goods("payments")
    auction = Auction(goods, tuple(one for one in scenario.context.types if isinstance(one, Valuation)))
    best = winners(auction, limit=limit, ties="first")
    paid = core_payments(auction, limit=limit, solution=best)
    return paid, in_core(auction, paid.allocation, paid.vcg, limit=limit)


def payments_to_json(scenario: Scenario, paid: Payments, verdict: CoreVerdict) -> dict[str, Any]:
    """The payments as `unrigged payments --json` prints them."""
    names = scenario.setting.players
    known = paid.proof != "none"
    return {
        "unrigged": 1,
        "kind": "payments",
        "title": scenario.title,
        "rule": paid.rule,
        "allocation": allocation_to_json(scenario.setting, paid.allocation),
        "welfare": written(paid.welfare),
        "prices": {name: written(price) for name, price in zip(names, paid.prices, strict=True)},
        "vcg": {name: written(price) for name, price in zip(names, paid.vcg, strict=True)},
        "proof": paid.proof,
        "vcg_in_core": verdict.status if known else "undecided",
        "blocking": [names[player] for player in verdict.blocking.coalition] if known and verdict.blocking else [],
        "notes": [*scenario.notes, *paid.notes],
    }


def show_payments(console: Console, scenario: Scenario, paid: Payments, verdict: CoreVerdict) -> None:
    """Who wins what, its worth, and the price by either rule."""
    setting = scenario.setting
    goods = setting.need_goods("payments")
    console.print(f"[bold]{escape(scenario.title or 'untitled scenario')}[/bold]")
    show_notes(console, (*scenario.notes, *paid.notes))
    table = Table(box=None, pad_edge=False)
    table.add_column("winner")
    table.add_column("gets")
    for title in ("worth", "VCG price", "core price"):
        table.add_column(title, justify="right", no_wrap=True)
    for player, bundle in enumerate(bundles_of(paid.allocation, setting.n)):
        if bundle:
            prices = (paid.worths[player], paid.vcg[player], paid.prices[player])
            table.add_row(escape(setting.players[player]), escape(goods.written(bundle)), *map(number, prices))
    table.add_row("together", "", *map(number, (paid.welfare, sum(paid.vcg), paid.revenue)))
    console.print(table)
    if paid.proof == "none":
        console.print(
            "[yellow]These prices follow the best allocations found in the time given, and are not proved; "
            "a longer --limit may change them.[/yellow]"
        )
    elif verdict.blocking is not None:
        names = ", ".join(setting.players[player] for player in verdict.blocking.coalition)
        console.print(
            f"At VCG prices {names} and the seller would rather trade among themselves: together they would gain "
            f"{number(verdict.blocking.gain)}. At core prices nobody would.",
            markup=False,
        )
    elif verdict.status == "holds":
        console.print(
            "VCG prices are in the core: no group of bidders and the seller would rather trade by themselves."
        )
    console.print(f"[dim]proof: {paid.proof}; core prices are those of least total nearest to VCG prices[/dim]")
