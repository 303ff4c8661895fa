"""`reconcile drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.output import Console, Progress
from reconcile.cli.scope import scope_of, scope_options, tell_if_empty
from reconcile.cli.watch import limit_options, limits_of

if TYPE_CHECKING:
    from reconcile.runs.request import Planned
    from reconcile.runs.session import Session


@click.command("drift")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--diff", "has_diff", is_flag=True, help="Add the manifest edits that would let what was found stay.")
@limit_options
@scope_options
@pass_invocation
def command(
    invocation: Invocation,
    form: str,
    has_diff: bool,
    selector: str | None,
    devices: tuple[str, ...],
    resources: tuple[str, ...],
    exclude: tuple[str, ...],
    budget: int | None,
    max_age: str | None,
) -> int:
    """Compare recorded with observed state of every device; changes nothing.

    With a budget or a maximum age, of the Fleet's `refresh` or as options, it looks at those devices first that nobody
    looked at for longest, and records when it looked, so that the next run goes on from there.

    With --diff it shows the edits that `reconcile adopt` would make for all of it; nothing is written.

    Exit codes: 0 in step, 2 something differs, 3 only deliveries are open, 1 devices could not be read.
    """
    from reconcile.report.drift import drift_json, drift_text
    from reconcile.runs.plan import plan_now
    from reconcile.runs.request import Refresh, Request

    console = invocation.console
    progress = Progress(console, "looking at devices")
    scope = scope_of(selector, devices, resources, exclude)
    request = Request(Refresh.ALL, scope, progress.show, limits=limits_of(budget, max_age))
    with invocation.open(plans_with="changed") as session:
        try:
            planned = plan_now(session, request)
        finally:
            progress.done()
        if planned.keeps_looks:
            _keep(console, session, planned)
        plan = planned.plan
        tell_if_empty(console, plan, request.scope)
        in_doubt = len(session.store.open_attempts())
        edits = _edits(console, session, planned) if has_diff else None
    if form == "json":
        console.stream(drift_json(plan, planned.uncompared, edits))
    else:
        console.say(drift_text(plan, planned.uncompared, lang=console.lang, color=console.color, width=console.width))
        if edits:
            is_zh = console.lang == "zh"
            console.say("\n以下修改可保留所发现的取值：" if is_zh else "\nEdits that would let what was found stay")
            console.stream(edit["diff"] for edit in edits)
    _tell_not_compared(console, planned)
    if in_doubt:
        return 5
    if plan.drift or plan.conflicts:
        return 2
    if plan.unknown:
        return 1
    return 3 if plan.summary.waiting else 0


def _edits(console: Console, session: Session, planned: Planned) -> list[dict[str, str]]:
    """The manifest edits that let all of it stay, by file; what no edit can say is told."""
    from reconcile.model.errors import ReconcileError
    from reconcile.report.adoption import diff_text, skipped_text
    from reconcile.runs.adoption.adopting import edits_for

    try:
        adoption = edits_for(session, planned.plan, lambda _device, _path: True)
    except ReconcileError as exc:
        console.tell(str(exc))
        return []
    console.tell(skipped_text([(one.device, one.resource, one.why) for one in adoption.skipped], lang=console.lang))
    return [{"file": file[0], "diff": diff_text(*file)} for file in adoption.diffs()]


def _keep(console: Console, session: Session, planned: Planned) -> None:
    """Records when devices were looked at; that it could not is no reason to keep back what was found."""
    from reconcile.cli.owner import owner
    from reconcile.runs.looks_kept import keep_looks

    problem = keep_looks(session, planned.observed, owner())
    if problem is not None:
        console.tell(
            f"未记录本次查看的时间，下次运行会再次查看这些设备：{problem}"
            if console.lang == "zh"
            else f"when devices were looked at was not recorded; the next run looks at the same ones: {problem}"
        )


def _tell_not_compared(console: Console, planned: Planned) -> None:
    """What a look could not see must not pass for being in step."""
    from reconcile.planner.uncompared import NEW

    silent = 0 if planned.plan.coverage is None else planned.plan.coverage.silent
    new = sum(notice.reason == NEW for notice in planned.uncompared)
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
