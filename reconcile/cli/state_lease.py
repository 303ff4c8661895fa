"""`reconcile state lease ls|break`: who may write on which account, and ending that by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.state_mend import agreed
from reconcile.model.errors import StateError

if TYPE_CHECKING:
    from reconcile.ports import HeldLease

_STANDING = {
    "lives": ("its process lives", "进程仍在运行"),
    "gone": ("its process is gone: the next apply takes over", "进程已结束：下一次 apply 会接管"),
    "elsewhere": ("on another machine: cannot be seen from here", "在另一台机器上：此处无法判断"),
}


@click.group("lease")
def command() -> None:
    """Look at leases: who may write on which account; and end one whose holder is known to be dead."""


@command.command("ls")
@pass_invocation
def ls(invocation: Invocation) -> int:
    """List the leases that are held: platform, fence, holder, since when, and whether its process lives."""
    console = invocation.console
    is_zh = console.lang == "zh"
    with invocation.open() as session:
        held = session.store.leases()
    for one in held:
        since = f"{one.acquired:%Y-%m-%dT%H:%M:%SZ}"
        console.say(f"{one.lane}\t{one.fence}\t{_holder(one)}\t{since}\t{_STANDING[one.standing.value][is_zh]}")
    if not held:
        console.tell("没有任何租约被持有。" if is_zh else "no lease is held")
    return 0


@command.command("break")
@click.argument("platform")
@click.argument("fence", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Even though its process lives on this machine.")
@pass_invocation
def break_(invocation: Invocation, platform: str, fence: int, yes: bool, force: bool) -> int:
    """End the lease of PLATFORM that `state lease ls` shows with FENCE.

    Its holder can record nothing more. What it has on its way may still land: the next apply settles that first. To be
    sure that nothing is sent twice, know that the holder is dead. A process that lives on this machine is better ended.
    """
    console = invocation.console
    is_zh = console.lang == "zh"
    with invocation.open() as session:
        held = next((one for one in session.store.leases() if (one.lane, one.fence) == (platform, fence)), None)
        if held is None:
            raise _absent(platform, fence)
        if held.standing.value == "lives":
            _warn_of_life(invocation, held, force=force)
        holder = _holder(held)
        question = f"结束 {holder} 在 {platform} 上的租约？" if is_zh else f"End the lease of {holder} on {platform}?"
        if not agreed(invocation, question, yes=yes):
            return 1
        if not session.store.end_lease(platform, fence):
            raise _absent(platform, fence)
    console.say(f"{platform}：租约已结束" if is_zh else f"{platform}: the lease is ended; it was held by {holder}")
    return 0


def _holder(held: HeldLease) -> str:
    return f"{held.owner}, process {held.pid} on {held.host}"


def _absent(platform: str, fence: int) -> StateError:
    return StateError(
        f"no such lease: {platform} is not held under fence {fence}. Nothing was changed. `reconcile state lease ls` "
        "shows those that are held.",
        code="RCL505",
    )


def _warn_of_life(invocation: Invocation, held: HeldLease, *, force: bool) -> None:
    """Raises: StateError unless it is forced."""
    if not force:
        raise StateError(
            f"the holder lives: process {held.pid} of this machine holds {held.lane}. Nothing was changed. Wait until "
            "it has finished, or end it; its lease is free then. --force ends the lease of a process that runs on.",
            code="RCL505",
        )
    invocation.console.tell(
        f"警告：进程 {held.pid} 仍在运行；它已发出的请求仍可能生效。"
        if invocation.console.lang == "zh"
        else f"warning: process {held.pid} runs on; requests that it has on their way may still land."
    )
