"""What a device with a budget was asked to take, counted as the cloud accepts it. Pure.

Rule: a session is counted when something begins to wait for a device for which nothing waited, and when it is called
instantly; not again within a minute, and not for what takes the place of a withdrawn command: that session was counted.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reconcile.apply import fold
from reconcile.model.actions import Action, CancelQueued, ExecuteNow, WriteNow
from reconcile.model.energy import is_unfetched, payload_bytes, reaches_device
from reconcile.model.plan import PlannedDevice
from reconcile.model.recorded import RecordedDevice
from reconcile.model.wakes import A_DAY, SESSION_S, Spent
from reconcile.ports import Accepted, Stamp


def accept(
    record: RecordedDevice, planned: PlannedDevice, action: Action, accepted: Accepted, stamp: Stamp, now: datetime
) -> RecordedDevice:
    """As `fold.accept`, and counted where the device has a budget."""
    after = fold.accept(record, planned, action, accepted, stamp, now)
    return replace(after, spent=_spent(record, action, now)) if planned.is_metered else after


def _spent(record: RecordedDevice, action: Action, now: datetime) -> Spent | None:
    spent = record.spent
    is_today = spent is not None and now < spent.since + A_DAY
    if isinstance(action, CancelQueued):  # what comes in its place joins the session that was counted for it
        return replace(spent, last=now) if spent is not None and is_today else spent
    if not reaches_device(action):
        return spent
    today = spent if spent is not None and is_today else Spent(now)
    is_instant = isinstance(action, WriteNow | ExecuteNow)
    joins = not is_instant and (record.is_waiting or is_unfetched(record))
    is_same = today.last is not None and (now - today.last).total_seconds() < SESSION_S
    return Spent(
        since=today.since,
        wakeups=today.wakeups + (not joins and not is_same),
        payload_bytes=today.payload_bytes + payload_bytes(action),
        last=now,
    )
