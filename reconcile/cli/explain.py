"""`reconcile explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation

if TYPE_CHECKING:
    from reconcile.runs.explain import Explained
    from reconcile.runs.session import Session


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
    with invocation.open(plans_with="changed" if is_refreshed else "none", only=device) as session:
        explained = explain(session, device, is_refreshed=is_refreshed)
        rollout = _rollout(invocation, session, explained)
        if resource is not None:
            resource = _known(session, explained, resource)
        policies = _policies(invocation, session, explained, resource)
    console.say(
        explain_text(
            explained.device,
            explained.recorded,
            explained.observed,
            resource=resource,
            sentences=explained.sentences,
            names=explained.names,
            delivery=explained.delivery,
            rollout=rollout,
            now=invocation.options().now(),
            lang=console.lang,
            color=console.color,
            width=console.width,
        )
    )
    if policies:
        console.say("")
        console.say(policies)
    return 0


def _policies(invocation: Invocation, session: Session, explained: Explained, resource: str | None) -> str:
    """The rules that speak about the device, or about that resource of it; empty where there are none."""
    if not session.fleet.policies.rules:
        return ""
    from reconcile.planner.policy.reach import Reach
    from reconcile.planner.policy.speaks import speaking
    from reconcile.report.policies import policies_text

    document, console = explained.device.document, invocation.console
    paths = [one.path for one in document.resources if resource in (None, one.path)]
    executes = [one.execute for one in document.commands if resource in (None, one.name, one.execute)]
    rules = speaking(session.fleet.policies.rules, Reach(), explained.device.device, paths, executes)
    return policies_text(list(rules), lang=console.lang, color=console.color, width=console.width)


def _rollout(invocation: Invocation, session: Session, explained: Explained) -> str:
    """Which wave the device is in, and why it waits; empty where no rollout governs it."""
    profile = explained.device.document.rollout
    if profile is None:
        return ""
    from reconcile.report.rollout_course import place_text
    from reconcile.report.view import View
    from reconcile.runs.rollout_course import courses

    view = View.of(invocation.console.lang)
    ref = explained.device.device.ref
    return "".join(place_text(one, ref, view) for one in courses(session, profile))


def _known(session: Session, explained: Explained, resource: str) -> str:
    """The canonical path of a resource of this device. Raises: click.UsageError naming those there are."""
    from reconcile.ports import Problem
    from reconcile.report.sanitise import inert

    device = explained.device.device
    path = session.read_path(device.ref.platform, device.identity, resource)
    recorded = explained.recorded.resources if explained.recorded else {}
    known = sorted({r.path for r in explained.device.document.resources} | set(recorded))
    if isinstance(path, Problem):
        raise click.UsageError(inert(f"{device.ref}: {path.detail}", 2_000))
    if path not in known:
        listed = ", ".join(f"{one} ({explained.names[one]})" if one in explained.names else one for one in known)
        raise click.UsageError(inert(f"{device.ref} has no resource {resource}. It has: {listed}", 2_000))
    return path
