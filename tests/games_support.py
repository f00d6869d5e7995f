"""Small finite games for tests, and the slow obvious way to all their subgame-perfect equilibria."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random

from unrigged.analysis import Game, Tree
from unrigged.analysis.form import CHANCE, END
from unrigged.exact import Exact

NAMES = ("ann", "bob", "cy")


def random_game(
    seed: int, *, players: int = 2, depth: int = 3, payoffs: int = 3, simultaneous: bool = True, chance: bool = True
) -> Game:
    """A random tree whose payoffs are small, so that ties are frequent; some are fractions."""
    rng = Random(seed)
    tree = Tree(NAMES[:players])

    def end() -> int:
        whole = [rng.randint(0, payoffs) for _ in range(players)]
        return tree.end(*(Fraction(one, 2) if rng.random() < 0.2 else one for one in whole))

    def node(left: int) -> int:
        kind = rng.random()
        if left == 0 or kind < 0.15:
            return end()
        if chance and kind < 0.3:
            return tree.chance({"heads": ("1/3", node(left - 1)), "tails": ("2/3", node(left - 1))}, f"coin {left}")
        if simultaneous and kind < 0.5:
            moves = {name: ["x", "y"] for name in NAMES[:2]}
            return tree.simultaneous(moves, [node(left - 1) for _ in range(4)], f"both {left}")
        mover = rng.choice(NAMES[:players])
        return tree.decision(mover, {f"m{k}": node(left - 1) for k in range(rng.randint(1, 3))}, f"turn {left}")

    return tree.game(node(depth))


def equilibrium_profiles(game: Game, node: int | None = None) -> list[tuple[Exact, ...]]:
    """The true payoffs of every subgame-perfect profile, one by one: all profiles of the subgames are combined, and
    those kept in which nobody gains by another move."""
    form = game.form
    here = form.root if node is None else node
    if form.kinds[here] == END:
        return [tuple(Fraction(column[form.info[here]], game.scale) for column in game.ends)]
    edges = list(form.edges(here))
    below = [
        [
            tuple(
                Fraction(gain[form.paid[edge]], game.scale) + value
                for gain, value in zip(game.gains, each, strict=True)
            )
            for each in equilibrium_profiles(game, form.child[edge])
        ]
        for edge in edges
    ]
    found = []
    for after in product(*below):
        if form.kinds[here] == CHANCE:
            chances = form.odds[form.info[here]].chances
            found.append(
                tuple(sum(p * v for p, v in zip(chances, column, strict=True)) for column in zip(*after, strict=True))
            )
            continue
        turn = form.turns[form.info[here]]
        joints = list(product(*turn.moves))
        for chosen, joint in enumerate(joints):
            stable = True
            for other, deviating in enumerate(joints):
                movers = {
                    game.agent_of[player]
                    for player, one, another in zip(turn.players, joint, deviating, strict=True)
                    if one != another
                }
                if len(movers) == 1:
                    (agent,) = movers
                    stable = stable and after[other][agent] <= after[chosen][agent]
            if stable:
                found.append(after[chosen])
    return found


def profiles_to_try(game: Game) -> int:
    """How many combinations the slow way may have to look at, at most."""
    form = game.form
    counts: list[int] = []
    for node in range(form.nodes):
        if form.kinds[node] == END:
            counts.append(1)
            continue
        count = len(form.edges(node)) if form.kinds[node] != CHANCE else 1
        for edge in form.edges(node):
            count *= counts[form.child[edge]]
        counts.append(count)
    return counts[form.root]
