"""Peak memory of applying a saved plan, of 10,000 steps and of 100,000: it is to stay flat.

Run alone: `python -m benchmarks --only apply-memory`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Counts, Failed, log, prepare, python, reconcile, run_once
from benchmarks.servers import KEYS, endpoints, plain_server

MOST_MB = 100
MOST_GROWTH_MB = 25
TEXT = (
    "`reconcile apply FILE`: one desired-property set of ten properties for each of so many new devices, quota off, "
    "SQLite, against the server that answers well-formed and checks nothing. Whole processes, one run each. The plan "
    f"stays packed: the benchmark fails above {MOST_MB} MB, or when the largest takes over {MOST_GROWTH_MB} MB more "
    "than the smallest."
)
HEAD = ("steps", "peak memory", "CPU", "wall clock", "plan file", "state file")


def run(sizes: Sequence[int]) -> Counts:
    """A row for each size. Raises: Failed when memory grows with the steps."""
    rows, peaks = [], []
    for steps in sizes:
        with tempfile.TemporaryDirectory() as folder, plain_server() as port:
            fleet = Path(folder) / "lamps"
            prepare(python("-m", "benchmarks.fleet_generator", str(fleet), "--devices", str(steps), "--aliyun-only"))
            state, plan = fleet.with_suffix(".db"), fleet.with_suffix(".plan")
            argv = reconcile("--manifests", str(fleet), "--state", f"sqlite:///{state}", *endpoints(port))
            prepare([*argv, "plan", "--refresh", "none", "-o", str(plan)], KEYS)
            cost = run_once([*argv, "apply", str(plan), "--yes"], KEYS)
            log(f"  {steps:,} steps: {cost.peak_mb:.0f} MB, {cost.cpu_s:.1f} s CPU")
            sizes_mb = [f"{file.stat().st_size / 1e6:.1f} MB" for file in (plan, state)]
        peaks.append(cost.peak_mb)
        rows.append([f"{steps:,}", f"{cost.peak_mb:.0f} MB", f"{cost.cpu_s:.1f} s", f"{cost.wall_s:.1f} s", *sizes_mb])
    if max(peaks) > MOST_MB or max(peaks) - peaks[0] > MOST_GROWTH_MB:
        raise Failed(f"memory grows with the steps of a plan: {', '.join(f'{peak:.0f} MB' for peak in peaks)}")
    return Counts("Memory of applying a saved plan", TEXT, HEAD, rows)
