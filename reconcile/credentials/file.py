"""A key file, judged as ssh judges its own: private, regular, small, one line.

Premise: the path stands in a manifest, which may come from a branch.
Rule: one line of printable ASCII is a key and nothing else is, so that no private key, database or configuration of the
machine can be sent as one. A link may stay in its folder (Kubernetes mounts secrets so), never lead out of it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

LIMIT_BYTES: Final = 16 * 1024
_LOOSE: Final = stat.S_IRWXG | stat.S_IRWXO
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class KeyFileError(Exception):
    """Why a file gives no key. `is_absent`: there is none, which an optional credential may do without."""

    def __init__(self, why: str, *, is_absent: bool = False) -> None:
        super().__init__(why)
        self.is_absent = is_absent


def read_key(folder: Path, path: str) -> str:
    """The key in a file, without spaces and line ends around it. Raises: KeyFileError, which never holds content.

    `path` is absolute, or relative to `folder`, the manifests' own.
    """
    content = _content(_place(folder, path), path)
    try:
        key = content.decode("ascii").strip()
    except UnicodeDecodeError as exc:
        raise KeyFileError(f"file {path} holds characters that no key has; expected one line of ASCII") from exc
    if not key:
        raise KeyFileError(f"file {path} is empty", is_absent=True)
    if not key.isprintable():
        raise KeyFileError(f"file {path} holds more than one line; expected the key alone, on one line")
    return key


def _place(folder: Path, path: str) -> Path:
    """The real place of a path that stays where it says it is."""
    if "\0" in path or ".." in Path(path).parts:
        raise KeyFileError(f"file {path!r}: expected an absolute path, or one inside the manifest folder, without `..`")
    place = folder / path  # an absolute path stands alone
    home = place.parent if Path(path).is_absolute() else folder
    try:
        real, inside = place.resolve(strict=True), home.resolve(strict=True)
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise KeyFileError(f"file {path} does not exist", is_absent=True) from exc
    except (OSError, RuntimeError) as exc:  # RuntimeError: a loop of links, up to Python 3.12
        raise KeyFileError(f"file {path} cannot be reached ({type(exc).__name__})") from exc
    if not real.is_relative_to(inside):
        raise KeyFileError(f"file {path} is a link out of its folder; put the file itself there")
    return real


def _content(place: Path, path: str) -> bytes:
    try:
        handle = os.open(place, _FLAGS)
    except OSError as exc:
        raise KeyFileError(f"file {path} cannot be read: {os.strerror(exc.errno or 0)}") from exc
    try:
        _judge(os.fstat(handle), path)
        content = os.read(handle, LIMIT_BYTES + 1)
    except OSError as exc:
        raise KeyFileError(f"file {path} cannot be read: {os.strerror(exc.errno or 0)}") from exc
    finally:
        os.close(handle)
    if len(content) > LIMIT_BYTES:
        raise KeyFileError(f"file {path} has more than {LIMIT_BYTES:,} bytes; expected the key alone")
    return content


def _judge(found: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyFileError(f"file {path} is no regular file")
    if os.name == "nt":
        return  # no modes and owners to judge by
    if found.st_mode & _LOOSE:
        mode = stat.S_IMODE(found.st_mode)
        raise KeyFileError(f"file {path} may be read by others (mode {mode:04o}); run chmod 600 on it")
    if found.st_uid not in {os.geteuid(), 0}:
        raise KeyFileError(f"file {path} belongs to another user; run chown on it, or name a file of your own")
