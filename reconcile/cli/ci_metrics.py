"""`reconcile ci metrics` and `reconcile ci badge`."""

from __future__ import annotations

from pathlib import Path

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.formats import give


@click.command("metrics", short_help="The fleet as a Prometheus text file.")
@click.option("--plan", "planfile", type=click.Path(path_type=Path), metavar="FILE",
              help="Also what this saved plan would do.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE",
              help="Replace this file whole, as the textfile collector needs it.")  # fmt: skip
@pass_invocation
def metrics(invocation: Invocation, planfile: Path | None, out: Path | None) -> int:
    """Write how the fleet stands as Prometheus gauges. Reads the recorded state; asks no cloud."""
    from reconcile.report.metrics import metrics_text
    from reconcile.runs.census import counted
    from reconcile.runs.planfile import read_plan

    plan = None if planfile is None else read_plan(planfile)
    with invocation.open(spares_rest=True) as session:
        found = counted(session)
    text = metrics_text(found.at, found.states, found.open_attempts, found.serial, plan)
    give(invocation.console, [text], f"--out {out}", out)
    return 0


@click.command("badge", short_help="How the fleet stands, as an SVG for a README.")
@click.option("--label", default="fleet", show_default=True, help="The left half.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Replace this file whole.")
@pass_invocation
def badge(invocation: Invocation, label: str, out: Path | None) -> int:
    """Draw a badge: how many devices have confirmed what git says. Reads the recorded state; asks no cloud."""
    from reconcile.report.badge import badge_svg
    from reconcile.runs.census import counted

    with invocation.open(spares_rest=True) as session:
        found = counted(session)
    text = badge_svg(found.states, label=label, lang=invocation.console.lang)
    give(invocation.console, [text], f"--out {out}", out)
    return 0
