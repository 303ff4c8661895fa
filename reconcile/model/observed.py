"""Observed state: what the cloud says now. Each fact may be UNKNOWN, and unknown is never taken for absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Final

from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.recorded import DeliveryState, RecordedResource, RecordedRun
from reconcile.model.values import UNKNOWN, Known, Missing


@dataclass(frozen=True, slots=True)
class ObservedResource:
    """One resource in the cloud: its desired copy and version (Aliyun), and what the device last reported."""

    cloud: Known = UNKNOWN
    version: int | None = None
    cloud_at: datetime | None = None
    reported: Known = UNKNOWN
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ObservedCommand:
    """A cached command as the platform lists it: `operation` is read, write or execute; "" of one it does not know.

    `marker` is its expiry, which we make unique per device.
    """

    uuid: str
    operation: str
    delivery: DeliveryState
    marker: datetime | None = None
    confirmed_at: datetime | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ObservedDevice:
    """What one look at a device gave. `problem` is set when it could not be read at all.

    `registered` names its registration where the look came by it; a device that was registered anew has another name.
    """

    ref: DeviceRef
    resources: Mapping[str, ObservedResource] = field(default_factory=dict)
    queue: tuple[ObservedCommand, ...] | Missing = UNKNOWN
    last_uplink: datetime | Missing = UNKNOWN
    is_online: bool | Missing = UNKNOWN
    problem: str | None = None
    registered: str | None = None

    def command(self, uuid: str) -> ObservedCommand | None:
        """The cached command of that uuid, when the queue is known and lists it."""
        if isinstance(self.queue, Missing):
            return None
        return next((command for command in self.queue if command.uuid == uuid), None)


@dataclass(frozen=True, slots=True)
class Look:
    """What to look at on a device: resources in the cloud's copy, values of the device, its queue, its last uplink.

    `is_awake`: it answered a moment ago, so nobody need ask whether it can be reached.
    """

    paths: tuple[str, ...] = ()
    wants_cloud: bool = False
    wants_reported: bool = False
    wants_queue: bool = False
    wants_uplink: bool = False
    uuids: tuple[str, ...] = ()
    is_awake: bool = False


LISTING_LAG: Final = timedelta(minutes=15)
"""How long a cloud may take to list a command it accepted; assumed, no page says."""


def delivery_seen(
    record: RecordedResource | RecordedRun, command: ObservedCommand | None, now: datetime
) -> DeliveryState:
    """How far a delivery of ours got, from the command that carries it as the cloud tells it now, if at all.

    A write the cloud knows nothing of is missing, once a list had the time to catch up: it is written again. An
    Execute is left as it was recorded: that it is not listed does not prove that it never ran.

    One that is told as sent though its expiry passed has no end of its own: a write expired, and of an Execute nobody
    knows whether it ran, so it failed.
    """
    if command is None:
        return record.delivery
    is_write = isinstance(record, RecordedResource)
    if command.delivery is DeliveryState.SENT and record.expires_at is not None:
        is_stuck = now - record.expires_at >= LISTING_LAG
        return command.delivery if not is_stuck else DeliveryState.EXPIRED if is_write else DeliveryState.FAILED
    if command.delivery is not DeliveryState.MISSING:
        return command.delivery
    is_proof = isinstance(record, RecordedResource) and now - record.accepted_at >= LISTING_LAG
    return DeliveryState.MISSING if is_proof else record.delivery
