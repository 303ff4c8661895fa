"""The connections of one open state: made anew when the network or the server took them away."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Final

import psycopg

from reconcile.state.postgres.address import Address
from reconcile.state.postgres.connection import Raw, Statements, connect

RETURN_S: Final = 15.0
"""For how long a server that was there is waited for."""

_BEGIN = """BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL idle_in_transaction_session_timeout = '60s';
    SELECT 1 FROM meta FOR UPDATE"""
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Link:
    """`session` names this store to the server, for ever; connections are told apart by a number behind it."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.session = uuid.uuid4().hex
        self._writer: Raw | None = None
        self._idle: list[Raw] = []
        self._numbers = count(1)
        self._name = ""

    def fresh(self) -> Raw:
        """A new connection. Raises: psycopg.Error."""
        return connect(self.address, self._next_name())

    def _next_name(self) -> str:
        return f"reconcile {self.session[:16]} {next(self._numbers)}"

    def writer_now(self) -> Raw:
        """The connection that writes, when the state is opened: a server that is not there is not waited for."""
        self._name = self._next_name()
        raw = self._writer = connect(self.address, self._name)
        return raw

    def writer_is_lost(self) -> bool:
        """True when there is none that can be used."""
        return self._writer is None or self._writer.closed

    def writer(self) -> Raw:
        """The connection that writes; one that is gone is replaced, and a server that restarts waited for."""
        raw = self._writer
        if raw is None or raw.closed:
            raw = self._returned()
        return raw

    def begin(self) -> Raw:
        """Begins a transaction that writes: alone, because it holds the one row of `meta`. Raises: psycopg.Error."""
        raw = self.writer()
        try:
            raw.execute(_BEGIN)
        except psycopg.OperationalError:
            if not raw.closed:  # others are in the way
                roll_back(raw)
                raise
            raw = self.writer()  # it was cut while it was idle: nothing had begun
            raw.execute(_BEGIN)
        return raw

    def has_landed(self, number: int) -> bool:
        """Whether the commit of that number is in, after its answer was lost. Raises: psycopg.Error: nobody can tell.

        Whoever holds the row of `meta` knows that the lost transaction is over, one way or the other. What is left of
        it on the server is ended first: it would hold the row until it notices that its client is gone.
        """
        name, raw = self._name, self.writer()
        ending = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = %s AND pid <> pg_backend_pid() AND state = 'idle in transaction'"""
        raw.execute(ending, (name,))
        raw.execute(_BEGIN)
        row = raw.execute("SELECT number FROM writer WHERE session = %s", (self.session,)).fetchone()
        roll_back(raw)
        return row is not None and int(row[0]) >= number

    @contextmanager
    def reading(self) -> Iterator[Statements]:
        """A transaction that sees one state of all, on a connection that nobody else uses. Raises: psycopg.Error."""
        raw = self._reader()
        try:
            yield Statements(raw, streams=True)
        finally:
            roll_back(raw)
            if len(self._idle) < 2 and not raw.closed:
                self._idle.append(raw)
            else:
                raw.close()

    def close(self) -> None:
        """Closes every connection that nobody uses."""
        for raw in (*self._idle, self._writer):
            if raw is not None:
                raw.close()
        self._idle.clear()
        self._writer = None

    def _reader(self) -> Raw:
        with suppress(IndexError):
            raw = self._idle.pop()
            try:
                raw.execute(_READ)
            except psycopg.OperationalError:  # it was cut while it was idle
                raw.close()
            else:
                return raw
        raw = self.fresh()
        raw.execute(_READ)
        return raw

    def _returned(self) -> Raw:
        give_up_at = time.monotonic() + RETURN_S
        while True:
            try:
                return self.writer_now()
            except psycopg.OperationalError:
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(0.1)


def roll_back(raw: Raw) -> None:
    """Ends a transaction without a trace; a connection that cannot even do that is closed."""
    try:
        raw.execute("ROLLBACK")
    except psycopg.Error:
        raw.close()
