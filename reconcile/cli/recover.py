"""`reconcile recover`."""

from __future__ import annotations

import asyncio

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.interrupting import stoppable
from reconcile.cli.owner import owner
from reconcile.cli.telling import Telling


@click.command("recover")
@pass_invocation
def command(invocation: Invocation) -> int:
    """Settle attempts in doubt, whatever run or plan they came from; send nothing new.

    Asks the clouds until each is decided. What only a person can tell is listed with its evidence and the
    two commands to choose between. Exit code 0: nothing is open any more; 5: something is.
    """
    from reconcile.report.recovery import recovery_text
    from reconcile.runs.recover import recover

    console = invocation.console
    show = Telling(console)
    with invocation.open() as session:
        done = asyncio.run(stoppable(session, lambda stop: recover(session, owner(), show.event, stop), show.stopping))
    console.say(
        recovery_text(
            done.found,
            done.undecided,
            done.undeclared,
            [(case.command, case.identity, case.story) for case in done.cases],
            lang=console.lang,
            color=console.color,
            width=console.width,
        )
    )
    return done.exit_code
