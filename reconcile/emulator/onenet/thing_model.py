"""A OneJSON product's thing model: its properties, and which values fit them.

Source: OneNET Studio, QueryThingModel (types and their specs); thing models exported from the console.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from reconcile.emulator.messages import Json

_INTEGERS = {"int32": 31, "int64": 63, "date": 63, "bitMap": 63}


@dataclass(frozen=True, slots=True)
class Property:
    """One property; `access` is r or rw, `entry` its description as published."""

    identifier: str
    name: str
    access: str
    type: Mapping[str, Any]
    entry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ThingModel:
    """All properties by identifier, and the document they come from."""

    properties: Mapping[str, Property]
    document: Mapping[str, Any]

    def problem(self, identifier: str, value: Json) -> str:
        """Why a value may not be set; empty when it may."""
        found = self.properties.get(identifier)
        if found is None:
            return f"identifier not exist: {identifier}"
        if "w" not in found.access:
            return f"identifier is read only: {identifier}"
        trouble = _trouble(found.type, value)
        return f"{trouble}: {identifier}" if trouble else ""


def parse_thing_model(document: Json) -> ThingModel:
    """The model of a published document. Raises ValueError or TypeError for one that is none."""
    if not isinstance(document, Mapping) or not isinstance(document.get("properties"), list):
        raise TypeError("a OneNET thing model is a JSON object with a list of properties")
    found = [_property(entry) for entry in document["properties"]]
    return ThingModel({one.identifier: one for one in found}, document)


def _property(entry: Json) -> Property:
    try:
        kind = entry["dataType"]
        _check(kind)
        return Property(entry["identifier"], entry.get("name", ""), entry.get("accessMode", "rw"), kind, entry)
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError(f"malformed property {entry!r}: {exc}") from exc


def _check(kind: Mapping[str, Any]) -> None:
    """Raises ValueError, KeyError or TypeError for a type that is none."""
    specs = kind.get("specs")
    match kind["type"]:
        case "struct":
            for member in specs or ():
                _check(member["dataType"])
        case "array":
            _check(_element(specs or {}))
        case known if known in _INTEGERS or known in _FITS:
            pass
        case other:
            raise ValueError(f"unknown type {other!r}")


def _element(specs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The type of an array's elements: `{length, type, specs}`, or `{size, items}` in system models."""
    found: Mapping[str, Any] = specs.get("items") or {"type": specs.get("type", "string"), "specs": specs.get("specs")}
    return found


def _trouble(kind: Mapping[str, Any], value: Json) -> str:
    name, specs = kind["type"], kind.get("specs") or {}
    if name in _INTEGERS:
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or not -(2 ** _INTEGERS[name]) <= value < 2 ** _INTEGERS[name]
        ):
            return "type error"
        return _out_of_range(specs, value) if name != "bitMap" else ""
    return _FITS[name](specs, value)


def _number(specs: Mapping[str, Any], value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "type error"
    return _out_of_range(specs, value)


def _string(specs: Mapping[str, Any], value: Json) -> str:
    if not isinstance(value, str):
        return "type error"
    length = str(specs.get("length") or "")
    return "out of range" if length.isdecimal() and len(value) > int(length) else ""


def _enum(specs: Mapping[str, Any], value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return "type error"
    return "" if str(value) in specs else "out of range"


def _struct(specs: Any, value: Json) -> str:
    if not isinstance(value, dict):
        return "type error"
    members = {member["identifier"]: member["dataType"] for member in specs or ()}
    if not set(value) <= set(members):
        return "identifier not exist"
    return next((text for key, one in value.items() if (text := _trouble(members[key], one))), "")


def _array(specs: Mapping[str, Any], value: Json) -> str:
    if not isinstance(value, list):
        return "type error"
    size = str(specs.get("length") or specs.get("size") or "")
    if size.isdecimal() and len(value) > int(size):
        return "out of range"
    return next((text for one in value if (text := _trouble(_element(specs), one))), "")


_FITS: dict[str, Callable[[Any, Json], str]] = {
    "float": _number,
    "double": _number,
    "string": _string,
    "bool": lambda _specs, value: "" if isinstance(value, bool) else "type error",
    "enum": _enum,
    "struct": _struct,
    "array": _array,
}


def _out_of_range(specs: Mapping[str, Any], value: float) -> str:
    lowest, highest = _bound(specs, "min"), _bound(specs, "max")
    number = Decimal(str(value))
    outside = (lowest is not None and number < lowest) or (highest is not None and number > highest)
    return "out of range" if outside else ""


def _bound(specs: Mapping[str, Any], name: str) -> Decimal | None:
    try:
        bound = Decimal(str(specs.get(name)))
    except InvalidOperation:
        return None
    return None if bound.is_nan() else bound
