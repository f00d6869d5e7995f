"""The packing as a program with rows, handed to a worker process.

Either to HiGHS as an integer program, whose bound is a floating-point one (rounded to an integer it counts as a
"numerical" proof), or to our search with linear bounds, whose bounds are integers computed exactly. Packings they
report are re-checked by whoever receives them. The process is started on first use and kept for the next program;
if it dies, the run reports that and ends.
"""

import atexit
import contextlib
import math
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unrigged.winners.packing.compiled import Ints
from unrigged.winners.packing.worker import receive, send

MOST_WEIGHT = 10**12
"""Total weight up to which a floating-point bound, good to 12 digits, tells integers apart."""

WORKER = Path(__file__).with_name("worker.py")
PACKAGES = str(Path(__file__).parents[3])
PATIENCE = 0.5
"""Seconds a worker that was told to stop is given before it is ended."""

_idle: list["Worker"] = []
_all: weakref.WeakSet["Worker"] = weakref.WeakSet()
_idle_lock = threading.Lock()


class Worker:
    """A running worker process; one program at a time."""

    def __init__(self) -> None:
        paths = os.pathsep.join([*(path for path in sys.path if path), PACKAGES])
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
        )
        self.owner = os.getpid()
        self._number = 0
        self._solving = False
        self._lock = threading.Lock()
        with _idle_lock:
            _all.add(self)

    def __del__(self) -> None:
        """A worker nobody holds any more is ended."""
        if getattr(self, "owner", None) == os.getpid():
            self.end()

    @property
    def process_id(self) -> int:
        """The operating system's number of the process."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """How the process ended, negative for a signal; None while it runs."""
        return self._process.poll()

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def end(self, patience: float = 0.0) -> None:
        """End the process, if it does not end by itself within some seconds, and wait for it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def send(self, kind: str, *arrays: Ints, **more: object) -> bool:
        """Send one message about the current program; whether the process took it."""
        stream = self._process.stdin
        assert stream is not None
        try:
            with self._lock:
                send(stream, {"kind": kind, "number": self._number, **more}, *arrays)
        except (OSError, ValueError):
            return False
        return True

    def solve(
        self,
        weights: Ints,
        rows: Sequence[Ints],
        start: Sequence[int],
        options: dict[str, float | bool | str],
        on_better: Callable[[list[int]], None],
        on_bound: Callable[[float, bool], None],
        graph: Ints | None = None,
    ) -> "Ended | None":
        """Run one program to its end; None if the process died before.

        With the conflict `graph`, a row of words per bid, our search with linear bounds is asked, else HiGHS.
        `on_bound` is told each bound and whether it is exact.
        """
        self._number += 1
        self._solving = True
        try:
            return self._solve(weights, rows, start, options, on_better, on_bound, graph)
        except (OSError, ValueError):
            if self.alive():
                raise
            return None
        finally:
            self._solving = False

    def stop(self) -> None:
        """Ask for an end of the current program; the process is ended if it does not comply soon."""
        number = self._number
        self.send("stop")

        def insist() -> None:
            if self._solving and self._number == number:
                self._process.kill()

        timer = threading.Timer(PATIENCE, insist)
        timer.daemon = True
        timer.start()

    def _solve(
        self,
        weights: Ints,
        rows: Sequence[Ints],
        start: Sequence[int],
        options: dict[str, float | bool | str],
        on_better: Callable[[list[int]], None],
        on_bound: Callable[[float, bool], None],
        graph: Ints | None,
    ) -> "Ended | None":
        starts = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(row) for row in rows], out=starts[1:])
        members = np.concatenate([np.zeros(0, np.int64), *rows])
        arrays = [weights, starts, members, np.array(start, np.int64)]
        kind = "integer" if graph is None else "linear"
        if graph is not None:
            arrays.append(graph)
        if not self.send(kind, *arrays, options=options):
            return None
        stream = self._process.stdout
        assert stream is not None
        while (message := receive(stream)) is not None:
            header, received = message
            if header.get("number") != self._number:
                continue
            if header["kind"] == "better":
                on_better(received[0].tolist())
            elif header["kind"] == "bound":
                on_bound(header["bound"], header["exact"])
            else:
                return Ended(header["bound"], header["exact"], header["nodes"], received[0].tolist())
        return None


@dataclass(frozen=True)
class Ended:
    """How a program ended: the bound, whether it is exact, nodes, and the last packing."""

    bound: float
    exact: bool
    nodes: int
    chosen: list[int]


def rounded(bound: float, weights_total: int) -> int:
    """The integer bound a floating-point bound stands for: rounded down, with room for its own rounding."""
    if not math.isfinite(bound) or bound >= weights_total:
        return weights_total
    return math.floor(bound * (1 + 1e-12) + 1e-4)


def borrow() -> Worker:
    """A worker of this process that has nothing to do; started if there is none."""
    with _idle_lock:
        while _idle:
            worker = _idle.pop()
            if worker.owner == os.getpid():
                if worker.alive():
                    return worker
                worker.end()
    return Worker()


def give_back(worker: Worker) -> None:
    """Keep the worker for the next program."""
    with _idle_lock:
        _idle.append(worker)


@atexit.register
def end_workers() -> None:
    """End all workers of this process."""
    with _idle_lock:
        workers = list(_all)
        _idle.clear()
    for worker in workers:
        if worker.owner == os.getpid():
            worker.end()
