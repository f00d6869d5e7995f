"""The whole ledger decided: several claims at a time, taken up again where it was interrupted."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Literal

from unrigged.claims.base import Reading, Watch
from unrigged.claims.documents import FOLDER, Row, markdown
from unrigged.claims.ledger import decide, reading_of, readings
from unrigged.errors import FileError, InputError

Kind = Literal["quick", "standard"]

PROGRESS = "claims.progress.jsonl"
"""In the folder of the report while it is unfinished: a line for every reading that is decided."""

Done = Callable[[int, int, Row], None]
"""Told of every entry when it is decided: how many are, of how many, and the entry."""


def report(
    folder: Path,
    *,
    kind: Kind = "standard",
    only: Iterable[Reading] | None = None,
    jobs: int = 2,
    limit: float | None = None,
    done: Done = lambda number, total, row: None,
) -> list[Row]:
    """Decide every reading on its `kind` of range, in `jobs` processes, and write the report into `folder`.

    Writes claims.md, claims.json and the counterexamples' scenario files. What is decided is kept in `PROGRESS` at
    once; a later call takes it over where the code is still the same. `limit`: seconds for every reading, after which
    it stays undecided. Raises FileError where the folder cannot be written to.
    """
    wanted = list(readings() if only is None else only)
    path = folder / PROGRESS
    version = _version()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        rows = _kept(path, version, kind)
        with path.open("a", encoding="utf-8") as kept:
            number = 0
            for each in wanted:
                if each.key in rows:
                    number += 1
                    done(number, len(wanted), rows[each.key])
            for key, row in _decided([each.key for each in wanted if each.key not in rows], kind, limit, jobs):
                rows[key] = row
                kept.write(json.dumps({"version": version, "kind": kind, "key": key, "row": row}) + "\n")
                kept.flush()
                number += 1
                done(number, len(wanted), row)
        answer = [rows[each.key] for each in wanted]
        _write(folder, answer)
        path.unlink()
    except OSError as error:
        raise FileError(str(error.filename or folder), error, "write") from None
    return answer


def _version() -> str:
    """A digest of the package's code, by which results of other code are not taken over."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _kept(path: Path, version: str, kind: Kind) -> dict[str, Row]:
    """What an interrupted report has decided already; a last line that was not finished is left out."""
    rows: dict[str, Row] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                found = json.loads(line)
            except json.JSONDecodeError:
                continue
            if not isinstance(found, dict) or (found.get("version"), found.get("kind")) != (version, kind):
                continue
            if found["row"]["verdict"] != "undecided":
                rows[found["key"]] = found["row"]
    return rows


def _decided(keys: list[str], kind: Kind, limit: float | None, jobs: int) -> Iterable[tuple[str, Row]]:
    """Every key with its row, in the order in which they are ready."""
    if jobs < 1:
        raise InputError("jobs", jobs, "at least 1")
    if jobs == 1:
        for key in keys:
            yield key, decided(key, kind, limit)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=signal.signal,
                               initargs=(signal.SIGINT, signal.SIG_IGN))  # fmt: skip
    try:
        running: dict[Future[Row], str] = {pool.submit(decided, key, kind, limit): key for key in keys}
        for ready in as_completed(running):
            yield running[ready], ready.result()
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def decided(key: str, kind: Kind, limit: float | None = None) -> Row:
    """One reading decided on its `kind` of range, with the texts of its counterexample's files."""
    reading = reading_of(key)
    entry = decide(reading, reading.quick if kind == "quick" else reading.standard, Watch(limit))
    return {**entry.to_json(), "files": entry.files}


def _write(folder: Path, rows: list[Row]) -> None:
    """The documents of the report; files of counterexamples that there are no longer are removed."""
    examples = folder / FOLDER
    examples.mkdir(exist_ok=True)
    texts = {name: text for row in rows for name, text in row["files"].items()}
    for old in examples.glob("*.yaml"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        (examples / name).write_text(text, encoding="utf-8", newline="\n")
    listed = [_with_paths(row) for row in rows]
    text = json.dumps(listed, indent=1, ensure_ascii=False) + "\n"
    (folder / "claims.json").write_text(text, encoding="utf-8", newline="\n")
    (folder / "claims.md").write_text(markdown(listed), encoding="utf-8", newline="\n")


def _with_paths(row: Row) -> Row:
    """A row as claims.json has it: the names of files relative to the folder of the report."""
    listed = {name: value for name, value in row.items() if name != "files"}
    listed["counterexample_files"] = [f"{FOLDER}/{name}" for name in row["counterexample_files"]]
    listed["counterexample_file"] = next(iter(listed["counterexample_files"]), None)
    return listed
