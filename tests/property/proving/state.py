"""The real SQLite state, as one run sees it: a death may come before or after any commit."""

import contextlib

from reconcile.state.lease import Process
from reconcile.state.open import connect
from reconcile.state.sqlite import Sqlite

from .clouds import Killed

ME = Process.here()


class KeptOpen(Sqlite):
    """A state that keeps the connections of its snapshots for the next ones: opening them costs more than reading."""

    @contextlib.contextmanager
    def _snapshot(self):
        kept = self.__dict__.setdefault("kept", [])
        connection = kept.pop() if kept else connect(self._path, is_read_only=True)
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")
            kept.append(connection)

    def close(self):
        for connection in self.__dict__.pop("kept", []):
            connection.close()
        super().close()


class Journalled:
    """The state as one run sees it: SQLite, but a death may come before or after any commit. Leases are not held here."""

    def __init__(self, store, site):
        self._store, self._site = store, site

    def __getattr__(self, name):
        if self._site.clouds.is_dead:
            raise Killed
        return getattr(self._store, name)

    @contextlib.contextmanager
    def lease(self, _lane, _owner, _now):
        yield 1

    def commit(self, commit, *, fences):
        del fences
        site = self._site
        if site.clouds.is_dead:
            raise Killed
        site.meets_death("before")
        self._store.commit(commit, fences={})
        site.journal.extend(commit.entries)
        site.meets_death("after")
