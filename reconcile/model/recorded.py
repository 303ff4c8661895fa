"""Recorded state: what we last got accepted, with the version or uuid that proves it, and how far it got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from reconcile.model.desired import RELEASE, OnRemoval
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.drift import DriftHistory
from reconcile.model.late import dataclass
from reconcile.model.rollout import RolloutMark
from reconcile.model.shared_resources import spelled, timeless
from reconcile.model.values import ABSENT, Json, Known, canonical, sha256
from reconcile.model.wakes import Spent


class DeliveryState(StrEnum):
    """accepted -> queued -> sent -> confirmed, or expired / failed / cancelled / missing.

    accepted: the cloud holds the value (Aliyun desired value); queued: a cached command waits; confirmed: the device
    answered, or reported the value; missing: the cloud knows nothing of the command any more.
    """

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENT = "sent"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    FAILED = "failed"
    CANCELLED = "cancelled"
    MISSING = "missing"

    @property
    def is_open(self) -> bool:
        """True while a cached command may still change the device."""
        return self in (DeliveryState.QUEUED, DeliveryState.SENT)

    @property
    def is_lost(self) -> bool:
        """True when the command ended without reaching the device."""
        return self in (
            DeliveryState.EXPIRED,
            DeliveryState.FAILED,
            DeliveryState.CANCELLED,
            DeliveryState.MISSING,
        )


@dataclass(frozen=True, slots=True)
class RecordedResource:
    """The last accepted value of one resource; `confirmed` is the last value the device itself is known to hold.

    `confirmed_by` says how that is known, one of `CONFIRMATIONS`; None where it was not noted.

    `is_leaving`: the resource left the manifests and its `onRemoval` value is still on its way; then it is forgotten.

    `retries`: how often this value was queued again after its command was lost.

    `cloud_at`: the cloud's time of this version of the value, once a look has told it: a version may come back after a
    clear. `gave_way`: the declared value that gave way to this one, which was found (`onConflict: adopt`).

    `has_stray`: a request to set it was lost, and a copy of that may arrive as long as the version is the same.
    """

    path: str
    value: Json
    value_type: str | None
    delivery: DeliveryState
    accepted_at: datetime
    version: int | None = None
    command_uuid: str | None = None
    expires_at: datetime | None = None
    confirmed: Known = ABSENT
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    on_removal: OnRemoval = RELEASE
    is_leaving: bool = False
    retries: int = 0
    cloud_at: datetime | None = None
    gave_way: Known = ABSENT
    has_stray: bool = False


CONFIRMATIONS = ("answer", "read-back", "report", "command")
"""How a device is known to hold a value: it answered the write; it was asked and told it; it reported it by itself; or
the cached command that carried it ended as delivered, with the device's own SUCCESS (OneNET: send_status 5)."""

TRIGGERED = "trigger:"
"""What the key of a run by trigger begins with; keys of runs after a change are digests."""


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """The last run of a declared command. `key` says which trigger or which values it ran for.

    `past` are the triggers of earlier runs: a text that comes back (a revert) is not new.

    `is_owed`: the write it follows was begun, the run itself was not yet accepted; so a crash cannot lose it.

    `retries`: how often it was queued again for this key after its command was lost undelivered. `confirmed_at`: when
    the device is known to have run it.
    """

    command: str
    key: str
    delivery: DeliveryState
    at: datetime
    command_uuid: str | None = None
    expires_at: datetime | None = None
    is_owed: bool = False
    past: tuple[str, ...] = ()
    retries: int = 0
    confirmed_at: datetime | None = None

    def past_and_last(self) -> tuple[str, ...]:
        """The triggers that ran, this one included unless its command never reached the device."""
        has_run = self.key.startswith(TRIGGERED) and not self.is_owed and not self.delivery.is_lost
        return tuple(dict.fromkeys((*self.past, self.key))) if has_run else self.past


@dataclass(frozen=True, slots=True)
class RecordedDevice:
    """All we know of a device. `digest` is the document it was last brought to, None while work is left.

    `silences_s`: how long it was not heard between its last known uplinks; `spent`: of its budget (`wakes.py`).

    `drifts`: what was written back of resources that somebody keeps changing. `looked_at` is our clock at the last full
    look that could be read, `look_failed_at` at a later one that could not. `asked_at`: when its deliveries were last
    asked about within a budget that left others out.

    `registered`: what its cloud says of its registration; another one means that the device begins anew (`epoch.py`),
    `reset_at` since when, until it was brought to its document again. `ends`: why it is let go of once what waits for
    it is withdrawn, whatever the manifests say. `rollout`: its part in the rollout that changed it last.
    """

    ref: DeviceRef
    identity: Identity
    digest: str | None = None
    resources: Mapping[str, RecordedResource] = field(default_factory=dict)
    runs: Mapping[str, RecordedRun] = field(default_factory=dict)
    last_uplink: datetime | None = None
    unreachable_at: datetime | None = None
    silences_s: tuple[int, ...] = ()
    spent: Spent | None = None
    drifts: Mapping[str, DriftHistory] = field(default_factory=dict)
    looked_at: datetime | None = None
    look_failed_at: datetime | None = None
    asked_at: datetime | None = None
    registered: str | None = None
    reset_at: datetime | None = None
    ends: str | None = None
    rollout: RolloutMark | None = None

    @property
    def timeless(self) -> Mapping[str, RecordedResource]:
        """The resources for who asks nothing of their times: those may be another device's."""
        return timeless(self.resources)

    @property
    def is_waiting(self) -> bool:
        """True while a cached command of ours may still be delivered."""
        return any(r.delivery.is_open for r in self.timeless.values()) or any(
            r.delivery.is_open for r in self.runs.values()
        )

    def open_commands(self) -> dict[str, tuple[str, ...]]:
        """Cached commands of ours that may still be delivered: uuid to the resources (or the command) it carries."""
        carried: dict[str, list[str]] = {}
        for path, resource in sorted(self.resources.items()):
            if resource.command_uuid is not None and resource.delivery.is_open:
                carried.setdefault(resource.command_uuid, []).append(path)
        for name, run in sorted(self.runs.items()):
            if run.command_uuid is not None and run.delivery.is_open:
                carried.setdefault(run.command_uuid, []).append(name)
        return {uuid: tuple(paths) for uuid, paths in carried.items()}

    def fingerprint(self) -> str:
        """What a plan for this device was computed from; a plan refuses to run when it moved.

        Times are in it, so that a plan that brings a device back to where it once was is not the plan of that day.
        """
        runs: list[Json] = [
            [r.command, r.key, r.command_uuid, r.is_owed, r.at.timestamp()] for _, r in sorted(self.runs.items())
        ]
        identity = canonical({**self.identity.as_dict()})
        return sha256(b"[%b,%b,%b]" % (identity, spelled(self.resources), canonical(runs) if runs else b"[]"))


HeadRow: TypeAlias = "tuple[str, str, str, str | None, bool | int]"
"""A head as a million of them are streamed: platform, name, identity, digest, whether deliveries are open."""


@dataclass(frozen=True, slots=True)
class RecordedHead:
    """The one line a settled device costs a plan: identity, the digest it holds, whether deliveries are open."""

    ref: DeviceRef
    identity: str
    digest: str | None
    is_waiting: bool
