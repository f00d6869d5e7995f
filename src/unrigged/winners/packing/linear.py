"""Branch and bound with linear bounds, for packings whose linear relaxation is tight.

Each subproblem relaxes "take it or leave it" to fractions: a linear program with a row "at most one of these" per
clique, solved by HiGHS from where the last one ended. Its row prices are rounded to fractions of a power of two and
the bound recomputed from them in integers; any prices give a true bound (weak duality), so that rounding costs
sharpness and never truth. Cliques which the fractions violate are added as rows, bids whose reduced price leaves
the incumbent behind are fixed, and branching takes one bid in or out.

Runs within the worker process and needs numpy and highspy alone.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

OUT, IN, FREE = 0, 1, 2
"""What a subproblem says of a bid."""

NEARLY = 1e-6
FINEST = 30
"""Prices are rounded to multiples of 2 to minus this power, or coarser ones where weights are large."""

ROOT_ROUNDS = 40
"""Rounds of new clique rows before the first branching, at most."""

VIOLATION = 0.05
"""A clique row is added where the fractions exceed it by more than this."""

NODE_ROUNDS = 1
"""The same at every later subproblem."""

GAIN = 0.003
"""Rounds end when one closes less than this share of the gap."""

MOST_NEW_ROWS = 100
"""Rows added in one round, at most: those most violated."""

MOST_OPEN = 50_000
"""With more open subproblems than this the newest is taken next, and not the most promising."""


def precision(weights: Ints, rows: int) -> int:
    """To how many binary places prices can be kept, so that no sum leaves 64 bits."""
    room = 61 - int(weights.max()).bit_length() - (4 * (rows + len(weights))).bit_length()
    return min(FINEST, room)


class Failed(Exception):
    """The linear programming engine gave no usable answer."""


@dataclass(frozen=True)
class Solved:
    """A relaxation: fractions, the float objective, the integer bound and reduced prices, in units of 1/scale."""

    fractions: Floats
    objective: float
    bound: int
    reduced: Ints


class Relaxation:
    """The linear program, kept from one subproblem to the next."""

    def __init__(self, weights: Ints, rows: list[Ints]) -> None:
        import highspy

        self._optimal = highspy.HighsModelStatus.kOptimal
        self._infinity = highspy.kHighsInf
        self.weights = weights
        self.scale = 1 << precision(weights, len(rows))
        self.rows: list[Ints] = []
        self.slack = np.zeros(0, np.bool_)
        self._state = np.full(len(weights), FREE, np.uint8)
        n = len(weights)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = n, 0
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_ = weights.astype(np.float64)
        lp.col_lower_, lp.col_upper_ = np.zeros(n), np.ones(n)
        lp.a_matrix_.start_ = np.zeros(n + 1, np.int32)
        self._solver: Any = highspy._core._Highs()
        options: dict[str, bool | int | str] = {"output_flag": False, "threads": 1, "presolve": "off"}
        for option, setting in options.items():
            self._solver.setOptionValue(option, setting)
        self._solver.passModel(lp)
        self.add(rows)

    def add(self, rows: list[Ints]) -> None:
        """Add rows "at most one of these"."""
        sizes = [len(row) for row in rows]
        entries = np.concatenate(rows).astype(np.int32)
        self._solver.addRows(
            len(rows),
            np.full(len(rows), -self._infinity),
            np.ones(len(rows)),
            len(entries),
            np.cumsum([0, *sizes[:-1]]).astype(np.int32),
            entries,
            np.ones(len(entries)),
        )
        self.rows.extend(rows)
        self._index()

    def remove(self, places: Ints) -> None:
        """Take rows away."""
        self._solver.deleteRows(len(places), places.astype(np.int32))
        gone = set(places.tolist())
        self.rows = [row for place, row in enumerate(self.rows) if place not in gone]
        self._index()

    def _index(self) -> None:
        """Per entry of the rows, column by column, its row."""
        members = np.concatenate(self.rows)
        order = np.argsort(members, kind="stable")
        self._row_of_entry = np.repeat(np.arange(len(self.rows)), [len(row) for row in self.rows])[order]
        counts = np.bincount(members, minlength=len(self.weights))
        self._first_entry = np.concatenate([[0], np.cumsum(counts)[:-1]])

    def solve(self, state: Bytes) -> Solved:
        """Solve the relaxation of a subproblem. Raises Failed."""
        changed = np.flatnonzero(state != self._state)
        if len(changed):
            now = state[changed]
            self._solver.changeColsBounds(
                len(changed),
                changed.astype(np.int32),
                (now == IN).astype(np.float64),
                (now != OUT).astype(np.float64),
            )
            self._state = state.copy()
        self._solver.run()
        if self._solver.getModelStatus() != self._optimal:
            self._solver.clearSolver()
            self._solver.run()
            if self._solver.getModelStatus() != self._optimal:
                raise Failed
        solution = self._solver.getSolution()
        most = float(self.weights.max())
        prices = np.rint(np.clip(np.array(solution.row_dual), 0.0, most) * self.scale).astype(np.int64)
        reduced = self.weights * self.scale - np.add.reduceat(prices[self._row_of_entry], self._first_entry)
        bound = int(prices.sum()) + int(reduced[(state == IN) | ((state == FREE) & (reduced > 0))].sum())
        self.slack = prices == 0
        return Solved(np.array(solution.col_value), self._solver.getInfo().objective_function_value, bound, reduced)


class LinearSearch:
    """The search over subproblems. `better` is told of packings, `bounded` of bounds; `stopped` ends it.

    `rows` are cliques that together cover every conflict; `neighbours` has a row of bits per bid; `start` is a packing;
    only packings heavier than it and than `target` are looked for; `news` hands over packings found elsewhere.
    """

    def __init__(
        self,
        weights: Ints,
        rows: list[Ints],
        neighbours: Bytes,
        start: Ints,
        better: Callable[[Ints], None],
        bounded: Callable[[int], None],
        stopped: Callable[[], bool],
        news: Callable[[], Ints | None],
        target: int = 0,
    ) -> None:
        self.weights = weights
        self.n = len(weights)
        self.neighbours = neighbours
        self.better, self.bounded, self.stopped, self.news = better, bounded, stopped, news
        self.lp = Relaxation(weights, rows)
        self.base_rows = len(rows)
        self.best = start
        self.value = max(target, int(weights[start].sum()))
        """What the next packing has to beat: the weight of `best`, or the target."""
        self.nodes = 0
        self.exact = True
        """Whether no subproblem was left on the word of a floating-point number."""
        self.most_rows = 2 * len(rows) + 100
        self._open: list[tuple[int, int, Bytes]] = []
        self._stack: list[tuple[int, Bytes]] = []
        self._counter = 0
        self._root: Solved | None = None
        self._fixed_for = -1
        self._never = np.zeros(self.n, np.bool_)

    def run(self) -> int:
        """Search to the end, or until stopped; the bound. Raises Failed."""
        self._push(int(self.weights.sum()), np.full(self.n, FREE, np.uint8))
        while (self._open or self._stack) and not self.stopped():
            above, state = self._pop()
            while above > self.value and not self.stopped():
                going_on = self._look_at(above, state)
                if going_on is None:
                    break
                above, state = going_on
            else:
                if above > self.value:
                    self._push(above, state)
            self.bounded(self.bound())
        return self.bound()

    def bound(self) -> int:
        """No packing weighs more."""
        return max([self.value, *(above for above, _ in self._stack), *(-node[0] for node in self._open[:1])])

    def _push(self, above: int, state: Bytes) -> None:
        if len(self._open) < MOST_OPEN:
            self._counter += 1
            heapq.heappush(self._open, (-above, -self._counter, state))
        else:
            self._stack.append((above, state))

    def _pop(self) -> tuple[int, Bytes]:
        if self._stack:
            return self._stack.pop()
        above, _, state = heapq.heappop(self._open)
        return -above, state

    def _look_at(self, above: int, state: Bytes) -> tuple[int, Bytes] | None:
        """Bound one subproblem; the half of it to go on with, if any. The other half is left for later."""
        self.nodes += 1
        state = self._within_fixed(state)
        solved = self._tightened(state, ROOT_ROUNDS if self._root is None else NODE_ROUNDS)
        if self._root is None:
            self._root = solved
        scale = self.lp.scale
        bound = min(above, solved.bound // scale)
        x = solved.fractions
        fractional = np.flatnonzero((x > NEARLY) & (x < 1 - NEARLY) & (state == FREE))
        if len(fractional) == 0:
            self._offer(np.flatnonzero(x > 0.5))
        elif self.nodes == 1 or self.nodes % 8 == 0:
            self._offer(self._rounded(x))
        news = self.news()
        if news is not None:
            self._offer(news)
        if bound <= self.value:
            return None
        if len(fractional) == 0 or solved.objective < self.value + 1 - NEARLY * abs(solved.objective):
            # Only the rounding of the prices keeps this subproblem open: it is closed on the word of the engine.
            self.exact = False
            return None
        state = self._fixed(state, solved)
        fractional = fractional[state[fractional] == FREE]
        if len(fractional) == 0:
            return bound, state
        bid = self._branching_bid(fractional, x)
        without, with_it = state.copy(), state.copy()
        without[bid] = OUT
        self._take(with_it, [bid])
        self._push(bound, without)
        return bound, with_it

    def _tightened(self, state: Bytes, rounds: int) -> Solved:
        """The relaxation, with rows for violated cliques as long as they help."""
        solved = self.lp.solve(state)
        for _ in range(rounds):
            if solved.bound // self.lp.scale <= self.value or self.stopped():
                break
            rows = self._violated(solved.fractions)
            if not rows:
                break
            self._drop_slack_rows(len(rows))
            self.lp.add(rows)
            before = solved.objective
            solved = self.lp.solve(state)
            if self._root is None:
                self.bounded(solved.bound // self.lp.scale)
            if before - solved.objective < GAIN * (before - self.value):
                break
        return solved

    def _drop_slack_rows(self, coming: int) -> None:
        """Make room: rows added later that do not bind now are taken away once there are many."""
        if len(self.lp.rows) + coming <= self.most_rows:
            return
        slack = np.flatnonzero(self.lp.slack)
        slack = slack[slack >= self.base_rows]
        if len(slack):
            self.lp.remove(slack)

    def _violated(self, x: Floats) -> list[Ints]:
        """Maximal cliques in which the fractions add up to more than one."""
        some = np.flatnonzero((x > NEARLY) & (x < 1 - NEARLY))
        some = some[np.argsort(-x[some], kind="stable")]
        among = self._adjacent(some, some)
        share = x[some]
        found: dict[bytes, tuple[float, Ints]] = {}
        for first in range(len(some)):
            candidates = np.flatnonzero(among[first])
            clique, total = [first], share[first]
            while len(candidates):
                weight = among[np.ix_(candidates, candidates)] @ share[candidates] + share[candidates]
                if total + weight.max() <= 1 + VIOLATION:
                    break
                chosen = candidates[np.argmax(weight)]
                clique.append(int(chosen))
                total += share[chosen]
                candidates = candidates[among[chosen, candidates]]
            if total > 1 + VIOLATION:
                members = np.sort(some[clique])
                found[members.tobytes()] = (total, members)
        best = sorted(found.values(), key=lambda row: -row[0])[:MOST_NEW_ROWS]
        return [self._maximal(clique) for _, clique in best]

    def _maximal(self, clique: Ints) -> Ints:
        """The clique with others that extend it, those with most in common first."""
        common = np.bitwise_and.reduce(self.neighbours[clique], axis=0)
        members = clique.tolist()
        candidates = self._listed(common)
        while len(candidates):
            among = self._adjacent(candidates, candidates)
            chosen = int(np.argmax(among.sum(axis=1)))
            members.append(int(candidates[chosen]))
            candidates = candidates[among[chosen]]
        return np.array(sorted(members), np.int64)

    def _fixed(self, state: Bytes, solved: Solved) -> Bytes:
        """The subproblem without the choices whose reduced price rules out anything better than the incumbent."""
        excess = solved.bound - (self.value + 1) * self.lp.scale
        free = state == FREE
        out = free & (solved.reduced < 0) & (-solved.reduced > excess)
        needed = np.flatnonzero(free & (solved.reduced > excess))
        state = state.copy()
        state[out] = OUT
        self._take(state, needed.tolist())
        return state

    def _within_fixed(self, state: Bytes) -> Bytes:
        """The subproblem with what the root's reduced prices and a better incumbent have ruled out since."""
        if self._root is None:
            return state
        if self._fixed_for != self.value:
            self._fixed_for = self.value
            everything = np.full(self.n, FREE, np.uint8)
            self._never = self._fixed(everything, self._root) == OUT
        return np.where((state == FREE) & self._never, np.uint8(OUT), state)

    def _take(self, state: Bytes, bids: list[int]) -> None:
        for bid in bids:
            state[self._listed(self.neighbours[bid])] = OUT
            state[bid] = IN

    def _branching_bid(self, fractional: Ints, x: Floats) -> int:
        share = x[fractional]
        return int(fractional[np.argmax(share * (1 - share) * self.weights[fractional])])

    def _rounded(self, x: Floats) -> Ints:
        """A packing of the bids the fractions favour, filled up with the heaviest that fit."""
        order = np.lexsort((-self.weights, -np.rint(x * 20)))
        order = np.concatenate([order[x[order] > NEARLY], np.argsort(-self.weights, kind="stable")])
        blocked = np.zeros(self.n, np.bool_)
        chosen = []
        for bid in order.tolist():
            if not blocked[bid]:
                chosen.append(bid)
                blocked[bid] = True
                blocked[self._listed(self.neighbours[bid])] = True
        return np.array(sorted(chosen), np.int64)

    def _offer(self, chosen: Ints) -> None:
        """Take over a heavier packing."""
        value = int(self.weights[chosen].sum())
        if value > self.value:
            self.best, self.value = chosen, value
            self.better(chosen)

    def _listed(self, row: Bytes) -> Ints:
        return np.flatnonzero(np.unpackbits(row, bitorder="little", count=self.n)).astype(np.int64)

    def _adjacent(self, some: Ints, others: Ints) -> NDArray[np.bool_]:
        return np.unpackbits(self.neighbours[some], axis=1, bitorder="little", count=self.n)[:, others].astype(np.bool_)
