"""`reconcile status`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.duration import Duration
from reconcile.cli.rollouts import courses_for, tell_courses

if TYPE_CHECKING:
    from datetime import datetime

    from reconcile.model.device import DeviceRef
    from reconcile.model.fleet import DesiredDevice
    from reconcile.report.score import Score
    from reconcile.report.standing import Census
    from reconcile.runs.followed import Followed
    from reconcile.runs.session import Session
    from reconcile.runs.status import Asking

_INTERRUPTED = 130


@click.command("status")
@click.argument("device", required=False)
@click.argument("resource", required=False)
@click.option("-l", "--selector", metavar="SELECTOR", help="Only devices with these labels, e.g. 'class=meter'.")
@click.option("--by", metavar="LABEL", help="Count devices by the values of this label, too.")
@click.option("--refresh", "is_refreshed", is_flag=True, help="Ask the clouds about unconfirmed deliveries first.")
@click.option("--budget", type=click.IntRange(min=1), metavar="CALLS", help="Ask with at most so many calls a round.")
@click.option("--wait", "wait_s", type=Duration(), help="Ask again until all is confirmed, or this long (90s, 2h).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="For people, or for programs: `reconcile schema status`.")  # fmt: skip
@pass_invocation
def command(
    invocation: Invocation,
    device: str | None,
    resource: str | None,
    selector: str | None,
    by: str | None,
    is_refreshed: bool,
    budget: int | None,
    wait_s: float | None,
    form: str,
) -> int:
    """Show how far everything got: wanted, accepted, queued, confirmed; of a fleet, a DEVICE or one RESOURCE.

    With --wait: exit 0 when everything that was accepted is confirmed, 3 when something still waits, 1 when something
    was lost, 5 when attempts are in doubt; 130 after Ctrl-C.
    """
    from reconcile.report.rollout_course import course_json
    from reconcile.report.score import Score
    from reconcile.report.status import told
    from reconcile.report.status_document import status_json
    from reconcile.report.view import View
    from reconcile.runs.recorded_device import recorded_devices, recorded_ref

    console = invocation.console
    if budget is not None and not (is_refreshed or wait_s is not None):
        raise click.UsageError("--budget limits what --refresh and --wait ask; add one of them")
    followed: Followed | None = None
    asks = is_refreshed or wait_s is not None
    with invocation.open(creates_state=asks, only=None if asks else device) as session:
        ref = None if device is None else recorded_ref(session, device)
        census = _census(session, ref, selector, by, resource)
        among = None if selector is None else census.desired.keys()
        is_stopped = False
        if is_refreshed or wait_s is not None:
            import asyncio

            from reconcile.cli.owner import owner
            from reconcile.runs.status import Asking

            asking = Asking(owner(), ref, among, budget)
            followed, is_stopped = asyncio.run(_ask(invocation, session, asking, wait_s))
        devices, flaps = recorded_devices(session, ref, among), session.fleet.flaps
        foretold = session.store.foretold() if ref is None and selector is None else None
        score = None if foretold is None else Score(foretold)
        devices = devices if score is None else score.watch(devices)
        if form == "json":
            census.rollouts = [course_json(one, ref) for one in courses_for(session, ref)]
            console.stream(
                status_json(
                    devices, score=score, now=census.now, is_detailed=ref is not None, census=census, flaps=flaps
                )
            )
        else:
            view = View.of(console.lang, color=console.color, width=console.width)
            console.say(told(devices, view, census.now, is_detailed=ref is not None, census=census, flaps=flaps))
            tell_courses(console, session, view, ref)
    if score is not None and form == "text":
        _say_score(invocation, score, census.now)
    if followed is not None:
        _tell(invocation, followed, budget)
    if is_stopped:
        return _INTERRUPTED
    return followed.exit_code if wait_s is not None and followed is not None else 0


def _say_score(invocation: Invocation, score: Score, now: datetime) -> None:
    from reconcile.report.score import score_text
    from reconcile.report.view import View

    console = invocation.console
    text = score_text(score, View.of(console.lang, color=console.color, width=console.width), now)
    if text:
        console.say(text)


def _census(
    session: Session, ref: DeviceRef | None, selector: str | None, by: str | None, resource: str | None
) -> Census:
    """What to count. Raises: click.UsageError for a selector that does not parse, or a resource nobody knows."""
    from reconcile.cli.scope import scope_of
    from reconcile.report.standing import Census
    from reconcile.runs.census import same_as_declared

    has_device = scope_of(selector, (), (), ()).has_device
    # As written: secrets need not be at hand to see where things stand.
    devices = (one for one in session.fleet.devices if ref in (None, one.device.ref))
    declared = {one.device.ref: one for one in devices if has_device is None or has_device(one)}

    only = None if resource is None or ref is None else _path(session, ref, declared.get(ref), resource)
    return Census(
        declared, same_as_declared(session), session.options.now(), by, has_strangers=selector is None, only=only
    )


def _path(session: Session, ref: DeviceRef, desired: DesiredDevice | None, resource: str) -> str:
    """The recorded resource or command of that name, in numbers or in the words of the device's model."""
    from reconcile.report.sanitise import inert

    record = next(iter(session.store.devices([ref])), None)
    known = [] if record is None else sorted({*record.resources, *record.runs})
    path = resource if desired is None else session.read_path(ref.platform, desired.device.identity, resource)
    found = next((name for name in (resource, path) if name in known), None)
    if not isinstance(found, str):
        raise click.UsageError(
            inert(f"nothing is recorded of {resource} on {ref}. Recorded: {', '.join(known)}", 2_000)
        )
    return found


async def _ask(
    invocation: Invocation, session: Session, asking: Asking, wait_s: float | None
) -> tuple[Followed | None, bool]:
    """What came of it, and whether somebody stopped it: then what the last round learned is recorded all the same."""
    import asyncio
    import signal

    from reconcile.cli.following import Following
    from reconcile.runs.status import refresh, wait

    show = Following(invocation.console)
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C ends the run there
            loop.add_signal_handler(number, task.cancel)
    try:
        if wait_s is None:
            return await refresh(session, asking), False
        return await wait(session, asking, wait_s, show.round), False
    except asyncio.CancelledError:
        return show.last, True
    finally:
        show.done()
        await session.close_clients()


def _tell(invocation: Invocation, followed: Followed, budget: int | None) -> None:
    """What of the asking the table does not say."""
    console, is_zh = invocation.console, invocation.console.lang == "zh"
    if budget is not None:
        console.tell(
            f"有未确认下发的设备 {followed.unconfirmed:,} 台，询问了 {followed.asked:,} 台，最久未问的优先；"
            f"至多 {followed.calls:,} 次调用（预算 {budget:,}）。"
            if is_zh
            else f"asked about {followed.asked:,} of {followed.unconfirmed:,} devices with unconfirmed deliveries, "
            f"those first that were asked longest ago; at most {followed.calls:,} calls (budget {budget:,})."
        )
    if followed.unreadable:
        console.tell(
            f"{followed.unreadable:,} 台设备无法读取；显示的是已记录状态。"
            if is_zh
            else f"{followed.unreadable:,} of the devices could not be read; what is shown is as recorded."
        )
    if followed.in_doubt:
        console.tell(
            f"{followed.in_doubt:,} 次尝试结果不明：请运行 `reconcile apply`，它会先查明。"
            if is_zh
            else f"{followed.in_doubt:,} attempts are in doubt: `reconcile apply` asks what became of them first."
        )
