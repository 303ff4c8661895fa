"""Values of properties: declared ones put into canonical form, and two of them compared by type.

| type          | a manifest may write          | canonical, and on the wire      | as the cloud answers |
| ------------- | ----------------------------- | ------------------------------- | -------------------- |
| int, long     | integer                       | integer                         | `"48"`               |
| float, double | number                        | float, with a decimal point     | `"32.46"`, `"35"`    |
| bool          | true, false, 0, 1             | 0 or 1                          | `"1"`                |
| enum          | integer key                   | integer                         | `"68"`               |
| text          | string                        | string                          | itself               |
| date          | RFC 3339, or UTC milliseconds | string of UTC milliseconds      | that string          |
| struct, array | object, list                  | object, list                    | JSON text            |

Source: Aliyun, TSL parameters; the last column QueryDeviceDesiredProperty and published payloads.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

from reconcile.model.values import Json, is_secret
from reconcile.platforms.aliyun.model import DataType, Kind
from reconcile.platforms.aliyun.scalars import (
    Misfit,
    check_range,
    named,
    read_bool,
    read_date,
    read_enum,
    read_float,
    read_integer,
    read_string,
    read_text,
)

__all__ = ["Misfit", "read_typed", "read_untyped"]

MOST_ENTRIES: Final = 512
"""Of an array whose model names no size. Source: Aliyun, TSL parameters."""

_DECLARED: Final = ("boolean", "float", "integer", "string", "time")
_DECLARED_FITS: Final = {
    "boolean": {Kind.BOOL},
    "float": {Kind.FLOAT, Kind.DOUBLE},
    "integer": {Kind.INT, Kind.LONG, Kind.ENUM, Kind.BOOL},
    "string": {Kind.TEXT, Kind.DATE},
    "time": {Kind.DATE},
}
_INT_RANGE: Final = {Kind.INT: 1 << 31, Kind.LONG: 1 << 63}


def read_typed(data_type: DataType, value: Json, declared: str | None) -> Json:
    """A declared value in the canonical form of a thing model's type. Raises: Misfit."""
    if declared is not None and data_type.kind is not Kind.OTHER:
        if declared not in _DECLARED:
            raise Misfit(_unknown_type(declared))
        if data_type.kind not in _DECLARED_FITS[declared]:
            raise Misfit(f"The manifest says type {declared}, the thing model says {data_type.kind}. Leave `type` out.")
    if is_secret(value):
        if data_type.kind in (Kind.TEXT, Kind.OTHER):
            return value
        raise Misfit(f"A secret is a text, the thing model says {data_type.kind}. Write the value itself.")
    return _read(data_type, value)


def read_untyped(value: Json, declared: str | None) -> Json:
    """A declared value where no thing model knows the property: as written, or as its declared type. Raises: Misfit."""
    _refuse_nan(value)
    if declared is None or is_secret(value):
        return value
    match declared:
        case "float":
            return read_float(value)
        case "integer":
            return read_integer(value)
        case "string":
            return read_string(value)
        case "boolean":
            return read_bool(value)
        case "time":
            return read_date(value)
        case _:
            raise Misfit(_unknown_type(declared))


def _unknown_type(declared: str) -> str:
    return f"Found type {declared!r}, expected one of {', '.join(_DECLARED)}. Leave `type` out, or name one of them."


def _read(data_type: DataType, value: Json) -> Json:  # noqa: C901  # one case per type, none longer than its check
    match data_type.kind:
        case Kind.INT | Kind.LONG:
            number = read_integer(value)
            limit = _INT_RANGE[data_type.kind]
            if not -limit <= number < limit:
                raise Misfit(f"Found {named(value)}, expected {-limit} to {limit - 1}.", is_range=True)
            check_range(data_type, Decimal(number), value)
            return number
        case Kind.FLOAT | Kind.DOUBLE:
            real = read_float(value)
            check_range(data_type, Decimal(repr(real)), value)
            return real
        case Kind.BOOL:
            return read_bool(value)
        case Kind.ENUM:
            return read_enum(data_type, value)
        case Kind.TEXT:
            return read_text(data_type, value)
        case Kind.DATE:
            return read_date(value)
        case Kind.STRUCT:
            return _struct(data_type, value)
        case Kind.ARRAY:
            return _array(data_type, value)
        case Kind.OTHER:
            _refuse_nan(value)
            return value


def _struct(data_type: DataType, value: Json) -> Json:
    if not isinstance(value, dict):
        raise Misfit(f"Found {named(value)}, expected an object with {', '.join(data_type.members)}.")
    unknown = sorted(value.keys() - data_type.members.keys())
    if unknown and data_type.members:
        raise Misfit(f"Found member {unknown[0]!r}, expected {', '.join(data_type.members)}. Correct its name.")
    return {name: _inside(f"member {name}", data_type.members.get(name), item) for name, item in value.items()}


def _array(data_type: DataType, value: Json) -> Json:
    if not isinstance(value, list):
        raise Misfit(f"Found {named(value)}, expected a list.")
    limit = MOST_ENTRIES if data_type.size is None else data_type.size
    if len(value) > limit:
        raise Misfit(f"Found {len(value)} entries, expected at most {limit}. Shorten the list.", is_range=True)
    return [_inside(f"entry {index}", data_type.item, item) for index, item in enumerate(value)]


def _inside(place: str, data_type: DataType | None, value: Json) -> Json:
    if is_secret(value):
        raise Misfit(f"In {place}: a secret inside a structured value. Only a whole text can be secret.")
    try:
        return _read(data_type or DataType(Kind.OTHER), value)
    except Misfit as exc:
        raise Misfit(f"In {place}: {exc}", is_range=exc.is_range) from exc


def _refuse_nan(value: Json) -> None:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, float) and not math.isfinite(item):
            raise Misfit("Found NaN or infinity, expected a finite number: JSON cannot carry the others.")
        if isinstance(item, (list, dict)):
            stack.extend(item if isinstance(item, list) else item.values())
