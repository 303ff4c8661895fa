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
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from reconcile.model.values import Json, is_secret
from reconcile.platforms.aliyun.model import DataType, Kind
from reconcile.ports import Problem

_MILLISECONDS: Final = re.compile(r"-?[0-9]{1,17}", re.ASCII)
_DECLARED: Final = ("boolean", "float", "integer", "string", "time")
_DECLARED_FITS: Final = {
    "boolean": {Kind.BOOL},
    "float": {Kind.FLOAT, Kind.DOUBLE},
    "integer": {Kind.INT, Kind.LONG, Kind.ENUM, Kind.BOOL},
    "string": {Kind.TEXT, Kind.DATE},
    "time": {Kind.DATE},
}
_INT_RANGE: Final = {Kind.INT: 1 << 31, Kind.LONG: 1 << 63}


class Misfit(Exception):
    """The value cannot be held; the text says what was found, what was expected, and what to do."""

    def __init__(self, detail: str, *, is_range: bool = False) -> None:
        super().__init__(detail)
        self.is_range = is_range

    def problem(self) -> Problem:
        """The same as a value."""
        if self.is_range:
            return Problem("RCL206", "value is out of the range of this resource", str(self))
        return Problem("RCL205", "value does not fit the type of this resource", str(self))


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
            return _float(value)
        case "integer":
            return _integer(value)
        case "string":
            return _string(value)
        case "boolean":
            return _bool(value)
        case "time":
            return _date(value)
        case _:
            raise Misfit(_unknown_type(declared))


def _unknown_type(declared: str) -> str:
    return f"Found type {declared!r}, expected one of {', '.join(_DECLARED)}. Leave `type` out, or name one of them."


def _read(data_type: DataType, value: Json) -> Json:  # noqa: C901  # one case per type, none longer than its check
    match data_type.kind:
        case Kind.INT | Kind.LONG:
            number = _integer(value)
            limit = _INT_RANGE[data_type.kind]
            if not -limit <= number < limit:
                raise Misfit(f"Found {_named(value)}, expected {-limit} to {limit - 1}.", is_range=True)
            _check_range(data_type, Decimal(number), value)
            return number
        case Kind.FLOAT | Kind.DOUBLE:
            real = _float(value)
            _check_range(data_type, Decimal(repr(real)), value)
            return real
        case Kind.BOOL:
            return _bool(value)
        case Kind.ENUM:
            return _enum(data_type, value)
        case Kind.TEXT:
            return _text(data_type, value)
        case Kind.DATE:
            return _date(value)
        case Kind.STRUCT:
            return _struct(data_type, value)
        case Kind.ARRAY:
            return _array(data_type, value)
        case Kind.OTHER:
            _refuse_nan(value)
            return value


def _check_range(data_type: DataType, number: Decimal, value: Json) -> None:
    low, high, step = data_type.minimum, data_type.maximum, data_type.step
    fits = (low is None or number >= low) and (high is None or number <= high)
    if fits and (step is None or _is_on_step(number, low, step)):
        return
    bounds = " ".join([*([f"from {low}"] if low is not None else []), *([f"to {high}"] if high is not None else [])])
    steps = f" in steps of {step}" if step is not None and step > 0 else ""
    expected = f"{data_type.kind} {bounds}{steps} {data_type.unit}".rstrip()
    raise Misfit(f"Found {value}, expected {expected}. Write a value in that range.", is_range=True)


def _is_on_step(number: Decimal, low: Decimal | None, step: Decimal) -> bool:
    """True when the value is a multiple of the step, counted from zero or from the lower bound.

    Assumed: no page says where the counting starts, so both pass.
    """
    if step <= 0:
        return True
    try:
        return not number % step or (low is not None and not (number - low) % step)
    except InvalidOperation:  # more digits than a Decimal division carries: nothing to say
        return True


def _integer(value: Json) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Misfit(f"Found {_named(value)}, expected an integer. Write it without quotes and without a decimal point.")


def _float(value: Json) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise Misfit(f"Found {_named(value)}, expected a finite number. Write it without quotes.")


def _bool(value: Json) -> int:
    if value in (0, 1) and isinstance(value, int):
        return int(value)
    raise Misfit(f"Found {_named(value)}, expected true or false (or 1 or 0). Write one of them, without quotes.")


def _string(value: Json) -> str:
    if isinstance(value, str):
        return value
    raise Misfit(f"Found {_named(value)}, expected a text. Put it in quotes.")


def _enum(data_type: DataType, value: Json) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and (value in data_type.labels or not data_type.labels):
        return value
    keys = ", ".join(f"{key} ({label})" for key, label in sorted(data_type.labels.items())[:20])
    raise Misfit(f"Found {_named(value)}, expected one of {keys}. Write the number of the entry.")


def _text(data_type: DataType, value: Json) -> str:
    text = _string(value)
    # Assumed: characters. Pages count bytes in places; more characters than the limit are too long under both.
    if data_type.length is not None and len(text) > data_type.length:
        detail = f"Found {len(text)} characters, expected at most {data_type.length}. Shorten the text."
        raise Misfit(detail, is_range=True)
    return text


def _date(value: Json) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    milliseconds = milliseconds_of(value) if isinstance(value, str) else None
    if milliseconds is None:
        expected = "a time such as 2026-11-22T08:00:00Z, or UTC milliseconds"
        raise Misfit(f"Found {_named(value)}, expected {expected}. Give the time with its zone.")
    return milliseconds


def milliseconds_of(text: str) -> str | None:
    """UTC milliseconds, as a string, of RFC 3339 with a zone or of such a string; None for anything else."""
    if _MILLISECONDS.fullmatch(text):
        return str(int(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    since_1970 = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return str((since_1970.days * 86_400 + since_1970.seconds) * 1000 + since_1970.microseconds // 1000)


def _struct(data_type: DataType, value: Json) -> Json:
    if not isinstance(value, dict):
        raise Misfit(f"Found {_named(value)}, expected an object with {', '.join(data_type.members)}.")
    unknown = sorted(value.keys() - data_type.members.keys())
    if unknown and data_type.members:
        raise Misfit(f"Found member {unknown[0]!r}, expected {', '.join(data_type.members)}. Correct its name.")
    return {name: _inside(f"member {name}", data_type.members.get(name), item) for name, item in value.items()}


def _array(data_type: DataType, value: Json) -> Json:
    if not isinstance(value, list):
        raise Misfit(f"Found {_named(value)}, expected a list.")
    if data_type.size is not None and len(value) > data_type.size:
        raise Misfit(f"Found {len(value)} entries, expected at most {data_type.size}. Shorten the list.", is_range=True)
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


_NAMES: Final[tuple[tuple[type, str], ...]] = ((bool, ""), (int, "the integer "), (float, "the number "))


def _named(value: Json) -> str:
    """The value for a message: short, with its type where the text alone would not show it."""
    match value:
        case None:
            return "null"
        case str():
            return f"the text {value[:40]!r}"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return "an object"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return next(name for kind, name in _NAMES if isinstance(value, kind)) + _digits(value)


def _digits(value: float) -> str:
    show: Callable[[float], str] = repr
    return show(value) if not isinstance(value, int) or abs(value) < 1 << 128 else "with too many digits"
