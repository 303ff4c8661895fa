"""Holds plans of 100,000 devices to ceilings of memory: `python -m benchmarks.scale_ceiling`. Exit 1 above one.

Memory, unlike time, is the same on a busy machine; a plan that holds every device again shows here.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import log, prepare, run_once
from benchmarks.scale import Site
from benchmarks.servers import KEYS

DEVICES = 100_000
CEILINGS_MB = {"unchanged": 75, "1 % changed": 80, "again, nothing touched": 65}


def main() -> int:
    """0 when every plan stays below its ceiling."""
    with tempfile.TemporaryDirectory() as name:
        site = Site.made(Path(name), DEVICES)
        for folder in (site.base, site.changed):
            prepare(site.plan(folder), KEYS)
        found = {}
        site.forget()
        found["unchanged"] = run_once(site.plan(site.base), KEYS).peak_mb
        found["again, nothing touched"] = run_once(site.plan(site.base), KEYS).peak_mb
        site.forget()
        found["1 % changed"] = run_once(site.plan(site.changed), KEYS).peak_mb
    for case, ceiling in CEILINGS_MB.items():
        log(f"{case}: {found[case]:.0f} MB of {ceiling} MB")
    return int(any(found[case] > ceiling for case, ceiling in CEILINGS_MB.items()))


if __name__ == "__main__":
    sys.exit(main())
