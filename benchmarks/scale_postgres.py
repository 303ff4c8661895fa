"""The plans of `benchmarks.scale` against a state in PostgreSQL, beside those against SQLite, of the same fleet.

The server is of the benchmark's own, on this machine and with the settings of the tests: what it costs is not counted,
but it shares the cores. Both states must come to the same plan, and that is checked.
Run: `python -m benchmarks.scale_postgres --devices 100000 [--repeat 3] [--folder DIR]`, which prints the table; the
folder is one of `benchmarks.scale`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from benchmarks import installed
from benchmarks.measure import Failed, Table, log, measure_all, output_of, prepare, python
from benchmarks.scale import EDITED_ROWS, LARGE_FLEET, Site
from benchmarks.servers import KEYS
from benchmarks.settled_parts import settle_in_parts
from benchmarks.table import render
from reconcile.testing.postgres_server import Server, binaries


@dataclass(frozen=True, slots=True)
class ServerSite(Site):
    """A site whose state lies on a server."""

    url: str

    @property
    def state(self) -> str:
        """The address of what is recorded."""
        return self.url

    @property
    def floor(self) -> list[str]:
        """The command that reads the inventory and what is recorded, and no more."""
        return python("-m", "benchmarks.scale_floor", str(self.base / "inventory/devices.csv"), self.url)

    def forget(self) -> None:
        """Nothing is known of the inventory beyond the records themselves."""
        with psycopg.connect(self.url) as server:
            server.execute("DELETE FROM reconcile.settled")
            server.execute("UPDATE reconcile.meta SET settled_under = NULL")

    def record(self, devices: int) -> None:
        """Records the fleet as settled, and lets the server look at its tables as it would by itself in time."""
        log(f"  recording {devices:,} devices in PostgreSQL")
        if devices > LARGE_FLEET:
            settle_in_parts(self.base, self.url)
        else:
            prepare(python("-m", "benchmarks.settled", str(self.base), self.url), KEYS)
        with psycopg.connect(self.url, autocommit=True) as server:
            server.execute("VACUUM ANALYZE")


@contextmanager
def _server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="reconcile-pg-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)  # it may run as another user
        server = Server(Path(name))
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.discard()


def run(sizes: Sequence[int], repeat: int) -> tuple[Table, ...]:
    """A table for each number of devices; none where there is no PostgreSQL. Raises: Failed."""
    tables = []
    for devices in sizes:
        with tempfile.TemporaryDirectory() as name:
            tables += table(devices, repeat, Path(name))
    return tuple(tables)


def table(devices: int, repeat: int, folder: Path) -> tuple[Table, ...]:
    """Each kind of plan against both states in turn. Ratios to the floor of SQLite. Raises: Failed."""
    if binaries() is None:
        log("  PostgreSQL is not installed: left out")
        return ()
    try:
        installed.bring_postgres()
    except subprocess.CalledProcessError:
        log("  the driver of PostgreSQL cannot be installed: left out")
        return ()
    file = Site.made(folder, devices)
    with _server() as server:
        site = ServerSite(file.base, file.changed, file.db, server.url())
        file.restore()
        site.record(devices)
        file.warm(devices)
        site.warm(devices)
        _same_plan(file, site)
        pairs = zip(file.plans(devices), site.plans(devices), strict=True)
        cases = [
            replace(case, name=f"{case.name}, {store}")
            for pair in pairs
            for case, store in zip(pair, ("SQLite", "PostgreSQL"), strict=True)
        ]
        rows = measure_all(cases, repeat)
    text = (
        f"The fleet of the plan of {devices:,} devices beside the floor, once with its state in SQLite, once in "
        "PostgreSQL on the same machine, over a socket; what the server itself costs is not counted, but it has the "
        "same cores, and each process imports the driver first. Both come to the same plan, which the "
        f"benchmark checks. Edited are {EDITED_ROWS} rows, and the profiles of one device in a hundred. The floor "
        "streams the rows through a cursor on the server there."
    )
    return (Table(f"Plan of {devices:,} devices with the state in PostgreSQL", text, rows, is_cost=True),)


def _same_plan(*sites: Site) -> None:
    """Raises: Failed when plans of the changed fleet differ."""
    digests = {json.loads(output_of([*site.plan(site.changed), "--format", "json"], KEYS))["digest"] for site in sites}
    if len(digests) > 1:
        raise Failed("SQLite and PostgreSQL come to other plans")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the fleet and its state are made, and found again")
    options = parser.parse_args()
    if options.folder is None:
        measured = run([options.devices], options.repeat)
    else:
        options.folder.mkdir(parents=True, exist_ok=True)
        measured = table(options.devices, options.repeat, options.folder)
    sys.stdout.write(render(measured, options.repeat) + "\n")
