"""`reconcile demo`."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import click

from reconcile.cli.context import Invocation, pass_invocation


@click.command("demo")
@pass_invocation
def command(invocation: Invocation) -> int:
    """Play the whole story against the emulator: plan, apply, sleep, wake, withdraw, drift, and an empty plan.

    Needs no account and no network. Works on a copy of the example fleet, which is removed afterwards.
    """
    from reconcile.cli.demo_stage import Stage
    from reconcile.cli.demo_story import tell
    from reconcile.cli.emulate import population
    from reconcile.emulator import EmulatorThread, World
    from reconcile.runs.shipped import example_fleet
    from reconcile.runs.wiring import utc_now

    with tempfile.TemporaryDirectory(prefix="reconcile-demo-") as scratch:
        folder = Path(scratch) / "manifests"
        shutil.copytree(example_fleet(), folder, ignore=shutil.ignore_patterns(".*"))
        _lift_quotas(folder / "fleet.yaml")
        records, base = population(folder)
        with EmulatorThread(World.from_records(records, now=utc_now(), base=base)) as emulator:
            stage = Stage(invocation.console, folder, Path(scratch) / "state.db", emulator.url)
            return tell(stage, len(records))


def _lift_quotas(fleet: Path) -> None:
    """The emulator has no quota, so the demo need not wait for one."""
    text = fleet.read_text(encoding="utf-8")
    fleet.write_text(re.sub(r"requestsPerSecond: \d+", "requestsPerSecond: 1000", text), encoding="utf-8")
