"""The private folder of an open state: for its owner alone, and swept away by the next one when its process was killed.

A lock on a file in it lives as long as the process does; a folder whose lock is free was left behind.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Self

_PREFIX: Final = "reconcile-gitref-"
_LOCK: Final = "in-use"
_NEW_S: Final = 60.0
"""A folder younger than this may not have its lock yet."""


class PrivateFolder:
    """Made by `PrivateFolder.made`; given up by `drop`."""

    def __init__(self, path: Path, lock: IO[bytes]) -> None:
        self.path, self._lock = path, lock

    @classmethod
    def made(cls) -> Self:
        """A new one, mode 700, below the system's temporary files; those left behind are removed. Raises: OSError."""
        sweep(Path(tempfile.gettempdir()))
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = (path / _LOCK).open("wb")
        _is_locked(lock)
        return cls(path, lock)

    def drop(self) -> None:
        """Removes it with all that it holds."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def sweep(below: Path) -> None:
    """Removes folders of ours that a killed process left: ours by their owner, left by their lock."""
    with suppress(OSError):
        for path in below.glob(f"{_PREFIX}*"):
            with suppress(OSError):
                if _is_ours(path) and _is_left(path):
                    shutil.rmtree(path, ignore_errors=True)


def _is_ours(path: Path) -> bool:
    """A folder (no link) that this user made, and not a moment ago. Nowhere on Windows, which keeps neither locks."""
    found = path.lstat()
    if sys.platform == "win32":
        return False
    is_old = time.time() - found.st_mtime > _NEW_S
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and is_old


def _is_left(path: Path) -> bool:
    if not (path / _LOCK).exists():  # of an older version, which may be at work; or killed before anything was in it
        path.rmdir()
        return False
    with (path / _LOCK).open("rb+") as lock:
        return _is_locked(lock)


def _is_locked(lock: IO[bytes]) -> bool:
    """Whether we have the lock now, which is given back when the file is closed or the process ends."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
