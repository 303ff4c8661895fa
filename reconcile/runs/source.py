"""Manifests from a folder. Looks before it opens: no symlink, pipe or device is followed, no large file is read.

Premise: the folder is somebody's pull request. Rule: everything is judged by `lstat` first, opened without following
links and without blocking, and judged again on the open file; a 2 GB file costs one system call.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from reconcile.manifest import codes
from reconcile.manifest.codes import SUMMARIES, problem
from reconcile.manifest.inventory_packed import PACKED
from reconcile.manifest.parse import MAX_FILES
from reconcile.manifest.strict import MAX_FILE_BYTES, too_large
from reconcile.model.diagnostic import NOWHERE, Diagnostic, Span, in_order
from reconcile.model.late import dataclass
from reconcile.ports import NamedBytes, NamedContent, Problem
from reconcile.runs.large_file import LargeFile

MAX_TOTAL_BYTES = 256 << 20
LARGE_BYTES = 32 << 20
"""A larger inventory is read where it is needed, and never held as a whole."""
_PEEK_BYTES = 64 << 10
_MANIFESTS = (".yaml", ".yml")
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_ROOT = (
    "There is no such folder of manifests. Name yours before the command, as in `reconcile --manifests DIR plan`, or "
    "create it. `reconcile demo` needs none."
)
_KINDS = (
    (stat.S_ISLNK, "a symbolic link", "Replace it by the file itself."),
    (stat.S_ISDIR, "a folder", "Name a file inside it, or rename it: .yaml and .yml are for files."),
    (stat.S_ISFIFO, "a named pipe", "Remove it; it would never end."),
    (stat.S_ISSOCK, "a socket", "Remove it."),
    (stat.S_ISCHR, "a device", "Remove it."),
    (stat.S_ISBLK, "a device", "Remove it."),
)


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder on this machine. Names are relative to it, with `/`; hidden files and folders are passed over."""

    folder: Path

    def manifests(self) -> tuple[Sequence[NamedBytes], Sequence[Diagnostic]]:
        """Every `*.yaml` and `*.yml` below the folder, sorted by path, and what could not be read."""
        found = _Found()
        if _is_folder(self.folder, found):
            _collect(self.folder, "", found, limit_bytes=MAX_FILE_BYTES, endings=_MANIFESTS)
        return found.files, in_order(found.diagnostics)

    def read(self, path: str, limit_bytes: int) -> NamedContent | Problem:
        """One text file inside the folder, or why it may not or cannot be read. A large one stays on disk."""
        try:
            name = _inside(self.folder, path)
            with _opened(self.folder / name, limit_bytes) as file:
                size_bytes = os.fstat(file.fileno()).st_size
                _judge_start(file, size_bytes, peek_bytes=_peek(name))
                if size_bytes > LARGE_BYTES:
                    return LargeInventory(name, LargeFile(name, os.dup(file.fileno())))
                return NamedBytes(name, _rest(file, limit_bytes))
        except _Unreadable as exc:
            return Problem(exc.code, SUMMARIES[exc.code], exc.detail)

    def read_folder(self, path: str, limit_bytes: int) -> tuple[Sequence[NamedBytes], Sequence[Diagnostic]]:
        """Every regular file below a folder inside the folder, sorted by path; `limit_bytes` is for each file."""
        found = _Found()
        try:
            name = _inside(self.folder, path)
        except _Unreadable as exc:
            found.say(exc, path)
            return (), found.diagnostics
        if _is_folder(self.folder / name, found, name):
            _collect(self.folder / name, f"{name}/" if name else "", found, limit_bytes=limit_bytes, endings=("",))
        return found.files, in_order(found.diagnostics)

    def commit(self) -> str | None:
        """The git commit the folder stands at; None when it is not clean, not in git, or git cannot say."""
        from reconcile.runs.source_git import commit_of

        return commit_of(self.folder)


@dataclass(frozen=True, slots=True)
class LargeInventory:
    """An inventory on disk. `content.check` tells whether it was changed while it was read."""

    name: str
    content: LargeFile


def _peek(name: str) -> int:
    """How much of a large file is judged before the rest is read; nothing of what is compressed."""
    return 0 if name.lower().endswith(PACKED) else _PEEK_BYTES


class _Unreadable(Exception):
    """Why a file may not or cannot be read."""

    def __init__(self, detail: str, code: str = codes.UNREADABLE) -> None:
        super().__init__(detail)
        self.detail, self.code = detail, code


class _Found:
    """What a walk has collected."""

    def __init__(self) -> None:
        self.files: list[NamedBytes] = []
        self.diagnostics: list[Diagnostic] = []
        self.size_bytes = 0

    def say(self, exc: _Unreadable, name: str) -> None:
        self.diagnostics.append(problem(exc.code, exc.detail, Span(name)))

    @property
    def is_full(self) -> bool:
        """True, and said, when a limit of the whole folder is passed."""
        if len(self.files) > MAX_FILES:
            detail = f"There are more than {MAX_FILES:,} files. List devices in an inventory (CSV or NDJSON)."
        elif self.size_bytes > MAX_TOTAL_BYTES:
            detail = f"The files have more than {MAX_TOTAL_BYTES >> 20} MiB together. List devices in an inventory."
        else:
            return False
        self.diagnostics.append(problem(codes.LIMIT, detail, NOWHERE))
        return True


