"""The fake GitHub as jobs see it: tokens that may do only what their job was given, runs, artifacts, open pull requests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "contract" / "forges"))

from fake_github import error, user
from fake_github_approvals import FakeApprovals, least

NEEDED = (
    (("actions",), "actions"),
    (("pulls",), "pull-requests"),
    (("check-runs",), "checks"),
)
"""Scope by the word after the repository. Issues and the comments on both are apart: a number tells which it is."""


class FakeActions(FakeApprovals):
    """`grants` by token; `artifacts` by run and name: bytes of a zip; `open_pulls` by number."""

    def __init__(self):
        super().__init__(token="ghs_of_nobody")
        self.grants, self.artifacts, self.open_pulls, self.asked = {}, {}, {}, []

    def handle(self, method, path, query, headers, body):
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if token in self.grants:
            scope, level = self.needed(method, path.split("/")[4:])
            self.asked.append((scope, level))
            has = self.grants[token].get(scope, "none")
            if has != "write" and has != level:
                return 403, {}, error("Resource not accessible by integration")
            headers = {**headers, "authorization": f"Bearer {self.token}"}
        return super().handle(method, path, query, headers, body)

    def needed(self, method, parts):
        """Scope and level of a call."""
        level = "read" if method == "GET" else "write"
        for words, scope in NEEDED:
            if parts and parts[0] in words:
                return scope, level
        if parts and parts[0] == "commits":
            return ("pull-requests" if parts[-1] == "pulls" else "checks"), level
        is_pull = "comments" in parts and (len(parts) < 3 or parts[1] in self.open_pulls or parts[1] == "comments")
        return ("pull-requests" if is_pull else "issues"), level

    def _routed(self, method, parts, query, body):
        match (method, *parts):
            case ("GET", "repos", "acme", "fleet", "pulls"):
                found = [one for one in self.open_pulls.values() if query["head"] in ("", one["head"]["label"])]
                return self._page(found, query, parts)
            case ("GET", "repos", "acme", "fleet", "actions", "runs", run, "artifacts"):
                found = [artifact(number, name, content) for number, ((whose, name), content)
                         in enumerate(self.artifacts.items(), 1) if whose == run]  # fmt: skip
                return 200, {}, {"total_count": len(found), "artifacts": found}
        return super()._routed(method, parts, query, body)

    def open_pull(self, number, owner, branch, commit, author="ada"):
        """An open pull request, or its new head."""
        one = least("pull-request-simple") | {"number": number, "state": "open", "user": user(author)}
        one["head"] |= {"sha": commit, "ref": branch, "label": f"{owner}:{branch}"}
        self.open_pulls[str(number)] = one


def artifact(number, name, content):
    """What the list of a run's artifacts says of one."""
    return least("artifact") | {"id": number, "name": name, "size_in_bytes": len(content)}
