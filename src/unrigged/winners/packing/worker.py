"""The programming engines in a process of their own: programs are read on stdin, answers written on stdout.

Run as a script by `integer.Worker`: a crash of HiGHS ends this process and nothing else. A message is a line of
JSON, {"kind": ..., "counts": [...]} and more, followed by the raw 64-bit integers it announces, one array per count.

To the worker: "integer" (weights, row starts, row members, a packing to start from) for HiGHS's integer program,
"linear" (the same, and the conflict graph) for our search with linear bounds, "better" (a packing found elsewhere),
"stop". From it: "ready", "better" (a packing), "bound", and "done" for each program. The process ends with the one
that started it, however that ends.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
REPORT_EVERY = 0.1
LOOK_EVERY = 0.5
"""Seconds between two looks whether the parent process still lives."""


def send(stream: IO[bytes], message: dict[str, Any], *arrays: Ints) -> None:
    """Write one message."""
    header = json.dumps({**message, "counts": [len(array) for array in arrays]})
    stream.write(header.encode() + b"\n" + b"".join(array.astype(np.int64).tobytes() for array in arrays))
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], list[Ints]] | None:
    """Read one message; None where the stream ends."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    message: dict[str, Any] = json.loads(line)
    arrays = []
    for count in message["counts"]:
        data = stream.read(8 * count)
        if len(data) != 8 * count:
            return None
        arrays.append(np.frombuffer(data, np.int64))
    return message, arrays


class Job:
    """One program in the hands of HiGHS, told of better packings and of the wish to stop while it runs."""

    def __init__(self, output: IO[bytes], number: int, options: dict[str, Any]) -> None:
        self.output = output
        self.number = number
        self.options = options
        self.stopped = False
        self.news: Ints | None = None
        self._reported = 0.0
        self._bound = float("inf")

    def run(self, weights: Ints, starts: Ints, members: Ints, start: Ints) -> None:
        """Solve and send "done" with how it ended."""
        import highspy

        n, row_count = len(weights), len(starts) - 1
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = n, row_count
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_ = weights.astype(np.float64)
        lp.col_lower_, lp.col_upper_ = np.zeros(n), np.ones(n)
        lp.row_lower_, lp.row_upper_ = np.full(row_count, -highspy.kHighsInf), np.ones(row_count)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = starts.astype(np.int32), members.astype(np.int32)
        lp.a_matrix_.value_ = np.ones(len(members))
        lp.integrality_ = [highspy.HighsVarType.kInteger] * n
        solver = highspy._core._Highs()
        for option, setting in {
            "output_flag": False,
            "threads": 1,
            "mip_rel_gap": 0.0,
            "mip_abs_gap": 0.99,
            **self.options,
        }.items():
            solver.setOptionValue(option, setting)
        solver.passModel(lp)
        if len(start):
            solver.setSolution(n, np.arange(n, dtype=np.int32), _indicator(start, n))
        kinds = highspy.cb.HighsCallbackType
        weights_float = weights.astype(np.float64)

        def on_event(kind: Any, _text: str, out: Any, back: Any, _data: Any) -> None:
            if kind == kinds.kCallbackMipImprovingSolution:
                chosen = np.flatnonzero(np.asarray(out.mip_solution) > 0.5)
                send(self.output, {"kind": "better", "number": self.number}, chosen)
            elif kind == kinds.kCallbackMipUserSolution:
                news, self.news = self.news, None
                if news is not None and weights_float[news].sum() > out.mip_primal_bound:
                    back.setSolution(_indicator(news, n))
            else:
                back.user_interrupt = self.stopped
                if kind == kinds.kCallbackMipInterrupt:
                    self._report(float(out.mip_dual_bound))

        solver.setCallback(on_event, None)
        for kind in (
            kinds.kCallbackMipImprovingSolution,
            kinds.kCallbackMipUserSolution,
            kinds.kCallbackMipInterrupt,
            kinds.kCallbackSimplexInterrupt,
        ):
            solver.startCallback(kind)
        solver.run()
        info = solver.getInfo()
        chosen = np.flatnonzero(np.asarray(solver.getSolution().col_value) > 0.5)
        send(
            self.output,
            {
                "kind": "done",
                "number": self.number,
                "optimal": solver.getModelStatus() == highspy.HighsModelStatus.kOptimal,
                "bound": float(info.mip_dual_bound),
                "exact": False,
                "nodes": max(0, int(info.mip_node_count)),
            },
            chosen,
        )

    def _report(self, bound: float) -> None:
        now = time.monotonic()
        if bound < self._bound and now - self._reported >= REPORT_EVERY:
            self._bound, self._reported = bound, now
            send(self.output, {"kind": "bound", "number": self.number, "bound": bound, "exact": False})


class LinearJob(Job):
    """One packing in the hands of our search with linear bounds."""

    def search(self, weights: Ints, starts: Ints, members: Ints, start: Ints, graph: Ints) -> None:
        """Search and send "done" with how it ended."""
        from unrigged.winners.packing.linear import Failed, LinearSearch

        search = LinearSearch(
            weights,
            np.split(members, starts[1:-1]),
            np.ascontiguousarray(graph).view(np.uint8).reshape(len(weights), -1),
            start,
            better=lambda chosen: send(self.output, {"kind": "better", "number": self.number}, chosen),
            bounded=lambda bound: self._tell(bound, search.exact),
            stopped=lambda: self.stopped or time.monotonic() >= deadline,
            news=self._news,
            target=int(self.options["target"]),
        )
        deadline = time.monotonic() + float(self.options["time_limit"])
        try:
            bound = search.run()
        except Failed:
            bound = int(weights.sum())
        ended = {"bound": bound, "exact": search.exact, "nodes": search.nodes, "optimal": bound <= search.value}
        send(self.output, {"kind": "done", "number": self.number, **ended}, search.best)

    def _tell(self, bound: int, exact: bool) -> None:
        now = time.monotonic()
        if bound < self._bound and now - self._reported >= REPORT_EVERY:
            self._bound, self._reported = bound, now
            send(self.output, {"kind": "bound", "number": self.number, "bound": bound, "exact": exact})

    def _news(self) -> Ints | None:
        news, self.news = self.news, None
        return news


def _indicator(chosen: Ints, n: int) -> NDArray[np.float64]:
    row = np.zeros(n)
    row[chosen] = 1.0
    return row


def _or_die(action: Callable[..., None], arrays: list[Ints]) -> None:
    """Do it; an error ends the process, as a crash would."""
    try:
        action(*arrays)
    finally:
        if sys.exc_info()[0] is not None:
            os._exit(1)


def _end_with(parent: int) -> None:
    """End this process when its parent is gone."""
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    os._exit(0)


def main() -> None:
    """Serve programs one after the other until stdin closes."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, output = sys.stdin.buffer, sys.stdout.buffer
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    import highspy

    highspy._core._Highs()
    send(output, {"kind": "ready"})
    job: Job | None = None
    action: Callable[..., None]
    thread: threading.Thread | None = None
    while (message := receive(source)) is not None:
        header, arrays = message
        if header["kind"] in ("integer", "linear"):
            if thread is not None:
                thread.join()
            if header["kind"] == "linear":
                linear = LinearJob(output, header["number"], header["options"])
                job, action = linear, linear.search
            else:
                job = Job(output, header["number"], header["options"])
                action = job.run
            thread = threading.Thread(target=_or_die, args=(action, arrays), daemon=True)
            thread.start()
        elif job is not None and header["number"] == job.number:
            if header["kind"] == "stop":
                job.stopped = True
            else:
                job.news = arrays[0]
    os._exit(0)


if __name__ == "__main__":
    main()
