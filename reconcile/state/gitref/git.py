"""Runs git: no shell, no hooks, no prompts, none of the caller's GIT_* but those that say how to log in."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from reconcile.model.errors import StateError
from reconcile.model.late import dataclass
from reconcile.state.gitref.address import without_user

_SETTINGS: Final = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "pack.threads": "1",
    "push.gpgSign": "false",
    "push.followTags": "false",
    "push.recurseSubmodules": "no",
    "fetch.recurseSubmodules": "false",
    "fetch.prune": "false",
    "protocol.version": "2",
    "protocol.allow": "never",
    "protocol.file.allow": "always",
    "protocol.ssh.allow": "always",
    "protocol.https.allow": "always",
    "protocol.http.allow": "always",
}
_SAFE: Final = ("--no-pager", "--no-replace-objects", *(w for k, v in _SETTINGS.items() for w in ("-c", f"{k}={v}")))
_KEPT: Final = frozenset({"GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO"})
_TIMEOUT_S: Final = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said, and whether it was content."""

    is_good: bool
    output: bytes
    complaint: str


def run(folder: Path, arguments: Sequence[str], given: bytes = b"", *, is_ours: bool = True) -> Answer:
    """`git ARGUMENTS` in a folder, in a session of its own: a Ctrl-C meant for us does not cut a push.

    `is_ours`: the folder is a bare repository of ours, whatever the user's settings say of such ones.

    Raises: StateError when git is not there, or says nothing for minutes.
    """
    program = shutil.which("git")
    if program is None:
        raise StateError("git is not installed, or not on the PATH; the state is kept in a git ref. Install it.")
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell
            [program, *_SAFE, *(("--git-dir=.",) if is_ours else ()), *arguments],
            cwd=folder,
            env=environment,
            input=given,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            start_new_session=True,
        )
    except (OSError, ValueError) as exc:
        raise StateError(
            f"git {arguments[0]} could not be run ({type(exc).__name__}). Check its installation."
        ) from exc
    except subprocess.TimeoutExpired:
        return Answer(is_good=False, output=b"", complaint=f"git {arguments[0]} said nothing for {_TIMEOUT_S} s")
    return Answer(done.returncode == 0, done.stdout, _first_words(done.stderr))


def _first_words(said: bytes) -> str:
    """What git complains of, on one line, without users and passwords of URLs."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    known = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "ssh:", "!"))] or lines
    text = "; ".join(known[:3])
    return without_user("".join(c for c in text if c.isprintable()))[:300]
