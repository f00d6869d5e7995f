"""The engines at work on one connected part: who starts when, and what each learns from the others."""

import threading
import time
from collections.abc import Callable, Collection

import numpy as np

from unrigged.winners.packing import integer, local, presolve
from unrigged.winners.packing.compiled import all_of, row_of
from unrigged.winners.packing.graph import covered_weight, reordered
from unrigged.winners.packing.presolve import Part
from unrigged.winners.packing.search import STOP, TARGET, Branches, Roots

ENGINES = ("search", "linear", "integer")
SPARSE = 0.3
"""Conflict graphs with a smaller share of conflicting pairs go to the linear bounds alone at first."""

DENSE = 0.5
"""Those with a larger share go to the clique covers alone at first, those between to both at once."""

DESCRIPTIONS = {"linear": "search with linear bounds", "integer": "integer program"}

HEAD_START = {"search": 1.0, "linear": 5.0, "integer": 0.0}
"""Seconds an engine has the cores to itself before the next one joins it."""

HEAD_START_ALONE = {"search": 5.0, "linear": 20.0, "integer": 0.0}
"""The same where one thread must do for all engines."""

MOST_LINEAR = 6_000
"""The search with linear bounds is left out of parts with more bids than this."""

SLICE = 2000
"""Subproblems a search thread looks at between two glances at the race."""

LOCAL_SHARE = 0.05
"""Share of its time a search thread spends looking for better packings by local search."""

MOST_BRANCHING_ROOM = 100_000_000
"""The search is left out of parts whose levels and vertices would take more 8-byte words than this."""


