"""Recorded state in a database: the port, said in the SQL that every backend shares.

A backend says how a transaction begins and ends, and how its rows are streamed; what is written in it is the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from reconcile.model.device import DeviceRef
from reconcile.model.errors import StateError
from reconcile.model.forecast import Foretold
from reconcile.model.journal import AttemptState, JournalEntry, OpenAttempt
from reconcile.model.recorded import HeadRow, RecordedDevice, RecordedHead
from reconcile.model.settled import LOWEST, Key, SettledBlock
from reconcile.model.values import JsonObject, canonical
from reconcile.ports import Commit, HeldLease, Reservation
from reconcile.state import journal, lease, settled
from reconcile.state.checksum import checked
from reconcile.state.codec import attempt_json, entry_json, exported, loads, read_attempt
from reconcile.state.codec_shared import RowReader
from reconcile.state.exported import Sealer, header
from reconcile.state.foretold import foretell, read_foretold
from reconcile.state.leasing import Leasing
from reconcile.state.restore import restore
from reconcile.state.rows import DeviceRow, summed_row
from reconcile.state.sql import Row, Sql

# Not INSERT OR REPLACE: that would move the row to the end of the file and write every index anew.
_UPSERT = """INSERT INTO device VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (platform, name) DO UPDATE SET identity = excluded.identity, digest = excluded.digest,
        waiting = excluded.waiting, body = excluded.body"""


class SqlStore(ABC):
    """A `ports.StateStore` over transactions of a database; closed by `close`, or as a context manager.

    `where` names the state for people, without any secret.
    """

    _heads = "SELECT platform, name, identity, digest, waiting FROM device ORDER BY platform, name"
    _open_attempts = "SELECT intent, entry, step, device FROM open ORDER BY seq"

    def __init__(self, where: str, identity: tuple[str, bytes], leasing: Leasing) -> None:
        self._where = where
        self._lineage, self._secret_key = identity
        self._leasing = leasing

    @abstractmethod
    def close(self) -> None:
        """Closes the state; a lease still held is given up by its own block."""

    @abstractmethod
    def _snapshot(self) -> AbstractContextManager[Sql]:
        """A transaction that reads, and sees one state of all throughout."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[Sql]:
        """A transaction that writes, alone; durable when the block has ended."""

    @abstractmethod
    def _one(self, query: str, *values: str) -> Row:
        """The one row that a query answers."""

    def _file(self) -> Path:
        """The file that a heartbeat opens; for stores that are one."""
        return Path()

    @abstractmethod
    def _bodies(self, connection: Sql, refs: Iterable[DeviceRef]) -> Iterator[tuple[DeviceRef, Row | None]]:
        """What is stored of each device, in the order asked for."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def lineage(self) -> str:
        """The identity of this state, for ever."""
        return str(self._lineage)

    def serial(self) -> int:
        """Grows by one with every commit, of this process or another."""
        return int(self._one("SELECT serial FROM meta")[0])

    def secret_key(self) -> bytes:
        """32 random bytes made with the state; of an empty view they live as long as the view."""
        return bytes(self._secret_key)

    def heads(self) -> Iterator[RecordedHead]:
        """One line per device, in the order of (platform, name), from one snapshot."""
        for platform, name, identity, digest, waiting in self.head_rows():
            yield RecordedHead(DeviceRef(platform, name), identity, digest, waiting == 1)

    def head_rows(self, first: Key = LOWEST, until: Key | None = None) -> Iterator[HeadRow]:
        """The same as plain rows, of devices from one key on and before another."""
        with self._snapshot() as connection:
            if first == LOWEST and until is None:
                yield from connection.execute(self._heads)
                return
            order = " ORDER BY platform, name"
            query = self._heads.partition(" ORDER BY")[0] + " WHERE (platform, name) >= (?, ?)"
            if until is None:
                yield from connection.execute(query + order, first)
            else:
                yield from connection.execute(query + " AND (platform, name) < (?, ?)" + order, (*first, *until))

    def heads_at(self, keys: Sequence[Key]) -> list[HeadRow]:
        """The same of some devices, in the order asked for; of those that are recorded."""
        query = self._heads.partition(" ORDER BY")[0] + " WHERE platform = ? AND name = ?"
        with self._snapshot() as connection:
            return [
                (row[0], row[1], row[2], row[3], row[4]) for row in connection.look_up(query, keys) if row is not None
            ]

    def named(self, name: str) -> list[DeviceRef]:
        """The recorded devices of that name, on every platform that anything is recorded of."""
        found: list[DeviceRef] = []
        with self._snapshot() as connection:
            platform = ""
            while platform is not None:
                query = "SELECT 1 FROM device WHERE platform = ? AND name = ?"
                if connection.execute(query, (platform, name)).fetchone():
                    found.append(DeviceRef(platform, name))
                query = "SELECT MIN(platform) FROM device WHERE platform > ?"
                platform = connection.execute(query, (platform,)).fetchone()[0]
        return found

    def holders(self, identities: Collection[tuple[str, str]]) -> list[Key]:
        """The recorded devices that have one of these identities, each a platform and a text."""
        wanted = set(identities)
        rows = self.head_rows() if wanted else iter(())
        return [(platform, name) for platform, name, identity, _, _ in rows if (platform, identity) in wanted]

    def settled_under(self) -> str:
        """What blocks of inventories are kept under; empty where none are."""
        with self._snapshot() as connection:
            return settled.read_under(connection) or ""

    def settled_blocks(self, under: str) -> list[SettledBlock]:
        """Blocks of inventories known to be settled under a digest of everything else; none where none are kept."""
        with self._snapshot() as connection:
            return settled.read_blocks(connection, under)

    def keep_settled(self, under: str, serial: int, blocks: Sequence[SettledBlock]) -> None:
        """Keeps such blocks as of a serial; nothing where the state has moved on, or can only be looked at."""
        with suppress(StateError), self._writing() as connection:
            settled.keep_blocks(connection, under, serial, blocks)

    def devices(self, refs: Iterable[DeviceRef]) -> Iterator[RecordedDevice]:
        """Those of the devices that are recorded, in the order asked for, from one snapshot."""
        reader = RowReader()
        with self._snapshot() as connection:
            (is_empty,) = connection.execute("SELECT NOT EXISTS (SELECT 1 FROM device)").fetchone()
            for ref, row in self._bodies(connection, () if is_empty else refs):
                if row is not None:
                    with self._reading(f"device {ref}"):
                        device = reader.read(checked(row[0]))
                        if device.ref != ref:  # the index led to another row
                            raise ValueError(f"it is {device.ref}")
                    yield device

    def commit(self, commit: Commit, *, fences: Mapping[str, int]) -> None:
        """All of it or nothing, durable on return. Any thread may call it.

        Raises: LeaseHeld when a fence is no longer ours; StateError when it cannot be written.
        """
        entries = [canonical(entry_json(entry)) for entry in journal.entries_of(commit)]
        devices = list({device.ref: summed_row(device) for device in commit.devices}.values())
        with self._writing() as connection:
            self._write(connection, commit, fences, (entries, devices))

    def _write(
        self,
        connection: Sql,
        commit: Commit,
        fences: Mapping[str, int],
        encoded: tuple[Sequence[bytes], Sequence[DeviceRow]],
    ) -> None:
        """All of a commit, inside a transaction; `encoded` are its entries and devices as they are stored."""
        entries, devices = encoded
        self._leasing.check(connection, fences)
        if commit.begun_plan is not None:
            if commit.foretold is not None:
                foretell(connection, commit.begun_plan, commit.foretold)
            journal.begin_plan(connection, commit.begun_plan)
        if commit.generation is not None:
            connection.execute("UPDATE meta SET generation = ?", (commit.generation,))
        journal.append(connection, commit, entries)
        settled.unsettle(connection, devices, commit.forgotten)
        connection.executemany(_UPSERT, devices)
        gone = [(ref.platform, ref.name) for ref in commit.forgotten]
        connection.executemany("DELETE FROM device WHERE platform = ? AND name = ?", gone)
        connection.execute("UPDATE meta SET serial = serial + 1")
        if commit.consumed_plan is not None:
            query = "INSERT INTO consumed SELECT ?, serial FROM meta WHERE true ON CONFLICT (plan) DO NOTHING"
            connection.execute(query, (commit.consumed_plan,))

    def open_attempts(self) -> Sequence[OpenAttempt]:
        """Attempts whose outcome is not settled, oldest first."""
        with self._snapshot() as connection:
            return list(self._attempts(connection))

    def journal(self) -> Iterator[JournalEntry]:
        """All entries, oldest first, each verified. Raises: JournalBroken with the number of the entry."""
        with self._snapshot() as connection:
            yield from journal.read_entries(connection)

    def begun_plan(self) -> str | None:
        """Occasion of the plan last begun."""
        plan = self._one("SELECT begun FROM meta")[0]
        return None if plan is None else str(plan)

    def generation(self) -> str | None:
        """The commit of the manifests that was last begun to be applied."""
        commit = self._one("SELECT generation FROM meta")[0]
        return None if commit is None else str(commit)

    def foretold(self) -> Foretold | None:
        """What the plan last begun foresaw; None when none ever foresaw anything."""
        body = self._one("SELECT foretold FROM meta")[0]
        if body is None:
            return None
        with self._reading("the last forecast"):
            return read_foretold(body)

    def outcomes(self, plan: str) -> Mapping[str, AttemptState]:
        """The last state of every step of that plan that was ever begun, by step id; empty once another was begun."""
        with self._snapshot() as connection:
            rows = connection.execute("SELECT step, state FROM outcome WHERE plan = ?", (plan,))
            return {step: AttemptState(state) for step, state in rows}

    def is_consumed(self, plan: str) -> bool:
        """True when the plan of that occasion was applied to the end."""
        return bool(self._one("SELECT EXISTS (SELECT 1 FROM consumed WHERE plan = ?)", plan)[0])

    def lease(self, lane: str, owner: str, now: datetime) -> AbstractContextManager[int]:
        """Exclusive right to write on a lane, kept alive by a heartbeat; yields its fence.

        Raises: LeaseHeld; LeaseWatched when asking again on this very store may get it, once its holder is silent;
        JournalBroken when the last entries do not hold: nothing may be added to them.
        """
        if not self._leasing.beats:
            with self._snapshot() as connection:
                journal.check_end(connection)
        return self._leasing.hold(self._file(), lane, owner, now)

    def lease_holder(self, lane: str, now: datetime) -> str | None:
        """Who holds a lane now, for people; None when nobody does, or only a process that is gone."""
        return self._leasing.describe(lane, now)

    def leases(self) -> Sequence[HeldLease]:
        """Every lease in somebody's hands, by lane."""
        return self._leasing.all()

    def end_lease(self, lane: str, fence: int) -> bool:
        """Takes away a lease held under that fence: its holder can commit nothing more. False when none is."""
        return self._leasing.end(lane, fence)

    def reserve(self, lane: str, fence: int, reservation: Reservation) -> None:
        """Keeps where the quota of a lane stands for its next holder; nothing when the fence is no longer ours."""
        self._leasing.reserve(lane, fence, reservation)

    def reservation(self, lane: str) -> Reservation | None:
        """What the last holder of a lane reserved; None when nobody did."""
        return self._leasing.reservation(lane)

    def export(self) -> Iterator[JsonObject]:
        """The state as JSON objects, each with its `kind`: header, devices, open attempts, journal, used plans, end.

        One snapshot. The secret key stays here. Raises: JournalBroken.
        """
        with self._snapshot() as connection:
            (serial, *last) = connection.execute("SELECT serial, begun, generation FROM meta").fetchone()
            sealer = Sealer()
            yield sealer.add(header(self.lineage, serial, *last))
            for platform, name, body in connection.execute("SELECT platform, name, body FROM device ORDER BY 1, 2"):
                with self._reading(f"device {platform}/{name}"):
                    device = exported(loads(checked(body)))
                yield sealer.add({"kind": "device", **device})
            for attempt in self._attempts(connection):
                yield sealer.add({"kind": "open", **attempt_json(attempt)})
            for link in journal.read_links(connection):
                entry = loads(link.body)
                yield sealer.add({"kind": "journal", "seq": link.seq, "hash": link.hash.hex(), "entry": entry})
            for plan, at_serial in connection.execute("SELECT plan, serial FROM consumed ORDER BY serial, plan"):
                yield sealer.add({"kind": "consumed", "plan": plan, "serial": at_serial})
            yield sealer.end()

    def restore(self, bodies: Iterable[JsonObject], now: datetime, *, replaces: bool = False) -> None:
        """An export takes the place of what is here: all of it or nothing; see `state/restore.py`.

        Raises: StateError, also for a state that is not empty unless it `replaces`; LeaseHeld while somebody writes.
        """
        with self._writing() as connection:
            lease.refuse_held(connection, self._leasing.process, now)
            lineage = restore(connection, bodies, replaces=replaces)
        self._lineage = lineage

    def _attempts(self, connection: Sql) -> Iterator[OpenAttempt]:
        for intent, entry, step, device in connection.execute(self._open_attempts):
            with self._reading(f"open attempt {intent}"):
                parts = {"entry": entry, "step": step, "device": device}
                attempt = read_attempt({name: loads(checked(part)) for name, part in parts.items()})
            yield attempt

    @contextmanager
    def _reading(self, what: str) -> Iterator[None]:
        try:
            yield
        except (KeyError, TypeError, ValueError) as exc:
            raise StateError(
                f"the state is damaged: {what} in {self._where} cannot be read. Restore the state from a copy."
            ) from exc
