"""Nash equilibria in pure strategies of a game in strategic form, all of them."""

from __future__ import annotations

import numpy as np

from unrigged.strategic import NormalForm, Profile


def pure_equilibria(game: NormalForm) -> tuple[Profile, ...]:
    """Every profile at which no agent gains by another strategy of his own, in lexicographic order.

    >>> meeting = NormalForm.of(["a", "b"], ["xy", "xy"], lambda p: (int(p[0] == p[1]),) * 2)
    >>> pure_equilibria(meeting)
    ((0, 0), (1, 1))
    """
    stable = np.ones(game.shape, np.bool_)
    for agent, payoffs in enumerate(game.payoffs):
        stable &= np.asarray(payoffs == payoffs.max(axis=agent, keepdims=True), np.bool_)
    return tuple(tuple(int(part) for part in profile) for profile in np.argwhere(stable))
