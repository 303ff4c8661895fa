"""`reconcile state rollout`: rollouts that were aborted, and letting one go on."""

from __future__ import annotations

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.owner import owner
from reconcile.cli.state_mend import agreed


@click.command("rollout", short_help="Let an aborted rollout go on.")
@click.argument("profile")
@click.option("--clear", "clears", is_flag=True, required=True, help="Forget the abort, and the failures it was for.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--reason", default="", metavar="TEXT", help="Why; the journal keeps it.")
@pass_invocation
def command(invocation: Invocation, profile: str, clears: bool, yes: bool, reason: str) -> int:
    """Let the aborted rollout of PROFILE go on: the next apply sends again what failed, and judges it anew.

    A change of the profile does the same by itself: it is another rollout.
    """
    from reconcile.runs.recorded import Deed
    from reconcile.runs.rollout_clear import clear_abort

    is_zh = invocation.console.lang == "zh"
    question = f"继续配置 {profile} 已中止的分批发布？" if is_zh else f"Let the rollout of profile {profile} go on?"
    assert clears
    if not agreed(invocation, question, yes=yes):
        return 1
    with invocation.open() as session:
        devices = clear_abort(session, profile, Deed(owner(), reason))
    told = f"已忘记 {devices} 台设备的失败。" if is_zh else f"the failures of {devices} devices are forgotten."
    invocation.console.say(f"{profile}{'：' if is_zh else ': '}{told}")
    return 0
