"""What a look at the clouds says about deliveries, folded into recorded state. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from reconcile.model.epoch import noticed
from reconcile.model.observed import ObservedDevice, ObservedResource, delivery_seen
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource, RecordedRun
from reconcile.model.uplinks import uplinks_told
from reconcile.model.values import Known
from reconcile.model.wakes import Heard


def follow(
    record: RecordedDevice,
    observed: ObservedDevice,
    same: Callable[[str, Known, Known], bool],
    now: datetime,
    *,
    server_now: datetime | None = None,
) -> RecordedDevice:
    """The record after one look: commands confirmed, expired or failed, values reported, last uplink.

    `server_now` is the cloud's clock, by which uplinks are told; ours when it is not known.

    A lost command takes the digest with it, so that the next plan looks at the device and writes again.
    """
    record = noticed(record, observed.registered, now)
    resources = {path: _resource(r, observed, same, now) for path, r in record.resources.items()}
    runs = {name: _run(run, observed, now) for name, run in record.runs.items()}
    has_loss = any(
        after.delivery.is_lost and not record.resources[path].delivery.is_lost for path, after in resources.items()
    ) or any(after.delivery.is_lost and not record.runs[name].delivery.is_lost for name, after in runs.items())
    kept = {path: r for path, r in resources.items() if not (r.is_leaving and r.delivery is DeliveryState.CONFIRMED)}
    heard = Heard(record.last_uplink, record.silences_s).and_then(uplinks_told(observed), server_now or now)
    return replace(
        record,
        resources=kept,
        runs=runs,
        digest=None if has_loss else record.digest,
        last_uplink=heard.last,
        silences_s=heard.silences_s,
    )


def _resource(
    record: RecordedResource, observed: ObservedDevice, same: Callable[[str, Known, Known], bool], now: datetime
) -> RecordedResource:
    if record.command_uuid is not None and record.delivery.is_open:
        command = observed.command(record.command_uuid)
        delivery = delivery_seen(record, command, now)
        if command is None or delivery is record.delivery:
            return record
        if delivery is DeliveryState.CONFIRMED:
            return _confirmed(record, command.confirmed_at or now, "command")
        return replace(record, delivery=delivery)
    seen = observed.resources.get(record.path)
    if seen is not None:
        record = _timed(record, seen, same)
    if seen is None or record.delivery is not DeliveryState.ACCEPTED or record.value is None:
        return record
    if same(record.path, record.value, seen.reported):
        return _confirmed(record, seen.reported_at or now, "report")
    return record


def _timed(
    record: RecordedResource, seen: ObservedResource, same: Callable[[str, Known, Known], bool]
) -> RecordedResource:
    """With the cloud's time of the version we hold, once a look tells it: an answer to a set has the version only."""
    is_ours = record.version is not None and seen.version == record.version
    if record.cloud_at is not None or seen.cloud_at is None or not is_ours:
        return record
    return replace(record, cloud_at=seen.cloud_at) if same(record.path, record.value, seen.cloud) else record


def _confirmed(record: RecordedResource, at: datetime, by: str) -> RecordedResource:
    held = replace(record, confirmed=record.value, confirmed_at=at, confirmed_by=by)
    return replace(held, delivery=DeliveryState.CONFIRMED, retries=0)


def _run(record: RecordedRun, observed: ObservedDevice, now: datetime) -> RecordedRun:
    if record.command_uuid is None or not record.delivery.is_open:
        return record
    command = observed.command(record.command_uuid)
    delivery = delivery_seen(record, command, now)
    if command is None or delivery is not DeliveryState.CONFIRMED:
        return replace(record, delivery=delivery)
    return replace(record, delivery=delivery, confirmed_at=command.confirmed_at or now)
