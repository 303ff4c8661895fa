"""`reconcile explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation

if TYPE_CHECKING:
    from reconcile.ports import Dialect
    from reconcile.runs.explain import Explained


@click.command("explain")
@click.argument("device")
@click.argument("resource", required=False)
@click.option("--refresh", "is_refreshed", is_flag=True, help="Ask the clouds and the device, too.")
@pass_invocation
def command(invocation: Invocation, device: str, resource: str | None, is_refreshed: bool) -> int:
    """Show every layer with file and line, the winner, what is recorded, queued and reported, and why a plan acts."""
    from reconcile.report.explain import explain_text
    from reconcile.runs.explain import explain

    console = invocation.console
    with invocation.open() as session:
        explained = explain(session, device, is_refreshed=is_refreshed)
        if resource is not None:
            resource = _known(session.dialect(explained.device.device.ref.platform), explained, resource)
    console.say(
        explain_text(
            explained.device,
            explained.recorded,
            explained.observed,
            resource=resource,
            sentences=explained.sentences,
            lang=console.lang,
            color=console.color,
            width=console.width,
        )
    )
    return 0


def _known(dialect: Dialect, explained: Explained, resource: str) -> str:
    """The canonical path of a resource of this device. Raises: click.UsageError naming those there are."""
    from reconcile.ports import Problem

    path = dialect.read_path(resource)
    recorded = explained.recorded.resources if explained.recorded else {}
    known = sorted({r.path for r in explained.device.document.resources} | set(recorded))
    if isinstance(path, Problem) or path not in known:
        raise click.UsageError(f"{explained.device.device.ref} has no resource {resource}. It has: {', '.join(known)}")
    return path
