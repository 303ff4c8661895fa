"""The program's own SQLite state, opened cheaply: connections are handed on, and the first file of all is copied.

Opening and making files costs more than what is done with them. What opening does is the business of other tests.
"""

import contextlib
import functools
import sqlite3
import tempfile
from pathlib import Path
from typing import ClassVar

from reconcile.state import lease
from reconcile.state.sql import SqliteConnection
from reconcile.state.sqlite import Sqlite

_SHARED_MEMORY = Path("/dev/shm")  # a commit that is flushed to a disk costs more than the rest of a history
FOLDER = str(_SHARED_MEMORY) if _SHARED_MEMORY.is_dir() else None
"""Where states are made; None: where temporary files are."""


def connect(path, *, is_read_only=False):
    """As the program's own, but for one operating-system process alone, and without waiting for the disk."""
    connection = sqlite3.connect(
        f"file:{path}?vfs=unix-excl", uri=True, isolation_level=None, check_same_thread=False, factory=SqliteConnection
    )
    connection.execute("PRAGMA synchronous = OFF")  # there is no power here that could fail
    if is_read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


@functools.cache
def _new_state():
    """The bytes of a state that nothing was ever written to, as the program makes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        Sqlite.open(path).close()
        return path.read_bytes()


class HandedOn(Sqlite):
    """As `Sqlite`. What a snapshot read with serves the next one: in `kept`, and in `idle` when its store was let go."""

    # Path of a state: connections, shared by all; `spare` are those that write.
    idle: ClassVar[dict] = {}
    spare: ClassVar[dict] = {}

    @classmethod
    def open(cls, path, *, process=None):
        if not path.exists():
            path.write_bytes(_new_state())
        spare = cls.spare.get(path)
        connection = spare.pop() if spare else connect(path)
        return cls(connection, path, process=process or lease.Process.here(), lease_ttl_s=lease.TTL_S)

    @contextlib.contextmanager
    def _snapshot(self):
        kept = self.__dict__.setdefault("kept", [])
        handed_on = kept or self.idle.get(self._path)
        connection = handed_on.pop() if handed_on else connect(self._path, is_read_only=True)
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            with contextlib.suppress(sqlite3.Error):  # closed by a death meanwhile
                connection.execute("ROLLBACK")
                kept.append(connection)

    def drop(self):
        """Lets go of everything at once, as the end of a process does; what is not committed is gone."""
        self.idle.setdefault(self._path, []).extend(self.__dict__.pop("kept", ()))
        connection, self._connection = self._connection, _LOST
        if connection is not _LOST:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self.spare.setdefault(self._path, []).append(connection)

    def forget(self):
        """As `drop`, when nobody opens this state again."""
        self.drop()
        for connection in (*self.idle.pop(self._path, ()), *self.spare.pop(self._path, ())):
            connection.close()


_LOST = sqlite3.connect(":memory:")
_LOST.close()
