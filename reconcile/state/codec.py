"""Recorded devices and journal entries as JSON, and back without loss.

Rule: a member that holds its default is left out; ABSENT is a member left out, UNKNOWN is named in `missing`, and
null is null. Times are RFC 3339 in UTC with microseconds, so that their text sorts as they do.
Reading raises KeyError, TypeError or ValueError when the JSON is not of that shape; the store names the record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from reconcile.model.desired import RELEASE, OnRemoval
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.journal import AttemptState, JournalEntry, OpenAttempt
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource, RecordedRun
from reconcile.model.values import ABSENT, Json, JsonObject, Known, Missing
from reconcile.model.wakes import Spent
from reconcile.state.codec_alike import grouped, read_groups
from reconcile.state.codec_drift import drifts_json, read_drifts
from reconcile.state.codec_rollout import put_mark, read_mark
from reconcile.state.codec_times import read_time, write_time

Body = Mapping[str, Any]
"""JSON as it was read: its shape is checked by the reading itself."""


def loads(data: bytes) -> JsonObject:
    """The object in canonical bytes. Raises: ValueError when it is not one."""
    body = json.loads(str(data, "utf-8", "surrogatepass"))  # of bytes it would guess the encoding
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  # for the store, damage is damage
    return body


def device_json(device: RecordedDevice) -> JsonObject:
    """All we know of a device; resources by path, runs by command."""
    body = _device_json(device)
    if device.resources:
        body["resources"] = {key: _resource_json(key, value) for key, value in device.resources.items()}
    return body


def _device_json(device: RecordedDevice) -> JsonObject:
    body: JsonObject = {"device": str(device.ref), "identity": {**device.identity.as_dict()}}
    if device.digest is not None:
        body["digest"] = device.digest
    if device.runs:
        body["runs"] = {key: _run_json(key, value) for key, value in device.runs.items()}
    _put_time(body, "last_uplink", device.last_uplink)
    _put_time(body, "unreachable_at", device.unreachable_at)
    if device.silences_s:
        body["silences_s"] = list(device.silences_s)
    if device.spent is not None:
        body["spent"] = _spent_json(device.spent)
    if device.drifts:
        body["drifts"] = drifts_json(device.drifts)
    _put_time(body, "looked_at", device.looked_at)
    _put_time(body, "look_failed_at", device.look_failed_at)
    _put(body, "registered", device.registered)
    _put_time(body, "reset_at", device.reset_at)
    _put(body, "ends", device.ends)
    _put_time(body, "asked_at", device.asked_at)
    put_mark(body, device.rollout)
    return body


def stored_json(device: RecordedDevice) -> JsonObject:
    """The same in the form of a row: resources that differ in little lie together, see `codec_alike.py`."""
    body = _device_json(device)
    groups, alone = grouped(device.resources, _resource_json)
    if groups:
        body["alike"] = groups
    if alone:
        body["resources"] = alone
    return body


def exported(body: JsonObject) -> JsonObject:
    """A row in the form of an export: that of `device_json`. Raises: as `read_device`."""
    return device_json(read_device(body)) if "alike" in body else body


def read_device(body: Body, resources: Mapping[str, RecordedResource] | None = None) -> RecordedDevice:
    """The reverse of `device_json`, and of `stored_json`; `resources` where they are read already."""
    return RecordedDevice(
        ref=DeviceRef.parse(body["device"]),
        identity=Identity.of(**body["identity"]),
        digest=body.get("digest"),
        resources=read_resources(body) if resources is None else resources,
        runs={key: _read_run(key, value) for key, value in body.get("runs", {}).items()},
        last_uplink=_get_time(body, "last_uplink"),
        unreachable_at=_get_time(body, "unreachable_at"),
        silences_s=tuple(body.get("silences_s", ())),
        spent=_read_spent(body.get("spent")),
        drifts=read_drifts(body.get("drifts", {})),
        looked_at=_get_time(body, "looked_at"),
        look_failed_at=_get_time(body, "look_failed_at"),
        registered=body.get("registered"),
        reset_at=_get_time(body, "reset_at"),
        ends=body.get("ends"),
        asked_at=_get_time(body, "asked_at"),
        rollout=read_mark(body.get("rollout")),
    )


def read_resources(body: Body) -> dict[str, RecordedResource]:
    """By path: of groups, and of those that are in none."""
    found = read_groups(body["alike"], _read_resource) if "alike" in body else {}
    if "resources" not in body:
        return found
    alone = {key: _read_resource(key, value) for key, value in body["resources"].items()}
    return dict(sorted({**found, **alone}.items(), key=itemgetter(0))) if found else alone


def _resource_json(key: str, resource: RecordedResource) -> JsonObject:
    body: JsonObject = {
        "value": resource.value,
        "delivery": resource.delivery.value,
        "accepted_at": write_time(resource.accepted_at),
    }
    if resource.path != key:
        body["path"] = resource.path
    _put(body, "value_type", resource.value_type)
    _put(body, "version", resource.version)
    _put(body, "command_uuid", resource.command_uuid)
    _put_time(body, "expires_at", resource.expires_at)
    _put_known(body, "confirmed", resource.confirmed)
    _put_time(body, "confirmed_at", resource.confirmed_at)
    _put(body, "confirmed_by", resource.confirmed_by)
    if resource.on_removal is not RELEASE and resource.on_removal != RELEASE:
        body["on_removal"] = resource.on_removal.to_json()
    if resource.is_leaving:
        body["leaving"] = True
    if resource.retries:
        body["retries"] = resource.retries
    _put_time(body, "cloud_at", resource.cloud_at)
    if not isinstance(resource.gave_way, Missing):
        body["gave_way"] = resource.gave_way
    if resource.has_stray:
        body["stray"] = True
    return body


def _read_resource(key: str, body: Body) -> RecordedResource:
    return RecordedResource(
        path=body.get("path", key),
        value=body["value"],
        value_type=body.get("value_type"),
        delivery=DeliveryState(body["delivery"]),
        accepted_at=read_time(body["accepted_at"]),
        version=body.get("version"),
        command_uuid=body.get("command_uuid"),
        expires_at=_get_time(body, "expires_at"),
        confirmed=_get_known(body, "confirmed"),
        confirmed_at=_get_time(body, "confirmed_at"),
        confirmed_by=body.get("confirmed_by"),
        on_removal=_read_on_removal(body.get("on_removal")),
        is_leaving=body.get("leaving", False),
        retries=body.get("retries", 0),
        cloud_at=_get_time(body, "cloud_at"),
        gave_way=body.get("gave_way", ABSENT),
        has_stray=body.get("stray", False),
    )


def _read_on_removal(body: str | Body | None) -> OnRemoval:
    if body is None:
        return RELEASE
    return OnRemoval(body) if isinstance(body, str) else OnRemoval("set", body["set"], body["type"])


def _run_json(key: str, run: RecordedRun) -> JsonObject:
    body: JsonObject = {"key": run.key, "delivery": run.delivery.value, "at": write_time(run.at)}
    if run.command != key:
        body["command"] = run.command
    _put(body, "command_uuid", run.command_uuid)
    _put_time(body, "expires_at", run.expires_at)
    if run.is_owed:
        body["owed"] = True
    if run.past:
        body["past"] = list(run.past)
    if run.retries:
        body["retries"] = run.retries
    _put_time(body, "confirmed_at", run.confirmed_at)
    return body


def _read_run(key: str, body: Body) -> RecordedRun:
    return RecordedRun(
        command=body.get("command", key),
        key=body["key"],
        delivery=DeliveryState(body["delivery"]),
        at=read_time(body["at"]),
        command_uuid=body.get("command_uuid"),
        expires_at=_get_time(body, "expires_at"),
        is_owed=body.get("owed", False),
        past=tuple(body.get("past", ())),
        retries=body.get("retries", 0),
        confirmed_at=_get_time(body, "confirmed_at"),
    )


def entry_json(entry: JournalEntry) -> JsonObject:
    """One record of the journal: what its hash covers."""
    body: JsonObject = {
        "intent": entry.intent,
        "plan": entry.plan,
        "step": entry.step,
        "lane": entry.lane,
        "fence": entry.fence,
        "device": str(entry.device),
        "operation": entry.operation,
        "target": entry.target,
        "attempt": entry.attempt,
        "state": entry.state.value,
        "at": write_time(entry.at),
    }
    for name, value in (("precondition", entry.precondition), ("evidence", entry.evidence)):
        if value:
            body[name] = value
    if entry.body_digest:
        body["body_digest"] = entry.body_digest
    _put_time(body, "deadline", entry.deadline)
    _put_time(body, "marker", entry.marker)
    return body


def read_entry(body: Body) -> JournalEntry:
    """The reverse of `entry_json`."""
    return JournalEntry(
        intent=body["intent"],
        plan=body["plan"],
        step=body["step"],
        lane=body["lane"],
        fence=body["fence"],
        device=DeviceRef.parse(body["device"]),
        operation=body["operation"],
        target=body["target"],
        attempt=body["attempt"],
        state=AttemptState(body["state"]),
        at=read_time(body["at"]),
        body_digest=body.get("body_digest", ""),
        precondition=body.get("precondition", {}),
        deadline=_get_time(body, "deadline"),
        marker=_get_time(body, "marker"),
        evidence=body.get("evidence", {}),
    )


def attempt_json(attempt: OpenAttempt) -> JsonObject:
    """An attempt that is not settled: its last entry, its step and its device."""
    return {"entry": entry_json(attempt.entry), "step": attempt.step, "device": attempt.device}


def read_attempt(body: Body) -> OpenAttempt:
    """The reverse of `attempt_json`."""
    return OpenAttempt(entry=read_entry(body["entry"]), step=body["step"], device=body["device"])


def _spent_json(spent: Spent) -> JsonObject:
    body: JsonObject = {"since": write_time(spent.since), "wakeups": spent.wakeups, "bytes": spent.payload_bytes}
    _put_time(body, "last", spent.last)
    return body


def _read_spent(body: Body | None) -> Spent | None:
    if body is None:
        return None
    return Spent(read_time(body["since"]), body["wakeups"], body["bytes"], _get_time(body, "last"))


def _put(body: JsonObject, name: str, value: Json) -> None:
    if value is not None:
        body[name] = value


def _put_time(body: JsonObject, name: str, at: datetime | None) -> None:
    if at is not None:
        body[name] = write_time(at)


def _get_time(body: Body, name: str) -> datetime | None:
    text = body.get(name)
    return None if text is None else read_time(text)


def _put_known(body: JsonObject, name: str, value: Known) -> None:
    if not isinstance(value, Missing):
        body[name] = value
    elif value is not ABSENT:
        body["missing"] = {name: value.value}


def _get_known(body: Body, name: str) -> Known:
    if name in body:
        value: Json = body[name]
        return value
    return Missing(body.get("missing", {}).get(name, ABSENT.value))
