"""Recorded state in a schema of a PostgreSQL database.

One connection writes, under a lock, from whatever thread commits; every stream reads on a connection of its own.
Writers of all processes take turns at the one row of `meta`: no transaction has to be undone for another's sake.

A COMMIT whose answer was lost is looked up before anything is said of it: each commit writes its number beside what it
records, so the number is there exactly if the rest is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, Self

import psycopg

from reconcile.model.device import DeviceRef
from reconcile.ports import Commit, StateStore
from reconcile.state import lease
from reconcile.state.leasing import Leasing
from reconcile.state.postgres import schema
from reconcile.state.postgres.address import Address, read_address
from reconcile.state.postgres.connection import Raw, Statements
from reconcile.state.postgres.failures import Interrupted, is_passing, lost, translated
from reconcile.state.postgres.heartbeat import ServerHeartbeat
from reconcile.state.postgres.link import Link, roll_back
from reconcile.state.sql import Row, Sql
from reconcile.state.sql_store import SqlStore
from reconcile.state.sqlite import Sqlite

_TRIES: Final = 3
_PAUSE_S: Final = 0.2


class Postgres(SqlStore):
    """A `ports.StateStore` on a server. Made by `Postgres.open`; closed by `close`, or as a context manager."""

    def __init__(self, link: Link, identity: tuple[str, bytes], *, process: lease.Process, lease_ttl_s: float) -> None:
        leasing = Leasing(process, lease_ttl_s, self._writing, self._snapshot)
        leasing.beating = partial(ServerHeartbeat, self._for_a_beat)
        super().__init__(link.address.shown, identity, leasing)
        self._link = link
        self._lock = threading.RLock()
        self._number = 0

    @classmethod
    def open(
        cls, address: Address, *, create: bool = True, process: lease.Process | None = None, ttl_s: float = lease.TTL_S
    ) -> Self | None:
        """The state at that address; with `create` it is made when there is none, without it there is None then.

        `process` stands for this process in leases. Raises: StateError, StateTooNew.
        """
        with translated(address):
            link = Link(address)
            try:
                raw = link.writer_now()
                if schema.check(raw, address) is schema.Kind.EMPTY and not create:
                    link.close()
                    return None
                schema.migrate(raw, address)
                row = raw.execute("SELECT lineage, secret_key FROM meta").fetchone()
                assert row is not None
                return cls(link, (row[0], row[1]), process=process or lease.Process.here(), lease_ttl_s=ttl_s)
            except BaseException:
                link.close()
                raise

    def commit(self, commit: Commit, *, fences: Mapping[str, int]) -> None:
        """All of it or nothing, durable on return, once: what certainly left nothing is tried again. From any thread.

        Raises: LeaseHeld when a fence is no longer ours; StateError when it cannot be written.
        """
        for tries_left in reversed(range(_TRIES)):
            try:
                return super().commit(commit, fences=fences)
            except Interrupted:
                if not tries_left:
                    raise
                time.sleep(_PAUSE_S)
        return None

    def close(self) -> None:
        """Closes the connections; a lease still held is given up by its own block."""
        with self._lock:
            self._link.close()

    def _bodies(self, connection: Sql, refs: Iterable[DeviceRef]) -> Iterator[tuple[DeviceRef, Row | None]]:
        asked: list[DeviceRef] = []

        def keys() -> Iterator[tuple[str, str]]:
            for ref in refs:
                asked.append(ref)
                yield ref.platform, ref.name

        for number, row in enumerate(
            connection.look_up("SELECT body FROM device WHERE platform = ? AND name = ?", keys())
        ):
            yield asked[number], row

    def _one(self, query: str, *values: str) -> Row:
        with self._lock, translated(self._link.address):
            try:
                row = Statements(self._link.writer()).execute(query, values).fetchone()
            except psycopg.OperationalError:
                if not self._link.writer_is_lost():
                    raise
                row = Statements(self._link.writer()).execute(query, values).fetchone()
        answer: Row = row
        return answer

    @contextmanager
    def _snapshot(self) -> Iterator[Sql]:
        with translated(self._link.address), self._link.reading() as connection:
            yield connection

    @contextmanager
    def _for_a_beat(self) -> Iterator[Sql]:
        with translated(self._link.address), self._link.fresh() as raw:
            yield Statements(raw)

    @contextmanager
    def _writing(self) -> Iterator[Sql]:
        with self._lock, translated(self._link.address):
            raw = self._link.begin()
            try:
                yield Statements(raw)
                self._note_commit(raw)
            except psycopg.Error as exc:
                roll_back(raw)
                if is_passing(exc, raw):
                    raise lost(self._link.address) from exc
                raise
            except BaseException:
                roll_back(raw)
                raise
            self._finish(raw)

    def _note_commit(self, raw: Raw) -> None:
        if self._number == 0:
            raw.execute("DELETE FROM writer WHERE at < now() - interval '7 days'")
        raw.execute(
            """INSERT INTO writer VALUES (%s, %s, now())
               ON CONFLICT (session) DO UPDATE SET number = excluded.number, at = excluded.at""",
            (self._link.session, self._number + 1),
        )

    def _finish(self, raw: Raw) -> None:
        number = self._number + 1
        try:
            status = raw.execute("COMMIT").statusmessage
        except psycopg.OperationalError as exc:
            if not raw.closed:
                roll_back(raw)
                raise
            if not self._link.has_landed(number):
                raise lost(self._link.address) from exc
        else:
            assert status == "COMMIT", status
        self._number = number


def open_state(url: str, *, folder: Path, create: bool) -> StateStore:
    """The state at a `postgresql:` URL; without `create` an empty view of a missing one. Raises: StateError."""
    del folder
    return Postgres.open(read_address(url), create=create) or Sqlite.nothing()
