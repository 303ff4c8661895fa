"""`reconcile ci issues`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from reconcile.cli.context import Invocation, pass_invocation


@click.command("issues", short_help="One issue for each kind of drift: opened, updated, closed.")
@click.option("--plan", "planfile", type=click.Path(path_type=Path), required=True, metavar="FILE",
              help="A plan of the whole fleet, made with `--refresh all`.")  # fmt: skip
@click.option("--host", type=click.Choice(["github", "gitlab", "gitee", "gitea"]), default="github", show_default=True)
@click.option("--repo", metavar="OWNER/NAME", help="The repository whose issues they are.")
@click.option("--api-url", default="", metavar="URL", help="Address of the host's interface, for your own host.")
@click.option("--dry-run", is_flag=True, help="Print what the issues would say; ask nobody.")
@pass_invocation
def command(invocation: Invocation, planfile: Path, host: str, repo: str | None, api_url: str, dry_run: bool) -> int:
    """Keep one issue for each kind of drift that a plan found, and close those of which nothing is left.

    Only issues with the label reconcile-drift that this token wrote are touched. The token comes from the environment.
    """
    from reconcile.gitops.drift_issues import LABEL, decide, wanted_issues
    from reconcile.gitops.forges.forge import Forge
    from reconcile.gitops.forges.place import api_of
    from reconcile.runs.planfile import read_plan

    console, plan = invocation.console, read_plan(planfile)
    if dry_run:
        for one in wanted_issues(plan, console.lang):
            console.say(f"# {one.title}\n\n{one.text}")
        return 0
    if repo is None:
        raise click.UsageError("--repo OWNER/NAME says whose issues they are")
    with api_of(host, api_url, os.environ) as api:
        forge = Forge(api, repo)
        there = list(forge.issues(LABEL))
        changes = decide(plan, there, forge.me if there else "", console.lang)
        for one in changes.opened:
            forge.open_issue(one.title, one.text, LABEL)
        for issue, wanted in changes.edited:
            forge.edit_issue(issue.number, wanted.title, wanted.text)
        for issue in changes.closed:
            forge.close_issue(issue.number)
    done = {"opened": changes.opened, "updated": changes.edited, "closed": changes.closed}
    console.say(", ".join(f"{name} {len(found)}" for name, found in done.items()))
    return 0
