"""A yes signed in the repository: `approvals/<digest>.sig`, a few words and an SSH signature of them.

```
reconcile-approval/1
digest sha256:4f…
state 0b6c…                  the state's lineage: a yes for staging is none for production
until 2026-11-24T06:00:00Z   the same change may be planned again some day, and has the same digest then
-----BEGIN SSH SIGNATURE-----
```

Who may sign is read from the base commit, never from the commit that brings the signature.
Source: ssh-keygen(1), "-Y verify" and "ALLOWED SIGNERS".
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from reconcile.gitops.approvals.yes import DIGEST
from reconcile.model.errors import ReconcileError
from reconcile.model.late import dataclass
from reconcile.model.plan import Plan
from reconcile.model.plan_json import timestamp

FOLDER: Final = "approvals"
SIGNERS: Final = f"{FOLDER}/allowed_signers"
NAMESPACE: Final = "reconcile-approval"
LONGEST: Final = 64 * 1024

_FORMAT: Final = "reconcile-approval/1"
_BEGIN: Final = "-----BEGIN SSH SIGNATURE-----"
_WORDS: Final = re.compile(
    rf"{re.escape(_FORMAT)}\ndigest (?P<digest>{DIGEST.pattern})\nstate (?P<state>[0-9A-Za-z-]{{1,80}})\n"
    r"until (?P<until>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\n"
)


class ApprovalRefused(ReconcileError):
    """An approval cannot be written or read."""

    code = "RCL445"


@dataclass(frozen=True, slots=True)
class Words:
    """What is signed."""

    digest: str
    state: str
    until: datetime

    def __str__(self) -> str:
        return f"{_FORMAT}\ndigest {self.digest}\nstate {self.state}\nuntil {timestamp(self.until)}\n"


def words_for(plan: Plan) -> Words:
    """What a yes to a plan says; it ends when the plan does."""
    return Words(plan.digest, plan.base.lineage, plan.expires)


def path_of(digest: str) -> str:
    """The file of a digest, below the manifests' folder. Raises: ApprovalRefused."""
    if not DIGEST.fullmatch(digest):
        raise ApprovalRefused(f"{digest[:80]!r} is no digest of a plan. Write sha256: and 64 hexadecimal digits.")
    return f"{FOLDER}/{digest.removeprefix('sha256:')}.sig"


def parts_of(content: bytes) -> tuple[Words, bytes, bytes] | None:
    """The words, the bytes that are signed, and the armoured signature; None for what is no such file."""
    signed, begin, rest = content.partition(_BEGIN.encode())
    found = _WORDS.fullmatch(signed.decode("utf-8", "replace"))
    if found is None or not begin:
        return None
    try:
        until = datetime.strptime(f"{found['until']}+0000", "%Y-%m-%dT%H:%M:%SZ%z")
    except ValueError:
        return None
    return Words(found["digest"], found["state"], until), signed, begin + rest
