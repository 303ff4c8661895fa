"""`reconcile-askpass`: git's login in a pipeline (`GIT_ASKPASS`), with a token that goes to its own host only.

The address of the state may come from the manifests of a pull request. git names the address that it asks for, and only
the host that the pipeline itself names gets an answer; `https://` only.

| host (variable)        | token (first that is set)                       | user             |
| ---------------------- | ----------------------------------------------- | ---------------- |
| `RECONCILE_GIT_SERVER` | `RECONCILE_GIT_TOKEN`                           | `RECONCILE_GIT_USER`, else `oauth2` |
| `GITHUB_SERVER_URL`    | `GITHUB_TOKEN`, `GITEA_TOKEN`                   | `x-access-token` |
| `CI_SERVER_URL`        | `RECONCILE_GIT_TOKEN`, `RECONCILE_GITLAB_TOKEN` | `oauth2`         |
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

_PROMPT: Final = re.compile(r"(?P<what>Username|Password) for '(?P<url>[^']+)': ?")
_LOGINS: Final = (
    ("RECONCILE_GIT_SERVER", ("RECONCILE_GIT_TOKEN",), "oauth2"),
    ("GITHUB_SERVER_URL", ("GITHUB_TOKEN", "GITEA_TOKEN"), "x-access-token"),
    ("CI_SERVER_URL", ("RECONCILE_GIT_TOKEN", "RECONCILE_GITLAB_TOKEN"), "oauth2"),
)


def answer(prompt: str, environ: Mapping[str, str]) -> str | None:
    """What git may be told; None for a question that is none of git's, or about a host that is not the pipeline's."""
    asked = _PROMPT.fullmatch(prompt)
    if asked is None:
        return None
    where = _https(asked["url"])
    for server, tokens, user in _LOGINS:
        if where is None or _https(environ.get(server, "")) != where:
            continue
        token = next((environ[name] for name in tokens if environ.get(name)), None)
        if token is not None:
            return token if asked["what"] == "Password" else environ.get("RECONCILE_GIT_USER") or user
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Answers the one question of git on standard output; exit code 1 and no word of a token where there is none."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    told = answer(given[0], os.environ) if len(given) == 1 else None
    if told is None:
        sys.stderr.write("reconcile-askpass: no token of the pipeline for that host; see docs/ci.md\n")
        return 1
    sys.stdout.write(f"{told}\n")
    return 0


def _https(address: str) -> tuple[str, int] | None:
    """Host and port of an `https://` address, whatever user it names."""
    try:
        parts = urlsplit(address)
        port = parts.port or 443
    except ValueError:
        return None
    return (parts.hostname.lower(), port) if parts.scheme == "https" and parts.hostname else None
