"""Where every test is to run (UNRIGGED_ALL_TESTS is set), a test that is skipped has failed."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

MAY_BE_ABSENT = ("beside the checkout", "beside this checkout", "OR-Tools")
"""What a clone cannot have: data that is shared outside of it, and an optional extra that is not in `dev`."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _judged((yield))


def _judged(report: Any) -> Any:
    if report.skipped and os.environ.get("UNRIGGED_ALL_TESTS") and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr)
        if not any(words in reason for words in MAY_BE_ABSENT):
            report.outcome = "failed"
            report.longrepr = f"{reason}\nskipped, although UNRIGGED_ALL_TESTS asks for every test"
    return report
