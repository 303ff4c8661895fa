"""Recorded state in a ref of a git remote: all of it in one commit, moved by compare-and-swap.

Rows live in a working copy, a SQLite file of this open state alone, which is derived data: every question is answered
from it, every transaction is pushed before it counts. A push moves state, journal and leases together, or nothing.

A push whose answer was lost is looked up before it is repeated: each commit carries the number its writer had reached.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from reconcile.model.errors import JournalRefused, LeaseHeld, StateError
from reconcile.model.settled import SettledBlock
from reconcile.model.values import JsonObject
from reconcile.ports import Commit, StateStore
from reconcile.state import lease
from reconcile.state.gitref.address import Address, read_address
from reconcile.state.gitref.layout import META, Layout
from reconcile.state.gitref.leasing import RefLeasing
from reconcile.state.gitref.objects import Objects
from reconcile.state.gitref.private import PrivateFolder
from reconcile.state.gitref.publish import Moved, Publisher
from reconcile.state.gitref.reading import bring, layout_of
from reconcile.state.gitref.remote import Remote, as_config, settings_of, url_of
from reconcile.state.gitref.seen import Seen
from reconcile.state.gitref.writing import NOTING, changed_files, meta_file
from reconcile.state.open import connect, create_file, translated, use_wal
from reconcile.state.schema import migrate
from reconcile.state.sql import SqliteConnection
from reconcile.state.sqlite import Sqlite

T = TypeVar("T")

FRESH_S: Final = 1.0
"""For how long an answer of the remote is believed by what only reads."""

_TRIES: Final = 60
_FILE: Final = "working.db"


class GitRef(Sqlite):
    """A `ports.StateStore` in a git ref. Made by `GitRef.at`; closed by `close`, or as a context manager."""

    def __init__(
        self,
        connection: SqliteConnection,
        folder: PrivateFolder,
        publisher: Publisher,
        seen: Seen,
        me: lease.Process,
        ttl_s: float,
    ) -> None:
        super().__init__(connection, folder.path / _FILE, process=me, lease_ttl_s=ttl_s)
        self._where = publisher.remote.address.shown
        self._leasing = RefLeasing(self._again, me, ttl_s, self._writing, self._snapshot)
        self._folder, self._publisher, self._seen = folder, publisher, seen
        self._layout, self._asked, self._is_new_journal = Layout(), 0.0, False
        self.fresh_s = FRESH_S

    @classmethod
    def at(
        cls,
        address: Address,
        *,
        folder: Path,
        create: bool = True,
        process: lease.Process | None = None,
        lease_ttl_s: float = lease.TTL_S,
    ) -> Self | None:
        """The state at that address; with `create` it is made when there is none, without it there is None then.

        `folder` is the manifest folder, whose repository says where remotes are and how to log in. Raises: StateError.
        """
        settings = settings_of(folder)
        url = url_of(address, settings)
        with translated(address.shown):
            private = PrivateFolder.made()
        try:
            publisher = Publisher(Remote(address, url, Objects(private.path, as_config(settings))))
            tip = publisher.remote.tip()
            seen = Seen(folder, address)
            if tip is None:
                seen.check(Layout())  # a ref that is gone is not one that never was
            if tip is None and not create:
                private.drop()
                return None
            connection = _working_copy(private.path / _FILE, address.shown)
            store = cls(connection, private, publisher, seen, process or lease.Process.here(), lease_ttl_s)
        except BaseException:
            private.drop()
            raise
        try:
            store.begin(tip, is_kept=create)
        except BaseException:
            store.close()
            raise
        return store

    def begin(self, tip: str | None, *, is_kept: bool) -> None:
        """Takes over what the ref holds, or makes the first commit. Raises: StateError."""
        self._is_kept = is_kept
        if tip is not None:
            self._refresh(tip)
            return

        def first() -> None:
            if self._layout.tip is None:
                with self._writing():
                    pass

        self._again(first)

    def close(self) -> None:
        """Drops the working copy; a lease still held is given up by its own block."""
        super().close()
        self._folder.drop()

    def commit(self, commit: Commit, *, fences: Mapping[str, int]) -> None:
        """All of it or nothing, pushed on return. Any thread may call it. Raises: LeaseHeld, StateError."""
        self._again(lambda: super(GitRef, self).commit(commit, fences=fences))

    def keep_settled(self, under: str, serial: int, blocks: Sequence[SettledBlock]) -> None:
        """Keeps nothing: a plan pushes no commit."""

    def restore(self, bodies: Iterable[JsonObject], now: datetime, *, replaces: bool = False) -> None:
        """An export takes the place of what is here: all of it or nothing. Raises: StateError, LeaseHeld."""
        kept = list(bodies)

        def restored() -> None:
            self._is_new_journal = True
            try:
                super(GitRef, self).restore(kept, now, replaces=replaces)
            finally:
                self._is_new_journal = False

        with self._lock:
            self._again(restored)

    def _again(self, job: Callable[[], T]) -> T:
        """Does what writes until nobody else moved the ref meanwhile; pauses grow, and differ between writers."""
        for number in range(_TRIES):
            before = self._layout.tip
            try:
                return job()
            except Moved:
                time.sleep(min(0.02 * 2**number, 0.5) * secrets.randbelow(1000) / 1000)
                self._refresh(None)
            except (LeaseHeld, JournalRefused):  # by what we knew; is it still so?
                self._refresh(self._publisher.remote.tip())
                if self._layout.tip == before:
                    raise
        raise StateError(
            f"the state is busy: {self._where}: others moved the ref {_TRIES} times before us. Run the command again."
        )

    @contextmanager
    def _snapshot(self) -> Iterator[SqliteConnection]:
        self._look()
        with super()._snapshot() as connection:
            yield connection

    def _one(self, query: str, *values: str) -> tuple[Any, ...]:
        self._look()
        return super()._one(query, *values)

    def _look(self) -> None:
        with self._lock:
            if not self._connection.in_transaction and time.monotonic() - self._asked > self.fresh_s:
                self._refresh(self._publisher.remote.tip())

    def _refresh(self, tip: str | None) -> None:
        """Brings the working copy to the ref's tip; `tip` is the one that was just seen there, when it was."""
        with self._lock, translated(self._where):
            asked = time.monotonic()
            if tip is None or tip != self._layout.tip:
                self._take_over(self._publisher.remote.fetch())
            self._asked = asked

    def _take_over(self, tip: str) -> None:
        connection, objects = self._connection, self._publisher.remote.objects
        layout, meta = layout_of(objects, tip)
        self._seen.check(layout)
        connection.execute("BEGIN IMMEDIATE")
        try:
            shards = bring(connection, objects, self._layout, layout, meta)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        self._layout = replace(layout, shards=shards)
        self._lineage, self._secret_key = connection.execute("SELECT lineage, secret_key FROM meta").fetchone()
        self._seen.note(layout, is_kept=self._is_kept)

    @contextmanager
    def _writing(self) -> Iterator[SqliteConnection]:
        with super()._writing() as connection:
            yield connection
            moved = self._push(connection)
        if moved is not None:  # counts, and so does the working copy
            self._layout = moved
            self._seen.note(moved, is_kept=True)

    def _push(self, connection: sqlite3.Connection) -> Layout | None:
        before, objects = self._layout, self._publisher.remote.objects
        files, shards, seq = changed_files(connection, before, objects, is_new_journal=self._is_new_journal)
        connection.execute("DELETE FROM dirty")
        (serial,) = connection.execute("SELECT serial FROM meta").fetchone()
        after = self._publisher.numbered(before, files, shards, seq)
        files[META] = objects.write("blob", meta_file(connection, after))
        tip = self._publisher.publish(before, after, files, f"serial {serial}")
        return replace(after, tip=tip, files=files)


def _working_copy(path: Path, where: str) -> SqliteConnection:
    """An empty state in a file that need not outlive us."""
    with translated(where):
        create_file(path)
        connection = connect(path)
        connection.execute("PRAGMA synchronous = OFF")
        use_wal(connection)
        migrate(connection)
        for statement in NOTING:
            connection.execute(statement)
    return connection


def open_state(url: str, *, folder: Path, create: bool) -> StateStore:
    """The state at a `gitref:` URL; without `create` an empty view of a missing one. Raises: StateError."""
    where = folder if folder.is_dir() else Path()
    return GitRef.at(read_address(url, where), folder=where, create=create) or Sqlite.nothing()
