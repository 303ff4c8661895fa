"""Reads thing models: console exports, and stored answers of QueryThingModel.

Premise: an answer of QueryThingModel does not name its product; an export does (`profile.productId`).
Rule: a file without that name is of the product it is named after, `9MaNe52pNO.json`. A file that is broken is left out
whole, because half a model would call its other half unknown.
Source: Studio book, common/QueryThingModel; arrays as `{length, type, specs}` or `{size, items}` in public models.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from reconcile.model.values import Json, JsonObject
from reconcile.platforms.onenet.thing.model import DataType, Kind, Property, ThingModels
from reconcile.ports import NamedBytes, Problem

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 16
"""Structs in arrays in structs; deeper is an attack, not a model."""

_KINDS: Final = {kind.value.lower(): kind for kind in Kind}
_NUMBERS: Final = (Kind.INT32, Kind.INT64, Kind.FLOAT, Kind.DOUBLE)


class _Malformed(Exception):
    """The file is a thing model, but not a well-formed one."""


def load(files: Iterable[NamedBytes]) -> ThingModels:
    """Every OneNET thing model among the files; other files are passed over."""
    products: dict[str, dict[str, Property]] = {}
    places: dict[str, str] = {}
    problems: list[tuple[str, Problem]] = []
    for file in files:
        if not file.name.lower().endswith(".json"):
            continue
        try:
            found = _read_file(file)
            if found is None:
                continue
            product_id, properties = found
            _refuse_other(product_id, properties, products, places)
            products[product_id] = properties
            places.setdefault(product_id, file.name)
        except _Malformed as exc:
            detail = f"{exc}. Export the model again from the console, or take the file out of the `models` folders."
            problems.append((file.name, Problem("RCL207", "thing model cannot be used", detail)))
    return ThingModels(products, tuple(problems))


def _refuse_other(
    product_id: str,
    properties: dict[str, Property],
    products: Mapping[str, dict[str, Property]],
    places: Mapping[str, str],
) -> None:
    if products.get(product_id, properties) != properties:
        raise _Malformed(f"product {product_id} is described differently in {places[product_id]}; keep one")


def is_ours(document: Json) -> bool:
    """True for OneNET's dialect: functionMode or functionType at its properties, or profile.productId.

    Aliyun's files hold `properties` too; theirs have a productKey, or rwFlag, or `required` without a functionMode.
    """
    listed = document.get("properties") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(listed, list):
        return False
    profile = document.get("profile")
    if isinstance(profile, dict) and "productId" in profile and "productKey" not in profile:
        return True
    entries = [entry for entry in listed if isinstance(entry, dict)]
    return bool(entries) and all("functionMode" in entry or "functionType" in entry for entry in entries)


def _read_file(file: NamedBytes) -> tuple[str, dict[str, Property]] | None:
    if len(file.content) > MAX_BYTES:
        return None  # whose it is cannot be told without reading it, and no model is that large
    try:
        document: Json = json.loads(file.content)
    except (ValueError, RecursionError):
        return None  # perhaps another dialect's broken file, which tells so
    document = _unwrapped(document)
    if not isinstance(document, dict) or not is_ours(document):
        return None
    profile = document.get("profile")
    named = profile.get("productId") if isinstance(profile, dict) else None
    stem = file.name.rpartition("/")[2].rpartition(".")[0]
    return named if isinstance(named, str) and named else stem, {p.identifier: p for p in _properties(document)}


def _unwrapped(document: Json) -> Json:
    """The model inside a stored answer, or the document itself."""
    data = document.get("data") if isinstance(document, dict) else None
    return data if isinstance(data, dict) and "properties" in data else document


def _properties(document: JsonObject) -> Iterator[Property]:
    for entry in _objects(document["properties"], "properties"):
        identifier = _text(entry, "identifier")
        try:
            name, access = entry.get("name"), entry.get("accessMode")
            data_type = _data_type(entry.get("dataType"), 0)
            shown = name if isinstance(name, str) and name else identifier
            yield Property(identifier, shown, access != "r", data_type)
        except _Malformed as exc:
            raise _Malformed(f"property {identifier}: {exc}") from exc


def _data_type(declared: Json, depth: int) -> DataType:
    if depth > MAX_DEPTH:
        raise _Malformed("its types are nested too deeply")
    if not isinstance(declared, dict) or not isinstance(declared.get("type"), str):
        raise _Malformed("it has no data type")
    kind = _KINDS.get(str(declared["type"]).lower(), Kind.OTHER)
    specs = declared.get("specs")
    fields = specs if isinstance(specs, dict) else {}
    if kind in _NUMBERS:
        return DataType(kind, _decimal(fields, "min"), _decimal(fields, "max"), _decimal(fields, "step"))
    match kind:
        case Kind.ENUM:
            return DataType(kind, choices={_number(key): str(label) for key, label in fields.items()})
        case Kind.STRING:
            return DataType(kind, length=_count(fields, "length"))
        case Kind.STRUCT:
            members = _objects(specs, "specs of a struct")
            return DataType(
                kind, members={_text(one, "identifier"): _data_type(one.get("dataType"), depth + 1) for one in members}
            )
        case Kind.ARRAY:
            item = fields.get("items", fields)
            has_item = isinstance(item, dict) and "type" in item
            size = _count(fields, "size" if "size" in fields else "length")
            return DataType(kind, size=size, item=_data_type(item, depth + 1) if has_item else None)
    return DataType(kind)


def _objects(value: Json, name: str) -> Iterator[JsonObject]:
    if not isinstance(value, list):
        raise _Malformed(f"`{name}` is not a list")
    for entry in value:
        if not isinstance(entry, dict):
            raise _Malformed(f"an entry of `{name}` is not an object")
        yield entry


def _text(fields: JsonObject, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise _Malformed(f"`{name}` is missing or not a text")
    return value


def _number(key: str) -> int:
    try:
        return int(key)
    except ValueError as exc:
        raise _Malformed("a key of its enum is not an integer") from exc


def _count(fields: JsonObject, name: str) -> int | None:
    number = _decimal(fields, name)
    return None if number is None else int(min(number, Decimal(1 << 31)))


def _decimal(fields: JsonObject, name: str) -> Decimal | None:
    """A bound, as text in exports; an empty one means none."""
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
