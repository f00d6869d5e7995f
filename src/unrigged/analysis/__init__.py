"""Mechanisms as finite games, and what solution concepts say of them, exactly.

`unfold` makes the form of a mechanism on a finite grid of announcements, `Game.of` gives it the payoffs of a context;
`Tree` builds a game by hand. `subgame_perfect` finds every subgame-perfect outcome of either; `strategic_form` makes it
a game in strategic form, for `dominance`, `eliminate` and `pure_equilibria`. Where its tables would be too large,
`conditional_elimination` takes out dominated actions position by position, and `surviving_form` whole strategies
subgame by subgame.
"""

from unrigged.analysis.conditional import ConditionalElimination, conditional_elimination
from unrigged.analysis.equilibrium import Equilibria, joined, subgame_perfect, unique_outcome
from unrigged.analysis.games import Form, Game, Tree, unfold
from unrigged.analysis.reduced_form import ReducedForm, reduced_form, strategic_form
from unrigged.analysis.subgames import surviving_form
from unrigged.strategic import NormalForm, Notion

__all__ = [
    "ConditionalElimination",
    "Equilibria",
    "Form",
    "Game",
    "NormalForm",
    "Notion",
    "ReducedForm",
    "Tree",
    "conditional_elimination",
    "joined",
    "reduced_form",
    "strategic_form",
    "subgame_perfect",
    "surviving_form",
    "unfold",
    "unique_outcome",
]
