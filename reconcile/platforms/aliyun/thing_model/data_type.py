"""The types of properties, struct members and list entries, in both dialects.

| part    | TSL                               | ThingModelJson                                          |
| ------- | --------------------------------- | ------------------------------------------------------- |
| type    | `dataType.type`, lower case       | `dataType` (`childDataType` inside), upper case         |
| numbers | `dataType.specs`, as texts        | `dataSpecs`, as texts                                   |
| labels  | `specs`: keys to texts            | `dataSpecsList` of `value` and `name`                   |
| members | `specs`, a list                   | `dataSpecsList`, a list                                 |
| entries | `specs.item`                      | `dataSpecs.childDataType` with its own `dataSpecs`      |

Source: Aliyun, TSL parameters; Data structure of ThingModelJson.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from reconcile.model.values import Json, JsonObject
from reconcile.platforms.aliyun.model import DataType, Kind
from reconcile.platforms.aliyun.thing_model.faults import Malformed, Place, objects, text

_KINDS: Final = {kind.value: kind for kind in Kind}
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NO_LOWER_BOUND: Final = {Kind.DOUBLE: Decimal("4.9E-324"), Kind.FLOAT: Decimal("1.5E-45")}
"""Java's smallest positive double and float: exports name them (also with a minus) where "no lower bound" is meant."""

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_MOST_DIGITS: Final = 400
"""No bound of any type is longer. A larger exponent than three digits would stop the arithmetic."""


def read_data_type(entry: JsonObject, at: Place) -> DataType:
    """The type of a property or a struct member. Raises: Malformed."""
    declared = entry.get("dataType", entry.get("childDataType"))
    if isinstance(declared, dict):
        return _build(declared.get("type"), declared.get("specs"), (*at, "dataType"), "specs")
    return _spread(entry, declared, at)


def _spread(entry: JsonObject, declared: Json, at: Place) -> DataType:
    """ThingModelJson: the specs stand beside the type, in one of two members."""
    name = "dataSpecsList" if entry.get("dataSpecsList") is not None else "dataSpecs"
    return _build(declared, entry.get(name), at, name)


def _build(type_name: Json, specs: Json, at: Place, name: str) -> DataType:
    if not isinstance(type_name, str):
        raise Malformed("it has no data type", at)
    kind, place = _KINDS.get(type_name.lower(), Kind.OTHER), (*at, name)
    if isinstance(specs, list):
        return _from_list(kind, specs, place)
    # One official example gives a date the specs `[]`; some exports leave them out.
    fields = specs if isinstance(specs, dict) else {}
    match kind:
        case Kind.INT | Kind.LONG | Kind.FLOAT | Kind.DOUBLE:
            return _number(kind, fields, place)
        case Kind.BOOL | Kind.ENUM:
            return DataType(kind, labels={_key(key, (*place, key)): str(label) for key, label in fields.items()})
        case Kind.TEXT:
            return DataType(kind, length=_count(fields, "length", place))
        case Kind.ARRAY:
            return DataType(kind, size=_count(fields, "size", place), item=_item(fields, place))
        case Kind.DATE | Kind.STRUCT | Kind.OTHER:
            return DataType(kind)


def _number(kind: Kind, fields: JsonObject, at: Place) -> DataType:
    low, high, step = (_decimal(fields, name, at) for name in ("min", "max", "step"))
    if low is not None and low and abs(low) <= _NO_LOWER_BOUND.get(kind, Decimal(0)):
        low = None
    if low is not None and high is not None and low > high:
        raise Malformed(f"`min` {low} is above `max` {high}, so no value fits", (*at, "min"))
    unit = fields.get("unit")
    return DataType(kind, low, high, step, unit if isinstance(unit, str) else "")


def _from_list(kind: Kind, specs: list[Json], at: Place) -> DataType:
    """Types whose specs are a list: members of a struct; in ThingModelJson also the entries of bool and enum."""
    entries = list(objects(specs, at))
    if kind in (Kind.BOOL, Kind.ENUM):
        labels = {_key(entry.get("value"), (*place, "value")): str(entry.get("name", "")) for place, entry in entries}
        return DataType(kind, labels=labels)
    if kind is not Kind.STRUCT:
        return DataType(kind)
    members: dict[str, DataType] = {}
    for place, entry in entries:
        identifier = text(entry, "identifier", place)
        if identifier in members:
            raise Malformed(f"member {identifier[:60]!r} stands twice", (*place, "identifier"))
        members[identifier] = read_data_type(entry, place)
    return DataType(kind, members=members)


def _item(fields: JsonObject, at: Place) -> DataType | None:
    if "childDataType" in fields:
        return _spread(fields, fields["childDataType"], at)
    item = fields.get("item")
    if isinstance(item, dict) and isinstance(item.get("dataType"), dict):  # older editions nest it once more
        return read_data_type(item, (*at, "item"))
    return _build(item.get("type"), item.get("specs"), (*at, "item"), "specs") if isinstance(item, dict) else None


def _key(value: Json, at: Place) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise Malformed("a key of its bool or enum is not an integer", at)


def _count(fields: JsonObject, name: str, at: Place) -> int | None:
    number = _decimal(fields, name, at)
    if number is None or number != number.to_integral_value():
        return None
    return int(min(number, Decimal(1 << 31))) if number >= 0 else None


def _decimal(fields: JsonObject, name: str, at: Place) -> Decimal | None:
    """A bound; all public models write it as a string, and an empty one means none."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    written = "" if isinstance(value, (bool, dict, list)) else str(value).strip()
    if len(written) > _MOST_DIGITS or not _NUMBER.fullmatch(written):
        raise Malformed(f"`{name}` is not a number", (*at, name))
    return Decimal(written)
