"""From population records to devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile.emulator.aliyun.device import Desired, Habits
from reconcile.emulator.aliyun.device import Device as AliyunDevice
from reconcile.emulator.aliyun.tsl import Model
from reconcile.emulator.onenet.device import Device as OneNetDevice
from reconcile.emulator.onenet.objects import Objects, resource_from
from reconcile.emulator.population import Record
from reconcile.emulator.scene import Scene, name_uuid
from reconcile.emulator.sleep import Sleep, sleep_from

_DEFAULT_LIFETIME_S = 86400
_STATUSES = ("ONLINE", "OFFLINE", "UNACTIVE", "DISABLE")


def onenet_device(scene: Scene, record: Record, number: int) -> OneNetDevice:
    """An NB-IoT device. Optional keys: resources, sleep, online, lifetime_s, device_id, title, refuses (paths)."""
    imei = record["imei"]
    declared = _mapping(record, "resources")
    objects = Objects(
        {path: resource_from(spec) for path, spec in declared.items()},
        is_open="resources" not in record,
        refuses=frozenset(record.get("refuses", ())),
    )
    return OneNetDevice(
        scene,
        imei,
        device_id=str(record.get("device_id", 500_000_000 + number)),
        title=str(record.get("title", imei)),
        sleep=_sleep(scene, record, imei),
        objects=objects,
        lifetime_ms=int(float(record.get("lifetime_s", _DEFAULT_LIFETIME_S)) * 1000),
        registered_ms=scene.base_ms if record.get("online", True) else None,
        settled_ms=scene.base_ms,
    )


def aliyun_device(scene: Scene, record: Record, model: Model | None) -> AliyunDevice:
    """An Aliyun device.

    Optional keys: thingModel, sleep, online, status, iotId, iotInstanceId, values, reported, desired,
    deletes_desired, refuses (identifiers), reports_late (seconds).
    """
    product, name = record["productKey"], record["deviceName"]
    status = record.get("status", "ONLINE")
    if status not in _STATUSES:
        raise ValueError(f"status is one of {', '.join(_STATUSES)}, not {status!r}")
    habits = Habits(
        bool(record.get("deletes_desired", False)),
        frozenset(record.get("refuses", ())),
        int(float(record.get("reports_late", 0)) * 1000),
    )
    values = dict(_mapping(record, "values"))
    reported = {key: (value, scene.base_ms) for key, value in _mapping(record, "reported", values).items()}
    desired = {key: Desired(value, 1, scene.base_ms) for key, value in _mapping(record, "desired").items()}
    default_id = name_uuid(scene.seed, product, name).replace("-", "")[:22] + "00100"
    return AliyunDevice(
        scene,
        product,
        name,
        str(record.get("iotId", default_id)),
        _sleep(scene, record, f"{product}/{name}"),
        model,
        habits,
        str(record.get("iotInstanceId", "")),
        is_active=status != "UNACTIVE",
        is_connected=bool(record.get("online", True)) and status == "ONLINE",
        is_disabled=status == "DISABLE",
        values=values,
        reported=reported,
        desired=desired,
        settled_ms=scene.base_ms,
        must_fetch=bool(desired),
    )


def _sleep(scene: Scene, record: Record, identity: str) -> Sleep:
    spec = _mapping(record, "sleep")
    return sleep_from(spec, seed=scene.seed, identity=identity, base_ms=scene.base_ms)


def _mapping(record: Record, name: str, default: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    found = record.get(name, default or {})
    if not isinstance(found, Mapping):
        raise TypeError(f"{name} is an object, not {found!r}")
    return found
