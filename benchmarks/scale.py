"""Plans of very large fleets, beside the floor: what it costs to read the same inventory and records at all.

Run: `python -m benchmarks.scale --devices 10000000 [--repeat 1] [--folder DIR]`, which prints the table. Ten million
devices take 10 GB of disk and a quarter of an hour to make; with a folder that is done once.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Case, Failed, Table, log, measure_all, output_of, prepare, python, reconcile
from benchmarks.servers import KEYS
from benchmarks.settled_parts import settle_in_parts
from benchmarks.table import render

EDITED_ROWS = 5
LARGE_FLEET = 1_000_000
"""Of more devices no process may hold all."""


@dataclass(frozen=True, slots=True)
class Site:
    """One fleet as it is recorded (`base`), another in which one device in a hundred changes, and its state."""

    base: Path
    changed: Path
    db: Path

    @classmethod
    def made(cls, parent: Path, devices: int) -> Site:
        """Generates both, and records the first as settled. Raises: Failed."""
        site, done = cls(parent / "base", parent / "changed", parent / "state.db"), parent / "made"
        if done.exists() and done.read_text(encoding="utf-8") == str(devices):
            return site
        for folder, words in ((site.base, ()), (site.changed, ("--changed",))):
            log(f"  writing {devices:,} devices")
            prepare(python("-m", "benchmarks.scale_fleet", str(folder), "--devices", str(devices), *words))
        log("  recording them as settled")
        if devices > LARGE_FLEET:
            settle_in_parts(site.base, f"sqlite:///{site.db}")
        else:
            prepare(python("-m", "benchmarks.settled", str(site.base), f"sqlite:///{site.db}"), KEYS)
        done.write_text(str(devices), encoding="utf-8")
        return site

    @property
    def state(self) -> str:
        """The address of what is recorded."""
        return f"sqlite:///{self.db}"

    @property
    def floor(self) -> list[str]:
        """The command that reads the inventory and what is recorded, and no more."""
        return python("-m", "benchmarks.scale_floor", str(self.base / "inventory/devices.csv"), str(self.db))

    def plan(self, folder: Path) -> list[str]:
        """The command that plans one of the folders, and asks no cloud."""
        return reconcile("--manifests", str(folder), "--state", self.state, "plan", "--refresh", "none")

    def forget(self) -> None:
        """Nothing is known of the inventory beyond the records themselves."""
        with closing(sqlite3.connect(self.db)) as state, state:
            state.execute("DELETE FROM settled")
            state.execute("UPDATE meta SET settled_under = NULL")

    def plans_before(self, folder: Path) -> Callable[[], None]:
        """A plan that leaves behind what a plan leaves behind."""
        return lambda: prepare(self.plan(folder), KEYS)

    def edit(self) -> None:
        """A plan of the inventory as it was, and then other labels in a few of its rows."""
        inventory, original = self.base / "inventory/devices.csv", self.base / "devices.before"
        if not original.exists():
            shutil.copy(inventory, original)
        shutil.copy(original, inventory)
        prepare(self.plan(self.base), KEYS)
        with inventory.open("r+b") as file:
            for number in range(EDITED_ROWS):
                file.seek(inventory.stat().st_size * (2 * number + 1) // (2 * EDITED_ROWS))
                file.readline()
                row_end = file.tell() + len(file.readline())
                file.seek(row_end - len(b"b99\n"))
                file.write(b"b99\n")

    def known_again(self) -> None:
        """A plan of the inventory as it is recorded; blocks of it are known, but nothing of other profiles."""
        self.restore()
        prepare(self.plan(self.base), KEYS)

    def restore(self) -> None:
        """The inventory as it is recorded, with nothing known of it."""
        original = self.base / "devices.before"
        if original.exists():
            shutil.copy(original, self.base / "inventory/devices.csv")
        self.forget()

    def warm(self, devices: int) -> None:
        """Documents of single devices are known from here on. Raises: Failed, also when the floor finds too few."""
        self.restore()
        if output_of(self.floor).strip() != str(devices):
            raise Failed("the floor does not find the devices of the inventory in the state")
        for manifests in (self.base, self.changed):
            prepare(self.plan(manifests), KEYS)

    def plans(self, devices: int) -> list[Case]:
        """The floor, and every kind of plan beside it."""
        base, changed, again = self.plan(self.base), self.plan(self.changed), self.plans_before(self.base)
        return [
            Case("the floor", self.floor, count=devices, before=self.restore),
            Case("`reconcile plan`, unchanged", base, KEYS, count=devices, before=self.restore),
            Case("`reconcile plan`, 1 % changed", changed, KEYS, count=devices, before=self.forget),
            Case("again, nothing touched", base, KEYS, count=devices, before=again),
            Case(f"again, {EDITED_ROWS} rows edited", base, KEYS, count=devices, before=self.edit),
            Case("again, a profile of 1 % edited", changed, KEYS, count=devices, before=self.known_again),
        ]


def run(sizes: Sequence[int], repeat: int) -> tuple[Table, ...]:
    """A table for each number of devices."""
    tables = []
    for devices in sizes:
        with tempfile.TemporaryDirectory() as name:
            tables.append(_table(devices, repeat, Path(name)))
    return tuple(tables)


def _table(devices: int, repeat: int, folder: Path) -> Table:
    """Nothing changed, and one device in a hundred; again with what the plan before has kept. Ratios to the floor."""
    site = Site.made(folder, devices)
    site.warm(devices)
    rows = measure_all([*site.plans(devices), *_views(site, devices)], repeat)
    text = (
        f"{devices:,} devices in one inventory CSV, half on each platform, 50 profiles with overlapping selectors, "
        "one device in a hundred with a document of its own, 10 resources each; `plan --refresh none` against SQLite. "
        "Without what an earlier plan knows of the inventory; then with it: nothing touched, other labels in "
        f"{EDITED_ROWS} rows, and other values in the profiles of one device in a hundred, which lie scattered; then "
        "what is shown of one device. What documents of single devices, and devices under "
        "the same profiles, came to is kept in the user's cache throughout. The floor streams the same rows and "
        f"recorded digests once in Python {sys.version_info.major}.{sys.version_info.minor} and compares their names. "
        "Memory is that of the larger of two processes."
    )
    return Table(f"Plan of {devices:,} devices beside the floor", text, rows, is_cost=True)


def _views(site: Site, devices: int) -> list[Case]:
    one = f"lamp-{devices // 4:08d}"
    where = ("--manifests", str(site.base), "--state", site.state)
    return [
        Case("`explain DEVICE`", reconcile(*where, "explain", one), KEYS, before=site.restore),
        Case("`status DEVICE`", reconcile(*where, "status", one), KEYS),
        Case("`state show DEVICE`", reconcile(*where, "state", "show", one), KEYS),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=10_000_000)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the fleet and its state are made, and found again")
    options = parser.parse_args()
    if options.folder is None:
        measured = list(run([options.devices], options.repeat))
    else:
        options.folder.mkdir(parents=True, exist_ok=True)
        measured = [_table(options.devices, options.repeat, options.folder)]
    sys.stdout.write(render(measured, options.repeat))
