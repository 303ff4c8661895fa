"""`reconcile ci metrics` and `reconcile ci badge`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.formats import check_target, unwritable


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
    _give(invocation, metrics_text(found.at, found.states, found.open_attempts, found.serial, plan), out)
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
    _give(invocation, badge_svg(found.states, label=label, lang=invocation.console.lang), out)
    return 0


def _give(invocation: Invocation, text: str, out: Path | None) -> None:
    if out is None:
        invocation.console.stream([text])
        return
    check_target(f"--out {out}", out)
    try:
        _replace(out, text)
    except OSError as exc:
        raise unwritable(f"--out {out}", exc) from exc


def _replace(place: Path, text: str) -> None:
    """The file is the old one or the new one; readable for those that a new file is readable for."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
