"""Outcomes folded into recorded state. Pure: a record and what happened in, a new record out.

Rule: recorded state is never ahead of the cloud. A value is recorded when the cloud accepted it; a device is brought to
its document's digest only when every step succeeded, and from the first step on it holds no digest at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from reconcile.apply.rollout_mark import no_later, told
from reconcile.model.actions import (
    Action,
    CancelQueued,
    ClearDesired,
    ExecuteNow,
    QueueExecute,
    QueueWrite,
    SetDesired,
    Write,
    WriteNow,
)
from reconcile.model.epoch import is_over, noticed
from reconcile.model.plan import PlannedDevice, Step
from reconcile.model.recorded import TRIGGERED, DeliveryState, RecordedDevice, RecordedResource, RecordedRun
from reconcile.model.values import ABSENT, Missing
from reconcile.ports import Accepted, Stamp


def begin(record: RecordedDevice | None, planned: PlannedDevice, now: datetime) -> RecordedDevice:
    """The record before the first request: what was found in place is adopted, and no digest is held any more.

    A record of another identity (the device was swapped under its name) is left behind.
    """
    if record is None or is_over(record, planned.identity):
        mark = None if planned.rollout is None else planned.rollout.mark(now)
        record = RecordedDevice(planned.ref, planned.identity, rollout=mark)
    record = noticed(record, planned.registered, now)
    if not (record.resources or planned.adoptions or record.digest):
        return record
    resources = {
        path: replace(resource, is_leaving=False) if path in planned.on_removal else resource
        for path, resource in record.resources.items()
    }
    for adoption in planned.adoptions:
        prior = resources.get(adoption.path)
        has_version = adoption.version is not None
        held_at, held_by = (prior.confirmed_at, prior.confirmed_by) if prior else (None, None)
        # What is known from before is not known any better now: a lost command leaves the device as it was.
        keeps = has_version or (prior is not None and prior.delivery.is_lost and held_at is not None)
        resources[adoption.path] = RecordedResource(
            path=adoption.path,
            value=adoption.value,
            value_type=adoption.value_type,
            delivery=DeliveryState.ACCEPTED if has_version else DeliveryState.CONFIRMED,
            accepted_at=now,
            version=adoption.version,
            confirmed=(prior.confirmed if prior else ABSENT) if has_version else adoption.value,
            confirmed_at=held_at if keeps else now,
            confirmed_by=held_by if keeps else "read-back",
            on_removal=planned.removal_of(adoption.path),
            gave_way=adoption.over,
        )
    return replace(record, resources=resources, digest=None)


def owe_runs(record: RecordedDevice, left: Sequence[Step], now: datetime) -> RecordedDevice:
    """Marks the commands among the steps left as owed: a crash between a write and its command cannot lose it.

    A trigger needs no mark: it is due until the run is recorded. Marked, it would hide for which text the last run was.
    """
    actions = [step.action for step in left]
    due = [a for a in actions if isinstance(a, QueueExecute | ExecuteNow) and not a.run_key.startswith(TRIGGERED)]
    if not due:
        return record
    record = no_later(record, now)
    runs = dict(record.runs)
    for action in due:
        runs[action.command] = _owed(runs.get(action.command), action.command, action.run_key, now)
    return replace(record, runs=runs)


def owe_waiting_runs(record: RecordedDevice, planned: PlannedDevice, now: datetime) -> RecordedDevice:
    """Marks the commands that the queue has no room for as owed, before what they follow is written."""
    if not planned.owed_runs:
        return record
    record = no_later(record, now)
    owed = {name: _owed(record.runs.get(name), name, key, now) for name, key in planned.owed_runs}
    return replace(record, runs={**record.runs, **owed})


def _owed(last: RecordedRun | None, command: str, run_key: str, now: datetime) -> RecordedRun:
    """An older run that still waits keeps its uuid: forgotten, it could not be withdrawn and would run as well.

    Owed once, it stays owed since then: the writes accepted since are what it is owed for.
    """
    if last is None or not last.delivery.is_open:
        since = last.at if last is not None and last.is_owed else now
        return RecordedRun(command, run_key, DeliveryState.ACCEPTED, since, is_owed=True)
    return last if last.key == run_key else replace(last, key=run_key, is_owed=True)


def accept(
    record: RecordedDevice, planned: PlannedDevice, action: Action, accepted: Accepted, stamp: Stamp, now: datetime
) -> RecordedDevice:
    """The record after the cloud accepted one action. `now` is our clock; expiries are the server's."""
    record = no_later(record, now)
    match action:
        case WriteNow():
            written = [_written_now(planned, write, accepted, now) for write in action.writes]
            return _with_resources(record, written, planned.releases)
        case QueueWrite():
            queued = [_queued(record, planned, write, accepted, stamp, now) for write in action.writes]
            return _with_resources(record, queued, ())
        case SetDesired():
            desired = [_desired(record, planned, write, accepted, now) for write in action.items]
            return _with_resources(record, desired, planned.releases)
        case ClearDesired():
            kept = {path: r for path, r in record.resources.items() if path not in action.paths}
            return replace(record, resources=kept)
        case CancelQueued():
            return _withdrawn(record, action.uuid)
        case QueueExecute():
            queued_run = _run(record, action, DeliveryState.QUEUED, now)
            run = replace(
                queued_run,
                command_uuid=accepted.command_uuid,
                expires_at=stamp.expires_at,
                retries=planned.retries.get(action.command, 0),
            )
            return replace(record, runs={**record.runs, action.command: run})
        case ExecuteNow():
            run = _run(record, action, DeliveryState.CONFIRMED, now)
            return replace(record, runs={**record.runs, action.command: run})


