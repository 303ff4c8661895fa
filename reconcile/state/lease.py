"""Who may write on a lane: one process at a time, told apart by a fence that only grows.

| the lease is held by                        | it is taken over                           |
| ------------------------------------------- | ------------------------------------------ |
| nobody                                      | at once                                    |
| a process of this machine that is gone      | at once                                    |
| a live process of this machine              | never: it says so, and its pid             |
| a process of another machine or container   | when we saw no heartbeat of it for the TTL |

Clocks of machines differ, so the expiry that a holder writes is to others only a mark that moves while it lives:
whoever wants its lane watches the mark for the TTL on its own monotonic clock (`state/lease_watch.py`). A pid is
trusted only within one boot and one pid namespace, and only with the process's start time: pids are reused. Whoever
loses a lease finds out at the next commit, because the fence no longer matches.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from reconcile.model.errors import LeaseHeld, LeaseWatched
from reconcile.model.late import dataclass
from reconcile.state.codec_times import read_time, write_time
from reconcile.state.sql import Sql

TTL_S = 60.0
"""How long a lease lives without a heartbeat."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process as a lease remembers it. `place` is where its pid means something; `started` tells reuse of a pid."""

    host: str
    place: str
    pid: int
    started: str | None = None

    @classmethod
    def here(cls) -> Process:
        """This one."""
        host = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "localhost")
        return cls(host, _place(host), os.getpid(), _started(os.getpid()))

    def is_gone(self) -> bool:
        """True when it was of this place and is certainly dead; False when nobody can tell."""
        if sys.platform == "win32":  # os.kill(pid, 0) is Ctrl-C there
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            pass  # somebody else's process: alive
        return self.started is not None and _started(self.pid) != self.started


def _place(host: str) -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        return f"{host} {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return host


def _started(pid: int) -> str | None:
    """Start time in ticks since boot; None where there is no /proc, or the process is a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


@dataclass(frozen=True, slots=True)
class Held:
    """A lease in somebody's hands. `expires` is on its holder's clock: to others a mark that moves while it lives."""

    lane: str
    fence: int
    owner: str
    process: Process
    acquired: datetime
    expires: datetime

    def may_be_seen(self, me: Process) -> bool:
        """Whether its process is one of this place; without its start time a live pid may be a stranger's."""
        return self.process.place == me.place and self.process.started is not None

    def is_over(self, me: Process, *, is_silent: bool) -> bool:
        """True when it may be taken over (the table above). `is_silent`: no heartbeat for the TTL, as far as we saw."""
        return (self.process.place == me.place and self.process.is_gone()) or (is_silent and not self.may_be_seen(me))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a process asks for: a lane, from `now` on, for as long as its heartbeat is never `ttl_s` late.

    `watched_s`: for how long it has seen no heartbeat of whoever holds the lane.
    """

    lane: str
    owner: str
    process: Process
    now: datetime
    ttl_s: float
    watched_s: float = 0.0

    def expiry(self, after_s: float = 0.0) -> str:
        """When the lease ends by itself if it is renewed that long after `now`, as the table keeps it."""
        return write_time(self.now + timedelta(seconds=after_s + self.ttl_s))


def acquire(connection: Sql, claim: Claim) -> int:
    """Takes a lane inside the caller's transaction and returns the new fence. Raises: LeaseHeld, LeaseWatched."""
    me, held = claim.process, holder(connection, claim.lane)
    if held is not None and not held.is_over(me, is_silent=claim.watched_s >= claim.ttl_s):
        if held.may_be_seen(me):
            raise LeaseHeld(explain(held, me))
        raise LeaseWatched(explain(held, me), claim.ttl_s - claim.watched_s, held.fence)
    connection.execute(
        """INSERT INTO lease (lane, fence, owner, host, place, pid, started, acquired, expires)
           VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (lane) DO UPDATE SET fence = lease.fence + 1, owner = excluded.owner, host = excluded.host,
               place = excluded.place, pid = excluded.pid, started = excluded.started,
               acquired = excluded.acquired, expires = excluded.expires""",
        (claim.lane, claim.owner, me.host, me.place, me.pid, me.started, write_time(claim.now), claim.expiry()),
    )
    (fence,) = connection.execute("SELECT fence FROM lease WHERE lane = ?", (claim.lane,)).fetchone()
    return int(fence)


