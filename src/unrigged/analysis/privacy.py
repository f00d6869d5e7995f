"""Full and perfect privacy: whether a play tells an observer more about the players than its outcome does.

Two papers say the same of the play that a solution concept singles out. Azar, Chen and Micali 2011, Definitions 5 and
6: contexts that agree in the outcome of rational play agree in the terminal node it reaches; where coins are tossed,
in the *main* node, which has probability >= 1 - delta. Chen, Hassidim and Micali 2010, Definition 3: some algorithm
computes the history from the outcome alone, which is to say that no two contexts have one outcome and two histories.
A terminal node is a terminal history: all moves, and the sides that public coins showed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from unrigged.context import Context
from unrigged.errors import InputError
from unrigged.exact import written
from unrigged.mechanisms.base import Mechanism
from unrigged.outcome import Outcome
from unrigged.play import Distribution, Play, outcomes
from unrigged.protocol import History, replay
from unrigged.strategies.base import Profile
from unrigged.valuations import Type
from unrigged.verdict import Verdict, fails, holds

Plays = Callable[[Context], Iterable[Profile]]
"""The rational plays of a context: every strategy profile that the solution concept allows in it."""

Known = Callable[[Outcome], Hashable]
"""What of an outcome counts as known to everybody: all of it, or say its result alone."""


def whole(outcome: Outcome) -> Hashable:
    """Result and prices."""
    return outcome


def result_only(outcome: Outcome) -> Hashable:
    """The allocation or state, without the prices."""
    return outcome.result


@dataclass(frozen=True)
class RationalPlay:
    """A context, a profile that is rational in it, and what is seen of that: one play, or the whole distribution."""

    context: Context
    profile: Profile
    seen: Play | Distribution


@dataclass(frozen=True)
class ToldApart:
    """Two rational plays that agree in what is known of the outcome and differ in their history."""

    first: RationalPlay
    second: RationalPlay


@dataclass(frozen=True)
class NoMainNode:
    """A rational play no terminal history of which is likely enough."""

    play: RationalPlay
    likeliest: Fraction


@dataclass(frozen=True)
class Compared:
    """What was compared: contexts, their rational plays, how many outcomes these have and how many histories."""

    contexts: int
    plays: int
    outcomes: int
    histories: int


def full_privacy(
    mechanism: Mechanism,
    contexts: Iterable[Context],
    plays: Plays,
    *,
    main: Fraction | int | None = 1,
    known: Known = whole,
    progress: Callable[[int], None] | None = None,
) -> Verdict:
    """Whether rational plays with the same outcome have the same terminal history, over all of `contexts`.

    main: every rational play must have a terminal history of at least this probability, and these main nodes and their
    outcomes are compared: 1 for the perfect privacy of unique equilibria and the full privacy of Definition 5, which
    asks for plays without chance, 1 - delta for Definition 6; it must be > 1/2. None: distributions over outcomes are
    compared with distributions over histories (remark after Definition 5). known: what counts as the outcome.
    progress: called with the number of contexts seen.

    Returns *holds* with the counts (`Compared`); *fails* with the first two plays told apart (`ToldApart`), or with one
    that has no main node (`NoMainNode`). Raises InputError for a context of another setting, and where there is none.
    """
    if main is not None and not Fraction(1, 2) < main <= 1:
        raise InputError("main", written(main), "a probability > 1/2 and <= 1")
    first: dict[Hashable, tuple[Hashable, RationalPlay]] = {}
    count = played = 0
    for context in contexts:
        count += 1
        for profile in plays(context):
            played += 1
            play = _seen(mechanism, context, profile, main)
            if main is not None and isinstance(play.seen, Play) and play.seen.probability < main:
                why = f"the likeliest terminal history has probability {written(play.seen.probability)} only"
                return fails(why, range=_range(count), counterexample=NoMainNode(play, play.seen.probability))
            outcome, history = _keys(play.seen, known)
            before, earlier = first.setdefault(outcome, (history, play))
            if before != history:
                return fails(
                    "two contexts with the same outcome are told apart by the history of their plays",
                    range=_range(count), counterexample=ToldApart(earlier, play),
                )  # fmt: skip
        if progress is not None:
            progress(count)
    if not played:
        raise InputError("contexts", "no rational play", "at least one context with a rational play")
    found = Compared(count, played, len(first), len({history for history, _ in first.values()}))
    why = f"each of the {found.outcomes} outcomes of rational play is reached by one history alone"
    return holds(why, range=_range(count), evidence=found)


def _range(contexts: int) -> str:
    return f"{contexts} context" + ("s" if contexts != 1 else "")


def _seen(mechanism: Mechanism, context: Context, profile: Profile, main: Fraction | int | None) -> RationalPlay:
    if context.setting != mechanism.setting:
        raise InputError("contexts", "a context of another setting", "the setting that the mechanism is built for")
    distribution = outcomes(mechanism, profile)
    if main is None:
        return RationalPlay(context, profile, distribution)
    return RationalPlay(context, profile, _likeliest(distribution))


def _likeliest(distribution: Distribution) -> Play:
    """The likeliest terminal history; equal histories, as a mixed strategy may lead to, count together."""
    chances: dict[History, Fraction] = {}
    for play in distribution.plays:
        chances[play.history] = chances.get(play.history, Fraction(0)) + play.probability
    best = max(chances, key=lambda history: chances[history])
    one = next(play for play in distribution.plays if play.history == best)
    return Play(best, one.outcome, chances[best], one.bits)


def _keys(seen: Play | Distribution, known: Known) -> tuple[Hashable, Hashable]:
    """What is known of the outcome, and the history: of one play, or how likely each is in a distribution."""
    if isinstance(seen, Play):
        return known(seen.outcome), seen.history
    ends: dict[Hashable, Fraction] = {}
    histories: dict[Hashable, Fraction] = {}
    for play in seen.plays:
        end = known(play.outcome)
        ends[end] = ends.get(end, Fraction(0)) + play.probability
        histories[play.history] = histories.get(play.history, Fraction(0)) + play.probability
    return frozenset(ends.items()), frozenset(histories.items())


@dataclass(frozen=True)
class Consistent:
    """How many type profiles of a finite range an observer cannot exclude: by the outcome, and by the transcript."""

    outcome: int
    transcript: int


def consistent(
    mechanism: Mechanism, contexts: Iterable[Context], plays: Plays, observed: History, *, known: Known = whole
) -> Consistent:
    """The type profiles of `contexts` that are consistent with the play `observed`.

    A type profile is consistent with the transcript where in some context with these types some rational play follows
    it with a probability > 0, and with the outcome where it ends so (as far as that is `known`) with a probability
    > 0. The play is fully private, as far as the range goes, exactly where both numbers are equal.
    Raises as `unrigged.protocol.replay` where `observed` is no complete history of the mechanism.
    """
    end = known(replay(mechanism, observed))
    by_outcome: set[tuple[Type, ...]] = set()
    by_transcript: set[tuple[Type, ...]] = set()
    for context in contexts:
        if context.types in by_transcript:
            continue
        for profile in plays(context):
            for play in outcomes(mechanism, profile).plays:
                if known(play.outcome) == end:
                    by_outcome.add(context.types)
                if play.history == observed:
                    by_transcript.add(context.types)
    return Consistent(len(by_outcome), len(by_transcript))
