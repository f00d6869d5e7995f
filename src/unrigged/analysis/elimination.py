"""Iterated elimination of dominated strategies: Σ^0, Σ^1, ..., in simultaneous rounds or in any order asked for.

Surviving.md and leveraging.md («Solution concept»): Σ^0 is everything; Σ^(k+1) is what of Σ^k is not dominated, by
strategies of Σ^k, over Σ^k.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from unrigged.analysis.dominance import Contest, Undecided
from unrigged.analysis.linear import PIVOTS
from unrigged.certificates import Dominated, NoPureDominator, Undominated, reason_against
from unrigged.errors import InputError
from unrigged.strategic import Allowed, NormalForm, Notion, Region

Choose = Callable[[Sequence[Dominated]], Sequence[Dominated]]
"""Which of the strategies found dominated go now: at least one of them."""


@dataclass(frozen=True, eq=False)
class Elimination:
    """What was eliminated, round by round, each strategy with its dominator; and what survived."""

    game: NormalForm
    notion: Notion
    mixed: bool
    rounds: tuple[tuple[Dominated, ...], ...]
    finished: bool
    """Whether a further round would eliminate nothing; False where only a number of rounds was asked for."""

    undecided: tuple[Undecided, ...] = ()
    """Strategies that some round kept only because the search ran out; with any, too many may have survived."""

    def after(self, rounds: int) -> Allowed:
        """Σ^k for k = `rounds`: what survived so many rounds (beyond the last round, what survived it)."""
        gone: list[set[int]] = [set() for _ in self.game.agents]
        for eliminated in self.rounds[:rounds]:
            for one in eliminated:
                gone[one.agent].add(one.strategy)
        return tuple(
            tuple(s for s in range(size) if s not in out) for size, out in zip(self.game.shape, gone, strict=True)
        )

    @property
    def survivors(self) -> Allowed:
        """What survived all rounds, as numbers of strategies."""
        return self.after(len(self.rounds))

    @property
    def surviving_names(self) -> tuple[tuple[Hashable, ...], ...]:
        """What survived all rounds, by name."""
        named = zip(self.game.strategies, self.survivors, strict=True)
        return tuple(tuple(names[s] for s in own) for names, own in named)

    def reason_against(self) -> str | None:
        """Why this record is no elimination of dominated strategies, checked step by step without the search.

        None where every strategy was dominated over what survived the rounds before. That nothing more could have
        gone is not checked here: ask `dominance` about the survivors for that, and check its certificates.
        """
        for number, eliminated in enumerate(self.rounds):
            region = Region(self.game, self.after(number))
            for one in eliminated:
                reason = reason_against(one, (region,))
                if reason is None and one.notion is not self.notion:
                    reason = f"dominated in another sense ({one.notion.value})"
                if reason is None and len(one.by) > 1 and not self.mixed:
                    reason = "dominated only by a mixture"
                if reason is not None:
                    return f"round {number + 1}, strategy {one.strategy} of {self.game.agents[one.agent]}: {reason}"
        return None


def eliminate(
    game: NormalForm,
    notion: Notion,
    *,
    mixed: bool = False,
    pure_first: bool = False,
    rounds: int | None = None,
    choose: Choose | None = None,
    pivots: int = PIVOTS,
) -> Elimination:
    """Eliminate dominated strategies round by round, all that are dominated at once, until none is.

    mixed: whether mixtures of surviving strategies can dominate. pure_first: go as far as pure dominators reach
    before any mixture is looked for; that takes other rounds, and for strict dominance leaves the same survivors,
    usually much sooner. rounds: stop after so many. choose: another order than all at once; it is handed the
    strategies found dominated and returns those to go now (see `one_at_a_time`). pivots: the budget of the exact
    simplex, per linear program.
    Raises InputError for distinguishable dominance in a game without marks.

    >>> dilemma = {"silent": {"silent": 2, "speak": 0}, "speak": {"silent": 3, "speak": 1}}
    >>> names = ("silent", "speak")
    >>> game = NormalForm.of(["a", "b"], [names, names], lambda p: (
    ...     dilemma[names[p[0]]][names[p[1]]], dilemma[names[p[1]]][names[p[0]]]))
    >>> eliminate(game, Notion.STRICT).surviving_names
    (('speak',), ('speak',))
    """
    if notion is Notion.DISTINGUISHABLE and game.marks is None:
        raise InputError("marks", "none", "a mark for every profile", "give the game its marks of histories")
    if not mixed and choose is None:
        return _pure(game, notion, rounds)
    before = _pure(game, notion, rounds) if pure_first else None
    done = [] if before is None else list(before.rounds)
    undecided: dict[tuple[int, int], Undecided] = {}
    believed: dict[tuple[int, int], Undominated | NoPureDominator] = {}
    allowed, finished = game.everything if before is None else before.survivors, False
    while rounds is None or len(done) < rounds:
        region = Region(game, allowed)
        found: list[Dominated] = []
        for agent, own in enumerate(allowed):
            contest = Contest.over(notion, agent, region) if len(own) > 1 else None
            for strategy in own:
                key = (agent, strategy)
                if contest is None or (key in believed and _still_holds(believed[key], allowed)):
                    continue
                answer = contest.answer(strategy, mixed=mixed, pivots=pivots)
                if isinstance(answer, Dominated):
                    found.append(answer)
                elif isinstance(answer, Undecided):
                    undecided[key] = answer
                else:
                    believed[key] = answer
        if not found:
            finished = True
            break
        going = tuple(found) if choose is None else _chosen(choose, found)
        done.append(going)
        allowed = without(allowed, going)
    return Elimination(game, notion, mixed, tuple(done), finished, tuple(undecided.values()))


def one_at_a_time(seed: int) -> Choose:
    """The order in which a single strategy goes each time, drawn by `seed` among those dominated."""
    rng = Random(seed)
    return lambda found: (found[rng.randrange(len(found))],)


def without(allowed: Allowed, eliminated: Sequence[Dominated]) -> Allowed:
    """The allowed strategies less the eliminated ones."""
    gone = {(one.agent, one.strategy) for one in eliminated}
    return tuple(tuple(s for s in own if (agent, s) not in gone) for agent, own in enumerate(allowed))


def _chosen(choose: Choose, found: Sequence[Dominated]) -> tuple[Dominated, ...]:
    going = tuple(choose(tuple(found)))
    if not going or any(one not in found for one in going):
        raise InputError("choose", f"{len(going)} strategies", "at least one, all of those found dominated")
    return going


def _pure(game: NormalForm, notion: Notion, most: int | None) -> Elimination:
    from unrigged.analysis.compiled_elimination import rounds_of_pure_elimination

    one = Fraction(1)
    found = rounds_of_pure_elimination(game, notion, None if most is None else most + 1)
    rounds = tuple(tuple(Dominated(notion, agent, s, ((k, one),)) for agent, s, k in each) for each in found)
    return Elimination(game, notion, False, rounds[:most], most is None or len(rounds) <= most)


def _still_holds(answer: Undominated | NoPureDominator, allowed: Allowed) -> bool:
    """Whether a strict belief found earlier is one over what survives: rivals only became fewer."""
    if answer.notion is not Notion.STRICT or not isinstance(answer, Undominated):
        return False
    others = (*allowed[: answer.agent], *allowed[answer.agent + 1 :])
    held = (choice for belief in answer.beliefs for (_, choice), _ in belief.weights)
    return all(part in own for choice in held for part, own in zip(choice, others, strict=True))
