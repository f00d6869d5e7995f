"""Verdicts."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from unrigged.verdict import fails, holds, undecided


def test_a_verdict_is_not_a_boolean() -> None:
    for verdict in (holds("so it is"), fails("not so", counterexample=1), undecided("time ran out")):
        with pytest.raises(TypeError, match="status"):
            bool(verdict)


def test_what_verdicts_say() -> None:
    assert str(fails("ann gains 1", range="2 players")) == "fails [2 players]: ann gains 1"
    assert str(undecided("more than 10 positions")) == "undecided: more than 10 positions"
    assert fails("ann gains 1", counterexample=7).counterexample == 7
    assert holds("checked", evidence=[1]).evidence == [1]


def test_a_verdict_stays_what_it_is() -> None:
    verdict = holds("so it is")
    with pytest.raises(FrozenInstanceError):
        verdict.status = "fails"  # type: ignore[misc]
