"""What GitLab says of deployment approvals (Premium and up): those of the deployments that a pipeline made.

Source: docs.gitlab.com/api/deployments, "List project deployments", "Get a specific deployment" (`approvals`,
`pending_approval_count`, `deployable.pipeline`). Raises: ForgeError.
"""

from __future__ import annotations

from datetime import datetime

from reconcile.gitops.approvals.hosted import Reviewed
from reconcile.gitops.forges.http import Api, ForgeError
from reconcile.model.values import Json


def deployment_reviews(api: Api, repository: str, environment: str, pipeline: str) -> list[Reviewed]:
    """Those of the newest deployment to an environment that belongs to the pipeline. Needs the scope `read_api`."""
    if not pipeline.isdecimal():
        raise ForgeError(f"{pipeline!r} is no number of a pipeline. Give --run, or set CI_PIPELINE_ID.")
    path = f"/projects/{api.shape.repo(repository)}/deployments"
    listed = api.ask("GET", path, environment=environment, order_by="id", sort="desc", per_page=100)
    ours = [
        one
        for one in (listed if isinstance(listed, list) else [])
        if _at(one, "deployable", "pipeline", "id") == int(pipeline) and isinstance(_at(one, "id"), int)
    ]
    if not ours:
        return []
    deployment = api.ask("GET", f"{path}/{_at(ours[0], 'id')}")
    approvals, pending = _at(deployment, "approvals"), _at(deployment, "pending_approval_count")
    found = [
        Reviewed(
            frozenset({environment}),
            _words(one, "status"),
            _words(one, "user", "username"),
            _words(one, "comment"),
            _moment(_words(one, "created_at")),
        )
        for one in (approvals if isinstance(approvals, list) else [])
    ]
    if pending != 0:  # some of those that are needed are missing, or the host does not say
        return [one for one in found if one.state == "rejected"]
    return found


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _words(found: Json, *path: str) -> str:
    value = _at(found, *path)
    return value if isinstance(value, str) else ""


def _at(found: Json, *path: str) -> Json:
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found
