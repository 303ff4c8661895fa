"""`reconcile status`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.counting import counted

if TYPE_CHECKING:
    from reconcile.model.device import DeviceRef
    from reconcile.runs.session import Session
    from reconcile.runs.status import Followed

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Duration(click.ParamType[float]):
    """`90s`, `15m`, `2h`, `1d`, or seconds."""

    name = "DURATION"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        if isinstance(value, int | float):
            return float(value)
        number, unit = (value[:-1], _UNITS[value[-1]]) if value[-1:] in _UNITS else (value, 1)
        if not number.isdigit():
            self.fail(f"{value!r} is not a duration: write 90s, 15m, 2h or 1d", param, ctx)
        return float(int(number) * unit)


@click.command("status")
@click.argument("device", required=False)
@click.option("--refresh", "is_refreshed", is_flag=True, help="Ask the clouds about open deliveries first.")
@click.option("--wait", "wait_s", type=Duration(), help="Ask again until all is delivered, or this long (90s, 2h).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@pass_invocation
def command(invocation: Invocation, device: str | None, is_refreshed: bool, wait_s: float | None, form: str) -> int:
    """Show where every delivery stands: accepted, queued, sent, confirmed, expired, failed.

    With --wait: exit 0 when nothing is open any more, 3 when deliveries are still open.
    """
    from reconcile.report.status import status_json, status_text
    from reconcile.runs.explain import recorded_ref
    from reconcile.runs.status import recorded_devices

    console = invocation.console
    with invocation.open(creates_state=is_refreshed or wait_s is not None) as session:
        ref = None if device is None else recorded_ref(session, device)
        followed = asyncio.run(_ask(invocation, session, ref, wait_s)) if is_refreshed or wait_s is not None else None
        devices = recorded_devices(session, ref)
        now = session.options.now()
        if form == "json":
            console.stream(status_json(devices, now=now, is_detailed=ref is not None))
        else:
            console.say(
                status_text(
                    devices,
                    now=now,
                    lang=console.lang,
                    color=console.color,
                    width=console.width,
                    is_detailed=ref is not None,
                )
            )
    if followed is None:
        return 0
    if followed.unreadable:
        if console.lang == "zh":
            console.tell(f"{followed.unreadable:,} 台设备无法读取；显示的是已记录状态。")
        else:
            unread = counted(followed.unreadable, "device")
            console.tell(f"{unread} could not be read; what is shown is as recorded.")
    return 3 if wait_s is not None and followed.still_open else 0


async def _ask(invocation: Invocation, session: Session, ref: DeviceRef | None, wait_s: float | None) -> Followed:
    from reconcile.cli.apply import owner
    from reconcile.runs.status import refresh, wait

    def tell(followed: Followed) -> None:
        if invocation.console.lang == "zh":
            invocation.console.tell(f"{followed.still_open:,} 台设备有尚未送达的变更")
        else:
            invocation.console.tell(f"{counted(followed.still_open, 'device')} with open deliveries")

    try:
        if wait_s is None:
            return await refresh(session, ref, owner())
        return await wait(session, ref, owner(), wait_s, tell)
    finally:
        await session.close_clients()
