"""`reconcile drift`."""

from __future__ import annotations

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.output import Progress
from reconcile.cli.scope import scope_of, scope_options, tell_if_empty


@click.command("drift")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@scope_options
@pass_invocation
def command(
    invocation: Invocation,
    form: str,
    selector: str | None,
    devices: tuple[str, ...],
    resources: tuple[str, ...],
    exclude: tuple[str, ...],
) -> int:
    """Compare recorded with observed state of every device; changes nothing.

    Exit codes: 0 in step, 2 something differs, 3 only deliveries are open, 1 devices could not be read.
    """
    from reconcile.report.drift import drift_json, drift_text
    from reconcile.runs.look import Refresh
    from reconcile.runs.plan import Request, plan_now

    console = invocation.console
    progress = Progress(console, "looking at devices")
    request = Request(Refresh.ALL, scope_of(selector, devices, resources, exclude), progress.show)
    with invocation.open() as session:
        try:
            plan = plan_now(session, request).plan
        finally:
            progress.done()
        tell_if_empty(console, plan, request.scope)
        in_doubt = len(session.store.open_attempts())
    if form == "json":
        console.stream(drift_json(plan))
    else:
        console.say(drift_text(plan, lang=console.lang, color=console.color, width=console.width))
    if in_doubt:
        return 5
    if plan.drift or plan.conflicts:
        return 2
    if plan.unknown:
        return 1
    return 3 if plan.summary.waiting else 0