def _collect(folder: Path, prefix: str, found: _Found, *, limit_bytes: int, endings: tuple[str, ...]) -> None:
    for name, path in sorted(_walk(folder, prefix, found, endings)):
        try:
            content = _content(path, limit_bytes)
        except _Unreadable as exc:
            found.say(exc, name)
            continue
        found.files.append(NamedBytes(name, content))
        found.size_bytes += len(content)
        if found.is_full:
            found.files.pop()
            return


def _walk(folder: Path, prefix: str, found: _Found, endings: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """(name, path) of everything with one of the endings, whatever it is; hidden entries are passed over."""
    waiting = [(folder, prefix)]
    while waiting:
        here, above = waiting.pop()
        try:
            entries = list(os.scandir(here))
        except OSError as exc:
            found.say(_refused_by_system(exc), above.rstrip("/") or str(here.name))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            name = above + _printable(entry.name)
            if entry.is_symlink() and (Path(entry.path).is_dir() or entry.name.endswith(endings)):
                found.say(
                    _Unreadable("Found a symbolic link; manifests are read without following any. Replace it."), name
                )
            elif entry.is_dir(follow_symlinks=False) and not (endings != ("",) and entry.name.endswith(endings)):
                waiting.append((Path(entry.path), name + "/"))
            elif entry.name.endswith(endings):
                yield name, Path(entry.path)


def _content(path: Path, limit_bytes: int) -> bytes:
    """The bytes of a regular file. Raises: _Unreadable."""
    with _opened(path, limit_bytes) as file:
        return _rest(file, limit_bytes)


@contextmanager
def _opened(path: Path, limit_bytes: int) -> Iterator[BinaryIO]:
    """A regular file, judged before and after it is opened. Raises: _Unreadable, also for what the system refuses."""
    try:
        _judge(path.lstat(), limit_bytes)
        with open(os.open(path, _OPEN_FLAGS), "rb") as file:  # noqa: PTH123 - flags that Path.open does not have
            _judge(os.fstat(file.fileno()), limit_bytes)
            yield file
    except (OSError, ValueError) as exc:
        raise _refused_by_system(exc) from exc


def _judge_start(file: BinaryIO, size_bytes: int, *, peek_bytes: int) -> None:
    """Of a large file that is no text, only the first bytes are read. Raises: _Unreadable."""
    if size_bytes > peek_bytes > 0:
        _judge_text(file.read(peek_bytes))
        file.seek(0)


def _rest(file: BinaryIO, limit_bytes: int) -> bytes:
    content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise _over_limit(len(content), limit_bytes)
    return content


def _judge(found: os.stat_result, limit_bytes: int) -> None:
    for is_kind, words, advice in _KINDS:
        if is_kind(found.st_mode):
            raise _Unreadable(f"Found {words} where a file was expected. {advice}")
    if found.st_size > limit_bytes:
        raise _over_limit(found.st_size, limit_bytes)


def _judge_text(head: bytes) -> None:
    """A disk image named .csv is refused by its first bytes, not after half a gigabyte of memory."""
    nul = head.find(b"\0")
    if nul >= 0:
        line = head.count(b"\n", 0, nul) + 1
        detail = f"Found a NUL byte in line {line}, expected text. Save the file as UTF-8 (in Excel: 'CSV UTF-8')."
        raise _Unreadable(detail, codes.ENCODING)


def _over_limit(size_bytes: int, limit_bytes: int) -> _Unreadable:
    if limit_bytes == MAX_FILE_BYTES:
        return _Unreadable(too_large("", size_bytes).detail, codes.LIMIT)
    return _Unreadable(f"The file has {size_bytes:,} bytes, the limit is {limit_bytes:,}. Split it.", codes.LIMIT)


def _inside(folder: Path, path: str) -> str:
    """The path, made plain, when it stays inside the folder and crosses no link. Raises: _Unreadable."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if path.startswith("/") or ".." in parts or "\\" in path or ":" in (parts[0] if parts else ""):
        raise _Unreadable(f"Path `{path[:200]}` leads out of the manifest folder. Move the file into it.")
    here = folder
    for part in parts[:-1]:
        here = here / part
        if here.is_symlink():
            raise _Unreadable(f"Path `{path[:200]}` goes through a symbolic link. Use the real folder.")
    return "/".join(parts)


def _is_folder(path: Path, found: _Found, name: str = "") -> bool:
    """True for a folder. The manifest folder itself may be a link: its owner named it; folders inside may not."""
    try:
        mode = (path.lstat() if name else path.stat()).st_mode
    except FileNotFoundError as exc:
        found.say(_refused_by_system(exc) if name else _Unreadable(_NO_ROOT), name or str(path))
        return False
    except (OSError, ValueError) as exc:
        found.say(_refused_by_system(exc), name or str(path))
        return False
    if stat.S_ISDIR(mode):
        return True
    what = next((words for is_kind, words, _ in _KINDS if is_kind(mode)), "a file")
    found.say(
        _Unreadable(f"Found {what} where a folder was expected. Name the folder that holds it."), name or str(path)
    )
    return False


def _refused_by_system(exc: OSError | ValueError) -> _Unreadable:
    match exc:
        case FileNotFoundError():
            return _Unreadable("There is no such file or folder. Check the path, or create it.")
        case PermissionError():
            return _Unreadable("Reading it is not permitted. Grant read permission to the user that runs reconcile.")
        case OSError():
            return _Unreadable(f"The system refused to read it: {os.strerror(exc.errno or 0)}.")
        case _:
            return _Unreadable("The path holds a character that no file name can have.")


def _printable(name: str) -> str:
    """A file name as text; bytes that are not UTF-8 as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
