"""How plans grow with the fleet: the time of a device, over start-up, at one size beside the next.

Start-up is a plan of a hundred devices. Linear growth is a ratio of 1; the aim is to stay within 15 % of it.
Run: `python -m benchmarks.scale_growth [--sizes 100000,1000000] [--repeat 3] [--folder DIR]`; the folder holds the
fleets of `benchmarks.scale` under names like `100k` and `1M`, and keeps what is made. What is written is a copy of a
state.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from benchmarks.measure import Case, Cost, Counts, log, measure_all, prepare
from benchmarks.scale import Site
from benchmarks.servers import KEYS
from benchmarks.table import render

SMALL = 100
KINDS = ("`reconcile plan`, unchanged", "`reconcile plan`, 1 % changed")
HEAD = ("", "devices", "wall", "CPU", "memory", "wall each", "CPU each", "wall each, ratio", "CPU each, ratio")


def growth(sizes: Sequence[int], repeat: int, folder: Path) -> Counts:
    """The table. `sizes` ascend, and are far from `SMALL`. Raises: Failed."""
    with tempfile.TemporaryDirectory() as name:
        cases: list[Case] = []
        for devices in (SMALL, *sizes):
            cases += _cases(_copied(Site.made(_made_in(folder, devices), devices), Path(name), devices), devices)
        costs = [row.cost for row in measure_all(cases, repeat)]
    text = (
        "Plans of the fleets of `benchmarks.scale`, without what an earlier plan knows of the inventory. *Each* is a "
        f"device's time over that of a plan of {SMALL} devices, which is start-up. The ratios are to the size before."
    )
    kinds = [costs[at :: len(KINDS)] for at in range(len(KINDS))]
    rows = [row for kind, taken in zip(KINDS, kinds, strict=True) for row in rows_of(kind, sizes, taken)]
    return Counts("Growth of a plan", text, HEAD, rows)


def rows_of(kind: str, sizes: Sequence[int], costs: Sequence[Cost]) -> list[list[str]]:
    """The lines of one kind of plan; the first of the costs is start-up, the others are those of the sizes."""
    start, *taken = costs
    each = [
        ((cost.wall_s - start.wall_s) / devices * 1e6, (cost.cpu_s - start.cpu_s) / devices * 1e6)
        for devices, cost in zip(sizes, taken, strict=True)
    ]
    ratios = [("", ""), *((f"{b[0] / a[0]:.2f} ×", f"{b[1] / a[1]:.2f} ×") for a, b in pairwise(each))]
    lines = [[f"{kind}, start-up", f"{SMALL:,}", *_cells(start), "", "", "", ""]]
    for devices, cost, (wall_us, cpu_us), ratio in zip(sizes, taken, each, ratios, strict=True):
        lines.append([kind, f"{devices:,}", *_cells(cost), f"{wall_us:.2f} µs", f"{cpu_us:.2f} µs", *ratio])
    return lines


def _cells(cost: Cost) -> tuple[str, str, str]:
    return f"{cost.wall_s:.3f} s", f"{cost.cpu_s:.3f} s", f"{cost.peak_mb:.0f} MB"


def _made_in(folder: Path, devices: int) -> Path:
    made = folder / (f"{devices // 10**6}M" if devices % 10**6 == 0 else f"{devices / 1000:g}k")
    made.mkdir(parents=True, exist_ok=True)
    return made


def _copied(site: Site, folder: Path, devices: int) -> Site:
    """The site with a state of its own, in which nothing is known; documents of single devices are."""
    own = replace(site, db=folder / f"{devices}.db")
    shutil.copy(site.db, own.db)
    log(f"  planning {devices:,} devices for the first time")
    for manifests in (own.base, own.changed):
        prepare(own.plan(manifests), KEYS)
    return own


def _cases(site: Site, devices: int) -> list[Case]:
    folders = zip(KINDS, (site.base, site.changed), strict=True)
    return [Case(f"{kind}, {devices:,}", site.plan(manifests), KEYS, before=site.forget) for kind, manifests in folders]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="100000,1000000", help="numbers of devices, ascending")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where fleets and their states are made, and found again")
    options = parser.parse_args()
    wanted = [int(size) for size in options.sizes.split(",")]
    if options.folder is None:
        with tempfile.TemporaryDirectory() as place:
            measured = growth(wanted, options.repeat, Path(place))
    else:
        measured = growth(wanted, options.repeat, options.folder)
    sys.stdout.write(render([measured], options.repeat) + "\n")
