"""Values of resources: what a manifest may declare, and when two of them mean the same.

Premise: without a definition nobody says whether 21 is an integer or a float, so types are as written or as declared.
What definitions add is in `objects`.
Source: OneNET, write device resources (`type` 1 opaque hexadecimal text, 2 time in seconds); a read gives opaque values
as arrays of byte numbers and times in milliseconds (NB-IoT book, list/4; emulator switches opaque_read, time_read).
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from reconcile.model import values
from reconcile.model.values import Json, Known, Missing
from reconcile.platforms.onenet.model import shown
from reconcile.ports import Problem, TypedValue

Plain: TypeAlias = bool | float | str
"""What a resource can hold, as JSON: an int is a float to the type checker."""

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_CANONICAL_OPAQUE = re.compile(r"(?=.*[0-9])(?:[0-9A-F]{2})+")
_LOWEST_INTEGER, _HIGHEST_INTEGER = -(2**63), 2**63 - 1
_FIRST_PLAUSIBLE_TIME_S = 100_000_000  # March 1973: below it, 5 and 5000 are two numbers, not one time in two units


def read_value(path: str, value: Json, value_type: str | None) -> TypedValue | Problem:
    """The canonical form of a declared value; only `opaque` and `time` travel as types."""
    if values.is_secret(value):
        return _secret(path, value, value_type)
    if value is None:
        return _problem(path, "null", "OneNET has no call that clears a resource. Remove it, or write a value.")
    if isinstance(value, (dict, list)):
        return _problem(path, "an object or array", "A resource holds one plain value: boolean, number or text.")
    if value_type is None:
        return _as_written(path, value)
    reader = _READERS.get(value_type)
    if reader is None:
        return _problem(path, f"type {shown(value_type)}", f"Expected one of: {', '.join(_READERS)}.")
    return reader(path, value)


def _as_written(path: str, value: Plain) -> TypedValue | Problem:
    if isinstance(value, bool):
        return TypedValue(value)
    if isinstance(value, int):
        return _integer(path, value)
    return _float(path, value) if isinstance(value, float) else _string(path, value)


def _opaque(path: str, value: Plain) -> TypedValue | Problem:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        return _wrong(path, value, 'hexadecimal text of whole bytes, e.g. "0A1B" (in quotes)')
    return TypedValue(value.upper(), "opaque")


def _time(path: str, value: Plain) -> TypedValue | Problem:
    expected = 'an RFC 3339 time with its zone, e.g. "2026-11-22T08:00:00Z", or epoch seconds'
    if isinstance(value, int) and not isinstance(value, bool):
        number = _integer(path, value)
        return number if isinstance(number, Problem) else TypedValue(value, "time")
    if not isinstance(value, str):
        return _wrong(path, value, expected)
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return _wrong(path, value, expected)
    if at.tzinfo is None or at.microsecond or "T" not in value.upper():
        return _wrong(path, value, expected + " (whole seconds)")
    return TypedValue(int(at.timestamp()), "time")


def _string(path: str, value: Plain) -> TypedValue | Problem:
    if not isinstance(value, str):
        return _wrong(path, value, "text (put it in quotes)")
    if any("\ud800" <= character <= "\udfff" for character in value):
        return _wrong(path, "text with half a character", "text that UTF-8 can carry")
    return TypedValue(value)


def _integer(path: str, value: Plain) -> TypedValue | Problem:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return _wrong(path, value, "a whole number")
    if not _LOWEST_INTEGER <= value <= _HIGHEST_INTEGER:
        return _out_of_range(path, "a number of more than 64 bits", "LwM2M integers have at most 64 bits.")
    return TypedValue(value)


def _float(path: str, value: Plain) -> TypedValue | Problem:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _wrong(path, value, "a number")
    try:
        number = float(value)
    except OverflowError:
        return _out_of_range(path, "a number beyond 64-bit floats", "Write a smaller one.")
    return TypedValue(number) if math.isfinite(number) else _wrong(path, value, "a finite number")


def _boolean(path: str, value: Plain) -> TypedValue | Problem:
    return TypedValue(value) if isinstance(value, bool) else _wrong(path, value, "true or false")


_READERS: Mapping[str, Callable[[str, Plain], TypedValue | Problem]] = {
    "opaque": _opaque,
    "time": _time,
    "string": _string,
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
}


def _secret(path: str, value: Json, value_type: str | None) -> TypedValue | Problem:
    if value_type in (None, "string"):
        return TypedValue(value)
    if value_type == "opaque":
        return TypedValue(value, "opaque")
    return _problem(
        path, f"a secret of type {shown(value_type)}", "A secret is text: string, or opaque (hexadecimal text)."
    )


def _wrong(path: str, value: Plain, expected: str) -> Problem:
    found = str(value).lower() if isinstance(value, bool) else shown(value) if isinstance(value, str) else f"{value!r}"
    return _problem(path, found, f"Expected {expected}.")


def _problem(path: str, found: str, advice: str) -> Problem:
    return Problem("RCL205", "value does not fit the type of this resource", f"{path}: found {found}. {advice}")


def _out_of_range(path: str, found: str, advice: str) -> Problem:
    return Problem("RCL206", "value is out of the range of this resource", f"{path}: found {found}. {advice}")


def same(left: Known, right: Known) -> bool:
    """Whether two values mean the same for a device: strict in kind, forgiving where OneNET reads back in another form.

    Forgiven: 21 for 21.0; floats that are one float32; hexadecimal text as byte numbers; a time in milliseconds for one
    in seconds. Types are not known here: the last two apply to what can hardly be anything else. The case of text is
    never forgiven: `a1` and `A1` are two strings, and opaque values are kept and read back in one form.
    """
    if isinstance(left, Missing) or isinstance(right, Missing) or isinstance(left, bool) or isinstance(right, bool):
        return values.same(left, right)
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right or _same_float32(left, right) or _same_time(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if isinstance(left, str) and isinstance(right, list):
        return _same_bytes(left, right)
    if isinstance(left, list) and isinstance(right, str):
        return _same_bytes(right, left)
    return values.same(left, right)


def _same_float32(left: float, right: float) -> bool:
    if not (isinstance(left, float) and isinstance(right, float)):
        return False
    try:
        return struct.pack("<f", left) == struct.pack("<f", right)
    except OverflowError:
        return False


def _same_time(left: float, right: float) -> bool:
    if not (isinstance(left, int) and isinstance(right, int)):
        return False
    seconds, milliseconds = sorted((left, right))
    return seconds >= _FIRST_PLAUSIBLE_TIME_S and seconds * 1000 == milliseconds


def _same_bytes(text: str, numbers: list[Json]) -> bool:
    # Resources outside OneNET's catalogue are opaque to it: plain text may come back as bytes too (FAQ-NB protocol#9).
    readings = [text.encode("utf-8", "surrogatepass")]
    if _HEX.fullmatch(text):
        readings.append(bytes.fromhex(text))
    return any(values.same(list(reading), numbers) for reading in readings)
