"""A status as a JSON document: schemas/status.schema.json."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from reconcile.model.desired import DesiredResource
from reconcile.model.device import DeviceRef
from reconcile.model.drift import NORMAL, FlapRule
from reconcile.model.fleet import DesiredDevice
from reconcile.model.plan_json import timestamp
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.values import Json, JsonObject, Missing
from reconcile.report.census import census_head, census_silent
from reconcile.report.deliveries import Item
from reconcile.report.document import document
from reconcile.report.fights import fight_json
from reconcile.report.score import Score
from reconcile.report.standing import Census, Standing
from reconcile.report.status_pass import Found, kept

FORMAT = "reconcile-status/1"


def status_json(
    devices: Iterable[RecordedDevice],
    *,
    now: datetime,
    is_detailed: bool = False,
    census: Census | None = None,
    flaps: FlapRule = NORMAL,
    score: Score | None = None,
) -> Iterator[str]:
    """The document in pieces; `resources` holds every resource of the devices when `is_detailed`."""
    found = Found(None if census is None else census.only)
    watched = devices if census is None else census.watch(devices)
    wanted = {} if census is None else census.desired
    every = [
        _item_json(device.ref, item) | _desired_json(wanted.get(device.ref), item)
        for device in kept(watched, found)
        if is_detailed
        for item in (*found.items(device), *found.missing(device, wanted.get(device.ref)))
    ]
    platforms: JsonObject = {
        name: {
            "devices": found.devices[name],
            "deliveries": {state.value: found.states[name][state] for state in DeliveryState},
        }
        for name in sorted(found.devices)
    }
    head: JsonObject = {"format": FORMAT, "at": timestamp(now), "platforms": platforms}
    if census is not None:
        head |= census_head(census)
    if score is not None:
        head["forecast"] = score.to_json(now)
    arrays: list[tuple[str, list[JsonObject]]] = [
        ("open", [_item_json(ref, item) for ref, item in found.open]),
        ("lost", [_item_json(ref, item) for ref, item in found.lost]),
    ]
    if census is not None:
        arrays.append(("silent", list(census_silent(census))))
    if found.fought:
        arrays.append(("drift", [fight_json(one, flaps, now) for one in found.fought]))
    if census is not None and census.rollouts:
        arrays.append(("rollouts", census.rollouts))
    yield from document(head, [*arrays, ("resources", every)] if is_detailed else arrays)


def _desired_json(desired: DesiredDevice | None, item: Item | DesiredResource) -> JsonObject:
    """What git wants of a resource; the member is left out where no manifest declares it."""
    if desired is None or not isinstance(item, RecordedResource):
        return {}
    wanted = next((one for one in desired.document.resources if one.path == item.path), None)
    return {} if wanted is None else {"desired": wanted.value}


def _item_json(ref: DeviceRef, item: Item | DesiredResource) -> JsonObject:
    if isinstance(item, DesiredResource):
        return {"device": str(ref), "state": Standing.UNAPPLIED.value, "resource": item.path, "desired": item.value}
    body: JsonObject = {"device": str(ref), "state": item.delivery.value}
    if isinstance(item, RecordedResource):
        body |= {"resource": item.path, "value": item.value, "version": item.version}
        body["accepted_at"] = timestamp(item.accepted_at)
        body["confirmed_at"] = _moment_json(item.confirmed_at)
        if not isinstance(item.confirmed, Missing):
            body["confirmed"] = item.confirmed
        if item.confirmed_by is not None:
            body["confirmed_by"] = item.confirmed_by
    else:
        body |= {"command": item.command, "key": item.key, "owed": item.is_owed, "accepted_at": timestamp(item.at)}
    if item.retries:
        body["retries"] = item.retries
    return {**body, "uuid": item.command_uuid, "expires_at": _moment_json(item.expires_at)}


def _moment_json(at: datetime | None) -> Json:
    return None if at is None else timestamp(at)
