"""The program's own SQLite state, as one simulated process has it open: it can be lost at once, and its disk be full.

Connections that only read are handed on from one process to the next: opening them costs more than reading.
"""

import contextlib
import sqlite3

from reconcile.model.errors import StateError
from reconcile.state.open import connect
from reconcile.state.sqlite import Sqlite

from .process import Dead


class Store(Sqlite):
    """As `Sqlite`; what a snapshot read with is idle afterwards, in `kept`, and in `idle` when its process has ended."""

    idle = {}  # noqa: RUF012  # path of a state: connections, shared by all

    full_at = None  # the number of the commit that finds no room
    dies_at = None  # the number of the commit that is the last thing its process does, and whether before or after it
    owner = None
    watch = None  # hears of each commit that is durable
    commits = 0

    @classmethod
    def open(cls, path, **options):
        store = super().open(path, **options)
        store._connection.execute("PRAGMA synchronous = OFF")  # there is no power here that could fail
        return store

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

    def commit(self, commit, *, fences):
        self.commits += 1
        if self.commits == self.full_at:
            raise StateError("the state has no room left on its disk")
        self._meets_death("before")
        super().commit(commit, fences=fences)
        if self.watch is not None:
            self.watch(commit)
        self._meets_death("after")

    def _meets_death(self, side):
        if self.dies_at == (self.commits, side):
            self.owner.die()
            raise Dead

    def drop(self):
        """Closes everything at once, as the end of a process does; what is not committed is gone."""
        self.idle.setdefault(self._path, []).extend(self.__dict__.pop("kept", ()))
        self._connection.close()

    def forget(self):
        """As `drop`, when nobody opens this state again."""
        self.drop()
        for connection in self.idle.pop(self._path, ()):
            connection.close()
