"""`reconcile ci gate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.ci_approval_source import SOURCES, Asked, answer, source_options
from reconcile.cli.context import Invocation, pass_invocation

if TYPE_CHECKING:
    from reconcile.gitops.gate import Approval
    from reconcile.model.plan import Plan


@click.command("gate", short_help="May this plan be applied, by what was approved?")
@click.option("--plan", "planfile", type=click.Path(path_type=Path), required=True, metavar="FILE",
              help="The plan made just now, as `plan -o` saved it.")  # fmt: skip
@click.option("--approved", "approved", type=click.Path(path_type=Path), metavar="FILE",
              help="The plan that was approved: the same changes or fewer go on.")  # fmt: skip
@click.option(
    "--approved-digest", metavar="DIGEST", help="The digest that was approved; with --approved it must be its."
)
@click.option("--approval-from", "source", type=click.Choice(SOURCES), help="Who approved it has to be found there.")
@source_options
@pass_invocation
def command(
    invocation: Invocation,
    planfile: Path,
    approved: Path | None,
    approved_digest: str | None,
    source: str | None,
    host: str,
    repo: str | None,
    api_url: str,
    commit: str | None,
    environment: str | None,
    run: str | None,
    app: str | None,
    name: str,
    base: str | None,
) -> int:
    """Decide what a pipeline may do with a plan, and print it as JSON: apply, nothing, ask, or blocked.

    An approval is bound to a digest. A plan made again at merge goes on without asking when it does the same to the
    same devices, or less; it asks when a device, a value, a command or a protected resource came in.

    With --approval-from the approval itself is looked for: `environment`, the deployment reviews of this run (needs
    --approved or --approved-digest); `check-run`, one by --app on the commit; `review`, of the pull request that
    brought the commit; `file`, signed in the repository by whom the commit --base names.
    Exit code 0: apply, or nothing to do. 4: somebody has to look.
    """
    from reconcile.gitops.gate import decide
    from reconcile.report.sanitise import inert_json
    from reconcile.runs.planfile import read_plan

    now = read_plan(planfile)
    at = invocation.options().now()
    approval = _approval(approved, approved_digest)
    if source is not None and not (now.is_blocked or now.blocked or now.is_empty):
        if source == "environment" and approval is None:
            raise click.UsageError("--approval-from environment needs --approved-digest or --approved: a review of an "
                                   "environment lets a run pass, and does not say which plan")  # fmt: skip
        asked = Asked(source, host, repo, api_url, commit, environment, run, app, name, base)
        approval = _found(approval, asked, invocation, now)
    verdict = decide(now, approval, at)
    invocation.console.say(inert_json(verdict.to_json()))
    return verdict.exit_code


def _approval(approved: Path | None, digest: str | None) -> Approval | None:
    from reconcile.gitops.gate import Approval
    from reconcile.model.errors import PlanRefused
    from reconcile.runs.planfile import read_plan

    if approved is None:
        return None if digest is None else Approval(digest)
    whole = read_plan(approved)
    if digest not in (None, whole.digest):
        raise PlanRefused(
            f"{approved} is not the plan that was approved: found {whole.digest}, expected {digest}.", code="RCL303"
        )
    return Approval(whole.digest, whole)


def _found(claimed: Approval | None, asked: Asked, invocation: Invocation, now: Plan) -> Approval:
    """The approval as the source has it: without a yes there, the reasons."""
    from dataclasses import replace

    from reconcile.gitops.gate import Approval

    approval = claimed or Approval(now.digest)
    found = answer(asked, invocation.manifests, approval.digest, approval.plan or now, invocation.options().now())
    return replace(approval, by=found.yes, refusals=found.why)
