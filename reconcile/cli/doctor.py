"""`reconcile doctor`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.duration import Duration

if TYPE_CHECKING:
    from reconcile.model.examination import Examined


@click.command("doctor")
@click.option("--prove", "device", metavar="DEVICE",
              help="Run negative controls on one device, print a capability sheet. Asks first.")  # fmt: skip
@click.option("--yes", is_flag=True, help="With --prove: do not ask.")
@click.option("--fill-queue", is_flag=True, help="With --prove on OneNET: also queue an eleventh command.")
@click.option("--wait", "wait_s", type=Duration(), default=20.0,
              help="With --prove: how long to wait for the device to speak. Default 20s.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@pass_invocation
def command(invocation: Invocation, device: str | None, yes: bool, fill_queue: bool, wait_s: float, form: str) -> int:
    """Check credentials, endpoints, clock, quota, permissions, models and state; few calls, no device is touched.

    Exit codes: 0 nothing is wrong, 1 something would make an apply fail; with --prove also 5, a request is in doubt.
    """
    if device is not None:
        from reconcile.cli.doctor_prove import prove_device

        return prove_device(invocation, device, is_asking=not yes, fill_queue=fill_queue, wait_s=wait_s, form=form)
    if yes or fill_queue:
        raise click.UsageError("--yes and --fill-queue go with --prove DEVICE")
    from reconcile.report.doctor import is_fit
    from reconcile.runs.doctor.examine import examine

    examined = asyncio.run(examine(invocation.options()))
    _show(invocation, examined, form)
    return 0 if is_fit(examined) else 1


def _show(invocation: Invocation, examined: list[Examined], form: str) -> None:
    from reconcile.report.doctor import doctor_json, doctor_text

    console = invocation.console
    if form == "json":
        console.stream(doctor_json(examined))
    else:
        console.say(doctor_text(examined, lang=console.lang, color=console.color, width=console.width))
