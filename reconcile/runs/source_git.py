"""Which commit a folder stands at, asked of git without a shell, hooks, prompts or the caller's GIT_* variables."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

_TIMEOUT_S = 5
# fsmonitor and hooks are programs that a repository's configuration may name.
_SAFE = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "--no-optional-locks")


def commit_of(folder: Path) -> str | None:
    """The full hash of HEAD when everything in the folder is committed; None otherwise, and on any failure."""
    try:
        here = folder.resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    if not any((above / ".git").exists() for above in (here, *here.parents)):
        return None
    head = _git(here, "rev-parse", "--verify", "HEAD")
    if head is None or re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", head) is None:
        return None
    return head if _git(here, "status", "--porcelain", "--untracked-files=all", "--", ".") == "" else None


def _git(folder: Path, *arguments: str) -> str | None:
    program = shutil.which("git")
    if program is None:
        return None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command, no shell
            [program, *_SAFE, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip()
