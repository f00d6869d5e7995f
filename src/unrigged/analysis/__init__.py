"""Mechanisms as finite games, and what solution concepts say of them, exactly.

`unfold` makes the form of a mechanism on a finite grid of announcements, `Game.of` gives it the payoffs of a context;
`Tree` builds a game by hand. `subgame_perfect` finds every subgame-perfect outcome of either; `strategic_form` makes it
a game in strategic form, for `dominance`, `eliminate` and `pure_equilibria`.
"""

from unrigged.analysis.equilibrium import Equilibria, joined, subgame_perfect, unique_outcome
from unrigged.analysis.games import Form, Game, Tree, unfold
from unrigged.analysis.reduced_form import ReducedForm, reduced_form, strategic_form
from unrigged.strategic import NormalForm, Notion

__all__ = [
    "Equilibria",
    "Form",
    "Game",
    "NormalForm",
    "Notion",
    "ReducedForm",
    "Tree",
    "joined",
    "reduced_form",
    "strategic_form",
    "subgame_perfect",
    "unfold",
    "unique_outcome",
]
