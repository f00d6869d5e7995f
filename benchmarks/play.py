"""How fast mechanisms are played, beside OpenSpiel, and how fast exact distributions are computed.

    python benchmarks/play.py [--plays N] [--json FILE]

Sampled plays: moves are given, their legality is checked, coins are drawn; one core. The same best-belief auction
written as a Python game for OpenSpiel (pip install 'unrigged[benchmarks]') is played with the same announcements in the
same run, with and without a check of legality on both sides. Exact distributions: with rational strategies whose
searches are done beforehand.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from time import perf_counter

from unrigged.benchmarks import Benchmarks
from unrigged.context import Coalition, Context
from unrigged.mechanisms import BestBelief, Leveraging, Market, Mechanism, Surviving
from unrigged.moves.answer import NO, YES
from unrigged.moves.offers import Wish
from unrigged.outcome import Outcome
from unrigged.play import draw, finish, outcomes, play
from unrigged.protocol import Decision, History
from unrigged.setting import auction, choice, market
from unrigged.strategies.base import RandomPlay, Strategy
from unrigged.strategies.registry import rational
from unrigged.valuations import Additive, StateValues

REPEATS = 5


def best_time(work: Callable[[], object]) -> float:
    """The shortest of several timings of `work`, in seconds."""
    timings = []
    for _ in range(REPEATS):
        begun = perf_counter()
        work()
        timings.append(perf_counter() - begun)
    return min(timings)


def given_moves(mechanism: Mechanism, count: int, scale: int) -> Callable[[Decision], Sequence[object]]:
    """Moves drawn beforehand for every decision met, `count` of them in turn; answers by the player's parity."""
    prepared: dict[str, list[tuple[object, ...]]] = {}
    turn = 0

    def decide(decision: Decision) -> Sequence[object]:
        nonlocal turn
        if decision.label == "answer":
            return [YES if player % 2 else NO for player, _ in decision.actors]
        if decision.label == "raise":
            return [space.default for _, space in decision.actors]
        if decision.label not in prepared:
            rng = Random(1)
            prepared[decision.label] = [
                tuple(space.sample(rng, scale) for _, space in decision.actors) for _ in range(count)
            ]
        turn += 1
        return prepared[decision.label][turn % count]

    return decide


def rate(mechanism: Mechanism, plays: int, scale: int) -> float:
    """Sampled plays a second, no transcript kept."""
    decide, rng = given_moves(mechanism, 200, scale), Random(1)
    finish(mechanism, decide, rng)
    return plays / best_time(lambda: [finish(mechanism, decide, rng) for _ in range(plays)])


class Given(Strategy):
    """A strategy that makes the moves of `given_moves`, for plays with a transcript."""

    def __init__(self, decide: Callable[[Decision], Sequence[object]]) -> None:
        self.decide = decide

    def moves(self, decision: Decision, movers: Coalition, history: History) -> Mapping[int, object]:
        made = self.decide(decision)
        return {player: move for (player, _), move in zip(decision.actors, made, strict=True)}


def rate_with_transcript(mechanism: Mechanism, plays: int, scale: int) -> float:
    """Sampled plays a second with full history, probability and bits kept."""
    profile = {tuple(mechanism.setting.everyone): Given(given_moves(mechanism, 200, scale))}
    return plays / best_time(lambda: [play(mechanism, profile, seed=seed) for seed in range(plays)])


def openspiel_rates(plays: int) -> dict[str, float]:
    """Plays a second of the same auction by OpenSpiel and by us, from the same announcements."""
    import best_belief_openspiel as other

    rng = Random(1)
    numbers = [tuple(rng.randrange(len(other.ANNOUNCEMENTS[i])) for i in range(other.PLAYERS)) for _ in range(200)]
    mechanism = BestBelief(auction([f"p{i}" for i in range(other.PLAYERS)], [f"g{g}" for g in range(other.GOODS)]))
    ours = [
        tuple(
            Wish(wanted, Outcome(owners, prices))
            for wanted, owners, prices in (other.ANNOUNCEMENTS[i][number] for i, number in enumerate(chosen))
        )
        for chosen in numbers
    ]
    turn = 0

    def decide(decision: Decision) -> Sequence[object]:
        nonlocal turn
        if decision.label == "answer":
            return [YES if player % 2 else NO for player, _ in decision.actors]
        turn += 1
        return ours[turn % len(ours)]

    coins = Random(1)

    def unchecked() -> Outcome:
        position = mechanism.start()
        while not isinstance(position, Outcome):
            if isinstance(position, Decision):
                position = position.then(tuple(decide(position)))
            else:
                position = draw(position, coins).then()
        return position

    return {
        "legality checked: unrigged": plays
        / best_time(lambda: [finish(mechanism, decide, coins) for _ in range(plays)]),
        "legality checked: OpenSpiel": plays / best_time(lambda: other.plays(plays, numbers, 1, checked=True)),
        "unchecked: unrigged": plays / best_time(lambda: [unchecked() for _ in range(plays)]),
        "unchecked: OpenSpiel": plays / best_time(lambda: other.plays(plays, numbers, 1, checked=False)),
    }


