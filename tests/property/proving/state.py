"""The real SQLite state, as one run sees it: a death may come before or after any commit."""

import contextlib

from reconcile.state.lease import Process

from .clouds import Killed

ME = Process.here()


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
