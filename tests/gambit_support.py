"""Gambit asked about games that we write for it. pygambit is part of the `dev` extra; without it these tests fail."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pygambit

from unrigged.analysis import Game
from unrigged.analysis.form import CHANCE, END
from unrigged.exact import Exact
from unrigged.formats.gambit import efg


def read(text: str) -> Any:
    reader = pygambit.read_efg if text.startswith("EFG") else pygambit.read_nfg
    return reader(io.BytesIO(text.encode()))


def information_sets(text: str) -> list[tuple[int, int, int]]:
    """Agent, number and number of moves of every information set of an .efg text, in preorder."""
    found = re.findall(r'^p "" (\d+) (\d+) "[^"]*" \{ (.*) \} 0$', text, re.MULTILINE)
    return list(dict.fromkeys((int(agent), int(number), moves.count('"') // 2) for agent, number, moves in found))


def pure_profiles(text: str) -> dict[tuple[int, ...], tuple[Fraction, ...]]:
    """Gambit's equilibria in pure behaviour strategies, nobody gaining at any one information set reached: the number
    of the move at every information set, in preorder, and the payoffs."""
    game = read(text)
    sets = information_sets(text)
    if not sets:
        return {(): tuple(map(fraction, read_single(text)))}
    answer = {}
    for profile in pygambit.nash.enumpure_agent_solve(game).equilibria:
        moves = [[list(dict(one).values()).index(1) for _, one in profile[player]] for player in game.players]
        key = tuple(moves[agent - 1][number - 1] for agent, number, _ in sets)
        answer[key] = tuple(fraction(profile.payoffs[player]) for player in game.players)
    return answer


def read_single(text: str) -> list[str]:
    """The payoffs of a text with one end and nothing to choose."""
    return re.findall(r"\{ ([^{}]*) \}$", text)[-1].split(", ")


def fraction(number: Any) -> Fraction:
    return Fraction(str(number))


def subgames(game: Game, node: int) -> Iterator[tuple[int, int]]:
    """Every decision below `node` in preorder, each with how many information sets come before it."""
    count = 0
    waiting = [node]
    while waiting:
        here = waiting.pop()
        form = game.form
        if form.kinds[here] == END:
            continue
        if form.kinds[here] != CHANCE:
            movers = game.movers(form.turns[form.info[here]])
            if movers:
                yield here, count
            count += len(movers)
        waiting.extend(form.child[edge] for edge in reversed(form.edges(here)))


def by_gambit(game: Game, tree: Game) -> set[tuple[Exact, ...]]:
    """The payoffs of the profiles that are, by Gambit, equilibria of every subgame; `tree` is `game` unshared."""
    whole = pure_profiles(efg(game))
    parts = []
    for node, begin in subgames(tree, tree.form.root):
        part = Game(_rooted(tree, node), tree.agents, tree.scale, tree.ends, tree.gains)
        text = efg(part)
        parts.append((begin, len(information_sets(text)), pure_profiles(text)))
    return {
        payoffs
        for profile, payoffs in whole.items()
        if all(profile[begin : begin + length] in listed for begin, length, listed in parts)
    }


def _rooted(game: Game, node: int) -> Any:
    return replace(game.form, root=node, begun=0)


def profiles_of(text: str) -> int:
    count = 1
    for _, _, moves in information_sets(text):
        count *= moves
    return count