_HELD = "SELECT lane, fence, owner, host, place, pid, started, acquired, expires FROM lease WHERE owner IS NOT NULL"


def holder(connection: Sql, lane: str) -> Held | None:
    """Who has the lane now, dead or alive."""
    row = connection.execute(f"{_HELD} AND lane = ?", (lane,)).fetchone()
    return None if row is None else _held(*row)


def holders(connection: Sql) -> list[Held]:
    """All that are in somebody's hands, by lane."""
    return [_held(*row) for row in connection.execute(f"{_HELD} ORDER BY lane").fetchall()]


def _held(*row: Any) -> Held:
    lane, fence, owner, host, place, pid, started, acquired, expires = row
    return Held(lane, fence, owner, Process(host, place, pid, started), read_time(acquired), read_time(expires))


def refuse_held(connection: Sql, me: Process, now: datetime) -> None:
    """Raises: LeaseHeld when any lane is in living hands; of other machines' as far as the clocks can be trusted."""
    for held in holders(connection):
        if not held.is_over(me, is_silent=now >= held.expires):
            raise LeaseHeld(explain(held, me))


def is_ours(connection: Sql, lane: str, fence: int) -> bool:
    """True while the lane is held under that fence."""
    query = "SELECT 1 FROM lease WHERE lane = ? AND fence = ? AND owner IS NOT NULL"
    return connection.execute(query, (lane, fence)).fetchone() is not None


def renew(connection: Sql, lane: str, fence: int, expires: str) -> bool:
    """Moves the expiry; False when the lease is no longer ours."""
    query = "UPDATE lease SET expires = ? WHERE lane = ? AND fence = ? AND owner IS NOT NULL"
    return connection.execute(query, (expires, lane, fence)).rowcount == 1


def release(connection: Sql, lane: str, fence: int) -> None:
    """Gives the lane back; the fence stays, so that the next one is greater."""
    connection.execute("UPDATE lease SET owner = NULL WHERE lane = ? AND fence = ?", (lane, fence))


def take_away(connection: Sql, lane: str, fence: int) -> bool:
    """Ends a lease that is held under that fence; its holder can commit nothing more. False when it is not held so."""
    query = "UPDATE lease SET owner = NULL, fence = fence + 1 WHERE lane = ? AND fence = ? AND owner IS NOT NULL"
    return connection.execute(query, (lane, fence)).rowcount == 1


def lost(connection: Sql, lane: str, fence: int) -> LeaseHeld:
    """What to say when a commit comes with a fence that no longer counts."""
    held = holder(connection, lane)
    if held is None:
        why = "it was released"
    elif is_ours(connection, lane, fence):
        why = "it could not be renewed in time"
    else:
        why = f"it was taken over by {held.owner}, process {held.process.pid} on {held.process.host}"
    return LeaseHeld(
        f"the lease was lost: {lane}: {why}. Nothing of this step was recorded. "
        "Run the same command again: it continues where the state stands."
    )


def explain(held: Held, me: Process) -> str:
    """What to tell whoever wants a lane that is held: by whom, and what to do."""
    who = f"{held.owner}, process {held.process.pid} on {held.process.host}, since {write_time(held.acquired)}"
    if held.process.place == me.place:
        advice = f"Wait until it has finished; if it hangs, end process {held.process.pid} and run the command again."
    else:
        advice = (
            "Wait until it has finished. If it is dead, `reconcile apply` and `reconcile recover` take over after they "
            "watched it for a minute; `reconcile state lease break` ends it at once."
        )
    return f"somebody else is applying: {held.lane} is held by {who}. {advice}"
