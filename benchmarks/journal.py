"""Durable journal records a second by group size, beside what the disk itself syncs: on the disk of the current folder.

One group is one commit of SQLite (WAL, as the program opens it) that opens that many attempts. Syncs are counted by
strace, in a run of its own, where it is installed. `python -m benchmarks.journal GROUP COMMITS` only makes commits.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import ROOT, Counts, environment, log, python
from reconcile.ports import Commit
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import attempt

GROUPS = (1, 8, 64, 512)
_PAGE = b"\0" * 4096
_COUNTED = 100
TEXT = (
    "Each record is an attempt as it is begun, each commit durable before the next begins; one thread, {seconds:g} s "
    "a row. *Syncs* are the calls of `fsync` and `fdatasync` in {counted} commits, counted by strace in a run of their "
    "own. Beside it: the same disk writes and syncs {disk:,.0f} pages of 4 KiB a second, one by one."
)


def run(seconds: float) -> Counts:
    """All group sizes for so long each."""
    rows = []
    for group in GROUPS:
        records = measured(group, seconds)
        syncs = _syncs(group)
        told = "not counted" if syncs is None else f"{syncs / _COUNTED:.2f}"
        rows.append((f"{group}", f"{records:,.0f}", f"{records / group:,.0f}", told))
        log(f"  {rows[-1]}")
    text = TEXT.format(seconds=seconds, counted=_COUNTED, disk=_disk(seconds))
    head = ("records in a commit", "records a second", "commits a second", "syncs a commit")
    return Counts("Journal", text, head, rows)


def measured(group: int, seconds: float) -> float:
    """Records a second that one store takes in commits of that many."""
    with tempfile.TemporaryDirectory(dir=".") as folder, Sqlite.open(Path(folder) / "state.db") as store:
        records, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            _commit(store, records, group)
            records += group
        return records / (time.perf_counter() - began)


def _commit(store: Sqlite, first: int, group: int) -> None:
    opened = [attempt(f"{first + number}-1") for number in range(group)]
    store.commit(Commit(entries=[one.entry for one in opened], opened=opened), fences={})


def _disk(seconds: float) -> float:
    """Pages a second that are written and synced one after the other."""
    with tempfile.TemporaryFile(dir=".") as file:
        number, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            os.write(file.fileno(), _PAGE)
            os.fdatasync(file.fileno()) if hasattr(os, "fdatasync") else os.fsync(file.fileno())
            number += 1
        return number / (time.perf_counter() - began)


def _syncs(group: int) -> int | None:
    """Syncs of so many commits, without those of opening and closing; None without strace."""
    strace = shutil.which("strace")
    if strace is None:
        return None
    counts = []
    for commits in (0, _COUNTED):
        with tempfile.NamedTemporaryFile("r") as told:
            words = [strace, "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", told.name]
            child = [*words, *python("-m", "benchmarks.journal", str(group), str(commits))]
            if subprocess.run(child, cwd=ROOT, env=environment(), capture_output=True, check=False).returncode:
                return None  # strace may not trace here
            lines = [line.split() for line in told if line.rstrip().endswith(("fsync", "fdatasync"))]
            counts.append(sum(int(line[3]) for line in lines))
    return counts[1] - counts[0]


def main(group: int, commits: int) -> None:
    """Makes commits, for whoever counts what they do."""
    with tempfile.TemporaryDirectory(dir=".") as folder, Sqlite.open(Path(folder) / "state.db") as store:
        for number in range(commits):
            _commit(store, number * group, group)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
