"""Where the comment of `reconcile ci comment` is posted: a pull request that is named, or that of a finished run."""

from __future__ import annotations

import os
from pathlib import Path

import click

from reconcile.cli.output import Console
from reconcile.model.late import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A host, and either `OWNER/NAME#N` or the file of a `workflow_run` event."""

    host: str
    api_url: str
    pull: str | None
    event: Path | None


def post(console: Console, target: Target, text: str, name: str) -> None:
    """Makes the comment of that name say this, and tells what was done. Raises: ForgeError, click.UsageError."""
    from reconcile.gitops.forges.forge import Forge
    from reconcile.gitops.forges.place import api_of, pull_request
    from reconcile.gitops.forges.run_pull import pull_of, read_run
    from reconcile.gitops.sticky import place

    if (target.pull is None) == (target.event is None):
        raise click.UsageError("--post-to and --post-to-run: give one of them")
    if target.event is None:
        repository, number = pull_request(target.pull or "")
        with api_of(target.host, target.api_url, os.environ) as api:
            placed = place(Forge(api, repository), number, text, name)
    else:
        if target.host != "github":
            raise click.UsageError(f"--post-to-run reads events of GitHub; {target.host} takes --post-to")
        run = read_run(target.event)
        with api_of(target.host, target.api_url, os.environ) as api:
            found = pull_of(api, run)
            if found is None:
                console.tell(f"no comment: no open pull request stands at {run.commit[:12]}")
                return
            repository, number = run.repository, found
            placed = place(Forge(api, repository), number, text, name)
    console.tell(f"comment {placed}: {repository}#{number}")
