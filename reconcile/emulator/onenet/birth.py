"""From a population record to a OneNET device: of an IPSO product (by IMEI) or of a OneJSON product (by name)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile.emulator.credentials import ONENET_PRODUCT
from reconcile.emulator.onenet.device import Device
from reconcile.emulator.onenet.objects import Objects
from reconcile.emulator.onenet.points import Observations
from reconcile.emulator.onenet.registration import Registration
from reconcile.emulator.onenet.thing import Habits, Thing, Wish
from reconcile.emulator.onenet.thing_model import ThingModel
from reconcile.emulator.onenet.values import resource_from
from reconcile.emulator.population import Record
from reconcile.emulator.scene import Scene
from reconcile.emulator.sleep import sleep_from

_DEFAULT_LIFETIME_S = 86400
_IPSO_PRODUCT = ONENET_PRODUCT.removeprefix("products/")


def onenet_device(scene: Scene, record: Record, number: int, now_ms: int) -> Device:
    """An NB-IoT device; `number` is its device id unless the record says another.

    Optional keys: resources, sleep, online, lifetime_s, device_id, title, productId, deviceName, refuses (paths),
    obsv (subscribed automatically, true), discovered (its resources are listed, true), receive_bytes (its buffer),
    reports_always (with every uplink, false: when something has changed), groups (ids of Studio's groups).
    """
    imei = record["imei"]
    declared = _mapping(record, "resources")
    objects = Objects(
        {path: resource_from(spec) for path, spec in declared.items()},
        is_open="resources" not in record,
        refuses=frozenset(record.get("refuses", ())),
    )
    device = Device(
        scene,
        imei,
        str(record.get("device_id", number)),
        str(record.get("title", imei)),
        str(record.get("productId", _IPSO_PRODUCT)),
        str(record.get("deviceName", imei)),
        _session(scene, record, imei, now_ms),
        objects,
        settled_ms=now_ms,
        created_ms=now_ms,
        observations=Observations(is_automatic=bool(record.get("obsv", True))),
        receive_bytes=int(record["receive_bytes"]) if "receive_bytes" in record else None,
        reports_always=bool(record.get("reports_always", False)),
        groups=_groups(record),
        unlisted=set() if record.get("discovered", True) else set(objects.resources),
        is_told_online=bool(record.get("online", True)),
    )
    last_ms = device.session.last_uplink(now_ms)
    if device.observations.is_automatic and last_ms is not None:
        for path, resource in objects.resources.items():
            if resource.value is not None and "R" in resource.operations:
                device.points.add(path, last_ms, resource.as_point(path, scene.switches))
    return device


def onenet_thing(scene: Scene, record: Record, model: ThingModel | None) -> Thing:
    """A device of a OneJSON product.

    Optional keys: thingModel, imei, sleep, online, lifetime_s, values, reported, desired, refuses (identifiers),
    fetches_desired (true), reports_late (seconds), groups (ids of Studio's groups).
    """
    product, name = record["productId"], record["deviceName"]
    values = dict(_mapping(record, "values"))
    habits = Habits(
        frozenset(record.get("refuses", ())),
        bool(record.get("fetches_desired", True)),
        int(float(record.get("reports_late", 0)) * 1000),
    )
    desired = {key: Wish(value, 1, scene.base_ms) for key, value in _mapping(record, "desired").items()}
    return Thing(
        scene,
        product,
        name,
        _session(scene, record, f"{product}/{name}", scene.base_ms),
        model,
        habits,
        settled_ms=scene.base_ms,
        created_ms=scene.base_ms,
        imei=str(record.get("imei", "")),
        values=values,
        reported={key: (value, scene.base_ms) for key, value in _mapping(record, "reported", values).items()},
        desired=desired,
        must_fetch=bool(desired),
        groups=_groups(record),
    )


def _session(scene: Scene, record: Record, identity: str, now_ms: int) -> Registration:
    sleep = sleep_from(_mapping(record, "sleep"), seed=scene.seed, identity=identity, base_ms=now_ms)
    lifetime_ms = int(float(record.get("lifetime_s", _DEFAULT_LIFETIME_S)) * 1000)
    return Registration(sleep, lifetime_ms, now_ms if record.get("online", True) else None)


def _groups(record: Record) -> frozenset[str]:
    found = record.get("groups", [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise TypeError(f"groups is a list of ids, not {found!r}")
    return frozenset(found)


def _mapping(record: Record, name: str, default: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    found = record.get(name, default or {})
    if not isinstance(found, Mapping):
        raise TypeError(f"{name} is an object, not {found!r}")
    return found
