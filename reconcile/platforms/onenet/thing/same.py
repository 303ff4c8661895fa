"""Whether two values mean the same for a property. Pure.

Premise: the cloud prints desired values as they were set or as text (`"on"` and `23` in one sample), and reported ones
as JSON text (`"600"`, `"true"`).
Rule: a text gives way to the type of the model, and without a model to the type of the other side; two texts are equal
only when they are equal.
Source: Studio book, QueryDeviceDesiredProperty, QueryDeviceProperty.
"""

from __future__ import annotations

import json
import struct
from typing import Final

from reconcile.model import values
from reconcile.model.values import Json, Known, Missing, is_secret
from reconcile.platforms.onenet.thing.model import DataType, Kind

_WORDS: Final = {"true": True, "false": False, "1": True, "0": False}


def same(data_type: DataType | None, left: Known, right: Known) -> bool:
    """ABSENT equals only ABSENT, UNKNOWN nothing, a secret's marker only itself."""
    if isinstance(left, Missing) or isinstance(right, Missing):
        return values.same(left, right)
    if left is None or right is None or is_secret(left) or is_secret(right):
        return values.same(left, right)
    if data_type is not None and data_type.kind is Kind.STRING:
        return values.same(left, right)
    return _same(left, right, is_double=data_type is not None and data_type.kind is Kind.DOUBLE)


def _same(left: Json, right: Json, *, is_double: bool = False) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left == right or _both_spell(left, right)
    if isinstance(left, bool) or isinstance(right, bool):
        truth = _truth(left)
        return truth is not None and truth is _truth(right)
    left, right = _opened(left), _opened(right)
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right or (not is_double and _same_float32(left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return values.same(left, right)


def _both_spell(left: str, right: str) -> bool:
    """Two texts of one object or array; never of numbers, as `007` and `7` are two texts."""
    one, other = _opened(left), _opened(right)
    return isinstance(one, (dict, list)) and isinstance(other, (dict, list)) and _same(one, other)


def _opened(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    try:
        spelled: Json = json.loads(value, parse_constant=lambda constant: constant)
    except (ValueError, RecursionError):
        return value
    return value if spelled is None else spelled


def _truth(value: Json) -> bool | None:
    if isinstance(value, bool):
        return value
    return _WORDS.get(str(value).lower()) if isinstance(value, (int, str)) else None


def _same_float32(left: float, right: float) -> bool:
    if not (isinstance(left, float) and isinstance(right, float)):
        return False
    try:
        return struct.pack("<f", left) == struct.pack("<f", right)
    except OverflowError:
        return False
