"""Values of properties: what a manifest may declare by the thing model, or as it is written where there is none. Pure.

Source: Studio book, SetDeviceDesiredProperty (values by type in its sample), common/QueryThingModel (types).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from reconcile.model.values import Json, is_secret
from reconcile.platforms.onenet.model import shown
from reconcile.platforms.onenet.thing.model import DataType, Kind
from reconcile.ports import Problem, TypedValue

_BITS: Final = {Kind.INT32: 32, Kind.INT64: 64, Kind.BITMAP: 32}


class _Misfit(Exception):
    """A value that a property cannot hold; `is_range` when only its size is wrong."""

    def __init__(self, found: str, expected: str, *, is_range: bool = False) -> None:
        super().__init__(f"found {found}, expected {expected}.")
        self.is_range = is_range


def read_value(data_type: DataType | None, path: str, value: Json, value_type: str | None) -> TypedValue | Problem:
    """The value as it travels; None clears the desired value. Without a model it travels as it is written."""
    if value is None:
        return TypedValue(None)
    try:
        if is_secret(value):
            return TypedValue(_secret(data_type, value))
        if data_type is not None and data_type.kind is not Kind.OTHER:
            return TypedValue(_READERS[data_type.kind](data_type, value))
        return TypedValue(_declared(value, value_type))
    except _Misfit as misfit:
        code, summary = (
            ("RCL206", "value is out of the range of this resource")
            if misfit.is_range
            else ("RCL205", "value does not fit the type of this resource")
        )
        return Problem(code, summary, f"{path}: {misfit}")


def _declared(value: Json, value_type: str | None) -> Json:
    if value_type is None:
        return _finite(value)
    kind = {"integer": Kind.INT64, "float": Kind.DOUBLE, "boolean": Kind.BOOL, "string": Kind.STRING}.get(value_type)
    if kind is None:
        raise _Misfit(f"type {shown(value_type)}", "integer, float, boolean or string: properties have no other types")
    return _READERS[kind](DataType(kind), value)


def _secret(data_type: DataType | None, value: Json) -> Json:
    if data_type is not None and data_type.kind is not Kind.STRING:
        raise _Misfit("a secret", f"{data_type.kind.value}: a secret is text")
    return value


def _finite(value: Json) -> Json:
    if isinstance(value, float) and not math.isfinite(value):
        raise _Misfit(str(value), "a finite number")
    return value


def _integer(data_type: DataType, value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Misfit(_said(value), "a whole number")
    bits = _BITS.get(data_type.kind, 64)
    lowest = 0 if data_type.kind is Kind.BITMAP else -(1 << bits - 1)
    if not lowest <= value < 1 << (bits if data_type.kind is Kind.BITMAP else bits - 1):
        raise _Misfit(str(value), f"a number of at most {bits} bits", is_range=True)
    _bounded(data_type, Decimal(value))
    return value


def _float(data_type: DataType, value: Json) -> Json:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Misfit(_said(value), "a number")
    try:
        number = float(value)
        if data_type.kind is Kind.FLOAT:
            struct.pack("<f", number)
    except OverflowError:
        raise _Misfit(_said(value), f"a number that a {data_type.kind.value} can hold", is_range=True) from None
    if not math.isfinite(number):
        raise _Misfit(str(number), "a finite number")
    _bounded(data_type, Decimal(repr(number)))
    return number


def _bounded(data_type: DataType, number: Decimal) -> None:
    low, high, step = data_type.minimum, data_type.maximum, data_type.step
    if (low is not None and number < low) or (high is not None and number > high):
        raise _Misfit(str(number), f"{'-∞' if low is None else low} to {'∞' if high is None else high}", is_range=True)
    if step and (number - (low or 0)) % step:
        raise _Misfit(str(number), f"steps of {step} from {low or 0}", is_range=True)


def _string(data_type: DataType, value: Json) -> Json:
    if not isinstance(value, str):
        raise _Misfit(_said(value), "text (put it in quotes)")
    if data_type.length is not None and len(value) > data_type.length:
        raise _Misfit(f"{len(value)} characters", f"at most {data_type.length}", is_range=True)
    return value


def _bool(_data_type: DataType, value: Json) -> Json:
    if not isinstance(value, bool):
        raise _Misfit(_said(value), "true or false")
    return value


def _enum(data_type: DataType, value: Json) -> Json:
    number = _integer(DataType(Kind.INT32), value)
    if data_type.choices and number not in data_type.choices:
        known = ", ".join(f"{key} ({label})" for key, label in sorted(data_type.choices.items()))
        raise _Misfit(str(number), f"one of {known}", is_range=True)
    return number


def _date(_data_type: DataType, value: Json) -> Json:
    """Epoch milliseconds, from a number or from a time with its zone."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _integer(DataType(Kind.INT64), value)
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise _Misfit(_said(value), 'epoch milliseconds, or a time with its zone, e.g. "2026-11-22T08:00:00Z"')
    return round(at.timestamp() * 1000)


def _struct(data_type: DataType, value: Json) -> Json:
    if not isinstance(value, dict):
        raise _Misfit(_said(value), "an object")
    strangers = sorted(value.keys() - data_type.members.keys())
    if strangers:
        raise _Misfit(f"member {shown(strangers[0])}", f"members of {', '.join(sorted(data_type.members)) or 'none'}")
    return {name: _part(data_type.members[name], member, name) for name, member in value.items()}


def _array(data_type: DataType, value: Json) -> Json:
    if not isinstance(value, list):
        raise _Misfit(_said(value), "an array")
    if data_type.size is not None and len(value) > data_type.size:
        raise _Misfit(f"{len(value)} entries", f"at most {data_type.size}", is_range=True)
    item = data_type.item
    return value if item is None else [_part(item, entry, str(index)) for index, entry in enumerate(value)]


def _part(data_type: DataType, value: Json, name: str) -> Json:
    if data_type.kind is Kind.OTHER:
        return _finite(value)
    try:
        return _READERS[data_type.kind](data_type, value)
    except _Misfit as misfit:
        raise _Misfit(f"{name}: {str(misfit).removeprefix('found ').removesuffix('.')}", "all parts to fit") from misfit


_READERS: Mapping[Kind, Callable[[DataType, Json], Json]] = {
    Kind.INT32: _integer,
    Kind.INT64: _integer,
    Kind.FLOAT: _float,
    Kind.DOUBLE: _float,
    Kind.STRING: _string,
    Kind.BOOL: _bool,
    Kind.ENUM: _enum,
    Kind.BITMAP: _integer,
    Kind.DATE: _date,
    Kind.STRUCT: _struct,
    Kind.ARRAY: _array,
}


def _said(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "an object"
    return "an array" if isinstance(value, list) else shown(value) if isinstance(value, str) else repr(value)
