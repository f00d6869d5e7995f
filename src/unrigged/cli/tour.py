"""The guided example: one combinatorial auction, two colluding bidders, best-belief beside VCG."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from unrigged.benchmarks import Benchmarks
from unrigged.cli.bundled import example
from unrigged.cli.pages import number, show_notes
from unrigged.context import Coalition, Context
from unrigged.formats import read_scenario
from unrigged.mechanisms import VCG, BestBelief
from unrigged.narrative import narrate
from unrigged.play import Distribution, outcomes, play
from unrigged.protocol import History
from unrigged.strategies.registry import rational_profile

AUCTION = "cats-auction.yaml"
SHOWN = 12


def tour(console: Console, seed: int, say: Callable[[str], None]) -> None:
    """Play the bundled auction under best-belief and under VCG, and print what each keeps of its promise."""
    scenario = read_scenario(example(AUCTION))
    context = scenario.context
    if context is None or not isinstance(scenario.mechanism, BestBelief):
        raise FileNotFoundError(f"{AUCTION} is not the example it should be")
    setting = scenario.setting
    ring = next(members for members in context.coalitions if len(members) > 1)
    names = " and ".join(setting.players[player] for player in ring)

    console.rule(f"[bold]{escape(scenario.title)}")
    console.print(f"{setting.n} bidders, {setting.m} goods, from a CATS file of combinatorial bids.")
    console.print(f"{names} collude: they share what they know and act as one.")
    show_notes(console, scenario.notes)

    console.print("\n[bold]1. One play of best-belief[/bold], everybody rational\n")
    say("computing everybody's best announcement ...")
    profile = rational_profile(scenario.mechanism, context)
    played = play(scenario.mechanism, profile, seed=seed)
    _tell(console, scenario.mechanism, played.history)

    console.print("\n[bold]2. The same bids under both mechanisms[/bold], exactly, in expectation over the coins\n")
    vcg = VCG(setting)
    alone = Context(setting, context.types, context.knowledge)
    say("computing VCG, honest and attacked ...")
    rows = [
        ("best-belief", "collude", outcomes(scenario.mechanism, profile), context),
        ("best-belief", "play alone", outcomes(scenario.mechanism, rational_profile(scenario.mechanism, alone)), alone),
        ("vcg", "play alone", outcomes(vcg, rational_profile(vcg, alone)), alone),
        ("vcg", "collude", outcomes(vcg, rational_profile(vcg, context, reading="shielding")), context),
    ]
    _compare(console, ring, rows)
    _conclude(console, Benchmarks(context), scenario.mechanism, rows, ring)


Row = tuple[str, str, Distribution, Context]


def _tell(console: Console, mechanism: BestBelief, history: History) -> None:
    lines = list(narrate(mechanism, history))
    moves = [line for line in lines if line.kind == "move" and line.label == "announce"]
    for line in moves[:3]:
        console.print(f"  {escape(line.words)}")
    console.print(f"  ... and {len(moves) - 3} more announcements")
    rest = [line for line in lines if line not in moves]
    for line in rest[:SHOWN]:
        console.print(f"  {escape(line.words)}")
    if len(rest) > SHOWN:
        console.print(f"  ... and {len(rest) - SHOWN} more lines (unrigged run tells all)")


def _compare(console: Console, ring: Coalition, rows: list[Row]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("mechanism")
    table.add_column("the two")
    for title in ("revenue", "welfare", "their utility"):
        table.add_column(title, justify="right")
    for mechanism, doing, spread, context in rows:
        table.add_row(
            mechanism,
            doing,
            number(spread.revenue),
            number(spread.welfare(context)),
            number(spread.utility(context, ring)),
        )
    console.print(table)


def _conclude(
    console: Console, benchmarks: Benchmarks, mechanism: BestBelief, rows: list[Row], ring: Coalition
) -> None:
    promised = benchmarks.best_belief_independent().value
    reached = rows[0][2].revenue
    floor = Fraction(promised) / 2 - mechanism.eps
    console.print(
        f"\nBest-belief promises at least BB'/2 - eps = {number(floor)}, half of what the best-informed independent "
        f"bidder is sure to sell the goods for, whoever colludes: it collected {number(reached)} in expectation."
    )
    honest, attacked = rows[2][2].revenue, rows[3][2].revenue
    gained = rows[3][2].utility(rows[3][3], ring) - rows[2][2].utility(rows[2][3], ring)
    console.print(
        f"VCG collected {number(honest)} from honest bidders and only {number(attacked)} once the two colluded: each "
        f"bid very high on one bundle, which kept the other's rivals away. Together they gained {number(gained)}."
    )
    console.print("\nNext: [bold]unrigged mechanisms[/bold], [bold]unrigged show best-belief[/bold], "
                  "[bold]unrigged run FILE[/bold] on a file of your own.")  # fmt: skip
