"""The ThingModelJson dialect of thing models.

Source: Aliyun, data structure of ThingModelJson (help document 150457). Upper-case type names, `dataSpecs` or
`dataSpecsList` beside them, access as `rwFlag`; keys in alphabetical order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile.emulator.aliyun.model import Argument, DataType, Event, Model, Property, Service, key_of
from reconcile.emulator.messages import Json

_NUMERIC = ("min", "max", "step", "unit", "unitName")
_ACCESS = {"READ_WRITE": "rw", "READ_ONLY": "r", "WRITE_ONLY": "w"}
_FLAGS = {access: flag for flag, access in _ACCESS.items()}
_KINDS = {"INFO_EVENT_TYPE": "info", "ALERT_EVENT_TYPE": "alert", "ERROR_EVENT_TYPE": "error"}
_EVENT_TYPES = {kind: name for name, kind in _KINDS.items()}


def read_property(entry: Mapping[str, Any], module: str) -> Property:
    """A property of the dialect. Raises KeyError, TypeError, AttributeError or ValueError for anything else."""
    return Property(
        entry["identifier"],
        module,
        entry.get("name", ""),
        _ACCESS[entry.get("rwFlag", "READ_WRITE")],
        bool(entry.get("required")),
        _type(entry["dataType"], entry),
    )


def read_services(part: Mapping[str, Any], module: str) -> dict[str, Service]:
    """The services of one module by key."""
    return {
        key_of(module, entry["identifier"]): Service(
            entry["identifier"],
            module,
            entry.get("serviceName", ""),
            entry.get("callType", "ASYNC") == "SYNC",
            _arguments(entry.get("inputParams", ())),
            _arguments(entry.get("outputParams", ())),
        )
        for entry in part.get("services", ())
    }


def read_events(part: Mapping[str, Any], module: str) -> dict[str, Event]:
    """The events of one module by key."""
    return {
        key_of(module, entry["identifier"]): Event(
            entry["identifier"],
            module,
            entry.get("eventName", ""),
            _KINDS[entry.get("eventType", "INFO_EVENT_TYPE")],
            _arguments(entry.get("outputdata", ())),
        )
        for entry in part.get("events", ())
    }


def _arguments(entries: Any) -> tuple[Argument, ...]:
    return tuple(Argument(one["identifier"], one.get("name", ""), _type(one["dataType"], one)) for one in entries)


def _type(name: str, holder: Mapping[str, Any]) -> DataType:
    kind, specs, listed = name.lower(), holder.get("dataSpecs") or {}, holder.get("dataSpecsList") or ()
    match kind:
        case "struct":
            members = tuple(
                Argument(m["identifier"], m.get("childName", ""), _type(m["childDataType"], m)) for m in listed
            )
            return DataType(kind, {}, {}, members=members)
        case "array":
            return DataType(kind, {"size": str(specs.get("size", ""))}, {}, item=_type(specs["childDataType"], specs))
        case "bool" | "enum":
            return DataType(kind, {}, {int(entry["value"]): str(entry.get("name", "")) for entry in listed})
    limits = {key: str(specs[key]) for key in (*_NUMERIC, "length") if specs.get(key) is not None}
    return DataType(kind, limits, {})


def document(product_key: str, version: Mapping[str, str] | None, model: Model, module: str) -> dict[str, Json]:
    """One module. `version` is `_ppk`, which only published models have."""
    part = model.part(module)
    body: dict[str, Json] = {
        "productKey": product_key,
        "properties": [_property(product_key, found) for found in part.properties.values()],
        "services": [_service(product_key, found) for found in part.services.values()],
        "events": [_event(product_key, found) for found in part.events.values()],
    }
    if version is not None:
        body["_ppk"] = dict(version)
    if module:
        return body | {"functionBlockId": module, "functionBlockName": model.modules.get(module, module)}
    blocks = [
        {"functionBlockId": block, "functionBlockName": name, "productKey": product_key}
        for block, name in part.modules.items()
    ]
    return body | {"functionBlocks": blocks}


def _property(product_key: str, found: Property) -> Json:
    return {
        "productKey": product_key,
        "identifier": found.identifier,
        "name": found.name,
        "rwFlag": _FLAGS[found.access],
        "required": found.required,
        "custom": True,
        "dataType": found.type.kind.upper(),
        **_specs(found.type),
    }


def _service(product_key: str, found: Service) -> Json:
    return {
        "productKey": product_key,
        "identifier": found.identifier,
        "serviceName": found.name,
        "callType": "SYNC" if found.is_sync else "ASYNC",
        "custom": True,
        "inputParams": [_argument(one, order, "PARAM_INPUT") for order, one in enumerate(found.inputs)],
        "outputParams": [_argument(one, order, "PARAM_OUTPUT") for order, one in enumerate(found.outputs)],
    }


def _event(product_key: str, found: Event) -> Json:
    return {
        "productKey": product_key,
        "identifier": found.identifier,
        "eventName": found.name,
        "eventType": _EVENT_TYPES[found.kind],
        "custom": True,
        "outputdata": [_argument(one, order, "PARAM_OUTPUT") for order, one in enumerate(found.outputs)],
    }


def _argument(found: Argument, order: int, direction: str) -> Json:
    head = {"identifier": found.identifier, "name": found.name, "dataType": found.type.kind.upper()}
    return head | {"direction": direction, "paraOrder": order, "custom": True, **_specs(found.type)}


def _specs(kind: DataType) -> dict[str, Json]:
    upper = kind.kind.upper()
    match kind.kind:
        case "struct":
            members = [
                {"identifier": m.identifier, "childName": m.name, "childDataType": m.type.kind.upper()} | _specs(m.type)
                for m in kind.members
            ]
            return {"dataSpecsList": members}
        case "array" if kind.item is not None:
            inner = {"childDataType": kind.item.kind.upper(), **_specs(kind.item)}
            return {"dataSpecs": {"size": kind.limits["size"], **inner}}
        case "bool" | "enum":
            entries = [{"dataType": upper, "name": label, "value": value} for value, label in kind.labels.items()]
            return {"dataSpecsList": entries}
    return {"dataSpecs": {"dataType": upper, **kind.limits}}
