"""The house's clock: the time of day, but steady: when the machine's clock jumps, this one does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from time import monotonic_ns, time_ns

MILLION = 1_000_000

LARGEST = 2_000
"""Milliseconds: a smaller difference to the machine's clock is followed, at most one in twenty."""


def clock() -> int:
    """Milliseconds since 1970, by the machine's clock."""
    return time_ns() // MILLION


def even_clock() -> int:
    """Milliseconds since some moment: goes on evenly whatever is done to the time of day, also while the machine sleeps
    where the system counts that."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return (monotonic_ns() if boot is None else time.clock_gettime_ns(boot)) // MILLION


class Steady:
    """A clock that goes on evenly from the time of day at which it was started.

    It follows the machine's clock by small corrections only (as network time makes them); a jump of more than two
    seconds, forward or backward, is not followed, so that no deadline passes, and none recedes, by it.
    """

    def __init__(self, day: Callable[[], int] = clock, even: Callable[[], int] = even_clock) -> None:
        self._day, self._even = day, even
        self._offset, self._looked = day() - even(), even()

    def __call__(self) -> int:
        even = self._even()
        apart = self._day() - even - self._offset
        if abs(apart) <= LARGEST:
            most = (even - self._looked) // 20
            self._offset += max(-most, min(most, apart))
            if most:
                self._looked = even
        else:
            self._looked = even
        return even + self._offset
