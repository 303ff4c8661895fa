"""Which commit a folder stands at."""

from __future__ import annotations

import re
from pathlib import Path

from reconcile.runs.git import Git, GitError

_TIMEOUT_S = 5


def commit_of(folder: Path) -> str | None:
    """The full hash of HEAD when everything in the folder is committed; None otherwise, and on any failure."""
    try:
        here = folder.resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    if not any((above / ".git").exists() for above in (here, *here.parents)):
        return None
    git = Git(here)
    try:
        head = git.text("rev-parse", "--verify", "HEAD", timeout_s=_TIMEOUT_S)
        if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", head) is None:
            return None
        changed = git.text("status", "--porcelain", "--untracked-files=all", "--", ".", timeout_s=_TIMEOUT_S)
    except GitError:
        return None
    return None if changed else head
