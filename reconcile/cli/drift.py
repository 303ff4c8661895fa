"""`reconcile drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.output import Console, Progress
from reconcile.cli.scope import scope_of, scope_options, tell_if_empty

if TYPE_CHECKING:
    from reconcile.runs.plan import Planned


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
    with invocation.open(plans_with="changed") as session:
        try:
            planned = plan_now(session, request)
        finally:
            progress.done()
        plan = planned.plan
        tell_if_empty(console, plan, request.scope)
        in_doubt = len(session.store.open_attempts())
    if form == "json":
        console.stream(drift_json(plan))
    else:
        console.say(drift_text(plan, lang=console.lang, color=console.color, width=console.width))
    _tell_not_compared(console, planned)
    if in_doubt:
        return 5
    if plan.drift or plan.conflicts:
        return 2
    if plan.unknown:
        return 1
    return 3 if plan.summary.waiting else 0


def _tell_not_compared(console: Console, planned: Planned) -> None:
    """What a look could not see must not pass for being in step."""
    from reconcile.runs.plan import not_compared

    silent, new = not_compared(planned)
    if silent:
        console.tell(
            f"{silent} 台设备未上报取值（休眠或不可达）：其自身的值未作比较。"
            if console.lang == "zh"
            else f"{silent} asleep or out of reach: what these devices hold themselves was not compared."
        )
    if new:
        console.tell(
            f"{new} 台设备尚无记录：没有可比较的内容。"
            if console.lang == "zh"
            else f"{new} not recorded yet: there is nothing to compare them with."
        )
