"""`reconcile adopt`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.output import Console, Progress, is_terminal

if TYPE_CHECKING:
    from reconcile.model.fleet import DesiredDevice
    from reconcile.runs.adoption.adopting import Adoption
    from reconcile.runs.request import Scope
    from reconcile.runs.session import Session


@click.command("adopt")
@click.argument("device", required=False)
@click.argument("resources", nargs=-1, metavar="[RESOURCE]...")
@click.option("-l", "--selector", metavar="SELECTOR", help="All drift of the devices with these labels.")
@click.option("--profile", "in_profile", is_flag=True,
              help="Change the profile that decides, for all of its devices; no exception.")  # fmt: skip
@click.option("--dry-run", "is_dry", is_flag=True, help="Only show the edits; write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_invocation
def command(
    invocation: Invocation,
    device: str | None,
    resources: tuple[str, ...],
    selector: str | None,
    in_profile: bool,
    is_dry: bool,
    yes: bool,
) -> int:
    """Let drift stay: edit the manifests so that they say what devices hold.

    DEVICE with no RESOURCE means all drift of the device. The value is changed where the Device document decides it;
    where a profile does, the device gets an exception. Comments and layout stay. The edits are shown before anything is
    written.

    Exit codes: 0 written, shown with --dry-run, or nothing to adopt; 1 not written, or something could not be adopted
    (it is told).
    """
    from reconcile.report.adoption import adopted_text, diff_text, skipped_text
    from reconcile.runs.adoption.adopting import left_to_send, prepare, write
    from reconcile.runs.request import Refresh, Request

    if (device is None) == (selector is None):
        raise click.UsageError("name a DEVICE, or choose devices with -l SELECTOR")
    console = invocation.console
    progress = Progress(console, "looking at devices")
    with invocation.open(plans_with="changed") as session:
        scope, wanted = _chosen(session, device, resources, selector)
        try:
            adoption = prepare(session, Request(Refresh.ALL, scope, progress.show), wanted, in_profile=in_profile)
        finally:
            progress.done()
        console.tell(skipped_text([(one.device, one.resource, one.why) for one in adoption.skipped], lang=console.lang))
        if not adoption.files:
            console.tell("没有可采纳的漂移。" if console.lang == "zh" else "Nothing to adopt.")
            return 1 if adoption.skipped else 0
        console.stream(diff_text(*file) for file in adoption.diffs())
        if is_dry:
            return 1 if adoption.skipped else 0
        if not _is_agreed(console, adoption, is_asking=not yes):
            return 1
        write(session, adoption)
    with invocation.open(plans_with="none") as session:
        left = left_to_send(session, adoption)
    console.say(adopted_text(len(adoption.adopted), len(adoption.files), left, lang=console.lang))
    return 1 if left or adoption.skipped else 0


def _chosen(
    session: Session, device: str | None, resources: tuple[str, ...], selector: str | None
) -> tuple[Scope, Callable[[DesiredDevice, str], bool]]:
    """The part of the fleet to look at, and whether a resource is meant. Raises: InputRejectedError, UsageError."""
    from reconcile.cli.scope import scope_of
    from reconcile.ports import Problem
    from reconcile.runs.explain import find_device
    from reconcile.runs.request import Scope

    if device is None:
        return scope_of(selector, (), (), ()), lambda _device, _path: True
    found = find_device(session, device).device
    paths = []
    for resource in resources:
        path = session.read_path(found.ref.platform, found.identity, resource)
        if isinstance(path, Problem):
            raise click.UsageError(f"{found.ref}: {path.detail}")
        paths.append(path)
    return Scope(lambda one: one.device.ref == found.ref), lambda _device, path: not paths or path in paths


def _is_agreed(console: Console, adoption: Adoption, *, is_asking: bool) -> bool:
    is_chinese = console.lang == "zh"
    if adoption.shared:
        count = adoption.shared
        console.tell(
            f"此修改同时改变另外 {count} 台设备的期望值。"
            if is_chinese
            else f"This changes what {count} other devices should hold, too."
        )
    if not is_asking:
        return True
    if not is_terminal(sys.stdin):
        console.tell("未写入：无人确认。请加 --yes。" if is_chinese else "not written: nobody to ask. Add --yes.")
        return False
    if click.confirm("写入以上修改？" if is_chinese else "Write these edits?", err=True):
        return True
    console.tell("未写入。" if is_chinese else "not written.")
    return False
