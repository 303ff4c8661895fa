"""Reads thing models in both dialects: TSL (console exports, GetThingModelTsl*) and ThingModelJson (QueryThingModel*).

Premise: one product may be spread over files, the default module in one and each custom module in another.
Rule: every document is read alone, then those of one product key are put together; a file that is broken is left out
whole, because half a model would call its other half unknown.
Source: Aliyun, TSL parameters and Data structure of ThingModelJson; oddities seen in public models are named where met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from reconcile.model.values import Json, JsonObject
from reconcile.platforms.aliyun import json_text
from reconcile.platforms.aliyun.model import DEFAULT_MODULE, Access, DataType, Kind, Property, ThingModel, ThingModels
from reconcile.ports import NamedBytes, Problem

MAX_BYTES: Final = 4 * 1024 * 1024

_ACCESS: Final = {"r": Access.READ, "rw": Access.READ_WRITE, "w": Access.WRITE}
_RW_FLAGS: Final = {"READ_ONLY": Access.READ, "READ_WRITE": Access.READ_WRITE, "WRITE_ONLY": Access.WRITE}
_KINDS: Final = {kind.value: kind for kind in Kind}
_JAVA_SMALLEST_DOUBLE: Final = Decimal("4.9E-324")


class _Malformed(Exception):
    """The file is a thing model, but not a well-formed one."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one document says: the properties of some modules, and which custom modules the product has."""

    product_key: str
    properties: dict[str, Property]
    modules: frozenset[str]
    listed_modules: frozenset[str] | None


def load(files: Iterable[NamedBytes]) -> ThingModels:
    """Every thing model among the files, by product key; other files are passed over."""
    parts: dict[str, list[tuple[str, _Part]]] = {}
    problems: list[tuple[str, Problem]] = []
    for file in files:
        try:
            part = _read_file(file)
            if part is not None:
                _refuse_overlap(part, parts.setdefault(part.product_key, []))
                parts[part.product_key].append((file.name, part))
        except (_Malformed, json_text.BadJson) as exc:
            problems.append((file.name, _cannot_be_used(str(exc))))
    products = {key: _merge(key, [part for _, part in found]) for key, found in parts.items() if found}
    return ThingModels(products, tuple(problems))


def _cannot_be_used(reason: str) -> Problem:
    detail = f"{reason}. Export the model again from the console, or take the file out of the `models` folders."
    return Problem("RCL207", "thing model cannot be used", detail)


def _refuse_overlap(part: _Part, others: list[tuple[str, _Part]]) -> None:
    for name, other in others:
        if part.modules & other.modules and part != other:
            raise _Malformed(f"product {part.product_key} is described differently in {name}; keep one of the two")


def _merge(product_key: str, parts: list[_Part]) -> ThingModel:
    properties: dict[str, Property] = {}
    for part in parts:
        properties |= part.properties
    modules = frozenset[str]().union(*(part.modules for part in parts))
    listed = [part.listed_modules for part in parts if part.listed_modules is not None]
    return ThingModel(product_key, properties, modules, frozenset[str]().union(*listed) if listed else None)


def _read_file(file: NamedBytes) -> _Part | None:
    if not file.name.lower().endswith(".json"):
        return None
    if len(file.content) > MAX_BYTES:
        raise _Malformed(f"the file has {len(file.content)} bytes, the limit is {MAX_BYTES}")
    document = _unwrap(json_text.read(file.content))
    if not isinstance(document, dict) or not isinstance(document.get("properties"), list):
        return None
    stem = file.name.rpartition("/")[2].rpartition(".")[0]
    return _read_document(document, stem)


def _unwrap(document: Json) -> Json:
    """The model inside a stored answer of QueryThingModel* or GetThingModelTsl*, else the document itself."""
    data = document.get("Data") if isinstance(document, dict) else None
    if isinstance(data, dict):
        inner = data.get("ThingModelJson", data.get("TslStr"))
        if isinstance(inner, str):
            return json_text.read(inner)
    return document


def _read_document(document: JsonObject, stem: str) -> _Part:
    profile = document.get("profile")
    named = profile.get("productKey") if isinstance(profile, dict) else document.get("productKey")
    product_key = named if isinstance(named, str) and named else stem
    module = _text(document, "functionBlockId", default=DEFAULT_MODULE)
    properties = {found.path: found for found in _properties(document, module)}
    modules = {module}
    listed: set[str] | None = None
    if isinstance(document.get("functionBlocks"), list):
        listed = set()
        for block in _objects(document["functionBlocks"], "functionBlocks"):
            block_id = _text(block, "functionBlockId")
            listed.add(block_id)
            if isinstance(block.get("properties"), list):
                modules.add(block_id)
                properties |= {found.path: found for found in _properties(block, block_id)}
    return _Part(product_key, properties, frozenset(modules), None if listed is None else frozenset(listed))


