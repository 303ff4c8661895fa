"""What GitHub says of approvals: deployment reviews of a run, check-runs of a commit, reviews of a pull request.

Source: docs.github.com/rest, "Get the review history for a workflow run", "List check runs for a Git reference",
"Create a check run", "List pull requests associated with a commit", "List reviews for a pull request", "Get repository
permissions for a user". Raises: ForgeError from every function.
"""

from __future__ import annotations

import re
from typing import Final

from reconcile.gitops.approvals.hosted import CheckRun, Pull, Review, Reviewed
from reconcile.gitops.forges.forge import Forge
from reconcile.gitops.forges.http import Api, ForgeError
from reconcile.model.values import Json
from reconcile.report.comment.marker import marker_of

NAME: Final = "reconcile approval"
"""The name of our check-run."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_MOST: Final = 100


def deployment_reviews(api: Api, repository: str, run: str) -> list[Reviewed]:
    """Those of one run of a workflow, of all its attempts. Needs `actions: read`."""
    if not run.isdecimal():
        raise ForgeError(f"{run!r} is no number of a run. Give --run, or set GITHUB_RUN_ID.")
    found = api.ask("GET", f"/repos/{api.shape.repo(repository)}/actions/runs/{run}/approvals")
    return [
        Reviewed(
            frozenset(_text(each, "name") for each in _list(one, "environments")),
            _text(one, "state"),
            _text(one, "user", "login"),
            _text(one, "comment"),
        )
        for one in (found if isinstance(found, list) else [])
    ]


def check_runs(api: Api, repository: str, commit: str) -> list[CheckRun]:
    """Those of our name on a commit, the newest of each suite. Needs `checks: read`."""
    path = f"/repos/{api.shape.repo(repository)}/commits/{_commit(commit)}/check-runs"
    found = api.ask("GET", path, check_name=NAME, filter="all", per_page=_MOST)
    listed = _list(found, "check_runs")
    if len(listed) >= _MOST:
        raise ForgeError(
            f"{len(listed)} check-runs named {NAME!r} stand on {commit[:12]}: too many to tell the newest."
        )
    return [
        CheckRun(
            _number(one, "id"),
            _text(one, "app", "slug"),
            _text(one, "external_id"),
            _text(one, "status"),
            _text(one, "conclusion"),
            _text(one, "completed_at") or None,
            _text(one, "output", "title"),
        )
        for one in listed
        if _text(one, "head_sha") == commit and _text(one, "name") == NAME
    ]


def write_check_run(api: Api, repository: str, commit: str, digest: str, title: str) -> None:
    """A yes of the token's app to a digest, on a commit. Needs `checks: write`, which only apps may have."""
    api.ask(
        "POST",
        f"/repos/{api.shape.repo(repository)}/check-runs",
        {
            "name": NAME,
            "head_sha": _commit(commit),
            "external_id": digest,
            "status": "completed",
            "conclusion": "success",
            "output": {"title": title, "summary": f"Approved: {digest}"},
        },
    )


def pull_of_commit(api: Api, repository: str, commit: str, name: str) -> Pull | None:
    """The one merged pull request that brought a commit, with our comment of that name and its reviews.

    Needs `pull-requests: read`.
    """
    repo = api.shape.repo(repository)
    merged = [
        one
        for one in api.pages(f"/repos/{repo}/commits/{_commit(commit)}/pulls")
        if _text(one, "merged_at") and _text(one, "merge_commit_sha") == commit
    ]
    if len(merged) != 1:
        return None
    number = _number(merged[0], "number")
    forge, digest, shown_at = Forge(api, repository), None, ""
    for comment in api.pages(f"/repos/{repo}/issues/{number}/comments"):
        mark = marker_of(_text(comment, "body"))
        if mark is not None and mark.name == name and _text(comment, "user", "login") == forge.me:
            digest, shown_at = mark.digest, _text(comment, "updated_at")
    rights: dict[str, bool] = {}
    reviews = []
    for one in api.pages(f"/repos/{repo}/pulls/{number}/reviews"):
        who = _text(one, "user", "login")
        if who and who not in rights:
            rights[who] = _may_write(api, repo, who)
        at = _text(one, "submitted_at")
        reviews.append(Review(who, _text(one, "state"), _text(one, "commit_id"), at, rights.get(who, False)))
    head, author = _text(merged[0], "head", "sha"), _text(merged[0], "user", "login")
    return Pull(number, head, author, digest, shown_at, tuple(reviews))


def _may_write(api: Api, repo: str, who: str) -> bool:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}(\[bot\])?", who):
        return False
    try:
        found = api.ask("GET", f"/repos/{repo}/collaborators/{who}/permission")
    except ForgeError as exc:
        if exc.status == 404:  # no collaborator
            return False
        raise
    return _text(found, "permission") in ("admin", "write")


def _commit(commit: str) -> str:
    if not _COMMIT.fullmatch(commit):
        raise ForgeError(f"{commit[:80]!r} is no full hash of a commit. Give --commit, or set GITHUB_SHA.")
    return commit


def _text(found: Json, *path: str) -> str:
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _number(found: Json, name: str) -> int:
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, int) or isinstance(value, bool):
        raise ForgeError(f"github sent something without its number ({name}).")
    return value


def _list(found: Json, name: str) -> list[Json]:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, list) else []
