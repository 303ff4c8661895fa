"""Questions to git, without a shell, hooks, prompts, a pager or the caller's GIT_* variables. Changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

from reconcile.model.errors import ReconcileError
from reconcile.model.late import dataclass

# fsmonitor and hooks are programs that a repository's configuration may name; so are the helpers of a lazy fetch.
_SAFE: Final = (
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "core.quotePath=false",
)
_TIMEOUT_S: Final = 60


class GitError(ReconcileError):
    """Git is not there, or could not answer."""

    code = "RCL441"


@dataclass(frozen=True, slots=True)
class Git:
    """Git in a folder."""

    folder: Path

    def ask(self, *arguments: str, given: bytes = b"", timeout_s: float = _TIMEOUT_S) -> bytes:
        """Standard output of `git ARGUMENTS`. Raises: GitError with git's first line of complaint."""
        return self._run(arguments, given, subprocess.PIPE, timeout_s)

    def write(self, file: BinaryIO, *arguments: str, timeout_s: float = _TIMEOUT_S) -> None:
        """Writes it to an open file, however large it is. Raises: GitError."""
        self._run(arguments, b"", file, timeout_s)

    def _run(self, arguments: Sequence[str], given: bytes, output: int | BinaryIO, timeout_s: float) -> bytes:
        program = shutil.which("git")
        if program is None:
            raise GitError("git is not installed, or not on the PATH. Install it.")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
        try:
            done = subprocess.run(  # noqa: S603 - a fixed command, no shell
                [program, *_SAFE, *arguments],
                cwd=self.folder,
                env=environment,
                input=given,
                stdout=output,
                stderr=subprocess.PIPE,
                timeout=timeout_s,
                check=False,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as exc:
            raise GitError(f"git {arguments[0]} failed in {self.folder}: {exc}") from exc
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0] or f"exit code {done.returncode}"
            raise GitError(f"git {arguments[0]} failed in {self.folder}: {said}")
        return done.stdout or b""

    def text(self, *arguments: str, timeout_s: float = _TIMEOUT_S) -> str:
        """As `ask`, as text without the newline at its end; bytes that are not UTF-8 come back as they were."""
        return self.ask(*arguments, timeout_s=timeout_s).decode("utf-8", "surrogateescape").rstrip("\n")
