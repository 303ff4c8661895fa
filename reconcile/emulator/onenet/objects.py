"""The LwM2M object tree of a device: what it holds, and how it answers write, read and execute.

Source: OneNET NB-IoT book, list/5, list/10 (types and modes); cm-heclouds/nbiot_sdk source/resource.c (order of a
write).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconcile.emulator.messages import Json

SUCCESS = "SUCCESS"
_ALIASES = {"int": "integer", "long": "integer", "double": "float", "bool": "boolean", "text": "string"}
TYPES = frozenset({"integer", "float", "boolean", "string", "opaque", "time", "objlnk", ""})


@dataclass(slots=True)
class Resource:
    """One resource: its type ("" accepts any), its operations (subset of RWE) and its value (None: never set).

    Opaque values are lower-case hexadecimal text, times are seconds.
    """

    type: str = ""
    operations: str = "RWE"
    value: Json = None


def resource_from(record: Mapping[str, Any]) -> Resource:
    """The resource of a population record. Raises ValueError for an unknown type or operation."""
    kind = str(record.get("type", "")).lower()
    kind = _ALIASES.get(kind, kind)
    operations = str(record.get("operations", "RW")).upper().replace("NONE", "")
    if kind not in TYPES:
        raise ValueError(f"unknown resource type {record['type']!r}")
    if not set(operations) <= set("RWE"):
        raise ValueError(f"operations are letters of RWE, not {operations!r}")
    return Resource(kind, operations, record.get("value"))


class Objects:
    """All resources by path `/obj/inst/res`. With `is_open`, a path nobody declared accepts anything."""

    __slots__ = ("is_open", "refuses", "resources")

    def __init__(self, resources: dict[str, Resource], *, is_open: bool, refuses: frozenset[str]) -> None:
        self.resources = resources
        self.is_open = is_open
        self.refuses = refuses

    def write(
        self, instance: str, data: Sequence[Mapping[str, Json]], mode: int, switches: Mapping[str, str]
    ) -> tuple[str, bool]:
        """Outcome of a write to `/obj/inst`, and whether anything was applied.

        Not atomic by default: stops at the first bad resource and keeps the earlier ones (switch `write_atomic`).
        """
        accepted: list[tuple[str, Resource, Json]] = []
        outcome = SUCCESS
        for item in data:
            path = f"{instance}/{item['res_id']}"
            outcome, resource, value = self._accept(path, item, switches)
            if outcome != SUCCESS:
                break
            accepted.append((path, resource, value))
        if outcome != SUCCESS and switches["write_atomic"] == "yes":
            return outcome, False
        if outcome == SUCCESS and mode == 1 and switches["mode1_destructive"] == "yes":
            self._forget_others(instance, {path for path, _, _ in accepted})
        for path, resource, value in accepted:
            resource.value = value
            self.resources[path] = resource
        return outcome, bool(accepted)

    def read(self, path: str, *, bin2hex: bool, time_unit: str) -> tuple[str, Json]:
        """Outcome and `[{obj_inst_id, res: [{res_id, val}]}]` of a read of `/obj`, `/obj/inst` or `/obj/inst/res`."""
        exact = self.resources.get(path)
        if exact is not None and "R" not in exact.operations:
            return "METHOD_NOT_ALLOWED", None
        instances: dict[int, list[Json]] = {}
        for (_, instance, res_id), resource in self._under(path):
            if "R" in resource.operations and resource.value is not None:
                shown = _shown(resource, bin2hex=bin2hex, time_unit=time_unit)
                instances.setdefault(instance, []).append({"res_id": res_id, "val": shown})
        if not instances:
            return "NOT_FOUND", None
        return SUCCESS, [{"obj_inst_id": instance, "res": res} for instance, res in sorted(instances.items())]

    def execute(self, path: str) -> str:
        """Outcome of an execute; the caller records that it ran."""
        resource = self.resources.get(path)
        if path in self.refuses:
            return "BAD_REQUEST"
        if resource is None:
            return SUCCESS if self.is_open else "NOT_FOUND"
        return SUCCESS if "E" in resource.operations else "METHOD_NOT_ALLOWED"

    def tree(self, path: str = "") -> dict[int, dict[int, list[int]]]:
        """Resource ids by object and instance, below `path`."""
        found: dict[int, dict[int, list[int]]] = {}
        for (obj, instance, res_id), _ in self._under(path):
            found.setdefault(obj, {}).setdefault(instance, []).append(res_id)
        return found

    def values(self) -> dict[str, Json]:
        """Every value that is set, by path."""
        return {path: resource.value for path, resource in self.resources.items() if resource.value is not None}

    def put(self, path: str, value: Json) -> None:
        """Somebody at the device changes a value, past all checks."""
        self.resources.setdefault(path, Resource()).value = value

    def _under(self, path: str) -> Iterator[tuple[tuple[int, int, int], Resource]]:
        for name, resource in self.resources.items():
            if name == path or name.startswith(f"{path}/"):
                obj, instance, res_id = name.strip("/").split("/")
                yield (int(obj), int(instance), int(res_id)), resource

    def _accept(self, path: str, item: Mapping[str, Json], switches: Mapping[str, str]) -> tuple[str, Resource, Json]:
        resource = self.resources.get(path)
        if resource is None:
            resource = Resource({1: "opaque", 2: "time"}.get(item.get("type", 0), ""))
            if not self.is_open:
                return "NOT_FOUND", resource, None
        if "W" not in resource.operations:
            return "METHOD_NOT_ALLOWED", resource, None
        if path in self.refuses:
            return "BAD_REQUEST", resource, None
        fits, value = _fit(resource.type, item, accepts_numbers=switches["opaque_number"] == "accept")
        return (SUCCESS if fits else "REQ_PARAM_ERROR"), resource, value

    def _forget_others(self, instance: str, kept: set[str]) -> None:
        for path, resource in self.resources.items():
            if path.startswith(f"{instance}/") and path not in kept:
                resource.value = None


def _fit(kind: str, item: Mapping[str, Json], *, accepts_numbers: bool) -> tuple[bool, Json]:
    value, marker = item["val"], item.get("type")
    if marker == 1:
        text = str(value) if accepts_numbers and isinstance(value, int) else value
        return kind in ("opaque", "") and _is_hex(text), text.lower() if isinstance(text, str) else text
    if marker == 2:
        return kind in ("time", "") and _is_number(value), value
    match kind:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool), value
        case "float":
            return _is_number(value), value
        case "boolean":
            return isinstance(value, bool) or value in (0, 1), value
        case "string" | "objlnk":
            return isinstance(value, str), value
        case "opaque" | "time":
            return False, value
        case _:
            return True, value


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_hex(value: Json) -> bool:
    try:
        bytes.fromhex(value)
    except (TypeError, ValueError):
        return False
    return True


def _shown(resource: Resource, *, bin2hex: bool, time_unit: str) -> Json:
    if resource.type == "opaque" and not bin2hex and _is_hex(resource.value):
        return list(bytes.fromhex(resource.value))
    if resource.type == "time" and time_unit == "ms" and _is_number(resource.value):
        return int(resource.value * 1000)
    return resource.value
