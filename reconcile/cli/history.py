"""`reconcile history`."""

from __future__ import annotations

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.output import Progress
from reconcile.model.values import Json

_MOST = 10_000


@click.command("history")
@click.argument("device")
@click.option("-n", "--commits", type=click.IntRange(1, _MOST), default=50, show_default=True,
              help="How many of the last commits that touched the manifests are read.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@pass_invocation
def command(invocation: Invocation, device: str, commits: int, form: str) -> int:
    """Show what git said of a device, commit by commit, and what was done about it.

    Reads the commits that touched the manifests and the journal of the recorded state, oldest first; asks no cloud. A
    device that is neither declared nor recorded any more is found by platform/name.
    """
    from reconcile.report.history import history_text
    from reconcile.report.sanitise import inert_json
    from reconcile.runs.history import history

    console = invocation.console
    progress = Progress(console, "reading commits" if console.lang == "en" else "读取提交")
    with invocation.open(spares_rest=True) as session:
        found = history(session, device, commits, progress.show)
    progress.done()
    if form == "json":
        bodies: list[Json] = [one.to_json() for one in found.in_order()]
        console.say(inert_json({"device": found.device, "cut": found.is_cut, "history": bodies}))
    else:
        console.say(history_text(found, lang=console.lang, color=console.color, width=console.width))
    return 0
