"""Which pull request a finished run of a workflow belongs to, by GitHub's own word and never by the run's artifacts.

`workflow_run` events of forks name no pull request. They do name the head; open pull requests with that head are asked
for, and only one that still stands at the run's commit is taken, so that a late run says nothing of a newer push.
Source: docs.github.com, "Events that trigger workflows", `workflow_run`; REST, "List pull requests".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from reconcile.gitops.forges.http import Api, ForgeError
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject

_LONGEST: Final = 4 * 1024 * 1024
_PULLS: Final = "/repos/{repo}/pulls"


@dataclass(frozen=True, slots=True)
class Run:
    """What the event says of a run: its repository, and the head that it ran for."""

    repository: str
    head: str
    """`OWNER:BRANCH`."""
    commit: str


def read_run(event: Path) -> Run:
    """From the file of a `workflow_run` event (`GITHUB_EVENT_PATH`). Raises: ForgeError."""
    try:
        with event.open("rb") as file:
            content = file.read(_LONGEST + 1)
        found: Json = json.loads(content) if len(content) <= _LONGEST else None
    except (OSError, ValueError, RecursionError) as exc:
        raise ForgeError(f"{event} cannot be read as an event: {type(exc).__name__}.") from exc
    repository = _at(found, "repository", "full_name")
    owner = _at(found, "workflow_run", "head_repository", "owner", "login")
    branch, commit = _at(found, "workflow_run", "head_branch"), _at(found, "workflow_run", "head_sha")
    if not (repository and owner and branch and commit):
        raise ForgeError(f"{event} is no event of a finished run. Give GITHUB_EVENT_PATH of a `workflow_run` job.")
    return Run(repository, f"{owner}:{branch}", commit)


def pull_of(api: Api, run: Run) -> int | None:
    """Its number; None when no open pull request stands at that commit any more. Raises: ForgeError."""
    listed = api.pages(_PULLS.format(repo=api.shape.repo(run.repository)), state="open", head=run.head)
    numbers = [_number(one) for one in listed if _at(one, "head", "sha") == run.commit]
    if len(numbers) > 1:
        raise ForgeError(f"{len(numbers)} open pull requests stand at {run.commit[:12]}: which one is not known.")
    return numbers[0] if numbers else None


def _number(pull: JsonObject) -> int:
    number = pull.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ForgeError("github sent a pull request without a number.")
    return number


def _at(found: Json, *path: str) -> str:
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
