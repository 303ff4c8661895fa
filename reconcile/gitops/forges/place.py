"""Which repository, number and token a command means, from its options and the environment of the pipeline."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reconcile.gitops.forges.http import Api, ForgeError
from reconcile.gitops.forges.shapes import SHAPES

_PULL = re.compile(r"(?P<repo>[^#!\s]+/[^#!\s]+)[#!](?P<number>[1-9][0-9]{0,9})")
_API = {"github": "GITHUB_API_URL", "gitlab": "CI_API_V4_URL", "gitea": "GITEA_API_URL", "gitee": ""}


def pull_request(text: str) -> tuple[str, int]:
    """`OWNER/NAME#12` (or `GROUP/NAME!12`) as its two parts. Raises: ForgeError."""
    found = _PULL.fullmatch(text)
    if found is None:
        raise ForgeError(f"{text!r} is no pull request. Write OWNER/NAME#NUMBER.")
    return found["repo"], int(found["number"])


def api_of(host: str, api_url: str, environ: Mapping[str, str]) -> Api:
    """The interface of a host with a token of the environment. Raises: ForgeError that names the variables."""
    shape = SHAPES[host]
    token = next((environ[name] for name in shape.token_names if environ.get(name)), "")
    if not token:
        raise ForgeError(f"no token for {host}. Set {' or '.join(shape.token_names)}: it needs {shape.permission}.")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ForgeError(f"the token for {host} holds a character that no token has. Copy it again, without line ends.")
    return Api(shape, api_url or environ.get(_API[host], "") or shape.base, token)
