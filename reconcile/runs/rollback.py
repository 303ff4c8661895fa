"""The rollback run: the manifests of an earlier commit, what a plan makes of them, and how they are put back.

Git decides what a fleet holds, so a rollback is an edit of the manifests like any other: it is reviewed, committed and
applied. Nothing here writes to a cloud, to git or to the state.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from reconcile.model.errors import ReconcileError
from reconcile.model.late import dataclass
from reconcile.runs.commit_source import TreeFile, at_commit, contents, files_of, resolve
from reconcile.runs.git import Git, GitError
from reconcile.runs.listings import Freshness
from reconcile.runs.plan import plan_now
from reconcile.runs.request import Planned, Request
from reconcile.runs.session import Options, Session
from reconcile.runs.whole_file import replacing

_REGULAR = ("100644", "100755")


class RollbackRefusedError(ReconcileError):
    """The files stay as they are."""

    code = "RCL442"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of the manifests: `kind` is added, changed or removed by going back."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Rollback:
    """An earlier commit, how its files differ from those here, and the plan of its manifests."""

    commit: str
    at: datetime
    subject: str
    files: tuple[FileChange, ...]
    planned: Planned


def roll_back(options: Options, name: str, request: Request) -> Rollback:
    """What going back to a commit would do. Changes nothing. Raises: GitError, InputRejectedError, StateError."""
    folder = options.manifests
    commit = resolve(folder, name)
    seconds, _, subject = Git(folder).text("show", "-s", "--format=%ct %s", commit).partition(" ")
    with (
        at_commit(folder, commit) as source,
        Session.open(options, freshness=Freshness.of_refresh(request.refresh.value), source=source) as session,
    ):
        planned = plan_now(session, request)
    at = datetime.fromtimestamp(int(seconds), UTC)
    return Rollback(commit, at, subject, tuple(_differences(folder, commit)), planned)


def _differences(folder: Path, commit: str) -> list[FileChange]:
    then = {one.path: one for one in files_of(folder, commit)}
    now = set(_tracked(folder))
    changed = [
        path for path, content in _wanted(folder, list(then.values())).items() if _holds(folder, path) != content
    ]
    removed = sorted(now - then.keys())
    found = [FileChange("changed" if path in now or _is_there(folder / path) else "added", path) for path in changed]
    return sorted([*found, *(FileChange("removed", path) for path in removed)], key=lambda one: one.path)


def write_back(folder: Path, rollback: Rollback) -> None:
    """Makes the files those of the commit; each is replaced whole. The caller commits them.

    Raises: RollbackRefusedError when files here differ from the last commit, which would be lost; GitError; OSError.
    """
    wanted = _wanted(folder, files_of(folder, rollback.commit))
    unsaved = [path for path in _unsaved(folder) if wanted.get(path) != _holds(folder, path)]
    there = {one.path for one in rollback.files if one.kind != "removed"} - set(_tracked(folder))
    in_the_way = [path for path in sorted(there) if _is_there(folder / path) and wanted[path] != _holds(folder, path)]
    if unsaved or in_the_way:
        named = [*unsaved, *in_the_way]
        raise RollbackRefusedError(
            f"going back would overwrite what is not committed: {', '.join(named[:5])}"
            f"{f' and {len(named) - 5} more' if len(named) > 5 else ''}. Commit or stash it, and run again."
        )
    for change in rollback.files:
        if change.kind == "removed":
            (folder / change.path).unlink(missing_ok=True)
        else:
            _replace(folder, change.path, wanted[change.path])


def _unsaved(folder: Path) -> list[str]:
    """Tracked files that differ from the last commit, by their paths below the folder."""
    names = Git(folder).ask(
        "diff", "--name-only", "--relative", "--no-renames", "--no-ext-diff", "-z", "HEAD", "--", "."
    )
    return [name.decode("utf-8", "surrogateescape") for name in names.split(b"\0")[:-1]]


def _tracked(folder: Path) -> Sequence[str]:
    listed = Git(folder).ask("ls-files", "-z", "--", ".")
    return [name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0")[:-1]]


def _wanted(folder: Path, files: Sequence[TreeFile]) -> dict[str, bytes]:
    """Regular files only: a manifest is never a link."""
    regular = [one for one in files if one.mode in _REGULAR]
    return {file.path: content for file, content in contents(folder, regular)}


def _holds(folder: Path, path: str) -> bytes | None:
    place = folder / path
    try:
        return place.read_bytes() if stat.S_ISREG(place.lstat().st_mode) else None
    except OSError:
        return None


def _is_there(place: Path) -> bool:
    return place.exists() or place.is_symlink()


def _replace(folder: Path, path: str, content: bytes) -> None:
    place = folder / path
    above = folder
    for part in path.split("/")[:-1]:
        above /= part
        if above.is_symlink():
            raise GitError(f"{above} is a symbolic link; nothing is written through it. Replace it by the folder.")
    with replacing(place) as file:
        file.write(content)
