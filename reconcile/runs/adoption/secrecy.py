"""Texts that look like secrets, which no file of an import may hold.

Rule: the name says so (password, token, key of something), or the text has the form of a known key.
Better one value too many left out, and named, than one secret in git.
"""

from __future__ import annotations

import re

from reconcile.model.values import Json

_NAME = re.compile(
    r"pass(?:word|wd|phrase|code)|pwd|secret|token|credential|private|psk|pre.?shared|cipher"
    r"|(?:api|access|device|encrypt\w*|auth\w*|master|public|sign\w*|wifi|wpa|session|shared).?key|(?:^|[^a-z])(?:key|pin|auth)$",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"-----BEGIN |^(?:LTAI|AKIA|AKID|ghp_|glpat-|sk-)[A-Za-z0-9_-]{8,}|^eyJ[A-Za-z0-9_-]{10,}\.|://[^/\s:@]+:[^/\s@]+@"
)


def looks_secret(name: str, value: Json) -> bool:
    """True for a text (or a structure with such a text) whose name or form is that of a secret."""
    match value:
        case str():
            return bool(value) and (_NAME.search(name) is not None or _VALUE.search(value) is not None)
        case dict():
            return any(looks_secret(f"{name} {member}", item) for member, item in value.items())
        case list():
            return any(looks_secret(name, item) for item in value)
    return False
