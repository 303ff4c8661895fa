"""The whole fleet counted by how its devices stand, from recorded state alone."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import field
from datetime import datetime

from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.values import Known, is_secret
from reconcile.report.standing import Census, Standing
from reconcile.runs.recorded_device import recorded_devices
from reconcile.runs.session import Session


@dataclass(frozen=True, slots=True)
class Counted:
    """Devices by standing, attempts that are not settled by account, and the state's serial."""

    at: datetime
    states: Counter[Standing]
    open_attempts: Counter[str] = field(default_factory=Counter)
    serial: int = 0


def same_as_declared(session: Session) -> Callable[[DesiredDevice], Callable[[str, Known, Known], bool]]:
    """The equality of each device's dialect; secrets are as written, and none of them is compared."""

    def same_for(desired: DesiredDevice) -> Callable[[str, Known, Known], bool]:
        same = session.same_for(desired.device.ref.platform, desired.device.identity)
        return lambda path, left, right: (is_secret(left) and is_secret(right)) or same(path, left, right)

    return same_for


def counted(session: Session) -> Counted:
    """Counts every declared or recorded device. Raises: StateError."""
    declared = {one.device.ref: one for one in session.fleet.devices}
    census = Census(declared, same_as_declared(session), session.options.now())
    deque(census.watch(recorded_devices(session)), maxlen=0)
    doubts = Counter(attempt.entry.lane for attempt in session.store.open_attempts())
    return Counted(census.now, census.states, doubts, session.store.serial())