class Race:
    """The engines at work on one connected part, in units of the weights' common divisor."""

    def __init__(self, part: Part, threads: int, engines: Collection[str], floor: int | None) -> None:
        self.part = part
        self.threads = threads
        self.chosen: list[int] = []
        self.value = 0
        self._exact_bound = int(part.weights.sum())
        self._numerical_bound: int | None = None
        self.nodes = 0
        self.notes: list[str] = []
        self._floor = floor
        self._shared = np.zeros(2, np.int64)
        self._changed = threading.Condition()
        self._roots: Roots | None = None
        self._searching = 0
        self._wanted = 0
        self._helpers: dict[str, integer.Worker] = {}
        self._columns = np.argsort(np.argsort(np.array(part.bids)))
        """Per vertex its place among the bids: the order in which the programs list them."""
        self._engines = self._fitting(engines)

    def _fitting(self, engines: Collection[str]) -> list[str]:
        """The engines that can deal with this part, in the order in which they start."""
        bids, fitting = len(self.part.bids), set(engines)
        if "search" in fitting and (self.part.deepest() + 2) * bids > MOST_BRANCHING_ROOM:
            fitting.remove("search")
            self.notes.append("too many bids for the search with clique covers: left out")
        if bids > MOST_LINEAR:
            fitting.discard("linear")
        if self._exact_bound > integer.MOST_WEIGHT and fitting != {"search"}:
            fitting = {"search"}
            self.notes.append("weights too large for floating-point bounds: search with clique covers only")
        if not fitting:
            fitting = {"integer"}
        return [engine for engine in self._order() if engine in fitting]

    def _order(self) -> tuple[str, ...]:
        if self.part.density < SPARSE:
            return ("linear", "integer", "search")
        return ("linear", "search", "integer") if self.part.density < DENSE else ("search", "linear", "integer")

    @property
    def bound(self) -> int:
        """No packing weighs more."""
        numerical = self._numerical_bound
        return self._exact_bound if numerical is None else min(self._exact_bound, numerical)

    @property
    def numerical(self) -> bool:
        """Whether the bound rests on floating-point arithmetic."""
        return self.bound < self._exact_bound

    def set_floor(self, floor: int) -> None:
        """Ask only for a packing of at least this weight."""
        self._floor = floor
        self._shared[TARGET] = max(self._shared[TARGET], min(floor - 1, self.bound))

    def start(self) -> None:
        """The greedy packing and the first bound."""
        part = self.part
        self._offer(np.flatnonzero(local.start(part.weights, part.rows, part.degree)).tolist())
        self._tighten(int(covered_weight(part.weights, part.rows, all_of(len(part.bids)))), False)

    def run(self, deadline: float | None, report: Callable[[], None]) -> None:
        """Race to a proof or to the deadline."""
        began = time.monotonic()
        if self._over() or (deadline is not None and began >= deadline):
            return
        waiting = list(self._engines)
        first = waiting.pop(0)
        if first == "search":
            self._improve(4 * len(self.part.bids), 1)
        due = self._start_engine(first, deadline)
        try:
            if first != "search":
                self._improve(len(self.part.bids), 1)
            reported = began
            while not self._over():
                now = time.monotonic()
                if deadline is not None and now >= deadline:
                    break
                if waiting and (now >= due or self._idle()):
                    due = self._start_engine(waiting.pop(0), deadline)
                self._staff()
                if self._idle() and not waiting:
                    break
                if now - reported > 0.2:
                    reported = now
                    if self._roots is not None:
                        self._tighten(self._roots.bound(), False)
                    report()
                pause = 0.05 if deadline is None else max(0.0, min(0.05, deadline - now))
                with self._changed:
                    if not self._over():
                        self._changed.wait(pause)
        finally:
            self._shared[STOP] = 1
            for helper in list(self._helpers.values()):
                helper.stop()
            with self._changed:
                while self._searching:
                    self._changed.wait(0.05)
            if self._roots is not None:
                self._tighten(self._roots.bound(), False)

    def _start_engine(self, engine: str, deadline: float | None) -> float:
        """Start an engine; when the next is due."""
        if engine == "search":
            self._roots = Roots(self.part.weights, self.part.rows, self.part.deepest(), self._shared)
        else:
            self._start_worker(engine, deadline)
        if self.threads == 1:
            wait = HEAD_START_ALONE[engine]
        elif engine == "linear" and SPARSE <= self.part.density < DENSE:
            wait = 0.0
        else:
            wait = HEAD_START[engine]
        return time.monotonic() + wait

    def _over(self) -> bool:
        if self.value >= self.bound:
            return True
        return self._floor is not None and (self.value >= self._floor or self.bound < self._floor)

    def _idle(self) -> bool:
        return not self._searching and not self._helpers and self._wanted == 0

    def _offer(self, vertices: list[int]) -> None:
        """Take over a packing if it is one and heavier than the best so far."""
        part = self.part
        value = sum(int(part.weights[v]) for v in vertices)
        with self._changed:
            if value <= self.value:
                return
            if (part.rows[vertices] & row_of(vertices, len(part.bids))).any():
                self.notes.append("an engine offered bids that conflict: left out")
                return
            self.chosen, self.value = vertices, value
            if self._numerical_bound is not None and self._numerical_bound < value:
                self._numerical_bound = None
                self.notes.append("the integer program's bound was refuted: left out")
            self._shared[TARGET] = max(int(self._shared[TARGET]), value)
            helpers = list(self._helpers.values())
            self._stop_if_over()
        for helper in helpers:
            helper.send("better", self._columns[vertices])

    def _tighten(self, bound: int, numerical: bool) -> None:
        with self._changed:
            bound = max(bound, self.value)
            if numerical:
                self._numerical_bound = bound
            else:
                self._exact_bound = min(self._exact_bound, bound)
            self._stop_if_over()

    def _stop_if_over(self) -> None:
        if self._over():
            self._shared[STOP] = 1
        self._changed.notify_all()

    def _improve(self, steps: int, seed: int) -> None:
        part = self.part
        taken = np.zeros(len(part.bids), np.int64)
        taken[self.chosen] = 1
        better = local.improve(part.weights, part.rows, taken, steps, seed, self._shared)
        self._offer(np.flatnonzero(better).tolist())

    def _staff(self) -> None:
        """Start search threads up to the number wanted; those in excess leave by themselves."""
        if self._roots is None:
            return
        with self._changed:
            self._wanted = max(0, self.threads - len(self._helpers))
            if not self._roots.available:
                self._wanted = min(self._wanted, self._searching)
            missing = self._wanted - self._searching
            self._searching += max(0, missing)
        for _ in range(missing):
            threading.Thread(target=self._search_on, daemon=True).start()

    def _search_on(self) -> None:
        roots = self._roots
        assert roots is not None
        began = time.monotonic()
        local_time, seed = 0.0, 1
        spare: Branches | None = None
        try:
            while not self._shared[STOP]:
                with self._changed:
                    if self._searching > self._wanted:
                        return
                branches = roots.take(spare)
                if branches is None:
                    return
                finished = roots.advance(branches, SLICE)
                self._collect(branches)
                roots.leave(branches, finished)
                spare = branches if finished else None
                now = time.monotonic()
                if local_time < LOCAL_SHARE * (now - began):
                    seed += 1
                    self._improve(len(self.part.bids), seed)
                    local_time += time.monotonic() - now
        finally:
            with self._changed:
                self._searching -= 1
                if roots.settled:
                    self._settle()
                self._changed.notify_all()

    def _collect(self, branches: Branches) -> None:
        nodes = int(branches.cursor[2])
        branches.cursor[2] = 0
        with self._changed:
            self.nodes += nodes
        if branches.found[0] > self.value:
            self._offer(branches.found[2 : 2 + branches.found[1]].tolist())

    def _settle(self) -> None:
        """The search has looked everywhere: nothing beats the target."""
        best = self.value if self._floor is None else max(self.value, self._floor - 1)
        self._exact_bound = min(self._exact_bound, best)

    def _start_worker(self, engine: str, deadline: float | None) -> None:
        self._helpers[engine] = worker = integer.borrow()
        limit = 1e9 if deadline is None else max(0.01, deadline - time.monotonic())
        threading.Thread(target=self._worker_on, args=(engine, worker, limit), daemon=True).start()

    def _worker_on(self, engine: str, worker: integer.Worker, limit: float) -> None:
        part, columns = self.part, self._columns
        vertices = np.argsort(columns)
        total = int(part.weights.sum())
        linear = engine == "linear"
        # The greedy packing of a sparse part is too poor a start for HiGHS: it only misleads its heuristics.
        start = [] if not linear and part.density < SPARSE else columns[self.chosen].tolist()

        def bounded(bound: float, exact: bool) -> None:
            self._tighten(int(bound) if linear else integer.rounded(bound, total), not exact)

        ended = worker.solve(
            part.weights[vertices],
            [np.sort(columns[row]) for row in presolve.cliques(part)],
            start,
            {"time_limit": limit, "target": int(self._shared[TARGET])} if linear else {"time_limit": limit},
            lambda chosen: self._offer(vertices[chosen].tolist()),
            bounded,
            reordered(part.rows, vertices).view(np.int64).ravel() if linear else None,
        )
        if ended is not None:
            if not self._shared[STOP]:
                self._offer(vertices[ended.chosen].tolist())
                bounded(ended.bound, ended.exact)
            integer.give_back(worker)
        else:
            worker.end(patience=0.2)
        with self._changed:
            if ended is not None:
                self.nodes += ended.nodes
            elif not self._shared[STOP]:
                self.notes.append(
                    f"the process with the {DESCRIPTIONS[engine]} died (exit status {worker.exit_status})"
                    + (": the others went on without it" if len(self._engines) > 1 else "")
                )
            del self._helpers[engine]
            self._changed.notify_all()
