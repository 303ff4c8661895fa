"""The TSL dialect of thing models.

Source: Aliyun, TSL parameters (help document 213902); exported models. The platform writes services `set` and `get` and
an event `post` that repeat the properties; reading leaves them out, writing makes them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile.emulator.aliyun.model import Argument, DataType, Event, Model, Property, Service, key_of
from reconcile.emulator.messages import Json

SCHEMA = "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json"
_GENERATED = frozenset({"set", "get", "post"})


def read_property(entry: Mapping[str, Any], module: str) -> Property:
    """A property of the dialect. Raises KeyError, TypeError, AttributeError or ValueError for anything else."""
    return Property(
        entry["identifier"],
        module,
        entry.get("name", ""),
        entry.get("accessMode", "rw"),
        bool(entry.get("required")),
        _type(entry["dataType"]),
    )


def read_services(part: Mapping[str, Any], module: str) -> dict[str, Service]:
    """The services of one module by key, without the generated ones."""
    return {
        key_of(module, entry["identifier"]): Service(
            entry["identifier"],
            module,
            entry.get("name", ""),
            entry.get("callType", "async") == "sync",
            _arguments(entry.get("inputData", ())),
            _arguments(entry.get("outputData", ())),
        )
        for entry in part.get("services", ())
        if entry["identifier"] not in _GENERATED
    }


def read_events(part: Mapping[str, Any], module: str) -> dict[str, Event]:
    """The events of one module by key, without the generated one."""
    return {
        key_of(module, entry["identifier"]): Event(
            entry["identifier"],
            module,
            entry.get("name", ""),
            entry.get("type", "info"),
            _arguments(entry.get("outputData", ())),
        )
        for entry in part.get("events", ())
        if entry["identifier"] not in _GENERATED
    }


def _arguments(entries: Any) -> tuple[Argument, ...]:
    return tuple(Argument(one["identifier"], one.get("name", ""), _type(one["dataType"])) for one in entries)


def _type(entry: Mapping[str, Any]) -> DataType:
    kind, specs = entry["type"], entry.get("specs", {})
    match kind:
        case "struct":
            return DataType(kind, {}, {}, members=_arguments(specs))
        case "array":
            return DataType(kind, {"size": str(specs.get("size", ""))}, {}, item=_type(specs["item"]))
        case "bool" | "enum":
            return DataType(kind, {}, {int(value): label for value, label in specs.items()})
    return DataType(kind, {name: str(text) for name, text in dict(specs or {}).items()}, {})


def document(product_key: str, version: str, model: Model, module: str) -> Json:
    """One module as the platform exports it; `version` is empty for a draft."""
    properties = list(model.properties.values())
    profile = {"productKey": product_key} | ({"version": version} if version else {})
    head: dict[str, Json] = {"schema": SCHEMA, "profile": profile}
    if module:
        head |= {"functionBlockId": module, "functionBlockName": model.modules.get(module, module)}
    part = model.part(module)
    properties = list(part.properties.values())
    body: dict[str, Json] = {
        "properties": [_property(found) for found in properties],
        "events": [_generated_post(properties), *(_event(found) for found in part.events.values())],
        "services": [*_generated_services(properties), *(_service(found) for found in part.services.values())],
    }
    if part.modules:
        body["functionBlocks"] = [
            {"functionBlockId": block, "functionBlockName": name, "productKey": product_key}
            for block, name in part.modules.items()
        ]
    return head | body


def simple_document(product_key: str, model: Model, module: str) -> Json:
    """What `Simple=true` leaves: identifiers and types, no access mode and no limits."""
    properties = [
        {"identifier": found.identifier, "dataType": {"type": found.type.kind}} for found in model.of_module(module)
    ]
    return {"schema": SCHEMA, "profile": {"productKey": product_key}, "properties": properties}


def _property(found: Property) -> Json:
    return {
        "identifier": found.identifier,
        "name": found.name,
        "accessMode": found.access,
        "required": found.required,
        "dataType": _type_entry(found.type),
    }


def _service(found: Service) -> Json:
    return {
        "identifier": found.identifier,
        "name": found.name,
        "required": False,
        "callType": "sync" if found.is_sync else "async",
        "inputData": [_argument(one) for one in found.inputs],
        "outputData": [_argument(one) for one in found.outputs],
        "method": f"thing.service.{found.identifier}",
    }


def _event(found: Event) -> Json:
    return {
        "identifier": found.identifier,
        "name": found.name,
        "type": found.kind,
        "required": False,
        "outputData": [_argument(one) for one in found.outputs],
        "method": f"thing.event.{found.identifier}.post",
    }


def _generated_services(properties: list[Property]) -> list[Json]:
    common = {"required": True, "callType": "async"}
    written = [_argument(found) for found in properties if "w" in found.access]
    named = [found.identifier for found in properties]
    every = [_argument(found) for found in properties]
    return [
        {"identifier": "set", "name": "set", "method": "thing.service.property.set", "inputData": written}
        | {"outputData": [], **common},
        {"identifier": "get", "name": "get", "method": "thing.service.property.get", "inputData": named}
        | {"outputData": every, **common},
    ]


def _generated_post(properties: list[Property]) -> Json:
    head = {"identifier": "post", "name": "post", "type": "info", "required": True}
    return head | {
        "outputData": [_argument(found) for found in properties],
        "method": "thing.event.property.post",
    }


def _argument(found: Argument | Property) -> Json:
    return {"identifier": found.identifier, "name": found.name, "dataType": _type_entry(found.type)}


def _type_entry(kind: DataType) -> Json:
    match kind.kind:
        case "struct":
            specs: Json = [_argument(member) for member in kind.members]
        case "array" if kind.item is not None:
            specs = {"size": kind.limits["size"], "item": _type_entry(kind.item)}
        case "bool" | "enum":
            specs = {str(value): label for value, label in kind.labels.items()}
        case _:
            specs = dict(kind.limits)
    return {"type": kind.kind, "specs": specs}
