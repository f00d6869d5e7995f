"""Mechanisms as finite games, and what solution concepts say of them, exactly.

`unfold` makes the form of a mechanism on a finite grid of announcements, `Game.of` gives it the payoffs of a context;
`Tree` builds a game by hand. `subgame_perfect` finds every subgame-perfect outcome of either.
"""

from unrigged.analysis.equilibrium import Equilibria, joined, subgame_perfect, unique_outcome
from unrigged.analysis.games import Form, Game, Tree, unfold
from unrigged.analysis.normal_form import NormalForm, normal_form

__all__ = [
    "Equilibria",
    "Form",
    "Game",
    "NormalForm",
    "Tree",
    "joined",
    "normal_form",
    "subgame_perfect",
    "unfold",
    "unique_outcome",
]
