"""`reconcile ci gate`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from reconcile.cli.context import Invocation, pass_invocation


@click.command("gate", short_help="May this plan be applied, by what was approved?")
@click.option("--plan", "planfile", type=click.Path(path_type=Path), required=True, metavar="FILE",
              help="The plan made just now, as `plan -o` saved it.")  # fmt: skip
@click.option("--approved", "approved", type=click.Path(path_type=Path), metavar="FILE",
              help="The plan that was approved: the same changes or fewer go on.")  # fmt: skip
@click.option(
    "--approved-digest", metavar="DIGEST", help="The digest that was approved; with --approved it must be its."
)
@pass_invocation
def command(invocation: Invocation, planfile: Path, approved: Path | None, approved_digest: str | None) -> int:
    """Decide what a pipeline may do with a plan, and print it as JSON: apply, nothing, ask, or blocked.

    An approval is bound to a digest. A plan made again at merge goes on without asking when it does the same to the
    same devices, or less; it asks when a device, a value, a command or a protected resource came in.
    Exit code 0: apply, or nothing to do. 4: somebody has to look.
    """
    from reconcile.gitops.gate import Approval, decide
    from reconcile.model.errors import PlanRefused
    from reconcile.runs.planfile import read_plan

    now, approval = read_plan(planfile), None
    if approved is not None:
        whole = read_plan(approved)
        if approved_digest not in (None, whole.digest):
            raise PlanRefused(
                f"{approved} is not the plan that was approved: found {whole.digest}, expected {approved_digest}.",
                code="RCL303",
            )
        approval = Approval(whole.digest, whole)
    elif approved_digest is not None:
        approval = Approval(approved_digest)
    verdict = decide(now, approval, invocation.options().now())
    invocation.console.say(json.dumps(verdict.to_json(), ensure_ascii=False))
    return verdict.exit_code
