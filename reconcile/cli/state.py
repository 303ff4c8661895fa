"""`reconcile state`: what is recorded, shown; `state_mend.py` changes it."""

from __future__ import annotations

import json

import click

from reconcile.cli import state_lease, state_mend, state_rollout
from reconcile.cli.context import Invocation, pass_invocation


@click.group("state")
def command() -> None:
    """Look at recorded state, and mend it."""


command.add_command(state_lease.command)
command.add_command(state_rollout.command)
command.add_command(state_mend.rm)
command.add_command(state_mend.replace)
command.add_command(state_mend.settle)
command.add_command(state_mend.import_)


@command.command("ls", short_help="List recorded devices and how they stand.")
@pass_invocation
def ls(invocation: Invocation) -> int:
    """List recorded devices: identity, and whether they are settled, waiting or in work."""
    with invocation.open() as session:
        for head in session.store.heads():
            standing = "waiting" if head.is_waiting else "settled" if head.digest else "in work"
            invocation.console.say(f"{head.ref}\t{head.identity}\t{standing}")
    return 0


@command.command("show")
@click.argument("device")
@pass_invocation
def show(invocation: Invocation, device: str) -> int:
    """Print all that is recorded of one device, as JSON."""
    from reconcile.runs.recorded_device import exported, recorded_ref

    with invocation.open(only="") as session:
        for body in exported(session, recorded_ref(session, device)):
            invocation.console.say(json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True))
    return 0


@command.command("export", short_help="Print the whole state as JSON Lines.")
@pass_invocation
def export(invocation: Invocation) -> int:
    """Print the whole state as JSON Lines: a header, devices, open attempts, the journal; `state import` reads it."""
    with invocation.open() as session:
        for body in session.store.export():
            invocation.console.say(json.dumps(body, ensure_ascii=False, sort_keys=True))
    return 0
