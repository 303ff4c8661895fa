"""Makes github_openapi.json: what GitHub's published OpenAPI description says of the calls that we make.

Run: `npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz`, then this with the path of `api.github.com.json`. The
description is MIT-licensed by the Octokit contributors; sentences and examples are left out.
"""

import json
import sys
from pathlib import Path

CALLS = {
    "/user": ("get",),
    "/repos/{owner}/{repo}/issues": ("get", "post"),
    "/repos/{owner}/{repo}/issues/{issue_number}": ("patch",),
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ("get", "post"),
    "/repos/{owner}/{repo}/issues/comments/{comment_id}": ("patch", "delete"),
    "/repos/{owner}/{repo}/pulls": ("get",),
    "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts": ("get",),
    "/repos/{owner}/{repo}/actions/runs/{run_id}/approvals": ("get",),
    "/repos/{owner}/{repo}/commits/{ref}/check-runs": ("get",),
    "/repos/{owner}/{repo}/check-runs": ("post",),
    "/repos/{owner}/{repo}/commits/{commit_sha}/pulls": ("get",),
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews": ("get",),
    "/repos/{owner}/{repo}/collaborators/{username}/permission": ("get",),
}
PROSE = {"description", "example", "summary", "externalDocs", "x-github", "examples"}


def main(source):
    """Writes the excerpt beside this file."""
    whole = json.loads(Path(source).read_text(encoding="utf-8"))
    parts, paths = {}, {}

    def keep(value):
        if isinstance(value, dict):
            name = value.get("$ref")
            if isinstance(name, str) and name not in parts:
                kind, part = name.split("/")[-2:]
                parts[name] = None
                parts[name] = keep(whole["components"][kind][part])
            return {k: keep(v) for k, v in value.items() if k not in PROSE or (isinstance(v, dict) and "type" in v)}
        return [keep(one) for one in value] if isinstance(value, list) else value

    for path, methods in CALLS.items():
        for method in methods:
            found = whole["paths"][path][method]
            paths.setdefault(path, {})[method] = {
                name: keep(found[name]) for name in ("requestBody", "responses") if name in found
            }
    components = {}
    for name, part in sorted(parts.items()):
        kind, key = name.split("/")[-2:]
        components.setdefault(kind, {})[key] = part
    excerpt = {"version": whole["info"]["version"], "license": "MIT", "paths": paths, "components": components}
    target = Path(__file__).with_name("github_openapi.json")
    target.write_text(json.dumps(excerpt, sort_keys=True, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
