"""From a population record to an Aliyun device, with its product and its groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reconcile.emulator.aliyun.device import DELETIONS, Desired, Device, Habits
from reconcile.emulator.aliyun.model import Model
from reconcile.emulator.aliyun.product import Group, Models, Product, Release
from reconcile.emulator.messages import Json
from reconcile.emulator.population import Record
from reconcile.emulator.scene import Scene, name_uuid
from reconcile.emulator.sleep import sleep_from

_STATUSES = ("ONLINE", "OFFLINE", "UNACTIVE", "DISABLE")
_DAY_MS = 86_400_000


def read_models(record: Record, load: Callable[[Json], Model]) -> Models:
    """The thing models of a record: `thingModel`, `product.draft`, `product.releases[].thingModel`."""
    product = _mapping(record, "product")
    source = record.get("thingModel")
    older = tuple(
        (
            {"version": str(entry["version"]), "description": str(entry.get("description", ""))},
            load(entry["thingModel"]),
        )
        for entry in product.get("releases", ())
    )
    return Models(
        None if source is None else load(source),
        load(product["draft"]) if "draft" in product else None,
        older,
    )


def product_of(scene: Scene, record: Record, models: Models) -> Product:
    """The product of the first device that names it.

    Optional keys of the record's `product`: name, validateType, nodeType, version (of `thingModel`), description,
    draft, releases (older ones, newest first).
    """
    key, said = record["productKey"], _mapping(record, "product")
    created_ms = scene.base_ms - 30 * _DAY_MS
    releases: list[Release] = []
    if models.published is not None:
        version = str(said.get("version", "1.0.0"))
        releases.append(Release(version, str(said.get("description", "")), created_ms + 3_600_000, models.published))
    for number, (names, model) in enumerate(models.older, 1):
        releases.append(Release(names["version"], names["description"], created_ms - number * _DAY_MS, model))
    return Product(
        key,
        str(said.get("name", key)),
        str(record.get("iotInstanceId", "")),
        created_ms,
        tuple(releases),
        models.draft or models.published,
        int(said.get("validateType", 0)),
        int(said.get("nodeType", 0)),
    )


def groups_of(scene: Scene, record: Record, known: dict[str, Group]) -> list[Group]:
    """The groups a record names in `groups` and `dynamicGroups`; unknown ones are founded."""
    found: list[Group] = []
    for field, is_dynamic in (("groups", False), ("dynamicGroups", True)):
        for name in record.get(field, ()):
            group_id = name_uuid(scene.seed, "group", field, name).replace("-", "")[:16]
            group = known.setdefault(group_id, Group(group_id, str(name), is_dynamic, scene.base_ms - 20 * _DAY_MS))
            found.append(group)
    return found


def aliyun_device(scene: Scene, record: Record, model: Model | None) -> Device:
    """An Aliyun device.

    Optional keys: sleep, online, status, iotId, iotInstanceId, values, reported, desired, tags, nickname, firmware; and
    its habits: deletes_desired, refuses (identifiers), applies_at_most (items of one message), reports_late (seconds),
    reports_rounded (decimals), results (of services).
    """
    product, name = record["productKey"], record["deviceName"]
    status = record.get("status", "ONLINE")
    if status not in _STATUSES:
        raise ValueError(f"status is one of {', '.join(_STATUSES)}, not {status!r}")
    values = dict(_mapping(record, "values"))
    reported = {key: (value, scene.base_ms) for key, value in _mapping(record, "reported", values).items()}
    desired = {key: Desired(value, 1, scene.base_ms) for key, value in _mapping(record, "desired").items()}
    default_id = name_uuid(scene.seed, product, name).replace("-", "")[:22] + "00100"
    return Device(
        scene,
        product,
        name,
        str(record.get("iotId", default_id)),
        sleep_from(_mapping(record, "sleep"), seed=scene.seed, identity=f"{product}/{name}", base_ms=scene.base_ms),
        model,
        _habits(record),
        str(record.get("iotInstanceId", "")),
        is_active=status != "UNACTIVE",
        is_connected=bool(record.get("online", True)) and status == "ONLINE",
        is_disabled=status == "DISABLE",
        values=values,
        reported=reported,
        desired=desired,
        tags={str(key): str(value) for key, value in _mapping(record, "tags").items()},
        nickname=str(record.get("nickname", "")),
        firmware=str(record.get("firmware", "")),
        settled_ms=scene.base_ms,
        must_fetch=bool(desired),
    )


def _habits(record: Record) -> Habits:
    deletes = record.get("deletes_desired", False)
    deletes = {True: "versioned", False: ""}.get(deletes, deletes) if isinstance(deletes, bool) else deletes
    if deletes not in DELETIONS:
        raise ValueError(f"deletes_desired is true, false, versioned or unconditional, not {deletes!r}")
    at_most, decimals = record.get("applies_at_most"), record.get("reports_rounded")
    if at_most is not None and int(at_most) < 0:
        raise ValueError(f"applies_at_most is a number of items, not {at_most!r}")
    return Habits(
        deletes,
        frozenset(record.get("refuses", ())),
        int(float(record.get("reports_late", 0)) * 1000),
        None if at_most is None else int(at_most),
        None if decimals is None else int(decimals),
        dict(_mapping(record, "results")),
    )


def _mapping(record: Record, name: str, default: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    found = record.get(name, default or {})
    if not isinstance(found, Mapping):
        raise TypeError(f"{name} is an object, not {found!r}")
    return found
