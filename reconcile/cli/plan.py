"""`reconcile plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.counting import counted
from reconcile.cli.formats import check_formats, check_target, format_option, unwritable, write_formats
from reconcile.cli.output import Console, Progress
from reconcile.cli.rollouts import waits_for_answers
from reconcile.cli.scope import scope_of, scope_options, tell_if_empty
from reconcile.cli.watch import limit_options, limits_of
from reconcile.model.errors import ReconcileError

if TYPE_CHECKING:
    from reconcile.model.plan import Plan

refresh_option = click.option(
    "--refresh",
    type=click.Choice(["none", "changed", "all"]),
    default="changed",
    show_default=True,
    help="Which devices to look at in the clouds before planning.",
)

retry_option = click.option(
    "--retry-failed",
    is_flag=True,
    help="Queue again at once what expired, failed or was given up, without waiting for its back-off.",
)


policy_option = click.option(
    "--policy-from",
    metavar="COMMIT|DIR",
    help="Read policies, accounts and the place of state there; a folder is written as ./x, ../x or /x.",
)


@click.command("plan")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan for `apply FILE`.")
@format_option
@refresh_option
@scope_options
@limit_options
@retry_option
@policy_option
@click.option(
    "--detailed-exitcode", is_flag=True, help="0 nothing to do, 2 changes, 3 only waiting, 4 blocked, 5 in doubt."
)
@pass_invocation
def command(
    invocation: Invocation,
    output: Path | None,
    formats: tuple[str, ...],
    refresh: str,
    selector: str | None,
    devices: tuple[str, ...],
    resources: tuple[str, ...],
    exclude: tuple[str, ...],
    retry_failed: bool,
    budget: int | None,
    max_age: str | None,
    policy_from: str | None,
    detailed_exitcode: bool,
) -> int:
    """Print what would change on which devices, why, and in which requests. Changes nothing."""
    from reconcile.runs.plan import plan_now
    from reconcile.runs.planfile import write_plan
    from reconcile.runs.request import Refresh, Request

    wanted = check_formats(formats)
    if output is not None:
        check_target(f"-o {output}", output)
        if output.exists() and not output.is_file():
            raise ReconcileError(f"-o {output}: found something that is no regular file. Name another place.")
    console = invocation.console
    progress = Progress(console, "looking at devices")
    limits = limits_of(budget, max_age, refresh)
    scope = scope_of(selector, devices, resources, exclude)
    request = Request(Refresh(refresh), scope, progress.show, retry_failed, limits)
    leaves_out = request.refresh is not Refresh.ALL and (scope.asked or scope.is_whole)
    with invocation.open(
        plans_with=refresh, spares_rest=True, policy_from=policy_from, leaves_out_settled=leaves_out
    ) as session:
        try:
            planned = plan_now(session, request)
        finally:
            progress.done()
        plan = planned.plan
        tell_if_empty(console, plan, request.scope)
        is_whole = not session.fleet.doubtful
        if output is not None and is_whole:
            try:
                write_plan(plan, output)
            except OSError as exc:
                raise unwritable(f"-o {output}", exc) from exc
        write_formats(console, plan, wanted, told=session.fleet.diagnostics)
        if not is_whole:
            console.tell(_not_whole(console, len(session.fleet.doubtful)))
            return 1
        if output is not None:
            console.tell(f"saved: {output}")
        _tell_unknown(console, plan)
        in_doubt = len(session.store.open_attempts())
        if in_doubt:
            console.tell(
                f"之前的运行有 {in_doubt} 次尝试结果未定：`apply` 会先查清。"
                if console.lang == "zh"
                else f"{counted(in_doubt, 'attempt')} of an earlier run in doubt: `apply` settles that first."
            )
        if detailed_exitcode:
            return exit_code(plan, in_doubt)
        is_blind = all(seen.problem is not None for seen in planned.observed.values())
        return 1 if is_blind and plan.unknown and not says_anything(plan) else 0


def _not_whole(console: Console, devices: int) -> str:
    if console.lang == "zh":
        return f"因设备模型有误，{devices} 台设备未列入计划；改正之前，计划不会保存，也不能应用。"
    left_out = f"{counted(devices, 'device')} left out because of the errors in device models"
    return f"{left_out}; until they are mended, nothing is saved and nothing can be applied."


def says_anything(plan: Plan) -> bool:
    """Whether the plan knows more than that devices could not be read."""
    return bool(plan.classes or plan.conflicts or plan.summary.waiting)


def _tell_unknown(console: Console, plan: Plan) -> None:
    """Says how many devices nothing is known of: an account that answers nobody must not look like a settled fleet."""
    if plan.unknown:
        from reconcile.report.text import unread_text

        console.tell(unread_text(plan, lang=console.lang))


def exit_code(plan: Plan, in_doubt: int) -> int:
    """The detailed exit code of a plan: the most urgent thing first."""
    if in_doubt:
        return 5
    if plan.is_blocked or plan.blocked:
        return 4
    is_waiting = waits_for_answers(plan)
    if plan.classes and not is_waiting:
        return 2
    if plan.conflicts or any(note.standing == "aborted" for note in plan.rollouts):
        return 4
    if plan.unknown:
        return 1
    return 3 if plan.summary.waiting or is_waiting else 0
