"""The figures of `docs/reliability.md`: what is measured for it, and how its tables are headed."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from benchmarks import interruption, journal, quota, recovery
from benchmarks.measure import ROOT, Counts
from benchmarks.table import counts_table

PAGE = ROOT / "docs" / "reliability.md"


def benchmarks(*, is_smoke: bool) -> Mapping[str, Callable[[], Counts]]:
    """By name; a smoke test is small."""
    return {
        "quota": partial(quota.run, *((2, 2) if is_smoke else (60, 20))),
        "recovery": partial(recovery.run, 40 if is_smoke else 10_000),
        "interruption": partial(interruption.run, 6 if is_smoke else 100, is_smoke=is_smoke),
        "journal": partial(journal.run, 0.05 if is_smoke else 2.0),
    }


def render(tables: Sequence[Counts]) -> str:
    """All tables, with the conditions they were measured under; one run of each."""
    conditions = (
        f"One run of each; Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, on which the emulated clouds ran as well."
    )
    return "\n\n".join([conditions, *(counts_table(table, level=3) for table in tables)])