def leveraging_case() -> tuple[Mechanism, Context]:
    """12 players, 6 goods, coalitions of three who know each other."""
    rng = Random(3)
    setting = auction([f"p{i}" for i in range(12)], [f"g{g}" for g in range(6)])
    types = tuple(
        Additive(setting.goods or (), {good: rng.randint(0, 50) for good in setting.goods or ()}) for _ in range(12)
    )
    return Leveraging(setting), Context(
        setting, types, coalitions=tuple(tuple(range(k, k + 3)) for k in range(0, 12, 3))
    )


def market_case() -> tuple[Mechanism, Context]:
    """30 players who own two goods each."""
    rng = Random(4)
    names = [f"p{i}" for i in range(30)]
    setting = market(names, {name: [f"{name}-a", f"{name}-b"] for name in names}, 2**10)
    types = tuple(
        Additive(setting.goods or (), {good: rng.randint(0, 15) for good in setting.goods or ()}) for _ in names
    )
    return Market(setting), Context(setting, types)


def surviving_case() -> tuple[Mechanism, Context]:
    """3 players, 4 states; random announcements, so that the coins for the best informed branch."""
    rng = Random(5)
    setting = choice(["a", "b", "c"], ["s1", "s2", "s3", "s4"], value_bound=64)
    types = tuple(StateValues(setting.states or (), [rng.randint(0, 63) for _ in range(4)]) for _ in range(3))
    return Surviving(setting), Context(setting, types)


def exact_times() -> dict[str, tuple[float, int]]:
    """Seconds and terminal histories of exact distributions."""
    found = {}
    for name, (mechanism, context) in {
        "leveraging, 12 players": leveraging_case(),
        "market, 30 players": market_case(),
    }.items():
        benchmarks = Benchmarks(context)
        profile = {agent: rational(mechanism, benchmarks, agent) for agent in context.coalitions}
        outcomes(mechanism, profile)
        count = len(outcomes(mechanism, profile).plays)
        found[name] = best_time(lambda m=mechanism, p=profile: outcomes(m, p)), count
    mechanism, _ = surviving_case()
    loud = {(player,): RandomPlay(11, 30) for player in mechanism.setting.everyone}
    found["surviving, 3 players, 4 states"] = (
        best_time(lambda: outcomes(mechanism, loud)),
        len(outcomes(mechanism, loud).plays),
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plays", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    best_belief = BestBelief(auction(["a", "b", "c"], ["g", "h"]))
    leveraging = Leveraging(auction([f"p{i}" for i in range(6)], ["g", "h"]))
    surviving = Surviving(choice(["a", "b", "c", "d"], ["s1", "s2", "s3", "s4", "s5"], value_bound=64))
    rates = {
        "best-belief, 3 players, 2 goods": rate(best_belief, options.plays, 100),
        "best-belief, with transcript": rate_with_transcript(best_belief, options.plays // 2, 100),
        "leveraging, 6 players, 2 goods": rate(leveraging, options.plays // 4, 100),
        "surviving, 4 players, 5 states": rate(surviving, options.plays // 4, 60),
    }
    try:
        compared = openspiel_rates(options.plays // 2)
    except ImportError:
        sys.exit("OpenSpiel is missing: pip install 'unrigged[benchmarks]'")
    exact = exact_times()
    print("sampled plays a second")
    for name, value in rates.items():
        print(f"  {name:<36}{value:>12,.0f}")
    print("the same best-belief auction (3 players, 2 goods, prices up to 5), plays a second")
    for name, value in compared.items():
        ratio = compared[name.replace("OpenSpiel", "unrigged")] / value
        print(
            f"  {name:<36}{value:>12,.0f}"
            + (f"   unrigged is {ratio:.2f} times as fast" if "OpenSpiel" in name else "")
        )
    print("exact distribution")
    for name, (seconds, count) in exact.items():
        print(f"  {name:<36}{seconds * 1000:>9.1f} ms   {count} terminal histories")
    if options.json:
        figures = {
            "rates": rates,
            "compared": compared,
            "exact": {k: {"seconds": s, "plays": c} for k, (s, c) in exact.items()},
        }
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
