"""Recorded state in one SQLite file: the default, with nothing to install or run.

One connection writes, under a lock, from whatever thread commits; every stream reads on a connection of its own, so
that a plan sees one snapshot and never stands in the way of a commit.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from reconcile.model.device import DeviceRef
from reconcile.model.errors import StateError
from reconcile.state import lease, schema
from reconcile.state.leasing import Leasing
from reconcile.state.lineage import NO_LINEAGE
from reconcile.state.open import check_meta, connect, create_file, is_absent, path_of, translated, use_wal
from reconcile.state.sql import Row, Sql, SqliteConnection
from reconcile.state.sql_store import SqlStore


class Sqlite(SqlStore):
    """A `ports.StateStore` in a file. Made by `Sqlite.open`; closed by `close`, or as a context manager."""

    _heads = "SELECT platform, name, identity, digest, waiting FROM device INDEXED BY device_head ORDER BY 1, 2"
    _open_attempts = "SELECT intent, entry, step, device FROM open ORDER BY seq, rowid"

    def __init__(
        self, connection: SqliteConnection, path: Path | None, *, process: lease.Process, lease_ttl_s: float
    ) -> None:
        leasing = Leasing(process, lease_ttl_s, self._writing, self._snapshot)
        identity = connection.execute("SELECT lineage, secret_key FROM meta").fetchone()
        super().__init__(str(path) if path else "no state yet", identity, leasing)
        self._connection, self._path = connection, path
        self._may_write = connection.execute("PRAGMA query_only").fetchone() == (0,)
        self._lock = threading.RLock()

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        create: bool = True,
        is_read_only: bool = False,
        process: lease.Process | None = None,
        lease_ttl_s: float = lease.TTL_S,
    ) -> Self:
        """The state in that file. With `create` it is made when there is none, with its folder, for this user only.

        Without `create` a missing state is an empty view that can only be read, with the lineage `none` and serial 0.
        `process` stands for this process in leases. Raises: StateError, StateTooNew.
        """
        path, may_create = Path(path), create and not is_read_only
        me = process or lease.Process.here()
        if not is_absent(path) or may_create:
            with translated(str(path)):
                if may_create:
                    create_file(path)
                connection = connect(path)
                try:
                    if _prepare(connection, str(path), is_read_only=is_read_only, may_create=may_create):
                        return cls(connection, path, process=me, lease_ttl_s=lease_ttl_s)
                except BaseException:
                    connection.close()
                    raise
                connection.close()
        return cls(_empty_view(), None, process=me, lease_ttl_s=lease_ttl_s)

    @classmethod
    def nothing(cls) -> Self:
        """An empty view, for a state that does not exist yet, of whatever backend."""
        return cls(_empty_view(), None, process=lease.Process.here(), lease_ttl_s=lease.TTL_S)

    def close(self) -> None:
        """Closes the file; a lease still held is given up by its own block."""
        with self._lock:
            self._connection.close()

    def _file(self) -> Path:
        return self._path or Path()  # an empty view refuses before it is needed

    def _bodies(self, connection: Sql, refs: Iterable[DeviceRef]) -> Iterator[tuple[DeviceRef, Row | None]]:
        query = "SELECT body FROM device WHERE platform = ? AND name = ?"
        listed = "SELECT 1 FROM device INDEXED BY device_head WHERE platform = ? AND name = ?"
        for ref in refs:
            row = connection.execute(query, (ref.platform, ref.name)).fetchone()
            if row is None:  # a record that only its index knows is damage
                row = connection.execute(listed, (ref.platform, ref.name)).fetchone()
            yield ref, row

    def _one(self, query: str, *values: str) -> tuple[Any, ...]:
        with self._lock, translated(self._where):
            row: tuple[Any, ...] = self._connection.execute(query, values).fetchone()
        return row

    @contextmanager
    def _snapshot(self) -> Iterator[SqliteConnection]:
        with translated(self._where):
            if self._path is None:
                yield self._connection
                return
            with closing(connect(self._path, is_read_only=True)) as connection:
                connection.execute("BEGIN")
                yield connection

    @contextmanager
    def _writing(self) -> Iterator[SqliteConnection]:
        if not self._may_write:
            raise StateError(f"the state cannot be written: {self._where} was opened only to be looked at.")
        with self._lock, translated(self._where):
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")


def _prepare(connection: SqliteConnection, where: str, *, is_read_only: bool, may_create: bool) -> bool:
    """Brings a file to the newest format; False for one that holds nothing yet and may not be made."""
    schema.check_format(connection, where)
    is_new = schema.kind_of(connection) is schema.Kind.EMPTY
    if is_new and not may_create:
        return False
    if not is_read_only:
        use_wal(connection)
    schema.migrate(connection)
    check_meta(connection, where)
    if is_new:  # out of the log, into the file: a state that loses its log keeps its lineage
        connection.execute("PRAGMA wal_checkpoint")
    if is_read_only:
        connection.execute("PRAGMA query_only = ON")
    return True


def _empty_view() -> SqliteConnection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, factory=SqliteConnection)
    schema.migrate(connection, NO_LINEAGE)
    connection.execute("PRAGMA query_only = ON")
    return connection


def open_state(url: str, *, folder: Path, create: bool) -> Sqlite:
    """The state at a `sqlite:` URL, whose path is relative to where we are. Raises: StateError."""
    del folder
    return Sqlite.open(path_of(url), create=create)