def finish(record: RecordedDevice, planned: PlannedDevice) -> RecordedDevice:
    """The record when every step succeeded: released resources are forgotten, the document's digest is held.

    A command that is owed still when nothing waits any more is owed for a change that was taken back.
    """
    record = told(record)
    kept = {
        path: resource
        for path, resource in record.resources.items()
        if path not in planned.releases or (resource.is_leaving and resource.delivery.is_open)
    }
    for path, resource in kept.items():
        removal = planned.removal_of(path)
        if resource.on_removal is not removal and resource.on_removal != removal and not resource.is_leaving:
            kept[path] = replace(resource, on_removal=removal)
    if planned.settles is None:
        return replace(record, resources=kept, digest=None)
    runs = {name: run for name, run in record.runs.items() if run.delivery.is_open or not run.is_owed}
    return replace(record, resources=kept, runs=runs, digest=planned.settles, reset_at=None)


def doubt(
    record: RecordedDevice, planned: PlannedDevice, action: WriteNow, now: datetime, *, died: bool = False
) -> RecordedDevice:
    """The record after an instant write that the device may have applied in part: tried `now`, failed, and nothing is
    known of those resources. It is written again with back-off, as a queued write that failed.

    `died`: it was this program that ended before an answer could come, which is no failure of the device: that try is
    not counted.
    Source: OneNET's device SDK writes resource by resource and stops at the first error.
    """
    failed = {
        write.path: RecordedResource(
            path=write.path,
            value=write.value,
            value_type=write.value_type,
            delivery=DeliveryState.FAILED,
            accepted_at=now,
            on_removal=planned.removal_of(write.path),
            is_leaving=write.path in planned.releases,
            retries=max(0, planned.retries.get(write.path, 0) - died),
        )
        for write in action.writes
    }
    return replace(record, resources={**record.resources, **failed}, digest=None)


def stray(record: RecordedDevice, action: Action) -> RecordedDevice:
    """The record after a set that was lost: as long as the version stands, a late copy of it would still be taken.

    The next set moves the version and ends that; when git wants what is recorded, the planner plans one for it.
    """
    if not isinstance(action, SetDesired):
        return record
    known = [record.resources[write.path] for write in action.items if write.path in record.resources]
    marked = {resource.path: replace(resource, has_stray=True) for resource in known}
    return replace(record, resources={**record.resources, **marked}, digest=None)


