"""The program's own SQLite state, as one simulated process has it open: it can be lost at once, and its disk be full."""

import contextlib
import sqlite3

from reconcile.model.errors import StateError
from reconcile.state.open import connect
from reconcile.state.sqlite import Sqlite


class Store(Sqlite):
    """As `Sqlite`; snapshots reuse their connections, because opening them costs more than reading."""

    full_at = None  # the number of the commit that finds no room, counted down

    @contextlib.contextmanager
    def _snapshot(self):
        kept = self.__dict__.setdefault("kept", [])
        connection = kept.pop() if kept else connect(self._path, is_read_only=True)
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            with contextlib.suppress(sqlite3.Error):  # closed by a death meanwhile
                connection.execute("ROLLBACK")
                kept.append(connection)

    def commit(self, commit, *, fences):
        if self.full_at is not None:
            self.full_at -= 1
            if self.full_at == 0:
                raise StateError("the state has no room left on its disk")
        super().commit(commit, fences=fences)

    def drop(self):
        """Closes everything at once, as the end of a process does; what is not committed is gone."""
        for connection in (*self.__dict__.pop("kept", ()), self._connection):
            connection.close()
