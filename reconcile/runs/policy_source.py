"""Where the base is read, and which files a change has changed: a commit or a folder, and no link of the change's."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconcile.model.errors import ReconcileError
from reconcile.runs.commit_source import at_commit, files_of, resolve
from reconcile.runs.source import FolderSource


class BaseUnreadableError(ReconcileError):
    """What counts in place of the change cannot be known."""

    code = "RCL719"


@contextmanager
def base_source(name: str, head: Path) -> Iterator[tuple[FolderSource | None, str, str | None]]:
    """Where the base is read; None where its commit has no such folder."""
    if is_path(name):
        if not Path(name).is_dir():
            raise BaseUnreadableError(f"--policy-from {name}: there is no such folder. Name a folder, or a commit.")
        yield FolderSource(Path(name)), f"the base {name}", None
        return
    _check_place(head)
    commit = resolve(head, name)
    title = f"the base commit {commit[:12]}"
    if not files_of(head, commit):
        yield None, title, commit
        return
    with at_commit(head, commit) as source:
        yield source, title, commit


def _check_place(head: Path) -> None:
    """Git answers for the folder that a link leads to, which the base may never have had.

    Raises: BaseUnreadableError when the folder is reached through a link in its repository.
    """
    place = Path(os.path.normpath(Path.cwd() / head))
    for here in (place, *place.parents):
        if here.is_symlink():
            raise BaseUnreadableError(
                f"the manifest folder {head} is reached through a symbolic link, {here.name}: the base may hold "
                "something else under that name. Use the real folder."
            )
        if (here / ".git").exists():
            return


def is_path(name: str) -> bool:
    """Whether it is written as a path, and so can be no name of a commit."""
    return name in (".", "..") or name.startswith(("./", "../")) or Path(name).is_absolute()


def changed_files(base: Path, head: Path) -> Iterator[str]:
    """Files that only one of the two folders has, or that differ, sorted; hidden ones are no part of either."""
    theirs, ours = (set(files_below(folder)) for folder in (base, head))
    for name in sorted(theirs | ours):
        if not (name in theirs and name in ours and filecmp.cmp(base / name, head / name, shallow=False)):
            yield name


def files_below(folder: Path) -> Iterator[str]:
    """Regular files below the folder, with `/`; no link is followed."""
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            place = Path(here, name)
            if not name.startswith(".") and place.is_file() and not place.is_symlink():
                yield place.relative_to(folder).as_posix()
