"""Devices that leave: forgotten, never wiped; but what of ours still waits for them in a queue is withdrawn first.

A command left behind would be delivered one day, over whatever has been written since, and nobody would know of it.
"""

from __future__ import annotations

from reconcile.model.actions import CancelQueued
from reconcile.model.plan import Change, PlannedDevice, Step
from reconcile.model.recorded import RecordedDevice
from reconcile.model.values import ABSENT


def released(record: RecordedDevice, *, is_swapped: bool) -> tuple[Change, ...]:
    """What a person reads of it; a device without resources says so of its commands."""
    reason = record.ends or ("another device bears its name now" if is_swapped else "the device left the manifests")
    if record.is_waiting:
        reason += "; what waits in its queue is withdrawn"
    values = [Change(path, "release", r.value, ABSENT, reason) for path, r in sorted(record.resources.items())]
    runs = [Change(name, "release", run.key, ABSENT, reason) for name, run in sorted(record.runs.items())]
    return tuple(values or runs)


def let_go(record: RecordedDevice, class_id: str, number: int, *, can_send: bool) -> PlannedDevice:
    """The plan of a device that left: withdrawals, then it is forgotten. `can_send`: its account is still declared."""
    commands = record.open_commands() if can_send else {}
    steps = tuple(
        Step(f"s{number + position}", record.ref, class_id, 1, CancelQueued(uuid, paths))
        for position, (uuid, paths) in enumerate(sorted(commands.items()), start=1)
    )
    return PlannedDevice(
        record.ref, record.identity, class_id, record.fingerprint(), None, steps=steps, is_released=True
    )
