"""What a recorded device takes in the state, and to read and write, beside the form in which it is exported.

Run: `python -m benchmarks.records STATE`, a SQLite file such as `benchmarks.settled` makes, which is only read.
"""

from __future__ import annotations

import gc
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from reconcile.model.values import canonical
from reconcile.state.checksum import checked, summed
from reconcile.state.codec import device_json, loads, read_device
from reconcile.state.rows import summed_row

_DEVICES = 5_000
_ROUNDS = 7
T = TypeVar("T")


def run(state: Path) -> None:
    """Prints bytes, and microseconds of CPU, the best of seven rounds."""
    with sqlite3.connect(f"file:{state}?mode=ro", uri=True) as connection:
        query = "SELECT body FROM device ORDER BY rowid % 97, rowid LIMIT ?"
        devices = [read_device(loads(checked(body))) for (body,) in connection.execute(query, (_DEVICES,))]
    forms = {
        "as exported": lambda: [summed(canonical(device_json(device))) for device in devices],
        "as stored": lambda: [summed_row(device)[-1] for device in devices],
    }
    for name, write in forms.items():
        bodies, writing_s = _best(write)
        back, reading_s = _best(lambda bodies=bodies: [read_device(loads(checked(body))) for body in bodies])
        assert back == devices
        size = sum(map(len, bodies)) / len(bodies)
        each = 1e6 / len(bodies)
        print(f"{name:12}  {size:6,.0f} bytes  write {writing_s * each:5.1f} us  read {reading_s * each:5.1f} us")


def _best(work: Callable[[], T]) -> tuple[T, float]:
    gc.disable()
    best = float("inf")
    for _ in range(_ROUNDS):
        begun = time.process_time()
        done = work()
        best = min(best, time.process_time() - begun)
    gc.enable()
    return done, best


if __name__ == "__main__":
    run(Path(sys.argv[1]))
