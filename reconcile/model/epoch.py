"""A device that begins anew under its own name: registered again on its platform, or swapped for another.

Premise: what was accepted before belongs to a device that is no longer what it was. Rule: nothing that was recorded as
held counts any more, and what still waits for it in a queue stays known, so that it can be withdrawn. Commands that ran
by trigger ran.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reconcile.model.device import Identity
from reconcile.model.recorded import TRIGGERED, DeliveryState, RecordedDevice, RecordedResource, RecordedRun


def noticed(record: RecordedDevice, registered: str | None, now: datetime) -> RecordedDevice:
    """The record after a look that told of the registration, or None where it did not."""
    if registered is None or registered == record.registered:
        return record
    known = replace(record, registered=registered)
    return known if record.registered is None else begun_anew(known, now)


def begun_anew(record: RecordedDevice, now: datetime) -> RecordedDevice:
    """The record of a device that holds nothing of ours from now on."""
    waiting = {path: r for path, r in record.resources.items() if r.delivery.is_open}
    return replace(record, resources=waiting, runs=dict(record.runs), digest=None, drifts={}, reset_at=now)


def is_over(record: RecordedDevice, identity: Identity) -> bool:
    """Whether the record says nothing of the device of that identity: it is of another one, or it ends."""
    return record.identity != identity or record.ends is not None


def is_from_before(device: RecordedDevice, record: RecordedResource | RecordedRun) -> bool:
    """Whether it was accepted for the device as it was before it began anew."""
    at = record.accepted_at if isinstance(record, RecordedResource) else record.at
    return device.reset_at is not None and at < device.reset_at


def runs_that_stay(record: RecordedDevice) -> dict[str, RecordedRun]:
    """The runs by trigger that happened, for the device that takes the place: they do not happen again there.

    A run that is still queued did not happen, nor did one that was lost; of it only the triggers before it stay. Runs
    after a change belong to the values that were written, and follow them again.
    """
    kept: dict[str, RecordedRun] = {}
    for name, run in record.runs.items():
        past = run.past if run.delivery is DeliveryState.QUEUED else run.past_and_last()
        past = tuple(key for key in past if key.startswith(TRIGGERED))
        if past:
            kept[name] = RecordedRun(run.command, past[-1], DeliveryState.CONFIRMED, run.at, past=past[:-1])
    return kept
