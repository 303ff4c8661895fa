"""From population records to NB-IoT devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile.emulator.onenet.device import Device as OneNetDevice
from reconcile.emulator.onenet.objects import Objects, resource_from
from reconcile.emulator.population import Record
from reconcile.emulator.scene import Scene
from reconcile.emulator.sleep import Sleep, sleep_from

_DEFAULT_LIFETIME_S = 86400


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


def _sleep(scene: Scene, record: Record, identity: str) -> Sleep:
    spec = _mapping(record, "sleep")
    return sleep_from(spec, seed=scene.seed, identity=identity, base_ms=scene.base_ms)


def _mapping(record: Record, name: str, default: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    found = record.get(name, default or {})
    if not isinstance(found, Mapping):
        raise TypeError(f"{name} is an object, not {found!r}")
    return found
