"""Thing models: both dialects read into one, written back as either.

Source: Aliyun, TSL parameters (help document 213902); data structure of ThingModelJson (help document 150457).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconcile.emulator.messages import Json

_NUMERIC = ("min", "max", "step", "unit", "unitName")


@dataclass(frozen=True, slots=True)
class DataType:
    """A type with its limits, which are text as in every published model.

    `labels` are the texts of bool and enum values; `item` is an array's element; `members` a struct's, by identifier.
    """

    kind: str
    limits: Mapping[str, str]
    labels: Mapping[int, str]
    item: DataType | None = None
    members: tuple[tuple[str, str, DataType], ...] = ()


@dataclass(frozen=True, slots=True)
class Property:
    """One property; `key` is `module:identifier` in a custom module and the identifier elsewhere."""

    identifier: str
    module: str
    name: str
    access: str
    required: bool
    type: DataType

    @property
    def key(self) -> str:
        """How Items, Versions and the device name it."""
        return f"{self.module}:{self.identifier}" if self.module else self.identifier


@dataclass(frozen=True, slots=True)
class Model:
    """All properties of a product by key."""

    properties: Mapping[str, Property]

    def of_module(self, module: str) -> tuple[Property, ...]:
        """The properties of one module; "" is the default module."""
        return tuple(found for found in self.properties.values() if found.module == module)


def parse_model(document: Json) -> Model:
    """The model of a TSL or ThingModelJson object, or of a list of them, one a module.

    Raises: ValueError or TypeError.
    """
    found: dict[str, Property] = {}
    for part in document if isinstance(document, list) else [document]:
        if not isinstance(part, Mapping):
            raise TypeError("a thing model is a JSON object")
        for entry in part.get("properties", ()):
            one = _property(entry, str(part.get("functionBlockId", "")))
            found[one.key] = one
        for block in part.get("functionBlocks", ()):
            for entry in block.get("properties", ()):
                one = _property(entry, str(block["functionBlockId"]))
                found[one.key] = one
    return Model(found)


def _property(entry: Mapping[str, Any], module: str) -> Property:
    try:
        is_tsl = isinstance(entry["dataType"], Mapping)
        access = entry.get("accessMode", "rw") if is_tsl else _ACCESS[entry.get("rwFlag", "READ_WRITE")]
        kind = _from_tsl(entry["dataType"]) if is_tsl else _from_specs(entry["dataType"], entry)
        return Property(entry["identifier"], module, entry.get("name", ""), access, bool(entry.get("required")), kind)
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError(f"malformed property {entry!r}: {exc}") from exc


_ACCESS = {"READ_WRITE": "rw", "READ_ONLY": "r", "WRITE_ONLY": "w"}
_FLAGS = {access: flag for flag, access in _ACCESS.items()}


def _from_tsl(entry: Mapping[str, Any]) -> DataType:
    kind, specs = entry["type"], entry.get("specs", {})
    match kind:
        case "struct":
            members = tuple((m["identifier"], m.get("name", ""), _from_tsl(m["dataType"])) for m in specs)
            return DataType(kind, {}, {}, members=members)
        case "array":
            return DataType(kind, {"size": str(specs.get("size", ""))}, {}, item=_from_tsl(specs["item"]))
        case "bool" | "enum":
            return DataType(kind, {}, {int(value): label for value, label in specs.items()})
    return DataType(kind, {name: str(text) for name, text in dict(specs or {}).items()}, {})


def _from_specs(name: str, holder: Mapping[str, Any]) -> DataType:
    kind, specs, listed = name.lower(), holder.get("dataSpecs") or {}, holder.get("dataSpecsList") or ()
    match kind:
        case "struct":
            members = tuple(
                (m["identifier"], m.get("childName", ""), _from_specs(m["childDataType"], m)) for m in listed
            )
            return DataType(kind, {}, {}, members=members)
        case "array":
            return DataType(
                kind, {"size": str(specs.get("size", ""))}, {}, item=_from_specs(specs["childDataType"], specs)
            )
        case "bool" | "enum":
            return DataType(kind, {}, {int(entry["value"]): str(entry.get("name", "")) for entry in listed})
    limits = {key: str(specs[key]) for key in (*_NUMERIC, "length") if specs.get(key) is not None}
    return DataType(kind, limits, {})


def tsl_text(product_key: str, properties: Sequence[Property], *, simple: bool) -> str:
    """`TslStr` of GetThingModelTslPublished; `simple` keeps identifiers and types only."""
    if simple:
        entries: list[Json] = [{"identifier": p.identifier, "dataType": {"type": p.type.kind}} for p in properties]
    else:
        entries = [
            {
                "identifier": p.identifier,
                "name": p.name,
                "accessMode": p.access,
                "required": p.required,
                "dataType": _to_tsl(p.type),
            }
            for p in properties
        ]
    document = {
        "schema": "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json",
        "profile": {"productKey": product_key},
        "properties": entries,
        "events": [],
        "services": [],
    }
    return json.dumps(document, ensure_ascii=False)


def thing_model_json(product_key: str, properties: Sequence[Property]) -> str:
    """`ThingModelJson` of QueryThingModelPublished."""
    entries = [
        {
            "identifier": p.identifier,
            "name": p.name,
            "rwFlag": _FLAGS[p.access],
            "required": p.required,
            "custom": True,
            "dataType": p.type.kind.upper(),
            **_to_specs(p.type),
        }
        for p in properties
    ]
    document = {
        "productKey": product_key,
        "_ppk": {"version": "1", "description": ""},
        "properties": entries,
        "services": [],
        "events": [],
        "functionBlocks": [],
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def _to_tsl(kind: DataType) -> Json:
    match kind.kind:
        case "struct":
            specs: Json = [
                {"identifier": i, "name": name, "dataType": _to_tsl(member)} for i, name, member in kind.members
            ]
        case "array" if kind.item is not None:
            specs = {"size": kind.limits["size"], "item": _to_tsl(kind.item)}
        case "bool" | "enum":
            specs = {str(value): label for value, label in kind.labels.items()}
        case _:
            specs = dict(kind.limits)
    return {"type": kind.kind, "specs": specs}


def _to_specs(kind: DataType) -> dict[str, Json]:
    upper = kind.kind.upper()
    match kind.kind:
        case "struct":
            members = [
                {"identifier": i, "childName": name, "childDataType": m.kind.upper(), **_to_specs(m)}
                for i, name, m in kind.members
            ]
            return {"dataSpecsList": members}
        case "array" if kind.item is not None:
            return {
                "dataSpecs": {
                    "size": kind.limits["size"],
                    "childDataType": kind.item.kind.upper(),
                    **_to_specs(kind.item),
                }
            }
        case "bool" | "enum":
            return {
                "dataSpecsList": [{"dataType": upper, "name": label, "value": v} for v, label in kind.labels.items()]
            }
    return {"dataSpecs": {"dataType": upper, **kind.limits}}
