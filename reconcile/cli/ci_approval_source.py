"""Where `ci gate` and `ci approve` look for, or put, an approval; what the pipeline's own variables say of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from reconcile.model.late import dataclass

if TYPE_CHECKING:
    from reconcile.gitops.approvals.yes import Answer
    from reconcile.model.plan import Plan

SOURCES: Final = ("environment", "check-run", "review", "file")
_HOSTS: Final = {"environment": ("github", "gitlab"), "check-run": ("github",), "review": ("github",)}


@dataclass(frozen=True, slots=True)
class Asked:
    """The options about sources, as they were given."""

    source: str
    host: str
    repo: str | None
    api_url: str
    commit: str | None
    environment: str | None
    run: str | None
    app: str | None
    name: str
    base: str | None


def place_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Which repository and commit; else those of the pipeline."""
    for option in (
        click.option("--commit", metavar="HASH", help="The commit; else GITHUB_SHA."),
        click.option("--api-url", default="", metavar="URL", help="Address of the host's interface."),
        click.option("--repo", metavar="OWNER/NAME", help="The repository; else GITHUB_REPOSITORY, CI_PROJECT_PATH."),
    ):
        function = option(function)
    return function


def source_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """What the sources need beside."""
    for option in (
        click.option("--base", metavar="COMMIT", help="file: the commit before the change, which names who may sign."),
        click.option("--name", default="plan", show_default=True, help="review: the name of the comment of the plan."),
        click.option("--app", metavar="SLUG", help="check-run: the app whose check-run counts."),
        click.option("--run", metavar="ID", help="environment: the run; else GITHUB_RUN_ID, CI_PIPELINE_ID."),
        click.option("--environment", metavar="NAME", help="environment: the one with required reviewers."),
        place_options,
        click.option(
            "--host", type=click.Choice(["github", "gitlab", "gitee", "gitea"]), default="github", show_default=True
        ),
    ):
        function = option(function)
    return function


def answer(asked: Asked, folder: Path, digest: str, plan: Plan, at: datetime) -> Answer:
    """What the source says of the digest; `plan` is the one that bears it, or that is held against it.

    Raises: ForgeError, ApprovalRefused, GitError, click.UsageError.
    """
    if asked.source == "file":
        from reconcile.gitops.approvals.in_repository import by_file

        return by_file(folder, needed("--base", asked.base), digest, plan.base.lineage, at)
    if asked.host not in _HOSTS[asked.source]:
        raise click.UsageError(
            f"--approval-from {asked.source}: {asked.host} keeps no such approvals that could be asked for; "
            "use --approval-from file, or --approved-digest"
        )
    return _hosted(asked, digest, plan.created)


def _hosted(asked: Asked, digest: str, planned: datetime) -> Answer:
    from reconcile.gitops.approvals import github, gitlab, hosted
    from reconcile.gitops.forges.place import api_of

    is_github = asked.host == "github"
    repo = needed("--repo", asked.repo, "GITHUB_REPOSITORY" if is_github else "CI_PROJECT_PATH")
    with api_of(asked.host, asked.api_url, os.environ) as api:
        if asked.source == "environment":
            name = needed("--environment", asked.environment)
            run = needed("--run", asked.run, "GITHUB_RUN_ID" if is_github else "CI_PIPELINE_ID")
            if is_github:
                found, attempt = github.deployment_reviews(api, repo, run), _attempt()
            else:
                found, attempt = gitlab.deployment_reviews(api, repo, name, run), 1
            return hosted.by_environment(found, hosted.Passing(name, digest, planned, attempt))
        commit = needed("--commit", asked.commit, "GITHUB_SHA")
        if asked.source == "check-run":
            app = needed("--app", asked.app)
            return hosted.by_check_run(github.check_runs(api, repo, commit), app, digest)
        return hosted.by_review(github.pull_of_commit(api, repo, commit, asked.name), digest)


def needed(option: str, given: str | None, variable: str = "") -> str:
    """An option, or the pipeline's own variable. Raises: click.UsageError."""
    found = given or (os.environ.get(variable, "") if variable else "")
    if not found:
        raise click.UsageError(f"{option} is needed here{f', or {variable}' if variable else ''}")
    return found


def _attempt() -> int:
    text = os.environ.get("GITHUB_RUN_ATTEMPT", "")
    if not text.isdecimal():
        raise click.UsageError("GITHUB_RUN_ATTEMPT is needed here: it says whether the run was started again")
    return int(text)
