"""The fake GitHub with approvals: deployment reviews, check-runs, reviews of pull requests, rights of people.

Bodies are made from GitHub's description (the least that it requires) and then told what they are about.
"""

from fake_github import AT, DESCRIPTION, FakeGitHub, error, user

SCHEMAS = DESCRIPTION["components"]["schemas"]


class FakeApprovals(FakeGitHub):
    """`approvals` by run, `checks` and `pulls` in the order they were made, `rights` by login."""

    def __init__(self, app="fleet-approver", **kept):
        super().__init__(**kept)
        self.app, self.approvals, self.checks, self.pulls, self.reviews, self.rights = app, {}, [], [], {}, {}

    def _routed(self, method, parts, query, body):
        match (method, *parts):
            case ("GET", "repos", "acme", "fleet", "actions", "runs", run, "approvals"):
                return 200, {}, self.approvals.get(run, [])
            case ("GET", "repos", "acme", "fleet", "commits", commit, "check-runs"):
                found = [x for x in self.checks if x["head_sha"] == commit and x["name"] == query["check_name"]]
                return 200, {}, {"total_count": len(found), "check_runs": found}
            case ("POST", "repos", "acme", "fleet", "check-runs"):
                return 201, {}, self.check_run(body["head_sha"], body["external_id"], **{
                    key: body[key] for key in ("name", "status", "conclusion")
                })  # fmt: skip
            case ("GET", "repos", "acme", "fleet", "commits", commit, "pulls"):
                return self._page([x for x in self.pulls if x["merge_commit_sha"] == commit], query, parts)
            case ("GET", "repos", "acme", "fleet", "pulls", number, "reviews"):
                return self._page(self.reviews.get(number, []), query, parts)
            case ("GET", "repos", "acme", "fleet", "collaborators", who, "permission"):
                if who not in self.rights:
                    return 404, {}, error("Not Found")
                return 200, {}, least("repository-collaborator-permission") | {"permission": self.rights[who]}
        return super()._routed(method, parts, query, body)

    def review_run(self, run, who, state="approved", environment="fleet-approval", words=""):
        """Somebody lets a run pass an environment, or does not."""
        where = {"name": environment, "id": 1, "url": "https://x/y", "html_url": "https://x/y"}
        one = {"environments": [where], "state": state, "user": user(who), "comment": words}
        self.approvals.setdefault(run, []).append(one)

    def check_run(self, commit, digest, app=None, name="reconcile approval", status="completed", conclusion="success"):
        """A check-run by an app."""
        one = least("check-run") | {
            "id": len(self.checks) + 1, "head_sha": commit, "external_id": digest, "name": name, "status": status,
            "conclusion": conclusion, "app": least("nullable-integration") | {"slug": app or self.app}, "completed_at": AT,
        }  # fmt: skip
        self.checks.append(one)
        return one

    def merged(self, number, commit, head, author="ada"):
        """A merged pull request."""
        one = least("pull-request-simple") | {
            "number": number, "merge_commit_sha": commit, "merged_at": AT, "user": user(author), "state": "closed",
        }  # fmt: skip
        one["head"] |= {"sha": head}
        self.pulls.append(one)

    def review(self, number, who, commit, at, state="APPROVED"):
        """A review of a pull request."""
        one = least("pull-request-review") | {
            "id": len(self.reviews) + 1, "user": user(who), "commit_id": commit, "state": state, "submitted_at": at,
        }  # fmt: skip
        self.reviews.setdefault(str(number), []).append(one)


def least(name):
    """The least that GitHub's description calls one of these."""
    return _least({key: value for key, value in SCHEMAS[name].items() if key != "nullable"})


def _least(schema):
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    if schema.get("nullable"):
        return None
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return _least(schema[several][0])
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object" | None:
            return {key: _least(schema["properties"][key]) for key in schema.get("required", ())}
        case "string":
            return AT if schema.get("format") == "date-time" else "https://x/y"
        case kind:
            return {"integer": 1, "number": 1, "boolean": False, "array": []}[kind]
