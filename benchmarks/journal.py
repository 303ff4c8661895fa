"""Durable journal records a second by group size: `python -m benchmarks.journal`, on the disk of the current folder.

One group is one commit of SQLite (WAL, as the program opens it) that opens that many attempts; each run takes a
second or a little more.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from reconcile.ports import Commit
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import attempt

GROUPS = (1, 8, 64, 512)
SECONDS = 1.0


def measured(group: int) -> float:
    """Records a second that one store takes in commits of that many."""
    with tempfile.TemporaryDirectory(dir=".") as folder, Sqlite.open(Path(folder) / "state.db") as store:
        records, began = 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            opened = [attempt(f"{records + number}-1") for number in range(group)]
            store.commit(Commit(entries=[one.entry for one in opened], opened=opened), fences={})
            records += group
        return records / (time.perf_counter() - began)


if __name__ == "__main__":
    for size in GROUPS:
        sys.stdout.write(f"| {size} | {measured(size):,.0f} |\n")
