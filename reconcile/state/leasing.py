"""The leases of one open state: taken, watched, kept alive, looked at and ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from reconcile.model.errors import LeaseHeld
from reconcile.ports import HeldLease, LeaseStanding, Reservation
from reconcile.state import lease
from reconcile.state.codec_times import read_time, write_time
from reconcile.state.heartbeat import Heartbeat
from reconcile.state.lease_watch import LeaseWatch
from reconcile.state.sql import Sql

_Transaction = Callable[[], AbstractContextManager[Sql]]


class Leasing:
    """`writing` and `reading` open a transaction of the state each; `beating` makes the heartbeat where no file is."""

    def __init__(self, process: lease.Process, ttl_s: float, writing: _Transaction, reading: _Transaction) -> None:
        self.process, self._ttl_s = process, ttl_s
        self._writing, self._reading = writing, reading
        self._watch = LeaseWatch()
        self.beats: dict[str, Heartbeat] = {}
        self.beating: Callable[[lease.Claim, int], Heartbeat] | None = None

    @contextmanager
    def hold(self, path: Path, lane: str, owner: str, now: datetime) -> Iterator[int]:
        """The lane is ours within the block, kept alive by a heartbeat; yields its fence. Raises: LeaseHeld."""
        claim, fence = self.take(lane, owner, now)
        beat = self.beats[lane] = self.beating(claim, fence) if self.beating else Heartbeat(path, claim, fence)
        try:
            yield fence
        finally:
            beat.stop()
            if self.beats.get(lane) is beat:
                del self.beats[lane]
            self.give_back(lane, fence)

    def take(self, lane: str, owner: str, now: datetime) -> tuple[lease.Claim, int]:
        """Takes the lane, in one transaction; what was asked for, and the fence. Raises: LeaseHeld."""
        with self._writing() as connection:
            claim = lease.Claim(lane, owner, self.process, now, self._ttl_s, self._watched_s(connection, lane))
            return claim, lease.acquire(connection, claim)

    def give_back(self, lane: str, fence: int) -> None:
        """Lets go of the lane, in one transaction."""
        with self._writing() as connection:
            lease.release(connection, lane, fence)

    def check(self, connection: Sql, fences: Mapping[str, int]) -> None:
        """Raises: LeaseHeld when one of the fences is no longer ours."""
        for lane, fence in fences.items():
            beat = self.beats.get(lane)
            if (beat and beat.is_lost) or not lease.is_ours(connection, lane, fence):
                raise lease.lost(connection, lane, fence)

    def describe(self, lane: str, now: datetime) -> str | None:
        """Who holds a lane, for people; None when nobody does, or only one who is gone or long silent."""
        with self._reading() as connection:
            held = lease.holder(connection, lane)
        if held is None or held.is_over(self.process, is_silent=now >= held.expires):
            return None
        return f"{held.owner}, process {held.process.pid} on {held.process.host}"

    def all(self) -> Sequence[HeldLease]:
        """Every lease in somebody's hands, by lane."""
        with self._reading() as connection:
            return [self._shown(held) for held in lease.holders(connection)]

    def end(self, lane: str, fence: int) -> bool:
        """Ends a lease that is still held under that fence."""
        with self._writing() as connection:
            return lease.take_away(connection, lane, fence)

    def reserve(self, lane: str, fence: int, reservation: Reservation) -> None:
        """Keeps where the quota of a lane stands, with the lease; nothing when the lease is no longer ours."""
        with self._writing() as connection:
            if lease.is_ours(connection, lane, fence):
                query = "UPDATE lease SET paced_until = ?, paced_share = ? WHERE lane = ?"
                connection.execute(query, (write_time(reservation.until), reservation.share, lane))

    def reservation(self, lane: str) -> Reservation | None:
        """What the last holder of a lane reserved; None when nobody did."""
        query = "SELECT paced_until, paced_share FROM lease WHERE lane = ? AND paced_until IS NOT NULL"
        with self._reading() as connection:
            row = connection.execute(query, (lane,)).fetchone()
        return None if row is None else Reservation(read_time(row[0]), float(row[1]))

    def _watched_s(self, connection: Sql, lane: str) -> float:
        held = lease.holder(connection, lane)
        if held is None or held.may_be_seen(self.process):
            return 0.0
        watched_s, has_beaten = self._watch.look(lane, held.fence, held.expires)
        if has_beaten and not held.is_over(self.process, is_silent=False):
            raise LeaseHeld(lease.explain(held, self.process))
        return watched_s

    def _shown(self, held: lease.Held) -> HeldLease:
        process = held.process
        if held.is_over(self.process, is_silent=False):
            standing = LeaseStanding.GONE
        else:
            standing = LeaseStanding.LIVES if held.may_be_seen(self.process) else LeaseStanding.ELSEWHERE
        return HeldLease(
            held.lane, held.fence, held.owner, process.pid, process.host, held.acquired, held.expires, standing
        )
