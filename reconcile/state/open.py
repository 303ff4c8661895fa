"""Opens SQLite files with the settings we rely on, and says what is wrong in words when that fails.

WAL with `synchronous=FULL`: a commit is on disk when it returns, readers keep their snapshot while others write.
SQLite's numeric result codes are translated here, once; no message is ever parsed.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reconcile.model.errors import StateError
from reconcile.state.sql import SqliteConnection

BUSY_TIMEOUT_S = 10.0
"""How long one process waits for another's commit before it gives up."""

_SCHEME = "sqlite:///"

_CREATING = threading.Lock()

_ADVICE = {
    sqlite3.SQLITE_NOTADB: ("is not a state file", "Give --state the path of a state file, or restore it from a copy."),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "Restore it from a copy; `reconcile state export` may still read a part."),
    sqlite3.SQLITE_FULL: ("has no room left on its disk", "Free some space and run the same command again."),
    sqlite3.SQLITE_READONLY: ("cannot be written", "Make the file and its folder writable for this user."),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "Check that the file and its folder may be read and written."),
    sqlite3.SQLITE_PERM: ("may not be read", "Make the file and its folder readable for this user."),
    sqlite3.SQLITE_BUSY: ("is in use by another process", "Wait until it has finished, and run the command again."),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written by the system",
        "Check the disk, its room and limits on files, and run the same command again; nothing is half written.",
    ),
}


def path_of(url: str) -> Path:
    """The file behind `sqlite:///relative.db` or `sqlite:////absolute.db`. Raises: StateError for other URLs."""
    name = url.removeprefix(_SCHEME)
    if name == url or not name:
        raise StateError(
            f"unknown state URL: found {url!r}, expected `sqlite:///relative.db` or `sqlite:////absolute.db`. "
            "Correct --state."
        )
    return Path(name)


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turns the database's and the system's failures into StateError: what, where, what to do."""
    try:
        yield
    except sqlite3.Error as exc:
        code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        what, advice = _ADVICE.get(code, ("cannot be used", "Check that the file is a state file of reconcile."))
        name = getattr(exc, "sqlite_errorname", type(exc).__name__)
        raise StateError(f"the state {what}: {where} ({name}). {advice}") from exc
    except UnicodeDecodeError as exc:  # what sqlite3 makes of a schema with a byte that is no text
        what, advice = _ADVICE[sqlite3.SQLITE_CORRUPT]
        raise StateError(f"the state {what}: {where} (not UTF-8). {advice}") from exc
    except OSError as exc:
        raise StateError(
            f"the state cannot be opened: {where} ({exc.strerror or type(exc).__name__}). "
            "Check the path given to --state and the permissions of its folder."
        ) from exc


def is_absent(path: Path) -> bool:
    """True when there is no such file, or an empty one (a process died while making it).

    Raises: StateError when the path is something else than a regular file.
    """
    with translated(str(path)):
        try:
            status = path.stat()
        except FileNotFoundError:
            return True
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise StateError(f"the state cannot be opened: {path} is {what}. Give --state the path of a file.")
    return status.st_size == 0


def create_file(path: Path) -> None:
    """An empty file for this user only, and its folder; leaves a file that exists alone.

    One at a time within this process, and never opening a file that is there: POSIX drops all of a process's locks
    on a file, SQLite's too, when any of its descriptors is closed.
    """
    with _CREATING:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def connect(path: Path, *, is_read_only: bool = False) -> SqliteConnection:
    """A connection to an existing file; any thread may use it, one at a time. Raises: sqlite3.Error."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{_mode(path)}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        factory=SqliteConnection,
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        if is_read_only:
            connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _mode(path: Path) -> str:
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return "mode=rw"
    # WAL needs a shared-memory file beside the state, which cannot be made here. Without a log nobody is writing.
    wal = path.with_name(path.name + "-wal")
    return "mode=ro" if wal.exists() else "mode=ro&immutable=1"


def use_wal(connection: sqlite3.Connection) -> None:
    """Switches to WAL. SQLite does not wait by itself when two processes switch at once, so this does."""
    give_up_at = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return


def check_meta(connection: SqliteConnection, where: str) -> None:
    """The one row that everything else hangs on is there, with values of its kinds. Raises: StateError."""
    kinds = """SELECT typeof(lineage), typeof(serial), typeof(secret_key), typeof(journal_seq), typeof(journal_hash)
        FROM meta"""
    if connection.execute(kinds).fetchone() != ("text", "integer", "blob", "integer", "blob"):
        raise StateError(f"the state is damaged: its first row cannot be read: {where}. Restore the file from a copy.")
