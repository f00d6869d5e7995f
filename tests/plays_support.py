"""What a profile of strategies, given in words, leads to, followed move by move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from fractions import Fraction

from unrigged.analysis import Game
from unrigged.analysis.form import CHANCE, END

Told = dict[Hashable, Fraction]
"""A distribution of histories or of outcomes."""


def plays(game: Game, profile: tuple[dict[str, str], ...]) -> Iterator[tuple[str, int, tuple[int, ...], Fraction]]:
    """Every terminal history in words, its end, the payments on the way and its probability, when everybody does what
    his strategy says in words."""
    form = game.form
    waiting = [(form.root, "", (form.begun,), Fraction(1))]
    while waiting:
        node, before, paid, chance = waiting.pop()
        if form.kinds[node] == END:
            yield before, form.info[node], paid, chance
            continue
        edges = form.edges(node)
        if form.kinds[node] == CHANCE:
            odds = form.odds[form.info[node]]
            waiting += [
                (form.child[edge], f"{before}{name}, ", (*paid, form.paid[edge]), chance * side)
                for edge, name, side in zip(edges, odds.names, odds.chances, strict=True)
            ]
            continue
        turn = form.turns[form.info[node]]
        for offset, edge in enumerate(edges):
            joint = [turn.written(place, move) for place, move in enumerate(turn.joint(offset))]
            if all(
                profile[agent].get(before + turn.label)
                == " & ".join(
                    word for word, player in zip(joint, turn.players, strict=True) if game.agent_of[player] == agent
                )
                for agent in {game.agent_of[player] for player in turn.players}
            ):
                following = before + "".join(f"{word}, " for word in joint)
                waiting.append((form.child[edge], following, (*paid, form.paid[edge]), chance))


def followed(game: Game, profile: tuple[dict[str, str], ...]) -> tuple[tuple[Fraction, ...], Told, Told]:
    """Payoffs, distribution of histories and distribution of outcomes of a profile."""
    payoffs, histories, outcomes = [Fraction(0)] * len(game.agents), defaultdict(Fraction), defaultdict(Fraction)
    for words, end, paid, chance in plays(game, profile):
        histories[words] += chance
        outcome = game.form.ends[end]
        for some in paid:
            prices = game.form.payments[some]
            outcome = outcome.after(prices) if prices else outcome
        outcomes[outcome] += chance
        for agent, (column, gain) in enumerate(zip(game.ends, game.gains, strict=True)):
            payoffs[agent] += chance * Fraction(column[end] + sum(gain[some] for some in paid), game.scale)
    return tuple(payoffs), dict(histories), dict(outcomes)
