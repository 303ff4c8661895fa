"""`reconcile apply`."""

from __future__ import annotations

import asyncio
import getpass
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.output import Console, Progress, is_terminal
from reconcile.cli.plan import refresh_option, retry_option
from reconcile.cli.scope import scope_of, scope_options, tell_if_empty
from reconcile.cli.watch import limit_options, limits_of

if TYPE_CHECKING:
    from reconcile.apply.events import Event
    from reconcile.model.device import DeviceRef
    from reconcile.model.diagnostic import Diagnostic
    from reconcile.model.plan import Plan
    from reconcile.runs.apply import Applied, ApplyRequest
    from reconcile.runs.session import Session


@click.command("apply")
@click.argument("planfile", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--expect", metavar="DIGEST", help="Only a plan of this digest: the one that was reviewed. Does not ask.")
@refresh_option
@scope_options
@limit_options
@retry_option
@pass_invocation
def command(
    invocation: Invocation,
    planfile: Path | None,
    yes: bool,
    expect: str | None,
    refresh: str,
    selector: str | None,
    devices: tuple[str, ...],
    resources: tuple[str, ...],
    exclude: tuple[str, ...],
    retry_failed: bool,
    budget: int | None,
    max_age: str | None,
) -> int:
    """Apply PLANFILE, or plan, ask and apply.

    Interrupted, the same command continues: what was begun is settled first, what was done is not done again.
    """
    from reconcile.runs.apply import ApplyRequest, Approval
    from reconcile.runs.look import Refresh
    from reconcile.runs.plan import Request
    from reconcile.runs.planfile import read_plan

    saved = read_plan(planfile) if planfile else None
    console = invocation.console
    show = Telling(console)
    limits = limits_of(budget, max_age, refresh)
    scope = scope_of(selector, devices, resources, exclude)
    request = Request(Refresh(refresh), scope, show.looking, retry_failed, limits)
    approval = Approval(expect, _confirm(console, show.planned, is_asking=not (yes or expect or saved)))
    with invocation.open(creates_state=True, plans_with=None if saved else refresh) as session:

        def job(stop: asyncio.Event) -> ApplyRequest:
            return ApplyRequest(request, approval, show.event, stop, owner(), saved)

        applied = asyncio.run(_run(session, job, show))
    if saved is None:
        tell_if_empty(console, applied.plan, request.scope)
    show.close(applied, told=session.fleet.diagnostics)
    return applied.exit_code


async def _run(session: Session, job: Callable[[asyncio.Event], ApplyRequest], show: Telling) -> Applied:
    from reconcile.runs.apply import apply

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def interrupt() -> None:
        if stop.is_set() and task is not None:
            task.cancel()
        stop.set()
        show.is_interrupted = True
        show.tell("stopping: requests on their way are finished; once more to stop now")

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C ends the run there
            loop.add_signal_handler(number, interrupt)
    try:
        return await apply(session, job(stop))
    finally:
        await session.close_clients()


def owner() -> str:
    """Who holds a lease: told to whoever finds it held."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "unknown"
    return f"{name} (reconcile)"


def _confirm(console: Console, note: Callable[[Plan], None], *, is_asking: bool) -> Callable[[Plan], bool]:
    def confirm(plan: Plan) -> bool:
        from reconcile.report.text import plan_text

        console.say(
            plan_text(replace(plan, diagnostics=()), lang=console.lang, color=console.color, width=console.width)
        )
        console.say("")
        note(plan)
        if not is_asking:
            return True
        if not is_terminal(sys.stdin):
            console.tell("not applied: nobody to ask. Use --yes, or --expect with the digest that was reviewed.")
            return False
        with own_signals():
            is_agreed = click.confirm("应用以上计划？" if console.lang == "zh" else "Apply this plan?", err=True)
        if not is_agreed:
            console.tell("未应用。" if console.lang == "zh" else "not applied.")
        return is_agreed

    return confirm


@contextmanager
def own_signals() -> Iterator[None]:
    """Signals as a program has them that waits at a prompt: the event loop, which handles them else, stands still."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


_SETTLED = {
    "ADOPTED": ("begun by an earlier run; it had landed and is recorded now", "由之前的运行发起；已确认生效并记录"),
    "NOT_LANDED": ("begun by an earlier run; it had no effect", "由之前的运行发起；未生效"),
    "CONFLICT": ("begun by an earlier run; somebody else changed it meanwhile", "由之前的运行发起；期间已被他人更改"),
    "NEEDS_OPERATOR": ("begun by an earlier run; only a person can tell", "由之前的运行发起；需人工确认"),
}


class Telling:
    """Progress of an apply, and its closing words."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(console, "applying")
        self._looking = Progress(console, "looking at devices")
        self._steps = 0
        self._failures: dict[tuple[DeviceRef, str], tuple[DeviceRef, str, str, str]] = {}
        self._total = 0
        self._has_waited = False
        self.is_interrupted = False

    def tell(self, text: str) -> None:
        """A line about the work."""
        self._progress.done()
        self._console.tell(text)

    def looking(self, done: int, total: int) -> None:
        """Progress of the look at devices."""
        self._looking.show(done, total)

    def planned(self, plan: Plan) -> None:
        """Takes note of how much there is to do."""
        self._total = len(plan.steps())

    def event(self, event: Event) -> None:
        """Takes an event of the run."""
        from reconcile.apply.events import Attempted, LaneStopped, Settled, Waiting
        from reconcile.model.journal import AttemptState

        if isinstance(event, Attempted):
            key = (event.device, event.step)
            if event.state in (AttemptState.DONE, AttemptState.ADOPTED):
                self._steps += 1
                self._failures.pop(key, None)  # in doubt a moment ago, and proven now
            else:
                self._failures[key] = (event.device, event.kind, event.code, event.message)
            self._progress.show(self._steps, self._total, event.kind)
        elif isinstance(event, Settled):
            what = _SETTLED[event.state][self._console.lang == "zh"]
            self.tell(f"{event.device} {event.kind}: {what}{': ' if event.message else ''}{event.message}")
        elif isinstance(event, LaneStopped):
            self.tell(f"{event.platform}: stopped, {event.message}")
        elif isinstance(event, Waiting) and not self._has_waited:
            self._has_waited = True
            until = "" if event.until is None else f", until {event.until.strftime('%H:%M:%S')} UTC at the latest"
            self.tell(f"waiting to learn what became of a {event.kind} to {event.device}{until}")

    def close(self, applied: Applied, *, told: Iterable[Diagnostic] = ()) -> None:
        """The closing table; diagnostics `told` at the start are not repeated."""
        from reconcile.report.diagnostics import diagnostics_text
        from reconcile.report.outcome import outcome_text

        self._looking.done()
        self._progress.done()
        console = self._console
        if applied.still_open:
            console.tell(f"{applied.still_open} attempts of an earlier run are still in doubt: nothing new was sent.")
            console.tell("Run the same command again when the cloud can be reached.")
        if applied.plan is None or applied.is_declined:
            return
        if applied.plan.is_blocked:
            known = set(told)
            news = [diagnostic for diagnostic in applied.plan.diagnostics if diagnostic not in known]
            console.tell(diagnostics_text(news, lang=console.lang, color=console.err_color, width=console.width))
            return
        text = outcome_text(
            {**{state.value: n for state, n in applied.tally.states.items()}, "put_off": applied.tally.put_off},
            blocked=applied.tally.blocked,
            not_begun=applied.tally.not_begun,
            failures=list(self._failures.values()),
            lang=console.lang,
            color=console.color,
            width=console.width,
        )
        console.say(text)
        if self.is_interrupted:
            console.tell(
                "已中断：再次运行同一命令即可继续。"
                if console.lang == "zh"
                else "interrupted: the same command continues; what was begun is settled first."
            )
        self._tell_left_out(len(applied.plan.unknown), len(applied.plan.conflicts))

    def _tell_left_out(self, unknown: int, conflicts: int) -> None:
        """What the exit code is about when everything that was sent went well."""
        is_zh = self._console.lang == "zh"
        if unknown:
            words = (
                "台设备无法读取，未作任何更改。" if is_zh else "devices could not be read; nothing was done to them."
            )
            self._console.tell(f"{unknown} {words}")
        if conflicts:
            words = (
                "处冲突未解决，未作更改。" if is_zh else "conflicts are left as they are; `reconcile drift` shows them."
            )
            self._console.tell(f"{conflicts} {words}")
