"""The manifests of a commit: its files as they are in git, laid out in a folder of their own while they are read.

No work tree, index or configuration of the repository is touched, and no filter, attribute or hook of it is heeded.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from reconcile.manifest.parse import MAX_FILES
from reconcile.model.late import dataclass
from reconcile.runs.git import Git, GitError
from reconcile.runs.source import LARGE_BYTES, FolderSource

_FILE, _PROGRAM, _LINK = "100644", "100755", "120000"
_LONGEST_LINK: Final = 4096
MOST_BYTES: Final = 4 << 30
"""Of all files together; they are laid out on disk, and the large ones never held."""
_LARGE_TIMEOUT_S: Final = 600


@dataclass(frozen=True, slots=True)
class CommitSource(FolderSource):
    """Manifests as they are in a commit."""

    hash: str = ""

    def commit(self) -> str | None:
        """The commit."""
        return self.hash


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a commit: its path below the folder, git's name for its content, its size in bytes."""

    path: str
    blob: str
    size: int
    mode: str


def resolve(folder: Path, name: str) -> str:
    """The full hash of a commit by any name git has for it. Raises: GitError."""
    if name.startswith("-") or not name:
        raise GitError(f"{name!r} is no name of a commit. Give a hash, a branch, a tag, or such as HEAD~3.")
    try:
        return Git(folder).text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except GitError as exc:
        if not _is_in_git(folder):
            raise GitError(f"{folder} is not in a git repository: there are no commits to read.") from exc
        raise GitError(
            f"{name} is no commit of this repository. A shallow clone lacks older ones: fetch them with "
            "`git fetch --unshallow`."
        ) from exc


def _is_in_git(folder: Path) -> bool:
    try:
        Git(folder).ask("rev-parse", "--git-dir")
    except GitError:
        return False
    return True


def files_of(folder: Path, commit: str) -> list[TreeFile]:
    """What the commit holds below the folder, sorted by path. Raises: GitError."""
    listed = Git(folder).ask("ls-tree", "-r", "-z", "-l", "--end-of-options", commit, ".")
    found = []
    for line in listed.split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, kind, blob, size = about.decode("ascii").split()
        if kind == "blob":
            found.append(TreeFile(name.decode("utf-8", "surrogateescape"), blob, int(size), mode))
    return sorted(found, key=lambda one: one.path)


def contents(folder: Path, files: list[TreeFile]) -> Iterator[tuple[TreeFile, bytes]]:
    """Every file with its content. Raises: GitError."""
    answer = Git(folder).ask("cat-file", "--batch", given=b"".join(f"{one.blob}\n".encode() for one in files))
    at = 0
    for one in files:
        head, _, _ = answer[at : at + 200].partition(b"\n")
        if head.split() != [one.blob.encode(), b"blob", str(one.size).encode()]:
            raise GitError(f"git lacks the content of {one.path}. A partial clone has to fetch it first.")
        start = at + len(head) + 1
        yield one, answer[start : start + one.size]
        at = start + one.size + 1


@contextmanager
def at_commit(folder: Path, commit: str) -> Iterator[CommitSource]:
    """The folder as it is in the commit (a full hash). Raises: GitError."""
    files = files_of(folder, commit)
    if not files:
        raise GitError(f"commit {commit[:12]} has no file in {folder.name or folder}: the folder did not exist then.")
    if len(files) > MAX_FILES * 2 or sum(one.size for one in files) > MOST_BYTES:
        raise GitError(f"commit {commit[:12]} has more below {folder.name} than manifests may have.")
    with tempfile.TemporaryDirectory(prefix="reconcile-commit-") as name:
        root = Path(name)
        for file, content in contents(folder, [one for one in files if one.size <= LARGE_BYTES]):
            _lay(root, file, content)
        for file in files:
            if file.size > LARGE_BYTES and file.mode in (_FILE, _PROGRAM):
                with _place(root, file).open("wb") as place:
                    Git(folder).write(place, "cat-file", "blob", file.blob, timeout_s=_LARGE_TIMEOUT_S)
        yield CommitSource(root, commit)


def _place(root: Path, file: TreeFile) -> Path:
    """Where a file goes, in a folder that is there. Raises: GitError when its path leads elsewhere."""
    parts = file.path.split("/")
    if any(part in ("", ".", "..") or "\\" in part for part in parts):
        raise GitError(f"the commit holds a file whose path leads elsewhere: {file.path!r}")
    place = root.joinpath(*parts)
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _lay(root: Path, file: TreeFile, content: bytes) -> None:
    place = _place(root, file)
    if file.mode == _LINK and len(content) < _LONGEST_LINK:
        place.symlink_to(os.fsdecode(content))  # never followed: the reader names it and refuses it
    elif file.mode in (_FILE, _PROGRAM):
        place.write_bytes(content)
