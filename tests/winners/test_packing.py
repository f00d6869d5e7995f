"""Set packing: every engine against enumeration, and the edges of the interface."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unrigged.winners.packing import Packed, Packing, integer, linear, race
from unrigged.winners.packing.exact import solve_exact
from unrigged.winners.packing.presolve import cliques, reduce
from unrigged.winners.packing.race import Interrupted, solve


def best_value(packing: Packing) -> int:
    """The greatest weight, by trying every set of bids."""
    best = 0
    n = len(packing.weights)
    for size in range(n + 1):
        for chosen in itertools.combinations(range(n), size):
            used = [item for bid in chosen for item in set(packing.items[bid])]
            if len(used) == len(set(used)):
                best = max(best, sum(packing.weights[bid] for bid in chosen))
    return best


def check(packing: Packing, packed: Packed) -> None:
    """What holds of every answer."""
    assert packing.value(packed.chosen) == packed.value
    assert list(packed.chosen) == sorted(packed.chosen)
    assert packed.bound >= packed.value
    assert (packed.proof == "none") == (packed.bound > packed.value)
    assert packed.optimal == (packed.gap == 0)


@st.composite
def packings(draw: st.DrawFn, most_bids: int = 9, scale: int = 30) -> Packing:
    item_count = draw(st.integers(1, 7))
    item_sets = st.lists(st.integers(0, item_count - 1), max_size=4).map(tuple)
    bids = draw(st.lists(st.tuples(st.integers(-scale // 5, scale), item_sets), max_size=most_bids))
    return Packing(tuple(weight for weight, _ in bids), tuple(items for _, items in bids), item_count)


def ring(n: int, weight: int = 10) -> Packing:
    """n bids in a circle, neighbours sharing an item: nothing for the reductions to do."""
    return Packing(tuple(weight + (7 * i) % 3 for i in range(n)), tuple((i, (i + 1) % n) for i in range(n)), n)


def tangled(bids: int, items: int, size: int, seed: int) -> Packing:
    """Pseudo-random bids of equal size, hard enough to keep every engine busy for a while."""
    import random

    rng = random.Random(seed)
    sets = tuple(tuple(rng.sample(range(items), size)) for _ in range(bids))
    return Packing(tuple(rng.randint(900, 1100) for _ in range(bids)), sets, items)


@settings(max_examples=300, deadline=None)
@given(packings())
def test_search_finds_the_optimum(packing: Packing) -> None:
    packed = solve(packing, engines=("search",))
    check(packing, packed)
    assert (packed.value, packed.proof) == (best_value(packing), "exact")


@settings(max_examples=150, deadline=None)
@given(packings(), st.sampled_from([1, 10**9, 10**14]))
def test_both_engines_agree_with_enumeration(packing: Packing, factor: int) -> None:
    packing = Packing(
        tuple(weight * factor + (weight > 0) for weight in packing.weights), packing.items, packing.item_count
    )
    packed = solve(packing)
    check(packing, packed)
    assert packed.optimal
    assert packed.value == best_value(packing)


@settings(max_examples=200, deadline=None)
@given(packings(scale=10), st.integers(0, 10**30))
def test_python_integers_find_the_optimum(packing: Packing, offset: int) -> None:
    weights = tuple(weight * 10**29 + offset if weight > 0 else weight for weight in packing.weights)
    packing = Packing(weights, packing.items, packing.item_count)
    exact = solve_exact(packing)
    assert packing.value(exact.chosen) == exact.bound == best_value(packing)


@settings(max_examples=150, deadline=None)
@given(packings(), st.integers(-5, 150))
def test_floor_is_reached_or_refuted(packing: Packing, floor: int) -> None:
    packed = solve(packing, engines=("search",), floor=floor)
    assert packing.value(packed.chosen) == packed.value <= packed.bound
    best = best_value(packing)
    assert packed.bound >= best or packed.bound < floor
    assert packed.value >= floor if best >= floor else packed.bound < floor


@settings(max_examples=100, deadline=None)
@given(packings())
def test_no_time_still_gives_a_packing_and_a_bound(packing: Packing) -> None:
    packed = solve(packing, limit=0)
    check(packing, packed)
    assert packed.value <= best_value(packing) <= packed.bound


@settings(max_examples=100, deadline=None)
@given(packings())
def test_clique_rows_say_what_the_items_say(packing: Packing) -> None:
    for part in reduce(packing).parts:
        rows = [set(row.tolist()) for row in cliques(part)]
        for v, w in itertools.combinations(range(len(part.bids)), 2):
            clash = bool(set(part.items[v]) & set(part.items[w]))
            assert clash == any({v, w} <= row for row in rows)


def test_empty() -> None:
    packed = solve(Packing((), (), 0))
    assert (packed.chosen, packed.value, packed.bound, packed.proof) == ((), 0, 0, "exact")


def test_only_worthless_bids() -> None:
    assert solve(Packing((-3, 0, -1), ((0,), (1,), ()), 2)).chosen == ()


def test_bids_without_items_are_taken() -> None:
    assert solve(Packing((5, 4, 3), ((), (0,), (0,)), 1)).chosen == (0, 1)


@pytest.mark.parametrize("n", [5, 63, 64, 65, 129])
def test_word_boundaries(n: int) -> None:
    packing = tangled(n, 16, 4, n)
    by_search, exact = solve(packing, engines=("search",)), solve_exact(packing)
    check(packing, by_search)
    assert by_search.value == exact.bound


@pytest.mark.parametrize("factor", [10**12, 10**15, 10**18, 10**40])
def test_large_values(factor: int) -> None:
    small = tangled(30, 12, 2, 3)
    large = Packing(tuple(w * factor + w % 2 for w in small.weights), small.items, small.item_count)
    packed = solve(large)
    check(large, packed)
    assert packed.proof == "exact"
    assert packed.value // factor == solve(small).value


@pytest.mark.parametrize("engine", ["linear", "integer"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_programs_alone(engine: str, seed: int) -> None:
    packing = tangled(60, 20, 3, seed)
    packed = solve(packing, engines=(engine,))
    check(packing, packed)
    assert packed.proof == ("exact" if engine == "linear" else "numerical")
    assert packed.value == solve(packing, engines=("search",)).value


@settings(max_examples=150, deadline=None)
@given(packings(), st.sampled_from([1, 10**5, 10**10]))
def test_linear_bounds_find_the_optimum(packing: Packing, factor: int) -> None:
    weights = tuple(weight * factor + (weight > 0) for weight in packing.weights)
    packing = Packing(weights, packing.items, packing.item_count)
    packed = solve(packing, engines=("linear",))
    check(packing, packed)
    assert packed.optimal
    assert packed.value == best_value(packing)


@settings(max_examples=60, deadline=None)
@given(packings(), st.integers(-5, 150))
def test_linear_bounds_reach_or_refute_a_floor(packing: Packing, floor: int) -> None:
    packed = solve(packing, engines=("linear",), floor=floor)
    best = best_value(packing)
    assert packing.value(packed.chosen) == packed.value <= packed.bound
    assert packed.bound >= best or packed.bound < floor
    assert packed.value >= floor if best >= floor else packed.bound < floor


def test_bounds_of_any_prices_are_true() -> None:
    packing = tangled(40, 12, 3, 7)
    (part,) = reduce(packing).parts
    relaxation = linear.Relaxation(part.weights, cliques(part))
    state = np.full(len(part.bids), linear.FREE, np.uint8)
    solved = relaxation.solve(state)
    best = solve(packing, engines=("search",)).value
    assert best <= solved.bound / relaxation.scale
    assert solved.bound / relaxation.scale == pytest.approx(solved.objective, rel=1e-6)
    state[0] = linear.OUT
    relaxation.remove(np.array([0]))
    assert relaxation.solve(state).bound // relaxation.scale >= 0


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks processes up in /proc")
def test_a_worker_ends_with_its_parent() -> None:
    code = (
        "import os, signal, random\n"
        "from unrigged.winners.packing import Packing, integer, race\n"
        "rng = random.Random(5)\n"
        "sets = tuple(tuple(rng.sample(range(200), 4)) for _ in range(900))\n"
        "packing = Packing(tuple(rng.randint(900, 1100) for _ in range(900)), sets, 200)\n"
        "def killed(value, bound, seconds):\n"
        "    print(*[worker.process_id for worker in integer._all], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "race.solve(packing, engines=(ENGINE,), progress=killed)\n"
    )
    for engine in ("integer", "linear"):
        ended = subprocess.run(
            [sys.executable, "-c", code.replace("ENGINE", repr(engine))], check=False, capture_output=True, text=True
        )
        assert ended.returncode == -signal.SIGKILL
        (worker,) = map(int, ended.stdout.split())
        patience = time.monotonic() + 5
        while Path(f"/proc/{worker}/cmdline").exists() and Path(f"/proc/{worker}/cmdline").read_bytes():
            assert time.monotonic() < patience
            time.sleep(0.05)


def test_time_limit_leaves_an_honest_gap() -> None:
    packing = tangled(900, 200, 4, 5)
    seen: list[tuple[int, int]] = []
    packed = solve(packing, limit=0.6, progress=lambda value, bound, seconds: seen.append((value, bound)))
    check(packing, packed)
    assert packed.proof == "none"
    assert seen
    assert all(value <= bound for value, bound in seen)
    assert seen[-1] == (packed.value, packed.bound)


def test_a_killed_process_does_not_stop_the_search() -> None:
    packing = tangled(110, 30, 3, 2)
    expected = solve(packing, engines=("search",))
    worker = integer.borrow()
    os.kill(worker.process_id, signal.SIGKILL)
    integer.give_back(worker)
    assert solve(packing).value == expected.value


def test_an_engine_that_dies_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "worker.py"
    broken.write_text("import sys\nsys.stdin.buffer.readline()\nsys.exit(1)\n")
    monkeypatch.setattr(integer, "WORKER", broken)
    integer.end_workers()
    packed = solve(tangled(900, 200, 4, 5), limit=0.6)
    assert any("died" in note for note in packed.notes)
    assert packed.value > 0
    alone = solve(ring(101), engines=("integer",))
    assert any("died" in note for note in alone.notes)


def test_interruption_carries_the_best_so_far() -> None:
    packing = tangled(900, 200, 4, 5)

    def interrupt(value: int, bound: int, seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        solve(packing, progress=interrupt)
    check(packing, caught.value.packed)
    assert caught.value.packed.value > 0


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"threads": 0}, {"engines": ()}, {"engines": ("magic",)}])
def test_wrong_parameters_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        solve(ring(5), **wrong)  # type: ignore[arg-type]


def test_wrong_programs_are_refused() -> None:
    with pytest.raises(ValueError, match="weights"):
        Packing((1,), (), 1)
    with pytest.raises(ValueError, match="uses the items"):
        Packing((1,), ((3,),), 3)
    with pytest.raises(ValueError, match="is used by bid"):
        Packing((1, 1), ((0,), (0,)), 1).value((0, 1))


def test_problem_needs_no_engine() -> None:
    code = (
        "import sys, unrigged.winners.packing;sys.exit(any(m in sys.modules for m in ('numba', 'highspy', 'ortools')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_one_thread() -> None:
    packing = tangled(110, 30, 3, 2)
    assert solve(packing, threads=1).value == solve(packing, threads=3).value


def test_warm_up() -> None:
    race.warm_up()
