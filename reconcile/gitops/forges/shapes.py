"""What tells the hosts apart, as data: addresses, how a token is shown, names of fields, how pages follow each other.

| host | interface | documented at |
| --- | --- | --- |
| github | REST, version 2022-11-28 | docs.github.com/rest |
| gitlab | REST v4 | docs.gitlab.com/ee/api |
| gitee | v5 | gitee.com/api/v5/swagger |
| gitea | v1, made after GitHub's | docs.gitea.com/api |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Final
from urllib.parse import quote

from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject


@dataclass(frozen=True, slots=True)
class Shape:
    """One host. Paths are templates of `repo` (encoded as the host wants it), `number`, `id`.

    `author` is the path of the login inside a comment. `bot` is who writes where a token may not ask who it is.
    """

    name: str
    base: str
    header_name: str
    scheme: str
    me: str
    comments: str
    comment: str
    edit: str
    issues: str
    issue: str
    author: tuple[str, str]
    number: str = "number"
    text: str = "body"
    labels: str = "list"
    open_state: str = "open"
    closing: Mapping[str, str] = field(default_factory=lambda: {"state": "closed"})
    headers: Mapping[str, str] = field(default_factory=dict)
    is_path_encoded: bool = False
    next_page: str = "link"
    bot: str = ""
    token_names: tuple[str, ...] = ()
    permission: str = ""

    def repo(self, name: str) -> str:
        """The repository as a part of a path. Raises: ValueError for what is no OWNER/NAME."""
        parts = name.split("/")
        if len(parts) < 2 or not all(part and part not in (".", "..") for part in parts):
            raise ValueError(name)
        if self.is_path_encoded:
            return quote(name, safe="")
        return "/".join(quote(part, safe="") for part in parts)

    def comment_text(self, text: str) -> JsonObject:
        """The body of a new or changed comment."""
        return {"body": text}


GITHUB: Final = Shape(
    name="github",
    base="https://api.github.com",
    header_name="authorization",
    scheme="Bearer ",
    me="/user",
    comments="/repos/{repo}/issues/{number}/comments",
    comment="/repos/{repo}/issues/comments/{id}",
    edit="PATCH",
    issues="/repos/{repo}/issues",
    issue="/repos/{repo}/issues/{number}",
    author=("user", "login"),
    headers={"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"},
    bot="github-actions[bot]",
    token_names=("GITHUB_TOKEN", "GH_TOKEN"),
    permission="`pull-requests: write` (comments) or `issues: write` (issues)",
)
GITEA: Final = replace(
    GITHUB,
    name="gitea",
    base="",
    scheme="token ",
    headers={},
    bot="gitea-actions",
    token_names=("GITEA_TOKEN", "GITHUB_TOKEN"),
    permission="write access to issues",
)
GITEE: Final = replace(
    GITHUB,
    name="gitee",
    base="https://gitee.com/api/v5",
    scheme="token ",
    comments="/repos/{repo}/pulls/{number}/comments",
    comment="/repos/{repo}/pulls/comments/{id}",
    labels="text",
    next_page="count",
    headers={},
    bot="",
    token_names=("GITEE_TOKEN",),
    permission="the scopes `pull_requests`, `issues` and `notes`",
)
GITLAB: Final = Shape(
    name="gitlab",
    base="https://gitlab.com/api/v4",
    header_name="private-token",
    scheme="",
    me="/user",
    comments="/projects/{repo}/merge_requests/{number}/notes",
    comment="/projects/{repo}/merge_requests/{number}/notes/{id}",
    edit="PUT",
    issues="/projects/{repo}/issues",
    issue="/projects/{repo}/issues/{number}",
    author=("author", "username"),
    number="iid",
    text="description",
    labels="text",
    open_state="opened",
    closing={"state_event": "close"},
    is_path_encoded=True,
    next_page="x-next-page",
    token_names=("RECONCILE_GITLAB_TOKEN", "GITLAB_TOKEN"),
    permission="the scope `api` (a job's own CI_JOB_TOKEN may not write notes)",
)

SHAPES: Final = {one.name: one for one in (GITHUB, GITLAB, GITEE, GITEA)}
