"""Whether two values mean the same for a property.

Premise: the cloud answers every value as text (`"35"` for a float, `"1"` for a bool, JSON text for a struct), and the
text need not keep the decimals that the write had to have.
Rule: both sides are brought to the property's type and compared there. Comparing text finds drift that is none;
comparing numbers alone would take the text `"007"` for 7.
Without a thing model a text equals a number (or a truth value) only when the other side *is* one.
Source: QueryDeviceDesiredProperty, whose example shows a float as `"Value": "35"`.
"""

from __future__ import annotations

import math
import re
import struct
from decimal import Decimal
from typing import Final

from reconcile.model.values import Json, canonical
from reconcile.platforms.aliyun import json_text
from reconcile.platforms.aliyun.model import DataType, Kind
from reconcile.platforms.aliyun.scalars import milliseconds_of

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
_TRUTH: Final[dict[Json, int]] = {"true": 1, "1": 1, "false": 0, "0": 0}


def same_typed(data_type: DataType, left: Json, right: Json) -> bool:
    """Equality by the property's type; values that are not of the type are equal only when they are identical."""
    match data_type.kind:
        case Kind.INT | Kind.LONG | Kind.ENUM:
            return _same_numbers(left, right, float_bits=0) or _identical(left, right)
        case Kind.DOUBLE:
            return _same_numbers(left, right, float_bits=64) or _identical(left, right)
        case Kind.FLOAT:
            return _same_numbers(left, right, float_bits=32) or _identical(left, right)
        case Kind.BOOL:
            truth = _truth(left)
            return (truth is not None and truth == _truth(right)) or _identical(left, right)
        case Kind.DATE:
            moment = _moment(left)
            return (moment is not None and moment == _moment(right)) or _identical(left, right)
        case Kind.STRUCT:
            return _same_structs(data_type, _opened(left), _opened(right))
        case Kind.ARRAY:
            return _same_arrays(data_type, _opened(left), _opened(right))
        case Kind.TEXT:
            return _identical(left, right)
        case Kind.OTHER:
            return same_untyped(left, right)


def same_untyped(left: Json, right: Json) -> bool:
    """Equality where no thing model knows the property: a text gives way to the type of the other side."""
    if isinstance(left, bool) or isinstance(right, bool):
        truth = _truth(left)
        return truth is not None and truth == _truth(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if _is_number(left) or _is_number(right):
        return _same_numbers(left, right, float_bits=64 if isinstance(left, float) or isinstance(right, float) else 0)
    if isinstance(left, (dict, list)) or isinstance(right, (dict, list)):
        left, right = _opened(left), _opened(right)
        if isinstance(left, dict) and isinstance(right, dict):
            return left.keys() == right.keys() and all(same_untyped(left[key], right[key]) for key in left)
        if isinstance(left, list) and isinstance(right, list):
            return len(left) == len(right) and all(map(same_untyped, left, right))
    return _identical(left, right)


def _same_structs(data_type: DataType, left: Json, right: Json) -> bool:
    if not isinstance(left, dict) or not isinstance(right, dict):
        return _identical(left, right)
    other = DataType(Kind.OTHER)
    return left.keys() == right.keys() and all(
        same_typed(data_type.members.get(name, other), left[name], right[name]) for name in left
    )


def _same_arrays(data_type: DataType, left: Json, right: Json) -> bool:
    if not isinstance(left, list) or not isinstance(right, list):
        return _identical(left, right)
    item = data_type.item or DataType(Kind.OTHER)
    return len(left) == len(right) and all(same_typed(item, one, other) for one, other in zip(left, right, strict=True))


def _same_numbers(left: Json, right: Json, *, float_bits: int) -> bool:
    """Equality of numbers, also written as text: exact, or as floats of that many bits (0 for none).

    A double may come back with other digits for the same 64 bits, a float for the same 32.
    """
    one, other = _number(left), _number(right)
    if one is None or other is None:
        return False
    if one == other or float_bits == 0:
        return one == other
    if float_bits == 32:
        return _float32(one) == _float32(other)
    return float(one) == float(other) and math.isfinite(float(one))


def _float32(number: Decimal) -> bytes:
    try:
        packed = struct.pack("<f", float(number))
    except OverflowError:
        return str(number).encode()
    return packed if math.isfinite(float(number)) else str(number).encode()


def _number(value: Json) -> Decimal | None:
    if isinstance(value, str):
        return Decimal(value) if len(value) < 2000 and _NUMBER.fullmatch(value) else None
    if isinstance(value, float):
        return Decimal(repr(value))
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _truth(value: Json) -> int | None:
    if isinstance(value, str):
        return _TRUTH.get(value)
    return int(value) if isinstance(value, (bool, int, float)) and value in (0, 1) else None


def _moment(value: Json) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 1 << 64 else None
    return milliseconds_of(value) if isinstance(value, str) else None


def _opened(value: Json) -> Json:
    """The structure inside JSON text; anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json_text.read(value)
        except json_text.BadJson:
            return value
    return value


def _identical(left: Json, right: Json) -> bool:
    return canonical(left) == canonical(right)