def surrender(record: RecordedDevice, action: Action, now: datetime) -> RecordedDevice:
    """The record after an Execute of which nobody can say whether it ran: it never runs again for that trigger."""
    if not isinstance(action, QueueExecute | ExecuteNow):
        return record
    run = _run(record, action, DeliveryState.FAILED, now)
    return replace(record, runs={**record.runs, action.command: run})


def _run(
    record: RecordedDevice, action: QueueExecute | ExecuteNow, delivery: DeliveryState, now: datetime
) -> RecordedRun:
    last = record.runs.get(action.command)
    return RecordedRun(action.command, action.run_key, delivery, now, past=last.past_and_last() if last else ())


def _with_resources(
    record: RecordedDevice, changed: list[RecordedResource], releases: tuple[str, ...]
) -> RecordedDevice:
    resources = dict(record.resources)
    for resource in changed:
        if resource.path in releases:
            resources.pop(resource.path, None)
        else:
            resources[resource.path] = resource
    return replace(record, resources=resources)


def _written_now(planned: PlannedDevice, write: Write, accepted: Accepted, now: datetime) -> RecordedResource:
    return RecordedResource(
        path=write.path,
        value=write.value,
        value_type=write.value_type,
        delivery=DeliveryState.CONFIRMED,
        accepted_at=now,
        confirmed=write.value,
        confirmed_at=now,
        confirmed_by="read-back" if accepted.is_read_back else "answer",
        on_removal=planned.removal_of(write.path),
    )


def _queued(
    record: RecordedDevice, planned: PlannedDevice, write: Write, accepted: Accepted, stamp: Stamp, now: datetime
) -> RecordedResource:
    prior = record.resources.get(write.path)
    return RecordedResource(
        path=write.path,
        value=write.value,
        value_type=write.value_type,
        delivery=DeliveryState.QUEUED,
        accepted_at=now,
        command_uuid=accepted.command_uuid,
        expires_at=stamp.expires_at,
        confirmed=ABSENT if prior is None else prior.confirmed,
        confirmed_at=None if prior is None else prior.confirmed_at,
        confirmed_by=None if prior is None else prior.confirmed_by,
        on_removal=planned.removal_of(write.path),
        is_leaving=write.path in planned.releases,
        retries=planned.retries.get(write.path, 0),
    )


def _desired(
    record: RecordedDevice, planned: PlannedDevice, write: Write, accepted: Accepted, now: datetime
) -> RecordedResource:
    prior = record.resources.get(write.path)
    return RecordedResource(
        path=write.path,
        value=write.value,
        value_type=write.value_type,
        delivery=DeliveryState.ACCEPTED,
        accepted_at=now,
        version=accepted.versions.get(write.path),
        confirmed=ABSENT if prior is None else prior.confirmed,
        confirmed_at=None if prior is None else prior.confirmed_at,
        confirmed_by=None if prior is None else prior.confirmed_by,
        on_removal=planned.removal_of(write.path),
    )


def _withdrawn(record: RecordedDevice, uuid: str) -> RecordedDevice:
    """Without the queued command the device holds what it last confirmed, or we know nothing of it.

    A value on its way to be left behind (`onRemoval`) stays recorded as undelivered: it is still to be written.
    """
    resources = {}
    for path, resource in record.resources.items():
        if resource.command_uuid != uuid:
            resources[path] = resource
        elif resource.is_leaving:
            resources[path] = replace(resource, delivery=DeliveryState.CANCELLED, command_uuid=None, expires_at=None)
        elif not isinstance(resource.confirmed, Missing):
            resources[path] = replace(
                resource,
                value=resource.confirmed,
                delivery=DeliveryState.CONFIRMED,
                command_uuid=None,
                expires_at=None,
            )
    runs = {
        name: replace(run, delivery=DeliveryState.CANCELLED, command_uuid=None, is_owed=False)
        if run.command_uuid == uuid
        else run
        for name, run in record.runs.items()
    }
    return replace(record, resources=resources, runs=runs)
