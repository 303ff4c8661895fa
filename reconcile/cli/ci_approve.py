"""`reconcile ci approve`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.ci_approval_source import needed, place_options
from reconcile.cli.context import Invocation, pass_invocation

if TYPE_CHECKING:
    from reconcile.model.plan import Plan


@click.command("approve", short_help="Say yes to a plan: signed in the repository, or as a check-run.")
@click.option("--plan", "planfile", type=click.Path(path_type=Path), required=True, metavar="FILE",
              help="The plan that was read, as `plan -o` saved it.")  # fmt: skip
@click.option("--sign-with", "key", type=click.Path(path_type=Path), metavar="KEY",
              help="Sign with this SSH key; writes approvals/DIGEST.sig beside the manifests.")  # fmt: skip
@click.option("--check-run", is_flag=True, help="Write a check-run on GitHub, with an app's token.")
@place_options
@pass_invocation
def command(
    invocation: Invocation,
    planfile: Path,
    key: Path | None,
    check_run: bool,
    repo: str | None,
    api_url: str,
    commit: str | None,
) -> int:
    """Say yes to exactly this plan, for `ci gate --approval-from file` or `check-run`.

    A signed file ends when the plan does, and is for its state only. Commit it with the change; who may sign is what
    approvals/allowed_signers says in the commit before. A check-run stands on the commit and carries the digest.
    """
    from reconcile.model.errors import PlanRefused
    from reconcile.runs.planfile import read_plan

    if (key is None) == (not check_run):
        raise click.UsageError("give one of --sign-with KEY and --check-run")
    plan, now = read_plan(planfile), invocation.options().now()
    if plan.is_blocked or plan.blocked:
        raise PlanRefused(f"{planfile} is blocked by policy or safety: nobody can approve it.", code="RCL445")
    if plan.expires <= now:
        raise PlanRefused(f"{planfile} has expired: plan again, and read that.", code="RCL305")
    if key is not None:
        invocation.console.say(_sign(invocation, plan, key))
        return 0
    from reconcile.gitops.approvals.github import write_check_run
    from reconcile.gitops.forges.place import api_of

    repository, at = needed("--repo", repo, "GITHUB_REPOSITORY"), needed("--commit", commit, "GITHUB_SHA")
    title = f"Approved by {os.environ.get('GITHUB_ACTOR') or 'the app'}"
    with api_of("github", api_url, os.environ) as api:
        write_check_run(api, repository, at, plan.digest, title)
    invocation.console.say(f"{plan.digest} {repository}@{at[:12]}")
    return 0


def _sign(invocation: Invocation, plan: Plan, key: Path) -> str:
    from reconcile.gitops.approvals.signed import ApprovalRefused, path_of, words_for
    from reconcile.gitops.approvals.ssh_keygen import sign
    from reconcile.runs.whole_file import replacing

    signed = str(words_for(plan)).encode()
    signature = sign(signed, key)
    path = invocation.manifests / path_of(plan.digest)
    try:
        with replacing(path) as file:
            file.write(signed + signature)
    except OSError as exc:
        raise ApprovalRefused(f"{path} cannot be written: {exc.strerror}.") from exc
    return str(path)
