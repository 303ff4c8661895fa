"""Plans of very large fleets, beside the floor: what it costs to read the same inventory and records at all."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Case, Failed, Table, log, measure_all, output_of, prepare, python, reconcile
from benchmarks.servers import KEYS


def run(devices: int, repeat: int) -> Table:
    """Nothing changed, and one device in a hundred; ratios are to the floor."""
    with tempfile.TemporaryDirectory() as name:
        parent = Path(name)
        base, changed, db = parent / "base", parent / "changed", parent / "state.db"
        for folder, words in ((base, ()), (changed, ("--changed",))):
            log(f"  writing {devices:,} devices")
            prepare(python("-m", "benchmarks.scale_fleet", str(folder), "--devices", str(devices), *words))
        log("  recording them as settled")
        prepare(python("-m", "benchmarks.settled", str(base), f"sqlite:///{db}"), KEYS)
        floor = python("-m", "benchmarks.scale_floor", str(base / "inventory/devices.csv"), str(db))
        if output_of(floor).strip() != str(devices):
            raise Failed("the floor does not find the devices of the inventory in the state")
        cases = [
            Case("the floor", floor, count=devices),
            Case("`reconcile plan`, unchanged", _plan(base, db), KEYS, count=devices),
            Case("`reconcile plan`, 1 % changed", _plan(changed, db), KEYS, count=devices),
        ]
        rows = measure_all(cases, repeat)
    text = (
        f"{devices:,} devices in one inventory CSV, half on each platform, 50 profiles with overlapping selectors, one "
        "device in a hundred with a document of its own, 10 resources each; `plan --refresh none` against SQLite. "
        f"The floor streams the same rows and recorded digests once in Python {sys.version_info.major}."
        f"{sys.version_info.minor} and compares their names."
    )
    return Table(f"Plan of {devices:,} devices beside the floor", text, rows, is_cost=True)


def _plan(folder: Path, db: Path) -> list[str]:
    return reconcile("--manifests", str(folder), "--state", f"sqlite:///{db}", "plan", "--refresh", "none")