def _properties(document: JsonObject, module: str) -> Iterator[Property]:
    for entry in _objects(document["properties"], "properties"):
        identifier = _text(entry, "identifier")
        path = f"{module}:{identifier}" if module else identifier
        try:
            access = _ACCESS.get(str(entry.get("accessMode"))) or _RW_FLAGS.get(str(entry.get("rwFlag")))
            name = _text(entry, "name", default=identifier)
            yield Property(path, name, access or Access.READ_WRITE, _data_type(entry))
        except _Malformed as exc:
            raise _Malformed(f"property {path}: {exc}") from exc


def _data_type(entry: JsonObject) -> DataType:
    """The type of a property or struct member: TSL nests it in `dataType`, ThingModelJson spreads it."""
    declared = entry.get("dataType")
    if isinstance(declared, dict):
        return _build(declared.get("type"), declared.get("specs"))
    return _build(declared, entry.get("dataSpecsList", entry.get("dataSpecs")))


def _build(type_name: Json, specs: Json) -> DataType:
    if not isinstance(type_name, str):
        raise _Malformed("it has no data type")
    kind = _KINDS.get(type_name.lower(), Kind.OTHER)
    if isinstance(specs, list):
        return _from_list(kind, specs)
    # One official example gives a date the specs `[]`; some exports leave them out.
    fields = specs if isinstance(specs, dict) else {}
    match kind:
        case Kind.INT | Kind.LONG | Kind.FLOAT | Kind.DOUBLE:
            minimum = _decimal(fields, "min")
            lower = None if minimum is not None and abs(minimum) <= _JAVA_SMALLEST_DOUBLE and minimum else minimum
            unit = fields.get("unit")
            upper, step = _decimal(fields, "max"), _decimal(fields, "step")
            return DataType(kind, lower, upper, step, unit if isinstance(unit, str) else "")
        case Kind.BOOL | Kind.ENUM:
            return DataType(kind, labels={_key(key): str(label) for key, label in fields.items()})
        case Kind.TEXT:
            return DataType(kind, length=_count(fields, "length"))
        case Kind.ARRAY:
            return DataType(kind, size=_count(fields, "size"), item=_item(fields))
        case Kind.DATE | Kind.STRUCT | Kind.OTHER:
            return DataType(kind)


def _from_list(kind: Kind, specs: list[Json]) -> DataType:
    """Types whose specs are a list: members of a struct; in ThingModelJson also the entries of bool and enum."""
    entries = list(_objects(specs, "specs"))
    if kind in (Kind.BOOL, Kind.ENUM):
        return DataType(kind, labels={_key(entry.get("value")): str(entry.get("name", "")) for entry in entries})
    if kind is not Kind.STRUCT:
        return DataType(kind)
    return DataType(kind, members={_text(entry, "identifier"): _member(entry) for entry in entries})


def _member(entry: JsonObject) -> DataType:
    if "childDataType" in entry:
        return _build(entry["childDataType"], entry.get("dataSpecsList", entry.get("dataSpecs")))
    return _data_type(entry)


def _item(fields: JsonObject) -> DataType | None:
    if "childDataType" in fields:
        return _build(fields["childDataType"], fields.get("dataSpecsList", fields.get("dataSpecs")))
    item = fields.get("item")
    return _build(item.get("type"), item.get("specs")) if isinstance(item, dict) else None


def _objects(value: Json, name: str) -> Iterator[JsonObject]:
    if not isinstance(value, list):
        raise _Malformed(f"`{name}` is not a list")
    for entry in value:
        if not isinstance(entry, dict):
            raise _Malformed(f"an entry of `{name}` is not an object")
        yield entry


def _text(fields: JsonObject, name: str, default: str | None = None) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise _Malformed(f"`{name}` is missing or not a text")
    return value


def _key(value: Json) -> int:
    try:
        return int(value) if isinstance(value, (int, str)) else int("")
    except ValueError as exc:
        raise _Malformed("a key of its bool or enum is not an integer") from exc


def _count(fields: JsonObject, name: str) -> int | None:
    number = _decimal(fields, name)
    return None if number is None or number != number.to_integral_value() else int(min(number, Decimal(1 << 31)))


def _decimal(fields: JsonObject, name: str) -> Decimal | None:
    """A bound; all public models write it as a string, and an empty one means none."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value)) if isinstance(value, (int, float, str)) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _Malformed(f"`{name}` is not a number")
    return number
