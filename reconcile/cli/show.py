"""`reconcile show`."""

from __future__ import annotations

from pathlib import Path

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.formats import check_formats, format_option, write_formats


@click.command("show")
@click.argument("planfile", type=click.Path(path_type=Path))
@format_option
@pass_invocation
def command(invocation: Invocation, planfile: Path, formats: tuple[str, ...]) -> int:
    """Print a saved plan in any format. Needs neither manifests nor credentials."""
    from reconcile.runs.planfile import read_plan

    wanted = check_formats(formats)
    write_formats(invocation.console, read_plan(planfile), wanted)
    return 0
