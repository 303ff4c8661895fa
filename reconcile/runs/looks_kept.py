"""When each device was last looked at, kept with its record: the next refresh goes on where this one ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from reconcile.model.device import DeviceRef
from reconcile.model.errors import LeaseHeld, StateError
from reconcile.model.observed import ObservedDevice
from reconcile.model.recorded import RecordedDevice
from reconcile.ports import Commit
from reconcile.runs.lanes import leases

if TYPE_CHECKING:
    from reconcile.runs.session import Session

_GROUP = 1000


def noted(record: RecordedDevice, observed: ObservedDevice, now: datetime) -> RecordedDevice:
    """The record with this look in it."""
    if observed.problem is not None:
        return replace(record, look_failed_at=now)
    return replace(record, looked_at=now, look_failed_at=None)


def keep_looks(session: Session, observed: Mapping[DeviceRef, ObservedDevice], owner: str) -> str | None:
    """Records the looks of a run that is no apply; why it could not, when somebody else is writing or nobody may.

    Records are read again under the lease, so that nothing an apply wrote meanwhile is lost.
    """
    if not observed or not any(True for _ in session.store.heads()):
        return None
    now, refs = session.options.now(), sorted(observed)
    try:
        with leases(session, owner) as fences:
            for start in range(0, len(refs), _GROUP):
                records = session.store.devices(refs[start : start + _GROUP])
                group = [noted(record, observed[record.ref], now) for record in records]
                session.store.commit(Commit(devices=group), fences=fences.by_lane)
    except (LeaseHeld, StateError) as exc:
        return str(exc)
    return None
