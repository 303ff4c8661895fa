"""`reconcile apply`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.asking import agrees
from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.event_lines import EventLines
from reconcile.cli.interrupting import stoppable
from reconcile.cli.output import Console
from reconcile.cli.owner import owner
from reconcile.cli.plan import policy_option, refresh_option, retry_option
from reconcile.cli.rollouts import tell_rollouts
from reconcile.cli.scope import scope_of, scope_options, tell_if_empty
from reconcile.cli.telling import Telling
from reconcile.cli.watch import limit_options, limits_of

if TYPE_CHECKING:
    from reconcile.model.plan import Plan
    from reconcile.runs.session import Session


@click.command("apply")
@click.argument("planfile", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--expect", metavar="DIGEST", help="Only a plan of this digest: the one that was reviewed. Does not ask.")
@click.option("--partial", is_flag=True, help="Leave out devices that moved since the plan was saved.")
@click.option("--json-events", is_flag=True, help="One JSON object a line for every event, instead of words.")
@click.option("--wave", type=click.IntRange(min=1), metavar="N", help="Send no wave of a rollout after the Nth.")
@click.option("--older", is_flag=True, help="Also manifests of an older commit than was applied already.")
@refresh_option
@scope_options
@limit_options
@retry_option
@policy_option
@pass_invocation
def command(
    invocation: Invocation,
    planfile: Path | None,
    yes: bool,
    expect: str | None,
    partial: bool,
    wave: int | None,
    json_events: bool,
    older: bool,
    refresh: str,
    selector: str | None,
    devices: tuple[str, ...],
    resources: tuple[str, ...],
    exclude: tuple[str, ...],
    retry_failed: bool,
    budget: int | None,
    max_age: str | None,
    policy_from: str | None,
) -> int:
    """Apply PLANFILE, or plan, ask and apply.

    Interrupted, the same command continues: what was begun is settled first, what was done is not done again.
    """
    from reconcile.runs.apply import ApplyRequest, Approval, apply
    from reconcile.runs.kept_devices import Keeper
    from reconcile.runs.planfile import read_plan
    from reconcile.runs.planned_heads import after
    from reconcile.runs.request import Refresh, Request

    if partial and planfile is None:
        raise click.UsageError("--partial is about a saved plan: name its file.")
    console = invocation.console
    if json_events and not (yes or expect or planfile):
        raise click.UsageError("--json-events leaves nobody to ask: give --yes, --expect DIGEST or a saved plan.")
    show = EventLines(console) if json_events else Telling(console)
    limits = limits_of(budget, max_age, refresh)
    scope = scope_of(selector, devices, resources, exclude)
    request = Request(Refresh(refresh), scope, show.looking, retry_failed, limits)
    is_asking = not (yes or expect or planfile)
    confirm = _agree(show.planned) if json_events else _confirm(console, show.planned, is_asking=is_asking)
    approval = Approval(expect, confirm)
    with show.to_its_end():
        saved = read_plan(planfile, Keeper()) if planfile else None
        plans_with = None if saved else refresh
        with invocation.open(
            creates_state=True,
            plans_with=plans_with,
            policy_from=policy_from,
            leaves_out_settled=after(saved) or (saved is None and refresh != "all" and scope.asked) or False,
        ) as session:
            _tell_outgrown(console, session)

            def job(stop: asyncio.Event) -> ApplyRequest:
                return ApplyRequest(request, approval, show.event, stop, owner(), saved, partial, wave, older)

            show.progress.rates = lambda: {name: pace.rate for name, pace in session.paces.items()}
            applied = asyncio.run(stoppable(session, lambda stop: apply(session, job(stop)), show.stopping))
    if saved is None:
        tell_if_empty(console, applied.plan, request.scope)
    show.close(applied, told=session.fleet.diagnostics)
    tell_rollouts(console, applied.rollouts)
    return applied.exit_code


def _tell_outgrown(console: Console, session: Session) -> None:
    from reconcile.report.diagnostics import diagnostics_text
    from reconcile.runs.state_size import outgrown

    found = outgrown(session.options.state, session.fleet.state, len(session.fleet.devices) + session.fleet.left_out)
    if found is not None:
        console.tell(diagnostics_text([found], lang=console.lang, color=console.err_color, width=console.width))


def _agree(note: Callable[[Plan], None]) -> Callable[[Plan], bool]:
    def agree(plan: Plan) -> bool:
        note(plan)
        return True

    return agree


def _confirm(console: Console, note: Callable[[Plan], None], *, is_asking: bool) -> Callable[[Plan], bool]:
    def confirm(plan: Plan) -> bool:
        from reconcile.report.text import plan_text

        console.say(
            plan_text(replace(plan, diagnostics=()), lang=console.lang, color=console.color, width=console.width)
        )
        console.say("")
        note(plan)
        return agrees(console, plan) if is_asking else True

    return confirm
